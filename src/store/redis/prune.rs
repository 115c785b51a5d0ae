//! What is past its time, and what was left of apps and endpoints that are gone, a step at a time.

use redis::Cmd;

use crate::model::{AppName, EndpointId, EventId, Timestamp};
use crate::store::access::MEMORY;
use crate::store::redis::access::{ENDING, RECORDS};
use crate::store::redis::apps::REMOVED;
use crate::store::redis::endpoints::{LEFT, index};
use crate::store::redis::fault::damaged;
use crate::store::redis::{Redis, scripts};
use crate::store::{Access, Endpoints, Pruned, Retention, StoreError};

/// How many of each sort go in one step.
const STEP: usize = 500;
/// How many events one script removes; others wait for so long.
const AT_ONCE: usize = 50;

impl Redis {
    /// One step.
    pub(super) async fn prune_step(&self, keep: Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        if let Some(age) = keep.age {
            let old = self.older_than(now.minus(age), STEP).await?;
            pruned.more |= old.len() == STEP;
            pruned.events += self.remove(&old).await?;
        }
        while let Some(bytes) = keep.bytes
            && pruned.events < STEP as u64
        {
            let excess = self.bytes().await?.saturating_sub(bytes);
            let oldest = if excess == 0 { Vec::new() } else { self.oldest(excess).await? };
            if oldest.is_empty() {
                break;
            }
            pruned.events += self.remove(&oldest).await?;
        }
        pruned.more |= pruned.events >= STEP as u64;
        let removed: Vec<String> = self.link.ask(&Cmd::smembers(self.link.key(REMOVED))).await?;
        for name in removed {
            let name = name.parse().map_err(|why| self.link.damage(damaged(why)))?;
            pruned.more |= self.sweep_app(&name).await?;
        }
        let left: Vec<String> = self.link.ask(&Cmd::smembers(self.link.key(LEFT))).await?;
        for id in left {
            let id = id.parse().map_err(|why| self.link.damage(damaged(why)))?;
            pruned.more |= self.sweep_endpoint(id).await?;
        }
        pruned.more |= self.forget(now).await?;
        Ok(pruned)
    }

    /// Removes what was left of an app, a step of it; says whether there is more.
    pub(super) async fn sweep_app(&self, name: &AppName) -> Result<bool, StoreError> {
        for id in self.names(&index(name), None, true).await? {
            self.delete_endpoint(id.parse().map_err(|why| self.link.damage(damaged(why)))?).await?;
        }
        self.revoke_tokens(name).await?;
        let mut ask = redis::cmd("XRANGE");
        ask.arg(self.link.key(format_args!("log:{name}"))).arg("-").arg("+").arg("COUNT").arg(STEP);
        let found: Vec<(String, Vec<String>)> = self.link.ask(&ask).await?;
        let ids = found.iter().filter_map(|(_, fields)| fields.get(1));
        let ids: Result<Vec<EventId>, _> = ids.map(|id| id.parse().map_err(damaged)).collect();
        self.remove(&ids.map_err(|why| self.link.damage(why))?).await?;
        if found.len() == STEP || !self.names(&index(name), None, true).await?.is_empty() {
            return Ok(true);
        }
        self.link.ask(&Cmd::srem(self.link.key(REMOVED), name.as_str())).await.map(|_: u8| false)
    }

    /// Gives up what waits for an endpoint that is gone, a step of it; says whether there is more.
    pub(super) async fn sweep_endpoint(&self, id: EndpointId) -> Result<bool, StoreError> {
        let (text, step) = (id.to_string(), STEP.to_string());
        let more: bool = self.link.run(&scripts::LEAVE, &[text.as_bytes(), step.as_bytes()]).await?;
        self.forget_tallies(&text).await?;
        Ok(more)
    }

    /// Forgets answers given before a moment, and the oldest if there are more than so many.
    pub(super) async fn forget_records(&self, before: Timestamp, most: usize) -> Result<(), StoreError> {
        let records = self.link.key(RECORDS);
        let count: usize = self.link.ask(&Cmd::zcard(&records)).await?;
        let mut ask = redis::cmd("ZRANGE");
        ask.arg(&records).arg("-inf").arg(before.millis()).arg("BYSCORE").arg("LIMIT").arg(0).arg(STEP);
        let mut old: Vec<String> = self.link.ask(&ask).await?;
        if let Some(last) = count.checked_sub(most + 1) {
            old.extend(
                self.link.ask::<Vec<String>>(redis::cmd("ZRANGE").arg(&records).arg(0).arg(last.min(STEP))).await?,
            );
        }
        let mut forget = redis::pipe();
        for key in &old {
            forget.cmd("DEL").arg(self.link.key(format_args!("rec:{key}"))).ignore();
            forget.cmd("ZREM").arg(&records).arg(key).ignore();
        }
        if old.is_empty() { Ok(()) } else { self.link.ask_all(&forget).await }
    }

    async fn forget(&self, now: Timestamp) -> Result<bool, StoreError> {
        let ended = |key: &str| {
            let mut ask = redis::cmd("ZRANGE");
            ask.arg(self.link.key(key)).arg("-inf").arg(now.millis()).arg("BYSCORE").arg("LIMIT").arg(0).arg(STEP);
            ask
        };
        let payloads: Vec<String> = self.link.ask(&ended("until")).await?;
        for id in &payloads {
            self.expunge(id.parse().map_err(|why| self.link.damage(damaged(why)))?).await?;
        }
        let tokens: Vec<String> = self.link.ask(&ended(ENDING)).await?;
        for id in &tokens {
            self.revoke_token(id.parse().map_err(|why| self.link.damage(damaged(why)))?).await?;
        }
        self.forget_records(now.minus(MEMORY), usize::MAX - 1).await?;
        self.forget_old_tallies(now).await?;
        Ok(payloads.len() == STEP || tokens.len() == STEP)
    }

    async fn remove(&self, events: &[EventId]) -> Result<u64, StoreError> {
        let mut removed = 0;
        for some in events.chunks(AT_ONCE) {
            let texts: Vec<String> = some.iter().map(EventId::to_string).collect();
            let args: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            removed += self.link.run::<u64>(&scripts::REMOVE, &args).await?;
        }
        Ok(removed)
    }

    async fn bytes(&self) -> Result<u64, StoreError> {
        Ok(self.link.ask::<Option<u64>>(&Cmd::get(self.link.key("bytes"))).await?.unwrap_or(0))
    }

    /// The oldest events that take up at least so many bytes, or as many as one script removes.
    async fn oldest(&self, mut excess: u64) -> Result<Vec<EventId>, StoreError> {
        let ids: Vec<String> =
            self.link.ask(redis::cmd("ZRANGE").arg(self.link.key("all")).arg(0).arg(AT_ONCE - 1)).await?;
        let mut ask = redis::pipe();
        for id in &ids {
            ask.cmd("HGET").arg(self.link.key(format_args!("e:{id}"))).arg("z");
        }
        let sizes: Vec<Option<u64>> = if ids.is_empty() { Vec::new() } else { self.link.ask_all(&ask).await? };
        let mut oldest = Vec::new();
        for (id, size) in ids.iter().zip(sizes) {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(size.unwrap_or(0));
            oldest.push(id.parse().map_err(|why| self.link.damage(damaged(why)))?);
        }
        Ok(oldest)
    }
}
