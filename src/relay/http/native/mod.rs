//! The API in our own words: endpoints, events, their stream, and what machines ask.

mod caller;
mod endpoints;
pub(crate) mod events;
mod fields;
mod look;
mod metrics;
pub(crate) mod openapi;
pub(crate) mod portal;
mod recall;
mod refusal;
mod replay;
pub(crate) mod seed;
mod stream;
mod trial;
mod tunnel;
mod types;
mod wish;

use serde_json::{Value, json};

use crate::model::{CapturedRequest, Tally};
use crate::net::Answer;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::recall::Asked;
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::{Face, json_answer};

/// What a request comes to.
type Outcome = Result<Answer, Refusal>;

/// Answers a request.
pub(crate) async fn answer(face: &Face, request: CapturedRequest) -> Answer {
    remembered(face, &request).await.unwrap_or_else(Refusal::answer)
}

/// What was answered to the same request before, or else an answer.
async fn remembered(face: &Face, request: &CapturedRequest) -> Outcome {
    let Some(asked) = Asked::of(face, request).await? else { return route(face, request).await };
    // A twin that is under way has no answer yet that could be given again.
    let _turn = asked.turn(face).await?;
    if let Some(answer) = asked.answered(face).await? {
        return Ok(answer);
    }
    let answer = route(face, request).await?;
    asked.note(face, &answer).await?;
    Ok(answer)
}

async fn route(face: &Face, request: &CapturedRequest) -> Outcome {
    let path = request.path();
    let path = path.strip_prefix("/api").unwrap_or(path);
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["v1", "admin", "webhooks", rest @ ..] => endpoints::answer(face, request, rest).await,
        ["v1", "webhooks", "events", rest @ ..] => events::answer(face, request, rest).await,
        ["v1", "webhooks", "test"] => trial::event(face, request).await,
        ["v1", "listen"] | ["v1", "listen", ""] => tunnel::listen(face, request),
        ["v1", "tunnel"] => tunnel::answer(face, request).await,
        ["v1", "webhooks", "portal"] => portal::link(face, request).await,
        ["v1", "webhooks", "redrive"] => replay::dead(face, request).await,
        ["v1", "webhooks", own @ ("access" | "stats" | "types"), rest @ ..] => looked(face, request, own, rest).await,
        ["webhooks", "sync"] => types::sync(face, request).await,
        ["portal", token] => portal::show(face, request, token).await,
        ["metrics"] => metrics::answer(face, request).await,
        ["openapi.json"] => {
            Caller::of(face, request, Deed::Look).await?;
            Ok(json_answer(200, &openapi::document()))
        }
        _ => Err(Refusal::new(404, "not_found", "there is nothing at this path")),
    }
}

/// What can only be looked at.
async fn looked(face: &Face, request: &CapturedRequest, what: &str, rest: &[&str]) -> Outcome {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(wrong_method("GET"));
    }
    match (what, rest) {
        ("access", []) => look::access(face, request).await,
        ("stats", []) => look::figures::answer(face, request).await,
        ("types", []) => look::catalogue::list(face, request).await,
        ("types", [name]) => look::catalogue::show(face, request, name).await,
        _ => Err(Refusal::new(404, "not_found", "there is nothing at this path")),
    }
}

/// A method that a path does not know.
fn wrong_method(known: &str) -> Refusal {
    Refusal::new(405, "method_not_allowed", format!("only {known} is known here"))
}

/// Counts as scripts see them.
fn stats(tally: &Tally) -> Value {
    let (all, latency) = (tally.succeeded + tally.failed, &tally.latency);
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits than that")]
    let rate = (all > 0).then(|| tally.succeeded as f64 / all as f64);
    let millis = |percent| latency.percentile(percent).map(|length| length.as_secs_f64() * 1000.0);
    json!({
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "recovered": tally.recovered,
        "dead": tally.dead,
        "success_rate": rate,
        "latency_ms": {"p50": millis(50), "p95": millis(95), "p99": millis(99)},
    })
}
