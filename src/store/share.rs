//! A group of listeners that several nodes serve: how far the log was given out to it, and which node has what of it.

use std::time::Duration;

use crate::store::Cursor;

/// A line's part in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name that the group's place is remembered by.
    pub group: String,
    /// Which of the node's lines this is.
    pub line: u64,
    /// What the group wants of the log, in words that are compared.
    pub wants: String,
}

/// What a node does about its part in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// To take part for so long. Whoever is the first begins behind this place; the others go on from where the group
    /// is, and want the same.
    Enter {
        /// Where to begin.
        after: Cursor,
        /// How long this holds if nothing more is heard.
        lasting: Duration,
    },
    /// To have these, which are all that the group wants of the log between two places, if none of it was given out yet.
    Take {
        /// As far as the log was given out, as far as this node knows.
        after: Cursor,
        /// Up to where it is given out with this.
        upto: Cursor,
        /// What the group wants of that.
        places: Vec<Cursor>,
    },
    /// To say that these came to an end.
    Done(Vec<Cursor>),
    /// To take part for longer, and to have what was held by nodes that are gone: so many of them, the oldest. The answer
    /// says all that is held then, since that to an earlier call may not have been heard.
    Stay {
        /// How long this holds if nothing more is heard.
        lasting: Duration,
        /// How many more it has room for.
        room: usize,
    },
    /// To take part no more. What it holds others may have.
    Leave,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    /// These are held. The log was given out up to the place.
    Has(Cursor, Vec<Cursor>),
    /// Others were there before: the log was given out up to the place.
    Behind(Cursor),
    /// Those who take part want something else.
    Differs,
    /// Of this group nobody knows any more.
    Lost,
}
