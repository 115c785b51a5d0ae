//! Where a secret's text comes from: a literal, `env:NAME`, `file:PATH`, or `-` for standard input.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::World;
use crate::model::Secret;

/// More than this is no secret.
const MAX_BYTES: u64 = 64 << 10;

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment does not have it.
    #[error("--secret env:{0}: there is no such variable in the environment or an --env-file")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("cannot read the secret from {path}: {why}")]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// What is in the way.
        why: std::io::Error,
    },
    /// The file is far too large.
    #[error("{0} is larger than 64 KiB, so it cannot be a secret")]
    TooLarge(PathBuf),
    /// A line of an env file is not `NAME=value`.
    #[error("{path}:{line}: a line must read NAME=value")]
    EnvFile {
        /// Its path.
        path: PathBuf,
        /// The line's number.
        line: usize,
    },
}

/// Reads secrets, with names from env files before those of the environment.
#[derive(Debug)]
pub struct SecretSource<'a> {
    world: &'a World,
    names: BTreeMap<String, String>,
}

impl<'a> SecretSource<'a> {
    /// Reads the env files; a later file wins.
    ///
    /// # Errors
    /// If one cannot be read or has a line that is not `NAME=value`.
    pub fn new(world: &'a World, env_files: &[PathBuf]) -> Result<Self, SecretError> {
        let mut names = BTreeMap::new();
        for path in env_files {
            let path = world.folder.join(path);
            names.extend(parse_env_file(&path, &read(&path)?)?);
        }
        Ok(Self { world, names })
    }

    /// The secret that this text stands for. A file's or standard input's last line break is left out.
    ///
    /// # Errors
    /// If the variable or the file is not there.
    pub fn secret(&self, given: &str) -> Result<Secret, SecretError> {
        if given == "-" {
            let mut text = String::new();
            let unreadable = |why| SecretError::Unreadable { path: PathBuf::from("standard input"), why };
            std::io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
            return Ok(Secret::new(without_line_break(&text)));
        }
        if let Some(name) = given.strip_prefix("env:") {
            let found = self.names.get(name).map(String::as_str).or_else(|| self.world.variable(name));
            return found.map(Secret::new).ok_or_else(|| SecretError::NoVariable(name.to_owned()));
        }
        if let Some(path) = given.strip_prefix("file:") {
            return Ok(Secret::new(without_line_break(&read(&self.world.folder.join(path))?)));
        }
        Ok(Secret::new(given))
    }
}

fn read(path: &Path) -> Result<String, SecretError> {
    let unreadable = |why| SecretError::Unreadable { path: path.to_owned(), why };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(SecretError::TooLarge(path.to_owned()));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

fn without_line_break(text: &str) -> &str {
    text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text))
}

fn parse_env_file(path: &Path, text: &str) -> Result<BTreeMap<String, String>, SecretError> {
    let mut names = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let wrong = || SecretError::EnvFile { path: path.to_owned(), line: index + 1 };
        let (name, value) = line.split_once('=').ok_or_else(wrong)?;
        let value = value.trim();
        let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        names.insert(name.trim().to_owned(), unquoted.unwrap_or(value).to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_may_have_comments_quotes_and_export() {
        let text = "# mine\nA=1\nexport B=\"two words\"\n\nC='x=y'\n";
        let names = parse_env_file(Path::new(".env"), text).unwrap();
        assert_eq!(
            names.into_iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>(),
            ["A:1", "B:two words", "C:x=y"]
        );
        let why = parse_env_file(Path::new(".env"), "A=1\nnonsense\n").unwrap_err();
        assert_eq!(why.to_string(), ".env:2: a line must read NAME=value");
    }

    #[test]
    fn one_line_break_at_the_end_of_a_file_is_not_part_of_the_secret() {
        assert_eq!(without_line_break("abc\r\n"), "abc");
        assert_eq!(without_line_break("abc\n\n"), "abc\n");
    }
}
