//! The registered endpoints of each app, kept in mind for a moment, since every event asks for them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    apps: Mutex<HashMap<AppName, (Instant, Team)>>,
    changes: AtomicU64,
}

impl Roster {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, apps: Mutex::default(), changes: AtomicU64::new(0) }
    }

    /// The endpoints of an app.
    pub(crate) async fn of(&self, app: &AppName) -> Result<Team, StoreError> {
        let now = self.clock.instant();
        if let Some((at, team)) = self.apps().get(app)
            && now.duration_since(*at) < FRESH
        {
            return Ok(Arc::clone(team));
        }
        let changes = self.changes.load(Ordering::Acquire);
        let team = self.read(app).await?;
        let mut apps = self.apps();
        if self.changes.load(Ordering::Acquire) != changes {
            // Read before a change or after it, who knows: good for this once.
            return Ok(team);
        }
        if apps.len() >= MAX_APPS {
            apps.clear();
        }
        apps.insert(app.clone(), (now, Arc::clone(&team)));
        Ok(team)
    }

    /// One endpoint of an app, if it is registered.
    pub(crate) async fn find(&self, app: &AppName, id: EndpointId) -> Result<Option<Arc<Endpoint>>, StoreError> {
        Ok(self.of(app).await?.iter().find(|endpoint| endpoint.id == id).cloned())
    }

    /// Whoever changes an endpoint of an app says so here, and the next event sees it.
    pub(crate) fn forget(&self, app: &AppName) {
        let mut apps = self.apps();
        self.changes.fetch_add(1, Ordering::AcqRel);
        apps.remove(app);
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

    fn apps(&self) -> std::sync::MutexGuard<'_, HashMap<AppName, (Instant, Team)>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
