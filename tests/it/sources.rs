//! Events from elsewhere: an events API's stream, a channel, another program's Redis Streams.

use std::net::Shutdown;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::Gate;
use crate::support::app::{App, answer, nobody};
use crate::support::redis::Redis;
use crate::support::whk::{Listener, Whk};
use crate::support::wire;

fn from(whk: &Whk, place: &str, words: &[&str]) -> Listener {
    let mut command = whk.command(["listen", "--output", "json", "--from", place]);
    command.args(words);
    Listener::away(command)
}

/// How many entries of a stream were taken and are not acknowledged.
fn pending(redis: &Redis, stream: &str) -> u64 {
    let answer: Vec<redis::Value> = redis.say(&["XPENDING", stream, "whk"]).expect("a group");
    redis::from_redis_value(answer.into_iter().next().expect("a count")).expect("a number")
}

fn json_of(message: &wire::Message) -> Value {
    serde_json::from_slice(&message.body).expect("JSON")
}

#[test]
fn a_channel_is_a_source_and_its_json_stays_as_it_was_written() {
    let (app, there, here) = (App::answering(200), Whk::new(), Whk::new());
    let relay = there.relay([] as [&str; 0]);
    let place = format!("http://{}/smee/team", relay.address());
    let listener = from(&here, &place, &["--forward", &app.target()]);
    let body = "{\"n\": 12345678901234567890,\n \"x\": 1.0, \"s\": \"\\u00e9\"}";
    let lines = ["Content-Type: application/json", "X-GitHub-Event: ping"];
    relay.send(&wire::request_at("localhost", "POST", "/smee/team?a=1", &lines, body.as_bytes()));
    let got = app.request();
    assert_eq!((got.target().as_str(), String::from_utf8(got.body.clone()).unwrap().as_str()), ("/?a=1", body));
    assert_eq!(got.get("x-github-event").as_deref(), Some("ping"));
    assert_eq!(listener.attempt()["status"], 200);
    assert_eq!(here.events(&[]).len(), 1, "it is kept here too, to be replayed");
}

#[test]
fn a_source_may_have_an_inspector_beside() {
    let (app, there, here) = (App::answering(200), Whk::new(), Whk::new());
    let relay = there.relay([] as [&str; 0]);
    let place = format!("http://{}/smee/team", relay.address());
    let listener = from(&here, &place, &["--forward", &app.target(), "--port", "0"]);
    let inspector = listener.ready["inspector"].as_str().unwrap().split("/#").next().unwrap().to_owned();
    let address = inspector.strip_prefix("http://").unwrap().parse().unwrap();
    let said = wire::exchange(address, &wire::request_at("localhost", "GET", "/healthz", &[], b"")).unwrap();
    assert_eq!(said.status(), 200);
    relay.send(&wire::request_at("localhost", "POST", "/smee/team", &["Content-Type: application/json"], b"{\"n\":1}"));
    assert_eq!(json_of(&app.request()), json!({"n": 1}));
}

#[test]
fn a_stream_goes_on_after_its_server_was_killed_and_nothing_is_lost_or_doubled() {
    let (app, there, here) = (App::answering(200), Whk::new(), Whk::new());
    let relay = there.relay([] as [&str; 0]);
    let port = relay.address().port().to_string();
    let place = format!("http://{}/api/v1/webhooks/events/stream", relay.address());
    let token = there.token(&["--read-only"]);
    here.run(["listen", "--from", &place, "--token", "wrong"]).exits(2).err_has("401").err_lacks("wrong").check();
    let listener = from(&here, &place, &["--forward", &app.target(), "--token", &token, "--ordered"]);
    let make = |relay: &Listener, number: u64| relay.post(json!({"type": "n", "n": number}).to_string());
    (0..10).for_each(|number| drop(make(&relay, number)));
    app.requests(10);
    relay.kill();
    listener.lines("reconnecting", 1);
    let relay = Listener::start(there.command(["relay", "--output", "json", "--port", &port]));
    (10..20).for_each(|number| drop(make(&relay, number)));
    let numbers: Vec<_> = app.requests(20).iter().map(|message| json_of(message)["n"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..20).collect::<Vec<_>>());
    let (theirs, own) = (there.events(&[]), here.events(&[]));
    let ids = |events: &[Value]| events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&theirs), ids(&own), "events keep their names");
}

