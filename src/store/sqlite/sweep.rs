//! What is left of removed apps and endpoints goes step by step, and so does what is past its time.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AppName, EndpointId, Timestamp};
use crate::store::access::MEMORY;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::writer::Batch;
use crate::store::sqlite::{access, log, messages, prune, tallies};
use crate::store::work::{TALLY_HOURS, hour_of};

/// At most so many rows of each sort go in one step.
const STEP: usize = 500;

/// The events of an app.
pub(super) const OF_APP: &str = "SELECT seq FROM events INDEXED BY events_by_app WHERE app = ?1 LIMIT ?2";
/// What an endpoint still waits for.
pub(super) const WAITING: &str = "SELECT event, place FROM deliveries INDEXED BY deliveries_due
    WHERE endpoint = ?1 AND due_at IS NOT NULL LIMIT ?2";
/// Payloads that are past their time.
pub(super) const ENDING: &str =
    "SELECT event FROM messages INDEXED BY messages_ending WHERE payload_until <= ?1 LIMIT ?2";
/// The oldest answer.
pub(super) const OLDEST: &str = "SELECT seq, at FROM records WHERE seq > ?1 ORDER BY seq LIMIT 1";

/// Removes what belongs to an app that is gone: at once, but for events beyond the first few hundred.
pub(super) fn remove_app(db: &Batch, app: &AppName) -> Result<(), Fault> {
    let mut ask = db.prepare_cached("SELECT id FROM endpoints INDEXED BY endpoints_by_app WHERE app = ?1")?;
    let found = ask.query_map([app.as_str()], |row| row.get(0).map(EndpointId::from_bytes))?;
    for id in found.collect::<Result<Vec<_>, _>>()? {
        remove_endpoint(db, id)?;
    }
    access::revoke_tokens(db, app)?;
    db.prepare_cached("INSERT OR IGNORE INTO removed_apps VALUES (?1)")?.execute([app.as_str()])?;
    remove_events(db, app.as_str())?;
    Ok(())
}

/// Removes an endpoint, and gives up what waits for it: at once, but for what is beyond the first few hundred.
pub(super) fn remove_endpoint(db: &Batch, id: EndpointId) -> Result<bool, Fault> {
    if db.prepare_cached("DELETE FROM endpoints WHERE id = ?1")?.execute([id.as_bytes()])? == 0 {
        return Ok(false);
    }
    tallies::forget(db, id)?;
    db.prepare_cached("INSERT OR IGNORE INTO removed_endpoints VALUES (?1)")?.execute([id.as_bytes()])?;
    give_up(db, *id.as_bytes())?;
    Ok(true)
}

/// Goes on with all of it; says how many events went, and whether there is more to do.
pub(super) fn step(db: &Connection, now: Timestamp) -> Result<(u64, bool), Fault> {
    let mut more = false;
    if let Some(id) = first::<[u8; 20]>(db, "SELECT id FROM removed_endpoints LIMIT 1")? {
        give_up(db, id)?;
        more = true;
    }
    let mut events = 0;
    if let Some(app) = first::<String>(db, "SELECT name FROM removed_apps LIMIT 1")? {
        events = remove_events(db, &app)?;
        more = true;
    }
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    let mut ask = db.prepare_cached(ENDING)?;
    let found = ask.query_map(params![now.millis(), limit], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    for seq in &found {
        messages::expunge(db, *seq)?;
    }
    db.prepare_cached("DELETE FROM tokens WHERE expires_at <= ?1")?.execute([now.millis()])?;
    db.prepare_cached("DELETE FROM tallies WHERE hour < ?1")?.execute([hour_of(now) - TALLY_HOURS])?;
    let forgotten = forget_answers(db, now)?;
    Ok((events, more || found.len() == STEP || forgotten == STEP))
}

fn first<T: rusqlite::types::FromSql>(db: &Connection, sql: &str) -> Result<Option<T>, Fault> {
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// Removes some events of a removed app; when there are none left, it is done.
fn remove_events(db: &Connection, app: &str) -> Result<u64, Fault> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    let mut ask = db.prepare_cached(OF_APP)?;
    let found = ask.query_map(params![app, limit], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    if !found.is_empty() {
        log::note_end(db)?;
    }
    for seq in &found {
        prune::remove(db, *seq)?;
    }
    if found.len() < STEP {
        db.prepare_cached("DELETE FROM removed_apps WHERE name = ?1")?.execute([app])?;
    }
    Ok(found.len() as u64)
}

/// Gives up some of what a removed endpoint waits for; when there is nothing left, it is done.
fn give_up(db: &Connection, id: [u8; 20]) -> Result<(), Fault> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    let mut ask = db.prepare_cached(WAITING)?;
    let found = ask.query_map(params![id, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found = found.collect::<Result<Vec<(i64, i64)>, _>>()?;
    let mut change = db.prepare_cached(
        "UPDATE deliveries SET state = 3, due_at = NULL, otherwise = NULL, again = NULL
         WHERE event = ?1 AND place = ?2",
    )?;
    for (seq, place) in &found {
        change.execute([seq, place])?;
    }
    if found.len() < STEP {
        db.prepare_cached("DELETE FROM removed_endpoints WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

/// Forgets the oldest answers that are past their time.
fn forget_answers(db: &Connection, now: Timestamp) -> Result<usize, Fault> {
    let oldest_kept = now.minus(MEMORY).millis();
    let mut ask = db.prepare_cached(OLDEST)?;
    let mut forgotten = 0;
    while forgotten < STEP
        && let Some((seq, at)) =
            ask.query_row([i64::MIN], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?
        && at <= oldest_kept
    {
        db.prepare_cached("DELETE FROM records WHERE seq = ?1")?.execute([seq])?;
        forgotten += 1;
    }
    Ok(forgotten)
}
