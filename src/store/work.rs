//! The words of the queue: what is kept, taken up, and settled.

use std::sync::Arc;

use crate::model::Attempt;
use crate::model::DeliveryId;
use crate::model::EndpointId;
use crate::model::Event;
use crate::model::EventId;
use crate::model::Health;
use crate::model::Tally;
use crate::model::Timestamp;
use crate::store::access::Record;

/// How many parked deliveries are made due in one step.
pub(super) const UNPARKED: usize = 500;

/// An event to be kept, with the deliveries that belong to it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub event: Arc<Event>,
    /// Its deliveries, kept in the same transaction.
    pub deliveries: Vec<NewDelivery>,
    /// The answer to whoever made it, kept in the same transaction.
    pub record: Option<Record>,
}

impl NewEvent {
    /// An event and its deliveries, with no answer to remember.
    #[must_use]
    pub const fn new(event: Arc<Event>, deliveries: Vec<NewDelivery>) -> Self {
        Self { event, deliveries, record: None }
    }
}

/// A delivery to be made.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// What is delivered.
    pub event: EventId,
    /// To whom.
    pub endpoint: EndpointId,
    /// `Some` if whoever makes it sends it at once and holds it until then; `None` if it waits for a worker.
    pub held_until: Option<Timestamp>,
    /// When it may be taken up, if nobody holds it.
    pub due_at: Timestamp,
    /// The attempt that whoever holds it has made already: then there is nothing left to settle.
    pub made: Option<Made>,
}

/// An attempt that was over before its delivery was kept, so that both are kept together.
#[derive(Clone, Debug)]
pub struct Made {
    /// The attempt.
    pub attempt: Attempt,
    /// What happens next.
    pub next: Next,
}

/// A delivery taken up by a worker, which alone may settle it until the lease ends.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The right to settle it.
    pub held: Held,
    /// What is delivered.
    pub event: Arc<Event>,
    /// To whom.
    pub endpoint: EndpointId,
    /// How many attempts there were before.
    pub attempts: u32,
    /// How many of them somebody had asked for; they are no part of the schedule.
    pub asked: u32,
    /// Somebody asked for this attempt; if it fails, this is what happens next. `None` if the schedule says.
    pub otherwise: Option<Next>,
}

impl Leased {
    /// The lease of whoever makes a delivery and holds it from the start.
    #[must_use]
    pub fn first(event: &Arc<Event>, new: &NewDelivery) -> Self {
        let held = Held { delivery: new.id, fence: 1 };
        Self { held, event: Arc::clone(event), endpoint: new.endpoint, attempts: 0, asked: 0, otherwise: None }
    }
}

/// The right to settle a delivery. A lease given out later has a greater fence and voids this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Grows with each lease; a delivery made with `held_until` starts with 1.
    pub fence: u64,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The right to say so.
    pub held: Held,
    /// The attempt, kept with the new state in one transaction.
    pub attempt: Attempt,
    /// What happens next.
    pub next: Next,
}

/// What happens to a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Done.
    Delivered,
    /// Another attempt at this time.
    Retry(Timestamp),
    /// Given up.
    Dead,
}

/// Whether a settlement took hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It did.
    Done,
    /// Somebody else holds the delivery by now; nothing was changed.
    Stale,
}

/// Which deliveries a worker takes up.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Those of these endpoints.
    pub endpoints: Vec<EndpointId>,
    /// At most so many, the longest due first (then in the order of their events).
    pub limit: usize,
    /// Due at this moment.
    pub now: Timestamp,
    /// Held until then.
    pub until: Timestamp,
}

impl Settlement {
    /// When the attempt ended.
    pub(super) fn ended_at(&self) -> Timestamp {
        self.attempt.started_at.plus(self.attempt.duration)
    }

    /// What it adds to the counts of its endpoint.
    pub(super) fn tally(&self) -> Tally {
        let (attempt, mut tally) = (&self.attempt, Tally::default());
        if attempt.succeeded() {
            tally.succeeded = 1;
        } else {
            tally.failed = 1;
        }
        // What somebody asked for long after says nothing about how long deliveries take.
        match self.next {
            _ if attempt.manual => {}
            Next::Delivered => {
                tally.recovered = u64::from(attempt.number > 1);
                tally.latency.add(self.ended_at().since(attempt.event.made_at()));
            }
            Next::Dead => tally.dead = 1,
            Next::Retry(_) => {}
        }
        tally
    }

    /// How its endpoint is doing after it.
    pub(super) fn health(&self, before: Health) -> Health {
        match &self.attempt {
            attempt if attempt.succeeded() => Health::default(),
            attempt if attempt.manual => before,
            attempt => {
                let dead = self.next == Next::Dead;
                let at = attempt.started_at;
                Health {
                    failing_since: before.failing_since.or(Some(at)),
                    failures: before.failures.saturating_add(1),
                    dead_since: before.dead_since.or(dead.then_some(at)),
                    deaths: before.deaths.saturating_add(u32::from(dead)),
                }
            }
        }
    }
}

/// Counts are kept for so many hours.
pub(super) const TALLY_HOURS: i64 = 90 * 24;

/// The hour since 1970 that a moment is in.
pub(super) const fn hour_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(3_600_000)
}
