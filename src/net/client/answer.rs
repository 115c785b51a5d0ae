//! An answer's head, read leniently: real servers send what the standard does not know.

use bytes::{Bytes, BytesMut};
use memchr::memchr_iter;

use crate::model::Headers;
use crate::model::attempt::Failure;
use crate::net::client::failure::{malformed, not_http};

/// The longest head.
const MAX_HEAD: usize = 64 * 1024;
/// The most header lines.
const MAX_LINES: usize = 200;

/// An answer up to its body.
#[derive(Debug)]
pub(super) struct AnswerHead {
    /// 100 to 999.
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) framing: Framing,
    /// Whether the server means to answer another request on this connection, and can be believed to.
    pub(super) keep_alive: bool,
}

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(usize),
    /// Where its chunks say.
    Chunked,
    /// Where the connection ends.
    Close,
}

/// Takes a whole head off the input. `scanned` is how much of it was looked at before; it starts as 0.
pub(super) fn parse(input: &mut BytesMut, scanned: &mut usize, head_only: bool) -> Result<Option<AnswerHead>, Failure> {
    let prefix = b"HTTP/1.";
    if !prefix.starts_with(input.get(..prefix.len()).unwrap_or(input)) {
        return Err(not_http(input));
    }
    let end = head_end(input, scanned.saturating_sub(2));
    if end.unwrap_or(input.len()) > MAX_HEAD {
        return Err(malformed("the answer's head is larger than 64 KiB"));
    }
    *scanned = input.len();
    let Some(end) = end else { return Ok(None) };
    *scanned = 0;
    let raw = input.split_to(end).freeze();
    let line_end = memchr::memchr(b'\n', &raw).map_or(raw.len(), |at| at + 1);
    let (http10, status) = status_line(raw.get(..line_end).unwrap_or_default())?;
    if memchr_iter(b'\n', &raw).count() > MAX_LINES + 2 {
        return Err(malformed(format!("the answer has more than {MAX_LINES} header lines")));
    }
    let headers = headers(&raw.slice(line_end..));
    let bodiless = head_only || status < 200 || matches!(status, 204 | 304);
    let framing = if bodiless { Framing::Length(0) } else { framing(&headers)? };
    let keep_alive = framing != Framing::Close && stays_open(&headers, http10);
    Ok(Some(AnswerHead { status, headers, framing, keep_alive }))
}

/// Where the empty line ends; line breaks may be LF alone.
fn head_end(input: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'\n', input.get(from..)?).find_map(|at| {
        let next = from + at + 1;
        match input.get(next..)? {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        }
    })
}

/// Whether it is HTTP/1.0, and the status. The reason is for nobody.
fn status_line(line: &[u8]) -> Result<(bool, u16), Failure> {
    let bad = || {
        let shown = line.trim_ascii().get(..40).unwrap_or(line.trim_ascii()).escape_ascii();
        malformed(format!("the answer's first line is not \"HTTP/1.1 200\": it is \"{shown}\""))
    };
    let (http10, rest) = match line {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ (b'0' | b'1'), b' ', rest @ ..] => (*minor == b'0', rest),
        _ => return Err(bad()),
    };
    match rest.trim_ascii_start() {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ' | b'\r' | b'\n', ..] => {
            let digit = |d: &u8| u16::from(*d - b'0');
            Ok((http10, digit(a) * 100 + digit(b) * 10 + digit(c)))
        }
        _ => Err(bad()),
    }
}

/// The lines of a head after its first, with the empty line at its end. As they are if they are well formed; otherwise
/// folded lines are joined, control characters blanked, and lines that are no headers left out.
fn headers(raw: &Bytes) -> Headers {
    let clean = |at: usize| at.checked_sub(1).and_then(|at| raw.get(at)) == Some(&b'\r');
    if memchr_iter(b'\n', raw).all(clean)
        && let Ok(headers) = Headers::from_block(raw.slice(..raw.len().saturating_sub(2)))
    {
        return headers;
    }
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in raw.split(|b| *b == b'\n') {
        let plain = |b: &u8| if *b == 0x7f || (*b < b' ' && *b != b'\t') { b' ' } else { *b };
        let plain = line.iter().map(plain);
        match lines.last_mut() {
            Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => last.extend(plain),
            _ => lines.push(plain.collect()),
        }
    }
    let mut headers = Headers::new();
    for line in &lines {
        if let Some(colon) = memchr::memchr(b':', line) {
            let (name, value) = line.split_at(colon);
            // A name that is none cannot be kept, and what it meant cannot be known.
            headers.push(name.trim_ascii_end(), value.get(1..).unwrap_or_default().trim_ascii()).ok();
        }
    }
    headers
}

