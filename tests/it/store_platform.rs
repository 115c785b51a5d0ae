//! What every store promises about the platform's nouns: apps, endpoints, event types, tokens, and what was sent.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use whk::model::{
    App, AppId, AppName, Attempt, DeliveryState, Disabled, DisabledBy, Endpoint, EndpointId, EndpointKind, EventId,
    EventType, Headers, Health, Marks, Rights, Secret, Tally, Timestamp, Token, TokenId,
};
use whk::store::{
    AttemptQuery, AttemptsOf, Ensured, FailedQuery, Held, Leased, Like, MessageQuery, NewEvent, Next, Order, Page,
    Pager, Record, Recorded, Retention, SentQuery, Settled, Settlement, Start, Store, StoreError, Tallied, TypeQuery,
    Wanted,
};

use crate::store_samples::*;

fn app_id(number: u8) -> AppId {
    AppId::from_bytes([number; 20])
}

fn new_app(number: u8, uid: Option<&str>) -> App {
    let name = uid.map_or_else(|| AppName::from(app_id(number)), |uid| uid.parse().unwrap());
    App { uid: uid.map(str::to_owned), ..App::new(app_id(number), name, time(1)) }
}

fn registered(number: u64, of: u64, uid: Option<&str>) -> Endpoint {
    Endpoint {
        kind: EndpointKind::Registered,
        uid: uid.map(str::to_owned),
        ..Endpoint::new(endpoint_id(number), app(of), "http://example.com/hook".parse().unwrap(), time(1))
    }
}

fn first<K>(limit: usize) -> Pager<K> {
    Pager::first(Order::Newest, limit)
}

fn messages(pager: Pager<EventId>) -> MessageQuery {
    MessageQuery { app: app(0), like: Like::default(), without: None, pager }
}

async fn listed(store: &dyn Store, query: MessageQuery) -> (Vec<EventId>, bool) {
    let Page { items, more } = store.messages(query).await.unwrap();
    (items.iter().map(|logged| logged.event.id).collect(), more)
}

async fn lease(store: &dyn Store, endpoint: u64, now: i64) -> Option<Leased> {
    let endpoints = vec![endpoint_id(endpoint)];
    store.lease(Wanted { endpoints, limit: 1, now: time(now), until: time(now + 10) }).await.unwrap().pop()
}

/// Settles with an answer of this status, or none.
async fn settle(store: &dyn Store, leased: &Leased, (number, status): (u64, Option<u16>), next: Next) -> Attempt {
    let (held, event) = (leased.held, leased.event.id);
    let mut attempt = attempt(number, held, event, leased.endpoint, status.is_some());
    if let (Ok(response), Some(status)) = (&mut attempt.outcome, status) {
        response.status = status;
    }
    attempt.number = leased.attempts + 1;
    attempt.manual = leased.otherwise.is_some();
    assert_eq!(store.settle(Settlement { held, attempt: attempt.clone(), next }).await.unwrap(), Settled::Done);
    attempt
}

fn is_taken<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Taken(_)))
}

