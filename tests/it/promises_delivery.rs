//! What is promised about deliveries, counted: on every store or in memory, with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use whk::clock::{Clock, ManualClock, NoRandomness};
use whk::model::{Attempt, DeliveryId, DeliveryState, Disabled, DisabledBy, Endpoint, EndpointId, EventId, Timestamp};
use whk::relay::pipeline::{Pipeline, Step};
use whk::store::{NewDelivery, StoreError};

use crate::relay_delivery::{House, house, houses};
use crate::support::app::{App, answer, nobody};
use crate::support::{PATIENCE, measure};

const HOUR: Duration = Duration::from_secs(3600);

/// Runs a property on a runtime of its own, so many times.
fn holds<S: Strategy>(cases: usize, inputs: &S, property: impl AsyncFn(S::Value) -> Result<(), TestCaseError>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let cases = u32::try_from(cases).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let held = TestRunner::new(config).run(inputs, |input| runtime.block_on(property(input)));
    held.unwrap_or_else(|why| panic!("{why}"));
}

async fn attempts(house: &House, event: EventId) -> Vec<Attempt> {
    house.store.attempts(event).await.unwrap()
}

async fn ask_again(house: &House, endpoint: &Endpoint, events: &[EventId]) {
    let now = house.clock.now();
    let wish = |event: &EventId| NewDelivery {
        id: DeliveryId::new(now, house.clock.chance()),
        event: *event,
        endpoint: endpoint.id,
        held_until: None,
        due_at: now,
        made: None,
    };
    house.store.send_again(events.iter().map(wish).collect()).await.unwrap();
}

async fn enable(house: &House, endpoint: &Endpoint) {
    let enabled = Box::new(|one: &mut Endpoint| one.disabled = None);
    let enabled = house.store.change_endpoint(endpoint.id, enabled).await.unwrap().unwrap();
    house.pipeline.endpoint_changed(&enabled).await.unwrap();
}

/// What waits for its next try goes on after a restart: at its time, and counting on.
#[tokio::test]
async fn what_is_due_after_a_restart_is_sent_once_at_its_time_and_counts_on() {
    for house in houses("standard") {
        let app = App::answering(500);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let mut events = Vec::new();
        let count = measure(24, 1000);
        for _ in 0..count {
            events.push(house.waits(&endpoint, "{}").await);
            house.run_due().await;
            // Over a day and a half all in all, so that each is somewhere else on its schedule.
            house.clock.advance(Duration::from_secs(130_000 / u64::try_from(count).unwrap()));
        }
        let mut planned = Vec::new();
        for event in &events {
            planned.push(house.store.deliveries(*event).await.unwrap().remove(0));
        }
        assert!(planned.iter().any(|one| one.attempts == 1) && planned.iter().any(|one| one.attempts > 5));
        let house = house.again("standard");
        let restarted = house.clock.now();
        house.run_down().await;
        for (event, before) in events.iter().zip(planned) {
            let all = attempts(&house, *event).await;
            let numbers: Vec<u32> = all.iter().map(|attempt| attempt.number).collect();
            assert_eq!(numbers, (1..=8).collect::<Vec<u32>>());
            let Some(due) = before.due_at.map(|due| due.max(restarted)) else { continue };
            let next = all[usize::try_from(before.attempts).unwrap()].started_at;
            assert!(next >= due && next.since(due) <= Duration::from_secs(1), "{due} and {next}");
        }
        assert_eq!(app.count(), 8 * count);
    }
}

/// A clock that panics when it is told to, as a fault somewhere in a delivery would.
struct Trap {
    clock: ManualClock,
    armed: AtomicBool,
    sprung: AtomicUsize,
}

impl Clock for Trap {
    fn now(&self) -> Timestamp {
        if self.armed.swap(false, Ordering::SeqCst) {
            self.sprung.fetch_add(1, Ordering::SeqCst);
            panic!("as it was told to");
        }
        self.clock.now()
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }

