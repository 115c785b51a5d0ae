//! One lane for each registered endpoint with something to do, so that a slow or dead one delays no other.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::model::{AppName, Endpoint, EndpointId, EndpointKind};
use crate::policy::limit::{Pace, Rate};
use crate::relay::in_order;
use crate::relay::notice::Notice;
use crate::relay::pipeline::{LEASE, Pipeline, Step};
use crate::store::{Leased, StoreError, Wanted};

/// How long there is no look at what is due: another process may have put something into the store.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How many deliveries are taken up at once.
const BATCH: usize = 64;
/// After so many failures in a row an endpoint gets one request at a time, until it takes one: a million deliveries that
/// wait for a dead endpoint must not keep the machine busy.
const MANY_FAILURES: u32 = 16;
/// How many endpoints are looked at in one step.
const SCAN: usize = 500;
/// How many endpoints of other kinds are kept in mind, so that they are not looked up each time.
const MAX_FOREIGN: usize = 100_000;

/// The lanes in use.
pub(crate) struct Lanes {
    open: Mutex<HashMap<EndpointId, Arc<Lane>>>,
    width: usize,
    start: Instant,
}

/// The way to one endpoint.
pub(crate) struct Lane {
    id: EndpointId,
    app: AppName,
    width: usize,
    gate: Arc<Semaphore>,
    bell: Notify,
    running: AtomicBool,
    pace: Mutex<Option<(u32, Pace)>>,
    /// How many attempts in a row were not taken.
    failures: AtomicU32,
}

impl Lanes {
    /// `width` is how many requests one endpoint gets at once.
    pub(crate) fn new(width: usize, start: Instant) -> Self {
        Self { open: Mutex::default(), width: width.max(1), start }
    }

    /// A place for a request that is sent without waiting in the store; none if it has to queue.
    pub(crate) fn place(&self, endpoint: &Endpoint) -> Option<OwnedSemaphorePermit> {
        if endpoint.rate_limit.is_some() || endpoint.ordered {
            return None;
        }
        let lane = self.lane(endpoint.id, &endpoint.app);
        if lane.is_failing() { None } else { Arc::clone(&lane.gate).try_acquire_owned().ok() }
    }

