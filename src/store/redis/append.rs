//! An event with its deliveries, as the script that keeps it reads it.

use std::time::Duration;

use serde::Serialize;

use crate::model::{DeliveryId, EventId};
use crate::store::access::{MEMORY, MOST_RECORDS};
use crate::store::redis::fault::{Damage, damaged};
use crate::store::redis::link::Ask;
use crate::store::redis::{Redis, access, frame, scripts};
use crate::store::work::{TALLY_HOURS, hour_of};
use crate::store::{Cursor, Held, NewDelivery, NewEvent, Next, Settled, Settlement, StoreError};

/// What an event costs beside its headers and body, about: keys, indexes, a delivery and an attempt.
const OVERHEAD: usize = 3 << 10;
/// A settlement that is lost costs a second attempt, so it is repeated for as long as its lease is likely to last.
const SETTLING: Duration = Duration::from_secs(6);

#[derive(Serialize)]
struct EventText<'a> {
    id: String,
    app: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    at: i64,
    size: usize,
    invalid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marks: Option<String>,
    #[serde(rename = "until_", skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordText>,
    deliveries: Vec<DeliveryText>,
    node: &'a str,
}

#[derive(Serialize)]
struct RecordText {
    key: String,
    body: String,
    at: i64,
    lasting: u128,
    most: usize,
}

/// A delivery to be made.
#[derive(Serialize)]
struct DeliveryText {
    id: String,
    event: String,
    endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<i64>,
    due: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<SettlementText>,
}

#[derive(Serialize)]
struct SettlementText {
    delivery: String,
    fence: u64,
    attempt: String,
    endpoint: String,
    ok: bool,
    manual: bool,
    at: i64,
    ended: i64,
    hour: i64,
    lasting: i64,
    tally: Vec<(String, u64)>,
    next: String,
    /// Which of the arguments has the attempt's bytes.
    place: usize,
    repeated: bool,
}

#[derive(Serialize)]
struct Asked<'a> {
    deliveries: Vec<DeliveryText>,
    again: bool,
    node: &'a str,
}

/// How what happens next is written.
pub(super) fn text_of(next: Next) -> String {
    match next {
        Next::Delivered => "v".to_owned(),
        Next::Dead => "x".to_owned(),
        Next::Retry(at) => at.millis().to_string(),
    }
}

impl Redis {
    /// Keeps an event and its deliveries.
    pub(super) async fn keep(&self, new: &NewEvent) -> Result<Cursor, StoreError> {
        let (head, args) = self.pack(new).map_err(|why| self.link.damage(why))?;
        let mut all: Vec<&[u8]> = vec![&head];
        all.extend(args.iter().map(Vec::as_slice));
        let answer: Vec<String> = self.link.keep(Ask::Script(&scripts::APPEND, &all)).await?;
        let (word, place) = (answer.first().map(String::as_str), answer.get(1));
        match (word, place.and_then(|place| place.parse().ok())) {
            (_, Some(place)) => Ok(Cursor(place)),
            (Some("answered"), _) => Err(StoreError::Answered),
            _ => Err(StoreError::Taken(format!("a message {}", new.event.marks.uid.as_deref().unwrap_or_default()))),
        }
    }

