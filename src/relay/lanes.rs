//! One lane for each registered endpoint with something to do, so that a slow or dead one delays no other.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::{AppName, Endpoint, EndpointId, EndpointKind, Timestamp};
use crate::relay::in_order;
use crate::relay::lane::{Lane, Place};
use crate::relay::notice::Notice;
use crate::relay::pipeline::{LEASE, Pipeline, Step};
use crate::store::{Leased, StoreError, Wanted};

/// How long there is no look at what is due: another process may have put something into the store.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How long there is none at most where a look takes long.
const MOST_REST: Duration = Duration::from_secs(5);
/// How many endpoints are looked at in one step.
const SCAN: usize = 500;
/// How many endpoints of other kinds are kept in mind, so that they are not looked up each time.
const MAX_FOREIGN: usize = 100_000;

impl Pipeline {
    /// Whoever changes an endpoint says so here: the next event sees it, and what was parked while it
    /// was switched off goes out if it no longer is.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn endpoint_changed(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.roster.forget(&endpoint.app);
        self.unpark(endpoint).await
    }

    /// Makes due what was parked for an endpoint that is not switched off any more.
    async fn unpark(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        if endpoint.disabled.is_some() {
            return Ok(());
        }
        let mut some = false;
        while self.store.unpark(endpoint.id, self.clock.now()).await? > 0 {
            some = true;
        }
        if some {
            self.bell.notify_waiters();
        }
        Ok(())
    }

    /// Tells a lane that there is something to do.
    pub(crate) fn ring(self: &Arc<Self>, endpoint: EndpointId, app: &AppName) {
        let lane = self.lanes.lane(endpoint, app);
        lane.bell.notify_one();
        if !lane.running.swap(true, Ordering::AcqRel) {
            self.tasks.spawn(run(Arc::clone(self), lane));
        }
    }
}

impl Pipeline {
    /// Takes up one delivery that is due at a registered endpoint and makes one attempt.
    pub(super) async fn step_in_lane(self: &Arc<Self>) -> Result<Step, StoreError> {
        let (mut after, mut until) = (None, None);
        loop {
            let busy = self.store.busy(after, SCAN).await?;
            let Some((last, _)) = busy.last() else { return Ok(Step::Idle { until }) };
            after = Some(*last);
            for (id, due) in busy {
                let endpoint = self.store.endpoint(id).await?;
                let Some(endpoint) = endpoint.filter(|one| one.kind == EndpointKind::Registered) else { continue };
                let lane = self.lanes.lane(id, &endpoint.app);
                if let Some(pause) = lane.paused(self.clock.now()) {
                    until = until.into_iter().chain([pause]).min();
                    continue;
                }
                let leased = take(self, &lane, 1, endpoint.ordered).await?.pop();
                if let Some(leased) = leased {
                    let place = Place::new(&self.lanes, lane, leased.event.request.body.len());
                    Arc::clone(self).deliver_in_turn(leased, place).await;
                    return Ok(Step::Settled);
                }
                until = until.into_iter().chain(Some(due).filter(|due| *due < Timestamp::NEVER)).min();
            }
        }
    }
}

/// Delivers what is due in a lane until there is nothing left.
async fn run(pipeline: Arc<Pipeline>, lane: Arc<Lane>) {
    while !pipeline.stopping.is_cancelled() {
        let rung = lane.bell.notified();
        let rest = match send_due(&pipeline, &lane).await {
            Ok(Look::Sent) => continue,
            Ok(Look::Full) => LONGEST_REST,
            Ok(Look::Nothing) => {
                lane.running.store(false, Ordering::Release);
                let again = tokio::time::timeout(Duration::ZERO, rung).await.is_ok();
                if again && !lane.running.swap(true, Ordering::AcqRel) {
                    continue;
                }
                return;
            }
            Err(why) => {
                pipeline.tell(Notice::Trouble { message: format!("deliveries wait: {why}") });
                LONGEST_REST
            }
        };
        tokio::select! {
            () = rung => {}
            () = tokio::time::sleep(rest) => {}
            () = pipeline.stopping.cancelled() => {}
        }
    }
    lane.running.store(false, Ordering::Release);
}

/// What a look at a lane came to.
enum Look {
    /// Something is on its way.
    Sent,
    /// There is no room for more.
    Full,
    /// Nothing is due.
    Nothing,
}

