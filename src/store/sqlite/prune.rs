//! Retention: the oldest events go, a small step at a time.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::Timestamp;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::{log, sweep};
use crate::store::{Pruned, Retention};

/// At most so many events a step.
const STEP_EVENTS: u64 = 500;
/// Appends wait for a step, so it ends after so long.
const STEP_TIME: Duration = Duration::from_millis(20);
/// So many events between two looks at the clock and the size.
const LOOK_EVENTS: u64 = 20;
/// Events are not quite in the order of their times: a step looks past so many that may stay.
const LOOK_AHEAD: u32 = 100;
/// Free pages are used again; those beyond an eighth of the file, and beyond so many, go back to the disk.
const SPARE_PAGES: i64 = 1024;
/// At most so many pages go back in one step.
const STEP_PAGES: i64 = 256;

/// Removes the oldest events that are past their time or too much for the size.
pub(super) fn step(db: &Connection, keep: Retention, now: Timestamp) -> Result<Pruned, Fault> {
    let begun = Instant::now();
    let oldest_kept = keep.age.map_or(i64::MIN, |age| now.minus(age).millis());
    let mut pruned = Pruned::default();
    let (mut seq, mut young) = (i64::MIN, 0);
    while young < LOOK_AHEAD
        && let Some((oldest, received_at)) = after(db, seq)?
    {
        let pause = pruned.events.is_multiple_of(LOOK_EVENTS) && pruned.events > 0 && begun.elapsed() >= STEP_TIME;
        if pause || pruned.events >= STEP_EVENTS {
            pruned.more = true;
            break;
        }
        seq = oldest;
        if received_at < oldest_kept || too_large(db, keep)? {
            if pruned.events == 0 {
                log::note_end(db)?;
            }
            remove(db, oldest)?;
            pruned.events += 1;
        } else {
            young += 1;
        }
    }
    let (events, more) = sweep::step(db, now)?;
    pruned.events += events;
    pruned.more |= more || shrink(db)?;
    Ok(pruned)
}

/// The oldest event beyond `seq`, and when it was received.
fn after(db: &Connection, seq: i64) -> Result<Option<(i64, i64)>, Fault> {
    let mut ask = db.prepare_cached("SELECT seq, received_at FROM events WHERE seq > ?1 ORDER BY seq LIMIT 1")?;
    Ok(ask.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn too_large(db: &Connection, keep: Retention) -> Result<bool, Fault> {
    let Some(bytes) = keep.bytes else { return Ok(false) };
    let used = pragma(db, "PRAGMA page_count")? - pragma(db, "PRAGMA freelist_count")?;
    let size = used.saturating_mul(pragma(db, "PRAGMA page_size")?);
    Ok(u64::try_from(size).unwrap_or(0) > bytes)
}

/// Removes the event at `seq` and all that hangs on it.
pub(super) fn remove(db: &Connection, seq: i64) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM attempts WHERE event = ?1",
        "DELETE FROM deliveries WHERE event = ?1",
        "DELETE FROM messages WHERE event = ?1",
        "DELETE FROM events WHERE seq = ?1",
    ] {
        db.prepare_cached(sql)?.execute(params![seq])?;
    }
    Ok(())
}

/// Gives free pages back to the disk; says whether there are more to give.
fn shrink(db: &Connection) -> Result<bool, Fault> {
    let free = pragma(db, "PRAGMA freelist_count")?;
    let spare = SPARE_PAGES.max(pragma(db, "PRAGMA page_count")? / 8);
    let excess = free.saturating_sub(spare);
    if excess <= 0 {
        return Ok(false);
    }
    // Each row that the pragma yields is a page given back.
    let mut vacuum = db.prepare_cached(&format!("PRAGMA incremental_vacuum({})", excess.min(STEP_PAGES)))?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    Ok(excess > STEP_PAGES)
}

fn pragma(db: &Connection, sql: &str) -> Result<i64, Fault> {
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
