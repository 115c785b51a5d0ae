//! `whk doctor`: what is well, what is not there, and what is broken.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::whk::Whk;

fn state(whk: &Whk, words: &[&str], code: i32, name: &str) -> (String, String) {
    let run = whk.run(["doctor", "--output", "json"].iter().chain(words)).env("WHK_PORT", "0").exits(code);
    let found = run.check().lines("check").into_iter().find(|check| check["name"] == name).expect("a check");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&found["status"]), text(&found["detail"]))
}

#[test]
fn a_new_home_has_nothing_broken() {
    let whk = Whk::new();
    let found = whk.run(["doctor"]).env("WHK_PORT", "0").out_has("config").out_has("target").check();
    assert_eq!(found.text().lines().count(), 6, "{found}");
    assert!(!whk.home().join("whk.db").exists());
    assert_eq!(state(&whk, &[], 0, "store").0, "none");
    let relay = whk.relay([] as [&str; 0]);
    assert_eq!(state(&whk, &[], 0, "store").0, "ok");
    assert_eq!(state(&whk, &[], 0, "relay").0, "ok");
    std::fs::write(whk.home().join("token"), "wrong").unwrap();
    let (word, why) = state(&whk, &[], 1, "relay");
    assert!(word == "broken" && why.contains("401"), "{why}");
    drop(relay);
}

#[test]
fn what_is_broken_is_named_with_how_to_mend_it() {
    let whk = Whk::new();
    let app = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = app.local_addr().unwrap().port().to_string();
    assert_eq!(state(&whk, &[&port], 0, "target").0, "ok");
    drop(app);
    assert_eq!(state(&whk, &[&port], 1, "target").0, "broken");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    whk.run(["doctor"]).env("WHK_PORT", &port).exits(1).out_has("another program").out_has("--port 0").check();
    std::fs::create_dir_all(whk.home()).unwrap();
    std::fs::write(whk.home().join("whk.db"), "this is no database, and long enough to be looked at").unwrap();
    assert_eq!(state(&whk, &[], 1, "store").0, "broken");
    whk.put("whk.toml", "prot = 1\n");
    let (word, why) = state(&whk, &[], 1, "config");
    assert!(word == "broken" && why.contains("prot"), "{why}");
}
