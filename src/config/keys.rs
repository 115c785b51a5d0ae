//! Keys to platforms that the user asked to keep: `keys.toml` beside `config.toml`, for its owner alone.

use std::path::PathBuf;

use toml::{Table, Value};

use crate::config::{ConfigError, paths, private};
use crate::model::Secret;

/// The key to this platform at this server, if it was kept.
///
/// # Errors
/// If the file is there and cannot be read.
pub fn kept(platform: &str, server: &str) -> Result<Option<Secret>, ConfigError> {
    let Some(path) = paths::keys_file() else { return Ok(None) };
    let table = read(&path)?;
    let key = table.get(platform).and_then(|keys| keys.get(server)).and_then(Value::as_str);
    Ok(key.map(Secret::new))
}

/// Keeps a key, and says where.
///
/// # Errors
/// If the file cannot be written.
pub fn keep(platform: &str, server: &str, key: &Secret) -> Result<PathBuf, ConfigError> {
    let path = paths::keys_file().ok_or(ConfigError::NoHome)?;
    let mut table = read(&path)?;
    let keys = table.entry(platform).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(keys) = keys {
        keys.insert(server.to_owned(), Value::String(key.reveal().to_owned()));
    }
    let unwritable = |why: std::io::Error| ConfigError::Unreadable { path: path.clone(), why };
    if let Some(folder) = path.parent() {
        private::folder(folder).map_err(unwritable)?;
    }
    private::write(&path, table.to_string().as_bytes()).map_err(unwritable)?;
    Ok(path)
}

fn read(path: &std::path::Path) -> Result<Table, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => text.parse().map_err(|why| ConfigError::Syntax { path: path.to_owned(), why: Box::new(why) }),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(Table::new()),
        Err(why) => Err(ConfigError::Unreadable { path: path.to_owned(), why }),
    }
}
