//! The words of `svix listen`: JSON objects with base64 bodies, a start each way, then events out and answers back.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::{EventId, Headers, Response};
use crate::relay::tunnel::words::Request;

/// The version of these words.
const VERSION: u16 = 1;
/// Lines that this client makes itself.
const OWN: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// What either side says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Word {
    Start { version: u16, data: Start },
    Event { version: u16, data: Event },
}

#[derive(Debug, Serialize, Deserialize)]
struct Start {
    token: String,
}

/// A request if it has a method, an answer if it has a status.
#[derive(Debug, Serialize, Deserialize)]
struct Event {
    id: String,
    body: String,
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

/// The token that a client starts with.
pub(crate) fn token(bytes: &[u8]) -> Option<String> {
    match serde_json::from_slice(bytes).ok()? {
        Word::Start { data, .. } => Some(data.token),
        Word::Event { .. } => None,
    }
}

/// The answer to a start: the name under which senders find the client.
pub(crate) fn started(name: &str) -> Bytes {
    written(&Word::Start { version: VERSION, data: Start { token: name.to_owned() } })
}

/// A request as this client takes it. Lines of one name become one, for it keeps no more.
pub(crate) fn request(request: &Request) -> Bytes {
    let captured = &request.event.request;
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in captured.headers.iter() {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if OWN.contains(&name.as_str()) {
            continue;
        }
        let value = String::from_utf8_lossy(value);
        headers.entry(name).and_modify(|all| *all = format!("{all}, {value}")).or_insert_with(|| value.into_owned());
    }
    let data = Event {
        id: request.event.id.to_string(),
        body: STANDARD.encode(&captured.body),
        headers,
        method: Some(captured.method.clone()),
        status: None,
    };
    written(&Word::Event { version: VERSION, data })
}

/// An answer of this client.
pub(crate) fn answer(bytes: &[u8]) -> Option<(EventId, Response)> {
    let Word::Event { data, .. } = serde_json::from_slice(bytes).ok()? else { return None };
    let status = data.status.filter(|status| (100..=999).contains(status))?;
    let mut headers = Headers::new();
    for (name, value) in data.headers {
        // What cannot be a header line was none.
        drop(headers.push(name, value));
    }
    let body = Bytes::from(STANDARD.decode(data.body).ok()?);
    Some((data.id.parse().ok()?, Response { status, headers, body, truncated: false }))
}

fn written(word: &Word) -> Bytes {
    Bytes::from(serde_json::to_vec(word).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_client() {
        let start = br#"{"type":"start","version":1,"data":{"token":"c_abc"}}"#;
        assert_eq!(token(start).as_deref(), Some("c_abc"));
        assert_eq!(&started("c_abc")[..], start);
        let id = EventId::from_bytes([5; 20]);
        let text = format!(
            r#"{{"type":"event","version":1,"data":{{"id":"{id}","status":201,"body":"b2s=","headers":{{"x-a":"1"}}}}}}"#
        );
        let (read, response) = answer(text.as_bytes()).unwrap();
        assert_eq!((read, response.status, &response.body[..]), (id, 201, &b"ok"[..]));
        assert_eq!(response.headers.text("x-a"), Some("1"));
        for bad in
            [&b"{}"[..], b"", br#"{"type":"event","version":1,"data":{"id":"x","status":1,"body":"","headers":{}}}"#]
        {
            assert!(answer(bad).is_none() && token(bad).is_none());
        }
    }
}
