//! Events as a list shows them: what each is and what became of it, without its body.

use serde_json::{Value, json};

use crate::model::{Attempt, Delivery, DeliveryState, Event};
use crate::relay::pipeline::Pipeline;
use crate::store::{AttemptQuery, AttemptsOf, Like, Order, Pager, Store, StoreError};

/// An event's row.
pub(in crate::relay::http::native) async fn of(pipeline: &Pipeline, event: &Event) -> Result<Value, StoreError> {
    let (store, request) = (pipeline.store.as_ref(), &event.request);
    let deliveries = store.deliveries(event.id).await?;
    let made: u32 = deliveries.iter().map(|delivery| delivery.attempts).sum();
    let last = if made == 0 { None } else { newest(store, event).await? };
    let provider = match &event.verdict {
        Some(verdict) => Some(verdict.scheme.clone()),
        None => pipeline.options.judging.known.detect(request).map(|scheme| scheme.name().to_owned()),
    };
    let verdict = event.verdict.as_ref();
    let path = event.inbox_path();
    Ok(json!({
        "type": "row",
        "id": event.id.to_string(),
        "app": event.app.as_str(),
        "event_type": event.event_type,
        "method": request.method,
        "path": if path.is_empty() { "/" } else { path },
        "received_at": request.received_at.to_string(),
        "size": request.body.len(),
        "provider": provider,
        "verdict": verdict.map(|own| json!({"ok": own.ok, "scheme": own.scheme, "reason": own.reason})),
        "state": state(&deliveries),
        "attempts": made,
        "status": last.as_ref().and_then(Attempt::status),
        "error": last.as_ref().and_then(|last| last.outcome.as_ref().err()).map(|failure| failure.kind.code()),
        "duration_ms": last.map(|last| u64::try_from(last.duration.as_millis()).unwrap_or(u64::MAX)),
    }))
}

async fn newest(store: &dyn Store, event: &Event) -> Result<Option<Attempt>, StoreError> {
    let (of, pager) = (AttemptsOf::Event(event.id, None), Pager::first(Order::Newest, 1));
    let query = AttemptQuery { of, succeeded: None, class: None, like: Like::default(), pager };
    Ok(store.attempts_of(query).await?.items.pop())
}

/// The state that wants most attention; an event that nobody wanted is only recorded.
fn state(deliveries: &[Delivery]) -> &'static str {
    let worst = [DeliveryState::Dead, DeliveryState::InFlight, DeliveryState::Pending, DeliveryState::Delivered];
    let found = worst.into_iter().find(|state| deliveries.iter().any(|delivery| delivery.state == *state));
    found.map_or("recorded", DeliveryState::word)
}
