//! Durations, sizes and moments as people type them: `1h30m`, `32MiB`, `yesterday`.

use std::fmt::Write;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// Ten years; longer is a slip of the keyboard.
const LONGEST: Duration = Duration::from_secs(3650 * 86_400);

/// Units in milliseconds. `ms` stands first, so that its `m` is not taken for minutes.
const TIME_UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZE_UNITS: [(&str, u64); 11] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("kib", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
];

/// Why a text is no duration, size or moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It is no duration.
    #[error("\"{0}\" is no duration: use 30s, 5m, 2h, 500ms, 1h30m, or seconds alone")]
    Duration(String),
    /// It is a duration of nothing.
    #[error("\"{0}\" must be longer than nothing: use 30s, 5m, 2h, 500ms, or seconds alone")]
    Zero(String),
    /// It is longer than ten years.
    #[error("\"{0}\" is longer than ten years")]
    TooLong(String),
    /// It is no size.
    #[error("\"{0}\" is no size: use bytes, 500k, 1MB, 32MiB or 1GiB")]
    Size(String),
    /// It is no moment.
    #[error("\"{0}\" is no time: use 10m, 2h or 7d (ago), today, yesterday, 2026-01-02, RFC 3339 or Unix seconds")]
    Moment(String),
}

/// Reads `30s`, `1h30m`, `1.5s`; a number alone is seconds.
///
/// # Errors
/// If it is something else, or longer than ten years.
pub fn duration(text: &str) -> Result<Duration, SpanError> {
    let bad = || SpanError::Duration(text.to_owned());
    let too_long = || SpanError::TooLong(text.to_owned());
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(bad());
    }
    let (mut total, mut last) = (Duration::ZERO, u64::MAX);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len()));
        let whole = total.is_zero() && last == u64::MAX;
        let (unit, after) = match TIME_UNITS.iter().find_map(|(name, unit)| Some((*unit, after.strip_prefix(name)?))) {
            Some(found) => found,
            None if after.is_empty() && whole => (1000, after),
            None => return Err(bad()),
        };
        // From large to small, so that `5m5m` and `30s1h` are seen as the slips they are.
        if unit >= last {
            return Err(bad());
        }
        let part = times(number, unit).ok_or_else(bad)?;
        total = total.checked_add(part).filter(|sum| *sum <= LONGEST).ok_or_else(too_long)?;
        (last, rest) = (unit, after);
    }
    Ok(total)
}

/// As [`duration`], but not nothing: for time limits.
///
/// # Errors
/// As [`duration`], and if it is zero.
pub fn positive_duration(text: &str) -> Result<Duration, SpanError> {
    match duration(text)? {
        Duration::ZERO => Err(SpanError::Zero(text.to_owned())),
        span => Ok(span),
    }
}

/// Reads a number of bytes: `1024`, `500k`, `1MB`, `32MiB`. `k` and `kB` are 1000, `KiB` is 1024; case does not matter.
///
/// # Errors
/// If it is something else.
pub fn size(text: &str) -> Result<u64, SpanError> {
    let (number, unit) =
        text.trim().split_at(text.trim().find(|c: char| !c.is_ascii_digit()).unwrap_or(text.trim().len()));
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor = SIZE_UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let bytes = number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    bytes.ok_or_else(|| SpanError::Size(text.to_owned()))
}

/// Reads a moment: RFC 3339, Unix seconds, a duration (that long before `now`), `now`, `today` and `yesterday` (as
/// they begin), or a date with or without a time; days are those of `zone`.
///
/// # Errors
/// If it is something else.
pub fn moment(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, SpanError> {
    let bad = || SpanError::Moment(text.to_owned());
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    if let Ok(ago) = duration(text) {
        return Ok(now.minus(ago));
    }
    let today = || {
        let stamp = jiff::Timestamp::from_millisecond(now.millis()).map_err(|_| bad())?;
        Ok(stamp.to_zoned(zone.clone()).date())
    };
    let civil = match text {
        "now" => return Ok(now),
        "today" => today()?.into(),
        "yesterday" => today()?.yesterday().map_err(|_| bad())?.into(),
        _ => text.parse::<DateTime>().map_err(|_| bad())?,
    };
    let zoned = civil.to_zoned(zone.clone()).map_err(|_| bad())?;
    Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// A duration as it would be typed: `1h30m`, `500ms`, `0s`. Anything below a millisecond is left out.
#[must_use]
pub fn shown(span: Duration) -> String {
    let mut rest = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (name, unit) in TIME_UNITS.iter().rev() {
        if rest >= *unit {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{name}", rest / unit);
            rest %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// `number` units of so many milliseconds. The number may have a fraction, of which microseconds are kept.
fn times(number: &str, unit: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // Too many digits for a u64 is longer than ten years in any unit.
    let whole = Duration::from_millis(whole.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(unit));
    let millionths = format!("{fraction:0<6}").get(..6)?.parse::<u64>().ok()?;
    whole.checked_add(Duration::from_nanos(millionths.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

    #[test]
    fn durations_are_read_as_people_type_them() {
        for (text, millis) in [
            ("30s", 30_000),
            ("1s", 1000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("5", 5000),
            ("1.5s", 1500),
            ("0.25", 250),
            ("0", 0),
            (" 10m ", 600_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_accepted_forms() {
        for text in
            ["", "-5s", "s", "5x", "5m5m", "30s1h", "1h5", "1e9y", "1.", ".5s", "1.2.3s", "5 s", "+5s", "inf", "NaN"]
        {
            let error = duration(text).unwrap_err().to_string();
            assert!(error.contains("use 30s"), "{text}: {error}");
        }
        assert!(matches!(duration("99999999999999999999d"), Err(SpanError::TooLong(_))));
        assert!(matches!(duration("4000d"), Err(SpanError::TooLong(_))));
        assert!(matches!(positive_duration("0ms"), Err(SpanError::Zero(_))));
    }

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        for (text, bytes) in
            [("0", 0), ("1024", 1024), ("500k", 500_000), ("1MB", 1_000_000), ("32MiB", 32 << 20), ("1 GiB", 1 << 30)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "abc", "-1", "1.5MB", "99TB", "MB", "99999999999999999999", "18446744073709551615k"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_absolute_or_count_back_from_now() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for (text, want) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
            ("1700000000", "2023-11-14T22:13:20.000Z"),
            ("10m", "2025-10-09T08:43:20.000Z"),
            ("7d", "2025-10-02T08:53:20.000Z"),
            ("now", "2025-10-09T08:53:20.000Z"),
            ("today", "2025-10-08T22:00:00.000Z"),
            ("yesterday", "2025-10-07T22:00:00.000Z"),
            ("2026-01-02", "2026-01-01T22:00:00.000Z"),
            ("2026-01-02 03:04", "2026-01-02T01:04:00.000Z"),
        ] {
            assert_eq!(moment(text, NOW, &zone).unwrap().to_string(), want, "{text}");
        }
        for text in ["", "yesterday-ish", "-10m", "2026-13-01", "noon", "10 minutes"] {
            let error = moment(text, NOW, &zone).unwrap_err().to_string();
            assert!(error.contains("use 10m"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_shown_duration_reads_back(millis in 0_u64..300_000_000_000) {
            let span = Duration::from_millis(millis);
            prop_assert_eq!(duration(&shown(span)), Ok(span));
        }

        #[test]
        fn no_text_breaks_a_reader(text in "\\PC{0,24}|[0-9.]{0,30}[a-z]{0,3}") {
            let _ = (duration(&text), size(&text), moment(&text, NOW, &TimeZone::UTC));
        }
    }
}
