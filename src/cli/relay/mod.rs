//! `whk relay`: runs the server without a terminal face.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

mod log;
pub mod token;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::context::Context;
use crate::cli::descriptors;
use crate::cli::error::{CliError, Exit};
use crate::cli::judged::{self, Judged};
use crate::cli::listen::setup;
use crate::cli::parsers;
use crate::cli::running::{Announcement, Running};
use crate::cli::senders::Senders;
use crate::cli::signal::Signals;
use crate::config::private;
use crate::config::secret::SecretSource;
use crate::net::guard::Net;
use crate::net::{ClientOptions, Guard, Limits, Listener, ServerTls};
use crate::policy::limit::Rate;
use crate::policy::retry::{Schedule, Speed};
use crate::policy::span;
use crate::relay::Relay;
use crate::relay::http::{Planted, Seed};
use crate::relay::options::{Access, Ack, Disabling, Options, Sending, Tunnel, Validating};
use crate::store::{About, Retention};

/// With the schedule `three`, an endpoint is switched off after so many failures in a row.
const THREE_FAILURES: u32 = 10;
/// Streams are connections too, and ten thousand of them are fine.
const CONNECTIONS: usize = 16_000;

/// Run the server: inbox, deliveries with retries, and the APIs
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  whk relay
  whk relay --port 8071 --retry 1s,5s,30s
  whk relay --retry standard --speed 60x --log json
  whk relay token create --app org_42 --expires 30d"
)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make, list and revoke the tokens that the APIs want
    Token(token::Args),
}

#[derive(Debug, ClapArgs)]
struct Serve {
    /// The port; 0 takes any free one [default: 4400]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// When a failed delivery is tried again: standard, svix, three, none, or waits such as 1s,5s,30s
    #[arg(long, value_name = "SCHEDULE")]
    retry: Option<String>,
    /// Shrink every retry wait, as 60x
    #[arg(long, value_name = "FACTOR")]
    speed: Option<Speed>,
    /// How long an endpoint may take to answer
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// How many requests are on their way to one endpoint at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: Option<u16>,
    /// Switch off an endpoint that has only failed for so long [default: 5d]
    #[arg(long, value_name = "TIME", value_parser = parsers::duration)]
    disable_after: Option<Duration>,
    /// Switch off an endpoint after so many failures in a row
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    disable_failures: Option<u32>,
    /// A message whose payload is not as the schema of its type says is taken and told of, or refused
    #[arg(long, value_enum, value_name = "HOW")]
    validate: Option<Validate>,
    /// The largest body that is taken [default: 32MiB]
    #[arg(long, value_name = "SIZE", value_parser = parsers::checked_size)]
    max_body: Option<String>,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Do not check the certificates of https endpoints
    #[arg(long)]
    insecure: bool,
    /// Answer to this host name too, beside localhost and IP addresses. Repeatable
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Let pages of this origin use the APIs, as https://app.example.com. Repeatable
    #[arg(long, value_name = "ORIGIN", value_parser = parsers::origin)]
    allow_origin: Vec<String>,
    /// Let pages of this origin show a portal in a frame, as https://app.example.com. Repeatable
    #[arg(long, value_name = "ORIGIN", value_parser = parsers::origin)]
    portal_origin: Vec<String>,
    /// Call endpoints at this address or network too, where only public ones are called: when the relay listens on an
    /// address that others reach. Repeatable
    #[arg(long, value_name = "NET")]
    allow_net: Vec<Net>,
    /// What it is called from outside, as https://hooks.example.com: it answers to that name, and tells it to listeners
    #[arg(long, value_name = "URL", value_parser = parsers::origin)]
    public_url: Option<String>,
    /// How long a sender waits for the answer of a connected listener; then 202, and it is delivered all the same
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = parsers::duration)]
    hold: Duration,
    /// How often a connected listener is asked whether it is there; silent for two and a half times that, it is gone
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parsers::heartbeat)]
    heartbeat: Duration,
    /// The most listeners of one app, a group counted once
    #[arg(long, value_name = "N", default_value = "10000")]
    listeners: usize,
    /// At most so many events of one app, as 100/s; what is more is answered 429
    #[arg(long, value_name = "RATE")]
    app_rate: Option<Rate>,
    /// Speak TLS, and show the certificates of this PEM file, our own first
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key that belongs to it, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    senders: Senders,
    #[command(flatten)]
    judged: Judged,
    /// What happens is told in lines of text, of JSON, or not at all
    #[arg(long, value_enum, value_name = "HOW", default_value = "text")]
    log: log::Form,
    /// Start with the apps and endpoints of this file, made or brought up to date: [[app]] and [[endpoint]], in TOML
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Write a file when ready
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = parsers::duration)]
    lasting: Option<Duration>,
}

