//! How fast requests may go out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// More than this is no limit.
const MOST: u32 = 1_000_000;

/// So many in a second, a minute or an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    per: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// The text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no rate: use 1 to 1000000 per second, minute or hour, such as 5/s, 100/m or 2/h")]
pub struct RateError(String);

/// Keeps a rate: a bucket of turns that fills evenly. Time is an argument, as a reading of any steady clock.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    /// How far ahead of its even place a turn may be taken.
    slack: Duration,
    /// The even place of the next turn.
    due: Duration,
}

impl Rate {
    /// So many a second.
    ///
    /// # Errors
    /// If it is none, or too many to be a limit.
    pub fn per_second(count: u32) -> Result<Self, RateError> {
        let rate = Self { count, per: Unit::Second };
        if (1..=MOST).contains(&count) { Ok(rate) } else { Err(RateError(rate.to_string())) }
    }

    /// How many turns may be taken at once after a pause of a second; one at least.
    #[must_use]
    pub fn burst(self) -> u32 {
        match self.per {
            Unit::Second => self.count,
            Unit::Minute => self.count.div_ceil(60),
            Unit::Hour => self.count.div_ceil(3600),
        }
    }

    /// The time between two turns.
    #[must_use]
    pub fn interval(self) -> Duration {
        let seconds = match self.per {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3600,
        };
        Duration::from_secs(seconds).checked_div(self.count).unwrap_or_default()
    }
}

impl Pace {
    /// Keeps this rate; after a pause, up to `burst` turns may be taken at once. 1 spaces them evenly.
    #[must_use]
    pub fn new(rate: Rate, burst: u32) -> Self {
        let interval = rate.interval();
        Self { interval, slack: interval.saturating_mul(burst.saturating_sub(1)), due: Duration::ZERO }
    }

    /// Whether turns that were taken still weigh on the next one.
    #[must_use]
    pub fn is_behind(&self, now: Duration) -> bool {
        self.due > now
    }

    /// Takes the next turn if it has come.
    ///
    /// # Errors
    /// How long until then; no turn is taken.
    pub fn try_take(&mut self, now: Duration) -> Result<(), Duration> {
        let wait = self.clone().take(now);
        if wait.is_zero() {
            self.take(now);
            return Ok(());
        }
        Err(wait)
    }

    /// Takes the next turn and says how long to wait for it.
    pub fn take(&mut self, now: Duration) -> Duration {
        let even = self.due.max(now);
        self.due = even.saturating_add(self.interval);
        even.saturating_sub(now).saturating_sub(self.slack)
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let bad = || RateError(text.to_owned());
        let (count, unit) = text.trim().split_once('/').unwrap_or((text.trim(), "s"));
        let per = match unit {
            "s" | "sec" | "second" => Unit::Second,
            "m" | "min" | "minute" => Unit::Minute,
            "h" | "hour" => Unit::Hour,
            _ => return Err(bad()),
        };
        let count = count.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(bad)?;
        Ok(Self { count, per })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per {
            Unit::Second => "s",
            Unit::Minute => "m",
            Unit::Hour => "h",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read_as_people_type_them() {
        for (text, millis) in [("5/s", 200), ("100/m", 600), ("2/h", 1_800_000), ("10", 100), ("4/sec", 250)] {
            assert_eq!(text.parse::<Rate>().unwrap().interval(), Duration::from_millis(millis), "{text}");
        }
        for bad in ["", "0", "0/s", "-1/s", "1.5/s", "5/x", "5/", "/s", "many", "1000001", "99999999999/s"] {
            let error = bad.parse::<Rate>().unwrap_err().to_string();
            assert!(error.contains("5/s"), "{error}");
        }
        assert!(Rate::per_second(0).is_err());
    }

    #[test]
    fn turns_without_burst_are_evenly_spaced() {
        let mut pace = Pace::new("5/s".parse().unwrap(), 1);
        let start = Duration::from_secs(9);
        let waits: Vec<_> = (0..4).map(|_| pace.take(start).as_millis()).collect();
        assert_eq!(waits, [0, 200, 400, 600]);
        assert_eq!(pace.take(start + Duration::from_millis(700)).as_millis(), 100);
    }

    #[test]
    fn a_pause_fills_the_bucket_and_no_further() {
        let mut pace = Pace::new("10/s".parse().unwrap(), 3);
        let mut taken = |now| (0..5).map(|_| pace.take(Duration::from_secs(now)).as_millis()).collect::<Vec<_>>();
        assert_eq!(taken(1), [0, 0, 0, 100, 200]);
        assert_eq!(taken(100), [0, 0, 0, 100, 200]);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_rate_and_the_burst(count in 1_u32..50, burst in 1_u32..10, steps in prop::collection::vec(0_u64..400, 1..80)) {
            let rate = Rate { count, per: Unit::Second };
            let mut pace = Pace::new(rate, burst);
            let (mut now, mut at) = (Duration::ZERO, Vec::new());
            for step in steps {
                now += Duration::from_millis(step);
                at.push(now + pace.take(now));
            }
            for (first, start) in at.iter().enumerate() {
                let within = at[first..].iter().filter(|t| **t < *start + Duration::from_secs(1)).count();
                // One more where the interval is no whole number of nanoseconds.
                prop_assert!(within <= (count + burst) as usize);
            }
        }
    }
}
