//! The apps that were asked for lately, kept in mind for a moment, since every request names one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::model::App;
use crate::store::{Store, StoreError};

/// How long an app is used before the store is asked again: another process may change it.
const FRESH: Duration = Duration::from_secs(1);
/// How many keys are kept in mind at most; they come from outside.
const MAX_KEYS: usize = 10_000;

/// The apps that were asked for lately, by id, uid or name.
pub(crate) struct Directory {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: Mutex<HashMap<String, (Instant, Arc<App>)>>,
    changes: AtomicU64,
}

impl Directory {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, keys: Mutex::default(), changes: AtomicU64::new(0) }
    }

    /// The app that somebody means by this.
    pub(crate) async fn find(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        let now = self.clock.instant();
        if let Some((at, app)) = self.keys().get(key)
            && now.duration_since(*at) < FRESH
        {
            return Ok(Some(Arc::clone(app)));
        }
        let changes = self.changes.load(Ordering::Acquire);
        // One that is not there yet may be in the next moment: only those found are kept in mind.
        let Some(app) = self.store.app(key).await?.map(Arc::new) else { return Ok(None) };
        let mut keys = self.keys();
        if self.changes.load(Ordering::Acquire) == changes {
            if keys.len() >= MAX_KEYS {
                keys.clear();
            }
            keys.insert(key.to_owned(), (now, Arc::clone(&app)));
        }
        Ok(Some(app))
    }

    /// Whoever makes, changes or removes an app says so here, with what it is then or was.
    pub(crate) fn forget(&self, app: &App) {
        let mut keys = self.keys();
        self.changes.fetch_add(1, Ordering::AcqRel);
        let uid = app.uid.as_deref();
        keys.retain(|key, (_, known)| known.id != app.id && Some(key.as_str()) != uid);
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, Arc<App>)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
