//! Once more: by the usual way, at once and changed, or all that was given up.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::api::events::{Find, find};
use crate::model::{
    AppName, Attempt, CapturedRequest, DeliveryId, DeliveryState, Endpoint, EndpointId, EndpointKind, Event, Headers,
    Target,
};
use crate::relay::again::{Again, Place, signer};
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::events::found;
use crate::relay::http::native::fields::{Fields, Params};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::{Face, json_answer, json_text};
use crate::relay::judge::Signing;
use crate::relay::notice::Notice;
use crate::relay::roster;
use crate::sign::SignError;
use crate::store::{NewDelivery, Order, Status, StoreError};
use crate::view::{self, AttemptLine};

/// So many events at most, more or less, are sent again by one request.
const MOST: usize = 1000;
/// So many are looked at together, or fewer if their bodies come to so many bytes.
const PAGE: usize = 100;
const ROOM: usize = 8 << 20;
/// And so many pages of what may be beyond help are looked at.
const MOST_PAGES: usize = 100;
/// The fields that ask for more than the usual way, which the relay does at once and tells what came of it.
const CHANGES: [&str; 4] = ["to", "resign", "headers", "body_b64"];

/// How an event is sent again at once.
struct Change {
    to: Option<Target>,
    resign: bool,
    headers: Option<Headers>,
    body: Option<Bytes>,
}

/// Sends one event again.
pub(super) async fn one(face: &Face, request: &CapturedRequest, id: &str) -> Outcome {
    let fields = Fields::read(&request.body, &["endpoint_id", "to", "resign", "headers", "body_b64"])?;
    let changed = CHANGES.iter().any(|name| fields.raw(name).is_some());
    // To sign what one likes, or to make the relay call what one likes, is more than to manage endpoints.
    let caller = Caller::of(face, request, if changed { Deed::Operate } else { Deed::Manage }).await?;
    let only: Option<String> = fields.get("endpoint_id", "the id of an endpoint")?;
    let event = found(face, &caller, id).await?;
    if event.marks.expunged {
        return Err(Refusal::new(409, "expunged", "the payload of this event was removed"));
    }
    if changed {
        return at_once(face, &caller, &event, only.as_deref(), Change::read(&fields)?).await;
    }
    if event.is_unproven() && face.pipeline.options.judging.reject && !caller.token.operates() {
        let detail = "it came without a right signature, and this relay takes no such request (--verify reject)";
        return Err(Refusal::new(409, "refused", detail));
    }
    queued(face, &event, only).await
}

async fn queued(face: &Face, event: &Event, only: Option<String>) -> Outcome {
    let pipeline = &face.pipeline;
    let team = pipeline.roster.of(&event.app).await?;
    let chosen = |endpoint: &Endpoint| match &only {
        Some(key) => endpoint.id.to_string() == *key || endpoint.uid.as_ref() == Some(key),
        None => roster::wants(endpoint, &event.event_type, &event.marks.channels),
    };
    let forwards = pipeline.options.forwards.iter().enumerate();
    let forwards = forwards.filter(|(index, forward)| match &only {
        Some(_) => chosen(&forward.endpoint),
        None => pipeline.wanting(event).contains(index),
    });
    let endpoints: Vec<EndpointId> = team.iter().filter(|one| chosen(one)).map(|one| one.id).collect();
    let endpoints: Vec<_> = forwards.map(|(_, forward)| forward.endpoint.id).chain(endpoints).collect();
    if let (Some(_), []) = (&only, endpoints.as_slice()) {
        return Err(Refusal::field("endpoint_id", "there is no such endpoint in the event's app"));
    }
    if only.is_some() && team.iter().any(|one| endpoints.contains(&one.id) && one.disabled.is_some()) {
        return Err(Refusal::new(409, "disabled", "the endpoint is disabled: enable it first"));
    }
    let wishes: Vec<_> = endpoints.iter().map(|endpoint| (event, *endpoint)).collect();
    once_more(face, &wishes).await?;
    let endpoints: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    Ok(json_answer(202, &json!({"type": "replay", "event_id": event.id.to_string(), "endpoints": endpoints})))
}

