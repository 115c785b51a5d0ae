//! `whk check`: a conformance test of a receiver.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

mod bench;
mod body;
mod fire;
mod handshake;
mod judge;
mod list;
mod public;
mod veil;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use indicatif::ProgressBar;
use toml::Value;

use crate::catalog::{self, Sample};
use crate::cli::asking::Asker;
use crate::cli::check::bench::Bench;
use crate::cli::check::body::Payload;
use crate::cli::check::fire::{Trial, fire};
use crate::cli::check::judge::{Scene, Verdict};
use crate::cli::check::list::{CHECKS, Check, Leans, Way};
use crate::cli::check::veil::Veil;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::payload::media_type;
use crate::cli::shooter::Shooter;
use crate::cli::ui::Format;
use crate::cli::{given, parsers, render, schemes};
use crate::model::{FailureKind, Target};
use crate::net::{Client, ClientOptions};
use crate::policy::span;
use crate::sign::Scheme;

pub use crate::cli::check::judge::Outcome;

/// Test that a receiver takes the good and refuses the forged
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk check localhost:3000/hook --secret env:WEBHOOK_SECRET
  whk check 3000/hook --scheme stripe --secret env:S --type invoice.paid
  whk check https://staging.example.com/hook --secret env:S --output junit > check.xml
  whk check 3000/hook --secret env:S --skip future-timestamp --skip large-body
  whk check 3000/hook --secret env:S --data @order.json --output json

Exit codes: 0 all required checks pass, 1 one fails, 2 usage, 3 the receiver cannot be reached.")]
pub struct Args {
    /// The receiver: 3000, :3000/hook, https://..., unix:/path.sock
    #[arg(value_name = "TARGET")]
    target: String,
    /// The provider to play: how to sign, and what it asks before it sends [default: standard-webhooks]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The receiver's secret: a literal, env:NAME, file:PATH or - [default: the app's own]
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Option<String>,
    /// What else a scheme needs, as key=value. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// An event type that the receiver knows [default: one of the provider's, else order.created]
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// A payload that the receiver takes: JSON, @file or - [default: a sample from the catalogue]
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
    /// The Content-Type header [default: as the provider has it]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Leave a check out, by its name in the report. Repeatable
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(CHECKS.iter().map(|check| check.name)), hide_possible_values = true)]
    skip: Vec<String>,
    /// Add a header to every request, or override one. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V")]
    headers: Vec<String>,
    /// How long an answer may take before it is given up, 15s at most: after 10s a check has failed anyway
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// The app whose secret is used if none is given
    #[arg(long, value_name = "APP")]
    app: Option<String>,
    /// Do not check the certificate of an https target
    #[arg(long)]
    insecure: bool,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

/// What the checks found out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The receiver, without a password.
    pub target: String,
    /// The scheme's name.
    pub scheme: String,
    /// One entry a check, in their order.
    pub findings: Vec<Finding>,
    /// How long it all took.
    pub took: Duration,
}

/// What one check found out.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check's name.
    pub name: &'static str,
    /// What it proves, as a sentence.
    pub proves: &'static str,
    /// Whether the receiver fails if it fails.
    pub required: bool,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen.
    pub detail: String,
    /// How to mend it, if there is something to mend.
    pub mend: Option<String>,
    /// The request that showed it, for a shell.
    pub curl: Option<String>,
    /// How long its requests took.
    pub took: Duration,
}

impl Report {
    /// How many checks came out so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.outcome == outcome).count()
    }
}

/// The longest time that a request waits for its answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The event type if the catalogue knows none of the provider's.
const USUAL_TYPE: &str = "order.created";

/// Why a check is skipped that could only fail.
const HOLLOW: &str = "a rightly signed delivery is not accepted yet, so this would say nothing";

/// Runs the command.
///
/// # Errors
/// If what was given cannot be read, or nobody is there.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    for (key, value) in [("app", &args.app), ("scheme", &args.scheme), ("timeout", &args.timeout)] {
        if let Some(value) = value {
            context.settings.set_flag(key, Value::String(value.clone()));
        }
    }
    let plan = Plan::new(&context, args)?;
    context.block_on(async {
        let report = examine(&context, &plan, &args.skip).await?;
        print(&context, &report)?;
        Ok(if report.count(Outcome::Fail) == 0 { Exit::Yes } else { Exit::No })
    })
}

