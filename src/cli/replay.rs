//! `whk replay`: recorded events again, signed afresh or byte for byte.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::api::events::{Find, find};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::payload::Edits;
use crate::cli::wanted::{StatusArg, Wanted};
use crate::cli::{parsers, render, schemes};
use crate::model::{App, Attempt, Event, EventId, Headers, Secret, Target};
use crate::net::{Client, ClientOptions};
use crate::policy::limit::Rate;
use crate::policy::span;
use crate::relay::again::{Again, Place, signer};
use crate::relay::outgoing::Parcel;
use crate::sign::Scheme;
use crate::store::{Logged, Store};
use crate::view::{self, AttemptLine, Message, RequestLine};

/// How many secrets are tried to find out whether an event's is known.
const MAX_EVENTS: u32 = 1_000_000;

/// Send recorded events again
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
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
    /// Every event with a delivery that was given up
    #[arg(long, conflicts_with = "status")]
    dead: bool,
    /// Where to, instead of where it went before
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,
    /// Sign again with a fresh time and the same id [default: when the secret is known]
    #[arg(long, conflicts_with = "verbatim")]
    resign: bool,
    /// The recorded bytes, old signature and all
    #[arg(long)]
    verbatim: bool,
    #[command(flatten)]
    edits: Edits,
    /// Add a header, or override one. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V")]
    headers: Vec<String>,
    /// How to sign again [default: as the event was signed]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The secret to sign with: a literal, env:NAME, file:PATH or - [default: the app's own]
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// At most so many, as 10/s
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// How long an answer may take; none waits for ever
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// At most so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: Option<u32>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not check the certificate of an https target
    #[arg(long)]
    insecure: bool,
}

