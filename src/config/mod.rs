//! Settings: flag, then `WHK_*`, then `whk.toml`, then the user's `config.toml`, then defaults.

pub mod endpoint;
pub mod file;
pub mod keys;
pub mod origin;
pub mod paths;
pub mod private;
pub mod secret;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::config::file::Layer;
use crate::config::origin::Origin;

const DEFAULTS: &str = include_str!("defaults.toml");

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// Some texts.
    List,
}

impl Kind {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a number",
            Self::List => "a text or a list of texts",
        }
    }
}

/// A setting that whk knows.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in a file; `WHK_` and the name in capitals in the environment.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
}

/// Every setting.
pub const KEYS: &[Key] = &[
    Key { name: "store", kind: Kind::Text },
    Key { name: "durability", kind: Kind::Text },
    Key { name: "retention_age", kind: Kind::Text },
    Key { name: "retention_size", kind: Kind::Text },
    Key { name: "host", kind: Kind::Text },
    Key { name: "port", kind: Kind::Number },
    Key { name: "max_body", kind: Kind::Text },
    Key { name: "app", kind: Kind::Text },
    Key { name: "forward", kind: Kind::List },
    Key { name: "timeout", kind: Kind::Text },
    Key { name: "concurrency", kind: Kind::Number },
    Key { name: "retry", kind: Kind::Text },
    Key { name: "scheme", kind: Kind::Text },
    Key { name: "secret", kind: Kind::List },
    Key { name: "platform", kind: Kind::Text },
    Key { name: "base_url", kind: Kind::Text },
    Key { name: "key", kind: Kind::Text },
    Key { name: "output", kind: Kind::Text },
    Key { name: "color", kind: Kind::Text },
];

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// What is in the way.
        why: std::io::Error,
    },
    /// A file is far too large.
    #[error("{0} is larger than 1 MiB, so it cannot be a settings file")]
    TooLarge(PathBuf),
    /// A file is not TOML.
    #[error("{path} is not valid TOML: {why}")]
    Syntax {
        /// Its path.
        path: PathBuf,
        /// Where and why.
        why: Box<toml::de::Error>,
    },
    /// A file has a key that whk does not know.
    #[error("{path}: unknown key \"{key}\", did you mean \"{nearest}\"?")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The known one that looks most like it.
        nearest: &'static str,
    },
    /// A file has a value of the wrong type.
    #[error("{path}: \"{key}\" must be {wanted}")]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A value cannot be used.
    #[error("{key} (from {origin}): {why}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Where it came from.
        origin: Origin,
        /// What is wrong with it.
        why: String,
    },
    /// No file has the profile.
    #[error("there is no [profile.{0}] in whk.toml or config.toml")]
    NoProfile(String),
    /// The machine does not say where state lives.
    #[error("there is no home folder here: set WHK_HOME to a folder for whk's state")]
    NoHome,
    /// An environment variable is not text.
    #[error("{0} is not valid UTF-8")]
    NotText(String),
}

/// What the process was started with: looked at once, then passed on.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The environment, as far as it is text.
    pub environment: BTreeMap<String, String>,
    /// Names of `WHK_*` variables that are not text.
    pub unreadable: Vec<String>,
    /// The working directory.
    pub folder: PathBuf,
}

impl World {
    /// Looks at the process.
    #[must_use]
    pub fn look() -> Self {
        let mut world = Self { folder: std::env::current_dir().unwrap_or_default(), ..Self::default() };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(world.environment.insert(name, value)),
                Err(_) if name.starts_with("WHK_") => world.unreadable.push(name),
                Err(_) => {}
            }
        }
        world
    }

    /// A variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }
}

/// Every setting with its value and where that came from.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (Value, Origin)>,
    schemes: Vec<(PathBuf, String, Table)>,
    /// The folder for state.
    pub home: PathBuf,
}

