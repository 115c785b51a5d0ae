//! The way to one registered endpoint: who is on it, and how many may be.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::model::{AppName, Endpoint, EndpointId, Timestamp};
use crate::policy::limit::{Pace, Rate};

/// How many deliveries are taken up at once.
pub(super) const BATCH: usize = 64;
/// After so many failures in a row an endpoint gets one request at a time, until it takes one: a million deliveries that
/// wait for a dead endpoint must not keep the machine busy.
const MANY_FAILURES: u32 = 16;
/// How many deliveries of one lane are in memory beyond those under way: to read each from the store again, for itself,
/// costs more than to send it.
const LINE: usize = 4 * BATCH;
/// How many bytes of bodies wait in all lines; what comes then waits in the store.
const LINE_BYTES: usize = 64 << 20;

/// The lanes in use.
pub(crate) struct Lanes {
    open: Mutex<HashMap<EndpointId, Arc<Lane>>>,
    width: usize,
    pub(super) start: Instant,
    /// How many bytes of bodies are in memory for all lanes.
    bytes: Arc<AtomicUsize>,
}

/// The way to one endpoint.
pub(crate) struct Lane {
    pub(super) id: EndpointId,
    pub(super) app: AppName,
    width: usize,
    pub(super) gate: Arc<Semaphore>,
    pub(super) bell: Notify,
    pub(super) running: AtomicBool,
    /// How many deliveries of it are in memory, under way or in line.
    pub(super) inside: AtomicUsize,
    /// The bell rings when there are fewer than so many.
    awaited: AtomicUsize,
    pace: Mutex<Option<(u32, Pace)>>,
    /// How many attempts in a row were not taken.
    failures: AtomicU32,
    /// Until when it asked to be left alone, in milliseconds.
    paused: AtomicI64,
}

/// A place in a lane's line, kept until the delivery is done.
pub(crate) struct Place {
    lane: Arc<Lane>,
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Place {
    pub(super) fn new(lanes: &Lanes, lane: Arc<Lane>, bytes: usize) -> Self {
        lane.inside.fetch_add(1, Ordering::SeqCst);
        lanes.bytes.fetch_add(bytes, Ordering::AcqRel);
        Self { lane, all: Arc::clone(&lanes.bytes), bytes }
    }

    /// Until when its endpoint is to be left alone, if that is so.
    pub(super) fn paused(&self, now: Timestamp) -> Option<Timestamp> {
        self.lane.paused(now)
    }

    /// Waits until its endpoint has room for one more request.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.lane.gate).acquire_owned().await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::AcqRel);
        let inside = self.lane.inside.fetch_sub(1, Ordering::SeqCst) - 1;
        if inside < self.lane.awaited.load(Ordering::SeqCst) {
            self.lane.bell.notify_one();
        }
    }
}

impl Lanes {
    /// `width` is how many requests one endpoint gets at once.
    pub(crate) fn new(width: usize, start: Instant) -> Self {
        Self { open: Mutex::default(), width: width.max(1), start, bytes: Arc::default() }
    }

    /// A place for a delivery of so many bytes that does not wait in the store; none if it has to, since its turn is not
    /// soon, or others that wait there come first.
    pub(crate) fn place(&self, endpoint: &Endpoint, bytes: usize, now: Timestamp) -> Option<Place> {
        if endpoint.rate_limit.is_some() || endpoint.ordered {
            return None;
        }
        let lane = self.lane(endpoint.id, &endpoint.app);
        let room = if lane.running.load(Ordering::Acquire) { lane.width } else { lane.width + LINE };
        let fits = lane.inside.load(Ordering::Acquire) < room && !self.are_full();
        (fits && !lane.is_failing() && lane.paused(now).is_none()).then(|| Place::new(self, lane, bytes))
    }

