//! Row to noun and back, both ways in one file.

use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Error, Result, Row, ToSql};

use crate::model::{
    AppName, AppNameError, Attempt, AttemptId, CapturedRequest, Delivery, DeliveryId, DeliveryState, EndpointId, Event,
    EventId, Failure, FailureKind, Headers, Marks, Response, Timestamp, Verdict,
};
use crate::store::sqlite::fault::damaged;
use crate::store::sqlite::json::Json;
use crate::store::{Cursor, Next};

/// The event at a place.
pub(super) const EVENT: &str = "SELECT e.id, e.app, e.event_type, e.received_at, e.verdict_ok, e.verdict_scheme,
    e.verdict_reason, e.method, e.target, e.remote, e.headers, e.body, m.uid, m.channels, m.tags, m.payload_until,
    m.expunged FROM events e LEFT JOIN messages m ON m.event = e.seq WHERE e.seq = ?1";

/// An event from a row of [`EVENT`].
pub(super) fn event(row: &Row<'_>) -> Result<Event> {
    let verdict = match row.get::<_, Option<bool>>(4)? {
        Some(ok) => {
            Some(Verdict { ok, scheme: row.get::<_, Option<String>>(5)?.unwrap_or_default(), reason: row.get(6)? })
        }
        None => None,
    };
    let request = CapturedRequest {
        received_at: time(row, 3)?,
        method: row.get(7)?,
        target: row.get(8)?,
        remote: row.get(9)?,
        headers: headers(row, 10)?,
        body: bytes(row, 11)?,
    };
    let (id, marks) = (EventId::from_bytes(row.get(0)?), marks(row)?);
    Ok(Event { id, app: name(row, 1)?, event_type: row.get(2)?, verdict, request, marks })
}

fn marks(row: &Row<'_>) -> Result<Marks> {
    let Some(Json(channels)) = row.get(13)? else { return Ok(Marks::default()) };
    let payload_until = row.get::<_, Option<i64>>(15)?.map(Timestamp::from_millis);
    Ok(Marks { uid: row.get(12)?, channels, tags: row.get::<_, Json<_>>(14)?.0, payload_until, expunged: row.get(16)? })
}

/// The deliveries of the event at a place.
pub(super) const DELIVERIES: &str =
    "SELECT id, endpoint, state, due_at, attempts FROM deliveries WHERE event = ?1 ORDER BY place";

/// A delivery of `event` from a row whose columns from `at` on are those of [`DELIVERIES`].
pub(super) fn delivery(row: &Row<'_>, at: usize, event: EventId) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId::from_bytes(row.get(at)?),
        event,
        endpoint: EndpointId::from_bytes(row.get(at + 1)?),
        state: state(row, at + 2)?,
        due_at: row.get::<_, Option<i64>>(at + 3)?.map(Timestamp::from_millis),
        attempts: row.get(at + 4)?,
    })
}

/// How a state is written.
pub(super) const fn number_of(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Pending => 0,
        DeliveryState::InFlight => 1,
        DeliveryState::Delivered => 2,
        DeliveryState::Dead => 3,
    }
}

/// A delivery's state.
pub(super) fn state(row: &Row<'_>, column: usize) -> Result<DeliveryState> {
    let number: i64 = row.get(column)?;
    let found = DeliveryState::ALL.into_iter().find(|state| number_of(*state) == number);
    found.ok_or(Error::IntegralValueOutOfRange(column, number))
}

/// The attempts of the event at a place.
pub(super) const ATTEMPTS: &str = "SELECT id, delivery, endpoint, number, method, url, started_at, duration_us,
    next_attempt_at, error_kind, error_message, status, truncated, headers, body, manual, seq
    FROM attempts WHERE event = ?1 ORDER BY seq";

/// One attempt of the event at a place.
pub(super) const ATTEMPT_OF: &str = "SELECT id, delivery, endpoint, number, method, url, started_at, duration_us,
    next_attempt_at, error_kind, error_message, status, truncated, headers, body, manual, seq
    FROM attempts INDEXED BY attempts_by_event WHERE event = ?1 AND id = ?2 LIMIT 1";

/// The attempt at its own place.
pub(super) const ATTEMPT: &str = "SELECT id, delivery, endpoint, number, method, url, started_at, duration_us,
    next_attempt_at, error_kind, error_message, status, truncated, headers, body, manual, seq
    FROM attempts WHERE seq = ?1";

