//! `whk events tail`: events as they come, from wherever it left off when the relay was away.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::remote::{At, Remote, refusal, with_query};
use crate::cli::render;
use crate::model::{EventId, Headers};
use crate::net::Incoming;
use crate::net::events::{Events, ServerEvent};
use crate::policy::filter::Condition;
use crate::policy::route::Glob;
use crate::view::{self, EventLine, safe};

const PATH: &str = "/api/v1/webhooks/events/stream";
/// How long it waits before it comes again, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A stream that says nothing for so long is dead: it beats every two seconds.
const SILENCE: Duration = Duration::from_secs(10);
/// No line of a stream is longer than the largest body as an event line.
const LONGEST_LINE: usize = 256 << 20;

/// Which events.
#[derive(Clone, Debug, ClapArgs)]
pub struct Follow {
    /// Of these types, as order.*. Repeatable
    #[arg(long = "type", value_name = "GLOB")]
    types: Vec<Glob>,
    /// With such content, as data.amount>=100. Repeatable: all must hold
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<Condition>,
    /// From then on: 10m, 2h, a time, or after the event of this id [default: now]
    #[arg(long, value_name = "TIME|ID")]
    since: Option<String>,
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    at: At,
}

/// Where a stream is.
struct Place {
    since: Option<String>,
    last: Option<String>,
    shown: u64,
}

/// Follows until told to stop.
///
/// # Errors
/// If no relay answers at first, or it refuses.
pub async fn run(context: &Context, tail: &Follow) -> Result<Exit, CliError> {
    let mut remote = Remote::find(context, &tail.at)?;
    let is_id = tail.since.as_ref().is_some_and(|text| text.starts_with(EventId::PREFIX));
    let mut place =
        Place { since: tail.since.clone().filter(|_| !is_id), last: tail.since.clone().filter(|_| is_id), shown: 0 };
    // Whoever comes back before the first event wants what came meanwhile.
    let began = context.clock.now().to_string();
    let mut stream = open(&remote, tail, &place).await?;
    context.ui.note("following; ^C to quit");
    loop {
        let Some(why) = read(context, tail, &mut stream, &mut place).await? else { return Ok(Exit::Yes) };
        if place.last.is_none() && place.since.is_none() {
            place.since = Some(began.clone());
        }
        stream = again(context, tail, (&mut remote, &place), &why).await?;
    }
}

async fn open(remote: &Remote<'_>, tail: &Follow, place: &Place) -> Result<Incoming, CliError> {
    let types: Vec<String> = tail.types.iter().map(ToString::to_string).collect();
    let since = place.since.as_deref().filter(|_| place.last.is_none());
    let mut params = vec![("app", tail.at.app.as_deref()), ("since", since)];
    params.extend(types.iter().map(|glob| ("type", Some(glob.as_str()))));
    let mut headers = Headers::new();
    let bad = |why| CliError::usage(format!("--since: {why}"));
    headers.push("Accept", "text/event-stream").map_err(bad)?;
    if let Some(last) = &place.last {
        headers.push("Last-Event-ID", last).map_err(bad)?;
    }
    let mut stream = remote.follow(&with_query(PATH, &params), &headers).await?;
    if stream.status == 200 {
        return Ok(stream);
    }
    let mut body = Vec::new();
    while let Ok(Some(piece)) = stream.next().await {
        body.extend_from_slice(&piece);
        if body.len() > 64 << 10 {
            break;
        }
    }
    Err(refusal(stream.status, &body))
}

/// Comes again until somebody answers.
async fn again(
    context: &Context,
    tail: &Follow,
    (remote, place): (&mut Remote<'_>, &Place),
    why: &str,
) -> Result<Incoming, CliError> {
    let mut wait = FIRST_WAIT;
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "reconnecting", "reason": why}))?;
    }
    context.ui.note(&safe(format!("the relay is gone ({why}); waiting for it").as_bytes()));
    loop {
        tokio::time::sleep(wait).await;
        remote.look_again();
        match open(remote, tail, place).await {
            Ok(stream) => {
                context.ui.note("the relay is back");
                return Ok(stream);
            }
            // What a relay refuses it refuses the next time too.
            Err(why) if why.exit == Exit::Usage => return Err(why),
            Err(_) => wait = (wait * 2).min(LONGEST_WAIT),
        }
    }
}

/// Shows what comes; gives back why the stream ended, or nothing if enough was shown.
async fn read(
    context: &Context,
    tail: &Follow,
    stream: &mut Incoming,
    place: &mut Place,
) -> Result<Option<String>, CliError> {
    let mut events = Events::new(LONGEST_LINE);
    loop {
        let piece = match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None)) => return Ok(Some("the stream ended".to_owned())),
            Ok(Err(why)) => return Ok(Some(why.message)),
            Err(_) => return Ok(Some("the stream is silent".to_owned())),
        };
        let messages = match events.take(&piece) {
            Ok(messages) => messages,
            Err(why) => return Ok(Some(why.to_string())),
        };
        for message in messages {
            show(context, tail, message, place)?;
            if tail.count.is_some_and(|count| place.shown >= count) {
                return Ok(None);
            }
        }
    }
}

fn show(context: &Context, tail: &Follow, message: ServerEvent, place: &mut Place) -> Result<(), CliError> {
    let ui = &context.ui;
    if message.kind == "gap" {
        if ui.is_json() {
            let gap: serde_json::Value = serde_json::from_str(&message.data).unwrap_or_default();
            return ui.json(&gap);
        }
        ui.talk("  ! some events may be missing here");
        return Ok(());
    }
    let Ok(event) = view::event_from_json(&message.data) else { return Ok(()) };
    if !message.id.is_empty() {
        place.last = Some(message.id);
    }
    if !tail.conditions.iter().all(|condition| condition.holds(&event.request.body)) {
        return Ok(());
    }
    place.shown += 1;
    if ui.is_json() { ui.json(&EventLine::from(&event)) } else { ui.line(&render::events::row(&event, &[], ui.paint)) }
}
