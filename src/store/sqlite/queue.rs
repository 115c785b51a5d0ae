//! Deliveries on their way: made, taken up, settled.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, EndpointId, EventId, Timestamp};
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::writer::Batch;
use crate::store::sqlite::{log, rows, tallies};
use crate::store::work::UNPARKED;
use crate::store::{Held, Leased, Made, NewDelivery, Next, Settled, Settlement, Wanted};

/// A delivery taken up, its event not yet loaded.
pub(super) struct Taken {
    held: Held,
    seq: i64,
    endpoint: EndpointId,
    attempts: u32,
    asked: u32,
    otherwise: Option<Next>,
}

/// Makes a delivery: of the event at `seq`, as the one at `place` among that event's.
pub(super) fn insert(db: &Batch, (seq, place): (i64, i64), new: &NewDelivery) -> Result<(), Fault> {
    let (state, due, fence) = match (&new.made, new.held_until) {
        (Some(made), _) => (state_after(made.next), due_after(made.next), 1),
        (None, Some(until)) => (DeliveryState::InFlight, Some(until), 1),
        (None, None) => (DeliveryState::Pending, Some(new.due_at), 0),
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO deliveries (event, place, id, endpoint, state, due_at, fence, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
    )?;
    let (id, endpoint, attempts) = (new.id.as_bytes(), new.endpoint.as_bytes(), i64::from(new.made.is_some()));
    let (state, due) = (rows::number_of(state), due.map(Timestamp::millis));
    let inserted = insert.execute(params![seq, place, id, endpoint, state, due, fence, attempts])?;
    let Some(Made { attempt, next }) = new.made.clone().filter(|_| inserted == 1) else { return Ok(()) };
    keep_attempt(db, seq, &Settlement { held: Held { delivery: new.id, fence: 1 }, attempt, next })
}

const fn state_after(next: Next) -> DeliveryState {
    match next {
        Next::Delivered => DeliveryState::Delivered,
        Next::Retry(_) => DeliveryState::Pending,
        Next::Dead => DeliveryState::Dead,
    }
}

const fn due_after(next: Next) -> Option<Timestamp> {
    match next {
        Next::Retry(at) => Some(at),
        Next::Delivered | Next::Dead => None,
    }
}

fn keep_attempt(db: &Batch, seq: i64, settlement: &Settlement) -> Result<(), Fault> {
    tallies::note(db, settlement)?;
    let mut insert = db.prepare_cached(rows::KEEP_ATTEMPT)?;
    rows::attempt_values(seq, &settlement.attempt, |values| insert.execute(values))?;
    Ok(())
}

/// Makes deliveries of events that are there.
pub(super) fn enqueue(db: &Batch, deliveries: &[NewDelivery]) -> Result<(), Fault> {
    // Not within the insert: a subquery with a bound value is planned anew for each value.
    let mut ask = db.prepare_cached("SELECT coalesce(max(place), -1) + 1 FROM deliveries WHERE event = ?1")?;
    for new in deliveries {
        let seq = log::place(db, new.event)?;
        let place = ask.query_row([seq], |row| row.get(0))?;
        insert(db, (seq, place), new)?;
    }
    Ok(())
}

pub(super) const DUE: &str = "SELECT due_at, event, place FROM deliveries INDEXED BY deliveries_due
    WHERE endpoint = ?1 AND due_at <= ?2 ORDER BY due_at, event, place LIMIT ?3";

/// Takes up what is due.
pub(super) fn take(db: &Connection, wanted: &Wanted) -> Result<Vec<Taken>, Fault> {
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let mut due: Vec<(i64, i64, i64)> = Vec::new();
    let mut ask = db.prepare_cached(DUE)?;
    for endpoint in &wanted.endpoints {
        let asked = params![endpoint.as_bytes(), wanted.now.millis(), limit];
        for place in ask.query_map(asked, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))? {
            due.push(place?);
        }
    }
    due.sort_unstable();
    due.dedup();
    let mut measure = db.prepare_cached("SELECT length(headers) + length(body) FROM events WHERE seq = ?1")?;
    let mut ask = db.prepare_cached(
        "SELECT id, fence, endpoint, attempts, asked, otherwise FROM deliveries WHERE event = ?1 AND place = ?2",
    )?;
    let mut lend = db.prepare_cached(
        "UPDATE deliveries SET state = 1, fence = fence + 1, due_at = ?3 WHERE event = ?1 AND place = ?2",
    )?;
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for (_, seq, place) in due.into_iter().take(wanted.limit) {
        if bytes >= log::ANSWER_BYTES {
            break;
        }
        bytes += usize::try_from(measure.query_row([seq], |row| row.get::<_, i64>(0))?).unwrap_or(0);
        lend.execute([seq, place, wanted.until.millis()])?;
        taken.push(ask.query_row([seq, place], |row| {
            let fence = u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
            let held = Held { delivery: DeliveryId::from_bytes(row.get(0)?), fence };
            let (asked, otherwise) = (row.get::<_, Option<u32>>(4)?.unwrap_or(0), rows::next(row, 5)?);
            let endpoint = EndpointId::from_bytes(row.get(2)?);
            Ok(Taken { held, seq, endpoint, attempts: row.get(3)?, asked, otherwise })
        })?);
    }
    Ok(taken)
}