/// Asks for one more attempt of each event at each endpoint, all at once, and wakes whoever makes it.
async fn once_more(face: &Face, wishes: &[(&Event, EndpointId)]) -> Result<(), StoreError> {
    let (pipeline, now) = (&face.pipeline, face.pipeline.clock.now());
    if wishes.is_empty() {
        return Ok(());
    }
    let asked = wishes.iter().map(|(event, endpoint)| NewDelivery {
        id: DeliveryId::new(now, pipeline.clock.chance()),
        event: event.id,
        endpoint: *endpoint,
        held_until: None,
        due_at: now,
        made: None,
    });
    pipeline.store.send_again(asked.collect()).await?;
    // A listener's own endpoints have workers, which hear the bell; the others have lanes.
    let is_forward = |id: &EndpointId| pipeline.options.forwards.iter().any(|forward| forward.endpoint.id == *id);
    let mut rung = HashSet::new();
    for (event, endpoint) in wishes.iter().filter(|(_, id)| !is_forward(id)) {
        if rung.insert(*endpoint) {
            pipeline.ring(*endpoint, &event.app);
        }
    }
    pipeline.bell.notify_waiters();
    Ok(())
}

impl Change {
    fn read(fields: &Fields) -> Result<Self, Refusal> {
        let to: Option<String> = fields.get("to", "a text")?;
        let pairs: Option<Vec<(String, String)>> = fields.get("headers", "a list of names and values")?;
        let body: Option<String> = fields.get("body_b64", "Base64")?;
        let body = body.map(|text| STANDARD.decode(text)).transpose();
        Ok(Self {
            to: to.map(|to| to.parse()).transpose().map_err(|why| Refusal::field("to", why))?,
            resign: fields.get("resign", "true or false")?.unwrap_or(false),
            headers: pairs.map(headers).transpose()?,
            body: body.map_err(|why| Refusal::field("body_b64", why))?.map(Bytes::from),
        })
    }

    fn of(&self, recorded: &Event) -> Event {
        let mut event = recorded.clone();
        if let Some(headers) = &self.headers {
            event.request.headers = headers.clone();
        }
        if let Some(body) = &self.body {
            event.request.body = body.clone();
        }
        event
    }
}

fn headers(pairs: Vec<(String, String)>) -> Result<Headers, Refusal> {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.push(&name, view::lines::bytes(&value)).map_err(|why| Refusal::field("headers", why))?;
    }
    Ok(headers)
}

async fn at_once(face: &Face, caller: &Caller, recorded: &Event, only: Option<&str>, change: Change) -> Outcome {
    let pipeline = &face.pipeline;
    let signing = match (change.resign, &caller.token.app) {
        (false, _) => None,
        (true, None) => Some(pipeline.judge.signing(recorded).await?),
        (true, Some(_)) => Some(pipeline.judge.own_signing(recorded).await?),
    };
    let (store, clock) = (Arc::clone(&pipeline.store), Arc::clone(&pipeline.clock));
    let again = Again::new(pipeline.client.clone(), store, clock, pipeline.options.sending.timeout);
    let places = match &change.to {
        Some(to) => vec![again.place(recorded, to).await?],
        None => again.former_places(recorded).await?,
    };
    let wanted = |place: &Place| only.is_none_or(|key| place.endpoint_id().to_string() == key);
    let places: Vec<Place> = places.into_iter().filter(wanted).collect();
    if places.is_empty() {
        return Err(Refusal::new(409, "nowhere", "the event was never forwarded: say where to"));
    }
    if places.iter().any(|place| place.is_registered() && place.is_disabled()) {
        return Err(Refusal::new(409, "disabled", "the endpoint is disabled: enable it first"));
    }
    let event = change.of(recorded);
    let mut lines = Vec::new();
    for place in places {
        let attempt = sent(face, &again, (recorded, &event), &place, signing.as_ref()).await?;
        lines.push(view::line(&AttemptLine::from(&attempt)).unwrap_or_default());
        pipeline.counts.minutes.note(&attempt, pipeline.clock.now());
        pipeline.tell(Notice::Attempted { attempt: Arc::new(attempt) });
    }
    let id = json!(recorded.id.to_string());
    Ok(json_text(200, format!("{{\"type\":\"replayed\",\"event_id\":{id},\"attempts\":[{}]}}", lines.join(","))))
}

async fn sent(
    face: &Face,
    again: &Again,
    (recorded, event): (&Event, &Event),
    place: &Place,
    signing: Option<&Signing>,
) -> Result<Attempt, Refusal> {
    let (pipeline, none) = (&face.pipeline, Headers::new());
    let unsigned = |why: SignError| Refusal::new(422, "cannot_sign", why.to_string());
    let parcel = match signing {
        None => again.parcel(event, place, &none, None).map_err(unsigned)?,
        Some(_) if place.is_registered() => match again.registered(event, place, &none).map_err(unsigned)? {
            Some(parcel) => parcel,
            None => return Err(Refusal::new(422, "cannot_sign", "the endpoint's scheme is not known here")),
        },
        Some(Signing { scheme, secrets }) => {
            let found = scheme.as_deref().and_then(|scheme| {
                let secret = signer(scheme, &recorded.request, secrets, pipeline.clock.now());
                secret.or_else(|| secrets.first().cloned()).map(|secret| (scheme, [secret]))
            });
            let Some((scheme, secrets)) = found else {
                return Err(Refusal::new(422, "cannot_sign", "there is no secret to sign with"));
            };
            again.parcel(event, place, &none, Some((scheme, secrets.as_slice()))).map_err(unsigned)?
        }
    };
    Ok(again.send(recorded, place, &parcel).await?)
}

