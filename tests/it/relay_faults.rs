//! Relays on a Redis that is cut off, slow, full or emptied: nothing acknowledged is lost, and all goes on by itself.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::api::HOOKS;
use crate::support::app::App;
use crate::support::house::{House, Load};
use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::Redis;
use crate::support::whk::Listener;
use crate::support::wire::{self, Message};

/// Lets each of these faults last until it was felt or passed through, and sees that all goes on.
#[expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
fn under_faults(faults: &[Fault]) {
    let redis = Redis::start(&[]);
    let proxy = Proxy::to(redis.address(), |_| Fault::None);
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

/// Nodes used to hold on to the old connection until the system gave it up, a quarter of an hour later.
#[test]
fn a_redis_whose_machine_is_gone_without_a_word_is_connected_to_anew_where_its_address_leads() {
    let redis = Redis::start(&[]);
    let proxy = Proxy::to(redis.address(), |_| Fault::None);
    let house = House::new(format!("redis://{}/0?prefix=t", proxy.address()));
    let load = Load::start(&house.api, 4, 100);
    load.goes_on(20);
    let before = load.refusals();
    proxy.lose();
    load.is_refused(before);
    load.goes_on(20);
    assert_eq!(house.readiness(), 200);
    house.has_all(&load.end(), &format!("{}?prefix=t", redis.url()));
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
