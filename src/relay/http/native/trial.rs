//! Events for trying things out: real ones, on the real path.

use bytes::Bytes;
use serde_json::json;
use serde_json::value::RawValue;

use crate::catalog::{self, Sample};
use crate::model::{AppName, CapturedRequest, Endpoint, Event, EventId, Marks, Timestamp};
use crate::policy::route;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::{Fields, Params};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::{Face, json_answer};
use crate::relay::judge::own_app;
use crate::relay::publish::Draft;
use crate::sign;

/// The envelope of events that are made here.
const SCHEME: &str = "standard-webhooks";
/// The type of an event that nobody named.
const USUAL: &str = "webhook.test";

/// Sends an event of a type that this endpoint wants to it alone.
pub(super) async fn endpoint(face: &Face, endpoint: &Endpoint, request: &CapturedRequest) -> Outcome {
    let fields = Fields::read(&request.body, &["event_type"])?;
    let given: Option<String> = fields.get("event_type", "a text")?;
    if endpoint.disabled.is_some() {
        return Err(Refusal::new(409, "disabled", "the endpoint is disabled: enable it first"));
    }
    let event_type = given.unwrap_or_else(|| wanted_by(endpoint));
    if !endpoint.event_types.as_ref().is_none_or(|all| all.iter().any(|glob| route::covers(glob, &event_type))) {
        return Err(Refusal::field("event_type", format!("the endpoint does not want {event_type}")));
    }
    let marks = Marks { channels: endpoint.channels.clone(), ..Marks::default() };
    let (id, now) = (face.pipeline.event_id(), face.pipeline.clock.now());
    let body = sample(&event_type, id, now);
    let request = face.pipeline.made_request("/", body);
    let app = endpoint.app.clone();
    let draft = Draft { id, app, event_type, request, marks, only: Some(endpoint.id), record: None };
    let event = face.pipeline.publish(draft).await?;
    Ok(json_answer(202, &said(&event)))
}

/// Makes an event, for every endpoint that wants it.
pub(super) async fn event(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.method != "POST" {
        return Err(wrong_method("POST"));
    }
    let caller = Caller::of(face, request, Deed::Send).await?;
    let params = Params::read(request, &["app"])?;
    let known = ["event_type", "eventType", "type", "data", "payload", "app", "event_id", "eventId", "channels"];
    let fields = Fields::read(&request.body, &known)?;
    let text = |names: &[&str]| {
        let mut all = names.iter().map(|name| fields.get::<String>(name, "a text"));
        all.find_map(Result::transpose).transpose()
    };
    let event_type = text(&["event_type", "eventType", "type"])?.unwrap_or_else(|| USUAL.to_owned());
    if event_type.is_empty() || event_type.len() > 256 || event_type.chars().any(char::is_control) {
        return Err(Refusal::field("event_type", "must have 1 to 256 characters"));
    }
    let uid = text(&["event_id", "eventId"])?;
    let app = caller.app(face, text(&["app"])?.as_deref().or(params.get("app"))).await?;
    let channels: Vec<String> = fields.get("channels", "a list of texts")?.unwrap_or_default();
    let pipeline = &face.pipeline;
    own_app(pipeline.store.as_ref(), pipeline.clock.as_ref(), &app).await?;
    let (id, now) = (pipeline.event_id(), pipeline.clock.now());
    for (name, given) in [("payload", fields.raw("payload")), ("data", fields.raw("data"))] {
        let Some(given) = given else { continue };
        if let Some(fault) = pipeline.misfit(id, &event_type, given.get()).await? {
            return Err(Refusal::field(name, fault));
        }
    }
    let body = match (fields.raw("payload"), fields.raw("data")) {
        (Some(payload), _) => Bytes::from(payload.get().to_owned()),
        (None, Some(data)) => wrapped(&event_type, id, data.get(), now),
        (None, None) => sample(&event_type, id, now),
    };
    // A listener's apps get what comes in, so that is how it comes.
    if uid.is_none() && channels.is_empty() && !pipeline.options.forwards.is_empty() {
        return arrive(face, app, (&event_type, id), body).await;
    }
    let marks = Marks { uid, channels, ..Marks::default() };
    let mut made = pipeline.made_request("/", body);
    for name in ["traceparent", "tracestate"] {
        if let Some(value) = request.headers.value(name) {
            // It was a header line before.
            drop(made.headers.push(name, value));
        }
    }
    let draft = Draft { id, app, event_type, request: made, marks, only: None, record: None };
    Ok(json_answer(202, &said(&*pipeline.publish(draft).await?)))
}

/// Takes an event in at the inbox, signed with the app's own secret as its senders sign.
async fn arrive(face: &Face, app: AppName, (event_type, id): (&str, EventId), body: Bytes) -> Outcome {
    let (pipeline, now) = (&face.pipeline, face.pipeline.clock.now());
    let target = format!("/in/{app}");
    let mut request = pipeline.made_request(&target, body);
    if let Some(scheme) = sign::preset(SCHEME) {
        let secrets = own_app(pipeline.store.as_ref(), pipeline.clock.as_ref(), &app).await?.secrets;
        let (id, params) = (id.to_string(), sign::Params::default());
        let outgoing = sign::Outgoing {
            id: &id,
            event_type,
            method: &request.method,
            url: &target,
            content_type: "application/json",
            body: &request.body,
            attempt: 0,
            params: &params,
        };
        let signed = sign::sign(&scheme, &secrets, &outgoing, now);
        let signed = signed.map_err(|why| Refusal::new(422, "cannot_sign", why.to_string()))?;
        request.headers = request.headers.overlaid(&signed);
    }
    let id = pipeline.ingest(app.clone(), request).await?.event.to_string();
    Ok(json_answer(202, &json!({"type": "created", "id": id, "app": app.as_str(), "event_type": event_type})))
}

/// A type that an endpoint wants.
fn wanted_by(endpoint: &Endpoint) -> String {
    let Some(glob) = endpoint.event_types.as_ref().and_then(|all| all.first()) else { return USUAL.to_owned() };
    if !glob.contains('*') {
        return glob.clone();
    }
    let known = catalog::of_product("platform").find(|kind| route::covers(glob, &kind.name));
    known.map_or_else(|| glob.replace('*', "test"), |kind| kind.name.clone())
}

/// What an event of this type may carry, in its envelope.
fn sample(event_type: &str, id: EventId, now: Timestamp) -> Bytes {
    let data = match catalog::find(event_type, SCHEME).map(|kind| &kind.sample) {
        Some(Sample::Json(data)) => data.to_string(),
        _ => json!({"message": "This is a test."}).to_string(),
    };
    wrapped(event_type, id, &data, now)
}

fn wrapped(event_type: &str, id: EventId, data: &str, now: Timestamp) -> Bytes {
    let raw = RawValue::from_string(data.to_owned()).ok();
    match sign::preset(SCHEME).zip(raw) {
        Some((scheme, raw)) => Bytes::from(sign::wrap(&scheme, event_type, &id.to_string(), &raw, now)),
        None => Bytes::from(data.to_owned()),
    }
}

fn said(event: &Event) -> serde_json::Value {
    json!({"type": "created", "id": event.id.to_string(), "app": event.app.as_str(), "event_type": event.event_type})
}
