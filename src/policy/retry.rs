//! When a delivery that failed is tried again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::rfc2822;

use crate::model::Failure;
use crate::model::Headers;
use crate::model::Response;
use crate::model::Timestamp;
use crate::policy::outcome::Meaning;
use crate::policy::span;

/// The longest that a `Retry-After` is obeyed.
const LONGEST_ASKED: Duration = Duration::from_secs(86_400);

/// The waits of `standard`, in seconds.
const STANDARD: [u64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];

/// What `standard` is called; the service that the second is named after waits as long.
const STANDARD_NAMES: &str = "standard svix";

/// The waits of `three`, in seconds.
const THREE: [u64; 2] = [2, 4];

/// More waits than this are a slip, and an attempt's number stays small.
const MAX_WAITS: usize = 100;

/// A fifth more or less, so that what failed together is not tried again together.
const JITTER_PERCENT: u128 = 20;

/// How fine the jitter is, in parts of a percent.
const JITTER_GRAIN: u128 = 1_000_000;

/// The waits before the second attempt, the third and so on; the first is made at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    waits: Vec<Duration>,
    speed: Speed,
    obeys: Obeys,
}

/// How much an endpoint may slow down its own deliveries by `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obeys {
    /// Up to a day.
    Day,
    /// Up to twice what the schedule says.
    Twice,
}

/// By how much every wait is shortened: `60x` makes an hour a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

/// What happens after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Done.
    Delivered,
    /// Another attempt at this time.
    Retry(Timestamp),
    /// That was the last attempt.
    Dead,
    /// The endpoint is gone for good: no more attempts, and the endpoint is to be disabled.
    Gone,
}

/// The text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It is neither a name nor a list of waits.
    #[error("\"{0}\" is no retry schedule: use standard, svix, three, none, or waits such as 1s,5s,30s")]
    Unknown(String),
    /// One of its waits is no duration.
    #[error("retry schedule \"{text}\": use standard, svix, three, none, or waits such as 1s,5s,30s")]
    Wait {
        /// The whole text.
        text: String,
        /// What is wrong with the wait.
        source: span::SpanError,
    },
    /// There are too many waits.
    #[error("a retry schedule has at most {MAX_WAITS} waits, this one has {0}")]
    TooMany(usize),
}

/// The text is no speed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no speed: use a factor such as 60x (from 0.01x to 1000000x)")]
pub struct SpeedError(String);

/// What happens after attempt `number` (from 1) had this outcome. `chance` must be random.
///
/// A `Retry-After` lengthens the wait that the schedule says, up to a day or as [`Schedule::at_most_twice`] has it, and
/// never shortens it.
#[must_use]
pub fn next(
    schedule: &Schedule,
    number: u32,
    outcome: &Result<Response, Failure>,
    now: Timestamp,
    chance: u128,
) -> Next {
    match Meaning::of(outcome) {
        Meaning::Delivered => return Next::Delivered,
        Meaning::Gone => return Next::Gone,
        Meaning::Failed => {}
    }
    again(schedule, number, outcome, now, chance)
}

/// What happens after attempt `number` (from 1) was not taken, whatever its status.
#[must_use]
pub fn again(
    schedule: &Schedule,
    number: u32,
    outcome: &Result<Response, Failure>,
    now: Timestamp,
    chance: u128,
) -> Next {
    let Some(wait) = schedule.wait_after(number) else { return Next::Dead };
    let asked = outcome.as_ref().ok().and_then(|response| retry_after(&response.headers, now));
    let asked = asked.unwrap_or_default();
    let wait = match schedule.obeys {
        Obeys::Day => jittered(wait, chance).max(asked.min(LONGEST_ASKED)),
        Obeys::Twice => jittered(asked.clamp(wait, wait.saturating_mul(2)), chance),
    };
    Next::Retry(now.plus(schedule.speed.shorten(wait)))
}

/// How long the answer asks to wait: `Retry-After` as whole seconds or as an HTTP date, a past one being no wait.
///
/// Anything else, such as a sign, a fraction, `inf` or `1e300`, is as if it were not there.
#[must_use]
pub fn retry_after(headers: &Headers, now: Timestamp) -> Option<Duration> {
    let text = headers.text("retry-after")?;
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    // Of the three forms of an HTTP date, the one that may still be sent: "Sun, 06 Nov 1994 08:49:37 GMT".
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Timestamp::from_millis(date.as_millisecond()).since(now))
}

