//! How endpoints are doing, and counts by the hour.

use std::collections::HashMap;

use crate::model::{EndpointId, Health, Spread, Tally, Timestamp};
use crate::store::redis::Redis;
use crate::store::redis::endpoints::index;
use crate::store::work::{TALLY_HOURS, hour_of};
use crate::store::{StoreError, Tallied};

/// How many endpoints are asked about at once.
const STEP: usize = 200;

/// Failing since, failures, dead since, deaths.
type Kept = (Option<i64>, Option<u32>, Option<i64>, Option<u32>);

impl Redis {
    /// How an endpoint has been doing.
    pub(super) async fn health_of(&self, id: EndpointId) -> Result<Health, StoreError> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.link.key(format_args!("h:{id}"))).arg(&["since", "failures", "dead", "deaths"]);
        let (since, failures, dead, deaths): Kept = self.link.ask(&ask).await?;
        Ok(Health {
            failing_since: since.map(Timestamp::from_millis),
            failures: failures.unwrap_or(0),
            dead_since: dead.map(Timestamp::from_millis),
            deaths: deaths.unwrap_or(0),
        })
    }

    /// The sum of the counts in these hours.
    pub(super) async fn sum(&self, of: &Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, StoreError> {
        let mut endpoints = Vec::new();
        match of {
            Tallied::Endpoint(id) => endpoints.push(id.to_string()),
            Tallied::App(app) => {
                let mut last: Option<String> = None;
                loop {
                    let names = self.names(&index(app), last.as_deref(), true).await?;
                    let Some(end) = names.last() else { break };
                    last = Some(end.clone());
                    endpoints.extend(names);
                }
            }
            Tallied::All => endpoints = self.tallied().await?,
        }
        let mut sum = Tally::default();
        for some in endpoints.chunks(STEP) {
            for tally in self.tallies(some, hour_of(since), hour_of(until)).await? {
                sum += &tally;
            }
        }
        Ok(sum)
    }

    /// Forgets the counts of an endpoint.
    pub(super) async fn forget_tallies(&self, endpoint: &str) -> Result<(), StoreError> {
        let hours = self.hours(&[endpoint.to_owned()], i64::MIN, i64::MAX).await?;
        let mut forget = redis::pipe();
        for hour in hours.iter().flatten() {
            forget.cmd("DEL").arg(self.link.key(format_args!("ta:{endpoint}:{hour}"))).ignore();
        }
        forget.cmd("DEL").arg(self.link.key(format_args!("th:{endpoint}"))).ignore();
        forget.cmd("SREM").arg(self.link.key("tallied")).arg(endpoint).ignore();
        self.link.ask_all(&forget).await
    }

    /// Forgets what was counted too long ago.
    pub(super) async fn forget_old_tallies(&self, now: Timestamp) -> Result<(), StoreError> {
        let first = hour_of(now) - TALLY_HOURS;
        for some in self.tallied().await?.chunks(STEP) {
            let mut forget = redis::pipe();
            for endpoint in some {
                let hours = self.link.key(format_args!("th:{endpoint}"));
                // The counts themselves end by their own time.
                forget.cmd("ZREMRANGEBYSCORE").arg(hours).arg("-inf").arg(format!("({first}")).ignore();
            }
            let () = self.link.ask_all(&forget).await?;
        }
        Ok(())
    }

    async fn tallied(&self) -> Result<Vec<String>, StoreError> {
        self.link.ask(&redis::Cmd::smembers(self.link.key("tallied"))).await
    }

    async fn hours(&self, endpoints: &[String], from: i64, to: i64) -> Result<Vec<Vec<i64>>, StoreError> {
        let mut ask = redis::pipe();
        for endpoint in endpoints {
            let hours = self.link.key(format_args!("th:{endpoint}"));
            ask.cmd("ZRANGE").arg(hours).arg(from).arg(to).arg("BYSCORE");
        }
        self.link.ask_all(&ask).await
    }

    async fn tallies(&self, endpoints: &[String], from: i64, to: i64) -> Result<Vec<Tally>, StoreError> {
        let hours = self.hours(endpoints, from, to).await?;
        let mut ask = redis::pipe();
        for (endpoint, hours) in endpoints.iter().zip(&hours) {
            for hour in hours {
                ask.cmd("HGETALL").arg(self.link.key(format_args!("ta:{endpoint}:{hour}")));
            }
        }
        if hours.iter().all(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let kept: Vec<HashMap<String, u64>> = self.link.ask_all(&ask).await?;
        Ok(kept.into_iter().map(|counts| tally(&counts)).collect())
    }
}

fn tally(counts: &HashMap<String, u64>) -> Tally {
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let steps = counts.iter().filter_map(|(name, count)| Some((name.strip_prefix('l')?.parse().ok()?, *count)));
    Tally {
        succeeded: count("s"),
        failed: count("f"),
        recovered: count("r"),
        dead: count("x"),
        latency: Spread::from_steps(steps),
    }
}
