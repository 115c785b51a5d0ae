//! What a request says: the fields of its body and the parameters of its query, none of them unknown.

#![expect(clippy::option_option, reason = "a field may be left out, or be null, and means something else")]

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::model::CapturedRequest;
use crate::relay::http::native::refusal::Refusal;
use crate::sign::form;

/// How alike two names must be, from 0 to 1, for one to be offered for the other.
const ALIKE: f64 = 0.7;

/// The fields of a JSON object, as they are written.
#[derive(Debug, Default)]
pub(super) struct Fields {
    given: BTreeMap<String, Box<RawValue>>,
}

/// The parameters of a query, decoded, in order.
#[derive(Debug)]
pub(super) struct Params {
    given: Vec<(String, String)>,
}

impl Fields {
    /// Reads a body; an empty one has no fields.
    pub(super) fn read(body: &[u8], known: &[&str]) -> Result<Self, Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let given: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body)
            .map_err(|why| Refusal::new(400, "malformed_json", format!("the body is no JSON object: {why}")))?;
        if let Some(strange) = given.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Refusal::field(strange, unknown("field", strange, known)));
        }
        Ok(Self { given })
    }

    /// A field: `None` if it is not there, `Some(None)` if it is `null`.
    pub(super) fn optional<T: DeserializeOwned>(&self, name: &str, what: &str) -> Result<Option<Option<T>>, Refusal> {
        let Some(raw) = self.given.get(name) else { return Ok(None) };
        let read = serde_json::from_str(raw.get());
        read.map(Some).map_err(|_| Refusal::field(name, format!("must be {what}")))
    }

    /// A field; `null` counts as not there.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str, what: &str) -> Result<Option<T>, Refusal> {
        Ok(self.optional(name, what)?.flatten())
    }

    /// A field as it is written.
    pub(super) fn raw(&self, name: &str) -> Option<&RawValue> {
        self.given.get(name).map(AsRef::as_ref)
    }
}

impl Params {
    /// Reads the query of a request.
    pub(super) fn read(request: &CapturedRequest, known: &[&str]) -> Result<Self, Refusal> {
        let mut given = Vec::new();
        for (name, value) in form::pairs(request.query().unwrap_or_default().as_bytes()) {
            let text = |bytes| String::from_utf8(bytes);
            let (Ok(name), Ok(value)) = (text(name), text(value)) else {
                return Err(Refusal::new(400, "invalid_parameter", "the query is not UTF-8"));
            };
            if !known.contains(&name.as_str()) {
                return Err(Refusal::parameter(&name, unknown("parameter", &name, known)));
            }
            given.push((name, value));
        }
        Ok(Self { given })
    }

    /// The last value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given.iter().rfind(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Each value of a parameter.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.given.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// How many are wanted on a page.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get("limit") else { return Ok(usual) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| Refusal::parameter("limit", format!("must be a number from 1 to {most}")))
    }

    /// A parameter that is read in some way.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        self.get(name).map(read).transpose().map_err(|why| Refusal::parameter(name, why))
    }
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let alike = |other: &&&str| strsim::jaro_winkler(&name.to_lowercase(), other);
    let likely = known.iter().max_by(|one, two| alike(one).total_cmp(&alike(two)));
    match likely.filter(|likely| name.len() < 128 && alike(likely) >= ALIKE) {
        Some(likely) => format!("there is no such {what}; did you mean {likely}?"),
        None if known.is_empty() => format!("no {what} is known here"),
        None => format!("there is no such {what}; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_name_is_answered_with_the_nearest() {
        let known = ["name", "url", "events", "rate_limit"];
        for (typed, meant) in [("event", "events"), ("uri", "url"), ("rateLimit", "rate_limit"), ("Name", "name")] {
            assert!(unknown("field", typed, &known).ends_with(&format!("did you mean {meant}?")), "{typed}");
        }
        assert!(unknown("field", "zzz", &known).contains("there are name, url"));
        assert!(unknown("field", &"x".repeat(1000), &known).len() < 200);
    }

    #[test]
    fn no_body_breaks_it_and_an_empty_one_says_nothing() {
        assert!(Fields::read(b"", &["a"]).unwrap().raw("a").is_none());
        let deep = [b"[".repeat(100_000), b"{\"a\":".repeat(50_000), b"{\"a\":1,\"a\"".to_vec(), b"\xff{}".to_vec()];
        for body in deep {
            assert!(Fields::read(&body, &["a"]).is_err());
        }
        let odd = Fields::read(br#"{"a":"\ud800"}"#, &["a"]).unwrap();
        assert!(odd.get::<String>("a", "a text").is_err());
    }
}
