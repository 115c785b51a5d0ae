//! `whk endpoints`: what is registered at a platform, looked at and changed.

use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::keep::Keep;
use crate::cli::platform::desk::Desk;
use crate::cli::platform::{Place, setting};
use crate::cli::render;
use crate::platform::admin::{Hook, Wish};
use crate::sign::json::Pointer;
use crate::view::safe;

/// How long a test event may be on its way, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// List, show and change the endpoints of a platform
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk endpoints list
  whk endpoints show ep_2rXk...
  whk endpoints update shop --events 'order.*' --rate-limit 50
  whk endpoints disable shop
  whk endpoints rotate shop --yes
  whk endpoints test shop
  whk endpoints secret shop
  whk endpoints list --platform github --param repo=acme/shop
  whk endpoints export --platform sellvik --base-url https://shop.example.com > endpoints.toml")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List them
    List {
        #[command(flatten)]
        place: Place,
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
        asked: Box<Asked>,
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
    /// Write them all as TOML, for whk apply
    Export {
        #[command(flatten)]
        place: Place,
    },
}

/// One endpoint.
#[derive(Clone, Debug, ClapArgs)]
struct One {
    /// The endpoint: its id, its uid, its name or its URL
    #[arg(value_name = "ENDPOINT")]
    key: String,
    #[command(flatten)]
    place: Place,
}

/// What is to be different.
#[derive(Clone, Debug, ClapArgs)]
#[expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]
struct Asked {
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
    /// A value of the platform's own, as /config/content_type=form. Repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    set: Vec<(Pointer, Value)>,
}

/// Runs the command.
///
/// # Errors
/// If the platform does not answer, or refuses.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(act(context, &args.action))
}

async fn act(context: &Context, action: &Action) -> Result<Exit, CliError> {
    let one = match action {
        Action::List { place } => return list(context, place).await,
        Action::Export { place } => return export(context, place).await,
        Action::Show { one }
        | Action::Update { one, .. }
        | Action::Enable { one }
        | Action::Disable { one }
        | Action::Rotate { one, .. }
        | Action::Test { one, .. }
        | Action::Delete { one }
        | Action::Secret { one } => one,
    };
    let desk = one.place.open(context)?;
    let hook = desk.find(&one.key).await?;
    let disable = |yes: bool| {
        let fields = json!({"disabled": yes}).as_object().cloned().unwrap_or_default();
        Wish { fields, set: Vec::new() }
    };
    match action {
        Action::List { .. } | Action::Export { .. } => Ok(Exit::Yes),
        Action::Show { .. } => detail(&desk, &desk.show(hook).await?),
        Action::Update { asked, .. } => change(&desk, &hook, &asked.wish()?).await,
        Action::Enable { .. } => change(&desk, &hook, &disable(false)).await,
        Action::Disable { .. } => change(&desk, &hook, &disable(true)).await,
        Action::Rotate { keep, .. } => {
            if !context.confirm(&format!("Sign with a new secret at {}?", one.key))? {
                return Ok(Exit::No);
            }
            rotate(&desk, &hook, keep).await
        }
        Action::Test { event_type, .. } => test(&desk, &hook, event_type.as_deref()).await,
        Action::Delete { .. } => {
            if !context.confirm(&format!("Remove the endpoint {}?", one.key))? {
                return Ok(Exit::No);
            }
            desk.delete(&hook).await?;
            if context.ui.is_json() {
                context.ui.json(&json!({"type": "endpoint", "result": "deleted", "id": hook.text("id")}))?;
            }
            context.ui.note(&safe(format!("removed {}", hook.text("id")).as_bytes()));
            Ok(Exit::Yes)
        }
        Action::Secret { .. } => secret(&desk, &hook).await,
    }
}

impl Asked {
    fn wish(&self) -> Result<Wish, CliError> {
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
        let wish = Wish { fields, set: self.set.clone() };
        if wish.is_empty() {
            return Err(CliError::usage("nothing to change: give --url, --events, --name or another flag"));
        }
        Ok(wish)
    }
}

async fn list(context: &Context, place: &Place) -> Result<Exit, CliError> {
    let desk = place.open(context)?;
    let all = desk.all().await?;
    let mut lines = context.ui.stream();
    for hook in &all {
        if context.ui.is_json() { lines.json(&record(hook))? } else { lines.line(&render::endpoints::row(hook))? }
    }
    lines.flush()?;
    if all.is_empty() {
        context.ui.note(&format!("no endpoint is registered: whk register{} --url URL makes one", desk.flags()));
    }
    Ok(Exit::Yes)
}

async fn export(context: &Context, place: &Place) -> Result<Exit, CliError> {
    let desk = place.open(context)?;
    let all = desk.all().await?;
    if context.ui.is_json() {
        all.iter().try_for_each(|hook| context.ui.json(&record(hook)))?;
        return Ok(Exit::Yes);
    }
    context.ui.line(&render::endpoints::toml(desk.title(), desk.platform.about.scheme.as_deref(), &all))?;
    Ok(Exit::Yes)
}

