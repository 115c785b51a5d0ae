//! The events API: lists, pages, attempts, and once more.

use serde_json::{Value, json};

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, answer};
use crate::support::whk::{Listener, Whk, body_of};

fn filled(count: usize) -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay(["--retry", "none"]);
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    for number in 0..count {
        relay.emit(if number % 2 == 0 { "order.created" } else { "user.created" }, &json!({"n": number}));
    }
    (whk, relay, api)
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_have_everything_once_whatever_comes_meanwhile() {
    let (whk, relay, api) = filled(7);
    let (mut seen, mut path) = (Vec::new(), format!("{EVENTS}?limit=3"));
    loop {
        let page = api.ok("GET", &path, &Value::Null);
        seen.extend(ids(&page));
        relay.emit("late", &json!({}));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("{EVENTS}?limit=3&cursor={next}");
    }
    let wanted: Vec<_> = whk.events(&[]).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, wanted[wanted.len() - 7..]);
    let oldest = ids(&api.ok("GET", &format!("{EVENTS}?order=oldest&limit=1"), &Value::Null));
    assert_eq!(oldest.first(), wanted.last());
}

#[test]
fn filters_are_those_of_the_command_and_a_wrong_one_is_named() {
    let (_whk, _relay, api) = filled(4);
    let count = |query: &str| ids(&api.ok("GET", &format!("{EVENTS}?{query}"), &Value::Null)).len();
    assert_eq!(count("type=order.*"), 2);
    assert_eq!(count("type=order.created&type=user.created"), 4);
    assert_eq!(count("where=data.n%3E%3D3"), 1);
    assert_eq!(count("grep=user.created"), 2);
    assert_eq!(count("since=10m&until=2100-01-01"), 4);
    assert_eq!(count("status=dead"), 0);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("cursor=%00x", "cursor"),
        ("status=odd", "status"),
        ("since=x", "since"),
        ("type=a%20b", "type"),
        ("typ=a", "typ"),
    ] {
        let (status, said) = api.call("GET", &format!("{EVENTS}?{query}"), &Value::Null);
        assert_eq!((status, &said["field"]), (400, &json!(field)), "{query}: {said}");
    }
}

#[test]
fn an_event_is_shown_with_what_became_of_it_and_sent_again() {
    let (_whk, relay, api) = filled(0);
    let app = App::saying([answer(500, &["X-A: 1"], b"no"), answer(200, &[], b"")]);
    let url = format!("http://{}/hook", app.target());
    let made = api.ok("POST", HOOKS, &json!({"url": url, "events": ["a.b"]}));
    relay.post(" {\"type\": \"a.b\", \"n\": 1.0}");
    let first = app.requests(1).remove(0);
    let id = first.get("webhook-id").unwrap();
    let (one, attempts) = (format!("{EVENTS}/{id}"), format!("{EVENTS}/{id}/attempts"));
    let shown = api.ok("GET", &one, &Value::Null);
    assert_eq!((body_of(&shown), &shown["event_type"]), (first.body.clone(), &json!("a.b")));
    assert_eq!(shown["deliveries"][0]["endpoint_id"], made["id"]);
    let replayed = api.ok("POST", &format!("{one}/replay"), &json!({}));
    assert_eq!(replayed["endpoints"], json!([made["id"]]));
    let again = app.requests(2).remove(1);
    assert_eq!((again.body.clone(), again.get("webhook-id")), (first.body, Some(id)));
    let all =
        std::iter::repeat_with(|| api.ok("GET", &attempts, &Value::Null)).find(|page| page["data"][1].is_object());
    let all = all.unwrap()["data"].clone();
    assert_eq!((&all[0]["status"], &all[1]["status"]), (&json!(500), &json!(200)));
    assert_eq!((&all[0]["number"], &all[0]["response_body_b64"]), (&json!(1), &json!("bm8=")));
    assert_eq!(api.call("POST", &format!("{one}/replay"), &json!({"endpoint_id": "ep_no"})).0, 422);
}

#[test]
fn an_event_of_another_app_is_not_there() {
    let (whk, relay, api) = filled(1);
    let id = ids(&api.ok("GET", EVENTS, &Value::Null)).remove(0);
    let other = Api::of(&whk, &relay, &["--app", "org_42"]);
    assert_eq!(ids(&other.ok("GET", EVENTS, &Value::Null)), Vec::<String>::new());
    for (method, verb) in [("GET", ""), ("GET", "/attempts"), ("POST", "/replay")] {
        assert_eq!(other.call(method, &format!("{EVENTS}/{id}{verb}"), &Value::Null).0, 404, "{verb}");
    }
    assert_eq!(ids(&Api::of(&whk, &relay, &[]).ok("GET", EVENTS, &Value::Null)), [id]);
}
