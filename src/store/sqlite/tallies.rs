//! Counts of attempts, and how endpoints have been doing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{EndpointId, Health, Spread, Tally, Timestamp};
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::json::Json;
use crate::store::sqlite::writer::Batch;
use crate::store::work::hour_of;
use crate::store::{Settlement, Tallied};

/// Counts are written so often, since each writes a page of its own; a kill takes those of the last moment.
const EVERY: Duration = Duration::from_secs(1);
/// Or when there are so many.
const MANY: usize = 1000;

type Counts = BTreeMap<(EndpointId, i64), Tally>;

/// Counts that are not written yet.
pub(super) struct Buffer {
    /// Of committed transactions.
    settled: RefCell<Counts>,
    /// Of this transaction.
    staged: RefCell<Counts>,
    written: Cell<bool>,
    since: Cell<Instant>,
}

impl Default for Buffer {
    fn default() -> Self {
        let since = Cell::new(Instant::now());
        Self { settled: RefCell::default(), staged: RefCell::default(), written: Cell::new(false), since }
    }
}

impl Buffer {
    /// A transaction begins; what an unfinished one had counted did not happen.
    pub(super) fn begin(&self) {
        self.staged.borrow_mut().clear();
        self.written.set(false);
    }

    /// Writes the counts if it is time to; the transaction is about to end.
    pub(super) fn write_if_due(&self, db: &Connection) -> Result<(), Fault> {
        let many = self.settled.borrow().len() + self.staged.borrow().len() >= MANY;
        if many || self.since.get().elapsed() >= EVERY { self.write(db) } else { Ok(()) }
    }

    /// Writes the counts.
    pub(super) fn write(&self, db: &Connection) -> Result<(), Fault> {
        let (settled, staged) = (self.settled.borrow(), self.staged.borrow());
        if self.written.get() || settled.is_empty() && staged.is_empty() {
            return Ok(());
        }
        for (key, counted) in settled.iter().chain(staged.iter()) {
            add(db, key, counted)?;
        }
        self.written.set(true);
        Ok(())
    }

    /// The transaction has ended well.
    pub(super) fn committed(&self) {
        let (mut settled, mut staged) = (self.settled.borrow_mut(), self.staged.borrow_mut());
        if self.written.replace(false) {
            settled.clear();
            staged.clear();
            self.since.set(Instant::now());
        }
        for (key, counted) in std::mem::take(&mut *staged) {
            *settled.entry(key).or_default() += &counted;
        }
    }

    /// Whether there is something to write.
    pub(super) fn is_full(&self) -> bool {
        !self.settled.borrow().is_empty()
    }
}

pub(super) const TALLY: &str =
    "SELECT succeeded, failed, recovered, dead, latency FROM tallies WHERE endpoint = ?1 AND hour = ?2";
pub(super) const OF_ENDPOINT: &str = "SELECT succeeded, failed, recovered, dead, latency FROM tallies
    WHERE endpoint = ?1 AND hour BETWEEN ?2 AND ?3";
pub(super) const OF_APP: &str = "SELECT t.succeeded, t.failed, t.recovered, t.dead, t.latency
    FROM endpoints e INDEXED BY endpoints_by_app CROSS JOIN tallies t ON t.endpoint = e.id
    WHERE e.app = ?1 AND t.hour BETWEEN ?2 AND ?3";
pub(super) const OF_ALL: &str = "SELECT succeeded, failed, recovered, dead, latency
    FROM tallies INDEXED BY tallies_by_hour WHERE ?1 IS NULL AND hour BETWEEN ?2 AND ?3";
pub(super) const HEALTH: &str = "SELECT failing_since, failures, dead_since, deaths FROM failing WHERE endpoint = ?1";

fn add(db: &Connection, (endpoint, hour): &(EndpointId, i64), counted: &Tally) -> Result<(), Fault> {
    let mut sum = db.prepare_cached(TALLY)?.query_row(params![endpoint.as_bytes(), hour], tally).optional()?;
    let sum = sum.get_or_insert_default();
    *sum += counted;
    let mut keep = db.prepare_cached(
        "INSERT OR REPLACE INTO tallies (endpoint, hour, succeeded, failed, recovered, dead, latency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    keep.execute(params![
        endpoint.as_bytes(),
        hour,
        number(sum.succeeded),
        number(sum.failed),
        number(sum.recovered),
        number(sum.dead),
        Json(sum.latency.steps().collect::<Vec<_>>()),
    ])?;
    Ok(())
}

fn tally(row: &Row<'_>) -> rusqlite::Result<Tally> {
    let number = |column| row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
    Ok(Tally {
        succeeded: number(0)?,
        failed: number(1)?,
        recovered: number(2)?,
        dead: number(3)?,
        latency: Spread::from_steps(row.get::<_, Json<Vec<(u16, u64)>>>(4)?.0),
    })
}

/// The counts of some hours.
pub(super) fn sum(db: &Batch, of: &Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, Fault> {
    db.tallies.write(db)?;
    let (sql, whose) = match of {
        Tallied::Endpoint(id) => (OF_ENDPOINT, Some(rusqlite::types::Value::Blob(id.as_bytes().to_vec()))),
        Tallied::App(app) => (OF_APP, Some(app.as_str().to_owned().into())),
        Tallied::All => (OF_ALL, None),
    };
    let mut ask = db.prepare_cached(sql)?;
    let mut sum = Tally::default();
    for one in ask.query_map(params![whose, hour_of(since), hour_of(until)], tally)? {
        sum += &one?;
    }
    Ok(sum)
}

/// Counts an attempt and notes how its endpoint is doing.
pub(super) fn note(db: &Batch, settlement: &Settlement) -> Result<(), Fault> {
    let (endpoint, at) = (settlement.attempt.endpoint, settlement.attempt.started_at);
    *db.tallies.staged.borrow_mut().entry((endpoint, hour_of(at))).or_default() += &settlement.tally();
    let before = health(db, endpoint)?;
    let after = settlement.health(before);
    if after == before {
        return Ok(());
    }
    let Some(since) = after.failing_since else { return forget_failures(db, endpoint) };
    let mut keep = db.prepare_cached(
        "INSERT OR REPLACE INTO failing (endpoint, failing_since, failures, dead_since, deaths)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let dead_since = after.dead_since.map(Timestamp::millis);
    keep.execute(params![endpoint.as_bytes(), since.millis(), after.failures, dead_since, after.deaths])?;
    Ok(())
}

/// How an endpoint has been doing.
pub(super) fn health(db: &Connection, endpoint: EndpointId) -> Result<Health, Fault> {
    let found = db.prepare_cached(HEALTH)?.query_row([endpoint.as_bytes()], |row| {
        Ok(Health {
            failing_since: Some(Timestamp::from_millis(row.get(0)?)),
            failures: row.get(1)?,
            dead_since: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_millis),
            deaths: row.get(3)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Forgets that an endpoint has failed.
pub(super) fn forget_failures(db: &Connection, endpoint: EndpointId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM failing WHERE endpoint = ?1")?.execute([endpoint.as_bytes()])?;
    Ok(())
}

/// Forgets all that was counted of an endpoint.
pub(super) fn forget(db: &Batch, endpoint: EndpointId) -> Result<(), Fault> {
    forget_failures(db, endpoint)?;
    db.tallies.write(db)?;
    db.prepare_cached("DELETE FROM tallies WHERE endpoint = ?1")?.execute([endpoint.as_bytes()])?;
    Ok(())
}
