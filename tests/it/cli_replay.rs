//! `whk replay`: the recorded bytes again, or signed afresh, and what it asks before it does much.

use serde_json::{Value, json};

use crate::support::app::{App, Say, answer, nobody};
use crate::support::whk::Whk;
use crate::support::wire::request;

const BODY: &[u8] = b"{\n  \"type\": \"order.created\", \"n\": 1.0,\n  \"n\": 2\n}\xff\n";

/// Records these bodies without a target; gives back their ids.
fn record(whk: &Whk, bodies: &[&[u8]]) -> Vec<String> {
    let listener = whk.listen::<&str>([]);
    let lines = ["X-Repeat: a", "x-REPEAT:b", "X-Odd:  c "];
    for body in bodies {
        listener.send(&request("PUT", "/in/default/a%2Fb?x=1", &lines, body));
    }
    ids(&listener.lines("event", bodies.len()))
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn verbatim_is_the_recorded_request_byte_for_byte() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let id = record(&whk, &[BODY]).remove(0);
    whk.run(["replay", &id, "--verbatim", "--to", &app.target()])
        .out_has("[200]")
        .err_has("1 delivered, 0 failed")
        .check();
    let got = app.request();
    assert_eq!((got.method().as_str(), got.target().as_str(), &got.body[..]), ("PUT", "/a%2Fb?x=1", BODY));
    let host = format!("Host: {}", app.target());
    assert_eq!(got.lines()[..4], [&host, "X-Repeat: a", "x-REPEAT:b", "X-Odd:  c "]);
}

#[test]
fn a_known_secret_signs_afresh_with_the_same_id() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen::<&str>([]);
    whk.run(["send", "order.created", "--at", "1700000000", "--id", "msg_same"]).out_has("[200]").check();
    let id = ids(&listener.lines("event", 1)).remove(0);
    listener.stop();
    whk.run(["replay", &id, "--resign", "--to", &app.target()]).out_has("[200]").err_has("1 delivered").check();
    let again = app.request();
    whk.put("again.http", [again.head.clone(), again.body.clone()].concat());
    whk.run(["verify", "--request", "again.http"]).out_has("valid standard-webhooks").check();
    assert_eq!(again.all("webhook-id"), ["msg_same"]);
    assert_eq!(again.all("webhook-signature").len(), 1);
    whk.run(["replay", &id, "--verbatim", "--to", &app.target()]).out_has("[200]").err_has("1 delivered").check();
    assert_eq!(app.requests(2)[1].all("webhook-timestamp"), ["1700000000"]);
}

#[test]
fn an_edit_changes_the_body_and_its_length() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let id = record(&whk, &[br#"{"a":1.0,"b":[1]}"#]).remove(0);
    whk.run(["replay", &id, "--set", "b[0]=42", "--to", &app.target()]).talks().out_has("[200]").check();
    assert_eq!(app.request().body, br#"{"a":1.0,"b":[42]}"#);
    whk.run(["replay", &record(&whk, &[BODY])[0], "--set", "a=1", "--to", "3000"]).exits(2).err_has("UTF-8").check();
}

#[test]
fn without_a_target_it_goes_where_it_went_before() {
    let (whk, app) = (Whk::new(), App::saying([answer(500, &[], b""), answer(200, &[], b"")]));
    let listener = whk.listen(["--forward", &app.target()]);
    listener.post(BODY);
    let id = ids(&listener.lines("event", 1)).remove(0);
    listener.stop();
    let ended = whk.run(["replay", &id, "--output", "json"]).check();
    assert_eq!((&ended.line("attempt")["number"], &ended.line("attempt")["event_id"]), (&json!(2), &json!(id)));
    assert_eq!(app.requests(2)[1].body, BODY);
    assert_eq!((whk.events(&["--status", "dead"]).len(), whk.events(&["--status", "delivered"]).len()), (0, 1));
}

#[test]
fn many_are_chosen_by_id_filter_or_state_and_counted() {
    let app = App::saying([answer(200, &[], b""), answer(500, &[], b""), answer(200, &[], b"")]);
    let whk = Whk::new();
    let all = record(&whk, &[br#"{"type":"a.one"}"#, br#"{"type":"b.two"}"#, br#"{"type":"a.three"}"#]);
    let target = app.target();
    let some = ["replay", &all[2], &all[0], "--to", &target, "--output", "json"];
    assert_eq!(
        whk.run(some).exits(1).check().line("replayed"),
        json!({"type": "replayed", "delivered": 1, "failed": 1})
    );
    let filter = ["replay", "--type", "a.*", "--to", &target, "--yes"];
    whk.run(filter).out_has("[200]").err_has("2 delivered, 0 failed").check();
    let bodies: Vec<_> = app.requests(4).iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(bodies, ["a.three", "a.one", "a.one", "a.three"], "by filter they go in the order they came");
    whk.run(["replay", "--type", "no.such", "--to", &target, "--yes"]).err_has("no event matches").check();
}

#[test]
fn the_dead_can_be_sent_again() {
    let (whk, app) = (Whk::new(), App::saying([answer(500, &[], b""), answer(500, &[], b""), answer(200, &[], b"")]));
    let listener = whk.listen(["--forward", &app.target()]);
    listener.post("1");
    listener.post("2");
    listener.stop();
    whk.run(["replay", "--dead", "--yes"]).out_has("[200]").err_has("2 delivered").check();
    assert_eq!(app.bodies(), [b"1", b"2", b"1", b"2"]);
    assert!(whk.events(&["--status", "dead"]).is_empty());
}

#[test]
fn a_dry_run_sends_nothing() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let id = record(&whk, &[b"{}"]).remove(0);
    whk.run(["replay", &id, "--dry-run", "--to", &app.target()]).out_has("PUT /a%2Fb?x=1").err_has(&id).check();
    assert_eq!(app.count(), 0);
}

#[test]
fn failures_and_wrong_input_are_named_with_what_to_do() {
    let whk = Whk::new();
    let missing = format!("msg_{}", "0".repeat(27));
    whk.run(["replay", &missing, "--to", "3000"]).exits(2).err_has(&missing).err_has("whk listen").check();
    let id = record(&whk, &[b"{}"]).remove(0);
    whk.run(["replay", &missing, "--to", "3000"]).exits(2).err_has(&missing).err_has("whk events list").check();
    whk.run(["replay"]).exits(2).err_has("--type").err_has("--dead").check();
    whk.run(["replay", &id]).exits(2).err_has("never forwarded").err_has("--to").check();
    whk.run(["replay", "--since", "1h", "--to", "3000"]).exits(2).err_has("--yes").check();
    whk.run(["replay", "--since", "soon", "--to", "3000"]).exits(2).err_has("--since").check();
    whk.run(["replay", &id, "--to", "http://"]).exits(2).err_has("--to").check();
    whk.run(["replay", &id, "--to", &nobody()]).exits(1).out_has("refused").err_has("0 delivered, 1 failed").check();
    let slow = App::saying([Say::Stall(Vec::new())]);
    let words = ["replay", &id, "--timeout", "50ms", "--to", &slow.target()];
    whk.run(words).exits(1).out_has("within 50ms").err_has("1 failed").check();
}
