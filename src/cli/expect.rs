//! `whk expect`: waits for events at the relay, and says with its exit code whether they came.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use jsonschema::Validator;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::follow::{Follower, Told};
use crate::cli::payload::checked_json;
use crate::cli::remote::At;
use crate::cli::{parsers, render};
use crate::model::Event;
use crate::policy::filter::Condition;
use crate::policy::route::Glob;
use crate::policy::span;
use crate::view::{EventLine, safe};

/// So many of those that came instead are shown, the last ones.
const SHOWN: usize = 20;
/// So many things that are wrong with one body are named.
const NAMED: usize = 5;

/// Wait for events at the relay, and say with the exit code whether they came
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk expect order.created
  whk expect 'order.*' --count 2 --where data.id=42 --within 30s
  whk expect order.created --schema order.schema.json --since 1m
  whk expect order.created --then-none 2s
  whk expect 'order.*' --count 0 --then-none 5s

Exit codes: 0 they came, 1 what came is not what was expected, 4 they did not come in time.")]
pub struct Args {
    /// The type, as order.created or 'order.*'
    #[arg(value_name = "PATTERN")]
    pattern: Glob,
    /// So many events; 0 with --then-none expects that there is none
    #[arg(long, value_name = "N", default_value = "1")]
    count: u64,
    /// With such content, as data.id=42. Repeatable: all must hold
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<Condition>,
    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parsers::duration)]
    within: Duration,
    /// And for so long after that no more of them
    #[arg(long, value_name = "TIME", value_parser = parsers::duration)]
    then_none: Option<Duration>,
    /// A JSON Schema that the body of each must fit
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Count what came before too: since 10m, a time, or after the event of this id [default: when the command started]
    #[arg(long, value_name = "TIME|ID")]
    since: Option<String>,
    #[command(flatten)]
    at: At,
}

/// What an event is to an expectation.
enum Judged {
    /// One of those that are waited for.
    Expected,
    /// Not one of them, and why not.
    Other(String),
    /// One of them, but it must not be like this.
    Wrong(String),
}

/// How it ended.
enum Ending {
    Met,
    Contradicted(String),
    TimedOut,
}

/// What came so far.
struct Watch<'a> {
    context: &'a Context,
    args: &'a Args,
    schema: Option<Validator>,
    came: u64,
    others: u64,
    instead: VecDeque<(Event, String)>,
}

/// Runs the command.
///
/// # Errors
/// If there is no relay, or the schema cannot be used.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    if args.count == 0 && args.then_none.is_none() {
        return Err(CliError::usage("--count 0 expects nothing: say for how long with --then-none"));
    }
    let schema = args.schema.as_deref().map(|path| schema(context, path)).transpose()?;
    context.block_on(async {
        let watch = Watch { context, args, schema, came: 0, others: 0, instead: VecDeque::new() };
        watch.run().await
    })
}

