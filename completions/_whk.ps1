
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'whk' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'whk'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'whk' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send a signed event')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Judge a signature, and say why it is wrong')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Test that a receiver takes the good and refuses the forged')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the headers that sign a body')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Run the server: inbox, deliveries with retries, and the APIs')
            [CompletionResult]::new('register', 'register', [CompletionResultType]::ParameterValue, 'Make an endpoint at a relay, or bring it up to date')
            [CompletionResult]::new('endpoints', 'endpoints', [CompletionResultType]::ParameterValue, 'List, show and change the endpoints of a relay')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Send recorded events again')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List and show what has arrived, and the catalogue of event types')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Make, show or rotate signing secrets')
            [CompletionResult]::new('schemes', 'schemes', [CompletionResultType]::ParameterValue, 'List and show signature schemes, test a scheme file, and draft one')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the settings')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, or write all of them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;listen' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--forward', '--forward', [CompletionResultType]::ParameterName, 'Where events go: 3000, :3000/hook, localhost:3000, https://..., unix:/path.sock. Repeatable: each gets a copy, the first one answers')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Where events of certain types go, as ''invoice.*=localhost:3000/invoices''. Repeatable')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Forward only these event types. Repeatable')
            [CompletionResult]::new('--except', '--except', [CompletionResultType]::ParameterName, 'Do not forward these event types. Repeatable')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'Forward only events with such content, as data.amount>=100. Repeatable')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header to what is forwarded, or override one; Host too. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header to what is forwarded, or override one; Host too. Repeatable')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'app: the sender gets your app''s answer. now: 202 as soon as it is on disk, forwarded with retries')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'When to try again with --ack now: standard, none, or waits such as 1s,5s,30s')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Shrink every retry wait, as 60x')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'How requests are signed: a scheme''s name, or auto to go by the headers')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The signing secret: a literal, env:NAME, file:PATH or -. Repeatable. Without one, the app''s own')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme or a handshake needs, as verify_token=x or key=@file. Repeatable')
            [CompletionResult]::new('--challenge', '--challenge', [CompletionResultType]::ParameterName, 'How to answer providers that ask before they send: auto, off (left to your app), fetch (call the address they want called too), or a provider''s name for its handshake alone. Several with commas')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'mark: record and show the verdict. reject: answer 401 to what is not valid, and record it')
            [CompletionResult]::new('--respond', '--respond', [CompletionResultType]::ParameterName, 'Answer without an app, as 503,delay=2s,first=2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long your app may take to answer; none waits for ever')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests are on their way to one target at once')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Deliver first what arrived since then: 10m, a time, or an event''s id')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Remember how far this listener came, and deliver first what it missed')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'End after so many events')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End after an event of this type')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'End after this time')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Start a command when ready, and end with it; it gets `WHK_URL` and `WHK_SECRET`')
            [CompletionResult]::new('--ready-file', '--ready-file', [CompletionResultType]::ParameterName, 'Write a file when ready')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The inbox''s port; 0 takes any free one [default: 4400]')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The inbox''s address [default: 127.0.0.1]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'The largest body that is taken [default: 32MiB]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app whose inbox is shown and whose secret signs')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--resign', '--resign', [CompletionResultType]::ParameterName, 'Sign what is forwarded again, with a fresh timestamp')
            [CompletionResult]::new('--ordered', '--ordered', [CompletionResultType]::ParameterName, 'One event at a time, in the order they arrived')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of https targets')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'End after one event')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;send' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to: 3000, :3000/hook, https://..., unix:/path.sock [default: the running relay''s inbox]')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'The payload: JSON, @file or - [default: a sample from the catalogue]')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable')
            [CompletionResult]::new('--set-string', '--set-string', [CompletionResultType]::ParameterName, 'Set a text in the body. Repeatable')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value out of the body. Repeatable')
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The Content-Type header [default: application/json, or that of the sample]')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The delivery''s id [default: a new one]')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time of the signature [default: now]')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header, or override one. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header, or override one. Repeatable')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'How to sign [default: standard-webhooks]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs, as in a rotation [default: the app''s own]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme needs, as key=value. Repeatable')
            [CompletionResult]::new('--forge', '--forge', [CompletionResultType]::ParameterName, 'Send what an attacker would')
            [CompletionResult]::new('--challenge', '--challenge', [CompletionResultType]::ParameterName, 'Play the provider''s handshake instead, and check the answer: that of --scheme, or of the named provider')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'How --dry-run prints it')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again when it fails, after waits such as 1s,5s,30s, or standard')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an answer may take; none waits for ever')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Send so many events, each with its own id and signature')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'At most so many, as 50/s')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'So many at once')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the summary to a file as JSON')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Through a platform, to the endpoints of an app, instead of to one address')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'With --via: the same key again sends nothing more')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Open the body in $VISUAL or $EDITOR first')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Send --data as it is: not JSON, not wrapped')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request and send nothing')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;verify' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'The scheme''s name, or auto to go by the headers [default: auto]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret or public key: a literal, env:NAME, file:PATH or -. Repeatable')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The body: @file, - for standard input, or the text itself [default: -]')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'A file with the raw HTTP/1.1 request')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'An event of the store')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, for schemes that sign it')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL it was sent to, for schemes that sign it')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Judge as if it were this time: RFC 3339 or Unix seconds')
            [CompletionResult]::new('--tolerance', '--tolerance', [CompletionResultType]::ParameterName, 'How far a timestamp may be off, or none [default: the scheme''s own]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme needs, as key=value or certificates=@file. Repeatable')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too when fetching')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--fetch-keys', '--fetch-keys', [CompletionResultType]::ParameterName, 'Fetch the certificate that a delivery names, from the hosts that its scheme allows, and keep it')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Try the usual mistakes and name those that make the signature match [default: on a terminal]')
            [CompletionResult]::new('--no-explain', '--no-explain', [CompletionResultType]::ParameterName, 'Do not try the usual mistakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;check' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'The provider to play: how to sign, and what it asks before it sends [default: standard-webhooks]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The receiver''s secret: a literal, env:NAME, file:PATH or - [default: the app''s own]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme needs, as key=value. Repeatable')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'An event type that the receiver knows [default: one of the provider''s, else order.created]')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A payload that the receiver takes: JSON, @file or - [default: a sample from the catalogue]')
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The Content-Type header')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave a check out, by its name in the report. Repeatable')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header to every request, or override one. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header to every request, or override one. Repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an answer may take before it is given up, 15s at most: after 10s a check has failed anyway')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app whose secret is used if none is given')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;sign' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'The scheme''s name [default: standard-webhooks]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The body: @file, - for standard input, or the text itself')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The delivery''s id [default: a new one]')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time of the signature [default: now]')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The event''s type, for schemes that carry it in a header')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, for schemes that sign it')
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The body''s type, for schemes that sign it and for --as curl')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL, for schemes that sign it and for --as curl')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme needs, as key=value. Repeatable')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'How to print it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;relay' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port; 0 takes any free one [default: 4400]')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The address to listen on [default: 127.0.0.1]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'When a failed delivery is tried again: standard, svix, three, none, or waits such as 1s,5s,30s')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Shrink every retry wait, as 60x')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an endpoint may take to answer')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests are on their way to one endpoint at once')
            [CompletionResult]::new('--disable-after', '--disable-after', [CompletionResultType]::ParameterName, 'Switch off an endpoint that has only failed for so long [default: 5d]')
            [CompletionResult]::new('--disable-failures', '--disable-failures', [CompletionResultType]::ParameterName, 'Switch off an endpoint after so many failures in a row')
            [CompletionResult]::new('--validate', '--validate', [CompletionResultType]::ParameterName, 'A message whose payload is not as the schema of its type says is taken and told of, or refused')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'The largest body that is taken [default: 32MiB]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Answer to this host name too, beside localhost and IP addresses. Repeatable')
            [CompletionResult]::new('--allow-origin', '--allow-origin', [CompletionResultType]::ParameterName, 'Let pages of this origin use the APIs, as https://app.example.com. Repeatable')
            [CompletionResult]::new('--allow-net', '--allow-net', [CompletionResultType]::ParameterName, 'Call endpoints at this address or network too, where only public ones are called: when the relay listens on an address that others reach. Repeatable')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'What happens is told in lines of text, of JSON, or not at all')
            [CompletionResult]::new('--ready-file', '--ready-file', [CompletionResultType]::ParameterName, 'Write a file when ready')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'End after this time')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificates of https endpoints')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Make, list and revoke the tokens that the APIs want')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;relay;token' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a token and print it, this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens, not their texts')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke a token')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;relay;token;create' {
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'For this app alone; for everything without it')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'It ends after this time, as 30d')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'What it is for')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'It may look, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;relay;token;list' {
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Of this app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;relay;token;revoke' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;relay;token;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a token and print it, this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens, not their texts')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke a token')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;relay;token;help;create' {
            break
        }
        'whk;relay;token;help;list' {
            break
        }
        'whk;relay;token;help;revoke' {
            break
        }
        'whk;relay;token;help;help' {
            break
        }
        'whk;relay;help' {
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Make, list and revoke the tokens that the APIs want')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;relay;help;token' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a token and print it, this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens, not their texts')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke a token')
            break
        }
        'whk;relay;help;token;create' {
            break
        }
        'whk;relay;help;token;list' {
            break
        }
        'whk;relay;help;token;revoke' {
            break
        }
        'whk;relay;help;help' {
            break
        }
        'whk;register' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Where it is registered; this version knows the relay')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'Where the events go')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'The types of event, as order.created,order.*. Repeatable [default: all]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What it is called')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The one to bring up to date')
            [CompletionResult]::new('--write-env', '--write-env', [CompletionResultType]::ParameterName, 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Write the secret into a file, and do not show it')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one, and how it is doing')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change one; what is not said stays as it is')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let one get events again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let one get nothing for now')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Sign with a new secret; the old one goes on signing for 24 hours')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send an event to one alone, and say what it answered')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove one')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Print its signing secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;endpoints;list' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;show' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;update' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'Where the events go')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'The types of event, as order.created,order.*. Repeatable')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What it is called')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'At most so many deliveries a second; 0 for no limit')
            [CompletionResult]::new('--ordered', '--ordered', [CompletionResultType]::ParameterName, 'Whether a delivery waits for the one before it')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'How it is signed')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;enable' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;disable' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;rotate' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--write-env', '--write-env', [CompletionResultType]::ParameterName, 'Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Write the secret into a file, and do not show it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;test' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type [default: one that it wants]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;delete' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;secret' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;endpoints;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one, and how it is doing')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change one; what is not said stays as it is')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let one get events again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let one get nothing for now')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Sign with a new secret; the old one goes on signing for 24 hours')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send an event to one alone, and say what it answered')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove one')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Print its signing secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;endpoints;help;list' {
            break
        }
        'whk;endpoints;help;show' {
            break
        }
        'whk;endpoints;help;update' {
            break
        }
        'whk;endpoints;help;enable' {
            break
        }
        'whk;endpoints;help;disable' {
            break
        }
        'whk;endpoints;help;rotate' {
            break
        }
        'whk;endpoints;help;test' {
            break
        }
        'whk;endpoints;help;delete' {
            break
        }
        'whk;endpoints;help;secret' {
            break
        }
        'whk;endpoints;help;help' {
            break
        }
        'whk;replay' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of these types, as order.*. Repeatable')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Of this app')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Received since then: 10m, 2h, a time, today, yesterday')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Received before then')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'With such content, as data.amount>=100. Repeatable: all must hold')
            [CompletionResult]::new('--grep', '--grep', [CompletionResultType]::ParameterName, 'With this text in the body, a header or the path')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to, instead of where it went before')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable')
            [CompletionResult]::new('--set-string', '--set-string', [CompletionResultType]::ParameterName, 'Set a text in the body. Repeatable')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value out of the body. Repeatable')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header, or override one. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header, or override one. Repeatable')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'How to sign again [default: as the event was signed]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret to sign with: a literal, env:NAME, file:PATH or - [default: the app''s own]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'At most so many, as 10/s')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an answer may take; none waits for ever')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many events')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('--dead', '--dead', [CompletionResultType]::ParameterName, 'Every event with a delivery that was given up')
            [CompletionResult]::new('--resign', '--resign', [CompletionResultType]::ParameterName, 'Sign again with a fresh time and the same id [default: when the secret is known]')
            [CompletionResult]::new('--verbatim', '--verbatim', [CompletionResultType]::ParameterName, 'The recorded bytes, old signature and all')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Open the body in $VISUAL or $EDITOR first')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be sent, and send nothing')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;events' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List events, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one event: request, verdict, attempts')
            [CompletionResult]::new('tail', 'tail', [CompletionResultType]::ParameterValue, 'Follow events as they come to a relay, and go on where it left off when the relay was away')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Register event types at a relay: the catalogue''s, or those of a file')
            [CompletionResult]::new('types', 'types', [CompletionResultType]::ParameterValue, 'List the event types of the catalogue, or one with schema and sample')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;events;list' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of these types, as order.*. Repeatable')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Of this app')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Received since then: 10m, 2h, a time, today, yesterday')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Received before then')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'With such content, as data.amount>=100. Repeatable: all must hold')
            [CompletionResult]::new('--grep', '--grep', [CompletionResultType]::ParameterName, 'With this text in the body, a header or the path')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('--cursor', '--cursor', [CompletionResultType]::ParameterName, 'Go on where an earlier page ended')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;events;show' {
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'In another form')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;events;tail' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of these types, as order.*. Repeatable')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'With such content, as data.amount>=100. Repeatable: all must hold')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From then on: 10m, 2h, a time, or after the event of this id [default: now]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'End after so many events')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;events;sync' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file: an OpenAPI 3.1 document with webhooks, or {"event_types": [...]}')
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'Those of one product of the catalogue [default: platform]')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The relay [default: the one that runs here]')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine''s own]')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;events;types' {
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'Those of one product or provider only, such as platform')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;events;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List events, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one event: request, verdict, attempts')
            [CompletionResult]::new('tail', 'tail', [CompletionResultType]::ParameterValue, 'Follow events as they come to a relay, and go on where it left off when the relay was away')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Register event types at a relay: the catalogue''s, or those of a file')
            [CompletionResult]::new('types', 'types', [CompletionResultType]::ParameterValue, 'List the event types of the catalogue, or one with schema and sample')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;events;help;list' {
            break
        }
        'whk;events;help;show' {
            break
        }
        'whk;events;help;tail' {
            break
        }
        'whk;events;help;sync' {
            break
        }
        'whk;events;help;types' {
            break
        }
        'whk;events;help;help' {
            break
        }
        'whk;secret' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Print a new secret; nothing is kept')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the app''s own secret')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give the app a new secret; the old one still verifies until the next rotation')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;secret;new' {
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'The scheme it must suit')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;secret;show' {
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;secret;rotate' {
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;secret;help' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Print a new secret; nothing is kept')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the app''s own secret')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give the app a new secret; the old one still verifies until the next rotation')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;secret;help;new' {
            break
        }
        'whk;secret;help;show' {
            break
        }
        'whk;secret;help;rotate' {
            break
        }
        'whk;secret;help;help' {
            break
        }
        'whk;schemes' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the schemes')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one scheme''s file as it is written, without its test vectors')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Draft a scheme file from a captured request: layouts are tried until its signature matches')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;schemes;list' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;schemes;show' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;schemes;test' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;schemes;new' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The new scheme''s name')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret that signed the request: a literal, env:NAME, file:PATH or -')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The body: @file, - for standard input, or the text itself [default: -]')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'A file with the raw HTTP/1.1 request')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'An event of the store')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, for schemes that sign it')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL it was sent to, for schemes that sign it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--with-secret', '--with-secret', [CompletionResultType]::ParameterName, 'Write the secret into the file''s vectors [default: the request is signed again with one that is thrown away]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;schemes;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the schemes')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one scheme''s file as it is written, without its test vectors')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Draft a scheme file from a captured request: layouts are tried until its signature matches')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;schemes;help;list' {
            break
        }
        'whk;schemes;help;show' {
            break
        }
        'whk;schemes;help;test' {
            break
        }
        'whk;schemes;help;new' {
            break
        }
        'whk;schemes;help;help' {
            break
        }
        'whk;config' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting with its value and where it came from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;config;show' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting with its value and where it came from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;config;help;show' {
            break
        }
        'whk;config;help;help' {
            break
        }
        'whk;completions' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;man' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page into this folder')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;help' {
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send a signed event')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Judge a signature, and say why it is wrong')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Test that a receiver takes the good and refuses the forged')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the headers that sign a body')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Run the server: inbox, deliveries with retries, and the APIs')
            [CompletionResult]::new('register', 'register', [CompletionResultType]::ParameterValue, 'Make an endpoint at a relay, or bring it up to date')
            [CompletionResult]::new('endpoints', 'endpoints', [CompletionResultType]::ParameterValue, 'List, show and change the endpoints of a relay')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Send recorded events again')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List and show what has arrived, and the catalogue of event types')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Make, show or rotate signing secrets')
            [CompletionResult]::new('schemes', 'schemes', [CompletionResultType]::ParameterValue, 'List and show signature schemes, test a scheme file, and draft one')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the settings')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, or write all of them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;help;listen' {
            break
        }
        'whk;help;send' {
            break
        }
        'whk;help;verify' {
            break
        }
        'whk;help;check' {
            break
        }
        'whk;help;sign' {
            break
        }
        'whk;help;relay' {
            break
        }
        'whk;help;register' {
            break
        }
        'whk;help;endpoints' {
            break
        }
        'whk;help;replay' {
            break
        }
        'whk;help;events' {
            break
        }
        'whk;help;secret' {
            break
        }
        'whk;help;schemes' {
            break
        }
        'whk;help;config' {
            break
        }
        'whk;help;completions' {
            break
        }
        'whk;help;man' {
            break
        }
        'whk;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
