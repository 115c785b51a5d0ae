//! What an `[[endpoint]]` in a settings file says.

use std::path::Path;

use toml::{Table, Value};

use crate::config::ConfigError;

/// The keys of an endpoint, with what their values must be.
const KEYS: [(&str, &str); 12] = [
    ("name", "a text in quotes"),
    ("url", "a text in quotes"),
    ("events", "a text or a list of texts"),
    ("disabled", "true or false"),
    ("scheme", "a text in quotes"),
    ("rate_limit", "a number"),
    ("ordered", "true or false"),
    ("uid", "a text in quotes"),
    ("secret", "a text in quotes"),
    ("write_env", "a text in quotes"),
    ("secret_file", "a text in quotes"),
    ("set", "a table"),
];

/// An endpoint that a platform should have.
#[derive(Clone, Debug, Default)]
pub struct EndpointTable {
    /// What is said of it.
    pub keys: Table,
}

impl EndpointTable {
    /// A key that is a text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.keys.get(key).and_then(Value::as_str)
    }
}

/// Reads all of them.
///
/// # Errors
/// If one has a key or a value that whk does not know, or no URL.
pub(super) fn tables(path: &Path, value: Value) -> Result<Vec<EndpointTable>, ConfigError> {
    let wrong = |key: &str, wanted: &'static str| ConfigError::WrongType {
        path: path.to_owned(),
        key: format!("endpoint{key}"),
        wanted,
    };
    let Value::Array(all) = value else { return Err(wrong("", "tables [[endpoint]]")) };
    all.into_iter()
        .map(|one| {
            let Value::Table(keys) = one else { return Err(wrong("", "tables [[endpoint]]")) };
            for (key, value) in &keys {
                let Some((_, wanted)) = KEYS.iter().find(|(name, _)| name == key) else {
                    let (path, key) = (path.to_owned(), format!("endpoint.{key}"));
                    return Err(ConfigError::UnknownKey { path, nearest: nearest(&key), key });
                };
                let texts = |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_str));
                let fits = match *wanted {
                    "a text in quotes" => value.is_str(),
                    "true or false" => value.is_bool(),
                    "a number" => value.as_integer().is_some_and(|number| u32::try_from(number).is_ok()),
                    "a table" => value.is_table(),
                    _ => value.is_str() || texts(value),
                };
                if !fits {
                    return Err(wrong(&format!(".{key}"), wanted));
                }
            }
            let table = EndpointTable { keys };
            if table.text("url").is_none() { Err(wrong(".url", "there, as a text in quotes")) } else { Ok(table) }
        })
        .collect()
}

fn nearest(key: &str) -> &'static str {
    let key = key.trim_start_matches("endpoint.");
    let close = KEYS.iter().map(|(name, _)| *name).min_by_key(|name| strsim::damerau_levenshtein(name, key));
    close.unwrap_or("url")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<EndpointTable>, String> {
        let table: Table = text.parse().unwrap();
        tables(Path::new("whk.toml"), table["endpoint"].clone()).map_err(|why| why.to_string())
    }

    #[test]
    fn an_endpoint_has_a_url_and_no_unknown_keys() {
        let all = read("[[endpoint]]\nurl = \"u\"\nevents = [\"a\"]\n[[endpoint]]\nurl = \"v\"\nrate_limit = 3\n");
        assert_eq!(all.unwrap()[1].text("url"), Some("v"));
        for (text, words) in [
            ("[[endpoint]]\nname = \"n\"\n", "endpoint.url"),
            ("[[endpoint]]\nurl = \"u\"\nevnts = []\n", "\"events\""),
            ("[[endpoint]]\nurl = \"u\"\nevents = [1]\n", "list of texts"),
            ("[[endpoint]]\nurl = \"u\"\nrate_limit = -1\n", "a number"),
            ("endpoint = 1\n", "[[endpoint]]"),
        ] {
            let why = read(text).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }
}
