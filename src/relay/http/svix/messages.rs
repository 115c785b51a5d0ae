//! Messages: made, listed, looked at, and emptied. Making one is what an application does all day, so that it reads
//! nothing from the store and copies nothing of the payload.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::{again, rules};
use crate::model::{App, CapturedRequest, Event, EventId, Marks};
use crate::net::Answer;
use crate::platform::svix;
use crate::policy::route::wants;
use crate::relay::http::svix::apps::{self, AppForm};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{Outcome, attempted, attempts, json, lists, nothing, ok, once, outs};
use crate::relay::http::twins::Key;
use crate::relay::publish::Draft;
use crate::store::{Like, Logged, MessageQuery, Order, Recorded};

/// So many channels at most, and so many tags.
const MAX_CHANNELS: usize = 10;
/// So many days a payload can be kept.
const MAX_DAYS: u32 = 90;
/// Lists look back so far, unless they are asked otherwise.
const LOOK_BACK: Duration = Duration::from_secs(90 * 86_400);

/// What a body says about a message, each part as it was written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageForm<'a> {
    #[serde(borrow)]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    channels: Option<&'a RawValue>,
    #[serde(borrow)]
    tags: Option<&'a RawValue>,
    #[serde(borrow)]
    payload_retention_period: Option<&'a RawValue>,
    #[serde(borrow)]
    payload_retention_hours: Option<&'a RawValue>,
    #[serde(borrow)]
    application: Option<&'a RawValue>,
    #[serde(borrow)]
    transformations_params: Option<&'a RawValue>,
}

/// A message to be made.
struct New<'a> {
    event_type: Cow<'a, str>,
    payload: &'a RawValue,
    marks: Marks,
    /// Sent in place of the payload.
    sent: Option<Sent>,
    application: Option<&'a RawValue>,
}

/// A body that is no JSON, and its type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    raw_payload: Option<String>,
    headers: Option<std::collections::BTreeMap<String, String>>,
}

/// `POST /app/{app}/msg`
pub(super) async fn create(call: &Call<'_>, key: &str) -> Outcome {
    call.may(Need::Send)?;
    let Some((name, _turn)) = once::turn(call).await? else { return make(call, key, None).await };
    match make(call, key, Some(name)).await {
        Err(Refusal::Answered) => answered(call, key, name).await,
        outcome => outcome,
    }
}

async fn make(call: &Call<'_>, key: &str, name: Option<Key>) -> Outcome {
    let new = read(call)?;
    let with_content = call.query.flag("with_content", true)?;
    let app = match new.application {
        None => call.app(key, Need::Send).await?,
        Some(about) => Box::pin(inline(call, key, about)).await?,
    };
    let pipeline = call.pipeline();
    let id = pipeline.event_id();
    if let Some(fault) = pipeline.misfit(id, &new.event_type, new.payload.get()).await? {
        return Err(Invalid::value(&["body", "payload"], fault).into());
    }
    let draft = Draft {
        id,
        app: app.name.clone(),
        event_type: new.event_type.into_owned(),
        request: request(call, &app, new.payload, new.sent),
        marks: new.marks,
        only: None,
        record: name.map(|key| once::record(call, key, Recorded::Event(id))),
    };
    let event = pipeline.publish(draft).await?;
    Ok(shown(&event, new.payload, with_content))
}

/// The answer that its first request got, made anew of the message.
async fn answered(call: &Call<'_>, key: &str, name: Key) -> Outcome {
    let record = call.store().remembered(&name, call.now()).await?;
    match record.map(|record| record.answer) {
        Some(Recorded::Event(id)) => match call.store().event(id).await? {
            Some(Logged { event, .. }) => ok(202, &outs::message(&event, call.query.flag("with_content", true)?)),
            None => Err(Refusal::not_found()),
        },
        Some(Recorded::Bytes { status, body, .. }) => Ok(json(status, body)),
        // It was forgotten between two looks.
        None => make(call, key, None).await,
    }
}

