//! Bugs that were found once, each with the test that would have found it.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use crate::support::app::{App, Say, answer};
use crate::support::whk::Whk;
use crate::support::wire::exchange;

/// The client used to send a request again when a kept connection ended, and the app saw it twice.
#[test]
fn a_kept_connection_that_dies_is_a_failure_and_the_request_is_not_repeated() {
    let app = App::saying([answer(200, &[], b""), Say::Last(Vec::new()), answer(200, &[], b"")]);
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    let statuses = ["1", "2", "3"].map(|body| listener.post(body).status());
    assert_eq!(statuses, [200, 502, 200]);
    assert_eq!(app.bodies(), [b"1", b"2", b"3"]);
    assert_eq!(app.connections(), 2);
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
