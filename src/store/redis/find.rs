//! Walks of the log and of its indexes, page by page, and the events found on them.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::model::{Delivery, DeliveryState, EventId, Timestamp};
use crate::store::page::Walk;
use crate::store::redis::fault::{Damage, damaged};
use crate::store::redis::{Redis, frame, queue, scripts};
use crate::store::{Cursor, Like, Logged, Order, Page, Query, Status, StoreError};

/// An answer ends with the event that makes it larger than this.
pub(super) const ANSWER_BYTES: usize = 8 << 20;
/// How many events a script looks at before others have their turn.
const LOOKS: usize = 500;
/// Places are numbers of Lua: exact up to here.
const LAST_PLACE: u64 = 1 << 53;
const TICK: Duration = Duration::from_millis(1);

/// What is walked, and what is wanted of it; `find.lua` reads it.
#[derive(Default, Serialize)]
pub(super) struct Find {
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    from: u64,
    to: u64,
    rev: bool,
    limit: usize,
    looks: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(rename = "until_", skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// Only those never on their way to this endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) without: Option<String>,
    /// Only those on their way to this endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) states: Option<Vec<u8>>,
    pub(super) attempted: bool,
}

/// An event that was found, with its delivery if that was asked for.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) id: EventId,
    size: usize,
    pub(super) delivery: Option<Delivery>,
}

impl Find {
    /// The messages of an app that are like this, within these places.
    pub(super) fn messages(app: &str, like: &Like, (from, to): (u64, u64), ascending: bool) -> Self {
        Self {
            log: Some(app.to_owned()),
            from,
            to: to.min(LAST_PLACE),
            rev: !ascending,
            types: Some(like.event_types.clone()).filter(|types| !types.is_empty()),
            after: like.after.map(Timestamp::millis),
            before: like.before.map(Timestamp::millis),
            channel: like.channel.clone(),
            tag: like.tag.clone(),
            ..Self::default()
        }
    }

    /// Of those given up, whatever the app's other events.
    pub(super) fn only_dead(&mut self) {
        self.app = self.log.take();
        self.key = Some("is:dead".to_owned());
    }

    fn of(query: &Query, (from, to): (u64, u64)) -> Self {
        let app = query.app.as_ref().map(|app| app.as_str().to_owned());
        let status = query.status.map(|status| match status {
            Status::Invalid => "invalid",
            Status::Delivery(DeliveryState::Pending) => "open",
            Status::Delivery(state) => state.word(),
        });
        let rare = match status {
            Some("in_flight") => Some("is:open".to_owned()),
            Some("delivered") | None => None,
            Some(word) => Some(format!("is:{word}")),
        };
        let of_type = query.event_type.as_ref().map(|name| format!("type:{name}"));
        let key = rare.or(of_type);
        let (log, key) = match (key, &app) {
            (None, Some(app)) => (Some(app.clone()), None),
            (key, _) => (None, Some(key.unwrap_or_else(|| "all".to_owned()))),
        };
        Self {
            log,
            key,
            from,
            to: to.min(LAST_PLACE),
            rev: query.order == Order::Newest,
            app,
            types: query.event_type.clone().map(|name| vec![name]),
            since: query.since.map(Timestamp::millis),
            until: query.until.map(Timestamp::millis),
            status,
            ..Self::default()
        }
    }
}

impl Redis {
    /// One event.
    pub(super) async fn event_of(&self, id: EventId) -> Result<Option<Logged>, StoreError> {
        Ok(self.load(&[id]).await?.pop().flatten())
    }

    /// Events by a closed set of questions.
    pub(super) async fn events_like(&self, query: &Query) -> Result<Vec<Logged>, StoreError> {
        let (first, last) = self.between(query.since, query.until).await?;
        let bounds = match (query.after, query.order) {
            (Some(after), Order::Oldest) => (first.max(after.0.saturating_add(1)), last),
            (Some(after), Order::Newest) if after.0 == 0 => return Ok(Vec::new()),
            (Some(after), Order::Newest) => (first, last.min(after.0 - 1)),
            (None, _) => (first, last),
        };
        let (rows, _) = self.walk(Find::of(query, bounds), query.limit).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        Ok(self.load(&ids).await?.into_iter().flatten().collect())
    }

