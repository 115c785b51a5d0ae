//! `whk endpoints`: what is registered at a relay, looked at and changed.

use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::hooks::{Hooks, row, text};
use crate::cli::keep::Keep;
use crate::cli::remote::{At, Remote};
use crate::model::Secret;
use crate::view::safe;

/// How long a test event may be on its way, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// List, show and change the endpoints of a relay
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk endpoints list
  whk endpoints show ep_2rXk...
  whk endpoints update shop --events 'order.*' --rate-limit 50
  whk endpoints disable shop
  whk endpoints rotate shop --yes
  whk endpoints test shop
  whk endpoints secret shop")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List them
    List {
        #[command(flatten)]
        at: At,
    },
    /// Show one, and how it is doing
    Show {
        #[command(flatten)]
        one: One,
    },
    /// Change one; what is not said stays as it is
    Update {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        wish: Box<Wish>,
    },
    /// Let one get events again
    Enable {
        #[command(flatten)]
        one: One,
    },
    /// Let one get nothing for now
    Disable {
        #[command(flatten)]
        one: One,
    },
    /// Sign with a new secret; the old one goes on signing for 24 hours
    Rotate {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        keep: Keep,
    },
    /// Send an event to one alone, and say what it answered
    Test {
        #[command(flatten)]
        one: One,
        /// Of this type [default: one that it wants]
        #[arg(long = "type", value_name = "TYPE")]
        event_type: Option<String>,
    },
    /// Remove one
    Delete {
        #[command(flatten)]
        one: One,
    },
    /// Print its signing secret
    Secret {
        #[command(flatten)]
        one: One,
    },
}

/// One endpoint.
#[derive(Clone, Debug, ClapArgs)]
struct One {
    /// The endpoint: its id, its uid or its name
    #[arg(value_name = "ENDPOINT")]
    key: String,
    #[command(flatten)]
    at: At,
}

/// What is to be different.
#[derive(Clone, Debug, ClapArgs)]
struct Wish {
    /// Where the events go
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The types of event, as order.created,order.*. Repeatable
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    events: Vec<String>,
    /// What it is called
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// At most so many deliveries a second; 0 for no limit
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// Whether a delivery waits for the one before it
    #[arg(long, value_name = "BOOL")]
    ordered: Option<bool>,
    /// How it is signed
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// If no relay answers, or it refuses.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(act(context, &args.action))
}

async fn act(context: &Context, action: &Action) -> Result<Exit, CliError> {
    let one = match action {
        Action::List { at } => return list(context, at).await,
        Action::Show { one }
        | Action::Update { one, .. }
        | Action::Enable { one }
        | Action::Disable { one }
        | Action::Rotate { one, .. }
        | Action::Test { one, .. }
        | Action::Delete { one }
        | Action::Secret { one } => one,
    };
    let remote = Remote::find(context, &one.at)?;
    let hooks = Hooks { remote: &remote, app: one.at.app.as_deref() };
    let id = hooks.id_of(&one.key).await?;
    let patch = async |wish: Value| print(context, &hooks.act("PATCH", &id, "", Some(&wish)).await?);
    match action {
        Action::List { .. } => Ok(Exit::Yes),
        Action::Show { .. } => detail(context, &hooks.act("GET", &id, "", None).await?),
        Action::Update { wish, .. } => patch(wish.fields()?).await,
        Action::Enable { .. } => patch(json!({"disabled": false})).await,
        Action::Disable { .. } => patch(json!({"disabled": true})).await,
        Action::Rotate { keep, .. } => {
            if !context.confirm(&format!("Sign with a new secret at {}?", one.key))? {
                return Ok(Exit::No);
            }
            rotated(context, &hooks.act("POST", &id, "/rotate-secret", None).await?, keep)
        }
        Action::Test { event_type, .. } => {
            let body = event_type.as_ref().map(|name| json!({"event_type": name}));
            let event = hooks.act("POST", &id, "/test", body.as_ref()).await?;
            tested(context, &remote, &event).await
        }
        Action::Delete { .. } => {
            if !context.confirm(&format!("Remove the endpoint {}?", one.key))? {
                return Ok(Exit::No);
            }
            hooks.act("DELETE", &id, "", None).await?;
            if context.ui.is_json() {
                context.ui.json(&json!({"type": "endpoint", "result": "deleted", "id": id}))?;
            }
            context.ui.note(&format!("removed {id}"));
            Ok(Exit::Yes)
        }
        Action::Secret { .. } => {
            let said = hooks.act("GET", &id, "/secret", None).await?;
            if context.ui.is_json() {
                context.ui.json(&said)?;
            } else {
                context.ui.line(text(&said, "secret"))?;
            }
            Ok(Exit::Yes)
        }
    }
}

