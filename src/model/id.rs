//! Identifiers: a prefix and 27 base62 characters that sort by time (KSUID).

use std::fmt;
use std::str::FromStr;

use crate::model::time::Timestamp;

/// A KSUID counts seconds from 2014-05-13T16:53:20Z.
const EPOCH_SECONDS: i64 = 1_400_000_000;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TEXT_LENGTH: usize = 27;

/// The text is not an identifier of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no {what}: it looks like {prefix}2rXk... (27 letters and digits)")]
pub struct IdError {
    text: String,
    what: &'static str,
    prefix: &'static str,
}

/// The 20 bytes of a KSUID: four of seconds, sixteen of chance.
///
/// The first two bytes of chance hold the millisecond, so that ids of one second sort as they were made.
fn bytes_of(at: Timestamp, chance: u128) -> [u8; 20] {
    let seconds = u32::try_from((at.seconds() - EPOCH_SECONDS).max(0)).unwrap_or(u32::MAX);
    let millis = u16::try_from(at.millis().rem_euclid(1000)).unwrap_or(0);
    let mut bytes = [0; 20];
    let (head, tail) = bytes.split_at_mut(4);
    head.copy_from_slice(&seconds.to_be_bytes());
    tail.copy_from_slice(&chance.to_be_bytes());
    let (middle, _) = tail.split_at_mut(2);
    middle.copy_from_slice(&(millis << 6 | (chance >> 112) as u16 & 0x3f).to_be_bytes());
    bytes
}

fn moment_of(bytes: [u8; 20]) -> Timestamp {
    // The first 48 bits: seconds, milliseconds, and six of chance.
    let head = bytes.iter().take(6).fold(0, |all, byte| all << 8 | i64::from(*byte));
    let (seconds, millis) = (EPOCH_SECONDS + (head >> 16), (head & 0xffff) >> 6);
    Timestamp::from_millis(seconds * 1000 + millis.min(999))
}

fn encode(bytes: [u8; 20]) -> [u8; TEXT_LENGTH] {
    // Long division of the 160-bit number, kept as five words, by 62.
    let mut words = [0_u32; 5];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = chunk.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
    }
    let mut text = [b'0'; TEXT_LENGTH];
    for place in text.iter_mut().rev() {
        let mut rest = 0_u64;
        for word in &mut words {
            let value = rest << 32 | u64::from(*word);
            *word = u32::try_from(value / 62).unwrap_or(u32::MAX);
            rest = value % 62;
        }
        *place = ALPHABET.get(usize::try_from(rest).unwrap_or(0)).copied().unwrap_or(b'0');
    }
    text
}

fn decode(text: &str) -> Option<[u8; 20]> {
    if text.len() != TEXT_LENGTH {
        return None;
    }
    let mut words = [0_u32; 5];
    for letter in text.bytes() {
        let mut carry = ALPHABET.iter().position(|known| *known == letter)? as u64;
        for word in words.iter_mut().rev() {
            let value = u64::from(*word) * 62 + carry;
            *word = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX);
            carry = value >> 32;
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = [0; 20];
    for (chunk, word) in bytes.chunks_exact_mut(4).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    Some(bytes)
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 20]);

        impl $name {
            /// What every one of them starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new one for this moment; `chance` must be random.
            #[must_use]
            pub fn new(at: Timestamp, chance: u128) -> Self {
                Self(bytes_of(at, chance))
            }

            /// From its 20 bytes, as a store keeps them.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 20]) -> Self {
                Self(bytes)
            }

            /// The least that one made at this moment can be.
            #[must_use]
            pub fn first_of(at: Timestamp) -> Self {
                Self(bytes_of(at, 0))
            }

            /// When it was made, as it says.
            #[must_use]
            pub fn made_at(&self) -> Timestamp {
                moment_of(self.0)
            }

            /// Its 20 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 20] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                let text = encode(self.0);
                f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix).and_then(decode).map(Self).ok_or_else(|| IdError {
                    text: text.to_owned(),
                    what: $what,
                    prefix: $prefix,
                })
            }
        }
    };
}

identifier!(
    /// An event, `msg_...`.
    EventId, "msg_", "event id"
);
identifier!(
    /// An endpoint, `ep_...`.
    EndpointId, "ep_", "endpoint id"
);
identifier!(
    /// A delivery: one event on its way to one endpoint, `dlv_...`.
    DeliveryId, "dlv_", "delivery id"
);
identifier!(
    /// An attempt of a delivery, `atmpt_...`.
    AttemptId, "atmpt_", "attempt id"
);
identifier!(
    /// An app, `app_...`.
    AppId, "app_", "app id"
);
identifier!(
    /// A token, `tok_...`.
    TokenId, "tok_", "token id"
);
identifier!(
    /// A piece of work that goes on after its answer, `qtask_...`.
    TaskId, "qtask_", "task id"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_ksuid_is_spelled_as_the_format_says() {
        // The largest value, from the format's description.
        assert_eq!(&encode([0xff; 20]), b"aWgEPTl1tmebfsQzFP4bxwgy80V");
        assert_eq!(&encode([0; 20]), b"000000000000000000000000000");
        assert_eq!(decode("aWgEPTl1tmebfsQzFP4bxwgy80V"), Some([0xff; 20]));
        assert_eq!(decode("aWgEPTl1tmebfsQzFP4bxwgy80W"), None);
    }

    #[test]
    fn another_kind_or_a_cut_one_is_refused() {
        let id = EventId::new(Timestamp::from_seconds(1_760_000_000), 7).to_string();
        assert!(id.parse::<EventId>().is_ok());
        assert!(id.parse::<EndpointId>().is_err());
        assert!(id[..20].parse::<EventId>().is_err());
    }

    proptest! {
        #[test]
        fn every_id_reads_back(bytes: [u8; 20]) {
            let id = EventId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        }

        #[test]
        fn a_later_millisecond_sorts_after(at in 1_500_000_000_000_i64..4_000_000_000_000, step in 1_i64..100_000, a: u128, b: u128) {
            let earlier = EventId::new(Timestamp::from_millis(at), a);
            let later = EventId::new(Timestamp::from_millis(at + step), b);
            prop_assert!(earlier < later);
            prop_assert!(earlier.to_string() < later.to_string());
            prop_assert_eq!(earlier.made_at(), Timestamp::from_millis(at));
            prop_assert!(EventId::first_of(Timestamp::from_millis(at)) <= earlier);
        }
    }
}
