//! Header lines exactly as they stood on the wire: case, order, repeats and white space.

use std::fmt;

use bytes::{Bytes, BytesMut};

/// Header lines, kept as the raw block `Name: value\r\n...` without the empty line that ends it.
///
/// Every line is well formed: a token, a colon, a value without control characters but tab.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    block: Bytes,
}

/// How much room is made at once.
const MORE: usize = 256;

/// Header lines in the making.
pub struct Writing {
    block: BytesMut,
}

/// Why a header cannot be sent or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is no colon.
    #[error("header \"{0}\" needs the form \"Name: value\"")]
    NoColon(String),
    /// The name is empty or has a character that a name cannot have.
    #[error("\"{0}\" cannot be a header name")]
    BadName(String),
    /// The value has a control character.
    #[error("the value of header \"{0}\" has a control character or a line break")]
    BadValue(String),
    /// A line does not end with CR LF.
    #[error("a header line does not end with CR LF")]
    Unfinished,
}

impl Headers {
    /// No header at all.
    #[must_use]
    pub const fn new() -> Self {
        Self { block: Bytes::new() }
    }

    /// From a raw block, each line ended by CR LF. Nothing is copied.
    ///
    /// # Errors
    /// If a line is not a well-formed header.
    pub fn from_block(block: Bytes) -> Result<Self, HeaderError> {
        if !block.is_empty() && !block.ends_with(b"\r\n") {
            return Err(HeaderError::Unfinished);
        }
        let headers = Self { block };
        for line in headers.lines() {
            let Some(line) = line.strip_suffix(b"\r\n") else { return Err(HeaderError::Unfinished) };
            let Some(colon) = memchr::memchr(b':', line) else {
                return Err(HeaderError::NoColon(shown(line)));
            };
            let (name, rest) = line.split_at(colon);
            let value = rest.get(1..).unwrap_or_default();
            check(name, value)?;
        }
        Ok(headers)
    }

    /// The lines that `write` puts down one after the other, into room for so many bytes.
    ///
    /// # Errors
    /// If one of them cannot stand there.
    pub fn written(
        room: usize,
        write: impl FnOnce(&mut Writing) -> Result<(), HeaderError>,
    ) -> Result<Self, HeaderError> {
        let mut lines = Writing { block: BytesMut::with_capacity(room) };
        write(&mut lines)?;
        Ok(Self { block: lines.block.freeze() })
    }

    /// Adds a line `name: value` at the end.
    ///
    /// # Errors
    /// If the name or the value cannot stand in a header line.
    pub fn push(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        let mut lines = Writing { block: BytesMut::from(std::mem::take(&mut self.block)) };
        let pushed = lines.push(name, value);
        self.block = lines.block.freeze();
        pushed
    }

    /// Reads `Name: value` as a person writes it.
    ///
    /// # Errors
    /// If there is no colon, or a part is not fit for a header.
    pub fn push_line(&mut self, line: &str) -> Result<(), HeaderError> {
        let (name, value) = line.split_once(':').ok_or_else(|| HeaderError::NoColon(line.to_owned()))?;
        self.push(name.trim(), value.trim_matches([' ', '\t']))
    }

    /// Name and value of each line, in order; white space around the value left out.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> + '_ {
        self.lines().filter_map(|line| {
            let (name, value) = line.split_at(memchr::memchr(b':', line)?);
            Some((name, value.get(1..)?.trim_ascii()))
        })
    }

    /// Each raw line with its CR LF.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let mut rest: &[u8] = &self.block;
        std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest)?;
            let (line, tail) = rest.split_at(end + 1);
            rest = tail;
            Some(line)
        })
    }

    /// The value of the first line of this name, in any case.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The value of the first line of this name, if it is UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(|value| str::from_utf8(value).ok())
    }

    /// The values of every line of this name, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Whether a line of this name is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The same lines without those for which `drop` says yes to the name.
    #[must_use]
    pub fn without(&self, drop: impl Fn(&[u8]) -> bool) -> Self {
        let mut block = BytesMut::with_capacity(self.block.len());
        for line in self.lines() {
            let name = line.split(|b| *b == b':').next().unwrap_or_default();
            if !drop(name) {
                block.extend_from_slice(line);
            }
        }
        Self { block: block.freeze() }
    }

    /// These lines, with each line of `other` replacing those of its name or added at the end.
    #[must_use]
    pub fn overlaid(&self, other: &Self) -> Self {
        let kept = self.without(|name| other.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        let mut block = BytesMut::from(kept.block);
        block.extend_from_slice(&other.block);
        Self { block: block.freeze() }
    }

    /// The raw block.
    #[must_use]
    pub const fn block(&self) -> &Bytes {
        &self.block
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines().count()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.block.is_empty()
    }
}

