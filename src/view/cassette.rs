//! An event as a file of its own that people read and keep beside their tests.

use serde_json::Value;

use crate::model::Event;
use crate::view::lines::EventLine;

/// Longer names are cut; not every file system takes them.
const LONGEST_NAME: usize = 80;

/// The event's line, indented; a body that is text stands there once, as text.
///
/// # Errors
/// Never for an event; JSON has room for each of its fields.
pub fn as_cassette(event: &Event) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(EventLine::from(event))?;
    if let Some(fields) = value.as_object_mut() {
        let is_text = fields.get("body").is_some_and(Value::is_string);
        fields.shift_remove(if is_text { "body_b64" } else { "body" });
    }
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    Ok(text)
}

/// The name of its file: the type, for people, and the id, which makes it the same each time and sorts by time.
#[must_use]
pub fn cassette_name(event: &Event) -> String {
    let kind = if event.event_type.is_empty() { "event" } else { &event.event_type };
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let kind: String = kind.chars().map(plain).take(LONGEST_NAME).collect();
    format!("{}.{}.json", kind.trim_start_matches('.'), event.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::event_from_json;

    #[test]
    fn a_file_has_the_body_once_and_is_read_back() {
        let id = EventId::from_bytes([3; 20]);
        for (fields, has, lacks) in [
            (r#""event_type":"a/b.c","body":"{\"a\":1}\r\n""#, "\"body\": \"{", "body_b64"),
            (r#""event_type":"..","body_b64":"AP8=""#, "\"body_b64\": \"AP8=\"", "\"body\""),
        ] {
            let event = event_from_json(&format!("{{\"id\":\"{id}\",{fields}}}")).unwrap();
            let text = as_cassette(&event).unwrap();
            assert!(text.contains(has) && !text.contains(lacks), "{text}");
            assert_eq!(event_from_json(&text).unwrap(), event);
            let name = cassette_name(&event);
            assert!(name.ends_with(&format!(".{id}.json")) && !name.contains('/') && !name.starts_with(".."), "{name}");
        }
    }
}