/// What happens to a payload that breaks its schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Validate {
    /// It is taken, and told of.
    Warn,
    /// It is refused.
    Reject,
}

impl From<Validate> for Validating {
    fn from(how: Validate) -> Self {
        match how {
            Validate::Warn => Self::Warn,
            Validate::Reject => Self::Reject,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If it cannot start, or the store fails at the end.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    if let Some(Action::Token(args)) = &args.action {
        return token::run(&context, args);
    }
    let serve_args = &args.serve;
    lay_flags(&mut context, serve_args);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(CliError::internal)?;
    let exit = runtime.block_on(serve(&context, serve_args));
    // A name look-up that hangs in a thread of its own must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(100));
    exit
}

fn lay_flags(context: &mut Context, args: &Serve) {
    let settings = &mut context.settings;
    args.judged.lay_flags(settings);
    let texts =
        [("retry", &args.retry), ("timeout", &args.timeout), ("host", &args.host), ("max_body", &args.max_body)];
    for (key, value) in texts {
        if let Some(value) = value {
            settings.set_flag(key, value.clone());
        }
    }
    for (key, number) in [("port", args.port), ("concurrency", args.concurrency)] {
        if let Some(number) = number {
            settings.set_flag(key, i64::from(number));
        }
    }
}

fn options(context: &Context, args: &Serve) -> Result<Options, CliError> {
    let settings = &context.settings;
    let retry: Schedule = settings.parse("retry", str::parse)?;
    let body = settings.parse("max_body", span::size)?;
    let judging = args.judged.judging(context)?;
    Ok(Options {
        forwards: Vec::new(),
        ack: Ack::Now,
        canned: None,
        answering: judged::answering(&judging),
        judging,
        sending: Sending {
            extra: crate::model::Headers::new(),
            resign: false,
            timeout: settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?,
            concurrency: settings.number("concurrency")?,
            ordered: false,
            retry: match args.speed {
                Some(speed) => retry.at_speed(speed),
                None => retry,
            },
            client: ClientOptions {
                insecure: args.insecure,
                ca_pem: args.cacert.as_deref().map(|path| context.read(path)).transpose()?,
                resend_stale: false,
                guard: Guard { public_only: !is_loopback(settings.text("host")), allowed: args.allow_net.clone() },
                ..ClientOptions::default()
            },
        },
        validating: args.validate.map_or(Validating::Off, Validating::from),
        disabling: Disabling {
            after: args.disable_after.unwrap_or(Disabling::default().after),
            in_a_row: args.disable_failures.or((settings.text("retry") == "three").then_some(THREE_FAILURES)),
        },
        limits: Limits {
            body_bytes: usize::try_from(body).unwrap_or(usize::MAX),
            connections: descriptors::room(CONNECTIONS),
            ..Limits::default()
        },
        retention: Retention {
            age: settings.parse("retention_age", |text| parsers::unless_none(text, span::duration))?,
            bytes: settings.parse("retention_size", |text| parsers::unless_none(text, span::size))?,
        },
        listener: None,
        access: access(args),
        tunnel: Tunnel {
            hold: args.hold,
            heartbeat: args.heartbeat,
            listeners: args.listeners,
            app_rate: args.app_rate,
        },
    })
}

/// What the relay shows of itself, if it speaks TLS.
fn tls(context: &Context, args: &Serve) -> Result<Option<ServerTls>, CliError> {
    let Some((cert, key)) = args.tls_cert.as_ref().zip(args.tls_key.as_ref()) else { return Ok(None) };
    let tls = ServerTls::new(&context.read(cert)?, &context.read(key)?);
    let bad = |why| CliError::usage(format!("--tls-cert {}: {why}", cert.display())).kind("tls");
    tls.map(Some).map_err(bad)
}

/// The name in a public URL is one of ours.
fn access(args: &Serve) -> Access {
    let named = args.public_url.as_deref().and_then(|url| url.split_once("://"));
    let name = named.map(|(_, place)| place.split(':').next().unwrap_or(place).to_owned());
    let hosts = args.allow_host.iter().cloned().chain(name).collect();
    args.senders.narrow(Access {
        hosts,
        origins: args.allow_origin.clone(),
        portals: args.portal_origin.clone(),
        public_url: args.public_url.clone(),
        ..Access::default()
    })
}

/// Whether only this machine reaches a relay that listens there.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn serve(context: &Context, args: &Serve) -> Result<Exit, CliError> {
    let mut signals = Signals::new()?;
    let (options, tls) = (options(context, args)?, tls(context, args)?);
    let store = context.store()?;
    let listener = setup::bind(context).await?;
    let address = listener.local_addr().map_err(CliError::internal)?;
    let token = token::local(context, store.as_ref()).await?;
    let relay = Relay::new(options, Arc::clone(&store), Arc::clone(&context.clock))
        .map_err(|why| CliError::usage(why.to_string()))?;
    plant(context, args, &relay).await?;
    let url = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    let (pid, started_at) = (std::process::id(), context.clock.now().millis());
    let running = Running { url: url.clone(), address, pid, started_at, store: store.about().address };
    let announcement = Announcement::leave(&context.settings.home, &running)
        .map_err(|why| CliError::file(&context.settings.home, &why))?;
    // Where others read what a server says, its token does not belong there.
    let inspector = if address.ip().is_loopback() { format!("{url}/#token={token}") } else { url.clone() };
    say_ready(context, args, (&url, &inspector), &store.about())?;
    // Not on this thread: to wake it for each notice would cost as much as the attempt that it speaks of.
    let log = (args.log != log::Form::None).then(|| tokio::spawn(log::run(context.ui, args.log, relay.notices())));
    let known = tokio::spawn(token::stay_known(context.clone(), Arc::clone(&store), relay.notices()));
    let stop = CancellationToken::new();
    let mut served = tokio::spawn(relay.serve(Listener { tcp: listener, tls }, stop.clone()));
    let time_is_up = async {
        match args.lasting {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    let exit = tokio::select! {
        exit = signals.next() => exit,
        () = time_is_up => Exit::Yes,
        result = &mut served => {
            result.map_err(CliError::internal)??;
            Exit::Yes
        }
    };
    stop.cancel();
    if !served.is_finished() {
        tokio::select! {
            result = &mut served => result.map_err(CliError::internal)??,
            // Asked a second time: what is under way stays in the store.
            again = signals.next() => {
                served.abort();
                return Ok(again);
            }
        }
    }
    drop(announcement);
    known.abort();
    store.close().await?;
    log.inspect(JoinHandle::abort);
    Ok(exit)
}

/// Makes what the file of `--seed` says.
async fn plant(context: &Context, args: &Serve, relay: &Relay) -> Result<(), CliError> {
    let Some(path) = &args.seed else { return Ok(()) };
    let next = "--seed takes a file with [[app]] and [[endpoint]]; leave it out to start with what the store has";
    let bytes = context.read(path).map_err(|why| why.hint(next))?;
    let wrong = |why: String| CliError::usage(format!("{}: {why}", path.display())).kind("seed");
    let text = str::from_utf8(&bytes).map_err(|why| wrong(why.to_string()))?;
    let source = SecretSource::new(&context.world, &context.env_files)?;
    let secret = |given: &str| source.secret(given).map_err(|why| why.to_string());
    let seed = Seed::parse(text, secret).map_err(|why| wrong(why.to_string()))?;
    let Planted { made, kept } = relay.plant(&seed).await.map_err(|why| wrong(why.to_string()))?;
    context.ui.talk(&format!("> {}: endpoints made: {made}, brought up to date: {kept}", path.display()));
    Ok(())
}

fn say_ready(context: &Context, args: &Serve, (url, inspector): (&str, &str), store: &About) -> Result<(), CliError> {
    let ui = &context.ui;
    let app = context.app()?;
    let inbox = format!("{}/in/{app}", args.public_url.as_deref().unwrap_or(url));
    if ui.is_json() {
        ui.json(&json!({
            "type": "ready",
            "url": inbox,
            "inspector": inspector,
            "forward": [],
            "store": store.address,
            "version": env!("CARGO_PKG_VERSION"),
        }))?;
    } else {
        let token = context.settings.home.join(token::FILE);
        ui.talk(&format!(
            "> Ready! {inbox}   (inspector {inspector}, token {}, store {}, ^C to quit)",
            token.display(),
            store.address
        ));
        ui.talk(&format!("  kept: {}", store.durability));
    }
    if let Some(trouble) = store.trouble {
        ui.note(&format!("  ! {}: {trouble}", store.address));
    }
    if args.insecure {
        ui.note("  ! certificates of https endpoints are not checked (--insecure)");
    }
    if let Some(path) = &args.ready_file {
        let path = context.world.folder.join(path);
        private::write(&path, format!("{inbox}\n").as_bytes()).map_err(|why| CliError::file(&path, &why))?;
    }
    Ok(())
}
