//! `whk events tail`: events as they come, from wherever it left off when the relay was away.

use clap::Args as ClapArgs;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::follow::{Follower, Told};
use crate::cli::remote::At;
use crate::cli::render;
use crate::policy::filter::Condition;
use crate::policy::route::Glob;
use crate::view::EventLine;

/// Which events.
#[derive(Clone, Debug, ClapArgs)]
pub struct Follow {
    /// Of these types, as order.*. Repeatable
    #[arg(long = "type", value_name = "GLOB")]
    types: Vec<Glob>,
    /// With such content, as data.amount>=100. Repeatable: all must hold
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<Condition>,
    /// From then on: 10m, 2h, a time, or after the event of this id [default: now]
    #[arg(long, value_name = "TIME|ID")]
    since: Option<String>,
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    at: At,
}

/// Follows until told to stop.
///
/// # Errors
/// If no relay answers at first, or it refuses.
pub async fn run(context: &Context, tail: &Follow) -> Result<Exit, CliError> {
    let ui = &context.ui;
    let types = tail.types.iter().map(ToString::to_string).collect();
    let mut follower = Follower::start(context, &tail.at, types, tail.since.as_deref()).await?;
    ui.note("following; ^C to quit");
    let mut shown = 0;
    while tail.count.is_none_or(|count| shown < count) {
        match follower.next().await? {
            Told::Gap(gap) if ui.is_json() => ui.json(&gap)?,
            Told::Gap(_) => ui.talk("  ! some events may be missing here"),
            Told::Event(event) => {
                if !tail.conditions.iter().all(|condition| condition.holds(&event.request.body)) {
                    continue;
                }
                shown += 1;
                if ui.is_json() {
                    ui.json(&EventLine::from(event.as_ref()))?;
                } else {
                    ui.line(&render::events::row(&event, &[], ui.paint))?;
                }
            }
        }
    }
    Ok(Exit::Yes)
}
