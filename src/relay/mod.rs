//! The journey of a delivery, its loops, and its HTTP face. Nothing here prints or reads settings.

mod aftermath;
pub mod again;
mod attempting;
pub(crate) mod catch_up;
pub mod counts;
mod deliver;
pub(crate) mod directory;
mod elsewhere;
pub(crate) mod feed;
mod handshake;
pub mod http;
pub(crate) mod in_order;
pub mod judge;
mod lane;
mod lanes;
mod legacy;
mod minutes;
pub mod notice;
pub(crate) mod operational;
pub mod options;
pub mod outgoing;
mod payloads;
pub mod pipeline;
pub mod publish;
mod quota;
pub mod reply;
pub(crate) mod retention;
mod roster;
pub mod source;
pub(crate) mod tunnel;
pub(crate) mod worker;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::net::{ClientError, Listener, server};
use crate::relay::counts::Counts;
use crate::relay::http::{Face, Planted, Seed, SeedError};
use crate::relay::notice::Notice;
use crate::relay::options::Options;
use crate::relay::pipeline::Pipeline;
use crate::relay::source::Source;
use crate::store::{Store, StoreError};

/// How long what was missed goes before what comes in now.
const MISSED_FIRST: Duration = Duration::from_secs(5);

/// A relay: a value until it is served.
pub struct Relay {
    pipeline: Arc<Pipeline>,
}

impl Relay {
    /// Puts the parts together; nothing listens yet.
    ///
    /// # Errors
    /// If the TLS settings cannot be used.
    pub fn new(options: Options, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        Ok(Self { pipeline: Arc::new(Pipeline::new(options, store, clock)?) })
    }

    /// What happens from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.pipeline.notices()
    }

    /// How much has happened; goes on counting while it is served.
    #[must_use]
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.pipeline.counts)
    }

    /// Makes the apps and endpoints of a file, and brings up to date those that are there.
    ///
    /// # Errors
    /// If the store fails, or this relay would never call one of them.
    pub async fn plant(&self, seed: &Seed) -> Result<Planted, SeedError> {
        seed.plant(&self.pipeline).await
    }

    /// Serves until `stop`, then drains: no new connection, what is under way gets its time, what is left
    /// waits in the store.
    ///
    /// # Errors
    /// If the store fails while catching up.
    pub async fn serve(self, listener: Listener, stop: CancellationToken) -> Result<(), StoreError> {
        let pipeline = Arc::clone(&self.pipeline);
        let face = Arc::new(Face::new(Arc::clone(&pipeline)));
        let limits = pipeline.options.limits;
        let serving = server::serve(listener, face, Arc::clone(&pipeline.clock), limits, stop.clone());
        self.live(serving, stop).await
    }

    /// Passes on what comes from elsewhere until `stop`, then drains. It may have an address of its own beside.
    ///
    /// # Errors
    /// If the store fails while catching up.
    pub async fn follow(
        self,
        source: Source,
        listener: Option<Listener>,
        stop: CancellationToken,
    ) -> Result<(), StoreError> {
        let (pipeline, ended) = (Arc::clone(&self.pipeline), stop.child_token());
        let both = Box::pin(async {
            let following = async {
                source.run(Arc::clone(&pipeline), ended.clone()).await;
                ended.cancel();
            };
            let serving = async {
                let Some(listener) = listener else { return };
                let face = Arc::new(Face::new(Arc::clone(&pipeline)));
                let limits = pipeline.options.limits;
                server::serve(listener, face, Arc::clone(&pipeline.clock), limits, ended.clone()).await;
            };
            tokio::join!(following, serving);
        });
        self.live(both, stop.clone()).await
    }

    /// Delivers while `inlet` takes in, and then what is left, as long as that may take.
    async fn live(self, inlet: impl Future<Output = ()>, stop: CancellationToken) -> Result<(), StoreError> {
        let pipeline = self.pipeline;
        let (loops, halt) = (TaskTracker::new(), CancellationToken::new());
        for index in 0..pipeline.options.forwards.len() {
            loops.spawn(worker::run(Arc::clone(&pipeline), index, stop.clone()));
        }
        loops.spawn(retention::run(Arc::clone(&pipeline), stop.clone()));
        loops.spawn(lanes::watch(Arc::clone(&pipeline), stop.clone()));
        loops.spawn(elsewhere::run(Arc::clone(&pipeline), stop.clone()));
        loops.spawn(tunnel::others::run(Arc::clone(&pipeline), stop.clone()));
        loops.spawn({
            let (pipeline, stop) = (Arc::clone(&pipeline), stop.clone());
            async move {
                stop.cancelled().await;
                pipeline.stopping.cancel();
            }
        });
        loops.spawn(worker::keep_leases(Arc::clone(&pipeline), halt.clone()));
        if let Some(listener) = &pipeline.options.listener {
            let gap = catch_up::look(&pipeline, listener).await?;
            let done = CancellationToken::new();
            loops.spawn(catch_up::run(Arc::clone(&pipeline), gap, done.clone(), halt.clone()));
            // Senders wait in the accept queue for so long, no longer.
            drop(tokio::time::timeout(MISSED_FIRST, done.cancelled()).await);
        }
        inlet.await;
        pipeline.tasks.close();
        // What is not done by then is left to the lease's end and whoever comes next.
        drop(tokio::time::timeout(pipeline.options.limits.drain, pipeline.tasks.wait()).await);
        let left = pipeline.all_held();
        if !left.is_empty() {
            pipeline.store.release(left, pipeline.clock.now()).await?;
        }
        halt.cancel();
        loops.close();
        loops.wait().await;
        Ok(())
    }
}
