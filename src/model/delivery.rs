//! A delivery: one event on its way to one endpoint.

use crate::model::id::{DeliveryId, EndpointId, EventId};
use crate::model::time::Timestamp;

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its identifier, `dlv_...`.
    pub id: DeliveryId,
    /// What is delivered.
    pub event: EventId,
    /// To whom.
    pub endpoint: EndpointId,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it may next be taken up: the next try of a pending one, the end of the lease of one in flight.
    pub due_at: Option<Timestamp>,
    /// How many attempts there were.
    pub attempts: u32,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Waiting for its next attempt.
    Pending,
    /// An attempt is under way; if its lease ends first, it is pending again.
    InFlight,
    /// The endpoint said 2xx.
    Delivered,
    /// Given up; kept, and can be sent again.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::InFlight, Self::Delivered, Self::Dead];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in_flight",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}
