//! How much each app may take in.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::AppName;
use crate::policy::limit::{Pace, Rate};

/// How many apps are kept in mind; names come from outside.
const MOST: usize = 100_000;

/// The paces of the apps.
pub(crate) struct Quota {
    rate: Option<Rate>,
    start: Instant,
    paces: Mutex<HashMap<AppName, Pace>>,
}

impl Quota {
    pub(crate) fn new(rate: Option<Rate>, start: Instant) -> Self {
        Self { rate, start, paces: Mutex::default() }
    }

    /// Counts an event of this app.
    ///
    /// # Errors
    /// How long until it may come, if the app has had its share.
    pub(crate) fn take(&self, app: &AppName, at: Instant) -> Result<(), Duration> {
        let Some(rate) = self.rate else { return Ok(()) };
        let now = at.duration_since(self.start);
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= MOST && !paces.contains_key(app) {
            // Those that have their whole share left need not be kept in mind.
            paces.retain(|_, pace| pace.is_behind(now));
            if paces.len() >= MOST {
                return Err(rate.interval());
            }
        }
        paces.entry(app.clone()).or_insert_with(|| Pace::new(rate, rate.burst())).try_take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_that_had_its_share_waits_and_others_do_not() {
        let start = Instant::now();
        let quota = Quota::new(Some("2/s".parse().unwrap()), start);
        let (one, other): (AppName, AppName) = ("one".parse().unwrap(), "other".parse().unwrap());
        assert!(quota.take(&one, start).is_ok() && quota.take(&one, start).is_ok());
        assert_eq!(quota.take(&one, start), Err(Duration::from_millis(500)));
        assert_eq!(quota.take(&one, start), Err(Duration::from_millis(500)), "a refusal costs no turn");
        assert!(quota.take(&other, start).is_ok());
        assert!(quota.take(&one, start + Duration::from_millis(500)).is_ok());
        assert!(Quota::new(None, start).take(&one, start).is_ok());
    }
}
