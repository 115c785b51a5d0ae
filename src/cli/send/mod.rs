//! `whk send`: one signed event, a forgery, or many at once.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

mod challenge;
mod load;
mod shot;
mod via;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clap::{Args as ClapArgs, ValueEnum};
use serde_json::value::RawValue;
use toml::Value;

use crate::catalog::{self, Sample};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::payload::{Edits, checked_json, media_type};
use crate::cli::remote::At;
use crate::cli::shooter::Shooter;
use crate::cli::{events, given, parsers, running, schemes};
use crate::model::{EventId, Target, Timestamp};
use crate::net::{Client, ClientOptions};
use crate::policy::limit::Rate;
use crate::policy::retry::Schedule;
use crate::policy::span;
use crate::sign;
use crate::sign::forge::Forgery;

/// Send a signed event
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk send order.created
  whk send order.created --to localhost:3000/hook --secret env:S --set data.total=4200
  whk send invoice.paid --scheme stripe --secret env:S --data @invoice.json --to 3000
  whk send order.created --forge stale --to 3000 --secret env:S
  whk send --challenge=zoom --to 3000 --secret env:S
  whk send order.created --dry-run --as curl
  whk send order.created --via relay --app org_42
  whk send order.created --count 10000 --concurrency 16 --to 3000 --out results.json")]
pub struct Args {
    /// The event's type, such as order.created
    #[arg(value_name = "TYPE", required_unless_present = "challenge", default_value = "", hide_default_value = true)]
    event_type: String,
    /// Where to: 3000, :3000/hook, https://..., unix:/path.sock [default: the running relay's inbox]
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,
    /// The payload: JSON, @file or - [default: a sample from the catalogue]
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    #[command(flatten)]
    edits: Edits,
    /// Send --data as it is: not JSON, not wrapped
    #[arg(long, requires = "data")]
    raw: bool,
    /// The Content-Type header [default: as the provider has it]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// The delivery's id [default: a new one]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The time of the signature [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Add a header, or override one. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V")]
    headers: Vec<String>,
    /// How to sign [default: standard-webhooks]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs, as in a rotation [default: the app's own]
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// What else a scheme needs, as key=value. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// Send what an attacker would
    #[arg(long, value_name = "KIND")]
    forge: Option<Forgery>,
    /// Play the provider's handshake instead, and check the answer: that of --scheme, or of the named provider
    #[arg(long, value_name = "PROVIDER", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["forge", "count", "retry", "dry_run", "data", "raw", "event_type"])]
    challenge: Option<String>,
    /// Print the request and send nothing
    #[arg(long)]
    dry_run: bool,
    /// How --dry-run prints it
    #[arg(long = "as", value_enum, default_value = "http", requires = "dry_run")]
    form: Form,
    /// Try again when it fails, after waits such as 1s,5s,30s, or standard
    #[arg(long, value_name = "SCHEDULE")]
    retry: Option<Schedule>,
    /// How long an answer may take; none waits for ever
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// Send so many events, each with its own id and signature
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["forge", "retry", "dry_run"])]
    count: Option<u64>,
    /// At most so many, as 50/s
    #[arg(long, value_name = "RATE", requires = "count")]
    rate: Option<Rate>,
    /// So many at once
    #[arg(long, value_name = "N", default_value = "16", requires = "count", value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
    /// Write the summary to a file as JSON
    #[arg(long, value_name = "FILE", requires = "count")]
    out: Option<PathBuf>,
    /// Through a platform, to the endpoints of an app, instead of to one address
    #[arg(long, value_enum, value_name = "PLATFORM", conflicts_with_all = ["to", "forge", "challenge", "count", "dry_run", "retry", "raw", "secret", "scheme", "headers", "at"])]
    via: Option<via::Via>,
    /// With --via: the same key again sends nothing more
    #[arg(long, value_name = "KEY", requires = "via")]
    idempotency_key: Option<String>,
    /// The app; without --via, the one whose inbox and secret are used
    #[command(flatten)]
    relay: At,
    /// Do not check the certificate of an https target
    #[arg(long)]
    insecure: bool,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Curl,
    Http,
    Json,
}

/// Runs the command.
///
/// # Errors
/// If what was given cannot be read, or nobody answers.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    for (key, value) in [("app", &args.relay.app), ("scheme", &args.scheme), ("timeout", &args.timeout)] {
        if let Some(value) = value {
            context.settings.set_flag(key, Value::String(value.clone()));
        }
    }
    if let Some(name) = &args.challenge {
        return challenge::run(&context, args, name);
    }
    if let Some(via) = args.via {
        return through(&context, args, via);
    }
    let shooter = shooter(&context, args)?;
    if args.dry_run {
        return shot::print(&context, &shooter, args.form, args.forge);
    }
    if let Some(count) = args.count {
        let load = load::Load { count, rate: args.rate, concurrency: args.concurrency, out: args.out.clone() };
        return load::run(&context, shooter, &load);
    }
    context.block_on(async {
        let client = Client::new(shooter.client.clone()).map_err(|why| CliError::usage(why.to_string()))?;
        match args.forge {
            Some(kind) => shot::forged(&context, &client, &shooter, kind).await,
            None => shot::send(&context, &client, &shooter, args.retry.as_ref()).await,
        }
    })
}

