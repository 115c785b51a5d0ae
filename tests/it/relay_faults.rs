//! Relays on a Redis that is cut off, slow, full or emptied: nothing acknowledged is lost, and all goes on by itself.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Watched;
use crate::support::api::{Api, HOOKS};
use crate::support::app::App;
use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::Redis;
use crate::support::whk::{Listener, Whk, body_of};
use crate::support::wire::{self, Message};

/// Senders that say everything until it is acknowledged, each event under an id of its own.
struct Load {
    acknowledged: Arc<Watched<BTreeSet<String>>>,
    refused: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    senders: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(api: &Arc<Api>, senders: usize, padding: usize) -> Self {
        let acknowledged = Arc::new(Watched::<BTreeSet<String>>::default());
        let (refused, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let send = |sender: usize| {
            let (api, padding) = (Arc::clone(api), "x".repeat(padding));
            let (acknowledged, refused, is_over) =
                (Arc::clone(&acknowledged), Arc::clone(&refused), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut number = 0;
                // Nobody stops before the last event is acknowledged: what is kept and what is acknowledged agree.
                while !is_over.load(Ordering::SeqCst) {
                    let id = format!("s{sender}-{number}");
                    let body = json!({"event_type": "load", "event_id": id, "data": {"id": id, "padding": padding}})
                        .to_string();
                    loop {
                        match api.ask("POST", "/api/v1/webhooks/test", &[], &body).status() {
                            // The second means that an earlier try came through after all.
                            200..300 | 409 => break,
                            503 => drop(refused.fetch_add(1, Ordering::SeqCst)),
                            other => panic!("{id}: {other}"),
                        }
                        thread::sleep(Duration::from_millis(5));
                    }
                    acknowledged.with(|all| all.insert(id));
                    number += 1;
                }
            })
        };
        let senders = (0..senders).map(send).collect();
        Self { acknowledged, refused, is_over, senders }
    }

    fn count(&self) -> usize {
        self.acknowledged.with(|all| all.len())
    }

    /// Waits until so many more are acknowledged; how long that took.
    fn goes_on(&self, more: usize) -> Duration {
        let (began, before) = (Instant::now(), self.count());
        let done = self.acknowledged.wait(|all| (all.len() >= before + more).then_some(()));
        assert!(done.is_some(), "only {} of {more} more were acknowledged", self.count() - before);
        began.elapsed()
    }

