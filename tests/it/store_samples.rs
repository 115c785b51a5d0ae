//! Stores, events and deliveries for the tests of the store.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use whk::model::{
    AppName, Attempt, AttemptId, CapturedRequest, DeliveryId, EndpointId, Event, EventId, Failure, FailureKind,
    Headers, Marks, Response, Timestamp, Verdict,
};
use whk::store::{Cursor, Held, NewDelivery, NewEvent, OpenOptions, Order, Query, Store};

/// The addresses to test, from `WHK_TEST_STORES`, separated by white space; an empty path is one in `folder`, and
/// no host is a server of the tests' own.
pub(crate) fn addresses(folder: &Path) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    let named = std::env::var("WHK_TEST_STORES").unwrap_or_else(|_| "memory: sqlite: redis:".to_owned());
    let place = |address: &str| match address {
        "sqlite:" => at(&folder.join("whk.db")),
        "redis:" => crate::support::redis::shared().store(),
        other => other.to_owned(),
    };
    named.split_whitespace().map(place).collect()
}

/// The address of the `SQLite` store at `path`.
pub(crate) fn at(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

pub(crate) fn open(address: &str) -> Arc<dyn Store> {
    whk::store::open(address, &OpenOptions::default()).unwrap()
}

pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000 + millis)
}

fn id(kind: u8, number: u64) -> [u8; 20] {
    let mut bytes = [kind; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub(crate) fn event_id(number: u64) -> EventId {
    EventId::from_bytes(id(1, number))
}

pub(crate) fn endpoint_id(number: u64) -> EndpointId {
    EndpointId::from_bytes(id(2, number))
}

pub(crate) fn delivery_id(number: u64) -> DeliveryId {
    DeliveryId::from_bytes(id(3, number))
}

pub(crate) fn app(number: u64) -> AppName {
    format!("app{number}").parse().unwrap()
}

/// An event of app 0 and type `order.created`, received at `number` milliseconds.
pub(crate) fn event(number: u64) -> Event {
    let mut headers = Headers::new();
    headers.push_line("Content-Type: application/octet-stream").unwrap();
    headers.push_line("X-Twice: 1").unwrap();
    headers.push_line("x-twice: \u{e9}").unwrap();
    Event {
        id: event_id(number),
        app: app(0),
        event_type: "order.created".to_owned(),
        verdict: None,
        request: CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/app0/hook?a=%20b&&".to_owned(),
            headers,
            body: Bytes::from_static(b"\0\xff not text \r\n"),
            remote: "127.0.0.1:5000".to_owned(),
            received_at: time(i64::try_from(number).unwrap()),
        },
        marks: Marks::default(),
    }
}

pub(crate) fn invalid() -> Verdict {
    Verdict { ok: false, scheme: "standard-webhooks".to_owned(), reason: Some("missing_header".to_owned()) }
}

pub(crate) fn plain(event: Event) -> NewEvent {
    NewEvent::new(Arc::new(event), Vec::new())
}

/// A delivery that waits for a worker, due at `due` milliseconds.
pub(crate) fn waiting(number: u64, event: u64, endpoint: u64, due: i64) -> NewDelivery {
    NewDelivery {
        id: delivery_id(number),
        event: event_id(event),
        endpoint: endpoint_id(endpoint),
        held_until: None,
        due_at: time(due),
        made: None,
    }
}

pub(crate) fn attempt(number: u64, held: Held, event: EventId, endpoint: EndpointId, answered: bool) -> Attempt {
    let mut headers = Headers::new();
    headers.push_line("Retry-After: 5").unwrap();
    let answer =
        Response { status: 503, headers, body: Bytes::from_static(b"\xfflater"), truncated: number.is_multiple_of(2) };
    let failure = Failure { kind: FailureKind::Timeout, message: "no answer within 30 s".to_owned() };
    Attempt {
        id: AttemptId::from_bytes(id(4, number)),
        delivery: held.delivery,
        event,
        endpoint,
        number: 1,
        manual: false,
        method: "POST".to_owned(),
        url: "http://localhost:3000/hook".to_owned(),
        started_at: time(7),
        duration: Duration::from_micros(1234),
        outcome: if answered { Ok(answer) } else { Err(failure) },
        next_attempt_at: answered.then_some(time(9)),
    }
}

/// Everything, the oldest first.
pub(crate) fn all() -> Query {
    Query {
        app: None,
        event_type: None,
        since: None,
        until: None,
        status: None,
        after: None,
        order: Order::Oldest,
        limit: 1000,
    }
}

pub(crate) async fn ids(store: &dyn Store, query: Query) -> Vec<EventId> {
    store.events(query).await.unwrap().iter().map(|logged| logged.event.id).collect()
}

/// Walks all events page by page and gives back how many there are.
pub(crate) async fn count(store: &dyn Store) -> usize {
    let (mut after, mut found) = (Cursor::default(), 0);
    loop {
        let page = store.events(Query { after: Some(after), limit: 500, ..all() }).await.unwrap();
        let Some(last) = page.last() else { return found };
        assert!(last.cursor > after);
        (after, found) = (last.cursor, found + page.len());
    }
}
