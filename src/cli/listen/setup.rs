//! From flags and settings to a relay's options.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use toml::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::listen::{AckArg, Args};
use crate::cli::{parsers, schemes};
use crate::config::Settings;
use crate::model::target::Address;
use crate::model::{AppName, Endpoint, EndpointId, EventId, Secret, Target};
use crate::net::{ClientOptions, Limits};
use crate::policy::filter::Filter;
use crate::policy::retry::Schedule;
use crate::policy::route::Glob;
use crate::policy::span;
use crate::relay::http::SERVICE;
use crate::relay::options::{
    Access, Ack, Answering, Disabling, Forward, Listener, Options, Sending, Tunnel, Validating,
};
use crate::sign::{Handshake, Scheme};
use crate::store::{Cursor, Order, Query, Retention, Store};

/// How long a stop may take.
const DRAIN: Duration = Duration::from_secs(10);

/// Flags that are settings too go on top of them.
pub(super) fn lay_flags(settings: &mut Settings, args: &Args) {
    let texts = [
        ("timeout", args.timeout.clone()),
        ("retry", args.retry.clone()),
        ("host", args.host.clone()),
        ("max_body", args.max_body.clone()),
        ("app", args.app.clone()),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            settings.set_flag(key, value);
        }
    }
    args.judged.lay_flags(settings);
    for (key, number) in [("port", args.port), ("concurrency", args.concurrency)] {
        if let Some(number) = number {
            settings.set_flag(key, i64::from(number));
        }
    }
    if !args.forward.is_empty() {
        let all: Vec<Value> = args.forward.iter().cloned().map(Value::String).collect();
        settings.set_flag("forward", all);
    }
}

pub(super) async fn options(context: &Context, args: &Args, store: &dyn Store) -> Result<Options, CliError> {
    let settings = &context.settings;
    let body = settings.parse("max_body", span::size)?;
    let judging = args.judged.judging(context)?;
    let answering = answering(context, args, judging.scheme.as_ref())?;
    Ok(Options {
        validating: Validating::Off,
        disabling: Disabling::default(),
        forwards: forwards(context, args, store).await?,
        ack: match args.ack {
            AckArg::App => Ack::App,
            AckArg::Now => Ack::Now,
        },
        canned: args.respond,
        judging,
        answering,
        sending: sending(context, args)?,
        limits: Limits { body_bytes: usize::try_from(body).unwrap_or(usize::MAX), drain: DRAIN, ..Limits::default() },
        retention: Retention {
            age: settings.parse("retention_age", |text| parsers::unless_none(text, span::duration))?,
            bytes: settings.parse("retention_size", |text| parsers::unless_none(text, span::size))?,
        },
        listener: listener(context, args, store).await?,
        access: args.senders.narrow(Access::default()),
        tunnel: Tunnel::default(),
    })
}

/// Who is answered: the providers named here, else the chosen scheme's, else whoever asks.
fn answering(context: &Context, args: &Args, scheme: Option<&Arc<Scheme>>) -> Result<Answering, CliError> {
    let own = |scheme: &Arc<Scheme>| Handshake::of(Arc::clone(scheme));
    let mut answering = Answering { own: context.known.own().iter().rev().map(own).collect(), ..Answering::default() };
    for word in &args.challenge {
        match word.as_str() {
            "auto" => {}
            "off" => answering.off = true,
            "fetch" => answering.fetch = true,
            name => answering.chosen.push(schemes::handshake(context, name)?),
        }
    }
    if answering.chosen.is_empty() {
        answering.chosen.extend(scheme.map(own));
    }
    Ok(answering)
}

fn sending(context: &Context, args: &Args) -> Result<Sending, CliError> {
    let settings = &context.settings;
    let retry: Schedule = settings.parse("retry", str::parse)?;
    Ok(Sending {
        extra: parsers::headers(&args.headers)?,
        resign: args.resign,
        timeout: settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?,
        concurrency: settings.number("concurrency")?,
        ordered: args.ordered,
        retry: match args.speed {
            Some(speed) => retry.at_speed(speed),
            None => retry,
        },
        client: ClientOptions {
            insecure: args.insecure,
            ca_pem: args.cacert.as_deref().map(|path| context.read(path)).transpose()?,
            // With a schedule, a broken connection is an attempt like any other.
            resend_stale: matches!(args.ack, AckArg::App),
            ..ClientOptions::default()
        },
    })
}

/// Each `--forward` and `--route` is an endpoint; the same listener and target find the same one again.
async fn forwards(context: &Context, args: &Args, store: &dyn Store) -> Result<Vec<Forward>, CliError> {
    let app = context.app()?;
    let filter =
        Arc::new(Filter { only: args.only.clone(), except: args.except.clone(), conditions: args.conditions.clone() });
    let mut wanted: Vec<(Option<Glob>, Target)> = Vec::new();
    for text in context.settings.list("forward") {
        let target = text.parse().map_err(|why| CliError::usage(format!("--forward: {why}")))?;
        wanted.push((None, target));
    }
    wanted.extend(args.route.iter().map(|route| (Some(route.glob.clone()), route.target.clone())));
    let mut all = Vec::new();
    for (types, target) in wanted {
        let endpoint = endpoint(context, store, &app, args.name.as_deref(), target).await?;
        all.push(Forward { endpoint, types, filter: Arc::clone(&filter) });
    }
    Ok(all)
}

