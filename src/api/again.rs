//! Messages once more: those that an endpoint failed to take, and those that it never got.

use crate::clock::Clock;
use crate::model::{AppName, DeliveryId, Endpoint, EventId, Timestamp};
use crate::policy::route::wants;
use crate::store::{
    FailedQuery, Like, Logged, MessageQuery, NewDelivery, Order, Page, Pager, Start, Store, StoreError,
};

/// So many are asked for at once.
const STEP: usize = 500;
/// So many at most in all.
const MOST: usize = 10_000;

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At or after this moment.
    pub since: Timestamp,
    /// And not after this one.
    pub until: Timestamp,
}

/// One more attempt of a message at an endpoint, asked for by somebody.
///
/// # Errors
/// If the store fails, or the message is not there.
pub async fn once_more(
    store: &dyn Store,
    clock: &dyn Clock,
    event: EventId,
    endpoint: &Endpoint,
) -> Result<(), StoreError> {
    store.send_again(vec![asked_for(clock, event, endpoint)]).await
}

/// One more attempt of each message that failed in a time and was never taken; says how many those are.
///
/// # Errors
/// If the store fails.
pub async fn recover(
    store: &dyn Store,
    clock: &dyn Clock,
    endpoint: &Endpoint,
    span: Span,
) -> Result<usize, StoreError> {
    let (mut count, mut pager) = (0, Pager::first(Order::Oldest, STEP));
    while count < MOST {
        let Span { since, until } = span;
        let Page { items, more } =
            store.failed(FailedQuery { endpoint: endpoint.id, since, until, pager: pager.clone() }).await?;
        let Some(last) = items.last().map(|failed| failed.attempt) else { break };
        count += items.len();
        let asked = items.iter().map(|failed| asked_for(clock, failed.delivery.event, endpoint));
        store.send_again(asked.collect()).await?;
        pager.start = Start::After(last);
        if !more {
            break;
        }
    }
    Ok(count)
}

/// One attempt of each message made in a time that the endpoint wants and never got; says how many those are. With
/// `proven`, requests that came in without a right signature are none of them.
///
/// # Errors
/// If the store fails.
pub async fn replay_missing(
    store: &dyn Store,
    clock: &dyn Clock,
    endpoint: &Endpoint,
    span: Span,
    proven: bool,
) -> Result<usize, StoreError> {
    let tick = std::time::Duration::from_millis(1);
    let like = Like { after: Some(span.since.minus(tick)), before: Some(span.until.plus(tick)), ..Like::default() };
    let (mut count, mut pager) = (0, Pager::first(Order::Oldest, STEP));
    while count < MOST {
        let page = store.messages(missing(&endpoint.app, endpoint, &like, &pager)).await?;
        let Some(last) = page.items.last().map(|logged| logged.event.id) else { break };
        let wanted = |logged: &&Logged| {
            let event = &logged.event;
            !(event.marks.expunged || proven && event.is_unproven())
                && wants(endpoint, &event.event_type, &event.marks.channels)
        };
        let asked = page.items.iter().filter(wanted).map(|logged| asked_for(clock, logged.event.id, endpoint));
        let asked: Vec<_> = asked.collect();
        count += asked.len();
        store.send_again(asked).await?;
        pager.start = Start::After(last);
        if !page.more {
            break;
        }
    }
    Ok(count)
}

fn missing(app: &AppName, endpoint: &Endpoint, like: &Like, pager: &Pager<EventId>) -> MessageQuery {
    MessageQuery { app: app.clone(), like: like.clone(), without: Some(endpoint.id), pager: pager.clone() }
}

fn asked_for(clock: &dyn Clock, event: EventId, endpoint: &Endpoint) -> NewDelivery {
    let now = clock.now();
    NewDelivery {
        id: DeliveryId::new(now, clock.chance()),
        event,
        endpoint: endpoint.id,
        held_until: None,
        due_at: now,
        made: None,
    }
}
