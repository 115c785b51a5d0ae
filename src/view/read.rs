//! Reads an event, or a request, back from the line it was shown as.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::AppName;
use crate::model::AppNameError;
use crate::model::CapturedRequest;
use crate::model::Event;
use crate::model::EventId;
use crate::model::HeaderError;
use crate::model::Headers;
use crate::model::IdError;
use crate::model::Marks;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::model::time::TimeError;
use crate::view::lines::bytes;

/// Why a line is no event.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// It is not JSON, or a field has the wrong type.
    #[error("this is no event line: {0}")]
    Json(#[source] serde_json::Error),
    /// It is a line of another type.
    #[error("this line has the type \"{0}\", not \"event\"")]
    Other(String),
    /// The id is not one of an event.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The app's name cannot be one.
    #[error(transparent)]
    App(#[from] AppNameError),
    /// A header cannot be one.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `received_at` is no time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// `body_b64` is not Base64.
    #[error("body_b64 is not Base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// The method or the path has characters that no request has.
    #[error("{0:?} cannot be the {1} of a request")]
    Request(String, &'static str),
}

/// Only the id is needed; a field that is not there or not known is no error.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: String,
    app: Option<String>,
    event_type: Option<String>,
    method: Option<String>,
    path: Option<String>,
    query: Option<String>,
    headers: Option<Vec<(String, String)>>,
    body_b64: Option<String>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    verdict: Option<VerdictFields>,
    received_at: Option<String>,
}

/// What tells lines apart.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    name: Option<String>,
}

/// A `request` line: what would be sent.
#[derive(Deserialize)]
struct Sent<'a> {
    url: String,
    method: Option<String>,
    headers: Vec<(String, String)>,
    body_b64: Option<String>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// The request that a line shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The event's id, if it is an event.
    pub id: Option<EventId>,
    /// The request.
    pub request: CapturedRequest,
    /// Where it goes, if the line says so.
    pub url: Option<String>,
}

#[derive(Deserialize)]
struct VerdictFields {
    ok: bool,
    #[serde(default)]
    scheme: String,
    reason: Option<String>,
}

/// Reads one line of `whk events list --output json` and its like.
///
/// `body_b64` counts before `body`; a `body` that is not a string counts as the JSON it is.
///
/// # Errors
/// If it is not the JSON of an event, or a field cannot be what it says.
pub fn event_from_json(line: &str) -> Result<Event, ViewError> {
    let line: Line<'_> = serde_json::from_str(line).map_err(ViewError::Json)?;
    if let Some(other) = line.kind.filter(|kind| kind != "event") {
        return Err(ViewError::Other(other));
    }
    let app: AppName = line.app.map_or_else(|| Ok(AppName::default()), |app| app.parse())?;
    let mut headers = Headers::new();
    for (name, value) in line.headers.into_iter().flatten() {
        headers.push(bytes(&name), bytes(&value))?;
    }
    let verdict = line.verdict.map(|own| Verdict { ok: own.ok, scheme: own.scheme, reason: own.reason });
    let request = CapturedRequest {
        method: method(line.method)?,
        target: target(&app, &line.path.unwrap_or_default(), &line.query.unwrap_or_default())?,
        headers,
        body: body(line.body_b64, line.body)?,
        remote: String::new(),
        received_at: line.received_at.map_or(Ok(Timestamp::default()), |at| at.parse())?,
    };
    let (id, event_type) = (line.id.parse()?, line.event_type.unwrap_or_default());
    Ok(Event { id, app, event_type, verdict, request, marks: Marks::default() })
}

/// Reads the request of an `event` or a `request` line; `None` if the line is of another type.
///
/// # Errors
/// If it is no JSON object, or a field cannot be what it says.
pub fn shown_from_json(line: &str) -> Result<Option<Shown>, ViewError> {
    let kind: Kind = serde_json::from_str(line).map_err(ViewError::Json)?;
    match kind.name.as_deref() {
        None | Some("event") => {
            let Event { id, request, .. } = event_from_json(line)?;
            Ok(Some(Shown { id: Some(id), request, url: None }))
        }
        Some("request") => sent(line).map(Some),
        Some(_) => Ok(None),
    }
}

