//! `whk listen`: receives at the inbox, records every request byte for byte, and forwards it.

mod away;
mod face;
mod session;
pub(super) mod setup;
pub mod tui;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::judged::Judged;
use crate::cli::listen::away::Away;
use crate::cli::listen::session::{Inlet, Session};
use crate::cli::relay::token;
use crate::cli::running::{Announcement, Running};
use crate::cli::senders::Senders;
use crate::cli::signal::Signals;
use crate::cli::{browser, parsers, render};
use crate::config::private;
use crate::model::Secret;
use crate::policy::filter::Condition;
use crate::policy::retry::Speed;
use crate::policy::route::{Glob, Route};
use crate::relay::Relay;
use crate::relay::options::{Canned, Options};
use crate::store::Store;

/// Receive webhooks at a local inbox, record them byte for byte, and forward them to your app
#[derive(Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    clippy::doc_markdown,
    reason = "each is a flag, and the docs are its help text"
)]
#[command(after_help = "\
Examples:
  whk listen --forward localhost:3000
  whk listen --forward localhost:3000 --open
  whk listen --forward localhost:3000 --tui
  whk listen --forward 3000 --scheme stripe --secret env:STRIPE_SECRET --verify reject
  whk listen --route 'invoice.*=localhost:3000/invoices' --route 'order.*=:4000/orders'
  whk listen --challenge meta --param verify_token=mine --forward 3000
  whk listen --ack now --retry 1s,5s,30s --forward 3000
  whk listen --respond 503,delay=2s,first=2
  whk listen --forward 3000 --count 3 --exec 'npm test' --output json
  whk listen --relay https://hooks.example.com --app org_42 --token env:T --forward 3000
  whk listen --from 'redis://localhost/0?stream=workflow:events:*' --forward 3000")]
pub struct Args {
    /// Where events go: 3000, :3000/hook, localhost:3000, https://..., unix:/path.sock. Repeatable: each gets a copy, the first one answers
    #[arg(long, value_name = "TARGET")]
    forward: Vec<String>,
    /// Where events of certain types go, as 'invoice.*=localhost:3000/invoices'. Repeatable
    #[arg(long, value_name = "GLOB=TARGET")]
    route: Vec<Route>,
    /// Forward only these event types. Repeatable
    #[arg(long, value_name = "GLOB")]
    only: Vec<Glob>,
    /// Do not forward these event types. Repeatable
    #[arg(long, value_name = "GLOB")]
    except: Vec<Glob>,
    /// Forward only events with such content, as data.amount>=100. Repeatable
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<Condition>,
    /// Add a header to what is forwarded, or override one; Host too. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V")]
    headers: Vec<String>,
    /// Sign what is forwarded again, with a fresh timestamp
    #[arg(long)]
    resign: bool,
    /// app: the sender gets your app's answer. now: 202 as soon as it is on disk, forwarded with retries
    #[arg(long, value_enum, default_value = "app")]
    ack: AckArg,
    /// When to try again with --ack now: standard, none, or waits such as 1s,5s,30s
    #[arg(long, value_name = "SCHEDULE")]
    retry: Option<String>,
    /// Shrink every retry wait, as 60x
    #[arg(long, value_name = "FACTOR")]
    speed: Option<Speed>,
    #[command(flatten)]
    judged: Judged,
    /// How to answer providers that ask before they send: auto, off (left to your app), fetch (call the address they want called too), or a provider's name for its handshake alone. Several with commas
    #[arg(long, value_name = "HOW", value_delimiter = ',', default_value = "auto")]
    challenge: Vec<String>,
    /// Answer without an app, as 503,delay=2s,first=2
    #[arg(long, value_name = "ANSWER", value_parser = parsers::canned)]
    respond: Option<Canned>,
    /// How long your app may take to answer; none waits for ever
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// How many requests are on their way to one target at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: Option<u16>,
    /// One event at a time, in the order they arrived
    #[arg(long)]
    ordered: bool,
    /// Do not check the certificate of https targets
    #[arg(long)]
    insecure: bool,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Deliver first what arrived since then: 10m, a time, or an event's id
    #[arg(long, value_name = "TIME|ID")]
    since: Option<String>,
    /// Remember how far this listener came, and deliver first what it missed
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Open the inspector in the browser
    #[arg(long)]
    open: bool,
    /// End after one event
    #[arg(long, conflicts_with = "count")]
    once: bool,
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End after an event of this type
    #[arg(long, value_name = "TYPE")]
    until: Option<Glob>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = parsers::duration)]
    lasting: Option<Duration>,
    /// Start a command when ready, and end with it; it gets `WHK_URL` and `WHK_SECRET`
    #[arg(long, value_name = "CMD")]
    exec: Option<String>,
    /// Show a full-screen view: list, detail, replay, search; ? explains its keys
    #[arg(long, conflicts_with = "exec")]
    tui: bool,
    /// Write a file when ready
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
    /// The inbox's port; 0 takes any free one [default: 4400]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The inbox's address [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The largest body that is taken [default: 32MiB]
    #[arg(long, value_name = "SIZE", value_parser = parsers::checked_size)]
    max_body: Option<String>,
    /// The app whose inbox is shown and whose secret signs
    #[arg(long, value_name = "APP")]
    app: Option<String>,
    #[command(flatten)]
    senders: Senders,
    #[command(flatten)]
    away: Away,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AckArg {
    App,
    Now,
}

