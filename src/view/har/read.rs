//! The requests of an HTTP Archive, as the fields of event lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The fields of an event line for each entry; what an archive of somebody else does not say is left out.
///
/// # Errors
/// If it is no archive; says which entry.
pub fn entries_of_har(text: &[u8]) -> Result<Vec<Map<String, Value>>, String> {
    let archive: Value = serde_json::from_slice(text).map_err(|why| format!("this is no HTTP Archive: {why}"))?;
    let entries = archive["log"]["entries"].as_array().ok_or("this is no HTTP Archive: it has no log.entries")?;
    let read = |(index, entry)| fields(entry).map_err(|why| format!("entry {}: {why}", index + 1));
    entries.iter().enumerate().map(read).collect()
}

fn fields(entry: &Value) -> Result<Map<String, Value>, String> {
    let request = &entry["request"];
    let url = request["url"].as_str().ok_or("it has no request.url")?;
    let (path, query) = place(url, entry["_app"].as_str());
    let headers = request["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headers: Vec<_> = headers.iter().map(|line| json!([line["name"], line["value"]])).collect();
    let mut fields = Map::new();
    for (name, value) in [
        ("id", &entry["_id"]),
        ("app", &entry["_app"]),
        ("event_type", &entry["_event_type"]),
        ("verdict", &entry["_verdict"]),
        ("method", &request["method"]),
        ("received_at", &entry["startedDateTime"]),
    ] {
        if !value.is_null() {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    fields.insert("path".to_owned(), json!(path));
    fields.insert("query".to_owned(), json!(query));
    fields.insert("headers".to_owned(), Value::Array(headers));
    fields.insert("body_b64".to_owned(), json!(body(&request["postData"])));
    Ok(fields)
}

/// Path and query of a URL; the path under the inbox, if it is one of this app.
pub(in crate::view) fn place<'a>(url: &'a str, app: Option<&str>) -> (&'a str, &'a str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let whole = rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or_default();
    let whole = whole.split('#').next().unwrap_or_default();
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let inbox = app.and_then(|app| path.strip_prefix("/in/")?.strip_prefix(app));
    (inbox.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path), query)
}

fn body(posted: &Value) -> String {
    let text = posted["text"].as_str().unwrap_or_default();
    if posted["encoding"] == "base64" { text.to_owned() } else { STANDARD.encode(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::{EventLine, as_har, event_from_json};

    #[test]
    fn what_was_written_is_read_back() {
        let id = EventId::from_bytes([9; 20]);
        for fields in [
            r#""app":"org_42","event_type":"a.b","path":"/hook","query":"a=1&b=%20","headers":[["X-A","1"],["X-A","é"]],"body":"{\"a\": 1}\r\n","received_at":"2026-01-02T03:04:05.006Z""#,
            r#""method":"GET","verdict":{"ok":false,"scheme":"s","reason":"r"}"#,
            r#""body_b64":"AP8B","path":"/""#,
        ] {
            let event = event_from_json(&format!("{{\"id\":\"{id}\",{fields}}}")).unwrap();
            let text = as_har([&event], &"4400".parse().unwrap()).to_string();
            let read = entries_of_har(text.as_bytes()).unwrap();
            let again = event_from_json(&serde_json::to_string(&read[0]).unwrap()).unwrap();
            assert_eq!(again, event, "{}", serde_json::to_string(&EventLine::from(&event)).unwrap());
        }
    }

    #[test]
    fn an_archive_of_somebody_else_says_less() {
        let text =
            r#"{"log":{"entries":[{"request":{"url":"https://h.example/in/x/hook?y#z","postData":{"text":"hi"}}}]}}"#;
        let read = entries_of_har(text.as_bytes()).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"[{"path":"/in/x/hook","query":"y","headers":[],"body_b64":"aGk="}]"#
        );
        assert!(entries_of_har(b"{}").unwrap_err().contains("log.entries"));
        assert!(entries_of_har(br#"{"log":{"entries":[{}]}}"#).unwrap_err().starts_with("entry 1:"));
        assert!(entries_of_har(b"<a/>").is_err());
    }
}
