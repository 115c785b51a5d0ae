//! What a relay tells whoever watches: typed notices, rendered by the faces.

use std::sync::Arc;

use crate::model::{Attempt, Event};

/// Something that happened in a relay.
#[derive(Clone, Debug)]
pub enum Notice {
    /// An event is on disk.
    Received {
        /// The event.
        event: Arc<Event>,
        /// The scheme its headers speak of, judged or not.
        scheme: Option<String>,
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
    /// The store or a task failed in the background.
    Trouble {
        /// What happened.
        message: String,
    },
}
