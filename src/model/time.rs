//! A moment in Unix milliseconds, and its RFC 3339 spelling.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is neither RFC 3339 nor Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no time: use RFC 3339 (2026-01-02T03:04:05Z) or Unix seconds")]
pub struct TimeError(String);

impl Timestamp {
    /// When nothing is due that waits for somebody's word.
    pub const NEVER: Self = Self::from_seconds(253_370_764_800);

    /// From Unix milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From Unix seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Unix seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `wait` more; never past the end of time.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(wait)))
    }

    /// This moment less `wait`.
    #[must_use]
    pub fn minus(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(wait)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

fn millis_of(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, `2026-01-02T03:04:05.678Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || TimeError(text.to_owned());
        if let Some((seconds, fraction)) = text.split_once('.').or(Some((text, "0")))
            && let Ok(seconds) = seconds.parse::<i64>()
            && !fraction.is_empty()
            && fraction.bytes().all(|b| b.is_ascii_digit())
        {
            let padded = format!("{fraction:0<3}");
            let millis = padded.get(..3).and_then(|m| m.parse::<i64>().ok());
            let whole = seconds.checked_mul(1000).ok_or_else(bad)?;
            return Ok(Self(whole.saturating_add(millis.unwrap_or(0))));
        }
        let stamp: jiff::Timestamp = text.parse().map_err(|_| bad())?;
        Ok(Self(stamp.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_rfc_3339_and_read_back() {
        let moment = Timestamp::from_millis(1_760_000_000_123);
        assert_eq!(moment.to_string(), "2025-10-09T08:53:20.123Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }

    #[test]
    fn unix_seconds_are_read_with_a_fraction() {
        assert_eq!("1760000000".parse(), Ok(Timestamp::from_seconds(1_760_000_000)));
        assert_eq!("1760000000.25".parse(), Ok(Timestamp::from_millis(1_760_000_000_250)));
        for bad in ["", "soon", "1.", "1.x", "99999999999999999999"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
