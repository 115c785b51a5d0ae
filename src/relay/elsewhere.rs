//! What other nodes on the same store do: their news ring this one's bells, so that nothing waits for the next look.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::store::Elsewhere;

/// Passes news on until told to stop, or at once if the store is this node's alone.
pub(crate) async fn run(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let Some(mut news) = pipeline.store.elsewhere() else { return };
    loop {
        let told = tokio::select! {
            told = news.recv() => told,
            () = stop.cancelled() => return,
        };
        match told {
            Ok(Elsewhere::Kept(app)) => pipeline.tell(Notice::Elsewhere { app: Some(app) }),
            Ok(Elsewhere::Waiting) => pipeline.bell.notify_waiters(),
            Ok(Elsewhere::Emptied) => pipeline.tell(Notice::Emptied { at: pipeline.clock.now() }),
            Ok(Elsewhere::Perhaps) | Err(RecvError::Lagged(_)) => {
                pipeline.tell(Notice::Elsewhere { app: None });
                pipeline.bell.notify_waiters();
            }
            Err(RecvError::Closed) => return,
        }
    }
}
