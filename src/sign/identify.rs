//! What an event is called and which one it is, found without reading more of the body than needed.

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::json::{self, Pointer};
use crate::sign::place::{Place, Sight};
use crate::sign::scheme::Scheme;

/// What a request says of its event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The event's type.
    pub event_type: Option<String>,
    /// The event's id, as its sender calls it.
    pub id: Option<String>,
}

/// The longest type or id that is believed.
const MAX_LENGTH: usize = 256;

/// Finds type and id where the scheme says, else in the usual places. A body that is not JSON has none.
#[must_use]
pub fn identify(scheme: Option<&Scheme>, request: &CapturedRequest) -> Identity {
    let layout = scheme.map(|scheme| scheme.layout(Some(&request.headers), None, &Params::new()));
    let own_type = layout.and_then(|layout| layout.event.iter().find_map(|place| at(place, request)));
    let own_id = layout.and_then(|layout| at(layout.id.as_ref()?, request));
    if own_type.is_some() && own_id.is_some() {
        return Identity { event_type: own_type, id: own_id };
    }
    let usual = usual(request, own_type.is_none());
    Identity { event_type: own_type.or(usual.event_type), id: own_id.or(usual.id) }
}

/// The value at a place that the scheme names.
fn at(place: &Place, request: &CapturedRequest) -> Option<String> {
    if let Place::Json(pointer) = place {
        let [found] = json::find_soon(object(&request.body)?, [pointer]);
        return found.and_then(believed);
    }
    let sight = Sight { headers: &request.headers, body: &request.body, query: request.query(), elements: &[] };
    believed(String::from_utf8(place.find(sight).ok()?.into_owned()).ok()?)
}

fn usual(request: &CapturedRequest, with_type: bool) -> Identity {
    let mut found = Identity::default();
    for (name, value) in request.headers.iter() {
        let slot = match () {
            () if names_type(name) => &mut found.event_type,
            () if names_id(name) => &mut found.id,
            () => continue,
        };
        if slot.is_none() {
            *slot = str::from_utf8(value).ok().and_then(|text| believed(text.to_owned()));
        }
    }
    if let Some(body) = object(&request.body).filter(|_| with_type) {
        let places = ["type", "event_type", "eventType", "event", "id"].map(Pointer::top);
        let [first, second, third, fourth, id] = json::find_soon(body, places.each_ref());
        let named = [first, second, third, fourth].into_iter().flatten().find_map(believed);
        found.event_type = named.or(found.event_type);
        found.id = found.id.or(id.and_then(believed));
    }
    found
}

/// `x-acme-event`, `x-webhook-event`, `x-acme-event-type`, `x-acme-topic`.
fn names_type(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"x-") && [&b"-event"[..], b"-event-type", b"-topic"].iter().any(|end| name.ends_with(end))
}

/// `webhook-id`, `x-acme-webhook-id`, `x-acme-delivery`, `x-acme-delivery-id`.
fn names_id(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    [&b"webhook-id"[..], b"-delivery", b"-delivery-id"].iter().any(|end| name.ends_with(end))
}

/// The body if it can be a JSON object; telling that it cannot takes a glance.
fn object(body: &[u8]) -> Option<&[u8]> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"{").then_some(body)
}

fn believed(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= MAX_LENGTH && !text.chars().any(char::is_control)).then_some(text)
}
