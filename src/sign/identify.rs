//! What an event is called and which one it is, found without reading more of the body than needed.

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::json::{self, Pointer};
use crate::sign::layout::Layout;
use crate::sign::place::{Lines, Place, Sight};
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
    let (params, headers) = (Params::new(), Lines::of(&request.headers));
    let sight = Sight::of(&headers, request, &params);
    let layout = scheme.map(|scheme| scheme.layout(Some(sight), None, &params));
    let own_type = layout.and_then(|layout| layout.event.iter().find_map(|place| at(layout, place, sight)));
    let own_id = layout.and_then(|layout| at(layout, layout.id.as_ref()?, sight));
    if own_type.is_some() && own_id.is_some() {
        return Identity { event_type: own_type, id: own_id };
    }
    let usual = usual(request, own_type.is_none());
    Identity { event_type: own_type.or(usual.event_type), id: own_id.or(usual.id) }
}

/// The value at a place that the scheme names.
fn at(layout: &Layout, place: &Place, sight: Sight) -> Option<String> {
    if let Place::Json(pointer) = place {
        let document = layout.document.as_ref().and_then(|place| layout.find(place, sight).ok());
        let [found] = json::find_soon(readable(document.as_deref().unwrap_or(sight.body))?, [pointer], [true]);
        return found.and_then(believed);
    }
    believed(String::from_utf8(layout.find(place, sight).ok()?.into_owned()).ok()?)
}

fn usual(request: &CapturedRequest, with_type: bool) -> Identity {
    let mut found = Identity::default();
    for (name, value) in request.headers.iter() {
        let value = || believed(str::from_utf8(value).ok()?.to_owned());
        if found.event_type.is_none() && names_type(name) {
            found.event_type = value();
        } else if found.id.is_none() && names_id(name) {
            found.id = value();
        }
    }
    if let Some(body) = object(&request.body).filter(|_| with_type) {
        let places = ["type", "event_type", "eventType", "event", "id"].map(Pointer::top);
        let [first, second, third, fourth, id] =
            json::find_soon(body, places.each_ref(), [true, false, false, false, found.id.is_none()]);
        let named = [first, second, third, fourth].into_iter().flatten().find_map(believed);
        found.event_type = named.or(found.event_type);
        found.id = found.id.or(id.and_then(believed));
    }
    found
}

/// `x-acme-event`, `x-webhook-event`, `x-acme-event-type`, `x-acme-topic`.
fn names_type(name: &[u8]) -> bool {
    let private = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"x-"));
    private && ends_with(name, &[b"-event", b"-event-type", b"-topic"])
}

/// `webhook-id`, `x-acme-webhook-id`, `x-acme-delivery`, `x-acme-delivery-id`.
fn names_id(name: &[u8]) -> bool {
    ends_with(name, &[b"webhook-id", b"-delivery", b"-delivery-id"])
}

fn ends_with(name: &[u8], ends: &[&[u8]]) -> bool {
    let end = |end: &&[u8]| name.len().checked_sub(end.len()).and_then(|at| name.get(at..));
    ends.iter().any(|known| end(known).is_some_and(|own| own.eq_ignore_ascii_case(known)))
}

/// The body if it can be a JSON object or a list; telling that it cannot takes a glance.
fn readable(body: &[u8]) -> Option<&[u8]> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().first().is_some_and(|first| b"{[".contains(first)).then_some(body)
}

/// The body if it can be a JSON object.
fn object(body: &[u8]) -> Option<&[u8]> {
    readable(body).filter(|body| body.trim_ascii_start().starts_with(b"{"))
}

fn believed(text: String) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= MAX_LENGTH;
    // It is shown, and may be sent as a header: what would break a line stands there as what it is, odd.
    let odd = text.chars().any(char::is_control);
    fits.then(|| if odd { text.replace(char::is_control, "\u{fffd}") } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;
    use proptest::prelude::*;

    use crate::model::headers::Headers;
    use crate::model::time::Timestamp;

    fn request(lines: &[&str], body: &[u8]) -> CapturedRequest {
        let mut headers = Headers::new();
        for line in lines {
            headers.push_line(line).unwrap();
        }
        CapturedRequest {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers,
            body: Bytes::copy_from_slice(body),
            remote: String::new(),
            received_at: Timestamp::default(),
        }
    }

    fn found(scheme: Option<&str>, lines: &[&str], body: &str) -> (Option<String>, Option<String>) {
        let scheme = scheme.map(|more| {
            Scheme::parse(&format!("name = 'x'\ntitle = 'X'\nsignature = {{ header = 'x-sig' }}\n{more}")).unwrap()
        });
        let identity = identify(scheme.as_ref(), &request(lines, body.as_bytes()));
        (identity.event_type, identity.id)
    }

    fn pair(event_type: &str, id: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(event_type), some(id))
    }

    #[test]
    fn the_usual_places_are_known() {
        for name in ["type", "event_type", "eventType", "event"] {
            let body = format!(r#"{{"data":{{"type":"no"}},"{name}":"order.created","id":7}}"#);
            assert_eq!(found(None, &[], &body), pair("order.created", "7"), "{name}");
        }
        assert_eq!(found(None, &["X-Acme-Event: push", "X-Acme-Delivery: d"], "a=1"), pair("push", "d"));
        assert_eq!(found(None, &["X-Webhook-Event: push", "Webhook-Id: m"], r#"{"type":"t"}"#), pair("t", "m"));
        assert_eq!(
            found(None, &["x-acme-topic: orders/create"], r#"{"event":{"type":"x"}}"#),
            pair("orders/create", "")
        );
    }

    #[test]
    fn what_the_scheme_says_comes_first() {
        let scheme = "event = [{ json = '/event/type' }, { json = '/type' }]\nid = { header = 'x-id' }";
        assert_eq!(found(Some(scheme), &["x-id: 1"], r#"{"type":"a","event":{"type":"b"}}"#), pair("b", "1"));
        assert_eq!(found(Some(scheme), &["webhook-id: 2"], r#"{"type":"a","id":"3"}"#), pair("a", "2"));
        let list = "event = [{ json = '/0/type' }]";
        assert_eq!(found(Some(list), &[], r#" [{"type":"a"},{"type":"b"}]"#), pair("a", ""));
        assert_eq!(found(Some(list), &[], "[]"), pair("", ""));
    }

    #[test]
    fn nothing_is_made_of_what_is_no_event() {
        for body in ["", "{", "[]", "null", "type=x", "{\"type\":{}}", "{\"type\":\"\"}"] {
            assert_eq!(found(None, &[], body), pair("", ""), "{body}");
        }
        let long = format!("{{\"type\":\"{}\"}}", "x".repeat(300));
        assert_eq!(found(None, &[], &long), pair("", ""));
        assert_eq!(found(None, &[], "{\"type\":\"a\\nb\"}"), pair("a\u{fffd}b", ""), "it is seen that it is odd");
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body: Vec<u8>) {
            let _ = identify(None, &request(&[], &[b"{", &body[..]].concat()));
        }
    }
}
