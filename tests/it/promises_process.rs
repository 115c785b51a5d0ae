//! What is promised about a relay as a process, counted: kills, stops, floods, clients that read nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::journey_crash::killed_under_load;
use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, answer, nobody};
use crate::support::whk::{Listener, Whk, body_of};
use crate::support::wire::{Wire, request, request_at};
use crate::support::{Gate, PATIENCE, Watched, is_long, measure};

/// A number straight out of the store's file.
fn counted(whk: &Whk, sql: &str) -> usize {
    let db = rusqlite::Connection::open(whk.home().join("whk.db")).unwrap();
    let count: u32 = db.query_row(sql, [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

/// Posts these, one after the other on one connection; each must be taken.
fn post_all(relay: &Listener, bodies: impl IntoIterator<Item = Value>) {
    let mut wire = Wire::to(relay.address()).unwrap();
    for body in bodies {
        wire.say(&request("POST", "/in/default", &[], body.to_string().as_bytes())).unwrap();
        let status = wire.answer().unwrap().status();
        assert!((200..300).contains(&status), "{status}");
    }
}

/// Looks again and again until it is so.
fn until(mut look: impl FnMut() -> bool) {
    let bell = Watched::<()>::default();
    let end = Instant::now() + PATIENCE * if is_long() { 30 } else { 3 };
    while !look() {
        assert!(Instant::now() < end, "in vain");
        bell.wait_for(Duration::from_millis(20), |()| None::<()>);
    }
}

fn register(api: &Api, app: &App) -> String {
    let made = api.ok("POST", HOOKS, &json!({"name": "x", "url": format!("http://{}/", app.target())}));
    made["id"].as_str().unwrap().to_owned()
}

fn dead(whk: &Whk) -> usize {
    counted(whk, "SELECT count(*) FROM deliveries WHERE state = 3")
}

#[test]
fn however_often_it_is_killed_no_event_is_kept_without_its_delivery() {
    let whk = Whk::new();
    let mut acknowledged = 0;
    for round in 0..measure(4, 100) {
        let relay = whk.relay(["--retry", "1h"]);
        if round == 0 {
            let api = Api::of(&whk, &relay, &[]);
            api.ok("POST", HOOKS, &json!({"name": "down", "url": format!("http://{}/", nobody())}));
        }
        acknowledged += killed_under_load(relay, round % 10, 202).len();
    }
    let (events, without) = (
        counted(&whk, "SELECT count(*) FROM events"),
        counted(&whk, "SELECT count(*) FROM events WHERE seq NOT IN (SELECT event FROM deliveries)"),
    );
    assert_eq!(without, 0, "of {events}");
    assert!(events >= acknowledged, "{events} of {acknowledged}");
}

#[test]
fn an_answer_that_takes_longer_than_a_lease_is_waited_for_and_nothing_is_sent_twice() {
    // A lease lasts six seconds.
    let slow = Duration::from_millis(if is_long() { 13_000 } else { 6500 });
    let app = App::new(move |_, _| {
        Watched::<()>::default().wait_for(slow, |()| None::<()>);
        answer(200, &[], b"")
    });
    let whk = Whk::new();
    let relay = whk.relay(["--timeout", "60s", "--retry", "1s"]);
    let api = Api::of(&whk, &relay, &[]);
    register(&api, &app);
    relay.emit("slow", &json!({}));
    until(|| counted(&whk, "SELECT count(*) FROM deliveries WHERE state = 2") == 1);
    assert_eq!(app.count(), 1);
}

#[test]
fn a_hundred_twins_at_once_make_one_event_and_get_one_answer() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &[]);
    let keys = measure(3, 200);
    for key in 0..keys {
        let line = format!("Idempotency-Key: key-{key}");
        let body = json!({"type": "a.b", "data": {"n": key}}).to_string();
        let ask = || {
            loop {
                let answer = api.ask("POST", "/api/v1/webhooks/test", &[&line], &body);
                // Whoever waits too long for its twin is told to try again.
                if answer.status() != 409 {
                    return (answer.status(), answer.body);
                }
            }
        };
        let answers: BTreeSet<(u16, Vec<u8>)> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(status, _)| (200..300).contains(status)), "{answers:?}");
        let other = json!({"type": "a.b", "data": {"n": "other"}}).to_string();
        let refused = api.ask("POST", "/api/v1/webhooks/test", &[&line], &other);
        assert_eq!((refused.status(), &refused.json()["code"]), (422, &json!("idempotency_key_reused")));
    }
    assert_eq!(counted(&whk, "SELECT count(*) FROM events"), keys);
}

