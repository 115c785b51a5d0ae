//! Endpoints: where an application's messages go.

use std::time::Duration;

use serde_json::json;

use crate::api::rules;
use crate::model::{App, DatedSecret, Endpoint, EndpointId, EndpointKind, Timestamp};
use crate::platform::svix;
use crate::relay::http::svix::call::{Call, Need, later};
use crate::relay::http::svix::endpoint_form::{EndpointForm, Extras};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{
    Outcome, again, attempted, attempts, examples, headers, lists, nothing, ok, outs, secrets,
};
use crate::store::{Change, Order, Tallied};

/// How far back counts are given.
const LONGEST_STATS: Duration = Duration::from_secs(28 * 86_400);

/// `/app/{app}/endpoint`
pub(super) async fn all(call: &Call<'_>, app: &str) -> Outcome {
    match call.method() {
        "GET" => {
            let app = call.app(app, Need::Look).await?;
            let pager = call.query.pager(call.query.order(Order::Newest)?)?;
            let page = call.store().endpoints(&app.name, pager).await?;
            lists::answer(&page, |endpoint| endpoint.id.to_string(), outs::endpoint)
        }
        "POST" => {
            let app = call.app(app, Need::Manage).await?;
            create(call, &app).await
        }
        _ => Err(Refusal::no_method()),
    }
}

/// `/app/{app}/endpoint/{endpoint}...`
pub(super) async fn route(call: &Call<'_>, keys: (&str, &str), rest: &[&str]) -> Outcome {
    match rest {
        [] => one(call, keys).await,
        ["headers"] => headers::route(call, keys).await,
        ["secret", rest @ ..] => secrets::route(call, keys, rest).await,
        ["stats"] => stats(call, keys).await,
        ["recover" | "replay-missing"] => again::many(call, keys, rest).await,
        ["send-example"] => examples::send(call, keys).await,
        ["msg"] => attempted::messages(call, keys).await,
        ["attempt"] => attempts::at_endpoint(call, keys.0, keys.1).await,
        _ => Err(Refusal::no_route()),
    }
}

async fn one(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    let need = if call.method() == "GET" { Need::Look } else { Need::Manage };
    let app = call.app(app, need).await?;
    match call.method() {
        "GET" => ok(200, &outs::endpoint(&call.endpoint(&app, key).await?)),
        "PUT" => match call.store().endpoint_of(&app.name, key).await? {
            None => create(call, &app).await,
            Some(endpoint) => {
                let mut form = Form::read(&call.request.body)?;
                let about = EndpointForm::read_whole(&mut form)?;
                form.done()?;
                revise(call, &endpoint, about).await
            }
        },
        "PATCH" => {
            let endpoint = call.endpoint(&app, key).await?;
            let mut form = Form::read(&call.request.body)?;
            let about = EndpointForm::read(&mut form)?;
            form.done()?;
            revise(call, &endpoint, about).await
        }
        "DELETE" => {
            let endpoint = call.endpoint(&app, key).await?;
            let there = call.store().delete_endpoint(endpoint.id).await?;
            call.pipeline().roster.forget(&app.name);
            if !there {
                return Err(Refusal::not_found());
            }
            call.pipeline().tell_of_endpoint(&endpoint, "endpoint.deleted").await?;
            Ok(nothing())
        }
        _ => Err(Refusal::no_method()),
    }
}

async fn create(call: &Call<'_>, app: &App) -> Outcome {
    let mut form = Form::read(&call.request.body)?;
    let about = EndpointForm::read_whole(&mut form)?;
    let extras = Extras::read(&mut form)?;
    form.done()?;
    about.check_place(call)?;
    about.check_types(call).await?;
    let there = call.pipeline().roster.of(&app.name).await?.len();
    rules::another_endpoint(there).map_err(|wrong| Invalid::of("limit_reached", &["body"], wrong))?;
    let (now, chance) = (call.now(), call.pipeline().clock.chance());
    // The form would have been refused without.
    let target = about.target().ok_or_else(Refusal::not_found)?;
    let secret = extras.secret.map_or_else(|| secrets::new(call), Ok)?;
    let mut new = Endpoint {
        kind: EndpointKind::Registered,
        scheme: svix::SCHEME.to_owned(),
        secrets: vec![DatedSecret { secret, created_at: now, expires_at: None }],
        headers: extras.headers.lines()?,
        ..Endpoint::new(EndpointId::new(now, chance), app.name.clone(), target, now)
    };
    about.apply(&mut new, now);
    let made = call.store().create_endpoint(new).await?;
    call.pipeline().roster.forget(&app.name);
    call.pipeline().tell_of_endpoint(&made, "endpoint.created").await?;
    ok(201, &outs::endpoint(&made))
}

async fn revise(call: &Call<'_>, endpoint: &Endpoint, about: EndpointForm) -> Outcome {
    about.check_place(call)?;
    about.check_types(call).await?;
    let now = call.now();
    let revise = move |endpoint: &mut Endpoint| {
        about.clone().apply(endpoint, now);
        endpoint.updated_at = later(now, endpoint.updated_at);
    };
    let changed = change(call, endpoint, Box::new(revise)).await?;
    ok(200, &outs::endpoint(&changed))
}

/// Changes an endpoint; the next delivery sees it.
pub(super) async fn change(
    call: &Call<'_>,
    endpoint: &Endpoint,
    change: Change<Endpoint>,
) -> Result<Endpoint, Refusal> {
    let changed = call.store().change_endpoint(endpoint.id, change).await?;
    let changed = changed.ok_or_else(Refusal::not_found)?;
    call.pipeline().endpoint_changed(&changed).await?;
    call.pipeline().tell_of_endpoint(&changed, "endpoint.updated").await?;
    Ok(changed)
}

async fn stats(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    if call.method() != "GET" {
        return Err(Refusal::no_method());
    }
    let app = call.app(app, Need::Look).await?;
    let endpoint = call.endpoint(&app, key).await?;
    let now = call.now();
    let (since, until) = (call.query.moment("since")?, call.query.moment("until")?);
    let end = until.unwrap_or(now);
    let start = since.unwrap_or_else(|| end.minus(LONGEST_STATS));
    if is_wrong(start, end, now) {
        return Err(Refusal::new(400, "invalid_range", "at most 28 days up to now can be asked for"));
    }
    let tally = call.store().tally(Tallied::Endpoint(endpoint.id), start, end).await?;
    let counts = json!({"success": tally.succeeded, "fail": tally.failed, "pending": 0, "sending": 0, "canceled": 0});
    ok(200, &counts)
}

fn is_wrong(start: Timestamp, end: Timestamp, now: Timestamp) -> bool {
    // Clocks differ a little.
    let future = end > now.plus(Duration::from_secs(60));
    future || start > end || end.since(start) > LONGEST_STATS.saturating_add(Duration::from_secs(60))
}
