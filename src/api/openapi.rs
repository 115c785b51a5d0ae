//! The types of event that an `OpenAPI` description speaks of: its webhooks.

use serde_json::Value;

use crate::model::{EventType, Timestamp};

/// The version that a schema gets.
const VERSION: &str = "1";
/// References lead so far, no further.
const MAX_HOPS: usize = 8;

/// The types of the webhooks in `webhooks` (3.1) or `x-webhooks` (3.0), in the order they stand. One is called as its
/// operation, or else as its webhook; its schema stands on its own when nothing in it refers elsewhere.
#[must_use]
pub fn event_types(spec: &Value, at: Timestamp) -> Vec<EventType> {
    let webhooks = ["webhooks", "x-webhooks"].into_iter().filter_map(|key| spec.get(key)?.as_object()).flatten();
    webhooks.filter_map(|(name, webhook)| read(spec, name, followed(spec, webhook)?, at)).collect()
}

fn read(spec: &Value, name: &str, webhook: &Value, at: Timestamp) -> Option<EventType> {
    let operation = ["post", "put", "get"].into_iter().find_map(|method| webhook.get(method))?;
    let text = |key| operation.get(key).and_then(Value::as_str);
    let mut one = EventType::new(text("operationId").unwrap_or(name), at);
    text("description").or_else(|| text("summary")).unwrap_or_default().clone_into(&mut one.description);
    one.deprecated = operation.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
    one.group = operation.get("tags").and_then(|tags| tags.get(0)?.as_str()).map(str::to_owned);
    let body = operation.get("requestBody").and_then(|body| followed(spec, body));
    let schema = body.and_then(|body| followed(spec, body.get("content")?.get("application/json")?.get("schema")?));
    one.schemas.extend(schema.map(|schema| (VERSION.to_owned(), schema.to_string())));
    Some(one)
}

/// What a part of the description is, or refers to within it.
fn followed<'a>(spec: &'a Value, mut part: &'a Value) -> Option<&'a Value> {
    for _ in 0..MAX_HOPS {
        match part.get("$ref").and_then(Value::as_str) {
            None => return Some(part),
            Some(place) => part = spec.pointer(place.strip_prefix('#')?)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_become_types_with_their_schemas() {
        let spec = serde_json::json!({
            "webhooks": {
                "invoice.paid": {"post": {"summary": "Paid", "tags": ["money"], "requestBody": {"content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Invoice"}}}}}},
                "other": {"$ref": "#/components/pathItems/Other"},
                "round": {"$ref": "#/webhooks/round"},
            },
            "components": {
                "schemas": {"Invoice": {"type": "object"}},
                "pathItems": {"Other": {"post": {"operationId": "user.created", "deprecated": true}}},
            },
        });
        let types = event_types(&spec, Timestamp::from_millis(0));
        let names: Vec<_> = types.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["invoice.paid", "user.created"]);
        let first = types.first().unwrap();
        assert_eq!((first.description.as_str(), first.group.as_deref()), ("Paid", Some("money")));
        assert_eq!(first.schemas.get("1").map(String::as_str), Some(r#"{"type":"object"}"#));
        assert!(types.last().unwrap().deprecated);
    }
}
