//! Questions about messages and attempts, answered from memory.

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{AppName, Attempt, AttemptId, DeliveryState, EndpointId, Event, EventId, Timestamp};
use crate::store::memory::{Entry, Memory, State};
use crate::store::page::Walk;
use crate::store::{
    AttemptQuery, AttemptsOf, Cursor, Failed, FailedQuery, Like, Logged, MessageQuery, Messages, NewDelivery, Next,
    Page, Sent, SentQuery, StoreError,
};

impl State {
    /// The walk by place that this walk by event is.
    fn placed(&self, walk: Walk<EventId>) -> Walk<u64> {
        let ascending = walk.ascending;
        let gone = |id: EventId| {
            // One that is gone stood about where those of its time stand.
            let later = self.log.iter().find(|(_, entry)| entry.event.request.received_at >= id.made_at());
            later.map_or(self.last + 1, |(place, _)| *place) - u64::from(ascending)
        };
        walk.keyed(|id| self.places.get(&id).copied().unwrap_or_else(|| gone(id)))
    }

    fn ask_again(&mut self, new: &NewDelivery) {
        let Some(place) = self.places.get(&new.event).copied() else { return };
        let entry = self.log.get(&place);
        let old =
            entry.and_then(|entry| entry.deliveries.iter().rposition(|one| one.delivery.endpoint == new.endpoint));
        let Some(index) = old else {
            self.enqueue(place, &NewDelivery { held_until: None, made: None, ..new.clone() });
            if let Some(at) = self.queued.get(&new.id).copied() {
                self.change(at, |queued| queued.otherwise = queued.otherwise.or(Some(Next::Dead)));
            }
            return;
        };
        self.change((place, index), |queued| {
            let delivery = &mut queued.delivery;
            let otherwise = match (delivery.state, delivery.due_at) {
                (DeliveryState::Pending, _) if queued.otherwise.is_some() => return,
                (DeliveryState::InFlight, _) => {
                    queued.again = true;
                    return;
                }
                (DeliveryState::Pending, Some(due)) => Next::Retry(due),
                (DeliveryState::Delivered, _) => Next::Delivered,
                (DeliveryState::Dead | DeliveryState::Pending, _) => Next::Dead,
            };
            queued.otherwise = Some(otherwise);
            (delivery.state, delivery.due_at) = (DeliveryState::Pending, Some(new.due_at));
        });
    }
}

fn fits(like: &Like, event: &Event) -> bool {
    like.fits(&event.event_type, &event.marks.channels, &event.marks.tags)
}

fn logged((place, entry): (&u64, &Entry)) -> (u64, Logged) {
    (*place, Logged { cursor: Cursor(*place), event: Arc::clone(&entry.event) })
}

#[async_trait]
impl Messages for Memory {
    async fn message(&self, app: &AppName, key: &str) -> Result<Option<Logged>, StoreError> {
        let state = self.state()?;
        let by_id = key.parse().ok().and_then(|id: EventId| state.places.get(&id));
        let place = by_id.or_else(|| state.uids.get(&(app.clone(), key.to_owned())));
        let found = place.and_then(|place| Some((place, state.log.get(place)?)));
        Ok(found.filter(|(_, entry)| entry.event.app == *app).map(|found| logged(found).1))
    }

    async fn messages(&self, query: MessageQuery) -> Result<Page<Logged>, StoreError> {
        let state = self.state()?;
        let had = |entry: &Entry, id| entry.deliveries.iter().any(|queued| queued.delivery.endpoint == id);
        let wanted = |entry: &Entry| {
            entry.event.app == query.app
                && fits(&query.like, &entry.event)
                && query.like.is_within(entry.event.request.received_at)
                && query.without.is_none_or(|id| !had(entry, id))
        };
        let all = state.log.iter().filter(|(_, entry)| wanted(entry));
        Ok(state.placed(query.pager.clone().walk()).of(all.map(logged)))
    }

