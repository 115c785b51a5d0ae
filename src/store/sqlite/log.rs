//! The log of events: append, load, and the closed set of questions.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AppName, DeliveryState, EventId, Timestamp};
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::queue;
use crate::store::sqlite::rows;
use crate::store::{Cursor, Logged, NewEvent, Order, Query, Status};

/// No answer holds more than the one event that goes beyond so many bytes.
pub(super) const ANSWER_BYTES: usize = 32 << 20;

const APPEND: &str = "INSERT INTO events
    (id, app, event_type, received_at, latest, verdict_ok, verdict_scheme, verdict_reason,
     method, target, remote, headers, body)
    VALUES (?1, ?2, ?3, ?4,
     max(?4, coalesce((SELECT latest FROM events ORDER BY seq DESC LIMIT 1), ?4)),
     ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (id) DO NOTHING";

/// Keeps an event and its deliveries.
pub(super) fn append(db: &Connection, new: &NewEvent) -> Result<Cursor, Fault> {
    let (event, request) = (&*new.event, &new.event.request);
    let verdict = event.verdict.as_ref();
    let kept = db.prepare_cached(APPEND)?.execute(params![
        event.id.as_bytes(),
        event.app.as_str(),
        event.event_type,
        request.received_at.millis(),
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
        return Ok(rows::cursor_of(place(db, event.id)?));
    }
    let seq = db.last_insert_rowid();
    for delivery in &new.deliveries {
        queue::insert(db, seq, delivery)?;
    }
    Ok(rows::cursor_of(seq))
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
    let mut ask = db.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?;
    Ok(rows::cursor_of(ask.query_row([], |row| row.get(0)).optional()?.unwrap_or(0)))
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

/// The first and the last place that can fit. A place's `latest` is its own time or greater by its lateness, so
/// that the seeks are exact, and short unless a clock was set back.
fn bounds(db: &Connection, query: &Query) -> Result<(i64, i64), Fault> {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    match (query.after, query.order) {
        (Some(after), Order::Oldest) => low = rows::seq_of(after).saturating_add(1),
        (Some(after), Order::Newest) => high = rows::seq_of(after).saturating_sub(1),
        (None, _) => {}
    }
    let mut seek = db.prepare_cached("SELECT seq FROM events WHERE latest >= ?1 ORDER BY latest, seq LIMIT 1")?;
    let mut first = |from: i64| seek.query_row([from], |row| row.get::<_, i64>(0)).optional();
    if let Some(since) = query.since {
        low = low.max(first(since.millis())?.unwrap_or(i64::MAX));
    }
    if let Some(until) = query.until {
        let mut ask = db.prepare_cached(
            "SELECT CAST(latest - received_at AS INTEGER) FROM events INDEXED BY events_late
             WHERE latest > received_at ORDER BY latest - received_at DESC LIMIT 1",
        )?;
        let late: i64 = ask.query_row([], |row| row.get(0)).optional()?.unwrap_or(0);
        if let Some(beyond) = first(until.millis().saturating_add(late))? {
            high = high.min(beyond.saturating_sub(1));
        }
    }
    Ok((low, high))
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
        (_, Some(_), Some(_)) => "INDEXED BY events_by_app_and_type",
        (_, Some(_), None) => "INDEXED BY events_by_app",
        (_, None, Some(_)) => "INDEXED BY events_by_type",
        (_, None, None) => "",
    }
}
