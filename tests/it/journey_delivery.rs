//! A delivery's journey through the pipeline, on every store, with a clock that is moved and never waited for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tempfile::TempDir;
use whk::clock::{Clock, ManualClock};
use whk::model::{
    AppName, Attempt, CapturedRequest, Delivery, DeliveryState, Endpoint, EndpointId, EventId, Headers, Timestamp,
};
use whk::net::{ClientOptions, Limits};
use whk::policy::filter::Filter;
use whk::relay::options::{Ack, Answering, Forward, Judging, Options, Sending, Tunnel};
use whk::relay::pipeline::{Pipeline, Step};
use whk::relay::reply::Reply;
use whk::store::{Retention, Store};

use crate::store_samples::{addresses, open, time};
use crate::support::Gate;
use crate::support::app::{App, Say, answer};
use crate::support::whk::Whk;

/// The standard schedule's waits, in seconds.
const STANDARD: [u64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
/// No lease lasts longer than this unless it is extended.
const LONGEST_LEASE: Duration = Duration::from_secs(10);

/// A store and a clock that outlive the pipelines on them.
struct House {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    _folder: Arc<TempDir>,
}

/// A house on each store.
fn houses() -> Vec<House> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let house = |address: &String| House {
        store: open(address),
        clock: Arc::new(ManualClock::new(time(0))),
        _folder: Arc::clone(&folder),
    };
    addresses(folder.path()).iter().map(house).collect()
}

impl House {
    async fn pipeline(&self, app: &App, retry: &str) -> Arc<Pipeline> {
        self.pipeline_of(&[app], retry, false).await
    }

    async fn pipeline_of(&self, apps: &[&App], retry: &str, ordered: bool) -> Arc<Pipeline> {
        let mut forwards = Vec::new();
        for (number, app) in (0_u8..).zip(apps) {
            let (id, target) = (EndpointId::from_bytes([number; 20]), app.target().parse().unwrap());
            let new = Endpoint { uid: Some(app.target()), ..Endpoint::new(id, name(), target, time(0)) };
            let endpoint = self.store.ensure_endpoint(new).await.unwrap();
            forwards.push(Forward { endpoint, types: None, filter: Arc::new(Filter::default()) });
        }
        let sending = Sending {
            extra: Headers::new(),
            resign: false,
            timeout: Some(Duration::from_secs(20)),
            concurrency: 8,
            ordered,
            retry: retry.parse().unwrap(),
            client: ClientOptions { resend_stale: false, ..ClientOptions::default() },
        };
        let options = Options {
            validating: whk::relay::options::Validating::Off,
            disabling: whk::relay::options::Disabling::default(),
            forwards,
            ack: Ack::Now,
            canned: None,
            judging: Judging::default(),
            answering: Answering::default(),
            sending,
            limits: Limits::default(),
            retention: Retention { age: None, bytes: None },
            listener: None,
            access: whk::relay::options::Access::default(),
            tunnel: Tunnel::default(),
        };
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        Arc::new(Pipeline::new(options, Arc::clone(&self.store), clock).unwrap())
    }

    async fn ingest(&self, pipeline: &Arc<Pipeline>, body: &'static str) -> EventId {
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/default/hook".to_owned(),
            headers: Headers::new(),
            body: Bytes::from_static(body.as_bytes()),
            remote: "127.0.0.1:1".to_owned(),
            received_at: self.clock.now(),
        };
        let receipt = pipeline.ingest(name(), request).await.unwrap();
        assert!(matches!(receipt.reply, Reply::Accepted), "{receipt:?}");
        receipt.event
    }

    /// Steps until nothing is due and nothing will be, moving the clock to each due time.
    async fn run_down(&self, pipeline: &Arc<Pipeline>) {
        loop {
            match pipeline.step().await.unwrap() {
                Step::Settled => {}
                Step::Idle { until: Some(at) } => self.clock.set(at),
                Step::Idle { until: None } => return,
            }
        }
    }

    async fn delivery(&self, event: EventId) -> Delivery {
        self.store.deliveries(event).await.unwrap().remove(0)
    }

    async fn attempts(&self, event: EventId) -> Vec<Attempt> {
        self.store.attempts(event).await.unwrap()
    }
}

fn name() -> AppName {
    "default".parse().unwrap()
}

