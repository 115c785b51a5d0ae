//! What is asked about messages and attempts, and what is changed about them afterwards.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AppName, Attempt, AttemptId, EndpointId, Event, EventId, Timestamp};
use crate::store::sqlite::fault::{Fault, Taken};
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{Sqlite, finding, log, queue, rows};
use crate::store::{
    AttemptQuery, Failed, FailedQuery, Logged, MessageQuery, Messages, NewDelivery, Page, Sent, SentQuery, StoreError,
};

#[async_trait]
impl Messages for Sqlite {
    async fn message(&self, app: &AppName, key: &str) -> Result<Option<Logged>, StoreError> {
        let (app, key) = (app.clone(), key.to_owned());
        self.read(move |db| {
            let by_id = key.parse().ok().map(|id| log::find_place(db, id)).transpose()?.flatten();
            let seq = by_id.map_or_else(|| named(db, &app, &key), |seq| Ok(Some(seq)))?;
            let found = seq.map(|seq| log::load(db, seq)).transpose()?.flatten();
            Ok(found.filter(|found| found.event.app == app))
        })
        .await
    }

    async fn messages(&self, query: MessageQuery) -> Result<Page<Logged>, StoreError> {
        self.read(move |db| finding::messages(db, &query)).await
    }

    async fn sent(&self, query: SentQuery) -> Result<Page<Sent>, StoreError> {
        self.read(move |db| finding::sent(db, &query)).await
    }

    async fn attempts_of(&self, query: AttemptQuery) -> Result<Page<Attempt>, StoreError> {
        self.read(move |db| finding::attempts(db, &query)).await
    }

    async fn attempt(&self, event: EventId, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.read(move |db| Ok(attempt(db, event, id)?.map(|(_, attempt)| attempt))).await
    }

    async fn failed(&self, query: FailedQuery) -> Result<Page<Failed>, StoreError> {
        self.read(move |db| finding::failed(db, &query)).await
    }

    async fn expunge_payload(&self, event: EventId) -> Result<bool, StoreError> {
        self.write(0, move |db| {
            let seq = log::find_place(db, event)?;
            seq.map(|seq| expunge(db, seq)).transpose()?;
            Ok(seq.is_some())
        })
        .await
    }

    async fn expunge_answer(&self, event: EventId, id: AttemptId) -> Result<bool, StoreError> {
        self.write(0, move |db| {
            let Some((seq, mut attempt)) = attempt(db, event, id)? else { return Ok(false) };
            attempt.expunge();
            let (answer, failure) = (attempt.outcome.as_ref().ok(), attempt.outcome.as_ref().err());
            let mut change = db.prepare_cached(
                "UPDATE attempts SET error_message = ?2, truncated = ?3, headers = ?4, body = ?5 WHERE seq = ?1",
            )?;
            change.execute(params![
                seq,
                failure.map(|failure| failure.message.as_str()),
                answer.map(|answer| answer.truncated),
                answer.map(|answer| &answer.headers.block()[..]),
                answer.map(|answer| &answer.body[..]),
            ])?;
            Ok(true)
        })
        .await
    }

    async fn send_again(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        self.write(0, move |db| queue::send_again(db, &deliveries)).await
    }

    async fn busy(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<(EndpointId, Timestamp)>, StoreError> {
        self.read(move |db| {
            let (mut ask, mut found) = (db.prepare_cached(BUSY)?, Vec::new());
            let mut after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
            while found.len() < limit {
                let next =
                    ask.query_row([&after], |row| Ok((EndpointId::from_bytes(row.get(0)?), rows::time(row, 1)?)));
                let Some((endpoint, due)) = next.optional()? else { break };
                after = endpoint.as_bytes().to_vec();
                found.push((endpoint, due));
            }
            Ok(found)
        })
        .await
    }
}

/// The next endpoint with something to do, and when.
pub(super) const BUSY: &str = "SELECT endpoint, due_at FROM deliveries INDEXED BY deliveries_due
    WHERE due_at IS NOT NULL AND endpoint > ?1 ORDER BY endpoint, due_at LIMIT 1";
/// The message of this uid.
pub(super) const NAMED: &str = "SELECT event FROM messages INDEXED BY messages_by_uid WHERE app = ?1 AND uid = ?2";

/// Where the message of this uid is.
pub(super) fn named(db: &Connection, app: &AppName, uid: &str) -> Result<Option<i64>, Fault> {
    Ok(db.prepare_cached(NAMED)?.query_row(params![app.as_str(), uid], |row| row.get(0)).optional()?)
}

/// Whether another event of the app has the uid of this one.
pub(super) fn uid_taken(db: &Connection, event: &Event) -> Result<Option<Taken>, Fault> {
    let Some(uid) = &event.marks.uid else { return Ok(None) };
    let Some(seq) = named(db, &event.app, uid)? else { return Ok(None) };
    let own = log::find_place(db, event.id)? == Some(seq);
    Ok((!own).then(|| Taken(format!("a message {uid}"))))
}

/// Keeps what was said about the event at `seq`, if there is anything.
pub(super) fn mark(db: &Connection, seq: i64, event: &Event) -> Result<(), Fault> {
    let marks = &event.marks;
    if *marks == crate::model::Marks::default() {
        return Ok(());
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO messages (event, app, uid, channels, tags, payload_until, expunged)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        seq,
        event.app.as_str(),
        marks.uid,
        Json(&marks.channels),
        Json(&marks.tags),
        marks.payload_until.map(Timestamp::millis),
        marks.expunged,
    ])?;
    Ok(())
}

/// Removes the payload of the event at `seq`.
pub(super) fn expunge(db: &Connection, seq: i64) -> Result<(), Fault> {
    db.prepare_cached("UPDATE events SET body = x'' WHERE seq = ?1")?.execute([seq])?;
    let mut note = db.prepare_cached(
        "INSERT INTO messages (event, app, channels, tags, expunged)
         SELECT seq, app, '[]', '[]', 1 FROM events WHERE seq = ?1
         ON CONFLICT (event) DO UPDATE SET expunged = 1, payload_until = NULL",
    )?;
    note.execute([seq])?;
    Ok(())
}

fn attempt(db: &Connection, event: EventId, id: AttemptId) -> Result<Option<(i64, Attempt)>, Fault> {
    let Some(place) = log::find_place(db, event)? else { return Ok(None) };
    let mut ask = db.prepare_cached(rows::ATTEMPT_OF)?;
    Ok(ask
        .query_row(params![place, id.as_bytes()], |row| Ok((row.get(rows::ATTEMPT_SEQ)?, rows::attempt(row, event)?)))
        .optional()?)
}
