//! `whk events`: what has arrived, one event in full, and the catalogue of types.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::api::events::{Found, find};
use crate::catalog::{self, EventType, Sample};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::payload::checked_json;
use crate::cli::remote::{At, Remote};
use crate::cli::render;
use crate::cli::tail::{self, Follow};
use crate::cli::wanted::{Wanted, cursor};
use crate::model::target::Address;
use crate::model::{Attempt, Event, EventId, Target};
use crate::store::{Cursor, Store};
use crate::view::{self, AttemptLine, EventLine, Message};

/// List and show what has arrived, and the catalogue of event types
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk events list --type 'order.*' --since 1h
  whk events list --status dead --output json
  whk events show msg_2rXk... --as curl
  whk events tail --type 'order.*'
  whk events sync
  whk events types order.created
  whk events types --product stripe")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List events, the newest first
    List {
        #[command(flatten)]
        wanted: Box<Wanted>,
        /// At most so many
        #[arg(long, default_value = "50", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
        /// Go on where an earlier page ended
        #[arg(long, value_name = "CURSOR", value_parser = cursor)]
        cursor: Option<Cursor>,
    },
    /// Show one event: request, verdict, attempts
    Show {
        /// The event's id
        id: EventId,
        /// In another form
        #[arg(long = "as", value_enum, value_name = "FORM")]
        form: Option<Form>,
    },
    /// Follow events as they come to a relay, and go on where it left off when the relay was away
    Tail {
        #[command(flatten)]
        tail: Box<Follow>,
    },
    /// Register event types at a relay: the catalogue's, or those of a file
    Sync {
        /// A JSON file: an OpenAPI 3.1 document with webhooks, or {"event_types": [...]}
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Those of one product of the catalogue [default: platform]
        #[arg(long, value_name = "PRODUCT", conflicts_with = "file")]
        product: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// List the event types of the catalogue, or one with schema and sample
    Types {
        /// The type, or an older name of it
        name: Option<String>,
        /// Those of one product or provider only, such as platform
        #[arg(long, value_name = "PRODUCT")]
        product: Option<String>,
    },
}

/// A form that an event is shown in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// As it would stand on the wire.
    Http,
    /// A command for a shell.
    Curl,
    /// The NDJSON line.
    Json,
    /// HAR 1.2.
    Har,
}

/// Runs the command.
///
/// # Errors
/// If the store fails, or there is no such event or type.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    match &args.action {
        Action::List { wanted, limit, cursor } => context.block_on(list(context, wanted, *limit, *cursor)),
        Action::Show { id, form } => context.block_on(show(context, *id, *form)),
        Action::Tail { tail } => context.block_on(tail::run(context, tail)),
        Action::Sync { file, product, at } => context.block_on(sync(context, file.as_deref(), product.as_deref(), at)),
        Action::Types { name, product } => types(context, name.as_deref(), product.as_deref()),
    }
}

async fn list(context: &Context, wanted: &Wanted, limit: u32, after: Option<Cursor>) -> Result<Exit, CliError> {
    let wanted = crate::api::events::Find { limit: limit as usize, after, ..wanted.find(context)? };
    let Some(store) = context.existing_store()? else {
        context.ui.note("nothing has arrived yet: whk listen starts an inbox");
        return Ok(Exit::Yes);
    };
    let found = find(store.as_ref(), &wanted).await?;
    print_list(context, store.as_ref(), &found).await?;
    store.close().await?;
    Ok(Exit::Yes)
}

async fn print_list(context: &Context, store: &dyn Store, found: &Found) -> Result<(), CliError> {
    let mut lines = context.ui.stream();
    for logged in &found.events {
        if context.ui.is_json() {
            lines.json(&EventLine::from(logged.event.as_ref()))?;
        } else {
            let deliveries = store.deliveries(logged.event.id).await?;
            lines.line(&render::events::row(&logged.event, &deliveries, context.ui.paint))?;
        }
    }
    match found.next {
        Some(next) if context.ui.is_json() => {
            lines.json(&json!({"type": "page", "next_cursor": next.0.to_string()}))?;
        }
        Some(next) => context.ui.talk(&format!("there is more: add --cursor {}", next.0)),
        None if found.events.is_empty() => context.ui.note("no event matches"),
        None => {}
    }
    lines.flush()
}

async fn show(context: &Context, id: EventId, form: Option<Form>) -> Result<Exit, CliError> {
    let unknown = || {
        CliError::usage(format!("there is no event {id}")).kind("not_found").hint("whk events list shows what there is")
    };
    let store = context.existing_store()?.ok_or_else(unknown)?;
    let event = store.event(id).await?.ok_or_else(unknown)?.event;
    let attempts = store.attempts(id).await?;
    store.close().await?;
    print_event(context, &event, &attempts, form)?;
    Ok(Exit::Yes)
}

