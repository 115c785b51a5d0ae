//! Where a setting came from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting came from, the weakest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Built in.
    Default,
    /// The user's `config.toml`.
    User(PathBuf),
    /// A profile in the user's `config.toml`.
    UserProfile(PathBuf, String),
    /// The project's `whk.toml`.
    Project(PathBuf),
    /// A profile in the project's `whk.toml`.
    ProjectProfile(PathBuf, String),
    /// An environment variable.
    Environment(String),
    /// A flag of this command.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::User(path) | Self::Project(path) => write!(f, "{}", path.display()),
            Self::UserProfile(path, name) | Self::ProjectProfile(path, name) => {
                write!(f, "{} [profile.{name}]", path.display())
            }
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}