/// What was taken up, loaded.
pub(super) struct Loaded {
    pub(super) leased: Vec<Leased>,
    /// Those whose event cannot be read, and why the first of them cannot.
    pub(super) unreadable: Option<(Vec<Held>, Fault)>,
}

/// Loads the events of what was taken up; an event removed meanwhile took its deliveries with it.
pub(super) fn load(db: &Connection, taken: Vec<Taken>) -> Result<Loaded, Fault> {
    let (mut events, mut leased) = (HashMap::new(), Vec::with_capacity(taken.len()));
    let mut unreadable: Option<(Vec<Held>, Fault)> = None;
    for Taken { held, seq, endpoint, attempts, asked, otherwise } in taken {
        if let Entry::Vacant(place) = events.entry(seq) {
            match log::load(db, seq) {
                Ok(Some(logged)) => {
                    place.insert(logged.event);
                }
                Ok(None) => {}
                Err(why) if why.is_in_a_row() => unreadable.get_or_insert((Vec::new(), why)).0.push(held),
                Err(why) => return Err(why),
            }
        }
        if let Some(event) = events.get(&seq).cloned() {
            leased.push(Leased { held, event, endpoint, attempts, asked, otherwise });
        }
    }
    Ok(Loaded { leased, unreadable })
}

/// Holds these for longer, where they are still held.
pub(super) fn extend(db: &Connection, held: &[Held], until: Timestamp) -> Result<(), Fault> {
    move_held(db, held, DeliveryState::InFlight, until)
}

/// Gives these back, where they are still held.
pub(super) fn release(db: &Connection, held: &[Held], now: Timestamp) -> Result<(), Fault> {
    move_held(db, held, DeliveryState::Pending, now)
}

/// Moves one on without an attempt, if it is still held.
pub(super) fn skip(db: &Connection, held: Held, next: Next) -> Result<(), Fault> {
    let mut change = db.prepare_cached(
        "UPDATE deliveries SET state = ?3, due_at = ?4, otherwise = NULL, again = NULL
         WHERE id = ?1 AND fence = ?2 AND state = 1",
    )?;
    let (state, due) = (rows::number_of(state_after(next)), due_after(next).map(Timestamp::millis));
    change.execute(params![held.delivery.as_bytes(), fence_of(held), state, due])?;
    Ok(())
}

fn move_held(db: &Connection, held: &[Held], state: DeliveryState, due: Timestamp) -> Result<(), Fault> {
    let mut change =
        db.prepare_cached("UPDATE deliveries SET state = ?3, due_at = ?4 WHERE id = ?1 AND fence = ?2 AND state = 1")?;
    for held in held {
        let state = rows::number_of(state);
        change.execute(params![held.delivery.as_bytes(), fence_of(*held), state, due.millis()])?;
    }
    Ok(())
}

/// What waits for an endpoint to be switched on.
pub(super) const PARKED: &str = "SELECT event, place FROM deliveries INDEXED BY deliveries_due
    WHERE endpoint = ?1 AND due_at >= ?2 LIMIT ?3";

/// Makes some of that due.
pub(super) fn unpark(db: &Connection, endpoint: EndpointId, now: Timestamp) -> Result<usize, Fault> {
    let mut ask = db.prepare_cached(PARKED)?;
    let limit = i64::try_from(UNPARKED).unwrap_or(i64::MAX);
    let asked = params![endpoint.as_bytes(), Timestamp::NEVER.millis(), limit];
    let found = ask.query_map(asked, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found = found.collect::<Result<Vec<(i64, i64)>, _>>()?;
    let mut change = db.prepare_cached("UPDATE deliveries SET due_at = ?3 WHERE event = ?1 AND place = ?2")?;
    for (seq, place) in &found {
        change.execute([*seq, *place, now.millis()])?;
    }
    Ok(found.len())
}

/// Keeps an attempt and what comes next, if the delivery is still held.
pub(super) fn settle(db: &Batch, settlement: &Settlement) -> Result<Settled, Fault> {
    let (held, manual) = (settlement.held, settlement.attempt.manual);
    let (state, due) = (rows::number_of(state_after(settlement.next)), due_after(settlement.next));
    // Asked first and changed by its place then: RETURNING keeps what it returns in a table of its own, which takes longer.
    let mut ask =
        db.prepare_cached("SELECT event, place, again FROM deliveries WHERE id = ?1 AND fence = ?2 AND state = 1")?;
    let settled = ask.query_row(params![held.delivery.as_bytes(), fence_of(held)], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<bool>>(2)?))
    });
    let Some((seq, place, again)) = settled.optional()? else { return Ok(Settled::Stale) };
    let mut change = db.prepare_cached(
        "UPDATE deliveries SET state = ?3, due_at = ?4, attempts = attempts + 1, otherwise = NULL,
             asked = CASE WHEN ?5 THEN coalesce(asked, 0) + 1 ELSE asked END
         WHERE event = ?1 AND place = ?2",
    )?;
    change.execute(params![seq, place, state, due.map(Timestamp::millis), manual])?;
    if again.is_some() {
        ask_again(db, (seq, place), settlement.next, settlement.ended_at())?;
    }
    keep_attempt(db, seq, settlement)?;
    Ok(Settled::Done)
}

