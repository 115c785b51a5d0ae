//! The log of events: append, load, and the closed set of questions.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AppName, DeliveryState, EventId, Timestamp};
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::writer::Batch;
use crate::store::sqlite::{access, messages, queue, rows};
use crate::store::{Cursor, Logged, NewEvent, Order, Query, Status, StoreError};

/// No answer holds more than the one event that goes beyond so many bytes.
pub(super) const ANSWER_BYTES: usize = 32 << 20;

/// Where the log ends: the last place given out, and the `latest` of the last event.
#[derive(Clone, Copy)]
pub(super) struct End {
    seq: i64,
    latest: i64,
}

const APPEND: &str = "INSERT INTO events
    (seq, id, app, event_type, received_at, latest, verdict_ok, verdict_scheme, verdict_reason,
     method, target, remote, headers, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (id) DO NOTHING";

/// Keeps an event and its deliveries.
pub(super) fn append(db: &Batch, new: &NewEvent) -> Result<Result<Cursor, StoreError>, Fault> {
    let (event, request) = (&*new.event, &new.event.request);
    if let Some(record) = &new.record
        && access::is_answered(db, record)?
    {
        return Ok(Err(StoreError::Answered));
    }
    if let Some(taken) = messages::uid_taken(db, event)? {
        return Ok(Err(taken.into()));
    }
    let verdict = event.verdict.as_ref();
    // Looked up once a transaction: AUTOINCREMENT would look and write for each event.
    let before = db.end.get().map_or_else(|| end(db), Ok)?;
    let received_at = request.received_at.millis();
    let end = End { seq: before.seq + 1, latest: before.latest.max(received_at) };
    let kept = db.prepare_cached(APPEND)?.execute(params![
        end.seq,
        event.id.as_bytes(),
        event.app.as_str(),
        event.event_type,
        received_at,
        end.latest,
        verdict.map(|verdict| verdict.ok),
        verdict.map(|verdict| verdict.scheme.as_str()),
        verdict.and_then(|verdict| verdict.reason.as_deref()),
        request.method,
        request.target,
        request.remote,
        &request.headers.block()[..],
        &request.body[..],
    ])?;
    if kept == 0 {
        return Ok(Ok(rows::cursor_of(place(db, event.id)?)));
    }
    db.end.set(Some(end));
    messages::mark(db, end.seq, event)?;
    if let Some(record) = &new.record {
        access::remember(db, record)?;
    }
    for (place, delivery) in (0..).zip(&new.deliveries) {
        queue::insert(db, (end.seq, place), delivery)?;
    }
    Ok(Ok(rows::cursor_of(end.seq)))
}

fn end(db: &Connection) -> Result<End, Fault> {
    let mut ask = db.prepare_cached("SELECT seq, latest FROM events ORDER BY seq DESC LIMIT 1")?;
    let last = ask.query_row([], |row| Ok(End { seq: row.get(0)?, latest: row.get(1)? })).optional()?;
    let last = last.unwrap_or(End { seq: 0, latest: i64::MIN });
    let given = db.prepare_cached("SELECT seq FROM log_end WHERE one = 1")?.query_row([], |row| row.get(0))?;
    Ok(End { seq: last.seq.max(given), ..last })
}

/// Notes where the log ends, before events are removed.
pub(super) fn note_end(db: &Connection) -> Result<(), Fault> {
    db.prepare_cached("UPDATE log_end SET seq = ?1 WHERE one = 1")?.execute([end(db)?.seq])?;
    Ok(())
}

/// Where an event is.
pub(super) fn place(db: &Connection, id: EventId) -> Result<i64, Fault> {
    find_place(db, id)?.ok_or_else(|| Fault::Unknown(format!("event {id}")))
}

/// Where an event is, if it is there.
pub(super) fn find_place(db: &Connection, id: EventId) -> Result<Option<i64>, Fault> {
    let mut ask = db.prepare_cached("SELECT seq FROM events WHERE id = ?1")?;
    Ok(ask.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

/// The event at this place.
pub(super) fn load(db: &Connection, seq: i64) -> Result<Option<Logged>, Fault> {
    let mut ask = db.prepare_cached(rows::EVENT)?;
    let event = ask.query_row([seq], rows::event).optional()?;
    Ok(event.map(|event| Logged { cursor: rows::cursor_of(seq), event: Arc::new(event) }))
}

/// The place given out last, even if its event is gone.
pub(super) fn newest(db: &Connection) -> Result<Cursor, Fault> {
    Ok(rows::cursor_of(end(db)?.seq))
}

/// The events that fit the query.
pub(super) fn find(db: &Connection, query: &Query) -> Result<Vec<Logged>, Fault> {
    let (low, high) = bounds(db, query)?;
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut ask = db.prepare_cached(&statement(query))?;
    let mut places = ask.query(params![
        query.app.as_ref().map(AppName::as_str),
        query.event_type,
        low,
        high,
        query.since.map(Timestamp::millis),
        query.until.map(Timestamp::millis),
        limit,
    ])?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while bytes < ANSWER_BYTES
        && let Some(row) = places.next()?
    {
        if let Some(logged) = load(db, row.get(0)?)? {
            bytes += logged.event.request.body.len() + logged.event.request.headers.block().len();
            found.push(logged);
        }
    }
    Ok(found)
}

/// The first and the last place that can fit: the more exact, the less a clock was ever set back.
fn bounds(db: &Connection, query: &Query) -> Result<(i64, i64), Fault> {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    match (query.after, query.order) {
        (Some(after), Order::Oldest) => low = rows::seq_of(after).saturating_add(1),
        (Some(after), Order::Newest) => high = rows::seq_of(after).saturating_sub(1),
        (None, _) => {}
    }
    let (first, last) = between(db, query.since, query.until)?;
    Ok((low.max(first), high.min(last)))
}

/// The first and the last place that an event received since then and before then can have.
pub(super) fn between(
    db: &Connection,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<(i64, i64), Fault> {
    let low = since.map_or(Ok(i64::MIN), |since| place_of(db, since.millis()))?;
    let high = match until {
        Some(until) => {
            let mut ask = db.prepare_cached(LATENESS)?;
            let late: i64 = ask.query_row([], |row| row.get(0)).optional()?.unwrap_or(0);
            place_of(db, until.millis().saturating_add(late))? - 1
        }
        None => i64::MAX,
    };
    Ok((low, high))
}

/// By how much an event came into the log after a younger one, at most.
const LATENESS: &str = "SELECT CAST(latest - received_at AS INTEGER) FROM events INDEXED BY events_late
    WHERE latest > received_at ORDER BY latest - received_at DESC LIMIT 1";
const FROM: &str = "SELECT seq, latest FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1";

/// The place before which every `latest` is before this moment. They never go back, so halving finds it.
pub(super) fn place_of(db: &Connection, moment: i64) -> Result<i64, Fault> {
    let mut ask = db.prepare_cached(FROM)?;
    let (mut low, mut high) = (0, end(db)?.seq + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match ask.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()? {
            Some((seq, latest)) if moment > latest => low = i64::saturating_add(seq, 1),
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// The statement that walks the index which fits best; `INDEXED BY` makes it fail rather than fall back to a scan.
fn statement(query: &Query) -> String {
    let (mut sql, place) = match rare(query.status) {
        Some((index, state)) => (
            format!(
                "SELECT DISTINCT d.event FROM deliveries d INDEXED BY {index}
                 CROSS JOIN events e ON e.seq = d.event WHERE {state}"
            ),
            "d.event",
        ),
        None => (format!("SELECT e.seq FROM events e {} WHERE 1", index(query)), "e.seq"),
    };
    for (given, condition) in [
        (query.app.is_some(), " AND e.app = ?1"),
        (query.event_type.is_some(), " AND e.event_type = ?2"),
        (query.since.is_some(), " AND e.received_at >= ?5"),
        (query.until.is_some(), " AND e.received_at < ?6"),
        (query.status == Some(Status::Invalid), " AND e.verdict_ok = 0"),
        (
            query.status == Some(Status::Delivery(DeliveryState::Delivered)),
            " AND EXISTS (SELECT 1 FROM deliveries WHERE event = e.seq AND state = 2)",
        ),
    ] {
        sql.push_str(if given { condition } else { "" });
    }
    let direction = if query.order == Order::Newest { "DESC" } else { "ASC" };
    format!("{sql} AND {place} BETWEEN ?3 AND ?4 ORDER BY {place} {direction} LIMIT ?7")
}

/// The states with an index of their own, which holds nothing but deliveries in that state.
const fn rare(status: Option<Status>) -> Option<(&'static str, &'static str)> {
    match status {
        Some(Status::Delivery(DeliveryState::Pending)) => Some(("deliveries_open", "d.state < 2")),
        Some(Status::Delivery(DeliveryState::InFlight)) => Some(("deliveries_open", "d.state < 2 AND d.state = 1")),
        Some(Status::Delivery(DeliveryState::Dead)) => Some(("deliveries_dead", "d.state = 3")),
        Some(Status::Delivery(DeliveryState::Delivered) | Status::Invalid) | None => None,
    }
}

const fn index(query: &Query) -> &'static str {
    match (query.status, &query.app, &query.event_type) {
        (Some(Status::Invalid), _, _) => "INDEXED BY events_invalid",
        // Of one app and one type: an app's events are looked at one by one, which spares every event an index entry.
        (_, Some(_), _) => "INDEXED BY events_by_app",
        (_, None, Some(_)) => "INDEXED BY events_by_type",
        (_, None, None) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeliveryState;

    fn empty() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../../migrations/0001_store.sql")).unwrap();
        db
    }

    fn queries() -> Vec<Query> {
        let states = DeliveryState::ALL.map(|state| Some(Status::Delivery(state)));
        let mut all = Vec::new();
        for status in states.into_iter().chain([Some(Status::Invalid), None]) {
            for bits in 0..16_u8 {
                let given = |bit: u8| bits & bit != 0;
                all.push(Query {
                    app: given(1).then(AppName::default),
                    event_type: given(2).then(String::new),
                    since: given(4).then(Timestamp::default),
                    until: given(4).then(Timestamp::default),
                    status,
                    after: None,
                    order: if given(8) { Order::Newest } else { Order::Oldest },
                    limit: 1,
                });
            }
        }
        all
    }

    #[test]
    fn every_question_walks_an_index() {
        let db = empty();
        let fixed = [APPEND, LATENESS, FROM, queue::DUE, rows::EVENT, rows::DELIVERIES, rows::ATTEMPTS];
        let statements =
            fixed.into_iter().map(str::to_owned).chain(queries().into_iter().map(|query| statement(&query)));
        for sql in statements {
            let mut ask = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let count = ask.parameter_count();
            let nothing = vec![rusqlite::types::Null; count];
            let plan = ask.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
            for step in plan.map(Result::unwrap) {
                let narrow = step.starts_with("SEARCH") || step.contains("USING INDEX events_late");
                let other = step.contains("CORRELATED SCALAR SUBQUERY");
                assert!((narrow || other) && !step.contains("TEMP B-TREE"), "{sql}\n{step}");
            }
        }
    }
}
