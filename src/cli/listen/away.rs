//! Listening elsewhere: at a relay, or at what another program publishes, instead of at a port of our own.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::sync::Arc;

use clap::Args;
use jiff::tz::TimeZone;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::listen;
use crate::cli::remote::{self, At};
use crate::config::secret::SecretSource;
use crate::model::{AppName, EventId, Target};
use crate::net::ClientOptions;
use crate::policy::span;
use crate::relay::options::Options;
use crate::relay::source::redis::{self, Address, Manner, RedisError, Streams};
use crate::relay::source::stream::{Stream, StreamError, Wanted};
use crate::relay::source::tunnel::Wish;
use crate::relay::source::{Dial, DialError, Source};
use crate::store::{self, OpenOptions, Retention, Store};

/// How much of what came from a relay is kept in mind; the relay has it all.
const KEPT: Retention = Retention { age: Some(std::time::Duration::from_secs(600)), bytes: Some(64 << 20) };

/// Where to listen instead of at a port.
#[derive(Debug, Args)]
#[command(next_help_heading = "Elsewhere")]
pub(super) struct Away {
    /// Connect to a team's relay instead of opening an inbox: its events come here, your app's answers go back. With
    /// --port or --host an inspector is opened here all the same
    #[arg(long, value_name = "URL", conflicts_with_all = ["ack", "retry", "speed", "allow_from", "trust_proxy"])]
    relay: Option<String>,
    /// Read events from elsewhere instead: an events API's stream or a smee channel (https://...), or Redis Streams
    /// (redis://host/0?stream=workflow:events:*)
    #[arg(long, value_name = "URL", conflicts_with_all = ["relay", "allow_from", "trust_proxy"])]
    from: Option<String>,
    /// The relay's token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine's own]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Share the app's events with the other listeners of this group: each event goes to one of them
    #[arg(long, value_name = "NAME", requires = "relay", conflicts_with = "name")]
    group: Option<String>,
}

/// What was opened.
pub(super) struct Opened {
    pub(super) source: Source,
    /// Where senders post to.
    pub(super) url: String,
    /// Where it comes from.
    pub(super) place: String,
}

impl Away {
    /// Whether there is no inbox.
    pub(super) const fn is_wanted(&self) -> bool {
        self.relay.is_some() || self.from.is_some()
    }

    /// Where what comes is kept: on the disk, unless the relay has it already.
    pub(super) fn store(&self, context: &Context) -> Result<Arc<dyn Store>, CliError> {
        if self.relay.is_some() { Ok(store::open("memory:", &OpenOptions::default())?) } else { context.store() }
    }

    /// What differs from a listener with an inbox.
    pub(super) fn adjust(&self, options: &mut Options) {
        if self.relay.is_some() {
            options.retention = KEPT;
        }
    }

    /// Connects.
    pub(super) async fn open(&self, context: &Context, args: &listen::Args) -> Result<Opened, CliError> {
        match &self.from {
            Some(from) if from.starts_with("redis://") || from.starts_with("rediss://") => {
                self.open_redis(context, args, from).await
            }
            Some(from) if from.starts_with("http://") || from.starts_with("https://") => {
                self.open_stream(context, args, from).await
            }
            Some(from) => Err(CliError::usage(format!("--from: \"{from}\" is nothing to read from")).hint(
                "use http://... or https://... for a stream, or redis://host/0?stream=NAME (rediss:// over TLS)",
            )),
            None => self.open_relay(context, args).await,
        }
    }

    async fn open_stream(&self, context: &Context, args: &listen::Args, from: &str) -> Result<Opened, CliError> {
        let target: Target = from.parse().map_err(|why| CliError::usage(format!("--from: {why}")))?;
        let given = self.token.as_deref().or_else(|| context.world.variable("WHK_TOKEN"));
        let token =
            given.map(|text| SecretSource::new(&context.world, &context.env_files)?.secret(text)).transpose()?;
        let (last, since) = args.since.clone().map_or((None, None), |since| {
            if since.starts_with(EventId::PREFIX) { (Some(since), None) } else { (None, Some(since)) }
        });
        let wanted =
            Wanted { target: target.clone(), token, app: context.app()?, since, last, width: width(context, args)? };
        let stream = Stream::new(wanted, client(context, args)?).map_err(|why| CliError::usage(why.to_string()))?;
        let first = stream.connect().await.map_err(|why| match why {
            StreamError::Unreachable(failure) => CliError { exit: Exit::Unreachable, ..CliError::from(&failure) },
            StreamError::Refused(answer) => remote::refusal(answer.status, &answer.body),
            StreamError::NoStream(_) => CliError::usage(format!("--from: {why}")).kind("no_stream"),
        })?;
        let place = target.to_string();
        Ok(Opened { source: Source::Stream(Box::new(stream), Box::new(first)), url: place.clone(), place })
    }

