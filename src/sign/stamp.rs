//! The moment in a request: seconds, milliseconds or ISO 8601, read strictly and written back.

use crate::model::time::Timestamp;

/// How a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Unix seconds.
    #[default]
    S,
    /// Unix seconds, perhaps with a fraction.
    Decimal,
    /// Unix milliseconds.
    Ms,
    /// ISO 8601; without a zone it is UTC.
    Iso8601,
    /// Signed, but not understood.
    Opaque,
}

/// How far a moment may be off, in seconds; without a number it is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// How old it may be.
    pub past: Option<u32>,
    /// How far ahead it may be.
    pub future: Option<u32>,
    /// What is just as far off is refused, too.
    pub exclusive: bool,
    /// Whether of both clocks only whole seconds count; if nothing is said, where the moment is in seconds.
    pub whole: Option<bool>,
    /// No moment is earlier than this one, in Unix seconds.
    pub since: Option<i64>,
}

impl Unit {
    /// The moment that a text names; numbers have digits only.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Timestamp> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
        match self {
            Self::S => number(text).map(Timestamp::from_seconds),
            Self::Decimal => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
                // The first three digits are milliseconds; the others must be digits, too.
                let thousandths = number(&format!("{fraction:0<3}")).and(fraction.get(..fraction.len().min(3)))?;
                let millis = number(&format!("{thousandths:0<3}")).filter(|_| !fraction.is_empty())?;
                Some(Timestamp::from_millis(number(whole)?.checked_mul(1000)?.checked_add(millis)?))
            }
            Self::Ms => number(text).map(Timestamp::from_millis),
            Self::Iso8601 => {
                let zoned = text.parse::<jiff::Timestamp>().ok();
                let plain = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
                let moment = zoned.or_else(|| plain().map(|moment| moment.timestamp()))?;
                Some(Timestamp::from_millis(moment.as_millisecond()))
            }
            Self::Opaque => None,
        }
    }

    /// The same of bytes.
    pub(crate) fn read_bytes(self, bytes: &[u8]) -> Option<Timestamp> {
        match (self, bytes.len()) {
            (Self::S | Self::Ms, 1..=18) => {
                let moment = if self == Self::S { Timestamp::from_seconds } else { Timestamp::from_millis };
                digits(bytes).map(moment)
            }
            _ => self.read(str::from_utf8(bytes).ok()?),
        }
    }

    /// The moment as text.
    #[must_use]
    pub fn write(self, moment: Timestamp) -> String {
        match self {
            Self::S | Self::Decimal | Self::Opaque => moment.seconds().to_string(),
            Self::Ms => moment.millis().to_string(),
            Self::Iso8601 => moment.to_string(),
        }
    }
}

impl Window {
    /// How old a moment is in milliseconds, negative if it lies ahead.
    #[must_use]
    pub fn age_millis(&self, unit: Unit, moment: Timestamp, now: Timestamp) -> i64 {
        if self.whole.unwrap_or(unit == Unit::S) {
            now.seconds().saturating_sub(moment.seconds()).saturating_mul(1000)
        } else {
            now.millis().saturating_sub(moment.millis())
        }
    }
}

/// The number that these digits are; the first eight are read at once, for there mostly are ten or thirteen.
fn digits(bytes: &[u8]) -> Option<i64> {
    let (first, rest) = match bytes.split_first_chunk() {
        Some((eight, rest)) => (eight_digits(u64::from_le_bytes(*eight))?, rest),
        None => (0, bytes),
    };
    rest.iter().try_fold(first, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Neighbours are joined: ones to pairs, pairs to fours, fours to the whole.
fn eight_digits(text: u64) -> Option<i64> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let ones = text ^ (EACH * u64::from(b'0'));
    // What is no digit is above 9 now, and above 127 at the latest when 118 is added.
    if (ones | ones.wrapping_add(EACH * 118)) & (EACH * 128) != 0 {
        return None;
    }
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(((fours & 0xffff) * 10_000 + (fours >> 32)).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_numbers_are_seconds() {
        for bad in ["", "-1", "+1", " 1", "1 ", "1e3", "1.5", "0x1", "soon", "99999999999999999999", "١"] {
            assert_eq!(Unit::S.read(bad), None, "{bad}");
        }
        assert_eq!(Unit::S.read("007"), Some(Timestamp::from_seconds(7)));
    }

    #[test]
    fn a_second_may_have_a_fraction_where_the_scheme_says_so() {
        let read = |text| Unit::Decimal.read(text).map(Timestamp::millis);
        assert_eq!([read("1"), read("1.5"), read("1.2345678")], [Some(1000), Some(1500), Some(1234)]);
        for bad in ["", ".", "1.", ".5x", "1.2.3", "-1.5", "1.x", "1.123x", "99999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn iso_8601_is_read_with_a_zone_and_without() {
        let moment = Some(Timestamp::from_seconds(1_760_000_000));
        for text in ["2025-10-09T08:53:20Z", "2025-10-09T10:53:20.000000001+02:00", "2025-10-09T08:53:20"] {
            assert_eq!(Unit::Iso8601.read(text), moment, "{text}");
        }
        assert_eq!(Unit::Iso8601.read("1760000000"), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(millis in 0_i64..253_402_300_799_000) {
            let moment = Timestamp::from_millis(millis);
            prop_assert_eq!(Unit::Ms.read(&Unit::Ms.write(moment)), Some(moment));
            prop_assert_eq!(Unit::Iso8601.read(&Unit::Iso8601.write(moment)), Some(moment));
            prop_assert_eq!(Unit::S.read(&Unit::S.write(moment)), Some(Timestamp::from_seconds(moment.seconds())));
        }

        #[test]
        fn bytes_are_read_as_their_text_is(text in "[0-9]{0,20}|[0-9/: -]{8,12}|[0-9]{4}.[0-9]{4,9}") {
            for unit in [Unit::S, Unit::Ms, Unit::Decimal] {
                prop_assert_eq!(unit.read_bytes(text.as_bytes()), unit.read(&text), "{:?}", unit);
            }
        }

        #[test]
        fn no_text_breaks_it(text: String) {
            for unit in [Unit::S, Unit::Ms, Unit::Iso8601, Unit::Opaque] {
                let _ = unit.read(&text);
            }
        }
    }
}
