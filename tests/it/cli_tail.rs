//! `whk events tail`: events as they come, over a relay's restart.

use serde_json::json;

use crate::support::process::Process;
use crate::support::whk::Whk;

fn tail(whk: &Whk, words: &[&str]) -> Process {
    let mut command = whk.command(["events", "tail", "--output", "json"]);
    Process::start(command.args(words))
}

#[test]
fn events_come_from_a_moment_on_as_many_as_are_wanted() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    for name in ["order.a", "user.a", "order.b"] {
        relay.emit(name, &json!({"n": 1}));
    }
    let types = |words: &[&str]| -> Vec<String> {
        let ended = tail(&whk, words).ended();
        assert_eq!(ended.code, Some(0), "{ended}");
        ended.lines("event").iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&["--since", "1h", "--count", "3"]), ["order.a", "user.a", "order.b"]);
    assert_eq!(types(&["--since", "1h", "--count", "2", "--type", "order.*"]), ["order.a", "order.b"]);
    let first = whk.events(&["--type", "order.a"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(types(&["--since", &first, "--count", "1", "--where", "data.n=1"]), ["user.a"]);
    assert_eq!(whk.events(&[])[0]["event_type"], "order.b");
}

#[test]
fn a_relay_that_comes_back_elsewhere_is_found_and_nothing_is_missed() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    relay.emit("one", &json!({}));
    let following = tail(&whk, &["--since", "1h", "--count", "3"]);
    assert_eq!(following.lines("event", 1).unwrap()[0]["event_type"], "one");
    relay.kill();
    assert!(following.lines("reconnecting", 1).is_some());
    let again = whk.relay([] as [&str; 0]);
    again.emit("two", &json!({}));
    again.emit("three", &json!({}));
    let types: Vec<_> = following.lines("event", 3).unwrap().iter().map(|event| event["event_type"].clone()).collect();
    assert_eq!(types, ["one", "two", "three"]);
}

#[test]
fn without_a_relay_there_is_nothing_to_follow() {
    let whk = Whk::new();
    whk.run(["events", "tail"]).exits(3).err_has("no relay is running here").err_has("whk relay").check();
    let relay = whk.relay([] as [&str; 0]);
    whk.run(["events", "tail", "--token", "wrong"]).exits(2).err_has("401").check();
    whk.run(["events", "tail", "--since", "nonsense"]).exits(2).err_has("since").check();
    drop(relay);
}
