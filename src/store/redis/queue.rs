//! The queue: what is due is taken up, held, given back.

use serde::Serialize;

use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, EndpointId, EventId, Timestamp};
use crate::store::redis::fault::{Damage, damaged};
use crate::store::redis::find::ANSWER_BYTES;
use crate::store::redis::{Redis, append, frame, scripts};
use crate::store::work::UNPARKED;
use crate::store::{Held, Leased, Next, StoreError, Wanted};

/// What can be done with deliveries that are held.
#[derive(Clone, Copy)]
pub(super) enum Move {
    /// Held until then.
    Extend(Timestamp),
    /// Due then.
    Release(Timestamp),
    /// No attempt; this happens next.
    Skip(Next),
}

#[derive(Serialize)]
struct WantedText {
    endpoints: Vec<String>,
    limit: usize,
    now: i64,
    #[serde(rename = "until_")]
    until: i64,
    bytes: usize,
}

#[derive(Serialize)]
struct MoveText<'a> {
    to: &'static str,
    held: Vec<(String, u64)>,
    at: i64,
    next: String,
    node: &'a str,
}

/// Delivery, fence, event, endpoint, attempts, asked, otherwise, marks, request.
type Taken = (String, u64, String, String, u32, u32, String, Option<Vec<u8>>, Vec<u8>);
/// Endpoint, state, due, attempts.
type Kept = (Option<String>, Option<u8>, Option<String>, Option<u32>);

impl Redis {
    /// Takes up what is due.
    pub(super) async fn take(&self, wanted: &Wanted) -> Result<Vec<Leased>, StoreError> {
        let text = WantedText {
            endpoints: wanted.endpoints.iter().map(EndpointId::to_string).collect(),
            limit: wanted.limit,
            now: wanted.now.millis(),
            until: wanted.until.millis(),
            bytes: ANSWER_BYTES,
        };
        let text = serde_json::to_vec(&text).map_err(|why| self.link.damage(damaged(why)))?;
        let taken: Vec<Taken> = self.link.run(&scripts::LEASE, &[&text]).await?;
        taken.into_iter().map(|row| leased(row).map_err(|why| self.link.damage(why))).collect()
    }

    /// Moves what is held on; what somebody else holds by now is passed over.
    pub(super) async fn moves(&self, held: &[Held], way: Move) -> Result<(), StoreError> {
        let (to, at, next) = match way {
            Move::Extend(until) => ("extend", until.millis(), String::new()),
            Move::Release(now) => ("release", now.millis(), String::new()),
            Move::Skip(next) => ("skip", 0, append::text_of(next)),
        };
        let held = held.iter().map(|held| (held.delivery.to_string(), held.fence)).collect();
        let text = serde_json::to_vec(&MoveText { to, held, at, next, node: &self.node });
        let text = text.map_err(|why| self.link.damage(damaged(why)))?;
        let _: u8 = self.link.run(&scripts::MOVE, &[&text]).await?;
        Ok(())
    }

    /// Makes some of what waits for an endpoint to be switched on due.
    pub(super) async fn bring_back(&self, endpoint: EndpointId, now: Timestamp) -> Result<usize, StoreError> {
        let numbers = [Timestamp::NEVER.millis(), now.millis(), i64::try_from(UNPARKED).unwrap_or(i64::MAX)];
        let [never, now, limit] = numbers.map(|number| number.to_string());
        let endpoint = endpoint.to_string();
        let args = [&endpoint, &never, &now, &limit, &self.node].map(String::as_bytes);
        self.link.run(&scripts::UNPARK, &args).await
    }

