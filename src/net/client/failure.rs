//! Failures in words that are safe to print: what a server sent can be part of them.

use std::io;

use crate::model::attempt::{Failure, FailureKind};

/// A failure; control characters and everything outside ASCII are made visible.
pub(super) fn failure(kind: FailureKind, message: impl AsRef<str>) -> Failure {
    let plain = |c: char| c.is_ascii() && !c.is_ascii_control();
    let mut safe = String::with_capacity(message.as_ref().len());
    for c in message.as_ref().chars() {
        if plain(c) { safe.push(c) } else { safe.extend(c.escape_default()) }
    }
    Failure { kind, message: safe }
}

/// The connection ended while `when`.
pub(super) fn closed(why: Option<&io::Error>, when: &str) -> Failure {
    let how = match why.map(io::Error::kind) {
        None | Some(io::ErrorKind::UnexpectedEof) => "closed".to_owned(),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => "reset".to_owned(),
        Some(_) => why.map_or_else(String::new, |why| format!("lost ({why})")),
    };
    failure(FailureKind::Closed, format!("the connection was {how} {when}"))
}

/// What came back is no HTTP.
pub(super) fn malformed(what: impl AsRef<str>) -> Failure {
    failure(FailureKind::Malformed, what)
}

/// What came back does not even begin like HTTP: the first bytes often tell what it is.
pub(super) fn not_http(bytes: &[u8]) -> Failure {
    if matches!(bytes, [0x15 | 0x16, 0x03, ..]) {
        return malformed("the target speaks TLS: use https://");
    }
    let shown = bytes.get(..24).unwrap_or(bytes).escape_ascii();
    malformed(format!("the answer is not HTTP, it begins with \"{shown}\" (is it the right port?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_gets_into_a_message() {
        let why = not_http(b"\x1b[2J\x07\xff\"abc");
        assert!(why.message.contains(r#""\x1b[2J\x07\xff\"abc""#), "{why}");
        assert_eq!(malformed("a\u{9b}31m\n").message, r"a\u{9b}31m\n");
        assert!(not_http(b"\x15\x03\x01").message.contains("https://"));
    }
}
