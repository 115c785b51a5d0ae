//! The store that forgets: kept in memory, simple enough to be the model that other stores are checked against.

mod access;
mod apps;
mod endpoints;
mod event_types;
mod messages;
mod queue;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::model::{
    App, AppId, AppName, Attempt, Delivery, DeliveryId, DeliveryState, Endpoint, EndpointId, Event, EventId, EventType,
    Health, Tally, Timestamp, Token, TokenId,
};
use crate::store::memory::queue::Queued;
use crate::store::{
    About, Cursor, Held, Leased, Logged, NewDelivery, NewEvent, Next, Order, Pruned, Query, Record, Retention, Settled,
    Settlement, Status, Store, StoreError, Wanted,
};

/// What an event costs beside its headers and body, about.
const OVERHEAD: usize = 512;

/// A store in memory.
#[derive(Default)]
pub(super) struct Memory {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    last: u64,
    bytes: usize,
    log: BTreeMap<u64, Entry>,
    places: HashMap<EventId, u64>,
    queued: HashMap<DeliveryId, (u64, usize)>,
    due: BTreeSet<(EndpointId, Timestamp, u64, usize)>,
    uids: HashMap<(AppName, String), u64>,
    apps: BTreeMap<AppId, App>,
    endpoints: BTreeMap<EndpointId, Endpoint>,
    health: HashMap<EndpointId, Health>,
    /// By endpoint and hour.
    tallies: BTreeMap<(EndpointId, i64), Tally>,
    event_types: BTreeMap<String, EventType>,
    tokens: BTreeMap<TokenId, Token>,
    records: HashMap<[u8; 32], Record>,
    /// The keys of the records, the oldest first.
    recorded: VecDeque<[u8; 32]>,
    listeners: HashMap<String, Cursor>,
}

struct Entry {
    event: Arc<Event>,
    deliveries: Vec<Queued>,
    attempts: Vec<Attempt>,
}

impl Memory {
    fn state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(StoreError::Unavailable("it is closed".to_owned())) } else { Ok(state) }
    }
}

impl State {
    fn entry(&self, event: EventId) -> Option<&Entry> {
        self.log.get(self.places.get(&event)?)
    }

    fn remove(&mut self, place: u64) {
        let Some(entry) = self.log.remove(&place) else { return };
        self.places.remove(&entry.event.id);
        if let Some(uid) = &entry.event.marks.uid {
            self.uids.remove(&(entry.event.app.clone(), uid.clone()));
        }
        self.bytes = self.bytes.saturating_sub(size_of(&entry.event));
        for (index, Queued { delivery, .. }) in entry.deliveries.into_iter().enumerate() {
            self.queued.remove(&delivery.id);
            if let Some(due) = delivery.due_at {
                self.due.remove(&(delivery.endpoint, due, place, index));
            }
        }
    }
}

fn size_of(event: &Event) -> usize {
    event.request.body.len() + event.request.headers.block().len() + OVERHEAD
}

fn fits(query: &Query, entry: &Entry) -> bool {
    let (event, received) = (&entry.event, entry.event.request.received_at);
    query.app.as_ref().is_none_or(|app| event.app == *app)
        && query.event_type.as_ref().is_none_or(|event_type| event.event_type == *event_type)
        && query.since.is_none_or(|since| received >= since)
        && query.until.is_none_or(|until| received < until)
        && query.status.is_none_or(|status| has(status, entry))
}

fn has(status: Status, entry: &Entry) -> bool {
    let is = |state| entry.deliveries.iter().any(|queued| queued.delivery.state == state);
    match status {
        Status::Invalid => entry.event.verdict.as_ref().is_some_and(|verdict| !verdict.ok),
        Status::Delivery(DeliveryState::Pending) => is(DeliveryState::Pending) || is(DeliveryState::InFlight),
        Status::Delivery(state) => is(state),
    }
}

#[async_trait]
impl Store for Memory {
    fn about(&self) -> About {
        let durability = "kept in memory: gone when whk ends".to_owned();
        About { address: "memory:".to_owned(), durability, trouble: None }
    }

    async fn append(&self, new: NewEvent) -> Result<Cursor, StoreError> {
        let mut state = self.state()?;
        if let Some(place) = state.places.get(&new.event.id) {
            return Ok(Cursor(*place));
        }
        if new.record.as_ref().is_some_and(|record| state.is_answered(record)) {
            return Err(StoreError::Answered);
        }
        let uid = new.event.marks.uid.as_ref().map(|uid| (new.event.app.clone(), uid.clone()));
        if let Some((_, uid)) = uid.as_ref().filter(|named| state.uids.contains_key(named)) {
            return Err(StoreError::Taken(format!("a message {uid}")));
        }
        state.last += 1;
        let place = state.last;
        state.uids.extend(uid.map(|uid| (uid, place)));
        if let Some(record) = new.record {
            state.remember(record);
        }
        state.bytes += size_of(&new.event);
        state.places.insert(new.event.id, place);
        state.log.insert(place, Entry { event: new.event, deliveries: Vec::new(), attempts: Vec::new() });
        for delivery in &new.deliveries {
            state.enqueue(place, delivery);
        }
        Ok(Cursor(place))
    }

