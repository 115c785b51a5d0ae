//! What the relay looks at before it takes something: payloads against schemas, places it would never call, twins.

use serde_json::{Value, json};

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::App;
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{self, Wire};

fn house(words: &[&str]) -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay(words);
    let api = Api::of(&whk, &relay, &[]);
    (whk, relay, api)
}

fn with_schema(api: &Api) {
    let schema = json!({"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}});
    let old = json!({"type": "object", "required": ["gone"]});
    let body = json!({"name": "order.paid", "description": "Paid", "schemas": {"9": old, "10": schema}});
    api.ok("POST", "/api/v1/event-type/", &body);
    api.ok("POST", "/api/v1/app/", &json!({"name": "a", "uid": "a"}));
}

fn message(api: &Api, payload: &Value) -> (u16, Value) {
    api.call("POST", "/api/v1/app/a/msg/", &json!({"eventType": "order.paid", "payload": payload}))
}

#[test]
fn a_payload_that_breaks_its_schema_is_refused_where_that_is_asked_for() {
    let (_whk, _relay, api) = house(&["--validate", "reject"]);
    with_schema(&api);
    assert_eq!(message(&api, &json!({"total": 3.5})).0, 202);
    let (status, said) = message(&api, &json!({"total": "secret words"}));
    assert_eq!((status, &said["detail"][0]["loc"]), (422, &json!(["body", "payload"])));
    let text = said["detail"][0]["msg"].as_str().unwrap();
    assert!(text.contains("/total") && text.contains("number") && !text.contains("secret words"), "{text}");
    assert_eq!(message(&api, &json!({})).0, 422);
    let body = json!({"type": "order.paid", "app": "a", "data": {"total": null}});
    let (status, said) = api.call("POST", "/api/v1/webhooks/test", &body);
    assert_eq!((status, &said["field"]), (422, &json!("data")));
    let body = json!({"eventType": "other.type", "payload": {"total": "x"}});
    assert_eq!(api.call("POST", "/api/v1/app/a/msg/", &body).0, 202, "a type without a schema takes anything");
}

#[test]
fn a_payload_that_breaks_its_schema_is_taken_and_told_of_where_that_is_asked_for() {
    let (_whk, relay, api) = house(&["--validate", "warn", "--log", "json"]);
    with_schema(&api);
    let (status, made) = message(&api, &json!({}));
    assert_eq!(status, 202);
    drop(api);
    let run = relay.stop();
    let text = String::from_utf8_lossy(&run.err).into_owned();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<_> = lines.filter(|line| line["message"] == "misfit").collect();
    assert_eq!(told.len(), 1, "{text}");
    assert_eq!((&told[0]["level"], &told[0]["fields"]["event_id"]), (&json!("warn"), &made["id"]));
}

#[test]
fn a_place_that_the_relay_never_calls_is_refused_when_it_is_written() {
    let (_whk, _relay, api) = house(&["--host", "0.0.0.0", "--allow-net", "10.1.0.0/16"]);
    api.ok("POST", "/api/v1/app/", &json!({"name": "a", "uid": "a"}));
    let svix = "/api/v1/app/a/endpoint/";
    for url in ["http://169.254.169.254/", "http://127.1/", "http://0x7f000001/", "http://[::1]/", "http://localhost./"]
    {
        let (status, said) = api.call("POST", HOOKS, &json!({"name": "x", "url": url}));
        assert_eq!((status, &said["code"], &said["field"]), (422, &json!("url_blocked"), &json!("url")), "{url}");
        let (status, said) = api.call("POST", svix, &json!({"url": url}));
        assert_eq!((status, &said["detail"][0]["type"]), (422, &json!("url_blocked")), "{url}");
    }
    let made = api.ok("POST", HOOKS, &json!({"name": "x", "url": "http://10.1.2.3/"}));
    let one = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    assert_eq!(api.call("PATCH", &one, &json!({"url": "http://10.2.2.3/"})).0, 422);
    let made = api.ok("POST", svix, &json!({"url": "https://example.com/"}));
    let one = format!("{svix}{}", made["id"].as_str().unwrap());
    assert_eq!(api.call("PATCH", &one, &json!({"url": "http://192.168.1.1/"})).0, 422);
}

#[test]
fn twins_that_are_sent_at_once_make_one_event() {
    let (_whk, _relay, api) = house(&[]);
    let app = App::answering(200);
    api.ok("POST", HOOKS, &json!({"name": "x", "url": format!("http://{}/", app.target())}));
    let body = json!({"type": "a.b", "data": {"n": 1}}).to_string();
    let ask = || api.ask("POST", "/api/v1/webhooks/test", &["Idempotency-Key: k1"], &body).json()["id"].clone();
    let ids: Vec<Value> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{ids:?}");
    assert_eq!(api.ok("GET", EVENTS, &Value::Null)["data"].as_array().unwrap().len(), 1);
}

/// Posts to a path as if a proxy had passed it on for somebody.
fn post_for(relay: &Listener, path: &str, sender: &str) -> u16 {
    let line = format!("X-Forwarded-For: {sender}");
    relay.send(&wire::request_at("localhost", "POST", path, &[&line], br#"{"type":"a.b"}"#)).status()
}

#[test]
fn an_inbox_that_knows_its_senders_takes_nothing_from_others() {
    let (_whk, relay, api) = house(&["--allow-from", "203.0.113.0/24", "--allow-from", "2001:db8::/32"]);
    // Nobody is believed who says that he asks for somebody else.
    for path in ["/in/default", "/in/default/deep?x=1", "/smee/channel"] {
        assert_eq!(post_for(&relay, path, "203.0.113.7"), 403, "{path}");
    }
    // No byte of the body is waited for.
    let mut wire = Wire::to(relay.address()).unwrap();
    wire.say(b"POST /in/default HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n").unwrap();
    let refused = wire.answer().unwrap();
    assert_eq!((refused.status(), &refused.json()["code"]), (403, &json!("sender_not_allowed")));
    // Whoever has a token may ask from anywhere, and make events too.
    assert_eq!(api.ok("GET", EVENTS, &Value::Null)["data"], json!([]));
    api.ok("POST", "/api/v1/webhooks/test", &json!({"event_type": "a.b", "data": {}}));
    assert_eq!(relay.send(&wire::request_at("localhost", "GET", "/healthz", &[], b"")).status(), 200);
}

#[test]
fn behind_a_proxy_the_sender_counts_and_not_the_proxy() {
    let (_whk, relay, api) = house(&["--allow-from", "203.0.113.0/24", "--trust-proxy", "127.0.0.0/8"]);
    assert_eq!(post_for(&relay, "/in/default", "203.0.113.7"), 200);
    assert_eq!(post_for(&relay, "/in/default", "203.0.113.7, 127.0.0.9"), 200);
    for other in ["9.9.9.9", "203.0.113.7, 9.9.9.9", "nobody", ""] {
        assert_eq!(post_for(&relay, "/in/default", other), 403, "{other}");
    }
    assert_eq!(relay.post("{}").status(), 403, "the proxy itself");
    assert_eq!(api.ok("GET", EVENTS, &Value::Null)["data"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_listener_knows_its_senders_too() {
    let (whk, app) = (Whk::new(), App::answering(204));
    let listener = whk.listen(["--forward", &app.target(), "--allow-from", "203.0.113.0/24"]);
    assert_eq!(listener.post("{}").status(), 403);
    listener.stop();
    let listener =
        whk.listen(["--forward", &app.target(), "--allow-from", "203.0.113.0/24", "--allow-from", "127.0.0.1"]);
    assert_eq!(listener.post("{}").status(), 204);
    assert_eq!(app.count(), 1);
    listener.stop();
    let run = whk.run(["listen", "--from", "https://smee.test/x", "--allow-from", "127.0.0.1"]);
    run.exits(2).err_has("--allow-from").check();
    whk.run(["relay", "--allow-from", "somewhere"]).exits(2).err_has("10.0.0.0/8").check();
}
