//! Who may come in, and what was answered before.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::model::{AppName, EventId, Headers, Timestamp, Token, TokenId};
use crate::store::{Page, Pager, StoreError};

/// How long an answer is remembered.
pub(super) const MEMORY: Duration = Duration::from_secs(12 * 3600);
/// How many answers are remembered at most.
pub(super) const MOST_RECORDS: usize = 200_000;

/// A request that was answered, so that the same one again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// A hash of who asked, what for, and under which key.
    pub key: [u8; 32],
    /// A hash of the request's body.
    pub body: [u8; 32],
    /// When it was answered.
    pub at: Timestamp,
    /// The answer.
    pub answer: Recorded,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// This event was made; it says all that the answer needs.
    Event(EventId),
    /// These bytes.
    Bytes {
        /// The status.
        status: u16,
        /// The header lines that matter.
        headers: Headers,
        /// The body.
        body: Bytes,
    },
}

/// What a store does with tokens and with remembered answers.
#[async_trait]
pub trait Access {
    /// Keeps a token.
    async fn create_token(&self, new: Token) -> Result<(), StoreError>;

    /// The token whose text has this hash, ended or not.
    async fn token(&self, hash: &[u8; 32]) -> Result<Option<Token>, StoreError>;

    /// The tokens of an app, or all, in the order they were made.
    async fn tokens(&self, app: Option<&AppName>, pager: Pager<TokenId>) -> Result<Page<Token>, StoreError>;

    /// Removes a token; says whether it was there.
    async fn revoke_token(&self, id: TokenId) -> Result<bool, StoreError>;

    /// Removes the tokens of an app; gives back how many there were.
    async fn revoke_tokens(&self, app: &AppName) -> Result<u64, StoreError>;

    /// Keeps an answer for twelve hours, unless one of its key is kept. An append can keep one with its event.
    async fn remember(&self, record: Record) -> Result<(), StoreError>;

    /// What was answered under this key, if that is not too long ago. A bounded number is kept, the oldest go first.
    async fn remembered(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Record>, StoreError>;
}
