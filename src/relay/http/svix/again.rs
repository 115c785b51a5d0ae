//! Many messages once more, which goes on after the answer.

use std::sync::Arc;
use std::time::Duration;

use crate::api::again::{self, Span};
use crate::model::{Endpoint, Timestamp};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{Outcome, ok};
use crate::relay::notice::Notice;

/// How far back failures can be recovered, and a little, since clocks differ.
const LONGEST: Duration = Duration::from_secs(14 * 86_400 + 300);

/// `POST /app/{app}/endpoint/{endpoint}/recover` and the like
pub(super) async fn many(call: &Call<'_>, (app, key): (&str, &str), rest: &[&str]) -> Outcome {
    if call.method() != "POST" {
        return Err(Refusal::no_method());
    }
    let app = call.app(app, Need::Manage).await?;
    let endpoint = call.endpoint(&app, key).await?;
    let span = span(call)?;
    let missing = rest != ["recover"];
    let task = call.face.tasks.begin(call, if missing { "endpoint.replay" } else { "endpoint.recover" });
    let shown = task.shown();
    let pipeline = Arc::clone(call.pipeline());
    call.pipeline().tasks.spawn(async move {
        let (store, clock) = (pipeline.store.as_ref(), pipeline.clock.as_ref());
        let done = if endpoint.disabled.is_some() {
            Ok(0)
        } else if missing {
            again::replay_missing(store, clock, &endpoint, span, pipeline.options.judging.reject).await
        } else {
            again::recover(store, clock, &endpoint, span).await
        };
        pipeline.ring(endpoint.id, &endpoint.app);
        task.end(pipeline.clock.now(), done.is_ok());
        if let Err(why) = done {
            pipeline.tell(Notice::Trouble { message: trouble(&endpoint, &why) });
        }
    });
    ok(202, &shown)
}

fn trouble(endpoint: &Endpoint, why: &crate::store::StoreError) -> String {
    format!("messages to {} could not be sent again: {why}", endpoint.id)
}

fn span(call: &Call<'_>) -> Result<Span, Refusal> {
    let mut form = Form::read(&call.request.body)?;
    let (since, until) = (form.moment("since")?, form.moment("until")?);
    let since: Timestamp = form.required("since", since)?;
    form.done()?;
    let until = until.some().unwrap_or_else(|| call.now());
    if until.since(since) > LONGEST {
        let msg = "cannot be more than 14 days before the end";
        return Err(Invalid::value(&["body", "since"], msg).into());
    }
    Ok(Span { since, until })
}