#[test]
fn whoever_asks_again_after_a_kill_under_the_same_key_makes_nothing_twice() {
    let whk = Whk::new();
    let body = |key: &str| json!({"eventType": "a.b", "payload": {"key": key}}).to_string();
    let path = "/api/v1/app/a/msg/";
    let (mut all, mut token): (Vec<String>, Option<String>) = (Vec::new(), None);
    for round in 0..measure(3, 50) {
        let relay = whk.relay([] as [&str; 0]);
        let api = Api::of(&whk, &relay, &[]);
        if round == 0 {
            api.ok("POST", "/api/v1/app/", &json!({"name": "a", "uid": "a"}));
        }
        let token = token.get_or_insert_with(|| whk.token(&[])).clone();
        let (asked, answered) = (Watched::<Vec<String>>::default(), Watched::<usize>::default());
        std::thread::scope(|scope| {
            for sender in 0..4 {
                let (asked, answered, address, token) = (&asked, &answered, relay.address(), &token);
                scope.spawn(move || {
                    let Ok(mut wire) = Wire::to(address) else { return };
                    for number in 0.. {
                        let key = format!("{round}-{sender}-{number}");
                        asked.with(|all| all.push(key.clone()));
                        let lines = [format!("Authorization: Bearer {token}"), format!("Idempotency-Key: {key}")];
                        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                        let bytes = request_at("localhost", "POST", path, &lines, body(&key).as_bytes());
                        let said = wire.say(&bytes).and_then(|()| wire.answer());
                        if said.is_err() {
                            return;
                        }
                        answered.with(|count| *count += 1);
                    }
                });
            }
            let enough = 20 + 13 * (round % 10);
            assert!(answered.wait(|count| (*count >= enough).then_some(())).is_some());
            relay.kill();
        });
        all.append(&mut asked.with(std::mem::take));
    }
    let relay = whk.relay([] as [&str; 0]);
    let token = token.unwrap();
    for key in &all {
        let own = [format!("Authorization: Bearer {token}"), format!("Idempotency-Key: {key}")];
        let lines: Vec<&str> = own.iter().map(String::as_str).collect();
        let bytes = request_at("localhost", "POST", path, &lines, body(key).as_bytes());
        assert_eq!(relay.send(&bytes).status(), 202);
    }
    assert_eq!(counted(&whk, "SELECT count(*) FROM events"), all.len());
}

#[test]
fn a_stop_lets_what_is_under_way_end_and_leaves_the_rest_to_the_next_start() {
    let count = measure(40, 500);
    let (gate, free) = (Arc::new(Gate::default()), Arc::new(Gate::default()));
    let (half, all) = (Arc::clone(&gate), Arc::clone(&free));
    let app = App::new(move |_, number| {
        if number < count / 2 {
            half.pass();
        } else if number < count {
            all.pass();
        }
        answer(200, &[], b"")
    });
    let whk = Whk::new();
    let words = ["--concurrency", "1000", "--timeout", "60s", "--retry", "1s"];
    let mut relay = whk.relay(words);
    register(&Api::of(&whk, &relay, &[]), &app);
    for number in 0..count {
        relay.emit("held", &json!(number));
    }
    app.requests(count);
    relay.signal("TERM");
    assert!(relay.is_running(), "it waits for what is under way");
    gate.open();
    let delivered = "SELECT count(*) FROM deliveries WHERE state = 2";
    until(|| counted(&whk, delivered) == count / 2);
    // Who asks a second time gets an end at once.
    relay.signal("TERM");
    relay.ended();
    assert_eq!((counted(&whk, delivered), counted(&whk, "SELECT count(*) FROM deliveries")), (count / 2, count));
    free.open();
    let again = whk.relay(words);
    until(|| counted(&whk, delivered) == count);
    assert_eq!(app.count(), count + count - count / 2);
    again.stop();
}