    /// How often somebody was refused.
    fn refusals(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Waits until somebody is refused once more than so often.
    fn is_refused(&self, before: usize) {
        let end = Instant::now() + 2 * crate::support::PATIENCE;
        while self.refusals() == before {
            assert!(Instant::now() < end, "nobody was refused");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn end(self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::SeqCst);
        for sender in self.senders {
            sender.join().expect("a sender that was answered as it should be");
        }
        self.acknowledged.with(std::mem::take)
    }
}

/// A relay on a store, an endpoint for everything, and who may do all.
struct House {
    whk: Whk,
    relay: Listener,
    api: Arc<Api>,
    app: App,
    store: String,
}

impl House {
    fn new(store: String) -> Self {
        let (whk, app) = (Whk::new(), App::answering(200));
        let relay = whk.relay(["--store", &store, "--retry", "100ms,1s,2s,4s,8s", "--log", "json"]);
        let house = Self { api: Arc::new(Api::of(&whk, &relay, &["--store", &store])), whk, relay, app, store };
        house.register();
        house
    }

    fn register(&self) {
        let hook = json!({"name": "all", "url": format!("http://{}/", self.app.target()), "events": ["*"]});
        self.api.ok("POST", HOOKS, &hook);
    }

    fn readiness(&self) -> u16 {
        self.relay.send(&wire::request_at("localhost", "GET", "/readyz", &[], b"")).status()
    }

    /// Everything that was acknowledged was delivered, and is kept once; how often something came again.
    fn has_all(&self, acknowledged: &BTreeSet<String>, store: &str) -> usize {
        let mut came = 0;
        let found = self.app.wait(|requests| {
            came = requests.len();
            let ids: BTreeSet<_> = requests.iter().map(|request| id_of(&request.json())).collect();
            acknowledged.is_subset(&ids).then_some(())
        });
        assert!(found.is_some(), "some of {} never came: {came} did", acknowledged.len());
        let kept = self.whk.events(&["--store", store, "--type", "load"]);
        let ids: BTreeSet<_> =
            kept.iter().map(|event| id_of(&serde_json::from_slice(&body_of(event)).expect("JSON"))).collect();
        assert_eq!((kept.len(), ids.len()), (acknowledged.len(), acknowledged.len()), "each is kept once");
        came - acknowledged.len()
    }
}

fn id_of(body: &Value) -> String {
    body["data"]["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn at(redis: &Redis) -> SocketAddr {
    let place = redis.url();
    place.trim_start_matches("redis://").trim_end_matches("/0").parse().expect("an address")
}

/// Lets each of these faults last until it was felt or passed through, and sees that all goes on.
#[expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
fn under_faults(faults: &[Fault]) {
    let redis = Redis::start(&[]);
    let proxy = Proxy::to(at(&redis), |_| Fault::None);
    let house = House::new(format!("redis://{}/0?prefix=t", proxy.address()));
    let load = Load::start(&house.api, 4, 100);
    load.goes_on(20);
    for fault in faults {
        let before = load.refusals();
        proxy.set(*fault);
        match fault {
            Fault::Refuse | Fault::Hole => {
                assert_eq!(house.readiness(), 503, "{fault:?}");
                load.is_refused(before);
            }
            Fault::Late(_) | Fault::Drip => drop(load.goes_on(8)),
            _ => {
                let end = Instant::now() + crate::support::PATIENCE;
                while *fault == Fault::MidReply && proxy.ended() < 5 && Instant::now() < end {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
        proxy.heal();
        println!("{fault:?}: acknowledges again after {:?}", load.goes_on(1));
        assert_eq!(house.readiness(), 200, "{fault:?}");
    }
    load.goes_on(20);
    let acknowledged = load.end();
    let again = house.has_all(&acknowledged, &format!("{}?prefix=t", redis.url()));
    println!("{} acknowledged, none lost, {again} delivered again", acknowledged.len());
}

#[test]
fn a_way_to_redis_that_is_cut_late_or_broken_in_the_middle_loses_nothing() {
    let late = Fault::Late(Duration::from_millis(30));
    under_faults(&[Fault::MidReply, Fault::HalfClose, late, Fault::Drip, Fault::Refuse]);
}

#[test]
fn a_way_to_redis_that_swallows_everything_is_noticed_and_loses_nothing() {
    under_faults(&[Fault::Hole]);
}

#[test]
fn a_redis_that_is_full_refuses_senders_and_loses_nothing() {
    let redis = Redis::start(&[]);
    let house = House::new(redis.store());
    let load = Load::start(&house.api, 2, 20_000);
    load.goes_on(20);
    let facts: String = redis.say(&["INFO", "memory"]).unwrap();
    let used: u64 = facts.lines().find_map(|line| line.strip_prefix("used_memory:")?.parse().ok()).unwrap();
    redis.tell(&["CONFIG", "SET", "maxmemory", &(used + (2 << 20)).to_string()]);
    load.is_refused(0);
    redis.tell(&["CONFIG", "SET", "maxmemory", "0"]);
    load.goes_on(20);
    let acknowledged = load.end();
    house.has_all(&acknowledged, &house.store);
}

#[test]
fn scripts_and_functions_that_vanish_under_load_cost_nothing() {
    let redis = Redis::start(&[]);
    let house = House::new(redis.store());
    let load = Load::start(&house.api, 4, 100);
    for _ in 0..5 {
        load.goes_on(20);
        redis.tell(&["SCRIPT", "FLUSH"]);
        redis.tell(&["FUNCTION", "FLUSH"]);
    }
    load.goes_on(20);
    let acknowledged = load.end();
    house.has_all(&acknowledged, &house.store);
}

/// Loses all that Redis has, by `lose`, while events come in and listeners and followers are there.
fn after_a_loss(settings: &[&str], lose: impl Fn(&mut Redis)) {
    let mut redis = Redis::start(settings);
    let house = House::new(redis.store());
    let laptop = App::answering(200);
    let place = format!("http://{}", house.relay.address());
    let token = house.whk.home().join("token");
    let listen = ["listen", "--output", "json", "--relay", &place, "--app", "default", "--name", "dev"];
    let mut listen = house.whk.command(listen);
    listen.args(["--token", &format!("file:{}", token.display()), "--forward", &laptop.target()]);
    let listener = Listener::away(listen);
    let mut stream = house.api.stream("", &[]);
    for number in 0..30 {
        house.relay.post(json!({"type": "before", "n": number}).to_string());
    }
    laptop.requests(30);
    assert_eq!(stream.next().data["event_type"], "before");
    lose(&mut redis);
    let end = Instant::now() + 2 * crate::support::PATIENCE;
    let mut number = 0;
    // Nobody does anything: it goes on by itself, for the listener too.
    while laptop.bodies().iter().all(|body| !String::from_utf8_lossy(body).contains("after")) {
        assert!(Instant::now() < end, "it never went on");
        house.relay.post(json!({"type": "after", "n": number}).to_string());
        number += 1;
        thread::sleep(Duration::from_millis(20));
    }
    house.relay.says("\"emptied\"");
    // The token of this machine's own commands is known again, an endpoint can be made, and it gets what comes.
    let own = std::fs::read_to_string(&token).expect("a token");
    let line = format!("Authorization: Bearer {}", own.trim());
    let hook = json!({"name": "new", "url": format!("http://{}/", house.app.target()), "events": ["*"]}).to_string();
    let made = || house.relay.send(&wire::request_at("localhost", "POST", HOOKS, &[&line], hook.as_bytes()));
    while made().status() != 201 {
        assert!(Instant::now() < end, "the token stayed unknown");
        thread::sleep(Duration::from_millis(20));
    }
    house.relay.post(r#"{"type":"last"}"#);
    let last = |all: &[Message]| all.iter().any(|one| one.json()["type"] == "last").then_some(());
    assert!(house.app.wait(last).is_some(), "the new endpoint got nothing");
    listener.stop();
    let log = house.relay.stop().err;
    let told = String::from_utf8_lossy(&log).lines().filter(|line| line.contains("\"emptied\"")).count();
    assert_eq!(told, 1, "it is said once: {}", String::from_utf8_lossy(&log));
}

#[test]
fn a_redis_that_was_emptied_goes_on_with_what_comes_and_that_is_said_once() {
    after_a_loss(&[], |redis| redis.tell(&["FLUSHALL"]));
}

#[test]
fn a_redis_that_comes_back_without_what_it_knew_goes_on_and_that_is_said_once() {
    after_a_loss(&["--appendonly", "no"], Redis::restart);
}