fn sent(line: &str) -> Result<Shown, ViewError> {
    let line: Sent<'_> = serde_json::from_str(line).map_err(ViewError::Json)?;
    let mut headers = Headers::new();
    for (name, value) in &line.headers {
        headers.push(bytes(name), bytes(value))?;
    }
    let rest = line.url.split_once("://").map_or(line.url.as_str(), |(_, rest)| rest);
    let target = rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or("/").to_owned();
    if target.bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Err(ViewError::Request(target, "path"));
    }
    let request = CapturedRequest {
        method: method(line.method)?,
        target,
        headers,
        body: body(line.body_b64, line.body)?,
        remote: String::new(),
        received_at: Timestamp::default(),
    };
    Ok(Shown { id: None, request, url: Some(line.url) })
}

fn method(text: Option<String>) -> Result<String, ViewError> {
    let method = text.unwrap_or_else(|| "POST".to_owned());
    let fits = !method.is_empty() && method.bytes().all(crate::model::headers::is_token);
    if fits { Ok(method) } else { Err(ViewError::Request(method, "method")) }
}

/// The whole target. A path of `/` is what an inbox without a path shows.
fn target(app: &AppName, path: &str, query: &str) -> Result<String, ViewError> {
    let shown = if path == "/" { "" } else { path };
    let slash = if shown.is_empty() || shown.starts_with('/') { "" } else { "/" };
    let mark = if query.is_empty() { "" } else { "?" };
    let target = format!("/in/{app}{slash}{shown}{mark}{query}");
    let astray = path.contains('?') || target.bytes().any(|b| b <= b' ' || b == 0x7f);
    if astray { Err(ViewError::Request(format!("{path}{mark}{query}"), "path")) } else { Ok(target) }
}