    async fn open_redis(&self, context: &Context, args: &listen::Args, from: &str) -> Result<Opened, CliError> {
        let address = Address::read(from).map_err(|why| CliError::usage(format!("--from: {why}")))?;
        let place = format!("{} {}", safe_server(&address.server), address.stream);
        let start = match &args.since {
            None => "$".to_owned(),
            Some(text) => entry_id(context, text)?,
        };
        let own = || format!("whk-{:08x}", context.clock.chance() & 0xffff_ffff);
        let consumer = args.name.clone().unwrap_or_else(own);
        let manner = Manner { app: context.app()?, consumer, start, width: width(context, args)? };
        let failed = |why: &RedisError| {
            let error = CliError::unreachable(format!("--from: {why}")).kind("redis");
            if redis::is_final(why) {
                CliError { exit: Exit::Usage, ..error }
            } else {
                error.hint("is the server running, and there?")
            }
        };
        let streams = Streams::new(address, manner).map_err(|why| failed(&why))?;
        streams.open().await.map_err(|why| failed(&why))?;
        Ok(Opened { source: Source::Redis(Box::new(streams)), url: place.clone(), place })
    }

    async fn open_relay(&self, context: &Context, args: &listen::Args) -> Result<Opened, CliError> {
        let url = self.relay.as_deref().unwrap_or_default();
        let target: Target = url.parse().map_err(|why| CliError::usage(format!("--relay: {why}")))?;
        let at = At { token: self.token.clone(), ..At::default() };
        let token = remote::token_of(context, &at)?;
        let app = context.app()?;
        let texts = |globs: &[crate::policy::route::Glob]| globs.iter().map(ToString::to_string).collect();
        let wish = Wish {
            app: Some(app).filter(|app| *app != AppName::default()).map(|app| app.to_string()),
            name: args.name.clone(),
            group: self.group.clone(),
            since: args.since.clone(),
            only: texts(&args.only),
            except: texts(&args.except),
            ordered: args.ordered,
        };
        let client = client(context, args)?;
        let place = target.to_string();
        let clock = context.clock.as_ref();
        let dial = Dial::new(target, token, client, wish, clock).map_err(|why| CliError::usage(why.to_string()))?;
        let link = dial.connect(clock).await.map_err(|why| refused(&why))?;
        let url = link.url().to_owned();
        if !link.answers() {
            context.ui.note("  the token may only look: senders do not get your app's answers");
        }
        Ok(Opened { source: Source::Tunnel(Box::new(dial), Box::new(link)), url, place })
    }
}

/// How elsewhere is reached. `--insecure` is about the app, which is near.
fn client(context: &Context, args: &listen::Args) -> Result<ClientOptions, CliError> {
    context.client_options(false, args.cacert.as_deref())
}

/// How many events are handed on at once.
fn width(context: &Context, args: &listen::Args) -> Result<usize, CliError> {
    Ok(if args.ordered { 1 } else { context.settings.number("concurrency")? })
}

/// An entry's id as Redis has it: `0`, `$`, an id, or the first of a moment.
fn entry_id(context: &Context, text: &str) -> Result<String, CliError> {
    let plain = text.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if text == "$" || plain && !text.contains(':') && (text == "0" || text.len() >= 13) {
        return Ok(text.to_owned());
    }
    let moment = span::moment(text, context.clock.now(), &TimeZone::system());
    Ok(moment.map_err(|why| CliError::usage(format!("--since: {why}")))?.millis().to_string())
}

/// A server's address without its password.
fn safe_server(server: &str) -> String {
    match (server.split_once("://"), server.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        _ => server.to_owned(),
    }
}

/// The relay is not there, or does not want us.
fn refused(why: &DialError) -> CliError {
    match why {
        DialError::Unreachable(failure) => CliError { exit: Exit::Unreachable, ..CliError::from(failure) },
        DialError::Broken(_) => CliError::unreachable(format!("the relay does not speak the tunnel: {why}")),
        DialError::Status { status, detail } => remote::refused(*status, detail),
        DialError::Refused { code, .. } => {
            let error = CliError::usage(why.to_string());
            match code.as_str() {
                "name_taken" => {
                    error.kind("name_taken").hint("--name takes another name; --group shares the events with others")
                }
                "forbidden" => error.kind("forbidden"),
                _ => error.kind("refused"),
            }
        }
    }
}