/// The column of these that has its place.
pub(super) const ATTEMPT_SEQ: usize = 16;

/// Keeps the values that [`attempt_values`] gives.
pub(super) const KEEP_ATTEMPT: &str = "INSERT INTO attempts
    (event, id, delivery, endpoint, number, method, url, started_at, duration_us,
     next_attempt_at, error_kind, error_message, status, truncated, headers, body, manual)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

/// An attempt of `event` from a row of [`ATTEMPTS`] or its like.
pub(super) fn attempt(row: &Row<'_>, event: EventId) -> Result<Attempt> {
    let outcome = match row.get::<_, Option<String>>(9)? {
        Some(code) => {
            let kind = FailureKind::ALL.into_iter().find(|kind| kind.code() == code);
            let kind = kind.ok_or_else(|| damaged(9, format!("unknown failure \"{code}\"")))?;
            Err(Failure { kind, message: row.get(10)? })
        }
        None => Ok(Response {
            status: row.get(11)?,
            truncated: row.get(12)?,
            headers: headers(row, 13)?,
            body: bytes(row, 14)?,
        }),
    };
    Ok(Attempt {
        id: AttemptId::from_bytes(row.get(0)?),
        delivery: DeliveryId::from_bytes(row.get(1)?),
        event,
        endpoint: EndpointId::from_bytes(row.get(2)?),
        number: row.get(3)?,
        manual: row.get::<_, Option<bool>>(15)?.unwrap_or_default(),
        method: row.get(4)?,
        url: row.get(5)?,
        started_at: time(row, 6)?,
        duration: Duration::from_micros(u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0)),
        outcome,
        next_attempt_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
    })
}

/// Hands the values for [`KEEP_ATTEMPT`] to `write`.
pub(super) fn attempt_values<T>(seq: i64, attempt: &Attempt, write: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
    let micros = i64::try_from(attempt.duration.as_micros()).unwrap_or(i64::MAX);
    let next = attempt.next_attempt_at.map(Timestamp::millis);
    let (answer, failure) = (attempt.outcome.as_ref().ok(), attempt.outcome.as_ref().err());
    write(&[
        &seq,
        attempt.id.as_bytes(),
        attempt.delivery.as_bytes(),
        attempt.endpoint.as_bytes(),
        &attempt.number,
        &attempt.method,
        &attempt.url,
        &attempt.started_at.millis(),
        &micros,
        &next,
        &failure.map(|failure| failure.kind.code()),
        &failure.map(|failure| failure.message.as_str()),
        &answer.map(|answer| answer.status),
        &answer.map(|answer| answer.truncated),
        &answer.map(|answer| &answer.headers.block()[..]),
        &answer.map(|answer| &answer.body[..]),
        &attempt.manual.then_some(true),
    ])
}

/// How what happens next is written, where somebody asked for an attempt.
pub(super) fn number_of_next(next: Next) -> i64 {
    match next {
        Next::Dead => -1,
        Next::Delivered => -2,
        Next::Retry(at) => at.millis().max(0),
    }
}

/// What happens next, from its column.
pub(super) fn next(row: &Row<'_>, column: usize) -> Result<Option<Next>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|number| match number {
        -1 => Next::Dead,
        -2 => Next::Delivered,
        at => Next::Retry(Timestamp::from_millis(at)),
    }))
}

/// A place in the log, as the rows have it.
pub(super) fn seq_of(cursor: Cursor) -> i64 {
    i64::try_from(cursor.0).unwrap_or(i64::MAX)
}

/// A place in the log from its row.
pub(super) fn cursor_of(seq: i64) -> Cursor {
    Cursor(u64::try_from(seq).unwrap_or(0))
}

/// A moment.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

/// An app's name.
pub(super) fn name(row: &Row<'_>, column: usize) -> Result<AppName> {
    row.get::<_, String>(column)?.parse().map_err(|why: AppNameError| damaged(column, why))
}

/// Bytes as they are.
pub(super) fn bytes(row: &Row<'_>, column: usize) -> Result<Bytes> {
    let kept = row.get_ref(column)?.as_blob().map_err(|why| damaged(column, why))?;
    Ok(Bytes::copy_from_slice(kept))
}

/// A block of headers.
pub(super) fn headers(row: &Row<'_>, column: usize) -> Result<Headers> {
    Headers::from_block(bytes(row, column)?).map_err(|why| damaged(column, why))
}
