//! The payload as a provider wraps it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::json::{self, Pointer};
use crate::sign::place::Place;
use crate::sign::scheme::Scheme;
use crate::sign::stamp::Unit;

/// The body that the provider would send for this data: its own envelope around it.
///
/// The data's text is kept as it is written. Data that says its type where the provider's payloads do is an envelope
/// already and is left alone, as is all data of a provider that wraps nothing.
#[must_use]
pub fn wrap(scheme: &Scheme, event_type: &str, id: &str, data: &RawValue, now: Timestamp) -> Vec<u8> {
    let inner = enveloped(scheme, event_type, id, data.get().as_bytes(), now);
    let Some(around) = &scheme.about.around else { return inner };
    let pieces = around.render(|name| (name == "envelope").then_some(Cow::Borrowed(inner.as_slice())));
    pieces.map_or_else(|_| inner.clone(), |pieces| pieces.concat())
}

fn enveloped(scheme: &Scheme, event_type: &str, id: &str, data: &[u8], now: Timestamp) -> Vec<u8> {
    let Some(envelope) = scheme.about.envelope.as_ref().filter(|_| !is_wrapped(scheme, data)) else {
        return data.to_vec();
    };
    let text = |text: &str| Some(Cow::Owned(text.as_bytes().to_vec()));
    let pieces = envelope.render(|name| match name {
        "type" => text(event_type),
        "id" => text(id),
        "ts" => text(&Unit::S.write(now)),
        "ms" => text(&Unit::Ms.write(now)),
        "time" => text(&now.to_string()),
        "data" => Some(Cow::Borrowed(data)),
        _ => None,
    });
    // A scheme is refused if its envelope has other placeholders.
    pieces.map_or_else(|_| data.to_vec(), |pieces| pieces.concat())
}

fn is_wrapped(scheme: &Scheme, data: &[u8]) -> bool {
    let layout = scheme.layout(None, None, &Params::new());
    let has = |pointer: &Pointer| {
        let [found] = json::find(data, [pointer]);
        found.is_some()
    };
    layout.event.iter().any(|place| match place {
        Place::Json(pointer) => has(pointer),
        Place::Claim(name) => layout.carries() && has(&Pointer::top(name)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: &str = "name = 'x'\ntitle = 'X'\nsignature = { header = 'x' }\nevent = [{ json = '/type' }]\n\
                          envelope = '{\"type\":{type|json},\"timestamp\":\"{time}\",\"data\":{data}}'\n";

    fn wrapped(data: &str) -> String {
        let data: Box<RawValue> = serde_json::from_str(data).unwrap();
        let body = wrap(&Scheme::parse(SCHEME).unwrap(), "a\"b", "msg_1", &data, Timestamp::from_seconds(0));
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        let body = wrapped(r#"{"n":12345678901234567890,"e":1e2, "z":-0}"#);
        let expected = r#"{"type":"a\"b","timestamp":"1970-01-01T00:00:00.000Z","data":{"n":12345678901234567890,"e":1e2, "z":-0}}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn an_envelope_is_not_wrapped_again() {
        assert_eq!(wrapped(r#"{"type":"t","data":1}"#), r#"{"type":"t","data":1}"#);
        assert!(wrapped("[1]").ends_with("\"data\":[1]}"));
    }
}
