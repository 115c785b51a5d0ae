//! What every store promises: one story, and random verbs on each store and on the model, which must agree.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use whk::model::{App, AppId, DeliveryState, Endpoint, Secret};
use whk::store::{
    Cursor, Durability, Ensured, Held, Leased, Made, Mode, NewEvent, Next, OpenOptions, Order, Query, Retention,
    Settled, Settlement, Status, Store, StoreError, Wanted,
};

use crate::store_samples::*;

#[tokio::test]
async fn a_store_keeps_and_gives_back_what_it_was_given() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let judged = whk::model::Event { verdict: Some(invalid()), app: app(1), ..event(2) };
        let first = store.append(plain(event(1))).await.unwrap();
        let second = store.append(plain(judged.clone())).await.unwrap();
        assert!(Cursor::default() < first && first < second, "{address}");
        assert_eq!(store.newest().await.unwrap(), second);
        assert_eq!(store.append(plain(event(1))).await.unwrap(), first, "an append can be repeated");

        let logged = store.event(event_id(2)).await.unwrap().unwrap();
        assert_eq!((logged.cursor, &*logged.event), (second, &judged));
        assert!(store.event(event_id(3)).await.unwrap().is_none());
        let newest_first = Query { order: Order::Newest, ..all() };
        assert_eq!(ids(&*store, newest_first).await, [event_id(2), event_id(1)]);
        let invalid = Query { status: Some(Status::Invalid), ..all() };
        assert_eq!(ids(&*store, invalid).await, [event_id(2)]);
        let later = Query { since: Some(time(2)), ..all() };
        assert_eq!(ids(&*store, later).await, [event_id(2)]);
        let none = Query { event_type: Some("order.deleted".to_owned()), ..all() };
        assert!(ids(&*store, none).await.is_empty());
    }
}

#[tokio::test]
async fn a_delivery_is_retried_given_up_and_taken_up_again() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let held = whk::store::NewDelivery { held_until: Some(time(100)), ..waiting(1, 1, 1, 0) };
        store.append(NewEvent::new(Arc::new(event(1)), vec![held])).await.unwrap();
        let wanted = |now| Wanted { endpoints: vec![endpoint_id(1)], limit: 9, now: time(now), until: time(now + 100) };
        assert!(store.lease(wanted(99)).await.unwrap().is_empty(), "{address}: it is held");

        let first = Held { delivery: delivery_id(1), fence: 1 };
        let says = |number, held, answered, next| Settlement {
            held,
            attempt: attempt(number, held, event_id(1), endpoint_id(1), answered),
            next,
        };
        let retry = says(1, first, true, Next::Retry(time(200)));
        assert_eq!(store.settle(retry.clone()).await.unwrap(), Settled::Done);
        assert_eq!(store.settle(retry.clone()).await.unwrap(), Settled::Stale, "once is enough");
        assert_eq!(store.next_due(&[endpoint_id(1), endpoint_id(2)]).await.unwrap(), Some(time(200)));

        let second = store.lease(wanted(200)).await.unwrap().remove(0);
        assert_eq!((second.held.fence, second.attempts, second.event.id), (2, 1, event_id(1)));
        let third = store.lease(wanted(300)).await.unwrap().remove(0);
        assert_eq!(third.held.fence, 3, "the lease had ended");
        let late = says(2, second.held, true, Next::Delivered);
        assert_eq!(store.settle(late).await.unwrap(), Settled::Stale, "somebody else holds it");
        let given_up = says(3, third.held, false, Next::Dead);
        assert_eq!(store.settle(given_up.clone()).await.unwrap(), Settled::Done);
        let dead = Query { status: Some(Status::Delivery(DeliveryState::Dead)), ..all() };
        assert_eq!(ids(&*store, dead).await, [event_id(1)]);
        assert_eq!(store.next_due(&[endpoint_id(1)]).await.unwrap(), None);
        assert_eq!(store.attempts(event_id(1)).await.unwrap(), [retry.attempt, given_up.attempt]);

        let again = Held { delivery: delivery_id(1), fence: 4 };
        assert_eq!(store.reopen(delivery_id(1), time(400)).await.unwrap(), (again, 2));
        let delivery = store.deliveries(event_id(1)).await.unwrap().remove(0);
        assert_eq!((delivery.state, delivery.due_at, delivery.attempts), (DeliveryState::InFlight, Some(time(400)), 2));
        let unknown = store.reopen(delivery_id(99), time(400)).await;
        assert!(matches!(unknown, Err(StoreError::Unknown(_))), "{address}");
        let missing = store.enqueue(vec![waiting(2, 1, 1, 0), waiting(3, 77, 1, 0)]).await;
        assert!(matches!(missing, Err(StoreError::Unknown(_))), "{address}");
        assert_eq!(store.deliveries(event_id(1)).await.unwrap().len(), 1, "all or none");
    }
}

