//! Every way into a relay's APIs, with every wrong token and with the ids of others; and where tokens are kept.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::PATIENCE;
use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::redis::Redis;
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{self, Message, Wire};

/// What stands in everything that belongs to the app whose data nobody else may see.
const MARK: &str = "only-for-default";

/// A relay with an event and an endpoint of one app, and their ids.
struct House {
    whk: Whk,
    relay: Listener,
    event: String,
    endpoint: String,
}

impl House {
    fn new() -> Self {
        let whk = Whk::new();
        let relay = whk.relay([] as [&str; 0]);
        let api = Api::of(&whk, &relay, &["--app", "default"]);
        let hook = json!({"name": MARK, "url": format!("http://127.0.0.1:1/{MARK}"), "events": ["none"]});
        let endpoint = api.ok("POST", HOOKS, &hook)["id"].as_str().unwrap().to_owned();
        relay.post(json!({"type": MARK, "data": {"text": MARK}}).to_string());
        let event = api.ok("GET", EVENTS, &Value::Null)["data"][0]["id"].as_str().unwrap().to_owned();
        Self { whk, relay, event, endpoint }
    }

    /// Each operation of the description with ids that are there, as method and path.
    fn operations(&self) -> Vec<(String, String)> {
        let document = whk::relay::http::openapi();
        let paths = document["paths"].as_object().unwrap();
        let mut all = Vec::new();
        for (path, operations) in paths {
            let id = if path.starts_with(HOOKS) { &self.endpoint } else { &self.event };
            for method in operations.as_object().unwrap().keys() {
                all.push((method.to_uppercase(), path.replace("{id}", id)));
            }
        }
        // Beside it stands the API that others described.
        for path in ["app", "app/default", "app/default/msg", "app/default/endpoint", "event-type"] {
            all.push(("GET".to_owned(), format!("/api/v1/{path}")));
        }
        for id in [&self.endpoint, &self.event] {
            for path in [format!("endpoint/{id}"), format!("endpoint/{id}/secret"), format!("msg/{id}")] {
                all.push(("GET".to_owned(), format!("/api/v1/app/default/{path}")));
            }
        }
        for path in ["app", "app/default/msg", "app/default/endpoint", "auth/app-portal-access/default"] {
            all.push(("POST".to_owned(), format!("/api/v1/{path}")));
        }
        all.extend([("GET".to_owned(), "/metrics".to_owned()), ("GET".to_owned(), "/openapi.json".to_owned())]);
        assert!(all.len() > 40, "{}", all.len());
        all
    }

    fn ask(&self, (method, path): (&str, &str), lines: &[&str], body: &str) -> Message {
        self.relay.send(&wire::request_at("localhost", method, path, lines, body.as_bytes()))
    }

