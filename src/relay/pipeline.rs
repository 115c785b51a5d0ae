//! The spine: a request comes in, is judged and kept, and goes out until somebody takes it.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::model::{AppName, CapturedRequest, DeliveryId, EndpointId, Event, EventId, Marks, Timestamp};
use crate::net::{Client, ClientError};
use crate::relay::counts::Counts;
use crate::relay::directory::Directory;
use crate::relay::in_order;
use crate::relay::judge::{Finding, Judge};
use crate::relay::lane::Lanes;
use crate::relay::notice::{Label, Notice};
use crate::relay::options::{Ack, Canned, Forward, Options};
use crate::relay::payloads::Schemas;
use crate::relay::quota::Quota;
use crate::relay::reply::{Receipt, Reply};
use crate::relay::roster::Roster;
use crate::relay::tunnel::desk::Desk;
use crate::store::{Cursor, Held, Leased, NewDelivery, Settled, Store, StoreError, Wanted};

/// How long a delivery is held before somebody else may take it up. It is extended while the attempt lasts, so
/// this bounds how long a killed relay's deliveries rest, not how long an answer may take.
pub(crate) const LEASE: Duration = Duration::from_secs(6);
/// How long the disk waits for the app, so that one transaction takes what would be two. The sender waits for both
/// anyway, and what whk has not acknowledged the sender will send again.
const PROMPT: Duration = Duration::from_millis(2);
/// Notices that a watcher may be behind before it misses some.
const NOTICES: usize = 1024;

/// What `step` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One attempt was made and settled.
    Settled,
    /// Nothing is due; the next delivery is at this time, if there is one.
    Idle {
        /// When.
        until: Option<Timestamp>,
    },
}

/// The journey of a delivery.
pub struct Pipeline {
    pub(crate) options: Options,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) judge: Judge,
    /// Rung when a worker may find something to do.
    pub(crate) bell: Notify,
    /// What has happened so far.
    pub(crate) counts: Arc<Counts>,
    /// Work that goes on after the sender has its answer.
    pub(crate) tasks: TaskTracker,
    pub(crate) client: Client,
    /// The apps that requests name.
    pub(crate) apps: Directory,
    /// How payloads have to look.
    pub(crate) schemas: Schemas,
    /// The endpoints that apps have registered.
    pub(crate) roster: Roster,
    /// The ways to them.
    pub(crate) lanes: Lanes,
    /// The senders who wait for a listener elsewhere.
    pub(crate) desk: Desk,
    /// How much each app may take in.
    pub(crate) quota: Quota,
    /// Set when the relay ends.
    pub(crate) stopping: CancellationToken,
    notices: broadcast::Sender<Notice>,
    gates: Vec<Arc<Semaphore>>,
    held: Mutex<HashMap<DeliveryId, Held>>,
    newest: AtomicU64,
    seen: AtomicU64,
}

impl Pipeline {
    /// Puts the parts together; nothing runs yet.
    ///
    /// # Errors
    /// If the TLS settings cannot be used.
    pub fn new(options: Options, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let width = if options.sending.ordered { 1 } else { options.sending.concurrency.max(1) };
        Ok(Self {
            apps: Directory::new(Arc::clone(&store), Arc::clone(&clock)),
            schemas: Schemas::new(Arc::clone(&store), Arc::clone(&clock)),
            roster: Roster::new(Arc::clone(&store), Arc::clone(&clock)),
            lanes: Lanes::new(options.sending.concurrency, clock.instant()),
            desk: Desk::default(),
            quota: Quota::new(options.tunnel.app_rate, clock.instant()),
            stopping: CancellationToken::new(),
            judge: Judge::new(&options, Arc::clone(&store), Arc::clone(&clock)),
            client: Client::new(options.sending.client.clone())?,
            gates: options.forwards.iter().map(|_| Arc::new(Semaphore::new(width))).collect(),
            bell: Notify::new(),
            tasks: TaskTracker::new(),
            counts: Arc::default(),
            notices: broadcast::Sender::new(NOTICES),
            held: Mutex::default(),
            newest: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            options,
            store,
            clock,
        })
    }

    /// What happens from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Takes a request in: judged, kept, and on its way when this answers.
    ///
    /// # Errors
    /// If the store could not keep it; then the sender must not be told that all is well.
    pub async fn ingest(self: &Arc<Self>, app: AppName, request: CapturedRequest) -> Result<Receipt, StoreError> {
        let finding = self.judge.look(&app, &request).await?;
        let event = Arc::new(Event {
            id: EventId::new(request.received_at, self.clock.chance()),
            app,
            event_type: finding.event_type.clone(),
            verdict: finding.verdict.clone(),
            request,
            marks: Marks::default(),
        });
        let reply = self.route(&event, &finding).await?;
        Ok(Receipt { event: event.id, reply })
    }