/// Puts the layers on top of each other.
///
/// # Errors
/// If a file or a variable is wrong.
pub fn resolve(world: &World, profile: Option<&str>, flags: &[(&'static str, Value)]) -> Result<Settings, ConfigError> {
    if let Some(name) = world.unreadable.first() {
        return Err(ConfigError::NotText(name.clone()));
    }
    let home = paths::home(world).ok_or(ConfigError::NoHome)?;
    let mut settings = Settings { values: BTreeMap::new(), schemes: Vec::new(), home };
    let profile = profile.or_else(|| world.variable("WHK_PROFILE")).filter(|name| !name.is_empty());
    let defaults = file::defaults(DEFAULTS)?;
    settings.lay(defaults, || Origin::Default);
    let mut found = profile.is_none();
    let user = paths::user_file().filter(|path| path.is_file());
    if let Some(path) = user {
        let layer = file::read(&path, profile)?;
        found |= layer.profile.is_some();
        settings.keep_schemes(&path, &layer);
        settings.lay_file(layer, &Origin::User(path.clone()), &Origin::UserProfile(path, name_of(profile)));
    }
    if let Some(path) = paths::project_file(world) {
        let layer = file::read(&path, profile)?;
        found |= layer.profile.is_some();
        settings.keep_schemes(&path, &layer);
        settings.lay_file(layer, &Origin::Project(path.clone()), &Origin::ProjectProfile(path, name_of(profile)));
    }
    if !found {
        return Err(ConfigError::NoProfile(name_of(profile)));
    }
    settings.lay_environment(world)?;
    for (key, value) in flags {
        settings.set_flag(key, value.clone());
    }
    Ok(settings)
}

fn name_of(profile: Option<&str>) -> String {
    profile.unwrap_or_default().to_owned()
}

impl Settings {
    /// Every setting by name, with its value and origin.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value, &Origin)> {
        KEYS.iter().filter_map(|key| {
            let (value, origin) = self.values.get(key.name)?;
            Some((key.name, value, origin))
        })
    }

    /// Lays a flag over what there is.
    pub fn set_flag(&mut self, key: &'static str, value: impl Into<Value>) {
        let flag = format!("--{}", key.replace('_', "-"));
        self.values.insert(key, (value.into(), Origin::Flag(flag)));
    }

    /// The tables `[scheme.NAME]`, with the file they stand in: the user's before the project's.
    pub fn schemes(&self) -> impl Iterator<Item = (&Path, &str, &Table)> {
        self.schemes.iter().map(|(path, name, table)| (path.as_path(), name.as_str(), table))
    }

    /// A text; empty if it is not set.
    #[must_use]
    pub fn text(&self, key: &'static str) -> &str {
        self.values.get(key).and_then(|(value, _)| value.as_str()).unwrap_or_default()
    }

    /// Some texts.
    #[must_use]
    pub fn list(&self, key: &'static str) -> Vec<String> {
        match self.values.get(key) {
            Some((Value::String(one), _)) if !one.is_empty() => vec![one.clone()],
            Some((Value::Array(all), _)) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    }

    /// A text read as something else.
    ///
    /// # Errors
    /// If it cannot be read so; the error names the setting and where it came from.
    pub fn parse<T, E: std::fmt::Display>(
        &self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, ConfigError> {
        read(self.text(key)).map_err(|why| self.wrong(key, why.to_string()))
    }

    /// A whole number of a certain kind.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn number<T: TryFrom<i64>>(&self, key: &'static str) -> Result<T, ConfigError> {
        let value = self.values.get(key).and_then(|(value, _)| value.as_integer()).unwrap_or_default();
        T::try_from(value).map_err(|_| self.wrong(key, format!("{value} is out of range")))
    }

    /// The store's address; the default one is in the state folder.
    #[must_use]
    pub fn store(&self) -> String {
        match self.text("store") {
            "" => format!("sqlite:{}", self.home.join("whk.db").display()),
            given => given.to_owned(),
        }
    }

    fn wrong(&self, key: &'static str, why: String) -> ConfigError {
        let origin = self.values.get(key).map_or(Origin::Default, |(_, origin)| origin.clone());
        ConfigError::Value { key, origin, why }
    }

    fn lay(&mut self, keys: Vec<(&'static str, Value)>, origin: impl Fn() -> Origin) {
        for (key, value) in keys {
            self.values.insert(key, (value, origin()));
        }
    }

    fn keep_schemes(&mut self, path: &Path, layer: &Layer) {
        let schemes = layer.schemes.iter().map(|(name, table)| (path.to_owned(), name.clone(), table.clone()));
        self.schemes.extend(schemes);
    }

    fn lay_file(&mut self, layer: Layer, top: &Origin, profile: &Origin) {
        self.lay(layer.top, || top.clone());
        self.lay(layer.profile.unwrap_or_default(), || profile.clone());
    }

    fn lay_environment(&mut self, world: &World) -> Result<(), ConfigError> {
        for key in KEYS {
            let name = format!("WHK_{}", key.name.to_ascii_uppercase());
            let Some(text) = world.variable(&name).filter(|text| !text.is_empty()) else { continue };
            let origin = Origin::Environment(name);
            let value = match key.kind {
                Kind::Text => Value::String(text.to_owned()),
                Kind::List => {
                    text.split(',').map(|part| Value::String(part.trim().to_owned())).collect::<Vec<_>>().into()
                }
                Kind::Number => {
                    let wrong = |_| ConfigError::Value {
                        key: key.name,
                        origin: origin.clone(),
                        why: format!("\"{text}\" is no number"),
                    };
                    Value::Integer(text.parse().map_err(wrong)?)
                }
            };
            self.values.insert(key.name, (value, origin));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_default_of_its_kind() {
        let defaults = file::defaults(DEFAULTS).unwrap();
        let mut names: Vec<_> = defaults.iter().map(|(name, _)| *name).collect();
        let mut keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        keys.sort_unstable();
        assert_eq!(names, keys);
    }

    #[test]
    fn a_number_from_the_environment_must_be_one() {
        let environment = [("WHK_PORT", "http"), ("WHK_HOME", "/nowhere")];
        let world =
            World { environment: environment.map(|(k, v)| (k.to_owned(), v.to_owned())).into(), ..World::default() };
        let why = resolve(&world, None, &[]).unwrap_err().to_string();
        assert!(why.contains("WHK_PORT") && why.contains("http"), "{why}");
    }
}