/// Everything that is decided before the first request.
struct Plan {
    asker: Asker,
    /// Makes deliveries, or says why there are none that could be told apart.
    bench: Result<Bench, String>,
    veil: Veil,
    limit: Option<Duration>,
    client: ClientOptions,
}

impl Plan {
    fn new(context: &Context, args: &Args) -> Result<Self, CliError> {
        let known = schemes::provider(context)?;
        let secrets: Vec<_> = context.signing_secrets(args.secret.as_slice())?.into_iter().take(1).collect();
        let timeout = context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?;
        let limit = Some(timeout.map_or(PATIENCE, |timeout| timeout.min(PATIENCE)));
        // Each request has a connection of its own, so that what became of one cannot touch the next.
        let options = context.client_options(args.insecure, args.cacert.as_deref())?;
        let client = ClientOptions { idle_per_target: 0, ..options };
        let asker = Asker {
            known,
            target: args.target.parse::<Target>().map_err(|why| CliError::usage(why.to_string()))?,
            secrets: secrets.clone(),
            params: given::params(context, &args.param)?,
            extra: parsers::headers(&args.headers)?,
            clock: Arc::clone(&context.clock),
            at: None,
        };
        let bench = match asker.known.scheme() {
            Some(scheme) => {
                let base = shooter(args, &asker, Arc::clone(scheme), (limit, client.clone()));
                let payload = payload(context, args, &base)?;
                match Bench::new(Arc::clone(&context.clock), base, payload) {
                    Err(why) if asker.handshakes().is_err() => return Err(why),
                    bench => bench.map_err(|why| why.message),
                }
            }
            None => asker.handshakes().and(Ok(Err(format!("{} signs nothing", asker.known.title()))))?,
        };
        let bare = || Veil { secrets, extra: asker.extra.clone(), signatures: Vec::new(), bare: false };
        let veil = bench.as_ref().map_or_else(|_| bare(), |bench| bench.veil.clone());
        Ok(Self { asker, bench, veil, limit, client })
    }
}

fn shooter(
    args: &Args,
    asker: &Asker,
    scheme: Arc<Scheme>,
    (timeout, client): (Option<Duration>, ClientOptions),
) -> Shooter {
    Shooter {
        event_type: args.event_type.clone().unwrap_or_else(|| usual_type(&scheme)),
        secrets: asker.secrets.clone(),
        params: asker.params.clone(),
        target: asker.target.clone(),
        id: String::new(),
        fixed_id: None,
        at: None,
        content_type: args.content_type.clone().unwrap_or_else(|| scheme.content_type().to_owned()),
        scheme,
        extra: asker.extra.clone(),
        body: Bytes::new(),
        timeout,
        client,
    }
}

fn usual_type(scheme: &Scheme) -> String {
    let own = catalog::of_product(scheme.name()).next();
    own.map_or(USUAL_TYPE, |kind| kind.name.as_str()).to_owned()
}

/// The given payload, the catalogue's sample of the type, or a small object: any type has a name and can be tested.
fn payload(context: &Context, args: &Args, base: &Shooter) -> Result<Payload, CliError> {
    let typed = |kind: &str| args.content_type.clone().unwrap_or_else(|| kind.to_owned());
    if let Some(given) = &args.data {
        let bytes = context.bytes_of(given)?;
        let kind = media_type(&base.scheme, &base.event_type, &bytes);
        return Ok(Payload::new(bytes, &typed(&kind)));
    }
    Ok(match catalog::find(&base.event_type, base.scheme.name()).map(|kind| &kind.sample) {
        Some(Sample::Json(sample)) => Payload::Json(sample.clone()),
        Some(Sample::Text { content_type, body }) => {
            Payload::Bytes { bytes: Bytes::from(body.clone()), content_type: typed(content_type) }
        }
        None => Payload::small(),
    })
}

/// Runs every check, one request after the other.
async fn examine(context: &Context, plan: &Plan, skip: &[String]) -> Result<Report, CliError> {
    let client = Client::new(plan.client.clone()).map_err(|why| CliError::usage(why.to_string()))?;
    let target = &plan.asker.target;
    client.reach(target).await.map_err(|why| CliError { exit: Exit::Unreachable, ..(&why).into() })?;
    let bar = context.ui.progress(CHECKS.len() as u64, "{bar:40} {pos}/{len} {msg}");
    let mut run = Run {
        asker: &plan.asker,
        bench: plan.bench.as_ref(),
        veil: &plan.veil,
        limit: plan.limit,
        client,
        trials: Vec::new(),
        valid: Valid::Unknown,
        findings: Vec::new(),
        bar,
    };
    let began = Instant::now();
    for check in CHECKS {
        run.bar.set_message(check.name);
        run.check(check, skip.iter().any(|name| name == check.name)).await;
        run.bar.inc(1);
    }
    run.bar.finish_and_clear();
    Ok(Report {
        target: plan.veil.address(target),
        scheme: plan.asker.known.name().to_owned(),
        findings: run.findings,
        took: began.elapsed(),
    })
}

