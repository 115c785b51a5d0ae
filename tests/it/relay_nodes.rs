//! Several equal relays on one Redis: any may die, and who asks one sees what the others did.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, Say, answer, nobody};
use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::{Redis, shared};
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{Wire, request};
use crate::support::{PATIENCE, Watched};

type Bodies = BTreeSet<Vec<u8>>;

/// Homes of their own, and one store.
struct Team {
    homes: Vec<Whk>,
    store: String,
}

impl Team {
    fn new(count: usize, store: String) -> Self {
        Self { homes: (0..count).map(|_| Whk::new()).collect(), store }
    }

    fn start(&self, number: usize) -> Listener {
        self.homes[number].relay(["--store", &self.store, "--retry", "100ms,1s,2s,4s,8s"])
    }

    fn api(&self, number: usize, relay: &Listener) -> Api {
        Api::of(&self.homes[number], relay, &["--store", &self.store, "--app", "default"])
    }
}

/// Posts to a node until it is gone or enough is acknowledged.
fn post(node: &Listener, name: usize, enough: usize, acknowledged: &Arc<Watched<Bodies>>) -> JoinHandle<()> {
    let (address, acknowledged) = (node.address(), Arc::clone(acknowledged));
    thread::spawn(move || {
        let Ok(mut wire) = Wire::to(address) else { return };
        for number in 0..enough {
            let body = json!({"type": "load", "data": [name, number, "x".repeat(number % 700)]}).to_string();
            let sent = wire.say(&request("POST", "/in/default", &[], body.as_bytes()));
            let Ok(answer) = sent.and_then(|()| wire.answer()) else { return };
            if answer.status() == 202 {
                acknowledged.with(|all| all.insert(body.into_bytes()));
            }
        }
    })
}

#[test]
fn of_three_nodes_one_is_killed_under_load_and_nothing_acknowledged_is_lost() {
    let (team, app) = (Team::new(3, shared().store()), App::answering(200));
    let mut nodes: Vec<_> = (0..3).map(|number| team.start(number)).collect();
    let hook = json!({"name": "all", "url": format!("http://{}/", app.target()), "events": ["*"]});
    team.api(0, &nodes[0]).ok("POST", HOOKS, &hook);
    let acknowledged = Arc::new(Watched::<Bodies>::default());
    // The other nodes know of the endpoint a second later at the latest; this event is delivered by then.
    nodes[0].post(json!({"type": "first"}).to_string());
    app.request();
    let senders: Vec<_> = nodes.iter().zip(0..).map(|(node, name)| post(node, name, 150, &acknowledged)).collect();
    assert!(acknowledged.wait(|all| (all.len() >= 120).then_some(())).is_some(), "too few answers");
    nodes.remove(1).kill();
    for sender in senders {
        sender.join().unwrap();
    }
    let acknowledged = acknowledged.with(std::mem::take);
    assert!(acknowledged.len() >= 300, "the two others went on: {}", acknowledged.len());
    let api = team.api(0, &nodes[0]);
    let all = api.ok("GET", "/api/v1/webhooks/events?limit=1", &json!(null));
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1), "{all}");
    let early = acknowledged.len() - app.missing(&acknowledged);
    assert_eq!(early, acknowledged.len(), "some never came");
}

#[test]
fn who_follows_at_one_node_sees_what_arrives_at_another() {
    let team = Team::new(2, shared().store());
    let (here, there) = (team.start(0), team.start(1));
    let api = team.api(0, &here);
    let mut stream = api.stream("", &[]);
    for number in 0..5 {
        there.emit("order.created", &json!({"n": number}));
        let item = stream.next();
        assert_eq!(item.data["event_type"], "order.created", "{item:?}");
    }
    drop(here);
}

/// A listener at a node, with the token of that node's machine.
fn listen(team: &Team, number: usize, node: &Listener, words: &[&str]) -> Listener {
    let (place, token) = (format!("http://{}", node.address()), team.homes[number].home().join("token"));
    let listen = ["listen", "--output", "json", "--relay", &place, "--app", "default"];
    let mut command = team.homes[number].command(listen);
    command.args(["--token", &format!("file:{}", token.display())]).args(words);
    Listener::away(command)
}