fn read<'a>(call: &Call<'a>) -> Result<New<'a>, Refusal> {
    let form: MessageForm<'a> =
        serde_json::from_slice(&call.request.body).map_err(|why| Invalid::shape(&["body", "", ""], why.to_string()))?;
    let missing = |name: &str| Invalid::shape(&["body", name], format!("missing field `{name}`"));
    let event_type: Cow<'a, str> = text(form.event_type.ok_or_else(|| missing("eventType"))?, "eventType")?;
    let payload = form.payload.or(form.data).ok_or_else(|| missing("payload"))?;
    let mut faults = Vec::new();
    let mut check = |name: &str, outcome: Result<(), rules::Wrong>| {
        faults.extend(outcome.err().map(|wrong| Invalid::value(&["body", name], wrong)));
    };
    check("eventType", rules::name(&event_type));
    check("payload", if payload.get().starts_with('{') { Ok(()) } else { Err("must be an object") });
    let mut marks = Marks::default();
    if let Some(uid) = form.event_id {
        let uid = text(uid, "eventId")?;
        check("eventId", rules::uid(&uid, EventId::PREFIX));
        marks.uid = Some(uid.into_owned());
    }
    for (name, given, place) in [("channels", form.channels, &mut marks.channels), ("tags", form.tags, &mut marks.tags)]
    {
        let Some(given) = given else { continue };
        *place = parsed(given, name)?;
        let fits = (1..=MAX_CHANNELS).contains(&place.len());
        check(name, if fits { Ok(()) } else { Err("must have 1 to 10 items") });
        for one in &*place {
            check(name, rules::channel(one));
        }
    }
    let hour = Duration::from_secs(3600);
    for (name, given, unit, most) in [
        ("payloadRetentionHours", form.payload_retention_hours, hour, MAX_DAYS * 24),
        ("payloadRetentionPeriod", form.payload_retention_period, hour * 24, MAX_DAYS),
    ] {
        let Some(given) = given else { continue };
        let count: u32 = parsed(given, name)?;
        check(name, if (1..=most).contains(&count) { Ok(()) } else { Err("must be from 1 to 90 days") });
        marks.payload_until = Some(call.now().plus(unit.saturating_mul(count)));
    }
    let sent = form.transformations_params.map(|given| parsed(given, "transformationsParams")).transpose()?;
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    Ok(New { event_type, payload, marks, sent, application: form.application })
}

/// A text, without a copy if there is nothing to undo in it.
fn text<'a>(raw: &'a RawValue, name: &str) -> Result<Cow<'a, str>, Refusal> {
    let plain = raw.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match plain.filter(|plain| !plain.contains('\\')) {
        Some(plain) => Ok(Cow::Borrowed(plain)),
        None => parsed(raw, name).map(Cow::Owned),
    }
}

fn parsed<'a, T: Deserialize<'a>>(raw: &'a RawValue, name: &str) -> Result<T, Refusal> {
    serde_json::from_str(raw.get()).map_err(|why| Invalid::shape(&["body", name], why.to_string()).into())
}

async fn inline(call: &Call<'_>, key: &str, about: &RawValue) -> Result<Arc<App>, Refusal> {
    let form = AppForm::read(Form::read_at(about.get().as_bytes(), "application")?)?;
    apps::inline(call, key, form).await
}

/// What carries the message: its payload as it was posted, byte for byte.
fn request(call: &Call<'_>, app: &App, payload: &RawValue, sent: Option<Sent>) -> CapturedRequest {
    let target = format!("/in/{}", app.name);
    let Some(Sent { raw_payload: Some(raw), headers }) = sent else {
        return call.pipeline().made_request(&target, call.request.body.slice_ref(payload.get().as_bytes()));
    };
    let mut request = call.pipeline().made_request(&target, Bytes::from(raw));
    let typed = headers.into_iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some((name, value)) = typed {
        let mut headers = request.headers.without(|own| own.eq_ignore_ascii_case(name.as_bytes()));
        if headers.push("content-type", value).is_ok() {
            request.headers = headers;
        }
    }
    request
}