    async fn sent(&self, query: SentQuery) -> Result<Page<Sent>, StoreError> {
        let state = self.state()?;
        let on_its_way = |found: (&u64, &Entry)| {
            let delivery = found.1.deliveries.iter().rfind(|one| one.delivery.endpoint == query.endpoint)?;
            let (delivery, event) = (delivery.delivery.clone(), &found.1.event);
            let wanted = event.app == query.app
                && (query.states.is_empty() || query.states.contains(&delivery.state))
                && !(query.attempted && delivery.attempts == 0)
                && fits(&query.like, event)
                && query.like.is_within(event.request.received_at);
            let (place, logged) = logged(found);
            wanted.then_some((place, Sent { logged, delivery }))
        };
        Ok(state.placed(query.pager.clone().walk()).of(state.log.iter().filter_map(on_its_way)))
    }

    async fn attempts_of(&self, query: AttemptQuery) -> Result<Page<Attempt>, StoreError> {
        let state = self.state()?;
        let wanted = |attempt: &Attempt, event: &Event| {
            let own = match query.of {
                AttemptsOf::Event(id, endpoint) => {
                    attempt.event == id && endpoint.is_none_or(|id| attempt.endpoint == id)
                }
                AttemptsOf::Endpoint(id) => attempt.endpoint == id,
            };
            own && query.admits(attempt.status())
                && fits(&query.like, event)
                && query.like.is_within(attempt.id.made_at())
        };
        let mut found = Vec::new();
        for entry in state.log.values() {
            found
                .extend(entry.attempts.iter().filter(|one| wanted(one, &entry.event)).map(|one| (one.id, one.clone())));
        }
        found.sort_by_key(|(id, _)| *id);
        Ok(query.pager.walk().of(found.into_iter()))
    }

    async fn attempt(&self, event: EventId, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        let state = self.state()?;
        Ok(state.entry(event).and_then(|entry| entry.attempts.iter().find(|one| one.id == id)).cloned())
    }

    async fn failed(&self, query: FailedQuery) -> Result<Page<Failed>, StoreError> {
        let state = self.state()?;
        let mut found = Vec::new();
        for entry in state.log.values() {
            for queued in entry.deliveries.iter().filter(|one| one.delivery.endpoint == query.endpoint) {
                let failures = entry.attempts.iter().filter(|one| {
                    let at = one.id.made_at();
                    one.delivery == queued.delivery.id && !one.succeeded() && at >= query.since && at <= query.until
                });
                let taken = queued.delivery.state == DeliveryState::Delivered;
                if let Some(attempt) = failures.map(|one| one.id).min().filter(|_| !taken) {
                    found.push((attempt, Failed { attempt, delivery: queued.delivery.clone() }));
                }
            }
        }
        found.sort_by_key(|(id, _)| *id);
        Ok(query.pager.walk().of(found.into_iter()))
    }

    async fn expunge_payload(&self, event: EventId) -> Result<bool, StoreError> {
        Ok(self.state()?.expunge(event))
    }

    async fn expunge_answer(&self, event: EventId, id: AttemptId) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        let place = state.places.get(&event).copied();
        let entry = place.and_then(|place| state.log.get_mut(&place));
        let found = entry.and_then(|entry| entry.attempts.iter_mut().find(|one| one.id == id));
        Ok(found.map(Attempt::expunge).is_some())
    }

    async fn send_again(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        let mut state = self.state()?;
        if let Some(new) = deliveries.iter().find(|new| !state.places.contains_key(&new.event)) {
            return Err(StoreError::Unknown(format!("event {}", new.event)));
        }
        for new in &deliveries {
            state.ask_again(new);
        }
        Ok(())
    }

    async fn busy(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<(EndpointId, Timestamp)>, StoreError> {
        let state = self.state()?;
        let mut found: Vec<(EndpointId, Timestamp)> = Vec::new();
        for (endpoint, due, ..) in &state.due {
            if after.is_none_or(|after| *endpoint > after) && found.last().is_none_or(|(last, _)| last != endpoint) {
                found.push((*endpoint, *due));
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}
