//! An answer's head as bytes.

use bytes::{BufMut, BytesMut};

use crate::net::server::{Answer, Body};

/// What the request and the connection say about the answer's form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The request was HTTP/1.0, which knows no chunks.
    pub(super) http10: bool,
    /// The request was HEAD: the answer has a head only.
    pub(super) head_only: bool,
    /// The connection closes after the answer.
    pub(super) close: bool,
}

/// How the body follows the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// Not at all.
    Nothing,
    /// As it is; for a stream, up to the connection's end.
    Plain,
    /// In chunks.
    Chunked,
}

/// Writes the head of `answer`; its framing lines are made here, whatever its headers say.
pub(super) fn head(answer: &Answer, shape: Shape, out: &mut BytesMut) -> Sending {
    // A client would read a 1xx as a promise of another answer, and less than that not at all.
    let status = match &answer.body {
        Body::Upgrade(_) => 101,
        _ if (200..=999).contains(&answer.status) => answer.status,
        _ => 500,
    };
    out.reserve(answer.headers.block().len() + 128);
    out.put_slice(b"HTTP/1.1 ");
    decimal(out, usize::from(status));
    out.put_u8(b' ');
    let fits = |b: &u8| *b >= b' ' && *b != 0x7f;
    match answer.reason.as_deref() {
        Some(reason) if reason.iter().all(fits) => out.put_slice(reason),
        _ => out.put_slice(usual_reason(status).as_bytes()),
    }
    out.put_slice(b"\r\n");
    // The answer to a HEAD may say how long its body would have been.
    let unseen = shape.head_only && matches!(&answer.body, Body::Full(body) if body.is_empty());
    for line in answer.headers.lines() {
        if !is_framing(line) || (unseen && is_length(line)) {
            out.put_slice(line);
        }
    }
    let bodiless = matches!(status, 204 | 304);
    let sending = match &answer.body {
        Body::Upgrade(_) => {
            out.put_slice(b"connection: upgrade\r\n\r\n");
            return Sending::Nothing;
        }
        _ if bodiless => Sending::Nothing,
        Body::Full(body) => {
            if !unseen {
                out.put_slice(b"content-length: ");
                decimal(out, body.len());
                out.put_slice(b"\r\n");
            }
            if shape.head_only { Sending::Nothing } else { Sending::Plain }
        }
        Body::Stream(_) if shape.head_only => Sending::Nothing,
        Body::Stream(_) if shape.http10 => Sending::Plain,
        Body::Stream(_) => {
            out.put_slice(b"transfer-encoding: chunked\r\n");
            Sending::Chunked
        }
    };
    out.put_slice(if shape.close { b"connection: close\r\n\r\n" } else { b"\r\n" });
    sending
}

fn is_length(line: &[u8]) -> bool {
    line.split(|b| *b == b':').next().unwrap_or_default().eq_ignore_ascii_case(b"content-length")
}

fn is_framing(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next().unwrap_or_default();
    match name.len() {
        10 => name.eq_ignore_ascii_case(b"connection") || name.eq_ignore_ascii_case(b"keep-alive"),
        14 => name.eq_ignore_ascii_case(b"content-length"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    }
}

fn decimal(out: &mut BytesMut, number: usize) {
    let mut digits = [b'0'; 20];
    let (mut rest, mut used) = (number, 0);
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    out.put_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

fn usual_reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Headers;
    use bytes::Bytes;
    use proptest::prelude::*;

    const USUAL: Shape = Shape { http10: false, head_only: false, close: false };

    fn written(answer: &Answer, shape: Shape) -> (String, Sending) {
        let mut out = BytesMut::new();
        let sending = head(answer, shape, &mut out);
        (String::from_utf8(out.to_vec()).unwrap(), sending)
    }

    fn answer(status: u16, block: &'static [u8], body: &'static [u8]) -> Answer {
        let headers = Headers::from_block(Bytes::from_static(block)).unwrap();
        Answer { status, headers, body: Body::Full(Bytes::from_static(body)), ..Answer::default() }
    }

    #[test]
    fn framing_lines_are_ours_whatever_the_answer_says() {
        let answer =
            answer(200, b"X: 1\r\nContent-LENGTH: 9\r\nTransfer-Encoding: chunked\r\nConnection: x\r\nx:2\r\n", b"ok");
        assert_eq!(
            written(&answer, USUAL),
            ("HTTP/1.1 200 OK\r\nX: 1\r\nx:2\r\ncontent-length: 2\r\n\r\n".into(), Sending::Plain)
        );
        let close = Shape { close: true, ..USUAL };
        assert!(written(&answer, close).0.ends_with("content-length: 2\r\nconnection: close\r\n\r\n"));
    }

    #[test]
    fn answers_without_a_body_have_none() {
        let head_only = Shape { head_only: true, ..USUAL };
        assert_eq!(
            written(&answer(200, b"", b"ok"), head_only),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n".into(), Sending::Nothing)
        );
        assert_eq!(written(&answer(200, b"", b""), head_only), ("HTTP/1.1 200 OK\r\n\r\n".into(), Sending::Nothing));
        assert_eq!(
            written(&answer(204, b"", b"ok"), USUAL),
            ("HTTP/1.1 204 No Content\r\n\r\n".into(), Sending::Nothing)
        );
        assert_eq!(written(&answer(304, b"", b""), USUAL).1, Sending::Nothing);
    }

    #[test]
    fn a_stream_is_chunked_where_chunks_are_known() {
        let stream =
            || Answer { status: 200, body: Body::Stream(tokio::sync::mpsc::channel(1).1), ..Answer::default() };
        assert_eq!(
            written(&stream(), USUAL),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".into(), Sending::Chunked)
        );
        let old = Shape { http10: true, close: true, head_only: false };
        assert_eq!(written(&stream(), old), ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".into(), Sending::Plain));
    }

    #[test]
    fn a_status_or_reason_that_breaks_the_line_is_not_sent() {
        for status in [0, 99, 101, 1000] {
            assert!(written(&answer(status, b"", b""), USUAL).0.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
        }
        let odd = Answer { reason: Some(Bytes::from_static(b"a\r\nb")), ..answer(299, b"", b"") };
        assert!(written(&odd, USUAL).0.starts_with("HTTP/1.1 299 \r\n"));
        let own = Answer { reason: Some(Bytes::from_static(b"Fine")), ..answer(299, b"", b"") };
        assert!(written(&own, USUAL).0.starts_with("HTTP/1.1 299 Fine\r\n"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(status in 200_u16..1000, length in 0_usize..100_000, lines in prop::collection::vec(("X-[A-Za-z-]{1,9}", "[!-~]{0,9}"), 0..8)) {
            let mut headers = Headers::new();
            for (name, value) in &lines {
                headers.push(name, value).unwrap();
            }
            let answer = Answer { status, headers, body: Body::Full(Bytes::from(vec![b'x'; length])), ..Answer::default() };
            let mut out = BytesMut::new();
            let sending = head(&answer, USUAL, &mut out);
            let mut slots = [httparse::EMPTY_HEADER; 16];
            let mut response = httparse::Response::new(&mut slots);
            prop_assert!(response.parse(&out).unwrap().is_complete());
            prop_assert_eq!(response.code, Some(status));
            let mut read: Vec<_> = response.headers.iter().map(|h| (h.name.to_owned(), String::from_utf8(h.value.to_vec()).unwrap())).collect();
            if sending == Sending::Plain {
                prop_assert_eq!(read.pop(), Some(("content-length".to_owned(), length.to_string())));
            }
            prop_assert_eq!(read, lines);
        }
    }
}
