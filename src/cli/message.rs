//! A raw HTTP/1.1 request as somebody saved it to a file.

use bytes::{Bytes, BytesMut};

use crate::model::{CapturedRequest, Headers, Timestamp};

/// More header lines than a request has.
const MAX_LINES: usize = 256;

/// Reads the message. Lines may end in LF alone, as editors leave them; the body is taken as it is.
///
/// # Errors
/// If it is not an HTTP/1.1 request, or its body is shorter than it says.
pub fn parse(bytes: &Bytes, now: Timestamp) -> Result<CapturedRequest, String> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut request = httparse::Request::new(&mut lines);
    let end = match request.parse(bytes) {
        Ok(httparse::Status::Complete(end)) => end,
        Ok(httparse::Status::Partial) => return Err("it ends before the empty line after the headers".to_owned()),
        Err(why) => return Err(format!("it is not an HTTP/1.1 request: {why}")),
    };
    let mut headers = Headers::new();
    for line in request.headers.iter() {
        headers.push(line.name, line.value).map_err(|why| why.to_string())?;
    }
    let body = body(&headers, &bytes.slice(end..))?;
    Ok(CapturedRequest {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers,
        body,
        remote: String::new(),
        received_at: now,
    })
}

/// The body that the headers frame; without a length, all that follows.
fn body(headers: &Headers, rest: &Bytes) -> Result<Bytes, String> {
    if headers.text("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return joined(rest);
    }
    let Some(length) = headers.text("content-length") else { return Ok(rest.clone()) };
    let length: usize = length.parse().map_err(|_| format!("its Content-Length \"{length}\" is no number"))?;
    if length > rest.len() {
        return Err(format!("its body has {} bytes and should have {length}", rest.len()));
    }
    Ok(rest.slice(..length))
}

fn joined(chunks: &[u8]) -> Result<Bytes, String> {
    let broken = || "its chunked body is broken".to_owned();
    let (mut rest, mut whole) = (chunks, BytesMut::new());
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            return Err(broken());
        };
        let size = usize::try_from(size).map_err(|_| broken())?;
        if size == 0 {
            return Ok(whole.freeze());
        }
        let end = start.checked_add(size).ok_or_else(broken)?;
        whole.extend_from_slice(rest.get(start..end).ok_or_else(broken)?);
        rest = rest.get(end + 2..).ok_or_else(broken)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<CapturedRequest, String> {
        parse(&Bytes::from_static(text.as_bytes()), Timestamp::default())
    }

    #[test]
    fn a_message_is_read_with_any_line_ends() {
        for text in
            ["POST /a?b=1 HTTP/1.1\r\nX-A: 1\r\nX-A: 2\r\n\r\n{}\n", "POST /a?b=1 HTTP/1.1\nX-A: 1\nX-A: 2\n\n{}\n"]
        {
            let request = read(text).unwrap();
            assert_eq!(
                (request.method.as_str(), request.target.as_str(), &request.body[..]),
                ("POST", "/a?b=1", &b"{}\n"[..])
            );
            assert_eq!(request.headers.values("x-a").count(), 2);
        }
    }

    #[test]
    fn the_length_and_chunks_frame_the_body() {
        assert_eq!(&read("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\n").unwrap().body[..], b"{}");
        assert!(read("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}").unwrap_err().contains("should have 9"));
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        assert_eq!(&read(chunked).unwrap().body[..], b"{}");
        assert!(read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{").is_err());
        assert!(read("nonsense").is_err());
    }
}
