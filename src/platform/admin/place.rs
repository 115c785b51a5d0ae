//! Values at places of a JSON value, read and written.

use serde_json::{Map, Value};

use crate::sign::json::Pointer;

/// The longest list that a place makes.
const MOST: usize = 100;

/// What stands there.
#[must_use]
pub fn read<'a>(value: &'a Value, place: &Pointer) -> Option<&'a Value> {
    place.parts().iter().try_fold(value, |value, part| match value {
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A text or a number there, as text.
#[must_use]
pub fn text(value: &Value, place: &Pointer) -> Option<String> {
    match read(value, place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Puts something there; what is in the way gives way.
pub fn write(value: &mut Value, place: &Pointer, new: Value) {
    let mut at = value;
    for part in place.parts() {
        let index = part.parse::<usize>().ok().filter(|index| *index < MOST && !at.is_object());
        if let Some(index) = index {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let Value::Array(items) = at else { return };
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            let Some(item) = items.get_mut(index) else { return };
            at = item;
        } else {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            let Value::Object(fields) = at else { return };
            at = fields.entry(part.as_str()).or_insert(Value::Null);
        }
    }
    *at = new;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn at(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_is_missing_on_the_way_is_made() {
        let mut value = Value::Null;
        write(&mut value, &at("/config/url"), json!("u"));
        write(&mut value, &at("/rules/0/type"), json!("filter"));
        write(&mut value, &at("/config/n"), json!(1));
        assert_eq!(value, json!({"config": {"url": "u", "n": 1}, "rules": [{"type": "filter"}]}));
        assert_eq!(text(&value, &at("/config/n")).as_deref(), Some("1"));
        assert_eq!(read(&value, &at("/rules/1/type")), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(path in "(/[a-z0-9]{1,3}){1,5}", number: u32) {
            let mut value = json!({"a": [1, {"b": 2}]});
            write(&mut value, &at(&path), json!(number));
            prop_assert_eq!(read(&value, &at(&path)), Some(&json!(number)));
        }
    }
}