/// Sends again what was given up: of some events, or of an app.
pub(super) async fn dead(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.method != "POST" {
        return Err(wrong_method("POST"));
    }
    let caller = Caller::of(face, request, Deed::Manage).await?;
    Params::read(request, &[])?;
    let fields = Fields::read(&request.body, &["app", "ids"])?;
    let app = caller.scope(face, fields.get::<String>("app", "a text")?.as_deref()).await?;
    let ids: Option<Vec<String>> = fields.get("ids", "a list of events' ids")?;
    let mut done = Redriven::default();
    match ids {
        Some(ids) if ids.len() > MOST => {
            return Err(Refusal::field("ids", format!("must be at most {MOST} at once")));
        }
        Some(ids) => {
            let (mut events, mut bytes) = (Vec::new(), 0);
            for id in ids {
                let event = found(face, &caller, &id).await?;
                bytes += event.request.body.len();
                events.push(event);
                if events.len() >= PAGE || bytes >= ROOM {
                    done.redrive(face, &std::mem::take(&mut events)).await?;
                    bytes = 0;
                }
            }
            done.redrive(face, &events).await?;
        }
        None => done.redrive_all(face, app).await?,
    }
    let Redriven { sent, skipped, more, .. } = done;
    let value: Value = json!({"type": "redrive", "deliveries": sent, "skipped": skipped, "more": more});
    Ok(json_answer(202, &value))
}

/// What became of what was given up.
#[derive(Default)]
struct Redriven {
    sent: usize,
    skipped: usize,
    more: bool,
    /// Whether an endpoint takes something at the moment.
    takes: HashMap<EndpointId, bool>,
}

impl Redriven {
    /// Some events, in one transaction.
    async fn redrive(&mut self, face: &Face, events: &[Arc<Event>]) -> Result<(), StoreError> {
        let mut wishes = Vec::new();
        for event in events {
            for endpoint in self.revived(face, event).await? {
                wishes.push((event.as_ref(), endpoint));
            }
        }
        self.sent += wishes.len();
        once_more(face, &wishes).await
    }

    async fn redrive_all(&mut self, face: &Face, app: Option<AppName>) -> Result<(), StoreError> {
        let mut wanted = Find {
            app,
            types: Vec::new(),
            since: None,
            until: None,
            status: Some(Status::Delivery(DeliveryState::Dead)),
            conditions: Vec::new(),
            grep: None,
            after: None,
            order: Order::Oldest,
            limit: PAGE,
            room: ROOM,
        };
        for _ in 0..MOST_PAGES {
            let found = find(face.pipeline.store.as_ref(), &wanted).await?;
            let events: Vec<_> = found.events.into_iter().map(|logged| logged.event).collect();
            self.redrive(face, &events).await?;
            wanted.after = found.next;
            self.more = found.next.is_some();
            if !self.more || self.sent >= MOST {
                break;
            }
        }
        Ok(())
    }
    /// The endpoints that gave an event up and may get it again; the others are counted.
    async fn revived(&mut self, face: &Face, event: &Event) -> Result<Vec<EndpointId>, StoreError> {
        let mut all = Vec::<EndpointId>::new();
        for delivery in face.pipeline.store.deliveries(event.id).await? {
            if delivery.state != DeliveryState::Dead || all.contains(&delivery.endpoint) {
                continue;
            }
            let takes = match self.takes.get(&delivery.endpoint) {
                Some(takes) => *takes,
                None => takes(face, delivery.endpoint).await?,
            };
            self.takes.insert(delivery.endpoint, takes);
            if takes && !event.marks.expunged { all.push(delivery.endpoint) } else { self.skipped += 1 }
        }
        Ok(all)
    }
}

/// Whether this relay sends something to an endpoint.
async fn takes(face: &Face, id: EndpointId) -> Result<bool, StoreError> {
    let pipeline = &face.pipeline;
    Ok(pipeline.store.endpoint(id).await?.is_some_and(|endpoint| match endpoint.kind {
        EndpointKind::Registered => endpoint.disabled.is_none(),
        EndpointKind::Listener => pipeline.options.forwards.iter().any(|own| own.endpoint.id == id),
        EndpointKind::Replay => false,
    }))
}