/// Makes deliveries of events that are there due once more.
pub(super) fn send_again(db: &Batch, deliveries: &[NewDelivery]) -> Result<(), Fault> {
    for new in deliveries {
        let seq = log::place(db, new.event)?;
        let mut ask = db.prepare_cached(FORMER)?;
        let former = ask.query_row(params![seq, new.endpoint.as_bytes()], |row| {
            Ok((row.get(0)?, rows::state(row, 1)?, row.get::<_, Option<i64>>(2)?, rows::next(row, 3)?))
        });
        let former: Option<(i64, DeliveryState, Option<i64>, Option<Next>)> = former.optional()?;
        let Some((place, state, due, asked)) = former else {
            enqueue(db, &[NewDelivery { held_until: None, made: None, ..new.clone() }])?;
            let mut mark = db.prepare_cached("UPDATE deliveries SET otherwise = ?2 WHERE id = ?1 AND fence = 0")?;
            mark.execute(params![new.id.as_bytes(), rows::number_of_next(Next::Dead)])?;
            continue;
        };
        let otherwise = match (state, due) {
            (DeliveryState::Pending, _) if asked.is_some() => continue,
            (DeliveryState::InFlight, _) => {
                let mut mark = db.prepare_cached("UPDATE deliveries SET again = 1 WHERE event = ?1 AND place = ?2")?;
                mark.execute([seq, place])?;
                continue;
            }
            (DeliveryState::Pending, Some(due)) => Next::Retry(Timestamp::from_millis(due)),
            (DeliveryState::Delivered, _) => Next::Delivered,
            (DeliveryState::Dead | DeliveryState::Pending, _) => Next::Dead,
        };
        ask_again(db, (seq, place), otherwise, new.due_at)?;
    }
    Ok(())
}

/// The newest delivery of an event to an endpoint.
pub(super) const FORMER: &str = "SELECT place, state, due_at, otherwise FROM deliveries
    WHERE event = ?1 AND endpoint = ?2 ORDER BY place DESC LIMIT 1";

fn ask_again(db: &Connection, (seq, place): (i64, i64), otherwise: Next, due: Timestamp) -> Result<(), Fault> {
    let mut change = db.prepare_cached(
        "UPDATE deliveries SET state = 0, due_at = ?4, otherwise = ?3, again = NULL WHERE event = ?1 AND place = ?2",
    )?;
    change.execute([seq, place, rows::number_of_next(otherwise), due.millis()])?;
    Ok(())
}

fn fence_of(held: Held) -> i64 {
    i64::try_from(held.fence).unwrap_or(i64::MAX)
}

/// When the next delivery of these endpoints is due.
pub(super) fn next_due(db: &Connection, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, Fault> {
    let mut ask = db.prepare_cached(DUE)?;
    let mut next: Option<i64> = None;
    for endpoint in endpoints {
        let due = ask.query_row(params![endpoint.as_bytes(), i64::MAX, 1], |row| row.get(0)).optional()?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next.map(Timestamp::from_millis))
}

/// Takes up one delivery, whatever its state or only if it is due by now.
pub(super) fn reopen(
    db: &Connection,
    delivery: DeliveryId,
    due: Option<Timestamp>,
    until: Timestamp,
) -> Result<Option<(Held, u32)>, Fault> {
    let mut change = db.prepare_cached(
        "UPDATE deliveries SET state = 1, fence = fence + 1, due_at = ?2, otherwise = NULL \
         WHERE id = ?1 AND (?3 IS NULL OR due_at <= ?3) RETURNING fence, attempts",
    )?;
    let due = due.map(Timestamp::millis);
    let reopened = change.query_row(params![delivery.as_bytes(), until.millis(), due], |row| {
        let fence = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
        Ok((Held { delivery, fence }, row.get(1)?))
    });
    Ok(reopened.optional()?)
}

/// The deliveries of an event.
pub(super) fn deliveries(db: &Connection, event: EventId) -> Result<Vec<Delivery>, Fault> {
    let Some(seq) = log::find_place(db, event)? else { return Ok(Vec::new()) };
    let mut ask = db.prepare_cached(rows::DELIVERIES)?;
    let found = ask.query_map([seq], |row| rows::delivery(row, 0, event))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The attempts of an event's deliveries.
pub(super) fn attempts(db: &Connection, event: EventId) -> Result<Vec<Attempt>, Fault> {
    let Some(seq) = log::find_place(db, event)? else { return Ok(Vec::new()) };
    let mut ask = db.prepare_cached(rows::ATTEMPTS)?;
    let found = ask.query_map([seq], |row| rows::attempt(row, event))?;
    Ok(found.collect::<Result<_, _>>()?)
}