    fn pack(&self, new: &NewEvent) -> Result<(Vec<u8>, Vec<Vec<u8>>), Damage> {
        let (event, request) = (&new.event, &new.event.request);
        let mut args = vec![frame::of_event(event)?, Vec::new()];
        let mut record = None;
        if let Some(kept) = &new.record {
            if let Some(answer) = args.get_mut(1) {
                *answer = access::answer_of(&kept.answer)?;
            }
            record = Some(RecordText {
                key: hex::encode(kept.key),
                body: hex::encode(kept.body),
                at: kept.at.millis(),
                lasting: MEMORY.as_millis(),
                most: MOST_RECORDS,
            });
        }
        let mut deliveries = Vec::new();
        for delivery in &new.deliveries {
            let mut text = DeliveryText::of(delivery);
            if let Some(made) = &delivery.made {
                let fence = u64::from(delivery.held_until.is_some());
                let settlement = Settlement {
                    held: Held { delivery: delivery.id, fence },
                    attempt: made.attempt.clone(),
                    next: made.next,
                };
                args.push(frame::of_attempt(&settlement.attempt)?);
                text.made = Some(SettlementText { place: args.len() - 2, ..SettlementText::of(&settlement) });
            }
            deliveries.push(text);
        }
        let text = EventText {
            id: event.id.to_string(),
            app: event.app.as_str(),
            event_type: &event.event_type,
            at: request.received_at.millis(),
            size: request.body.len() + request.headers.block().len() + OVERHEAD,
            invalid: event.verdict.as_ref().is_some_and(|verdict| !verdict.ok),
            uid: event.marks.uid.as_deref(),
            marks: frame::of_marks(&event.marks)?,
            until: event.marks.payload_until.map(crate::model::Timestamp::millis),
            record,
            deliveries,
            node: &self.node,
        };
        Ok((serde_json::to_vec(&text).map_err(damaged)?, args))
    }

    /// Makes deliveries, or asks for one attempt more of what was sent before.
    pub(super) async fn ask_for(&self, deliveries: &[NewDelivery], again: bool) -> Result<(), StoreError> {
        let deliveries = deliveries.iter().map(DeliveryText::of).collect();
        let asked = serde_json::to_vec(&Asked { deliveries, again, node: &self.node });
        let asked = asked.map_err(|why| self.link.damage(damaged(why)))?;
        let unknown: Option<String> = self.link.keep(Ask::Script(&scripts::ENQUEUE, &[&asked])).await?;
        unknown.map_or(Ok(()), |event| Err(StoreError::Unknown(format!("event {event}"))))
    }

    /// Keeps an attempt and what comes of it.
    pub(super) async fn note(&self, settlement: &Settlement) -> Result<Settled, StoreError> {
        let mut text = SettlementText::of(settlement);
        let pack = |text: &SettlementText| serde_json::to_vec(text).map_err(|why| self.link.damage(damaged(why)));
        let first = pack(&text)?;
        text.repeated = true;
        let later = pack(&text)?;
        let attempt = frame::of_attempt(&settlement.attempt).map_err(|why| self.link.damage(why))?;
        let args: [&[&[u8]]; 2] = [&[&first, &attempt], &[&later, &attempt]];
        // Not kept as an event is: where it is lost with a primary, the delivery is made again.
        let done: bool = self.link.run_for(SETTLING, args.map(|args| Ask::Script(&scripts::SETTLE, args))).await?;
        Ok(if done { Settled::Done } else { Settled::Stale })
    }
}

impl DeliveryText {
    fn of(new: &NewDelivery) -> Self {
        let NewDelivery { id, event, endpoint, .. } = new;
        let texts = |id: &DeliveryId, event: &EventId| (id.to_string(), event.to_string());
        let (id, event) = texts(id, event);
        Self {
            id,
            event,
            endpoint: endpoint.to_string(),
            held: new.held_until.map(crate::model::Timestamp::millis),
            due: new.due_at.millis(),
            made: None,
        }
    }
}

impl SettlementText {
    fn of(settlement: &Settlement) -> Self {
        let (attempt, tally) = (&settlement.attempt, settlement.tally());
        let counts = [("s", tally.succeeded), ("f", tally.failed), ("r", tally.recovered), ("x", tally.dead)];
        let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count));
        let steps = tally.latency.steps().map(|(step, count)| (format!("l{step}"), count));
        Self {
            delivery: settlement.held.delivery.to_string(),
            fence: settlement.held.fence,
            attempt: attempt.id.to_string(),
            endpoint: attempt.endpoint.to_string(),
            ok: attempt.succeeded(),
            manual: attempt.manual,
            at: attempt.started_at.millis(),
            ended: settlement.ended_at().millis(),
            hour: hour_of(attempt.started_at),
            lasting: TALLY_HOURS * 3600,
            tally: counts.chain(steps).filter(|(_, count)| *count > 0).collect(),
            next: text_of(settlement.next),
            place: 0,
            repeated: false,
        }
    }
}
