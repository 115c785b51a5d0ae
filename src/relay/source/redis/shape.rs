//! The entries that a workflow engine puts into its streams, as an event's body and back.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::model::{EventId, Timestamp};

/// The fields of an entry about the end of a run.
pub(super) const FIELDS: [&str; 6] = ["event_type", "workflow_id", "status", "result", "completed_at", "error_message"];

/// What an entry is: its type, and its fields as JSON. A field that is a JSON object or array stands as such.
#[must_use]
pub(super) fn body(fields: &[(String, String)]) -> (String, String) {
    let mut text = String::from("{");
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push(':');
        let nested = value.trim_start().starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(value).is_ok();
        text.push_str(&if nested { value.trim().to_owned() } else { Value::from(value.as_str()).to_string() });
    }
    text.push('}');
    let event_type = fields.iter().find(|(name, _)| name == "event_type" || name == "type");
    (event_type.map(|(_, value)| value.clone()).unwrap_or_default(), text)
}

/// The fields of an entry about an event of this type with this data, in the stream of this name.
#[must_use]
pub(super) fn fields(event_type: &str, data: &Value, stream: &str, now: Timestamp) -> Vec<(&'static str, String)> {
    let text = |name: &str| match data.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    let run = || stream.rsplit(':').next().unwrap_or(stream).to_owned();
    let status = || event_type.rsplit('.').next().unwrap_or(event_type).to_owned();
    let [kind, id, state, result, ended, error] = FIELDS;
    vec![
        (kind, event_type.to_owned()),
        (id, text("workflow_id").or_else(|| text("id")).unwrap_or_else(run)),
        (state, text("status").unwrap_or_else(status)),
        (result, text("result").or_else(|| text("output")).unwrap_or_else(|| data.to_string())),
        (ended, text("completed_at").unwrap_or_else(|| now.to_string())),
        (error, text("error_message").unwrap_or_default()),
    ]
}

/// The id of the event that an entry is: the same each time that the entry is read.
#[must_use]
pub(super) fn event_id(stream: &str, entry: &str) -> (EventId, Timestamp) {
    let millis = entry.split('-').next().and_then(|millis| millis.parse().ok()).unwrap_or(0);
    let at = Timestamp::from_millis(millis);
    let hash = Sha256::digest(format!("{stream}\n{entry}"));
    let chance = hash.first_chunk::<16>().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    (EventId::new(at, chance), at)
}

/// The values of a data object, as far as it is one.
#[must_use]
pub(super) fn object(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| Value::Object(Map::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_entry_is_an_object_with_its_json_inside() {
        let entry = owned(&[
            ("event_type", "workflow.completed"),
            ("result", "{\"n\": 1.0}"),
            ("note", "[no json"),
            ("n", "7"),
        ]);
        let (event_type, body) = body(&entry);
        assert_eq!(event_type, "workflow.completed");
        assert_eq!(body, r#"{"event_type":"workflow.completed","result":{"n": 1.0},"note":"[no json","n":"7"}"#);
    }

    #[test]
    fn what_is_sent_has_every_field() {
        let data = json!({"id": "run_7", "output": {"rows": 3}, "error_message": null});
        let made = fields("workflow.completed", &data, "workflow:events:run_7", Timestamp::from_millis(0));
        let names: Vec<_> = made.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, FIELDS);
        let values: Vec<_> = made.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            ["workflow.completed", "run_7", "completed", r#"{"rows":3}"#, "1970-01-01T00:00:00.000Z", ""]
        );
        let bare = fields("x", &json!({}), "workflow:events:42", Timestamp::from_millis(0));
        assert_eq!(bare[1].1, "42");
    }

    #[test]
    fn an_entry_has_the_same_id_each_time_and_another_has_another() {
        let (first, at) = event_id("s", "1700000000000-0");
        assert_eq!((first, at.millis()), (event_id("s", "1700000000000-0").0, 1_700_000_000_000));
        assert_ne!(first, event_id("s", "1700000000000-1").0);
        assert_ne!(first, event_id("t", "1700000000000-0").0);
    }
}
