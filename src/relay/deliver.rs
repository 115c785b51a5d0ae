//! One delivery to a registered endpoint: signed, sent, weighed, noted, and what it means for the endpoint.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Attempt, AttemptId, Disabled, DisabledBy, Endpoint, Failure, FailureKind, Response, Target, Timestamp,
};
use crate::policy::retry;
use crate::relay::lane::Place;
use crate::relay::notice::Notice;
use crate::relay::outgoing::Parcel;
use crate::relay::pipeline::Pipeline;
use crate::relay::roster;
use crate::sign;
use crate::store::{Held, Leased, Next, Settled, Settlement, StoreError};

/// So many redirects are followed, for endpoints that allow it.
const MAX_HOPS: usize = 2;

/// Lets a delivery go if its task panics, or its lease would be extended for as long as the relay lives.
struct Hold<'a> {
    pipeline: &'a Pipeline,
    held: Held,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.pipeline.let_go(self.held);
        }
    }
}

impl Pipeline {
    /// Makes one attempt of a delivery that was taken up, once its endpoint has room for it.
    pub(crate) async fn deliver_in_turn(self: Arc<Self>, leased: Leased, place: Place) {
        let turn = tokio::select! {
            biased;
            turn = place.turn() => turn,
            // It stays held, and goes back to the store with all that is.
            () = self.stopping.cancelled() => return,
        };
        let held = leased.held;
        let _hold = Hold { pipeline: &self, held };
        // Somebody's own wish is not put off.
        let paused = place.paused(self.clock.now()).filter(|_| leased.otherwise.is_none());
        let done = match paused {
            Some(until) => self.put_off(held, until).await,
            None => self.try_to_deliver(leased).await,
        };
        if let Err(why) = done {
            self.let_go(held);
            self.tell(Notice::Trouble { message: format!("a delivery waits: {why}") });
        }
        // The next in line starts before this place is given up.
        drop(turn);
        drop(place);
    }

    /// Gives a delivery back to the store, due then.
    async fn put_off(&self, held: Held, until: Timestamp) -> Result<(), StoreError> {
        self.store.release(vec![held], until).await?;
        self.let_go(held);
        Ok(())
    }

    async fn try_to_deliver(self: &Arc<Self>, leased: Leased) -> Result<(), StoreError> {
        let event = &leased.event;
        let endpoint = self.roster.find(&event.app, leased.endpoint).await?;
        let asked = leased.otherwise.is_some();
        let wanted = endpoint.filter(|one| asked || roster::suits(one, &event.event_type, &event.marks.channels));
        let Some(endpoint) = wanted.filter(|_| !event.marks.expunged) else {
            self.let_go(leased.held);
            self.counts.settled(false);
            return self.store.skip(leased.held, leased.otherwise.unwrap_or(Next::Dead)).await;
        };
        if endpoint.disabled.is_some() {
            self.let_go(leased.held);
            // It waits until the endpoint is switched on.
            return self.store.skip(leased.held, leased.otherwise.unwrap_or(Next::Retry(Timestamp::NEVER))).await;
        }
        let mut attempt = self.knock(&endpoint, &leased).await;
        let next = self.next_at(&endpoint, &leased, &attempt);
        if attempt.succeeded() {
            self.lanes.taken(&endpoint);
        } else {
            self.lanes.refused(&endpoint, self.pause(&attempt, next));
        }
        attempt.next_attempt_at = if let Next::Retry(at) = next { Some(at) } else { None };
        let (held, told) = (leased.held, Arc::new(attempt.clone()));
        let settled = self.store.settle(Settlement { held, attempt: attempt.kept(), next }).await;
        let done = matches!(settled, Ok(Settled::Done));
        self.settled(held, Arc::clone(&told), next, settled);
        if done { self.after(&endpoint, &told, &leased, next).await } else { Ok(()) }
    }

