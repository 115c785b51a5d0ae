//! How bytes are written as text: hex, base64 and its URL-safe kin.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD};

/// Takes base64 with its padding or without: for keys, which people copy by hand, never for signatures.
const UNPADDED_TOO: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const KEY: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, UNPADDED_TOO);
const URL_KEY: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, UNPADDED_TOO);

/// Takes base64 whose last letter has bits that mean nothing, as lax libraries do with signatures.
const ANY_BITS: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
const ANY_END: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_BITS);
const URL_ANY_END: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    ANY_BITS.with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// How many groups of three bytes become letters at once: those of a SHA-256.
const GROUPS: usize = 12;

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Small hexadecimal letters.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
    /// Base64 of the URL-safe alphabet, without padding.
    Base64url,
}

impl Encoding {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Hex, Self::Base64, Self::Base64url];

    /// The bytes as text.
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => in_hex(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    /// The bytes as text, put where there is room for it.
    pub(crate) fn encode_into<'o>(self, bytes: &[u8], out: &'o mut [u8]) -> Option<&'o [u8]> {
        let length = match self {
            Self::Hex => {
                put_hex(bytes, out.get_mut(..bytes.len() * 2)?);
                Some(bytes.len() * 2)
            }
            Self::Base64 => put_base64(bytes, out),
            Self::Base64url => URL_SAFE_NO_PAD.encode_slice(bytes, out).ok(),
        }?;
        out.get(..length)
    }

    /// As [`Self::decode_loosely`], put where there is room for it; tells how many bytes there are.
    pub(crate) fn decode_loosely_into(self, text: &[u8], out: &mut [u8]) -> Option<usize> {
        match self {
            Self::Hex => hex::decode_to_slice(text, out.get_mut(..text.len() / 2)?).ok().map(|()| text.len() / 2),
            Self::Base64 => KEY.decode_slice(text, out).ok(),
            Self::Base64url => URL_KEY.decode_slice(text, out).ok(),
        }
    }

    /// The bytes of a text that is exactly what [`Self::encode`] writes.
    #[must_use]
    pub fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        let bytes = match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64url => URL_SAFE_NO_PAD.decode(text).ok(),
        }?;
        (self.encode(&bytes).as_bytes() == text).then_some(bytes)
    }

    /// The bytes of a signature as lax libraries read it: capital hex letters and idle last bits are no matter.
    #[must_use]
    pub fn decode_laxly(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => ANY_END.decode(text).ok(),
            Self::Base64url => URL_ANY_END.decode(text).ok(),
        }
    }

    /// The bytes of a text as people copy it: capital hex letters and lost padding are no matter.
    #[must_use]
    pub fn decode_loosely(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => KEY.decode(text).ok(),
            Self::Base64url => URL_KEY.decode(text).ok(),
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64url => "base64url",
        }
    }
}

fn in_hex(bytes: &[u8]) -> String {
    let mut text = vec![0; bytes.len() * 2];
    put_hex(bytes, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// Without a table, so that many letters are made at once.
fn put_hex(bytes: &[u8], out: &mut [u8]) {
    let letter = |half: u8| half + b'0' + 39 * u8::from(half > 9);
    for (pair, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [letter(byte >> 4), letter(byte & 15)];
    }
}

/// Without a table, so that many letters are made at once: a signature is too short for the library's way.
fn put_base64(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let length = bytes.len().div_ceil(3) * 4;
    let out = out.get_mut(..length)?;
    for (out, bytes) in out.chunks_mut(4 * GROUPS).zip(bytes.chunks(3 * GROUPS)) {
        // One more than there are, so that each group is read with the byte behind it, in one piece.
        let mut room = [0; 3 * GROUPS + 1];
        room.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let mut groups = [0; GROUPS];
        for (group, four) in groups.iter_mut().zip(room.windows(4).step_by(3)) {
            *group = u32::from_be_bytes(*four.first_chunk()?) >> 8;
        }
        let mut letters = [0; 4 * GROUPS];
        for (four, bits) in letters.as_chunks_mut().0.iter_mut().zip(groups) {
            let sixes = bits >> 18 | (bits & 0x3f000) >> 4 | (bits & 0xfc0) << 10 | (bits & 0x3f) << 24;
            *four = sixes.to_le_bytes();
        }
        for letter in &mut letters {
            let from = |first: u8, step: u8| if *letter >= first { step } else { 0 };
            let steps = from(0, b'A') + from(26, 6) + from(63, 3);
            *letter = letter.wrapping_add(steps).wrapping_sub(from(52, 75)).wrapping_sub(from(62, 15));
        }
        out.copy_from_slice(letters.get(..out.len())?);
    }
    let padding = length - (bytes.len() * 4).div_ceil(3);
    out.get_mut(length - padding..)?.fill(b'=');
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_exact_text_is_decoded() {
        for (encoding, text) in [
            (Encoding::Hex, "ABCD"),
            (Encoding::Hex, "abc"),
            (Encoding::Base64, "AAA"),
            (Encoding::Base64, "AAB="),
            (Encoding::Base64, "__8="),
            (Encoding::Base64, " AAA="),
            (Encoding::Base64url, "AAA="),
        ] {
            assert_eq!(encoding.decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Encoding::Base64.decode_loosely(b"AAA"), Some(vec![0, 0]));
    }

    proptest! {
        #[test]
        fn what_is_put_somewhere_is_what_would_be_written(bytes in prop::collection::vec(any::<u8>(), 0..=64)) {
            for encoding in Encoding::ALL {
                let (mut room, written) = ([0; 128], encoding.encode(&bytes));
                prop_assert_eq!(encoding.encode_into(&bytes, &mut room), Some(written.as_bytes()));
            }
        }

        #[test]
        fn what_was_encoded_is_decoded(bytes: Vec<u8>) {
            for encoding in Encoding::ALL {
                prop_assert_eq!(encoding.decode(encoding.encode(&bytes).as_bytes()), Some(bytes.clone()));
            }
        }

        #[test]
        fn no_text_breaks_it(text: Vec<u8>) {
            for encoding in Encoding::ALL {
                let _ = (encoding.decode(&text), encoding.decode_loosely(&text));
            }
        }
    }
}
