//! Both ends of the tunnel in a simulated world: time and chance from a seed, connections that are slow, held, silent
//! or cut anywhere, listeners and relays that die. What runs is the real thing but for the sockets and the app.

mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::duplex;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, NoRandomness};
use crate::model::{CapturedRequest, EventId, Failure, FailureKind, Headers, Timestamp};
use crate::net::{ClientOptions, Limits, Upgraded};
use crate::relay::feed::Feed;
use crate::relay::notice::Notice;
use crate::relay::options::{Access, Ack, Answering, Canned, Disabling, Judging, Options, Sending, Tunnel, Validating};
use crate::relay::pipeline::Pipeline;
use crate::relay::source::dial::{Call, DialError, Link, greet};
use crate::relay::source::simulation::way::way;
use crate::relay::source::tunnel;
use crate::relay::tunnel::Hub;
use crate::relay::tunnel::session;
use crate::relay::tunnel::words::{Hello, VERSION};
use crate::store::{self, OpenOptions, Retention, Store};

/// How long it is stormy, and how long it may take until all is well after that.
const STORM: Duration = Duration::from_secs(60);
const CALM: Duration = Duration::from_secs(300);
/// Names of listeners, and whether it is that of a group.
const LISTENERS: [(&str, bool); 4] = [("a", false), ("b", false), ("g", true), ("g", true)];
const EVENTS: usize = 40;

/// Time as the simulation has it, and chance from its seed.
struct Simulated {
    began: Instant,
    chance: Mutex<fastrand::Rng>,
}

impl Simulated {
    fn below(&self, most: u64) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).u64(..most)
    }

    fn millis(&self, most: u64) -> Duration {
        Duration::from_millis(self.below(most))
    }
}

impl Clock for Simulated {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_760_000_000).plus(self.began.elapsed())
    }

    fn instant(&self) -> std::time::Instant {
        Instant::now().into_std()
    }

    fn chance(&self) -> u128 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).u128(..)
    }

    fn key(&self) -> Result<[u8; 32], NoRandomness> {
        Ok([7; 32])
    }
}

/// All there is.
struct World {
    clock: Arc<Simulated>,
    store: Arc<dyn Store>,
    relay: Mutex<Option<Relay>>,
    ways: [Mutex<Weather>; LISTENERS.len()],
    seen: Mutex<Seen>,
}

/// A relay that lives.
#[derive(Clone)]
struct Relay {
    pipeline: Arc<Pipeline>,
    hub: Arc<Hub>,
    life: CancellationToken,
}

/// What is the matter with the way of a listener.
#[derive(Clone, Copy)]
struct Weather {
    held: Instant,
    silent: Instant,
    /// Changes when all its connections are cut.
    cut: u64,
}

/// What everybody saw.
#[derive(Default)]
struct Seen {
    /// What senders were told is kept.
    acknowledged: BTreeSet<EventId>,
    answered: usize,
    /// What each name got, over all its lives.
    got: BTreeMap<&'static str, BTreeSet<EventId>>,
    wrong: Vec<String>,
}

fn options(canned: Option<Canned>) -> Options {
    Options {
        forwards: Vec::new(),
        ack: Ack::App,
        canned,
        judging: Judging::default(),
        answering: Answering::default(),
        sending: Sending {
            extra: Headers::new(),
            resign: false,
            timeout: None,
            concurrency: 8,
            ordered: false,
            retry: "none".parse().unwrap(),
            client: ClientOptions::default(),
        },
        validating: Validating::Off,
        disabling: Disabling::default(),
        limits: Limits::default(),
        retention: Retention { age: None, bytes: None },
        listener: None,
        access: Access::default(),
        tunnel: Tunnel::default(),
    }
}

impl World {
    fn new(seed: u64) -> Arc<Self> {
        let now = Instant::now();
        let clock = Arc::new(Simulated { began: now, chance: Mutex::new(fastrand::Rng::with_seed(seed)) });
        let fair = || Mutex::new(Weather { held: now, silent: now, cut: 0 });
        Arc::new(Self {
            clock,
            store: store::open("memory:", &OpenOptions::default()).unwrap(),
            relay: Mutex::default(),
            ways: std::array::from_fn(|_| fair()),
            seen: Mutex::default(),
        })
    }

