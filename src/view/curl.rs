//! A request, written out as a curl command that sends exactly the same.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::target::Address;
use crate::view::http::Message;
use crate::view::http::is_framing;
use crate::view::safe::is_hidden;

/// Some systems take no argument above 128 KiB; a longer body comes through a pipe.
const LONGEST_ARGUMENT: usize = 100_000;

/// A run of one letter from this length on is not written out.
const LONG_RUN: usize = 4096;

/// Above this curl asks first (`Expect: 100-continue`).
const ASKS_FIRST: usize = 1 << 20;

/// The command, for a shell. Nothing in the request can break out of its quotes.
///
/// Header lines keep their order and repeats; what curl would add by itself is suppressed. A body of plain text is
/// an argument, any other comes through a pipe.
#[must_use]
pub fn as_curl(message: &Message<'_>) -> String {
    let mut words = vec!["curl".to_owned()];
    words.extend(place(message));
    words.extend(headers(message));
    let text = str::from_utf8(message.body).ok();
    let plain = text.filter(|text| text.len() <= LONGEST_ARGUMENT && is_plain(text));
    if !message.has_body() {
        return words.join(" \\\n  ");
    }
    // `--data-raw`, unlike `--data-binary`, does not take a body that starts with `@` for the name of a file.
    words.push(plain.map_or("--data-binary @-".to_owned(), |text| format!("--data-raw {}", quoted(text.as_bytes()))));
    let command = words.join(" \\\n  ");
    match plain {
        Some(_) => command,
        None => format!("{} |\n{command}", source(message.body)),
    }
}

/// A command that prints the body. The shell makes a long run of one letter, so that a large body can be read.
fn source(body: &[u8]) -> String {
    let text = |part| str::from_utf8(part).is_ok_and(|text| text.len() <= LONGEST_ARGUMENT && is_plain(text));
    match long_run(body) {
        Some((before, run, after)) if text(before) && text(after) => {
            let letter = run.first().map_or(' ', |byte| char::from(*byte));
            let [before, after] = [before, after].map(quoted);
            let length = run.len();
            format!("{{ printf %s {before}; head -c {length} /dev/zero | tr '\\0' {letter}; printf %s {after}; }}")
        }
        _ => format!("printf %s '{}' | base64 -d", STANDARD.encode(body)),
    }
}

/// What stands before the first long run of one letter or digit, the run, and what stands behind it.
fn long_run(body: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut start = 0;
    for run in body.chunk_by(|one, next| one == next) {
        if run.len() >= LONG_RUN && run.first().is_some_and(u8::is_ascii_alphanumeric) {
            return Some((body.get(..start)?, run, body.get(start + run.len()..)?));
        }
        start += run.len();
    }
    None
}

/// Method and URL, with the switches that keep curl from changing them.
fn place(message: &Message<'_>) -> Vec<String> {
    let method = match message.method {
        // `-X HEAD` would wait for a body that never comes.
        "HEAD" => "--head".to_owned(),
        method => format!("-X {}", quoted(method.as_bytes())),
    };
    let (socket, url) = match &message.to.address {
        Address::Unix(path) => {
            (Some(format!("--unix-socket {}", quoted(path.as_bytes()))), format!("http://localhost{}", message.target))
        }
        Address::Tcp { .. } => (None, message.url()),
    };
    let switch = |needed: bool, word: &str| needed.then(|| word.to_owned());
    let verbatim = switch(message.target.contains("/."), "--path-as-is");
    let literal = switch(url.contains(['[', ']', '{', '}']), "--globoff");
    let words = [Some(method), verbatim, literal, socket, Some(quoted(url.as_bytes()))];
    words.into_iter().flatten().collect()
}

fn headers(message: &Message<'_>) -> Vec<String> {
    let authority = message.to.authority();
    let own_host = |name: &[u8], value: &[u8]| name.eq_ignore_ascii_case(b"host") && value == authority.as_bytes();
    let stated = message.headers.iter().filter(|(name, value)| !is_framing(name) && !own_host(name, value));
    let mut words: Vec<_> = stated
        .map(|(name, value)| {
            // `Name;` is curl's way to write a header without a value; `Name:` would leave it out.
            let line = if value.is_empty() { [name, b";"].concat() } else { [name, b": ", value].concat() };
            format!("-H {}", quoted(&line))
        })
        .collect();
    let added = [
        ("Accept", true),
        ("User-Agent", true),
        ("Content-Type", message.has_body()),
        ("Expect", message.body.len() >= ASKS_FIRST),
    ];
    for (name, by_itself) in added {
        if by_itself && !message.headers.has(name) {
            words.push(format!("-H '{name}:'"));
        }
    }
    words
}

