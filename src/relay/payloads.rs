//! Whether a payload is as the schema of its type says, where the relay was asked to look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::api::schemas::Schema;
use crate::clock::Clock;
use crate::model::EventId;
use crate::relay::notice::Notice;
use crate::relay::options::Validating;
use crate::relay::pipeline::Pipeline;
use crate::store::{Store, StoreError};

/// How long a schema is used before the store is asked again: another process may change it.
const FRESH: Duration = Duration::from_secs(1);
/// How many schemas are kept ready at most; types come from outside.
const MAX_SCHEMAS: usize = 1000;

/// The schemas that were asked for lately, by type.
pub(crate) struct Schemas {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ready: Mutex<HashMap<String, Ready>>,
}

/// A schema made ready, and the text that it was made of.
#[derive(Clone)]
struct Ready {
    at: Instant,
    text: String,
    schema: Arc<Result<Schema, String>>,
}

impl Schemas {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, ready: Mutex::default() }
    }

    /// The newest schema of a type, if it has one.
    async fn of(&self, event_type: &str) -> Result<Option<Arc<Result<Schema, String>>>, StoreError> {
        let now = self.clock.instant();
        let known = self.ready.lock().unwrap_or_else(PoisonError::into_inner).get(event_type).cloned();
        if let Some(known) = known.as_ref().filter(|known| now.duration_since(known.at) < FRESH) {
            return Ok(Some(Arc::clone(&known.schema)));
        }
        let Some(found) = self.store.event_type(event_type).await? else { return Ok(None) };
        let Some(text) = found.newest_schema() else { return Ok(None) };
        let schema = match known.filter(|known| known.text == text) {
            Some(known) => known.schema,
            None => Arc::new(Schema::read(text)),
        };
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= MAX_SCHEMAS {
            ready.clear();
        }
        ready.insert(event_type.to_owned(), Ready { at: now, text: text.to_owned(), schema: Arc::clone(&schema) });
        Ok(Some(schema))
    }
}

impl Pipeline {
    /// Why a message is refused for what its payload is not, if that is asked for; or tells of it.
    pub(crate) async fn misfit(
        &self,
        event: EventId,
        event_type: &str,
        payload: &str,
    ) -> Result<Option<String>, StoreError> {
        if self.options.validating == Validating::Off {
            return Ok(None);
        }
        let Some(schema) = self.schemas.of(event_type).await? else { return Ok(None) };
        let fault = match schema.as_ref() {
            Ok(schema) => schema.fault(payload),
            Err(why) => Some(format!("the schema of {event_type} cannot be used: {why}")),
        };
        let Some(detail) = fault else { return Ok(None) };
        if self.options.validating == Validating::Reject {
            return Ok(Some(detail));
        }
        self.tell(Notice::Misfit { event, event_type: event_type.to_owned(), detail });
        Ok(None)
    }
}
