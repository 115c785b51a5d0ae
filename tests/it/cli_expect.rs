//! `whk expect`: met, contradicted, or waited too long.

use serde_json::json;

use crate::support::process::Process;
use crate::support::whk::Whk;

const SCHEMA: &str =
    r#"{"type":"object","properties":{"data":{"type":"object","properties":{"n":{"type":"integer"}}}}}"#;

#[test]
fn what_came_before_counts_when_asked_for_and_what_came_instead_is_shown() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    relay.emit("order.created", &json!({"n": 1}));
    relay.emit("user.created", &json!({"n": "x\u{1b}[2J"}));
    let past = ["--since", "1h", "--within", "5s"];
    let expect = |words: &[&str]| whk.run(["expect"].iter().chain(words).chain(&past));
    expect(&["order.*"]).out_has("order.created").err_has("met: 1 event of order.* within 5s").check();
    expect(&["*", "--count", "2"]).out_has("user.created").err_has("met: 2 events").check();
    whk.run(["expect", "order.*", "--where", "data.n=2", "--since", "1h", "--within", "300ms"])
        .exits(4)
        .err_has("0 of 1 came in time")
        .err_has("order.created")
        .err_has("(not data.n=2)")
        .err_has("(another type)")
        .check();
    whk.put("s.json", SCHEMA);
    expect(&["order.created", "--schema", "s.json"]).out_has("order.created").talks().check();
    expect(&["user.created", "--schema", "s.json"])
        .exits(1)
        .out_has("user.created")
        .err_has("/data/n")
        .err_lacks("\u{1b}")
        .check();
    let line = expect(&["*.created", "--count", "2", "--output", "json"]).check();
    assert_eq!(line.lines("event").len(), 2);
    let sum = line.line("expectation");
    assert_eq!((&sum["met"], &sum["matched"], &sum["others"]), (&json!(true), &json!(2), &json!(0)));
}

#[test]
fn what_comes_while_it_waits_is_expected_or_must_not_come() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let start = |words: &[&str]| {
        let mut command = whk.command(["expect", "order.*", "--since", "1h", "--within", "20s", "--output", "json"]);
        Process::start(command.args(words))
    };
    relay.emit("order.a", &json!({}));
    let waiting = start(&["--count", "2"]);
    assert!(waiting.lines("event", 1).is_some());
    relay.emit("order.b", &json!({}));
    assert_eq!(waiting.ended().code, Some(0));
    let quiet = start(&["--count", "2", "--then-none", "20s"]);
    assert!(quiet.lines("event", 2).is_some());
    relay.emit("user.a", &json!({}));
    relay.emit("order.c", &json!({}));
    let ended = quiet.ended();
    assert_eq!(ended.code, Some(1), "{ended}");
    let sum = ended.line("expectation");
    assert!(sum["reason"].as_str().unwrap().starts_with("one more came"), "{sum}");
    assert_eq!(sum["instead"][0]["event_type"], "user.a");
    let none = ["expect", "nobody.*", "--count", "0", "--since", "1h", "--then-none", "200ms"];
    whk.run(none).err_has("met: 0 events").check();
    whk.run(["expect", "order.*", "--count", "0", "--since", "1h", "--then-none", "20s"])
        .exits(1)
        .out_has("order.a")
        .err_has("not met")
        .check();
}

#[test]
fn what_cannot_be_expected_is_refused() {
    let whk = Whk::new();
    whk.run(["expect"]).exits(2).err_has("PATTERN").check();
    whk.run(["expect", "x", "--count", "0"]).exits(2).err_has("--then-none").check();
    whk.run(["expect", "x"]).exits(3).err_has("no relay is running here").check();
    whk.put("bad.json", r#"{"type":"nonsense"}"#);
    whk.run(["expect", "x", "--schema", "bad.json"]).exits(2).err_has("bad.json is no JSON Schema").check();
    whk.put("far.json", r#"{"$ref":"http://127.0.0.1:1/schema.json"}"#);
    whk.run(["expect", "x", "--schema", "far.json"]).exits(2).err_has("not fetched").check();
}
