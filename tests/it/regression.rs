//! Bugs that were found once, each with the test that would have found it.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use crate::support::app::{App, Say, answer};
use crate::support::terminal::Terminal;
use crate::support::whk::Whk;
use crate::support::wire::exchange;

/// Where a schedule counts attempts, the client used to send a request again by itself when a kept connection ended.
#[test]
fn a_kept_connection_that_dies_is_an_attempt_of_its_own_where_there_is_a_schedule() {
    let app = App::saying([answer(500, &[], b""), Say::Last(Vec::new()), answer(200, &[], b"")]);
    let whk = Whk::new();
    let listener =
        whk.listen(["--ack", "now", "--retry", "50ms,50ms,50ms", "--count", "1", "--forward", &app.target()]);
    assert_eq!(listener.post("1").status(), 202);
    let ended = listener.ended();
    let statuses: Vec<_> = ended.lines("attempt").iter().map(|attempt| attempt["status"].clone()).collect();
    assert_eq!(statuses, [json!(500), json!(null), json!(200)]);
    assert_eq!(app.bodies(), [b"1", b"1", b"1"]);
}

/// What was turned away with 401 used to be delivered when a later listener caught up.
#[test]
fn a_rejected_event_is_not_delivered_by_a_later_since() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let first = whk.listen(["--verify", "reject"]);
    assert_eq!(first.post(r#"{"type":"forged"}"#).status(), 401);
    whk.run(["send", "order.created", "--id", "msg_good"]).out_has("[200]").check();
    first.stop();
    let later = ["--verify", "reject", "--since", "10m", "--count", "1", "--forward", &app.target()];
    let done = whk.listen(later).ended().line("done");
    assert_eq!((&done["received"], &done["delivered"]), (&json!(1), &json!(1)));
    assert_eq!((app.count(), app.request().get("webhook-id").as_deref()), (1, Some("msg_good")));
}

/// A line feed alone used to end a header line here, while the app behind read on: two readings of one request.
#[test]
fn a_bare_line_feed_ends_no_header_line() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    for bare in [
        &b"POST /in/default HTTP/1.1\nHost: x\nContent-Length: 0\n\n"[..],
        b"POST /in/default HTTP/1.1\r\nHost: x\r\nX-A: 1\nX-Hidden: 2\r\nContent-Length: 0\r\n\r\n",
        b"POST /in/default HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX-A: 1\n\r\n",
        b"POST /in/default HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
    ] {
        let answer = exchange(listener.address(), bare).unwrap();
        assert_eq!(answer.status(), 400, "{}", String::from_utf8_lossy(bare));
    }
    assert_eq!((app.count(), whk.events(&[]).len()), (0, 0));
}

/// Of several commands that made the store at the same moment, one now and then ended with "database is locked".
#[test]
fn commands_that_start_together_in_a_new_home_share_one_store() {
    for _ in 0..3 {
        let whk = Whk::new();
        let secrets = thread::scope(|scope| {
            let shown: Vec<_> = (0..6).map(|_| scope.spawn(|| whk.secret())).collect();
            shown.into_iter().map(|one| one.join().unwrap()).collect::<BTreeSet<_>>()
        });
        assert_eq!(secrets.len(), 1);
    }
}

/// What nobody had judged used to be passed over.
#[test]
fn what_came_before_there_was_a_secret_is_judged_before_a_later_since_delivers_it() {
    let whk = Whk::new();
    let listener = whk.listen(["--count", "2"]);
    for (kind, secret) in [("push", "s3cret"), ("ping", "another")] {
        let words = ["send", kind, "--scheme", "github", "--secret", secret, "--data", "{}"];
        whk.run(words).out_has("200").check();
    }
    assert!(listener.lines("event", 2).iter().all(|event| event["verdict"].is_null()));
    listener.ended();
    let app = App::answering(200);
    let later = ["--scheme", "github", "--secret", "s3cret", "--verify", "reject", "--since", "10m", "--count", "1"];
    whk.listen(later.iter().copied().chain(["--forward", &app.target()])).ended();
    assert_eq!(app.requests(1).first().unwrap().get("X-GitHub-Event").as_deref(), Some("push"));
    assert_eq!(app.count(), 1);
}

/// What a terminal would act on is spelled out where others wrote it; our own colours used to be spelled out with it.
#[test]
fn colours_on_a_terminal_are_colours() {
    let whk = Whk::new();
    let terminal = Terminal::new(&whk);
    let program = env!("CARGO_BIN_EXE_whk");
    for words in ["--help", "doctor"] {
        terminal.line(&format!("clear; {program} {words} | cat >/dev/null; {program} {words}; echo do''ne $?"));
        let screen = terminal.until("done ");
        assert!(!screen.contains("x1b"), "{screen}");
        assert!(terminal.tmux(&["capture-pane", "-p", "-e"]).contains('\u{1b}'), "{screen}");
    }
}