    /// Notes that an attempt was taken.
    pub(super) fn taken(&self, endpoint: &Endpoint) {
        let lane = self.lane(endpoint.id, &endpoint.app);
        lane.failures.store(0, Ordering::Relaxed);
        lane.paused.store(0, Ordering::Relaxed);
    }

    /// Notes that an attempt was not taken, and until when the endpoint asked to be left alone.
    pub(super) fn refused(&self, endpoint: &Endpoint, until: Option<Timestamp>) {
        let lane = self.lane(endpoint.id, &endpoint.app);
        lane.failures.fetch_add(1, Ordering::Relaxed);
        if let Some(until) = until {
            lane.paused.fetch_max(until.millis(), Ordering::Relaxed);
        }
    }

    /// Until when the endpoint is to be left alone, if that is so.
    pub(super) fn paused(&self, id: EndpointId, now: Timestamp) -> Option<Timestamp> {
        self.all().get(&id)?.paused(now)
    }

    /// Whether bodies take so much room that no more is taken up than goes out at once.
    pub(super) fn are_full(&self) -> bool {
        self.bytes.load(Ordering::Acquire) >= LINE_BYTES
    }

    /// How many lanes there are.
    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    pub(super) fn lane(&self, id: EndpointId, app: &AppName) -> Arc<Lane> {
        let new = || {
            Arc::new(Lane {
                id,
                app: app.clone(),
                width: self.width,
                gate: Arc::new(Semaphore::new(self.width)),
                bell: Notify::new(),
                running: AtomicBool::new(false),
                inside: AtomicUsize::new(0),
                awaited: AtomicUsize::new(0),
                pace: Mutex::default(),
                failures: AtomicU32::new(0),
                paused: AtomicI64::new(0),
            })
        };
        Arc::clone(self.all().entry(id).or_insert_with(new))
    }

    pub(super) fn is_running(&self, id: EndpointId) -> bool {
        self.all().get(&id).is_some_and(|lane| lane.running.load(Ordering::Acquire))
    }

    /// Forgets lanes that nobody uses.
    pub(super) fn sweep(&self, now: Timestamp) {
        let elapsed = self.start.elapsed();
        let idle = |lane: &Lane| lane.is_idle(elapsed) && lane.paused(now).is_none();
        self.all().retain(|_, lane| Arc::strong_count(lane) > 1 || !idle(lane));
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<EndpointId, Arc<Lane>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// Whether it is likely that the next attempt fails too.
    pub(super) fn is_failing(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= MANY_FAILURES
    }

    /// Until when it asked to be left alone, if that is so.
    pub(super) fn paused(&self, now: Timestamp) -> Option<Timestamp> {
        let until = Timestamp::from_millis(self.paused.load(Ordering::Relaxed));
        (until > now).then_some(until)
    }

    /// How many more are sent before others are read from the store, and how many are read at once.
    pub(super) fn line(&self, singly: bool, paced: bool, full: bool) -> (usize, usize) {
        match () {
            () if singly || self.is_failing() => (1, 1),
            () if paced => (self.width, 1),
            () if full => (self.width, self.width.min(BATCH)),
            // A few at a time would cost a transaction each.
            () => (self.width + LINE - BATCH, BATCH),
        }
    }

    fn is_idle(&self, now: Duration) -> bool {
        let paced = self.pace().as_ref().is_some_and(|(_, pace)| pace.is_behind(now));
        !self.running.load(Ordering::Acquire) && self.inside.load(Ordering::Acquire) == 0 && !paced
    }

    /// Whether fewer than `most` of its deliveries are in memory; if not, the bell rings when it is so.
    pub(super) fn has_room(&self, most: usize) -> bool {
        self.awaited.store(most, Ordering::SeqCst);
        let room = self.inside.load(Ordering::SeqCst) < most;
        if room {
            self.awaited.store(0, Ordering::SeqCst);
        }
        room
    }

    /// How long this endpoint's rate makes its next request wait.
    pub(super) fn wait(&self, limit: Option<u32>, now: Duration) -> Duration {
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
