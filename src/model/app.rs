//! An app: a tenant, created on first use.

use std::fmt;
use std::str::FromStr;

use crate::model::id::AppId;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;

/// The longest name of an app.
const MAX_LENGTH: usize = 64;

/// An app's name as its owner chose it: `default`, `org_42`. Letters, digits, `_`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(String);

/// The text cannot name an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" cannot name an app: use 1 to 64 letters, digits, '_', '-' or '.'")]
pub struct AppNameError(String);

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its identifier, `app_...`.
    pub id: AppId,
    /// The name its owner chose.
    pub name: AppName,
    /// Its secrets, the newest first; after a rotation the older ones stay valid for a while.
    pub secrets: Vec<Secret>,
    /// When it was first used.
    pub created_at: Timestamp,
}

impl AppName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for AppName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for AppName {
    type Err = AppNameError;

    fn from_str(text: &str) -> Result<Self, AppNameError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let dots = text.bytes().all(|b| b == b'.');
        if text.len() > MAX_LENGTH || dots || !text.bytes().all(fits) {
            return Err(AppNameError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_a_path_are_refused() {
        for good in ["default", "org_42", "a.b-c"] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<AppName>().is_err(), "{bad}");
        }
    }
}
