//! The NDJSON lines that scripts rely on, and how they are written.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::model::Attempt;
use crate::model::Event;
use crate::model::Headers;
use crate::model::Verdict;
use crate::view::http::Message;
use crate::view::safe::is_hidden;

/// An event as scripts see it; [`crate::view::event_from_json`] reads it back.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "event")]
pub struct EventLine<'a> {
    /// `msg_...`.
    pub id: String,
    /// The app's name.
    pub app: &'a str,
    /// Its type, empty if it has none.
    pub event_type: &'a str,
    /// The method of its request.
    pub method: &'a str,
    /// The path under the inbox; `/` if there is none.
    pub path: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// Name and value of each header line.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body_b64: String,
    /// The body if it is UTF-8.
    pub body: Option<&'a str>,
    /// What was found out about its signature, if anybody looked.
    pub verdict: Option<VerdictLine<'a>>,
    /// When its last byte was read.
    pub received_at: String,
}

/// What was found out about a signature.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct VerdictLine<'a> {
    /// Whether it is right.
    pub ok: bool,
    /// The scheme it was judged by.
    pub scheme: &'a str,
    /// Why it is not right.
    pub reason: Option<&'a str>,
}

/// An attempt as scripts see it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "attempt")]
pub struct AttemptLine<'a> {
    /// `atmpt_...`.
    pub id: String,
    /// The event that was sent.
    pub event_id: String,
    /// The endpoint it was sent to.
    pub endpoint_id: String,
    /// The how manieth of its delivery, from 1.
    pub number: u32,
    /// Where it was sent, without a password.
    pub url: &'a str,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<ErrorLine<'a>>,
    /// How long it took.
    pub duration_ms: u64,
    /// Name and value of each header line of the answer.
    pub response_headers: Vec<(String, String)>,
    /// The answer's body, as far as it was kept.
    pub response_body_b64: String,
    /// When the next attempt is due, if there will be one.
    pub next_attempt_at: Option<String>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ErrorLine<'a> {
    /// The kind's code, such as `refused`.
    pub kind: &'static str,
    /// What happened, in words.
    pub message: &'a str,
}

/// A request that would be sent.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "request")]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL, without a password.
    pub url: String,
    /// Name and value of each header line.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body_b64: String,
    /// The body if it is UTF-8.
    pub body: Option<&'a str>,
}

/// A value as one line of NDJSON, without the line break.
///
/// Characters that a terminal would act on, or that some reader takes for the end of a line, are written as `\u....`,
/// so the line means the same and may be printed anywhere.
///
/// # Errors
/// If the value cannot be JSON, such as a map whose keys are not strings.
pub fn line(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Visible))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

impl<'a> From<&'a Event> for EventLine<'a> {
    fn from(event: &'a Event) -> Self {
        let request = &event.request;
        let path = event.inbox_path();
        Self {
            id: event.id.to_string(),
            app: event.app.as_str(),
            event_type: &event.event_type,
            method: &request.method,
            path: if path.is_empty() { "/" } else { path },
            query: request.query().unwrap_or_default(),
            headers: pairs(&request.headers),
            body_b64: STANDARD.encode(&request.body),
            body: str::from_utf8(&request.body).ok(),
            verdict: event.verdict.as_ref().map(VerdictLine::from),
            received_at: request.received_at.to_string(),
        }
    }
}

impl<'a> From<&'a Verdict> for VerdictLine<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        Self { ok: verdict.ok, scheme: &verdict.scheme, reason: verdict.reason.as_deref() }
    }
}

impl<'a> From<&'a Attempt> for AttemptLine<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let response = attempt.outcome.as_ref().ok();
        let failure = attempt.outcome.as_ref().err();
        Self {
            id: attempt.id.to_string(),
            event_id: attempt.event.to_string(),
            endpoint_id: attempt.endpoint.to_string(),
            number: attempt.number,
            url: &attempt.url,
            status: attempt.status(),
            error: failure.map(|failure| ErrorLine { kind: failure.kind.code(), message: &failure.message }),
            duration_ms: u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
            response_headers: response.map(|response| pairs(&response.headers)).unwrap_or_default(),
            response_body_b64: response.map(|response| STANDARD.encode(&response.body)).unwrap_or_default(),
            next_attempt_at: attempt.next_attempt_at.map(|at| at.to_string()),
        }
    }
}

impl<'a> From<&Message<'a>> for RequestLine<'a> {
    fn from(message: &Message<'a>) -> Self {
        Self {
            method: message.method,
            url: message.to.url(message.target),
            headers: pairs(message.headers),
            body_b64: STANDARD.encode(message.body),
            body: str::from_utf8(message.body).ok(),
        }
    }
}

/// Name and value of each line as text; each byte that is not ASCII is a character of its own, so that it can be read back.
#[must_use]
pub fn pairs(headers: &Headers) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (text(name), text(value))).collect()
}

/// Bytes as text that [`bytes`] turns back into exactly these bytes: each byte is the character of its number
/// (Latin-1), but where UTF-8 has characters that Latin-1 has not, it is read as UTF-8.
fn text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() || text.chars().any(|c| c > '\u{ff}') => text.to_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The bytes of a name or a value that [`pairs`] showed like this.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    let latin: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    latin.unwrap_or_else(|_| text.as_bytes().to_vec())
}

/// Compact JSON with everything hidden spelled out.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = fragment;
        while let Some((place, c)) = plain.char_indices().find(|(_, c)| is_hidden(*c)) {
            let (before, rest) = plain.split_at(place);
            writer.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(plain.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn header_bytes_are_read_back_exactly(value: Vec<u8>, utf8: String) {
            prop_assert_eq!(bytes(&text(&value)), value);
            prop_assert_eq!(bytes(&text(utf8.as_bytes())), utf8.as_bytes());
        }

        #[test]
        fn a_line_hides_nothing_and_means_the_same(value in "[\\PC\\x00-\\x1f\\x7f-\\x9f\u{61c}\u{200b}-\u{206f}\u{e0041}\"\\\\]{0,40}") {
            let line = line(&value).unwrap();
            prop_assert!(!line.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), value);
        }
    }

    #[test]
    fn header_text_is_readable_where_it_can_be() {
        assert_eq!(text(b"caf\xe9"), "caf\u{e9}");
        assert_eq!(text("日本".as_bytes()), "日本");
        assert_eq!(text("é".as_bytes()), "\u{c3}\u{a9}");
    }
}
