//! `whk register`: an endpoint, made or brought up to date, never twice.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::hooks::{Hooks, text, texts};
use crate::cli::keep::Keep;
use crate::cli::remote::{At, Remote};
use crate::model::target::Address;
use crate::model::{Secret, Target};
use crate::net::{Client, ClientOptions};
use crate::view::safe;

/// How long a look at the address may take.
const LOOK: Duration = Duration::from_secs(2);

/// Make an endpoint at a relay, or bring it up to date
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk register --url http://localhost:3000/hook --events order.created,order.paid --name shop
  whk register --url http://localhost:3000/hook --events 'order.*' --write-env .env.local:WEBHOOK_SECRET
  whk register --id ep_2rXk... --url http://localhost:4000/hook --dry-run

It is found by --id, else by its name, else by its URL. What is there stays, but for what differs; the secret too.")]
pub struct Args {
    /// Where it is registered; this version knows the relay
    #[arg(long, value_name = "NAME", default_value = "relay")]
    platform: String,
    /// Where the events go
    #[arg(long, value_name = "URL")]
    url: String,
    /// The types of event, as order.created,order.*. Repeatable [default: all]
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    events: Vec<String>,
    /// What it is called
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The one to bring up to date
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    keep: Keep,
    #[command(flatten)]
    at: At,
}

/// Runs the command.
///
/// # Errors
/// If no relay answers, or it refuses.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    if args.platform != "relay" {
        return Err(CliError::usage(format!("\"{}\" is no platform that this version knows", args.platform))
            .kind("unknown_platform")
            .hint("--platform relay is the relay on this machine, and the default"));
    }
    let target = address(&args.url)?;
    context.block_on(register(context, args, &target))
}

/// An address of a server, written in full.
fn address(url: &str) -> Result<Target, CliError> {
    let target: Target = url.parse().map_err(|why| CliError::usage(format!("--url: {why}")))?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(CliError::usage(format!("--url: write it in full, as {target}")));
    }
    Ok(target)
}

async fn register(context: &Context, args: &Args, target: &Target) -> Result<Exit, CliError> {
    let remote = Remote::find(context, &args.at)?;
    let hooks = Hooks { remote: &remote, app: args.at.app.as_deref() };
    let all = hooks.all().await?;
    let found = found(args, &all)?;
    advise(context, args, target, (&all, found)).await;
    let wish = wish(args, found);
    let Some(found) = found else {
        if args.dry_run {
            return say(context, "would_create", &wish, None);
        }
        let mut made = hooks.create(&wish).await?;
        let secret = made["secret"].as_str().map(Secret::new);
        if let Some(fields) = made.as_object_mut() {
            fields.remove("secret");
        }
        let shown = secret.as_ref().and_then(|secret| args.keep.put(context, secret));
        return say(context, "created", &made, shown);
    };
    if wish.as_object().is_none_or(Map::is_empty) {
        return say(context, "unchanged", found, None);
    }
    if args.dry_run {
        return would_update(context, found, &wish);
    }
    let changed = hooks.act("PATCH", text(found, "id"), "", Some(&wish)).await?;
    say(context, "updated", &changed, None)
}

fn found<'a>(args: &Args, all: &'a [Value]) -> Result<Option<&'a Value>, CliError> {
    let by = |field: &str, wanted: &str| all.iter().find(|hook| hook[field] == wanted);
    if let Some(id) = &args.id {
        let missing = || CliError::usage(format!("there is no endpoint {id}")).kind("not_found");
        return by("id", id).map(Some).ok_or_else(missing);
    }
    let named = args.name.as_deref().map(|name| by("name", name));
    Ok(match named {
        // Another name at the same address is another endpoint, unless that one has no name yet.
        Some(found) => found.or_else(|| by("url", &args.url).filter(|hook| text(hook, "name").is_empty())),
        None => by("url", &args.url),
    })
}

