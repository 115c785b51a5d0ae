//! The registered endpoints of each app, kept in mind for a moment, since every event asks for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use crate::clock::Clock;
use crate::model::{AppName, Endpoint, EndpointId};
pub(crate) use crate::policy::route::{suits, wants};
use crate::store::{Order, Pager, Start, Store, StoreError};

/// How long they are used before the store is asked again: another process may change them.
const FRESH: Duration = Duration::from_secs(1);
/// How many apps are kept in mind at most; names come from outside.
const MAX_APPS: usize = 10_000;
/// How many endpoints are read from the store at a time.
const PAGE: usize = 1000;

/// The registered endpoints of an app.
pub(crate) type Team = Arc<[Arc<Endpoint>]>;

/// The registered endpoints of each app.
pub(crate) struct Roster {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    apps: Mutex<HashMap<AppName, Arc<Kept>>>,
}

/// The endpoints of an app, as they were at a moment or later. Whoever comes first reads them, and the others wait for
/// what comes of it, a failure too: a thousand lanes of one app ask at the same time.
struct Kept {
    since: Instant,
    team: OnceCell<Result<Team, String>>,
}

impl Roster {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, apps: Mutex::default() }
    }

    /// The endpoints of an app.
    pub(crate) async fn of(&self, app: &AppName) -> Result<Team, StoreError> {
        let kept = self.kept(app);
        let in_words = |why| match why {
            StoreError::Unavailable(words) => words,
            other => other.to_string(),
        };
        let read = kept.team.get_or_init(async || self.read(app).await.map_err(in_words)).await;
        read.clone().map_err(|why| {
            // Whoever asks next tries again.
            let mut apps = self.apps();
            if apps.get(app).is_some_and(|there| Arc::ptr_eq(there, &kept)) {
                apps.remove(app);
            }
            StoreError::Unavailable(why)
        })
    }

    /// One endpoint of an app, if it is registered.
    pub(crate) async fn find(&self, app: &AppName, id: EndpointId) -> Result<Option<Arc<Endpoint>>, StoreError> {
        Ok(self.of(app).await?.iter().find(|endpoint| endpoint.id == id).cloned())
    }

    /// Whoever changes an endpoint of an app says so here, and the next event sees it.
    pub(crate) fn forget(&self, app: &AppName) {
        // Who reads them just now read them before the change, perhaps, and keeps that to itself.
        self.apps().remove(app);
    }

    fn kept(&self, app: &AppName) -> Arc<Kept> {
        let now = self.clock.instant();
        let mut apps = self.apps();
        if let Some(kept) = apps.get(app).filter(|kept| now.duration_since(kept.since) < FRESH) {
            return Arc::clone(kept);
        }
        if apps.len() >= MAX_APPS {
            apps.clear();
        }
        let kept = Arc::new(Kept { since: now, team: OnceCell::new() });
        apps.insert(app.clone(), Arc::clone(&kept));
        kept
    }

    async fn read(&self, app: &AppName) -> Result<Team, StoreError> {
        let (mut team, mut pager) = (Vec::new(), Pager::first(Order::Oldest, PAGE));
        loop {
            let page = self.store.endpoints(app, pager.clone()).await?;
            team.extend(page.items.into_iter().map(Arc::new));
            match team.last() {
                Some(last) if page.more => pager.start = Start::After(last.id),
                _ => return Ok(team.into()),
            }
        }
    }

    fn apps(&self) -> std::sync::MutexGuard<'_, HashMap<AppName, Arc<Kept>>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::store::{OpenOptions, open};

    #[tokio::test]
    async fn who_asks_at_the_same_time_shares_one_reading_and_who_asks_after_a_change_gets_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("whk.db").display());
        let store = open(&address, &OpenOptions::default()).unwrap();
        let roster = Arc::new(Roster::new(store, Arc::new(ManualClock::new(crate::model::Timestamp::from_seconds(1)))));
        let ask = async || {
            let mut asked = tokio::task::JoinSet::new();
            for _ in 0..50 {
                let roster = Arc::clone(&roster);
                asked.spawn(async move { roster.of(&AppName::default()).await });
            }
            asked.join_all().await
        };
        let teams: Vec<_> = ask().await.into_iter().map(Result::unwrap).collect();
        assert!(teams.iter().all(|team| Arc::ptr_eq(team, &teams[0])));
        roster.forget(&AppName::default());
        assert!(!Arc::ptr_eq(&roster.of(&AppName::default()).await.unwrap(), &teams[0]));
        roster.forget(&AppName::default());
        roster.store.close().await.unwrap();
        assert!(ask().await.iter().all(Result::is_err));
    }
}