#[tokio::test]
async fn apps_endpoints_and_listeners_are_found_again() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let named = |number, secret: &str| App {
            secrets: vec![Secret::new(secret)],
            ..App::new(AppId::from_bytes([number; 20]), app(1), time(1))
        };
        let made = store.ensure_app(named(1, "whsec_a")).await.unwrap();
        assert_eq!(made, Ensured::Made(named(1, "whsec_a")), "{address}");
        let again = store.ensure_app(named(2, "whsec_b")).await.unwrap();
        assert_eq!(again, Ensured::Found(made.it()), "{address}: the first one stays");

        for (number, target) in (1..).zip(["https://user:pw@[::1]:8443/a?b=c", "unix:/run/app.sock", "3000"]) {
            let new = Endpoint {
                uid: Some(target.to_owned()),
                ..Endpoint::new(endpoint_id(number), app(1), target.parse().unwrap(), time(2))
            };
            assert_eq!(store.ensure_endpoint(new.clone()).await.unwrap(), new);
            let again = Endpoint { id: endpoint_id(9), ..new.clone() };
            assert_eq!(store.ensure_endpoint(again).await.unwrap(), new);
            assert_eq!(store.endpoint(new.id).await.unwrap(), Some(new));
        }
        assert_eq!(store.endpoint(endpoint_id(9)).await.unwrap(), None);

        assert_eq!(store.position("laptop").await.unwrap(), None);
        for number in 1..=7 {
            store.append(plain(event(number))).await.unwrap();
        }
        for to in [3, 7, 5] {
            store.advance("laptop", Cursor(to)).await.unwrap();
        }
        assert_eq!(store.position("laptop").await.unwrap(), Some(Cursor(7)));
        store.close().await.unwrap();
        assert!(matches!(store.newest().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.append(plain(event(1))).await, Err(StoreError::Unavailable(_))));
    }
}

/// An event and, for each of its deliveries, the endpoint, the end of the first lease, and when it is due.
#[derive(Clone, Debug)]
struct Appended {
    app: u64,
    kind: u8,
    received: i64,
    judged: Option<bool>,
    /// Endpoint, until when it is held and what was made of it already, when it is due.
    deliveries: Vec<(u64, Option<Holding>, i64)>,
}

/// Whether the endpoint answered, and what came next.
type Tried = (bool, Next);

/// Until when a delivery is held, and what was made of it already.
type Holding = (i64, Option<Tried>);

/// A verb with small numbers in it; events, deliveries and rights are meant by when they appeared.
#[derive(Clone, Debug)]
enum Verb {
    Append(Appended),
    Enqueue { event: u64, endpoint: u64, due: i64 },
    Lease { endpoints: Vec<u64>, limit: usize, now: i64, lasts: i64 },
    Settle { right: usize, answered: bool, next: Next },
    Extend { right: usize, until: i64 },
    Release { right: usize, now: i64 },
    TakeAgain { right: usize, until: i64 },
    Prune { age: u64, now: i64 },
    Ask { query: Query, after: Option<u64> },
    Reopen,
}

