//! Killed at any moment: what was acknowledged is there after a restart, and what was pending goes on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::Watched;
use crate::support::app::{App, Say, answer};
use crate::support::whk::{Listener, Whk, body_of};
use crate::support::wire::{Wire, request};

pub(crate) type Bodies = BTreeSet<Vec<u8>>;

/// Posts from several connections, kills the listener in the middle, and gives back what was answered with `status`.
pub(crate) fn killed_under_load(listener: Listener, round: usize, status: u16) -> Bodies {
    let answered = Arc::new(Watched::<Bodies>::default());
    let address = listener.address();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let answered = Arc::clone(&answered);
            thread::spawn(move || {
                let Ok(mut wire) = Wire::to(address) else { return };
                for number in 0.. {
                    let body =
                        json!({"type": "load", "data": [round, sender, number, "x".repeat(number % 700)]}).to_string();
                    let sent = wire.say(&request("POST", "/in/default", &[], body.as_bytes()));
                    let Ok(answer) = sent.and_then(|()| wire.answer()) else { return };
                    assert_eq!(answer.status(), status);
                    answered.with(|all| all.insert(body.into_bytes()));
                }
            })
        })
        .collect();
    // Each round ends at another point of the work.
    let enough = 20 + 13 * round;
    assert!(answered.wait(|all| (all.len() >= enough).then_some(())).is_some(), "too few answers");
    listener.kill();
    for sender in senders {
        sender.join().unwrap();
    }
    answered.with(std::mem::take)
}

fn kept(whk: &Whk, words: &[&str]) -> Bodies {
    whk.events(words).iter().map(body_of).collect()
}

#[test]
fn five_kills_under_load_lose_nothing_and_every_event_is_delivered() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let flags = ["--ack", "now", "--retry", "100ms,100ms", "--concurrency", "4", "--forward", &app.target()];
    let mut acknowledged = Bodies::new();
    for round in 0..5 {
        let began = Instant::now();
        let listener = whk.listen(flags);
        assert!(began.elapsed() < Duration::from_secs(5), "ready after {:?}", began.elapsed());
        acknowledged.append(&mut killed_under_load(listener, round, 202));
    }
    let all = kept(&whk, &[]);
    let lost: Vec<_> = acknowledged.difference(&all).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), acknowledged.len());
    let open = kept(&whk, &["--status", "pending"]).len();
    let listener = whk.listen(flags);
    assert_eq!(app.missing(&all), 0);
    // What was under way at a kill waits until its lease is over, even if the app has it already.
    listener.lines("attempt", open);
    listener.stop();
    assert_eq!((kept(&whk, &["--status", "pending"]), kept(&whk, &["--status", "delivered"])), (Bodies::new(), all));
}

#[test]
fn what_the_app_answered_is_kept_after_a_kill() {
    let (whk, app) = (Whk::new(), App::answering(201));
    let listener = whk.listen(["--forward", &app.target()]);
    let acknowledged = killed_under_load(listener, 1, 201);
    assert!(acknowledged.is_subset(&kept(&whk, &[])));
}

#[test]
fn a_retry_that_was_due_goes_on_after_a_kill_and_counts_on() {
    let (whk, app) = (Whk::new(), App::saying([answer(500, &[], b""), answer(200, &[], b"")]));
    let flags = ["--ack", "now", "--retry", "200ms,200ms", "--forward", &app.target()];
    let listener = whk.listen(flags);
    listener.post("{ \"n\": 1.0 }");
    assert_eq!(listener.attempt()["number"], 1);
    listener.kill();
    let again = whk.listen(flags);
    let attempt = again.attempt();
    assert_eq!((&attempt["number"], &attempt["status"]), (&json!(2), &json!(200)));
    assert!(app.requests(2).iter().all(|request| request.body == b"{ \"n\": 1.0 }"));
}

#[test]
fn an_attempt_that_was_under_way_at_a_kill_is_made_again() {
    let (whk, app) = (Whk::new(), App::saying([Say::Stall(Vec::new()), answer(200, &[], b"")]));
    let flags = ["--ack", "now", "--forward", &app.target()];
    let listener = whk.listen(flags);
    listener.post("{}");
    app.request();
    listener.kill();
    let again = whk.listen(flags);
    assert_eq!((app.requests(2).len(), &again.attempt()["status"]), (2, &json!(200)));
}

#[test]
fn a_polite_stop_gives_back_what_it_holds_at_once() {
    let (whk, app) = (Whk::new(), App::saying([Say::Stall(Vec::new()), answer(200, &[], b"")]));
    let flags = ["--ack", "now", "--timeout", "1s", "--retry", "1ms", "--forward", &app.target()];
    let listener = whk.listen(flags);
    listener.post("{}");
    app.request();
    assert_eq!(listener.stop().code, Some(130));
    let again = whk.listen(flags);
    assert_eq!(again.attempt()["status"], 200);
}
