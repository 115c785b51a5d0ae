//! One event on its way: signed, sent, answered.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::render;
use crate::cli::send::{Form, SHORTEST_WAIT};
use crate::cli::shooter::{Shooter, Shot};
use crate::clock::Clock;
use crate::model::{Attempt, AttemptId, DeliveryId, EndpointId, EventId, Failure, FailureKind, Response, Timestamp};
use crate::net::Client;
use crate::policy::outcome::Meaning;
use crate::policy::retry::Schedule;
use crate::sign::forge::Forgery;
use crate::view::{self, Message, RequestLine};

/// Prints what would be sent.
pub(super) fn print(
    context: &Context,
    shooter: &Shooter,
    form: Form,
    forge: Option<Forgery>,
) -> Result<Exit, CliError> {
    let now = context.clock.now();
    let shots = match forge {
        Some(kind) => forgery(shooter, kind, now)?,
        None => vec![shooter.shot(&shooter.id, 0, now)?],
    };
    for shot in shots {
        let target = shooter.request_target();
        let message =
            Message { method: "POST", to: &shooter.target, target: &target, headers: &shot.headers, body: &shot.body };
        match form {
            Form::Http if !context.ui.is_json() => context.ui.foreign(&view::as_http(&message))?,
            Form::Curl if !context.ui.is_json() => context.ui.line(&view::as_curl(&message))?,
            _ => context.ui.json(&RequestLine::from(&message))?,
        }
    }
    Ok(Exit::Yes)
}

/// Sends the requests of a forgery; the exit code stays the receiver's word.
pub(super) async fn forged(
    context: &Context,
    client: &Client,
    shooter: &Shooter,
    kind: Forgery,
) -> Result<Exit, CliError> {
    context.ui.note(&format!("forging: {kind}"));
    let mut exit = Exit::Yes;
    for (index, shot) in forgery(shooter, kind, context.clock.now())?.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(0) + 1;
        let attempt = fire(client, context.clock.as_ref(), shooter, shot, number).await;
        show(context, shooter, shot, &attempt)?;
        exit = verdict(&attempt)?.max_with(exit);
    }
    Ok(exit)
}

fn forgery(shooter: &Shooter, kind: Forgery, now: Timestamp) -> Result<Vec<Shot>, CliError> {
    let named = |why: CliError| CliError { message: format!("--forge {kind}: {}", why.message), ..why };
    shooter.forged(kind, now).map_err(named)
}

/// Sends one event, again if it fails and a schedule says so.
pub(super) async fn send(
    context: &Context,
    client: &Client,
    shooter: &Shooter,
    retry: Option<&Schedule>,
) -> Result<Exit, CliError> {
    let waits = retry.map(|schedule| schedule.waits().to_vec()).unwrap_or_default();
    let mut number = 1;
    loop {
        let shot = shooter.shot(&shooter.id, number - 1, context.clock.now())?;
        let attempt = fire(client, context.clock.as_ref(), shooter, &shot, number).await;
        show(context, shooter, &shot, &attempt)?;
        let wait = waits.get(number as usize - 1);
        match wait.filter(|_| Meaning::of(&attempt.outcome) == Meaning::Failed) {
            Some(wait) => {
                context.ui.note(&format!("again in {}", crate::policy::span::shown(*wait)));
                tokio::time::sleep((*wait).max(SHORTEST_WAIT)).await;
                number += 1;
            }
            None => return verdict(&attempt),
        }
    }
}

/// What the receiver said, as an exit.
fn verdict(attempt: &Attempt) -> Result<Exit, CliError> {
    match &attempt.outcome {
        Ok(_) if attempt.succeeded() => Ok(Exit::Yes),
        Ok(_) => Ok(Exit::No),
        Err(failure) => Err(CliError::from(failure)),
    }
}

impl Exit {
    /// The worse of two answers.
    const fn max_with(self, other: Self) -> Self {
        if matches!(self, Self::Yes) { other } else { self }
    }
}

async fn fire(client: &Client, clock: &dyn Clock, shooter: &Shooter, shot: &Shot, number: u32) -> Attempt {
    let (started_at, began) = (clock.now(), clock.instant());
    let request_target = shooter.request_target();
    let outcome = client.exchange(&shooter.outbound(shot), shooter.timeout).await;
    Attempt {
        id: AttemptId::new(started_at, clock.chance()),
        delivery: DeliveryId::from_bytes([0; 20]),
        event: EventId::from_bytes([0; 20]),
        endpoint: EndpointId::from_bytes([0; 20]),
        number,
        manual: false,
        method: "POST".to_owned(),
        url: shooter.target.url(&request_target),
        started_at,
        duration: clock.instant().duration_since(began),
        outcome,
        next_attempt_at: None,
    }
}

fn show(context: &Context, shooter: &Shooter, shot: &Shot, attempt: &Attempt) -> Result<(), CliError> {
    let ui = &context.ui;
    if !ui.is_json() {
        return ui.line(&render::sent::line(&shooter.event_type, &shooter.id, attempt, ui.paint));
    }
    let answer = attempt.outcome.as_ref();
    ui.json(&json!({
        "type": "sent", "event_type": shooter.event_type, "id": shooter.id, "url": attempt.url, "number": attempt.number,
        "status": attempt.status(),
        "error": answer.err().map(|why: &Failure| json!({"kind": why.kind.code(), "message": why.message})),
        "duration_ms": attempt.duration.as_secs_f64() * 1000.0,
        "request_headers": view::pairs(&shot.headers),
        "response_headers": answer.ok().map(|response: &Response| view::pairs(&response.headers)),
        "response_body_b64": answer.ok().map(|response| BASE64.encode(&response.body)),
    }))
}

/// Whether a failure is only slowness.
pub(super) fn is_timeout(kind: FailureKind) -> bool {
    kind == FailureKind::Timeout
}