fn body(encoded: Option<String>, shown: Option<&RawValue>) -> Result<Bytes, ViewError> {
    if let Some(encoded) = encoded {
        return Ok(STANDARD.decode(encoded)?.into());
    }
    Ok(match shown.map(RawValue::get) {
        None | Some("null") => Bytes::new(),
        Some(text) if text.starts_with('"') => serde_json::from_str::<String>(text).map_err(ViewError::Json)?.into(),
        Some(json) => json.to_owned().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::lines::EventLine;
    use crate::view::lines::line;
    use proptest::prelude::*;

    fn id() -> String {
        EventId::from_bytes([7; 20]).to_string()
    }

    #[test]
    fn only_the_id_is_needed() {
        let event = event_from_json(&format!("{{\"id\":\"{}\",\"later\":[1]}}", id())).unwrap();
        assert_eq!((event.app.as_str(), event.request.method.as_str()), ("default", "POST"));
        assert_eq!((event.request.target.as_str(), event.inbox_path()), ("/in/default", ""));
        assert!(event.request.body.is_empty() && event.request.headers.is_empty() && event.verdict.is_none());
    }

    #[test]
    fn the_bytes_count_before_the_text() {
        let read = |fields: &str| event_from_json(&format!("{{\"id\":\"{}\",{fields}}}", id())).unwrap().request.body;
        assert_eq!(&read(r#""body_b64":"AP8=","body":"x""#)[..], b"\x00\xff");
        assert_eq!(&read(r#""body_b64":null,"body":"a\nb""#)[..], b"a\nb");
        assert_eq!(&read(r#""body":{"n": 1.0}"#)[..], b"{\"n\": 1.0}");
        assert_eq!(&read(r#""body":null"#)[..], b"");
    }

    #[test]
    fn a_request_that_would_be_sent_is_read_back_and_other_lines_are_passed_over() {
        let line =
            r#"{"type":"request","method":"PUT","url":"http://h:1/a?b","headers":[["A","é"]],"body_b64":"AA=="}"#;
        let shown = shown_from_json(line).unwrap().unwrap();
        assert_eq!((shown.request.target.as_str(), shown.request.method.as_str()), ("/a?b", "PUT"));
        assert_eq!((shown.url.as_deref(), &shown.request.body[..]), (Some("http://h:1/a?b"), &b"\x00"[..]));
        assert_eq!(shown.request.headers.value("a"), Some(&b"\xe9"[..]));
        assert_eq!(shown_from_json(r#"{"type":"ready","url":"x"}"#).unwrap(), None);
        let event = format!("{{\"id\":\"{}\"}}", id());
        assert_eq!(shown_from_json(&event).unwrap().unwrap().id.unwrap().to_string(), id());
        for line in ["", "[1]", "{}", r#"{"type":"request"}"#, r#"{"type":"request","url":"/ x","headers":[]}"#] {
            assert!(shown_from_json(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let id = id();
        for (fields, why) in [
            (r#""type":"attempt""#, "type \"attempt\""),
            (r#""app":"../x""#, "cannot name an app"),
            (r#""method":"PO ST""#, "method"),
            (r#""path":"/a b""#, "path"),
            (r#""path":"/a?b""#, "path"),
            (r#""query":"a\r\nX: y""#, "path"),
            (r#""headers":[["X-A","1\r\nX-B: 2"]]"#, "control character"),
            (r#""headers":[["X"]]"#, "no event line"),
            (r#""body_b64":"?""#, "Base64"),
            (r#""received_at":"soon""#, "no time"),
            (r#""id":"again""#, "no event line"),
        ] {
            let error = event_from_json(&format!("{{\"id\":\"{id}\",{fields}}}")).unwrap_err().to_string();
            assert!(error.contains(why), "{fields}: {error}");
        }
        for line in ["", "{not json", "[]", "{}", "{\"id\":\"msg_1\"}", "null"] {
            assert!(event_from_json(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_line_has_the_fields_that_scripts_rely_on() {
        let event = event_from_json(&format!(
            r#"{{"id":"{}","app":"a","event_type":"t","method":"PUT","path":"/p","query":"q=1","headers":[["A","b"]],"body":"x",
            "verdict":{{"ok":false,"scheme":"s","reason":"r"}},"received_at":"2026-01-02T03:04:05.006Z"}}"#,
            id()
        ));
        let shown = line(&EventLine::from(&event.unwrap())).unwrap();
        assert_eq!(
            shown,
            format!(
                r#"{{"type":"event","id":"{}","app":"a","event_type":"t","method":"PUT","path":"/p","query":"q=1","headers":[["A","b"]],"body_b64":"eA==","body":"x","verdict":{{"ok":false,"scheme":"s","reason":"r"}},"received_at":"2026-01-02T03:04:05.006Z"}}"#,
                id()
            )
        );
    }

    prop_compose! {
        fn any_event()(
            id: [u8; 20], app in "[a-z]{1,8}", event_type: String, method in "[A-Z]{1,7}", path in "(/[!-~&&[^?]]{1,9})?",
            query in "([?][!-~]{1,9})?", headers in prop::collection::vec(("[A-Za-z-]{1,9}", prop::collection::vec(0x20_u8..=0xff, 0..12)), 0..5),
            body: Vec<u8>, verdict in prop::option::of((any::<bool>(), any::<String>(), prop::option::of(any::<String>()))),
            at in 0_i64..4_000_000_000_000,
        ) -> Event {
            let mut lines = Headers::new();
            for (name, value) in headers {
                let value: Vec<u8> = value.into_iter().filter(|b| *b != 0x7f).collect();
                lines.push(name, value.trim_ascii()).unwrap();
            }
            let request = CapturedRequest {
                method, target: format!("/in/{app}{path}{query}"), headers: lines, body: body.into(),
                remote: String::new(), received_at: Timestamp::from_millis(at),
            };
            let verdict = verdict.map(|(ok, scheme, reason)| Verdict { ok, scheme, reason });
            Event { id: EventId::from_bytes(id), app: app.parse().unwrap(), event_type, verdict, request, marks: Marks::default() }
        }
    }

    proptest! {
        #[test]
        fn an_event_is_read_back_from_its_line(event in any_event()) {
            let shown = line(&EventLine::from(&event)).unwrap();
            prop_assert_eq!(event_from_json(&shown).unwrap(), event);
        }

        #[test]
        fn no_line_breaks_the_reader(line in "\\PC{0,60}") {
            let _ = event_from_json(&line);
            let _ = shown_from_json(&line);
        }
    }
}
