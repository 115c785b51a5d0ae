//! What the inspector reads and does beside the events: rows, what changes, verdicts, raw requests, figures, replays
//! that are changed, dead letters, and who may.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, answer};
use crate::support::whk::{Listener, Whk};
use crate::support::wire::Message;

const REDRIVE: &str = "/api/v1/webhooks/redrive";

fn house(words: &[&str]) -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay([&["--retry", "none"], words].concat());
    let api = Api::of(&whk, &relay, &[]);
    (whk, relay, api)
}

fn rows(api: &Api) -> Vec<Value> {
    let page = api.ok("GET", &format!("{EVENTS}?view=rows"), &Value::Null);
    page["data"].as_array().unwrap().clone()
}

fn id_of(made: &Value) -> &str {
    made["id"].as_str().unwrap()
}

/// Waits until the only event is in this state.
fn settled(api: &Api, state: &str) -> Value {
    let mut live = api.follow(&format!("{EVENTS}/live"), &[]);
    loop {
        if let Some(row) = rows(api).into_iter().find(|row| row["state"] == state) {
            return row;
        }
        let item = live.next();
        assert_eq!(item.kind, "row");
    }
}

#[test]
fn a_row_tells_what_became_of_an_event_and_has_no_body() {
    let (_whk, relay, api) = house(&[]);
    let app = App::answering(201);
    api.ok("POST", HOOKS, &json!({"url": format!("http://{}/hook", app.target()), "events": ["order.*"]}));
    let mut live = api.follow(&format!("{EVENTS}/live"), &[]);
    relay.emit("order.created", &json!({"secret": 1}));
    let row = std::iter::repeat_with(|| live.next().data).find(|row| row["state"] == "delivered").unwrap();
    assert_eq!(
        (&row["type"], &row["event_type"], &row["status"]),
        (&json!("row"), &json!("order.created"), &json!(201))
    );
    assert_eq!((&row["attempts"], &row["provider"], &row["verdict"]), (&json!(1), &Value::Null, &Value::Null));
    assert!(row["body"].is_null() && row["body_b64"].is_null() && row["size"].as_u64().unwrap() > 10);
    assert_eq!(rows(&api), [row]);
    relay.emit("nobody.wants", &json!({}));
    assert_eq!(rows(&api)[0]["state"], "recorded");
    assert_eq!(api.call("GET", &format!("{EVENTS}?view=columns"), &Value::Null).0, 400);
}

#[test]
fn what_changes_is_told_of_ones_own_app_alone() {
    let (whk, relay, all) = house(&[]);
    let own = Api::of(&whk, &relay, &["--app", "default", "--read-only"]);
    let (mut mine, mut every) =
        (own.follow(&format!("{EVENTS}/live"), &[]), all.follow(&format!("{EVENTS}/live"), &[]));
    all.ok("POST", "/api/v1/webhooks/test", &json!({"app": "other", "event_type": "theirs"}));
    assert_eq!(every.next().data["event_type"], "theirs");
    relay.emit("mine", &json!({}));
    assert_eq!(mine.next().data["event_type"], "mine");
    assert_eq!(own.call("GET", &format!("{EVENTS}/live?app=other"), &Value::Null).0, 403);
}

