//! The loops: one worker for each endpoint, so that a slow one delays no other; one that keeps leases alive.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::Timestamp;
use crate::relay::notice::Notice;
use crate::relay::pipeline::{LEASE, Pipeline};

/// How long a worker rests at most: another process may have put something into the store.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How many deliveries are taken up at once.
const BATCH: usize = 64;

/// Delivers what is due at one endpoint until told to stop.
pub(crate) async fn run(pipeline: Arc<Pipeline>, index: usize, stop: CancellationToken) {
    let Some(gate) = pipeline.gate(index) else { return };
    while !stop.is_cancelled() {
        // Whoever waits for the bell before looking misses nothing that is put in while looking.
        let bell = pipeline.bell.notified();
        let room = gate.available_permits().min(BATCH);
        let taken = if room == 0 { Ok(Vec::new()) } else { pipeline.take(index, room).await };
        let rest = match taken {
            Ok(leased) if !leased.is_empty() => {
                for leased in leased {
                    let own = Arc::clone(&pipeline);
                    pipeline.tasks.spawn(async move {
                        own.work(index, leased).await;
                        own.bell.notify_waiters();
                    });
                }
                // The tasks take their places at the gate first; then there may be room for more.
                tokio::task::yield_now().await;
                continue;
            }
            Ok(_) => rest(&pipeline, index).await,
            Err(why) => {
                pipeline.tell(Notice::Trouble { message: format!("deliveries wait: {why}") });
                LONGEST_REST
            }
        };
        tokio::select! {
            () = bell => {}
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// How long there is nothing to do at this endpoint.
async fn rest(pipeline: &Pipeline, index: usize) -> Duration {
    let Some(forward) = pipeline.options.forwards.get(index) else { return LONGEST_REST };
    let due = pipeline.store.next_due(&[forward.endpoint.id]).await.ok().flatten();
    let now = pipeline.clock.now();
    // Due already and yet not taken: there is no room, or its predecessor is not settled.
    due.filter(|due| *due > now).map_or(LONGEST_REST, |due: Timestamp| due.since(now).min(LONGEST_REST))
}

/// Keeps what is held from being taken up by somebody else, until told to stop.
pub(crate) async fn keep_leases(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(LEASE / 3);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        let held = pipeline.all_held();
        if held.is_empty() {
            continue;
        }
        let until = pipeline.clock.now().plus(LEASE);
        if let Err(why) = pipeline.store.extend(held, until).await {
            pipeline.tell(Notice::Trouble { message: format!("leases could not be extended: {why}") });
        }
    }
}
