//! What changes when a captured request is sent on, and when its answer comes back: as little as HTTP allows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, BytesMut};

use crate::model::headers::HeaderError;
use crate::model::{Headers, Target};

/// Lines that concern one connection and never travel on.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The lines of a captured request as they go to `target`.
///
/// Hop-by-hop lines go. Host gets the target's authority, in its place and case. A Content-Length stands where a
/// Transfer-Encoding stood. Userinfo of the target becomes Basic authentication unless there is an Authorization. Lines
/// of `extra` replace those of their name or are added, Host too; none of them can change the framing. Everything else
/// stays byte for byte.
#[must_use]
pub fn forwarded_headers(captured: &Headers, body_len: usize, target: &Target, extra: &Headers) -> Headers {
    let named = named_by_connection(captured);
    let mut block = BytesMut::with_capacity(captured.block().len() + 128);
    let (mut has_host, mut has_length, mut has_authorization) = (false, false, false);
    for line in captured.lines() {
        let (name, value) = split(line);
        if is(name, "host") {
            has_host = true;
            put(&mut block, name, target.authority().as_bytes());
        } else if is(name, "content-length") || is(name, "transfer-encoding") {
            if std::mem::replace(&mut has_length, true) {
                continue;
            }
            let length = body_len.to_string();
            if is(name, "content-length") && value == length.as_bytes() {
                block.put_slice(line);
            } else {
                put(&mut block, b"Content-Length", length.as_bytes());
            }
        } else if !is_hop_by_hop(name) && !named.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            has_authorization |= is(name, "authorization");
            block.put_slice(line);
        }
    }
    if !has_length && body_len > 0 {
        put(&mut block, b"Content-Length", body_len.to_string().as_bytes());
    }
    if let Some(userinfo) = target.userinfo.as_ref().filter(|_| !has_authorization) {
        put(&mut block, b"Authorization", basic(userinfo.reveal()).as_bytes());
    }
    if !has_host {
        let mut first = BytesMut::with_capacity(block.len() + 64);
        put(&mut first, b"Host", target.authority().as_bytes());
        first.unsplit(block);
        block = first;
    }
    // Each line was well formed or was made here of parts that are: nothing is ever lost by the default.
    with_extra(Headers::from_block(block.freeze()).unwrap_or_default(), extra)
}

/// The lines of a request that is made here: Host, those of `own`, which say nothing of the connection, and the rest as
/// [`forwarded_headers`] has it.
///
/// # Errors
/// If the target's name or password cannot stand in a header.
pub fn made_headers(own: &Headers, body_len: usize, target: &Target, extra: &Headers) -> Result<Headers, HeaderError> {
    let headers = Headers::written(own.block().len() + 128, |lines| {
        lines.push("Host", target.authority())?;
        lines.extend(own);
        if body_len > 0 {
            lines.push("Content-Length", body_len.to_string())?;
        }
        match target.userinfo.as_ref().filter(|_| !own.has("authorization")) {
            Some(userinfo) => lines.push("Authorization", basic(userinfo.reveal())),
            None => Ok(()),
        }
    });
    Ok(with_extra(headers?, extra))
}

fn with_extra(headers: Headers, extra: &Headers) -> Headers {
    if extra.is_empty() {
        return headers;
    }
    headers.overlaid(&extra.without(|name| is_hop_by_hop(name) || is(name, "content-length")))
}

/// The lines of an answer that may go back to the sender: hop-by-hop lines are gone. The length stays for the answer to
/// a HEAD, whose body nobody saw; the server makes its own for all others.
#[must_use]
pub fn returned_headers(answer: &Headers) -> Headers {
    let named = named_by_connection(answer);
    answer.without(|name| is_hop_by_hop(name) || named.iter().any(|own| own.eq_ignore_ascii_case(name)))
}

/// The names that Connection lists, which go with it.
fn named_by_connection(headers: &Headers) -> Vec<&[u8]> {
    let listed = headers.values("connection").flat_map(|value| value.split(|b| *b == b','));
    listed.map(<[u8]>::trim_ascii).filter(|name| !is(name, "close") && !is(name, "keep-alive")).collect()
}

fn is_hop_by_hop(name: &[u8]) -> bool {
    HOP_BY_HOP.iter().any(|own| is(name, own))
}

fn is(name: &[u8], own: &str) -> bool {
    name.eq_ignore_ascii_case(own.as_bytes())
}

fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    let (name, value) = line.split_at(colon);
    (name, value.get(1..).unwrap_or_default().trim_ascii())
}

fn put(block: &mut BytesMut, name: &[u8], value: &[u8]) {
    for part in [name, b": ", value, b"\r\n"] {
        block.put_slice(part);
    }
}

