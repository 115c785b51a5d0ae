//! `whk compare`: what two systems send for the same things, side by side: the parallel run of a move between them.

mod pairs;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::cli::compare::pairs::{Found, Pairs, Side};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::parsers;
use crate::cli::remote::{At, Remote, with_query};
use crate::cli::signal::Signals;
use crate::sign::json::Pointer;
use crate::view::compare::Difference;
use crate::view::safe;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(500);
/// How many ids are remembered for each side: a page overlaps the one before it.
const REMEMBERED: usize = 10_000;
/// Differs between any two deliveries.
const USUAL: [&str; 2] = ["id", "timestamp"];

/// Report what two systems send differently
#[derive(Debug, ClapArgs)]
#[expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]
#[command(after_help = "\
Examples:
  whk compare --left old --right new --for 10m
  whk compare --left old --right new --by data.id --ignore data.updated_at --for 1h
  whk compare --left old --right new --count 100 --output json

A running relay receives from both: register its /in/old with the one system and its /in/new with the other. What is the
same apart from id and timestamp is a pair; the rest is paired by --by, or by type in the order it came.")]
pub struct Args {
    /// The app whose inbox the one system sends to
    #[arg(long, value_name = "APP")]
    left: String,
    /// The app whose inbox the other sends to
    #[arg(long, value_name = "APP")]
    right: String,
    /// How long to look; without it, until ^C
    #[arg(long = "for", value_name = "TIME", value_parser = parsers::duration)]
    lasting: Option<Duration>,
    /// End after so many pairs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// What is the same in both for the same thing, as data.id. Repeatable
    #[arg(long, value_name = "PATH", value_parser = place)]
    by: Vec<Pointer>,
    /// What may differ, as data.updated_at; id and timestamp may always. Repeatable
    #[arg(long, value_name = "PATH", value_parser = place)]
    ignore: Vec<Pointer>,
    #[command(flatten)]
    at: At,
}

/// Runs the command.
///
/// # Errors
/// If no relay answers.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    if args.left == args.right {
        return Err(CliError::usage("--left and --right are the same app: each system needs an inbox of its own"));
    }
    if args.at.app.is_some() {
        return Err(CliError::usage("--left and --right name the apps: leave out --app"));
    }
    context.block_on_value(async {
        let mut signals = Signals::new()?;
        let remote = Remote::find(context, &args.at)?;
        let mut work = Work::new(context, &remote, args);
        work.say_ready();
        let over = async {
            match args.lasting {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            looked = work.look_on() => looked.map(|()| None),
            () = over => Ok(None),
            exit = signals.next() => Ok(Some(exit)),
        };
        let exit = ended?;
        // What came at the last moment counts too.
        work.look().await?;
        let verdict = work.end()?;
        // ^C is how a run without an end is ended.
        Ok(exit.filter(|_| args.lasting.is_some()).unwrap_or(verdict))
    })
}

struct Work<'a> {
    context: &'a Context,
    remote: &'a Remote<'a>,
    args: &'a Args,
    since: [String; 2],
    seen: [Seen; 2],
    pairs: Pairs,
}

/// The ids that came last.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    fn is_new(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

impl<'a> Work<'a> {
    fn new(context: &'a Context, remote: &'a Remote<'a>, args: &'a Args) -> Self {
        let now = context.clock.now().to_string();
        let usual = USUAL.into_iter().map(Pointer::top);
        let ignore = usual.chain(args.ignore.iter().cloned()).collect();
        let pairs = Pairs::new(args.by.clone(), ignore);
        Self { context, remote, args, since: [now.clone(), now], seen: Default::default(), pairs }
    }

    fn say_ready(&self) {
        let url = |app: &str| self.remote.url(&format!("/in/{app}"));
        let (left, right) = (url(&self.args.left), url(&self.args.right));
        let ui = &self.context.ui;
        if ui.is_json() {
            drop(ui.json(&json!({"type": "ready", "left": left, "right": right})));
        } else {
            ui.talk(&format!("> Ready! left {left}   right {right}   (^C to end)"));
        }
    }

