//! `POST /api/webhooks/sync`: the types of event that are registered, from the catalogue, a list, or an OpenAPI document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog;
use crate::model::{CapturedRequest, EventType, Timestamp};
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Fields;
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::{Outcome, wrong_method};
use crate::relay::http::{Face, json_answer};

/// The version of a schema that nobody gave one.
const VERSION: &str = "1";
/// So many types at most at once.
const MOST: usize = 1000;
/// Whose types are registered if nothing is said.
const PRODUCT: &str = "platform";
/// What an operation of a webhook may be.
const METHODS: [&str; 4] = ["post", "put", "patch", "get"];

/// Registers types.
pub(super) async fn sync(face: &Face, request: &CapturedRequest) -> Outcome {
    if request.method != "POST" {
        return Err(wrong_method("POST"));
    }
    Caller::of(face, request, Deed::Operate).await?;
    let now = face.pipeline.clock.now();
    let types = asked_for(&request.body, now)?;
    if types.len() > MOST {
        return Err(Refusal::field("event_types", format!("must be at most {MOST} at once")));
    }
    let (mut created, mut updated, mut unchanged) = (0, 0, 0);
    let names: Vec<String> = types.iter().map(|new| new.name.clone()).collect();
    for new in types {
        let before = face.pipeline.store.event_type(&new.name).await?;
        match before {
            Some(before) if is_same(&before, &new) => unchanged += 1,
            Some(before) => {
                updated += 1;
                let (group, feature_flags) = (before.group, before.feature_flags);
                face.pipeline.store.put_event_type(EventType { feature_flags, group, ..new }).await?;
            }
            None => {
                created += 1;
                face.pipeline.store.put_event_type(new).await?;
            }
        }
    }
    let value = json!({
        "type": "synced", "created": created, "updated": updated, "unchanged": unchanged, "event_types": names,
    });
    Ok(json_answer(200, &value))
}

fn is_same(before: &EventType, new: &EventType) -> bool {
    !before.archived && before.description == new.description && before.schemas == new.schemas
}

fn asked_for(body: &[u8], now: Timestamp) -> Result<Vec<EventType>, Refusal> {
    // An OpenAPI document may be the body itself.
    if let Ok(Value::Object(document)) = serde_json::from_slice(body)
        && document.get("openapi").is_some_and(Value::is_string)
    {
        return of_document(&document, now);
    }
    let fields = Fields::read(body, &["event_types", "product", "openapi"])?;
    if let Some(document) = fields.get::<Map<String, Value>>("openapi", "an OpenAPI document")? {
        return of_document(&document, now);
    }
    if let Some(list) = fields.get::<Vec<Value>>("event_types", "a list of names or of event types")? {
        return list.iter().map(|entry| entry_of(entry, now)).collect();
    }
    let product: Option<String> = fields.get("product", "the name of a product")?;
    let product = product.unwrap_or_else(|| PRODUCT.to_owned());
    if catalog::products().all(|known| known != product) {
        return Err(Refusal::field("product", format!("the catalogue has no product \"{product}\"")));
    }
    Ok(catalog::of_product(&product).map(|kind| of_catalogue(kind, now)).collect())
}

fn of_catalogue(kind: &catalog::EventType, now: Timestamp) -> EventType {
    let schemas = kind.schema.iter().map(|schema| (VERSION.to_owned(), schema.get().to_owned())).collect();
    let (description, group) = (kind.description.clone(), Some(kind.category.clone()));
    EventType { description, schemas, group, ..EventType::new(kind.name.clone(), now) }
}

/// A name, or an object with one.
fn entry_of(entry: &Value, now: Timestamp) -> Result<EventType, Refusal> {
    match entry {
        Value::String(name) => {
            let known = catalog::find(name, "standard-webhooks").filter(|kind| kind.name == *name);
            Ok(known.map_or(EventType::new(checked(name)?, now), |kind| of_catalogue(kind, now)))
        }
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let name = text("name").ok_or_else(|| Refusal::field("event_types", "each needs a name"))?;
            let schema = fields.get("schema").filter(|schema| schema.is_object());
            let description = text("description").unwrap_or_default().to_owned();
            Ok(EventType { description, schemas: schemas(schema), ..EventType::new(checked(name)?, now) })
        }
        _ => Err(Refusal::field("event_types", "each must be a name, or an object with name, description and schema")),
    }
}

