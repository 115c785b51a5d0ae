//! What a store is asked about messages and what became of them, endpoint by endpoint.

use async_trait::async_trait;

use crate::model::{AppName, Attempt, AttemptId, Delivery, DeliveryState, EndpointId, EventId, Timestamp};
use crate::store::{Logged, NewDelivery, Page, Pager, StoreError};

/// Which messages of an app; all that is given must hold. Found by the app, then looked at one by one.
#[derive(Clone, Debug)]
pub struct MessageQuery {
    /// The app.
    pub app: AppName,
    /// What they are like.
    pub like: Like,
    /// Only those that were never on their way to this endpoint.
    pub without: Option<EndpointId>,
    /// Which page. The list is in the order of the log.
    pub pager: Pager<EventId>,
}

/// What messages, or attempts to send them, are like; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Like {
    /// Of one of these types; of any, if there are none.
    pub event_types: Vec<String>,
    /// On this channel.
    pub channel: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Made after this moment.
    pub after: Option<Timestamp>,
    /// Made before this moment.
    pub before: Option<Timestamp>,
}

/// Which messages that were on their way to an endpoint.
#[derive(Clone, Debug)]
pub struct SentQuery {
    /// The endpoint's app.
    pub app: AppName,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// How far they have come; any of these, or whatever, if there are none. `Dead` alone has an index of its own.
    pub states: Vec<DeliveryState>,
    /// Only those with an attempt.
    pub attempted: bool,
    /// What they are like.
    pub like: Like,
    /// Which page. The list is in the order of the log.
    pub pager: Pager<EventId>,
}

/// A message on its way to an endpoint.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message.
    pub logged: Logged,
    /// How far it has come; the newest one, if it was made twice.
    pub delivery: Delivery,
}

/// Which attempts; all that is given must hold. `like` asks for the time of the attempt and the marks of its message.
#[derive(Clone, Debug)]
pub struct AttemptQuery {
    /// Whose.
    pub of: AttemptsOf,
    /// Taken by the endpoint or not.
    pub succeeded: Option<bool>,
    /// With such a status: 2 is 200 to 299, and 0 is no answer at all.
    pub class: Option<u16>,
    /// What they are like.
    pub like: Like,
    /// Which page.
    pub pager: Pager<AttemptId>,
}

/// Whose attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptsOf {
    /// Of a message, at one endpoint or at all.
    Event(EventId, Option<EndpointId>),
    /// At an endpoint.
    Endpoint(EndpointId),
}

/// Which failures at an endpoint.
#[derive(Clone, Debug)]
pub struct FailedQuery {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The attempt failed at or after this moment.
    pub since: Timestamp,
    /// And not after this moment.
    pub until: Timestamp,
    /// Which page, by the first failure of each within the time.
    pub pager: Pager<AttemptId>,
}

/// A delivery that failed and was never taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its first failed attempt within the time; the key of its page.
    pub attempt: AttemptId,
    /// The delivery.
    pub delivery: Delivery,
}

/// What a store is asked about messages and what became of them.
#[async_trait]
pub trait Messages {
    /// The message of an app that somebody means by this: its id or its uid.
    async fn message(&self, app: &AppName, key: &str) -> Result<Option<Logged>, StoreError>;

    /// Messages of an app.
    async fn messages(&self, query: MessageQuery) -> Result<Page<Logged>, StoreError>;

    /// Messages that were on their way to an endpoint.
    async fn sent(&self, query: SentQuery) -> Result<Page<Sent>, StoreError>;

    /// Attempts by when they were begun.
    async fn attempts_of(&self, query: AttemptQuery) -> Result<Page<Attempt>, StoreError>;

    /// One attempt of a message.
    async fn attempt(&self, event: EventId, id: AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// Deliveries to an endpoint with a failed attempt in a time, that were never taken.
    async fn failed(&self, query: FailedQuery) -> Result<Page<Failed>, StoreError>;

    /// Removes a message's payload: its body is empty from now on. Says whether it was there.
    async fn expunge_payload(&self, event: EventId) -> Result<bool, StoreError>;

    /// Removes what was answered to an attempt. Says whether it was there.
    async fn expunge_answer(&self, event: EventId, id: AttemptId) -> Result<bool, StoreError>;

    /// Asks for one more attempt each: of the delivery of this event to this endpoint, or of a new one if there is none.
    /// All of them, or none if an event is not there. Who asks twice before it is taken up gets one attempt.
    ///
    /// [`crate::store::Leased::otherwise`] says what becomes of it if that attempt fails: what was to happen without it.
    async fn send_again(&self, deliveries: Vec<NewDelivery>) -> Result<(), StoreError>;

    /// Endpoints of any kind with something to do, by id, past `after`: each with when its next delivery is due.
    async fn busy(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<(EndpointId, Timestamp)>, StoreError>;
}

impl Like {
    /// Whether a message is like this, its time aside.
    pub(super) fn fits(&self, event_type: &str, channels: &[String], tags: &[String]) -> bool {
        (self.event_types.is_empty() || self.event_types.iter().any(|one| one == event_type))
            && self.channel.as_ref().is_none_or(|channel| channels.contains(channel))
            && self.tag.as_ref().is_none_or(|tag| tags.contains(tag))
    }

    /// Whether a message made or an attempt begun at this moment is like this.
    pub(super) fn is_within(&self, at: Timestamp) -> bool {
        self.after.is_none_or(|after| at > after) && self.before.is_none_or(|before| at < before)
    }
}

impl AttemptQuery {
    /// Whether an attempt with this status, or none, is asked for.
    pub(super) fn admits(&self, status: Option<u16>) -> bool {
        let succeeded = status.is_some_and(|status| (200..300).contains(&status));
        self.succeeded.is_none_or(|wanted| succeeded == wanted)
            && self.class.is_none_or(|class| status.map_or(0, |status| status / 100) == class)
    }
}
