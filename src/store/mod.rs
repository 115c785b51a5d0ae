//! Where events, deliveries and attempts are kept: one trait, and `open` for the backends.
//!
//! The verbs are the domain's. A backend promises: what `append` has answered survives a crash as its durability
//! says; an event and its deliveries appear together or not at all; of two holders of one delivery only the later
//! one can settle it (the fence decides).

use std::time::Duration;

use async_trait::async_trait;

use crate::model::{
    App, AppName, Attempt, Delivery, DeliveryId, DeliveryState, Endpoint, EndpointId, Event, EventId, Secret, Timestamp,
};

/// A place in the log of events, ordered as they were appended; opaque to users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub u64);

/// An event to be kept, with the deliveries that belong to it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub event: std::sync::Arc<Event>,
    /// Its deliveries, kept in the same transaction.
    pub deliveries: Vec<NewDelivery>,
}

/// A delivery to be made.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// What is delivered.
    pub event: EventId,
    /// To whom.
    pub endpoint: EndpointId,
    /// `Some` if whoever makes it sends it at once and holds it until then; `None` if it waits for a worker.
    pub held_until: Option<Timestamp>,
    /// When it may be taken up, if nobody holds it.
    pub due_at: Timestamp,
}

/// A delivery taken up by a worker, which alone may settle it until the lease ends.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The right to settle it.
    pub held: Held,
    /// What is delivered.
    pub event: std::sync::Arc<Event>,
    /// To whom.
    pub endpoint: EndpointId,
    /// How many attempts there were before.
    pub attempts: u32,
}

/// The right to settle a delivery. A lease given out later has a greater fence and voids this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Grows with each lease; a delivery made with `held_until` starts with 1.
    pub fence: u64,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The right to say so.
    pub held: Held,
    /// The attempt, kept with the new state in one transaction.
    pub attempt: Attempt,
    /// What happens next.
    pub next: Next,
}

/// What happens to a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Done.
    Delivered,
    /// Another attempt at this time.
    Retry(Timestamp),
    /// Given up.
    Dead,
}

/// Whether a settlement took hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It did.
    Done,
    /// Somebody else holds the delivery by now; nothing was changed.
    Stale,
}

/// Which deliveries a worker takes up.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Those of these endpoints.
    pub endpoints: Vec<EndpointId>,
    /// At most so many, the longest due first (then in the order of their events).
    pub limit: usize,
    /// Due at this moment.
    pub now: Timestamp,
    /// Held until then.
    pub until: Timestamp,
}

/// Which events are asked for. Everything here is served from an index in time that does not grow with the store.
#[derive(Clone, Debug)]
pub struct Query {
    /// Of this app; of every app if `None`.
    pub app: Option<AppName>,
    /// Of exactly this type.
    pub event_type: Option<String>,
    /// Received at or after this moment.
    pub since: Option<Timestamp>,
    /// Received before this moment.
    pub until: Option<Timestamp>,
    /// With such a state.
    pub status: Option<Status>,
    /// Beyond this cursor, in the direction of reading.
    pub after: Option<Cursor>,
    /// Which end to start from.
    pub order: Order,
    /// At most so many.
    pub limit: usize,
}

/// Which end to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// What may be asked of an event's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// At least one of its deliveries is in this state. `Pending` covers those in flight too.
    Delivery(DeliveryState),
    /// Its signature was judged and is wrong.
    Invalid,
}

/// An event and its place in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its place.
    pub cursor: Cursor,
    /// The event.
    pub event: std::sync::Arc<Event>,
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
    pub durability: &'static str,
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is not one that whk knows.
    #[error("\"{0}\" is no store: use memory: or sqlite:PATH")]
    Address(String),
    /// It cannot be opened or created there.
    #[error("cannot open the store {path}: {why}")]
    Open {
        /// Where it is.
        path: String,
        /// What is in the way.
        why: String,
    },
    /// A newer whk wrote it.
    #[error("the store {path} has schema {found}, written by a newer whk; this one knows up to {known}")]
    Newer {
        /// Where it is.
        path: String,
        /// Its schema's number.
        found: u32,
        /// The newest number this program knows.
        known: u32,
    },
    /// It is not a store, or it is damaged.
    #[error("the store {path} is damaged or not a whk store: {why}")]
    Corrupt {
        /// Where it is.
        path: String,
        /// What was found.
        why: String,
    },
    /// No room left on the disk.
    #[error("the disk is full: {0}")]
    Full(String),
    /// It cannot be written.
    #[error("the store cannot be written: {0}")]
    ReadOnly(String),
    /// It did not work this time and may the next.
    #[error("the store is not available: {0}")]
    Unavailable(String),
}

/// A store.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// What it is and promises.
    fn about(&self) -> About;

    /// Keeps an event and its deliveries, in one transaction. The answer means that it is durable.
    async fn append(&self, new: NewEvent) -> Result<Cursor, StoreError>;

    /// Makes deliveries of events that are kept already.
    async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError>;

    /// Takes up what is due: pending deliveries, and those whose lease has ended.
    async fn lease(&self, wanted: Wanted) -> Result<Vec<Leased>, StoreError>;

    /// Holds these for longer; those held by somebody else by now are passed over.
    async fn extend(&self, held: Vec<Held>, until: Timestamp) -> Result<(), StoreError>;

    /// Gives these back unsent: they are due at once.
    async fn release(&self, held: Vec<Held>, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps an attempt and the delivery's new state, in one transaction.
    async fn settle(&self, settlement: Settlement) -> Result<Settled, StoreError>;

    /// When the next delivery of these endpoints is due.
    async fn next_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError>;

    /// Makes the dead deliveries of an event pending again; gives back how many there were.
    async fn revive(&self, event: EventId, now: Timestamp) -> Result<u64, StoreError>;

    /// One event.
    async fn event(&self, id: EventId) -> Result<Option<Logged>, StoreError>;

    /// Events by a closed set of questions.
    async fn events(&self, query: Query) -> Result<Vec<Logged>, StoreError>;

    /// The place of the newest event; `Cursor(0)` before the first.
    async fn newest(&self) -> Result<Cursor, StoreError>;

    /// The deliveries of an event, in the order they were made.
    async fn deliveries(&self, event: EventId) -> Result<Vec<Delivery>, StoreError>;

    /// The attempts of an event's deliveries, in the order they were made.
    async fn attempts(&self, event: EventId) -> Result<Vec<Attempt>, StoreError>;

    /// Finds an app, or makes it of `new` if there is none of that name. Two at once get the same one.
    async fn ensure_app(&self, new: App) -> Result<App, StoreError>;

    /// Every app, by name.
    async fn apps(&self) -> Result<Vec<App>, StoreError>;

    /// Replaces an app's secrets, the newest first.
    async fn set_secrets(&self, app: &AppName, secrets: Vec<Secret>) -> Result<(), StoreError>;

    /// Finds an endpoint by app and uid, or makes it of `new`.
    async fn ensure_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError>;

    /// One endpoint.
    async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>, StoreError>;

    /// How far a listener of this name has come.
    async fn position(&self, listener: &str) -> Result<Option<Cursor>, StoreError>;

    /// Notes how far a listener has come; it never goes back.
    async fn advance(&self, listener: &str, to: Cursor) -> Result<(), StoreError>;

    /// Removes what is past its time, in a bounded step. Events with a delivery still to be made are kept
    /// until their age is over, but go when the size is exceeded.
    async fn prune(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError>;

    /// Writes out what is queued and closes. Later calls fail.
    async fn close(&self) -> Result<(), StoreError>;
}
