# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_whk_global_optspecs
    string join \n output= color= profile= store= durability= env-file= scheme-file= y/yes no-input h/help V/version
end

function __fish_whk_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_whk_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_whk_using_subcommand
    set -l cmd (__fish_whk_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c whk -n "__fish_whk_needs_command" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_needs_command" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_needs_command" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_needs_command" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_needs_command" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_needs_command" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_needs_command" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_needs_command" -s V -l version -d 'Print version'
complete -c whk -n "__fish_whk_needs_command" -f -a "listen" -d 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app'
complete -c whk -n "__fish_whk_needs_command" -f -a "send" -d 'Send a signed event'
complete -c whk -n "__fish_whk_needs_command" -f -a "verify" -d 'Judge a signature, and say why it is wrong'
complete -c whk -n "__fish_whk_needs_command" -f -a "check" -d 'Test that a receiver takes the good and refuses the forged'
complete -c whk -n "__fish_whk_needs_command" -f -a "sign" -d 'Print the headers that sign a body'
complete -c whk -n "__fish_whk_needs_command" -f -a "relay" -d 'Run the server: inbox, deliveries with retries, and the APIs'
complete -c whk -n "__fish_whk_needs_command" -f -a "register" -d 'Make an endpoint at a relay, or bring it up to date'
complete -c whk -n "__fish_whk_needs_command" -f -a "endpoints" -d 'List, show and change the endpoints of a relay'
complete -c whk -n "__fish_whk_needs_command" -f -a "replay" -d 'Send recorded events again'
complete -c whk -n "__fish_whk_needs_command" -f -a "events" -d 'List and show what has arrived, and the catalogue of event types'
complete -c whk -n "__fish_whk_needs_command" -f -a "secret" -d 'Make, show or rotate signing secrets'
complete -c whk -n "__fish_whk_needs_command" -f -a "schemes" -d 'List and show signature schemes, test a scheme file, and draft one'
complete -c whk -n "__fish_whk_needs_command" -f -a "config" -d 'Look at the settings'
complete -c whk -n "__fish_whk_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c whk -n "__fish_whk_needs_command" -f -a "man" -d 'Print a manual page, or write all of them'
complete -c whk -n "__fish_whk_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand listen" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand listen" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand listen" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand listen" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand listen" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand listen" -l forward -d 'Where events go: 3000, :3000/hook, localhost:3000, https://..., unix:/path.sock. Repeatable: each gets a copy, the first one answers' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l route -d 'Where events of certain types go, as \'invoice.*=localhost:3000/invoices\'. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l only -d 'Forward only these event types. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l except -d 'Do not forward these event types. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l where -d 'Forward only events with such content, as data.amount>=100. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -s H -l header -d 'Add a header to what is forwarded, or override one; Host too. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l ack -d 'app: the sender gets your app\'s answer. now: 202 as soon as it is on disk, forwarded with retries' -r -f -a "app\t''
now\t''"
complete -c whk -n "__fish_whk_using_subcommand listen" -l retry -d 'When to try again with --ack now: standard, none, or waits such as 1s,5s,30s' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l speed -d 'Shrink every retry wait, as 60x' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l scheme -d 'How requests are signed: a scheme\'s name, or auto to go by the headers' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l secret -d 'The signing secret: a literal, env:NAME, file:PATH or -. Repeatable. Without one, the app\'s own' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l param -d 'What else a scheme or a handshake needs, as verify_token=x or key=@file. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l challenge -d 'How to answer providers that ask before they send: auto, off (left to your app), fetch (call the address they want called too), or a provider\'s name for its handshake alone. Several with commas' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l verify -d 'mark: record and show the verdict. reject: answer 401 to what is not valid, and record it' -r -f -a "mark\t''
reject\t''"
complete -c whk -n "__fish_whk_using_subcommand listen" -l respond -d 'Answer without an app, as 503,delay=2s,first=2' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l timeout -d 'How long your app may take to answer; none waits for ever' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l concurrency -d 'How many requests are on their way to one target at once' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l cacert -d 'Trust the certificates of this PEM file too' -r -F
complete -c whk -n "__fish_whk_using_subcommand listen" -l since -d 'Deliver first what arrived since then: 10m, a time, or an event\'s id' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l name -d 'Remember how far this listener came, and deliver first what it missed' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l count -d 'End after so many events' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l until -d 'End after an event of this type' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l for -d 'End after this time' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l exec -d 'Start a command when ready, and end with it; it gets `WHK_URL` and `WHK_SECRET`' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l ready-file -d 'Write a file when ready' -r -F
complete -c whk -n "__fish_whk_using_subcommand listen" -l port -d 'The inbox\'s port; 0 takes any free one [default: 4400]' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l host -d 'The inbox\'s address [default: 127.0.0.1]' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l max-body -d 'The largest body that is taken [default: 32MiB]' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -l app -d 'The app whose inbox is shown and whose secret signs' -r
complete -c whk -n "__fish_whk_using_subcommand listen" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand listen" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand listen" -l resign -d 'Sign what is forwarded again, with a fresh timestamp'
complete -c whk -n "__fish_whk_using_subcommand listen" -l ordered -d 'One event at a time, in the order they arrived'
complete -c whk -n "__fish_whk_using_subcommand listen" -l insecure -d 'Do not check the certificate of https targets'
complete -c whk -n "__fish_whk_using_subcommand listen" -l once -d 'End after one event'
complete -c whk -n "__fish_whk_using_subcommand listen" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand send" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand send" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand send" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand send" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand send" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand send" -l to -d 'Where to: 3000, :3000/hook, https://..., unix:/path.sock [default: the running relay\'s inbox]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l data -d 'The payload: JSON, @file or - [default: a sample from the catalogue]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l set -d 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l set-string -d 'Set a text in the body. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l unset -d 'Take a value out of the body. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l content-type -d 'The Content-Type header [default: application/json, or that of the sample]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l id -d 'The delivery\'s id [default: a new one]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l at -d 'The time of the signature [default: now]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -s H -l header -d 'Add a header, or override one. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l scheme -d 'How to sign [default: standard-webhooks]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l secret -d 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs, as in a rotation [default: the app\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l param -d 'What else a scheme needs, as key=value. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l forge -d 'Send what an attacker would' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l challenge -d 'Play the provider\'s handshake instead, and check the answer: that of --scheme, or of the named provider' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l as -d 'How --dry-run prints it' -r -f -a "curl\t''
http\t''
json\t''"
complete -c whk -n "__fish_whk_using_subcommand send" -l retry -d 'Try again when it fails, after waits such as 1s,5s,30s, or standard' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l timeout -d 'How long an answer may take; none waits for ever' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l count -d 'Send so many events, each with its own id and signature' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l rate -d 'At most so many, as 50/s' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l concurrency -d 'So many at once' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l out -d 'Write the summary to a file as JSON' -r -F
complete -c whk -n "__fish_whk_using_subcommand send" -l via -d 'Through a platform, to the endpoints of an app, instead of to one address' -r -f -a "relay\t'The relay that runs here'
svix\t'A server with the API of Svix: a message is created'
events-api\t'An events API: POST /api/v1/webhooks/test'"
complete -c whk -n "__fish_whk_using_subcommand send" -l idempotency-key -d 'With --via: the same key again sends nothing more' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand send" -l cacert -d 'Trust the certificates of this PEM file too' -r -F
complete -c whk -n "__fish_whk_using_subcommand send" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand send" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand send" -l edit -d 'Open the body in $VISUAL or $EDITOR first'
complete -c whk -n "__fish_whk_using_subcommand send" -l raw -d 'Send --data as it is: not JSON, not wrapped'
complete -c whk -n "__fish_whk_using_subcommand send" -l dry-run -d 'Print the request and send nothing'
complete -c whk -n "__fish_whk_using_subcommand send" -l insecure -d 'Do not check the certificate of an https target'
complete -c whk -n "__fish_whk_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand verify" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand verify" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand verify" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand verify" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand verify" -l scheme -d 'The scheme\'s name, or auto to go by the headers [default: auto]' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l secret -d 'The secret or public key: a literal, env:NAME, file:PATH or -. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l body -d 'The body: @file, - for standard input, or the text itself [default: -]' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -s H -l header -d 'A header of the delivery. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l request -d 'A file with the raw HTTP/1.1 request' -r -F
complete -c whk -n "__fish_whk_using_subcommand verify" -l event -d 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l id -d 'An event of the store' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l method -d 'The method, for schemes that sign it' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l url -d 'The URL it was sent to, for schemes that sign it' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l at -d 'Judge as if it were this time: RFC 3339 or Unix seconds' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l tolerance -d 'How far a timestamp may be off, or none [default: the scheme\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l param -d 'What else a scheme needs, as key=value or certificates=@file. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand verify" -l cacert -d 'Trust the certificates of this PEM file too when fetching' -r -F
complete -c whk -n "__fish_whk_using_subcommand verify" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand verify" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand verify" -l fetch-keys -d 'Fetch the certificate that a delivery names, from the hosts that its scheme allows, and keep it'
complete -c whk -n "__fish_whk_using_subcommand verify" -l explain -d 'Try the usual mistakes and name those that make the signature match [default: on a terminal]'
complete -c whk -n "__fish_whk_using_subcommand verify" -l no-explain -d 'Do not try the usual mistakes'
complete -c whk -n "__fish_whk_using_subcommand verify" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand check" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand check" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand check" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand check" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand check" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand check" -l scheme -d 'The provider to play: how to sign, and what it asks before it sends [default: standard-webhooks]' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l secret -d 'The receiver\'s secret: a literal, env:NAME, file:PATH or - [default: the app\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l param -d 'What else a scheme needs, as key=value. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l type -d 'An event type that the receiver knows [default: one of the provider\'s, else order.created]' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l data -d 'A payload that the receiver takes: JSON, @file or - [default: a sample from the catalogue]' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l content-type -d 'The Content-Type header' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l skip -d 'Leave a check out, by its name in the report. Repeatable' -r -f -a "valid\t''
tampered-body\t''
wrong-secret\t''
unsigned\t''
missing-header\t''
malformed-header\t''
stale-timestamp\t''
future-timestamp\t''
twice\t''
rotation\t''
unknown-type\t''
unicode-body\t''
empty-body\t''
large-body\t''
raw-body\t''
challenge\t''
answers-in-time\t''
redirects\t''
https\t''
dedicated-path\t''
secret-in-url\t''"
complete -c whk -n "__fish_whk_using_subcommand check" -s H -l header -d 'Add a header to every request, or override one. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l timeout -d 'How long an answer may take before it is given up, 15s at most: after 10s a check has failed anyway' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l app -d 'The app whose secret is used if none is given' -r
complete -c whk -n "__fish_whk_using_subcommand check" -l cacert -d 'Trust the certificates of this PEM file too' -r -F
complete -c whk -n "__fish_whk_using_subcommand check" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand check" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand check" -l insecure -d 'Do not check the certificate of an https target'
complete -c whk -n "__fish_whk_using_subcommand check" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand sign" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand sign" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand sign" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand sign" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand sign" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand sign" -l scheme -d 'The scheme\'s name [default: standard-webhooks]' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l secret -d 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l body -d 'The body: @file, - for standard input, or the text itself' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l id -d 'The delivery\'s id [default: a new one]' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l at -d 'The time of the signature [default: now]' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l type -d 'The event\'s type, for schemes that carry it in a header' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l method -d 'The method, for schemes that sign it' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l content-type -d 'The body\'s type, for schemes that sign it and for --as curl' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l url -d 'The URL, for schemes that sign it and for --as curl' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l param -d 'What else a scheme needs, as key=value. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand sign" -l as -d 'How to print it' -r -f -a "headers\t''
curl\t''
json\t''"
complete -c whk -n "__fish_whk_using_subcommand sign" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand sign" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand sign" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l port -d 'The port; 0 takes any free one [default: 4400]' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l host -d 'The address to listen on [default: 127.0.0.1]' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l retry -d 'When a failed delivery is tried again: standard, svix, three, none, or waits such as 1s,5s,30s' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l speed -d 'Shrink every retry wait, as 60x' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l timeout -d 'How long an endpoint may take to answer' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l concurrency -d 'How many requests are on their way to one endpoint at once' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l disable-after -d 'Switch off an endpoint that has only failed for so long [default: 5d]' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l disable-failures -d 'Switch off an endpoint after so many failures in a row' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l validate -d 'A message whose payload is not as the schema of its type says is taken and told of, or refused' -r -f -a "warn\t'It is taken, and told of'
reject\t'It is refused'"
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l max-body -d 'The largest body that is taken [default: 32MiB]' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l cacert -d 'Trust the certificates of this PEM file too' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l allow-host -d 'Answer to this host name too, beside localhost and IP addresses. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l allow-origin -d 'Let pages of this origin use the APIs, as https://app.example.com. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l allow-net -d 'Call endpoints at this address or network too, where only public ones are called: when the relay listens on an address that others reach. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l log -d 'What happens is told in lines of text, of JSON, or not at all' -r -f -a "text\t'Lines of text'
json\t'Lines of JSON'
none\t'Not at all'"
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l ready-file -d 'Write a file when ready' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l for -d 'End after this time' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -l insecure -d 'Do not check the certificates of https endpoints'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -f -a "token" -d 'Make, list and revoke the tokens that the APIs want'
complete -c whk -n "__fish_whk_using_subcommand relay; and not __fish_seen_subcommand_from token help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -f -a "create" -d 'Make a token and print it, this once'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -f -a "list" -d 'List the tokens, not their texts'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Revoke a token'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from token" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from help" -f -a "token" -d 'Make, list and revoke the tokens that the APIs want'
complete -c whk -n "__fish_whk_using_subcommand relay; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand register" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand register" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand register" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand register" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand register" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand register" -l platform -d 'Where it is registered; this version knows the relay' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l url -d 'Where the events go' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l events -d 'The types of event, as order.created,order.*. Repeatable [default: all]' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l name -d 'What it is called' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l id -d 'The one to bring up to date' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l write-env -d 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l secret-file -d 'Write the secret into a file, and do not show it' -r -F
complete -c whk -n "__fish_whk_using_subcommand register" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand register" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand register" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand register" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand register" -l dry-run -d 'Say what would be done, and do nothing'
complete -c whk -n "__fish_whk_using_subcommand register" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "list" -d 'List them'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "show" -d 'Show one, and how it is doing'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "update" -d 'Change one; what is not said stays as it is'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "enable" -d 'Let one get events again'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "disable" -d 'Let one get nothing for now'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "rotate" -d 'Sign with a new secret; the old one goes on signing for 24 hours'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "test" -d 'Send an event to one alone, and say what it answered'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "delete" -d 'Remove one'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "secret" -d 'Print its signing secret'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and not __fish_seen_subcommand_from list show update enable disable rotate test delete secret help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l url -d 'Where the events go' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l events -d 'The types of event, as order.created,order.*. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l name -d 'What it is called' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l rate-limit -d 'At most so many deliveries a second; 0 for no limit' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l ordered -d 'Whether a delivery waits for the one before it' -r -f -a "true\t''
false\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l scheme -d 'How it is signed' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l write-env -d 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l secret-file -d 'Write the secret into a file, and do not show it' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l type -d 'Of this type [default: one that it wants]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from secret" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "list" -d 'List them'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one, and how it is doing'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "update" -d 'Change one; what is not said stays as it is'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Let one get events again'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Let one get nothing for now'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Sign with a new secret; the old one goes on signing for 24 hours'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "test" -d 'Send an event to one alone, and say what it answered'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Remove one'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "secret" -d 'Print its signing secret'
complete -c whk -n "__fish_whk_using_subcommand endpoints; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand replay" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand replay" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand replay" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand replay" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand replay" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand replay" -l type -d 'Of these types, as order.*. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l app -d 'Of this app' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l since -d 'Received since then: 10m, 2h, a time, today, yesterday' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l until -d 'Received before then' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l status -d 'In this state' -r -f -a "pending\t'A delivery is waiting or under way'
delivered\t'A delivery was taken'
dead\t'A delivery was given up'
invalid\t'The signature is wrong'"
complete -c whk -n "__fish_whk_using_subcommand replay" -l where -d 'With such content, as data.amount>=100. Repeatable: all must hold' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l grep -d 'With this text in the body, a header or the path' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l to -d 'Where to, instead of where it went before' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l set -d 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l set-string -d 'Set a text in the body. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l unset -d 'Take a value out of the body. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -s H -l header -d 'Add a header, or override one. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l scheme -d 'How to sign again [default: as the event was signed]' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l secret -d 'The secret to sign with: a literal, env:NAME, file:PATH or - [default: the app\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l rate -d 'At most so many, as 10/s' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l timeout -d 'How long an answer may take; none waits for ever' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -l limit -d 'At most so many events' -r
complete -c whk -n "__fish_whk_using_subcommand replay" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand replay" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand replay" -l dead -d 'Every event with a delivery that was given up'
complete -c whk -n "__fish_whk_using_subcommand replay" -l resign -d 'Sign again with a fresh time and the same id [default: when the secret is known]'
complete -c whk -n "__fish_whk_using_subcommand replay" -l verbatim -d 'The recorded bytes, old signature and all'
complete -c whk -n "__fish_whk_using_subcommand replay" -l edit -d 'Open the body in $VISUAL or $EDITOR first'
complete -c whk -n "__fish_whk_using_subcommand replay" -l dry-run -d 'Say what would be sent, and send nothing'
complete -c whk -n "__fish_whk_using_subcommand replay" -l insecure -d 'Do not check the certificate of an https target'
complete -c whk -n "__fish_whk_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "list" -d 'List events, the newest first'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "show" -d 'Show one event: request, verdict, attempts'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "tail" -d 'Follow events as they come to a relay, and go on where it left off when the relay was away'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "sync" -d 'Register event types at a relay: the catalogue\'s, or those of a file'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "types" -d 'List the event types of the catalogue, or one with schema and sample'
complete -c whk -n "__fish_whk_using_subcommand events; and not __fish_seen_subcommand_from list show tail sync types help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l type -d 'Of these types, as order.*. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l app -d 'Of this app' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l since -d 'Received since then: 10m, 2h, a time, today, yesterday' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l until -d 'Received before then' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l status -d 'In this state' -r -f -a "pending\t'A delivery is waiting or under way'
delivered\t'A delivery was taken'
dead\t'A delivery was given up'
invalid\t'The signature is wrong'"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l where -d 'With such content, as data.amount>=100. Repeatable: all must hold' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l grep -d 'With this text in the body, a header or the path' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l cursor -d 'Go on where an earlier page ended' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l as -d 'In another form' -r -f -a "http\t'As it would stand on the wire'
curl\t'A command for a shell'
json\t'The NDJSON line'
har\t'HAR 1.2'"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l type -d 'Of these types, as order.*. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l where -d 'With such content, as data.amount>=100. Repeatable: all must hold' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l since -d 'From then on: 10m, 2h, a time, or after the event of this id [default: now]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l count -d 'End after so many events' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l file -d 'A JSON file: an OpenAPI 3.1 document with webhooks, or {"event_types": [...]}' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l product -d 'Those of one product of the catalogue [default: platform]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l base-url -d 'The relay [default: the one that runs here]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l token -l key -d 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine\'s own]' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l product -d 'Those of one product or provider only, such as platform' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from types" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "list" -d 'List events, the newest first'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one event: request, verdict, attempts'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "tail" -d 'Follow events as they come to a relay, and go on where it left off when the relay was away'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "sync" -d 'Register event types at a relay: the catalogue\'s, or those of a file'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "types" -d 'List the event types of the catalogue, or one with schema and sample'
complete -c whk -n "__fish_whk_using_subcommand events; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -f -a "new" -d 'Print a new secret; nothing is kept'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -f -a "show" -d 'Print the app\'s own secret'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -f -a "rotate" -d 'Give the app a new secret; the old one still verifies until the next rotation'
complete -c whk -n "__fish_whk_using_subcommand secret; and not __fish_seen_subcommand_from new show rotate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l scheme -d 'The scheme it must suit' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l app -d 'The app' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "new" -d 'Print a new secret; nothing is kept'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the app\'s own secret'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Give the app a new secret; the old one still verifies until the next rotation'
complete -c whk -n "__fish_whk_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -f -a "list" -d 'List the schemes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -f -a "show" -d 'Show one scheme\'s file as it is written, without its test vectors'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -f -a "test" -d 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -f -a "new" -d 'Draft a scheme file from a captured request: layouts are tried until its signature matches'
complete -c whk -n "__fish_whk_using_subcommand schemes; and not __fish_seen_subcommand_from list show test new help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l name -d 'The new scheme\'s name' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l secret -d 'The secret that signed the request: a literal, env:NAME, file:PATH or -' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l body -d 'The body: @file, - for standard input, or the text itself [default: -]' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -s H -l header -d 'A header of the delivery. Repeatable' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l request -d 'A file with the raw HTTP/1.1 request' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l event -d 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l id -d 'An event of the store' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l method -d 'The method, for schemes that sign it' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l url -d 'The URL it was sent to, for schemes that sign it' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l with-secret -d 'Write the secret into the file\'s vectors [default: the request is signed again with one that is thrown away]'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the schemes'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one scheme\'s file as it is written, without its test vectors'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from help" -f -a "test" -d 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from help" -f -a "new" -d 'Draft a scheme file from a captured request: layouts are tried until its signature matches'
complete -c whk -n "__fish_whk_using_subcommand schemes; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "show" -d 'Print every setting with its value and where it came from'
complete -c whk -n "__fish_whk_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print every setting with its value and where it came from'
complete -c whk -n "__fish_whk_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c whk -n "__fish_whk_using_subcommand completions" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand completions" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand completions" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand completions" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand completions" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand completions" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand completions" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand completions" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c whk -n "__fish_whk_using_subcommand man" -l output -d 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too' -r -f -a "human\t''
json\t''
junit\t''
tap\t''"
complete -c whk -n "__fish_whk_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c whk -n "__fish_whk_using_subcommand man" -l profile -d 'Settings of this profile in whk.toml or config.toml' -r
complete -c whk -n "__fish_whk_using_subcommand man" -l store -d 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share' -r
complete -c whk -n "__fish_whk_using_subcommand man" -l durability -d 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut' -r -f -a "full\t''
process\t''"
complete -c whk -n "__fish_whk_using_subcommand man" -l env-file -d 'Names for env:NAME from a file of NAME=value lines. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand man" -l scheme-file -d 'A file with a signature scheme of your own, known by its name from then on. Repeatable' -r -F
complete -c whk -n "__fish_whk_using_subcommand man" -l dir -d 'Write every page into this folder' -r -F
complete -c whk -n "__fish_whk_using_subcommand man" -s y -l yes -d 'Answer every question with yes'
complete -c whk -n "__fish_whk_using_subcommand man" -l no-input -d 'Ask no question; a missing answer is an error'
complete -c whk -n "__fish_whk_using_subcommand man" -s h -l help -d 'Print help'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "listen" -d 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "send" -d 'Send a signed event'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "verify" -d 'Judge a signature, and say why it is wrong'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "check" -d 'Test that a receiver takes the good and refuses the forged'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "sign" -d 'Print the headers that sign a body'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "relay" -d 'Run the server: inbox, deliveries with retries, and the APIs'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "register" -d 'Make an endpoint at a relay, or bring it up to date'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "endpoints" -d 'List, show and change the endpoints of a relay'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "replay" -d 'Send recorded events again'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "events" -d 'List and show what has arrived, and the catalogue of event types'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "secret" -d 'Make, show or rotate signing secrets'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "schemes" -d 'List and show signature schemes, test a scheme file, and draft one'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "config" -d 'Look at the settings'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "man" -d 'Print a manual page, or write all of them'
complete -c whk -n "__fish_whk_using_subcommand help; and not __fish_seen_subcommand_from listen send verify check sign relay register endpoints replay events secret schemes config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
