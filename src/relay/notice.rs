//! What a relay tells whoever watches: typed notices, rendered by the faces.

use std::sync::Arc;

use crate::model::{Attempt, Event, EventId};

/// What was found out about an event beside type and verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Who sent it, judged or not: the scheme that its headers speak of, or who shakes hands.
    pub provider: Option<String>,
    /// What its sender calls it.
    pub id: Option<String>,
    /// The status that whk answered with, if it was a handshake.
    pub answered: Option<u16>,
    /// What a person should know about the handshake.
    pub note: Option<String>,
}

/// Something that happened in a relay.
#[derive(Clone, Debug)]
pub enum Notice {
    /// An event is on disk.
    Received {
        /// The event.
        event: Arc<Event>,
        /// What else was found out about it.
        label: Label,
        /// How many deliveries it has.
        deliveries: usize,
    },
    /// An attempt came to an end.
    Attempted {
        /// The attempt.
        attempt: Arc<Attempt>,
    },
    /// Events that arrived while this listener was away are delivered now.
    Missed {
        /// How many.
        count: u64,
    },
    /// The payload of a message is not as its type's schema says; it was taken all the same.
    Misfit {
        /// The message.
        event: EventId,
        /// Its type.
        event_type: String,
        /// Where it differs.
        detail: String,
    },
    /// The store or a task failed in the background.
    Trouble {
        /// What happened.
        message: String,
    },
}