/// One word for the shell. Text stands in plain quotes; bytes that do not show need `$'...'`, which bash, zsh and ksh
/// know.
fn quoted(bytes: &[u8]) -> String {
    if let Ok(text) = str::from_utf8(bytes)
        && is_plain(text)
    {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut word = String::from("$'");
    for byte in bytes {
        // Writing to a String cannot fail. Three octal digits end by themselves, so what follows is not swallowed.
        let _ = match byte {
            b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => word.write_char(char::from(*byte)),
            _ => write!(word, "\\{byte:03o}"),
        };
    }
    word.push('\'');
    word
}

/// Whether the text can be read and copied as it is.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Headers;
    use crate::model::Target;
    use proptest::prelude::*;
    use std::process::Command;

    fn command(method: &str, to: &str, headers: &[(&str, &[u8])], body: &[u8]) -> String {
        let to: Target = to.parse().unwrap();
        let mut lines = Headers::new();
        for (name, value) in headers {
            lines.push(name, value).unwrap();
        }
        as_curl(&Message { method, to: &to, target: "/hook?a=1", headers: &lines, body })
    }

    #[test]
    fn a_usual_request_is_easy_to_read() {
        let headers: &[(&str, &[u8])] = &[
            ("Host", b"localhost:3000"),
            ("Content-Type", b"application/json"),
            ("Content-Length", b"7"),
            ("X-Two", b"it's"),
            ("X-Two", b"2"),
            ("X-None", b""),
        ];
        assert_eq!(
            command("POST", "3000", headers, b"{\"a\":1}"),
            "curl \\\n  -X 'POST' \\\n  'http://localhost:3000/hook?a=1' \\\n  -H 'Content-Type: application/json' \\\n  -H 'X-Two: it'\\''s' \\\n  -H 'X-Two: 2' \\\n  -H 'X-None;' \\\n  -H 'Accept:' \\\n  -H 'User-Agent:' \\\n  --data-raw '{\"a\":1}'"
        );
    }

    #[test]
    fn what_curl_would_change_is_held_back() {
        let get = command("GET", "unix:/run/it's.sock", &[("Host", b"other")], b"");
        assert!(
            get.contains("--unix-socket '/run/it'\\''s.sock'") && get.contains("'http://localhost/hook?a=1'"),
            "{get}"
        );
        assert!(get.contains("-H 'Host: other'") && !get.contains("--data") && !get.contains("Content-Type"), "{get}");
        assert!(command("HEAD", "3000", &[], b"").contains("--head"));
        assert!(command("POST", "[::1]:3000", &[], b"").contains("--globoff"));
        assert!(command("POST", "3000", &[], b"").contains("--data-raw ''"));
        assert!(command("POST", "3000", &[], b"@/etc/passwd").contains("--data-raw '@/etc/passwd'"));
        assert!(!command("POST", "http://user:pw@h", &[], b"").contains('@'));
        assert!(command("POST", "3000", &[("X-Latin", b"caf\xe9's")], b"").contains("-H $'X-Latin: caf\\351\\047s'"));
        let large = command("POST", "3000", &[], &b"x".repeat(ASKS_FIRST));
        assert!(large.starts_with("{ printf %s ''; head -c 1048576 /dev/zero | tr '\\0' x; printf %s ''; } |\ncurl"));
        assert!(large.contains("-H 'Expect:'") && large.ends_with("--data-binary @-"), "{large}");
    }

    /// What a shell makes of the command's words; `curl` itself is replaced.
    fn words_in_a_shell(command: &str) -> Vec<Vec<u8>> {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
        let out = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
        out.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn a_body_through_a_pipe_arrives_whole() {
        let run = "y".repeat(LONGEST_ARGUMENT + 1);
        for body in [
            &b"\0\xff"[..],
            run.as_bytes(),
            format!("{{'a':\"{run}{}\"}}\n", "z".repeat(LONG_RUN)).as_bytes(),
            format!("-é%s\\{run}'").as_bytes(),
        ] {
            let script = format!("curl() {{ cat; }}\n{}", command("POST", "3000", &[], body));
            let out = Command::new("bash").args(["-c", &script]).output().unwrap();
            assert!(out.status.success() && out.stdout == body, "{script}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_shell_hands_over_every_byte(body in "[ -~\n\té🚀]{1,40}", value in prop::collection::vec(0x21_u8..=0xff, 1..20)) {
            let value: Vec<u8> = value.into_iter().filter(|byte| *byte != 0x7f).collect();
            prop_assume!(!value.is_empty());
            let words = words_in_a_shell(&command("POST", "3000", &[("X-A", &value)], body.as_bytes()));
            prop_assert!(words.contains(&body.clone().into_bytes()), "{body:?}");
            prop_assert!(words.contains(&[b"X-A: ", &value[..]].concat()), "{value:?}");
        }
    }
}