    fn pipeline(&self, store: &Arc<dyn Store>, canned: Option<Canned>) -> Arc<Pipeline> {
        let clock: Arc<dyn Clock> = Arc::<Simulated>::clone(&self.clock);
        Arc::new(Pipeline::new(options(canned), Arc::clone(store), clock).unwrap())
    }

    fn start_relay(&self) {
        let pipeline = self.pipeline(&self.store, None);
        let feed = Arc::new(Feed::new(Arc::clone(&pipeline)));
        let hub = Arc::new(Hub::new(Arc::clone(&pipeline), feed));
        *self.relay() = Some(Relay { pipeline, hub, life: CancellationToken::new() });
    }

    /// Without a last word to anybody; what it had in mind is gone, what it had kept is not.
    fn kill_relay(&self) {
        if let Some(relay) = self.relay().take() {
            relay.life.cancel();
            relay.pipeline.stopping.cancel();
        }
    }

    fn weather(&self, listener: usize) -> std::sync::MutexGuard<'_, Weather> {
        self.ways[listener].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn relay(&self) -> std::sync::MutexGuard<'_, Option<Relay>> {
        self.relay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody sends an event, if there is a relay.
    async fn send(self: Arc<Self>, number: usize) {
        let Some(relay) = self.relay().clone() else { return };
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/default".to_owned(),
            headers: Headers::new(),
            body: vec![b'x'; number * 397 % 5000].into(),
            remote: String::new(),
            received_at: self.clock.now(),
        };
        let began = Instant::now();
        let receipt = tokio::select! {
            receipt = relay.pipeline.ingest("default".parse().unwrap(), request) => receipt.unwrap(),
            () = relay.life.cancelled() => return,
        };
        let mut seen = self.seen();
        if began.elapsed() > Tunnel::default().hold + Duration::from_secs(1) {
            seen.wrong.push(format!("a sender waited {:?}", began.elapsed()));
        }
        seen.answered += usize::from(matches!(receipt.reply, crate::relay::reply::Reply::Answered(_)));
        seen.acknowledged.insert(receipt.event);
    }
}

/// A way to call the relay of a world.
struct SimulatedCall {
    world: Arc<World>,
    listener: usize,
    hello: Hello,
}

impl Call for SimulatedCall {
    fn hello(&mut self) -> &mut Hello {
        &mut self.hello
    }

    fn is_ordered(&self) -> bool {
        self.listener == 1
    }

    async fn call(&self, clock: &dyn Clock) -> Result<Link, DialError> {
        let relay = self.world.relay().clone();
        let unreachable = || Failure { kind: FailureKind::Refused, message: "no relay".to_owned() };
        let Some(Relay { hub, life, .. }) = relay else { return Err(DialError::Unreachable(unreachable())) };
        let ((near, near_way), (far_way, far)) = (duplex(4096), duplex(4096));
        let upgraded = Upgraded { stream: Box::new(far), input: BytesMut::new(), stop: CancellationToken::new() };
        let caller =
            session::Caller { app: None, answers: true, remote: self.listener.to_string(), base: String::new() };
        let serving = session::run(hub, caller, upgraded);
        let (world, listener) = (Arc::clone(&self.world), self.listener);
        let also = life.clone();
        tokio::spawn(async move { life.run_until_cancelled(serving).await });
        tokio::spawn(async move { also.run_until_cancelled(way(&world, listener, near_way, far_way)).await });
        greet(Box::new(near), BytesMut::new(), &self.hello, clock).await
    }
}

/// A listener that lives until it is killed.
struct Life {
    tasks: [JoinHandle<()>; 2],
}

impl Life {
    fn begin(world: &Arc<World>, listener: usize) -> Self {
        let own = store::open("memory:", &OpenOptions::default()).unwrap();
        // It takes a moment, so that what an app got is counted before its answer is on the way.
        let delay = Duration::from_millis(1) + world.clock.millis(400);
        let canned = Canned { status: 204, delay, first: None };
        let pipeline = world.pipeline(&own, Some(canned));
        let counting = tokio::spawn(count(Arc::clone(world), listener, Arc::clone(&pipeline)));
        let (name, is_group) = LISTENERS[listener];
        let hello = Hello {
            version: VERSION,
            session: format!("{:032x}", world.clock.chance()),
            name: (!is_group).then(|| name.to_owned()),
            group: is_group.then(|| name.to_owned()),
            window: 4,
            window_bytes: 16 << 10,
            ..Hello::default()
        };
        let call = SimulatedCall { world: Arc::clone(world), listener, hello };
        let world = Arc::clone(world);
        let running = tokio::spawn(async move {
            // A name that is taken is that of the life before, whose end is noticed soon.
            let link = loop {
                match call.call(pipeline.clock.as_ref()).await {
                    Ok(link) => break link,
                    Err(_) => sleep(Duration::from_secs(1) + world.clock.millis(500)).await,
                }
            };
            tunnel::run(call, link, pipeline, CancellationToken::new()).await;
        });
        Self { tasks: [counting, running] }
    }

