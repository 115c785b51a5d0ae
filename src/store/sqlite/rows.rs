//! Row to noun and back, both ways in one file.

use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Error, Result, Row, ToSql};

use crate::model::target::Address;
use crate::model::{
    App, AppId, AppName, AppNameError, Attempt, AttemptId, CapturedRequest, Delivery, DeliveryId, DeliveryState,
    Endpoint, EndpointId, Event, EventId, Failure, FailureKind, Headers, Response, Secret, Target, Timestamp, Verdict,
};
use crate::store::Cursor;
use crate::store::sqlite::fault::damaged;

/// The event at a place.
pub(super) const EVENT: &str = "SELECT id, app, event_type, received_at, verdict_ok, verdict_scheme, verdict_reason,
    method, target, remote, headers, body FROM events WHERE seq = ?1";

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
    Ok(Event { id: EventId::from_bytes(row.get(0)?), app: name(row, 1)?, event_type: row.get(2)?, verdict, request })
}

/// The deliveries of the event at a place.
pub(super) const DELIVERIES: &str =
    "SELECT id, endpoint, state, due_at, attempts FROM deliveries WHERE event = ?1 ORDER BY place";

/// A delivery of `event` from a row of [`DELIVERIES`].
pub(super) fn delivery(row: &Row<'_>, event: EventId) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId::from_bytes(row.get(0)?),
        event,
        endpoint: EndpointId::from_bytes(row.get(1)?),
        state: state(row, 2)?,
        due_at: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
        attempts: row.get(4)?,
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

fn state(row: &Row<'_>, column: usize) -> Result<DeliveryState> {
    let number: i64 = row.get(column)?;
    let found = DeliveryState::ALL.into_iter().find(|state| number_of(*state) == number);
    found.ok_or(Error::IntegralValueOutOfRange(column, number))
}

/// The attempts of the event at a place.
pub(super) const ATTEMPTS: &str = "SELECT id, delivery, endpoint, number, method, url, started_at, duration_us,
    next_attempt_at, error_kind, error_message, status, truncated, headers, body
    FROM attempts WHERE event = ?1 ORDER BY seq";

/// Keeps the values that [`attempt_values`] gives.
pub(super) const KEEP_ATTEMPT: &str = "INSERT INTO attempts
    (event, id, delivery, endpoint, number, method, url, started_at, duration_us,
     next_attempt_at, error_kind, error_message, status, truncated, headers, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

/// An attempt of `event` from a row of [`ATTEMPTS`].
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
    ])
}

/// An app without its secrets, from `name, id, created_at`.
pub(super) fn app(row: &Row<'_>) -> Result<App> {
    let id = AppId::from_bytes(row.get(1)?);
    Ok(App { id, name: name(row, 0)?, secrets: Vec::new(), created_at: time(row, 2)? })
}

/// The endpoint with an id.
pub(super) const ENDPOINT: &str =
    "SELECT app, uid, id, created_at, tls, host, port, path, query, userinfo FROM endpoints WHERE id = ?1";

/// The endpoint of an app and uid.
pub(super) const ENDPOINT_NAMED: &str = "SELECT app, uid, id, created_at, tls, host, port, path, query, userinfo FROM endpoints WHERE app = ?1 AND uid = ?2";

/// Keeps the values that [`endpoint_values`] gives, unless the app has such a uid.
pub(super) const KEEP_ENDPOINT: &str =
    "INSERT INTO endpoints (app, uid, id, created_at, tls, host, port, path, query, userinfo)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (app, uid) DO NOTHING";

/// An endpoint from a row of [`ENDPOINT`] or [`ENDPOINT_NAMED`].
pub(super) fn endpoint(row: &Row<'_>) -> Result<Endpoint> {
    let address = match row.get::<_, Option<bool>>(4)? {
        Some(tls) => Address::Tcp { tls, host: row.get(5)?, port: row.get(6)? },
        None => Address::Unix(row.get(5)?),
    };
    let target = Target {
        address,
        path: row.get(7)?,
        query: row.get(8)?,
        userinfo: row.get::<_, Option<String>>(9)?.map(Secret::new),
    };
    let id = EndpointId::from_bytes(row.get(2)?);
    Ok(Endpoint { id, app: name(row, 0)?, uid: row.get(1)?, target, created_at: time(row, 3)? })
}

/// Hands the values for [`KEEP_ENDPOINT`] to `write`.
pub(super) fn endpoint_values<T>(endpoint: &Endpoint, write: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
    let target = &endpoint.target;
    let (tls, host, port) = match &target.address {
        Address::Tcp { tls, host, port } => (Some(*tls), host, Some(*port)),
        Address::Unix(path) => (None, path, None),
    };
    write(&[
        &endpoint.app.as_str(),
        &endpoint.uid,
        endpoint.id.as_bytes(),
        &endpoint.created_at.millis(),
        &tls,
        host,
        &port,
        &target.path,
        &target.query,
        &target.userinfo.as_ref().map(Secret::reveal),
    ])
}

/// A place in the log, as the rows have it.
pub(super) fn seq_of(cursor: Cursor) -> i64 {
    i64::try_from(cursor.0).unwrap_or(i64::MAX)
}

/// A place in the log from its row.
pub(super) fn cursor_of(seq: i64) -> Cursor {
    Cursor(u64::try_from(seq).unwrap_or(0))
}

fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

fn name(row: &Row<'_>, column: usize) -> Result<AppName> {
    row.get::<_, String>(column)?.parse().map_err(|why: AppNameError| damaged(column, why))
}

fn bytes(row: &Row<'_>, column: usize) -> Result<Bytes> {
    let kept = row.get_ref(column)?.as_blob().map_err(|why| damaged(column, why))?;
    Ok(Bytes::copy_from_slice(kept))
}

fn headers(row: &Row<'_>, column: usize) -> Result<Headers> {
    Headers::from_block(bytes(row, column)?).map_err(|why| damaged(column, why))
}
