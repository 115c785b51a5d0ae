//! An event that somebody makes, rather than one that comes in: kept with a delivery for each endpoint that wants it.

use std::sync::Arc;

use crate::model::{
    AppName, CapturedRequest, DeliveryId, Endpoint, EndpointId, Event, EventId, Headers, Marks, Timestamp,
};
use crate::relay::judge::Finding;
use crate::relay::lane::Place;
use crate::relay::notice::{Label, Notice};
use crate::relay::pipeline::{LEASE, Pipeline};
use crate::relay::roster;
use crate::store::{Leased, NewDelivery, NewEvent, Record, StoreError};

/// An event to be made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its identifier, as [`Pipeline::event_id`] gives them.
    pub id: EventId,
    /// The app it is for.
    pub app: AppName,
    /// Its type.
    pub event_type: String,
    /// The request that carries it: headers that go with it, such as its content type, and its body.
    pub request: CapturedRequest,
    /// What its maker says about it.
    pub marks: Marks,
    /// It goes to this endpoint alone; to every one that wants it if `None`.
    pub only: Option<EndpointId>,
    /// The answer to its maker, kept with it.
    pub record: Option<Record>,
}

/// The deliveries of an event.
#[derive(Default)]
pub(crate) struct FanOut {
    /// All of them.
    pub(crate) deliveries: Vec<NewDelivery>,
    /// Those that are sent when they are kept and it is their turn.
    sends: Vec<Send>,
    /// The endpoints of the others, which wait for their lanes.
    waiting: Vec<EndpointId>,
}

/// A delivery that does not wait in the store.
struct Send {
    leased: Leased,
    place: Place,
}

impl Pipeline {
    /// An identifier for an event that is made now.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        EventId::new(self.clock.now(), self.clock.chance())
    }

    /// Keeps an event and its deliveries, which are on their way when this answers.
    ///
    /// # Errors
    /// If the store could not keep it; [`StoreError::Taken`] if the app has one of its uid.
    pub async fn publish(self: &Arc<Self>, draft: Draft) -> Result<Arc<Event>, StoreError> {
        let Draft { id, app, event_type, request, marks, only, record } = draft;
        let event = Arc::new(Event { id, app, event_type, verdict: None, request, marks });
        let mut fan = self.fan_out(&event, only).await?;
        let deliveries = std::mem::take(&mut fan.deliveries);
        let count = deliveries.len();
        let kept = self.store.append(NewEvent { event: Arc::clone(&event), deliveries, record }).await;
        let cursor = kept.inspect_err(|_| self.call_off(&fan))?;
        self.note_newest(cursor);
        self.counts.received(count);
        self.tell(Notice::Received { event: Arc::clone(&event), label: Label::default(), deliveries: count });
        self.set_out(&event, fan);
        Ok(event)
    }

    /// Keeps an event that came in, with a delivery for each registered endpoint too; says how many those are.
    pub(super) async fn keep(
        self: &Arc<Self>,
        event: &Arc<Event>,
        finding: &Finding,
        mut deliveries: Vec<NewDelivery>,
    ) -> Result<usize, StoreError> {
        let mut fan = self.fan_out(event, None).await?;
        let fanned = fan.deliveries.len();
        deliveries.append(&mut fan.deliveries);
        let count = deliveries.len();
        let kept = self.store.append(NewEvent::new(Arc::clone(event), deliveries)).await;
        self.note_newest(kept.inspect_err(|_| self.call_off(&fan))?);
        self.counts.received(count);
        self.tell(Notice::Received { event: Arc::clone(event), label: finding.label(), deliveries: count });
        self.set_out(event, fan);
        Ok(fanned)
    }

    /// Keeps a request that came in and that nobody gets.
    pub(super) async fn record(&self, event: &Arc<Event>, finding: &Finding) -> Result<(), StoreError> {
        self.note_newest(self.store.append(NewEvent::new(Arc::clone(event), Vec::new())).await?);
        self.counts.received(0);
        self.tell(Notice::Received { event: Arc::clone(event), label: finding.label(), deliveries: 0 });
        Ok(())
    }

    /// The deliveries of an event to the registered endpoints of its app.
    pub(crate) async fn fan_out(&self, event: &Arc<Event>, only: Option<EndpointId>) -> Result<FanOut, StoreError> {
        let team = self.roster.of(&event.app).await?;
        let chosen = |endpoint: &Endpoint| match only {
            Some(id) => endpoint.id == id && endpoint.disabled.is_none(),
            None => roster::wants(endpoint, &event.event_type, &event.marks.channels),
        };
        let mut fan = FanOut::default();
        for endpoint in team.iter().filter(|endpoint| chosen(endpoint)) {
            let now = self.clock.now();
            let place = self.lanes.place(endpoint, event.request.body.len(), now);
            let delivery = NewDelivery {
                id: DeliveryId::new(now, self.clock.chance()),
                event: event.id,
                endpoint: endpoint.id,
                held_until: place.as_ref().map(|_| now.plus(LEASE)),
                due_at: now,
                made: None,
            };
            match place {
                Some(place) => fan.sends.push(Send { leased: Leased::first(event, &delivery), place }),
                None => fan.waiting.push(endpoint.id),
            }
            fan.deliveries.push(delivery);
        }
        self.hold_all(fan.sends.iter().map(|send| &send.leased));
        Ok(fan)
    }

    /// The event is kept: sends what has its place, and wakes the lanes of what has to wait.
    pub(crate) fn set_out(self: &Arc<Self>, event: &Event, fan: FanOut) {
        for endpoint in fan.waiting {
            self.ring(endpoint, &event.app);
        }
        for Send { leased, place } in fan.sends {
            self.tasks.spawn(Arc::clone(self).deliver_in_turn(leased, place));
        }
    }

    /// The event could not be kept.
    pub(crate) fn call_off(&self, fan: &FanOut) {
        for send in &fan.sends {
            self.let_go(send.leased.held);
        }
    }

    /// The request of an event that is made here rather than received.
    #[must_use]
    pub fn made_request(&self, target: &str, body: bytes::Bytes) -> CapturedRequest {
        let mut headers = Headers::new();
        // The line is ours and well formed.
        drop(headers.push("content-type", "application/json"));
        let (method, target, remote) = ("POST".to_owned(), target.to_owned(), String::new());
        let received_at: Timestamp = self.clock.now();
        CapturedRequest { method, target, headers, body, remote, received_at }
    }
}
