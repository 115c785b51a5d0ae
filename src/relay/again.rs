//! A recorded event once more: to where it went before, or somewhere else.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::model::{
    Attempt, AttemptId, CapturedRequest, DeliveryId, DeliveryState, Endpoint, EndpointId, EndpointKind, Event, Headers,
    Secret, Target, Timestamp,
};
use crate::net::Client;
use crate::relay::outgoing::{Parcel, Signer};
use crate::sign::{self, Checks, Params, Scheme, SignError, Tolerance};
use crate::store::{Held, NewDelivery, Next, Settlement, Store, StoreError};

/// Sends recorded events again.
pub struct Again {
    client: Client,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    timeout: Option<Duration>,
}

/// Where an event goes again.
#[derive(Clone, Debug)]
pub struct Place {
    endpoint: Endpoint,
    /// The delivery that is made again; a new one if it never went there.
    former: Option<crate::model::Delivery>,
}

/// The secret that made a request's signature, which makes a new one too; `None` if it is none of these.
#[must_use]
pub fn signer(scheme: &Scheme, request: &CapturedRequest, secrets: &[Secret], now: Timestamp) -> Option<Secret> {
    let params = Params::default();
    let checks = Checks { secrets, now, tolerance: Tolerance::Unchecked, params: &params, url: None };
    let found = sign::verify(scheme, request, &checks).ok()?;
    secrets.get(found.secret_index).cloned()
}

impl Place {
    /// The endpoint that stands for it.
    #[must_use]
    pub const fn endpoint_id(&self) -> EndpointId {
        self.endpoint.id
    }

    /// The server and its path.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.endpoint.target
    }

    /// Whether its owner registered it at a relay; then it is signed with secrets of its own.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.endpoint.kind == EndpointKind::Registered
    }

    /// Whether it gets nothing at the moment.
    #[must_use]
    pub const fn is_disabled(&self) -> bool {
        self.endpoint.disabled.is_some()
    }

    /// Whether the delivery there was given up.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.former.as_ref().is_some_and(|former| former.state == DeliveryState::Dead)
    }
}

impl Again {
    /// With this client and this store.
    #[must_use]
    pub fn new(client: Client, store: Arc<dyn Store>, clock: Arc<dyn Clock>, timeout: Option<Duration>) -> Self {
        Self { client, store, clock, timeout }
    }

    /// A place that was named.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn place(&self, event: &Event, target: &Target) -> Result<Place, StoreError> {
        let now = self.clock.now();
        let id = EndpointId::new(now, self.clock.chance());
        let new = Endpoint {
            kind: EndpointKind::Replay,
            uid: Some(format!("replay:{target}")),
            ..Endpoint::new(id, event.app.clone(), target.clone(), now)
        };
        let found = self.store.ensure_endpoint(new).await?;
        let former = self.store.deliveries(event.id).await?.into_iter().rfind(|delivery| delivery.endpoint == found.id);
        Ok(Place { endpoint: Endpoint { target: target.clone(), ..found }, former })
    }

    /// The places that a listener's or a relay's endpoints are; earlier replays elsewhere do not count.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn former_places(&self, event: &Event) -> Result<Vec<Place>, StoreError> {
        let mut places: Vec<Place> = Vec::new();
        for delivery in self.store.deliveries(event.id).await? {
            let Some(endpoint) = self.store.endpoint(delivery.endpoint).await? else { continue };
            if endpoint.kind != EndpointKind::Replay {
                places.push(Place { endpoint, former: Some(delivery) });
            }
        }
        Ok(places)
    }

    /// The request for a place, signed afresh if there is a scheme.
    ///
    /// # Errors
    /// If the secret does not suit the scheme.
    pub fn parcel(
        &self,
        event: &Event,
        place: &Place,
        extra: &Headers,
        signing: Option<(&Scheme, &[Secret])>,
    ) -> Result<Parcel, SignError> {
        let target = &place.endpoint.target;
        match signing {
            None => Ok(Parcel::forward(event, target, extra)),
            Some((scheme, secrets)) => {
                Parcel::signed(event, target, extra, &Signer { scheme, secrets, now: self.clock.now() })
            }
        }
    }

    /// The request for a registered endpoint, signed with its own secrets as a relay does.
    ///
    /// # Errors
    /// If a secret does not suit the endpoint's scheme.
    pub fn registered(&self, event: &Event, place: &Place, extra: &Headers) -> Result<Option<Parcel>, SignError> {
        let Some(scheme) = sign::preset(&place.endpoint.scheme) else { return Ok(None) };
        let attempts = place.former.as_ref().map_or(0, |former| former.attempts);
        let parcel = Parcel::for_endpoint(event, &place.endpoint, &scheme, self.clock.now(), attempts)?;
        Ok(Some(Parcel { headers: parcel.headers.overlaid(extra), ..parcel }))
    }

    /// Makes one attempt and notes it. What was delivered before stays delivered, whatever comes of this.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn send(&self, event: &Event, place: &Place, parcel: &Parcel) -> Result<Attempt, StoreError> {
        let (started_at, began) = (self.clock.now(), self.clock.instant());
        let target = &place.endpoint.target;
        let outcome = self.client.exchange(&parcel.outbound(target), self.timeout).await;
        let duration = self.clock.instant().duration_since(began);
        let (held, before) = self.hold(event, place).await?;
        let mut attempt = Attempt {
            id: AttemptId::new(started_at, self.clock.chance()),
            delivery: held.delivery,
            event: event.id,
            endpoint: place.endpoint.id,
            number: before + 1,
            manual: true,
            method: parcel.method.clone(),
            url: target.url(&parcel.request_target),
            started_at,
            duration,
            outcome,
            next_attempt_at: None,
        };
        let next = self.next(place, &attempt);
        attempt.next_attempt_at = if let Next::Retry(at) = next { Some(at) } else { None };
        self.store.settle(Settlement { held, attempt: attempt.clone().kept(), next }).await?;
        Ok(attempt)
    }

    fn next(&self, place: &Place, attempt: &Attempt) -> Next {
        let state = place.former.as_ref().map(|former| former.state);
        let due = place.former.as_ref().and_then(|former| former.due_at);
        match (state, due) {
            _ if attempt.succeeded() => Next::Delivered,
            (Some(DeliveryState::Delivered), _) => Next::Delivered,
            // Its own schedule goes on.
            (Some(DeliveryState::Pending | DeliveryState::InFlight), Some(due)) => {
                Next::Retry(due.max(self.clock.now()))
            }
            _ => Next::Dead,
        }
    }

    /// Takes the delivery up, for as long as it takes to write down what came of it.
    async fn hold(&self, event: &Event, place: &Place) -> Result<(Held, u32), StoreError> {
        let now = self.clock.now();
        let until = now.plus(Duration::from_secs(30));
        if let Some(former) = &place.former {
            return self.store.reopen(former.id, until).await;
        }
        let delivery = DeliveryId::new(now, self.clock.chance());
        let new = NewDelivery {
            id: delivery,
            event: event.id,
            endpoint: place.endpoint.id,
            held_until: Some(until),
            due_at: now,
            made: None,
        };
        self.store.enqueue(vec![new]).await?;
        Ok((Held { delivery, fence: 1 }, 0))
    }
}