#[tokio::test]
async fn an_app_keeps_its_events_when_its_uid_changes_and_frees_it_when_it_goes() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let made = store.create_app(new_app(1, Some("app0"))).await.unwrap();
        assert_eq!(made, new_app(1, Some("app0")), "{address}");
        assert!(is_taken(&store.create_app(new_app(2, Some("app0"))).await));
        store.append(plain(event(1))).await.unwrap();

        let rename = |uid: &'static str| Box::new(move |app: &mut App| app.uid = Some(uid.to_owned()));
        let renamed = store.change_app(app_id(1), rename("new")).await.unwrap().unwrap();
        assert_eq!((renamed.name, renamed.uid.as_deref()), (app(0), Some("new")));
        for key in ["new", "app0", &app_id(1).to_string()] {
            assert_eq!(store.app(key).await.unwrap().map(|app| app.id), Some(app_id(1)), "{address}: {key}");
        }
        let other = store.create_app(new_app(2, Some("app0"))).await.unwrap();
        assert_eq!(other.name, AppName::from(app_id(2)), "{address}: the name is taken, the uid is not");
        assert_eq!(store.app("app0").await.unwrap().map(|app| app.id), Some(app_id(2)), "a uid comes before a name");
        assert!(is_taken(&store.change_app(app_id(2), rename("new")).await));
        assert_eq!(listed(&*store, messages(first(9))).await.0, [event_id(1)]);

        let token = token(1, Some(app(0)));
        store.create_token(token.clone()).await.unwrap();
        store.create_endpoint(registered(1, 0, None)).await.unwrap();
        assert!(store.delete_app(app_id(1)).await.unwrap());
        assert!(!store.delete_app(app_id(1)).await.unwrap());
        assert_eq!(store.app("new").await.unwrap(), None);
        assert!(store.event(event_id(1)).await.unwrap().is_none(), "{address}");
        assert_eq!(store.endpoint(endpoint_id(1)).await.unwrap(), None);
        assert_eq!(store.token(&token.hash).await.unwrap(), None);
        let free = store.ensure_app(new_app(3, Some("new"))).await.unwrap();
        assert_eq!(free, Ensured::Made(new_app(3, Some("new"))), "{address}");
        let nameless = [new_app(4, None), new_app(5, None)];
        for new in &nameless {
            assert_eq!(store.create_app(new.clone()).await.unwrap(), *new);
        }
        assert_eq!(store.change_app(app_id(9), rename("x")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn lists_are_read_by_the_page_in_both_directions() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        for number in 1..=5 {
            store.create_app(new_app(number, None)).await.unwrap();
            store.create_endpoint(registered(u64::from(number), 1, None)).await.unwrap();
            store.append(plain(event(u64::from(number)))).await.unwrap();
        }
        let listener = Endpoint { kind: EndpointKind::Listener, ..registered(7, 1, None) };
        store.create_endpoint(listener).await.unwrap();
        store.create_endpoint(registered(8, 2, None)).await.unwrap();
        for order in [Order::Oldest, Order::Newest] {
            let right = |numbers: [u8; 2]| if order == Order::Oldest { numbers } else { numbers.map(|one| 6 - one) };
            let pages = [
                (Start::First, [1, 2], true),
                (Start::Last, [4, 5], true),
                (Start::After(3), [4, 5], false),
                (Start::Before(3), [1, 2], false),
            ];
            for (start, numbers, more) in pages {
                let numbers = right(numbers);
                let what = format!("{address} {order:?} {start:?}");
                let apps = store.apps(Pager { order, start: keyed(start, app_id), limit: 2 }).await.unwrap();
                assert_eq!(apps.items, numbers.map(|number| new_app(number, None)), "{what}");
                let start_at = keyed(start, |number| endpoint_id(u64::from(number)));
                let found = store.endpoints(&app(1), Pager { order, start: start_at, limit: 2 }).await.unwrap();
                let ids: Vec<EndpointId> = found.items.iter().map(|one| one.id).collect();
                assert_eq!(ids, numbers.map(|number| endpoint_id(u64::from(number))), "{what}");
                let start_at = keyed(start, |number| event_id(u64::from(number)));
                let page = listed(&*store, messages(Pager { order, start: start_at, limit: 2 })).await;
                assert_eq!(page, (numbers.map(|number| event_id(u64::from(number))).to_vec(), more), "{what}");
                assert_eq!((apps.more, found.more), (more, more), "{what}");
            }
        }
    }
}

fn keyed<K>(start: Start<u8>, key: impl Fn(u8) -> K) -> Start<K> {
    match start {
        Start::First => Start::First,
        Start::Last => Start::Last,
        Start::After(number) => Start::After(key(number)),
        Start::Before(number) => Start::Before(key(number)),
    }
}

