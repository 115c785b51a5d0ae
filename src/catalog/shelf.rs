//! The catalogue's files as `build.rs` embeds them, each read when it is first needed.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::catalog::json::{Json, Member};
use crate::catalog::{EventType, Sample};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// A file of the catalogue.
pub(super) struct Shelf {
    /// The product it is about.
    pub product: &'static str,
    /// The schemes its types belong to.
    pub schemes: &'static [&'static str],
    /// The names of its types, older ones among them, each with the one that counts today.
    pub names: &'static [(&'static str, &'static str)],
    text: &'static str,
}

static READ: [OnceLock<Vec<EventType>>; COUNT] = [const { OnceLock::new() }; COUNT];

/// Every file, those of no scheme first.
pub(super) fn all() -> std::slice::Iter<'static, Shelf> {
    SHELVES.iter()
}

impl Shelf {
    /// Whether it has a type of this name, without a look into the file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| *known == name)
    }

    /// Its types. A test sees to it that each file can be read.
    pub(super) fn types(&'static self) -> &'static [EventType] {
        let place = SHELVES.iter().position(|shelf| std::ptr::eq(shelf, self));
        let cell = place.and_then(|place| READ.get(place));
        cell.map_or(&[], |cell| cell.get_or_init(|| self.read().unwrap_or_default()))
    }

    /// Its type of this name, or that had this name before.
    pub(super) fn find(&'static self, name: &str) -> Option<&'static EventType> {
        let named = self.types().iter().find(|kind| kind.name == name);
        named.or_else(|| self.types().iter().find(|kind| kind.aliases.iter().any(|alias| alias == name)))
    }

    fn read(&self) -> Option<Vec<EventType>> {
        let file: File = toml::from_str(self.text).ok()?;
        let schemes = match file.scheme {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        };
        file.types.into_iter().map(|entry| entry.of(&file.product, &schemes, &file.category)).collect()
    }
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    product: String,
    #[serde(default)]
    scheme: OneOrMany,
    /// What types are about that do not say so themselves.
    #[serde(default)]
    category: String,
    #[serde(rename = "type")]
    types: Vec<Entry>,
}

/// A list that may be written as its only member.
#[derive(Deserialize)]
#[serde(untagged, expecting = "one text or a list of texts")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    title: String,
    description: String,
    category: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    schema: Option<String>,
    sample: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
}

impl Entry {
    fn of(self, product: &str, schemes: &[String], category: &str) -> Option<EventType> {
        let (schema, sample) = match (self.sample, self.content_type, self.body) {
            (Some(sample), None, None) => {
                let sample = Json::parse(&sample).ok()?;
                let schema = match &self.schema {
                    Some(schema) => on_one_line(&Json::parse(schema).ok()?)?,
                    None => like(&sample)?,
                };
                (Some(schema), Sample::Json(on_one_line(&sample)?))
            }
            (None, Some(content_type), Some(body)) => (None, Sample::Text { content_type, body }),
            _ => return None,
        };
        Some(EventType {
            name: self.name,
            title: self.title,
            description: self.description,
            category: self.category.unwrap_or_else(|| category.to_owned()),
            product: product.to_owned(),
            schemes: schemes.to_vec(),
            aliases: self.aliases,
            schema,
            sample,
        })
    }
}

fn on_one_line(json: &Json) -> Option<Box<RawValue>> {
    RawValue::from_string(json.to_string()).ok()
}

/// The schema of a type that has none of its own: what is in the sample is required, and more may come.
fn like(sample: &Json) -> Option<Box<RawValue>> {
    let draft = "https://json-schema.org/draft/2020-12/schema";
    let schema = if let Json::Object(members) = sample {
        let required: Vec<_> = members.iter().map(|Member { name, .. }| name).collect();
        json!({ "$schema": draft, "type": "object", "required": required })
    } else {
        json!({ "$schema": draft, "type": "array" })
    };
    RawValue::from_string(schema.to_string()).ok()
}
