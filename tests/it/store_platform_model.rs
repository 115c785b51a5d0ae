//! Random verbs of the platform on each store and on the model, which must agree.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use proptest::option::of;
use proptest::prelude::*;
use whk::model::{App, AppId, AppName, AttemptId, DeliveryState, Endpoint, EndpointKind, EventId, Marks};
use whk::store::{
    AttemptQuery, AttemptsOf, Durability, FailedQuery, Leased, Like, MessageQuery, Mode, NewEvent, Next, OpenOptions,
    Order, Pager, Retention, SentQuery, Settlement, Start, Store, Tallied, Wanted,
};

use crate::store_samples::*;

#[derive(Clone, Debug)]
enum Verb {
    Append { app: u64, kind: u8, received: i64, uid: Option<u8>, channel: Option<u8>, to: Vec<u64> },
    Lease { endpoint: u64, now: i64 },
    Settle { right: usize, status: Option<u16>, next: Next, at: i64 },
    SendAgain { event: u64, endpoint: u64, due: i64 },
    ExpungePayload { event: u64 },
    ExpungeAnswer { event: u64, attempt: usize },
    CreateApp { number: u8, uid: Option<u64> },
    Rename { number: u8, uid: Option<u64> },
    DeleteApp { number: u8 },
    CreateEndpoint { number: u64, app: u64, uid: Option<u8> },
    DeleteEndpoint { number: u64 },
    Prune { age: u64, now: i64 },
    Messages { app: u64, like: Like, without: Option<u64>, pager: Pager<u64> },
    Sent { app: u64, endpoint: u64, states: Vec<DeliveryState>, attempted: bool, like: Like, pager: Pager<u64> },
    Attempts { event: Option<u64>, endpoint: u64, succeeded: Option<bool>, like: Like, pager: Pager<u64> },
    Failed { endpoint: u64, since: i64, until: i64, pager: Pager<u64> },
    Busy { after: Option<u64>, limit: usize },
    Reopen,
}

fn like() -> impl Strategy<Value = Like> {
    let kinds = prop::collection::vec(0..3_u8, 0..2);
    (kinds, of(0..2_u8), of(0..100_i64), of(0..100_i64)).prop_map(|(kinds, channel, after, before)| Like {
        event_types: kinds.into_iter().map(|kind| format!("type{kind}")).collect(),
        channel: channel.map(|channel| format!("channel{channel}")),
        tag: None,
        after: after.map(time),
        before: before.map(time),
    })
}

fn pager() -> impl Strategy<Value = Pager<u64>> {
    let start = prop_oneof![
        Just(Start::First),
        Just(Start::Last),
        (0..12_u64).prop_map(Start::After),
        (0..12_u64).prop_map(Start::Before),
    ];
    let order = prop_oneof![Just(Order::Newest), Just(Order::Oldest)];
    (order, start, 0..4_usize).prop_map(|(order, start, limit)| Pager { order, start, limit })
}

fn changes() -> impl Strategy<Value = Verb> {
    let moment = 0..100_i64;
    let next =
        prop_oneof![Just(Next::Delivered), moment.clone().prop_map(|due| Next::Retry(time(due))), Just(Next::Dead)];
    let status = of(prop_oneof![Just(200_u16), Just(404), Just(500)]);
    let append = (0..3_u64, 0..3_u8, moment.clone(), of(0..6_u8), of(0..2_u8), prop::collection::vec(0..3_u64, 0..3));
    prop_oneof![
        8 => append.prop_map(|(app, kind, received, uid, channel, to)| Verb::Append { app, kind, received, uid, channel, to }),
        6 => (0..3_u64, moment.clone()).prop_map(|(endpoint, now)| Verb::Lease { endpoint, now }),
        8 => (0..10_usize, status, next, moment.clone())
            .prop_map(|(right, status, next, at)| Verb::Settle { right, status, next, at }),
        4 => (0..10_u64, 0..3_u64, moment.clone())
            .prop_map(|(event, endpoint, due)| Verb::SendAgain { event, endpoint, due }),
        1 => (0..10_u64).prop_map(|event| Verb::ExpungePayload { event }),
        1 => (0..10_u64, 0..6_usize).prop_map(|(event, attempt)| Verb::ExpungeAnswer { event, attempt }),
        2 => (0..4_u8, of(0..3_u64)).prop_map(|(number, uid)| Verb::CreateApp { number, uid }),
        1 => (0..4_u8, of(0..3_u64)).prop_map(|(number, uid)| Verb::Rename { number, uid }),
        1 => (0..4_u8).prop_map(|number| Verb::DeleteApp { number }),
        2 => (0..4_u64, 0..3_u64, of(0..2_u8)).prop_map(|(number, app, uid)| Verb::CreateEndpoint { number, app, uid }),
        1 => (0..4_u64).prop_map(|number| Verb::DeleteEndpoint { number }),
        1 => (0..100_u64, moment).prop_map(|(age, now)| Verb::Prune { age, now }),
        1 => Just(Verb::Reopen),
    ]
}