    fn chance(&self) -> u128 {
        self.clock.chance()
    }

    fn key(&self) -> Result<[u8; 32], NoRandomness> {
        self.clock.key()
    }
}

/// A task that panics gives back its place and what it holds.
#[tokio::test]
async fn a_delivery_that_panics_takes_no_room_and_is_made_later() {
    let mut own = house("1s");
    let trap = Arc::new(Trap {
        clock: ManualClock::new(own.clock.now()),
        armed: AtomicBool::new(false),
        sprung: AtomicUsize::new(0),
    });
    let clock: Arc<dyn Clock> = Arc::<Trap>::clone(&trap);
    let options = crate::relay_delivery::options("1s");
    let store = Arc::clone(&own.store);
    own.pipeline = Arc::new(Pipeline::new(options, store, clock).unwrap());
    let app = App::answering(200);
    own.register(1, &app.target(), &[]).await;
    let mut hit = Vec::new();
    let count = measure(50, 1000);
    for number in 1..=count {
        hit.push(own.publish("order.created").await.id);
        trap.armed.store(true, Ordering::SeqCst);
        while trap.sprung.load(Ordering::SeqCst) < number {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(app.count(), 0);
    // Eight at once is what one endpoint gets; all of these are sent without waiting.
    for _ in 0..8 {
        own.publish("order.created").await;
    }
    let end = Instant::now() + PATIENCE;
    while app.count() < 8 && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(app.count(), 8);
    trap.clock.advance(Duration::from_secs(60));
    own.run_due().await;
    assert_eq!(app.count(), 8 + count);
    for event in hit {
        assert_eq!(own.states(event).await, [DeliveryState::Delivered]);
    }
}

/// Gone at the first or the third attempt: what waits is parked, and goes out once it is switched on.
#[tokio::test]
async fn an_endpoint_that_is_gone_gets_what_it_missed_once_it_is_switched_on_again() {
    for attempts in [1, 3] {
        for house in houses("5s,5s,5s") {
            let refused = 2 * (attempts - 1);
            let before = std::iter::repeat_with(|| answer(500, &[], b"")).take(refused);
            let app = App::saying(before.chain([answer(410, &[], b""), answer(200, &[], b"")]));
            let endpoint = house.register(1, &app.target(), &[]).await;
            let first = house.waits(&endpoint, "1").await;
            let second = house.waits(&endpoint, "2").await;
            house.run_down().await;
            assert_eq!(house.disabled(&endpoint).await, Some(DisabledBy::Gone));
            assert_eq!(app.count(), refused + 1, "nothing more after it");
            let later = house.waits(&endpoint, "3").await;
            house.run_down().await;
            let mut states = Vec::new();
            for event in [first, second, later] {
                states.extend(house.states(event).await);
            }
            states.sort_by_key(|state| state.word());
            assert_eq!(states, [DeliveryState::Dead, DeliveryState::Pending, DeliveryState::Pending]);
            enable(&house, &endpoint).await;
            house.run_down().await;
            assert_eq!(app.count(), refused + 3, "what was parked, and not what it was gone for");
            for event in [second, later] {
                let states = house.states(event).await;
                assert!(matches!(states[..], [DeliveryState::Delivered | DeliveryState::Dead]), "{states:?}");
            }
            ask_again(&house, &endpoint, &[first, second]).await;
            house.run_down().await;
            for event in [first, second, later] {
                assert_eq!(house.states(event).await, [DeliveryState::Delivered]);
            }
        }
    }
}

/// What was parked for a switched-off endpoint goes out by age, whatever it waited for before.
#[tokio::test]
async fn what_was_parked_goes_out_in_the_order_of_its_age() {
    for house in houses("none") {
        let app = App::answering(200);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let off = Disabled { at: house.clock.now(), why: DisabledBy::Owner };
        house.store.disable_endpoint(endpoint.id, off).await.unwrap();
        let off = house.store.endpoint(endpoint.id).await.unwrap().unwrap();
        house.pipeline.endpoint_changed(&off).await.unwrap();
        let count = measure(600, 10_000);
        let mut events = Vec::new();
        for number in 0..count {
            events.push(house.waits(&endpoint, &number.to_string()).await);
        }
        house.run_down().await;
        assert_eq!((app.count(), house.states(events[0]).await), (0, vec![DeliveryState::Pending]));
        enable(&house, &endpoint).await;
        house.run_down().await;
        let bodies: Vec<usize> =
            app.requests(count).iter().map(|sent| String::from_utf8_lossy(&sent.body).parse().unwrap()).collect();
        assert_eq!(bodies, (0..count).collect::<Vec<_>>());
    }
}

/// Who answers 429 and says for how long is left alone for so long, and nobody else is.
#[tokio::test]
async fn an_endpoint_that_asks_for_a_pause_gets_one_and_the_others_do_not() {
    for house in houses("5s,5s,5s") {
        let busy = answer(429, &["Retry-After: 8"], b"");
        let (app, other) = (App::saying([busy, answer(200, &[], b"")]), App::answering(200));
        let endpoint = house.register(1, &app.target(), &[]).await;
        let free = house.register(2, &other.target(), &[]).await;
        for body in ["1", "2", "3"] {
            house.waits(&endpoint, body).await;
            house.waits(&free, body).await;
        }
        house.run_due().await;
        assert_eq!((app.count(), other.count()), (1, 3));
        house.clock.advance(Duration::from_millis(7900));
        house.run_due().await;
        assert_eq!(app.count(), 1, "not a moment before");
        house.clock.advance(Duration::from_millis(200));
        house.run_due().await;
        assert_eq!(app.count(), 4);
    }
}

/// Every status that can end an exchange means one thing.
#[tokio::test]
async fn two_hundreds_are_taken_410_is_gone_and_everything_else_failed() {
    let house = house("none");
    let asked = |line: &str| line.trim_start_matches("/s").parse::<u16>().unwrap();
    let app = App::new(move |message, _| answer(asked(&message.target()), &[], b""));
    for status in 200..600_u16 {
        let own = [[0, 0], status.to_be_bytes()].concat();
        let mut id = [1; 20];
        id[..4].copy_from_slice(&own);
        let url = format!("{}/s{status}", app.target());
        let endpoint = Endpoint { id: EndpointId::from_bytes(id), ..house.endpoint(1, &url) };
        let endpoint = house.register_as(endpoint).await;
        let event = house.waits(&endpoint, "{}").await;
        house.run_due().await;
        let taken = (200..300).contains(&status);
        let state = if taken { DeliveryState::Delivered } else { DeliveryState::Dead };
        assert_eq!(house.states(event).await, [state], "{status}");
        let gone = (status == 410).then_some(DisabledBy::Gone);
        assert_eq!(house.disabled(&endpoint).await, gone, "{status}");
    }
    assert_eq!(app.count(), 400);
}

/// An endpoint that only fails is switched off after five days, not before, whether or not the relay is started anew.
#[tokio::test]
async fn five_days_of_failure_switch_an_endpoint_off_and_119_hours_do_not() {
    for (hours, restart, off) in [(119, false, false), (119, true, false), (121, false, true), (121, true, true)] {
        for mut house in houses("none") {
            let app = App::answering(500);
            let endpoint = house.register(1, &app.target(), &[]).await;
            house.waits(&endpoint, "{}").await;
            house.run_due().await;
            house.clock.advance(HOUR * 60);
            house.waits(&endpoint, "{}").await;
            house.run_due().await;
            if restart {
                house = house.again("none");
            }
            house.clock.advance(HOUR * (hours - 60));
            house.waits(&endpoint, "{}").await;
            house.run_due().await;
            let expected = off.then_some(DisabledBy::Failing);
            assert_eq!(house.disabled(&endpoint).await, expected, "{hours} hours, restart: {restart}");
            house.waits(&endpoint, "{}").await;
            house.run_due().await;
            assert_eq!(app.count(), if off { 3 } else { 4 });
        }
    }
}

/// In order means that nothing begins before what came earlier is settled, whatever is answered and whoever restarts.
#[test]
fn in_order_nothing_begins_before_its_predecessor_is_settled() {
    let inputs = (prop::collection::vec(any::<bool>(), 1..12), prop::collection::vec(0_u8..4, 3..14));
    holds(measure(12, 10_000), &inputs, async |(answers, deeds)| {
        let mut house = house("5s,5s");
        let app = App::new(move |_, number| {
            let taken = answers[number % answers.len()];
            answer(if taken { 200 } else { 500 }, &[], b"")
        });
        let ordered = Endpoint { ordered: true, ..house.endpoint(1, &app.target()) };
        let endpoint = house.register_as(ordered).await;
        let mut kept = 0_usize;
        for deed in deeds {
            match deed {
                0 | 1 => {
                    house.waits(&endpoint, &kept.to_string()).await;
                    kept += 1;
                }
                2 => drop(house.pipeline.step().await),
                _ => {
                    // Killed in the middle of something, perhaps.
                    let (pipeline, before) = (Arc::clone(&house.pipeline), app.count());
                    let killed = tokio::spawn(async move { pipeline.step().await });
                    while app.count() == before && !killed.is_finished() {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    killed.abort();
                    drop(killed.await);
                    house = house.again("5s,5s");
                }
            }
            house.clock.advance(Duration::from_secs(1));
        }
        for _ in 0..kept * 4 + 8 {
            house.run_due().await;
            house.clock.advance(Duration::from_secs(10));
        }
        let began: Vec<usize> =
            app.bodies().iter().map(|body| String::from_utf8_lossy(body).parse().unwrap()).collect();
        prop_assert!(began.is_sorted(), "{:?}", began);
        let mut each = began.clone();
        each.dedup();
        prop_assert_eq!(each, (0..kept).collect::<Vec<_>>());
        Ok(())
    });
}

/// Somebody asks for an attempt while another is planned: if it is taken, the planned one is no more.
#[tokio::test]
async fn an_attempt_that_was_asked_for_and_taken_calls_off_the_planned_one() {
    for house in houses("5s,5m,30m") {
        let app = App::saying([answer(500, &[], b""), answer(200, &[], b"")]);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let event = house.waits(&endpoint, "{}").await;
        house.run_due().await;
        assert_eq!(house.states(event).await, [DeliveryState::Pending]);
        ask_again(&house, &endpoint, &[event]).await;
        house.run_due().await;
        house.run_down().await;
        assert_eq!((app.count(), house.states(event).await), (2, vec![DeliveryState::Delivered]));
        let all = attempts(&house, event).await;
        assert_eq!((all[0].manual, all[1].manual, all[0].event), (false, true, all[1].event));
    }
}

/// A filter as it was registered.
#[derive(Clone, Debug)]
struct Filter {
    types: Option<Vec<String>>,
    channels: Vec<String>,
    off: bool,
}

impl Filter {
    /// What the filter means, in other words than the relay's.
    fn wants(&self, event_type: &str, channels: &[&str]) -> bool {
        let typed = match &self.types {
            None => true,
            Some(all) => all.iter().any(|one| match one.strip_suffix('*') {
                Some(beginning) => event_type.starts_with(beginning),
                None => event_type == one,
            }),
        };
        let heard = self.channels.is_empty() || channels.iter().any(|one| self.channels.iter().any(|own| own == one));
        typed && heard && !self.off
    }
}

/// Each endpoint that wants an event gets one delivery, and nobody else does.
#[test]
fn who_wants_an_event_gets_it_once_and_nobody_else_does() {
    const TYPES: [&str; 5] = ["order.paid", "order.created", "order", "user.created", "a"];
    const GLOBS: [&str; 6] = ["*", "order.*", "order.paid", "user*", "a", "none"];
    const CHANNELS: [&str; 3] = ["x", "y", "z"];
    let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let types = prop::option::of(prop::sample::subsequence(GLOBS.to_vec(), 1..3)).prop_map(move |all| all.map(owned));
    let channels = prop::sample::subsequence(CHANNELS.to_vec(), 0..3);
    let filter = (types, channels.clone().prop_map(owned), prop::bool::weighted(0.1));
    let filter = filter.prop_map(|(types, channels, off)| Filter { types, channels, off });
    let event = (prop::sample::select(TYPES.to_vec()), channels);
    let inputs = (prop::collection::vec(filter, 0..10), prop::collection::vec(event, 1..10));
    // Some 25 pairs of an event and a filter in each.
    holds(measure(40, 4000), &inputs, async |(filters, events)| {
        let house = house("none");
        let nobody = nobody();
        for (number, filter) in (0_u8..).zip(&filters) {
            let Filter { types, channels, off } = filter.clone();
            let disabled = off.then_some(Disabled { at: house.clock.now(), why: DisabledBy::Owner });
            // What has to wait for its turn is not sent before this test looks at it.
            let like = house.endpoint(number, &nobody);
            house.register_as(Endpoint { event_types: types, channels, disabled, ordered: true, ..like }).await;
        }
        for (event_type, channels) in events {
            let event = house.publish_on(event_type, &channels).await;
            let mut got: Vec<EndpointId> =
                house.store.deliveries(event.id).await.unwrap().iter().map(|one| one.endpoint).collect();
            got.sort_unstable();
            let all = (0_u8..).zip(&filters).filter(|(_, filter)| filter.wants(event_type, &channels));
            let wanted: Vec<EndpointId> = all.map(|(number, _)| EndpointId::from_bytes([number; 20])).collect();
            prop_assert_eq!(got, wanted, "{} on {:?}", event_type, channels);
        }
        Ok(())
    });
}

/// Rows that cannot be read are given up, and told of; all others are delivered.
#[tokio::test]
async fn what_cannot_be_read_blocks_nobody_and_is_met_once() {
    for house in houses("5s") {
        let Some(file) = house.file().map(str::to_owned) else { continue };
        let app = App::answering(200);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let count = measure(60, 10_000);
        for number in 0..count {
            house.waits(&endpoint, &number.to_string()).await;
        }
        let db = rusqlite::Connection::open(&file).unwrap();
        let spoil = "UPDATE events SET headers = x'00' WHERE seq % ?1 = 1";
        assert_eq!(db.execute(spoil, [u32::try_from(count / 10).unwrap()]).unwrap(), 10);
        let (mut told, mut rest) = (0, Step::Settled);
        while !matches!(rest, Step::Idle { until: None }) {
            match house.pipeline.step().await {
                Ok(step) => rest = step,
                Err(why) => {
                    assert!(matches!(why, StoreError::Corrupt { .. }), "{why}");
                    told += 1;
                }
            }
        }
        let states = "SELECT count(*) FROM deliveries WHERE state = ?1";
        let of = |state: u8| db.query_row(states, [state], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!((app.count(), told, of(2), of(3)), (count - 10, 10, u32::try_from(count).unwrap() - 10, 10));
    }
}

/// A step that finds nothing says when there will be something.
#[tokio::test]
async fn what_waits_for_days_costs_no_request() {
    let house = house("10h");
    let app = App::answering(500);
    let endpoint = house.register(1, &app.target(), &[]).await;
    house.waits(&endpoint, "{}").await;
    house.run_due().await;
    for _ in 0..7 {
        house.clock.advance(HOUR);
        assert!(matches!(house.pipeline.step().await.unwrap(), Step::Idle { until: Some(_) }));
    }
    assert_eq!(app.count(), 1);
}