#[test]
fn a_sender_at_one_node_gets_the_answer_of_a_listener_at_another() {
    let (team, app) =
        (Team::new(2, shared().store()), App::new(|request, _| answer(207, &["X-Reply: yes"], &request.body)));
    let (here, there) = (team.start(0), team.start(1));
    assert_eq!(there.post("{}").status(), 200, "nobody is there");
    let listener = listen(&team, 0, &here, &["--forward", &app.target(), "--only", "order.*"]);
    for number in 0..20 {
        let answer = there.emit("order.created", &json!({"n": number}));
        assert_eq!((answer.status(), answer.get("x-reply").as_deref()), (207, Some("yes")));
        assert_eq!(answer.json()["data"]["n"], number);
        assert_eq!(here.emit("order.created", &json!({"n": number})).status(), 207);
        assert_eq!(there.emit("other", &json!({})).status(), 200, "nobody wants that");
    }
    // Of an app that is down the sender is told, too.
    listener.stop();
    let down = listen(&team, 0, &here, &["--forward", &nobody()]);
    assert_eq!(there.post("{}").status(), 502);
    down.stop();
    // A node that starts later hears of listeners that were there before.
    let _again = listen(&team, 0, &here, &["--forward", &app.target()]);
    there.stop();
    let there = team.start(1);
    assert!(comes(|| there.post("{}").status() == 207), "it never heard of the listener");
}

/// Whether something becomes so.
fn comes(mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    std::iter::from_fn(|| (Instant::now() < end).then(&mut is_so)).any(|is_so| is_so)
}

#[test]
fn redis_comes_back_under_load_and_nothing_acknowledged_is_lost() {
    let (mut redis, app) = (Redis::start(&[]), App::answering(200));
    let team = Team::new(1, redis.store());
    let node = team.start(0);
    let hook = json!({"name": "all", "url": format!("http://{}/", app.target()), "events": ["*"]});
    team.api(0, &node).ok("POST", HOOKS, &hook);
    let acknowledged = Arc::new(Watched::<Bodies>::default());
    let sender = post(&node, 0, 200, &acknowledged);
    assert!(acknowledged.wait(|all| (all.len() >= 60).then_some(())).is_some(), "too few answers");
    redis.restart();
    sender.join().unwrap();
    let acknowledged = acknowledged.with(std::mem::take);
    assert!(acknowledged.len() >= 100, "it went on: {}", acknowledged.len());
    assert_eq!(app.missing(&acknowledged), 0);
}

#[test]
fn a_server_that_forgets_by_itself_is_refused_by_name() {
    let redis = Redis::start(&["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]);
    let (whk, store) = (Whk::new(), redis.store());
    whk.run(["relay", "--port", "0", "--store", &store])
        .exits(3)
        .err_has("maxmemory-policy is allkeys-lru")
        .err_has("noeviction")
        .check();
    redis.say::<String>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).unwrap();
    let relay = whk.relay(["--store", &store]);
    assert_eq!(relay.ready["store"], store);
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    let whk = Whk::new();
    whk.run(["relay", "--port", "0", "--store", "redis://me:geheim@127.0.0.1:1/0"])
        .exits(3)
        .err_has("redis://127.0.0.1:1/0")
        .err_lacks("geheim")
        .check();
}

#[test]
fn a_node_that_slept_past_its_lease_has_no_say_any_more() {
    let (team, app) = (Team::new(2, shared().store()), App::saying([Say::Stall(Vec::new()), answer(200, &[], b"")]));
    let flags = ["--store", &team.store, "--timeout", "1s", "--retry", "1s"];
    let [slow, other] = [0, 1].map(|number| team.homes[number].relay(flags));
    let hook = json!({"name": "all", "url": format!("http://{}/", app.target()), "events": ["*"]});
    let api = team.api(1, &other);
    api.ok("POST", HOOKS, &hook);
    let list = team.api(0, &slow).ok("GET", HOOKS, &json!(null));
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list}");
    let event: serde_json::Value = slow.post(json!({"type": "once"}).to_string()).json();
    app.request();
    slow.signal("STOP");
    // The other one takes it up when the lease is over.
    app.requests(2);
    slow.signal("CONT");
    slow.stop();
    let id = event["event_id"].as_str().or(event["id"].as_str()).unwrap_or_else(|| panic!("{event}"));
    let kept = api.ok("GET", &format!("{EVENTS}/{id}/attempts"), &json!(null));
    let kept = kept["data"].as_array().unwrap_or_else(|| panic!("{kept}"));
    assert_eq!((kept.len(), &kept[0]["status"]), (1, &json!(200)), "{kept:?}");
    assert_eq!(app.count(), 2);
}

