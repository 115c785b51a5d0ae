//! Removes what is past its time, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;

/// How often there is a look.
const EVERY: Duration = Duration::from_secs(60);
/// The pause between two steps, so that requests come first.
const BREATH: Duration = Duration::from_millis(20);

/// Prunes until told to stop.
pub(crate) async fn run(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    loop {
        let pause = match pipeline.store.prune(pipeline.options.retention, pipeline.clock.now()).await {
            Ok(pruned) if pruned.more => BREATH,
            Ok(_) => EVERY,
            Err(why) => {
                pipeline.tell(Notice::Trouble { message: format!("old events could not be removed: {why}") });
                EVERY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