fn verbs() -> impl Strategy<Value = Vec<Verb>> {
    use proptest::option::of;
    let moment = 0..200_i64;
    let next =
        prop_oneof![Just(Next::Delivered), moment.clone().prop_map(|due| Next::Retry(time(due))), Just(Next::Dead),];
    let delivery = (0..3_u64, of((moment.clone(), of((any::<bool>(), next.clone())))), moment.clone());
    let append = (0..3_u64, 0..3_u8, moment.clone(), of(any::<bool>()), prop::collection::vec(delivery, 0..3));
    let status = prop_oneof![
        prop::sample::select(DeliveryState::ALL.to_vec()).prop_map(Status::Delivery),
        Just(Status::Invalid),
    ];
    let order = prop_oneof![Just(Order::Newest), Just(Order::Oldest)];
    let ask = (
        of(0..3_u64),
        of(0..3_u8),
        of(moment.clone()),
        of(moment.clone()),
        of(status),
        of(0..20_u64),
        order,
        0..6_usize,
    );
    let verb = prop_oneof![
        6 => append.prop_map(|(app, kind, received, judged, deliveries)| Verb::Append(Appended { app, kind, received, judged, deliveries })),
        2 => (0..20_u64, 0..3_u64, moment.clone()).prop_map(|(event, endpoint, due)| Verb::Enqueue { event, endpoint, due }),
        4 => (prop::collection::vec(0..4_u64, 0..4), 0..4_usize, moment.clone(), 0..50_i64)
            .prop_map(|(endpoints, limit, now, lasts)| Verb::Lease { endpoints, limit, now, lasts }),
        5 => (0..20_usize, any::<bool>(), next).prop_map(|(right, answered, next)| Verb::Settle { right, answered, next }),
        1 => (0..20_usize, moment.clone()).prop_map(|(right, until)| Verb::Extend { right, until }),
        1 => (0..20_usize, moment.clone()).prop_map(|(right, now)| Verb::Release { right, now }),
        1 => (0..8_usize, moment.clone()).prop_map(|(right, until)| Verb::TakeAgain { right, until }),
        1 => (0..100_u64, moment).prop_map(|(age, now)| Verb::Prune { age, now }),
        6 => ask.prop_map(|(app_of, kind, since, until, status, after, order, limit)| Verb::Ask {
            query: Query {
                app: app_of.map(app),
                event_type: kind.map(|kind| format!("type{kind}")),
                since: since.map(time),
                until: until.map(time),
                status,
                after: None,
                order,
                limit,
            },
            after,
        }),
        1 => Just(Verb::Reopen),
    ];
    prop::collection::vec(verb, 1..40)
}

/// A store under test, with what it has given out.
struct Subject {
    address: String,
    store: Arc<dyn Store>,
    places: Vec<Cursor>,
    rights: Vec<(Held, u64)>,
    deliveries: u64,
    attempts: u64,
}

impl Subject {
    fn new(address: String) -> Self {
        let store = quick(&address);
        Self { address, store, places: Vec::new(), rights: Vec::new(), deliveries: 0, attempts: 0 }
    }