#[tokio::test]
async fn an_endpoint_is_kept_whole_changed_disabled_once_and_removed() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let mut new = registered(1, 0, Some("erp"));
        new.url = "http://user:pw@example.com/hook".to_owned();
        new.event_types = Some(vec!["order.*".to_owned()]);
        new.channels = vec!["a".to_owned(), "b".to_owned()];
        new.rate_limit = Some(65_535);
        new.metadata.insert("k".to_owned(), "v \u{e9}".to_owned());
        new.headers.push_line("X-Case: kept").unwrap();
        new.headers.push_line("x-case: twice").unwrap();
        new.rotate(Secret::new("whsec_a"), time(1), Duration::ZERO).unwrap();
        new.rotate(Secret::new("whsec_b"), time(2), Duration::from_secs(1)).unwrap();
        (new.scheme, new.ordered, new.redirects) = ("standard-webhooks".to_owned(), true, true);
        new.description = "ERP".to_owned();
        assert_eq!(store.create_endpoint(new.clone()).await.unwrap(), new, "{address}");
        assert_eq!(store.endpoint(new.id).await.unwrap(), Some(new.clone()), "{address}");
        for key in ["erp", &new.id.to_string()] {
            assert_eq!(store.endpoint_of(&app(0), key).await.unwrap(), Some(new.clone()), "{address}: {key}");
            assert_eq!(store.endpoint_of(&app(1), key).await.unwrap(), None, "{address}: {key}");
        }
        assert!(is_taken(&store.create_endpoint(registered(2, 0, Some("erp"))).await));
        store.create_endpoint(registered(2, 1, Some("erp"))).await.unwrap();
        store.create_endpoint(registered(3, 0, None)).await.unwrap();
        let rename = || Box::new(|one: &mut Endpoint| one.uid = Some("erp".to_owned()));
        assert!(is_taken(&store.change_endpoint(endpoint_id(3), rename()).await));
        assert_eq!(store.change_endpoint(endpoint_id(4), rename()).await.unwrap(), None);

        let gone = Disabled { at: time(5), why: DisabledBy::Gone };
        assert!(store.disable_endpoint(new.id, gone).await.unwrap());
        assert!(!store.disable_endpoint(new.id, Disabled { at: time(6), ..gone }).await.unwrap(), "{address}: once");
        assert_eq!(store.endpoint(new.id).await.unwrap().unwrap().disabled, Some(gone));
        let enable = |one: &mut Endpoint| (one.disabled, one.updated_at) = (None, time(7));
        let enabled = store.change_endpoint(new.id, Box::new(enable)).await.unwrap();
        assert_eq!(enabled, Some(Endpoint { updated_at: time(7), ..new.clone() }));

        assert!(store.delete_endpoint(new.id).await.unwrap());
        assert!(!store.delete_endpoint(new.id).await.unwrap());
        store.create_endpoint(registered(4, 0, Some("erp"))).await.unwrap();
    }
}

#[tokio::test]
async fn what_waits_for_an_endpoint_is_given_up_when_it_goes_and_its_attempts_stay() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        store.create_endpoint(registered(1, 0, None)).await.unwrap();
        store.append(NewEvent::new(Arc::new(event(1)), vec![waiting(1, 1, 1, 0), waiting(2, 1, 2, 0)])).await.unwrap();
        let leased = lease(&*store, 1, 0).await.unwrap();
        let kept = settle(&*store, &leased, (1, Some(500)), Next::Retry(time(50))).await;
        assert!(store.delete_endpoint(endpoint_id(1)).await.unwrap());
        let states: Vec<_> = store.deliveries(event_id(1)).await.unwrap().iter().map(|one| one.state).collect();
        assert_eq!(states, [DeliveryState::Dead, DeliveryState::Pending], "{address}");
        assert_eq!(store.attempts(event_id(1)).await.unwrap(), [kept]);
        assert_eq!(store.busy(None, 9).await.unwrap(), [(endpoint_id(2), time(0))]);
        assert_eq!(store.health(endpoint_id(1)).await.unwrap(), Health::default());
    }
}