    /// The status alone, of what may go on for ever.
    fn status(&self, (method, path): (&str, &str), lines: &[&str]) -> u16 {
        let mut wire = Wire::to(self.relay.address()).unwrap();
        wire.say(&wire::request_at("localhost", method, path, lines, b"")).unwrap();
        wire.answer_to_head().unwrap().status()
    }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

#[test]
fn no_operation_answers_without_a_token_or_with_one_that_has_ended() {
    let house = House::new();
    let ended = house.whk.token(&["--expires", "1ms"]);
    let revoked = house.whk.token(&[]);
    let list = house.whk.run(["relay", "token", "list", "--output", "json"]).check().lines("token");
    let newest = list.iter().max_by_key(|token| token["created_at"].as_str().unwrap().to_owned()).unwrap();
    house.whk.run(["relay", "token", "revoke", newest["id"].as_str().unwrap()]).talks().check();
    for (method, path) in &house.operations() {
        for lines in
            [vec![], vec![bearer(&ended)], vec![bearer(&revoked)], vec!["Authorization: Basic eDp5".to_owned()]]
        {
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            let answer = house.ask((method, path), &lines, "{}");
            // Who shows too many wrong ones is told to wait.
            assert!(matches!(answer.status(), 401 | 429), "{method} {path} {lines:?}: {}", answer.status());
            assert!(!String::from_utf8_lossy(&answer.body).contains(MARK), "{method} {path}");
        }
    }
}

#[test]
fn a_token_with_another_right_does_nothing_else() {
    let house = House::new();
    let (ingest, read) = (house.whk.token(&["--right", "ingest"]), house.whk.token(&["--read-only"]));
    for (method, path) in &house.operations() {
        let makes_events = path.ends_with("/webhooks/test") || path.ends_with("/msg") && method == "POST";
        if !makes_events {
            let answer = house.ask((method, path), &[&bearer(&ingest)], "{}");
            assert_eq!(answer.status(), 403, "ingest: {method} {path}");
        }
        if method != "GET" || path.ends_with("/secret") {
            let answer = house.ask((method, path), &[&bearer(&read)], "{}");
            assert_eq!(answer.status(), 403, "read: {method} {path}");
        }
    }
}

#[test]
fn a_token_of_another_app_sees_nothing_of_this_one_by_whatever_name_it_asks() {
    let house = House::new();
    let own = bearer(&house.whk.token(&["--app", "org_42"]));
    let page = Api::of(&house.whk, &house.relay, &["--app", "default"]);
    house.relay.emit(MARK, &json!({}));
    let cursor = page.ok("GET", &format!("{EVENTS}?limit=1"), &Value::Null)["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    let body =
        json!({"app": "default", "event_type": "x", "endpoint_id": house.endpoint, "ids": [house.event]}).to_string();
    for (method, path) in &house.operations() {
        if path.ends_with("/stream") || path.ends_with("/live") {
            let line = format!("Last-Event-ID: {}", house.event);
            assert_eq!(house.status((method, &format!("{path}?app=default")), &[&own, &line]), 403, "{path}");
            continue;
        }
        for path in [path.clone(), format!("{path}?app=default"), format!("{path}?cursor={cursor}")] {
            let answer = house.ask((method, &path), &[&own], &body);
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!said.contains(MARK), "{method} {path}: {said}");
            assert!(!said.contains("whsec_"), "{method} {path}: {said}");
            let is_foreign =
                path.contains(&house.event) || path.contains(&house.endpoint) || path.contains("app/default");
            if is_foreign {
                assert!(matches!(answer.status(), 400..500), "{method} {path}: {} {said}", answer.status());
            }
        }
    }
    // One that is another's and one that never was are refused in the same words.
    let nobody = "msg_1srOrx2ZWZBpBUvZwXKQmoEYga2";
    let said = |id: &str| {
        let answer = house.ask(("GET", &format!("{EVENTS}/{id}")), &[&own], "");
        (answer.status(), String::from_utf8(answer.body).unwrap().replace(id, "ID"))
    };
    assert_eq!(said(&house.event), said(nobody));
    assert_eq!(said(nobody).0, 404);
    assert_eq!(page.ok("GET", HOOKS, &Value::Null)["data"].as_array().map(Vec::len), Some(1), "nothing was changed");
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { all.extend(files(&entry.path())) } else { all.push(entry.path()) }
    }
    all
}

