//! Events as a list shows them: what each is and what became of it, without its body.

use serde_json::{Value, json};

use crate::model::{Attempt, Delivery, DeliveryState, EndpointKind, Event};
use crate::relay::pipeline::Pipeline;
use crate::store::{AttemptQuery, AttemptsOf, Like, Order, Pager, Store, StoreError};

/// An event's row.
pub(in crate::relay::http::native) async fn of(pipeline: &Pipeline, event: &Event) -> Result<Value, StoreError> {
    let (store, request) = (pipeline.store.as_ref(), &event.request);
    let deliveries = store.deliveries(event.id).await?;
    let made: u32 = deliveries.iter().map(|delivery| delivery.attempts).sum();
    let state = state(store, &deliveries).await?;
    let last = if made == 0 { None } else { newest(store, event, state).await? };
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
        "state": state.map_or("recorded", DeliveryState::word),
        "attempts": made,
        "status": last.as_ref().and_then(Attempt::status),
        "error": last.as_ref().and_then(|last| last.outcome.as_ref().err()).map(|failure| failure.kind.code()),
        "duration_ms": last.map(|last| u64::try_from(last.duration.as_millis()).unwrap_or(u64::MAX)),
    }))
}

/// The newest attempt that tells of the state.
async fn newest(store: &dyn Store, event: &Event, state: Option<DeliveryState>) -> Result<Option<Attempt>, StoreError> {
    let (of, pager) = (AttemptsOf::Event(event.id, None), Pager::first(Order::Newest, 1));
    let succeeded = match state {
        Some(DeliveryState::Delivered) => Some(true),
        Some(DeliveryState::Dead) => Some(false),
        _ => None,
    };
    let query = AttemptQuery { of, succeeded, class: None, like: Like::default(), pager };
    Ok(store.attempts_of(query).await?.items.pop())
}

/// The state that wants most attention; none if nobody wanted the event. What somebody sent elsewhere in vain counts
/// only where there is nothing else.
async fn state(store: &dyn Store, deliveries: &[Delivery]) -> Result<Option<DeliveryState>, StoreError> {
    let mut states = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        if delivery.state == DeliveryState::Dead && deliveries.len() > 1 {
            let endpoint = store.endpoint(delivery.endpoint).await?;
            if endpoint.is_some_and(|endpoint| endpoint.kind == EndpointKind::Replay) {
                continue;
            }
        }
        states.push(delivery.state);
    }
    let order = [DeliveryState::Dead, DeliveryState::InFlight, DeliveryState::Pending, DeliveryState::Delivered];
    let worst = order.into_iter().find(|state| states.contains(state));
    Ok(worst.or_else(|| deliveries.first().map(|delivery| delivery.state)))
}
