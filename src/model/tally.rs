//! Counts of what became of attempts, and how long deliveries took.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

/// What became of the attempts at some endpoints in some hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Attempts that were taken.
    pub succeeded: u64,
    /// Attempts that were not.
    pub failed: u64,
    /// Deliveries that were taken, but not at the first attempt.
    pub recovered: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// How long deliveries took, from the event to the answer that took it.
    pub latency: Spread,
}

/// How durations are spread, to a sixteenth of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    counts: BTreeMap<u16, u64>,
}

/// So many steps from one power of two to the next, as bits.
const STEP_BITS: u32 = 4;

impl Spread {
    /// Counts one of this length.
    pub fn add(&mut self, length: Duration) {
        let micros = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
        *self.counts.entry(step_of(micros)).or_default() += 1;
    }

    /// From its steps, as a store keeps them.
    #[must_use]
    pub fn from_steps(steps: impl IntoIterator<Item = (u16, u64)>) -> Self {
        Self { counts: steps.into_iter().collect() }
    }

    /// Its steps and how many are in each.
    pub fn steps(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        self.counts.iter().map(|(step, count)| (*step, *count))
    }

    /// The length that `percent` of them do not exceed, or hardly; `None` if there are none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let all: u64 = self.counts.values().sum();
        let wanted = all.saturating_mul(percent).div_ceil(100).max(1);
        let mut so_far = 0;
        let found = self.counts.iter().find(|(_, count)| {
            so_far += **count;
            so_far >= wanted
        });
        found.map(|(step, _)| Duration::from_micros(most_in(*step)))
    }
}

fn step_of(micros: u64) -> u16 {
    if micros < 1 << STEP_BITS {
        return u16::try_from(micros).unwrap_or(0);
    }
    let shift = micros.ilog2() - STEP_BITS;
    let within = (micros >> shift) - (1 << STEP_BITS);
    u16::try_from(u64::from((shift + 1) << STEP_BITS) + within).unwrap_or(u16::MAX)
}

/// The greatest value in a step.
fn most_in(step: u16) -> u64 {
    let (row, within) = (u32::from(step) >> STEP_BITS, u64::from(step) & ((1 << STEP_BITS) - 1));
    let Some(shift) = row.checked_sub(1) else { return within };
    let next = (1 << STEP_BITS) + within + 1;
    next.checked_shl(shift).filter(|shifted| shifted >> shift == next).map_or(u64::MAX, |next| next - 1)
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.recovered += other.recovered;
        self.dead += other.dead;
        for (step, count) in other.latency.steps() {
            *self.latency.counts.entry(step).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_right_to_a_sixteenth() {
        let mut spread = Spread::default();
        assert_eq!(spread.percentile(50), None);
        for millis in 1..=1000 {
            spread.add(Duration::from_millis(millis));
        }
        for (percent, right) in [(50, 500.0), (95, 950.0), (99, 990.0), (100, 1000.0)] {
            let found = spread.percentile(percent).unwrap().as_secs_f64() * 1000.0;
            assert!((right..right * 1.0626).contains(&found), "p{percent}: {found}");
        }
    }

    proptest! {
        #[test]
        fn a_length_lies_within_its_step(bits in 0_u32..64, low: u64) {
            let micros = low >> bits;
            let step = step_of(micros);
            prop_assert!(micros <= most_in(step));
            prop_assert!(step == 0 || micros > most_in(step - 1));
        }
    }
}