    pub(super) async fn route(self: &Arc<Self>, event: &Arc<Event>, finding: &Finding) -> Result<Reply, StoreError> {
        // A provider may have a word of its own for a wrong signature.
        let refusal = finding.shaken.as_ref().is_some_and(|shaken| shaken.answer.status >= 400);
        let reject = self.options.judging.reject && !refusal;
        if let Some(verdict) = finding.verdict.clone().filter(|verdict| reject && !verdict.ok) {
            self.record(event, finding).await?;
            return Ok(Reply::Refused(verdict));
        }
        if let Some(shaken) = &finding.shaken {
            return self.shake(event, finding, shaken).await;
        }
        if let Some(canned) = self.options.canned.filter(|canned| self.is_canned(canned)) {
            self.keep(event, finding, Vec::new()).await?;
            tokio::time::sleep(canned.delay).await;
            return Ok(Reply::Canned(canned.status));
        }
        let wanting: Vec<usize> = self.wanting(event);
        let own = |reply| finding.receipt.clone().map_or(reply, Reply::Shaken);
        if wanting.is_empty() {
            return Ok(self.keep_and_hold(event, finding).await?.unwrap_or_else(own));
        }
        match self.options.ack {
            Ack::App => self.forward_at_once(event, finding, &wanting).await,
            Ack::Now => {
                let queued = wanting.iter().map(|index| self.delivery(event, *index, None)).collect();
                self.keep(event, finding, queued).await?;
                self.bell.notify_waiters();
                Ok(own(Reply::Accepted))
            }
        }
    }

    /// The first delivery does not wait for the disk; the sender's answer waits for both.
    async fn forward_at_once(
        self: &Arc<Self>,
        event: &Arc<Event>,
        finding: &Finding,
        wanting: &[usize],
    ) -> Result<Reply, StoreError> {
        let until = self.clock.now().plus(LEASE);
        let deliveries: Vec<_> = wanting.iter().map(|index| self.delivery(event, *index, Some(until))).collect();
        let leases: Vec<_> = deliveries.iter().map(|delivery| Leased::first(event, delivery)).collect();
        self.hold_all(&leases);
        let mut sends = leases.iter().zip(wanting);
        let Some((first, index)) = sends.next() else { return Ok(Reply::Recorded) };
        let others: Vec<_> = sends
            .map(|(leased, index)| {
                let (own, lease, index) = (Arc::clone(self), leased.clone(), *index);
                tokio::spawn(async move { own.attempt(index, &lease).await })
            })
            .collect();
        let reply = self.keep_and_send(event, finding, deliveries, (*index, first)).await;
        let reply = reply.inspect_err(|_| self.let_go_all(&leases))?;
        for (leased, other) in leases.into_iter().skip(1).zip(others) {
            let own = Arc::clone(self);
            self.tasks.spawn(async move {
                if let Ok(attempt) = other.await {
                    own.settle(leased.held, attempt).await;
                }
            });
        }
        Ok(reply)
    }

    /// What an app answers at once is kept with the event; the disk begins without a slower one.
    async fn keep_and_send(
        self: &Arc<Self>,
        event: &Arc<Event>,
        finding: &Finding,
        mut deliveries: Vec<NewDelivery>,
        (index, leased): (usize, &Leased),
    ) -> Result<Reply, StoreError> {
        let mut sending = pin!(self.attempt(index, leased));
        let Ok(attempt) = tokio::time::timeout(PROMPT, &mut sending).await else {
            let (kept, attempt) = tokio::join!(self.keep(event, finding, deliveries), sending);
            kept?;
            let reply = Reply::of(&attempt);
            let (own, held) = (Arc::clone(self), leased.held);
            self.tasks.spawn(async move { own.settle(held, attempt).await });
            return Ok(reply);
        };
        let reply = Reply::of(&attempt);
        let (told, made) = self.decide(attempt);
        let next = made.next;
        if let Some(first) = deliveries.first_mut() {
            first.made = Some(made);
        }
        self.keep(event, finding, deliveries).await?;
        self.settled(leased.held, told, next, Ok(Settled::Done));
        Ok(reply)
    }