    /// The ids of the oldest events received before a moment.
    pub(super) async fn older_than(&self, moment: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let query = Query { until: Some(moment), order: Order::Oldest, limit, ..Query::default() };
        let bounds = self.between(None, query.until).await?;
        let (rows, _) = self.walk(Find::of(&query, bounds), limit).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Walks until so many are found or they are large; says whether it was cut for that.
    pub(super) async fn walk(&self, mut find: Find, limit: usize) -> Result<(Vec<Row>, bool), StoreError> {
        let (mut found, mut bytes): (Vec<Row>, usize) = (Vec::new(), 0);
        find.looks = LOOKS;
        while found.len() < limit && find.from <= find.to {
            find.limit = limit - found.len();
            let text = serde_json::to_vec(&find).map_err(|why| self.link.damage(damaged(why)))?;
            let (last, done, rows): (String, bool, Vec<Vec<String>>) = self.link.run(&scripts::FIND, &[&text]).await?;
            for row in rows {
                if bytes >= ANSWER_BYTES {
                    return Ok((found, true));
                }
                let row = Row::read(&row).map_err(|why| self.link.damage(why))?;
                bytes += row.size;
                found.push(row);
            }
            let Some(last) = last.parse::<u64>().ok().filter(|_| !done) else { break };
            if !find.rev {
                find.from = last + 1;
            } else if last == 0 {
                break;
            } else {
                find.to = last - 1;
            }
        }
        Ok((found, false))
    }

    /// A page of what is found on a walk by place.
    pub(super) async fn page<T>(
        &self,
        walk: &Walk<u64>,
        find: Find,
        make: impl Fn(Logged, Row) -> Option<T>,
    ) -> Result<Page<T>, StoreError> {
        let (rows, cut) = self.walk(find, walk.enough()).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let loaded = self.load(&ids).await?;
        let found = loaded.into_iter().zip(rows).filter_map(|(logged, row)| make(logged?, row));
        Ok(walk.page(found.collect(), cut))
    }

    /// These events, where they are there.
    pub(super) async fn load(&self, ids: &[EventId]) -> Result<Vec<Option<Logged>>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = redis::pipe();
        for id in ids {
            ask.cmd("HMGET").arg(self.link.key(format_args!("e:{id}"))).arg(&["q", "m"]);
            ask.cmd("GET").arg(self.link.key(format_args!("b:{id}")));
        }
        let kept: Vec<redis::Value> = self.link.ask_all(&ask).await?;
        let (mut kept, mut loaded) = (kept.into_iter(), Vec::with_capacity(ids.len()));
        while let (Some(place), Some(bytes)) = (kept.next(), kept.next()) {
            loaded.push(logged(place, bytes).map_err(|why| self.link.damage(why))?);
        }
        Ok(loaded)
    }

    /// The first and the last place that an event received since then and before then can have.
    pub(super) async fn between(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<(u64, u64), StoreError> {
        let low = match since {
            Some(since) => self.place_of(since).await?,
            None => 0,
        };
        let Some(until) = until else { return Ok((low, LAST_PLACE)) };
        let late: Option<i64> = self.link.ask(&redis::Cmd::hget(self.link.key("clock"), "late")).await?;
        let moment = until.millis().saturating_add(late.unwrap_or(0));
        let mut ask = redis::cmd("ZRANGE");
        ask.arg(self.link.key("time")).arg(moment).arg("+inf").arg("BYSCORE").arg("LIMIT").arg(0).arg(1);
        let beyond: Vec<u64> = self.link.ask(&ask).await?;
        Ok((low, beyond.first().map_or(LAST_PLACE, |place| place.saturating_sub(1))))
    }

    /// A place before which nothing was received at or after this moment.
    pub(super) async fn place_of(&self, moment: Timestamp) -> Result<u64, StoreError> {
        let mut ask = redis::cmd("ZRANGE");
        ask.arg(self.link.key("time")).arg(moment.millis()).arg("-inf").arg("BYSCORE").arg("REV");
        let found: Vec<u64> = self.link.ask(ask.arg("LIMIT").arg(0).arg(1)).await?;
        Ok(found.first().copied().unwrap_or(0))
    }

    /// The walk by place that a walk by event is, and the places it covers.
    pub(super) async fn placed(&self, walk: Walk<EventId>, like: &Like) -> Result<(Walk<u64>, (u64, u64)), StoreError> {
        let mut place = 0;
        if let Some(id) = walk.beyond {
            let known: Option<u64> = self.link.ask(&redis::Cmd::hget(self.link.key(format!("e:{id}")), "q")).await?;
            place = match known {
                Some(place) => place,
                // One that is gone stood about where those of its time stand.
                None => self.place_of(id.made_at()).await?.saturating_sub(u64::from(walk.ascending)),
            };
        }
        let walk = walk.keyed(|_| place);
        let (low, high) = self.between(like.after.map(|after| after.plus(TICK)), like.before).await?;
        let bounds = match walk.beyond {
            Some(beyond) if walk.ascending => (low.max(beyond.saturating_add(1)), high),
            // Nothing stands before the first place.
            Some(0) => (1, 0),
            Some(beyond) => (low, high.min(beyond - 1)),
            None => (low, high),
        };
        Ok((walk, bounds))
    }
}

impl Row {
    fn read(row: &[String]) -> Result<Self, Damage> {
        let text = |index: usize| row.get(index).map(String::as_str).ok_or_else(|| Damage("a short row".to_owned()));
        let id = text(1)?.parse().map_err(damaged)?;
        let mut delivery = None;
        if row.len() > 3 {
            let (state, attempts) = (text(4)?.parse().map_err(damaged)?, text(6)?.parse().map_err(damaged)?);
            delivery = Some(queue::delivery(id, [text(3)?, text(7)?, text(5)?], state, attempts)?);
        }
        Ok(Self { id, size: text(2)?.parse().map_err(damaged)?, delivery })
    }
}

fn logged(place: redis::Value, bytes: redis::Value) -> Result<Option<Logged>, Damage> {
    let (place, marks): (Option<u64>, Option<Vec<u8>>) = redis::from_redis_value(place).map_err(damaged)?;
    let bytes: Option<Vec<u8>> = redis::from_redis_value(bytes).map_err(damaged)?;
    let Some((place, bytes)) = place.zip(bytes) else { return Ok(None) };
    let event = frame::event(bytes, marks.as_deref())?;
    Ok(Some(Logged { cursor: Cursor(place), event: Arc::new(event) }))
}