#[tokio::test]
async fn a_type_is_archived_brought_back_hidden_and_removed() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let mut order = EventType::new("order.created", time(1));
        order.description = "An order".to_owned();
        order.schemas.insert("1".to_owned(), "{\"type\": \"object\"}".to_owned());
        order.group = Some("orders".to_owned());
        let flagged =
            EventType { feature_flags: vec!["beta".to_owned(), "x".to_owned()], ..EventType::new("a.b", time(1)) };
        assert_eq!(store.create_event_type(order.clone()).await.unwrap(), order, "{address}");
        assert!(is_taken(&store.create_event_type(order.clone()).await));
        assert_eq!(store.put_event_type(flagged.clone()).await.unwrap(), Ensured::Made(flagged.clone()));
        let query = |archived, flags: Option<&str>| TypeQuery {
            archived,
            flags: flags.map(|flag| vec![flag.to_owned()]),
            pager: Pager::first(Order::Oldest, 9),
        };
        let all = store.event_types(query(false, None)).await.unwrap();
        assert_eq!(all, Page { items: vec![flagged.clone(), order.clone()], more: false }, "{address}");
        assert_eq!(store.event_types(query(false, Some("beta"))).await.unwrap().items.len(), 2);
        assert_eq!(store.event_types(query(false, Some("gamma"))).await.unwrap().items, [order.clone()]);

        let archive = |one: &mut EventType| one.archived = true;
        let archived = store.change_event_type("order.created", Box::new(archive)).await.unwrap().unwrap();
        assert_eq!(store.event_types(query(false, None)).await.unwrap().items, [flagged]);
        assert_eq!(store.event_types(query(true, None)).await.unwrap().items.len(), 2);
        assert_eq!(store.event_type("order.created").await.unwrap(), Some(archived));
        assert_eq!(store.create_event_type(order.clone()).await.unwrap(), order, "{address}: brought back");
        let later = EventType { created_at: time(9), deprecated: true, ..order };
        let put = store.put_event_type(later).await.unwrap();
        assert!(matches!(put, Ensured::Found(one) if one.created_at == time(1) && one.deprecated));
        assert!(store.delete_event_type("a.b").await.unwrap());
        assert!(!store.delete_event_type("a.b").await.unwrap());
        assert_eq!(store.event_type("a.b").await.unwrap(), None);
        let after = Pager { order: Order::Oldest, start: Start::After("order.c".to_owned()), limit: 1 };
        let page = store.event_types(TypeQuery { pager: after, ..query(true, None) }).await.unwrap();
        assert_eq!((page.items.len(), page.more), (1, false), "{address}: a key need not exist");
    }
}

fn token(number: u8, app: Option<AppName>) -> Token {
    Token {
        id: TokenId::from_bytes([number; 20]),
        hash: [number; 32],
        label: "CI".to_owned(),
        rights: Rights::Portal,
        app,
        feature_flags: vec!["beta".to_owned()],
        created_at: time(1),
        expires_at: Some(time(100)),
    }
}

#[tokio::test]
async fn tokens_are_found_by_their_hash_until_they_are_revoked_or_end() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let lasting = Token { rights: Rights::Operator, expires_at: None, ..token(9, None) };
        let all = [token(1, Some(app(1))), token(2, Some(app(1))), token(3, Some(app(2))), lasting.clone()];
        for one in &all {
            store.create_token(one.clone()).await.unwrap();
            assert_eq!(store.token(&one.hash).await.unwrap(), Some(one.clone()), "{address}");
        }
        let of = async |app: Option<&AppName>| store.tokens(app, Pager::first(Order::Oldest, 9)).await.unwrap().items;
        assert_eq!(of(None).await, all);
        assert_eq!(of(Some(&app(1))).await, all[..2]);
        assert!(store.revoke_token(all[0].id).await.unwrap());
        assert!(!store.revoke_token(all[0].id).await.unwrap());
        assert_eq!(store.revoke_tokens(&app(1)).await.unwrap(), 1);
        store.prune(Retention { age: None, bytes: None }, time(100)).await.unwrap();
        assert_eq!(of(None).await, [lasting], "{address}: the others have ended");
    }
}

#[tokio::test]
async fn an_answer_is_given_again_for_twelve_hours_and_is_kept_with_the_event_it_is_about() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let mut headers = Headers::new();
        headers.push_line("content-type: application/json").unwrap();
        let answer = Recorded::Bytes { status: 201, headers, body: Bytes::from_static(b"{}") };
        let record = Record { key: [1; 32], body: [2; 32], at: time(0), answer };
        store.remember(record.clone()).await.unwrap();
        store.remember(Record { body: [3; 32], at: time(1), ..record.clone() }).await.unwrap();
        assert_eq!(store.remembered(&[1; 32], time(5)).await.unwrap(), Some(record.clone()), "{address}: the first");
        assert_eq!(store.remembered(&[9; 32], time(5)).await.unwrap(), None);
        let about = Record { key: [4; 32], body: [5; 32], at: time(1), answer: Recorded::Event(event_id(1)) };
        let new = NewEvent { record: Some(about.clone()), ..plain(event(1)) };
        store.append(new).await.unwrap();
        assert_eq!(store.remembered(&[4; 32], time(5)).await.unwrap(), Some(about.clone()));
        let twin = Record { answer: Recorded::Event(event_id(2)), ..about.clone() };
        let refused = store.append(NewEvent { record: Some(twin), ..plain(event(2)) }).await;
        assert!(matches!(refused, Err(StoreError::Answered)), "{address}: {refused:?}");
        assert!(store.event(event_id(2)).await.unwrap().is_none(), "{address}: nothing is kept");
        store.append(NewEvent { record: Some(about), ..plain(event(1)) }).await.unwrap();
        let over = time(12 * 3_600_000);
        assert_eq!(store.remembered(&[1; 32], over).await.unwrap(), None, "{address}");
        store.remember(Record { at: over, ..record }).await.unwrap();
        assert_eq!(store.remembered(&[1; 32], over).await.unwrap().map(|record| record.at), Some(over));
        store.prune(Retention { age: None, bytes: None }, time(12 * 3_600_000 + 1)).await.unwrap();
        assert_eq!(store.remembered(&[4; 32], time(5)).await.unwrap(), None, "{address}: forgotten for good");
    }
}

