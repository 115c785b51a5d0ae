//! A whole request as a provider sends it: headers, and what has to stand in the body before it is signed.

use std::borrow::Cow;

use crate::model::headers::Headers;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::jwt;
use crate::sign::layout::Layout;
use crate::sign::place::{Lines, Place, Sight};
use crate::sign::scheme::Scheme;
use crate::sign::signing::{Outgoing, SignError, Twist, twisted};
use crate::sign::splice::{Put, put};
use crate::sign::stamp::{Unit, Window};
use crate::sign::template::{NoValue, Template};

/// A request's own headers, and its body with all that the scheme has inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The scheme's headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// Signs as [`super::sign`] does, and puts into the body what the scheme has there: the time, a token, the signature.
///
/// # Errors
/// As [`super::sign`], and if a body has no room for what must stand in it.
pub fn compose(scheme: &Scheme, secrets: &[Secret], outgoing: &Outgoing, now: Timestamp) -> Result<Signed, SignError> {
    composed(scheme, secrets, outgoing, now, Twist::None)
}

/// As [`compose`], with something wrong.
pub(crate) fn composed(
    scheme: &Scheme,
    secrets: &[Secret],
    outgoing: &Outgoing,
    now: Timestamp,
    twist: Twist,
) -> Result<Signed, SignError> {
    let layout = outgoing.layout(scheme, secrets.first());
    let payload = layout.carries().then(|| payload(layout, outgoing.body)).transpose()?;
    let outgoing = Outgoing { body: payload.as_deref().unwrap_or(outgoing.body), ..*outgoing };
    let body = filled(layout, &outgoing, now)?;
    let outgoing = Outgoing { body: &body, ..outgoing };
    let (headers, signature) = twisted(scheme, secrets, &outgoing, now, twist)?;
    let body = match signature {
        // The token has the event in it: nothing else is left to stand beside it.
        Some(text) if layout.carries() => with(layout, b"{}", &layout.signature, text.as_bytes())?,
        Some(text) => with(layout, &body, &layout.signature, text.as_bytes())?,
        None => body.into_owned(),
    };
    Ok(Signed { headers, body })
}

/// The body with a stand-in where the signature comes, and where that begins and ends.
pub(crate) fn with_gap(layout: &Layout, body: &[u8]) -> Result<(Vec<u8>, usize, usize), SignError> {
    let marker = layout.encoding.encode(b"what will be signed stands here.");
    let body = with(layout, body, &layout.signature, marker.as_bytes())?;
    let start = memchr::memmem::find(&body, marker.as_bytes()).unwrap_or_default();
    Ok((body, start, start + marker.len()))
}

/// The body without what stands at a place in it.
pub(crate) fn without(layout: &Layout, body: Vec<u8>, place: &Place) -> Vec<u8> {
    put(&body, layout.document.as_ref(), place, Put::Nothing).unwrap_or(body)
}

/// The body with one of the values changed that are signed, where the signature is not over the whole of it.
pub(crate) fn changed(layout: &Layout, body: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let document = document(layout, body);
    let (headers, params) = (Lines::default(), super::Params::new());
    let sight = Sight { document: document.as_deref().unwrap_or(body), ..Sight::new(&headers, body, None, &params) };
    if layout.carries() {
        let other = jwt::with_payload(&layout.signature.find(sight).ok()?, change)?;
        return put(body, layout.document.as_ref(), &layout.signature, Put::Text(&other));
    }
    // What has to be of a known form is refused for that.
    let free = |name: &String| !layout.allow.contains_key(name) && !layout.require.contains_key(name);
    let vars = layout.vars.iter().filter(|(name, _)| layout.reads(name) && free(name)).map(|(_, place)| place);
    vars.filter(|place| place.is_in_body()).find_map(|place| {
        let value = place.find(sight).ok()?;
        put(body, layout.document.as_ref(), place, Put::Text(&change(&value)))
    })
}

/// The event that goes into a token, or that is in one already.
fn payload(layout: &Layout, body: &[u8]) -> Result<Vec<u8>, SignError> {
    let (headers, params) = (Lines::default(), super::Params::new());
    let token = layout.signature.find(Sight::new(&headers, body, None, &params)).ok();
    let payload = token.and_then(|token| jwt::payload(&token)).unwrap_or_else(|| body.to_vec());
    let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&payload);
    object.map(|_| payload).map_err(|_| SignError::NoRoom(layout.signature.lack()))
}

/// The JSON in a part of the body.
pub(crate) fn document<'a>(layout: &Layout, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let (headers, params) = (Lines::default(), super::Params::new());
    layout.document.as_ref()?.find(Sight::new(&headers, body, None, &params)).map(Cow::into_owned).map(Cow::Owned).ok()
}

/// The body with everything in it that the signature needs.
fn filled<'o>(layout: &Layout, outgoing: &Outgoing<'o>, now: Timestamp) -> Result<Cow<'o, [u8]>, SignError> {
    let mut body = Cow::Borrowed(outgoing.body);
    let dated = layout.uses.needs_ts || layout.tolerance != Window::default();
    if let Some(place) = layout.timestamp.as_ref().filter(|place| dated && place.is_in_body()) {
        // What is not understood is not made anew.
        if layout.unit != Unit::Opaque || !stands(layout, &body, place) {
            body = Cow::Owned(with(layout, &body, place, layout.unit.write(now).as_bytes())?);
        }
    }
    if let Some(place) = layout.id.as_ref().filter(|place| layout.uses.needs_id && place.is_in_body())
        && !stands(layout, &body, place)
    {
        body = Cow::Owned(with(layout, &body, place, outgoing.id.as_bytes())?);
    }
    for (name, place) in layout.vars.iter().filter(|(_, place)| place.is_in_body()) {
        let default = || layout.defaults.get(name).filter(|_| !stands(layout, &body, place));
        let value = match outgoing.params.get(name) {
            Some(given) => Some(given.clone()),
            None => default().map(|template| made(template, outgoing, now)).transpose()?,
        };
        if let Some(value) = value {
            body = Cow::Owned(with(layout, &body, place, value.as_bytes())?);
        }
    }
    Ok(body)
}

/// What a placeholder is when nobody says.
pub(crate) fn made(template: &Template, outgoing: &Outgoing, now: Timestamp) -> Result<String, NoValue> {
    template.text(|name| {
        let text = match name {
            "id" => outgoing.id.to_owned(),
            "type" => outgoing.event_type.to_owned(),
            "ts" => Unit::S.write(now),
            _ => return None,
        };
        Some(Cow::Owned(text.into_bytes()))
    })
}

fn stands(layout: &Layout, body: &[u8], place: &Place) -> bool {
    let document = document(layout, body);
    let (headers, params) = (Lines::default(), super::Params::new());
    let sight = Sight { document: document.as_deref().unwrap_or(body), ..Sight::new(&headers, body, None, &params) };
    place.find(sight).is_ok()
}

fn with(layout: &Layout, body: &[u8], place: &Place, value: &[u8]) -> Result<Vec<u8>, SignError> {
    put(body, layout.document.as_ref(), place, Put::Text(value)).ok_or_else(|| SignError::NoRoom(place.lack()))
}
