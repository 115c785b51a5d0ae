//! The inspector and the portal in a real browser: each scenario is a script under `tests/browser`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use whk::clock::{Clock, SystemClock};
use whk::model::{Endpoint, EndpointId, Event, EventId, Verdict};
use whk::store::{Durability, Held, Made, Mode, NewDelivery, NewEvent, Next, OpenOptions, Store};

use crate::store_samples::{self, at};
use crate::support::process::Process;
use crate::support::whk::Whk;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script to its end; it fails by itself if something is not as it should be.
fn runs(script: &str, folder: Option<PathBuf>) {
    let libraries = root().join("target/receivers");
    let browser = libraries.join("node_modules/playwright-core").exists();
    assert!(browser, "the browser's library is not installed: ./test does it, or tests/receivers/install alone");
    let mut program = Command::new("node");
    program.arg(root().join("tests/browser").join(script)).current_dir(libraries);
    program.env("WHK_BIN", env!("CARGO_BIN_EXE_whk"));
    if let Some(folder) = folder {
        program.env("WHK_FOLDER", folder);
    }
    let ended = Process::start(&mut program).ended_within(Duration::from_secs(150));
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.line("done")["checks"].as_u64().is_some_and(|checks| checks > 5), "{ended}");
}

#[test]
fn a_developer_sees_searches_replays_and_compares_what_arrives() {
    runs("listen.mjs", None);
}

#[test]
fn endpoints_and_dead_letters_are_managed_and_a_portal_shows_one_app() {
    runs("relay.mjs", None);
}

#[test]
fn what_attackers_send_is_shown_and_does_nothing() {
    runs("hostile.mjs", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_events_are_there_at_once() {
    let whk = Whk::new();
    std::fs::create_dir_all(whk.home()).unwrap();
    let options = OpenOptions { durability: Durability::Process, mode: Mode::Create };
    let store = whk::store::open(&at(&whk.home().join("whk.db")), &options).unwrap();
    fill(&store, 100_000).await;
    store.close().await.unwrap();
    let home = whk.home();
    tokio::task::spawn_blocking(move || runs("large.mjs", Some(home))).await.unwrap();
}

/// Events of the last day, the newest of them delivered.
async fn fill(store: &Arc<dyn Store>, count: u64) {
    let clock = SystemClock;
    let now = clock.now();
    let target = "http://localhost:3000/hook".parse().unwrap();
    let endpoint = Endpoint::new(EndpointId::new(now, clock.chance()), store_samples::app(0), target, now);
    let endpoint = store.create_endpoint(endpoint).await.unwrap().id;
    let types = ["order.created", "order.cancelled", "invoice.payment_failed", "user.created", "document.updated"];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..count {
        let at = now.minus(Duration::from_millis(800 * (count - number)));
        let mut event = store_samples::event(number);
        event.id = EventId::new(at, clock.chance());
        event.request.received_at = at;
        types[usize::try_from(number).unwrap() % types.len()].clone_into(&mut event.event_type);
        event.verdict =
            Some(Verdict { ok: !number.is_multiple_of(7), scheme: "standard-webhooks".to_owned(), reason: None });
        let delivered = (number + 5000 >= count).then(|| made(&event, endpoint, number));
        let (store, new) = (Arc::clone(store), NewEvent::new(Arc::new(event), delivered.into_iter().collect()));
        // The log is in the order of time, more or less, as it is when many senders are at work.
        if tasks.len() >= 256 {
            tasks.join_next().await.unwrap().unwrap();
        }
        tasks.spawn(async move {
            store.append(new).await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

fn made(event: &Event, endpoint: EndpointId, number: u64) -> NewDelivery {
    let clock = SystemClock;
    let now = event.request.received_at;
    let id = whk::model::DeliveryId::new(now, clock.chance());
    let mut attempt = store_samples::attempt(number, Held { delivery: id, fence: 1 }, event.id, endpoint, true);
    attempt.started_at = now;
    if let Ok(response) = &mut attempt.outcome {
        response.status = 200;
    }
    let made = Some(Made { attempt, next: Next::Delivered });
    NewDelivery { id, event: event.id, endpoint, held_until: Some(now), due_at: now, made }
}