fn questions() -> impl Strategy<Value = Verb> {
    let states = prop_oneof![
        Just(Vec::new()),
        prop::sample::select(DeliveryState::ALL.to_vec()).prop_map(|state| vec![state]),
        Just(vec![DeliveryState::Dead, DeliveryState::Delivered]),
    ];
    let sent = (0..3_u64, 0..3_u64, states, any::<bool>(), like(), pager());
    prop_oneof![
        (0..3_u64, like(), of(0..3_u64), pager()).prop_map(|(app, like, without, pager)| Verb::Messages {
            app,
            like,
            without,
            pager
        }),
        sent.prop_map(|(app, endpoint, states, attempted, like, pager)| Verb::Sent {
            app,
            endpoint,
            states,
            attempted,
            like,
            pager
        }),
        (of(0..10_u64), 0..3_u64, of(any::<bool>()), like(), pager()).prop_map(
            |(event, endpoint, succeeded, like, pager)| Verb::Attempts { event, endpoint, succeeded, like, pager }
        ),
        (0..3_u64, 0..100_i64, 0..100_i64, pager()).prop_map(|(endpoint, since, until, pager)| Verb::Failed {
            endpoint,
            since,
            until,
            pager
        }),
        (of(0..3_u64), 0..4_usize).prop_map(|(after, limit)| Verb::Busy { after, limit }),
    ]
}

/// A store under test, with what it has given out.
struct Subject {
    address: String,
    store: Arc<dyn Store>,
    events: u64,
    deliveries: u64,
    attempts: Vec<AttemptId>,
    rights: Vec<Leased>,
}

fn keyed<K>(pager: &Pager<u64>, key: impl Fn(u64) -> K) -> Pager<K> {
    let start = match pager.start {
        Start::First => Start::First,
        Start::Last => Start::Last,
        Start::After(number) => Start::After(key(number)),
        Start::Before(number) => Start::Before(key(number)),
    };
    Pager { order: pager.order, start, limit: pager.limit }
}

impl Subject {
    fn new(address: String) -> Self {
        let store = quick(&address);
        Self { address, store, events: 0, deliveries: 0, attempts: Vec::new(), rights: Vec::new() }
    }

    /// An event that there was; one that is gone or never was stands at another place in each store.
    async fn known(&self, pager: Pager<u64>) -> Pager<EventId> {
        let pager = keyed(&pager, event_id);
        if let Start::After(id) | Start::Before(id) = pager.start
            && self.store.event(id).await.unwrap().is_none()
        {
            return Pager { start: Start::First, ..pager };
        }
        pager
    }

    fn attempt_key(&self, number: u64) -> AttemptId {
        let known = self.attempts.get(usize::try_from(number).unwrap()).copied();
        known.unwrap_or_else(|| AttemptId::new(time(i64::try_from(number).unwrap() * 9), u128::MAX))
    }