/// Message `number` of app 0, with marks.
fn marked(number: u64, uid: Option<&str>, channels: &[&str]) -> whk::model::Event {
    let channels = channels.iter().map(|channel| (*channel).to_owned()).collect();
    let marks = Marks { uid: uid.map(str::to_owned), channels, ..Marks::default() };
    whk::model::Event { marks, ..event(number) }
}

#[tokio::test]
async fn a_message_is_found_by_its_uid_which_nobody_else_in_the_app_gets() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let mut new = marked(1, Some("evt-1"), &["a"]);
        (new.marks.tags, new.marks.payload_until) = (vec!["t".to_owned()], Some(time(50)));
        let place = store.append(plain(new.clone())).await.unwrap();
        assert_eq!(store.append(plain(new.clone())).await.unwrap(), place, "{address}: an append can be repeated");
        assert!(is_taken(&store.append(plain(marked(2, Some("evt-1"), &[]))).await), "{address}");
        let elsewhere = whk::model::Event { app: app(1), ..marked(3, Some("evt-1"), &[]) };
        store.append(plain(elsewhere.clone())).await.unwrap();
        for key in ["evt-1", &event_id(1).to_string()] {
            let found = store.message(&app(0), key).await.unwrap().unwrap();
            assert_eq!((found.cursor, &*found.event), (place, &new), "{address}: {key}");
        }
        assert!(store.message(&app(1), &event_id(1).to_string()).await.unwrap().is_none());
        assert_eq!(*store.message(&app(1), "evt-1").await.unwrap().unwrap().event, elsewhere);

        store.prune(Retention { age: None, bytes: None }, time(50)).await.unwrap();
        let event = store.event(event_id(1)).await.unwrap().unwrap().event;
        assert!(event.marks.expunged && event.request.body.is_empty(), "{address}: its payload's time is over");
        assert_eq!((event.marks.uid.as_deref(), &event.marks.channels[..]), (Some("evt-1"), &["a".to_owned()][..]));
        assert!(!store.expunge_payload(event_id(2)).await.unwrap());
        store.append(plain(crate::store_samples::event(4))).await.unwrap();
        assert!(store.expunge_payload(event_id(4)).await.unwrap());
        let event = store.event(event_id(4)).await.unwrap().unwrap().event;
        assert!(event.marks.expunged && event.request.body.is_empty(), "{address}");
    }
}

#[tokio::test]
async fn messages_are_listed_by_type_channel_and_time_and_by_where_they_never_went() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        for number in 1..=4 {
            let channels: &[&str] = if number % 2 == 0 { &["even", "all"] } else { &[] };
            let mut new = marked(number, None, channels);
            new.event_type = format!("type{number}");
            let deliveries = if number < 3 { vec![waiting(number, number, 1, 0)] } else { Vec::new() };
            store.append(NewEvent::new(Arc::new(new), deliveries)).await.unwrap();
        }
        let found = async |like: Like| listed(&*store, MessageQuery { like, ..messages(first(9)) }).await.0;
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let types = Like { event_types: words(&["type1", "type4", "type9"]), ..Like::default() };
        assert_eq!(found(types).await, [event_id(4), event_id(1)], "{address}");
        assert_eq!(
            found(Like { channel: Some("even".to_owned()), ..Like::default() }).await,
            [event_id(4), event_id(2)]
        );
        let between = Like { after: Some(time(1)), before: Some(time(4)), ..Like::default() };
        assert_eq!(found(between.clone()).await, [event_id(3), event_id(2)], "{address}: exclusive");
        let last = Pager { start: Start::Last, ..first(1) };
        let nearest = listed(&*store, MessageQuery { like: between, ..messages(last) }).await;
        assert_eq!(nearest, (vec![event_id(2)], true), "{address}: the page nearest to the earlier moment");
        let without = MessageQuery { without: Some(endpoint_id(1)), ..messages(first(9)) };
        assert_eq!(listed(&*store, without).await.0, [event_id(4), event_id(3)], "{address}");
    }
}