impl Watch<'_> {
    async fn run(mut self) -> Result<Exit, CliError> {
        let began = Instant::now();
        let since = self.since();
        let mut follower = Follower::start(self.context, &self.args.at, Vec::new(), since.as_deref()).await?;
        let mut ending = self.wait(&mut follower, began + self.args.within).await?;
        if let (Ending::Met, Some(quiet)) = (&ending, self.args.then_none) {
            ending = self.stay_quiet(&mut follower, quiet).await?;
        }
        if matches!(ending, Ending::TimedOut) && follower.is_away() {
            return Err(CliError::unreachable("the relay went away and did not come back in time").kind("no_relay"));
        }
        self.say(&ending, began.elapsed())
    }

    /// On this machine one clock tells when the command started; another machine's may differ, so there it is from when
    /// the relay answers.
    fn since(&self) -> Option<String> {
        let here = self.args.at.base_url.is_none();
        self.args.since.clone().or_else(|| here.then(|| self.context.clock.now().to_string()))
    }

    async fn wait(&mut self, follower: &mut Follower<'_>, until: Instant) -> Result<Ending, CliError> {
        while self.came < self.args.count {
            let Ok(told) = tokio::time::timeout_at(until, follower.next()).await else { return Ok(Ending::TimedOut) };
            let Some(event) = self.event(told?)? else { continue };
            match self.judge(&event) {
                Judged::Expected => {
                    self.came += 1;
                    self.show(&event)?;
                }
                Judged::Wrong(why) => {
                    self.show(&event)?;
                    return Ok(Ending::Contradicted(format!("{} does not fit the schema: {why}", event.id)));
                }
                Judged::Other(why) => self.pass_over(event, why),
            }
        }
        Ok(Ending::Met)
    }

    async fn stay_quiet(&mut self, follower: &mut Follower<'_>, quiet: Duration) -> Result<Ending, CliError> {
        let until = Instant::now() + quiet;
        loop {
            let Ok(told) = tokio::time::timeout_at(until, follower.next()).await else { return Ok(Ending::Met) };
            let Some(event) = self.event(told?)? else { continue };
            match self.judge(&event) {
                Judged::Other(why) => self.pass_over(event, why),
                Judged::Expected | Judged::Wrong(_) => {
                    self.show(&event)?;
                    let span = span::shown(quiet);
                    return Ok(Ending::Contradicted(format!(
                        "one more came, {}, and none was due for {span}",
                        event.id
                    )));
                }
            }
        }
    }

    fn event(&self, told: Told) -> Result<Option<Event>, CliError> {
        match told {
            Told::Event(event) => Ok(Some(*event)),
            Told::Gap(gap) if self.context.ui.is_json() => self.context.ui.json(&gap).map(|()| None),
            Told::Gap(_) => {
                self.context.ui.note("  ! some events may be missing here");
                Ok(None)
            }
        }
    }

    fn judge(&self, event: &Event) -> Judged {
        if !self.args.pattern.matches(&event.event_type) {
            return Judged::Other("another type".to_owned());
        }
        if let Some(unmet) = self.args.conditions.iter().find(|condition| !condition.holds(&event.request.body)) {
            return Judged::Other(format!("not {unmet}"));
        }
        match &self.schema {
            Some(schema) => faults(schema, &event.request.body).map_or(Judged::Expected, Judged::Wrong),
            None => Judged::Expected,
        }
    }

    fn pass_over(&mut self, event: Event, why: String) {
        self.others += 1;
        if self.instead.len() == SHOWN {
            self.instead.pop_front();
        }
        self.instead.push_back((event, why));
    }

    fn show(&self, event: &Event) -> Result<(), CliError> {
        let ui = &self.context.ui;
        if ui.is_json() {
            return ui.json(&EventLine::from(event));
        }
        ui.line(&render::events::row(event, &[], ui.paint))
    }

    fn say(&self, ending: &Ending, took: Duration) -> Result<Exit, CliError> {
        let ui = &self.context.ui;
        let (exit, why) = match ending {
            Ending::Met => (Exit::Yes, None),
            Ending::Contradicted(why) => (Exit::No, Some(why.clone())),
            Ending::TimedOut => (Exit::TimedOut, Some(format!("{} of {} came in time", self.came, self.args.count))),
        };
        if ui.is_json() {
            let instead: Vec<_> = self.instead.iter().map(|(event, why)| other_line(event, why)).collect();
            ui.json(&json!({
                "type": "expectation", "met": exit == Exit::Yes, "reason": why, "count": self.args.count,
                "matched": self.came, "others": self.others, "instead": instead,
                "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            }))?;
            return Ok(exit);
        }
        let wish = self.wish();
        let Some(why) = why else {
            ui.note(&format!("met: {wish}"));
            return Ok(exit);
        };
        ui.talk(&format!("{} {}", ui.talk_paint.red("not met:"), safe(format!("{wish}: {why}"))));
        if self.others > 0 {
            ui.talk(&format!("what came instead{}:", shown_of(self.instead.len(), self.others)));
        } else if self.came == 0 {
            ui.talk("nothing else came");
        }
        for (event, why) in &self.instead {
            let row = render::events::row(event, &[], ui.talk_paint);
            ui.talk(&format!("  {row}  ({})", safe(why)));
        }
        Ok(exit)
    }

    /// What is waited for, in words.
    fn wish(&self) -> String {
        let Args { pattern, count, conditions, within, .. } = self.args;
        let events = if *count == 1 { "event" } else { "events" };
        let with: Vec<_> = conditions.iter().map(ToString::to_string).collect();
        let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) };
        format!("{count} {events} of {pattern}{with} within {}", span::shown(*within))
    }
}

fn other_line(event: &Event, why: &str) -> Value {
    json!({"id": event.id.to_string(), "event_type": event.event_type, "why": why})
}

fn shown_of(shown: usize, all: u64) -> String {
    if u64::try_from(shown).is_ok_and(|shown| shown == all) {
        return String::new();
    }
    format!(" (the last {shown} of {all})")
}

fn schema(context: &Context, path: &Path) -> Result<Validator, CliError> {
    let bytes = context.read(path)?;
    let source = path.display().to_string();
    checked_json(&bytes, &source)?;
    let schema: Value = serde_json::from_slice(&bytes).map_err(CliError::internal)?;
    jsonschema::validator_for(&schema).map_err(|why| {
        CliError::usage(format!("{source} is no JSON Schema that can be used: {why}"))
            .kind("schema")
            .hint("references to other documents are not fetched: put them into the file")
    })
}

/// What a schema does not like about a body.
fn faults(schema: &Validator, body: &[u8]) -> Option<String> {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(why) => return Some(format!("the body is not JSON ({why})")),
    };
    let faults: Vec<_> = schema
        .iter_errors(&value)
        .take(NAMED)
        .map(|fault| {
            let place = fault.instance_path().to_string();
            let place = if place.is_empty() { "the body".to_owned() } else { place };
            format!("{place}: {}", brief(&fault.to_string()))
        })
        .collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

/// A fault may show the whole body.
fn brief(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let end: String = text.chars().rev().take(LONGEST / 2).collect();
    format!("{} ... {}", text.chars().take(LONGEST / 2).collect::<String>(), end.chars().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_schema_does_not_like_is_named_with_its_place() {
        let schema = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}});
        let schema = jsonschema::validator_for(&schema).unwrap();
        assert_eq!(faults(&schema, br#"{"id":1}"#), None);
        let wrong = faults(&schema, br#"{"id":"one"}"#).unwrap();
        assert!(wrong.starts_with("/id: ") && wrong.contains("integer"), "{wrong}");
        assert!(faults(&schema, b"{}").unwrap().starts_with("the body: "));
        assert!(faults(&schema, b"<a/>").unwrap().contains("not JSON"));
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(10_000));
        assert!(faults(&schema, long.as_bytes()).unwrap().len() < 300);
    }
}