fn waits(attempts: &[Attempt]) -> Vec<Duration> {
    attempts.windows(2).map(|pair| pair[1].started_at.since(pair[0].started_at)).collect()
}

fn numbers(attempts: &[Attempt]) -> Vec<u32> {
    attempts.iter().map(|attempt| attempt.number).collect()
}

#[tokio::test]
async fn the_standard_schedule_is_kept_within_its_jitter_and_ends_dead() {
    for house in houses() {
        let app = App::answering(500);
        let pipeline = house.pipeline(&app, "standard").await;
        let event = house.ingest(&pipeline, "{}").await;
        house.run_down(&pipeline).await;
        let attempts = house.attempts(event).await;
        assert_eq!(numbers(&attempts), [1, 2, 3, 4, 5, 6, 7, 8]);
        for (wait, base) in waits(&attempts).into_iter().zip(STANDARD) {
            let base = Duration::from_secs(base);
            assert!((base * 4 / 5..=base * 6 / 5).contains(&wait), "{wait:?} for {base:?}");
        }
        let promised: Vec<Option<Timestamp>> = attempts.iter().map(|attempt| attempt.next_attempt_at).collect();
        let kept: Vec<_> = attempts.iter().skip(1).map(|attempt| Some(attempt.started_at)).chain([None]).collect();
        assert_eq!(promised, kept);
        let delivery = house.delivery(event).await;
        assert_eq!((delivery.state, delivery.due_at, delivery.attempts), (DeliveryState::Dead, None, 8));
        assert!(app.requests(8).iter().all(|request| request.body == b"{}" && request.target() == "/hook"));
    }
}

#[tokio::test]
async fn what_failed_together_is_not_tried_again_together() {
    for house in houses() {
        let app = App::answering(503);
        let pipeline = house.pipeline(&app, "1h").await;
        let mut due = Vec::new();
        for _ in 0..8 {
            due.push(house.ingest(&pipeline, "{}").await);
        }
        while pipeline.step().await.unwrap() == Step::Settled {}
        let mut times = Vec::new();
        for event in due {
            times.push(house.delivery(event).await.due_at.unwrap());
        }
        times.sort();
        assert!(times[7].since(times[0]) > Duration::from_secs(60), "{times:?}");
    }
}