    /// One request, its redirects included.
    async fn knock(&self, endpoint: &Endpoint, leased: &Leased) -> Attempt {
        let (started_at, began) = (self.clock.now(), self.clock.instant());
        let outcome = match self.parcel_for(endpoint, leased) {
            Ok(parcel) => self.send_along(endpoint, parcel).await,
            Err(message) => Err(Failure { kind: FailureKind::Blocked, message }),
        };
        Attempt {
            id: AttemptId::new(started_at, self.clock.chance()),
            delivery: leased.held.delivery,
            event: leased.event.id,
            endpoint: endpoint.id,
            number: leased.attempts + 1,
            manual: leased.otherwise.is_some(),
            method: "POST".to_owned(),
            url: endpoint.target.url(&endpoint.target.request_target("", None)),
            started_at,
            duration: self.clock.instant().duration_since(began),
            outcome,
            next_attempt_at: None,
        }
    }

    fn parcel_for(&self, endpoint: &Endpoint, leased: &Leased) -> Result<Parcel, String> {
        let (name, now) = (&endpoint.scheme, self.clock.now());
        let scheme = sign::preset(name).ok_or_else(|| format!("there is no scheme \"{name}\" to sign by"))?;
        Parcel::for_endpoint(&leased.event, endpoint, &scheme, now, leased.attempts)
            .map_err(|why| format!("cannot sign: {why}"))
    }

    async fn send_along(&self, endpoint: &Endpoint, mut parcel: Parcel) -> Result<Response, Failure> {
        let deadline = self.options.sending.timeout.unwrap_or(Duration::from_secs(30));
        let began = self.clock.instant();
        let mut target: Cow<'_, Target> = Cow::Borrowed(&endpoint.target);
        for hop in 0..=MAX_HOPS {
            let left = deadline.saturating_sub(self.clock.instant().duration_since(began));
            let answer = self.client.exchange(&parcel.outbound(&target), Some(left)).await?;
            let follows = endpoint.redirects && matches!(answer.status, 301 | 302 | 307 | 308) && hop < MAX_HOPS;
            let location = answer.headers.text("location").filter(|_| follows);
            let Some(next) = location.and_then(|location| target.redirected(location)) else { return Ok(answer) };
            if target.is_tls() && !next.is_tls() {
                return Ok(answer);
            }
            parcel = parcel.moved(&endpoint.target, &next);
            target = Cow::Owned(next);
        }
        Err(Failure { kind: FailureKind::Malformed, message: "it redirects for ever".to_owned() })
    }

    fn next_at(&self, endpoint: &Endpoint, leased: &Leased, attempt: &Attempt) -> Next {
        if attempt.succeeded() {
            return Next::Delivered;
        }
        let mut schedule = self.options.sending.retry.clone();
        if !endpoint.redirects {
            schedule = schedule.at_most_twice();
        }
        let schedule = &schedule;
        // What somebody asked for is no part of the schedule, and leaves things as they were if it fails.
        let number = attempt.number.saturating_sub(leased.asked);
        let (now, chance) = (self.clock.now(), self.clock.chance());
        let next = match retry::next(schedule, number, &attempt.outcome, now, chance) {
            // Where a redirect is a failure like any other, 410 is one too.
            retry::Next::Gone if !endpoint.redirects => retry::again(schedule, number, &attempt.outcome, now, chance),
            next => next,
        };
        match next {
            retry::Next::Delivered => Next::Delivered,
            _ if leased.otherwise.is_some() => leased.otherwise.unwrap_or(Next::Dead),
            retry::Next::Retry(at) => Next::Retry(at),
            retry::Next::Dead | retry::Next::Gone => Next::Dead,
        }
    }

    /// Until when the endpoint asked to be left alone. Its own schedule may end before.
    fn pause(&self, attempt: &Attempt, next: Next) -> Option<Timestamp> {
        let (answer, now) = (attempt.outcome.as_ref().ok()?, self.clock.now());
        let busy = matches!(answer.status, 429 | 502 | 503 | 504);
        let asked = retry::retry_after(&answer.headers, now).filter(|_| busy)?;
        let until = now.plus(self.options.sending.retry.asked(asked));
        Some(if let Next::Retry(at) = next { until.min(at) } else { until })
    }

    /// Switches an endpoint off; says whether this did it.
    pub(super) async fn disable(&self, endpoint: &Endpoint, why: DisabledBy) -> Result<bool, StoreError> {
        let did = self.store.disable_endpoint(endpoint.id, Disabled { at: self.clock.now(), why }).await?;
        self.roster.forget(&endpoint.app);
        Ok(did)
    }
}