    /// Takes up one delivery that is due and makes one attempt.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn step(self: &Arc<Self>) -> Result<Step, StoreError> {
        for index in 0..self.options.forwards.len() {
            if let Some(leased) = self.take(index, 1).await?.pop() {
                self.work(index, leased).await;
                return Ok(Step::Settled);
            }
        }
        let endpoints: Vec<_> = self.options.forwards.iter().map(|forward| forward.endpoint.id).collect();
        let own = self.store.next_due(&endpoints).await?;
        Ok(match self.step_in_lane().await? {
            Step::Settled => Step::Settled,
            Step::Idle { until } => Step::Idle { until: until.into_iter().chain(own).min() },
        })
    }

    /// Takes up what is due for one endpoint.
    pub(crate) async fn take(&self, index: usize, limit: usize) -> Result<Vec<Leased>, StoreError> {
        let Some(forward) = self.options.forwards.get(index) else { return Ok(Vec::new()) };
        let (now, endpoint) = (self.clock.now(), forward.endpoint.id);
        let until = now.plus(LEASE);
        let leased = if self.options.sending.ordered {
            in_order::take(self.store.as_ref(), endpoint, now, until).await?
        } else {
            self.store.lease(Wanted { endpoints: vec![endpoint], limit, now, until }).await?
        };
        self.hold_all(&leased);
        Ok(leased)
    }

    /// Makes one attempt of a delivery that was taken up, and settles it.
    pub(crate) async fn work(&self, index: usize, leased: Leased) {
        let attempt = self.attempt(index, &leased).await;
        self.settle(leased.held, attempt).await;
    }

    /// Delivers an event that was missed, to one forward after the other.
    pub(crate) async fn deliver_missed(
        self: &Arc<Self>,
        event: &Arc<Event>,
        wanting: &[usize],
    ) -> Result<(), StoreError> {
        let until = self.clock.now().plus(LEASE);
        let deliveries: Vec<_> = wanting.iter().map(|index| self.delivery(event, *index, Some(until))).collect();
        let leases: Vec<_> = deliveries.iter().map(|delivery| Leased::first(event, delivery)).collect();
        self.store.enqueue(deliveries).await?;
        self.hold_all(&leases);
        let provider = event.verdict.as_ref().map(|verdict| verdict.scheme.clone());
        let label = Label { provider, ..Label::default() };
        self.counts.received(leases.len());
        self.tell(Notice::Received { event: Arc::clone(event), label, deliveries: leases.len() });
        for (leased, index) in leases.into_iter().zip(wanting) {
            self.work(*index, leased).await;
        }
        Ok(())
    }

    /// The gate that bounds how many requests one endpoint gets at once.
    pub(crate) fn gate(&self, index: usize) -> Option<Arc<Semaphore>> {
        self.gates.get(index).cloned()
    }

    /// What is held at the moment.
    pub(crate) fn all_held(&self) -> Vec<Held> {
        self.holding().values().copied().collect()
    }

    /// Tells whoever watches.
    pub(crate) fn tell(&self, notice: Notice) {
        // Nobody watching is fine.
        drop(self.notices.send(notice));
    }

    /// The newest event that this relay has kept.
    pub(crate) fn newest(&self) -> Cursor {
        Cursor(self.newest.load(Ordering::Relaxed))
    }

    pub(super) fn note_newest(&self, cursor: Cursor) {
        self.newest.fetch_max(cursor.0, Ordering::Relaxed);
    }

    /// Which forwards want this event.
    pub(crate) fn wanting(&self, event: &Event) -> Vec<usize> {
        let wants = |forward: &Forward| {
            forward.types.as_ref().is_none_or(|glob| glob.matches(&event.event_type))
                && forward.filter.admits(&event.event_type, &event.request.body)
        };
        let all = self.options.forwards.iter().enumerate();
        all.filter(|(_, forward)| wants(forward)).map(|(index, _)| index).collect()
    }

    /// The endpoint of a forward.
    pub(crate) fn endpoint(&self, index: usize) -> Option<EndpointId> {
        self.options.forwards.get(index).map(|forward| forward.endpoint.id)
    }

    /// A delivery of this event to a forward: held by this relay until then, or waiting for a worker.
    pub(crate) fn delivery(&self, event: &Event, index: usize, held_until: Option<Timestamp>) -> NewDelivery {
        let now = self.clock.now();
        NewDelivery {
            id: DeliveryId::new(now, self.clock.chance()),
            event: event.id,
            endpoint: self.endpoint(index).unwrap_or(EndpointId::from_bytes([0; 20])),
            held_until,
            due_at: now,
            made: None,
        }
    }

    fn is_canned(&self, canned: &Canned) -> bool {
        let before = self.seen.fetch_add(1, Ordering::Relaxed);
        canned.first.is_none_or(|first| before < first)
    }

    pub(super) fn hold_all<'a>(&self, leases: impl IntoIterator<Item = &'a Leased>) {
        self.holding().extend(leases.into_iter().map(|leased| (leased.held.delivery, leased.held)));
    }

    fn let_go_all(&self, leases: &[Leased]) {
        for leased in leases {
            self.let_go(leased.held);
        }
    }

    pub(super) fn let_go(&self, held: Held) {
        self.holding().remove(&held.delivery);
    }

    fn holding(&self) -> std::sync::MutexGuard<'_, HashMap<DeliveryId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