fn schemas(schema: Option<&Value>) -> BTreeMap<String, String> {
    schema.map(|schema| (VERSION.to_owned(), schema.to_string())).into_iter().collect()
}

fn checked(name: &str) -> Result<String, Refusal> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    if name.is_empty() || name.len() > 256 || !name.bytes().all(fits) {
        let detail = format!("\"{name}\" cannot name a type: use 1 to 256 letters, digits, '-', '_', '.' or '/'");
        return Err(Refusal::field("event_types", detail));
    }
    Ok(name.to_owned())
}

/// The `webhooks` of an OpenAPI 3.1 document.
fn of_document(document: &Map<String, Value>, now: Timestamp) -> Result<Vec<EventType>, Refusal> {
    let missing = || Refusal::field("openapi", "has no webhooks (OpenAPI 3.1)");
    let webhooks = document.get("webhooks").and_then(Value::as_object).ok_or_else(missing)?;
    let components = document.get("components");
    let one = |(name, item): (&String, &Value)| {
        let operation = METHODS.iter().find_map(|method| item.get(method)).unwrap_or(item);
        let text = |name: &str| operation.get(name).or_else(|| item.get(name)).and_then(Value::as_str);
        let schema = operation.pointer("/requestBody/content/application~1json/schema");
        let schema = schema.filter(|schema| schema.is_object()).map(|schema| whole(schema, components));
        let description = text("description").or_else(|| text("summary")).unwrap_or_default().to_owned();
        Ok(EventType { description, schemas: schemas(schema.as_ref()), ..EventType::new(checked(name)?, now) })
    };
    webhooks.iter().map(one).collect()
}

/// A schema that refers to others takes them along, so that it can be read alone.
fn whole(schema: &Value, components: Option<&Value>) -> Value {
    let mut whole = schema.clone();
    if let (Some(schemas), Some(fields)) = (components.and_then(|all| all.get("schemas")), whole.as_object_mut())
        && schema.to_string().contains("#/components/schemas/")
    {
        fields.insert("components".to_owned(), json!({"schemas": schemas}));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_an_openapi_document_with_what_they_refer_to() {
        let document = json!({
            "openapi": "3.1.0",
            "webhooks": {
                "order.created": {"post": {
                    "summary": "An order",
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                }},
                "ping": {"post": {"description": "Nothing"}},
            },
            "components": {"schemas": {"Order": {"type": "object"}}},
        });
        let types = asked_for(document.to_string().as_bytes(), Timestamp::default()).unwrap();
        assert_eq!(types.len(), 2);
        assert_eq!((types[0].name.as_str(), types[0].description.as_str()), ("order.created", "An order"));
        let schema: Value = serde_json::from_str(&types[0].schemas["1"]).unwrap();
        assert_eq!(schema["components"]["schemas"]["Order"]["type"], "object");
        assert!(types[1].schemas.is_empty());
        let wrapped = json!({"openapi": document}).to_string();
        assert_eq!(asked_for(wrapped.as_bytes(), Timestamp::default()).unwrap(), types);
    }

    #[test]
    fn nothing_said_means_the_catalogue() {
        let types = asked_for(b"{}", Timestamp::default()).unwrap();
        assert!(types.len() > 20 && types.iter().all(|one| !one.schemas.is_empty()));
        assert_eq!(asked_for(br#"{"event_types":["a.b",{"name":"c"}]}"#, Timestamp::default()).unwrap().len(), 2);
        for bad in [r#"{"event_types":[7]}"#, r#"{"event_types":["a b"]}"#, r#"{"product":"x"}"#, r#"{"openapi":{}}"#] {
            assert!(asked_for(bad.as_bytes(), Timestamp::default()).is_err(), "{bad}");
        }
    }
}