    /// Notes what came of an attempt.
    pub(super) fn note(&self, endpoint: &Endpoint, taken: bool) {
        let lane = self.lane(endpoint.id, &endpoint.app);
        if taken {
            lane.failures.store(0, Ordering::Relaxed);
        } else {
            lane.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many lanes there are.
    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    fn lane(&self, id: EndpointId, app: &AppName) -> Arc<Lane> {
        let new = || {
            Arc::new(Lane {
                id,
                app: app.clone(),
                width: self.width,
                gate: Arc::new(Semaphore::new(self.width)),
                bell: Notify::new(),
                running: AtomicBool::new(false),
                pace: Mutex::default(),
                failures: AtomicU32::new(0),
            })
        };
        Arc::clone(self.all().entry(id).or_insert_with(new))
    }

    /// Has a lane look again, if it runs.
    fn nudge(&self, id: EndpointId) -> bool {
        let all = self.all();
        let lane = all.get(&id).filter(|lane| lane.running.load(Ordering::Acquire));
        lane.inspect(|lane| lane.bell.notify_one()).is_some()
    }

    /// Forgets lanes that nobody uses.
    fn sweep(&self) {
        let now = self.start.elapsed();
        self.all().retain(|_, lane| Arc::strong_count(lane) > 1 || !lane.is_idle(now));
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<EndpointId, Arc<Lane>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// Whether it is likely that the next attempt fails too.
    fn is_failing(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= MANY_FAILURES
    }

    fn is_idle(&self, now: Duration) -> bool {
        let paced = self.pace().as_ref().is_some_and(|(_, pace)| pace.is_behind(now));
        !self.running.load(Ordering::Acquire) && self.gate.available_permits() == self.width && !paced
    }

    /// How long this endpoint's rate makes its next request wait.
    fn wait(&self, limit: Option<u32>, now: Duration) -> Duration {
        let mut pace = self.pace();
        let Some(rate) = limit.and_then(|limit| Rate::per_second(limit).ok()) else {
            *pace = None;
            return Duration::ZERO;
        };
        let wanted = limit.unwrap_or(1);
        match &mut *pace {
            Some((limit, pace)) if *limit == wanted => pace.take(now),
            other => other.insert((wanted, Pace::new(rate, wanted))).1.take(now),
        }
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Option<(u32, Pace)>> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipeline {
    /// Whoever changes an endpoint of an app says so here, and the next event sees it.
    pub fn endpoints_changed(&self, app: &AppName) {
        self.roster.forget(app);
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
                let leased = take(self, &lane, 1, endpoint.ordered).await?.pop();
                if let Some((leased, permit)) = leased.zip(Arc::clone(&lane.gate).acquire_owned().await.ok()) {
                    Arc::clone(self).deliver(leased, permit).await;
                    return Ok(Step::Settled);
                }
                until = until.into_iter().chain([due]).min();
            }
        }
    }
}

/// Delivers what is due in a lane until there is nothing left.
async fn run(pipeline: Arc<Pipeline>, lane: Arc<Lane>) {
    while !pipeline.stopping.is_cancelled() {
        let rung = lane.bell.notified();
        let rest = match send_due(&pipeline, &lane).await {
            Ok(true) => continue,
            // What is under way may come back for another try at once, and makes room when it is done.
            Ok(false) if lane.gate.available_permits() < lane.width => LONGEST_REST,
            Ok(false) => {
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

/// Sends what is due and has room; says whether there was something.
async fn send_due(pipeline: &Arc<Pipeline>, lane: &Arc<Lane>) -> Result<bool, StoreError> {
    let endpoint = pipeline.roster.find(&lane.app, lane.id).await?;
    let limit = endpoint.as_ref().and_then(|endpoint| endpoint.rate_limit);
    let ordered = endpoint.is_some_and(|endpoint| endpoint.ordered);
    let (free, failing) = (lane.gate.available_permits(), lane.is_failing());
    if free == 0 || (ordered || failing) && free < lane.width {
        return Ok(false);
    }
    if limit.is_some() {
        let due = pipeline.store.next_due(&[lane.id]).await?;
        if due.is_none_or(|due| due > pipeline.clock.now()) {
            return Ok(false);
        }
        tokio::time::sleep(lane.wait(limit, pipeline.lanes.start.elapsed())).await;
    }
    let room = if limit.is_some() || failing { 1 } else { free.min(BATCH) };
    let leased = take(pipeline, lane, room, ordered).await?;
    let some = !leased.is_empty();
    for leased in leased {
        let Ok(permit) = Arc::clone(&lane.gate).acquire_owned().await else { break };
        let (own, lane) = (Arc::clone(pipeline), Arc::clone(lane));
        pipeline.tasks.spawn(async move {
            own.deliver(leased, permit).await;
            lane.bell.notify_one();
        });
    }
    Ok(some)
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
        let rest = match wake_due(&pipeline, &mut foreign).await {
            Ok(rest) => rest,
            Err(why) => {
                pipeline.tell(Notice::Trouble { message: format!("deliveries wait: {why}") });
                LONGEST_REST
            }
        };
        pipeline.lanes.sweep();
        // Looking never takes more than a tenth of the time.
        let least = pipeline.clock.instant().duration_since(began).saturating_mul(9);
        tokio::select! {
            () = tokio::time::sleep(rest.max(least)) => {}
            () = pipeline.bell.notified() => {}
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
            if foreign.contains(&id) {
                continue;
            }
            if due > now {
                rest = rest.min(due.since(now));
                continue;
            }
            // What a node held that died falls due while others are busy with the same endpoint.
            if pipeline.lanes.nudge(id) {
                continue;
            }
            match pipeline.store.endpoint(id).await? {
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
