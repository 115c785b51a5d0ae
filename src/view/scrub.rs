//! An event without what gives whoever reads it a right: passwords, tokens, keys, cookies.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::Event;
use crate::model::Headers;
use crate::model::Secret;

/// What stands where something was.
const SCRUBBED: &str = "[scrubbed]";
/// The same in a query, where brackets would be astray.
const SCRUBBED_PARAM: &str = "scrubbed";
/// Shorter secrets would be found where they are not meant.
const LEAST: usize = 6;
/// A name with one of these in it is that of a secret.
const NAMES: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "authorization",
    "cookie",
    "privatekey",
    "accesskey",
    "credential",
    "sessionid",
];
/// JSON that is deeper is left alone, as is JSON that cannot be read.
const DEEPEST: usize = 64;

/// The event with every secret scrubbed: headers, parameters and JSON strings by their names, and these secrets wherever
/// they stand. Signatures stay: they are no secrets, though they do not fit a body that was changed.
#[must_use]
pub fn scrubbed(event: &Event, secrets: &[Secret]) -> Event {
    let secrets: Vec<&str> = secrets.iter().map(Secret::reveal).filter(|secret| secret.len() >= LEAST).collect();
    let mut scrubbed = event.clone();
    let request = &mut scrubbed.request;
    let body = str::from_utf8(&request.body).ok().map(|text| {
        let text = json(text).map_or(Cow::Borrowed(text), Cow::Owned);
        without(&secrets, text)
    });
    if let Some(body) = body {
        request.body = Bytes::from(body.into_owned());
    }
    request.target = without(&secrets, Cow::Owned(target(&request.target))).into_owned();
    let mut headers = Headers::new();
    for (name, value) in request.headers.iter() {
        let value = if name.eq_ignore_ascii_case(b"content-length") && request.body != event.request.body {
            request.body.len().to_string().into_bytes()
        } else {
            header(name, value, &secrets)
        };
        // Every line is well formed already, and so is what stands in its place.
        drop(headers.push(name, value));
    }
    request.headers = headers;
    scrubbed
}

/// Whether a name says that what it names is a secret.
fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    NAMES.iter().any(|word| plain.contains(word))
}

fn without<'a>(secrets: &[&str], text: Cow<'a, str>) -> Cow<'a, str> {
    secrets.iter().filter(|secret| !secret.is_empty()).fold(text, |text, secret| {
        if text.contains(secret) { Cow::Owned(text.replace(secret, SCRUBBED_PARAM)) } else { text }
    })
}

/// A word in front, as in `Bearer ...`, stays.
fn header(name: &[u8], value: &[u8], secrets: &[&str]) -> Vec<u8> {
    let Ok(text) = str::from_utf8(value) else { return value.to_vec() };
    if !is_secret(&String::from_utf8_lossy(name)) || text.is_empty() {
        return without(secrets, Cow::Borrowed(text)).into_owned().into_bytes();
    }
    let kind = text.split_once(' ').map(|(kind, _)| kind).filter(|kind| kind.bytes().all(|b| b.is_ascii_alphabetic()));
    kind.map_or_else(|| SCRUBBED.to_owned(), |kind| format!("{kind} {SCRUBBED}")).into_bytes()
}

fn target(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if !value.is_empty() && (is_secret(name) || name.eq_ignore_ascii_case("key")) => {
            format!("{name}={SCRUBBED_PARAM}")
        }
        _ => part.to_owned(),
    });
    format!("{path}?{}", parts.collect::<Vec<_>>().join("&"))
}

/// The JSON with its secret strings scrubbed; `None` if it has none. What is not changed stays as it is written.
fn json(text: &str) -> Option<String> {
    let root: &RawValue = serde_json::from_str(text).ok()?;
    let changed = value(root, DEEPEST)?;
    // White space around the document is part of its bytes.
    let start = text.find(root.get())?;
    let (before, after) = (text.get(..start)?, text.get(start + root.get().len()..)?);
    Some(format!("{before}{changed}{after}"))
}

