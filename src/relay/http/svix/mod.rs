//! The Svix-compatible API, so that its SDKs work unchanged.

mod again;
mod apps;
mod attempted;
mod attempts;
mod call;
mod endpoint_form;
mod endpoints;
mod event_types;
mod examples;
mod form;
mod headers;
mod lists;
mod messages;
mod once;
mod outs;
mod portal;
mod query;
mod refusal;
mod secrets;
mod tasks;

use std::sync::LazyLock;

use bytes::Bytes;
use serde::Serialize;

use crate::model::{CapturedRequest, Headers};
use crate::net::{Answer, Body};
use crate::relay::http::Face;
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::operational;

pub(super) use crate::relay::http::svix::tasks::Tasks;

/// Larger requests are refused.
const MAX_BODY: usize = 2 << 20;

/// What comes of a call.
type Outcome = Result<Answer, Refusal>;

/// The lines of every answer: browsers may read it wherever they are, since a token has to be shown.
static LINES: LazyLock<Headers> = LazyLock::new(|| {
    lines(&[
        ("content-type", "application/json"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ])
});

/// Answers a request.
pub(crate) async fn answer(face: &Face, request: CapturedRequest) -> Answer {
    if request.method == "OPTIONS" {
        return preflight(&request);
    }
    serve(face, &request).await.unwrap_or_else(|refusal| refusal.answer())
}

async fn serve(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.body.len() > MAX_BODY {
        return Err(Refusal::new(413, "payload_too_large", "a request has at most 2 MiB"));
    }
    let path = call::path_of(request);
    let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    if path.first() == Some(&"health") {
        return health(request, &path);
    }
    let call = Call::new(face, request).await?;
    match (request.method.as_str(), path.as_slice()) {
        // It keeps its answer with the message.
        ("POST", ["app", app, "msg"]) => messages::create(&call, app).await,
        // Everything else is rare, and its size on the stack is no burden to what is not.
        ("POST", path) => Box::pin(once::once(&call, path)).await,
        (_, path) => Box::pin(dispatch(&call, path)).await,
    }
}

/// Who answers which path.
async fn dispatch(call: &Call<'_>, path: &[&str]) -> Outcome {
    match path {
        ["app"] => apps::all(call).await,
        ["app", app] => apps::one(call, app).await,
        ["app", app, "endpoint"] => endpoints::all(call, app).await,
        ["app", app, "endpoint", endpoint, rest @ ..] => endpoints::route(call, (app, endpoint), rest).await,
        ["app", app, "msg"] => messages::list(call, app).await,
        ["app", app, "msg", message, rest @ ..] => messages::route(call, (app, message), rest).await,
        ["app", app, "attempt", rest @ ..] => attempts::route(call, app, rest).await,
        ["event-type", rest @ ..] => event_types::route(call, rest).await,
        ["auth", rest @ ..] => portal::route(call, rest).await,
        ["background-task", rest @ ..] => tasks::route(call, rest),
        ["operational-webhook", "endpoint", rest @ ..] => watchers(call, rest).await,
        _ => Err(Refusal::no_route()),
    }
}

/// The endpoints of those who watch over every app: those of an app of their own.
async fn watchers(call: &Call<'_>, rest: &[&str]) -> Outcome {
    call.may(Need::Operate)?;
    if call.token.app.is_some() {
        return Err(Refusal::forbidden());
    }
    if call.known_app(operational::APP).await?.is_none() {
        call.ensure(operational::APP.parse().map_err(|_| Refusal::not_found())?).await?;
    }
    match rest {
        [] => endpoints::all(call, operational::APP).await,
        [endpoint, rest @ ..] => endpoints::route(call, (operational::APP, endpoint), rest).await,
    }
}

fn health(request: &CapturedRequest, path: &[&str]) -> Outcome {
    match (request.method.as_str(), path) {
        ("GET" | "HEAD", ["health"]) => ok(200, &serde_json::json!({"status": "ok"})),
        ("GET" | "HEAD", ["health", "ping"]) => Ok(nothing()),
        (_, ["health" | "ping", ..]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

/// Any page may call: what it asks for is what it gets.
fn preflight(request: &CapturedRequest) -> Answer {
    let asked = |name| request.headers.text(name).unwrap_or("*").to_owned();
    let headers = lines(&[
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", &asked("access-control-request-method")),
        ("access-control-allow-headers", &asked("access-control-request-headers")),
        ("access-control-max-age", "600"),
    ]);
    Answer { status: 204, headers, ..Answer::default() }
}

/// An answer with a body.
fn ok(status: u16, value: &impl Serialize) -> Outcome {
    let body = serde_json::to_vec(value).map_err(|why| Refusal::new(500, "internal", why.to_string()))?;
    Ok(json(status, Bytes::from(body)))
}

/// An answer of which the body is JSON already.
fn json(status: u16, body: Bytes) -> Answer {
    Answer { status, headers: LINES.clone(), body: Body::Full(body), ..Answer::default() }
}

/// 204.
fn nothing() -> Answer {
    json(204, Bytes::new())
}

fn lines(lines: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in lines {
        // A value that came from outside was the value of a header line before.
        drop(headers.push(name, value));
    }
    headers
}