#[tokio::test]
async fn an_attempt_that_was_asked_for_leaves_the_schedule_as_it_was_if_it_fails() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let state = async || store.deliveries(event_id(1)).await.unwrap().remove(0);
        let ask = async |due| store.send_again(vec![waiting(9, 1, 1, due)]).await.unwrap();
        store.append(NewEvent::new(Arc::new(event(1)), vec![waiting(1, 1, 1, 0)])).await.unwrap();
        let leased = lease(&*store, 1, 0).await.unwrap();
        assert_eq!(leased.otherwise, None);
        settle(&*store, &leased, (1, Some(500)), Next::Retry(time(500))).await;

        ask(20).await;
        ask(21).await;
        assert_eq!(state().await.due_at, Some(time(20)), "{address}: asked for twice, made once");
        let leased = lease(&*store, 1, 30).await.unwrap();
        assert_eq!((leased.attempts, leased.asked, leased.otherwise), (1, 0, Some(Next::Retry(time(500)))));
        let manual = settle(&*store, &leased, (2, Some(500)), leased.otherwise.unwrap()).await;
        assert!(store.attempts(event_id(1)).await.unwrap().contains(&manual) && manual.manual);
        assert_eq!((state().await.state, state().await.due_at), (DeliveryState::Pending, Some(time(500))), "{address}");

        // While an attempt is under way: that one ends first.
        let leased = lease(&*store, 1, 500).await.unwrap();
        assert_eq!((leased.attempts, leased.asked, leased.otherwise), (2, 1, None));
        ask(501).await;
        assert!(lease(&*store, 1, 501).await.is_none(), "{address}");
        settle(&*store, &leased, (3, Some(500)), Next::Dead).await;
        let leased = lease(&*store, 1, 600).await.unwrap();
        assert_eq!(leased.otherwise, Some(Next::Dead), "{address}");
        settle(&*store, &leased, (4, Some(200)), Next::Delivered).await;

        ask(700).await;
        let leased = lease(&*store, 1, 700).await.unwrap();
        assert_eq!(leased.otherwise, Some(Next::Delivered), "{address}: what was delivered stays delivered");
        settle(&*store, &leased, (5, None), Next::Delivered).await;
        assert_eq!(store.deliveries(event_id(1)).await.unwrap().len(), 1, "{address}");

        store.send_again(vec![waiting(9, 1, 2, 0)]).await.unwrap();
        let leased = lease(&*store, 2, 0).await.unwrap();
        let expected = (Held { delivery: delivery_id(9), fence: 1 }, Some(Next::Dead));
        assert_eq!((leased.held, leased.otherwise), expected, "{address}: it had never gone there");
        let unknown = store.send_again(vec![waiting(10, 1, 3, 0), waiting(11, 99, 1, 0)]).await;
        assert!(matches!(unknown, Err(StoreError::Unknown(_))));
        assert_eq!(store.deliveries(event_id(1)).await.unwrap().len(), 2, "{address}: all or none");
    }
}

/// Three messages to endpoint 1: taken at the second try, given up, and still to be tried; the second also to 2.
async fn played(store: &dyn Store) -> Vec<Attempt> {
    for number in 1..=3_u64 {
        let mut deliveries = vec![waiting(number, number, 1, i64::try_from(number).unwrap())];
        if number == 2 {
            deliveries.push(waiting(8, 2, 2, 5));
        }
        let new = marked(number, None, if number == 2 { &["a"] } else { &[] });
        store.append(NewEvent::new(Arc::new(new), deliveries)).await.unwrap();
    }
    let mut made = Vec::new();
    for (number, (endpoint, status, next)) in (1..).zip([
        (1, Some(500), Next::Retry(time(4))),
        (1, None, Next::Dead),
        (1, Some(404), Next::Retry(time(90))),
        (1, Some(204), Next::Delivered),
        (2, Some(302), Next::Dead),
    ]) {
        let leased = lease(store, endpoint, i64::try_from(number).unwrap()).await.unwrap();
        made.push(settle(store, &leased, (number, status), next).await);
    }
    made
}

