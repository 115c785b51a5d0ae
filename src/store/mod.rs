//! Where everything is kept: one trait, `Store`, with the nouns beside the log in traits of their own, and `open`.
//!
//! The verbs are the domain's. A backend promises: what `append` has answered survives a crash as its durability
//! says; an event and its deliveries appear together or not at all; of two holders of one delivery only the later
//! one can settle it (the fence decides).

mod access;
mod apps;
mod claim;
mod endpoints;
mod error;
mod event_types;
mod memory;
mod messages;
mod page;
mod query;
mod redis;
mod share;
mod sqlite;
mod work;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{broadcast, mpsc};

use crate::model::{AppName, Attempt, Delivery, DeliveryId, EndpointId, EventId, Timestamp};

pub use crate::store::access::{Access, Record, Recorded};
pub use crate::store::apps::Apps;
pub use crate::store::claim::{Claim, Claimant};
pub use crate::store::endpoints::{Endpoints, Tallied};
pub use crate::store::error::StoreError;
pub use crate::store::event_types::{EventTypes, TypeQuery};
pub use crate::store::messages::{
    AttemptQuery, AttemptsOf, Failed, FailedQuery, Like, MessageQuery, Messages, Sent, SentQuery,
};
pub use crate::store::page::{Change, Ensured, Page, Pager, Start};
pub use crate::store::query::{Cursor, Logged, Order, Query, Status};
pub use crate::store::share::{Part, Share, Shared};
pub use crate::store::work::{Held, Leased, Made, NewDelivery, NewEvent, Next, Settled, Settlement, Wanted};

/// How a store is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// What "acknowledged" means.
    pub durability: Durability,
    /// Whether a missing store is made.
    pub mode: Mode,
}

/// What "acknowledged" means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Flushed to the disk: it survives a power cut.
    #[default]
    Full,
    /// Handed to the system: it survives a killed process, and a power cut may take the last moments.
    Process,
    /// On a replica, too: it survives the loss of the server. For stores that can have one.
    Replicated,
}

/// Whether a missing store is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is made, its folder too.
    #[default]
    Create,
    /// It is [`StoreError::Missing`]. One that may only be read can be opened, and refuses to be written.
    Existing,
}

/// Opens the store at `memory:`, `sqlite:PATH` or `redis://HOST`.
///
/// # Errors
/// If the address is not known, or the store cannot be opened.
pub fn open(address: &str, options: &OpenOptions) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("memory" | "sqlite", _)) if options.durability == Durability::Replicated => {
            Err(StoreError::Alone(address.to_owned()))
        }
        Some(("memory", "")) => Ok(Arc::new(memory::Memory::default())),
        Some(("redis" | "rediss", _)) => Ok(Arc::new(redis::Redis::open(address, *options)?)),
        Some(("sqlite", path)) if !path.is_empty() => Ok(Arc::new(sqlite::Sqlite::open(Path::new(path), *options)?)),
        _ => Err(StoreError::Address(address.to_owned())),
    }
}

/// How long events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// At most so long; for ever if `None`.
    pub age: Option<Duration>,
    /// At most so many bytes of store, the oldest going first; without a bound if `None`.
    pub bytes: Option<u64>,
}

/// What `prune` did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many events went.
    pub events: u64,
    /// Whether there is more to do; `prune` works in bounded steps.
    pub more: bool,
}

/// What a backend is and promises, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its address, such as `sqlite:/home/me/.local/share/whk/whk.db`.
    pub address: String,
    /// What "acknowledged" means here, in words.
    pub durability: String,
    /// What keeps it from working as it is.
    pub trouble: Option<&'static str>,
}

/// What another node on the same store did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Elsewhere {
    /// It kept an event of this app.
    Kept(AppName),
    /// It put something into the queue that nobody holds.
    Waiting,
    /// Anything: some of what others told was missed.
    Perhaps,
    /// The store lost all it had: it was emptied, or came back without what it had written down.
    Emptied,
}