/// An endpoint as a line of JSON.
fn record(hook: &Hook) -> Value {
    let mut line = Map::new();
    line.insert("type".to_owned(), json!("endpoint"));
    line.extend(hook.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(line)
}

fn print(desk: &Desk<'_>, hook: &Hook) -> Result<Exit, CliError> {
    let ui = &desk.context().ui;
    if ui.is_json() {
        ui.json(&record(hook))?;
    } else {
        ui.line(&render::endpoints::row(hook))?;
    }
    Ok(Exit::Yes)
}

fn detail(desk: &Desk<'_>, hook: &Hook) -> Result<Exit, CliError> {
    print(desk, hook)?;
    if !desk.context().ui.is_json() {
        render::endpoints::details(hook).try_for_each(|line| desk.context().ui.line(&line))?;
    }
    Ok(Exit::Yes)
}

async fn change(desk: &Desk<'_>, hook: &Hook, wish: &Wish) -> Result<Exit, CliError> {
    if let Some(name) = wish.fields.keys().find(|name| !desk.platform.writes(name)) {
        let what = name.replace('_', " ");
        let message = format!("endpoints at {} have no {what} that can be set", desk.title());
        return Err(CliError::usage(message).kind("field"));
    }
    if desk.forgets_secret(hook, wish) {
        let message = format!("{} forgets the secret when this changes", desk.title());
        let hint = format!("whk register --id {}{} changes it and keeps the new secret", hook.text("id"), desk.flags());
        return Err(CliError::usage(message).kind("forgets_secret").hint(hint));
    }
    let difference = wish.beyond(&desk.platform, hook);
    if difference.is_empty() {
        return print(desk, hook);
    }
    print(desk, &desk.change(hook, &difference).await?)
}

async fn rotate(desk: &Desk<'_>, hook: &Hook, keep: &Keep) -> Result<Exit, CliError> {
    let ui = &desk.context().ui;
    let secret = desk.rotate(hook).await?;
    let shown = keep.put(desk.context(), &secret);
    if ui.is_json() {
        let id = hook.text("id");
        ui.json(&json!({"type": "endpoint", "result": "rotated", "id": id, "secret": shown}))?;
    } else if let Some(secret) = shown {
        ui.line(secret)?;
    }
    if desk.platform.about.local {
        ui.note("  the old secret goes on signing for 24 hours");
    }
    Ok(Exit::Yes)
}

async fn secret(desk: &Desk<'_>, hook: &Hook) -> Result<Exit, CliError> {
    let ui = &desk.context().ui;
    let Some(secret) = desk.secret(hook).await? else {
        let about = &desk.platform.about;
        let message = format!("{} does not tell secrets again", desk.title());
        let error = CliError { exit: Exit::No, ..CliError::usage(message) }.kind("unsupported");
        let rotate = format!("whk endpoints rotate {}{} makes a new one", hook.text("id"), desk.flags());
        return Err(error.hint(about.secret_note.clone().unwrap_or(rotate)));
    };
    if ui.is_json() {
        ui.json(&json!({"type": "secret", "secret": secret.reveal()}))?;
    } else {
        ui.line(secret.reveal())?;
    }
    Ok(Exit::Yes)
}

/// Sends a test event, and waits for what became of it if the platform tells.
async fn test(desk: &Desk<'_>, hook: &Hook, event_type: Option<&str>) -> Result<Exit, CliError> {
    let ui = &desk.context().ui;
    let event = desk.test(hook, event_type).await?;
    let id = event["id"].as_str().unwrap_or_default();
    let waiting = async {
        loop {
            match desk.attempts(id).await? {
                None => return Ok::<_, CliError>(None),
                Some(all) => {
                    if let Some(first) = all.into_iter().next() {
                        return Ok(Some(first));
                    }
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let attempt = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| CliError {
        exit: Exit::TimedOut,
        ..CliError::unreachable(format!("{id} was not tried within {PATIENCE:?}")).kind("timeout")
    })??;
    let Some(attempt) = attempt else {
        if ui.is_json() {
            ui.json(&json!({"type": "endpoint", "result": "tested", "id": hook.text("id"), "answer": event}))?;
        }
        ui.note(&format!("{} sends a test event to {}", desk.title(), safe(hook.text("url").as_bytes())));
        return Ok(Exit::Yes);
    };
    let status = attempt["status"].as_u64();
    if ui.is_json() {
        ui.json(&attempt)?;
    } else {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let said = status.map_or_else(|| text(&attempt["error"]["message"]), |status| status.to_string());
        let (kind, url) = (text(&event["event_type"]), text(&attempt["url"]));
        ui.line(&safe(format!("[{said}] {kind} {url} ({} ms)", attempt["duration_ms"]).as_bytes()))?;
    }
    Ok(if status.is_some_and(|status| (200..300).contains(&status)) { Exit::Yes } else { Exit::No })
}
