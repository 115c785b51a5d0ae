//! `whk replay`: recorded events again, signed afresh or byte for byte.

pub mod job;
mod redrive;

use std::sync::Arc;

use bytes::Bytes;
use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::api::events::{Find, find};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::payload::Edits;
use crate::cli::remote::At;
use crate::cli::render;
use crate::cli::replay::job::{How, Job, Ready};
use crate::cli::replay::redrive::Redrive;
use crate::cli::wanted::{StatusArg, Wanted};
use crate::model::{Attempt, Event, EventId};
use crate::policy::limit::Rate;
use crate::store::{Logged, Store};
use crate::view::{self, AttemptLine, Message, RequestLine};

/// So many events at most, in one go.
const MAX_EVENTS: u32 = 1_000_000;

/// Send recorded events again
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk replay msg_2rXk...
  whk replay msg_2rXk... --verbatim --to localhost:4000
  whk replay --type 'order.*' --since 1h --yes --rate 10/s
  whk replay --dead --yes
  whk replay msg_2rXk... --set data.total=0 --dry-run")]
pub struct Args {
    /// The events' ids
    #[arg(value_name = "ID")]
    ids: Vec<EventId>,
    #[command(flatten)]
    wanted: Wanted,
    /// Every event with a delivery that was given up. A relay or listener that runs on the same store sends them, unless
    /// something is to be different
    #[arg(long, conflicts_with = "status")]
    dead: bool,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    edits: Edits,
    /// At most so many, as 10/s
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// At most so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: Option<u32>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// If an event is not there, nobody can be asked, or the store fails.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    args.how.lay_flags(&mut context.settings);
    if args.ids.is_empty() && args.wanted.is_empty() && !args.dead {
        return Err(CliError::usage("which events? Give ids, a filter such as --type, or --dead")
            .hint("whk events list shows what there is"));
    }
    context.block_on(replay(&context, args))
}