fn value(raw: &RawValue, depth: usize) -> Option<String> {
    let text = raw.get();
    if depth == 0 {
        return None;
    }
    if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        let new: Vec<_> = elements.iter().map(|element| value(element, depth - 1)).collect();
        if new.iter().all(Option::is_none) {
            return None;
        }
        let whole = elements.iter().zip(new).map(|(old, new)| new.unwrap_or_else(|| old.get().to_owned()));
        return Some(format!("[{}]", whole.collect::<Vec<_>>().join(",")));
    }
    if !text.starts_with('{') {
        return None;
    }
    let fields = serde_json::Deserializer::from_str(text).deserialize_map(Fields).ok()?;
    let mut changed = false;
    let mut parts = Vec::with_capacity(fields.len());
    for (name, old) in fields {
        let is_text = old.get().starts_with('"') && old.get() != "\"\"";
        let new = if is_text && is_secret(&name) { Some(format!("\"{SCRUBBED}\"")) } else { value(old, depth - 1) };
        changed |= new.is_some();
        let name = serde_json::to_string(&name).ok()?;
        parts.push(format!("{name}:{}", new.unwrap_or_else(|| old.get().to_owned())));
    }
    changed.then(|| format!("{{{}}}", parts.join(",")))
}

/// The fields of an object in their order, repeats too.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::event_from_json;
    use proptest::prelude::*;

    fn event(fields: &str) -> Event {
        event_from_json(&format!("{{\"id\":\"{}\",{fields}}}", EventId::from_bytes([1; 20]))).unwrap()
    }

    #[test]
    fn headers_parameters_and_strings_go_by_their_names() {
        let found = scrubbed(
            &event(
                r#""path":"/hook","query":"access_token=abc&n=1&key=k","headers":[["Authorization","Bearer abc.def"],["X-Api-Key","k"],
                ["Cookie","a=b; c=d"],["X-Hub-Signature-256","sha256=00"],["Content-Length","999"],["X-Note","the word is hunter22"]],
                "body":" {\"user\": {\"Password\" : \"p\", \"age\": 1.0}, \"list\":[{\"apiKey\":\"k\"}], \"token\": 5}\n""#,
            ),
            &[Secret::new("hunter22"), Secret::new("a")],
        );
        let text = |name: &str| found.request.headers.text(name).unwrap().to_owned();
        assert_eq!(found.request.target, "/in/default/hook?access_token=scrubbed&n=1&key=scrubbed");
        assert_eq!(text("authorization"), "Bearer [scrubbed]");
        assert_eq!((text("x-api-key").as_str(), text("cookie").as_str()), ("[scrubbed]", "[scrubbed]"));
        assert_eq!(
            (text("x-hub-signature-256").as_str(), text("x-note").as_str()),
            ("sha256=00", "the word is scrubbed")
        );
        let body = " {\"user\":{\"Password\":\"[scrubbed]\",\"age\":1.0},\"list\":[{\"apiKey\":\"[scrubbed]\"}],\"token\":5}\n";
        assert_eq!(found.request.body, body);
        assert_eq!(text("content-length"), body.len().to_string());
    }

    #[test]
    fn what_has_no_secret_keeps_its_bytes() {
        for body in [r#""body":"{ \"a\" : 1.50 }""#, r#""body_b64":"/wD+""#, r#""body":"plain text""#] {
            let plain = event(&format!(r#"{body},"headers":[["X-A","1"],["Content-Length","3"]]"#));
            assert_eq!(scrubbed(&plain, &[Secret::new("elsewhere")]), plain);
        }
    }

    proptest! {
        #[test]
        fn no_body_breaks_it_and_scrubbing_twice_is_scrubbing_once(body in "\\PC{0,60}") {
            let mut one = event(r#""body":"""#);
            one.request.body = body.into();
            let once = scrubbed(&one, &[]);
            prop_assert_eq!(scrubbed(&once, &[]), once);
        }
    }
}
