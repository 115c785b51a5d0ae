//! The admin API: endpoints, their secrets, and who may do what.

use serde_json::{Value, json};

use crate::support::api::{Api, HOOKS};
use crate::support::app::App;
use crate::support::whk::{Listener, Whk};
use crate::support::wire::Message;

fn house() -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay(["--retry", "none"]);
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    (whk, relay, api)
}

fn hook(name: &str, app: &App, events: &[&str]) -> Value {
    json!({"name": name, "url": format!("http://{}/hook", app.target()), "events": events})
}

fn signatures(request: &Message) -> usize {
    request.get("webhook-signature").unwrap_or_default().split(' ').count()
}

#[test]
fn an_endpoint_is_made_listed_changed_and_removed() {
    let (_whk, relay, api) = house();
    let app = App::answering(200);
    let made = api.ok("POST", HOOKS, &hook("ERP", &app, &["order.created"]));
    let one = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        (&made["name"], &made["scheme"], &made["redirects"]),
        (&json!("ERP"), &json!("standard-webhooks"), &json!(true))
    );
    assert_eq!(api.ok("GET", HOOKS, &Value::Null)["data"][0]["id"], made["id"]);
    let changed = api.ok("PATCH", &one, &json!({"events": ["user.*"], "rate_limit": 5, "headers": {"X-A": "1"}}));
    assert_eq!(
        (&changed["name"], &changed["events"], &changed["rate_limit"]),
        (&json!("ERP"), &json!(["user.*"]), &json!(5))
    );
    assert_eq!(changed["headers"], json!(["X-A"]), "values may be secrets");
    assert_eq!(api.ok("PATCH", &one, &json!({"rate_limit": null}))["rate_limit"], Value::Null);
    relay.emit("order.created", &json!({}));
    relay.emit("user.created", &json!({}));
    assert_eq!(app.requests(1)[0].json()["type"], "user.created");
    assert_eq!(app.requests(1)[0].get("x-a").as_deref(), Some("1"));
    assert_eq!(api.call("DELETE", &one, &Value::Null).0, 204);
    assert_eq!(api.call("GET", &one, &Value::Null).0, 404);
}

#[test]
fn a_secret_is_shown_when_it_is_made_and_when_it_is_asked_for_alone() {
    let (whk, relay, api) = house();
    let app = App::answering(200);
    let made = api.ok("POST", HOOKS, &hook("a", &app, &["*"]));
    let (one, secret) = (format!("{HOOKS}/{}", made["id"].as_str().unwrap()), made["secret"].as_str().unwrap());
    assert_eq!(made["events"], json!(["*"]));
    for (method, path, body) in
        [("GET", HOOKS, Value::Null), ("GET", &one, Value::Null), ("PATCH", &one, json!({"name": "b"}))]
    {
        assert!(!api.ok(method, path, &body).to_string().contains("whsec_"), "{method} {path}");
    }
    assert_eq!(api.ok("GET", &format!("{one}/secret"), &Value::Null)["secret"], secret);
    let rotated = api.ok("POST", &format!("{one}/rotate-secret"), &json!({}));
    assert_ne!(rotated["secret"], secret);
    relay.emit("a.b", &json!({}));
    assert_eq!(signatures(&app.requests(1)[0]), 2, "the old secret signs too for a while");
    let reader = Api::of(&whk, &relay, &["--app", "default", "--read-only"]);
    assert_eq!(reader.call("GET", &format!("{one}/secret"), &Value::Null).0, 403);
}

#[test]
fn what_is_wrong_in_a_body_is_named_with_its_field() {
    let (_whk, _relay, api) = house();
    for (body, field) in [
        (json!({"name": "x"}), "url"),
        (json!({"url": 7}), "url"),
        (json!({"url": "3000"}), "url"),
        (json!({"url": "ftp://example.com/x"}), "url"),
        (json!({"url": "http://a.test/x", "event": []}), "event"),
        (json!({"url": "http://a.test/x", "events": ["a b"]}), "events"),
        (json!({"url": "http://a.test/x", "rate_limit": 0}), "rate_limit"),
        (json!({"url": "http://a.test/x", "headers": {"Content-Length": "1"}}), "headers"),
        (json!({"url": "http://a.test/x", "headers": {"X": "1\r\nY: 2"}}), "headers"),
        (json!({"url": "http://a.test/x", "scheme": "standard-webhook"}), "scheme"),
        (json!({"url": "http://a.test/x", "uid": "ep_1"}), "uid"),
    ] {
        let (status, said) = api.call("POST", HOOKS, &body);
        assert_eq!((status, &said["field"]), (422, &json!(field)), "{body}: {said}");
        assert!(said["detail"].as_str().unwrap().starts_with(field), "{said}");
    }
    let (_, said) = api.call("POST", HOOKS, &json!({"url": "http://a.test/x", "event": []}));
    assert!(said["detail"].as_str().unwrap().contains("did you mean events?"), "{said}");
    let answer = api.ask("POST", HOOKS, &[], "{not json");
    assert_eq!((answer.status(), &answer.json()["code"]), (400, &json!("malformed_json")));
    assert_eq!(api.call("GET", &format!("{HOOKS}?cursor=x"), &Value::Null).0, 400);
    assert_eq!(api.call("PUT", HOOKS, &json!({})).0, 405);
    assert_eq!(api.ok("GET", HOOKS, &Value::Null)["data"], json!([]));
}

