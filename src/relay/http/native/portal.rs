//! The portal: a link that shows an app's owner their endpoints and events, for a while.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::model::{AppName, CapturedRequest, Delivery, Endpoint, Rights, Token, TokenId};
use crate::policy::span;
use crate::relay::http::auth;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::{Fields, Params};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::page::{escaped, page, table};
use crate::relay::http::{Face, json_answer};
use crate::relay::judge::own_app;
use crate::store::{Order, Query, StoreError};

/// How long a link is good unless it is said.
const USUAL: Duration = Duration::from_secs(7 * 86_400);
/// And how long at most.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);
/// How many events are shown.
const SHOWN: usize = 50;

/// Makes a link.
pub(super) async fn link(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.method != "POST" {
        return Err(wrong_method("POST"));
    }
    let caller = Caller::of(face, request, Deed::Operate).await?;
    let params = Params::read(request, &["app"])?;
    let fields = Fields::read(&request.body, &["app", "expires_in"])?;
    let named: Option<String> = fields.get("app", "the name of an app")?;
    let app = caller.app(face, named.as_deref().or(params.get("app"))).await?;
    let lasting = lasting(fields.get::<Value>("expires_in", "a time such as 1h, or seconds")?)?;
    let (store, clock) = (&face.pipeline.store, &face.pipeline.clock);
    own_app(store.as_ref(), clock.as_ref(), &app).await?;
    let key = clock.key().map_err(|why| Refusal::new(503, "no_randomness", why.to_string()))?;
    let (text, now) = (format!("whkp_{}", URL_SAFE_NO_PAD.encode(key)), clock.now());
    let expires_at = now.plus(lasting);
    let token = Token {
        id: TokenId::new(now, clock.chance()),
        hash: auth::hash(&text),
        label: "portal".to_owned(),
        rights: Rights::Portal,
        app: Some(app.clone()),
        feature_flags: Vec::new(),
        created_at: now,
        expires_at: Some(expires_at),
    };
    store.create_token(token).await?;
    face.doors.forget();
    let host = request.headers.text("host").unwrap_or("localhost");
    let url = format!("http://{host}/portal/{text}");
    let value = json!({"type": "portal", "url": url, "app": app.as_str(), "expires_at": expires_at.to_string()});
    Ok(json_answer(201, &value))
}

fn lasting(given: Option<Value>) -> Result<Duration, Refusal> {
    let wrong = || Refusal::field("expires_in", "must be a time such as 1h, or seconds, up to 90 days");
    let span = match given {
        None => return Ok(USUAL),
        Some(Value::String(text)) => span::duration(&text).map_err(|_| wrong())?,
        Some(Value::Number(number)) => Duration::from_secs(number.as_u64().ok_or_else(wrong)?),
        Some(_) => return Err(wrong()),
    };
    if span.is_zero() || span > LONGEST { Err(wrong()) } else { Ok(span) }
}

/// Shows the page behind a link.
pub(super) async fn show(face: &Face, request: &CapturedRequest, text: &str) -> Outcome {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(wrong_method("GET"));
    }
    let token = face.doors.known_as(text).await?;
    let app = token.filter(|token| token.rights == Rights::Portal).and_then(|token| token.app.clone());
    let Some(app) = app else {
        return Ok(page(404, "No such portal", "<p>The link has ended, or never was one. Ask for a new one.</p>\n"));
    };
    let body = [endpoints(face, &app).await?, events(face, &app).await?].concat();
    Ok(page(200, &format!("Webhooks of {app}"), &body))
}

async fn endpoints(face: &Face, app: &AppName) -> Result<String, StoreError> {
    let team = face.pipeline.roster.of(app).await?;
    let row = |endpoint: &Arc<Endpoint>| {
        let events = endpoint.event_types.as_ref().map_or_else(|| "*".to_owned(), |all| all.join(", "));
        let state = endpoint.disabled.map_or("enabled".to_owned(), |off| format!("disabled ({})", off.why.word()));
        vec![endpoint.description.clone(), endpoint.url.clone(), events, state]
    };
    let rows: Vec<_> = team.iter().take(SHOWN).map(row).collect();
    Ok(format!("<h2>Endpoints</h2>\n{}", table(&["name", "url", "events", "state"], &rows)))
}

async fn events(face: &Face, app: &AppName) -> Result<String, StoreError> {
    let store = &face.pipeline.store;
    let query = Query { app: Some(app.clone()), order: Order::Newest, limit: SHOWN, ..Query::default() };
    let mut rows = Vec::new();
    for logged in store.events(query).await? {
        let event = &logged.event;
        let deliveries = store.deliveries(event.id).await?;
        let states: Vec<_> = deliveries.iter().map(|one: &Delivery| one.state.word()).collect();
        let at = event.request.received_at.to_string();
        rows.push(vec![at, event.event_type.clone(), event.id.to_string(), states.join(", ")]);
    }
    let heads = ["received", "type", "id", "deliveries"];
    Ok(format!("<h2>Latest events of {}</h2>\n{}", escaped(app.as_str()), table(&heads, &rows)))
}