impl Schedule {
    /// At once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h.
    #[must_use]
    pub fn standard() -> Self {
        Self { waits: STANDARD.map(Duration::from_secs).to_vec(), speed: Speed::default(), obeys: Obeys::Day }
    }

    /// Three attempts and no more: at once, then after 2 s and 4 s.
    #[must_use]
    pub fn three() -> Self {
        Self { waits: THREE.map(Duration::from_secs).to_vec(), speed: Speed::default(), obeys: Obeys::Day }
    }

    /// One attempt and no more.
    #[must_use]
    pub const fn none() -> Self {
        Self { waits: Vec::new(), speed: Speed(1.0), obeys: Obeys::Day }
    }

    /// The same waits, shortened by this factor; a `Retry-After` is shortened with them.
    #[must_use]
    pub fn at_speed(self, speed: Speed) -> Self {
        Self { speed, ..self }
    }

    /// How long to wait when an answer asks for so much.
    #[must_use]
    pub fn asked(&self, asked: Duration) -> Duration {
        self.speed.shorten(asked.min(LONGEST_ASKED))
    }

    /// The same waits, of which a `Retry-After` can make at most twice as much, as some platforms have it.
    #[must_use]
    pub fn at_most_twice(self) -> Self {
        Self { obeys: Obeys::Twice, ..self }
    }

    /// The waits as they were given, before any speed.
    #[must_use]
    pub fn waits(&self) -> &[Duration] {
        &self.waits
    }

    fn wait_after(&self, number: u32) -> Option<Duration> {
        self.waits.get(usize::try_from(number.checked_sub(1)?).ok()?).copied()
    }
}

impl Speed {
    fn shorten(self, wait: Duration) -> Duration {
        Duration::try_from_secs_f64(wait.as_secs_f64() / self.0).unwrap_or(wait)
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self(1.0)
    }
}

fn jittered(wait: Duration, chance: u128) -> Duration {
    let percent = (100 - JITTER_PERCENT) * JITTER_GRAIN + chance % (2 * JITTER_PERCENT * JITTER_GRAIN + 1);
    let nanos = wait.as_nanos().saturating_mul(percent) / (100 * JITTER_GRAIN);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        match text.trim() {
            name if STANDARD_NAMES.split(' ').any(|known| known == name) => return Ok(Self::standard()),
            "three" => return Ok(Self::three()),
            "none" => return Ok(Self::none()),
            list if !list.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(ScheduleError::Unknown(text.to_owned()));
            }
            _ => {}
        }
        let count = text.split(',').count();
        if count > MAX_WAITS {
            return Err(ScheduleError::TooMany(count));
        }
        let waits = text.split(',').map(span::duration).collect::<Result<_, _>>();
        let waits = waits.map_err(|source| ScheduleError::Wait { text: text.to_owned(), source })?;
        Ok(Self { waits, speed: Speed::default(), obeys: Obeys::Day })
    }
}

