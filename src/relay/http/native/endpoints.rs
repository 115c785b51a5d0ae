//! `/api/v1/admin/webhooks`: the endpoints of an app.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::rules;
use crate::model::{
    AppName, CapturedRequest, DatedSecret, Endpoint, EndpointId, EndpointKind, Secret, Target, Timestamp,
};
use crate::net::{Answer, Body};
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::{Fields, Params};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::wish::{OWN_SCHEME, Wish};
use crate::relay::http::native::{Outcome, trial, wrong_method};
use crate::relay::http::{Face, guarded, json_answer};
use crate::relay::judge::own_app;
use crate::relay::pipeline::Pipeline;
use crate::sign;
use crate::store::{Order, Page, Pager, Start, Tallied};

/// How long a replaced secret goes on signing.
const GRACE: Duration = Duration::from_secs(24 * 3600);
/// What the counts of an endpoint are about.
const STATS: Duration = Duration::from_secs(24 * 3600);

/// Answers what is under the path of the endpoints.
pub(super) async fn answer(face: &Face, request: &CapturedRequest, rest: &[&str]) -> Outcome {
    let method = request.method.as_str();
    let look = matches!(method, "GET" | "HEAD");
    let secret = matches!(rest, [_, "secret"]);
    let caller = Caller::of(face, request, if look && !secret { Deed::Look } else { Deed::Manage }).await?;
    let params = Params::read(request, &["app", "limit", "cursor"])?;
    let app = caller.app(face, params.get("app")).await?;
    match (method, rest) {
        ("GET" | "HEAD", [] | [""]) => list(face, &app, &params).await,
        ("POST", [] | [""]) => create(face, &app, request).await,
        (_, [] | [""]) => Err(wrong_method("GET or POST")),
        (_, [key, rest @ ..]) => {
            let found = face.pipeline.store.endpoint_of(&app, key).await?;
            let endpoint = found.ok_or_else(|| Refusal::missing("such endpoint in this app"))?;
            one(face, request, (endpoint, rest)).await
        }
    }
}

async fn one(face: &Face, request: &CapturedRequest, (endpoint, rest): (Endpoint, &[&str])) -> Outcome {
    match (request.method.as_str(), rest) {
        ("GET" | "HEAD", []) => show(face, &endpoint).await,
        ("PATCH" | "PUT", []) => change(face, &endpoint, request).await,
        ("DELETE", []) => delete(face, &endpoint).await,
        (_, []) => Err(wrong_method("GET, PATCH or DELETE")),
        ("POST", ["rotate-secret"]) => rotate(face, &endpoint, request).await,
        ("GET", ["secret"]) => Ok(json_answer(200, &json!({"type": "secret", "secret": current(&endpoint)}))),
        ("POST", ["test"]) => trial::endpoint(face, &endpoint, request).await,
        (_, ["rotate-secret" | "test"]) => Err(wrong_method("POST")),
        (_, ["secret"]) => Err(wrong_method("GET")),
        _ => Err(Refusal::new(404, "not_found", "there is nothing at this path")),
    }
}

async fn list(face: &Face, app: &AppName, params: &Params) -> Outcome {
    let after: Option<EndpointId> = params.parsed("cursor", str::parse)?;
    let start = after.map_or(Start::First, Start::After);
    let pager = Pager { order: Order::Oldest, start, limit: params.limit(100, 1000)? };
    let Page { items, more } = face.pipeline.store.endpoints(app, pager).await?;
    let next = items.last().filter(|_| more).map(|last| last.id.to_string());
    let data: Vec<Value> = items.iter().map(shown).collect();
    Ok(json_answer(200, &json!({"data": data, "next_cursor": next})))
}

async fn show(face: &Face, endpoint: &Endpoint) -> Outcome {
    let (store, now) = (&face.pipeline.store, face.pipeline.clock.now());
    let health = store.health(endpoint.id).await?;
    let tally = store.tally(Tallied::Endpoint(endpoint.id), now.minus(STATS), now).await?;
    let mut value = shown(endpoint);
    value["failing_since"] = json!(health.failing_since.map(|at| at.to_string()));
    value["failures_in_a_row"] = json!(health.failures);
    value["last_day"] = crate::relay::http::native::stats(&tally);
    Ok(json_answer(200, &value))
}

async fn create(face: &Face, app: &AppName, request: &CapturedRequest) -> Outcome {
    let (pipeline, wish) = (&face.pipeline, Wish::read(&request.body)?);
    let (target, _) = wish.place.clone().ok_or_else(|| Refusal::field("url", "is needed"))?;
    callable(pipeline, &wish)?;
    own_app(pipeline.store.as_ref(), pipeline.clock.as_ref(), app).await?;
    has_room(pipeline, app).await?;
    let new = fresh(pipeline, app, target, &wish)?;
    let made = pipeline.store.create_endpoint(new).await?;
    pipeline.roster.forget(app);
    Ok(json_answer(201, &with_secret(&made)))
}

/// Refuses one more than an app may have.
pub(super) async fn has_room(pipeline: &Pipeline, app: &AppName) -> Result<(), Refusal> {
    let there = pipeline.roster.of(app).await?.len();
    rules::another_endpoint(there).map_err(|wrong| Refusal::new(422, "limit_reached", wrong))
}

