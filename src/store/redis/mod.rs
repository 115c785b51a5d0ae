//! The shared store: several equal nodes on one Redis. One stream an app, the moves in Lua, nothing kept in the node.

mod access;
mod address;
mod append;
mod apps;
mod attempts;
mod calls;
mod commit;
mod endpoints;
mod event_types;
mod fault;
mod find;
mod frame;
mod link;
mod lists;
mod messages;
mod notes;
mod nouns;
mod prune;
mod queue;
mod replicas;
mod scripts;
mod server;
mod share;
mod tallies;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::{Client, Cmd, RedisError};
use tokio::sync::{broadcast, mpsc};

use crate::model::{Attempt, Delivery, DeliveryId, EndpointId, EventId, Timestamp};
use crate::store::redis::address::Address;
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::link::Link;
use crate::store::redis::queue::Move;
use crate::store::redis::replicas::Replicas;
use crate::store::{
    About, Claim, Claimant, Cursor, Durability, Elsewhere, Held, Leased, Logged, NewDelivery, NewEvent, Next,
    OpenOptions, Part, Pruned, Query, Retention, Settled, Settlement, Share, Shared, Store, StoreError, Wanted,
};

/// What a watcher may be behind before it misses some.
const NEWS: usize = 256;
/// How many calls of others may wait to be heard; each may be as large as an answer.
const CALLS: usize = 32;

/// A store that several nodes share.
pub(super) struct Redis {
    link: Arc<Link>,
    about: About,
    /// What this node calls itself in notes to others.
    node: String,
    news: Mutex<Option<broadcast::Sender<Elsewhere>>>,
}

impl Redis {
    /// Looks at the server at this address; the connection is made at first use.
    pub(super) fn open(address: &str, options: OpenOptions) -> Result<Self, StoreError> {
        let Address { url, base, shown } = Address::parse(address)?;
        let open = |why: RedisError| StoreError::Open { path: shown.clone(), why: why.to_string() };
        let client = Client::open(url).map_err(open)?;
        let looked = server::look(&client, &base, &shown)?;
        let replicated = options.durability == Durability::Replicated;
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|why| StoreError::Open { path: shown.clone(), why: why.to_string() })?;
        let about = looked.about(&shown, replicated);
        let replicas = replicated.then(|| Replicas::new(looked.proof));
        let link = Arc::new(Link::new(client, base, shown, replicas));
        Ok(Self { link, about, node: hex::encode(name), news: Mutex::default() })
    }
}

#[async_trait]
impl Store for Redis {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn elsewhere(&self) -> Option<broadcast::Receiver<Elsewhere>> {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = news.as_ref().filter(|sender| sender.receiver_count() > 0) {
            return Some(sender.subscribe());
        }
        let (sender, receiver) = broadcast::channel(NEWS);
        tokio::spawn(notes::read(Arc::clone(&self.link), self.node.clone(), sender.clone()));
        *news = Some(sender);
        Some(receiver)
    }

    async fn call(&self, words: Bytes) -> Result<(), StoreError> {
        let call = [self.node.as_bytes(), &words].concat();
        self.link.ask::<u64>(&Cmd::publish(self.link.key("calls"), call)).await.map(drop)
    }

    fn calls(&self) -> Option<mpsc::Receiver<Bytes>> {
        let (sender, receiver) = mpsc::channel(CALLS);
        tokio::spawn(calls::hear(Arc::clone(&self.link), self.node.clone(), sender));
        Some(receiver)
    }

    async fn claim(&self, name: &str, by: &Claimant, what: Claim) -> Result<Option<String>, StoreError> {
        let (how, time) = match what {
            Claim::Take(time) => ("take", time),
            Claim::Keep(time) => ("keep", time),
            Claim::Leave => ("leave", Duration::ZERO),
        };
        let millis = time.as_millis().to_string();
        let args = [name, &by.session, &self.node, &by.words, &millis, how].map(str::as_bytes);
        self.link.run(&scripts::CLAIM, &args).await
    }

    async fn share(&self, part: &Part, what: Share) -> Result<Option<Shared>, StoreError> {
        self.take_part(part, &what).await.map(Some)
    }

    async fn append(&self, new: NewEvent) -> Result<Cursor, StoreError> {
        self.keep(&new).await
    }

    async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
        self.ask_for(&deliveries, false).await
    }

    async fn lease(&self, wanted: Wanted) -> Result<Vec<Leased>, StoreError> {
        self.take(&wanted).await
    }

    async fn extend(&self, held: Vec<Held>, until: Timestamp) -> Result<(), StoreError> {
        self.moves(&held, Move::Extend(until)).await
    }

    async fn release(&self, held: Vec<Held>, now: Timestamp) -> Result<(), StoreError> {
        self.moves(&held, Move::Release(now)).await
    }

    async fn skip(&self, held: Held, next: Next) -> Result<(), StoreError> {
        self.moves(&[held], Move::Skip(next)).await
    }

    async fn unpark(&self, endpoint: EndpointId, now: Timestamp) -> Result<usize, StoreError> {
        self.bring_back(endpoint, now).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, StoreError> {
        self.note(&settlement).await
    }

    async fn next_due(&self, endpoints: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
        self.first_due(endpoints).await
    }

    async fn reopen(&self, delivery: DeliveryId, until: Timestamp) -> Result<(Held, u32), StoreError> {
        let taken = self.take_one(delivery, None, until).await?;
        taken.ok_or_else(|| StoreError::Unknown(format!("delivery {delivery}")))
    }

    async fn take_up(
        &self,
        delivery: DeliveryId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(Held, u32)>, StoreError> {
        self.take_one(delivery, Some(now), until).await
    }

    async fn event(&self, id: EventId) -> Result<Option<Logged>, StoreError> {
        self.event_of(id).await
    }

    async fn events(&self, query: Query) -> Result<Vec<Logged>, StoreError> {
        self.events_like(&query).await
    }

    async fn newest(&self) -> Result<Cursor, StoreError> {
        let newest: Option<u64> = self.link.ask(&Cmd::get(self.link.key("seq"))).await?;
        Ok(Cursor(newest.unwrap_or(0)))
    }

    async fn deliveries(&self, event: EventId) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries_of(event).await
    }

    async fn attempts(&self, event: EventId) -> Result<Vec<Attempt>, StoreError> {
        self.attempts_of_event(event).await
    }

    async fn position(&self, listener: &str) -> Result<Option<Cursor>, StoreError> {
        let place: Option<u64> = self.link.ask(&Cmd::hget(self.link.key("listeners"), listener)).await?;
        Ok(place.map(Cursor))
    }

    async fn advance(&self, listener: &str, to: Cursor) -> Result<(), StoreError> {
        change!(self, {
            // A place ahead of all is one in a log that was lost; kept, it would hide what comes before it.
            if to > self.newest().await? {
                return Ok(Err(()));
            }
            let old = self.field("listeners", listener).await?;
            if old.as_deref().and_then(|old| old.parse().ok()).is_some_and(|old: u64| old >= to.0) {
                return Ok(Err(()));
            }
            let (mut plan, place) = (Plan::default(), to.0.to_string());
            plan.expect_field("listeners", listener, old.as_deref().map(str::as_bytes));
            plan.then("HSET", "listeners", &[listener.as_bytes(), place.as_bytes()]);
            Ok(Ok((plan, ())))
        });
        Ok(())
    }

    async fn prune(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        self.prune_step(keep, now).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.link.close();
        Ok(())
    }
}
