//! A request's head, read strictly: what two readers could understand differently is refused.

use bytes::{Buf, Bytes, BytesMut};
use memchr::{memchr_iter, memmem};

use crate::model::Headers;
use crate::model::headers::is_token;
use crate::net::server::Limits;
use crate::net::server::fault::Fault;

/// The head of a request whose body may still be on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The method as written.
    pub method: String,
    /// Path and query as written.
    pub target: String,
    /// Every header line, byte for byte.
    pub headers: Headers,
    /// The sender's address.
    pub remote: String,
    pub(super) framing: Framing,
    pub(super) http10: bool,
    pub(super) close: bool,
    pub(super) expects_continue: bool,
}

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// As long as its chunks say.
    Chunked,
}

/// Takes a whole head off the buffer. `scanned` is how much of it was looked at before; it starts as 0.
pub(super) fn parse(
    buffer: &mut BytesMut,
    scanned: &mut usize,
    remote: &str,
    limits: &Limits,
) -> Result<Option<Head>, Fault> {
    // Some senders end a body with a line break that belongs to nothing.
    while buffer.starts_with(b"\r\n") {
        buffer.advance(2);
        *scanned = 0;
    }
    let from = scanned.saturating_sub(3);
    let Some(end) = memmem::find(buffer.get(from..).unwrap_or_default(), b"\r\n\r\n") else {
        partial(buffer, from, limits)?;
        *scanned = buffer.len();
        return Ok(None);
    };
    *scanned = 0;
    let block_end = from + end + 2;
    let mut raw = buffer.split_to(block_end + 2).freeze();
    raw.truncate(block_end);
    whole(&raw, remote, limits).map(Some)
}

/// Finds what is wrong with a head already before its end is there, so that nobody waits for it in vain.
fn partial(buffer: &[u8], from: usize, limits: &Limits) -> Result<(), Fault> {
    match buffer.first() {
        Some(0x16) => return Err(Fault::TLS),
        Some(first) if !is_token(*first) && *first != b'\r' => return Err(BAD_LINE),
        _ => {}
    }
    check_breaks(buffer, from)?;
    let Some(end) = memmem::find(buffer, b"\r\n") else {
        return match memchr::memchr(b' ', buffer) {
            None if buffer.len() > limits.method_bytes => Err(Fault::LONG_METHOD),
            Some(space) if space > limits.method_bytes => Err(Fault::LONG_METHOD),
            Some(space) if buffer.len() > space + limits.target_bytes + " HTTP/1.1\r".len() + 1 => {
                Err(Fault::LONG_TARGET)
            }
            _ => Ok(()),
        };
    };
    request_line(buffer.get(..end).unwrap_or_default(), limits)?;
    if buffer.len() > limits.head_bytes { Err(Fault::LONG_HEAD) } else { Ok(()) }
}

/// Reads `raw`, a head up to the line break before its empty line.
fn whole(raw: &Bytes, remote: &str, limits: &Limits) -> Result<Head, Fault> {
    if raw.first() == Some(&0x16) {
        return Err(Fault::TLS);
    }
    let end = memmem::find(raw, b"\r\n").unwrap_or(raw.len());
    let line = request_line(raw.get(..end).unwrap_or_default(), limits)?;
    if raw.len() > limits.head_bytes {
        return Err(Fault::LONG_HEAD);
    }
    if check_breaks(raw, 0)? > limits.header_count + 1 {
        return Err(Fault::MANY_HEADERS);
    }
    let headers = Headers::from_block(raw.slice((end + 2).min(raw.len())..)).map_err(|_| BAD_HEADER)?;
    let lines = Lines::of(&headers);
    let host = lines.host(line.http10)?;
    let target = origin_form(line.target, host).ok_or(BAD_TARGET)?.to_owned();
    let framing = lines.framing(line.http10)?;
    let close = line.http10 || lines.close;
    let expects_continue = lines.expects_continue && !line.http10;
    let (method, http10, remote) = (line.method.to_owned(), line.http10, remote.to_owned());
    Ok(Head { method, target, headers, remote, framing, http10, close, expects_continue })
}