/// A store: the log of events and the queue of deliveries, and the nouns of its supertraits.
#[async_trait]
pub trait Store: Access + Apps + Endpoints + EventTypes + Messages + Send + Sync + 'static {
    /// What it is and promises.
    fn about(&self) -> About;

    /// What other nodes do, as they do it; `None` if this store is not shared. A hint: whoever hears nothing looks
    /// now and then all the same.
    fn elsewhere(&self) -> Option<broadcast::Receiver<Elsewhere>> {
        None
    }

    /// Calls something out to the other nodes on this store. Nothing is kept: who does not hear it now never does.
    async fn call(&self, words: Bytes) -> Result<(), StoreError> {
        drop(words);
        Ok(())
    }

    /// What other nodes call out; `None` if this store is not shared.
    fn calls(&self) -> Option<mpsc::Receiver<Bytes>> {
        None
    }

    /// Has a name for this node, or has it no more; who has it, if that is somebody else. Where no other nodes are, there
    /// is nobody else.
    async fn claim(&self, name: &str, by: &Claimant, what: Claim) -> Result<Option<String>, StoreError> {
        let _ = (name, by, what);
        Ok(None)
    }

    /// Does something about a line's part in a group of listeners; `None` where no other nodes are, and the line is all
    /// of the group. What it has it holds until it says that it is done, or is not heard of for too long.
    async fn share(&self, part: &Part, what: Share) -> Result<Option<Shared>, StoreError> {
        let _ = (part, what);
        Ok(None)
    }

    /// Keeps an event and its deliveries, in one transaction. The answer means that it is durable.
    ///
    /// Safe to repeat: an event that is there already stays as it is, and its place is given back. If another event
    /// of the app has its uid, it is [`StoreError::Taken`]. If an answer is kept under the key of its record, it is
    /// [`StoreError::Answered`], and that alone counts.
    async fn append(&self, new: NewEvent) -> Result<Cursor, StoreError>;

    /// Makes deliveries of events that are kept already: all of them, or none if an event is not there.
    ///
    /// Safe to repeat: a delivery that is there already stays as it is.
    async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError>;

    /// Takes up what is due: pending deliveries, and those whose lease has ended.
    ///
    /// At most `wanted.limit`, fewer when their events are large; none means that nothing is due.
    async fn lease(&self, wanted: Wanted) -> Result<Vec<Leased>, StoreError>;

    /// Holds these for longer; those held by somebody else by now are passed over.
    async fn extend(&self, held: Vec<Held>, until: Timestamp) -> Result<(), StoreError>;

    /// Gives these back unsent: they are due at once.
    async fn release(&self, held: Vec<Held>, now: Timestamp) -> Result<(), StoreError>;

    /// Moves a delivery on without an attempt, if it is still held: its endpoint does not want it any more.
    async fn skip(&self, held: Held, next: Next) -> Result<(), StoreError>;

    /// Makes due now what is put off until [`Timestamp::NEVER`] for this endpoint, in a bounded step; says how many
    /// those were.
    async fn unpark(&self, endpoint: EndpointId, now: Timestamp) -> Result<usize, StoreError>;

    /// Keeps an attempt and the delivery's new state, in one transaction.
    async fn settle(&self, settlement: Settlement) -> Result<Settled, StoreError>;

    /// When the next delivery of these endpoints is due.
    async fn next_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError>;

    /// Takes up one delivery whatever its state, to send it again; gives back how many attempts there were.
    /// Whoever held it can no longer settle it.
    async fn reopen(&self, delivery: DeliveryId, until: Timestamp) -> Result<(Held, u32), StoreError>;

    /// Takes up one delivery if it is due; `None` if somebody else took it up before. Who has a store alone can look and
    /// take in two steps.
    async fn take_up(
        &self,
        delivery: DeliveryId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(Held, u32)>, StoreError> {
        let _ = now;
        self.reopen(delivery, until).await.map(Some)
    }

    /// One event.
    async fn event(&self, id: EventId) -> Result<Option<Logged>, StoreError>;

    /// Events by a closed set of questions.
    ///
    /// At most `query.limit`, fewer when they are large; none means that there are no more.
    async fn events(&self, query: Query) -> Result<Vec<Logged>, StoreError>;

    /// The place of the newest event there ever was; `Cursor(0)` before the first.
    async fn newest(&self) -> Result<Cursor, StoreError>;

    /// The deliveries of an event, in the order they were made.
    async fn deliveries(&self, event: EventId) -> Result<Vec<Delivery>, StoreError>;

    /// The attempts of an event's deliveries, in the order they were made.
    async fn attempts(&self, event: EventId) -> Result<Vec<Attempt>, StoreError>;

    /// How far a listener of this name has come.
    async fn position(&self, listener: &str) -> Result<Option<Cursor>, StoreError>;

    /// Notes how far a listener has come; it never goes back, nor past what is kept if others share the store.
    async fn advance(&self, listener: &str, to: Cursor) -> Result<(), StoreError>;

    /// Removes what is past its time and what was left of removed apps, in a bounded step. Events with a delivery still to be made are kept
    /// until their age is over, but go when the size is exceeded.
    async fn prune(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError>;

    /// Writes out what is queued and closes. Later calls fail.
    async fn close(&self) -> Result<(), StoreError>;
}
