//! `whk endpoints`: what is registered at a relay, looked at and changed; and what goes through the relay to it.

use serde_json::{Value, json};

use crate::support::app::{App, answer, nobody};
use crate::support::whk::{Listener, Whk};

fn house(app: &App) -> (Whk, Listener, Value) {
    let whk = Whk::new();
    let relay = whk.relay(["--retry", "none"]);
    // A look at the URL before it is registered is none of what the app is to answer.
    let early = format!("http://{}/hook", nobody());
    let words = ["register", "--url", &early, "--events", "order.*", "--name", "shop", "--output", "json"];
    let made = whk.run(words).check().line("endpoint");
    let url = format!("http://{}/hook", app.target());
    assert_eq!(act(&whk, &["update", "shop", "--url", &url])["url"], json!(url));
    (whk, relay, made)
}

fn act(whk: &Whk, words: &[&str]) -> Value {
    whk.run(["endpoints"].iter().chain(words).chain(&["--output", "json"])).check().line("endpoint")
}

#[test]
fn an_endpoint_is_found_by_id_or_name_and_changed() {
    let app = App::answering(200);
    let (whk, _relay, made) = house(&app);
    let id = made["id"].as_str().unwrap();
    assert_eq!(act(&whk, &["list"])["id"], id);
    assert_eq!(act(&whk, &["show", id])["name"], "shop");
    assert_eq!(act(&whk, &["update", "shop", "--events", "a,b", "--rate-limit", "3"])["rate_limit"], 3);
    assert_eq!(act(&whk, &["update", "shop", "--rate-limit", "0"])["rate_limit"], Value::Null);
    assert_eq!(act(&whk, &["disable", "shop"])["disabled"], true);
    assert_eq!(act(&whk, &["enable", id])["disabled"], false);
    whk.run(["endpoints", "show", "shop"]).out_has("enabled").out_has("failures_in_a_row: 0").check();
    whk.run(["endpoints", "show", "shoe"]).exits(2).err_has("no endpoint \"shoe\"").check();
    whk.run(["endpoints", "update", "shop"]).exits(2).err_has("nothing to change").check();
    whk.run(["endpoints", "delete", "shop"]).exits(2).err_has("add --yes").check();
    assert_eq!(act(&whk, &["delete", "shop", "--yes"])["result"], "deleted");
    assert!(whk.run(["endpoints", "list", "--output", "json"]).check().out.is_empty());
}

#[test]
fn a_secret_is_printed_when_it_is_asked_for_and_rotated() {
    let app = App::answering(200);
    let (whk, _relay, made) = house(&app);
    let shown = || whk.run(["endpoints", "secret", "shop"]).check().text().trim().to_owned();
    assert_eq!(made["secret"], shown());
    let rotated = act(&whk, &["rotate", "shop", "--yes"]);
    assert_eq!(rotated["secret"], shown());
    assert_ne!(rotated["secret"], made["secret"]);
}

#[test]
fn a_test_says_what_the_endpoint_answered() {
    let app = App::saying([answer(204, &[], b""), answer(500, &[], b"no")]);
    let (whk, _relay, _) = house(&app);
    let test = ["endpoints", "test", "shop", "--output", "json"];
    assert_eq!(whk.run(test).check().line("attempt")["status"], 204);
    assert_eq!(whk.run(test).exits(1).check().line("attempt")["status"], 500);
    let odd = ["endpoints", "test", "shop", "--type", "user.created"];
    whk.run(odd).exits(2).err_has("the endpoint does not want user.created").check();
}

#[test]
fn an_event_goes_through_the_relay_to_its_apps_endpoints_once_for_a_key() {
    let app = App::answering(200);
    let (whk, _relay, _) = house(&app);
    let send = |more: &[&str]| {
        let words = ["send", "order.created", "--data", "{ \"n\": 1.0 }", "--via", "relay", "--output", "json"];
        whk.run(words.iter().chain(more)).check().line("sent")
    };
    let (first, second) = (send(&["--idempotency-key", "k"]), send(&["--idempotency-key", "k"]));
    assert_eq!(first["id"], second["id"]);
    let request = app.requests(1).remove(0);
    assert_eq!(request.get("webhook-id").as_deref(), first["id"].as_str());
    assert_eq!(request.json()["data"], json!({"n": 1.0}));
    send(&["--app", "org_42"]);
    send(&["--id", "e-1"]);
    assert_eq!(app.requests(2).len(), 2);
    let again = ["send", "order.created", "--data", "{}", "--via", "relay", "--id", "e-1"];
    whk.run(again).exits(1).err_has("409").check();
    whk.run(["send", "a.b", "--data", "x", "--raw", "--via", "relay"]).exits(2).talks().check();
}

#[test]
fn what_an_endpoint_did_not_take_is_sent_again_signed_for_it() {
    let app = App::saying([answer(500, &[], b""), answer(200, &[], b"")]);
    let (whk, relay, _) = house(&app);
    relay.emit("order.created", &json!({}));
    let first = app.requests(1).remove(0);
    let dead = std::iter::repeat_with(|| whk.events(&["--status", "dead"])).find(|dead| !dead.is_empty()).unwrap();
    assert_eq!(dead[0]["id"].as_str(), first.get("webhook-id").as_deref());
    let sum = whk.run(["replay", "--dead", "--yes", "--output", "json"]).check().line("replayed");
    assert_eq!((&sum["delivered"], &sum["failed"]), (&json!(1), &json!(0)));
    let again = app.requests(2).remove(1);
    assert_eq!((again.target(), again.body.clone()), ("/hook".to_owned(), first.body));
    assert!(again.get("webhook-signature").is_some() && whk.events(&["--status", "dead"]).is_empty());
    let none = whk.run(["replay", "--dead", "--yes", "--output", "json"]).check().line("replayed");
    assert_eq!(none["delivered"], 0);
}

#[test]
fn types_are_registered_from_the_catalogue_or_a_file() {
    let app = App::answering(200);
    let (whk, _relay, _) = house(&app);
    whk.run(["events", "sync"]).out_has("created, 0 updated").check();
    whk.put("api.json", json!({"openapi": "3.1.0", "webhooks": {"x.y": {}}}).to_string());
    let said = whk.run(["events", "sync", "--file", "api.json", "--output", "json"]).check().line("synced");
    assert_eq!(said["event_types"], json!(["x.y"]));
    whk.put("bad.json", "{");
    whk.run(["events", "sync", "--file", "bad.json"]).exits(2).err_has("is not JSON").check();
}
