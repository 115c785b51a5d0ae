//! `whk register`: made once, brought up to date after, and the secret never lost.

use serde_json::{Value, json};

use crate::support::app::{App, nobody};
use crate::support::whk::Whk;

fn register(whk: &Whk, url: &str, more: &[&str]) -> Value {
    let words = ["register", "--url", url, "--output", "json"];
    whk.run(words.iter().chain(more)).check().line("endpoint")
}

fn url(app: &App) -> String {
    format!("http://{}/hook", app.target())
}

#[test]
fn an_endpoint_is_created_then_unchanged_then_updated() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay(["--retry", "none"]);
    let made = register(&whk, &url(&app), &["--events", "a.b,c.d", "--name", "shop"]);
    assert_eq!((&made["result"], &made["events"]), (&json!("created"), &json!(["a.b", "c.d"])));
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let same = register(&whk, &url(&app), &["--events", "c.d", "--events", "a.b", "--name", "shop"]);
    assert_eq!((&same["result"], &same["id"], &same["secret"]), (&json!("unchanged"), &made["id"], &Value::Null));
    let moved = format!("{}/two", url(&app));
    let changed = register(&whk, &moved, &["--name", "shop"]);
    assert_eq!((&changed["result"], &changed["id"], &changed["url"]), (&json!("updated"), &made["id"], &json!(moved)));
    assert_eq!(changed["events"], json!(["a.b", "c.d"]), "what was not said stays");
    let by_url = register(&whk, &moved, &["--events", "*"]);
    assert_eq!((&by_url["result"], &by_url["id"]), (&json!("updated"), &made["id"]));
    let id = made["id"].as_str().unwrap();
    assert_eq!(register(&whk, &url(&app), &["--id", id, "--name", "other"])["name"], "other");
    whk.run(["register", "--url", &moved, "--id", "ep_x"]).exits(2).err_has("no endpoint ep_x").check();
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay([] as [&str; 0]);
    assert_eq!(register(&whk, &url(&app), &["--dry-run"])["result"], "would_create");
    assert!(whk.run(["endpoints", "list", "--output", "json"]).check().out.is_empty());
    register(&whk, &url(&app), &["--events", "a"]);
    let change = register(&whk, &url(&app), &["--events", "b", "--dry-run"]);
    assert_eq!((&change["result"], &change["change"]), (&json!("would_update"), &json!({"events": ["b"]})));
    whk.run(["register", "--url", &url(&app), "--events", "b", "--dry-run"])
        .out_has("events: [\"a\"] -> [\"b\"]")
        .check();
}

#[test]
fn a_secret_is_written_where_it_was_asked_for_or_else_shown() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay([] as [&str; 0]);
    whk.put(".env", "A=1\nS=old\n");
    let made = register(&whk, &url(&app), &["--write-env", ".env:S"]);
    assert_eq!(made["secret"], Value::Null);
    let env = std::fs::read_to_string(whk.folder().join(".env")).unwrap();
    assert!(env.starts_with("A=1\nS=whsec_") && !env.contains("old"), "{env}");
    let lost = ["register", "--url", &format!("{}/2", url(&app)), "--secret-file", "no/such/place", "--output", "json"];
    let shown = whk.run(lost).err_has("the secret could not be written").check().line("endpoint");
    assert!(shown["secret"].as_str().unwrap().starts_with("whsec_"));
}

#[test]
fn what_cannot_be_done_is_said_with_its_exit_code() {
    let whk = Whk::new();
    whk.run(["register", "--url", "http://127.0.0.1:1/x"]).exits(3).err_has("no relay is running here").check();
    let elsewhere = ["register", "--platform", "nowhere", "--url", "http://127.0.0.1:1/x"];
    whk.run(elsewhere).exits(2).err_has("\"nowhere\" is no platform").check();
    whk.run(["register", "--url", "3000"]).exits(2).err_has("write it in full").check();
    let _relay = whk.relay([] as [&str; 0]);
    let hasty = format!("http://{}/", nobody());
    whk.run(["register", "--url", &hasty])
        .err_has("root path")
        .err_has("nothing answers there yet")
        .out_has("whsec_")
        .check();
    let wrong = ["register", "--url", &hasty, "--token", "wrong", "--output", "json"];
    assert_eq!(whk.run(wrong).exits(2).talks().check().error().0, "unauthorized");
}
