//! Deliveries on their way: made, taken up, settled.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Delivery, DeliveryState, EndpointId, Timestamp};
use crate::store::memory::State;
use crate::store::work::UNPARKED;
use crate::store::{Held, Leased, Made, NewDelivery, Next, Settled, Settlement, Wanted};

pub(super) struct Queued {
    pub(super) delivery: Delivery,
    pub(super) fence: u64,
    /// What happens if the attempt that somebody asked for fails.
    pub(super) otherwise: Option<Next>,
    /// Somebody asked for another attempt while one was under way.
    pub(super) again: bool,
    /// How many attempts were asked for and made.
    pub(super) asked: u32,
}

impl Queued {
    pub(super) fn go_on(&mut self, next: Next) {
        (self.delivery.state, self.delivery.due_at) = match next {
            Next::Delivered => (DeliveryState::Delivered, None),
            Next::Retry(at) => (DeliveryState::Pending, Some(at)),
            Next::Dead => (DeliveryState::Dead, None),
        };
    }
}

impl State {
    pub(super) fn enqueue(&mut self, place: u64, new: &NewDelivery) {
        let Some(entry) = self.log.get_mut(&place) else { return };
        if self.queued.contains_key(&new.id) {
            return;
        }
        let (state, due, fence) = match new.held_until {
            Some(until) => (DeliveryState::InFlight, until, 1),
            None => (DeliveryState::Pending, new.due_at, 0),
        };
        let index = entry.deliveries.len();
        let (event, endpoint) = (entry.event.id, new.endpoint);
        let delivery = Delivery { id: new.id, event, endpoint, state, due_at: Some(due), attempts: 0 };
        entry.deliveries.push(Queued { delivery, fence, otherwise: None, again: false, asked: 0 });
        self.queued.insert(new.id, (place, index));
        self.due.insert((endpoint, due, place, index));
        if let Some(made) = &new.made {
            let Made { attempt, next } = made.clone();
            self.settle(Settlement { held: Held { delivery: new.id, fence }, attempt, next });
        }
    }

    pub(super) fn settle(&mut self, settlement: Settlement) -> Settled {
        let Some(at) = self.move_held(settlement.held, DeliveryState::InFlight, None) else { return Settled::Stale };
        self.change(at, |queued| {
            queued.delivery.attempts += 1;
            queued.asked += u32::from(settlement.attempt.manual);
            queued.otherwise = queued.again.then_some(settlement.next);
            queued.go_on(if queued.again { Next::Retry(settlement.ended_at()) } else { settlement.next });
            queued.again = false;
        });
        self.note(&settlement);
        if let Some(entry) = self.log.get_mut(&at.0) {
            entry.attempts.push(settlement.attempt);
        }
        Settled::Done
    }

    /// Changes a delivery and keeps the order of what is due.
    pub(super) fn change<T>(
        &mut self,
        (place, index): (u64, usize),
        change: impl FnOnce(&mut Queued) -> T,
    ) -> Option<T> {
        let queued = self.log.get_mut(&place)?.deliveries.get_mut(index)?;
        if let Some(due) = queued.delivery.due_at {
            self.due.remove(&(queued.delivery.endpoint, due, place, index));
        }
        let changed = change(queued);
        if let Some(due) = queued.delivery.due_at {
            self.due.insert((queued.delivery.endpoint, due, place, index));
        }
        Some(changed)
    }

    /// Moves a delivery on, if this is still the right to do so; gives back where it is.
    pub(super) fn move_held(
        &mut self,
        held: Held,
        state: DeliveryState,
        due: Option<Timestamp>,
    ) -> Option<(u64, usize)> {
        let at = *self.queued.get(&held.delivery)?;
        let moved = self.change(at, |queued| {
            let valid = queued.fence == held.fence && queued.delivery.state == DeliveryState::InFlight;
            if valid {
                (queued.delivery.state, queued.delivery.due_at) = (state, due);
            }
            valid
        })?;
        moved.then_some(at)
    }

    pub(super) fn take(&mut self, wanted: &Wanted) -> Vec<Leased> {
        let mut due = BTreeSet::new();
        for endpoint in &wanted.endpoints {
            let from = (*endpoint, Timestamp::from_millis(i64::MIN), 0, 0);
            let to = (*endpoint, wanted.now, u64::MAX, usize::MAX);
            due.extend(
                self.due.range(from..=to).map(|(_, due, place, index)| (*due, *place, *index)).take(wanted.limit),
            );
        }
        let mut leased = Vec::new();
        for (_, place, index) in due.into_iter().take(wanted.limit) {
            let taken = self.change((place, index), |queued| {
                queued.fence += 1;
                queued.delivery.state = DeliveryState::InFlight;
                queued.delivery.due_at = Some(wanted.until);
                (queued.delivery.clone(), queued.fence, queued.asked, queued.otherwise)
            });
            if let Some(((delivery, fence, asked, otherwise), entry)) = taken.zip(self.log.get(&place)) {
                let (held, event) = (Held { delivery: delivery.id, fence }, Arc::clone(&entry.event));
                let Delivery { endpoint, attempts, .. } = delivery;
                leased.push(Leased { held, event, endpoint, attempts, asked, otherwise });
            }
        }
        leased
    }

    /// Makes some of what waits for an endpoint to be switched on due.
    pub(super) fn unpark(&mut self, endpoint: EndpointId, now: Timestamp) -> usize {
        let parked =
            (endpoint, Timestamp::NEVER, 0, 0)..=(endpoint, Timestamp::from_millis(i64::MAX), u64::MAX, usize::MAX);
        let parked = self.due.range(parked).map(|(_, _, place, index)| (*place, *index));
        let parked: Vec<_> = parked.take(UNPARKED).collect();
        for at in &parked {
            self.change(*at, |queued| queued.delivery.due_at = Some(now));
        }
        parked.len()
    }
}