/// Sends what is due and has room.
async fn send_due(pipeline: &Arc<Pipeline>, lane: &Arc<Lane>) -> Result<Look, StoreError> {
    let endpoint = pipeline.roster.find(&lane.app, lane.id).await?;
    let limit = endpoint.as_ref().and_then(|endpoint| endpoint.rate_limit);
    let ordered = endpoint.is_some_and(|endpoint| endpoint.ordered);
    if lane.paused(pipeline.clock.now()).is_some() {
        return Ok(Look::Nothing);
    }
    let (most, batch) = lane.line(ordered, limit.is_some(), pipeline.lanes.are_full());
    if !lane.has_room(most) {
        return Ok(Look::Full);
    }
    if limit.is_some() {
        let due = pipeline.store.next_due(&[lane.id]).await?;
        if due.is_none_or(|due| due > pipeline.clock.now()) {
            return Ok(Look::Nothing);
        }
        tokio::time::sleep(lane.wait(limit, pipeline.lanes.start.elapsed())).await;
    }
    let leased = take(pipeline, lane, batch, ordered).await?;
    let look = if leased.is_empty() { Look::Nothing } else { Look::Sent };
    for leased in leased {
        let place = Place::new(&pipeline.lanes, Arc::clone(lane), leased.event.request.body.len());
        pipeline.tasks.spawn(Arc::clone(pipeline).deliver_in_turn(leased, place));
    }
    Ok(look)
}

async fn take(pipeline: &Pipeline, lane: &Lane, room: usize, ordered: bool) -> Result<Vec<Leased>, StoreError> {
    let now = pipeline.clock.now();
    let until = now.plus(LEASE);
    let leased = if ordered {
        in_order::take(pipeline.store.as_ref(), lane.id, now, until).await?
    } else {
        pipeline.store.lease(Wanted { endpoints: vec![lane.id], limit: room, now, until }).await?
    };
    pipeline.hold_all(&leased);
    Ok(leased)
}

/// Wakes the lanes of what falls due, until told to stop.
pub(crate) async fn watch(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let mut foreign: HashSet<EndpointId> = HashSet::new();
    while !stop.is_cancelled() {
        let began = pipeline.clock.instant();
        // Rung while there is a look, it is heard too.
        let bell = pipeline.bell.notified();
        let rest = match wake_due(&pipeline, &mut foreign).await {
            // Looking takes a tenth of the time, unless that means a long rest.
            Ok(rest) => rest.max(pipeline.clock.instant().duration_since(began).saturating_mul(9).min(MOST_REST)),
            // A store that answers too late is no reason to look later still.
            Err(why) => {
                pipeline.tell(Notice::Trouble { message: format!("deliveries wait: {why}") });
                LONGEST_REST
            }
        };
        pipeline.lanes.sweep(pipeline.clock.now());
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = bell => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Wakes the lanes of what is due; gives back how long there is nothing else.
async fn wake_due(pipeline: &Arc<Pipeline>, foreign: &mut HashSet<EndpointId>) -> Result<Duration, StoreError> {
    let (mut after, mut rest) = (None, LONGEST_REST);
    loop {
        let busy = pipeline.store.busy(after, SCAN).await?;
        let now = pipeline.clock.now();
        after = busy.last().map(|(id, _)| *id);
        let more = busy.len() == SCAN;
        for (id, due) in busy {
            if foreign.contains(&id) || pipeline.lanes.is_running(id) {
                continue;
            }
            let parked = due >= Timestamp::NEVER;
            let due = due.max(pipeline.lanes.paused(id, now).unwrap_or(now));
            if due > now && !parked {
                rest = rest.min(due.since(now));
                continue;
            }
            match pipeline.store.endpoint(id).await? {
                // Whoever switched it on may have done so elsewhere.
                Some(endpoint) if parked => pipeline.unpark(&endpoint).await?,
                Some(endpoint) if endpoint.kind == EndpointKind::Registered => pipeline.ring(id, &endpoint.app),
                _ => {
                    if foreign.len() >= MAX_FOREIGN {
                        foreign.clear();
                    }
                    foreign.insert(id);
                }
            }
        }
        if !more {
            return Ok(rest);
        }
    }
}