#[test]
fn a_token_is_written_down_nowhere_and_a_secret_in_no_log() {
    let redis = Redis::start(&[]);
    for store in [None, Some(redis.store())] {
        let whk = Whk::new();
        let place: Vec<&str> = store.iter().flat_map(|store| ["--store", store.as_str()]).collect();
        let relay = whk.relay([&place[..], &["--log", "json"]].concat());
        let tokens: Vec<_> = (0..10).map(|_| whk.token(&place)).collect();
        let mut secrets = Vec::new();
        for token in &tokens {
            let hook = json!({"name": "x", "url": "http://127.0.0.1:1/", "events": ["*"]}).to_string();
            let all = wire::request_at("localhost", "POST", HOOKS, &[&bearer(token)], hook.as_bytes());
            secrets.push(relay.send(&all).json()["secret"].as_str().unwrap().to_owned());
            relay.send(&wire::request_at("localhost", "GET", "/api/v1/tunnel", &[&bearer(token)], b""));
        }
        relay.emit("x", &json!({}));
        let log = relay.stop().err;
        let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        let folders = [whk.home(), redis.folder().to_owned()];
        let kept: Vec<_> =
            folders.iter().flat_map(|folder| files(folder)).map(|file| std::fs::read(file).unwrap()).collect();
        assert!(kept.iter().map(Vec::len).sum::<usize>() > 10_000, "it looks where everything is kept");
        for token in &tokens {
            assert_eq!(kept.iter().filter(|bytes| has(bytes, token)).count(), 0, "a token is kept");
            assert!(!has(&log, token), "a token is in the log");
        }
        for secret in &secrets {
            assert!(!has(&log, secret), "a secret is in the log");
        }
    }
}

#[test]
fn a_token_that_is_revoked_is_refused_by_every_node() {
    let redis = Redis::start(&[]);
    let (store, whk, other) = (redis.store(), Whk::new(), Whk::new());
    let nodes = [&whk, &other].map(|home| home.relay(["--store", &store]));
    let made = ["relay", "token", "create", "--output", "json", "--store", &store];
    let made = whk.run(made).check().line("token");
    let line = bearer(made["token"].as_str().unwrap());
    let status = |node: &Listener| node.send(&wire::request_at("localhost", "GET", EVENTS, &[&line], b"")).status();
    assert_eq!(nodes.each_ref().map(status), [200, 200]);
    let listed = whk.run(["relay", "token", "list", "--output", "json", "--store", &store]).check();
    let own = listed.lines("token").into_iter().find(|token| token["id"] == made["id"]).unwrap();
    assert_eq!(own["rights"], "admin", "as it was asked for");
    let revoke = ["relay", "token", "revoke", made["id"].as_str().unwrap(), "--output", "json", "--store", &store];
    assert_eq!(whk.run(revoke).check().line("revoked")["id"], made["id"]);
    let end = std::time::Instant::now() + PATIENCE;
    // Who goes on showing it is told to wait, in the end.
    while nodes.each_ref().map(status).contains(&200) {
        assert!(std::time::Instant::now() < end, "it is still good");
    }
}

#[test]
fn who_changes_something_or_reads_a_secret_stands_in_the_log() {
    let whk = Whk::new();
    let relay = whk.relay(["--log", "json"]);
    let api = Api::of(&whk, &relay, &["--app", "default", "--label", "deploys"]);
    let made = api.ok("POST", HOOKS, &json!({"name": "a", "url": "http://127.0.0.1:1/", "events": ["none"]}));
    let one = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    api.ok("GET", &one, &Value::Null);
    api.ok("GET", &format!("{one}/secret"), &Value::Null);
    api.ok("POST", "/api/v1/webhooks/test", &json!({"event_type": "x"}));
    assert_eq!(api.call("PATCH", &one, &json!({"url": 7})).0, 422);
    api.call("DELETE", &one, &Value::Null);
    relay.says("\"DELETE\"");
    let log = String::from_utf8(relay.stop().err).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> = lines.filter(|line| line["message"] == "audit").map(|line| line["fields"].clone()).collect();
    let deeds: Vec<_> =
        told.iter().map(|one| (one["method"].as_str().unwrap(), one["path"].as_str().unwrap())).collect();
    assert_eq!(deeds, [("POST", HOOKS), ("GET", &*format!("{one}/secret")), ("DELETE", &*one)]);
    for deed in &told {
        assert_eq!((&deed["label"], &deed["app"]), (&json!("deploys"), &json!("default")));
        assert!(deed["token_id"].as_str().unwrap().starts_with("tok_") && deed["at"].is_string(), "{deed}");
        assert!(deed["remote"].as_str().unwrap().starts_with("127.0.0.1"), "{deed}");
    }
    assert!(!log.contains(made["secret"].as_str().unwrap()));
}