#[test]
fn an_ordered_endpoint_gets_one_at_a_time_in_the_order_of_the_log_whoever_sends() {
    let (busy, clashes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let app = {
        let (busy, clashes) = (Arc::clone(&busy), Arc::clone(&clashes));
        App::new(move |_, _| {
            clashes.fetch_add(busy.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            // Long enough for another to come meanwhile.
            thread::sleep(Duration::from_millis(3));
            busy.fetch_sub(1, Ordering::SeqCst);
            answer(200, &[], b"")
        })
    };
    let team = Team::new(3, shared().store());
    let nodes: Vec<_> = (0..3).map(|number| team.start(number)).collect();
    let api = team.api(0, &nodes[0]);
    let hook = json!({"name": "all", "url": format!("http://{}/", app.target()), "events": ["load"], "ordered": true});
    api.ok("POST", HOOKS, &hook);
    // All know of the endpoint when each has taken something in that got there.
    for (number, node) in nodes.iter().enumerate() {
        assert!(comes(|| {
            node.emit("load", &json!([number]));
            app.count() > number
        }));
    }
    let acknowledged = Arc::new(Watched::<Bodies>::default());
    let senders: Vec<_> = nodes.iter().zip(0..).map(|(node, name)| post(node, name, 40, &acknowledged)).collect();
    for sender in senders {
        sender.join().unwrap();
    }
    let all = api.ok("GET", "/api/v1/webhooks/events?order=oldest&limit=1000&type=load", &json!(null));
    let all = all["data"].as_array().unwrap_or_else(|| panic!("{all}"));
    let log: Vec<_> = all.iter().map(crate::support::whk::body_of).collect();
    assert!(log.len() >= 120, "{}", log.len());
    app.requests(log.len());
    assert_eq!((app.bodies() == log, clashes.load(Ordering::SeqCst)), (true, 0), "in order, one at a time");
}

#[test]
fn a_name_that_is_taken_at_one_node_is_refused_at_another_until_it_is_free() {
    let (team, app) = (Team::new(2, shared().store()), App::answering(204));
    let (here, there) = (team.start(0), team.start(1));
    let named = ["--name", "dev", "--forward", &app.target()];
    let first = listen(&team, 0, &here, &named);
    let token = team.homes[1].home().join("token");
    let place = format!("http://{}", there.address());
    let second = ["listen", "--relay", &place, "--app", "default", "--name", "dev"];
    let token = format!("file:{}", token.display());
    let refused = team.homes[1].run(second.iter().chain(&["--token", &token]));
    refused.exits(2).err_has("the name is taken by a listener from 127.0.0.1").err_has("at another relay").check();
    // Another name, and another app's, are free.
    drop(listen(&team, 1, &there, &["--name", "other"]));
    assert_eq!(there.post("{}").status(), 204);
    first.stop();
    let again = comes(|| {
        let mut command = team.homes[1].command(second);
        command.args(["--token", &token, "--forward", &app.target(), "--for", "100ms"]);
        command.output().is_ok_and(|output| output.status.success())
    });
    assert!(again, "the name never became free");
}

#[test]
fn the_listeners_of_a_group_share_what_comes_whichever_nodes_they_are_at() {
    let team = Team::new(2, shared().store());
    let nodes = [team.start(0), team.start(1)];
    let apps = [App::answering(200), App::answering(200)];
    let word = |app: &App| ["--group".to_owned(), "team".to_owned(), "--forward".to_owned(), app.target()];
    let join =
        |number: usize| listen(&team, number, &nodes[number], &word(&apps[number]).each_ref().map(String::as_str));
    let listeners = [join(0), join(1)];
    let count = || apps[0].count() + apps[1].count();
    let mut sent = 0;
    let both = comes(|| {
        for node in &nodes {
            assert_eq!(node.post(json!({"n": sent}).to_string()).status(), 200);
            sent += 1;
        }
        sent >= 40 && apps.iter().all(|app| app.count() > 0)
    });
    assert!(both, "one gets all: {} and {}", apps[0].count(), apps[1].count());
    assert!(comes(|| count() >= sent), "{} of {sent}", count());
    assert_eq!(count(), sent, "each event went to one of them");
    // Who wants something else is refused at every node, as long as anybody is there.
    let place = format!("http://{}", nodes[1].address());
    let token = format!("file:{}", team.homes[1].home().join("token").display());
    let other =
        ["listen", "--relay", &place, "--app", "default", "--token", &token, "--group", "team", "--only", "a.*"];
    let [first, second] = listeners;
    second.stop();
    let refused = "the others of this group want other events";
    team.homes[1].run(other).exits(2).err_has(refused).check();
    // What comes when nobody is there is there for whoever comes back, at whichever node.
    first.stop();
    for node in &nodes {
        node.post(r#"{"n": "asleep"}"#);
    }
    let _again = join(1);
    let late =
        apps[1].wait(|all| (all.iter().filter(|one| one.body == br#"{"n": "asleep"}"#).count() == 2).then_some(()));
    assert!(late.is_some(), "it never came");
}

#[test]
fn what_a_group_had_at_a_node_that_is_killed_goes_to_its_listener_at_another() {
    let (team, healthy) = (Team::new(2, shared().store()), App::answering(200));
    let silent = App::new(|_, _| Say::Stall(Vec::new()));
    let start = |number: usize| team.homes[number].relay(["--store", &team.store, "--hold", "10ms"]);
    let (here, there) = (start(0), start(1));
    let _gone = listen(&team, 0, &here, &["--group", "team", "--forward", &silent.target()]);
    let _stays = listen(&team, 1, &there, &["--group", "team", "--forward", &healthy.target()]);
    let mut all = Bodies::new();
    let is_stuck = comes(|| {
        let body = json!({"n": all.len()}).to_string();
        here.post(&body);
        all.insert(body.into_bytes());
        silent.count() >= 3
    });
    assert!(is_stuck, "the other listener got all");
    here.kill();
    assert_eq!(healthy.missing(&all), 0, "of {}", all.len());
}

#[test]
fn a_listener_of_a_group_that_was_cut_off_keeps_what_its_app_has_in_hand_and_no_other_gets_it() {
    let team = Team::new(2, shared().store());
    let start = |number: usize| team.homes[number].relay(["--store", &team.store, "--hold", "10ms"]);
    let (here, there) = (start(0), start(1));
    let may_answer = Arc::new(Watched::<bool>::default());
    let gate = Arc::clone(&may_answer);
    let slow = App::new(move |_, _| {
        gate.wait(|open| open.then_some(())).expect("the gate stayed shut");
        answer(200, &[], b"")
    });
    let healthy = App::answering(200);
    let way = Proxy::to(here.address(), |_| Fault::None);
    let (place, token) = (format!("http://{}", way.address()), team.homes[0].home().join("token"));
    let mut command = team.homes[0].command(["listen", "--output", "json", "--relay", &place, "--app", "default"]);
    command.args(["--token", &format!("file:{}", token.display())]);
    command.args(["--group", "team", "--forward", &slow.target()]);
    let cut = Listener::away(command);
    let other = listen(&team, 1, &there, &["--group", "team", "--forward", &healthy.target()]);
    let mut sent = 0;
    let mut post = |node: &Listener| {
        node.post(json!({"n": sent}).to_string());
        sent += 1;
        sent
    };
    let both_have_some = comes(|| {
        post(&here);
        slow.count() >= 3 && healthy.count() > 0
    });
    assert!(both_have_some, "{} and {}", slow.count(), healthy.count());
    way.heal();
    cut.lines("reconnecting", 1);
    // What comes now is shared by both again, so that the line has moved on behind what is in hand.
    let before = healthy.count();
    let goes_on = comes(|| {
        post(&there);
        healthy.count() > before
    });
    assert!(goes_on, "the group stands still");
    may_answer.with(|open| *open = true);
    let total = post(&here);
    let count = || slow.count() + healthy.count();
    assert!(comes(|| count() >= total), "{} of {total}", count());
    cut.stop();
    other.stop();
    let mut bodies = slow.bodies();
    bodies.extend(healthy.bodies());
    let once: Bodies = bodies.iter().cloned().collect();
    assert_eq!((once.len(), bodies.len()), (total, total), "each event once");
}

/// It used to ask for the same for ever. A failover that lost the last of it leaves a group so.
#[test]
fn a_group_that_is_further_back_in_the_store_than_at_its_node_begins_anew_and_goes_on() {
    let (team, app) = (Team::new(1, shared().store()), App::answering(200));
    let node = team.start(0);
    let _listener = listen(&team, 0, &node, &["--group", "team", "--forward", &app.target()]);
    for number in 0..3 {
        assert_eq!(node.post(json!({"n": number}).to_string()).status(), 200);
    }
    app.requests(3);
    let prefix = team.store.rsplit('=').next().unwrap();
    let key = format!("{{{prefix}}}:group:tunnel:default:group:team");
    assert_eq!(shared().say::<i64>(&["HSET", &key, "at", "0"]).unwrap(), 0, "there is no such group");
    node.post(r#"{"n": "after"}"#);
    let found = app.wait(|all| all.iter().any(|one| one.body == br#"{"n": "after"}"#).then_some(()));
    assert!(found.is_some(), "the group stands still");
}