#[test]
fn any_stream_of_events_is_a_source() {
    let app = App::answering(200);
    let stream = App::raw(|mut stream, _| {
        use std::io::{Read, Write};
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap_or(0);
        let again = String::from_utf8_lossy(&request[..read]).contains("Last-Event-ID: 7\r\n");
        let said: &[u8] = if again {
            b"id: 8\ndata: second\n\n"
        } else {
            b": hi\n\nid: 7\nevent: order.created\ndata: {\"a\":\ndata: 1}\n\n"
        };
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
        drop(stream.write_all(&[head, said].concat()));
        if !again {
            drop(stream.shutdown(Shutdown::Both));
            return;
        }
        drop(stream.read(&mut request));
    });
    let whk = Whk::new();
    let _listener = from(&whk, &format!("http://{}/", stream.target()), &["--forward", &app.target()]);
    let got = app.requests(2);
    assert_eq!(
        (got[0].body.as_slice(), got[0].get("x-event-type").as_deref()),
        (&b"{\"a\":\n1}"[..], Some("order.created"))
    );
    assert_eq!(got[1].body, b"second", "it came back with the id of the last one");
    let page = App::answering(200);
    whk.run(["listen", "--from", &format!("http://{}/", page.target())])
        .exits(2)
        .err_has("not a stream of events")
        .check();
    whk.run(["listen", "--from", &format!("http://{}/", nobody())]).exits(3).err_has("nothing listens there").check();
    whk.run(["listen", "--from", "ftp://x"]).exits(2).err_has("redis://host/0?stream=NAME").check();
}

#[test]
fn an_entry_is_acknowledged_after_the_app_answered() {
    let (redis, app, whk) = (Redis::start(&[]), App::answering(200), Whk::new());
    let place = format!("{}?stream=workflow:events:*", redis.url());
    let listener = from(&whk, &place, &["--forward", &app.target()]);
    let stream = format!("{}?stream=workflow:events:run_7", redis.url());
    let sent = ["send", "workflow.completed", "--via", "redis", "--base-url", &stream, "--output", "json"];
    let data = r#"{"id":"run_7","status":"completed","output":{"rows":3}}"#;
    let line = whk.run(sent.iter().chain(&["--data", data])).check().line("sent");
    let got = app.request();
    let body = json_of(&got);
    let names: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["event_type", "workflow_id", "status", "result", "completed_at", "error_message"]);
    assert_eq!(
        (&body["event_type"], &body["workflow_id"], &body["result"]),
        (&json!("workflow.completed"), &json!("run_7"), &json!({"rows": 3}))
    );
    assert_eq!(got.get("x-redis-entry").as_deref(), line["id"].as_str());
    assert_eq!(listener.event()["event_type"], "workflow.completed");
    let path = whk.put("request.http", [got.head.clone(), got.body.clone()].concat());
    whk.run(["verify", "--request", path.to_str().unwrap(), "--secret", &whk.secret()]).out_has("valid").check();
    listener.stop();
    assert_eq!(pending(&redis, "workflow:events:run_7"), 0);
    whk.run(["send", "workflow.completed", "--via", "redis"]).exits(2).err_has("--base-url redis://").check();
}

