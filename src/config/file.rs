//! Reads a settings file and says what in it cannot be meant.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::config::endpoint::{self, EndpointTable};
use crate::config::{ConfigError, KEYS, Kind};

/// A settings file larger than this is a mistake.
const MAX_BYTES: u64 = 1 << 20;

/// What a settings file says: its own keys, and those of the chosen profile if it has that one.
#[derive(Debug, Default)]
pub struct Layer {
    /// Keys at the top.
    pub top: Vec<(&'static str, Value)>,
    /// Keys of `[profile.NAME]`.
    pub profile: Option<Vec<(&'static str, Value)>>,
    /// The schemes of `[scheme.NAME]`.
    pub schemes: Vec<(String, Table)>,
    /// The endpoints of `[[endpoint]]`.
    pub endpoints: Vec<EndpointTable>,
}

/// Reads the file.
///
/// # Errors
/// If it cannot be read, is not TOML, or has a key or a value that whk does not know.
pub fn read(path: &Path, profile: Option<&str>) -> Result<Layer, ConfigError> {
    let unreadable = |why: std::io::Error| ConfigError::Unreadable { path: path.to_owned(), why };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge(path.to_owned()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes)
        .map_err(|why| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, why)))?;
    parse(path, text.trim_start_matches('\u{feff}'), profile)
}

/// The keys of the built-in defaults.
///
/// # Errors
/// If they have a mistake, which a test rules out.
pub fn defaults(text: &str) -> Result<Vec<(&'static str, Value)>, ConfigError> {
    Ok(parse(Path::new("defaults.toml"), text, None)?.top)
}

fn parse(path: &Path, text: &str, profile: Option<&str>) -> Result<Layer, ConfigError> {
    let table: Table = text.parse().map_err(|why| ConfigError::Syntax { path: path.to_owned(), why: Box::new(why) })?;
    let mut layer = Layer::default();
    for (name, value) in table {
        let value = match (name.as_str(), value) {
            ("profile", value) => value,
            ("scheme", Value::Table(tables)) => {
                layer.scheme_tables(path, tables)?;
                continue;
            }
            ("endpoint", value) => {
                layer.endpoints = endpoint::tables(path, value)?;
                continue;
            }
            (_, value) => {
                layer.top.push(known(path, name, value)?);
                continue;
            }
        };
        for (own, keys) in profiles(path, value)? {
            // Every profile is checked, so that a mistake shows before the day it is chosen.
            let keys = keys.into_iter().map(|(k, v)| known(path, k, v)).collect::<Result<Vec<_>, _>>()?;
            if Some(own.as_str()) == profile {
                layer.profile = Some(keys);
            }
        }
    }
    Ok(layer)
}

impl Layer {
    /// `[scheme.NAME]` is a scheme; beside such tables the setting is written as `scheme.use = "NAME"`.
    fn scheme_tables(&mut self, path: &Path, tables: Table) -> Result<(), ConfigError> {
        for (name, value) in tables {
            match value {
                Value::Table(scheme) => self.schemes.push((name, scheme)),
                Value::String(_) if name == "use" => self.top.push(known(path, "scheme".to_owned(), value)?),
                _ => {
                    let wanted = "a table [scheme.NAME], or a text in quotes for scheme.use";
                    return Err(ConfigError::WrongType {
                        path: path.to_owned(),
                        key: format!("scheme.{name}"),
                        wanted,
                    });
                }
            }
        }
        Ok(())
    }
}

fn profiles(path: &Path, value: Value) -> Result<Vec<(String, Table)>, ConfigError> {
    let wrong =
        || ConfigError::WrongType { path: path.to_owned(), key: "profile".to_owned(), wanted: "tables [profile.NAME]" };
    let Value::Table(all) = value else { return Err(wrong()) };
    all.into_iter()
        .map(|(name, keys)| match keys {
            Value::Table(keys) => Ok((name, keys)),
            _ => Err(wrong()),
        })
        .collect()
}

fn known(path: &Path, name: String, value: Value) -> Result<(&'static str, Value), ConfigError> {
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        return Err(ConfigError::UnknownKey { path: PathBuf::from(path), nearest: nearest(&name), key: name });
    };
    let fits = match key.kind {
        Kind::Text => value.is_str(),
        Kind::Number => value.is_integer(),
        Kind::List => value.is_str() || value.as_array().is_some_and(|all| all.iter().all(Value::is_str)),
    };
    if fits {
        Ok((key.name, value))
    } else {
        Err(ConfigError::WrongType { path: path.to_owned(), key: name, wanted: key.kind.wanted() })
    }
}

/// The known key that looks most like this one.
fn nearest(name: &str) -> &'static str {
    let closeness = |key: &str| strsim::damerau_levenshtein(key, name);
    KEYS.iter().map(|key| key.name).min_by_key(|key| closeness(key)).unwrap_or("store")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &str) -> Result<Layer, String> {
        parse(Path::new("whk.toml"), text, Some("ci")).map_err(|why| why.to_string())
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_nearest_one() {
        let why = layer("stroe = \"memory:\"").unwrap_err();
        assert!(why.contains("stroe") && why.contains("\"store\""), "{why}");
    }

    #[test]
    fn a_value_of_the_wrong_type_says_what_is_wanted() {
        let why = layer("port = \"4400\"").unwrap_err();
        assert!(why.contains("port") && why.contains("a number"), "{why}");
        assert!(layer("forward = [1]").is_err());
    }

    #[test]
    fn a_scheme_is_a_name_or_a_table() {
        let found = layer("scheme = \"a\"").unwrap();
        assert_eq!((found.top, found.schemes.len()), (vec![("scheme", Value::String("a".to_owned()))], 0));
        let found = layer("scheme.use = \"mine\"\n[scheme.mine]\ntitle = \"Mine\"\n").unwrap();
        assert_eq!(found.top, [("scheme", Value::String("mine".to_owned()))]);
        assert_eq!(found.schemes[0].0, "mine");
        let why = layer("[scheme]\nmine = 1\n").unwrap_err();
        assert!(why.contains("scheme.mine") && why.contains("[scheme.NAME]"), "{why}");
    }

    #[test]
    fn a_profile_is_read_and_the_others_are_checked_too() {
        let found = layer("port = 1\n[profile.ci]\nport = 2\n[profile.dev]\nport = 3\n").unwrap();
        assert_eq!(found.top, [("port", Value::Integer(1))]);
        assert_eq!(found.profile, Some(vec![("port", Value::Integer(2))]));
        assert!(layer("[profile.dev]\nprot = 3\n").is_err());
    }
}