#[test]
fn a_wrong_signature_is_explained_and_a_right_one_is_not() {
    let whk = Whk::new();
    let relay = whk.listen([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &["--read-only"]);
    let verdict = |id: &str| api.ok("GET", &format!("{EVENTS}/{id}/verdict"), &Value::Null);
    whk.run(["send", "order.created"]).talks().check();
    let good = relay.event();
    let found = verdict(id_of(&good));
    assert_eq!(
        (&found["ok"], &found["scheme"], &found["hints"]),
        (&json!(true), &json!("standard-webhooks"), &json!([]))
    );
    let lines: Vec<String> = good["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| format!("{}: {}\r\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .filter(|line| !line.to_lowercase().starts_with("content-length"))
        .collect();
    let body = format!("{}\n", good["body"].as_str().unwrap());
    let head = format!("POST /in/default HTTP/1.1\r\n{}Content-Length: {}\r\n\r\n", lines.concat(), body.len());
    relay.send(format!("{head}{body}").as_bytes());
    let bad = relay.lines("event", 2).remove(1);
    let found = verdict(id_of(&bad));
    assert_eq!((&found["ok"], &found["reason"]), (&json!(false), &json!("no_matching_signature")));
    assert_eq!(found["hints"][0]["cause"], "trailing_newline");
    assert!(!found.to_string().contains("whsec_"), "{found}");
    relay.post("{}");
    let plain = relay.lines("event", 3).remove(2);
    assert_eq!(verdict(id_of(&plain))["ok"], Value::Null);
}

#[test]
fn a_raw_request_is_an_attachment_with_the_same_bytes() {
    let (_whk, relay, api) = house(&[]);
    relay.post(b"<script>\x00\xff");
    let row = rows(&api).remove(0);
    let raw = |form: &str| api.ask("GET", &format!("{EVENTS}/{}/raw{form}", id_of(&row)), &[], "");
    let body = raw("");
    assert_eq!(body.body, b"<script>\x00\xff");
    assert_eq!(body.get("content-type").as_deref(), Some("application/octet-stream"));
    assert!(body.get("content-disposition").unwrap().starts_with("attachment; filename=\"msg_"));
    assert!(body.get("content-security-policy").unwrap().starts_with("sandbox"));
    assert!(raw("?as=http").body.ends_with(b"\r\n\r\n<script>\x00\xff"));
    assert!(raw("?as=curl").body.ends_with(b"--data-binary @-"));
    assert_eq!(raw("?as=har").json()["log"]["version"], "1.2");
    assert_eq!(raw("?as=exe").status(), 400);
    assert_eq!(api.call("GET", &format!("{EVENTS}/msg_{}/raw", "0".repeat(27)), &Value::Null).0, 404);
}

#[test]
fn a_changed_replay_is_sent_at_once_and_only_by_who_may_do_everything() {
    let whk = Whk::new();
    let (first, other) = (App::answering(200), App::answering(503));
    let relay = whk.listen(["--forward", &first.target()]);
    let api = Api::of(&whk, &relay, &[]);
    whk.run(["send", "order.created"]).talks().check();
    let event = relay.event();
    let path = format!("{EVENTS}/{}/replay", id_of(&event));
    let sent = first.requests(1).remove(0);

    api.ok("POST", &path, &json!({}));
    let same = first.requests(2).remove(1);
    let signed = |message: &Message| (message.body.clone(), message.get("webhook-signature"));
    assert_eq!(signed(&same), signed(&sent));

    let change = json!({"to": other.target(), "resign": true, "body_b64": STANDARD.encode(b"{\"n\":1}")});
    let said = api.ok("POST", &path, &change);
    assert_eq!(said["attempts"][0]["status"], 503);
    let changed = other.request();
    assert_eq!(changed.body, b"{\"n\":1}");
    assert_eq!(changed.get("webhook-id"), sent.get("webhook-id"));
    assert_ne!(changed.get("webhook-signature"), sent.get("webhook-signature"));
    assert_eq!(rows(&api)[0]["state"], "delivered", "what was sent elsewhere in vain changes nothing");

    let lines = json!({"resign": false, "headers": [["X-Own", "a\u{e9}b"]]});
    api.ok("POST", &path, &lines);
    let own = first.requests(3).remove(2);
    assert_eq!((own.get("webhook-signature"), own.body), (None, sent.body));

    for (bad, field) in [
        (json!({"to": "ftp://x"}), "to"),
        (json!({"body_b64": "%"}), "body_b64"),
        (json!({"headers": [["a b", "c"]]}), "headers"),
        (json!({"headers": [["a", "b\r\nc: d"]]}), "headers"),
        (json!({"resign": 1}), "resign"),
    ] {
        let (status, said) = api.call("POST", &path, &bad);
        assert_eq!((status, &said["field"]), (422, &json!(field)), "{bad}");
    }
    let reader = Api::of(&whk, &relay, &["--app", "default", "--read-only"]);
    for ask in [json!({}), json!({"to": other.target()}), change] {
        assert_eq!(reader.call("POST", &path, &ask).0, 403, "{ask}");
    }
}

#[test]
fn dead_letters_go_once_more_to_those_who_did_not_take_them() {
    let (whk, relay, api) = house(&[]);
    let app = App::new(|_, number| answer(if number < 2 { 500 } else { 200 }, &[], b""));
    let fine = App::answering(200);
    api.ok("POST", HOOKS, &json!({"url": format!("http://{}/hook", app.target())}));
    api.ok("POST", HOOKS, &json!({"url": format!("http://{}/hook", fine.target())}));
    relay.emit("a", &json!({}));
    app.requests(1);
    let id = id_of(&settled(&api, "dead")).to_owned();
    let reader = Api::of(&whk, &relay, &["--read-only"]);
    assert_eq!(reader.call("POST", REDRIVE, &json!({})).0, 403);
    let other = Api::of(&whk, &relay, &["--app", "other"]);
    assert_eq!(other.ok("POST", REDRIVE, &json!({}))["deliveries"], 0);
    assert_eq!(other.call("POST", REDRIVE, &json!({"ids": [id]})).0, 404);
    // The second attempt fails as the first did, and is a dead letter again; the third is taken.
    assert_eq!(api.ok("POST", REDRIVE, &json!({"ids": [id]}))["deliveries"], 1);
    app.requests(2);
    settled(&api, "dead");
    assert_eq!(api.ok("POST", REDRIVE, &json!({}))["deliveries"], 1);
    app.requests(3);
    settled(&api, "delivered");
    assert_eq!(fine.count(), 1);
    assert_eq!(
        api.ok("POST", REDRIVE, &json!({})),
        json!({"type": "redrive", "deliveries": 0, "skipped": 0, "more": false})
    );
}

#[test]
fn figures_count_attempts_by_minute_and_endpoint() {
    let (whk, relay, api) = house(&[]);
    let app = App::new(|_, number| answer(if number == 0 { 500 } else { 200 }, &[], b""));
    api.ok("POST", HOOKS, &json!({"url": format!("http://{}/hook", app.target()), "name": "shop"}));
    relay.emit("a", &json!({}));
    settled(&api, "dead");
    relay.emit("a", &json!({}));
    settled(&api, "delivered");
    let stats = api.ok("GET", "/api/v1/webhooks/stats", &Value::Null);
    let minutes = stats["minutes"].as_array().unwrap();
    let sum = |field: &str| minutes.iter().map(|one| one[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!((minutes.len(), sum("succeeded"), sum("failed")), (60, 1, 1));
    assert_eq!((&stats["endpoints"][0]["name"], &stats["endpoints"][0]["kind"]), (&json!("shop"), &json!("endpoint")));
    let other = Api::of(&whk, &relay, &["--app", "other"]).ok("GET", "/api/v1/webhooks/stats", &Value::Null);
    assert_eq!(other["endpoints"], json!([]));
    assert!(other["minutes"].as_array().unwrap().iter().all(|one| one["failed"] == 0), "{other}");
}

#[test]
fn a_token_is_told_what_it_allows_and_which_types_there_are() {
    let (whk, relay, api) = house(&[]);
    let reader = Api::of(&whk, &relay, &["--app", "org_42", "--read-only"]);
    let access = reader.ok("GET", "/api/v1/webhooks/access", &Value::Null);
    assert_eq!((&access["rights"], &access["app"]), (&json!("read"), &json!("org_42")));
    assert_eq!(api.ok("GET", "/api/v1/webhooks/access", &Value::Null)["app"], Value::Null);
    let names = |api: &Api| api.ok("GET", "/api/v1/webhooks/types", &Value::Null)["data"].as_array().unwrap().len();
    assert!(names(&api) > 20 && names(&reader) == 0);
    api.ok("POST", "/api/webhooks/sync", &json!({"event_types": [{"name": "my.type", "schema": {"type": "object"}}]}));
    assert_eq!(names(&reader), 1);
    let own = api.ok("GET", "/api/v1/webhooks/types/my.type", &Value::Null);
    assert_eq!((&own["schema"]["type"], &own["sample"]), (&json!("object"), &Value::Null));
    assert!(api.ok("GET", "/api/v1/webhooks/types/order.created", &Value::Null)["sample"].is_object());
    assert_eq!(api.call("GET", "/api/v1/webhooks/types/no.such", &Value::Null).0, 404);
    assert_eq!(api.call("POST", "/api/v1/webhooks/access", &Value::Null).0, 405);
}

#[test]
fn a_test_event_comes_in_at_a_listener_signed_and_reaches_its_app() {
    let whk = Whk::new();
    let app = App::answering(200);
    let relay = whk.listen(["--forward", &app.target()]);
    let api = Api::of(&whk, &relay, &[]);
    let made = api.ok("POST", "/api/v1/webhooks/test", &json!({"event_type": "order.created", "data": {"n": 1}}));
    assert!(app.request().get("webhook-signature").is_some());
    let event = relay.event();
    assert_eq!((&event["id"], &event["verdict"]["ok"]), (&made["id"], &json!(true)));
}

#[test]
fn the_printed_link_has_the_token_behind_its_mark_and_leads_to_a_page() {
    let whk = Whk::new();
    let relay = whk.listen([] as [&str; 0]);
    let token = std::fs::read_to_string(whk.home().join("token")).unwrap();
    let wanted = format!("http://{}/#token={}", relay.address(), token.trim());
    assert_eq!(relay.ready["inspector"], json!(wanted));
    let text = relay.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").body;
    assert!(!String::from_utf8(text).unwrap().contains(token.trim()));
}
