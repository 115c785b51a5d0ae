//! A secret that is shown once: on the terminal, in an env file, or in a file of its own.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::private;
use crate::model::Secret;

/// Where a new secret goes.
#[derive(Clone, Debug, Default, Args)]
pub struct Keep {
    /// Write the secret into an env file, as .env.local:WEBHOOK_SECRET, and do not show it
    #[arg(long, value_name = "FILE:NAME", value_parser = place)]
    write_env: Option<(PathBuf, String)>,
    /// Write the secret into a file, and do not show it
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl Keep {
    /// As an `[[endpoint]]` of a file says it.
    ///
    /// # Errors
    /// If the place in an env file is none.
    pub fn of(write_env: Option<&str>, secret_file: Option<&str>) -> Result<Self, CliError> {
        let wrong = |why| CliError::usage(format!("write_env: {why}"));
        let write_env = write_env.map(place).transpose().map_err(wrong)?;
        Ok(Self { write_env, secret_file: secret_file.map(PathBuf::from) })
    }

    /// Whether there is a place that should have a secret and has none.
    #[must_use]
    pub fn is_empty(&self, context: &Context) -> bool {
        let text = |path: &Path| std::fs::read_to_string(context.world.folder.join(path)).unwrap_or_default();
        let env = self.write_env.as_ref().is_some_and(|(path, name)| {
            let text = text(path);
            !text.lines().any(|line| value_of(line, name).is_some_and(|value| !value.is_empty()))
        });
        env || self.secret_file.as_ref().is_some_and(|path| text(path).trim().is_empty())
    }

    /// The flags that say the same.
    #[must_use]
    pub fn flags(&self) -> String {
        let env = self.write_env.as_ref().map(|(path, name)| format!(" --write-env {}:{name}", path.display()));
        let file = self.secret_file.as_ref().map(|path| format!(" --secret-file {}", path.display()));
        env.into_iter().chain(file).collect()
    }

    /// Writes the secret where it was asked for. Gives it back if it still has to be shown: nobody asked, or it could
    /// not be written, and then it must not be lost.
    #[must_use]
    pub fn put<'a>(&self, context: &Context, secret: &'a Secret) -> Option<&'a str> {
        let mut written = false;
        let mut lost = false;
        let mut tell = |path: &Path, result: Result<(), CliError>| match result {
            Ok(()) => {
                written = true;
                context.ui.note(&format!("  the secret is in {}", path.display()));
            }
            Err(why) => {
                lost = true;
                context.ui.talk(&format!("warning: the secret could not be written, so here it is: {}", why.message));
            }
        };
        if let Some((path, name)) = &self.write_env {
            tell(path, env(&context.world.folder.join(path), name, secret));
        }
        if let Some(path) = &self.secret_file {
            let whole = context.world.folder.join(path);
            let text = format!("{}\n", secret.reveal());
            tell(path, private::write(&whole, text.as_bytes()).map_err(|why| CliError::file(path, &why)));
        }
        (!written || lost).then(|| secret.reveal())
    }
}

/// `FILE:NAME`.
fn place(text: &str) -> Result<(PathBuf, String), String> {
    let fits = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    match text.rsplit_once(':') {
        Some((path, name)) if !path.is_empty() && fits(name) => Ok((path.into(), name.to_owned())),
        _ => Err("must be like .env.local:WEBHOOK_SECRET".to_owned()),
    }
}

/// Sets one name in an env file; every other line stays.
fn env(path: &Path, name: &str, secret: &Secret) -> Result<(), CliError> {
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(why) => return Err(CliError::file(path, &why)),
    };
    let text = with_name(&before, name, secret.reveal());
    private::write(path, text.as_bytes()).map_err(|why| CliError::file(path, &why))
}

fn with_name(before: &str, name: &str, value: &str) -> String {
    let is_own = |line: &str| value_of(line, name).is_some();
    let (mut text, mut is_set) = (String::new(), false);
    for line in before.lines() {
        if !is_own(line) {
            text.push_str(line);
        } else if !std::mem::replace(&mut is_set, true) {
            let _ = write!(text, "{name}={value}");
        } else {
            continue;
        }
        text.push('\n');
    }
    if !is_set {
        let _ = writeln!(text, "{name}={value}");
    }
    text
}

/// What a line of an env file gives this name.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.trim_start();
    let (own, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    (own.trim() == name).then(|| value.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_an_env_file_changes_and_the_others_stay() {
        assert_eq!(with_name("", "S", "1"), "S=1\n");
        assert_eq!(with_name("A=1\nexport S=old\n# x\nS=older\nB=2", "S", "new"), "A=1\nS=new\n# x\nB=2\n");
    }

    #[test]
    fn a_place_in_an_env_file_has_a_name() {
        assert_eq!(place("a:b/.env:SECRET_1"), Ok(("a:b/.env".into(), "SECRET_1".to_owned())));
        for bad in ["", ".env", ":S", ".env:", ".env:1S", ".env:A B"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
