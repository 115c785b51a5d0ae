//! Attempts by endpoint, by event, and those that failed.

use redis::Cmd;

use crate::model::{Attempt, AttemptId, DeliveryId, EndpointId, EventId, Timestamp};
use crate::store::page::Walk;
use crate::store::redis::fault::{Damage, damaged};
use crate::store::redis::find::ANSWER_BYTES;
use crate::store::redis::messages::TICK;
use crate::store::redis::{Redis, frame};
use crate::store::{AttemptQuery, AttemptsOf, Failed, FailedQuery, Like, Page, StoreError};

/// How many are read from an index at once.
const STEP: usize = 200;

/// The part of an index that a walk covers, as `ZRANGE BYLEX` has it: low and high.
struct Span {
    low: String,
    high: String,
    ascending: bool,
}

/// What an event's list says of an attempt.
struct Line {
    id: AttemptId,
    delivery: DeliveryId,
    failed: bool,
}

impl Redis {
    /// A page of attempts.
    pub(super) async fn attempts_like(&self, query: &AttemptQuery) -> Result<Page<Attempt>, StoreError> {
        let walk = query.pager.clone().walk();
        let fits = |one: &Attempt| query.admits(one.status()) && query.like.is_within(one.id.made_at());
        let endpoint = match query.of {
            AttemptsOf::Endpoint(id) => id,
            AttemptsOf::Event(event, endpoint) => {
                let mut all = Vec::new();
                if self.is_like(event, &query.like).await? {
                    all = self.attempts_of_event(event).await?;
                }
                all.retain(|one| fits(one) && endpoint.is_none_or(|id| one.endpoint == id));
                all.sort_by_key(|one| one.id);
                return Ok(walk.of(all.into_iter().map(|one| (one.id, one))));
            }
        };
        let index = if query.succeeded == Some(false) { "af" } else { "ae" };
        let mut span = Span::of(query.like.after.map(|after| after.plus(TICK)), query.like.before, &walk);
        let (mut found, mut bytes) = (Vec::new(), 0);
        loop {
            let members = self.members(&format!("{index}:{endpoint}"), &mut span).await?;
            let ids: Vec<&str> = members.iter().filter_map(|member| member.split(' ').next()).collect();
            for attempt in self.load_attempts(&ids).await? {
                if !fits(&attempt) || !self.is_like(attempt.event, &query.like).await? {
                    continue;
                }
                if bytes >= ANSWER_BYTES {
                    return Ok(walk.page(found, true));
                }
                bytes += attempt.outcome.as_ref().map_or(0, |answer| answer.body.len());
                found.push(attempt);
                if found.len() == walk.enough() {
                    return Ok(walk.page(found, false));
                }
            }
            if members.len() < STEP {
                return Ok(walk.page(found, false));
            }
        }
    }

    /// A page of deliveries that failed and were never taken, each by its first failure within the time.
    pub(super) async fn failures(&self, query: &FailedQuery) -> Result<Page<Failed>, StoreError> {
        let walk = query.pager.clone().walk();
        let mut span = Span::of(Some(query.since), Some(query.until.plus(TICK)), &walk);
        let first = AttemptId::first_of(query.since);
        let mut found = Vec::new();
        loop {
            let members = self.members(&format!("af:{}", query.endpoint), &mut span).await?;
            for member in &members {
                if let Some(failed) = self.failure(member, first, query.endpoint).await? {
                    found.push(failed);
                }
                if found.len() == walk.enough() {
                    return Ok(walk.page(found, false));
                }
            }
            if members.len() < STEP {
                return Ok(walk.page(found, false));
            }
        }
    }