/// Lets so many messages die at an endpoint, which takes everything once the gate is open.
fn cemetery(whk: &Whk, count: usize) -> (App, Arc<Watched<bool>>) {
    let well = Arc::new(Watched::<bool>::default());
    let own = Arc::clone(&well);
    let app = App::new(move |_, _| answer(if own.with(|well| *well) { 200 } else { 500 }, &[], b""));
    let relay = whk.relay(["--retry", "none"]);
    register(&Api::of(whk, &relay, &[]), &app);
    post_all(&relay, (0..count).map(|number| json!({"type": "lost", "data": number})));
    until(|| dead(whk) == count);
    relay.stop();
    (app, well)
}

fn redrive(api: &Api) -> u64 {
    let mut sent = 0;
    loop {
        let done = api.ok("POST", "/api/v1/webhooks/redrive", &json!({}));
        sent += done["deliveries"].as_u64().unwrap();
        if done["more"] == false {
            return sent;
        }
    }
}

#[test]
fn dead_letters_are_sent_again_once_though_it_is_asked_twice_and_killed_half_way() {
    let (whk, count) = (Whk::new(), measure(150, 5000));
    let (app, well) = cemetery(&whk, count);
    well.with(|well| *well = true);
    let relay = whk.relay(["--retry", "none", "--concurrency", "8"]);
    let api = Api::of(&whk, &relay, &[]);
    let (first, second) = (redrive(&api), redrive(&api));
    assert!(usize::try_from(first).unwrap() <= count && second == 0, "{first} and {second}");
    app.requests(count + count / 2);
    relay.kill();
    let relay = whk.relay(["--retry", "none"]);
    until(|| counted(&whk, "SELECT count(*) FROM deliveries WHERE state = 2") == count);
    assert_eq!(counted(&whk, "SELECT count(*) FROM deliveries"), count);
    let again = app.count() - count;
    // Eight at once is what one endpoint gets, and a kill finds no more than these under way.
    assert!((count..=count + 8).contains(&again), "{again} of {count}");
    relay.stop();
}

#[test]
fn dead_letters_are_sent_by_the_relay_that_runs_on_the_store() {
    let (whk, count) = (Whk::new(), 30);
    let (app, well) = cemetery(&whk, count);
    let relay = whk.relay(["--retry", "none"]);
    let asked = ["replay", "--dead", "--yes", "--output", "json"];
    let ended = whk.run(asked).exits(1).check();
    assert_eq!(ended.line("replayed"), json!({"type": "replayed", "delivered": 0, "failed": count}));
    well.with(|well| *well = true);
    let ended = whk.run(asked).check();
    assert_eq!(ended.line("replayed"), json!({"type": "replayed", "delivered": count, "failed": 0}));
    let own: Vec<_> = ended.lines("attempt").iter().map(|one| (one["number"].clone(), one["status"].clone())).collect();
    assert_eq!(own, vec![(json!(3), json!(200)); count]);
    assert_eq!((app.count(), dead(&whk)), (3 * count, 0));
    // The relay made them: it signed them, and counts them.
    let request = &app.requests(3 * count)[3 * count - 1];
    assert!(request.get("webhook-signature").is_some(), "{request:?}");
    relay.stop();
}

#[test]
fn an_endpoint_that_hangs_delays_no_other() {
    let (gate, count) = (Arc::new(Gate::default()), measure(20, 2000));
    let closed = Arc::clone(&gate);
    let hanging = App::new(move |_, _| {
        closed.pass();
        answer(200, &[], b"")
    });
    let others: Vec<App> = (0..measure(5, 19)).map(|_| App::answering(200)).collect();
    let whk = Whk::new();
    let relay = whk.relay(["--timeout", "10m", "--concurrency", "8"]);
    let api = Api::of(&whk, &relay, &[]);
    register(&api, &hanging);
    for app in &others {
        register(&api, app);
    }
    for number in 0..count {
        assert_eq!(relay.emit("load", &json!(number)).status(), 202);
    }
    for app in &others {
        app.requests(count);
    }
    assert!(hanging.count() <= 8, "one endpoint gets no more at once");
    gate.open();
    hanging.requests(count);
}