#[tokio::test]
async fn attempts_are_listed_by_endpoint_and_by_message_and_by_what_came_of_them() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let made = played(&*store).await;
        let query = |of| AttemptQuery { of, succeeded: None, class: None, like: Like::default(), pager: first(9) };
        let at = |number| AttemptsOf::Endpoint(endpoint_id(number));
        let found = async |query: AttemptQuery| -> Vec<usize> {
            let page = store.attempts_of(query).await.unwrap();
            assert!(page.items.iter().all(|one| made.contains(one)), "{address}: {page:?}");
            page.items.iter().map(|one| made.iter().position(|own| own == one).unwrap() + 1).collect()
        };
        assert_eq!(found(query(at(1))).await, [4, 3, 2, 1], "{address}: the newest first");
        assert_eq!(found(query(AttemptsOf::Event(event_id(2), None))).await, [5, 2]);
        assert_eq!(found(query(AttemptsOf::Event(event_id(2), Some(endpoint_id(2))))).await, [5]);
        assert!(found(query(AttemptsOf::Event(event_id(9), None))).await.is_empty());
        assert_eq!(found(AttemptQuery { succeeded: Some(true), ..query(at(1)) }).await, [4]);
        assert_eq!(found(AttemptQuery { succeeded: Some(false), ..query(at(1)) }).await, [3, 2, 1]);
        assert_eq!(found(AttemptQuery { class: Some(4), ..query(at(1)) }).await, [3]);
        assert_eq!(found(AttemptQuery { class: Some(0), ..query(at(1)) }).await, [2]);
        let like = Like { channel: Some("a".to_owned()), ..Like::default() };
        assert_eq!(found(AttemptQuery { like: like.clone(), ..query(at(1)) }).await, [2]);
        assert_eq!(found(AttemptQuery { like, ..query(AttemptsOf::Event(event_id(2), None)) }).await, [5, 2]);
        let like = Like { event_types: vec!["other".to_owned()], ..Like::default() };
        assert!(found(AttemptQuery { like, ..query(at(1)) }).await.is_empty());
        for of in [at(1), AttemptsOf::Event(event_id(1), None)] {
            let (whole, step) =
                (found(query(of)).await, |start| AttemptQuery { pager: Pager { start, ..first(1) }, ..query(of) });
            assert_eq!(found(step(Start::After(made[whole[0] - 1].id))).await, whole[1..2], "{address}");
            assert_eq!(found(step(Start::Before(made[whole[1] - 1].id))).await, whole[..1], "{address}");
        }

        let one = store.attempt(event_id(1), made[0].id).await.unwrap();
        assert_eq!(one, Some(made[0].clone()));
        assert_eq!(store.attempt(event_id(2), made[0].id).await.unwrap(), None, "{address}: of another message");
        for (event, index) in [(1, 0), (2, 1)] {
            assert!(store.expunge_answer(event_id(event), made[index].id).await.unwrap());
            let mut expected = made[index].clone();
            expected.expunge();
            assert_eq!(store.attempt(event_id(event), expected.id).await.unwrap(), Some(expected), "{address}");
        }
        assert!(!store.expunge_answer(event_id(3), made[0].id).await.unwrap());
    }
}

