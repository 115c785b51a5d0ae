//! What arrived while a listener was away is delivered first, in order; then its place is remembered.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::Event;
use crate::relay::notice::Notice;
use crate::relay::options::Listener;
use crate::relay::pipeline::Pipeline;
use crate::store::{Cursor, Order, Query, StoreError};

/// How many events are looked at in one go.
const PAGE: usize = 200;
/// How often the listener's place is noted.
const EVERY: Duration = Duration::from_secs(1);

/// The events between a listener's place and now.
pub(crate) struct Gap {
    from: Cursor,
    to: Cursor,
    name: Option<String>,
}

/// Looks how far the listener had come. One that was never here before starts with now.
pub(crate) async fn look(pipeline: &Pipeline, listener: &Listener) -> Result<Gap, StoreError> {
    let to = pipeline.store.newest().await?;
    let remembered = match &listener.name {
        Some(name) => pipeline.store.position(name).await?,
        None => None,
    };
    let from = listener.since.or(remembered).unwrap_or(to);
    Ok(Gap { from, to, name: listener.name.clone() })
}

/// Delivers what is in the gap, then notes the listener's place until told to stop.
pub(crate) async fn run(pipeline: Arc<Pipeline>, gap: Gap, done: CancellationToken, stop: CancellationToken) {
    let caught_up = tokio::select! {
        result = deliver(&pipeline, &gap) => result,
        () = stop.cancelled() => return,
    };
    done.cancel();
    // A place that skips what could not be read would lose it.
    match caught_up {
        Ok(()) => remember(&pipeline, &gap, &stop).await,
        Err(why) => pipeline.tell(Notice::Trouble { message: format!("what was missed could not be read: {why}") }),
    }
}

async fn deliver(pipeline: &Arc<Pipeline>, gap: &Gap) -> Result<(), StoreError> {
    let (mut count, mut from) = (0, gap.from);
    while let Some(page) = page(pipeline, gap, &mut from).await? {
        count += page.len() as u64;
    }
    if count > 0 {
        pipeline.tell(Notice::Missed { count });
    }
    let mut from = gap.from;
    while let Some(page) = page(pipeline, gap, &mut from).await? {
        for (event, wanting) in page {
            pipeline.deliver_missed(&event, &wanting).await?;
        }
    }
    Ok(())
}

/// The next missed events, each with the forwards that have not had it; `None` at the end of the gap.
async fn page(
    pipeline: &Pipeline,
    gap: &Gap,
    from: &mut Cursor,
) -> Result<Option<Vec<(Arc<Event>, Vec<usize>)>>, StoreError> {
    if *from >= gap.to {
        return Ok(None);
    }
    let query = Query { after: Some(*from), order: Order::Oldest, limit: PAGE, ..Query::default() };
    let logged = pipeline.store.events(query).await?;
    *from = logged.last().map_or(gap.to, |last| last.cursor);
    let mut missed = Vec::new();
    for logged in logged.into_iter().filter(|logged| logged.cursor <= gap.to) {
        let had = pipeline.store.deliveries(logged.event.id).await?;
        let is_new =
            |index: &usize| pipeline.endpoint(*index).is_some_and(|id| !had.iter().any(|old| old.endpoint == id));
        // What was turned away stays away.
        if !pipeline.judge.admits(&logged.event).await? {
            continue;
        }
        let wanting: Vec<_> = pipeline.wanting(&logged.event).into_iter().filter(is_new).collect();
        if !wanting.is_empty() {
            missed.push((logged.event, wanting));
        }
    }
    Ok(Some(missed))
}

/// Notes how far the listener has come, now and then and at the end.
async fn remember(pipeline: &Pipeline, gap: &Gap, stop: &CancellationToken) {
    let Some(name) = &gap.name else { return };
    let mut noted = None;
    loop {
        let last = stop.is_cancelled();
        let newest = pipeline.newest().max(gap.to);
        if noted.is_none_or(|noted| newest > noted) {
            match pipeline.store.advance(name, newest).await {
                Ok(()) => noted = Some(newest),
                Err(why) => {
                    pipeline.tell(Notice::Trouble { message: format!("the place of \"{name}\" was not noted: {why}") });
                }
            }
        }
        if last {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}