/// The checks under way.
struct Run<'a> {
    asker: &'a Asker,
    bench: Result<&'a Bench, &'a String>,
    veil: &'a Veil,
    limit: Option<Duration>,
    client: Client,
    trials: Vec<Trial>,
    valid: Valid,
    findings: Vec<Finding>,
    bar: ProgressBar,
}

/// What became of a delivery with nothing wrong, which tells what the others are worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Valid {
    Unknown,
    Refused,
    Unanswered,
}

impl Run<'_> {
    async fn check(&mut self, check: &'static Check, left_out: bool) {
        let first = self.trials.len();
        let verdict = if left_out { Verdict::skip("left out with --skip") } else { self.verdict(check).await };
        let own = self.trials.get(first..).unwrap_or_default();
        let took = own.iter().map(|trial| trial.took).sum();
        let troubled = matches!(verdict.outcome, Outcome::Fail | Outcome::Warn);
        let shown = verdict.culprit.and_then(|index| self.trials.get(index)).filter(|_| troubled);
        self.findings.push(Finding {
            name: check.name,
            proves: check.proves,
            required: check.required,
            outcome: verdict.outcome,
            detail: self.veil.veiled(&verdict.detail),
            mend: troubled.then(|| self.mend(check)),
            curl: shown.map(|trial| self.veil.curl(&trial.case.sent)),
            took,
        });
    }

    fn mend(&self, check: &Check) -> String {
        let known = &self.asker.known;
        match check.way {
            Way::Asked if !known.docs().is_empty() => {
                format!("{} {} describes it: {}", check.mend, known.title(), known.docs())
            }
            _ => check.mend.to_owned(),
        }
    }

    async fn verdict(&mut self, check: &Check) -> Verdict {
        if self.valid == Valid::Unanswered && !matches!(check.way, Way::Seen(_)) {
            return Verdict::skip("a rightly signed delivery got no answer in time");
        }
        let (make, judge, leans) = match check.way {
            Way::Asked => return handshake::shake(self).await,
            Way::Seen(judge) => {
                let Asker { target, secrets, .. } = self.asker;
                return judge(&Scene { target, secrets, trials: &self.trials });
            }
            Way::Sent { make, judge, leans } => (make, judge, leans),
        };
        let bench = match self.bench {
            Ok(bench) => bench,
            Err(why) => return Verdict::skip(why),
        };
        if self.valid == Valid::Refused && leans == Leans::Wholly {
            return Verdict::skip(HOLLOW);
        }
        let cases = match make(bench) {
            Ok(cases) => cases,
            Err(why) => return Verdict::skip(why.0),
        };
        let first = self.trials.len();
        for case in cases {
            let trial = fire(&self.client, self.veil, self.limit, case).await;
            self.trials.push(trial);
        }
        let own = self.trials.get(first..).unwrap_or_default();
        if self.valid == Valid::Refused && leans == Leans::Partly && !own.iter().any(Trial::succeeded) {
            return Verdict::skip(HOLLOW);
        }
        let verdict = judge(own);
        if check.name == list::VALID && verdict.outcome != Outcome::Pass {
            let late = |trial: &Trial| trial.answer.as_ref().is_err_and(|why| why.kind == FailureKind::Timeout);
            self.valid = if own.iter().any(late) { Valid::Unanswered } else { Valid::Refused };
        }
        Verdict { culprit: verdict.culprit.map(|index| first + index), ..verdict }
    }
}

fn print(context: &Context, report: &Report) -> Result<(), CliError> {
    let ui = &context.ui;
    match ui.format {
        Format::Human => ui.line(&render::check::human(report, ui.paint)),
        Format::Junit => ui.line(&render::check::junit(report)),
        Format::Tap => ui.line(&render::check::tap(report)),
        Format::Json => render::check::lines(report).iter().try_for_each(|line| ui.json(line)),
    }
}