fn print_event(context: &Context, event: &Event, attempts: &[Attempt], form: Option<Form>) -> Result<(), CliError> {
    let ui = &context.ui;
    let home = home(event);
    match form {
        Some(Form::Http) => ui.foreign(&view::as_http(&Message::captured(event, &home))),
        Some(Form::Curl) => ui.line(&view::as_curl(&Message::captured(event, &home))),
        Some(Form::Json) => ui.json(&EventLine::from(event)),
        Some(Form::Har) => ui.json(&view::as_har([event], &home)),
        None if ui.is_json() => {
            ui.json(&EventLine::from(event))?;
            attempts.iter().try_for_each(|attempt| ui.json(&AttemptLine::from(attempt)))
        }
        None => ui.line(&render::events::detail(event, attempts, ui.paint)),
    }
}

/// The relay that an event came to, as its sender addressed it.
fn home(event: &Event) -> Target {
    let host = event.request.headers.text("host").unwrap_or("localhost");
    let local = || Target {
        address: Address::Tcp { tls: false, host: "localhost".to_owned(), port: 80 },
        path: "/".to_owned(),
        query: None,
        userinfo: None,
    };
    format!("http://{host}").parse().unwrap_or_else(|_| local())
}

async fn sync(context: &Context, file: Option<&Path>, product: Option<&str>, at: &At) -> Result<Exit, CliError> {
    let body: Value = match (file, product) {
        (Some(path), _) => {
            let bytes = context.read(path)?;
            checked_json(&bytes, &path.display().to_string())?;
            serde_json::from_slice(&bytes).map_err(|why| CliError::usage(format!("{}: {why}", path.display())))?
        }
        (None, Some(product)) => json!({"product": product}),
        (None, None) => json!({}),
    };
    let said = Remote::find(context, at)?.call("POST", "/api/webhooks/sync", Some(&body)).await?;
    if context.ui.is_json() {
        context.ui.json(&said)?;
    } else {
        let count = |name: &str| said[name].as_u64().unwrap_or_default();
        context.ui.line(&format!(
            "{} created, {} updated, {} unchanged",
            count("created"),
            count("updated"),
            count("unchanged")
        ))?;
    }
    Ok(Exit::Yes)
}

fn types(context: &Context, name: Option<&str>, product: Option<&str>) -> Result<Exit, CliError> {
    let ui = &context.ui;
    if let Some(unknown) = product.filter(|product| catalog::products().all(|known| known != *product)) {
        let error = CliError::usage(format!("the catalogue has no product \"{unknown}\"")).kind("unknown_product");
        return Err(error.hint("whk events types names the product of each type"));
    }
    let ours = |kind: &&EventType| product.is_none_or(|product| kind.product == product);
    let kinds: Vec<_> = match (name, product) {
        (Some(name), _) => catalog::named(name).into_iter().filter(ours).collect(),
        (None, Some(product)) => catalog::of_product(product).collect(),
        (None, None) => catalog::types().collect(),
    };
    if let (Some(name), []) = (name, kinds.as_slice()) {
        return Err(unknown_type(name, None));
    }
    let mut lines = ui.stream();
    for kind in kinds {
        if ui.is_json() {
            lines.json(&type_line(kind))?;
        } else {
            lines.line(&render::events::event_type(kind, name.is_some(), ui.paint))?;
        }
    }
    lines.flush()?;
    Ok(Exit::Yes)
}

fn type_line(kind: &EventType) -> Value {
    let (sample, content_type) = match &kind.sample {
        Sample::Json(sample) => (json!(sample), "application/json"),
        Sample::Text { content_type, body } => (json!(body), content_type.as_str()),
    };
    json!({
        "type": "event_type", "name": kind.name, "title": kind.title, "description": kind.description,
        "category": kind.category, "product": kind.product, "schemes": kind.schemes, "aliases": kind.aliases,
        "schema": kind.schema, "sample": sample, "content_type": content_type,
    })
}

/// No such type in the catalogue, or none that goes with the scheme.
#[must_use]
pub fn unknown_type(name: &str, scheme: Option<&str>) -> CliError {
    let near = catalog::nearest(name, scheme);
    let whose = scheme.map_or(String::new(), |scheme| format!(" that goes with {scheme}"));
    let mut error = CliError::usage(format!("the catalogue has no event type \"{name}\"{whose}")).kind("unknown_type");
    if !near.is_empty() {
        error = error.hint(format!("did you mean {}?", near.join(", ")));
    }
    for other in catalog::named(name).iter().flat_map(|kind| &kind.schemes).take(3) {
        error = error.hint(format!("{other} has it: --scheme {other}"));
    }
    error.hint("whk events types lists them; --data sends any type with a payload of your own")
}