/// The `ready` line.
#[derive(Debug, Serialize)]
struct ReadyLine {
    r#type: &'static str,
    url: String,
    inspector: String,
    forward: Vec<String>,
    store: String,
    version: &'static str,
}

/// Runs the command.
///
/// # Errors
/// If it cannot start, or the store fails at the end.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    setup::lay_flags(&mut context.settings, args);
    // One-shot commands do with one thread; a listener forwards and writes at the same time.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(CliError::internal)?;
    let exit = runtime.block_on(serve(&context, args));
    // A name look-up that hangs in a thread of its own must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(100));
    exit
}

async fn serve(context: &Context, args: &Args) -> Result<Exit, CliError> {
    if args.tui {
        tui::refuse(context.ui, context.world.variable("TERM"))?;
    }
    if args.away.is_wanted() {
        return serve_away(context, args).await;
    }
    let mut signals = Signals::new()?;
    let store = context.store()?;
    let options = setup::options(context, args, store.as_ref()).await?;
    let listener = setup::bind(context).await?;
    let address = listener.local_addr().map_err(CliError::internal)?;
    setup::refuse_loops(&options, address)?;
    let secret = setup::shown_secret(context, &options, store.as_ref()).await?;
    let token = token::local(context, store.as_ref()).await?;
    let base = format!("http://{address}");
    let url = format!("{base}/in/{}", context.app()?);
    // What stands behind the # never leaves the browser.
    let ready = ready_line((url, format!("{base}/#token={token}")), &options, store.as_ref());
    let secrets = options.judging.secrets.clone();
    let relay = relay(context, options, &store)?;
    let (pid, started_at) = (std::process::id(), context.clock.now().millis());
    let running = Running { url: base, address, pid, started_at, store: store.about().address };
    let announcement = Announcement::leave(&context.settings.home, &running)
        .map_err(|why| CliError::file(&context.settings.home, &why))?;
    say_ready(context, args, &ready, Some(&secret))?;
    if args.open {
        // Where there is no browser the link is there to be followed.
        browser::open(context, &ready.inspector).unwrap_or_else(|why| context.ui.note(&format!("  ! {why}")));
    }
    let (inlet, secret) = (Inlet::Port(listener), Some(secret));
    let session = Session { relay, store: Arc::clone(&store), inlet, ready, secret, secrets };
    let ended = session.run(context, args, &mut signals).await;
    drop(announcement);
    let closed = store.close().await;
    let exit = ended?;
    closed?;
    Ok(exit)
}

/// The same without an inbox.
async fn serve_away(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let mut signals = Signals::new()?;
    let store = args.away.store(context)?;
    let mut options = setup::options(context, args, store.as_ref()).await?;
    args.away.adjust(&mut options);
    let opened = tokio::select! {
        opened = args.away.open(context, args) => opened?,
        exit = signals.next() => return Ok(exit),
    };
    let (door, inspector) = if args.port.is_some() || args.host.is_some() {
        let door = setup::bind(context).await?;
        let address = door.local_addr().map_err(CliError::internal)?;
        setup::refuse_loops(&options, address)?;
        let token = token::local(context, store.as_ref()).await?;
        (Some(door), format!("http://{address}/#token={token}"))
    } else {
        (None, opened.place)
    };
    let ready = ready_line((opened.url, inspector), &options, store.as_ref());
    let secrets = options.judging.secrets.clone();
    let secret = secrets.first().cloned();
    let relay = relay(context, options, &store)?;
    say_ready(context, args, &ready, secret.as_ref())?;
    let inlet = Inlet::Away(opened.source, door);
    let session = Session { relay, store: Arc::clone(&store), inlet, ready, secret, secrets };
    let ended = session.run(context, args, &mut signals).await;
    let closed = store.close().await;
    let exit = ended?;
    closed?;
    Ok(exit)
}

fn relay(context: &Context, options: Options, store: &Arc<dyn Store>) -> Result<Relay, CliError> {
    let relay = Relay::new(options, Arc::clone(store), Arc::clone(&context.clock));
    relay.map_err(|why| CliError::usage(why.to_string()))
}

fn ready_line((url, inspector): (String, String), options: &Options, store: &dyn Store) -> ReadyLine {
    ReadyLine {
        r#type: "ready",
        url,
        inspector,
        forward: options.forwards.iter().map(|forward| forward.endpoint.target.to_string()).collect(),
        store: store.about().address,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn say_ready(context: &Context, args: &Args, ready: &ReadyLine, secret: Option<&Secret>) -> Result<(), CliError> {
    let ui = &context.ui;
    if ui.is_json() {
        ui.json(ready)?;
    } else {
        let canned = args.respond.map(|canned| canned.status);
        let to = render::listen::destination(&ready.forward, canned);
        let has_door = !args.away.is_wanted() || args.port.is_some() || args.host.is_some();
        let place = if has_door { "inspector" } else { "from" };
        let aside = format!("{place} {}", ready.inspector);
        ui.talk(&render::listen::ready(&ready.url, &to, &aside, secret, ui.talk_paint));
    }
    if args.insecure {
        ui.note("  ! certificates of https targets are not checked (--insecure)");
    }
    if let Some(path) = &args.ready_file {
        let path = context.world.folder.join(path);
        private::write(&path, format!("{}\n", ready.url).as_bytes()).map_err(|why| CliError::file(&path, &why))?;
    }
    Ok(())
}