impl fmt::Display for Schedule {
    /// As it would be typed, without the speed: `5s,5m,30m` or `none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.waits.is_empty() {
            return f.write_str("none");
        }
        let shown: Vec<_> = self.waits.iter().map(|wait| span::shown(*wait)).collect();
        f.write_str(&shown.join(","))
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        let number = text.trim().strip_suffix(['x', 'X']).unwrap_or(text.trim());
        let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let factor = number.parse::<f64>().ok().filter(|factor| plain && (0.01..=1e6).contains(factor));
        factor.map(Self).ok_or_else(|| SpeedError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use bytes::Bytes;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);
    /// The chance that changes nothing: half way of the jitter.
    const EVEN: u128 = JITTER_PERCENT * JITTER_GRAIN;
    const DAY: u64 = 86_400;

    #[expect(clippy::unnecessary_wraps, reason = "an outcome is what the functions take")]
    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response, Failure> {
        let mut headers = Headers::new();
        if let Some(value) = retry_after {
            headers.push("Retry-After", value).unwrap();
        }
        Ok(Response { status, headers, body: Bytes::new(), truncated: false })
    }

    fn wait(next: Next) -> u64 {
        match next {
            Next::Retry(at) => at.since(NOW).as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn where_others_are_strict_a_retry_after_makes_a_wait_twice_as_long_and_no_longer() {
        let schedule = "100s".parse::<Schedule>().unwrap().at_most_twice();
        for (asked, least, most) in
            [(None, 80, 120), (Some("600"), 160, 240), (Some("150"), 120, 180), (Some("1"), 80, 120)]
        {
            for chance in [0, u128::MAX / 3, u128::MAX] {
                let seconds = wait(next(&schedule, 1, &answer(500, asked), NOW, chance));
                assert!((least..=most).contains(&seconds), "{asked:?}: {seconds}");
            }
        }
    }

    #[test]
    fn the_standard_schedule_ends_after_eight_attempts() {
        let failed = Err(Failure { kind: FailureKind::Refused, message: String::new() });
        let waits: Vec<_> = (1..=7).map(|n| wait(next(&Schedule::standard(), n, &failed, NOW, EVEN))).collect();
        assert_eq!(waits, STANDARD);
        for number in [0, 8, 9, u32::MAX] {
            assert_eq!(next(&Schedule::standard(), number, &failed, NOW, EVEN), Next::Dead);
        }
        assert_eq!(next(&Schedule::none(), 1, &failed, NOW, EVEN), Next::Dead);
        assert_eq!(Schedule::standard().to_string(), "5s,5m,30m,2h,5h,10h,10h");
    }

    #[test]
    fn success_and_gone_end_it_at_once() {
        assert_eq!(next(&Schedule::standard(), 1, &answer(204, None), NOW, 0), Next::Delivered);
        for number in [1, 3] {
            assert_eq!(next(&Schedule::standard(), number, &answer(410, Some("5")), NOW, 0), Next::Gone);
        }
    }

    #[test]
    fn jitter_stays_within_a_fifth_and_is_spread_evenly() {
        let base = Duration::from_secs(1000);
        let draws = 10_000_u128;
        // Multiples of a large odd number stand in for chance.
        let waits: Vec<_> =
            (0..draws).map(|n| jittered(base, n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))).collect();
        assert!(waits.iter().all(|wait| (800..=1200).contains(&wait.as_secs())));
        let mean = waits.iter().sum::<Duration>() / 10_000;
        assert!((995..=1005).contains(&mean.as_secs()), "{mean:?}");
        assert_eq!(jittered(base, 0), Duration::from_secs(800));
        assert_eq!(jittered(base, 2 * EVEN), Duration::from_secs(1200));
    }

    #[test]
    fn ten_thousand_that_failed_together_are_spread_over_every_wait() {
        let mut random = fastrand::Rng::with_seed(1);
        for (number, base) in (1..).zip(STANDARD.map(|seconds| seconds * 1000)) {
            let waits: Vec<u64> = (0..10_000)
                .map(|_| match next(&Schedule::standard(), number, &answer(500, None), NOW, random.u128(..)) {
                    Next::Retry(at) => u64::try_from(at.since(NOW).as_millis()).unwrap(),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert!(waits.iter().all(|wait| (base * 8 / 10..=base * 12 / 10).contains(wait)), "{base}");
            let mean = waits.iter().sum::<u64>() / 10_000;
            assert!(mean.abs_diff(base) * 100 <= base, "{mean} for {base}");
            // The fifths of a short wait are few tenths of a second: none may have twice its share of them.
            let tenths = base * 4 / 1000;
            let most = 200.max(20_000 / tenths);
            for tenth in base / 125..=base / 83 {
                let inside = waits.iter().filter(|wait| **wait / 100 == tenth).count();
                assert!(u64::try_from(inside).unwrap() <= most, "{inside} of {base}");
            }
        }
    }

    #[test]
    fn retry_after_is_read_or_ignored_and_never_breaks_anything() {
        let seconds = |text| {
            let response = answer(503, Some(text)).unwrap();
            retry_after(&response.headers, NOW).map(|wait| wait.as_secs())
        };
        for (text, want) in [
            ("0", Some(0)),
            ("5", Some(5)),
            ("007", Some(7)),
            ("86401", Some(86_401)),
            ("99999999999999", Some(99_999_999_999_999)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Thu, 09 Oct 2025 08:54:20 GMT", Some(60)),
            ("Thu, 09 Oct 2025 08:53:19 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Thu, 01 Jan 9998 00:00:00 GMT", Some(251_579_228_800)),
            ("Mon, 09 Oct 2025 08:54:20 GMT", None),
            ("", None),
            (" ", None),
            ("-1", None),
            ("+5", None),
            ("1.5", None),
            ("inf", None),
            ("-inf", None),
            ("NaN", None),
            ("1e300", None),
            ("9e18", None),
            ("0x10", None),
            ("5, 10", None),
            ("soon", None),
            ("2025-10-09T08:54:20Z", None),
        ] {
            assert_eq!(seconds(text), want, "{text}");
        }
        assert_eq!(retry_after(&Headers::new(), NOW), None);
    }

    #[test]
    fn retry_after_lengthens_the_wait_up_to_a_day() {
        let after = |text| wait(next(&Schedule::standard(), 2, &answer(429, Some(text)), NOW, EVEN));
        assert_eq!(after("1"), 300);
        assert_eq!(after("900"), 900);
        assert_eq!(after("99999999999999999999"), DAY);
        assert_eq!(after("-1"), 300);
        // A schedule may itself wait longer than a day.
        let slow: Schedule = "3d".parse().unwrap();
        assert_eq!(wait(next(&slow, 1, &answer(503, Some("99999999")), NOW, EVEN)), 3 * DAY);
    }

    #[test]
    fn speed_shortens_every_wait() {
        let fast = Schedule::standard().at_speed("60x".parse().unwrap());
        assert_eq!(wait(next(&fast, 2, &answer(500, None), NOW, EVEN)), 5);
        assert_eq!(wait(next(&fast, 2, &answer(500, Some("600")), NOW, EVEN)), 10);
        for bad in ["", "x", "0", "0x", "-1x", "inf", "NaNx", "1e3x", "9999999x", "60y"] {
            assert!(bad.parse::<Speed>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_schedule_is_a_name_or_a_list_of_waits() {
        let list: Schedule = "1s,5s,30s".parse().unwrap();
        assert_eq!(list.waits(), [1, 5, 30].map(Duration::from_secs));
        assert_eq!("none".parse(), Ok(Schedule::none()));
        assert_eq!("standard".parse(), Ok(Schedule::standard()));
        for bad in ["", "often", "1s,", ",1s", "1s;5s", "1s,never", "-1s", "1s,,5s"] {
            let error = bad.parse::<Schedule>().unwrap_err().to_string();
            assert!(error.contains("1s,5s,30s"), "{bad}: {error}");
        }
        assert!(matches!(["1s"; 101].join(",").parse::<Schedule>(), Err(ScheduleError::TooMany(101))));
    }

    proptest! {
        #[test]
        fn every_wait_is_within_a_fifth_of_its_base(number in 1_u32..=7, chance: u128) {
            let Next::Retry(at) = next(&Schedule::standard(), number, &answer(500, None), NOW, chance) else { panic!() };
            let base = STANDARD[number as usize - 1] * 1000;
            let wait = u64::try_from(at.since(NOW).as_millis()).unwrap();
            prop_assert!((base * 8 / 10..=base * 12 / 10).contains(&wait));
        }

        #[test]
        fn a_schedule_reads_back_as_it_prints(millis in prop::collection::vec(0_u64..1_000_000_000, 0..9)) {
            let schedule = Schedule { waits: millis.into_iter().map(Duration::from_millis).collect(), speed: Speed::default(), obeys: Obeys::Day };
            prop_assert_eq!(schedule.to_string().parse(), Ok(schedule));
        }

        #[test]
        fn no_header_value_breaks_the_reader(value in "[ -~]{0,40}", number in any::<u32>(), chance: u128) {
            let _ = next(&Schedule::standard(), number, &answer(429, Some(&value)), NOW, chance);
        }
    }
}