const BAD_LINE: Fault = Fault::malformed("the first line is not \"METHOD /path HTTP/1.1\"");
const BAD_TARGET: Fault = Fault::malformed("the request's target is not a path on this server");
const BAD_BREAK: Fault = Fault::malformed("a line of the head does not end with CR LF");
const BAD_HEADER: Fault = Fault::malformed("a header line is not \"Name: value\"");
const BAD_HOST: Fault = Fault::malformed("there must be one Host header with a host in it");
const BAD_LENGTH: Fault = Fault::malformed("there must be at most one Content-Length, and it must be a number");
const BAD_CODING: Fault = Fault::malformed("Transfer-Encoding must be \"chunked\" once, without a Content-Length");

/// How many line breaks there are after `from`; each CR must have its LF and each LF its CR.
fn check_breaks(raw: &[u8], from: usize) -> Result<usize, Fault> {
    let before = |at: usize| at.checked_sub(1).and_then(|at| raw.get(at));
    let tail = raw.get(from..).unwrap_or_default();
    let mut count = 0;
    for at in memchr_iter(b'\n', tail) {
        count += 1;
        if before(from + at) != Some(&b'\r') {
            return Err(BAD_BREAK);
        }
    }
    let bare = |at: usize| raw.get(from + at + 1).is_some_and(|next| *next != b'\n');
    if memchr_iter(b'\r', tail).any(bare) { Err(BAD_BREAK) } else { Ok(count) }
}

struct RequestLine<'a> {
    method: &'a str,
    target: &'a str,
    http10: bool,
}

fn request_line<'a>(line: &'a [u8], limits: &Limits) -> Result<RequestLine<'a>, Fault> {
    let mut parts = line.splitn(3, |b| *b == b' ');
    let method = parts.next().unwrap_or_default();
    if method.len() > limits.method_bytes {
        return Err(Fault::LONG_METHOD);
    }
    if method.is_empty() || !method.iter().all(|b| is_token(*b)) {
        return Err(BAD_LINE);
    }
    let (Some(target), Some(version)) = (parts.next(), parts.next()) else { return Err(BAD_LINE) };
    if target.len() > limits.target_bytes {
        return Err(Fault::LONG_TARGET);
    }
    let http10 = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => return Err(Fault::VERSION),
        _ => return Err(BAD_LINE),
    };
    if matches!(method, b"CONNECT" | b"TRACE") {
        return Err(Fault::METHOD);
    }
    if target.is_empty() || !target.iter().all(|b| b.is_ascii_graphic() && *b != b'#') {
        return Err(BAD_TARGET);
    }
    let text = |bytes: &'a [u8]| str::from_utf8(bytes).map_err(|_| BAD_LINE);
    let (method, target) = (text(method)?, text(target)?);
    if !target.starts_with('/') && !target.contains("://") && (target, method) != ("*", "OPTIONS") {
        return Err(BAD_TARGET);
    }
    Ok(RequestLine { method, target, http10 })
}

/// Path and query; of a whole URL only if it is about the host that the request names.
fn origin_form<'a>(target: &'a str, host: &str) -> Option<&'a str> {
    if target.starts_with('/') || target == "*" {
        return Some(target);
    }
    let (scheme, rest) = target.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let ours = scheme.eq_ignore_ascii_case("http") && authority.eq_ignore_ascii_case(host);
    match path {
        _ if !ours => None,
        "" => Some("/"),
        path => Some(path).filter(|path| path.starts_with('/')),
    }
}

/// The lines that decide about framing, read in one pass.
#[derive(Default)]
struct Lines<'a> {
    hosts: usize,
    host: &'a [u8],
    lengths: usize,
    length: &'a [u8],
    codings: usize,
    coding: &'a [u8],
    close: bool,
    expects_continue: bool,
}