#[tokio::test]
async fn it_ends_with_the_first_success() {
    for house in houses() {
        let app = App::saying([answer(503, &[], b""), Say::Last(Vec::new()), answer(204, &[], b"")]);
        let pipeline = house.pipeline(&app, "1s,1s,1s,1s").await;
        let event = house.ingest(&pipeline, "{}").await;
        house.run_down(&pipeline).await;
        let statuses: Vec<_> = house.attempts(event).await.iter().map(Attempt::status).collect();
        assert_eq!(statuses, [Some(503), None, Some(204)]);
        assert_eq!(house.delivery(event).await.state, DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn retry_after_is_honoured() {
    for house in houses() {
        let app = App::saying([
            answer(503, &["Retry-After: 600"], b""),
            answer(429, &["Retry-After: 0"], b""),
            answer(200, &[], b""),
        ]);
        let pipeline = house.pipeline(&app, "1s,100s").await;
        let event = house.ingest(&pipeline, "{}").await;
        house.run_down(&pipeline).await;
        let waits = waits(&house.attempts(event).await);
        assert_eq!(waits[0], Duration::from_secs(600));
        assert!((80..=120).contains(&waits[1].as_secs()), "{waits:?}");
    }
}

#[tokio::test]
async fn gone_means_gone() {
    for house in houses() {
        let app = App::answering(410);
        let pipeline = house.pipeline(&app, "standard").await;
        let event = house.ingest(&pipeline, "{}").await;
        house.run_down(&pipeline).await;
        assert_eq!((app.count(), house.delivery(event).await.state), (1, DeliveryState::Dead));
    }
}

#[tokio::test]
async fn what_a_killed_relay_held_is_taken_up_again_and_counts_on() {
    for house in houses() {
        let app = App::saying([answer(500, &[], b""), Say::Stall(Vec::new()), answer(200, &[], b"")]);
        let first = house.pipeline(&app, "1s,1s,1s").await;
        let event = house.ingest(&first, "{}").await;
        assert_eq!(first.step().await.unwrap(), Step::Settled);
        house.clock.advance(Duration::from_secs(2));
        let killed = tokio::spawn(async move { first.step().await });
        let waiting = tokio::task::spawn_blocking(move || (app.requests(2).len(), app));
        let (count, app) = waiting.await.unwrap();
        killed.abort();
        assert!(killed.await.unwrap_err().is_cancelled());

        let second = house.pipeline(&app, "1s,1s,1s").await;
        let Step::Idle { until: Some(until) } = second.step().await.unwrap() else { panic!("it is still held") };
        assert!(until.since(house.clock.now()) <= LONGEST_LEASE, "{until}");
        assert_eq!((count, house.delivery(event).await.state), (2, DeliveryState::InFlight));
        house.run_down(&second).await;
        let attempts = house.attempts(event).await;
        assert_eq!(numbers(&attempts), [1, 2]);
        assert!(attempts[1].started_at >= until, "before the lease was over");
        assert_eq!((app.count(), house.delivery(event).await.state), (3, DeliveryState::Delivered));
    }
}

#[tokio::test]
async fn of_two_relays_on_one_store_only_one_delivers() {
    for house in houses() {
        let app = App::answering(200);
        let (one, two) = (house.pipeline(&app, "1s").await, house.pipeline(&app, "1s").await);
        for _ in 0..20 {
            house.ingest(&one, "{}").await;
        }
        let work = |pipeline: Arc<Pipeline>| async move {
            let mut settled = 0;
            while pipeline.step().await.unwrap() == Step::Settled {
                settled += 1;
            }
            settled
        };
        let (first, second) = tokio::join!(work(one), work(two));
        assert_eq!((first + second, app.count()), (20, 20));
    }
}

#[tokio::test]
async fn in_order_nothing_overtakes_what_waits_for_its_next_try() {
    for house in houses() {
        let app = App::saying([answer(500, &[], b""), answer(500, &[], b""), answer(200, &[], b"")]);
        let pipeline = house.pipeline_of(&[&app], "1m,1m", true).await;
        for body in ["1", "2", "3"] {
            house.ingest(&pipeline, body).await;
        }
        assert_eq!(pipeline.step().await.unwrap(), Step::Settled);
        assert!(matches!(pipeline.step().await.unwrap(), Step::Idle { until: Some(_) }));
        assert_eq!(app.bodies(), [b"1"]);
        // The queue names the next due time of any delivery; in order, only the oldest one's counts.
        for _ in 0..6 {
            house.clock.advance(Duration::from_secs(80));
            while pipeline.step().await.unwrap() == Step::Settled {}
        }
        assert_eq!(app.bodies(), [b"1", b"1", b"1", b"2", b"3"]);
    }
}

#[tokio::test]
async fn each_endpoint_has_a_delivery_of_its_own() {
    for house in houses() {
        let (good, bad) = (App::answering(200), App::answering(500));
        let pipeline = house.pipeline_of(&[&good, &bad], "1s,1s", false).await;
        let event = house.ingest(&pipeline, "{}").await;
        house.run_down(&pipeline).await;
        let deliveries = house.store.deliveries(event).await.unwrap();
        let ends: Vec<_> = deliveries.iter().map(|one| (one.state, one.attempts)).collect();
        assert_eq!(ends, [(DeliveryState::Delivered, 1), (DeliveryState::Dead, 3)]);
        assert_eq!((good.count(), bad.count()), (1, 3));
    }
}

#[test]
fn a_slow_endpoint_holds_up_no_other() {
    let gate = Arc::new(Gate::default());
    let closed = Arc::clone(&gate);
    let slow = App::new(move |_, _| {
        closed.pass();
        answer(200, &[], b"")
    });
    let (quick, whk) = (App::answering(200), Whk::new());
    let flags = ["--ack", "now", "--concurrency", "2", "--forward", &slow.target(), "--forward", &quick.target()];
    let listener = whk.listen(flags);
    for number in 0..12 {
        assert_eq!(listener.emit("load", &json!(number)).status(), 202);
    }
    assert_eq!((quick.requests(12).len(), slow.count()), (12, 2));
    gate.open();
    assert_eq!(slow.requests(12).len(), 12);
}
