//! Every error that a person sees is worded here, with its exit code and what to do next.

use std::io;
use std::process::ExitCode;

use serde_json::json;

use crate::config::ConfigError;
use crate::config::secret::SecretError;
use crate::model::{Failure, FailureKind};
use crate::sign::SignError;
use crate::sign::template::NoValue;
use crate::store::StoreError;

/// How a command ends. `docs/exit-codes.md` is written from this table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; the answer is yes.
    Yes,
    /// The answer is no.
    No,
    /// Usage, settings or bad input.
    Usage,
    /// Could not reach the network, the relay or the store.
    Unreachable,
    /// Waited too long.
    TimedOut,
    /// Interrupted (SIGINT).
    Interrupted,
    /// Ended (SIGTERM).
    Terminated,
    /// As the command of `--exec` did.
    Child(u8),
}

impl Exit {
    /// Every way to end of whk's own, with what it means.
    pub const TABLE: [(Self, &'static str); 7] = [
        (Self::Yes, "yes: done, valid, delivered"),
        (Self::No, "the answer is no: signature invalid, receiver refused, check failed"),
        (Self::Usage, "usage, settings or bad input"),
        (Self::Unreachable, "could not reach: network, relay or store"),
        (Self::TimedOut, "waited too long"),
        (Self::Interrupted, "interrupted (SIGINT)"),
        (Self::Terminated, "ended (SIGTERM)"),
    ];

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::TimedOut => 4,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Child(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Something went wrong: what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    /// How the command ends.
    pub exit: Exit,
    /// A word for scripts.
    pub kind: &'static str,
    /// What happened: the thing and the cause.
    pub message: String,
    /// What to do next.
    pub hints: Vec<String>,
}

impl CliError {
    /// Bad usage, settings or input.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, kind: "usage", message: message.into(), hints: Vec::new() }
    }

    /// Something cannot be reached.
    #[must_use]
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self { exit: Exit::Unreachable, kind: "unreachable", message: message.into(), hints: Vec::new() }
    }

    /// A file cannot be read or written.
    #[must_use]
    pub fn file(path: &std::path::Path, why: &io::Error) -> Self {
        Self { kind: "file", ..Self::usage(format!("{}: {why}", path.display())) }
    }

    /// A mistake of whk itself.
    #[must_use]
    pub fn internal(why: impl std::fmt::Display) -> Self {
        Self { kind: "internal", ..Self::usage(format!("this should not happen: {why}")) }
    }

    /// Somebody pressed ^C at a question.
    #[must_use]
    pub fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, kind: "interrupted", message: String::new(), hints: Vec::new() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Gives it a more telling word for scripts.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// What a failed write to stdout means: a closed pipe is no error.
    #[must_use]
    pub fn from_output(why: &io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::BrokenPipe => {
                Self { exit: Exit::Yes, kind: "broken_pipe", message: String::new(), hints: Vec::new() }
            }
            _ => Self { kind: "output", ..Self::unreachable(format!("cannot write to stdout: {why}")) },
        }
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        matches!(self.kind, "broken_pipe" | "interrupted")
    }

    /// The one line for scripts.
    #[must_use]
    pub fn as_json(&self) -> String {
        json!({"type": "error", "kind": self.kind, "message": self.message, "hints": self.hints}).to_string()
    }
}

impl From<ConfigError> for CliError {
    fn from(why: ConfigError) -> Self {
        let error = Self::usage(one_line(&why.to_string())).kind("config");
        match why {
            ConfigError::UnknownKey { .. } | ConfigError::WrongType { .. } | ConfigError::Value { .. } => {
                error.hint("`whk config show` prints every setting, its value and where it came from")
            }
            _ => error,
        }
    }
}

/// What a parser says in several lines, in one and without the excerpt between them.
#[must_use]
pub fn one_line(why: &str) -> String {
    let is_excerpt = |line: &str| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    let lines = why.lines().map(str::trim_end).filter(|line| !line.is_empty() && !is_excerpt(line));
    lines.collect::<Vec<_>>().join(": ")
}

impl From<SecretError> for CliError {
    fn from(why: SecretError) -> Self {
        Self::usage(why.to_string()).kind("secret")
    }
}

impl From<StoreError> for CliError {
    fn from(why: StoreError) -> Self {
        let message = why.to_string();
        let (kind, hint) = match why {
            StoreError::Address(_) => {
                return Self::usage(message).kind("store_address").hint("for example --store sqlite:./whk.db");
            }
            StoreError::Alone(_) => {
                return Self::usage(message)
                    .kind("store_durability")
                    .hint("use --store redis://HOST:PORT/0, or --durability full");
            }
            StoreError::Open { path, .. } if path.starts_with("redis") => {
                ("store_open", "start Redis there, change that setting, or choose another store with --store")
            }
            StoreError::Open { .. } => ("store_open", "choose another place with --store sqlite:PATH or WHK_HOME"),
            StoreError::Missing(_) => ("store_missing", "whk listen starts one"),
            StoreError::Unknown(_) => ("not_found", "whk events list shows what there is"),
            StoreError::Answered => ("conflict", "use another key for another request"),
            StoreError::Taken(_) => ("conflict", "choose another name, or change what has it"),
            StoreError::Newer { .. } => ("store_newer", "use the newer whk, or another store with --store sqlite:PATH"),
            StoreError::Corrupt { .. } => (
                "store_corrupt",
                "nothing was changed; move the file away and whk starts a new one, or use --store sqlite:PATH",
            ),
            StoreError::Full(_) => ("store_full", "make room, or keep less with retention_size and retention_age"),
            StoreError::ReadOnly(_) => ("store_read_only", "check the owner and the mode of the file and its folder"),
            StoreError::Unreplicated(_) => (
                "store_unavailable",
                "start a replica (replicaof HOST PORT in its redis.conf), or use --durability full",
            ),
            StoreError::Unavailable(_) => ("store_unavailable", "try again; another process may be holding it"),
        };
        Self::unreachable(message).kind(kind).hint(hint)
    }
}

impl From<SignError> for CliError {
    fn from(why: SignError) -> Self {
        let error = Self::usage(why.to_string());
        match why {
            SignError::NoValue(NoValue(name)) if name.starts_with("param.") => {
                let name = name.trim_start_matches("param.");
                Self::usage(format!("what is signed has {{param.{name}}} in it: give --param {name}=VALUE"))
                    .kind("sign")
            }
            SignError::Key(_) => {
                error.kind("malformed_secret").hint("whk secret new --scheme NAME makes one that fits")
            }
            _ => error.kind("sign"),
        }
    }
}

impl From<&Failure> for CliError {
    fn from(failure: &Failure) -> Self {
        let exit = if failure.kind == FailureKind::Timeout { Exit::TimedOut } else { Exit::Unreachable };
        let error = Self { exit, kind: failure.kind.code(), message: failure.message.clone(), hints: Vec::new() };
        match failure.kind {
            FailureKind::Refused => error.hint("is the app running, and on this port?"),
            FailureKind::Tls => error.hint("use --cacert FILE for a private CA, or --insecure to skip the check"),
            FailureKind::Timeout => error.hint("--timeout sets how long to wait"),
            FailureKind::Dns => error.hint("check the name for a typing mistake"),
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_line_has_what_scripts_rely_on() {
        let error = CliError::usage("no \"x\"").hint("do y");
        assert_eq!(error.as_json(), r#"{"type":"error","kind":"usage","message":"no \"x\"","hints":["do y"]}"#);
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let error = CliError::from_output(&io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((error.exit, error.is_silent()), (Exit::Yes, true));
    }
}