async fn replay(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let store = context.existing_store()?.ok_or_else(|| nothing(args))?;
    let events = events(context, args, store.as_ref()).await?;
    if events.is_empty() {
        context.ui.note("no event matches");
        return finish(context, store.as_ref(), 0, 0).await;
    }
    let bulk = args.ids.is_empty() && !args.dry_run;
    if bulk && !context.confirm(&format!("Send {} events again?", events.len()))? {
        return Ok(Exit::No);
    }
    let bar = bar(context, events.len());
    // The usual way is the relay's: it knows redirects, rates and which endpoint is failing.
    if args.dead && !args.dry_run && args.edits.is_empty() && args.how.is_usual() {
        let at = At::default();
        if let Some(redrive) = Redrive::find(context, &at, &store)? {
            let interval = args.rate.map(Rate::interval);
            let shown = |attempt: &Attempt| {
                bar.inc(1);
                bar.suspend(|| show(context, attempt))
            };
            let (delivered, failed) = redrive.run(&events, interval, shown).await?;
            bar.finish_and_clear();
            return finish(context, store.as_ref(), delivered, failed).await;
        }
    }
    let job = Job::new(context, &args.how, Arc::clone(&store))?;
    let (mut delivered, mut failed) = (0, 0);
    for (index, event) in events.iter().enumerate() {
        if let Some(rate) = args.rate
            && index > 0
        {
            tokio::time::sleep(rate.interval()).await;
        }
        for attempt in send(context, args, &job, event).await? {
            let sum = if attempt.succeeded() { &mut delivered } else { &mut failed };
            *sum += 1;
            bar.suspend(|| show(context, &attempt))?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if args.dry_run {
        store.close().await?;
        return Ok(Exit::Yes);
    }
    finish(context, store.as_ref(), delivered, failed).await
}

async fn finish(context: &Context, store: &dyn Store, delivered: u64, failed: u64) -> Result<Exit, CliError> {
    store.close().await?;
    let sum = json!({"type": "replayed", "delivered": delivered, "failed": failed});
    if context.ui.is_json() {
        context.ui.json(&sum)?;
    } else {
        context.ui.talk(&format!("{delivered} delivered, {failed} failed"));
    }
    Ok(if failed == 0 { Exit::Yes } else { Exit::No })
}

fn nothing(args: &Args) -> CliError {
    let which = args.ids.first().map(|id| format!("there is no event {id}: ")).unwrap_or_default();
    CliError::usage(format!("{which}the store is empty")).kind("not_found").hint("whk listen records what arrives")
}

async fn events(context: &Context, args: &Args, store: &dyn Store) -> Result<Vec<Arc<Event>>, CliError> {
    if args.ids.is_empty() {
        let wanted = Wanted {
            status: if args.dead { Some(StatusArg::Dead) } else { args.wanted.status },
            ..args.wanted.clone()
        };
        let limit = args.limit.unwrap_or(MAX_EVENTS) as usize;
        let mut found = find(store, &Find { limit, ..wanted.find(context)? }).await?.events;
        // The newest were asked for; they go out in the order they came.
        found.sort_by_key(|logged| logged.cursor);
        return Ok(found.into_iter().map(|logged| logged.event).collect());
    }
    let mut all = Vec::new();
    for id in &args.ids {
        let found: Option<Logged> = store.event(*id).await?;
        let missing = || {
            CliError::usage(format!("there is no event {id}"))
                .kind("not_found")
                .hint("whk events list shows what there is")
        };
        all.push(found.ok_or_else(missing)?.event);
    }
    Ok(all)
}

fn bar(context: &Context, count: usize) -> ProgressBar {
    let hidden = context.ui.is_json() || count < 2;
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    ProgressBar::with_draw_target(Some(count as u64), target)
}

/// Sends one event to each of its places, or says what would be sent.
async fn send(context: &Context, args: &Args, job: &Job<'_>, event: &Arc<Event>) -> Result<Vec<Attempt>, CliError> {
    let changed = changed(context, args, event)?;
    let mut attempts = Vec::new();
    for ready in job.ready(event, &changed).await? {
        if args.dead && !args.how.is_elsewhere() && !ready.place.is_dead() {
            continue;
        }
        if ready.is_off() {
            context.ui.note(&format!("  ! {} is disabled: whk endpoints enable lets it go on", ready.place.target()));
        } else if args.dry_run {
            say(context, &changed, &ready)?;
        } else {
            attempts.push(job.send(event, &ready).await?);
        }
    }
    Ok(attempts)
}

fn changed(context: &Context, args: &Args, recorded: &Arc<Event>) -> Result<Arc<Event>, CliError> {
    if args.edits.is_empty() {
        return Ok(Arc::clone(recorded));
    }
    let mut event = Event::clone(recorded);
    event.request.body = Bytes::from(args.edits.apply(context, event.request.body.to_vec())?);
    Ok(Arc::new(event))
}

fn say(context: &Context, event: &Event, ready: &Ready) -> Result<(), CliError> {
    let (ui, parcel) = (&context.ui, &ready.parcel);
    let message = Message {
        method: &parcel.method,
        to: ready.place.target(),
        target: &parcel.request_target,
        headers: &parcel.headers,
        body: &parcel.body,
    };
    if ui.is_json() {
        return ui.json(&RequestLine::from(&message));
    }
    let how = if ready.signed { "signed again" } else { "as recorded" };
    ui.talk(&format!("{} -> {} ({how})", event.id, ready.place.target()));
    ui.foreign(&view::as_http(&message))?;
    ui.line("")
}

fn show(context: &Context, attempt: &Attempt) -> Result<(), CliError> {
    let ui = &context.ui;
    if ui.is_json() {
        ui.json(&AttemptLine::from(attempt))
    } else {
        ui.line(&render::listen::attempted(attempt, ui.paint))
    }
}
