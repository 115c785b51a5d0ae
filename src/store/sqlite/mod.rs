//! The embedded store: one `SQLite` file, one thread that writes, a few connections that read.

mod access;
mod apps;
mod endpoints;
mod event_types;
mod fault;
mod finding;
mod json;
mod key;
mod listeners;
mod log;
mod messages;
mod mover;
mod pending;
#[cfg(test)]
mod plans;
mod prune;
mod queue;
mod reader;
mod rows;
mod schema;
mod sweep;
mod tallies;
mod writer;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rusqlite::Connection;

use crate::model::{Attempt, Delivery, DeliveryId, EndpointId, EventId, Timestamp};
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::reader::Reader;
use crate::store::sqlite::writer::{Batch, Writer};
use crate::store::{
    About, Cursor, Durability, Held, Leased, Logged, NewDelivery, NewEvent, Next, OpenOptions, Pruned, Query,
    Retention, Settled, Settlement, Store, StoreError, Wanted,
};

/// A store in one file.
pub(super) struct Sqlite {
    path: PathBuf,
    durability: Durability,
    writer: Writer,
    reader: Reader,
}

impl Sqlite {
    /// Opens the file at `path`; how a missing one is met is the options' matter.
    pub(super) fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let refused = |why: std::io::Error| StoreError::Open { path: path.display().to_string(), why: why.to_string() };
        // An absolute path also keeps SQLite from reading "file:..." or ":memory:" as something else.
        let path = std::path::absolute(path).map_err(refused)?;
        let writer = Writer::start(schema::open_writer(&path, options)?).map_err(refused)?;
        Ok(Self { reader: Reader::new(path.clone()), path, durability: options.durability, writer })
    }

    async fn write<T, W>(&self, bytes: usize, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnMut(&Batch) -> Result<T, Fault> + Send + 'static,
    {
        self.writer.write(bytes, work).await.map_err(|why| why.at(&self.path))
    }

    async fn read<T, A>(&self, ask: A) -> Result<T, StoreError>
    where
        T: Send + 'static,
        A: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.reader.read(ask).await.map_err(|why| why.at(&self.path))
    }
}

#[async_trait]
impl Store for Sqlite {
    fn about(&self) -> About {
        let durability = match self.durability {
            Durability::Full | Durability::Replicated => "flushed to the disk: survives a power cut",
            Durability::Process => "handed to the system: survives a killed process, not always a power cut",
        };
        let address = format!("sqlite:{}", self.path.display());
        About { address, durability: durability.to_owned(), trouble: None }
    }

    async fn append(&self, new: NewEvent) -> Result<Cursor, StoreError> {
        let request = &new.event.request;
        let answers = new.deliveries.iter().filter_map(|new| new.made.as_ref()?.attempt.outcome.as_ref().ok());
        let answers: usize = answers.map(|answer| answer.body.len()).sum();
        let bytes = request.body.len() + request.headers.block().len() + answers;
        Ok(self.write(bytes, move |db| log::append(db, &new)).await??)
    }

    async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        self.write(0, move |db| queue::enqueue(db, &deliveries)).await
    }

    async fn lease(&self, wanted: Wanted) -> Result<Vec<Leased>, StoreError> {
        let now = wanted.now;
        let taken = self.write(0, move |db| queue::take(db, &wanted)).await?;
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = self.read(move |db| queue::load(db, taken)).await?;
        let Some((bad, why)) = loaded.unreadable else { return Ok(loaded.leased) };
        // Given up, or it would be met again and again. The others are due at once, and the caller hears of it.
        let good: Vec<Held> = loaded.leased.iter().map(|leased| leased.held).collect();
        self.write(0, move |db| {
            queue::release(db, &good, now)?;
            bad.iter().try_for_each(|held| queue::skip(db, *held, Next::Dead))
        })
        .await?;
        Err(why.at(&self.path))
    }

    async fn extend(&self, held: Vec<Held>, until: Timestamp) -> Result<(), StoreError> {
        self.write(0, move |db| queue::extend(db, &held, until)).await
    }

    async fn release(&self, held: Vec<Held>, now: Timestamp) -> Result<(), StoreError> {
        self.write(0, move |db| queue::release(db, &held, now)).await
    }

    async fn skip(&self, held: Held, next: Next) -> Result<(), StoreError> {
        self.write(0, move |db| queue::skip(db, held, next)).await
    }

    async fn unpark(&self, endpoint: EndpointId, now: Timestamp) -> Result<usize, StoreError> {
        self.write(0, move |db| queue::unpark(db, endpoint, now)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, StoreError> {
        let bytes = settlement.attempt.outcome.as_ref().map_or(0, |answer| answer.body.len());
        let settled = self.writer.write_patiently(bytes, move |db| queue::settle(db, &settlement));
        settled.await.map_err(|why| why.at(&self.path))
    }

    async fn next_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
        let endpoints = endpoints.to_vec();
        self.read(move |db| queue::next_due(db, &endpoints)).await
    }

    async fn reopen(&self, delivery: DeliveryId, until: Timestamp) -> Result<(Held, u32), StoreError> {
        let reopened = self.write(0, move |db| queue::reopen(db, delivery, None, until)).await?;
        reopened.ok_or_else(|| StoreError::Unknown(format!("delivery {delivery}")))
    }

    async fn take_up(
        &self,
        delivery: DeliveryId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(Held, u32)>, StoreError> {
        self.write(0, move |db| queue::reopen(db, delivery, Some(now), until)).await
    }

    async fn event(&self, id: EventId) -> Result<Option<Logged>, StoreError> {
        self.read(move |db| match log::find_place(db, id)? {
            Some(seq) => log::load(db, seq),
            None => Ok(None),
        })
        .await
    }

    async fn events(&self, query: Query) -> Result<Vec<Logged>, StoreError> {
        self.read(move |db| log::find(db, &query)).await
    }

    async fn newest(&self) -> Result<Cursor, StoreError> {
        self.read(log::newest).await
    }

    async fn deliveries(&self, event: EventId) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |db| queue::deliveries(db, event)).await
    }

    async fn attempts(&self, event: EventId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |db| queue::attempts(db, event)).await
    }

    async fn position(&self, listener: &str) -> Result<Option<Cursor>, StoreError> {
        let listener = listener.to_owned();
        self.read(move |db| listeners::position(db, &listener)).await
    }

    async fn advance(&self, listener: &str, to: Cursor) -> Result<(), StoreError> {
        let listener = listener.to_owned();
        self.write(0, move |db| listeners::advance(db, &listener, to)).await
    }

    async fn prune(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        let step = self.writer.write_alone(move |db| prune::step(db, keep, now));
        step.await.map_err(|why| why.at(&self.path))
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.reader.close();
        self.writer.close().await;
        Ok(())
    }
}