fn framing(headers: &Headers) -> Result<Framing, Failure> {
    if let Some(coding) = headers.values("transfer-encoding").last() {
        let last = coding.rsplit(|b| *b == b',').next().unwrap_or_default().trim_ascii();
        return Ok(if last.eq_ignore_ascii_case(b"chunked") { Framing::Chunked } else { Framing::Close });
    }
    let mut lengths = headers.values("content-length").flat_map(|value| value.split(|b| *b == b','));
    let Some(first) = lengths.next() else { return Ok(Framing::Close) };
    let first = first.trim_ascii();
    let number = str::from_utf8(first).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    match number.and_then(|text| text.parse().ok()) {
        Some(length) if lengths.all(|other| other.trim_ascii() == first) => Ok(Framing::Length(length)),
        _ => Err(malformed("the answer's Content-Length is not one number")),
    }
}

fn stays_open(headers: &Headers, http10: bool) -> bool {
    let says = |word: &str| {
        let mut words = headers.values("connection").flat_map(|value| value.split(|b| *b == b','));
        words.any(|own| own.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    // A server that frames one answer in two ways may mean another end than we do.
    let ambiguous = headers.has("transfer-encoding") && headers.has("content-length");
    !ambiguous && if http10 { says("keep-alive") } else { !says("close") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(input: &[u8]) -> Result<Option<AnswerHead>, Failure> {
        parse(&mut BytesMut::from(input), &mut 0, false)
    }

    fn whole(input: &str) -> AnswerHead {
        parsed(input.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_head_is_kept_byte_for_byte_and_the_rest_is_left() {
        let mut input = BytesMut::from(&b"HTTP/1.1 200 OK\r\nx-A:1\r\nX-a: \xe9 \r\nContent-Length: 2\r\n\r\nok"[..]);
        let head = parse(&mut input, &mut 0, false).unwrap().unwrap();
        assert_eq!(&head.headers.block()[..], b"x-A:1\r\nX-a: \xe9 \r\nContent-Length: 2\r\n");
        assert_eq!((head.status, head.framing, head.keep_alive), (200, Framing::Length(2), true));
        assert_eq!(&input[..], b"ok");
    }

    #[test]
    fn what_servers_really_send_is_understood() {
        let head = whole("HTTP/1.1 500\nA : 1\nB: x\r\n y\nno header\nC: \x1b[31m\n\n");
        assert_eq!((head.status, &head.headers.block()[..]), (500, &b"A: 1\r\nB: x  y\r\nC: [31m\r\n"[..]));
        assert_eq!(whole("HTTP/1.1 500 \x1b]0;x\x07\r\n\r\n").status, 500);
        assert_eq!(
            whole("HTTP/1.0  200 \r\nContent-Length: 5, 5\r\ncontent-length: 5\r\n\r\n").framing,
            Framing::Length(5)
        );
    }

    #[test]
    fn a_connection_stays_open_only_if_both_sides_agree_where_the_body_ends() {
        for (head, framing, open) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Framing::Close, false),
            ("HTTP/1.1 204 No\r\n\r\n", Framing::Length(0), true),
            ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", Framing::Length(1), false),
            ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n", Framing::Length(1), true),
            ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n", Framing::Length(1), false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n", Framing::Chunked, true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", Framing::Close, false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", Framing::Chunked, false),
        ] {
            let read = whole(head);
            assert_eq!((read.framing, read.keep_alive), (framing, open), "{head}");
        }
    }

    #[test]
    fn what_is_no_answer_is_a_failure_in_words() {
        let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(70_000));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: 1\r\n".repeat(201));
        for (input, words) in [
            ("SSH-2.0-OpenSSH_9.6\r\n", "begins with \"SSH-2.0-OpenSSH_9.6"),
            ("HTTP/2 200\r\n\r\n", "not HTTP"),
            ("HTTP/1.1 0 X\r\n\r\n", "first line"),
            ("HTTP/1.1 99999 X\r\n\r\n", "first line"),
            ("HTTP/1.1 099 X\r\n\r\n", "first line"),
            ("HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
            ("HTTP/1.1 200 X\r\nContent-Length: +1\r\n\r\n", "Content-Length"),
            (&long, "64 KiB"),
            (&many, "200 header lines"),
        ] {
            let why = parsed(input.as_bytes()).unwrap_err();
            assert!(why.message.contains(words), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_however_they_are_cut(
            start in prop_oneof![Just("HTTP/1.1 200 OK\r\n"), Just("HTTP/1.")],
            tail in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), any::<u8>()], 0..200),
            cut in 1_usize..20,
        ) {
            let wire = [start.as_bytes(), &tail[..]].concat();
            let (mut input, mut scanned, mut first) = (BytesMut::new(), 0, None);
            for piece in wire.chunks(cut) {
                input.extend_from_slice(piece);
                match parse(&mut input, &mut scanned, false) {
                    Ok(None) => {}
                    other => {
                        first = Some(other.ok().flatten().map(|head| head.headers));
                        break;
                    }
                }
            }
            // A fault may be seen late, but a head that is seen is the same head.
            if let (Some(Some(pieces)), Ok(Some(head))) = (first, parsed(&wire)) {
                prop_assert_eq!(pieces, head.headers);
            }
        }
    }
}
