//! The chunked transfer coding, decoded from whatever pieces it arrives in.

use bytes::{Buf, Bytes, BytesMut};

use crate::model::Headers;

/// The longest line that announces a chunk or is a trailer.
const MAX_LINE: usize = 4 * 1024;
/// What extensions and trailers of one message may come to.
const MAX_EXTRAS: usize = 16 * 1024;
/// The most trailer lines.
const MAX_TRAILERS: usize = 100;
/// The most digits of a chunk's size; it cannot overflow 64 bits.
const MAX_DIGITS: usize = 15;

/// How far a body has come. Extensions and trailers are checked and dropped.
#[derive(Debug, Default)]
pub(crate) struct Chunked {
    state: State,
    extras: usize,
    trailers: usize,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailer,
}

/// What the input so far amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More input is needed.
    More,
    /// The body is whole; what is left of the input belongs to something else.
    Done,
    /// The limit is reached and there is more.
    Over,
}

/// The input is not chunked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub(crate) enum ChunkError {
    /// A line does not end with CR LF.
    Break,
    /// A line, or the extensions and trailers together, are too long.
    Extras,
    /// The size is no hexadecimal number.
    Size,
    /// A trailer is no header line.
    Trailer,
}

impl ChunkError {
    /// What is wrong, in words.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Break => "a chunk or its line does not end with CR LF",
            Self::Extras => "the chunk extensions or trailers are too long",
            Self::Size => "a chunk's size is not a hexadecimal number",
            Self::Trailer => "a trailer is not a header line",
        }
    }
}

impl Chunked {
    /// Moves what it can from `input` to `body`, which never grows over `limit`.
    pub(crate) fn decode(
        &mut self,
        input: &mut BytesMut,
        body: &mut BytesMut,
        limit: usize,
    ) -> Result<Progress, ChunkError> {
        loop {
            match self.state {
                State::Size => {
                    let Some(line) = line(input)? else { return Ok(Progress::More) };
                    let size = self.size(&line)?;
                    self.state = if size == 0 { State::Trailer } else { State::Data(size) };
                }
                State::Data(left) => {
                    let wanted = usize::try_from(left).unwrap_or(usize::MAX);
                    let room = limit.saturating_sub(body.len());
                    let taken = wanted.min(room).min(input.len());
                    body.extend_from_slice(&input.split_to(taken));
                    if taken == wanted {
                        self.state = State::DataEnd;
                        continue;
                    }
                    self.state = State::Data(left.saturating_sub(taken as u64));
                    return Ok(if taken == room { Progress::Over } else { Progress::More });
                }
                State::DataEnd => {
                    if !b"\r\n".starts_with(input.get(..2).unwrap_or(input)) {
                        return Err(ChunkError::Break);
                    }
                    if input.len() < 2 {
                        return Ok(Progress::More);
                    }
                    input.advance(2);
                    self.state = State::Size;
                }
                State::Trailer => {
                    let Some(line) = line(input)? else { return Ok(Progress::More) };
                    if &line[..] == b"\r\n" {
                        return Ok(Progress::Done);
                    }
                    self.trailers += 1;
                    self.spend(line.len())?;
                    Headers::from_block(line).map_err(|_| ChunkError::Trailer)?;
                }
            }
        }
    }

