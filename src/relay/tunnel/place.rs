//! Where a line begins, and what the log has after a place.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::api::events::{Find, find};
use crate::model::EventId;
use crate::policy::span;
use crate::relay::feed::{Frame, Taste};
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::{Key, Reject};
use crate::store::{Cursor, Order, Query, StoreError};

/// How many events are read from the log at once, and how many bytes of bodies.
const PAGE: usize = 100;
const ROOM: usize = 1 << 20;
/// So many missed events are counted, no more.
const MOST_COUNTED: u64 = 10_000;

/// Where somebody wants to begin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// A time or an event's id, as a person wrote it.
    pub(crate) since: Option<String>,
    /// A place that a listener came to.
    pub(crate) after: Option<Cursor>,
}

/// Where a line begins.
pub(crate) struct Begin {
    pub(crate) from: Cursor,
    /// What arrived up to here was missed.
    pub(crate) upto: Cursor,
    pub(crate) missed: u64,
    /// Whether that is all of it.
    pub(crate) counted: bool,
    /// Whether something is gone that came after `from`.
    pub(crate) gap: bool,
}

/// Finds out where a line begins: where its listener says, else where it left off, else with now.
pub(crate) async fn begin(pipeline: &Pipeline, key: &Key, taste: &Taste, start: &Start) -> Result<Begin, Reject> {
    let upto = pipeline.store.newest().await?;
    let remembered = match key.remembered() {
        Some(name) => pipeline.store.position(&name).await?,
        None => None,
    };
    let known = match (start.after, &start.since) {
        (Some(after), _) => Some(after),
        (None, Some(text)) => Some(since(pipeline, key, text).await?),
        (None, None) => remembered,
    };
    // A place that lies ahead of all is one in another log, which was there before this one.
    let from = known.map_or(upto, |known| if known > upto { Cursor(0) } else { known });
    let (missed, counted) = count(pipeline, taste, from, upto).await?;
    let first = pipeline.store.events(Query { order: Order::Oldest, limit: 1, ..Query::default() }).await?;
    let gap = from > Cursor(0) && first.first().is_some_and(|first| first.cursor.0 > from.0.saturating_add(1));
    Ok(Begin { from, upto, missed, counted, gap: gap && from < upto })
}

/// What the log has after a place that is to somebody's taste, and up to where that is all.
pub(crate) async fn page(
    pipeline: &Pipeline,
    after: Cursor,
    taste: &Taste,
) -> Result<(Vec<Arc<Frame>>, Cursor), StoreError> {
    let newest = pipeline.store.newest().await?;
    let found = find(pipeline.store.as_ref(), &wanted(taste, after, PAGE)).await?;
    let upto = found.next.unwrap_or(newest);
    let mut frames = Vec::new();
    for logged in found.events {
        let frame = Frame::judged(pipeline, logged).await?;
        frames.extend(taste.takes(&frame).then(|| Arc::new(frame)));
    }
    Ok((frames, upto))
}

async fn count(pipeline: &Pipeline, taste: &Taste, from: Cursor, upto: Cursor) -> Result<(u64, bool), StoreError> {
    let (mut missed, mut after) = (0, from);
    while after < upto && missed < MOST_COUNTED {
        let (frames, next) = page(pipeline, after, taste).await?;
        missed += frames.iter().filter(|frame| frame.logged.cursor <= upto).count() as u64;
        if next <= after {
            break;
        }
        after = next;
    }
    Ok((missed, after >= upto))
}

fn wanted(taste: &Taste, after: Cursor, limit: usize) -> Find {
    Find {
        app: taste.app.clone(),
        types: taste.types.clone(),
        since: None,
        until: None,
        status: None,
        conditions: Vec::new(),
        grep: None,
        after: Some(after),
        order: Order::Oldest,
        limit,
        room: ROOM,
    }
}

/// The place just before what somebody asks for.
async fn since(pipeline: &Pipeline, key: &Key, text: &str) -> Result<Cursor, Reject> {
    let bad = |why: String| Reject::Since(why);
    if text.starts_with(EventId::PREFIX) {
        let id: EventId = text.parse().map_err(|why| bad(format!("{why}")))?;
        let found = pipeline.store.event(id).await?.filter(|logged| logged.event.app == key.app);
        return found.map(|logged| logged.cursor).ok_or_else(|| bad(format!("there is no event {id}")));
    }
    let since = span::moment(text, pipeline.clock.now(), &TimeZone::UTC).map_err(|why| bad(why.to_string()))?;
    let query = Query { since: Some(since), order: Order::Oldest, limit: 1, ..Query::default() };
    Ok(match pipeline.store.events(query).await?.first() {
        Some(first) => Cursor(first.cursor.0.saturating_sub(1)),
        None => pipeline.store.newest().await?,
    })
}