impl Wish {
    fn fields(&self) -> Result<Value, CliError> {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        for (name, value) in [("url", &self.url), ("name", &self.name), ("scheme", &self.scheme)] {
            if let Some(value) = value {
                put(name, json!(value));
            }
        }
        if !self.events.is_empty() {
            put("events", json!(self.events));
        }
        if let Some(limit) = self.rate_limit {
            put("rate_limit", if limit == 0 { Value::Null } else { json!(limit) });
        }
        if let Some(ordered) = self.ordered {
            put("ordered", json!(ordered));
        }
        if fields.is_empty() {
            return Err(CliError::usage("nothing to change: give --url, --events, --name or another flag"));
        }
        Ok(Value::Object(fields))
    }
}

async fn list(context: &Context, at: &At) -> Result<Exit, CliError> {
    let remote = Remote::find(context, at)?;
    let all = Hooks { remote: &remote, app: at.app.as_deref() }.all().await?;
    let mut lines = context.ui.stream();
    for hook in &all {
        if context.ui.is_json() { lines.json(hook)? } else { lines.line(&row(hook))? }
    }
    lines.flush()?;
    if all.is_empty() {
        context.ui.note("no endpoint is registered: whk register --url URL makes one");
    }
    Ok(Exit::Yes)
}

fn print(context: &Context, hook: &Value) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        context.ui.json(hook)?;
    } else {
        context.ui.line(&row(hook))?;
    }
    Ok(Exit::Yes)
}

fn detail(context: &Context, hook: &Value) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        return print(context, hook);
    }
    context.ui.line(&row(hook))?;
    for (name, value) in hook.as_object().into_iter().flatten() {
        let known = ["type", "id", "name", "url", "events"].contains(&name.as_str());
        let empty = value.is_null() || value == &json!([]) || value == &json!({}) || value == "";
        if !known && !empty {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            context.ui.line(&safe(format!("  {name}: {value}").as_bytes()))?;
        }
    }
    Ok(Exit::Yes)
}

fn rotated(context: &Context, hook: &Value, keep: &Keep) -> Result<Exit, CliError> {
    let secret = Secret::new(text(hook, "secret"));
    let shown = keep.put(context, &secret);
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "endpoint", "result": "rotated", "id": hook["id"], "secret": shown}))?;
    } else if let Some(secret) = shown {
        context.ui.line(secret)?;
    }
    context.ui.note("  the old secret goes on signing for 24 hours");
    Ok(Exit::Yes)
}

/// Waits for what became of a test event.
async fn tested(context: &Context, remote: &Remote<'_>, event: &Value) -> Result<Exit, CliError> {
    let id = text(event, "id");
    let path = format!("/api/v1/webhooks/events/{id}/attempts");
    let waiting = async {
        loop {
            let page = remote.call("GET", &path, None).await?;
            if let Some(attempt) = page["data"].as_array().and_then(|all| all.first()) {
                return Ok::<Value, CliError>(attempt.clone());
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let attempt = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| CliError {
        exit: Exit::TimedOut,
        ..CliError::unreachable(format!("{id} was not tried within {PATIENCE:?}")).kind("timeout")
    })??;
    let status = attempt["status"].as_u64();
    if context.ui.is_json() {
        context.ui.json(&attempt)?;
    } else {
        let said = status.map_or_else(|| text(&attempt["error"], "message").to_owned(), |status| status.to_string());
        let line =
            format!("[{said}] {} {} ({} ms)", text(event, "event_type"), text(&attempt, "url"), attempt["duration_ms"]);
        context.ui.line(&safe(line.as_bytes()))?;
    }
    Ok(if status.is_some_and(|status| (200..300).contains(&status)) { Exit::Yes } else { Exit::No })
}
