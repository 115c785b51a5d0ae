//! An app: a tenant, created on first use.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::model::id::AppId;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;

/// The longest name of an app, and the longest uid of anything.
const MAX_LENGTH: usize = 256;

/// What an owner noted about something, name by name.
pub type Metadata = BTreeMap<String, String>;

/// An app's name: `default`, `org_42`. Letters, digits, `_`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(String);

/// The text cannot name an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" cannot name an app: use 1 to 256 letters, digits, '_', '-' or '.'")]
pub struct AppNameError(String);

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its identifier, `app_...`.
    pub id: AppId,
    /// What its events and endpoints belong to. It is chosen when the app is made, mostly as the uid of then, and never
    /// changes.
    pub name: AppName,
    /// The name its owner gave it, unique, and free to change.
    pub uid: Option<String>,
    /// What people call it.
    pub title: String,
    /// What its owner noted.
    pub metadata: Metadata,
    /// At most so many messages a second.
    pub rate_limit: Option<u32>,
    /// Its secrets, the newest first; after a rotation the older ones stay valid for a while.
    pub secrets: Vec<Secret>,
    /// When it was first used.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl App {
    /// An app that is made by using it: its name is its uid and its title too.
    #[must_use]
    pub fn new(id: AppId, name: AppName, at: Timestamp) -> Self {
        let title = name.as_str().to_owned();
        // A uid never looks like an id.
        let uid = Some(title.clone()).filter(|uid| !uid.starts_with(AppId::PREFIX));
        let (metadata, secrets) = (Metadata::new(), Vec::new());
        Self { id, name, uid, title, metadata, rate_limit: None, secrets, created_at: at, updated_at: at }
    }
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

impl From<AppId> for AppName {
    /// The name of an app that has no better one.
    fn from(id: AppId) -> Self {
        Self(id.to_string())
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
        for good in ["default", "org_42", "a.b-c", &"x".repeat(256)] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "a b", "é", &"x".repeat(257)] {
            assert!(bad.parse::<AppName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_app_made_by_using_it_has_its_name_as_uid_unless_that_looks_like_an_id() {
        let id = AppId::from_bytes([1; 20]);
        let named = |name: &str| App::new(id, name.parse().unwrap(), Timestamp::default()).uid;
        assert_eq!(named("org_42"), Some("org_42".to_owned()));
        assert_eq!(named(&id.to_string()), None);
    }
}
