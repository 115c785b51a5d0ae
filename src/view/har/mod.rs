//! Events as an HTTP Archive (HAR 1.2).

mod read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use crate::model::Event;
use crate::model::Target;
use crate::view::http::Message;
use crate::view::lines::VerdictLine;
use crate::view::lines::pairs;

pub use crate::view::har::read::entries_of_har;
pub(super) use crate::view::har::read::place;

/// An archive with one entry for each event, as if sent to `to`. What was answered is not part of an event: the
/// response is the empty one of status 0, as browsers write it for a request without an answer.
#[must_use]
pub fn as_har<'a>(events: impl IntoIterator<Item = &'a Event>, to: &Target) -> Value {
    let entries: Vec<_> = events.into_iter().map(|event| har_entry(event, to)).collect();
    json!({"log": {"version": "1.2", "creator": creator(), "entries": entries}})
}

/// What stands before the entries of an archive that is written bit by bit, and what stands behind them.
#[must_use]
pub fn har_frame() -> (String, &'static str) {
    (format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{},\"entries\":[", creator()), "]}}")
}

fn creator() -> Value {
    json!({"name": "whk", "version": env!("CARGO_PKG_VERSION")})
}

/// One entry of an archive.
#[must_use]
pub fn har_entry(event: &Event, to: &Target) -> Value {
    let message = Message::captured(event, to);
    let mut request = json!({
        "method": message.method,
        "url": message.url(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": named(pairs(message.headers)),
        "queryString": named(query(event.request.query().unwrap_or_default())),
        "headersSize": -1,
        "bodySize": message.body.len(),
    });
    if !message.body.is_empty()
        && let Some(fields) = request.as_object_mut()
    {
        fields.insert("postData".to_owned(), post_data(&message));
    }
    json!({
        "startedDateTime": event.request.received_at.to_string(),
        "time": 0,
        "request": request,
        "response": {
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_id": event.id.to_string(),
        "_app": event.app.as_str(),
        "_event_type": event.event_type,
        "_verdict": event.verdict.as_ref().map(VerdictLine::from),
    })
}

/// The format has no word for a posted body that is not text; `encoding` is the one it has for answers.
fn post_data(message: &Message<'_>) -> Value {
    let kind = message.headers.text("content-type").unwrap_or("application/octet-stream");
    match str::from_utf8(message.body) {
        Ok(text) => json!({"mimeType": kind, "params": [], "text": text}),
        Err(_) => json!({"mimeType": kind, "params": [], "text": STANDARD.encode(message.body), "encoding": "base64"}),
    }
}

/// Names and values of a query, as they are written: what a percent sign means is for the reader to say.
fn query(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

fn named(pairs: Vec<(String, String)>) -> Vec<Value> {
    pairs.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::event_from_json;

    fn archive(fields: &str) -> Value {
        let id = EventId::from_bytes([1; 20]);
        let event = event_from_json(&format!("{{\"id\":\"{id}\",{fields}}}")).unwrap();
        as_har([&event], &"4400".parse().unwrap())
    }

    #[test]
    fn an_archive_has_what_the_format_wants() {
        let har = archive(
            r#""path":"/a","query":"x=1&y&z=%20=","headers":[["X-Two","1"],["X-Two","2"],["Content-Type","text/plain"]],"body":"hé""#,
        );
        let entry = &har["log"]["entries"][0];
        let request = &entry["request"];
        assert_eq!((&har["log"]["version"], &har["log"]["creator"]["name"]), (&json!("1.2"), &json!("whk")));
        assert_eq!(request["url"], "http://localhost:4400/in/default/a?x=1&y&z=%20=");
        assert_eq!(request["headers"][1], json!({"name": "X-Two", "value": "2"}));
        assert_eq!(
            request["queryString"],
            json!([{"name": "x", "value": "1"}, {"name": "y", "value": ""}, {"name": "z", "value": "%20="}])
        );
        assert_eq!(request["postData"], json!({"mimeType": "text/plain", "params": [], "text": "hé"}));
        for field in ["startedDateTime", "time", "response", "cache", "timings"] {
            assert!(!entry[field].is_null(), "{field}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_encoded_and_an_empty_body_is_left_out() {
        let binary = archive(r#""body_b64":"AP8=""#);
        assert_eq!(binary["log"]["entries"][0]["request"]["postData"]["text"], "AP8=");
        assert_eq!(binary["log"]["entries"][0]["request"]["postData"]["encoding"], "base64");
        assert_eq!(archive("\"method\":\"GET\"")["log"]["entries"][0]["request"].get("postData"), None);
    }
}