    fn end(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Notes what the app of a listener gets.
async fn count(world: Arc<World>, listener: usize, pipeline: Arc<Pipeline>) {
    let (mut notices, mut own) = (pipeline.notices(), BTreeSet::new());
    loop {
        match notices.recv().await {
            Ok(Notice::Received { event, .. }) => {
                let mut seen = world.seen();
                if !own.insert(event.id) {
                    seen.wrong.push(format!("listener {listener} got {} twice in one life", event.id));
                }
                seen.got.entry(LISTENERS[listener].0).or_default().insert(event.id);
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        }
    }
}

/// Lets everything go wrong for a while.
async fn storm(world: &Arc<World>, lives: &mut [Life]) {
    let end = Instant::now() + STORM;
    while Instant::now() < end {
        sleep(world.clock.millis(5000)).await;
        let (listener, now) = (usize::try_from(world.clock.below(lives.len() as u64)).unwrap(), Instant::now());
        match world.clock.below(6) {
            0 => world.weather(listener).held = now + world.clock.millis(8000),
            1 => world.weather(listener).silent = now + world.clock.millis(40_000),
            2 => world.weather(listener).cut += 1,
            3 => {
                lives[listener].end();
                world.weather(listener).cut += 1;
                lives[listener] = Life::begin(world, listener);
            }
            4 => {
                world.kill_relay();
                sleep(world.clock.millis(5000)).await;
                world.start_relay();
            }
            _ => {}
        }
    }
}

async fn lives_through(seed: u64) -> Result<usize, String> {
    let world = World::new(seed);
    world.start_relay();
    let mut lives: Vec<_> = (0..LISTENERS.len()).map(|listener| Life::begin(&world, listener)).collect();
    // What comes before a name is known for the first time is not for it.
    sleep(Duration::from_secs(10)).await;
    let sending = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for number in 0..EVENTS {
                sleep(world.clock.millis(2 * 60_000 / EVENTS as u64)).await;
                tokio::spawn(Arc::clone(&world).send(number));
            }
        })
    };
    storm(&world, &mut lives).await;
    sending.await.map_err(|why| why.to_string())?;
    let end = Instant::now() + CALM;
    loop {
        sleep(Duration::from_secs(1)).await;
        let so_far = world.seen();
        let missing = |name| so_far.acknowledged.difference(so_far.got.get(name).unwrap_or(&BTreeSet::new())).count();
        let left: Vec<_> = LISTENERS.iter().map(|(name, _)| missing(*name)).collect();
        if let Some(wrong) = so_far.wrong.first() {
            return Err(wrong.clone());
        }
        if left.iter().all(|left| *left == 0) && Instant::now() > end - CALM + Tunnel::default().hold {
            let is_dull = so_far.acknowledged.len() < 5;
            return if is_dull { Err("hardly anything was sent".to_owned()) } else { Ok(so_far.answered) };
        }
        if Instant::now() > end {
            return Err(format!("of {} events {left:?} never came", so_far.acknowledged.len()));
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many seeds, and from which on, is asked for by who runs the tests")]
fn whatever_breaks_everything_arrives_and_nothing_twice_in_one_life() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, count) = (number("WHK_TEST_SEED", 0_u64), 25 * number("WHK_TEST_SCALE", 1));
    let mut answered = 0;
    for seed in first..first + count {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let run: Pin<Box<dyn Future<Output = _>>> = Box::pin(lives_through(seed));
        match runtime.block_on(run) {
            Ok(some) => answered += some,
            Err(wrong) => panic!("seed {seed}: {wrong} (again with WHK_TEST_SEED={seed})"),
        }
    }
    assert!(answered > 0, "senders get answers through all that");
}