    /// The delivery of a failed attempt, if this is its first failure since then and it was never taken.
    async fn failure(
        &self,
        member: &str,
        first: AttemptId,
        endpoint: EndpointId,
    ) -> Result<Option<Failed>, StoreError> {
        let Some((attempt, event)) = member.split_once(' ') else { return Ok(None) };
        let lines: Vec<String> = self.link.ask(&Cmd::lrange(self.link.key(format!("ats:{event}")), 0, -1)).await?;
        let lines: Result<Vec<Line>, Damage> = lines.iter().map(|line| Line::read(line)).collect();
        let read = || Ok((lines?, attempt.parse::<AttemptId>().map_err(damaged)?, event.parse().map_err(damaged)?));
        let (lines, attempt, event): (_, _, EventId) = read().map_err(|why| self.link.damage(why))?;
        let Some(delivery) = lines.iter().find(|line| line.id == attempt).map(|line| line.delivery) else {
            return Ok(None);
        };
        let is_earlier =
            |line: &Line| line.delivery == delivery && line.failed && line.id < attempt && line.id >= first;
        if lines.iter().any(is_earlier) {
            return Ok(None);
        }
        let all = self.deliveries_of(event).await?;
        let open = all.into_iter().find(|one| one.id == delivery && one.endpoint == endpoint);
        let taken = crate::model::DeliveryState::Delivered;
        Ok(open.filter(|one| one.state != taken).map(|delivery| Failed { attempt, delivery }))
    }

    /// Whether an event is like this, its time aside.
    async fn is_like(&self, event: EventId, like: &Like) -> Result<bool, StoreError> {
        if like.event_types.is_empty() && like.channel.is_none() && like.tag.is_none() {
            return Ok(true);
        }
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.link.key(format_args!("e:{event}"))).arg(&["t", "m"]);
        let (event_type, marks): (Option<String>, Option<Vec<u8>>) = self.link.ask(&ask).await?;
        let marks = marks.map(|text| frame::marks(&text)).transpose().map_err(|why| self.link.damage(why))?;
        let marks = marks.unwrap_or_default();
        Ok(event_type.is_some_and(|event_type| like.fits(&event_type, &marks.channels, &marks.tags)))
    }

    /// The next members of an index; the span goes on after them.
    async fn members(&self, index: &str, span: &mut Span) -> Result<Vec<String>, StoreError> {
        let mut ask = redis::cmd("ZRANGE");
        let (start, end) = if span.ascending { (&span.low, &span.high) } else { (&span.high, &span.low) };
        ask.arg(self.link.key(index)).arg(start).arg(end).arg("BYLEX");
        if !span.ascending {
            ask.arg("REV");
        }
        let members: Vec<String> = self.link.ask(ask.arg("LIMIT").arg(0).arg(STEP)).await?;
        if let Some(last) = members.last() {
            *(if span.ascending { &mut span.low } else { &mut span.high }) = format!("({last}");
        }
        Ok(members)
    }
}

impl Span {
    fn of(since: Option<Timestamp>, until: Option<Timestamp>, walk: &Walk<AttemptId>) -> Self {
        let mut low = since.map_or_else(|| "-".to_owned(), |since| format!("[{}", AttemptId::first_of(since)));
        let mut high = until.map_or_else(|| "+".to_owned(), |until| format!("({}", AttemptId::first_of(until)));
        match walk.beyond {
            // A member is an id, a space and more.
            Some(beyond) if walk.ascending && since.is_none_or(|since| AttemptId::first_of(since) <= beyond) => {
                low = format!("({beyond}~");
            }
            Some(beyond) if !walk.ascending && until.is_none_or(|until| AttemptId::first_of(until) >= beyond) => {
                high = format!("({beyond}");
            }
            _ => {}
        }
        Self { low, high, ascending: walk.ascending }
    }
}

impl Line {
    /// `base.lua` writes it.
    fn read(line: &str) -> Result<Self, Damage> {
        let mut words = line.split(' ');
        let mut word = || words.next().ok_or_else(|| Damage("a short line".to_owned()));
        let (id, delivery) = (word()?.parse().map_err(damaged)?, word()?.parse().map_err(damaged)?);
        let _endpoint = word()?;
        Ok(Self { id, delivery, failed: word()? == "0" })
    }
}
