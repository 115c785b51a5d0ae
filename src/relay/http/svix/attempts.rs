//! Attempts: each try of a message at an endpoint, and what came of it.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::model::{Attempt, AttemptId, EventId};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, lists, nothing, ok, outs};
use crate::store::{AttemptQuery, AttemptsOf, Order, Page};

/// Outcomes by their numbers; no attempt is kept before it is over.
const STATUSES: [(&str, Wanted); 5] = [
    ("0", Wanted::Of(true)),
    ("1", Wanted::Nothing),
    ("2", Wanted::Of(false)),
    ("3", Wanted::Nothing),
    ("4", Wanted::Nothing),
];
const CLASSES: [(&str, u16); 6] = [("0", 0), ("100", 1), ("200", 2), ("300", 3), ("400", 4), ("500", 5)];

#[derive(Clone, Copy)]
enum Wanted {
    Nothing,
    Of(bool),
}

/// `/app/{app}/attempt/...`
pub(super) async fn route(call: &Call<'_>, app: &str, rest: &[&str]) -> Outcome {
    match rest {
        ["msg", message] => of_message(call, (app, message), call.query.text("endpoint_id")).await,
        ["endpoint", endpoint] => at_endpoint(call, app, endpoint).await,
        _ => Err(Refusal::no_route()),
    }
}

/// The attempts of a message, at one endpoint or at all.
pub(super) async fn of_message(call: &Call<'_>, (app, key): (&str, &str), endpoint: Option<&str>) -> Outcome {
    let app = call.app(app, Need::Look).await?;
    let logged = call.message(&app, key).await?;
    let endpoint = match endpoint {
        Some(key) => Some(call.endpoint(&app, key).await?.id),
        None => None,
    };
    list(call, AttemptsOf::Event(logged.event.id, endpoint)).await
}

/// The attempts at an endpoint.
pub(super) async fn at_endpoint(call: &Call<'_>, app: &str, key: &str) -> Outcome {
    let app = call.app(app, Need::Look).await?;
    let endpoint = call.endpoint(&app, key).await?;
    list(call, AttemptsOf::Endpoint(endpoint.id)).await
}

async fn list(call: &Call<'_>, of: AttemptsOf) -> Outcome {
    if call.method() != "GET" {
        return Err(Refusal::no_method());
    }
    let with_content = call.query.flag("with_content", true)?;
    let like = call.query.like()?;
    let class = call.query.choice("status_code_class", &CLASSES)?;
    let pager = call.query.pager(Order::Newest)?;
    let status = call.query.choice("status", &STATUSES)?;
    let succeeded = match status {
        None => None,
        Some(Wanted::Of(succeeded)) => Some(succeeded),
        Some(Wanted::Nothing) => return ok(200, &json!({"data": [], "iterator": null, "done": true})),
    };
    let page = call.store().attempts_of(AttemptQuery { of, succeeded, class, like, pager }).await?;
    let messages =
        if call.query.flag("with_msg", false)? { messages(call, &page, with_content).await? } else { HashMap::new() };
    let show = |attempt: &Attempt| {
        let mut out = outs::attempt(attempt, with_content);
        if let (Value::Object(fields), Some(message)) = (&mut out, messages.get(&attempt.event)) {
            fields.insert("msg".to_owned(), message.clone());
        }
        out
    };
    lists::answer(&page, |attempt| attempt.id.to_string(), show)
}

/// The messages of these attempts.
async fn messages(
    call: &Call<'_>,
    page: &Page<Attempt>,
    with_content: bool,
) -> Result<HashMap<EventId, Value>, Refusal> {
    let mut found = HashMap::new();
    for attempt in &page.items {
        if !found.contains_key(&attempt.event)
            && let Some(logged) = call.store().event(attempt.event).await?
        {
            found.insert(attempt.event, json!(outs::message(&logged.event, with_content)));
        }
    }
    Ok(found)
}

/// `/app/{app}/msg/{message}/attempt/{attempt}...`
pub(super) async fn one(call: &Call<'_>, (app, key): (&str, &str), rest: &[&str]) -> Outcome {
    let need = if call.method() == "GET" { Need::Look } else { Need::Operate };
    let app = call.app(app, need).await?;
    let event = call.message(&app, key).await?.event.id;
    let id = |key: &str| key.parse::<AttemptId>().map_err(|_| Refusal::not_found());
    match (call.method(), rest) {
        ("GET", [key]) => {
            let attempt = call.store().attempt(event, id(key)?).await?.ok_or_else(Refusal::not_found)?;
            ok(200, &outs::attempt(&attempt, call.query.flag("with_content", true)?))
        }
        ("DELETE", [key, "content"]) => {
            let there = call.store().expunge_answer(event, id(key)?).await?;
            if there { Ok(nothing()) } else { Err(Refusal::not_found()) }
        }
        (_, [_] | [_, "content"]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}
