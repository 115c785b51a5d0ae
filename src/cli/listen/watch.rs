//! Says when enough has happened, whatever shows it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::policy::route::Glob;
use crate::relay::counts::Counts;
use crate::relay::notice::Notice;

/// When enough has happened.
#[derive(Debug)]
pub(super) struct Until {
    pub(super) count: Option<u64>,
    pub(super) event_type: Option<Glob>,
}

/// Watches for the end.
#[derive(Debug)]
pub(super) struct Watch {
    until: Until,
    /// How much has happened.
    pub(super) counts: Arc<Counts>,
    /// Cancelled when enough has.
    pub(super) met: CancellationToken,
    /// The event that ends it came.
    seen: bool,
}

impl Watch {
    pub(super) const fn new(until: Until, counts: Arc<Counts>, met: CancellationToken) -> Self {
        Self { until, counts, met, seen: false }
    }

    /// Something happened.
    pub(super) fn note(&mut self, notice: &Notice) {
        if let Notice::Received { event, .. } = notice {
            self.seen |= self.until.event_type.as_ref().is_some_and(|glob| glob.matches(&event.event_type));
        }
    }

    /// Ends it, if enough came and is settled.
    pub(super) fn check(&self) {
        let counted = self.until.count.is_some_and(|count| self.counts.events() >= count);
        if (self.seen || counted) && self.counts.is_settled() {
            self.met.cancel();
        }
    }
}