    /// Does it, and gives back the answer in words that two stores must agree on.
    async fn act(&mut self, verb: &Verb) -> String {
        match verb.clone() {
            Verb::Append(new) => self.append(new).await,
            Verb::Enqueue { event, endpoint, due } => {
                self.deliveries += 1;
                let made = self.store.enqueue(vec![waiting(self.deliveries, event, endpoint, due)]).await;
                format!("{made:?}")
            }
            Verb::Lease { endpoints, limit, now, lasts } => {
                let endpoints = endpoints.into_iter().map(endpoint_id).collect();
                let wanted = Wanted { endpoints, limit, now: time(now), until: time(now + lasts) };
                let leased = self.store.lease(wanted).await.unwrap();
                let number = |leased: &Leased| u64::from_be_bytes(leased.event.id.as_bytes()[12..].try_into().unwrap());
                self.rights.extend(leased.iter().map(|leased| (leased.held, number(leased))));
                format!("{leased:?}")
            }
            Verb::Settle { right, answered, next } => {
                let Some((held, event)) = self.rights.get(right).copied() else { return String::new() };
                self.attempts += 1;
                let attempt = attempt(self.attempts, held, event_id(event), endpoint_id(0), answered);
                format!("{:?}", self.store.settle(Settlement { held, attempt, next }).await.unwrap())
            }
            Verb::Extend { right, until } => {
                let held = self.rights.get(right).map(|(held, _)| *held).into_iter().collect();
                format!("{:?}", self.store.extend(held, time(until)).await.unwrap())
            }
            Verb::Release { right, now } => {
                let held = self.rights.get(right).map(|(held, _)| *held).into_iter().collect();
                format!("{:?}", self.store.release(held, time(now)).await.unwrap())
            }
            Verb::TakeAgain { right, until } => {
                let Some((held, event)) = self.rights.get(right).copied() else { return String::new() };
                let taken = self.store.reopen(held.delivery, time(until)).await;
                self.rights.extend(taken.as_ref().ok().map(|(held, _)| (*held, event)));
                format!("{:?}", taken.map_err(|why| why.to_string()))
            }
            Verb::Prune { age, now } => {
                let keep = Retention { age: Some(Duration::from_millis(age)), bytes: None };
                format!("{:?}", self.store.prune(keep, time(now)).await.unwrap().events)
            }
            Verb::Ask { query, after } => {
                let after = after.and_then(|number| self.places.get(usize::try_from(number).unwrap()).copied());
                format!("{:?}", ids(&*self.store, Query { after, ..query }).await)
            }
            Verb::Reopen => {
                if !self.address.starts_with("memory:") {
                    self.store.close().await.unwrap();
                    self.store = quick(&self.address);
                }
                String::new()
            }
        }
    }

    async fn append(&mut self, wanted: Appended) -> String {
        let number = u64::try_from(self.places.len()).unwrap();
        let mut new = event(number);
        new.app = app(wanted.app);
        new.event_type = format!("type{}", wanted.kind);
        new.request.received_at = time(wanted.received);
        new.verdict = wanted.judged.map(|ok| whk::model::Verdict { ok, ..invalid() });
        let mut deliveries = Vec::new();
        for (endpoint, held, due) in wanted.deliveries {
            self.deliveries += 1;
            let delivery = waiting(self.deliveries, number, endpoint, due);
            let right = Held { delivery: delivery.id, fence: 1 };
            if held.is_some() {
                self.rights.push((right, number));
            }
            let made = held.and_then(|(_, made)| made).map(|(answered, next)| {
                self.attempts += 1;
                let attempt = attempt(self.attempts, right, event_id(number), endpoint_id(endpoint), answered);
                Made { attempt, next }
            });
            let held_until = held.map(|(until, _)| time(until));
            deliveries.push(whk::store::NewDelivery { held_until, made, ..delivery });
        }
        let place = self.store.append(NewEvent::new(Arc::new(new), deliveries)).await.unwrap();
        assert!(self.places.last().is_none_or(|last| *last < place));
        self.places.push(place);
        assert_eq!(self.store.newest().await.unwrap(), place);
        String::new()
    }

    /// All that can be seen from outside.
    async fn everything(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for number in 0..u64::try_from(self.places.len()).unwrap() {
            let logged = self.store.event(event_id(number)).await.unwrap();
            seen.push(format!("{:?}", logged.map(|logged| logged.event)));
            seen.push(format!("{:?}", self.store.deliveries(event_id(number)).await.unwrap()));
            seen.push(format!("{:?}", self.store.attempts(event_id(number)).await.unwrap()));
        }
        for number in 0..4 {
            seen.push(format!("{:?}", self.store.next_due(&[endpoint_id(number)]).await.unwrap()));
        }
        seen.push(format!("{:?}", ids(&*self.store, all()).await));
        seen
    }
}

/// The check is of answers, not of the disk.
fn quick(address: &str) -> Arc<dyn Store> {
    whk::store::open(address, &OpenOptions { durability: Durability::Process, mode: Mode::Create }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_store_does_what_the_model_does(verbs in verbs()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            for address in addresses(folder.path()) {
                let mut model = Subject::new("memory:".to_owned());
                let mut subject = Subject::new(address);
                for verb in &verbs {
                    assert_eq!(subject.act(verb).await, model.act(verb).await, "{verb:?}");
                }
                assert_eq!(subject.everything().await, model.everything().await);
                subject.store.close().await.unwrap();
            }
        });
    }
}