/// Refuses a place that this relay would never call.
pub(super) fn callable(pipeline: &Pipeline, wish: &Wish) -> Result<(), Refusal> {
    let Some((target, _)) = &wish.place else { return Ok(()) };
    pipeline.client.may_call(target).map_err(|why| Refusal::url_blocked(&why))
}

/// A new endpoint as it is wished for, with a secret of its own.
pub(super) fn fresh(pipeline: &Pipeline, app: &AppName, target: Target, wish: &Wish) -> Result<Endpoint, Refusal> {
    let clock = pipeline.clock.as_ref();
    let now = clock.now();
    let mut new = Endpoint {
        kind: EndpointKind::Registered,
        scheme: OWN_SCHEME.to_owned(),
        redirects: true,
        ..Endpoint::new(EndpointId::new(now, clock.chance()), app.clone(), target, now)
    };
    wish.apply(&mut new, now);
    new.secrets = vec![DatedSecret { secret: secret(pipeline, &new.scheme)?, created_at: now, expires_at: None }];
    Ok(new)
}

fn secret(pipeline: &Pipeline, scheme: &str) -> Result<Secret, Refusal> {
    let unfit = || Refusal::field("scheme", format!("whk makes no secrets for {scheme}"));
    let key = pipeline.clock.key();
    let key = key.map_err(|why| Refusal::new(503, "no_randomness", why.to_string()))?;
    let scheme = sign::preset(scheme).ok_or_else(unfit)?;
    sign::new_secret(&scheme, &key).map_err(|_| unfit())
}

async fn change(face: &Face, endpoint: &Endpoint, request: &CapturedRequest) -> Outcome {
    let (wish, now) = (Wish::read(&request.body)?, face.pipeline.clock.now());
    callable(&face.pipeline, &wish)?;
    let changed =
        face.pipeline.store.change_endpoint(endpoint.id, Box::new(move |endpoint| wish.apply(endpoint, now))).await?;
    let changed = changed.ok_or_else(|| Refusal::missing("such endpoint in this app"))?;
    face.pipeline.endpoint_changed(&changed).await?;
    Ok(json_answer(200, &shown(&changed)))
}

async fn delete(face: &Face, endpoint: &Endpoint) -> Outcome {
    face.pipeline.store.delete_endpoint(endpoint.id).await?;
    face.pipeline.roster.forget(&endpoint.app);
    Ok(Answer { status: 204, headers: guarded(), body: Body::default(), ..Answer::default() })
}

async fn rotate(face: &Face, endpoint: &Endpoint, request: &CapturedRequest) -> Outcome {
    Fields::read(&request.body, &[])?;
    let (new, now) = (secret(&face.pipeline, &endpoint.scheme)?, face.pipeline.clock.now());
    let too_many = Arc::new(AtomicBool::new(false));
    let said = Arc::clone(&too_many);
    let change = move |endpoint: &mut Endpoint| {
        said.store(endpoint.rotate(new.clone(), now, GRACE).is_err(), Ordering::Release);
        endpoint.updated_at = now;
    };
    let changed = face.pipeline.store.change_endpoint(endpoint.id, Box::new(change)).await?;
    face.pipeline.roster.forget(&endpoint.app);
    if too_many.load(Ordering::Acquire) {
        return Err(Refusal::new(409, "too_many_secrets", crate::model::TooManySecrets.to_string()));
    }
    let changed = changed.ok_or_else(|| Refusal::missing("such endpoint in this app"))?;
    Ok(json_answer(200, &with_secret(&changed)))
}

/// The secret that signs first.
fn current(endpoint: &Endpoint) -> Option<&str> {
    endpoint.secrets.first().map(|dated| dated.secret.reveal())
}

fn with_secret(endpoint: &Endpoint) -> Value {
    let mut value = shown(endpoint);
    value["secret"] = json!(current(endpoint));
    value
}

/// An endpoint as scripts see it, without its secrets.
pub(super) fn shown(endpoint: &Endpoint) -> Value {
    let time = |at: Timestamp| at.to_string();
    let names: Vec<_> = endpoint.headers.iter().map(|(name, _)| String::from_utf8_lossy(name)).collect();
    json!({
        "type": "endpoint",
        "id": endpoint.id.to_string(),
        "app": endpoint.app.as_str(),
        "name": endpoint.description,
        "url": endpoint.url,
        "events": endpoint.event_types.clone().unwrap_or_else(|| vec!["*".to_owned()]),
        "uid": endpoint.uid,
        "scheme": endpoint.scheme,
        "channels": endpoint.channels,
        "headers": names,
        "rate_limit": endpoint.rate_limit,
        "ordered": endpoint.ordered,
        "redirects": endpoint.redirects,
        "disabled": endpoint.disabled.is_some(),
        "disabled_by": endpoint.disabled.map(|disabled| disabled.why.word()),
        "disabled_at": endpoint.disabled.map(|disabled| time(disabled.at)),
        "metadata": endpoint.metadata,
        "created_at": time(endpoint.created_at),
        "updated_at": time(endpoint.updated_at),
    })
}
