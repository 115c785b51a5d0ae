
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--resign', '--resign', [CompletionResultType]::ParameterName, 'Sign what is forwarded again, with a fresh timestamp')
            [CompletionResult]::new('--ordered', '--ordered', [CompletionResultType]::ParameterName, 'One event at a time, in the order they arrived')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of https targets')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'End after one event')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;send' {
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
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The app whose inbox and secret are used')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Open the body in $VISUAL or $EDITOR first')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Send --data as it is: not JSON, not wrapped')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request and send nothing')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;verify' {
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'The scheme''s name, or auto to go by the headers [default: auto]')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret or public key: a literal, env:NAME, file:PATH or -. Repeatable')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The body: @file, - for standard input, or the text itself [default: -]')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header of the delivery. Repeatable')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'A file with the raw HTTP/1.1 request')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'NDJSON event lines, as `whk listen --output json` prints them: a file, or - for standard input')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'An event of the store')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, for schemes that sign it')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL it was sent to, for schemes that sign it')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Judge as if it were this time: RFC 3339 or Unix seconds')
            [CompletionResult]::new('--tolerance', '--tolerance', [CompletionResultType]::ParameterName, 'How far a timestamp may be off, or none [default: the scheme''s own]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'What else a scheme needs, as key=value or certificates=@file. Repeatable')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file too when fetching')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--fetch-keys', '--fetch-keys', [CompletionResultType]::ParameterName, 'Fetch the certificate that a delivery names, from the hosts that its scheme allows, and keep it')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Try the usual mistakes and name those that make the signature match [default: on a terminal]')
            [CompletionResult]::new('--no-explain', '--no-explain', [CompletionResultType]::ParameterName, 'Do not try the usual mistakes')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;check' {
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'How to sign [default: standard-webhooks]')
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
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'whk;sign' {
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
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
        'whk;replay' {
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
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('--dead', '--dead', [CompletionResultType]::ParameterName, 'Every event with a delivery that was given up')
            [CompletionResult]::new('--resign', '--resign', [CompletionResultType]::ParameterName, 'Sign again with a fresh time and the same id [default: when the secret is known]')
            [CompletionResult]::new('--verbatim', '--verbatim', [CompletionResultType]::ParameterName, 'The recorded bytes, old signature and all')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Open the body in $VISUAL or $EDITOR first')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be sent, and send nothing')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not check the certificate of an https target')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'whk;events' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
        'whk;events;types' {
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'Those of one product or provider only, such as platform')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
            [CompletionResult]::new('--durability', '--durability', [CompletionResultType]::ParameterName, 'full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Names for env:NAME from a file of NAME=value lines. Repeatable')
            [CompletionResult]::new('--scheme-file', '--scheme-file', [CompletionResultType]::ParameterName, 'A file with a signature scheme of your own, known by its name from then on. Repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask no question; a missing answer is an error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the schemes')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one scheme''s file')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Draft a scheme file from a captured request: layouts are tried until its signature matches')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'whk;schemes;list' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'NDJSON event lines, as `whk listen --output json` prints them: a file, or - for standard input')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'An event of the store')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method, for schemes that sign it')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL it was sent to, for schemes that sign it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one scheme''s file')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page into this folder')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Settings of this profile in whk.toml or config.toml')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where events are kept: memory: or sqlite:PATH')
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
        'whk;help' {
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive webhooks at a local inbox, record them byte for byte, and forward them to your app')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send a signed event')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Judge a signature, and say why it is wrong')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Test that a receiver takes the good and refuses the forged')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the headers that sign a body')
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
        'whk;help;replay' {
            break
        }
        'whk;help;events' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List events, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one event: request, verdict, attempts')
            [CompletionResult]::new('types', 'types', [CompletionResultType]::ParameterValue, 'List the event types of the catalogue, or one with schema and sample')
            break
        }
        'whk;help;events;list' {
            break
        }
        'whk;help;events;show' {
            break
        }
        'whk;help;events;types' {
            break
        }
        'whk;help;secret' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Print a new secret; nothing is kept')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the app''s own secret')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give the app a new secret; the old one still verifies until the next rotation')
            break
        }
        'whk;help;secret;new' {
            break
        }
        'whk;help;secret;show' {
            break
        }
        'whk;help;secret;rotate' {
            break
        }
        'whk;help;schemes' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the schemes')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one scheme''s file')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a scheme file: it must be well formed, and each of its vectors must come out as it says')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Draft a scheme file from a captured request: layouts are tried until its signature matches')
            break
        }
        'whk;help;schemes;list' {
            break
        }
        'whk;help;schemes;show' {
            break
        }
        'whk;help;schemes;test' {
            break
        }
        'whk;help;schemes;new' {
            break
        }
        'whk;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting with its value and where it came from')
            break
        }
        'whk;help;config;show' {
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
