//! `whk diff`: two events, or two attempts, beside each other.

use std::str::FromStr;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::render;
use crate::model::{Attempt, AttemptId, Event, EventId};
use crate::store::{Order, Query, Store};
use crate::view::compare::{self, Difference};

/// Where it says nothing of how wide it is.
const WIDTH: usize = 120;
/// An attempt's event is looked for among so many before it.
const LOOKED_AT: usize = 10_000;
const PAGE: usize = 200;

/// Show what differs between two events, or two attempts
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk diff msg_2rXk... msg_2rYk...
  whk diff atmpt_2rXk... atmpt_2rYk...
  whk diff msg_2rXk.../1 msg_2rXk.../2      the first and the second attempt of an event

Exit codes: 0 nothing differs, 1 something does. Ids and times do not count.")]
pub struct Args {
    /// An event (msg_...), an attempt (atmpt_...), or the attempt of a number (msg_.../2)
    #[arg(value_name = "A")]
    a: Which,
    /// What it is compared with
    #[arg(value_name = "B")]
    b: Which,
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
enum Which {
    Event(EventId),
    Attempt(AttemptId),
    Numbered(EventId, u32),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(AttemptId::PREFIX) {
            return text.parse().map(Self::Attempt).map_err(|why: crate::model::IdError| why.to_string());
        }
        let (id, number) = match text.split_once('/') {
            Some((id, number)) => {
                (id, Some(number.parse().map_err(|_| format!("\"{number}\" is no number of an attempt"))?))
            }
            None => (text, None),
        };
        let id = id.parse().map_err(|why: crate::model::IdError| why.to_string())?;
        Ok(number.map_or(Self::Event(id), |number| Self::Numbered(id, number)))
    }
}

/// What was found.
enum Side {
    Event(Box<Event>),
    Attempt(Box<Attempt>),
}

/// Runs the command.
///
/// # Errors
/// If one of them is not there, or one is an event and the other an attempt.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let (a, b) = context.block_on_value(async {
        let store = context.existing_store()?.ok_or_else(|| unknown("the store is empty".to_owned()))?;
        let sides = (side(store.as_ref(), args.a).await?, side(store.as_ref(), args.b).await?);
        store.close().await?;
        Ok(sides)
    })?;
    let (found, names) = match (&a, &b) {
        (Side::Event(a), Side::Event(b)) => (compare::events(a, b), (a.id.to_string(), b.id.to_string())),
        (Side::Attempt(a), Side::Attempt(b)) => (compare::attempts(a, b), (a.id.to_string(), b.id.to_string())),
        _ => return Err(CliError::usage("an event and an attempt cannot be compared: give two of one kind")),
    };
    print(context, (&names.0, &names.1), &found)?;
    Ok(if found.is_empty() { Exit::Yes } else { Exit::No })
}

async fn side(store: &dyn Store, which: Which) -> Result<Side, CliError> {
    match which {
        Which::Event(id) => {
            let found = store.event(id).await?.ok_or_else(|| unknown(format!("there is no event {id}")))?;
            Ok(Side::Event(Box::new(Event::clone(&found.event))))
        }
        Which::Numbered(id, number) => {
            let found = store.attempts(id).await?.into_iter().find(|attempt| attempt.number == number);
            let missing = || unknown(format!("the event {id} has no attempt {number}"));
            Ok(Side::Attempt(Box::new(found.ok_or_else(missing)?)))
        }
        Which::Attempt(id) => Ok(Side::Attempt(Box::new(attempt(store, id).await?))),
    }
}

/// An attempt is kept with its event, which came before it: it is looked for from there backwards.
async fn attempt(store: &dyn Store, id: AttemptId) -> Result<Attempt, CliError> {
    let until = id.made_at().plus(std::time::Duration::from_secs(1));
    let (mut after, mut seen) = (None, 0);
    while seen < LOOKED_AT {
        let query = Query { until: Some(until), after, order: Order::Newest, limit: PAGE, ..Query::default() };
        let page = store.events(query).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.cursor);
        for logged in &page {
            seen += 1;
            if let Some(found) = store.attempt(logged.event.id, id).await? {
                return Ok(found);
            }
        }
    }
    Err(unknown(format!("there is no attempt {id} of the last {LOOKED_AT} events before it"))
        .hint("name it by its event and number: msg_.../2"))
}

fn unknown(message: String) -> CliError {
    CliError::usage(message).kind("not_found").hint("whk events list and whk events show have the ids")
}

fn print(context: &Context, names: (&str, &str), found: &[Difference]) -> Result<(), CliError> {
    let ui = &context.ui;
    if ui.is_json() {
        let mut lines = ui.stream();
        for one in found {
            lines.json(&json!({
                "type": "difference", "part": one.part.word(), "name": one.name, "a": one.a, "b": one.b,
            }))?;
        }
        lines.json(&json!({
            "type": "diff", "a": names.0, "b": names.1, "same": found.is_empty(), "differences": found.len(),
        }))?;
        return lines.flush();
    }
    if found.is_empty() {
        return ui.line("the same, but for ids and times");
    }
    let text = render::diff::differences(names, found, ui.width().unwrap_or(WIDTH), ui.paint);
    ui.bytes(text.as_bytes())
}
