//! One attempt: the request goes out, its answer is weighed and noted.

use std::sync::Arc;

use crate::model::{Attempt, AttemptId, Event, Failure, FailureKind, Response};
use crate::policy::retry::{self, Schedule};
use crate::relay::judge::Signing;
use crate::relay::notice::Notice;
use crate::relay::options::{Ack, Forward};
use crate::relay::outgoing::{Parcel, Signer};
use crate::relay::pipeline::Pipeline;
use crate::store::{Held, Leased, Made, Next, Settled, Settlement, StoreError};

impl Pipeline {
    /// One request to an endpoint, and what came of it.
    pub(super) async fn attempt(&self, index: usize, leased: &Leased) -> Attempt {
        let permit = match self.gate(index) {
            Some(gate) => gate.acquire_owned().await.ok(),
            None => None,
        };
        let (started_at, began) = (self.clock.now(), self.clock.instant());
        let event = &leased.event;
        let (url, outcome) = match self.options.forwards.get(index) {
            Some(forward) => {
                let target = &forward.endpoint.target;
                let url = target.url(&target.request_target(event.inbox_path(), event.request.query()));
                (url, self.send(event, forward).await)
            }
            None => {
                (String::new(), Err(Failure { kind: FailureKind::Blocked, message: "no such endpoint".to_owned() }))
            }
        };
        drop(permit);
        Attempt {
            id: AttemptId::new(started_at, self.clock.chance()),
            delivery: leased.held.delivery,
            event: event.id,
            endpoint: leased.endpoint,
            number: leased.attempts + 1,
            manual: leased.otherwise.is_some(),
            method: event.request.method.clone(),
            url,
            started_at,
            duration: self.clock.instant().duration_since(began),
            outcome,
            next_attempt_at: None,
        }
    }

    async fn send(&self, event: &Event, forward: &Forward) -> Result<Response, Failure> {
        let (sending, target) = (&self.options.sending, &forward.endpoint.target);
        let parcel = if sending.resign {
            self.signed(event, forward).await?
        } else {
            Parcel::forward(event, target, &sending.extra)
        };
        self.client.exchange(&parcel.outbound(target), sending.timeout).await
    }

    async fn signed(&self, event: &Event, forward: &Forward) -> Result<Parcel, Failure> {
        let blocked = |message: String| Failure { kind: FailureKind::Blocked, message };
        let Signing { scheme, secrets } = self.judge.signing(event).await.map_err(|why| blocked(why.to_string()))?;
        let scheme = scheme.ok_or_else(|| blocked("no scheme to sign by".to_owned()))?;
        let signer = Signer { scheme: &scheme, secrets: &secrets, now: self.clock.now() };
        Parcel::signed(event, &forward.endpoint.target, &self.options.sending.extra, &signer)
            .map_err(|why| blocked(format!("cannot sign again: {why}")))
    }

    /// Notes what came of an attempt. A failure here costs another attempt later, never the event.
    pub(super) async fn settle(&self, held: Held, attempt: Attempt) {
        let (told, Made { attempt, next }) = self.decide(attempt);
        let settled = self.store.settle(Settlement { held, attempt, next }).await;
        self.settled(held, told, next, settled);
    }

    /// What to tell of an attempt, what to keep of it, and what comes next.
    pub(super) fn decide(&self, mut attempt: Attempt) -> (Arc<Attempt>, Made) {
        let next = self.next(&attempt);
        attempt.next_attempt_at = if let Next::Retry(at) = next { Some(at) } else { None };
        let told = Arc::new(attempt.clone());
        (told, Made { attempt: attempt.kept(), next })
    }

    /// An attempt is noted, or could not be.
    pub(super) fn settled(&self, held: Held, told: Arc<Attempt>, next: Next, settled: Result<Settled, StoreError>) {
        self.let_go(held);
        if !matches!(next, Next::Retry(_)) && !matches!(settled, Ok(Settled::Stale)) {
            self.counts.settled(next == Next::Delivered);
        }
        if !matches!(settled, Ok(Settled::Stale)) {
            self.counts.minutes.note(&told, self.clock.now());
        }
        match settled {
            Ok(Settled::Done) => self.tell(Notice::Attempted { attempt: told }),
            Ok(Settled::Stale) => {}
            Err(why) => {
                self.tell(Notice::Attempted { attempt: told });
                self.tell(Notice::Trouble { message: format!("an attempt could not be noted: {why}") });
            }
        }
        if let Next::Retry(_) = next {
            self.bell.notify_waiters();
        }
    }

    fn next(&self, attempt: &Attempt) -> Next {
        let none = Schedule::none();
        // A sender who was told the app's answer knows of a failure: it is not tried again behind its back.
        let schedule = match self.options.ack {
            Ack::App => &none,
            Ack::Now => &self.options.sending.retry,
        };
        match retry::next(schedule, attempt.number, &attempt.outcome, self.clock.now(), self.clock.chance()) {
            retry::Next::Delivered => Next::Delivered,
            retry::Next::Retry(at) => Next::Retry(at),
            retry::Next::Dead | retry::Next::Gone => Next::Dead,
        }
    }
}
