//! Relays on a Redis whose replica takes its place: what "acknowledged" means then, and what it means without a wait.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use whk::store::{Durability, Mode, OpenOptions, Record, Recorded, StoreError};

use crate::store_samples::{event, plain, time};
use crate::support::house::{House, Load, id_of};
use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::Redis;
use crate::support::whk::{Whk, body_of};
use crate::support::{PATIENCE, is_long, measure};

/// A primary with a replica behind a way that can be broken, and a spare that is nobody's replica yet. Relays come in
/// at the front, as they do where a name or a balancer leads to the primary of the hour.
struct Pair {
    primary: Redis,
    replica: Redis,
    spare: Redis,
    between: Proxy,
    front: Proxy,
}

impl Pair {
    fn new(settings: &[&str]) -> Self {
        let start = || Redis::start(&[&["--appendonly", "no"], settings].concat());
        let [primary, replica, spare] = [start(), start(), start()];
        let between = Proxy::to(primary.address(), |_| Fault::None);
        let front = Proxy::to(primary.address(), |_| Fault::None);
        follow(&replica, between.address().port());
        Self { primary, replica, spare, between, front }
    }

    fn store(&self) -> String {
        format!("redis://{}/0?prefix=t", self.front.address())
    }

    /// The replica becomes a primary, and the spare follows it.
    fn promote(&self) {
        self.replica.tell(&["REPLICAOF", "NO", "ONE"]);
        follow(&self.spare, self.replica.address().port());
    }

    /// The primary dies, and the replica takes its place.
    fn fail_over(&mut self) {
        self.primary.kill();
        self.promote();
        self.front.lead_to(self.replica.address());
    }
}

/// Makes this one a replica of what listens there, and waits until it has everything.
fn follow(replica: &Redis, port: u16) {
    replica.tell(&["REPLICAOF", "127.0.0.1", &port.to_string()]);
    replica.tells("master_link_status:up");
}

