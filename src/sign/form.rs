//! Forms and queries: `name=value&...`, percent-encoded.

/// Names and values in order, decoded.
#[must_use]
pub fn pairs(form: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let parts = form.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    let pair = |part: &[u8]| {
        let cut = memchr::memchr(b'=', part).unwrap_or(part.len());
        let (name, value) = part.split_at(cut);
        (decoded(name), decoded(value.get(1..).unwrap_or_default()))
    };
    parts.map(pair).collect()
}

/// Names and values of a body that is a form of either kind, the parts of a multipart one included.
#[must_use]
pub fn fields(body: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let boundary = body.strip_prefix(b"--").and_then(|rest| rest.get(..memchr::memmem::find(rest, b"\r\n")?));
    let Some(boundary) = boundary.filter(|mark| !mark.is_empty() && mark.len() <= MAX_BOUNDARY) else {
        return pairs(body);
    };
    let mark = [b"\r\n--", boundary].concat();
    let mut rest = body.get(mark.len() - 2..).unwrap_or_default();
    let mut found = Vec::new();
    while let Some(end) = memchr::memmem::find(rest, &mark) {
        let (part, tail) = rest.split_at(end);
        found.extend(part_of(part));
        rest = tail.get(mark.len()..).unwrap_or_default();
    }
    found
}

/// The form, of either kind, with one field of this name and value, or without any. None if it is no form: it begins as
/// JSON does.
#[must_use]
pub fn with(body: &[u8], name: &[u8], value: Option<&[u8]>) -> Option<Vec<u8>> {
    if body.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let own = body.strip_prefix(b"--").and_then(|rest| rest.get(..memchr::memmem::find(rest, b"\r\n")?));
    if own.is_some_and(|mark| !mark.is_empty() && mark.len() <= MAX_BOUNDARY) {
        return with_part(body, name, value);
    }
    let other = |part: &&[u8]| {
        let (own, _) = part.split_at(memchr::memchr(b'=', part).unwrap_or(part.len()));
        !part.is_empty() && decoded(own) != name
    };
    let plain = |text: &[u8]| encoded(text, b"-._~", "+");
    let new = value.map(|value| [&plain(name)[..], b"=", &plain(value)].concat());
    let parts: Vec<&[u8]> = body.split(|byte| *byte == b'&').filter(other).chain(new.as_deref()).collect();
    Some(parts.join(&b'&'))
}

/// The same of a form in parts; a field that is not there yet goes first.
fn with_part(body: &[u8], name: &[u8], value: Option<&[u8]>) -> Option<Vec<u8>> {
    let first = body.get(..memchr::memmem::find(body, b"\r\n")?)?;
    let mark = [b"\r\n", first].concat();
    let mut rest = body.get(first.len()..)?;
    let new =
        value.map(|value| [b"\r\nContent-Disposition: form-data; name=\"", name, b"\"\r\n\r\n", value, &mark].concat());
    let mut out = [first, new.as_deref().unwrap_or_default()].concat();
    while let Some(end) = memchr::memmem::find(rest, &mark) {
        let (part, tail) = rest.split_at(end);
        rest = tail.get(mark.len()..)?;
        if part_of(part).is_none_or(|(own, _)| own != name) {
            out.extend_from_slice(part);
            out.extend_from_slice(&mark);
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// The longest boundary that RFC 2046 knows.
const MAX_BOUNDARY: usize = 70;

/// Name and value of a part, which begins with the line break behind its boundary.
fn part_of(part: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let start = memchr::memmem::find(part, b"\r\n\r\n")?;
    let (head, value) = (part.get(..start)?, part.get(start + 4..)?);
    let name = memchr::memmem::find(head, b" name=\"").and_then(|at| head.get(at + 7..))?;
    Some((name.get(..memchr::memchr(b'"', name)?)?.to_vec(), value.to_vec()))
}

/// The text with `+` and `%XX` taken back; what is no escape stays.
#[must_use]
pub fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => out.push(b' '),
            b'%' => match tail.get(..2).and_then(|two| hex::decode(two).ok()).as_deref() {
                Some([plain]) => {
                    out.push(*plain);
                    rest = tail.get(2..).unwrap_or_default();
                }
                _ => out.push(b'%'),
            },
            byte => out.push(*byte),
        }
    }
    out
}

/// The text with everything escaped that is no letter, no digit and not one of `keep`; a space becomes `space`.
#[must_use]
pub fn encoded(text: &[u8], keep: &[u8], space: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(2));
    encode(text, keep, space, &mut out);
    out
}

/// The same, added at the end of `out`.
pub(crate) fn encode(text: &[u8], keep: &[u8], space: &str, out: &mut Vec<u8>) {
    // Whoever asks once for each letter of a large body should not search for it.
    let mut plain = [false; 256];
    for (byte, plain) in (0..=u8::MAX).zip(&mut plain) {
        *plain = byte.is_ascii_alphanumeric() || (byte != b' ' && keep.contains(&byte));
    }
    for byte in text {
        match byte {
            byte if plain.get(usize::from(*byte)).is_some_and(|plain| *plain) => out.push(*byte),
            b' ' => out.extend_from_slice(space.as_bytes()),
            byte => out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

const fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'A' + half - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_values_are_decoded() {
        let pair = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        let expected = vec![pair("a b", "1=2"), pair("c", ""), pair("", "x"), pair("%", "%2")];
        assert_eq!(pairs(b"a+b=1%3D2&c&&=x&%=%2"), expected);
    }

    #[test]
    fn the_parts_of_a_multipart_form_are_fields() {
        let body = b"--b-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b-1\r\n\
            Content-Type: text/plain\r\nContent-Disposition: form-data; filename=\"x\"; name=\"c\"\r\n\r\n\r\n--b-1--\r\n";
        let pair = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        assert_eq!(fields(body), [pair("a", "1\r\n2"), pair("c", "")]);
        assert_eq!(fields(b"a=1"), [pair("a", "1")]);
        assert_eq!(fields(b"--b\r\n"), []);
    }

    #[test]
    fn a_field_is_put_in_place_of_those_of_its_name() {
        assert_eq!(with(b"a=1&b=2&a=3", b"a", Some(b"x y")).unwrap(), b"b=2&a=x+y");
        assert_eq!(with(b"a=1", b"a", None).unwrap(), b"");
        assert_eq!(with(b"", b"a", Some(b"1")).unwrap(), b"a=1");
        assert!(with(b"{}", b"a", None).is_none());
        let part =
            |name: &str, value: &str| format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b");
        let body = |parts: &[String]| format!("--b\r\n{}--\r\n", parts.join("\r\n")).into_bytes();
        let both = body(&[part("a", "1"), part("b", "2")]);
        assert_eq!(with(&both, b"b", Some(b"3")).unwrap(), body(&[part("b", "3"), part("a", "1")]));
        assert_eq!(with(&both, b"b", None).unwrap(), body(&[part("a", "1")]));
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body: Vec<u8>) {
            let _ = (fields(&body), fields(&[b"--a\r\n", &body[..], b"\r\n--a--"].concat()));
        }

        #[test]
        fn what_was_encoded_is_decoded(text: Vec<u8>) {
            prop_assert_eq!(decoded(&encoded(&text, b"-._", "+")), text.clone());
            prop_assert_eq!(decoded(&encoded(&text, b"-._~*", "%20")), text);
        }
    }
}