/// Sends it through a platform.
fn through(context: &Context, args: &Args, via: via::Via) -> Result<Exit, CliError> {
    let scheme = schemes::signing(context)?;
    let now = context.clock.now();
    let id = args.id.clone().unwrap_or_else(|| EventId::new(now, context.clock.chance()).to_string());
    // What the relay wraps itself is the same each time, as an idempotency key wants it.
    let carried = match data(context, args, &scheme)? {
        Data::Json(data) if args.edits.is_empty() && via.wraps() => via::Content::Data(data),
        Data::Json(data) => {
            let wrapped = sign::wrap(&scheme, &args.event_type, &id, &data, now);
            via::Content::payload(&args.edits.apply(context, wrapped)?)?
        }
        Data::Text(body, _) => via::Content::payload(&args.edits.apply(context, body)?)?,
    };
    let (event_type, id) = (args.event_type.as_str(), args.id.as_deref());
    let letter = via::Letter { event_type, id, content: carried, idempotency_key: args.idempotency_key.as_deref() };
    context.block_on(via::send(context, &args.relay, via, &letter))
}

/// Everything that is decided before the first byte goes out.
fn shooter(context: &Context, args: &Args) -> Result<Shooter, CliError> {
    let scheme = schemes::signing(context)?;
    let params = given::params(context, &args.param)?;
    let extra = parsers::headers(&args.headers)?;
    let (id, now) = (args.id.clone(), args.at);
    let moment = now.unwrap_or_else(|| context.clock.now());
    let first_id = id.clone().unwrap_or_else(|| EventId::new(moment, context.clock.chance()).to_string());
    let (body, kind) = body(context, args, &scheme, &first_id, moment)?;
    let secrets = context.signing_secrets(&args.secret)?;
    let target = target(context, args)?;
    // With a schedule, a broken connection is an attempt like any other.
    let client = ClientOptions {
        resend_stale: args.retry.is_none(),
        ..context.client_options(args.insecure, args.cacert.as_deref())?
    };
    Ok(Shooter {
        scheme,
        secrets,
        params,
        target,
        event_type: args.event_type.clone(),
        id: first_id,
        fixed_id: id,
        at: now,
        content_type: args.content_type.clone().unwrap_or(kind),
        extra,
        body: Bytes::from(body),
        timeout: context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?,
        client,
    })
}

/// The body and its media type.
fn body(
    context: &Context,
    args: &Args,
    scheme: &sign::Scheme,
    id: &str,
    now: Timestamp,
) -> Result<(Vec<u8>, String), CliError> {
    if args.raw {
        let bytes = context.bytes_of(args.data.as_deref().unwrap_or_default())?;
        let body = args.edits.apply(context, bytes)?;
        let kind = media_type(scheme, &args.event_type, &body);
        return Ok((body, kind));
    }
    match data(context, args, scheme)? {
        Data::Json(data) => {
            let wrapped = sign::wrap(scheme, &args.event_type, id, &data, now);
            Ok((args.edits.apply(context, wrapped)?, scheme.content_type().to_owned()))
        }
        Data::Text(body, kind) => Ok((args.edits.apply(context, body)?, kind)),
    }
}

/// What the event carries, before it is wrapped.
enum Data {
    Json(Box<RawValue>),
    /// A whole body of this media type.
    Text(Vec<u8>, String),
}

fn data(context: &Context, args: &Args, scheme: &sign::Scheme) -> Result<Data, CliError> {
    let data = if let Some(given) = &args.data {
        let bytes = context.bytes_of(given)?;
        checked_json(&bytes, if given == "-" { "standard input" } else { "--data" })?;
        let text = String::from_utf8(bytes);
        text.map_err(|_| CliError::usage("--data is not UTF-8: --raw sends bytes as they are"))?
    } else {
        let kind = catalog::find(&args.event_type, scheme.name());
        let kind = kind.ok_or_else(|| events::unknown_type(&args.event_type, Some(scheme.name())))?;
        match &kind.sample {
            Sample::Json(sample) => sample.get().to_owned(),
            Sample::Text { content_type, body } => {
                return Ok(Data::Text(body.clone().into_bytes(), content_type.clone()));
            }
        }
    };
    let data = RawValue::from_string(data).map_err(CliError::internal)?;
    Ok(Data::Json(data))
}

fn target(context: &Context, args: &Args) -> Result<Target, CliError> {
    if let Some(given) = &args.to {
        return given.parse().map_err(|why| CliError::usage(format!("--to: {why}")));
    }
    let found = running::find(&context.settings.home).ok_or_else(|| {
        CliError::unreachable("no relay is running here, and there is no --to")
            .kind("no_relay")
            .hint("start one: whk listen --forward localhost:3000")
            .hint("or send straight to your app: --to localhost:3000")
    })?;
    format!("{}/in/{}", found.url, context.app()?).parse().map_err(CliError::internal)
}

/// How long a retry waits at least, so that a loop stays a loop and not a flood.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
