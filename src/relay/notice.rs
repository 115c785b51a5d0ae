//! What a relay tells whoever watches: typed notices, rendered by the faces.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{AppName, Attempt, Event, EventId, Timestamp, Token};

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

/// What [`Notice::Emptied`] means, in words.
pub const EMPTIED: &str = "the store lost its data: events, endpoints and tokens from before are gone";

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
    /// Another node on the same store kept an event.
    Elsewhere {
        /// Of this app; of any, if some of what others did was missed.
        app: Option<AppName>,
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
    /// A listener elsewhere came or went.
    Listener {
        /// Its app.
        app: String,
        /// Its name, or that of its group; empty if it has none.
        name: String,
        /// Where it is.
        remote: String,
        /// Whether it came.
        here: bool,
    },
    /// The connection to where events come from broke.
    Reconnecting {
        /// Why.
        reason: String,
        /// How long until the next try.
        wait: Duration,
    },
    /// The connection is there again.
    Connected,
    /// Somebody changed something, or looked at a secret.
    Audited {
        /// When.
        at: Timestamp,
        /// With which token.
        token: Arc<Token>,
        /// What was done,
        method: String,
        /// and to what.
        path: String,
        /// From where.
        remote: String,
        /// What came of it.
        status: u16,
    },
    /// The store lost all it had; what comes from now on is kept.
    Emptied {
        /// When that was found out.
        at: Timestamp,
    },
    /// The store or a task failed in the background.
    Trouble {
        /// What happened.
        message: String,
    },
}
