//! `whk export` and `whk import`: every form, there and back.

use std::fs;

use serde_json::json;

use crate::support::whk::Whk;
use crate::support::wire;

/// A home with events that are hard to write down.
fn recorded() -> Whk {
    let whk = Whk::new();
    let listener = whk.listen([] as [&str; 0]);
    listener.emit("order.created", &json!({"token": "tok_123456", "n": 1}));
    let all: Vec<u8> = (0..=255).collect();
    for (headers, body) in [
        (vec!["Authorization: Bearer hunter2", "X-Two: 1", "x-two: caf\u{e9}"], &all[..]),
        (vec!["Content-Type: text/plain"], b"### not a new request\r\n\n"),
        (vec![], b""),
    ] {
        listener.send(&wire::request("PUT", "/in/org_42/a/b?x=1&access_token=abc&x", &headers, body));
    }
    listener.lines("event", 4);
    listener.stop();
    whk
}

#[test]
fn every_form_is_read_back_into_another_home_byte_for_byte() {
    let whk = recorded();
    let plain = whk.run(["export"]).check();
    assert_eq!(plain.text().lines().count(), 4);
    for (name, flags) in [
        ("all.ndjson", &[][..]),
        ("all.har", &[]),
        ("all.http", &[]),
        ("cassettes/", &["--keep-secrets"]),
        ("unnamed", &["--as", "har"]),
    ] {
        whk.run(["export", "--out", name].iter().chain(flags)).err_has("4 events written").check();
        let other = Whk::new();
        let path = whk.folder().join(name);
        let path = path.to_str().unwrap();
        other.run(["import", path]).err_has("4 events imported").check();
        other.run(["import", path]).err_has("0 events imported, 4 were there already").check();
        let mut again: Vec<_> = other.run(["export"]).check().text().lines().map(str::to_owned).collect();
        let mut first: Vec<_> = plain.text().lines().map(str::to_owned).collect();
        // Files of a folder have no order of their own.
        again.sort();
        first.sort();
        assert_eq!(again, first, "{name}");
    }
}

#[test]
fn cassettes_have_stable_names_and_no_secrets() {
    let whk = recorded();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(whk.folder().join("c")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    whk.run(["export", "--as", "cassettes", "--out", "c"]).talks().check();
    let first = names();
    assert_eq!(first.len(), 4);
    whk.run(["export", "--out", "c"]).talks().check();
    assert_eq!(names(), first);
    let all: String = first.iter().map(|name| fs::read_to_string(whk.folder().join("c").join(name)).unwrap()).collect();
    for secret in ["hunter2", "tok_123456", "access_token=abc"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    assert!(all.contains("Bearer [scrubbed]") && all.contains("access_token=scrubbed"));
    let other = Whk::new();
    other.run(["import", whk.folder().join("c").to_str().unwrap()]).err_has("4 events imported").check();
    whk.run(["export", "--scrub"]).out_lacks("hunter2").check();
    whk.run(["export", "--type", "order.*", "--as", "http"]).out_has("### order.created").out_has("POST http").check();
}

#[test]
fn requests_that_never_were_events_get_ids_and_types() {
    let whk = Whk::new();
    whk.put(
        "hand.http",
        "POST https://shop.example/hook?a=1\nContent-Type: application/json\n\n{\"type\":\"order.paid\"}\n",
    );
    whk.run(["import", "hand.http", "--app", "shop"]).err_has("1 event imported").check();
    let event = whk.events(&["--app", "shop"]).remove(0);
    assert_eq!((&event["event_type"], &event["path"]), (&json!("order.paid"), &json!("/hook")));
    whk.run(["import", "-"]).stdin("{\"type\":\"ready\"}\n").err_has("0 events").check();
    whk.run(["import", "-"]).stdin("{\"type\":\"event\",\"id\":\"nonsense\"}\n").exits(2).err_has("line 1").check();
    whk.run(["import", "missing.har"]).exits(2).err_has("missing.har").check();
    fs::create_dir_all(whk.folder().join("empty")).unwrap();
    whk.run(["import", "empty"]).exits(2).err_has("no cassettes").check();
    whk.run(["export", "--as", "cassettes"]).exits(2).err_has("--out").check();
    Whk::new().run(["export"]).exits(2).err_has("the store is empty").check();
}