    /// How much of the chunk under way is still to come.
    pub(crate) fn wanted(&self) -> usize {
        match self.state {
            State::Data(left) => usize::try_from(left).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// Reads `1f;name=value` with its line end; some servers pad the number with spaces.
    fn size(&mut self, line: &[u8]) -> Result<u64, ChunkError> {
        let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let (number, rest) = line.split_at(digits);
        let extension = rest.trim_ascii();
        let odd = |b: &u8| (*b < b' ' && *b != b'\t') || *b == 0x7f;
        if digits == 0 || digits > MAX_DIGITS || extension.iter().any(odd) {
            return Err(ChunkError::Size);
        }
        if !extension.is_empty() && !extension.starts_with(b";") {
            return Err(ChunkError::Size);
        }
        self.spend(extension.len())?;
        let number = str::from_utf8(number).map_err(|_| ChunkError::Size)?;
        u64::from_str_radix(number, 16).map_err(|_| ChunkError::Size)
    }

    fn spend(&mut self, extras: usize) -> Result<(), ChunkError> {
        self.extras += extras;
        let within = self.extras <= MAX_EXTRAS && self.trailers <= MAX_TRAILERS;
        if within { Ok(()) } else { Err(ChunkError::Extras) }
    }
}

/// Takes a line with its CR LF off the input, if it is all there.
fn line(input: &mut BytesMut) -> Result<Option<Bytes>, ChunkError> {
    let Some(end) = memchr::memchr(b'\n', input) else {
        return if input.len() > MAX_LINE { Err(ChunkError::Extras) } else { Ok(None) };
    };
    if end > MAX_LINE {
        return Err(ChunkError::Extras);
    }
    let line = input.split_to(end + 1).freeze();
    if memchr::memchr(b'\r', &line).map(|cr| cr + 1) != Some(end) {
        return Err(ChunkError::Break);
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(input: &[u8], limit: usize) -> Result<(Progress, Vec<u8>, Vec<u8>), ChunkError> {
        let (mut input, mut body) = (BytesMut::from(input), BytesMut::new());
        let progress = Chunked::default().decode(&mut input, &mut body, limit)?;
        Ok((progress, body.to_vec(), input.to_vec()))
    }

    #[test]
    fn chunks_are_joined_and_the_rest_is_left() {
        let (progress, body, rest) = decoded(b"2\r\n{}\r\n1;a=\"b\"\r\n!\r\n0\r\nX-T: 1\r\n\r\nGET", 9).unwrap();
        assert_eq!((progress, &body[..], &rest[..]), (Progress::Done, &b"{}!"[..], &b"GET"[..]));
    }

    #[test]
    fn a_body_at_its_limit_is_whole_and_one_byte_more_is_over() {
        assert_eq!(decoded(b"2\r\nab\r\n0\r\n\r\n", 2).unwrap().0, Progress::Done);
        assert_eq!(
            decoded(b"3\r\nabc\r\n0\r\n\r\n", 2).unwrap(),
            (Progress::Over, b"ab".to_vec(), b"c\r\n0\r\n\r\n".to_vec())
        );
        assert_eq!(decoded(b"2\r\nab\r\n1\r\nc", 2).unwrap().0, Progress::Over);
    }

    #[test]
    fn what_is_not_chunked_is_refused() {
        let long = [&b"2;"[..], &*vec![b'a'; 70_000]].concat();
        let many = [&b"0\r\n"[..], &b"X: 1\r\n".repeat(101)].concat();
        for (input, fault) in [
            (&b"-1\r\n"[..], ChunkError::Size),
            (b"0x2\r\n", ChunkError::Size),
            (b"+2\r\n", ChunkError::Size),
            (b"\r\n", ChunkError::Size),
            (b"2 a\r\n", ChunkError::Size),
            (b"2;\0\r\n", ChunkError::Size),
            (b"10000000000000002\r\n", ChunkError::Size),
            (b"2\n{}\n", ChunkError::Break),
            (b"2;a\rb\r\n", ChunkError::Break),
            (b"2\r\n{}X", ChunkError::Break),
            (b"2\r\n{}\rX", ChunkError::Break),
            (b"0\r\nno colon\r\n\r\n", ChunkError::Trailer),
            (b"0\r\nX: a\0\r\n\r\n", ChunkError::Trailer),
            (&long, ChunkError::Extras),
            (&many, ChunkError::Extras),
        ] {
            assert_eq!(decoded(input, 9), Err(fault), "{}", input.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn a_body_comes_out_as_it_went_in_however_it_is_cut(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 0..8),
            cuts in prop::collection::vec(1_usize..20, 1..40),
        ) {
            let mut wire = Vec::new();
            for part in &parts {
                wire.extend(format!("{:x}\r\n", part.len()).bytes().chain(part.iter().copied()).chain(*b"\r\n"));
            }
            wire.extend(b"0\r\n\r\n");
            let (mut input, mut body, mut chunked) = (BytesMut::new(), BytesMut::new(), Chunked::default());
            let (mut rest, mut last) = (&wire[..], Progress::More);
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at(rest.len().min(*cut));
                input.extend_from_slice(now);
                rest = later;
                last = chunked.decode(&mut input, &mut body, 10_000).unwrap();
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!((last, &body[..], input.len()), (Progress::Done, &parts.concat()[..], 0));
        }

        #[test]
        fn no_input_makes_it_panic_or_grow(input in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'2'), any::<u8>()], 0..200)) {
            let (mut input, mut body) = (BytesMut::from(&input[..]), BytesMut::new());
            let progress = Chunked::default().decode(&mut input, &mut body, 10);
            prop_assert!(body.len() <= 10 && (progress != Ok(Progress::Over) || body.len() == 10));
        }
    }
}
