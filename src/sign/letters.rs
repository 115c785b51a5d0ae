//! The letters that a value may have: `A-Za-z0-9+/=`.

use std::ops::RangeInclusive;

/// Single letters, and ranges of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Letters {
    text: String,
    ranges: Vec<RangeInclusive<u8>>,
}

/// What are no letters.
#[derive(Debug, thiserror::Error)]
#[error("letters \"{0}\": single ASCII letters and ranges from a lower to a higher one, as A-Za-z0-9+/=")]
pub(crate) struct NoLetters(String);

impl TryFrom<String> for Letters {
    type Error = NoLetters;

    fn try_from(text: String) -> Result<Self, NoLetters> {
        let (mut ranges, mut rest) = (Vec::new(), text.as_bytes());
        while let [first, tail @ ..] = rest {
            let (last, tail) = if let [b'-', last, tail @ ..] = tail { (last, tail) } else { (first, tail) };
            if first > last || !last.is_ascii() {
                return Err(NoLetters(text));
            }
            ranges.push(*first..=*last);
            rest = tail;
        }
        Ok(Self { text, ranges })
    }
}

impl Letters {
    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the value has no other letters.
    pub(crate) fn are_all_of(&self, value: &[u8]) -> bool {
        value.iter().all(|letter| self.ranges.iter().any(|range| range.contains(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_letters_are_told_apart() {
        let base64 = Letters::try_from("A-Za-z0-9+/=\n".to_owned()).unwrap();
        assert!(base64.are_all_of(b"PG5vdGlm+/Zz09=\n") && base64.are_all_of(b""));
        for bad in ["a b", "a-b", "a_b", "\r", "\u{e9}", "a\0"] {
            assert!(!base64.are_all_of(bad.as_bytes()), "{bad:?}");
        }
        let ends = Letters::try_from("x-".to_owned()).unwrap();
        assert!(ends.are_all_of(b"-x") && !ends.are_all_of(b"y"));
    }

    #[test]
    fn what_would_match_nothing_is_refused() {
        for bad in ["z-a", "A-\u{e9}", "\u{e9}"] {
            assert!(Letters::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
