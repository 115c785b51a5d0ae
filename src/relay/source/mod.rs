//! Where events come from when there is no inbox: a relay elsewhere, a stream, another program's Redis.

mod dial;
mod recent;
pub mod redis;
#[cfg(test)]
mod simulation;
pub mod stream;
pub mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::{DeliveryState, Event};
use crate::net::Incoming;
use crate::relay::notice::{Label, Notice};
use crate::relay::pipeline::{LEASE, Pipeline};
use crate::relay::reply::{Receipt, Reply};
use crate::relay::source::redis::Streams;
use crate::relay::source::stream::Stream;
use crate::store::{Leased, StoreError};

pub use crate::relay::source::dial::{Dial, DialError, Link};

/// How long nobody comes back at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Where events come from.
pub enum Source {
    /// A relay elsewhere, already connected to.
    Tunnel(Box<Dial>, Box<Link>),
    /// A stream of server-sent events, already connected to.
    Stream(Box<Stream>, Box<Incoming>),
    /// Redis Streams.
    Redis(Box<Streams>),
}

impl Source {
    /// Passes on what comes until told to stop; what is under way then comes to its end.
    pub(super) async fn run(self, pipeline: Arc<Pipeline>, stop: CancellationToken) {
        match self {
            Self::Tunnel(dial, link) => tunnel::run(*dial, *link, pipeline, stop).await,
            Self::Stream(stream, first) => stream.run(*first, pipeline, stop).await,
            Self::Redis(streams) => streams.run(pipeline, stop).await,
        }
    }
}

/// Longer and longer waits, each a little by chance so that not all come back at once.
struct Backoff {
    next: Duration,
}

impl Backoff {
    const fn new() -> Self {
        Self { next: FIRST_WAIT }
    }

    /// Says why there is no connection, and waits before the next try, or until told to stop.
    async fn rest(&mut self, reason: String, pipeline: &Pipeline, stop: &CancellationToken) {
        let wait = self.wait(pipeline);
        pipeline.tell(Notice::Reconnecting { reason, wait });
        stop.run_until_cancelled(tokio::time::sleep(wait)).await;
    }

    /// The next wait.
    fn wait(&mut self, pipeline: &Pipeline) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST_WAIT);
        let chance = u32::try_from(pipeline.clock.chance() % 1000).unwrap_or(0);
        wait / 2 + (wait / 2).saturating_mul(chance) / 1000
    }
}

impl Pipeline {
    /// Takes in an event that was named, and perhaps judged, elsewhere.
    async fn carry(self: &Arc<Self>, event: Event) -> Result<Receipt, StoreError> {
        let mut finding = self.judge.look(&event.app, &event.request).await?;
        // A secret that was given here counts more than what was found out there.
        if self.options.judging.secrets.is_empty() {
            finding.verdict.clone_from(&event.verdict);
        }
        finding.event_type.clone_from(&event.event_type);
        let event = Arc::new(Event { verdict: finding.verdict.clone(), ..event });
        let reply = self.route(&event, &finding).await?;
        Ok(Receipt { event: event.id, reply })
    }

    /// Takes in an event that may have come before; says whether the app answered it, now or then.
    async fn bring(self: &Arc<Self>, event: Arc<Event>) -> Result<bool, StoreError> {
        if self.store.event(event.id).await?.is_none() {
            let receipt = self.carry((*event).clone()).await?;
            return Ok(!matches!(receipt.reply, Reply::NoAnswer(_)));
        }
        let (before, mut wanting) = (self.store.deliveries(event.id).await?, self.wanting(&event));
        let is_done = |index: &usize| {
            let endpoint = self.endpoint(*index);
            before.iter().any(|old| Some(old.endpoint) == endpoint && old.state == DeliveryState::Delivered)
        };
        wanting.retain(|index| !is_done(index));
        let until = self.clock.now().plus(LEASE);
        let deliveries: Vec<_> = wanting.iter().map(|index| self.delivery(&event, *index, Some(until))).collect();
        let leases: Vec<_> = deliveries.iter().map(|delivery| Leased::first(&event, delivery)).collect();
        self.store.enqueue(deliveries).await?;
        self.hold_all(&leases);
        self.counts.received(leases.len());
        self.tell(Notice::Received { event: Arc::clone(&event), label: Label::default(), deliveries: leases.len() });
        let mut answered = true;
        for (leased, index) in leases.into_iter().zip(wanting) {
            let attempt = self.attempt(index, &leased).await;
            answered &= attempt.outcome.is_ok();
            self.settle(leased.held, attempt).await;
        }
        Ok(answered)
    }
}
