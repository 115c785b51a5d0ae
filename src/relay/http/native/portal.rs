//! The portal: a link that shows an app's owner their endpoints and events, for a while.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::model::{CapturedRequest, Rights, Token, TokenId};
use crate::policy::span;
use crate::relay::http::auth;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::{Fields, Params};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::page::page;
use crate::relay::http::{Face, inspector, json_answer};
use crate::relay::judge::own_app;

/// What the tokens of links are for.
pub(crate) const LABEL: &str = "portal";
/// How long a link is good unless it is said.
const USUAL: Duration = Duration::from_secs(7 * 86_400);
/// And how long at most.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// Makes a link.
pub(super) async fn link(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.method != "POST" {
        return Err(wrong_method("POST"));
    }
    let caller = Caller::of(face, request, Deed::Operate).await?;
    let params = Params::read(request, &["app"])?;
    let fields = Fields::read(&request.body, &["app", "expires_in", "read_only"])?;
    let named: Option<String> = fields.get("app", "the name of an app")?;
    let app = caller.app(face, named.as_deref().or(params.get("app"))).await?;
    let only_look = fields.get("read_only", "true or false")?.unwrap_or(false);
    let lasting = lasting(fields.get::<Value>("expires_in", "a time such as 1h, or seconds")?)?;
    let (store, clock) = (&face.pipeline.store, &face.pipeline.clock);
    own_app(store.as_ref(), clock.as_ref(), &app).await?;
    let key = clock.key().map_err(|why| Refusal::new(503, "no_randomness", why.to_string()))?;
    let (text, now) = (format!("whkp_{}", URL_SAFE_NO_PAD.encode(key)), clock.now());
    let expires_at = now.plus(lasting);
    let token = Token {
        id: TokenId::new(now, clock.chance()),
        hash: auth::hash(&text),
        label: LABEL.to_owned(),
        rights: if only_look { Rights::Read } else { Rights::Portal },
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

/// Shows the page behind a link: the inspector, which the token in the link lets see one app.
pub(super) async fn show(face: &Face, request: &CapturedRequest, text: &str) -> Outcome {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(wrong_method("GET"));
    }
    let token = face.doors.known_as(text).await?;
    let is_portal = |token: &Token| token.app.is_some() && matches!(token.rights, Rights::Portal | Rights::Read);
    if !token.is_some_and(|token| is_portal(&token)) {
        return Ok(page(404, "No such portal", "<p>The link has ended, or never was one. Ask for a new one.</p>\n"));
    }
    Ok(inspector::page(&face.pipeline.options.access.portals))
}
