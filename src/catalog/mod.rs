//! The catalogue of event types: what they are called, what they carry, and a realistic sample of each.

pub mod edit;
mod json;

use std::cmp::Ordering;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::catalog::json::Json;

pub use edit::Edit;
pub use edit::EditError;
pub use json::JsonError;

/// One file a product, embedded. A test sees to it that each can be read.
const FILES: &[&str] = &[
    include_str!("../../catalog/sellvik.toml"),
    include_str!("../../catalog/jobs.toml"),
    include_str!("../../catalog/workflows.toml"),
    include_str!("../../catalog/platform.toml"),
];

/// How alike two names must be, from 0 to 1, for one to be offered for the other.
const ALIKE: f64 = 0.8;

/// Names longer than this are not compared, so that a hostile one costs nothing.
const LONGEST_COMPARED: usize = 128;

/// A type of event.
#[derive(Clone, Debug)]
pub struct EventType {
    /// Its name, such as `order.created`.
    pub name: String,
    /// Its name for people, such as `Order created`.
    pub title: String,
    /// When it is sent, in a sentence.
    pub description: String,
    /// What it is about, such as `orders`.
    pub category: String,
    /// The product that sends it.
    pub product: String,
    /// Names it had before.
    pub aliases: Vec<String>,
    /// The JSON Schema (2020-12) of its data, on one line.
    pub schema: Box<RawValue>,
    /// Realistic data, on one line.
    pub sample: Box<RawValue>,
}

/// Every type, product by product. Read from the embedded files on first use.
#[must_use]
pub fn types() -> &'static [EventType] {
    static TYPES: OnceLock<Vec<EventType>> = OnceLock::new();
    TYPES.get_or_init(|| FILES.iter().filter_map(|text| read(text)).flatten().collect())
}

/// The type of this name, or that had this name before.
#[must_use]
pub fn find(name: &str) -> Option<&'static EventType> {
    let named = types().iter().find(|kind| kind.name == name);
    named.or_else(|| types().iter().find(|kind| kind.aliases.iter().any(|alias| alias == name)))
}

/// Up to three names that somebody who wrote `name` may have meant, the likeliest first.
#[must_use]
pub fn nearest(name: &str) -> Vec<&'static str> {
    if name.len() > LONGEST_COMPARED {
        return Vec::new();
    }
    let likeness = |kind: &EventType| {
        let names = std::iter::once(&kind.name).chain(&kind.aliases);
        names.map(|known| strsim::jaro_winkler(name, known)).fold(0.0, f64::max)
    };
    let mut found: Vec<_> = types().iter().map(|kind| (likeness(kind), kind.name.as_str())).collect();
    found.retain(|(alike, _)| *alike >= ALIKE);
    found.sort_by(|(one, _), (two, _)| two.partial_cmp(one).unwrap_or(Ordering::Equal));
    found.into_iter().take(3).map(|(_, known)| known).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    product: String,
    #[serde(rename = "type")]
    types: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    title: String,
    description: String,
    category: String,
    #[serde(default)]
    aliases: Vec<String>,
    schema: String,
    sample: String,
}

fn read(text: &str) -> Option<Vec<EventType>> {
    let file: File = toml::from_str(text).ok()?;
    file.types.into_iter().map(|entry| entry.of(&file.product)).collect()
}

impl Entry {
    fn of(self, product: &str) -> Option<EventType> {
        Some(EventType {
            schema: on_one_line(&self.schema)?,
            sample: on_one_line(&self.sample)?,
            name: self.name,
            title: self.title,
            description: self.description,
            category: self.category,
            product: product.to_owned(),
            aliases: self.aliases,
        })
    }
}

fn on_one_line(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(Json::parse(text).ok()?.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    fn value(json: &RawValue) -> Value {
        serde_json::from_str(json.get()).unwrap()
    }

    #[test]
    fn every_file_is_read_whole() {
        for text in FILES {
            let file: File = toml::from_str(text).unwrap();
            assert_eq!(read(text).map(|types| types.len()), Some(file.types.len()), "{}", file.product);
        }
    }

    #[test]
    fn every_sample_is_what_its_schema_says() {
        for kind in types() {
            let schema = value(&kind.schema);
            jsonschema::meta::validate(&schema).unwrap_or_else(|why| panic!("{}: {why}", kind.name));
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{}", kind.name);
            let validator = jsonschema::validator_for(&schema).unwrap();
            let wrong: Vec<_> = validator.iter_errors(&value(&kind.sample)).map(|why| why.to_string()).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", kind.name);
        }
    }

    #[test]
    fn every_schema_catches_a_field_that_is_missing_or_misspelled() {
        for kind in types() {
            let validator = jsonschema::validator_for(&value(&kind.schema)).unwrap();
            let sample = value(&kind.sample);
            let first = sample.as_object().unwrap().keys().next().unwrap().clone();
            let mut less = sample.clone();
            let taken = less.as_object_mut().unwrap().shift_remove(&first).unwrap();
            assert!(!validator.is_valid(&less), "{}: {first} is not required", kind.name);
            let mut more = sample;
            more.as_object_mut().unwrap().insert("misspelled".to_owned(), taken);
            assert!(!validator.is_valid(&more), "{}: any field goes", kind.name);
        }
    }

    #[test]
    fn every_type_is_named_and_described_for_people() {
        let mut names = BTreeSet::new();
        for kind in types() {
            for name in std::iter::once(&kind.name).chain(&kind.aliases) {
                assert!(names.insert(name), "{name} stands twice");
                assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b)), "{name}");
            }
            assert!(kind.name.contains('.') && !kind.title.is_empty() && !kind.category.is_empty(), "{}", kind.name);
            assert!(kind.description.ends_with('.'), "{}", kind.name);
            assert!(!kind.schema.get().contains('\n') && !kind.sample.get().contains('\n'), "{}", kind.name);
        }
    }

    #[test]
    fn the_platform_set_has_22_types_in_5_categories() {
        let mut categories = BTreeMap::<_, u32>::new();
        for kind in types().iter().filter(|kind| kind.product == "platform") {
            *categories.entry(kind.category.as_str()).or_default() += 1;
        }
        assert_eq!((categories.len(), categories.values().sum::<u32>()), (5, 22), "{categories:?}");
    }

    #[test]
    fn a_type_is_found_by_its_name_and_by_its_older_ones() {
        assert_eq!(find("order.created").unwrap().title, "Order created");
        for (alias, name) in [
            ("workflow_completed", "workflow.completed"),
            ("complete_job", "job.completed"),
            ("job_failed", "job.failed"),
            ("job_submitted", "job.submitted"),
            ("update_job_progress", "job.progress"),
            ("cancel_job", "job.cancelled"),
        ] {
            assert_eq!(find(alias).unwrap().name, name);
        }
        assert!(find("order").is_none() && find("").is_none());
    }

    #[test]
    fn a_slip_finds_what_was_meant() {
        for (typed, meant) in [
            ("order.creatd", "order.created"),
            ("Order.Created", "order.created"),
            ("job.complete", "job.completed"),
            ("updat_job_progress", "job.progress"),
        ] {
            assert!(nearest(typed).contains(&meant), "{typed}: {:?}", nearest(typed));
        }
        for kind in types() {
            let typo = kind.name.replacen('e', "", 1);
            assert!(nearest(&typo).contains(&kind.name.as_str()), "{typo}");
            assert!(nearest(&typo).len() <= 3);
        }
        assert!(nearest("zzz").is_empty() && nearest(&"order.created".repeat(1000)).is_empty());
    }
}
