//! `whk listen`: who gets what and when, what is turned away, when it ends, and what it catches up with.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::app::{App, Say, answer, nobody};
use crate::support::whk::{Whk, body_of};
use crate::support::wire::Message;

fn types(requests: &[Message]) -> Vec<String> {
    requests.iter().map(|request| request.json()["type"].as_str().unwrap_or_default().to_owned()).collect()
}

fn sum(done: &Value) -> [u64; 3] {
    ["received", "delivered", "failed"].map(|key| done[key].as_u64().unwrap())
}

#[test]
fn ack_now_answers_before_the_app_does() {
    let (whk, app) = (Whk::new(), App::saying([Say::Stall(Vec::new())]));
    let listener = whk.listen(["--ack", "now", "--forward", &app.target()]);
    let answer = listener.post("{}");
    assert_eq!((answer.status(), &answer.json()["id"]), (202, &listener.event()["id"]));
    app.request();
}

#[test]
fn ack_now_tries_again_on_its_schedule_at_its_speed_with_the_same_bytes() {
    let app = App::saying([answer(500, &[], b""), Say::Last(Vec::new()), answer(200, &[], b"")]);
    let whk = Whk::new();
    let listener =
        whk.listen(["--ack", "now", "--retry", "1h,1h,1h", "--speed", "1000000x", "--forward", &app.target()]);
    assert_eq!(listener.post("{ \"a\": 1.0 }\n").status(), 202);
    let requests = app.requests(3);
    assert!(requests.iter().all(|request| *request == requests[0] && request.body == b"{ \"a\": 1.0 }\n"));
    let attempts = listener.lines("attempt", 3);
    let told: Vec<_> =
        attempts.iter().map(|one| (&one["number"], &one["status"], one["next_attempt_at"].is_null())).collect();
    let wanted = [(&json!(1), &json!(500), false), (&json!(2), &Value::Null, false), (&json!(3), &json!(200), true)];
    assert_eq!(told, wanted);
    assert_eq!(sum(&listener.stop().line("done")), [1, 1, 0]);
}

#[test]
fn ack_now_without_retries_gives_up_and_says_so() {
    let (whk, app) = (Whk::new(), App::answering(500));
    let listener = whk.listen(["--ack", "now", "--retry", "none", "--forward", &app.target(), "--once"]);
    listener.post("{}");
    assert_eq!(sum(&listener.ended().line("done")), [1, 0, 1]);
    assert_eq!((app.count(), whk.events(&["--status", "dead"]).len()), (1, 1));
}

#[test]
fn a_canned_answer_needs_no_app_and_may_be_for_the_first_few_only() {
    let whk = Whk::new();
    let listener = whk.listen(["--respond", "503,delay=1ms,first=2"]);
    let statuses = [(); 3].map(|()| listener.post("{}").status());
    assert_eq!(statuses, [503, 503, 200]);
    assert_eq!(listener.lines("event", 3).len(), 3);
}

#[test]
fn a_route_takes_its_types_and_no_others() {
    let (invoices, orders, whk) = (App::answering(200), App::answering(200), Whk::new());
    let routes = [format!("invoice.*={}/i", invoices.target()), format!("order.created={}/o", orders.target())];
    let listener = whk.listen(["--route", &routes[0], "--route", &routes[1]]);
    for name in ["invoice.paid", "order.created", "invoice.void", "user.created"] {
        assert_eq!(listener.emit(name, &json!({})).status(), 200);
    }
    assert_eq!(types(&invoices.requests(2)), ["invoice.paid", "invoice.void"]);
    assert_eq!(
        (types(&orders.requests(1)), orders.request().target()),
        (vec!["order.created".to_owned()], "/o".to_owned())
    );
    assert_eq!(sum(&listener.stop().line("done")), [4, 3, 0]);
}

#[test]
fn only_except_and_where_say_what_is_forwarded_and_everything_is_recorded() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let filters = ["--only", "order.*", "--except", "*.test", "--where", "data.amount>=100"];
    let listener = whk.listen(filters.into_iter().chain(["--forward", &app.target()]));
    for (name, amount) in [("user.a", 500), ("order.test", 500), ("order.low", 99), ("order.a", 100), ("order.b", 2000)]
    {
        listener.emit(name, &json!({"amount": amount}));
    }
    assert_eq!(sum(&listener.stop().line("done")), [5, 2, 0]);
    assert_eq!(types(&app.requests(2)), ["order.a", "order.b"]);
}

