//! What became of attempts in the last hour, minute by minute; for figures that are looked at, so it is not kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::{Attempt, EndpointId, Tally, Timestamp};

/// How many minutes are kept.
const KEPT: i64 = 60;
/// How many endpoints are kept in mind at most.
const MAX_KNOWN: usize = 10_000;
const MINUTE: i64 = 60_000;

/// The attempts of the last hour.
#[derive(Debug, Default)]
pub(crate) struct Minutes {
    known: Mutex<HashMap<EndpointId, BTreeMap<i64, Tally>>>,
}

impl Minutes {
    /// Counts an attempt.
    pub(crate) fn note(&self, attempt: &Attempt, ended_at: Timestamp) {
        let minute = ended_at.millis().div_euclid(MINUTE);
        let mut known = self.known();
        if known.len() >= MAX_KNOWN && !known.contains_key(&attempt.endpoint) {
            known.clear();
        }
        let all = known.entry(attempt.endpoint).or_default();
        *all = all.split_off(&(minute - KEPT + 1));
        let tally = all.entry(minute).or_default();
        if attempt.succeeded() {
            tally.succeeded += 1;
            tally.latency.add(attempt.duration);
        } else {
            tally.failed += 1;
        }
    }

    /// Each minute of the last hour at these endpoints, the oldest first.
    pub(crate) fn of(&self, endpoints: &[EndpointId], now: Timestamp) -> Vec<(Timestamp, Tally)> {
        let (last, known) = (now.millis().div_euclid(MINUTE), self.known());
        let one = |minute: i64| {
            let mut sum = Tally::default();
            for tally in endpoints.iter().filter_map(|endpoint| known.get(endpoint)?.get(&minute)) {
                sum += tally;
            }
            let ago = Duration::from_secs(60 * u64::try_from(last - minute).unwrap_or(0));
            (Timestamp::from_millis(last * MINUTE).minus(ago), sum)
        };
        (last - KEPT + 1..=last).map(one).collect()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<EndpointId, BTreeMap<i64, Tally>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