async fn endpoint(
    context: &Context,
    store: &dyn Store,
    app: &AppName,
    name: Option<&str>,
    target: Target,
) -> Result<Endpoint, CliError> {
    let (now, chance) = (context.clock.now(), context.clock.chance());
    let uid = format!("listen:{}:{target}", name.unwrap_or_default());
    let id = EndpointId::new(now, chance);
    let new = Endpoint { uid: Some(uid), ..Endpoint::new(id, app.clone(), target.clone(), now) };
    let found = store.ensure_endpoint(new).await?;
    // The store masks what the URL's owner typed; what was typed this time is what is used.
    Ok(Endpoint { target, ..found })
}

async fn listener(context: &Context, args: &Args, store: &dyn Store) -> Result<Option<Listener>, CliError> {
    // A relay elsewhere remembers places itself.
    if args.away.is_wanted() || args.name.is_none() && args.since.is_none() {
        return Ok(None);
    }
    let since = match &args.since {
        Some(text) => Some(place(context, store, text).await?),
        None => None,
    };
    Ok(Some(Listener { name: args.name.clone(), since }))
}

/// The place in the log just before what `--since` asks for.
async fn place(context: &Context, store: &dyn Store, text: &str) -> Result<Cursor, CliError> {
    if text.starts_with(EventId::PREFIX) {
        let id: EventId = text.parse().map_err(|why| CliError::usage(format!("--since: {why}")))?;
        let found = store.event(id).await?;
        return found
            .map(|logged| logged.cursor)
            .ok_or_else(|| CliError::usage(format!("--since: there is no event {id}")));
    }
    let since = span::moment(text, context.clock.now(), &TimeZone::system())
        .map_err(|why| CliError::usage(format!("--since: {why}")))?;
    let query = Query { since: Some(since), order: Order::Oldest, limit: 1, ..Query::default() };
    match store.events(query).await?.first() {
        Some(first) => Ok(Cursor(first.cursor.0.saturating_sub(1))),
        None => Ok(store.newest().await?),
    }
}

/// Opens the inbox's port.
pub(in crate::cli) async fn bind(context: &Context) -> Result<TcpListener, CliError> {
    let host = context.settings.text("host").to_owned();
    let port: u16 = context.settings.number("port")?;
    match TcpListener::bind((host.as_str(), port)).await {
        Ok(listener) => Ok(listener),
        Err(why) if why.kind() == std::io::ErrorKind::AddrInUse => {
            let who = if is_relay(&host, port).await { "another whk relay" } else { "another program" };
            Err(CliError::unreachable(format!("port {port} on {host} is in use by {who}"))
                .kind("port_in_use")
                .hint("--port 0 takes any free one, --port N another"))
        }
        Err(why) => Err(CliError::unreachable(format!("cannot listen on {host} port {port}: {why}"))
            .kind("bind")
            .hint("--host 127.0.0.1 and --port 0 always work")),
    }
}

async fn is_relay(host: &str, port: u16) -> bool {
    let target = Target {
        address: Address::Tcp { tls: false, host: host.to_owned(), port },
        path: "/".to_owned(),
        query: None,
        userinfo: None,
    };
    let found = crate::cli::fetch::get(&target, "/healthz", Duration::from_millis(500)).await;
    found.is_some_and(|body| {
        serde_json::from_slice::<serde_json::Value>(&body).is_ok_and(|value| value["service"] == SERVICE)
    })
}

/// A relay that forwards to itself would never stop.
pub(super) fn refuse_loops(options: &Options, own: SocketAddr) -> Result<(), CliError> {
    for forward in &options.forwards {
        let Address::Tcp { host, port, .. } = &forward.endpoint.target.address else { continue };
        let local = host == "localhost"
            || host.ends_with(".localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified() || ip == own.ip());
        if *port == own.port() && local {
            let target = &forward.endpoint.target;
            return Err(CliError::usage(format!("target {target} is whk itself, which would be a loop"))
                .hint("give the port your app listens on"));
        }
    }
    Ok(())
}

/// The secret that senders sign with: the first given one, else the app's own.
pub(super) async fn shown_secret(context: &Context, options: &Options, store: &dyn Store) -> Result<Secret, CliError> {
    if let Some(given) = options.judging.secrets.first() {
        return Ok(given.clone());
    }
    let app = context.own_app(store, &context.app()?).await?;
    app.secrets.into_iter().next().ok_or_else(|| CliError::internal("the app has no secret"))
}