#[tokio::test]
async fn what_was_sent_to_an_endpoint_is_listed_by_how_far_it_has_come() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        let made = played(&*store).await;
        store.append(NewEvent::new(Arc::new(event(4)), vec![waiting(4, 4, 1, 100)])).await.unwrap();
        let query = |states: &[DeliveryState], attempted| SentQuery {
            app: app(0),
            endpoint: endpoint_id(1),
            states: states.to_vec(),
            attempted,
            like: Like::default(),
            pager: first(9),
        };
        let found = async |query: SentQuery| -> Vec<EventId> {
            let page = store.sent(query).await.unwrap();
            assert!(page.items.iter().all(|one| one.delivery.event == one.logged.event.id));
            page.items.iter().map(|one| one.delivery.event).collect()
        };
        assert_eq!(found(query(&[], false)).await, [event_id(4), event_id(3), event_id(2), event_id(1)], "{address}");
        assert_eq!(found(query(&[], true)).await, [event_id(3), event_id(2), event_id(1)]);
        assert_eq!(found(query(&[DeliveryState::Dead], true)).await, [event_id(2)], "{address}");
        assert_eq!(
            found(query(&[DeliveryState::Pending, DeliveryState::InFlight], false)).await,
            [event_id(4), event_id(3)]
        );
        assert!(found(SentQuery { app: app(1), ..query(&[], false) }).await.is_empty());

        // Whoever asks for failures by the time of the attempts gets those never taken, each once.
        let failed = |start| FailedQuery {
            endpoint: endpoint_id(1),
            since: made[0].id.made_at(),
            until: made[0].id.made_at(),
            pager: Pager { order: Order::Oldest, start, limit: 1 },
        };
        let page = store.failed(failed(Start::First)).await.unwrap();
        assert_eq!((page.items[0].attempt, page.more), (made[1].id, true), "{address}");
        assert_eq!(page.items[0].delivery.event, event_id(2));
        let page = store.failed(failed(Start::After(page.items[0].attempt))).await.unwrap();
        assert_eq!((page.items[0].delivery.event, page.more), (event_id(3), false), "{address}");
        let before = FailedQuery { until: Timestamp::from_millis(0), ..failed(Start::First) };
        assert!(store.failed(before).await.unwrap().items.is_empty(), "{address}");
        assert_eq!(store.busy(None, 9).await.unwrap(), [(endpoint_id(1), time(90))], "{address}");
        assert!(store.busy(Some(endpoint_id(1)), 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_endpoint_fails_until_something_is_taken_and_every_attempt_is_counted() {
    for address in addresses(tempfile::tempdir().unwrap().path()) {
        let store = open(&address);
        store.create_endpoint(registered(1, 0, None)).await.unwrap();
        store.create_endpoint(registered(2, 0, None)).await.unwrap();
        played(&*store).await;
        assert_eq!(store.health(endpoint_id(1)).await.unwrap(), Health::default(), "{address}: it took the last one");
        let began = Some(time(7));
        let failing = Health { failing_since: began, failures: 1, dead_since: began, deaths: 1 };
        assert_eq!(store.health(endpoint_id(2)).await.unwrap(), failing, "{address}");
        store.send_again(vec![waiting(9, 2, 2, 0)]).await.unwrap();
        let leased = lease(&*store, 2, 6).await.unwrap();
        settle(&*store, &leased, (6, Some(500)), Next::Dead).await;
        assert_eq!(store.health(endpoint_id(2)).await.unwrap(), failing, "{address}: that one was asked for");

        let tally = async |of| store.tally(of, time(0), time(10)).await.unwrap();
        let of_one = tally(Tallied::Endpoint(endpoint_id(1))).await;
        let counts = |tally: &Tally| (tally.succeeded, tally.failed, tally.recovered, tally.dead);
        assert_eq!(counts(&of_one), (1, 3, 1, 1), "{address}");
        assert!(of_one.latency.percentile(50).is_some());
        let of_two = tally(Tallied::Endpoint(endpoint_id(2))).await;
        assert_eq!(counts(&of_two), (0, 2, 0, 1), "{address}");
        for of in [Tallied::App(app(0)), Tallied::All] {
            assert_eq!(counts(&tally(of).await), (1, 5, 1, 2), "{address}");
        }
        assert_eq!(tally(Tallied::App(app(1))).await, Tally::default());
        let later = store.tally(Tallied::All, time(3_600_000), time(7_200_000)).await.unwrap();
        assert_eq!(later, Tally::default(), "{address}");

        let enable = |why| Box::new(move |one: &mut Endpoint| one.disabled = why);
        let disabled = Some(Disabled { at: time(8), why: DisabledBy::Failing });
        store.change_endpoint(endpoint_id(2), enable(disabled)).await.unwrap();
        assert_eq!(store.health(endpoint_id(2)).await.unwrap(), failing);
        store.change_endpoint(endpoint_id(2), enable(None)).await.unwrap();
        assert_eq!(store.health(endpoint_id(2)).await.unwrap(), Health::default(), "{address}: a clean slate");
    }
}
