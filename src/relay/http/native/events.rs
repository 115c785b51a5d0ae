//! `/api/v1/webhooks/events`: what happened, what became of it, and once more.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::api::events::{Find, find};
use crate::model::{AppName, Attempt, AttemptId, CapturedRequest, Delivery, DeliveryState, Event, EventId, Timestamp};
use crate::net::Answer;
use crate::policy::span;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::look::{export, live, rows, verdict};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, replay, stream, wrong_method};
use crate::relay::http::{Face, json_text};
use crate::store::{AttemptQuery, AttemptsOf, Cursor, Like, Order, Page, Pager, Start, Status};
use crate::view::{self, AttemptLine, EventLine};

/// The parameters that say which events are wanted.
const FILTERS: [&str; 11] =
    ["type", "app", "since", "until", "status", "where", "grep", "limit", "cursor", "order", "view"];
/// A page has no more bytes of bodies than this, but for its last event.
const ROOM: usize = 8 << 20;

/// Answers what is under the path of the events.
pub(super) async fn answer(face: &Face, request: &CapturedRequest, rest: &[&str]) -> Outcome {
    let method = request.method.as_str();
    match (method, rest) {
        ("GET" | "HEAD", [] | [""]) => list(face, request).await,
        ("GET", ["stream"]) => stream::answer(face, request).await,
        ("GET", ["live"]) => live::answer(face, request).await,
        ("GET" | "HEAD", [id]) => show(face, request, id).await,
        ("GET" | "HEAD", [id, "attempts"]) => attempts(face, request, id).await,
        ("GET" | "HEAD", [id, "verdict"]) => verdict::answer(face, request, id).await,
        ("GET" | "HEAD", [id, "raw"]) => export::answer(face, request, id).await,
        ("POST", [id, "replay"]) => replay::one(face, request, id).await,
        (_, [] | [_] | [_, "attempts" | "verdict" | "raw"]) => Err(wrong_method("GET")),
        (_, [_, "replay"]) => Err(wrong_method("POST")),
        _ => Err(Refusal::new(404, "not_found", "there is nothing at this path")),
    }
}

async fn list(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &FILTERS)?;
    let app = caller.scope(face, params.get("app")).await?;
    let wanted = wanted(face, &params, app)?;
    let rows = params.parsed("view", is_rows)?.unwrap_or(false);
    let found = find(face.pipeline.store.as_ref(), &wanted).await?;
    let mut lines = Vec::with_capacity(found.events.len());
    for logged in &found.events {
        let event = &logged.event;
        lines.push(if rows { rows::of(&face.pipeline, event).await?.to_string() } else { line(event) });
    }
    Ok(page(&lines, found.next.map(|next| next.0.to_string()).as_deref()))
}

fn wanted(face: &Face, params: &Params, app: Option<AppName>) -> Result<Find, Refusal> {
    let moment = |text: &str| span::moment(text, face.pipeline.clock.now(), &TimeZone::UTC);
    let all = |name| params.all(name);
    let types: Result<Vec<_>, _> = all("type").map(str::parse).collect();
    let conditions: Result<Vec<_>, _> = all("where").map(str::parse).collect();
    Ok(Find {
        app,
        types: types.map_err(|why| Refusal::parameter("type", why))?,
        since: params.parsed("since", moment)?,
        until: params.parsed("until", moment)?,
        status: params.parsed("status", status)?,
        conditions: conditions.map_err(|why| Refusal::parameter("where", why))?,
        grep: params.get("grep").map(str::to_owned),
        after: params.parsed("cursor", cursor)?,
        order: params.parsed("order", order)?.unwrap_or(Order::Newest),
        limit: params.limit(50, 1000)?,
        room: ROOM,
    })
}

fn status(text: &str) -> Result<Status, &'static str> {
    match text {
        "pending" => Ok(Status::Delivery(DeliveryState::Pending)),
        "delivered" => Ok(Status::Delivery(DeliveryState::Delivered)),
        "dead" => Ok(Status::Delivery(DeliveryState::Dead)),
        "invalid" => Ok(Status::Invalid),
        _ => Err("must be pending, delivered, dead or invalid"),
    }
}

fn order(text: &str) -> Result<Order, &'static str> {
    match text {
        "newest" => Ok(Order::Newest),
        "oldest" => Ok(Order::Oldest),
        _ => Err("must be newest or oldest"),
    }
}

fn is_rows(text: &str) -> Result<bool, &'static str> {
    match text {
        "whole" => Ok(false),
        "rows" => Ok(true),
        _ => Err("must be whole or rows"),
    }
}

fn cursor(text: &str) -> Result<Cursor, &'static str> {
    text.parse().map(Cursor).map_err(|_| "is no cursor of an earlier page")
}

/// The event of this id, if the caller may see it.
pub(super) async fn found(face: &Face, caller: &Caller, id: &str) -> Result<std::sync::Arc<Event>, Refusal> {
    let missing = || Refusal::missing("such event");
    let id: EventId = id.parse().map_err(|_| missing())?;
    let logged = face.pipeline.store.event(id).await?;
    let event = logged.map(|logged| logged.event).filter(|event| caller.token.reaches(&event.app));
    event.ok_or_else(missing)
}

async fn show(face: &Face, request: &CapturedRequest, id: &str) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let event = found(face, &caller, id).await?;
    let deliveries = face.pipeline.store.deliveries(event.id).await?;
    let deliveries = json!(deliveries.iter().map(delivery).collect::<Vec<_>>());
    Ok(json_text(200, with(&line(&event), "deliveries", &deliveries)))
}

/// A line with one more field: it is an object with fields in it, so that another fits before its end.
fn with(line: &str, name: &str, value: &Value) -> String {
    let open = line.strip_suffix('}').unwrap_or(line);
    format!("{open},\"{name}\":{value}}}")
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id.to_string(),
        "endpoint_id": delivery.endpoint.to_string(),
        "state": delivery.state.word(),
        "attempts": delivery.attempts,
        "due_at": delivery.due_at.filter(|at| *at < Timestamp::NEVER).map(|at| at.to_string()),
    })
}

async fn attempts(face: &Face, request: &CapturedRequest, id: &str) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &["limit", "cursor"])?;
    let event = found(face, &caller, id).await?;
    let after: Option<AttemptId> = params.parsed("cursor", str::parse)?;
    let start = after.map_or(Start::First, Start::After);
    let query = AttemptQuery {
        of: AttemptsOf::Event(event.id, None),
        succeeded: None,
        class: None,
        like: Like::default(),
        pager: Pager { order: Order::Oldest, start, limit: params.limit(100, 1000)? },
    };
    let Page { items, more } = face.pipeline.store.attempts_of(query).await?;
    let next = items.last().filter(|_| more).map(|last| last.id.to_string());
    let line = |attempt: &Attempt| {
        let line = view::line(&AttemptLine::from(attempt)).unwrap_or_default();
        with(&line, "started_at", &json!(attempt.started_at.to_string()))
    };
    let lines: Vec<_> = items.iter().map(line).collect();
    Ok(page(&lines, next.as_deref()))
}

/// An event as scripts see it.
pub(crate) fn line(event: &Event) -> String {
    // A line has no keys but texts.
    view::line(&EventLine::from(event)).unwrap_or_default()
}

/// A page of what are JSON objects already.
fn page(lines: &[String], next: Option<&str>) -> Answer {
    json_text(200, format!("{{\"data\":[{}],\"next_cursor\":{}}}", lines.join(","), json!(next)))
}