    async fn look_on(&mut self) -> Result<(), CliError> {
        loop {
            self.look().await?;
            if self.args.count.is_some_and(|count| self.pairs.paired() >= count) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn look(&mut self) -> Result<(), CliError> {
        for (index, side) in [Side::Left, Side::Right].into_iter().enumerate() {
            let app = if index == 0 { &self.args.left } else { &self.args.right };
            let mut cursor = None::<String>;
            let [left, right] = &self.since;
            let since = if index == 0 { left.clone() } else { right.clone() };
            loop {
                let params = [
                    ("app", Some(app.as_str())),
                    ("since", Some(since.as_str())),
                    ("order", Some("oldest")),
                    ("limit", Some("200")),
                    ("cursor", cursor.as_deref()),
                ];
                let page = self.remote.call("GET", &with_query("/api/v1/webhooks/events", &params), None).await?;
                for event in page["data"].as_array().into_iter().flatten() {
                    self.take(index, side, event)?;
                }
                cursor = page["next_cursor"].as_str().map(str::to_owned);
                if cursor.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, index: usize, side: Side, event: &Value) -> Result<(), CliError> {
        let text = |field: &str| event[field].as_str().unwrap_or_default();
        if let Some(since) = self.since.get_mut(index) {
            text("received_at").clone_into(since);
        }
        if !self.seen.get_mut(index).is_some_and(|seen| seen.is_new(text("id"))) {
            return Ok(());
        }
        // JSON is compared by its fields, any other text as it is.
        let body = match event["body"].as_str() {
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            None => json!({"body_b64": event["body_b64"]}),
        };
        for found in self.pairs.add(side, text("id"), text("event_type"), body) {
            self.tell(&found)?;
        }
        Ok(())
    }

    /// Says what was found; that two are the same is no news.
    fn tell(&self, found: &Found) -> Result<(), CliError> {
        let ui = &self.context.ui;
        match found {
            Found::Same => Ok(()),
            Found::Differ { event_type, left, right, changes } if ui.is_json() => {
                let one = |one: &Difference| json!({"path": one.name, "left": one.a, "right": one.b});
                let changes: Vec<_> = changes.iter().map(one).collect();
                let line = json!({"type": "differs", "event_type": event_type, "left": left, "right": right, "changes": changes});
                ui.json(&line)
            }
            Found::Differ { event_type, left, right, changes } => {
                ui.line(&safe(format!("differs  {event_type}  {left}  {right}").as_bytes()))?;
                changes.iter().try_for_each(|one| {
                    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
                    ui.line(&safe(format!("  {}: {} | {}", one.name, side(&one.a), side(&one.b)).as_bytes()))
                })
            }
            Found::Only { side, event_type, id } if ui.is_json() => {
                ui.json(&json!({"type": "missing", "event_type": event_type, "only": side.word(), "id": id}))
            }
            Found::Only { side, event_type, id } => {
                ui.line(&safe(format!("only {}  {event_type}  {id}", side.word()).as_bytes()))
            }
        }
    }

    fn end(&mut self) -> Result<Exit, CliError> {
        for found in self.pairs.rest() {
            self.tell(&found)?;
        }
        let sum = self.pairs.sum();
        let ui = &self.context.ui;
        let (same, differ, left, right) = (sum.same, sum.differ, sum.only_left, sum.only_right);
        if ui.is_json() {
            ui.json(
                &json!({"type": "compared", "same": same, "differ": differ, "only_left": left, "only_right": right}),
            )?;
        } else {
            ui.line(&format!("{same} the same, {differ} differ, {left} only left, {right} only right"))?;
        }
        if same + differ + left + right == 0 {
            let error = CliError { exit: Exit::TimedOut, ..CliError::usage("nothing came from either side") };
            return Err(error.kind("timeout").hint("does each system send to its inbox of this relay?"));
        }
        Ok(if differ + left + right == 0 { Exit::Yes } else { Exit::No })
    }
}

/// `data.id` or `/data/id`.
fn place(text: &str) -> Result<Pointer, String> {
    if text.starts_with('/') { text.to_owned() } else { format!("/{}", text.replace('.', "/")) }.try_into()
}