    /// When the next delivery of these endpoints is due.
    pub(super) async fn first_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
        let mut ask = redis::pipe();
        for endpoint in endpoints {
            ask.cmd("ZRANGE").arg(self.link.key(format_args!("due:{endpoint}"))).arg(0).arg(0).arg("WITHSCORES");
        }
        let first: Vec<Vec<String>> = if endpoints.is_empty() { Vec::new() } else { self.link.ask_all(&ask).await? };
        let due = first.iter().filter_map(|pair| pair.get(1)?.parse().ok());
        Ok(due.map(Timestamp::from_millis).min())
    }

    /// Takes up one delivery, whatever its state or only if it is due by now.
    pub(super) async fn take_one(
        &self,
        delivery: DeliveryId,
        due: Option<Timestamp>,
        until: Timestamp,
    ) -> Result<Option<(Held, u32)>, StoreError> {
        let text = [delivery.to_string(), until.millis().to_string()];
        let due = due.map(|due| due.millis().to_string());
        let args: Vec<_> = text.iter().chain(&due).map(String::as_bytes).collect();
        let taken: Option<(u64, u32)> = self.link.run(&scripts::REOPEN, &args).await?;
        Ok(taken.map(|(fence, attempts)| (Held { delivery, fence }, attempts)))
    }

    /// The deliveries of an event, in the order they were made.
    pub(super) async fn deliveries_of(&self, event: EventId) -> Result<Vec<Delivery>, StoreError> {
        let list = redis::Cmd::lrange(self.link.key(format_args!("ds:{event}")), 0, -1);
        let ids: Vec<String> = self.link.ask(&list).await?;
        let mut ask = redis::pipe();
        for id in &ids {
            ask.cmd("HMGET").arg(self.link.key(format_args!("d:{id}"))).arg(&["p", "s", "u", "n"]);
        }
        let kept: Vec<Kept> = if ids.is_empty() { Vec::new() } else { self.link.ask_all(&ask).await? };
        let mut all = Vec::new();
        for (id, row) in ids.iter().zip(kept) {
            // It may have been removed in between.
            if let (Some(endpoint), Some(state), due, attempts) = row {
                let due = due.unwrap_or_default();
                let text = [id.as_str(), &endpoint, &due];
                let delivery = delivery(event, text, state, attempts.unwrap_or(0));
                all.push(delivery.map_err(|why| self.link.damage(why))?);
            }
        }
        Ok(all)
    }

    /// The attempts of an event, in the order they were made.
    pub(super) async fn attempts_of_event(&self, event: EventId) -> Result<Vec<Attempt>, StoreError> {
        let list = redis::Cmd::lrange(self.link.key(format_args!("ats:{event}")), 0, -1);
        let lines: Vec<String> = self.link.ask(&list).await?;
        let ids: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
        self.load_attempts(&ids).await
    }

    /// These attempts, as far as they are there.
    pub(super) async fn load_attempts(&self, ids: &[&str]) -> Result<Vec<Attempt>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = redis::cmd("MGET");
        for id in ids {
            ask.arg(self.link.key(format_args!("t:{id}")));
        }
        let kept: Vec<Option<Vec<u8>>> = self.link.ask(&ask).await?;
        kept.into_iter().flatten().map(|bytes| frame::attempt(bytes).map_err(|why| self.link.damage(why))).collect()
    }

    /// Endpoints with something to do, by id.
    pub(super) async fn busy_after(
        &self,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<(EndpointId, Timestamp)>, StoreError> {
        let (after, limit) = (after.map(|id| id.to_string()).unwrap_or_default(), limit.to_string());
        let rows: Vec<(String, i64)> = self.link.run(&scripts::BUSY, &[after.as_bytes(), limit.as_bytes()]).await?;
        let read = |(id, due): (String, i64)| Ok((id.parse().map_err(damaged)?, Timestamp::from_millis(due)));
        rows.into_iter().map(|row| read(row).map_err(|why| self.link.damage(why))).collect()
    }
}

/// A delivery of the texts of its id, its endpoint and when it is due.
pub(super) fn delivery(event: EventId, text: [&str; 3], state: u8, attempts: u32) -> Result<Delivery, Damage> {
    let [id, endpoint, due] = text;
    let state = match state {
        0 => DeliveryState::Pending,
        1 => DeliveryState::InFlight,
        2 => DeliveryState::Delivered,
        3 => DeliveryState::Dead,
        other => return Err(Damage(format!("unknown state {other}"))),
    };
    let due_at = if due.is_empty() { None } else { Some(Timestamp::from_millis(due.parse().map_err(damaged)?)) };
    let (id, endpoint) = (id.parse().map_err(damaged)?, endpoint.parse().map_err(damaged)?);
    Ok(Delivery { id, event, endpoint, state, due_at, attempts })
}

fn leased(row: Taken) -> Result<Leased, Damage> {
    let (id, fence, _, endpoint, attempts, asked, otherwise, marks, bytes) = row;
    let event = frame::event(bytes, marks.as_deref())?;
    let otherwise = match otherwise.as_str() {
        "" => None,
        "v" => Some(Next::Delivered),
        "x" => Some(Next::Dead),
        at => Some(Next::Retry(Timestamp::from_millis(at.parse().map_err(damaged)?))),
    };
    let held = Held { delivery: id.parse().map_err(damaged)?, fence };
    let endpoint = endpoint.parse().map_err(damaged)?;
    Ok(Leased { held, event: std::sync::Arc::new(event), endpoint, attempts, asked, otherwise })
}
