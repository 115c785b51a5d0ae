//! How things are shown to the SDKs: every field that any of them wants, under its old name and its new one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::model::{App, Attempt, Delivery, DeliveryState, Endpoint, Event, EventType, FailureKind, Timestamp};

/// How much of an answer is shown.
const SHOWN: usize = 20_000;
/// A payload that is not asked for.
const NO_PAYLOAD: &str = "{}";
/// A payload that was removed.
const EXPIRED: &str = r#"{"expired":true}"#;

/// A message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageOut<'a> {
    id: String,
    event_id: Option<&'a str>,
    event_type: &'a str,
    payload: &'a RawValue,
    channels: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [String]>,
    timestamp: String,
}

/// A message, with its payload or without.
pub(super) fn message(event: &Event, with_content: bool) -> MessageOut<'_> {
    let payload = match with_content {
        true if event.marks.expunged => raw(EXPIRED.as_bytes()),
        // What is no object could not be read by any SDK.
        true => raw(&event.request.body).filter(|payload| payload.get().starts_with('{')),
        false => None,
    };
    message_with(event, payload)
}

/// A message with this payload.
pub(super) fn message_with<'a>(event: &'a Event, payload: Option<&'a RawValue>) -> MessageOut<'a> {
    let marks = &event.marks;
    MessageOut {
        id: event.id.to_string(),
        event_id: marks.uid.as_deref(),
        event_type: &event.event_type,
        payload: payload.or_else(|| raw(NO_PAYLOAD.as_bytes())).unwrap_or(RawValue::NULL),
        channels: some(&marks.channels),
        tags: some(&marks.tags),
        timestamp: event.request.received_at.to_string(),
    }
}

fn raw(body: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(body).ok()
}

fn some(list: &[String]) -> Option<&[String]> {
    Some(list).filter(|list| !list.is_empty())
}

/// An app.
pub(super) fn app(app: &App) -> Value {
    let mut out = json!({
        "id": app.id.to_string(),
        "name": app.title,
        "metadata": app.metadata,
        "throttleRate": app.rate_limit,
        "createdAt": app.created_at.to_string(),
        "updatedAt": app.updated_at.to_string(),
    });
    // Their absence says that there is none.
    if let Value::Object(fields) = &mut out {
        if let Some(uid) = &app.uid {
            fields.insert("uid".to_owned(), json!(uid));
        }
        if let Some(rate) = app.rate_limit {
            fields.insert("rateLimit".to_owned(), json!(rate));
        }
    }
    out
}

/// A type of event.
pub(super) fn event_type(one: &EventType, with_content: bool) -> Value {
    let schemas = || -> Map<String, Value> {
        let read = |text: &String| serde_json::from_str(text).unwrap_or(Value::Null);
        one.schemas.iter().map(|(version, text)| (version.clone(), read(text))).collect()
    };
    let mut out = json!({
        "name": one.name,
        "description": one.description,
        "archived": one.archived,
        "deprecated": one.deprecated,
        "schemas": (with_content && !one.schemas.is_empty()).then(schemas),
        "createdAt": one.created_at.to_string(),
        "updatedAt": one.updated_at.to_string(),
    });
    if let Value::Object(fields) = &mut out {
        if let Some(flag) = one.feature_flags.first() {
            fields.insert("featureFlag".to_owned(), json!(flag));
            fields.insert("featureFlags".to_owned(), json!(one.feature_flags));
        }
        if let Some(group) = &one.group {
            fields.insert("groupName".to_owned(), json!(group));
        }
    }
    out
}

/// An endpoint.
pub(super) fn endpoint(endpoint: &Endpoint) -> Value {
    let channels = some(&endpoint.channels);
    json!({
        "id": endpoint.id.to_string(),
        "url": endpoint.url,
        "description": endpoint.description,
        "uid": endpoint.uid,
        "disabled": endpoint.disabled.is_some(),
        "filterTypes": endpoint.event_types,
        "eventTypes": endpoint.event_types,
        "channels": channels,
        "rateLimit": endpoint.rate_limit,
        "throttleRate": endpoint.rate_limit,
        "version": 1,
        "metadata": endpoint.metadata,
        "createdAt": endpoint.created_at.to_string(),
        "updatedAt": endpoint.updated_at.to_string(),
    })
}

/// An attempt.
pub(super) fn attempt(attempt: &Attempt, with_content: bool) -> Value {
    let (status, text) = if attempt.succeeded() { (0, "success") } else { (2, "fail") };
    json!({
        "id": attempt.id.to_string(),
        "msgId": attempt.event.to_string(),
        "endpointId": attempt.endpoint.to_string(),
        "url": attempt.url,
        "status": status,
        "statusText": text,
        "responseStatusCode": attempt.status().unwrap_or(0),
        "response": if with_content { response(attempt) } else { "{}".to_owned() },
        "responseDurationMs": u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
        "triggerType": i32::from(attempt.manual),
        "timestamp": attempt.started_at.to_string(),
    })
}

/// What was answered, or why nothing was.
fn response(attempt: &Attempt) -> String {
    match &attempt.outcome {
        Err(failure) if failure.kind == FailureKind::Timeout => format!("request timed out: {}", failure.message),
        Err(failure) => failure.message.clone(),
        Ok(response) => {
            let shown = response.body.get(..SHOWN).unwrap_or(&response.body);
            match str::from_utf8(shown) {
                Ok(text) => text.to_owned(),
                // A character that the cut went through is no sign that this is no text.
                Err(why) if shown.len() == SHOWN && shown.len() - why.valid_up_to() < 4 => {
                    String::from_utf8_lossy(shown.get(..why.valid_up_to()).unwrap_or_default()).into_owned()
                }
                Err(_) => STANDARD.encode(shown),
            }
        }
    }
}

/// How far a delivery is: its number and its word.
pub(super) const fn status_of(delivery: &Delivery) -> (u8, &'static str) {
    match delivery.state {
        DeliveryState::Delivered => (0, "success"),
        DeliveryState::Dead => (2, "fail"),
        DeliveryState::Pending | DeliveryState::InFlight => (3, "sending"),
    }
}

/// When a delivery is tried again.
pub(super) fn next_attempt(delivery: &Delivery) -> Option<String> {
    let waits = matches!(delivery.state, DeliveryState::Pending | DeliveryState::InFlight);
    delivery.due_at.filter(|due| waits && *due < Timestamp::NEVER).map(|due| due.to_string())
}
