//! JSON with line breaks, everything else as it is written.

use std::iter::repeat_n;

use serde::de::IgnoredAny;

/// Deeper levels are indented no further.
const DEEPEST: usize = 40;

/// The same JSON, indented by two; `None` if it is not JSON. Numbers, strings and the order of keys stay as they are.
#[must_use]
pub fn pretty(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let (mut out, mut depth, mut in_string, mut escaped) =
        (String::with_capacity(text.len() * 2), 0_usize, false, false);
    let mut opened = false;
    for c in text.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes && (opened || closes) {
            line(&mut out, depth);
        }
        opened = matches!(c, '{' | '[');
        out.push(c);
        match c {
            '"' => in_string = true,
            ':' => out.push(' '),
            ',' => line(&mut out, depth),
            '{' | '[' => depth += 1,
            _ => {}
        }
    }
    Some(out)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn what_is_written_stays_as_it_is_written() {
        assert_eq!(
            pretty(r#" {"a":1.50,"b":[],"c":{ },"d":[1,{"e":"x\"{,}\\"}],"f":"\u00e9"} "#).unwrap(),
            "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    1,\n    {\n      \"e\": \"x\\\"{,}\\\\\"\n    }\n  ],\n  \"f\": \"\\u00e9\"\n}"
        );
        assert_eq!((pretty("12").as_deref(), pretty("{"), pretty("a b")), (Some("12"), None, None));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            "[\\PC\"\\\\{}:,]{0,8}".prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-z\"]{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_looks_as_everyone_else_writes_it(value in json()) {
            prop_assert_eq!(pretty(&value.to_string()).unwrap(), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
