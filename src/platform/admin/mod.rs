//! Admin APIs of platforms, described in `platforms/*.toml`: what to ask, what an answer says. Nothing here talks to anybody.

pub mod answer;
pub mod ask;
pub mod description;
pub mod events;
pub mod place;
mod presets;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::Secret;
use crate::platform::admin::description::Description;
use crate::platform::admin::place::read;
use crate::sign::json::Pointer;

pub use presets::{nearest, preset, preset_text, presets};

/// The fields of an endpoint by whk's own names: `id`, `name`, `url`, `events`, `disabled` and more.
pub type Fields = Map<String, Value>;

/// An endpoint as a platform tells it.
#[derive(Clone, Default)]
pub struct Hook {
    /// What is known of it.
    pub fields: Fields,
    /// Its secret, if the answer had one.
    pub secret: Option<Secret>,
    /// The answer as it came; it may have the secret in it.
    pub raw: Value,
    /// If the platform has one event an endpoint: those that are this one, each with its event.
    pub parts: Vec<(String, String)>,
}

impl Hook {
    /// A field that is a text.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its event types.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        events::list(self.fields.get("events"))
    }
}

/// What is wanted of an endpoint: fields by whk's names, and values at places of the platform's own.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The fields.
    pub fields: Fields,
    /// The places.
    pub set: Vec<(Pointer, Value)>,
}

impl Wish {
    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.set.is_empty()
    }

    /// What of it is not so yet.
    #[must_use]
    pub fn beyond(&self, platform: &Platform, hook: &Hook) -> Self {
        let empty = |value: &Value| value.is_null() || value == "" || *value == Value::Bool(false);
        let differs = |(name, wanted): &(&String, &Value)| {
            if *name == "events" {
                return !platform.same_events(wanted, hook.fields.get("events"));
            }
            let own = hook.fields.get(*name).unwrap_or(&Value::Null);
            own != *wanted && !(empty(own) && empty(wanted))
        };
        let fields = self.fields.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone()));
        let set = self.set.iter().filter(|(place, value)| read(&hook.raw, place) != Some(value));
        Self { fields: fields.collect(), set: set.cloned().collect() }
    }
}

/// A platform: its name and what is known of it.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Its name.
    pub name: String,
    /// Its admin API.
    pub about: Description,
}

/// A description that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// It is not TOML, or has something in it that no description has.
    #[error("{0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// It lacks a field that every endpoint has.
    #[error("[fields] must say where {0} is")]
    NoField(&'static str),
    /// A request is not like `GET /hooks`.
    #[error("\"{0}\" is not a method and a path, as GET /hooks")]
    Request(String),
}

impl Platform {
    /// Reads a description.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlatformError> {
        let about: Description = toml::from_str(text).map_err(Box::new)?;
        for field in ["id", "url"] {
            if about.fields.get(field).is_none_or(|field| field.read.is_none()) {
                return Err(PlatformError::NoField(field));
            }
        }
        let lists = [Some(&about.list), about.types.as_ref(), about.attempts.as_ref()];
        let single = [
            Some(&about.create),
            about.show.as_ref(),
            about.prepare.as_ref(),
            about.delete.as_ref(),
            about.rotate.as_ref(),
            about.secret.as_ref(),
            about.test.as_ref(),
            about.portal.as_ref(),
        ];
        let steps = single.into_iter().flatten().chain(&about.update).map(|step| &step.request);
        for request in lists.into_iter().flatten().map(|list| &list.request).chain(steps) {
            let fits = request.split_once(' ').is_some_and(|(method, path)| {
                let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
                known && (path.starts_with('/') || path.starts_with("{at}"))
            });
            if !fits {
                return Err(PlatformError::Request(request.clone()));
            }
        }
        Ok(Self { name: name.to_owned(), about })
    }

    /// Whether an endpoint's field can be set here.
    #[must_use]
    pub fn writes(&self, field: &str) -> bool {
        let switches = field == "events" && !self.about.events.switches.is_empty();
        switches || self.about.fields.get(field).is_some_and(|field| field.write.is_some())
    }

    /// The first parameter that is needed and not given; with what it is.
    #[must_use]
    pub fn lacking(&self, given: &BTreeMap<String, String>) -> Option<(String, &str)> {
        let about = &self.about;
        if !about.at.is_empty() && !about.at.iter().any(|one| given.contains_key(&one.param)) {
            let names: Vec<_> = about.at.iter().map(|one| one.param.as_str()).collect();
            let help = about.at.first().and_then(|one| about.param.get(&one.param));
            return Some((names.join(" or "), help.map_or("", |param| &param.help)));
        }
        let mut needed = about.param.iter().filter(|(_, param)| !param.optional && param.default.is_none());
        needed.find(|(name, _)| !given.contains_key(*name)).map(|(name, param)| (name.clone(), param.help.as_str()))
    }

    fn same_events(&self, wanted: &Value, own: Option<&Value>) -> bool {
        let events = &self.about.events;
        let set = |value: Option<&Value>| {
            let mut all: Vec<_> = events::list(value).iter().map(|name| events.spelt(name)).collect();
            if all.iter().any(|name| name == events::ALL) {
                let known: Vec<String> = events.switches.keys().cloned().collect();
                all = if known.is_empty() { vec![events::ALL.to_owned()] } else { known };
            }
            all.sort_unstable();
            all.dedup();
            all
        };
        set(Some(wanted)) == set(own)
    }
}