/// What is wanted of it that is not so yet.
fn wish(args: &Args, found: Option<&Value>) -> Value {
    let mut wish = Map::new();
    let differs = |field: &str, wanted: &str| found.is_none_or(|hook| text(hook, field) != wanted);
    if let Some(name) = args.name.as_deref().filter(|name| differs("name", name)) {
        wish.insert("name".to_owned(), json!(name));
    }
    if differs("url", &args.url) {
        wish.insert("url".to_owned(), json!(args.url));
    }
    let sorted = |mut events: Vec<String>| {
        events.sort();
        events.dedup();
        events
    };
    let events = sorted(args.events.clone());
    if !events.is_empty() && found.is_none_or(|hook| sorted(texts(hook, "events")) != events) {
        wish.insert("events".to_owned(), json!(args.events));
    }
    Value::Object(wish)
}

fn say(context: &Context, result: &str, hook: &Value, secret: Option<&str>) -> Result<Exit, CliError> {
    let ui = &context.ui;
    if ui.is_json() {
        let mut line = json!({"type": "endpoint", "result": result});
        for (name, value) in hook.as_object().into_iter().flatten().filter(|(name, _)| *name != "type") {
            line[name] = value.clone();
        }
        if let Some(secret) = secret {
            line["secret"] = json!(secret);
        }
        ui.json(&line)?;
        return Ok(Exit::Yes);
    }
    let (id, url, events) = (text(hook, "id"), text(hook, "url"), texts(hook, "events").join(","));
    let words = [&result.replace('_', " "), id, text(hook, "name"), url, &events];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    ui.line(&safe(words.join("  ").as_bytes()))?;
    if let Some(secret) = secret {
        ui.line(secret)?;
        ui.note("  that is the secret; it is shown this once (whk endpoints secret shows it again)");
    }
    Ok(Exit::Yes)
}

fn would_update(context: &Context, found: &Value, wish: &Value) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "endpoint", "result": "would_update", "id": found["id"], "change": wish}))?;
        return Ok(Exit::Yes);
    }
    context.ui.line(&safe(format!("would update  {}", text(found, "id")).as_bytes()))?;
    for (field, wanted) in wish.as_object().into_iter().flatten() {
        context.ui.line(&safe(format!("  {field}: {} -> {wanted}", found[field]).as_bytes()))?;
    }
    Ok(Exit::Yes)
}

/// What a person may want to know about the address.
async fn advise(context: &Context, args: &Args, target: &Target, (all, found): (&[Value], Option<&Value>)) {
    let mut advice: Vec<String> = Vec::new();
    let local = match &target.address {
        Address::Tcp { host, .. } => {
            host == "localhost"
                || host.ends_with(".localhost")
                || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Address::Unix(_) => true,
    };
    if !target.is_tls() && !local {
        advice.push("the URL is not https: what is sent can be read on the way".to_owned());
    }
    if target.path == "/" {
        advice.push("the URL is the root path: a path of its own is easier to protect".to_owned());
    }
    let names = ["token", "secret", "key", "password", "auth"];
    if target.query.as_ref().is_some_and(|query| names.iter().any(|name| query.to_lowercase().contains(name))) {
        advice.push("there may be a secret in the URL: URLs end up in logs".to_owned());
    }
    let own = found.map(|hook| text(hook, "id"));
    if let Some(other) = all.iter().find(|hook| hook["url"] == args.url.as_str() && Some(text(hook, "id")) != own) {
        advice.push(format!("{} has this URL too, for {}", text(other, "id"), texts(other, "events").join(",")));
    }
    if let Ok(client) = Client::new(ClientOptions { connect_time: LOOK, ..ClientOptions::default() })
        && let Err(why) = client.reach(target).await
    {
        advice.push(format!("nothing answers there yet: {}", why.message));
    }
    for line in advice {
        context.ui.note(&safe(format!("  ! {line}").as_bytes()));
    }
}
