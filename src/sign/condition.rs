//! What a request must have to be a handshake: `{ json = "/type", is = "verify" }`.
//!
//! The place of a value, and one of: nothing (it is there), `is`, `starts`, `digits = true`, `letters = "a-f0-9"`,
//! `absent = true`, or `param = "NAME"`, which compares it with a parameter if that was given.

use serde::Deserialize;
use serde::de::Error as _;
use toml::{Table, Value};

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::letters::Letters;
use crate::sign::place::{Lines, Place, Sight};

/// A body that is larger is no handshake: what looks at every request must not read it all.
const MAX_BODY: usize = 16 << 10;
/// The longest value that is echoed.
const MAX_VALUE: usize = 2048;

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    place: Place,
    pub(crate) test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Test {
    /// Anything.
    There,
    /// This text.
    Is(String),
    /// A text that starts so.
    Starts(String),
    /// Nothing but digits.
    Digits(bool),
    /// Nothing but these letters.
    Letters(Letters),
    /// It is not there.
    Absent(bool),
    /// The value of this parameter, if that is known.
    Param(String),
}

/// How a request stands to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// It is so.
    Yes,
    /// It is so, but for the value of a parameter.
    OtherValue,
    /// It is not so.
    No,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut place = Table::deserialize(deserializer)?;
        let tests = ["is", "starts", "digits", "letters", "absent", "param"];
        let test: Table = tests.iter().filter_map(|name| place.remove_entry(*name)).collect();
        let test = if test.is_empty() { Ok(Test::There) } else { Value::Table(test).try_into() };
        Ok(Self {
            test: test.map_err(D::Error::custom)?,
            place: Value::Table(place).try_into().map_err(D::Error::custom)?,
        })
    }
}

impl Condition {
    /// How the request stands to it.
    pub(crate) fn holds(&self, request: &CapturedRequest, params: &Params) -> Match {
        let found = small(&self.place, request);
        let is = |wanted: bool| if wanted { Match::Yes } else { Match::No };
        match (&self.test, found) {
            (Test::Absent(wanted), found) => is(found.is_none() == *wanted),
            (_, None) => Match::No,
            (Test::There, Some(_)) => Match::Yes,
            (Test::Is(text), Some(found)) => is(found == text.as_bytes()),
            (Test::Starts(text), Some(found)) => is(found.starts_with(text.as_bytes())),
            (Test::Digits(wanted), Some(found)) => is(found.iter().all(u8::is_ascii_digit) == *wanted),
            (Test::Letters(letters), Some(found)) => is(letters.are_all_of(&found)),
            (Test::Param(name), Some(found)) => match params.get(name) {
                Some(value) if !same(value.as_bytes(), &found) => Match::OtherValue,
                _ => Match::Yes,
            },
        }
    }
}

/// The value at a place of a small request.
pub(crate) fn small(place: &Place, request: &CapturedRequest) -> Option<Vec<u8>> {
    let in_body = place.is_in_body();
    if in_body && (request.body.len() > MAX_BODY || !may_have(place, &request.body)) {
        return None;
    }
    let params = Params::new();
    let headers = if in_body { Lines::default() } else { Lines::of(&request.headers) };
    let sight = Sight::of(&headers, request, &params);
    let value = place.find(sight).ok()?.into_owned();
    (value.len() <= MAX_VALUE).then_some(value)
}

/// Whether the name stands anywhere in the body: most bodies are told apart without being read as JSON.
fn may_have(place: &Place, body: &[u8]) -> bool {
    match place {
        Place::Json(pointer) => memchr::memmem::find(body, pointer.name().as_bytes()).is_some(),
        _ => true,
    }
}

fn same(one: &[u8], other: &[u8]) -> bool {
    bool::from(subtle::ConstantTimeEq::ct_eq(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::headers::Headers;
    use crate::model::time::Timestamp;
    use bytes::Bytes;

    fn holds(condition: &str, body: &str) -> bool {
        #[derive(Deserialize)]
        struct File {
            when: Condition,
        }
        let file: File = toml::from_str(&format!("when = {condition}")).unwrap();
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/?q=12".to_owned(),
            headers: Headers::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            remote: String::new(),
            received_at: Timestamp::from_seconds(0),
        };
        file.when.holds(&request, &Params::new()) == Match::Yes
    }

    #[test]
    fn a_value_is_tested_where_it_stands() {
        for (condition, body, expected) in [
            ("{ json = '/a' }", "{\"a\":1}", true),
            ("{ json = '/a' }", "{\"b\":1}", false),
            ("{ json = '/a', is = '1' }", "{\"a\":1}", true),
            ("{ json = '/a', is = '1' }", "{\"a\":2}", false),
            ("{ json = '/a', starts = 'x' }", "{\"a\":\"xy\"}", true),
            ("{ json = '/a', absent = true }", "{\"b\":1}", true),
            ("{ json = '/a', absent = true }", "{\"a\":1}", false),
            ("{ query = 'q', digits = true }", "", true),
            ("{ query = 'q', digits = false }", "", false),
            ("{ query = 'q', letters = '0-9' }", "", true),
            ("{ query = 'q', letters = 'a-z1' }", "", false),
        ] {
            assert_eq!(holds(condition, body), expected, "{condition} {body}");
        }
    }

    #[test]
    fn a_large_body_is_no_handshake() {
        let body = format!("{{\"a\":1,\"b\":\"{}\"}}", "x".repeat(MAX_BODY));
        assert!(!holds("{ json = '/a' }", &body));
    }

    #[test]
    fn two_tests_or_none_that_exists_are_refused() {
        for bad in ["{ json = '/a', is = 'x', starts = 'y' }", "{ json = '/a', iz = 'x' }", "{ is = 'x' }"] {
            assert!(
                toml::from_str::<Table>(&format!("when = {bad}")).unwrap()["when"]
                    .clone()
                    .try_into::<Condition>()
                    .is_err()
            );
        }
    }
}