#[test]
fn what_is_not_rightly_signed_is_turned_away_if_asked_and_recorded() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--verify", "reject", "--forward", &app.target()]);
    let refused = listener.post(r#"{"type":"unsigned"}"#);
    assert_eq!((refused.status(), &refused.json()["code"]), (401, &json!("invalid_signature")));
    whk.run(["send", "order.created", "--forge", "tampered"]).exits(1).out_has("401").err_has("tampered").check();
    whk.run(["send", "order.created"]).out_has("[200]").check();
    let reasons: Vec<_> = listener.lines("event", 3).iter().map(|event| event["verdict"]["reason"].clone()).collect();
    assert_eq!(reasons, [json!("missing_header"), json!("no_matching_signature"), Value::Null]);
    assert_eq!(sum(&listener.stop().line("done")), [3, 1, 0]);
    assert_eq!((app.count(), whk.events(&["--status", "invalid"]).len()), (1, 2));
}

#[test]
fn a_wrong_signature_is_marked_and_forwarded_unless_told_otherwise() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    whk.run(["send", "order.created", "--forge", "stale"]).out_has("[200]").err_has("stale").check();
    assert_eq!(
        listener.event()["verdict"],
        json!({"ok": false, "scheme": "standard-webhooks", "reason": "timestamp_too_old"})
    );
    app.request();
}

#[test]
fn it_ends_after_one_after_so_many_or_after_a_type() {
    let (whk, app) = (Whk::new(), App::saying([answer(200, &[], b""), answer(500, &[], b"")]));
    let target = app.target();
    let once = whk.listen(["--once", "--forward", &target]);
    once.emit("a", &json!({}));
    let ended = once.ended();
    let kinds: Vec<_> = ended.records().iter().map(|record| record["type"].clone()).collect();
    assert_eq!((ended.code, kinds), (Some(0), vec![json!("ready"), json!("event"), json!("attempt"), json!("done")]));
    let count = whk.listen(["--count", "2", "--forward", &target]);
    count.emit("a", &json!({}));
    count.emit("b", &json!({}));
    let ended = count.ended();
    assert_eq!((ended.code, sum(&ended.line("done"))), (Some(0), [2, 0, 2]));
    let mut until = whk.listen(["--until", "job.*"]);
    until.emit("other", &json!({}));
    until.lines("event", 1);
    assert!(until.is_running());
    until.emit("job.done", &json!({}));
    let ended = until.ended();
    assert_eq!((ended.code, sum(&ended.line("done"))), (Some(0), [2, 0, 0]));
}