/// What this server has of the load.
fn kept(whk: &Whk, redis: &Redis) -> BTreeSet<String> {
    let events = whk.events(&["--store", &format!("{}?prefix=t", redis.url()), "--type", "load"]);
    events.iter().map(|event| id_of(&serde_json::from_slice(&body_of(event)).expect("JSON"))).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
fn what_is_acknowledged_as_replicated_survives_a_primary_that_dies_while_its_replica_lags() {
    let mut total = 0;
    for round in 0..measure(2, 50) {
        let mut pair = Pair::new(&[]);
        let house = House::with(pair.store(), "replicated");
        let load = Load::start(&house.api, 4, 100);
        load.goes_on(10);
        // Every other time it is behind by a little all the time, or cut off for good.
        if round % 2 == 0 {
            pair.between.set(Fault::Late(Duration::from_millis(30)));
            load.goes_on(10);
        } else {
            let before = load.refusals();
            pair.between.set(Fault::Hole);
            load.is_refused(before);
        }
        pair.fail_over();
        load.goes_on(10);
        let acknowledged = load.end();
        let missing = acknowledged.difference(&kept(&house.whk, &pair.replica)).count();
        assert_eq!(missing, 0, "lost of {}, in round {round}", acknowledged.len());
        // What was under way when the primary died is sent when its lease is over; nobody else waits for that here.
        if is_long() {
            let again = house.has_all(&acknowledged, &format!("{}?prefix=t", pair.replica.url()));
            println!("round {round}: {} acknowledged, none lost, {again} delivered again", acknowledged.len());
        }
        total += acknowledged.len();
    }
    println!("{total} acknowledged, none lost");
}

#[test]
#[expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
fn without_a_wait_what_the_replica_had_not_got_is_gone_although_it_was_acknowledged() {
    let (mut lost, mut total) = (0, 0);
    for _ in 0..measure(1, 10) {
        let mut pair = Pair::new(&[]);
        let house = House::new(pair.store());
        let load = Load::start(&house.api, 4, 100);
        load.goes_on(10);
        pair.between.set(Fault::Hole);
        // What is on its way to the replica when the hole opens is acknowledged a little later, four at most.
        load.goes_on(24);
        pair.fail_over();
        let acknowledged = load.end();
        let missing = acknowledged.difference(&kept(&house.whk, &pair.replica)).count();
        assert!(missing > 0, "the wait would not be needed: none of {} lost", acknowledged.len());
        (lost, total) = (lost + missing, total + acknowledged.len());
    }
    println!("{total} acknowledged, {lost} lost");
}

#[test]
fn a_replica_that_is_gone_refuses_senders_and_the_next_one_lets_them_in() {
    let mut pair = Pair::new(&[]);
    let whk = Whk::new();
    let relay = whk.relay(["--store", &pair.store(), "--durability", "replicated"]);
    let post = || relay.post(json!({"type": "one"}).to_string()).status();
    assert_eq!(post(), 200);
    pair.replica.kill();
    assert_eq!(post(), 503);
    follow(&pair.spare, pair.primary.address().port());
    // The new one is asked as soon as the primary counts on it.
    let end = Instant::now() + PATIENCE;
    while post() != 200 {
        assert!(Instant::now() < end, "the new replica is not taken for one");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
fn of_two_primaries_the_old_one_acknowledges_nothing_and_what_both_did_is_kept_by_the_new_one() {
    // The old one refuses to write itself when its replica was silent for so long; that is its window.
    for (durability, window) in [("replicated", false), ("full", true)] {
        let pair = Pair::new(&["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"]);
        pair.primary.tells("min_slaves_good_slaves:1");
        let front = Proxy::to(pair.primary.address(), |_| Fault::None);
        let here = House::with(pair.store(), durability);
        let there = House::with(format!("redis://{}/0?prefix=t", front.address()), durability);
        // With one sender, what it was answered before it is refused is counted by then.
        let (old, new) = (Load::named("a", &here.api, 1, 100), Load::named("b", &there.api, 1, 100));
        old.goes_on(10);
        new.goes_on(10);
        // The way between the two is cut, and node B is on the side of the new one.
        pair.between.set(Fault::Hole);
        pair.promote();
        front.lead_to(pair.replica.address());
        if window {
            pair.primary.tells("min_slaves_good_slaves:0");
        }
        old.is_refused(old.refusals());
        let at_the_old = old.acknowledged();
        // Of these at most the last two were sent to the new one.
        new.goes_on(2);
        let before = new.acknowledged();
        let end = Instant::now() + Duration::from_secs(if is_long() { 60 } else { 0 });
        while Instant::now() < end {
            new.goes_on(1);
        }
        new.goes_on(20);
        old.is_refused(old.refusals());
        let behind = old.count() - at_the_old.len();
        assert_eq!(behind, 0, "{durability}: the old one acknowledged behind the new one's back");
        // It is one net again: the old one follows, and its node goes on at the new one.
        follow(&pair.primary, pair.replica.address().port());
        pair.front.lead_to(pair.replica.address());
        old.goes_on(10);
        let all: BTreeSet<_> = old.end().into_iter().chain(new.end()).collect();
        let merged = kept(&here.whk, &pair.replica);
        let lost: Vec<_> = all.difference(&merged).collect();
        println!("{durability}: {} acknowledged, {} lost", all.len(), lost.len());
        if window {
            let early = |id: &&String| at_the_old.contains(*id) || before.contains(*id);
            assert!(lost.iter().all(early), "only what came within the window: {lost:?}");
        } else {
            assert!(lost.is_empty(), "{durability}: {lost:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_the_log_goes_on_beyond_all_that_anybody_can_have_read() {
    let mut pair = Pair::new(&[]);
    let options = OpenOptions { durability: Durability::Replicated, mode: Mode::Create };
    let store = whk::store::open(&pair.store(), &options).unwrap();
    store.append(plain(event(1))).await.unwrap();
    pair.between.set(Fault::Hole);
    let kept = store.append(plain(event(2))).await;
    assert!(matches!(kept, Err(StoreError::Unreplicated(_))), "{kept:?}");
    // Whoever follows the log has read this: it is there, though nobody was told that it is kept.
    let read = store.newest().await.unwrap();
    pair.fail_over();
    let next = store.append(plain(event(9))).await.unwrap();
    assert!(next > read, "{next:?} is no newer than {read:?}: a follower would pass it over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_no_replica_had_is_not_given_again() {
    let pair = Pair::new(&[]);
    let options = OpenOptions { durability: Durability::Replicated, mode: Mode::Create };
    let store = whk::store::open(&pair.store(), &options).unwrap();
    let body = Recorded::Event(event(1).id);
    let record = Record { key: [7; 32], body: [8; 32], at: time(1), answer: body };
    pair.between.set(Fault::Hole);
    assert!(matches!(store.remember(record.clone()).await, Err(StoreError::Unreplicated(_))));
    let found = store.remembered(&record.key, record.at).await;
    assert!(matches!(found, Err(StoreError::Unreplicated(_))), "{found:?}");
    assert!(matches!(store.append(plain(event(1))).await, Err(StoreError::Unreplicated(_))));
    let again = store.append(plain(event(1))).await;
    assert!(matches!(again, Err(StoreError::Unreplicated(_))), "{again:?}");
    pair.between.heal();
    follow(&pair.replica, pair.between.address().port());
    let found = store.remembered(&record.key, record.at).await.unwrap();
    assert_eq!(found.map(|found| found.body), Some(record.body));
    store.append(plain(event(1))).await.unwrap();
}

#[test]
fn a_store_without_replicas_is_refused_or_named_by_the_doctor() {
    let (whk, redis) = (Whk::new(), Redis::start(&[]));
    for store in ["memory:", "sqlite:whk.db"] {
        let run = whk.run(["relay", "--port", "0", "--store", store, "--durability", "replicated"]);
        run.exits(2).err_has(format!("the store {store} can have no replica")).err_has("redis://").check();
    }
    let url = redis.url();
    let doctor = |durability| ["doctor", "--store", &url, "--durability", durability];
    whk.run(doctor("full")).out_has("appendfsync always").check();
    whk.run(doctor("replicated")).exits(1).out_has("it has no replica now").out_has("replicaof").check();
    let relay = ["relay", "--port", "0", "--store", &url, "--durability", "replicated"];
    whk.run(relay).exits(3).err_has("no replica has it within 1 s").err_has("replicaof").check();
    let replica = Redis::start(&[]);
    follow(&replica, redis.address().port());
    redis.tells("connected_slaves:1");
    whk.run(doctor("replicated")).out_has("acknowledged when a replica has it too").check();
}
