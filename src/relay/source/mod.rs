//! Where events come from when there is no inbox: a relay elsewhere, a stream, another program's Redis.

mod dial;
mod recent;
pub mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::Event;
use crate::relay::pipeline::{Pipeline, Receipt};
use crate::store::StoreError;

pub use crate::relay::source::dial::{Dial, DialError, Link};

/// How long nobody comes back at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Where events come from.
pub enum Source {
    /// A relay elsewhere, already connected to.
    Tunnel(Box<Dial>, Box<Link>),
}

impl Source {
    /// Passes on what comes until told to stop; what is under way then comes to its end.
    pub(super) async fn run(self, pipeline: Arc<Pipeline>, stop: CancellationToken) {
        match self {
            Self::Tunnel(dial, link) => tunnel::run(*dial, *link, pipeline, stop).await,
        }
    }
}

/// Longer and longer waits, each a little by chance so that not all come back at once.
struct Backoff {
    next: Duration,
}

impl Backoff {
    const fn new() -> Self {
        Self { next: FIRST_WAIT }
    }

    /// The next wait.
    fn wait(&mut self, pipeline: &Pipeline) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST_WAIT);
        let chance = u32::try_from(pipeline.clock.chance() % 1000).unwrap_or(0);
        wait / 2 + (wait / 2).saturating_mul(chance) / 1000
    }
}

impl Pipeline {
    /// Takes in an event that was named, and perhaps judged, elsewhere.
    async fn carry(self: &Arc<Self>, event: Event) -> Result<Receipt, StoreError> {
        let mut finding = self.judge.look(&event.app, &event.request).await?;
        // A secret that was given here counts more than what was found out there.
        if self.options.judging.secrets.is_empty() {
            finding.verdict.clone_from(&event.verdict);
        }
        finding.event_type.clone_from(&event.event_type);
        let event = Arc::new(Event { verdict: finding.verdict.clone(), ..event });
        let reply = self.route(&event, &finding).await?;
        Ok(Receipt { event: event.id, reply })
    }
}