#[test]
fn it_ends_when_its_time_is_up() {
    let ended = Whk::new().listen(["--for", "50ms"]).ended();
    assert_eq!((ended.code, sum(&ended.line("done"))), (Some(0), [0, 0, 0]));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_a_sum_and_a_code_of_its_own() {
    let (whk, app) = (Whk::new(), App::answering(200));
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let listener = whk.listen(["--forward", &app.target()]);
        listener.post("{}");
        listener.signal(name);
        let ended = listener.ended();
        assert_eq!((ended.code, sum(&ended.line("done"))), (Some(code), [1, 1, 0]), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_gets_the_address_and_the_secret_and_its_code_is_handed_on() {
    let whk = Whk::new();
    let script = "echo \"$WHK_URL $WHK_SECRET $(cat ready)\" >&2; exit 7";
    let listener = whk.listen(["--ready-file", "ready", "--exec", script]);
    let url = listener.url();
    let ended = listener.ended();
    assert_eq!(ended.code, Some(7));
    let said = String::from_utf8(ended.err.clone()).unwrap();
    assert_eq!(said, format!("{url} {} {url}\n", whk.secret()));
    assert_eq!(sum(&ended.line("done")), [0, 0, 0]);
}

#[test]
fn a_port_in_use_is_named_and_so_is_who_uses_it() {
    let whk = Whk::new();
    let listener = whk.listen::<&str>([]);
    let port = listener.address().port().to_string();
    whk.run(["listen", "--port", &port]).exits(3).err_has(&port).err_has("relay").err_has("--port 0").check();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let ended = whk.run(["listen", "--port", &port, "--output", "json"]).exits(3).err_has("another program").check();
    assert_eq!(ended.error().0, "port_in_use");
}

#[test]
fn a_target_that_is_the_listener_itself_is_refused() {
    let (whk, free) = (Whk::new(), nobody());
    let port = free.rsplit(':').next().unwrap();
    for target in [port, &free, &format!("http://localhost:{port}/in/default"), &format!("[::1]:{port}")] {
        whk.run(["listen", "--port", port, "--forward", target]).exits(2).err_has("loop").err_has(port).check();
    }
}

#[test]
fn a_named_listener_gets_what_it_missed_first_and_in_order() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let named = ["--name", "laptop", "--forward", &app.target()];
    let away = whk.listen(named);
    away.emit("seen", &json!({}));
    away.stop();
    let other = whk.listen(["--name", "other"]);
    for name in ["missed.0", "missed.1", "missed.2"] {
        other.emit(name, &json!({}));
    }
    other.stop();
    let back = whk.listen(named);
    back.emit("fresh", &json!({}));
    assert_eq!(types(&app.requests(5)), ["seen", "missed.0", "missed.1", "missed.2", "fresh"]);
    assert_eq!(back.lines("gap", 1)[0]["missed"], 3);
    back.stop();
    let again = whk.listen(named);
    again.emit("last", &json!({}));
    assert_eq!(types(&app.requests(6)).last().unwrap(), "last");
    assert!(again.stop().lines("gap").is_empty());
}

#[test]
fn since_a_time_or_an_event_brings_back_what_came_after() {
    let (whk, all, some) = (Whk::new(), App::answering(200), App::answering(200));
    let recorder = whk.listen::<&str>([]);
    for name in ["past.0", "past.1", "past.2"] {
        recorder.emit(name, &json!({}));
    }
    let first = recorder.lines("event", 3)[0]["id"].as_str().unwrap().to_owned();
    recorder.stop();
    let listener = whk.listen(["--since", "10m", "--forward", &all.target()]);
    assert_eq!(types(&all.requests(3)), ["past.0", "past.1", "past.2"]);
    listener.stop();
    whk.listen(["--since", &first, "--forward", &some.target(), "--count", "2"]).ended();
    assert_eq!(types(&some.requests(2)), ["past.1", "past.2"]);
    let unknown = format!("msg_{}", "0".repeat(27));
    whk.run(["listen", "--since", &unknown, "--port", "0"]).exits(2).err_has(unknown).err_has("--since").check();
}

#[test]
fn in_order_means_one_after_the_other() {
    let app = App::saying([answer(500, &[], b""), answer(200, &[], b"")]);
    let whk = Whk::new();
    let flags = ["--ack", "now", "--ordered", "--retry", "20ms,20ms", "--forward", &app.target()];
    let listener = whk.listen(flags);
    for number in 0..4 {
        assert_eq!(listener.post(number.to_string()).status(), 202);
    }
    let bodies: Vec<_> = app.requests(5).into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [b"0", b"0", b"1", b"2", b"3"]);
}

#[cfg(unix)]
#[test]
fn somebody_who_stops_reading_ends_it_without_an_error() {
    use std::io::{BufRead, BufReader};
    let whk = Whk::new();
    let mut command = whk.command(["listen", "--output", "json", "--port", "0"]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["url"].as_str().unwrap().split('/').nth(2).unwrap().parse().unwrap();
    let body = crate::support::wire::request("POST", "/in/default", &[], b"kept");
    assert_eq!(crate::support::wire::exchange(address, &body).unwrap().status(), 200);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    assert_eq!(whk.events(&[]).iter().map(body_of).collect::<Vec<_>>(), [b"kept"]);
}

#[test]
fn a_listener_speaks_to_people_without_showing_the_secret() {
    let (whk, app) = (Whk::new(), App::new(|_, _| answer(500, &[], b"{\"error\":\"no such customer\"}")));
    let secret = whk.secret();
    let words = ["listen", "--port", "0", "--forward", &app.target(), "--exec", "exit 0"];
    whk.run(words).err_has("Ready!").err_has(app.target()).err_has("whsec_").err_lacks(&secret[8..]).check();
    let send = format!("{} send order.created", env!("CARGO_BIN_EXE_whk"));
    let words = ["listen", "--port", "0", "--forward", &app.target(), "--exec", &send];
    let told =
        whk.run(words).exits(1).talks().out_has("--> ").out_has("order.created").out_has("<-- [500] POST http://");
    told.out_has("! {\"error\":\"no such customer\"}").out_lacks("\x1b").out_lacks(&secret[8..]).check();
}
