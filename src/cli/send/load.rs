//! Many events at once, with a progress bar and a summary.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use indicatif::ProgressBar;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::send::shot::is_timeout;
use crate::cli::shooter::Shooter;
use crate::cli::signal::Signals;
use crate::clock::Clock;
use crate::config::private;
use crate::model::{EventId, FailureKind};
use crate::net::Client;
use crate::policy::limit::Rate;

/// How many events, how fast.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) count: u64,
    pub(super) rate: Option<Rate>,
    pub(super) concurrency: u16,
    pub(super) out: Option<PathBuf>,
}

/// What all senders share.
struct Range {
    shooter: Shooter,
    client: Client,
    clock: Arc<dyn Clock>,
    load: Load,
    next: AtomicU64,
    bar: ProgressBar,
}

/// What one sender saw.
struct Tally {
    times: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    failures: BTreeMap<&'static str, u64>,
    timeouts: u64,
    last_failure: Option<String>,
}

/// The sum, as scripts read it.
#[derive(Debug, Serialize)]
struct Summary {
    r#type: &'static str,
    url: String,
    count: u64,
    seconds: f64,
    requests_per_second: f64,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    statuses: BTreeMap<u16, u64>,
    errors: BTreeMap<&'static str, u64>,
}

/// Sends them all and sums up.
pub(super) fn run(context: &Context, shooter: Shooter, load: &Load) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(CliError::internal)?.block_on(async {
        let mut signals = Signals::new()?;
        tokio::select! {
            result = send_all(context, shooter, load) => result,
            exit = signals.next() => Ok(exit),
        }
    })
}

async fn send_all(context: &Context, shooter: Shooter, load: &Load) -> Result<Exit, CliError> {
    // A secret that does not suit the scheme is one error, not one for each request.
    shooter.shot(&shooter.id, 0, context.clock.now())?;
    let client = Client::new(shooter.client.clone()).map_err(|why| CliError::usage(why.to_string()))?;
    let range = Arc::new(Range {
        shooter,
        client,
        clock: Arc::clone(&context.clock),
        load: load.clone(),
        next: AtomicU64::new(0),
        bar: context.ui.progress(load.count, "{bar:40} {pos}/{len} {per_sec} {eta}"),
    });
    let began = Instant::now();
    let senders: Vec<_> = (0..load.concurrency).map(|_| tokio::spawn(sender(Arc::clone(&range), began))).collect();
    let mut all = Tally::new()?;
    for sender in senders {
        all.add(sender.await.map_err(CliError::internal)??)?;
    }
    let took = began.elapsed();
    range.bar.finish_and_clear();
    let url = range.shooter.target.url(&range.shooter.request_target());
    report(context, &all, &summary(&all, url, load.count, took), load)
}

/// Takes the next number until there is none left.
async fn sender(range: Arc<Range>, began: Instant) -> Result<Tally, CliError> {
    let mut tally = Tally::new()?;
    loop {
        let number = range.next.fetch_add(1, Ordering::Relaxed);
        if number >= range.load.count {
            return Ok(tally);
        }
        if let Some(rate) = range.load.rate {
            let slot = rate.interval().saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
            tokio::time::sleep_until((began + slot).into()).await;
        }
        let now = range.clock.now();
        let id = match (&range.shooter.fixed_id, number) {
            (Some(id), _) => id.clone(),
            (None, 0) => range.shooter.id.clone(),
            (None, _) => EventId::new(now, range.clock.chance()).to_string(),
        };
        let shot = range.shooter.shot(&id, 0, now)?;
        let start = Instant::now();
        let outcome = range.client.exchange(&range.shooter.outbound(&shot), range.shooter.timeout).await;
        tally.note(start.elapsed(), outcome);
        range.bar.inc(1);
    }
}

impl Tally {
    fn new() -> Result<Self, CliError> {
        Ok(Self {
            // Three digits are more than a network is steady.
            times: Histogram::new(3).map_err(CliError::internal)?,
            statuses: BTreeMap::new(),
            failures: BTreeMap::new(),
            timeouts: 0,
            last_failure: None,
        })
    }

    fn note(&mut self, took: Duration, outcome: Result<crate::model::Response, crate::model::Failure>) {
        self.times.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        match outcome {
            Ok(response) => *self.statuses.entry(response.status).or_default() += 1,
            Err(failure) => {
                *self.failures.entry(failure.kind.code()).or_default() += 1;
                self.timeouts += u64::from(is_timeout(failure.kind));
                self.last_failure = Some(failure.message);
            }
        }
    }

    fn add(&mut self, other: Self) -> Result<(), CliError> {
        self.times.add(&other.times).map_err(CliError::internal)?;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (kind, count) in other.failures {
            *self.failures.entry(kind).or_default() += count;
        }
        self.timeouts += other.timeouts;
        self.last_failure = other.last_failure.or(self.last_failure.take());
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds are far below 2^52")]
fn summary(all: &Tally, url: String, count: u64, took: Duration) -> Summary {
    let ms = |quantile: f64| all.times.value_at_quantile(quantile) as f64 / 1000.0;
    Summary {
        r#type: "summary",
        url,
        count,
        seconds: took.as_secs_f64(),
        requests_per_second: count as f64 / took.as_secs_f64().max(f64::EPSILON),
        p50_ms: ms(0.50),
        p90_ms: ms(0.90),
        p99_ms: ms(0.99),
        max_ms: all.times.max() as f64 / 1000.0,
        statuses: all.statuses.clone(),
        errors: all.failures.clone(),
    }
}

fn report(context: &Context, all: &Tally, summary: &Summary, load: &Load) -> Result<Exit, CliError> {
    if let Some(path) = &load.out {
        let path = context.world.folder.join(path);
        let text = serde_json::to_string_pretty(summary).map_err(CliError::internal)?;
        private::write(&path, format!("{text}\n").as_bytes()).map_err(|why| CliError::file(&path, &why))?;
    }
    if context.ui.is_json() {
        context.ui.json(summary)?;
    } else {
        context.ui.line(&in_words(summary))?;
    }
    let failed: u64 = all.failures.values().sum();
    if failed > 0 {
        let message = all.last_failure.clone().unwrap_or_default();
        let kind = if all.timeouts == failed { FailureKind::Timeout } else { FailureKind::Refused };
        let error = CliError::unreachable(format!("{failed} of {} got no answer; the last: {message}", load.count));
        let exit = if all.timeouts == failed { Exit::TimedOut } else { Exit::Unreachable };
        return Err(CliError { exit, ..error }.kind(kind.code()));
    }
    let all_taken = all.statuses.keys().all(|status| (200..300).contains(status));
    Ok(if all_taken { Exit::Yes } else { Exit::No })
}

fn in_words(summary: &Summary) -> String {
    let Summary { count, seconds, requests_per_second, p50_ms, p90_ms, p99_ms, max_ms, .. } = summary;
    let statuses = summary.statuses.iter().map(|(status, count)| format!("[{status}] {count}"));
    let errors = summary.errors.iter().map(|(kind, count)| format!("{kind} {count}"));
    let answers: Vec<_> = statuses.chain(errors).collect();
    format!(
        "{count} sent in {seconds:.2}s, {requests_per_second:.0} requests/s\n\
         p50 {p50_ms:.2}ms  p90 {p90_ms:.2}ms  p99 {p99_ms:.2}ms  max {max_ms:.2}ms\n{}",
        answers.join("  ")
    )
}
