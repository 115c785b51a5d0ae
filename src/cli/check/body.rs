//! Payloads for checks: the receiver's usual one, with a member more, or spelled as nobody serialises it.

use bytes::Bytes;
use serde_json::value::RawValue;

/// What a delivery carries, before the provider wraps it.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    /// JSON, to the letter.
    Json(Box<RawValue>),
    /// Anything else, which nobody wraps.
    Bytes { bytes: Bytes, content_type: String },
}

/// The member that checks add to a payload.
const MEMBER: &str = "whk_check";

impl Payload {
    /// JSON if it can be read as such, else bytes of this type.
    pub(super) fn new(bytes: Vec<u8>, content_type: &str) -> Self {
        match serde_json::from_slice(&bytes) {
            Ok(json) => Self::Json(json),
            Err(_) => Self::Bytes { bytes: Bytes::from(bytes), content_type: content_type.to_owned() },
        }
    }

    /// A JSON object.
    pub(super) fn object(members: &str) -> Self {
        Self::new(format!("{{{members}}}").into_bytes(), "application/json")
    }

    /// A small object.
    pub(super) fn small() -> Self {
        Self::object(r#""id":"whk_check_1","object":"check""#)
    }

    /// The same object with one member more, whose value is written as given; `None` if this is no JSON object.
    pub(super) fn with(&self, value: &str) -> Option<Self> {
        let Self::Json(json) = self else { return None };
        let members = json.get().trim().strip_prefix('{')?.strip_suffix('}')?;
        let comma = if members.trim().is_empty() { "" } else { "," };
        RawValue::from_string(format!("{{{members}{comma}\"{MEMBER}\":{value}}}")).ok().map(Self::Json)
    }
}

/// The JSON text with white space wherever it may stand, so that no serialiser would write it.
pub(super) fn spaced(json: &str, line_end: &str) -> String {
    respelled(json, |c, out| match c {
        ':' => out.push_str(" :  "),
        ',' | '{' | '[' => {
            out.push(c);
            out.push_str(line_end);
            out.push(' ');
        }
        '}' | ']' => {
            out.push_str(" \t");
            out.push(c);
        }
        _ => out.push(c),
    })
}

/// The JSON text with one space behind each comma and colon, as some languages write it.
pub(super) fn roomy(json: &str) -> String {
    respelled(json, |c, out| match c {
        ',' | ':' => {
            out.push(c);
            out.push(' ');
        }
        _ if c.is_ascii_whitespace() => {}
        _ => out.push(c),
    })
}

/// The JSON text, each letter outside of strings written anew.
fn respelled(json: &str, write: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_string = c == '"';
            write(c, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn text(payload: Option<Payload>) -> Option<String> {
        match payload? {
            Payload::Json(json) => Some(json.get().to_owned()),
            Payload::Bytes { .. } => None,
        }
    }

    #[test]
    fn a_member_is_added_as_it_is_written() {
        let with = |json: &str| text(Payload::new(json.as_bytes().to_vec(), "text/plain").with("1.0"));
        assert_eq!(with(r#" {"a":1e2 } "#).unwrap(), r#"{"a":1e2 ,"whk_check":1.0}"#);
        assert_eq!(with("{}").unwrap(), r#"{"whk_check":1.0}"#);
        for other in ["[1]", "1", "not json", ""] {
            assert_eq!(with(other), None, "{other}");
        }
    }

    #[test]
    fn spacing_leaves_strings_alone() {
        assert_eq!(spaced(r#"{"a,:":["\",{"]}"#, "\r\n"), "{\r\n \"a,:\" :  [\r\n \"\\\",{\" \t] \t}");
        assert_eq!(roomy("{ \"a,:\" :[1 ,\n2]}"), "{\"a,:\": [1, 2]}");
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn spacing_changes_the_text_and_not_the_meaning(value in json()) {
            let spaced = spaced(&value.to_string(), "\n");
            prop_assert_eq!(serde_json::from_str::<Value>(&spaced).unwrap(), value);
        }
    }
}
