//! The stream of events: in the log's order, from wherever somebody left off.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::api::{Api, Stream};
use crate::support::whk::{Listener, Whk};

fn house() -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    (whk, relay, api)
}

fn ids(stream: &mut Stream, count: usize) -> Vec<String> {
    (0..count).map(|_| stream.next().id).collect()
}

#[test]
fn everyone_who_follows_gets_every_event_in_one_order() {
    let (whk, relay, api) = house();
    let mut streams = [api.stream("", &[]), api.stream("", &[])];
    for number in 0..20 {
        relay.emit("a", &json!({"n": number}));
    }
    let [first, second] = streams.each_mut().map(|stream| ids(stream, 20));
    let mut listed: Vec<_> = whk.events(&[]).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    listed.reverse();
    assert_eq!((&first, &second), (&listed, &listed));
    let mut again = api.stream("?since=1h", &[]);
    assert_eq!(ids(&mut again, 20), listed);
}

#[test]
fn somebody_who_comes_back_with_an_id_misses_nothing_and_gets_nothing_twice() {
    let (_whk, relay, api) = house();
    relay.emit("first", &json!({}));
    let mut stream = api.stream("?since=1h", &[]);
    let mut last = stream.next().id;
    let mut seen = BTreeSet::from([last.clone()]);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..300).for_each(|number| drop(relay.emit("load", &json!({"n": number})))));
        for pause in 0..6 {
            let mut stream = api.stream("", &[&format!("Last-Event-ID: {last}")]);
            for id in ids(&mut stream, 50) {
                assert!(seen.insert(id.clone()), "twice, after the pause {pause}");
                last = id;
            }
        }
    });
    assert_eq!(seen.len(), 301);
}

#[test]
fn filters_hold_in_what_is_past_and_in_what_comes() {
    let (whk, relay, api) = house();
    relay.emit("order.a", &json!({}));
    relay.emit("user.a", &json!({}));
    let mut stream = api.stream("?type=order.*&type=x&since=1h", &[]);
    let everywhere = Api::of(&whk, &relay, &[]);
    let mut all = everywhere.stream("?since=1h", &[]);
    assert_eq!(stream.types(1), ["order.a"]);
    relay.send(&crate::support::wire::request("POST", "/in/org_42", &[], br#"{"type":"order.other"}"#));
    relay.emit("user.b", &json!({}));
    relay.emit("order.b", &json!({}));
    assert_eq!(stream.types(1), ["order.b"]);
    assert_eq!(all.types(5), ["order.a", "user.a", "order.other", "user.b", "order.b"]);
}

#[test]
fn somebody_who_was_away_too_long_is_told_of_the_gap() {
    let (_whk, relay, api) = house();
    relay.emit("kept", &json!({}));
    let mut stream = api.stream("", &["Last-Event-ID: msg_1srOrx2ZWZBpBUvZwXKQmoEYga2"]);
    let gap = stream.next();
    assert_eq!((gap.kind.as_str(), &gap.data["type"]), ("gap", &json!("gap")));
    assert_eq!(stream.types(1), ["kept"], "what is there still comes");
    let answer = api.ask("GET", "/api/v1/webhooks/events/stream", &["Last-Event-ID: nonsense"], "");
    assert_eq!((answer.status(), &answer.json()["code"]), (400, &json!("invalid_header")));
}

#[test]
fn a_stream_that_has_nothing_to_say_beats() {
    let (_whk, _relay, api) = house();
    let mut stream = api.stream("", &[]);
    assert_eq!([stream.comment(), stream.comment()], ["whk", "beat"]);
}