#[test]
fn a_token_acts_in_its_app_alone_and_a_reader_changes_nothing() {
    let (whk, relay, api) = house();
    let app = App::answering(200);
    let made = api.ok("POST", HOOKS, &hook("a", &app, &["*"]));
    let one = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    let other = Api::of(&whk, &relay, &["--app", "org_42"]);
    assert_eq!(other.call("GET", &one, &Value::Null).0, 404);
    assert_eq!(other.call("GET", &format!("{HOOKS}?app=default"), &Value::Null).0, 403);
    assert_eq!(other.ok("GET", HOOKS, &Value::Null)["data"], json!([]));
    let reader = Api::of(&whk, &relay, &["--app", "default", "--read-only"]);
    assert_eq!(reader.ok("GET", &one, &Value::Null)["id"], made["id"]);
    assert_eq!(reader.call("DELETE", &one, &Value::Null).0, 403);
    let everywhere = Api::of(&whk, &relay, &[]);
    assert_eq!(everywhere.ok("GET", &format!("{HOOKS}?app=default"), &Value::Null)["data"][0]["id"], made["id"]);
    let nobody = api.ask("GET", HOOKS, &["Authorization: Bearer wrong"], "");
    assert_eq!(nobody.status(), 200, "the first line counts");
    let unknown = whk.relay(["--store", "memory:"]);
    assert_eq!(Api::of(&whk, &unknown, &[]).call("GET", HOOKS, &Value::Null).0, 401);
}

#[test]
fn a_test_event_goes_to_that_endpoint_alone() {
    let (_whk, _relay, api) = house();
    let (app, other) = (App::answering(200), App::answering(200));
    let made = api.ok("POST", HOOKS, &hook("a", &app, &["order.*"]));
    api.ok("POST", HOOKS, &hook("b", &other, &["*"]));
    let test = format!("{HOOKS}/{}/test", made["id"].as_str().unwrap());
    let said = api.ok("POST", &test, &json!({}));
    let request = &app.requests(1)[0];
    assert_eq!(request.get("webhook-id").as_deref(), said["id"].as_str());
    assert!(request.json()["type"].as_str().unwrap().starts_with("order."));
    let (status, said) = api.call("POST", &test, &json!({"event_type": "user.created"}));
    assert_eq!((status, &said["field"]), (422, &json!("event_type")));
    assert_eq!(other.count(), 0);
}

#[test]
fn a_disabled_endpoint_gets_nothing_until_it_is_enabled() {
    let (_whk, relay, api) = house();
    let app = App::answering(200);
    let made = api.ok("POST", HOOKS, &hook("a", &app, &["*"]));
    let one = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    let off = api.ok("PATCH", &one, &json!({"disabled": true}));
    assert_eq!((&off["disabled"], &off["disabled_by"]), (&json!(true), &json!("owner")));
    assert_eq!(api.call("POST", &format!("{one}/test"), &json!({})).0, 409);
    relay.emit("one", &json!({}));
    assert_eq!(api.ok("PATCH", &one, &json!({"disabled": false}))["disabled"], json!(false));
    relay.emit("two", &json!({}));
    assert_eq!(app.requests(1)[0].json()["type"], "two");
}

#[test]
fn the_same_idempotency_key_does_a_thing_once() {
    let (_whk, _relay, api) = house();
    let body = json!({"name": "a", "url": "http://127.0.0.1:9/x"}).to_string();
    let key = ["Idempotency-Key: k-1"];
    let (first, second) = (api.ask("POST", HOOKS, &key, &body), api.ask("POST", HOOKS, &key, &body));
    assert_eq!((first.status(), first.json()), (second.status(), second.json()));
    assert_eq!(api.ok("GET", HOOKS, &Value::Null)["data"].as_array().unwrap().len(), 1);
    let other = api.ask("POST", HOOKS, &key, &body.replace('a', "b"));
    assert_eq!((other.status(), &other.json()["code"]), (422, &json!("idempotency_key_reused")));
}

#[test]
fn foreign_hosts_and_pages_are_turned_away_unless_they_are_allowed() {
    let whk = Whk::new();
    let relay = whk.relay(["--allow-host", "hooks.test", "--allow-origin", "https://app.test"]);
    let api = Api::of(&whk, &relay, &[]);
    let get = |lines: &[&str]| api.ask("GET", HOOKS, lines, "");
    assert_eq!(get(&["Host: evil.test"]).status(), 421);
    assert_eq!(get(&["Host: hooks.test:80"]).status(), 200);
    let body = json!({"url": "http://127.0.0.1:9/x"}).to_string();
    assert_eq!(api.ask("POST", HOOKS, &["Origin: https://evil.test"], &body).status(), 403);
    let allowed = api.ask("POST", HOOKS, &["Origin: https://app.test"], &body);
    assert_eq!(
        (allowed.status(), allowed.get("access-control-allow-origin").as_deref()),
        (201, Some("https://app.test"))
    );
    let asked = ["Origin: https://app.test", "Access-Control-Request-Method: POST"];
    assert_eq!(api.ask("OPTIONS", HOOKS, &asked, "").status(), 204);
    assert_eq!(get(&["Origin: https://evil.test"]).get("access-control-allow-origin"), None);
}
