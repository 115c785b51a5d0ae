//! The catalogue of event types: what they are called, what they carry, and a realistic sample of each.
//!
//! One file is one product. A file that names a scheme has what that provider sends, as data for the scheme's
//! envelope; the others go with every scheme. A file is read when one of its types is asked for.

pub mod edit;
mod json;
mod shelf;

use std::cmp::Ordering;

use serde_json::value::RawValue;

use crate::catalog::shelf::Shelf;

pub use edit::Edit;
pub use edit::EditError;
pub use json::JsonError;

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
    /// The schemes it belongs to; with none it goes with every scheme.
    pub schemes: Vec<String>,
    /// Names it had before.
    pub aliases: Vec<String>,
    /// The JSON Schema (2020-12) of its data, on one line; a body that is not JSON has none.
    pub schema: Option<Box<RawValue>>,
    /// Realistic data.
    pub sample: Sample,
}

/// What an event carries.
#[derive(Clone, Debug)]
pub enum Sample {
    /// Data for the scheme's envelope, on one line.
    Json(Box<RawValue>),
    /// A whole body of another kind.
    Text {
        /// Its media type.
        content_type: String,
        /// The body.
        body: String,
    },
}

/// Every type, product by product, those of no scheme first. This reads every file.
pub fn types() -> impl Iterator<Item = &'static EventType> {
    shelf::all().flat_map(Shelf::types)
}

/// The types of a product.
pub fn of_product(product: &str) -> impl Iterator<Item = &'static EventType> {
    shelf::all().filter(move |shelf| shelf.product == product).flat_map(Shelf::types)
}

/// The products, those of no scheme first.
pub fn products() -> impl Iterator<Item = &'static str> {
    shelf::all().map(|shelf| shelf.product)
}

/// The type that a scheme's sender calls so, or called so before: the scheme's own, else one that goes with every
/// scheme.
#[must_use]
pub fn find(name: &str, scheme: &str) -> Option<&'static EventType> {
    let own = || shelf::all().filter(|shelf| shelf.schemes.contains(&scheme));
    let free = || shelf::all().filter(|shelf| shelf.schemes.is_empty());
    first(name, own()).or_else(|| first(name, free()))
}

/// The types of this name, or that had this name before, whichever product sends them.
#[must_use]
pub fn named(name: &str) -> Vec<&'static EventType> {
    shelf::all().filter(|shelf| shelf.has(name)).filter_map(|shelf| shelf.find(name)).collect()
}

/// Up to three names that somebody who wrote `name` may have meant, the likeliest first.
///
/// With a scheme, only names that go with it.
#[must_use]
pub fn nearest(name: &str, scheme: Option<&str>) -> Vec<&'static str> {
    if name.len() > LONGEST_COMPARED {
        return Vec::new();
    }
    let fits = |shelf: &&Shelf| shelf.schemes.is_empty() || scheme.is_none_or(|scheme| shelf.schemes.contains(&scheme));
    let names = shelf::all().filter(fits).flat_map(|shelf| shelf.names);
    let mut found: Vec<_> = names.map(|(known, today)| (strsim::jaro_winkler(name, known), *today)).collect();
    found.retain(|(alike, _)| *alike >= ALIKE);
    found.sort_by(|(one, first), (two, second)| {
        two.partial_cmp(one).unwrap_or(Ordering::Equal).then_with(|| first.cmp(second))
    });
    let mut names = Vec::new();
    for (_, known) in found {
        if names.len() < 3 && !names.contains(&known) {
            names.push(known);
        }
    }
    names
}

