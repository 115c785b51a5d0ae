//! Questions about messages and what became of them.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::Cmd;

use crate::model::{AppName, Attempt, AttemptId, DeliveryState, EndpointId, EventId, Timestamp};
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::find::Find;
use crate::store::redis::{Redis, frame};
use crate::store::{
    AttemptQuery, Failed, FailedQuery, Logged, MessageQuery, Messages, NewDelivery, Page, Sent, SentQuery, StoreError,
};

#[async_trait]
impl Messages for Redis {
    async fn message(&self, app: &AppName, key: &str) -> Result<Option<Logged>, StoreError> {
        let mut found = None;
        if let Ok(id) = key.parse::<EventId>() {
            found = self.event_of(id).await?;
        }
        if found.is_none()
            && let Some(id) = self.field(&format!("uid:{app}"), key).await?
            && let Ok(id) = id.parse()
        {
            found = self.event_of(id).await?;
        }
        Ok(found.filter(|found| found.event.app == *app))
    }

    async fn messages(&self, query: MessageQuery) -> Result<Page<Logged>, StoreError> {
        let (walk, bounds) = self.placed(query.pager.clone().walk(), &query.like).await?;
        let mut find = Find::messages(query.app.as_str(), &query.like, bounds, walk.ascending);
        find.without = query.without.map(|id| id.to_string());
        self.page(&walk, find, |logged, _| Some(logged)).await
    }

    async fn sent(&self, query: SentQuery) -> Result<Page<Sent>, StoreError> {
        let (walk, bounds) = self.placed(query.pager.clone().walk(), &query.like).await?;
        let mut find = Find::messages(query.app.as_str(), &query.like, bounds, walk.ascending);
        if query.states == [DeliveryState::Dead] {
            find.only_dead();
        }
        find.sent = Some(query.endpoint.to_string());
        find.states = Some(query.states.iter().map(|state| number_of(*state)).collect());
        find.states = find.states.filter(|states| !states.is_empty());
        find.attempted = query.attempted;
        self.page(&walk, find, |logged, row| Some(Sent { logged, delivery: row.delivery? })).await
    }

    async fn attempts_of(&self, query: AttemptQuery) -> Result<Page<Attempt>, StoreError> {
        self.attempts_like(&query).await
    }

    async fn attempt(&self, event: EventId, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        let found = self.load_attempts(&[&id.to_string()]).await?.pop();
        Ok(found.filter(|attempt| attempt.event == event))
    }

    async fn failed(&self, query: FailedQuery) -> Result<Page<Failed>, StoreError> {
        self.failures(&query).await
    }

    async fn expunge_payload(&self, event: EventId) -> Result<bool, StoreError> {
        self.expunge(event).await
    }

    async fn expunge_answer(&self, event: EventId, id: AttemptId) -> Result<bool, StoreError> {
        let key = format!("t:{id}");
        Ok(change!(self, {
            let Some(old) = self.value(&key).await? else { return Ok(Err(false)) };
            let mut attempt = frame::attempt(old.clone()).map_err(|why| self.link.damage(why))?;
            if attempt.event != event {
                return Ok(Err(false));
            }
            attempt.expunge();
            let new = frame::of_attempt(&attempt).map_err(|why| self.link.damage(why))?;
            let mut plan = Plan::default();
            plan.expect(&key, Some(&old)).then("SET", &key, &[&new]);
            Ok(Ok((plan, true)))
        }))
    }

    async fn send_again(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        self.ask_for(&deliveries, true).await
    }

    async fn busy(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<(EndpointId, Timestamp)>, StoreError> {
        self.busy_after(after, limit).await
    }
}

impl Redis {
    /// Removes an event's payload; says whether the event was there.
    pub(super) async fn expunge(&self, id: EventId) -> Result<bool, StoreError> {
        let (kept, body) = (format!("e:{id}"), format!("b:{id}"));
        Ok(change!(self, {
            let old: Option<String> = self.link.ask(&Cmd::hget(self.link.key(&kept), "m")).await?;
            let Some(logged) = self.event_of(id).await? else { return Ok(Err(false)) };
            let mut event = (*logged.event).clone();
            let freed = event.request.body.len().cast_signed().wrapping_neg().to_string();
            event.request.body = Bytes::new();
            (event.marks.expunged, event.marks.payload_until) = (true, None);
            let marks = frame::of_marks(&event.marks).map_err(|why| self.link.damage(why))?.unwrap_or_default();
            let bytes = frame::of_event(&event).map_err(|why| self.link.damage(why))?;
            let (mut plan, place) = (Plan::default(), logged.cursor.0.to_string());
            plan.expect_field(&kept, "q", Some(place.as_bytes()));
            plan.expect_field(&kept, "m", old.as_deref().map(str::as_bytes));
            plan.then("HSET", &kept, &[b"m", marks.as_bytes()]).then("SET", &body, &[&bytes]);
            plan.then("HINCRBY", &kept, &[b"z", freed.as_bytes()]).then("INCRBY", "bytes", &[freed.as_bytes()]);
            plan.then("ZREM", "until", &[id.to_string().as_bytes()]);
            Ok(Ok((plan, true)))
        }))
    }
}

/// How a state is written.
const fn number_of(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Pending => 0,
        DeliveryState::InFlight => 1,
        DeliveryState::Delivered => 2,
        DeliveryState::Dead => 3,
    }
}

/// The shortest time there is here.
pub(super) const TICK: Duration = Duration::from_millis(1);
