//! Readers for flags, worded so that clap can name the flag in front.

use std::time::Duration;

use crate::cli::error::CliError;
use crate::model::Headers;
use crate::policy::span;
use crate::relay::options::Canned;

/// `30s`, `5m`, `1h30m`; a bare number is seconds.
///
/// # Errors
/// If it is no time.
pub fn duration(text: &str) -> Result<Duration, String> {
    span::duration(text).map_err(|why| why.to_string())
}

/// A time to wait, or `none`; checked here, read from the settings later.
///
/// # Errors
/// If it is neither, or zero.
pub fn checked_timeout(text: &str) -> Result<String, String> {
    unless_none(text, span::positive_duration).map(|_| text.to_owned()).map_err(|why| why.to_string())
}

/// A size; checked here, read from the settings later.
///
/// # Errors
/// If it is no size.
pub fn checked_size(text: &str) -> Result<String, String> {
    span::size(text).map(|_| text.to_owned()).map_err(|why| why.to_string())
}

/// `none`, or what `read` makes of it.
///
/// # Errors
/// What `read`'s are.
pub fn unless_none<T, E>(text: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if text.eq_ignore_ascii_case("none") { Ok(None) } else { read(text).map(Some) }
}

/// `503,delay=2s,first=2`.
///
/// # Errors
/// If a part cannot be read.
pub fn canned(text: &str) -> Result<Canned, String> {
    let mut parts = text.split(',');
    let status = parts.next().unwrap_or_default();
    let status = status.parse().ok().filter(|status| (200..=599).contains(status));
    let mut canned = Canned {
        status: status.ok_or("must begin with a status from 200 to 599, as in 503,delay=2s,first=2")?,
        delay: Duration::ZERO,
        first: None,
    };
    for part in parts {
        match part.split_once('=') {
            Some(("delay", time)) => canned.delay = duration(time)?,
            Some(("first", count)) => {
                canned.first = Some(count.parse().map_err(|_| format!("first={count} is no number"))?);
            }
            _ => return Err(format!("\"{part}\" is neither delay=TIME nor first=N")),
        }
    }
    Ok(canned)
}

/// Lines that a person gave with `-H`; those that frame a message are ours to set.
///
/// # Errors
/// If one is not `Name: value`, or is set by whk itself.
pub fn headers(lines: &[String]) -> Result<Headers, CliError> {
    let mut headers = Headers::new();
    for line in lines {
        headers.push_line(line).map_err(|why| CliError::usage(format!("-H: {why}")))?;
    }
    for name in ["content-length", "transfer-encoding", "connection"] {
        if headers.has(name) {
            return Err(CliError::usage(format!("-H: {name} is set by whk, so that the message stays whole")));
        }
    }
    Ok(headers)
}

/// An origin as browsers write it.
///
/// # Errors
/// If it is none, or has a path.
pub fn origin(text: &str) -> Result<String, String> {
    let place = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let fits = place.is_some_and(|place| {
        !place.is_empty() && !place.contains(|c: char| "/*;,'\"".contains(c) || c.is_whitespace() || c.is_control())
    });
    if fits { Ok(text.to_owned()) } else { Err("must be like https://app.example.com, with no path".to_owned()) }
}

/// How often two ends of a tunnel ask each other: a time that both can keep.
///
/// # Errors
/// If it is no time, or too short or too long.
pub fn heartbeat(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    let fits = (Duration::from_millis(100)..=Duration::from_secs(60)).contains(&time);
    if fits { Ok(time) } else { Err("must be from 100ms to 1m".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canned_answer_has_a_status_and_may_have_a_delay_and_a_count() {
        let all = canned("503,delay=2s,first=2").unwrap();
        assert_eq!(all, Canned { status: 503, delay: Duration::from_secs(2), first: Some(2) });
        assert_eq!(canned("418").unwrap().first, None);
        for bad in ["", "99", "600", "x", "503,dealy=1s", "503,first=x"] {
            assert!(canned(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn header_lines_that_frame_a_message_are_refused() {
        for bad in [
            "NoColon",
            ": x",
            "A\u{1}: b",
            "Content-Length: 5",
            "Transfer-Encoding: chunked",
            "Connection: close",
            "X: a\nY: b",
        ] {
            assert!(headers(&[bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(headers(&["X-A: a, b: c".to_owned()]).is_ok());
    }
}
