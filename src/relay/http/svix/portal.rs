//! Tokens for an application's owner, who then manages its endpoints in a portal.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::api::rules;
use crate::model::{App, Rights};
use crate::relay::http::auth::{Grant, issue};
use crate::relay::http::native::portal::LABEL;
use crate::relay::http::svix::apps::{self, AppForm};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, nothing, ok};

/// How long a token is good, if nothing is said.
const USUAL: Duration = Duration::from_secs(28 * 86_400);
/// And at least and at most, in seconds.
const BOUNDS: (u64, u64) = (1, 365 * 86_400);

/// `/auth/...`
pub(super) async fn route(call: &Call<'_>, path: &[&str]) -> Outcome {
    match (call.method(), path) {
        ("POST", ["app-portal-access", app]) => access(call, app, Form::read(&call.request.body)).await,
        // It is older than the others, and has no body.
        ("POST", ["dashboard-access", app]) => access(call, app, Form::read(b"{}")).await,
        ("POST", ["logout"]) => {
            // A token that works for the application itself is not thrown away by accident.
            if call.token.rights == Rights::Portal {
                call.store().revoke_token(call.token.id).await?;
                call.face.doors.forget();
            }
            Ok(nothing())
        }
        ("POST", ["app", app, "expire-all"]) => {
            let app = call.app(app, Need::Operate).await?;
            expire_all(call, &app).await
        }
        (_, ["app-portal-access" | "dashboard-access", _] | ["logout"] | ["app", _, "expire-all"]) => {
            Err(Refusal::no_method())
        }
        _ => Err(Refusal::no_route()),
    }
}

async fn access(call: &Call<'_>, key: &str, form: Result<Form, Refusal>) -> Outcome {
    call.may(Need::Operate)?;
    let mut form = form?;
    let flags = form.texts("featureFlags", usize::MAX, rules::name);
    // An empty list is as good as none here.
    let flags = flags?.some().unwrap_or_default();
    let expiry = form.number("expiry", BOUNDS.0, BOUNDS.1)?.some();
    let only_look = form.flag("readOnly")?.some().unwrap_or(false);
    let inline = form.within("application")?.map(AppForm::read).transpose()?;
    form.done()?;
    let app: Arc<App> = match inline {
        Some(about) => apps::inline(call, key, about).await?,
        None => call.app(key, Need::Operate).await?,
    };
    let grant = Grant {
        label: LABEL.to_owned(),
        rights: if only_look { Rights::Read } else { Rights::Portal },
        app: Some(app.name.clone()),
        feature_flags: flags,
        lasting: Some(expiry.map_or(USUAL, Duration::from_secs)),
    };
    let (text, token) =
        issue(call.pipeline().clock.as_ref(), grant).map_err(|why| Refusal::new(500, "internal", why.to_string()))?;
    call.store().create_token(token).await?;
    let host = call.request.headers.text("host").unwrap_or("localhost");
    ok(200, &json!({"url": format!("http://{host}/portal/{text}"), "token": text}))
}

/// Ends the tokens of an application's portals, those that only look too, and no others.
async fn expire_all(call: &Call<'_>, app: &App) -> Outcome {
    let mut pager = crate::store::Pager::first(crate::store::Order::Oldest, 500);
    loop {
        let page = call.store().tokens(Some(&app.name), pager.clone()).await?;
        for token in page.items.iter().filter(|token| token.rights == Rights::Portal || token.label == LABEL) {
            call.store().revoke_token(token.id).await?;
        }
        match page.items.last() {
            Some(last) if page.more => pager.start = crate::store::Start::After(last.id),
            _ => break,
        }
    }
    call.face.doors.forget();
    Ok(nothing())
}