    /// Changes something, and gives back the answer in words that two stores must agree on.
    async fn change(&mut self, verb: &Verb) -> String {
        let store = Arc::clone(&self.store);
        match verb.clone() {
            Verb::Append { .. } => self.append(verb).await,
            Verb::Lease { endpoint, now } => {
                let endpoints = vec![endpoint_id(endpoint)];
                let wanted = Wanted { endpoints, limit: 1, now: time(now), until: time(now + 20) };
                let leased = store.lease(wanted).await.unwrap();
                self.rights.extend(leased.iter().cloned());
                format!("{leased:?}")
            }
            Verb::Settle { right, status, next, at } => {
                let Some(leased) = self.rights.get(right).cloned() else { return String::new() };
                let number = self.attempts.len() as u64;
                let mut attempt = attempt(number, leased.held, leased.event.id, leased.endpoint, status.is_some());
                if let (Ok(response), Some(status)) = (&mut attempt.outcome, status) {
                    response.status = status;
                }
                (attempt.id, attempt.started_at) = (AttemptId::new(time(at), u128::from(number)), time(at));
                (attempt.manual, attempt.number) = (leased.otherwise.is_some(), leased.attempts + 1);
                self.attempts.push(attempt.id);
                format!("{:?}", store.settle(Settlement { held: leased.held, attempt, next }).await.unwrap())
            }
            Verb::SendAgain { event, endpoint, due } => {
                self.deliveries += 1;
                let asked = store.send_again(vec![waiting(self.deliveries, event, endpoint, due)]).await;
                format!("{:?}", asked.map_err(|why| why.to_string()))
            }
            Verb::ExpungePayload { event } => format!("{:?}", store.expunge_payload(event_id(event)).await),
            Verb::ExpungeAnswer { event, attempt } => {
                let id = self.attempt_key(attempt as u64);
                format!("{:?}", store.expunge_answer(event_id(event), id).await)
            }
            Verb::DeleteApp { number } => format!("{:?}", store.delete_app(app_id(number)).await),
            Verb::DeleteEndpoint { number } => format!("{:?}", store.delete_endpoint(endpoint_id(number)).await),
            Verb::Prune { age, now } => {
                let keep = Retention { age: Some(Duration::from_millis(age)), bytes: None };
                format!("{:?}", store.prune(keep, time(now)).await.unwrap().events)
            }
            Verb::Reopen if !self.address.starts_with("memory:") => {
                self.store.close().await.unwrap();
                self.store = quick(&self.address);
                String::new()
            }
            other => registry(&*store, other).await,
        }
    }

    async fn append(&mut self, verb: &Verb) -> String {
        let Verb::Append { app: of, kind, received, uid, channel, to } = verb.clone() else { return String::new() };
        let number = self.events;
        self.events += 1;
        let mut new = event(number);
        (new.app, new.event_type) = (app(of), format!("type{kind}"));
        new.request.received_at = time(received);
        let channels = channel.map(|channel| format!("channel{channel}")).into_iter().collect();
        new.marks = Marks { uid: uid.map(|uid| format!("uid{uid}")), channels, ..Marks::default() };
        let mut deliveries = Vec::new();
        for endpoint in to {
            self.deliveries += 1;
            deliveries.push(waiting(self.deliveries, number, endpoint, received));
        }
        let kept = self.store.append(NewEvent::new(Arc::new(new), deliveries)).await;
        // Places are each store's own.
        format!("{:?}", kept.map(|_| ()).map_err(|why| why.to_string()))
    }

    async fn ask(&self, verb: Verb) -> String {
        let store = &self.store;
        match verb {
            Verb::Messages { app: of, like, without, pager } => {
                let (without, pager) = (without.map(endpoint_id), self.known(pager).await);
                let page = store.messages(MessageQuery { app: app(of), like, without, pager }).await.unwrap();
                format!("{:?}", (page.items.iter().map(|one| one.event.id).collect::<Vec<_>>(), page.more))
            }
            Verb::Sent { app: of, endpoint, states, attempted, like, pager } => {
                let (endpoint, pager) = (endpoint_id(endpoint), self.known(pager).await);
                let query = SentQuery { app: app(of), endpoint, states, attempted, like, pager };
                let page = store.sent(query).await.unwrap();
                format!("{:?}", (page.items.iter().map(|one| one.delivery.clone()).collect::<Vec<_>>(), page.more))
            }
            Verb::Attempts { event, endpoint, succeeded, like, pager } => {
                let of = match event {
                    Some(event) => AttemptsOf::Event(event_id(event), None),
                    None => AttemptsOf::Endpoint(endpoint_id(endpoint)),
                };
                let pager = keyed(&pager, |number| self.attempt_key(number));
                format!("{:?}", store.attempts_of(AttemptQuery { of, succeeded, class: None, like, pager }).await)
            }
            Verb::Failed { endpoint, since, until, pager } => {
                let pager = keyed(&pager, |number| self.attempt_key(number));
                let (since, until) = (time(since), time(until));
                let query = FailedQuery { endpoint: endpoint_id(endpoint), since, until, pager };
                format!("{:?}", store.failed(query).await)
            }
            Verb::Busy { after, limit } => format!("{:?}", store.busy(after.map(endpoint_id), limit).await),
            _ => String::new(),
        }
    }