impl Writing {
    /// Adds a line `name: value`.
    ///
    /// # Errors
    /// If the name or the value cannot stand in a header line.
    pub fn push(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        let (name, value) = (name.as_ref(), value.as_ref());
        check(name, value)?;
        let line = name.len() + value.len() + 4;
        if self.block.capacity() - self.block.len() < line {
            // Whoever adds one line adds others.
            self.block.reserve(line.max(MORE));
        }
        for part in [name, b": ", value, b"\r\n"] {
            self.block.extend_from_slice(part);
        }
        Ok(())
    }

    /// Adds lines that are there already.
    pub fn extend(&mut self, headers: &Headers) {
        self.block.extend_from_slice(&headers.block);
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| shown(name))).finish()
    }
}

/// A header name is a token of RFC 9110; a value has no control character but tab.
fn check(name: &[u8], value: &[u8]) -> Result<(), HeaderError> {
    if name.is_empty() || !name.iter().all(|b| is_token(*b)) {
        return Err(HeaderError::BadName(shown(name)));
    }
    // Every byte is looked at, which takes no time where one looks at many at once.
    if value.iter().fold(0, |bad, b| bad | u8::from(*b < b' ' && *b != b'\t') | u8::from(*b == 0x7f)) != 0 {
        return Err(HeaderError::BadValue(shown(name)));
    }
    Ok(())
}

/// Whether the byte may stand in a method or a header name.
#[must_use]
pub const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BLOCK: &[u8] = b"X-One: 1\r\nx-one:2\r\nX-Empty: \r\nX-Latin: caf\xe9\r\n";

    #[test]
    fn a_block_is_kept_as_it_came() {
        let headers = Headers::from_block(Bytes::from_static(BLOCK)).unwrap();
        assert_eq!(&headers.block()[..], BLOCK);
        assert_eq!(headers.values("X-ONE").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(headers.value("x-empty"), Some(&b""[..]));
        assert_eq!((headers.value("x-latin"), headers.text("x-latin")), (Some(&b"caf\xe9"[..]), None));
        assert_eq!(headers.len(), 4);
    }

    #[test]
    fn what_could_break_out_of_a_line_is_refused() {
        let mut headers = Headers::new();
        assert!(headers.push("X-A", "a\r\nX-B: b").is_err());
        assert!(headers.push("X A", "a").is_err());
        assert!(headers.push("", "a").is_err());
        assert!(headers.push("X-A", "a\0").is_err());
        assert!(headers.push_line("NoColon").is_err());
        assert!(headers.push_line(": x").is_err());
        assert!(headers.is_empty());
        assert!(Headers::from_block(Bytes::from_static(b"X: 1")).is_err());
        assert!(Headers::from_block(Bytes::from_static(b"X\r\n")).is_err());
        assert!(Headers::from_block(Bytes::from_static(b"X: 1\nY: 2\r\n")).is_err());
    }

    #[test]
    fn an_overlay_replaces_by_name_and_adds_the_rest() {
        let mut over = Headers::new();
        over.push_line("x-one: a, b: c").unwrap();
        over.push_line("X-New: n").unwrap();
        let both = Headers::from_block(Bytes::from_static(BLOCK)).unwrap().overlaid(&over);
        assert_eq!(&both.block()[..], b"X-Empty: \r\nX-Latin: caf\xe9\r\nx-one: a, b: c\r\nX-New: n\r\n");
    }

    proptest! {
        #[test]
        fn what_was_pushed_is_read_back(pairs in prop::collection::vec(("[!#-'*+.0-9A-Z^-z|~-]{1,20}", "[!-~]([ -~\t]{0,20}[!-~])?"), 0..8)) {
            let mut headers = Headers::new();
            for (name, value) in &pairs {
                headers.push(name, value).unwrap();
            }
            let back: Vec<_> = headers.iter().map(|(n, v)| (String::from_utf8_lossy(n).into_owned(), String::from_utf8_lossy(v).into_owned())).collect();
            prop_assert_eq!(back, pairs);
        }
    }
}
