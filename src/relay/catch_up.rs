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
    let mut count = 0;
    each(pipeline, gap, async |_, _| {
        count += 1;
        Ok(())
    })
    .await?;
    if count > 0 {
        pipeline.tell(Notice::Missed { count });
    }
    each(pipeline, gap, async |event, wanting| pipeline.deliver_missed(&event, &wanting).await).await
}

/// Calls `act` with each missed event and the forwards that have not had it.
async fn each(
    pipeline: &Pipeline,
    gap: &Gap,
    mut act: impl AsyncFnMut(Arc<Event>, Vec<usize>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut from = gap.from;
    while from < gap.to {
        let query = Query { after: Some(from), order: Order::Oldest, limit: PAGE, ..Query::default() };
        let page = pipeline.store.events(query).await?;
        let Some(last) = page.last() else { break };
        from = last.cursor;
        for logged in page.into_iter().filter(|logged| logged.cursor <= gap.to) {
            let had = pipeline.store.deliveries(logged.event.id).await?;
            let is_new = |index: &usize| pipeline.endpoint(*index).is_some_and(|id| !had.iter().any(|old| old.endpoint == id));
            let wanting: Vec<_> = pipeline.wanting(&logged.event).into_iter().filter(is_new).collect();
            if !wanting.is_empty() {
                act(logged.event, wanting).await?;
            }
        }
    }
    Ok(())
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
