//! Frames: the head of each, and the mask over a client's bytes.

use bytes::{BufMut, BytesMut};

use crate::net::websocket::Broken;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

/// The longest payload of a frame between the ends of a connection.
pub(super) const MAX_CONTROL: usize = 125;

impl Kind {
    const fn of(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn code(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub(super) kind: Kind,
    /// Whether it is the last of its message.
    pub(super) last: bool,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) length: u64,
    /// How many bytes the head itself has.
    pub(super) size: usize,
}

impl FrameHead {
    /// Reads a head; `None` if there is not all of it yet.
    pub(super) fn read(input: &[u8]) -> Result<Option<Self>, Broken> {
        let [first, second, rest @ ..] = input else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Broken::Malformed("a reserved bit is set"));
        }
        let kind = Kind::of(first & 0x0f).ok_or(Broken::Malformed("a frame is of no known kind"))?;
        let last = first & 0x80 != 0;
        let (length, after) = match second & 0x7f {
            126 => match rest.first_chunk::<2>() {
                Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 2),
                None => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                Some(bytes) => (u64::from_be_bytes(*bytes), 8),
                None => return Ok(None),
            },
            short => (u64::from(short), 0),
        };
        if kind.is_control() && (!last || length > MAX_CONTROL as u64) {
            return Err(Broken::Malformed("a control frame is too long or in pieces"));
        }
        let (mask, size) = if second & 0x80 == 0 {
            (None, 2 + after)
        } else {
            let Some(mask) = rest.get(after..).and_then(|rest| rest.first_chunk::<4>()) else { return Ok(None) };
            (Some(*mask), 6 + after)
        };
        Ok(Some(Self { kind, last, mask, length, size }))
    }

    /// Writes a head.
    pub(super) fn write(self, out: &mut BytesMut) {
        out.put_u8(self.kind.code() | if self.last { 0x80 } else { 0x00 });
        let masked = if self.mask.is_some() { 0x80 } else { 0x00 };
        match self.length {
            0..126 => out.put_u8(masked | u8::try_from(self.length).unwrap_or(0)),
            126..=0xffff => {
                out.put_u8(masked | 0x7e);
                out.put_u16(u16::try_from(self.length).unwrap_or(u16::MAX));
            }
            _ => {
                out.put_u8(masked | 0x7f);
                out.put_u64(self.length);
            }
        }
        if let Some(mask) = self.mask {
            out.put_slice(&mask);
        }
    }
}

/// Puts a mask on, or takes it off.
pub(super) fn masked(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_that_break_the_rules_are_refused() {
        for (bytes, what) in [
            (&[0xc1, 0x00][..], "a reserved bit"),
            (&[0x83, 0x00], "no known kind"),
            (&[0x09, 0x00], "a ping in pieces"),
            (&[0x89, 0x7e, 0x00, 0x7e], "a long ping"),
        ] {
            assert!(FrameHead::read(bytes).is_err(), "{what}");
        }
        assert!(FrameHead::read(&[0x81, 0xfe, 0x01]).unwrap().is_none());
    }

    proptest! {
        #[test]
        fn a_head_is_read_as_it_was_written(length: u64, mask: Option<[u8; 4]>, last: bool, text: bool) {
            let kind = if text { Kind::Text } else { Kind::Binary };
            let mut out = BytesMut::new();
            FrameHead { kind, last, mask, length, size: 0 }.write(&mut out);
            for cut in 0..out.len() {
                prop_assert!(FrameHead::read(&out[..cut]).unwrap().is_none());
            }
            prop_assert_eq!(FrameHead::read(&out).unwrap(), Some(FrameHead { kind, last, mask, length, size: out.len() }));
        }

        #[test]
        fn a_mask_twice_is_none(bytes in prop::collection::vec(any::<u8>(), 0..40), mask: [u8; 4]) {
            let mut twice = bytes.clone();
            masked(&mut twice, mask);
            for (index, byte) in bytes.iter().enumerate() {
                prop_assert_eq!(twice[index], byte ^ mask[index % 4]);
            }
            masked(&mut twice, mask);
            prop_assert_eq!(twice, bytes);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let _ = FrameHead::read(&bytes);
        }
    }
}
