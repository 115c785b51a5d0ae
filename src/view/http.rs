//! A request, written out as an HTTP/1.1 message.

use crate::model::Event;
use crate::model::Headers;
use crate::model::Target;

/// A request to be written out.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The method.
    pub method: &'a str,
    /// The server.
    pub to: &'a Target,
    /// The request target: path and query.
    pub target: &'a str,
    /// Every header line.
    pub headers: &'a Headers,
    /// The body's bytes.
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// An event's request as it was received, as if sent to `to`.
    #[must_use]
    pub fn captured(event: &'a Event, to: &'a Target) -> Self {
        let request = &event.request;
        Self { method: &request.method, to, target: &request.target, headers: &request.headers, body: &request.body }
    }

    /// The URL, without user and password: those travel in a header.
    pub(super) fn url(&self) -> String {
        Target { userinfo: None, ..self.to.clone() }.url(self.target)
    }

    /// Whether a request of this sort says how long its body is, even if it is empty.
    pub(super) fn has_body(&self) -> bool {
        !self.body.is_empty() || matches!(self.method, "POST" | "PUT" | "PATCH")
    }
}

/// The bytes that would go over the wire.
///
/// A `Host` is added if there is none. The body is whole, so headers that frame it otherwise give way to its length.
#[must_use]
pub fn as_http(message: &Message<'_>) -> Vec<u8> {
    let Message { method, target, headers, body, .. } = message;
    let mut out = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    if !headers.has("host") {
        out.extend_from_slice(format!("Host: {}\r\n", message.to.authority()).as_bytes());
    }
    let length = body.len().to_string();
    let stated: Vec<_> = headers.values("content-length").collect();
    if stated == [length.as_bytes()] && !headers.has("transfer-encoding") {
        out.extend_from_slice(headers.block());
    } else {
        out.extend_from_slice(headers.without(is_framing).block());
        if message.has_body() {
            out.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// Whether the header says where the body ends.
pub(super) fn is_framing(name: &[u8]) -> bool {
    [&b"content-length"[..], b"transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn written(method: &str, block: &'static str, body: &[u8]) -> String {
        let headers = Headers::from_block(Bytes::from_static(block.as_bytes())).unwrap();
        let to = "http://user:pw@h:81".parse().unwrap();
        let message = Message { method, to: &to, target: "/a?x=1", headers: &headers, body };
        String::from_utf8(as_http(&message)).unwrap()
    }

    #[test]
    fn a_message_is_written_as_it_was_received() {
        let block = "host: Other\r\nX-Two: 1\r\ncontent-length: 3\r\nX-Two:2\r\n";
        assert_eq!(written("POST", block, b"a\nb"), format!("POST /a?x=1 HTTP/1.1\r\n{block}\r\na\nb"));
    }

    #[test]
    fn host_and_length_are_added_where_they_are_missing() {
        assert_eq!(written("POST", "", b"ab"), "POST /a?x=1 HTTP/1.1\r\nHost: h:81\r\nContent-Length: 2\r\n\r\nab");
        assert_eq!(written("PUT", "", b""), "PUT /a?x=1 HTTP/1.1\r\nHost: h:81\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(written("GET", "", b""), "GET /a?x=1 HTTP/1.1\r\nHost: h:81\r\n\r\n");
    }

    #[test]
    fn a_joined_body_is_no_longer_chunked() {
        let chunked = written("POST", "Host: h\r\nTransfer-Encoding: chunked\r\nX: 1\r\n", b"ab");
        assert_eq!(chunked, "POST /a?x=1 HTTP/1.1\r\nHost: h\r\nX: 1\r\nContent-Length: 2\r\n\r\nab");
        let wrong = written("POST", "Host: h\r\nContent-Length: 9\r\n", b"ab");
        assert_eq!(wrong, "POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    }
}
