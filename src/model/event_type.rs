//! A type of event, as it is registered.

use std::collections::BTreeMap;

use crate::model::time::Timestamp;

/// A type of event: what it is called, what it means, and how its payload looks. Every app shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// Its name, such as `order.created`.
    pub name: String,
    /// What it means.
    pub description: String,
    /// The JSON Schema of the payload as text, by version.
    pub schemas: BTreeMap<String, String>,
    /// Whether it is out of use: not listed, and not to be chosen.
    pub archived: bool,
    /// Whether it should not be chosen any more.
    pub deprecated: bool,
    /// Only portals with one of these flags see it; all do, if there are none.
    pub feature_flags: Vec<String>,
    /// What it is shown under.
    pub group: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl EventType {
    /// One that says nothing but its name.
    #[must_use]
    pub fn new(name: impl Into<String>, at: Timestamp) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            schemas: BTreeMap::new(),
            archived: false,
            deprecated: false,
            feature_flags: Vec::new(),
            group: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// The JSON Schema of its newest version as text; numbers count, `10` comes after `9`.
    #[must_use]
    pub fn newest_schema(&self) -> Option<&str> {
        let newest = self.schemas.iter().max_by_key(|(version, _)| (version.parse::<u64>().ok(), version.as_str()));
        newest.map(|(_, text)| text.as_str())
    }

    /// Whether somebody with these flags sees it.
    #[must_use]
    pub fn is_seen_with(&self, flags: &[String]) -> bool {
        self.feature_flags.is_empty() || self.feature_flags.iter().any(|flag| flags.contains(flag))
    }
}
