
use builtin;
use str;

set edit:completion:arg-completer[whk] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'whk'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'whk'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand listen 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app'
            cand send 'Send a signed event'
            cand verify 'Judge a signature, and say why it is wrong'
            cand check 'Test that a receiver takes the good and refuses the forged'
            cand sign 'Print the headers that sign a body'
            cand relay 'Run the server: inbox, deliveries with retries, and the APIs'
            cand register 'Make an endpoint at a relay, or bring it up to date'
            cand endpoints 'List, show and change the endpoints of a relay'
            cand replay 'Send recorded events again'
            cand events 'List and show what has arrived, and the catalogue of event types'
            cand secret 'Make, show or rotate signing secrets'
            cand schemes 'List and show signature schemes, test a scheme file, and draft one'
            cand config 'Look at the settings'
            cand completions 'Print a completion script for a shell'
            cand man 'Print a manual page, or write all of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;listen'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --forward 'Where events go: 3000, :3000/hook, localhost:3000, https://..., unix:/path.sock. Repeatable: each gets a copy, the first one answers'
            cand --route 'Where events of certain types go, as ''invoice.*=localhost:3000/invoices''. Repeatable'
            cand --only 'Forward only these event types. Repeatable'
            cand --except 'Do not forward these event types. Repeatable'
            cand --where 'Forward only events with such content, as data.amount>=100. Repeatable'
            cand -H 'Add a header to what is forwarded, or override one; Host too. Repeatable'
            cand --header 'Add a header to what is forwarded, or override one; Host too. Repeatable'
            cand --ack 'app: the sender gets your app''s answer. now: 202 as soon as it is on disk, forwarded with retries'
            cand --retry 'When to try again with --ack now: standard, none, or waits such as 1s,5s,30s'
            cand --speed 'Shrink every retry wait, as 60x'
            cand --scheme 'How requests are signed: a scheme''s name, or auto to go by the headers'
            cand --secret 'The signing secret: a literal, env:NAME, file:PATH or -. Repeatable. Without one, the app''s own'
            cand --param 'What else a scheme or a handshake needs, as verify_token=x or key=@file. Repeatable'
            cand --challenge 'How to answer providers that ask before they send: auto, off (left to your app), fetch (call the address they want called too), or a provider''s name for its handshake alone. Several with commas'
            cand --verify 'mark: record and show the verdict. reject: answer 401 to what is not valid, and record it'
            cand --respond 'Answer without an app, as 503,delay=2s,first=2'
            cand --timeout 'How long your app may take to answer; none waits for ever'
            cand --concurrency 'How many requests are on their way to one target at once'
            cand --cacert 'Trust the certificates of this PEM file too'
            cand --since 'Deliver first what arrived since then: 10m, a time, or an event''s id'
            cand --name 'Remember how far this listener came, and deliver first what it missed'
            cand --count 'End after so many events'
            cand --until 'End after an event of this type'
            cand --for 'End after this time'
            cand --exec 'Start a command when ready, and end with it; it gets `WHK_URL` and `WHK_SECRET`'
            cand --ready-file 'Write a file when ready'
            cand --port 'The inbox''s port; 0 takes any free one [default: 4400]'
            cand --host 'The inbox''s address [default: 127.0.0.1]'
            cand --max-body 'The largest body that is taken [default: 32MiB]'
            cand --app 'The app whose inbox is shown and whose secret signs'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --resign 'Sign what is forwarded again, with a fresh timestamp'
            cand --ordered 'One event at a time, in the order they arrived'
            cand --insecure 'Do not check the certificate of https targets'
            cand --once 'End after one event'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;send'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --to 'Where to: 3000, :3000/hook, https://..., unix:/path.sock [default: the running relay''s inbox]'
            cand --data 'The payload: JSON, @file or - [default: a sample from the catalogue]'
            cand --set 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable'
            cand --set-string 'Set a text in the body. Repeatable'
            cand --unset 'Take a value out of the body. Repeatable'
            cand --content-type 'The Content-Type header [default: application/json, or that of the sample]'
            cand --id 'The delivery''s id [default: a new one]'
            cand --at 'The time of the signature [default: now]'
            cand -H 'Add a header, or override one. Repeatable'
            cand --header 'Add a header, or override one. Repeatable'
            cand --scheme 'How to sign [default: standard-webhooks]'
            cand --secret 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs, as in a rotation [default: the app''s own]'
            cand --param 'What else a scheme needs, as key=value. Repeatable'
            cand --forge 'Send what an attacker would'
            cand --challenge 'Play the provider''s handshake instead, and check the answer: that of --scheme, or of the named provider'
            cand --as 'How --dry-run prints it'
            cand --retry 'Try again when it fails, after waits such as 1s,5s,30s, or standard'
            cand --timeout 'How long an answer may take; none waits for ever'
            cand --count 'Send so many events, each with its own id and signature'
            cand --rate 'At most so many, as 50/s'
            cand --concurrency 'So many at once'
            cand --out 'Write the summary to a file as JSON'
            cand --via 'Through a platform, to the endpoints of an app, instead of to one address'
            cand --idempotency-key 'With --via: the same key again sends nothing more'
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --cacert 'Trust the certificates of this PEM file too'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --edit 'Open the body in $VISUAL or $EDITOR first'
            cand --raw 'Send --data as it is: not JSON, not wrapped'
            cand --dry-run 'Print the request and send nothing'
            cand --insecure 'Do not check the certificate of an https target'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'whk;verify'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --scheme 'The scheme''s name, or auto to go by the headers [default: auto]'
            cand --secret 'The secret or public key: a literal, env:NAME, file:PATH or -. Repeatable'
            cand --body 'The body: @file, - for standard input, or the text itself [default: -]'
            cand -H 'A header of the delivery. Repeatable'
            cand --header 'A header of the delivery. Repeatable'
            cand --request 'A file with the raw HTTP/1.1 request'
            cand --event 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input'
            cand --id 'An event of the store'
            cand --method 'The method, for schemes that sign it'
            cand --url 'The URL it was sent to, for schemes that sign it'
            cand --at 'Judge as if it were this time: RFC 3339 or Unix seconds'
            cand --tolerance 'How far a timestamp may be off, or none [default: the scheme''s own]'
            cand --param 'What else a scheme needs, as key=value or certificates=@file. Repeatable'
            cand --cacert 'Trust the certificates of this PEM file too when fetching'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --fetch-keys 'Fetch the certificate that a delivery names, from the hosts that its scheme allows, and keep it'
            cand --explain 'Try the usual mistakes and name those that make the signature match [default: on a terminal]'
            cand --no-explain 'Do not try the usual mistakes'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;check'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --scheme 'The provider to play: how to sign, and what it asks before it sends [default: standard-webhooks]'
            cand --secret 'The receiver''s secret: a literal, env:NAME, file:PATH or - [default: the app''s own]'
            cand --param 'What else a scheme needs, as key=value. Repeatable'
            cand --type 'An event type that the receiver knows [default: one of the provider''s, else order.created]'
            cand --data 'A payload that the receiver takes: JSON, @file or - [default: a sample from the catalogue]'
            cand --content-type 'The Content-Type header'
            cand --skip 'Leave a check out, by its name in the report. Repeatable'
            cand -H 'Add a header to every request, or override one. Repeatable'
            cand --header 'Add a header to every request, or override one. Repeatable'
            cand --timeout 'How long an answer may take before it is given up, 15s at most: after 10s a check has failed anyway'
            cand --app 'The app whose secret is used if none is given'
            cand --cacert 'Trust the certificates of this PEM file too'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --insecure 'Do not check the certificate of an https target'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;sign'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --scheme 'The scheme''s name [default: standard-webhooks]'
            cand --secret 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs'
            cand --body 'The body: @file, - for standard input, or the text itself'
            cand --id 'The delivery''s id [default: a new one]'
            cand --at 'The time of the signature [default: now]'
            cand --type 'The event''s type, for schemes that carry it in a header'
            cand --method 'The method, for schemes that sign it'
            cand --content-type 'The body''s type, for schemes that sign it and for --as curl'
            cand --url 'The URL, for schemes that sign it and for --as curl'
            cand --param 'What else a scheme needs, as key=value. Repeatable'
            cand --as 'How to print it'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;relay'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --port 'The port; 0 takes any free one [default: 4400]'
            cand --host 'The address to listen on [default: 127.0.0.1]'
            cand --retry 'When a failed delivery is tried again: standard, svix, three, none, or waits such as 1s,5s,30s'
            cand --speed 'Shrink every retry wait, as 60x'
            cand --timeout 'How long an endpoint may take to answer'
            cand --concurrency 'How many requests are on their way to one endpoint at once'
            cand --disable-after 'Switch off an endpoint that has only failed for so long [default: 5d]'
            cand --disable-failures 'Switch off an endpoint after so many failures in a row'
            cand --validate 'A message whose payload is not as the schema of its type says is taken and told of, or refused'
            cand --max-body 'The largest body that is taken [default: 32MiB]'
            cand --cacert 'Trust the certificates of this PEM file too'
            cand --allow-host 'Answer to this host name too, beside localhost and IP addresses. Repeatable'
            cand --allow-origin 'Let pages of this origin use the APIs, as https://app.example.com. Repeatable'
            cand --allow-net 'Call endpoints at this address or network too, where only public ones are called: when the relay listens on an address that others reach. Repeatable'
            cand --log 'What happens is told in lines of text, of JSON, or not at all'
            cand --ready-file 'Write a file when ready'
            cand --for 'End after this time'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --insecure 'Do not check the certificates of https endpoints'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand token 'Make, list and revoke the tokens that the APIs want'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;relay;token'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand create 'Make a token and print it, this once'
            cand list 'List the tokens, not their texts'
            cand revoke 'Revoke a token'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;relay;token;create'= {
            cand --app 'For this app alone; for everything without it'
            cand --expires 'It ends after this time, as 30d'
            cand --label 'What it is for'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --read-only 'It may look, and change nothing'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;relay;token;list'= {
            cand --app 'Of this app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;relay;token;revoke'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;relay;token;help'= {
            cand create 'Make a token and print it, this once'
            cand list 'List the tokens, not their texts'
            cand revoke 'Revoke a token'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;relay;token;help;create'= {
        }
        &'whk;relay;token;help;list'= {
        }
        &'whk;relay;token;help;revoke'= {
        }
        &'whk;relay;token;help;help'= {
        }
        &'whk;relay;help'= {
            cand token 'Make, list and revoke the tokens that the APIs want'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;relay;help;token'= {
            cand create 'Make a token and print it, this once'
            cand list 'List the tokens, not their texts'
            cand revoke 'Revoke a token'
        }
        &'whk;relay;help;token;create'= {
        }
        &'whk;relay;help;token;list'= {
        }
        &'whk;relay;help;token;revoke'= {
        }
        &'whk;relay;help;help'= {
        }
        &'whk;register'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --platform 'Where it is registered; this version knows the relay'
            cand --url 'Where the events go'
            cand --events 'The types of event, as order.created,order.*. Repeatable [default: all]'
            cand --name 'What it is called'
            cand --id 'The one to bring up to date'
            cand --write-env 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it'
            cand --secret-file 'Write the secret into a file, and do not show it'
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --dry-run 'Say what would be done, and do nothing'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List them'
            cand show 'Show one, and how it is doing'
            cand update 'Change one; what is not said stays as it is'
            cand enable 'Let one get events again'
            cand disable 'Let one get nothing for now'
            cand rotate 'Sign with a new secret; the old one goes on signing for 24 hours'
            cand test 'Send an event to one alone, and say what it answered'
            cand delete 'Remove one'
            cand secret 'Print its signing secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;endpoints;list'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;show'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;update'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --url 'Where the events go'
            cand --events 'The types of event, as order.created,order.*. Repeatable'
            cand --name 'What it is called'
            cand --rate-limit 'At most so many deliveries a second; 0 for no limit'
            cand --ordered 'Whether a delivery waits for the one before it'
            cand --scheme 'How it is signed'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;enable'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;disable'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;rotate'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --write-env 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it'
            cand --secret-file 'Write the secret into a file, and do not show it'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;test'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --type 'Of this type [default: one that it wants]'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;delete'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;secret'= {
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;endpoints;help'= {
            cand list 'List them'
            cand show 'Show one, and how it is doing'
            cand update 'Change one; what is not said stays as it is'
            cand enable 'Let one get events again'
            cand disable 'Let one get nothing for now'
            cand rotate 'Sign with a new secret; the old one goes on signing for 24 hours'
            cand test 'Send an event to one alone, and say what it answered'
            cand delete 'Remove one'
            cand secret 'Print its signing secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;endpoints;help;list'= {
        }
        &'whk;endpoints;help;show'= {
        }
        &'whk;endpoints;help;update'= {
        }
        &'whk;endpoints;help;enable'= {
        }
        &'whk;endpoints;help;disable'= {
        }
        &'whk;endpoints;help;rotate'= {
        }
        &'whk;endpoints;help;test'= {
        }
        &'whk;endpoints;help;delete'= {
        }
        &'whk;endpoints;help;secret'= {
        }
        &'whk;endpoints;help;help'= {
        }
        &'whk;replay'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --type 'Of these types, as order.*. Repeatable'
            cand --app 'Of this app'
            cand --since 'Received since then: 10m, 2h, a time, today, yesterday'
            cand --until 'Received before then'
            cand --status 'In this state'
            cand --where 'With such content, as data.amount>=100. Repeatable: all must hold'
            cand --grep 'With this text in the body, a header or the path'
            cand --to 'Where to, instead of where it went before'
            cand --set 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable'
            cand --set-string 'Set a text in the body. Repeatable'
            cand --unset 'Take a value out of the body. Repeatable'
            cand -H 'Add a header, or override one. Repeatable'
            cand --header 'Add a header, or override one. Repeatable'
            cand --scheme 'How to sign again [default: as the event was signed]'
            cand --secret 'The secret to sign with: a literal, env:NAME, file:PATH or - [default: the app''s own]'
            cand --rate 'At most so many, as 10/s'
            cand --timeout 'How long an answer may take; none waits for ever'
            cand --limit 'At most so many events'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand --dead 'Every event with a delivery that was given up'
            cand --resign 'Sign again with a fresh time and the same id [default: when the secret is known]'
            cand --verbatim 'The recorded bytes, old signature and all'
            cand --edit 'Open the body in $VISUAL or $EDITOR first'
            cand --dry-run 'Say what would be sent, and send nothing'
            cand --insecure 'Do not check the certificate of an https target'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'whk;events'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List events, the newest first'
            cand show 'Show one event: request, verdict, attempts'
            cand tail 'Follow events as they come to a relay, and go on where it left off when the relay was away'
            cand sync 'Register event types at a relay: the catalogue''s, or those of a file'
            cand types 'List the event types of the catalogue, or one with schema and sample'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;events;list'= {
            cand --type 'Of these types, as order.*. Repeatable'
            cand --app 'Of this app'
            cand --since 'Received since then: 10m, 2h, a time, today, yesterday'
            cand --until 'Received before then'
            cand --status 'In this state'
            cand --where 'With such content, as data.amount>=100. Repeatable: all must hold'
            cand --grep 'With this text in the body, a header or the path'
            cand --limit 'At most so many'
            cand --cursor 'Go on where an earlier page ended'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'whk;events;show'= {
            cand --as 'In another form'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'whk;events;tail'= {
            cand --type 'Of these types, as order.*. Repeatable'
            cand --where 'With such content, as data.amount>=100. Repeatable: all must hold'
            cand --since 'From then on: 10m, 2h, a time, or after the event of this id [default: now]'
            cand --count 'End after so many events'
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;events;sync'= {
            cand --file 'A JSON file: an OpenAPI 3.1 document with webhooks, or {"event_types": [...]}'
            cand --product 'Those of one product of the catalogue [default: platform]'
            cand --base-url 'The relay [default: the one that runs here]'
            cand --token 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --key 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]'
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;events;types'= {
            cand --product 'Those of one product or provider only, such as platform'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;events;help'= {
            cand list 'List events, the newest first'
            cand show 'Show one event: request, verdict, attempts'
            cand tail 'Follow events as they come to a relay, and go on where it left off when the relay was away'
            cand sync 'Register event types at a relay: the catalogue''s, or those of a file'
            cand types 'List the event types of the catalogue, or one with schema and sample'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;events;help;list'= {
        }
        &'whk;events;help;show'= {
        }
        &'whk;events;help;tail'= {
        }
        &'whk;events;help;sync'= {
        }
        &'whk;events;help;types'= {
        }
        &'whk;events;help;help'= {
        }
        &'whk;secret'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand new 'Print a new secret; nothing is kept'
            cand show 'Print the app''s own secret'
            cand rotate 'Give the app a new secret; the old one still verifies until the next rotation'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;secret;new'= {
            cand --scheme 'The scheme it must suit'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;secret;show'= {
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;secret;rotate'= {
            cand --app 'The app'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;secret;help'= {
            cand new 'Print a new secret; nothing is kept'
            cand show 'Print the app''s own secret'
            cand rotate 'Give the app a new secret; the old one still verifies until the next rotation'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;secret;help;new'= {
        }
        &'whk;secret;help;show'= {
        }
        &'whk;secret;help;rotate'= {
        }
        &'whk;secret;help;help'= {
        }
        &'whk;schemes'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the schemes'
            cand show 'Show one scheme''s file as it is written, without its test vectors'
            cand test 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says'
            cand new 'Draft a scheme file from a captured request: layouts are tried until its signature matches'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;schemes;list'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;schemes;show'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;schemes;test'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;schemes;new'= {
            cand --name 'The new scheme''s name'
            cand --secret 'The secret that signed the request: a literal, env:NAME, file:PATH or -'
            cand --body 'The body: @file, - for standard input, or the text itself [default: -]'
            cand -H 'A header of the delivery. Repeatable'
            cand --header 'A header of the delivery. Repeatable'
            cand --request 'A file with the raw HTTP/1.1 request'
            cand --event 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input'
            cand --id 'An event of the store'
            cand --method 'The method, for schemes that sign it'
            cand --url 'The URL it was sent to, for schemes that sign it'
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --with-secret 'Write the secret into the file''s vectors [default: the request is signed again with one that is thrown away]'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;schemes;help'= {
            cand list 'List the schemes'
            cand show 'Show one scheme''s file as it is written, without its test vectors'
            cand test 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says'
            cand new 'Draft a scheme file from a captured request: layouts are tried until its signature matches'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;schemes;help;list'= {
        }
        &'whk;schemes;help;show'= {
        }
        &'whk;schemes;help;test'= {
        }
        &'whk;schemes;help;new'= {
        }
        &'whk;schemes;help;help'= {
        }
        &'whk;config'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Print every setting with its value and where it came from'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;config;show'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;config;help'= {
            cand show 'Print every setting with its value and where it came from'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;config;help;show'= {
        }
        &'whk;config;help;help'= {
        }
        &'whk;completions'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'whk;man'= {
            cand --output 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too'
            cand --color 'When to use colour'
            cand --profile 'Settings of this profile in whk.toml or config.toml'
            cand --store 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share'
            cand --durability 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut'
            cand --env-file 'Names for env:NAME from a file of NAME=value lines. Repeatable'
            cand --scheme-file 'A file with a signature scheme of your own, known by its name from then on. Repeatable'
            cand --dir 'Write every page into this folder'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Ask no question; a missing answer is an error'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'whk;help'= {
            cand listen 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app'
            cand send 'Send a signed event'
            cand verify 'Judge a signature, and say why it is wrong'
            cand check 'Test that a receiver takes the good and refuses the forged'
            cand sign 'Print the headers that sign a body'
            cand relay 'Run the server: inbox, deliveries with retries, and the APIs'
            cand register 'Make an endpoint at a relay, or bring it up to date'
            cand endpoints 'List, show and change the endpoints of a relay'
            cand replay 'Send recorded events again'
            cand events 'List and show what has arrived, and the catalogue of event types'
            cand secret 'Make, show or rotate signing secrets'
            cand schemes 'List and show signature schemes, test a scheme file, and draft one'
            cand config 'Look at the settings'
            cand completions 'Print a completion script for a shell'
            cand man 'Print a manual page, or write all of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'whk;help;listen'= {
        }
        &'whk;help;send'= {
        }
        &'whk;help;verify'= {
        }
        &'whk;help;check'= {
        }
        &'whk;help;sign'= {
        }
        &'whk;help;relay'= {
        }
        &'whk;help;register'= {
        }
        &'whk;help;endpoints'= {
        }
        &'whk;help;replay'= {
        }
        &'whk;help;events'= {
        }
        &'whk;help;secret'= {
        }
        &'whk;help;schemes'= {
        }
        &'whk;help;config'= {
        }
        &'whk;help;completions'= {
        }
        &'whk;help;man'= {
        }
        &'whk;help;help'= {
        }
    ]
    $completions[$command]
}
