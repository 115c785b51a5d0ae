//! `/metrics`: what a Prometheus collects.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{CapturedRequest, Tally};
use crate::net::{Answer, Body};
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::{Face, guarded};
use crate::store::Tallied;

/// What the gauges of attempts are about.
const LATELY: Duration = Duration::from_secs(3600);

/// Answers with what the caller may see: of one app, or of the whole relay.
pub(super) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(wrong_method("GET"));
    }
    let caller = Caller::of(face, request, Deed::Look).await?;
    let (pipeline, now) = (&face.pipeline, face.pipeline.clock.now());
    let of = caller.token.app.clone().map_or(Tallied::All, Tallied::App);
    let tally = pipeline.store.tally(of, now.minus(LATELY), now).await?;
    let mut text = String::new();
    let version = env!("CARGO_PKG_VERSION");
    family(&mut text, ("whk_info", "gauge", "The version that runs."), &[(format!("{{version=\"{version}\"}}"), 1.0)]);
    if caller.token.app.is_none() {
        own(&mut text, face);
    }
    lately(&mut text, &tally);
    let mut headers = guarded();
    // The line is ours and well formed.
    drop(headers.push("content-type", "text/plain; version=0.0.4; charset=utf-8"));
    Ok(Answer { status: 200, headers, body: Body::Full(Bytes::from(text)), ..Answer::default() })
}

/// What has happened since the start.
#[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
fn own(text: &mut String, face: &Face) {
    let counts = &face.pipeline.counts;
    let none = String::new;
    let state = |word: &str, count: u64| (format!("{{state=\"{word}\"}}"), count as f64);
    let received = ("whk_events_received_total", "counter", "Events that were taken in.");
    family(text, received, &[(none(), counts.events() as f64)]);
    let ended = ("whk_deliveries_total", "counter", "Deliveries that came to an end.");
    family(text, ended, &[state("delivered", counts.delivered()), state("dead", counts.failed())]);
    let lanes = ("whk_lanes", "gauge", "Endpoints with something under way.");
    family(text, lanes, &[(none(), face.pipeline.lanes.count() as f64)]);
    let followers = ("whk_stream_followers", "gauge", "Clients of the event stream.");
    let connected = face.hub.count();
    family(text, followers, &[(none(), face.feed.followers().saturating_sub(connected) as f64)]);
    let listeners = ("whk_listeners", "gauge", "Listeners elsewhere, a group counted once.");
    family(text, listeners, &[(none(), connected as f64)]);
}

/// What became of attempts in the last hour.
#[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
fn lately(text: &mut String, tally: &Tally) {
    let result = |word: &str, count: u64| (format!("{{result=\"{word}\"}}"), count as f64);
    let attempts = ("whk_attempts_last_hour", "gauge", "Attempts of the last hour or two.");
    family(text, attempts, &[result("succeeded", tally.succeeded), result("failed", tally.failed)]);
    let retries = ("whk_recovered_last_hour", "gauge", "Deliveries that a retry brought home.");
    family(text, retries, &[(String::new(), tally.recovered as f64)]);
    let quantile = |(word, percent): (&str, u64)| {
        let length = tally.latency.percentile(percent)?;
        Some((format!("{{quantile=\"{word}\"}}"), length.as_secs_f64()))
    };
    let quantiles: Vec<_> = [("0.5", 50), ("0.95", 95), ("0.99", 99)].into_iter().filter_map(quantile).collect();
    let latency = ("whk_delivery_latency_seconds", "gauge", "From the event to the answer that took it.");
    family(text, latency, &quantiles);
}

fn family(text: &mut String, (name, kind, help): (&str, &str, &str), samples: &[(String, f64)]) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