impl<'a> Lines<'a> {
    fn of(headers: &'a Headers) -> Self {
        let mut lines = Self::default();
        for (name, value) in headers.iter() {
            let is = |own: &str| name.eq_ignore_ascii_case(own.as_bytes());
            if is("host") {
                lines.hosts += 1;
                lines.host = value;
            } else if is("content-length") {
                lines.lengths += 1;
                lines.length = value;
            } else if is("transfer-encoding") {
                lines.codings += 1;
                lines.coding = value;
            } else if is("connection") {
                let mut words = value.split(|b| *b == b',');
                lines.close |= words.any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"));
            } else if is("expect") {
                lines.expects_continue |= value.eq_ignore_ascii_case(b"100-continue");
            }
        }
        lines
    }

    fn host(&self, http10: bool) -> Result<&'a str, Fault> {
        let host = str::from_utf8(self.host).map_err(|_| BAD_HOST)?;
        let absent = http10 && self.hosts == 0;
        if absent || (self.hosts == 1 && is_host(host)) { Ok(host) } else { Err(BAD_HOST) }
    }

    fn framing(&self, http10: bool) -> Result<Framing, Fault> {
        match (self.codings, self.lengths) {
            (0, 0) => Ok(Framing::Length(0)),
            (0, 1) => {
                let digits = self.length.iter().all(u8::is_ascii_digit);
                let text = str::from_utf8(self.length).ok().filter(|_| digits);
                text.and_then(|text| text.parse().ok()).map(Framing::Length).ok_or(BAD_LENGTH)
            }
            (0, _) => Err(BAD_LENGTH),
            (1, 0) if http10 || self.coding.is_empty() => Err(BAD_CODING),
            (1, 0) if self.coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
            (1, 0) => Err(Fault::CODING),
            _ => Err(BAD_CODING),
        }
    }
}

