//! Tokens and remembered answers in memory, and what is forgotten with time.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::model::{AppName, EventId, Timestamp, Token, TokenId};
use crate::store::access::{MEMORY, MOST_RECORDS};
use crate::store::memory::{Memory, State};
use crate::store::work::{TALLY_HOURS, hour_of};
use crate::store::{Access, Page, Pager, Record, StoreError};

impl State {
    /// Whether another answer than this one is kept under its key.
    pub(super) fn is_answered(&self, new: &Record) -> bool {
        self.records.get(&new.key).is_some_and(|old| new.at.since(old.at) < MEMORY && old.answer != new.answer)
    }

    pub(super) fn remember(&mut self, record: Record) {
        if let Some(old) = self.records.get(&record.key) {
            if record.at.since(old.at) < MEMORY {
                return;
            }
            self.recorded.retain(|key| *key != record.key);
        }
        if self.recorded.len() >= MOST_RECORDS
            && let Some(oldest) = self.recorded.pop_front()
        {
            self.records.remove(&oldest);
        }
        self.recorded.push_back(record.key);
        self.records.insert(record.key, record);
    }

    pub(super) fn expunge(&mut self, id: EventId) -> bool {
        let Some(entry) = self.places.get(&id).and_then(|place| self.log.get_mut(place)) else { return false };
        self.bytes = self.bytes.saturating_sub(entry.event.request.body.len());
        let event = Arc::make_mut(&mut entry.event);
        event.request.body = Bytes::new();
        (event.marks.expunged, event.marks.payload_until) = (true, None);
        true
    }

    /// Removes what is past its time, events aside.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let ended = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        let events = self.log.values().filter(|entry| ended(entry.event.marks.payload_until));
        for event in events.map(|entry| entry.event.id).collect::<Vec<_>>() {
            self.expunge(event);
        }
        self.tokens.retain(|_, token| !ended(token.expires_at));
        let first = hour_of(now) - TALLY_HOURS;
        self.tallies.retain(|(_, hour), _| *hour >= first);
        self.records.retain(|_, record| now.since(record.at) < MEMORY);
        let records = &self.records;
        self.recorded.retain(|key| records.contains_key(key));
    }
}

#[async_trait]
impl Access for Memory {
    async fn create_token(&self, new: Token) -> Result<(), StoreError> {
        self.state()?.tokens.insert(new.id, new);
        Ok(())
    }

    async fn token(&self, hash: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        Ok(self.state()?.tokens.values().find(|token| token.hash == *hash).cloned())
    }

    async fn tokens(&self, app: Option<&AppName>, pager: Pager<TokenId>) -> Result<Page<Token>, StoreError> {
        let state = self.state()?;
        let all = state.tokens.iter().filter(|(_, token)| app.is_none() || token.app.as_ref() == app);
        Ok(pager.walk().of(all.map(|(id, token)| (*id, token.clone()))))
    }

    async fn revoke_token(&self, id: TokenId) -> Result<bool, StoreError> {
        Ok(self.state()?.tokens.remove(&id).is_some())
    }

    async fn revoke_tokens(&self, app: &AppName) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let before = state.tokens.len();
        state.tokens.retain(|_, token| token.app.as_ref() != Some(app));
        Ok((before - state.tokens.len()) as u64)
    }

    async fn remember(&self, record: Record) -> Result<(), StoreError> {
        self.state()?.remember(record);
        Ok(())
    }

    async fn remembered(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Record>, StoreError> {
        let state = self.state()?;
        Ok(state.records.get(key).filter(|record| now.since(record.at) < MEMORY).cloned())
    }
}
