//! `whk send`: what goes on the wire, what an answer means, and what is refused before anything is sent.

use serde_json::{Value, json};
use whk::sign::SignError;

use crate::support::app::{App, Say, answer, nobody};
use crate::support::whk::Whk;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn what_is_sent_is_signed_so_that_verify_takes_it() {
    let (whk, app) = (Whk::new(), App::answering(204));
    let body = "{\"n\": 1.0,\n\"n\": 2}\n";
    let words = ["send", "order.created", "--data", body, "--raw", "--secret", SECRET, "--to", &app.target()];
    whk.run(words).out_has("[204]").out_has("order.created").check();
    let got = app.request();
    assert_eq!((got.method().as_str(), got.body.as_slice()), ("POST", body.as_bytes()));
    whk.put("got.http", [got.head, got.body].concat());
    whk.run(["verify", "--secret", SECRET, "--request", "got.http"]).out_has("valid standard-webhooks").check();
}

#[test]
fn what_is_signed_inside_the_body_is_taken_by_verify() {
    let file = |name: &str| format!("file:{}/tests/it/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let key = |why: SignError| file(if why.to_string().contains("ECDSA") { "p256" } else { "rsa" });
    let inside = whk::sign::preset_names().into_iter().map(|name| whk::sign::preset(name).unwrap());
    for scheme in inside.filter(|scheme| scheme.signs_own_bodies()) {
        let (whk, name) = (Whk::new(), scheme.name());
        let made = whk::sign::new_secret(&scheme, &[7; 32]);
        let secret = made.map_or_else(key, |secret| secret.reveal().to_owned());
        let params: Vec<_> =
            scheme.params().into_iter().flat_map(|name| ["--param".to_owned(), format!("{name}=x1")]).collect();
        let common = ["--scheme", name, "--secret", &secret].into_iter().chain(params.iter().map(String::as_str));
        let words = ["send", "thing.made", "--data", r#"{"n":1}"#, "--dry-run", "--to", "3000"];
        let sent = whk.run(words.into_iter().chain(common.clone())).check();
        whk.put("sent.http", sent.out);
        let words = ["verify", "--request", "sent.http"];
        whk.run(words.into_iter().chain(common)).out_has(format!("valid {name}")).check();
    }
}

#[test]
fn a_body_has_the_type_that_the_provider_gives_it() {
    let whk = Whk::new();
    for (scheme, words, content_type) in [
        ("twilio", &["message", "--data", "Body=hi", "--raw"][..], "application/x-www-form-urlencoded"),
        ("twilio", &["message", "--data", r#"{"a":1}"#, "--raw"], "application/json"),
        ("slack", &["slash_command"], "application/x-www-form-urlencoded"),
        ("livekit", &["room_started", "--param", "api_key=k"], "application/webhook+json"),
        ("github", &["push", "--data", "not json", "--raw"], "application/json"),
        ("twilio", &["message", "--data", "a=b", "--raw", "--content-type", "text/x-own"], "text/x-own"),
    ] {
        let common = ["--scheme", scheme, "--secret", "s3cret", "--to", "3000", "--dry-run"];
        let said = format!("Content-Type: {content_type}\r\n");
        whk.run(["send"].iter().chain(words).copied().chain(common)).out_has(said).check();
    }
    let words = ["sign", "--scheme", "twilio", "--secret", "s3cret", "--body", "a=b", "--as", "curl"];
    whk.run(words).out_has("application/x-www-form-urlencoded").check();
}

#[test]
fn a_parameter_that_is_signed_with_is_asked_for() {
    let words = ["send", "ice", "--scheme", "sinch-service", "--secret", "c2VjcmV0", "--dry-run", "--to", "3000"];
    Whk::new().run(words).exits(2).err_has("--param key=").check();
}

#[test]
fn sender_and_listener_of_one_home_need_no_set_up() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    whk.run(["send", "order.created", "--data", r#"{"id":1}"#]).out_has("[200]").check();
    let event = listener.event();
    assert_eq!((&event["verdict"]["ok"], &event["event_type"]), (&json!(true), &json!("order.created")));
    assert_eq!(app.request().json()["data"], json!({"id": 1}));
}

#[test]
fn numbers_and_order_survive_an_edit() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let data = r#"{"z":1.0,"a":123456789012345678901234567890,"drop":1}"#;
    let edits = ["--set", "data.new.deep=1.50", "--set-string", "data.z=1", "--unset", "data.drop"];
    let words = ["send", "order.created", "--data", data, "--secret", SECRET, "--to", &app.target()];
    whk.run(words.into_iter().chain(edits)).out_has("[200]").check();
    let body = String::from_utf8(app.request().body).unwrap();
    let wanted = r#"{"z":"1","a":123456789012345678901234567890,"new":{"deep":1.50}}"#;
    assert!(body.contains(wanted), "{body}");
}

#[test]
fn the_exit_code_is_what_the_receiver_said() {
    let whk = Whk::new();
    for (say, code, shown) in [
        (answer(202, &[], b""), 0, "[202]"),
        (answer(302, &["Location: /x"], b""), 1, "[302]"),
        (answer(400, &[], b"no such shop"), 1, "no such shop"),
        (answer(500, &[], b""), 1, "[500]"),
    ] {
        let app = App::saying([say]);
        let words = ["send", "order.created", "--secret", SECRET, "--to", &app.target()];
        whk.run(words).exits(code).out_has(shown).check();
        assert_eq!(app.count(), 1, "a redirect is not followed");
    }
    let words = ["send", "order.created", "--secret", SECRET, "--output", "json", "--to"];
    let ended = whk.run(words.into_iter().chain([nobody().as_str()])).exits(3).out_has("\"sent\"").talks().check();
    assert_eq!((ended.error().0.as_str(), &ended.line("sent")["status"]), ("refused", &Value::Null));
    let slow = App::saying([Say::Stall(Vec::new())]);
    let words = words.into_iter().chain([slow.target().leak() as &str, "--timeout", "100ms"]);
    let ended = whk.run(words).exits(4).out_has("\"sent\"").talks().check();
    let (kind, message) = ended.error();
    assert!(kind == "timeout" && message.contains("--timeout"), "{message}");
}

#[test]
fn a_retry_keeps_the_id_and_signs_afresh() {
    let app = App::saying([answer(500, &[], b""), Say::Last(Vec::new()), answer(200, &[], b"")]);
    let whk = Whk::new();
    let words = ["send", "order.created", "--retry", "1ms,1ms,1ms", "--secret", SECRET, "--output", "json", "--to"];
    let ended = whk.run(words.into_iter().chain([app.target().as_str()])).check();
    let told: Vec<_> =
        ended.lines("sent").iter().map(|line| (line["number"].clone(), line["status"].clone())).collect();
    assert_eq!(told, [(json!(1), json!(500)), (json!(2), Value::Null), (json!(3), json!(200))]);
    let requests = app.requests(3);
    assert!(requests.iter().all(|one| one.get("webhook-id") == requests[0].get("webhook-id")));
}

#[test]
fn each_forgery_is_refused_by_a_listener_that_rejects() {
    let whk = Whk::new();
    let listener = whk.listen(["--verify", "reject"]);
    for kind in ["bad-signature", "stale", "future", "tampered", "missing-header", "wrong-secret", "unsigned"] {
        whk.run(["send", "order.created", "--forge", kind]).exits(1).out_has("401").err_has(kind).check();
    }
    assert!(listener.lines("event", 7).iter().all(|event| event["verdict"]["ok"] == false));
}

#[test]
fn a_dry_run_sends_nothing_and_shows_everything() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let target = app.target();
    let words = ["send", "order.created", "--data", "{}", "--secret", SECRET, "--dry-run", "--to", &target];
    whk.run(words).out_has("POST / HTTP/1.1\r\n").out_has("webhook-signature: v1,").out_lacks(&SECRET[6..]).check();
    whk.run(words.iter().chain(&["--as", "curl"])).out_has("curl ").out_has("webhook-signature").check();
    let json = whk.run(words.iter().chain(&["--output", "json"])).check();
    assert_eq!((json.records().len(), app.count()), (1, 0));
}

#[test]
fn many_are_counted_and_summed_up() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let target = app.target();
    let load = ["send", "order.created", "--secret", SECRET, "--count", "50", "--concurrency", "4", "--to", &target];
    let ended = whk.run(load.iter().chain(&["--out", "sum.json", "--output", "json"])).check();
    let summary = ended.line("summary");
    assert_eq!((&summary["count"], &summary["statuses"]), (&json!(50), &json!({"200": 50})));
    let written: Value = serde_json::from_slice(&std::fs::read(whk.folder().join("sum.json")).unwrap()).unwrap();
    assert_eq!(written, summary);
    let mut ids: Vec<_> = app.requests(50).iter().map(|request| request.get("webhook-id").unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50);
}

#[test]
fn wrong_input_is_named_with_what_to_do_and_nothing_is_sent() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let target = app.target();
    let send = |more: &[&str]| {
        let words = ["send", "order.created", "--secret", SECRET, "--to", &target];
        whk.run(words.iter().chain(more)).exits(2).err_lacks(&SECRET[6..])
    };
    send(&["--data", r#"{"a":1,}"#]).err_has("--data is not JSON").err_has("line 1").err_has("--raw").check();
    send(&["--data", "@nowhere.json"]).err_has("nowhere.json").check();
    send(&["--forge", "magic"]).err_has("--forge").err_has("tampered").check();
    send(&["--scheme", "strip"]).err_has("strip").err_has("stripe").check();
    send(&["-H", "NoColon"]).err_has("NoColon").err_has("Name: value").check();
    send(&["-H", "X-A: 1\r\nX-Evil: 2"]).err_has("-H").check();
    send(&["-H", "Content-Length: 7"]).err_has("content-length").check();
    send(&["--set", "no-value"]).err_has("--set").check();
    send(&["--timeout", "soon"]).err_has("--timeout").check();
    send(&["--at", "soon"]).err_has("--at").err_has("RFC 3339").check();
    whk.run(["send", "order.created", "--to", "ftp://x"]).exits(2).err_has("--to").err_has("http").check();
    send(&["--cacert", "nowhere.pem"]).err_has("nowhere.pem").check();
    let unknown = ["send", "ordr.created", "--secret", SECRET, "--to", &target];
    whk.run(unknown).exits(2).err_has("order.created").err_has("--data").check();
    whk.run(["send", "order.created", "--secret", "env:NOT_SET"]).exits(2).err_has("NOT_SET").check();
    let malformed = ["send", "order.created", "--secret", "whsec_%%%", "--to", &target];
    whk.run(malformed).exits(2).err_has("base64").err_has("whk secret new").err_lacks("%%%").check();
    assert_eq!(app.count(), 0);
}

#[test]
fn without_a_target_and_without_a_relay_it_says_how_to_start_one() {
    let ended = Whk::new().run(["send", "order.created", "--output", "json"]).exits(3).talks().check();
    let (kind, message) = ended.error();
    assert!(kind == "no_relay" && message.contains("whk listen") && message.contains("--to"), "{message}");
}

#[test]
fn a_password_in_a_target_is_used_and_not_shown() {
    let (whk, app) = (Whk::new(), App::answering(500));
    let target = format!("http://user:hunter2@{}/hook", app.target());
    whk.run(["send", "order.created", "--to", &target]).exits(1).out_has("[500]").out_lacks("hunter2").check();
    assert_eq!(app.request().get("authorization").as_deref(), Some("Basic dXNlcjpodW50ZXIy"));
    let listener = whk.listen(["--forward", &target]);
    listener.post("{}");
    listener.attempt();
    let ended = listener.stop();
    assert!(!format!("{ended}").replace(&ended.words, "").contains("hunter2"), "{ended}");
    let gone = format!("http://user:hunter2@{}/hook", nobody());
    whk.run(["send", "order.created", "--to", &gone])
        .exits(3)
        .out_lacks("hunter2")
        .err_has("refused")
        .err_lacks("hunter2")
        .check();
    whk.run(["send", "order.created", "--to", "http://user:hunter2@host:x/"])
        .exits(2)
        .err_has("port")
        .err_lacks("hunter2")
        .check();
}
