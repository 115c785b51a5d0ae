//! How much has happened: exact, whoever may have missed a notice of it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::relay::minutes::Minutes;

/// How much has happened since the start.
#[derive(Debug, Default)]
pub struct Counts {
    received: AtomicU64,
    deliveries: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    /// What became of attempts lately.
    pub(crate) minutes: Minutes,
}

impl Counts {
    /// Events that were taken in.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    /// Deliveries that were taken.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Acquire)
    }

    /// Deliveries that were given up.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Acquire)
    }

    /// Whether every delivery came to an end.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.delivered() + self.failed() >= self.deliveries.load(Ordering::Acquire)
    }

    pub(crate) fn received(&self, deliveries: usize) {
        // First the deliveries, so that nobody sees the event and takes it for settled.
        self.deliveries.fetch_add(deliveries as u64, Ordering::AcqRel);
        self.received.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn settled(&self, delivered: bool) {
        let sum = if delivered { &self.delivered } else { &self.failed };
        sum.fetch_add(1, Ordering::AcqRel);
    }
}
