//! The words of asking: a closed set of questions to the log, each with an index behind it.

use std::sync::Arc;

use crate::model::AppName;
use crate::model::DeliveryState;
use crate::model::Event;
use crate::model::Timestamp;

/// A place in the log of events, ordered as they were appended; opaque to users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub u64);

/// Which events are asked for; all that is given must hold. The answer is in the order of the log.
///
/// App, type, time and place are found by an index, whatever the size of the store. A state narrows that down: for
/// the rare ones (pending, in flight, dead, invalid) the work grows with how many events are in that state.
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

impl Default for Query {
    /// The newest hundred, whatever they are.
    fn default() -> Self {
        Self {
            app: None,
            event_type: None,
            since: None,
            until: None,
            status: None,
            after: None,
            order: Order::Newest,
            limit: 100,
        }
    }
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
    pub event: Arc<Event>,
}
