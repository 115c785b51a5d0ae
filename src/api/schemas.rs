//! JSON Schemas: whether a value is one, its keywords of the kinds that draft 7 and later say; and what a payload breaks.

use serde_json::Value;

/// Deeper nesting is a slip or an attack.
const MAX_DEPTH: usize = 64;

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
/// Keywords with a schema.
const SCHEMA: [&str; 11] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords with a list of schemas.
const SCHEMAS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords with a schema for each name.
const NAMED: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];
/// Keywords with a text.
const TEXT: [&str; 7] = ["$comment", "$id", "$ref", "$schema", "description", "pattern", "title"];
/// Keywords with a count.
const COUNT: [&str; 6] = ["maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"];
/// Keywords with a number.
const NUMBER: [&str; 5] = ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"];
/// Keywords that are true or false.
const FLAG: [&str; 4] = ["deprecated", "readOnly", "uniqueItems", "writeOnly"];

/// So many faults are told of; there may be one for each item of a list.
const MAX_FAULTS: usize = 3;

/// A schema made ready.
#[derive(Debug)]
pub struct Schema(jsonschema::Validator);

impl Schema {
    /// One that is text. Nothing that it refers to elsewhere is fetched.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let schema = serde_json::from_str(text).map_err(|why| why.to_string())?;
        check(&schema)?;
        jsonschema::validator_for(&schema).map(Self).map_err(|why| why.to_string())
    }

    /// Where a payload is not as it says, the first few faults in a sentence.
    #[must_use]
    pub fn fault(&self, payload: &str) -> Option<String> {
        let value = match serde_json::from_str::<Value>(payload) {
            Ok(value) => value,
            Err(why) => return Some(format!("it is no JSON: {why}")),
        };
        let mut faults = self.0.iter_errors(&value);
        let said: Vec<_> = faults.by_ref().take(MAX_FAULTS).map(|fault| said(&fault)).collect();
        let more = if faults.next().is_some() { ", and more" } else { "" };
        (!said.is_empty()).then(|| format!("{}{more}", said.join("; ")))
    }
}

/// A fault with its place. The value itself is left out: it may be long, and not for everyone to see.
fn said(fault: &jsonschema::ValidationError) -> String {
    let place = fault.instance_path().as_str();
    let place = if place.is_empty() { "the payload" } else { place };
    format!("{place}: {}", fault.masked())
}

/// Whether this is a schema; what nobody knows may be in it.
///
/// # Errors
/// Says what is wrong with it.
pub fn check(schema: &Value) -> Result<(), String> {
    within(schema, MAX_DEPTH)
}

/// The same of one that is text.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_text(text: &str) -> Result<(), String> {
    check(&serde_json::from_str(text).map_err(|why| why.to_string())?)
}

fn within(schema: &Value, depth: usize) -> Result<(), String> {
    let Some(depth) = depth.checked_sub(1) else { return Err("the schema is nested too deeply".to_owned()) };
    let fields = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(fields) => fields,
        _ => return Err("a schema is an object, true or false".to_owned()),
    };
    for (keyword, value) in fields {
        let known = keyword.as_str();
        let fits = match known {
            "type" => is_type(value),
            "required" | "examples" | "enum" => is_list(known, value),
            "items" => match value {
                Value::Array(items) => all(items, depth)?,
                one => within(one, depth).map(|()| true)?,
            },
            _ if SCHEMA.contains(&known) => within(value, depth).map(|()| true)?,
            _ if SCHEMAS.contains(&known) => match value.as_array() {
                Some(items) => !items.is_empty() && all(items, depth)?,
                None => false,
            },
            _ if NAMED.contains(&known) => match value.as_object() {
                Some(named) => named.values().try_for_each(|one| within(one, depth)).map(|()| true)?,
                None => false,
            },
            _ if TEXT.contains(&known) => value.is_string(),
            _ if COUNT.contains(&known) => value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0),
            _ if NUMBER.contains(&known) => value.is_number(),
            _ if FLAG.contains(&known) => value.is_boolean(),
            _ => true,
        };
        if !fits {
            return Err(format!("\"{known}\" of a JSON Schema cannot be {value}"));
        }
    }
    Ok(())
}

fn all(schemas: &[Value], depth: usize) -> Result<bool, String> {
    schemas.iter().try_for_each(|one| within(one, depth)).map(|()| true)
}

fn is_type(value: &Value) -> bool {
    let one = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(one),
        name => one(name),
    }
}

fn is_list(keyword: &str, value: &Value) -> bool {
    value.as_array().is_some_and(|items| keyword != "required" || items.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_told_from_what_is_none() {
        for good in [
            r#"{"type":"object","properties":{"id":{"type":["string","null"]}},"required":["id"],"examples":[{"id":"in_1"}]}"#,
            r#"{"items":[{"type":"string"},true],"additionalItems":false,"x-own":5}"#,
            "true",
        ] {
            assert_eq!(check(&serde_json::from_str(good).unwrap()), Ok(()), "{good}");
        }
        for bad in [
            r#"{"type":5}"#,
            r#"{"type":"text"}"#,
            r#"{"properties":{"id":{"type":"text"}}}"#,
            r#"{"required":[1]}"#,
            r#"{"anyOf":[]}"#,
            r#"{"minLength":-1}"#,
            "5",
        ] {
            assert!(check(&serde_json::from_str(bad).unwrap()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_schema_without_an_end_is_refused() {
        let deep = (0..200).fold(Value::Bool(true), |inner, _| serde_json::json!({"not": inner}));
        assert!(check(&deep).is_err());
    }
}