/// Runs the command.
///
/// # Errors
/// If an event is not there, nobody can be asked, or the store fails.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    for (key, value) in [("scheme", &args.scheme), ("timeout", &args.timeout)] {
        if let Some(value) = value {
            context.settings.set_flag(key, value.clone());
        }
    }
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
    let job = Job::new(context, args, Arc::clone(&store))?;
    let bar = bar(context, events.len());
    let (mut delivered, mut failed) = (0, 0);
    for (index, event) in events.iter().enumerate() {
        if let Some(rate) = args.rate
            && index > 0
        {
            tokio::time::sleep(rate.interval()).await;
        }
        for attempt in job.send(event).await? {
            let sum = if attempt.succeeded() { &mut delivered } else { &mut failed };
            *sum += 1;
            bar.suspend(|| job.show(&attempt))?;
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

/// Everything that is the same for each event.
struct Job<'a> {
    context: &'a Context,
    args: &'a Args,
    again: Again,
    to: Option<Target>,
    given: Vec<Secret>,
    chosen: Option<Arc<Scheme>>,
    extra: Headers,
    store: Arc<dyn Store>,
}

impl<'a> Job<'a> {
    fn new(context: &'a Context, args: &'a Args, store: Arc<dyn Store>) -> Result<Self, CliError> {
        let options = ClientOptions { insecure: args.insecure, ..ClientOptions::default() };
        let client = Client::new(options).map_err(|why| CliError::usage(why.to_string()))?;
        let timeout: Option<Duration> =
            context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?;
        let to = args.to.as_deref().map(str::parse).transpose();
        Ok(Self {
            again: Again::new(client, Arc::clone(&store), Arc::clone(&context.clock), timeout),
            to: to.map_err(|why| CliError::usage(format!("--to: {why}")))?,
            given: if args.secret.is_empty() { Vec::new() } else { context.secrets(&args.secret)? },
            chosen: schemes::chosen(context)?,
            extra: parsers::headers(&args.headers)?,
            context,
            args,
            store,
        })
    }

    /// Sends one event to each of its places.
    async fn send(&self, recorded: &Arc<Event>) -> Result<Vec<Attempt>, CliError> {
        let places = match &self.to {
            Some(target) => vec![self.again.place(recorded, target).await?],
            None => self.again.former_places(recorded).await?,
        };
        if places.is_empty() {
            return Err(CliError::usage(format!(
                "{} was never forwarded, so there is nowhere to send it again",
                recorded.id
            ))
            .hint("give --to, for example --to localhost:3000"));
        }
        let event = self.changed(recorded)?;
        let signing = self.signing(recorded).await?;
        let signing = signing.as_ref().map(|(scheme, secrets)| (scheme.as_ref(), secrets.as_slice()));
        let own_words = !self.args.verbatim && self.chosen.is_none() && self.given.is_empty();
        let mut attempts = Vec::new();
        for place in places {
            if self.args.dead && self.to.is_none() && !place.is_dead() {
                continue;
            }
            if place.is_registered() && place.is_disabled() {
                self.context
                    .ui
                    .note(&format!("  ! {} is disabled: whk endpoints enable lets it go on", place.target()));
                continue;
            }
            let registered = if place.is_registered() && own_words {
                self.again.registered(&event, &place, &self.extra)?
            } else {
                None
            };
            let signs = registered.is_some() || signing.is_some();
            let parcel = match registered {
                Some(parcel) => parcel,
                None => self.again.parcel(&event, &place, &self.extra, signing)?,
            };
            if self.args.dry_run {
                self.say(&event, &place, signs, &parcel)?;
                continue;
            }
            attempts.push(self.again.send(recorded, &place, &parcel).await?);
        }
        Ok(attempts)
    }

    fn changed(&self, recorded: &Arc<Event>) -> Result<Arc<Event>, CliError> {
        if self.args.edits.is_empty() {
            return Ok(Arc::clone(recorded));
        }
        let mut event = Event::clone(recorded);
        event.request.body = Bytes::from(self.args.edits.apply(self.context, event.request.body.to_vec())?);
        Ok(Arc::new(event))
    }

    /// By what and with what to sign again; `None` for the recorded signature.
    async fn signing(&self, event: &Event) -> Result<Option<(Arc<Scheme>, Vec<Secret>)>, CliError> {
        if self.args.verbatim {
            return Ok(None);
        }
        let scheme = match self.chosen.clone().or_else(|| self.context.known.detect(&event.request)) {
            Some(scheme) => scheme,
            None if self.args.resign => schemes::signing(self.context)?,
            None => return Ok(None),
        };
        if !self.given.is_empty() {
            return Ok(Some((scheme, self.given.clone())));
        }
        let app: App = self.context.own_app(self.store.as_ref(), &event.app).await?;
        let configured = self.context.secrets(&[])?;
        let secrets: Vec<Secret> = configured.into_iter().chain(app.secrets).collect();
        let known = signer(&scheme, &event.request, &secrets, self.context.clock.now());
        let secret = known.or_else(|| secrets.into_iter().next().filter(|_| self.args.resign));
        Ok(secret.map(|secret| (scheme, vec![secret])))
    }

    fn say(&self, event: &Event, place: &Place, signed: bool, parcel: &Parcel) -> Result<(), CliError> {
        let ui = &self.context.ui;
        let message = Message {
            method: &parcel.method,
            to: place.target(),
            target: &parcel.request_target,
            headers: &parcel.headers,
            body: &parcel.body,
        };
        if ui.is_json() {
            return ui.json(&RequestLine::from(&message));
        }
        ui.talk(&format!(
            "{} -> {} ({})",
            event.id,
            place.target(),
            if signed { "signed again" } else { "as recorded" }
        ));
        ui.bytes(&view::as_http(&message))?;
        ui.line("")
    }

    fn show(&self, attempt: &Attempt) -> Result<(), CliError> {
        let ui = &self.context.ui;
        if ui.is_json() {
            ui.json(&AttemptLine::from(attempt))
        } else {
            ui.line(&render::listen::attempted(attempt, ui.paint))
        }
    }
}