#[test]
fn a_flood_is_taken_or_refused_and_what_is_taken_is_kept() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let (senders, each) = (measure(32, 512), measure(8, 200));
    let address = relay.address();
    let taken: usize = std::thread::scope(|scope| {
        let send = move |sender: usize| {
            let mut wire = Wire::to(address).unwrap();
            let mut taken = 0;
            for number in 0..each {
                let body = json!({"type": "flood", "data": [sender, number]}).to_string();
                wire.say(&request("POST", "/in/default", &[], body.as_bytes())).unwrap();
                match wire.answer().unwrap().status() {
                    200 | 202 => taken += 1,
                    503 => {}
                    other => panic!("{other}"),
                }
            }
            taken
        };
        let all: Vec<_> = (0..senders).map(|sender| scope.spawn(move || send(sender))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(counted(&whk, "SELECT count(*) FROM events"), taken);
    let kept: BTreeSet<Vec<u8>> = whk.events(&[]).iter().map(body_of).collect();
    assert_eq!(kept.len(), taken);
}

#[test]
fn clients_that_read_nothing_harm_nobody_who_does() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &[]);
    let stuck: Vec<_> = (0..measure(20, 1000)).map(|_| api.stream("", &[])).collect();
    let mut good = api.stream("", &[]);
    let (count, pad) = (measure(150, 20_000), "x".repeat(16 << 10));
    std::thread::scope(|scope| {
        scope.spawn(|| post_all(&relay, (0..count).map(|number| json!({"type": "big", "n": number, "pad": pad}))));
        for number in 0..count {
            let item = good.next();
            assert_eq!((item.kind.as_str(), body_of(&item.data).len() > pad.len()), ("", true), "event {number}");
        }
    });
    let listed = whk.events(&[]).len();
    assert_eq!(listed, count);
    if is_long() {
        // Ten seconds without taking anything, and it is over.
        until(|| follow_count(&api) == 1);
    }
    drop(stuck);
}

fn follow_count(api: &Api) -> usize {
    let text = String::from_utf8(api.ask("GET", "/metrics", &[], "").body).unwrap();
    let line = text.lines().find(|line| line.starts_with("whk_stream_followers")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_stream_that_is_cut_anywhere_goes_on_with_nothing_lost_or_doubled() {
    let (cuts, count) = (measure(25, 200), measure(300, 20_000));
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &[]);
    relay.emit("first", &json!({}));
    let mut last = api.stream("?since=1h", &[]).next().id;
    let mut seen = vec![last.clone()];
    std::thread::scope(|scope| {
        scope.spawn(|| post_all(&relay, (0..count).map(|number| json!({"type": "load", "n": number}))));
        // Primes make the places of the cuts as good as random; a beat every two seconds bounds the wait.
        for cut in 0..cuts {
            let stream = api.stream("", &[&format!("Last-Event-ID: {last}")]);
            let some = stream.cut(1 + (cut as u64 * 7919) % 3001);
            seen.extend(some.iter().map(|item| item.id.clone()));
            last.clone_from(seen.last().unwrap());
        }
        let mut stream = api.stream("", &[&format!("Last-Event-ID: {last}")]);
        while seen.len() <= count {
            seen.push(stream.next().id);
        }
    });
    let mut listed: Vec<_> = whk.events(&[]).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    listed.reverse();
    assert!(seen == listed, "{} seen, {} kept", seen.len(), listed.len());
}

#[test]
fn with_too_few_descriptors_what_was_accepted_goes_on_and_the_rest_waits() {
    let whk = Whk::new();
    let app = App::answering(200);
    let command = whk.command(["relay", "--output", "json", "--port", "0"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 128; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    limited.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(whk.folder());
    let relay = Listener::start(limited);
    let api = Api::of(&whk, &relay, &[]);
    register(&api, &app);
    let mut before = Wire::to(relay.address()).unwrap();
    let mut post = |number: usize| {
        let body = json!({"type": "load", "data": number}).to_string();
        before.say(&request("POST", "/in/default", &[], body.as_bytes())).unwrap();
        before.answer().unwrap().status()
    };
    assert_eq!(post(0), 202);
    app.requests(1);
    let crowd: Vec<_> = (0..150).filter_map(|_| std::net::TcpStream::connect(relay.address()).ok()).collect();
    assert_eq!(crowd.len(), 150);
    for number in 1..20 {
        assert_eq!(post(number), 202);
    }
    app.requests(20);
    drop(crowd);
    until(|| api.call("GET", EVENTS, &Value::Null).0 == 200);
    assert!(Path::new(&whk.home().join("whk.db")).exists());
    relay.stop();
}