/// A name, an IPv4 address or an IPv6 address in brackets, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rfind(']') {
        Some(end) => text.split_at(end + 1),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&b);
    let host = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(fits),
    };
    let port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    host && port
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(input: &[u8]) -> Result<Option<Head>, Fault> {
        parse(&mut BytesMut::from(input), &mut 0, "", &Limits::default())
    }

    fn fault(input: &[u8]) -> u16 {
        parsed(input).map_or_else(|fault| fault.status, |head| head.map_or(0, |_| 200))
    }

    #[test]
    fn a_head_is_kept_byte_for_byte_and_the_rest_is_left() {
        let mut buffer = BytesMut::from(&b"\r\nPoSt /a//%2e?b=2&b=1 HTTP/1.1\r\nhOST: a:1\r\nX-Dup:1\r\nx-dup: \xe9 \r\ncontent-length: 2\r\n\r\n{}GET"[..]);
        let head = parse(&mut buffer, &mut 0, "1.2.3.4:5", &Limits::default()).unwrap().unwrap();
        assert_eq!((&head.method[..], &head.target[..], &head.remote[..]), ("PoSt", "/a//%2e?b=2&b=1", "1.2.3.4:5"));
        assert_eq!(&head.headers.block()[..], b"hOST: a:1\r\nX-Dup:1\r\nx-dup: \xe9 \r\ncontent-length: 2\r\n");
        assert_eq!((head.framing, head.close), (Framing::Length(2), false));
        assert_eq!(&buffer[..], b"{}GET");
    }

    #[test]
    fn a_head_in_small_pieces_is_the_same_head() {
        let wire = b"GET /x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-Continue\r\nConnection: x, Close\r\n\r\n";
        let (mut buffer, mut scanned) = (BytesMut::new(), 0);
        for (at, byte) in wire.iter().enumerate() {
            buffer.extend_from_slice(&[*byte]);
            let head = parse(&mut buffer, &mut scanned, "", &Limits::default()).unwrap();
            assert_eq!(head.is_some(), at + 1 == wire.len());
            if let Some(head) = head {
                assert!(head.close && head.expects_continue);
            }
        }
    }

    #[test]
    fn what_is_already_wrong_is_refused_before_the_head_ends() {
        for (input, status) in [
            (&b"\x16\x03\x01\x00\xc8"[..], 400),
            (b"SSH-2.0-OpenSSH_9.6\r\n", 400),
            (b"*1\r\n$4\r\n", 400),
            (b"GET /x HTTP/1.1\n", 400),
            (b"GET /x HTTP/1.1\rHost", 400),
            (b"GET /x HTTP/1.1\r\nA: b\n", 400),
            (b"PRI * HTTP/2.0\r\n", 505),
            (&[b'A'; 33], 501),
            (&[&b"GET /"[..], &[b'a'; 8300]].concat(), 414),
            (&[&b"GET / HTTP/1.1\r\nA: "[..], &*vec![b'a'; 65_536]].concat(), 431),
            (b"GET / HTTP/1.1\r\nHost: a\r", 0),
            (b"", 0),
        ] {
            assert_eq!(fault(input), status, "{}", input.escape_ascii());
        }
    }

    #[test]
    fn a_whole_url_is_taken_only_about_the_same_host() {
        let target = |target: &str| {
            let head = parsed(format!("GET {target} HTTP/1.1\r\nHost: a:1\r\n\r\n").as_bytes());
            head.map(|head| head.unwrap().target)
        };
        assert_eq!(target("http://A:1/x?y").unwrap(), "/x?y");
        assert_eq!(target("http://a:1").unwrap(), "/");
        for bad in ["http://b/x", "https://a:1/x", "http://a:1?x", "x", "//x#y", "*", "a:1"] {
            assert_eq!(target(bad).unwrap_err().status, 400, "{bad}");
        }
        assert_eq!(target("//x").unwrap(), "//x");
        assert_eq!(fault(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    }

    #[test]
    fn hosts_are_told_from_what_is_none() {
        for good in ["a", "a.b:80", "[::1]", "[::1]:3000", "127.0.0.1:1", "a_b", "x:"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "a@b", "a:b", "[::1", "[x]", "::1", "[::1]x", ":80"] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn framing_that_can_be_read_in_two_ways_is_refused() {
        for (lines, status) in [
            ("Content-Length: 2\r\nContent-Length: 2\r\n", 400),
            ("Content-Length: 2, 2\r\n", 400),
            ("Content-Length: +2\r\n", 400),
            ("Content-Length: \r\n", 400),
            ("Content-Length: 18446744073709551616\r\n", 400),
            ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: \r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: \x0bchunked\r\n", 400),
            ("X: 1\r\n 2\r\n", 400),
            ("Transfer-Encoding: Chunked \r\n", 200),
            ("Content-Length: 007\r\n", 200),
        ] {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
            assert_eq!(fault(head.as_bytes()), status, "{lines:?}");
        }
        assert_eq!(fault(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(start in prop_oneof![Just(&b"GET / HTTP/1.1\r\nHost: a\r\n"[..]), Just(&b""[..])], tail in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), any::<u8>()], 0..200)) {
            drop(parsed(&[start, &tail[..]].concat()));
            drop(parsed(&[start, &tail[..], b"\r\n\r\n"].concat()));
        }

        #[test]
        fn what_is_accepted_is_read_alike_by_another_parser(lines in prop::collection::vec("[XYZ][a-z:\\- ]{0,6}: ?[ -~]{0,10}", 0..6)) {
            let text = lines.iter().flat_map(|line| [line, "\r\n"]).collect::<String>();
            let wire = format!("GET /x HTTP/1.1\r\nHost: a\r\n{text}\r\n");
            if let Ok(Some(head)) = parsed(wire.as_bytes()) {
                let mut slots = [httparse::EMPTY_HEADER; 16];
                let mut request = httparse::Request::new(&mut slots);
                prop_assert!(request.parse(wire.as_bytes()).unwrap().is_complete());
                let theirs: Vec<_> = request.headers.iter().map(|h| (h.name.as_bytes(), h.value.trim_ascii())).collect();
                prop_assert_eq!(head.headers.iter().collect::<Vec<_>>(), theirs);
            }
        }
    }
}
