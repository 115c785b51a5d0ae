//! A token: what somebody may do, and where.

use crate::model::app::AppName;
use crate::model::id::TokenId;
use crate::model::time::Timestamp;

/// What somebody who has a text may do. The text itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its identifier, `tok_...`.
    pub id: TokenId,
    /// The SHA-256 of the text.
    pub hash: [u8; 32],
    /// What it is for, in its owner's words.
    pub label: String,
    /// What it allows.
    pub rights: Rights,
    /// Where it allows that; everywhere if `None`.
    pub app: Option<AppName>,
    /// The hidden types of event it sees.
    pub feature_flags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; never if `None`.
    pub expires_at: Option<Timestamp>,
}

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rights {
    /// Everything.
    Operator,
    /// What an app's owner does in the portal: its endpoints, their secrets, and looking at what was sent.
    Portal,
    /// Looking.
    Read,
    /// Sending events.
    Ingest,
}

impl Rights {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Portal, Self::Read, Self::Ingest];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Portal => "portal",
            Self::Read => "read",
            Self::Ingest => "ingest",
        }
    }
}