/// A name counts before an older one, wherever it stands.
fn first(name: &str, shelves: impl Iterator<Item = &'static Shelf> + Clone) -> Option<&'static EventType> {
    let mut holding = shelves.filter(|shelf| shelf.has(name)).filter_map(|shelf| shelf.find(name));
    holding.clone().find(|kind| kind.name == name).or_else(|| holding.next())
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

    /// The types that go with every scheme, which have schemas of their own.
    fn own() -> impl Iterator<Item = &'static EventType> {
        types().filter(|kind| kind.schemes.is_empty())
    }

    fn sample(kind: &EventType) -> Option<Value> {
        match &kind.sample {
            Sample::Json(sample) => Some(value(sample)),
            Sample::Text { .. } => None,
        }
    }

    #[test]
    fn every_file_is_read_whole_and_indexed_rightly() {
        for shelf in shelf::all() {
            let names = |kind: &'static EventType| {
                std::iter::once(&kind.name).chain(&kind.aliases).map(|name| (name.as_str(), kind.name.as_str()))
            };
            let names: Vec<_> = shelf.types().iter().flat_map(names).collect();
            assert!(!names.is_empty() && names == shelf.names, "{}: {names:?}", shelf.product);
            for kind in shelf.types() {
                assert_eq!((kind.product.as_str(), kind.schemes.as_slice() == shelf.schemes), (shelf.product, true));
            }
        }
    }

    #[test]
    fn every_sample_is_what_its_schema_says() {
        for kind in types() {
            let (Some(schema), Some(sample)) = (&kind.schema, sample(kind)) else {
                assert!(kind.schema.is_none() && matches!(kind.sample, Sample::Text { .. }), "{}", kind.name);
                continue;
            };
            let schema = value(schema);
            jsonschema::meta::validate(&schema).unwrap_or_else(|why| panic!("{}: {why}", kind.name));
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{}", kind.name);
            let validator = jsonschema::validator_for(&schema).unwrap();
            let wrong: Vec<_> = validator.iter_errors(&sample).map(|why| why.to_string()).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", kind.name);
        }
    }

    #[test]
    fn every_schema_of_its_own_catches_a_field_that_is_missing_or_misspelled() {
        for kind in own() {
            let validator = jsonschema::validator_for(&value(kind.schema.as_ref().unwrap())).unwrap();
            let sample = sample(kind).unwrap();
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
            let product = if kind.schemes.is_empty() { "" } else { &kind.product };
            for name in std::iter::once(&kind.name).chain(&kind.aliases) {
                assert!(names.insert((product, name)), "{name} of {product} stands twice");
                assert!(name.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "{name}");
            }
            assert!(!kind.name.is_empty() && !kind.title.is_empty() && !kind.category.is_empty(), "{}", kind.name);
            assert!(kind.description.ends_with('.'), "{}", kind.name);
            assert!(kind.schema.as_ref().is_none_or(|schema| !schema.get().contains('\n')), "{}", kind.name);
            assert!(!matches!(&kind.sample, Sample::Json(sample) if sample.get().contains('\n')), "{}", kind.name);
        }
        for name in own().flat_map(|kind| std::iter::once(&kind.name).chain(&kind.aliases)) {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b)), "{name}");
        }
    }

    #[test]
    fn the_platform_set_has_22_types_in_5_categories() {
        let mut categories = BTreeMap::<_, u32>::new();
        for kind in of_product("platform") {
            *categories.entry(kind.category.as_str()).or_default() += 1;
        }
        assert_eq!((categories.len(), categories.values().sum::<u32>()), (5, 22), "{categories:?}");
    }

    #[test]
    fn a_type_is_found_by_its_name_and_by_its_older_ones() {
        assert_eq!(find("order.created", "").unwrap().title, "Order created");
        for (alias, name) in [
            ("workflow_completed", "workflow.completed"),
            ("complete_job", "job.completed"),
            ("job_failed", "job.failed"),
            ("job_submitted", "job.submitted"),
            ("update_job_progress", "job.progress"),
            ("cancel_job", "job.cancelled"),
        ] {
            assert_eq!(find(alias, "any").unwrap().name, name);
        }
        assert!(find("order", "").is_none() && find("", "").is_none());
    }

    #[test]
    fn a_scheme_has_its_own_types_first_and_no_other_s() {
        let of = |name: &str, scheme: &str| find(name, scheme).map(|kind| kind.product.as_str());
        for kind in types().filter(|kind| !kind.schemes.is_empty()) {
            for scheme in &kind.schemes {
                assert_eq!(of(&kind.name, scheme), Some(kind.product.as_str()), "{}", kind.name);
            }
            let elsewhere = find(&kind.name, "no-such-scheme");
            assert!(elsewhere.is_none_or(|other| other.schemes.is_empty()), "{}", kind.name);
        }
        let twice = named("user.created");
        assert!(twice.len() > 1 && twice[0].schemes.is_empty() && named("no.such").is_empty());
        assert_eq!(of("user.created", "no-such-scheme"), Some("platform"));
        assert_eq!(of_product("platform").count(), 22);
        assert!(products().any(|product| product == "platform"));
    }

    #[test]
    fn a_slip_finds_what_was_meant() {
        for (typed, meant) in [
            ("order.creatd", "order.created"),
            ("Order.Created", "order.created"),
            ("job.complete", "job.completed"),
            ("updat_job_progress", "job.progress"),
        ] {
            assert!(nearest(typed, Some("")).contains(&meant), "{typed}: {:?}", nearest(typed, Some("")));
        }
        for kind in own() {
            let typo = kind.name.replacen('e', "", 1);
            assert!(nearest(&typo, Some("")).contains(&kind.name.as_str()), "{typo}");
            assert!(nearest(&typo, None).len() <= 3);
        }
        let nothing = |name: &str| nearest(name, None).is_empty();
        assert!(nothing("zzz") && nothing(&"order.created".repeat(1000)));
    }
}