    async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        let mut state = self.state()?;
        if let Some(new) = deliveries.iter().find(|new| !state.places.contains_key(&new.event)) {
            return Err(StoreError::Unknown(format!("event {}", new.event)));
        }
        for new in &deliveries {
            if let Some(place) = state.places.get(&new.event).copied() {
                state.enqueue(place, new);
            }
        }
        Ok(())
    }

    async fn lease(&self, wanted: Wanted) -> Result<Vec<Leased>, StoreError> {
        Ok(self.state()?.take(&wanted))
    }

    async fn extend(&self, held: Vec<Held>, until: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state()?;
        for held in held {
            state.move_held(held, DeliveryState::InFlight, Some(until));
        }
        Ok(())
    }

    async fn release(&self, held: Vec<Held>, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state()?;
        for held in held {
            state.move_held(held, DeliveryState::Pending, Some(now));
        }
        Ok(())
    }

    async fn skip(&self, held: Held, next: Next) -> Result<(), StoreError> {
        let mut state = self.state()?;
        if let Some(at) = state.move_held(held, DeliveryState::InFlight, None) {
            state.change(at, |queued| {
                queued.go_on(next);
                (queued.otherwise, queued.again) = (None, false);
            });
        }
        Ok(())
    }

    async fn unpark(&self, endpoint: EndpointId, now: Timestamp) -> Result<usize, StoreError> {
        Ok(self.state()?.unpark(endpoint, now))
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, StoreError> {
        Ok(self.state()?.settle(settlement))
    }

    async fn next_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state()?;
        let first = |endpoint: &EndpointId| {
            let from = (*endpoint, Timestamp::from_millis(i64::MIN), 0, 0);
            state.due.range(from..).next().filter(|(own, ..)| own == endpoint).map(|(_, due, ..)| *due)
        };
        Ok(endpoints.iter().filter_map(first).min())
    }

    async fn reopen(&self, delivery: DeliveryId, until: Timestamp) -> Result<(Held, u32), StoreError> {
        let mut state = self.state()?;
        let at = state.queued.get(&delivery).copied();
        let reopened = at.and_then(|at| {
            state.change(at, |queued| {
                queued.fence += 1;
                (queued.delivery.state, queued.delivery.due_at) = (DeliveryState::InFlight, Some(until));
                queued.otherwise = None;
                (Held { delivery, fence: queued.fence }, queued.delivery.attempts)
            })
        });
        reopened.ok_or_else(|| StoreError::Unknown(format!("delivery {delivery}")))
    }

    async fn event(&self, id: EventId) -> Result<Option<Logged>, StoreError> {
        let state = self.state()?;
        let found = state.places.get(&id).and_then(|place| Some((*place, state.log.get(place)?)));
        Ok(found.map(|(place, entry)| Logged { cursor: Cursor(place), event: Arc::clone(&entry.event) }))
    }

    async fn events(&self, query: Query) -> Result<Vec<Logged>, StoreError> {
        let state = self.state()?;
        let range = match (query.after, query.order) {
            (Some(after), Order::Oldest) => after.0.saturating_add(1)..u64::MAX,
            (Some(after), Order::Newest) => 0..after.0,
            (None, _) => 0..u64::MAX,
        };
        let fitting = state.log.range(range).filter(|(_, entry)| fits(&query, entry));
        let fitting = fitting.map(|(place, entry)| Logged { cursor: Cursor(*place), event: Arc::clone(&entry.event) });
        Ok(match query.order {
            Order::Oldest => fitting.take(query.limit).collect(),
            Order::Newest => fitting.rev().take(query.limit).collect(),
        })
    }

    async fn newest(&self) -> Result<Cursor, StoreError> {
        Ok(Cursor(self.state()?.last))
    }

    async fn deliveries(&self, event: EventId) -> Result<Vec<Delivery>, StoreError> {
        let state = self.state()?;
        let all = state.entry(event).map(|entry| entry.deliveries.iter().map(|queued| queued.delivery.clone()));
        Ok(all.into_iter().flatten().collect())
    }

    async fn attempts(&self, event: EventId) -> Result<Vec<Attempt>, StoreError> {
        Ok(self.state()?.entry(event).map(|entry| entry.attempts.clone()).unwrap_or_default())
    }

    async fn position(&self, listener: &str) -> Result<Option<Cursor>, StoreError> {
        Ok(self.state()?.listeners.get(listener).copied())
    }

    async fn advance(&self, listener: &str, to: Cursor) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let position = state.listeners.entry(listener.to_owned()).or_insert(to);
        *position = (*position).max(to);
        Ok(())
    }

    async fn prune(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut state = self.state()?;
        let oldest_kept = keep.age.map(|age| now.minus(age));
        let old = |entry: &Entry| oldest_kept.is_some_and(|kept| entry.event.request.received_at < kept);
        let places: Vec<u64> = state.log.iter().filter(|(_, entry)| old(entry)).map(|(place, _)| *place).collect();
        let mut pruned = Pruned::default();
        for place in places {
            state.remove(place);
            pruned.events += 1;
        }
        let bytes = keep.bytes.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        while state.bytes > bytes
            && let Some(place) = state.log.keys().next().copied()
        {
            state.remove(place);
            pruned.events += 1;
        }
        state.forget(now);
        Ok(pruned)
    }

    async fn close(&self) -> Result<(), StoreError> {
        let mut state = self.state()?;
        *state = State { closed: true, ..State::default() };
        Ok(())
    }
}