#[test]
fn what_a_listener_took_and_died_of_another_takes_over() {
    let redis = Redis::start(&[]);
    let gate = Arc::new(Gate::default());
    let passing = Arc::clone(&gate);
    let app = App::new(move |_, number| {
        if number == 0 {
            passing.pass();
        }
        answer(200, &[], b"")
    });
    let place = format!("{}?stream=jobs&idle=500ms", redis.url());
    let (first, second) = (Whk::new(), Whk::new());
    let words = ["--forward", &app.target(), "--since", "0"];
    for number in ["1", "2", "3"] {
        redis.tell(&["XADD", "jobs", "*", "event_type", "job.done", "n", number]);
    }
    let dying = from(&first, &place, &words);
    app.request();
    dying.kill();
    gate.open();
    let listener = from(&second, &place, &words);
    let numbers: Vec<_> =
        app.requests(4).iter().map(|message| json_of(message)["n"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers, ["1", "1", "2", "3"], "in the stream's order, and what was not acknowledged again");
    let ids: Vec<_> = app.requests(4).iter().map(|message| message.get("webhook-id").unwrap()).collect();
    assert_eq!(ids[0], ids[1], "under the same id");
    listener.stop();
    assert_eq!(pending(&redis, "jobs"), 0);
}

#[test]
fn an_app_that_is_down_gets_each_entry_once_it_is_up() {
    let redis = Redis::start(&[]);
    let app = App::raw(|stream, number| {
        use std::io::{Read, Write};
        // The first two connections are hung up on, as by an app that is starting.
        if number >= 2 {
            let mut stream = stream;
            drop(stream.read(&mut [0; 4096]));
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    });
    let whk = Whk::new();
    let place = format!("{}?stream=jobs", redis.url());
    let listener = from(&whk, &place, &["--forward", &app.target(), "--since", "0"]);
    redis.tell(&["XADD", "jobs", "*", "event_type", "job.done"]);
    let attempts = listener.lines("attempt", 3);
    assert_eq!(attempts[2]["status"], 200);
    assert_eq!(attempts[0]["event_id"], attempts[2]["event_id"]);
}

#[test]
fn a_redis_that_was_killed_comes_back_and_no_entry_is_lost() {
    let (mut redis, app, whk) = (Redis::start(&[]), App::answering(200), Whk::new());
    let listener = from(&whk, &format!("{}?stream=jobs", redis.url()), &["--forward", &app.target()]);
    let add =
        |redis: &Redis, number: u32| redis.tell(&["XADD", "jobs", "*", "event_type", "job", "n", &number.to_string()]);
    (0..5).for_each(|number| add(&redis, number));
    app.requests(5);
    redis.restart();
    (5..10).for_each(|number| add(&redis, number));
    let numbers: Vec<_> =
        app.requests(10).iter().map(|message| json_of(message)["n"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers, (0..10).map(|number: u32| number.to_string()).collect::<Vec<_>>());
    listener.lines("reconnecting", 1);
    listener.stop();
}

#[test]
fn a_group_that_was_destroyed_is_made_again_and_what_was_delivered_is_not_sent_twice() {
    let (redis, app, whk) = (Redis::start(&[]), App::answering(200), Whk::new());
    let place = format!("{}?stream=jobs", redis.url());
    let listener = from(&whk, &place, &["--forward", &app.target(), "--since", "0"]);
    let add = |number: u32| redis.tell(&["XADD", "jobs", "*", "event_type", "job", "n", &number.to_string()]);
    (0..5).for_each(add);
    app.requests(5);
    for round in 1..4 {
        redis.tell(&["XGROUP", "DESTROY", "jobs", "whk"]);
        (round * 5..round * 5 + 5).for_each(add);
        app.requests(usize::try_from(round).unwrap() * 5 + 5);
    }
    let numbers: Vec<_> =
        app.requests(20).iter().map(|message| json_of(message)["n"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers, (0..20).map(|number: u32| number.to_string()).collect::<Vec<_>>());
    listener.stop();
    assert_eq!(app.count(), 20);
}

#[test]
fn a_redis_behind_tls_is_a_source_and_a_store_and_its_certificate_is_checked() {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (app, whk) = (App::answering(200), Whk::new());
    let cert = whk.put("cert.pem", signed.cert.pem());
    let key = whk.put("key.pem", signed.signing_key.serialize_pem());
    let [cert, key] = [&cert, &key].map(|path| path.to_str().unwrap());
    let free = nobody();
    let port = free.rsplit(':').next().unwrap();
    let tls = ["--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
    let redis = Redis::start(&[&tls[..], &["--tls-auth-clients", "no"]].concat());
    let place = format!("rediss://localhost:{port}/0?stream=jobs");
    whk.run(["listen", "--from", &place]).exits(3).err_has("ertificate").check();
    let mut command = whk.command(["listen", "--output", "json", "--from", &place, "--since", "0"]);
    command.args(["--forward", &app.target()]).env("SSL_CERT_FILE", cert);
    let _listener = Listener::away(command);
    redis.tell(&["XADD", "jobs", "*", "event_type", "job.done", "n", "1"]);
    assert_eq!(json_of(&app.request())["n"], "1");
    let mut command = whk.command(["relay", "--output", "json", "--port", "0", "--store"]);
    command.arg(format!("rediss://localhost:{port}/0")).env("SSL_CERT_FILE", cert);
    let relay = Listener::start(command);
    assert_eq!(relay.post("{}").status(), 200);
}
