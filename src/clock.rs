//! Time and chance: the one place that asks the machine for either.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;

/// Where time and chance come from.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// A monotonic reading, for measuring how long something took.
    fn instant(&self) -> Instant;

    /// 128 random bits, for identifiers and jitter; not for keys.
    fn chance(&self) -> u128;

    /// Random bytes that are fit for a key.
    ///
    /// # Errors
    /// If the machine has none to give.
    fn key(&self) -> Result<[u8; 32], NoRandomness>;
}

/// The machine has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the machine gives no random bytes")]
pub struct NoRandomness;

/// The machine's own clock and randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn chance(&self) -> u128 {
        fastrand::u128(..)
    }

    fn key(&self) -> Result<[u8; 32], NoRandomness> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| NoRandomness)?;
        Ok(key)
    }
}

/// A clock that stands still until it is moved, with chance from a seed: for tests.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<(Timestamp, fastrand::Rng)>,
}

impl ManualClock {
    /// Stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { state: Mutex::new((now, fastrand::Rng::with_seed(7))) }
    }

    /// Moves on by `step`.
    pub fn advance(&self, step: Duration) {
        self.with(|(now, _)| *now = now.plus(step));
    }

    /// Moves to `moment`.
    pub fn set(&self, moment: Timestamp) {
        self.with(|(now, _)| *now = moment);
    }

    fn with<T>(&self, work: impl FnOnce(&mut (Timestamp, fastrand::Rng)) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.with(|(now, _)| *now)
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn chance(&self) -> u128 {
        self.with(|(_, chance)| chance.u128(..))
    }

    fn key(&self) -> Result<[u8; 32], NoRandomness> {
        Ok(self.with(|(_, chance)| std::array::from_fn(|_| chance.u8(..))))
    }
}
