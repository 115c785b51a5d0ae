//! Pages of messages and attempts: which statement walks which index.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use crate::model::{Attempt, AttemptId, DeliveryState, EventId, Timestamp};
use crate::store::page::Walk;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{key, log, rows};
use crate::store::{AttemptQuery, AttemptsOf, Failed, FailedQuery, Like, Logged, MessageQuery, Page, Sent, SentQuery};

const TICK: Duration = Duration::from_millis(1);
/// What the index of failed attempts holds.
const FAILURE: &str = "(status IS NULL OR status < 200 OR status >= 300)";
/// What [`fits`] looks at.
const LIKENESS: &str = "e.event_type, e.received_at, m.channels, m.tags";

/// Messages of an app.
pub(super) fn messages(db: &Connection, query: &MessageQuery) -> Result<Page<Logged>, Fault> {
    let walk = placed(db, query.pager.clone().walk())?;
    let (low, high) = places(db, &query.like, &walk)?;
    let mut ask = db.prepare_cached(&of_app(query.without.is_some(), walk.words().1))?;
    let mut rows = ask.query(params![query.app.as_str(), low, high, query.without.map(|id| id.as_bytes().to_vec())])?;
    gather(&walk, || {
        while let Some(row) = rows.next()? {
            if fits(&query.like, row, 1)?
                && let Some(logged) = log::load(db, row.get(0)?)?
            {
                return Ok(Some((size_of(&logged), logged)));
            }
        }
        Ok(None)
    })
}

/// Messages that were on their way to an endpoint.
pub(super) fn sent(db: &Connection, query: &SentQuery) -> Result<Page<Sent>, Fault> {
    let walk = placed(db, query.pager.clone().walk())?;
    let (low, high) = places(db, &query.like, &walk)?;
    let mut ask = db.prepare_cached(&on_its_way(query.states == [DeliveryState::Dead], walk.words().1))?;
    let mut rows = ask.query(params![query.app.as_str(), low, high, query.endpoint.as_bytes()])?;
    let mut last = None;
    gather(&walk, || {
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            // The newest of each comes first.
            if last.replace(seq) == Some(seq) {
                continue;
            }
            let (state, attempts) = (rows::state(row, 7)?, row.get::<_, u32>(9)?);
            let wanted = query.states.is_empty() || query.states.contains(&state);
            if wanted
                && !(query.attempted && attempts == 0)
                && fits(&query.like, row, 1)?
                && let Some(logged) = log::load(db, seq)?
            {
                let delivery = rows::delivery(row, 5, logged.event.id)?;
                return Ok(Some((size_of(&logged), Sent { logged, delivery })));
            }
        }
        Ok(None)
    })
}

/// Attempts at an endpoint or of a message.
pub(super) fn attempts(db: &Connection, query: &AttemptQuery) -> Result<Page<Attempt>, Fault> {
    let endpoint = match query.of {
        AttemptsOf::Event(event, _) => return attempts_of_event(db, query, event),
        AttemptsOf::Endpoint(id) => id,
    };
    let walk = query.pager.clone().walk();
    let (low, high) = ids(query.like.after.map(|after| after.plus(TICK)), query.like.before, &walk);
    let mut ask = db.prepare_cached(&at_endpoint(query.succeeded == Some(false), walk.words().1))?;
    let mut rows = ask.query(params![endpoint.as_bytes(), low, high])?;
    gather(&walk, || {
        while let Some(row) = rows.next()? {
            if query.admits(row.get(1)?) && alike(&query.like, row, 3)? {
                let event = EventId::from_bytes(row.get(2)?);
                return Ok(Some(load(db, row.get(0)?, event)?));
            }
        }
        Ok(None)
    })
}

/// A message has few attempts, so all are looked at.
fn attempts_of_event(db: &Connection, query: &AttemptQuery, event: EventId) -> Result<Page<Attempt>, Fault> {
    let walk = query.pager.clone().walk();
    let AttemptsOf::Event(_, endpoint) = query.of else { return Ok(walk.page(Vec::new(), false)) };
    let Some(seq) = log::find_place(db, event)? else { return Ok(walk.page(Vec::new(), false)) };
    let mut ask = db.prepare_cached(OF_EVENT)?;
    let mut rows = ask.query(params![seq, endpoint.map(|id| id.as_bytes().to_vec())])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = AttemptId::from_bytes(row.get(2)?);
        if query.admits(row.get(1)?) && query.like.is_within(id.made_at()) && alike(&query.like, row, 3)? {
            found.push((id, row.get::<_, i64>(0)?));
        }
    }
    found.sort_unstable();
    let Page { items, more } = walk.of(found.into_iter());
    let loaded = items.into_iter().map(|seq| load(db, seq, event).map(|(_, attempt)| attempt));
    Ok(Page { items: loaded.collect::<Result<_, _>>()?, more })
}

