//! The request that turns a connection into a WebSocket, and its answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::model::{CapturedRequest, Headers};

/// What is hashed with the key of the client, by the standard.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What a client sends to see that it is understood.
#[derive(Clone, Debug)]
pub struct Key(String);

impl Key {
    /// A key of chance.
    #[must_use]
    pub fn new(chance: u128) -> Self {
        Self(STANDARD.encode(chance.to_be_bytes()))
    }

    /// The header lines of the request.
    #[must_use]
    pub fn headers(&self) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", &self.0),
        ] {
            // The lines are ours and well formed.
            drop(headers.push(name, value));
        }
        headers
    }

    /// Whether these are the header lines of an answer to it.
    #[must_use]
    pub fn is_answered_by(&self, headers: &Headers) -> bool {
        headers.text("sec-websocket-accept").is_some_and(|text| text == answer_to(&self.0))
    }
}

/// The header lines of the answer to a request for a WebSocket.
///
/// # Errors
/// What is wrong with it.
pub fn accept(request: &CapturedRequest) -> Result<Headers, &'static str> {
    let says = |name, word: &str| {
        let mut words = request.headers.values(name).flat_map(|value| value.split(|b| *b == b','));
        words.any(|own| own.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    if request.method != "GET" || !says("connection", "upgrade") || !says("upgrade", "websocket") {
        return Err("this path speaks WebSocket: connect with ws:// or wss://");
    }
    if !says("sec-websocket-version", "13") {
        return Err("only version 13 of WebSocket is known here");
    }
    let key = request.headers.text("sec-websocket-key").unwrap_or_default();
    if STANDARD.decode(key).map_or(0, |bytes| bytes.len()) != 16 {
        return Err("Sec-WebSocket-Key must be 16 bytes in base64");
    }
    let mut headers = Headers::new();
    for (name, value) in [("upgrade", "websocket"), ("sec-websocket-accept", &answer_to(key))] {
        // The lines are ours and well formed.
        drop(headers.push(name, value));
    }
    Ok(headers)
}

fn answer_to(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}{GUID}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use bytes::Bytes;

    fn request(lines: &str) -> CapturedRequest {
        let headers = Headers::from_block(Bytes::copy_from_slice(lines.as_bytes())).unwrap();
        let (method, target, remote) = ("GET".to_owned(), "/".to_owned(), String::new());
        CapturedRequest { method, target, headers, body: Bytes::new(), remote, received_at: Timestamp::default() }
    }

    #[test]
    fn the_example_of_the_standard_is_answered_as_it_says() {
        let lines = "Connection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let answer = accept(&request(lines)).unwrap();
        assert_eq!(answer.text("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn a_key_knows_its_answer() {
        let key = Key::new(7);
        let lines = String::from_utf8(key.headers().block().to_vec()).unwrap();
        assert!(key.is_answered_by(&accept(&request(&lines)).unwrap()));
        assert!(!Key::new(8).is_answered_by(&accept(&request(&lines)).unwrap()));
    }

    #[test]
    fn what_is_no_request_for_a_websocket_is_told_why() {
        for (lines, why) in [
            ("", "ws://"),
            ("Connection: Upgrade\r\nUpgrade: h2c\r\n", "ws://"),
            ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n", "version 13"),
            (
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
                "16 bytes",
            ),
        ] {
            assert!(accept(&request(lines)).unwrap_err().contains(why), "{lines}");
        }
    }
}