/// `Basic` credentials of a URL's `user:password`, percent signs undone.
fn basic(userinfo: &str) -> String {
    let mut plain = Vec::with_capacity(userinfo.len() + 1);
    let mut rest = userinfo.as_bytes();
    while let [first, tail @ ..] = rest {
        let coded = tail.get(..2).filter(|_| *first == b'%').and_then(|hex| hex::decode(hex).ok());
        if let Some([byte]) = coded.as_deref() {
            plain.push(*byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            plain.push(*first);
            rest = tail;
        }
    }
    if !userinfo.contains(':') {
        plain.push(b':');
    }
    format!("Basic {}", STANDARD.encode(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn headers(text: &'static str) -> Headers {
        Headers::from_block(Bytes::from_static(text.as_bytes())).unwrap()
    }

    fn forwarded(captured: &'static str, length: usize, target: &str, extra: &'static str) -> String {
        let sent = forwarded_headers(&headers(captured), length, &target.parse().unwrap(), &headers(extra));
        String::from_utf8(sent.block().to_vec()).unwrap()
    }

    #[test]
    fn everything_but_host_and_hops_stays_as_it_was() {
        let captured = "hOST: old\r\nX-Dup: 1\r\nConnection: keep-alive, X-Gone\r\nx-DUP:2\r\nKeep-Alive: timeout=5\r\nX-Gone: 1\r\nTE: trailers\r\ncontent-LENGTH:  2\r\nX-Empty: \r\n";
        let sent = "hOST: localhost:3000\r\nX-Dup: 1\r\nx-DUP:2\r\ncontent-LENGTH:  2\r\nX-Empty: \r\n";
        assert_eq!(forwarded(captured, 2, "3000", ""), sent);
    }

    #[test]
    fn a_length_stands_where_the_chunked_coding_stood() {
        let sent = forwarded("Host: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nX: 1\r\n", 0, "3000", "");
        assert_eq!(sent, "Host: localhost:3000\r\nContent-Length: 0\r\nX: 1\r\n");
    }

    #[test]
    fn an_edited_body_gets_its_own_length() {
        assert_eq!(forwarded("Host: a\r\nContent-Length: 2\r\n", 7, "h", ""), "Host: h\r\nContent-Length: 7\r\n");
        assert_eq!(forwarded("", 7, "h:81", ""), "Host: h:81\r\nContent-Length: 7\r\n");
        assert_eq!(
            forwarded("Host: a\r\nConnection: content-length\r\nContent-Length: 2\r\n", 2, "h:81", ""),
            "Host: h:81\r\nContent-Length: 2\r\n"
        );
        assert_eq!(forwarded("Host: a\r\n", 0, "h:81", ""), "Host: h:81\r\n");
    }

    #[test]
    fn extra_lines_replace_or_are_added_but_never_frame() {
        let extra = "Host: shop.test\r\nX-Old: new\r\nX-New: n\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\nConnection: x\r\n";
        let sent = forwarded("Host: a\r\nX-Old: 1\r\nx-old: 2\r\nX-Kept: k\r\n", 0, "3000", extra);
        assert_eq!(sent, "X-Kept: k\r\nHost: shop.test\r\nX-Old: new\r\nX-New: n\r\n");
    }

    #[test]
    fn userinfo_becomes_basic_authentication_unless_there_is_one() {
        let coded = "Authorization: Basic dXM6ZXI6cEB3\r\n";
        assert_eq!(forwarded("Host: a\r\n", 0, "http://us%3Aer:p%40w@h/", ""), format!("Host: h\r\n{coded}"));
        assert_eq!(
            forwarded("Authorization: x\r\nHost: a\r\n", 0, "http://u:p@h/", ""),
            "Authorization: x\r\nHost: h\r\n"
        );
        assert_eq!(basic("u%4"), format!("Basic {}", STANDARD.encode("u%4:")));
    }

    #[test]
    fn an_answers_own_lines_go_back() {
        let answer = "Set-Cookie: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nset-cookie: b\r\nETag: \"x\"\r\n";
        assert_eq!(
            &returned_headers(&headers(answer)).block()[..],
            b"Set-Cookie: a\r\nContent-Length: 3\r\nset-cookie: b\r\nETag: \"x\"\r\n"
        );
    }

    proptest! {
        #[test]
        fn end_to_end_lines_are_kept_byte_for_byte(lines in prop::collection::vec(("X-[!#-'*+.0-9A-Z^-z|~-]{1,20}", prop::collection::vec(0x21_u8..=0x7e, 0..20)), 0..20)) {
            let mut block = b"Host: a\r\n".to_vec();
            let mut kept = b"Host: localhost:3000\r\n".to_vec();
            for (name, value) in &lines {
                let line = [name.as_bytes(), b":", value, b"\r\n"].concat();
                block.extend(&line);
                kept.extend(&line);
            }
            let captured = Headers::from_block(block.into()).unwrap();
            let sent = forwarded_headers(&captured, 0, &"3000".parse().unwrap(), &Headers::new());
            prop_assert_eq!(&sent.block()[..], &kept[..]);
        }
    }
}