    /// All that can be seen from outside.
    async fn everything(&self) -> Vec<String> {
        let (store, mut seen) = (&self.store, Vec::new());
        for number in 0..self.events {
            let logged = store.event(event_id(number)).await.unwrap();
            seen.push(format!("{:?}", logged.map(|logged| logged.event)));
            seen.push(format!("{:?}", store.deliveries(event_id(number)).await));
            seen.push(format!("{:?}", store.attempts(event_id(number)).await));
        }
        for number in 0..4 {
            seen.push(format!("{:?}", store.endpoint(endpoint_id(number)).await));
            seen.push(format!("{:?}", store.health(endpoint_id(number)).await));
            let of_endpoint = Tallied::Endpoint(endpoint_id(number));
            for of in [of_endpoint, Tallied::App(app(number)), Tallied::All] {
                seen.push(format!("{:?}", store.tally(of, time(0), time(100)).await));
            }
            seen.push(format!("{:?}", store.app(app(number).as_str()).await));
            seen.push(format!("{:?}", store.endpoints(&app(number), Pager::first(Order::Oldest, 9)).await));
        }
        seen.push(format!("{:?}", store.apps(Pager::first(Order::Oldest, 9)).await));
        seen
    }
}

fn app_id(number: u8) -> AppId {
    AppId::from_bytes([number; 20])
}

async fn registry(store: &dyn Store, verb: Verb) -> String {
    match verb {
        Verb::CreateApp { number, uid } => {
            if store.app(&app_id(number).to_string()).await.unwrap().is_some() {
                return String::new();
            }
            let name = uid.map_or_else(|| AppName::from(app_id(number)), app);
            let new = App { uid: uid.map(|uid| app(uid).to_string()), ..App::new(app_id(number), name, time(1)) };
            format!("{:?}", store.create_app(new).await.map_err(|why| why.to_string()))
        }
        Verb::Rename { number, uid } => {
            let change = move |one: &mut App| one.uid = uid.map(|uid| app(uid).to_string());
            let changed = store.change_app(app_id(number), Box::new(change)).await;
            format!("{:?}", changed.map_err(|why| why.to_string()))
        }
        Verb::CreateEndpoint { number, app: of, uid } => {
            if store.endpoint(endpoint_id(number)).await.unwrap().is_some() {
                return String::new();
            }
            let new = Endpoint {
                kind: EndpointKind::Registered,
                uid: uid.map(|uid| format!("uid{uid}")),
                ..Endpoint::new(endpoint_id(number), app(of), "3000".parse().unwrap(), time(1))
            };
            format!("{:?}", store.create_endpoint(new).await.map_err(|why| why.to_string()))
        }
        _ => String::new(),
    }
}

/// The check is of answers, not of the disk.
fn quick(address: &str) -> Arc<dyn Store> {
    whk::store::open(address, &OpenOptions { durability: Durability::Process, mode: Mode::Create }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_store_does_what_the_model_does(
        changes in prop::collection::vec(changes(), 1..50),
        questions in prop::collection::vec(questions(), 20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            for address in addresses(folder.path()) {
                let mut model = Subject::new("memory:".to_owned());
                let mut subject = Subject::new(address);
                for verb in &changes {
                    assert_eq!(subject.change(verb).await, model.change(verb).await, "{verb:?}");
                }
                for verb in &questions {
                    assert_eq!(subject.ask(verb.clone()).await, model.ask(verb.clone()).await, "{verb:?}");
                }
                assert_eq!(subject.everything().await, model.everything().await);
                subject.store.close().await.unwrap();
            }
        });
    }
}