/// Deliveries to an endpoint that failed in a time and were never taken.
pub(super) fn failed(db: &Connection, query: &FailedQuery) -> Result<Page<Failed>, Fault> {
    let walk = query.pager.clone().walk();
    let (low, high) = ids(Some(query.since), Some(query.until.plus(TICK)), &walk);
    let first = AttemptId::first_of(query.since);
    let mut ask = db.prepare_cached(&failures(walk.words().1))?;
    let asked = params![query.endpoint.as_bytes(), low, high, first.as_bytes(), key::enough(&walk)];
    let found = ask.query_map(asked, |row| {
        let event = EventId::from_bytes(row.get(1)?);
        Ok(Failed { attempt: AttemptId::from_bytes(row.get(0)?), delivery: rows::delivery(row, 2, event)? })
    })?;
    Ok(walk.page(found.collect::<Result<_, _>>()?, false))
}

/// The messages of an app, by place.
pub(super) fn of_app(without: bool, direction: &str) -> String {
    let missing = if without {
        "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.seq AND d.endpoint = ?4)"
    } else {
        "?4 IS NULL"
    };
    format!(
        "SELECT e.seq, {LIKENESS} FROM events e INDEXED BY events_by_app
         LEFT JOIN messages m ON m.event = e.seq
         WHERE e.app = ?1 AND e.seq BETWEEN ?2 AND ?3 AND {missing} ORDER BY e.seq {direction}"
    )
}

/// The messages on their way to an endpoint, by place; those given up have an index.
pub(super) fn on_its_way(dead: bool, direction: &str) -> String {
    let columns = format!("e.seq, {LIKENESS}, d.id, d.endpoint, d.state, d.due_at, d.attempts");
    if dead {
        return format!(
            "SELECT {columns} FROM deliveries d INDEXED BY deliveries_dead_at
             CROSS JOIN events e ON e.seq = d.event LEFT JOIN messages m ON m.event = d.event
             WHERE d.endpoint = ?4 AND d.state = 3 AND d.event BETWEEN ?2 AND ?3 AND e.app = ?1
             AND NOT EXISTS (SELECT 1 FROM deliveries n
                 WHERE n.event = d.event AND n.place > d.place AND n.endpoint = d.endpoint)
             ORDER BY d.event {direction}"
        );
    }
    format!(
        "SELECT {columns} FROM events e INDEXED BY events_by_app
         CROSS JOIN deliveries d ON d.event = e.seq LEFT JOIN messages m ON m.event = e.seq
         WHERE e.app = ?1 AND e.seq BETWEEN ?2 AND ?3 AND d.endpoint = ?4
         ORDER BY e.seq {direction}, d.place DESC"
    )
}

/// The attempts at an endpoint, by id; those that failed have an index.
pub(super) fn at_endpoint(failed: bool, direction: &str) -> String {
    let (index, which) = if failed { ("attempts_failed", FAILURE) } else { ("attempts_by_endpoint", "1") };
    format!(
        "SELECT a.seq, a.status, e.id, {LIKENESS} FROM attempts a INDEXED BY {index}
         CROSS JOIN events e ON e.seq = a.event LEFT JOIN messages m ON m.event = a.event
         WHERE a.endpoint = ?1 AND a.id >= ?2 AND a.id < ?3 AND {which} ORDER BY a.id {direction}"
    )
}

/// The attempts of a message.
pub(super) const OF_EVENT: &str = "SELECT a.seq, a.status, a.id, e.event_type, e.received_at, m.channels, m.tags
    FROM attempts a INDEXED BY attempts_by_event
    CROSS JOIN events e ON e.seq = a.event LEFT JOIN messages m ON m.event = a.event
    WHERE a.event = ?1 AND (?2 IS NULL OR a.endpoint = ?2)";