/// The answer to who made a message.
fn shown(event: &Event, payload: &RawValue, with_content: bool) -> Answer {
    let out = outs::message_with(event, with_content.then_some(payload));
    json(202, Bytes::from(serde_json::to_vec(&out).unwrap_or_default()))
}

/// `/app/{app}/msg`, but to make one.
pub(super) async fn list(call: &Call<'_>, app: &str) -> Outcome {
    if call.method() != "GET" {
        return Err(Refusal::no_method());
    }
    let app = call.app(app, Need::Look).await?;
    let with_content = call.query.flag("with_content", true)?;
    let mut like = call.query.like()?;
    if like.after.is_none() && like.before.is_none() && call.query.text("iterator").is_none() {
        like = Like { after: Some(call.now().minus(LOOK_BACK)), ..like };
    }
    let pager = call.query.pager(Order::Newest)?;
    let query = MessageQuery { app: app.name.clone(), like, without: None, pager };
    let page = call.store().messages(query).await?;
    let data = page.items.iter().map(|logged| outs::message(&logged.event, with_content)).collect();
    lists::with(&page, |logged| logged.event.id.to_string(), data)
}

/// `/app/{app}/msg/{message}...`
pub(super) async fn route(call: &Call<'_>, keys: (&str, &str), rest: &[&str]) -> Outcome {
    match (call.method(), rest) {
        ("GET", []) => {
            let app = call.app(keys.0, Need::Look).await?;
            let logged = call.message(&app, keys.1).await?;
            ok(200, &outs::message(&logged.event, call.query.flag("with_content", true)?))
        }
        ("DELETE", ["content"]) => {
            let app = call.app(keys.0, Need::Operate).await?;
            let logged = call.message(&app, keys.1).await?;
            call.store().expunge_payload(logged.event.id).await?;
            Ok(nothing())
        }
        ("GET", ["endpoint"]) => attempted::destinations(call, keys).await,
        ("GET", ["endpoint", endpoint, "attempt"]) => attempts::of_message(call, keys, Some(endpoint)).await,
        ("POST", ["active"]) if keys.1 == "precheck" => precheck(call, keys.0).await,
        ("POST", ["endpoint", endpoint, svix::AGAIN]) => resend(call, keys, endpoint).await,
        ("GET", ["attempt"]) => attempts::of_message(call, keys, None).await,
        (_, ["attempt", rest @ ..]) => attempts::one(call, keys, rest).await,
        (_, [] | ["content" | "endpoint"] | ["endpoint", _, "attempt" | svix::AGAIN]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

/// Whether a message like this would go anywhere.
async fn precheck(call: &Call<'_>, app: &str) -> Outcome {
    let app = call.app(app, Need::Send).await?;
    let mut form = Form::read(&call.request.body)?;
    let name = form.text("eventType", rules::name)?;
    let name = form.required("eventType", name)?;
    let channels = form.texts("channels", MAX_CHANNELS, rules::channel)?.some().unwrap_or_default();
    form.done()?;
    let team = call.pipeline().roster.of(&app.name).await?;
    let active = team.iter().any(|endpoint| wants(endpoint, &name, &channels));
    ok(200, &serde_json::json!({"active": active}))
}

async fn resend(call: &Call<'_>, (app, key): (&str, &str), endpoint: &str) -> Outcome {
    let app = call.app(app, Need::Manage).await?;
    let logged = call.message(&app, key).await?;
    let endpoint = call.endpoint(&app, endpoint).await?;
    if logged.event.marks.expunged {
        return Err(Refusal::new(400, "missing_payload", "the message's payload is gone"));
    }
    let pipeline = call.pipeline();
    if logged.event.is_unproven() && pipeline.options.judging.reject && !call.token.operates() {
        return Err(Refusal::new(409, "refused", "the message came without a right signature"));
    }
    if endpoint.disabled.is_none() {
        again::once_more(call.store(), pipeline.clock.as_ref(), logged.event.id, &endpoint).await?;
        pipeline.ring(endpoint.id, &app.name);
    }
    ok(202, &serde_json::json!({}))
}