/// The first failure each, within a time, of deliveries to an endpoint that were never taken.
pub(super) fn failures(direction: &str) -> String {
    format!(
        "SELECT a.id, e.id, d.id, d.endpoint, d.state, d.due_at, d.attempts
         FROM attempts a INDEXED BY attempts_failed
         CROSS JOIN deliveries d ON d.event = a.event AND d.id = a.delivery
         CROSS JOIN events e ON e.seq = a.event
         WHERE a.endpoint = ?1 AND {FAILURE} AND a.id >= ?2 AND a.id < ?3 AND d.state <> 2
         AND NOT EXISTS (SELECT 1 FROM attempts b INDEXED BY attempts_by_event
             WHERE b.event = a.event AND b.delivery = a.delivery AND b.id < a.id AND b.id >= ?4
             AND (b.status IS NULL OR b.status < 200 OR b.status >= 300))
         ORDER BY a.id {direction} LIMIT ?5"
    )
}

/// The walk by place that a walk by event is.
fn placed(db: &Connection, walk: Walk<EventId>) -> Result<Walk<i64>, Fault> {
    let place = match walk.beyond {
        None => 0,
        Some(id) => match log::find_place(db, id)? {
            Some(place) => place,
            // One that is gone stood about where those of its time stand.
            None => log::place_of(db, id.made_at().millis())? - i64::from(walk.ascending),
        },
    };
    Ok(walk.keyed(|_| place))
}

/// The first and the last place of the walk.
fn places(db: &Connection, like: &Like, walk: &Walk<i64>) -> Result<(i64, i64), Fault> {
    let (low, high) = log::between(db, like.after.map(|after| after.plus(TICK)), like.before)?;
    Ok(match walk.beyond {
        Some(beyond) if walk.ascending => (low.max(beyond.saturating_add(1)), high),
        Some(beyond) => (low, high.min(beyond.saturating_sub(1))),
        None => (low, high),
    })
}

/// The first id of the walk, and the one after its last.
fn ids(since: Option<Timestamp>, until: Option<Timestamp>, walk: &Walk<AttemptId>) -> (Vec<u8>, Vec<u8>) {
    let bytes = |at: Timestamp| AttemptId::first_of(at).as_bytes().to_vec();
    let (low, high) = (since.map(bytes).unwrap_or_default(), until.map_or_else(|| vec![0xff; 21], bytes));
    match walk.beyond {
        // With a byte more it is the next one there can be.
        Some(beyond) if walk.ascending => (low.max([beyond.as_bytes(), &[0][..]].concat()), high),
        Some(beyond) => (low, high.min(beyond.as_bytes().to_vec())),
        None => (low, high),
    }
}

/// Takes what comes until the page is full, or too large.
fn gather<K, T>(walk: &Walk<K>, mut next: impl FnMut() -> Result<Option<(usize, T)>, Fault>) -> Result<Page<T>, Fault> {
    let (mut found, mut bytes) = (Vec::new(), 0);
    while found.len() < walk.enough() {
        if bytes >= log::ANSWER_BYTES {
            return Ok(walk.page(found, true));
        }
        let Some((size, item)) = next()? else { break };
        bytes += size;
        found.push(item);
    }
    Ok(walk.page(found, false))
}

fn size_of(logged: &Logged) -> usize {
    logged.event.request.body.len() + logged.event.request.headers.block().len()
}

/// Whether a message is like this; `at` is the first column of [`LIKENESS`].
fn fits(like: &Like, row: &Row<'_>, at: usize) -> rusqlite::Result<bool> {
    Ok(like.is_within(rows::time(row, at + 1)?) && alike(like, row, at)?)
}

/// The same, the time aside.
fn alike(like: &Like, row: &Row<'_>, at: usize) -> rusqlite::Result<bool> {
    let words = |wanted: bool, column: usize| -> rusqlite::Result<Vec<String>> {
        let kept = if wanted { row.get::<_, Option<Json<_>>>(column)? } else { None };
        Ok(kept.map(|words| words.0).unwrap_or_default())
    };
    let (channels, tags) = (words(like.channel.is_some(), at + 2)?, words(like.tag.is_some(), at + 3)?);
    Ok(like.fits(row.get_ref(at)?.as_str()?, &channels, &tags))
}

fn load(db: &Connection, seq: i64, event: EventId) -> Result<(usize, Attempt), Fault> {
    let attempt = db.prepare_cached(rows::ATTEMPT)?.query_row([seq], |row| rows::attempt(row, event))?;
    let size = attempt.outcome.as_ref().map_or(0, |answer| answer.body.len() + answer.headers.block().len());
    Ok((size, attempt))
}
