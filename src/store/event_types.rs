//! What a store does with registered types of event.

use async_trait::async_trait;

use crate::model::EventType;
use crate::store::{Change, Ensured, Page, Pager, StoreError};

/// Which types are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeQuery {
    /// Those out of use too.
    pub archived: bool,
    /// Only those that somebody with these flags sees; all if `None`.
    pub flags: Option<Vec<String>>,
    /// Which page; [`crate::store::Order::Oldest`] is by name.
    pub pager: Pager<String>,
}

/// What a store does with registered types of event.
#[async_trait]
pub trait EventTypes {
    /// Makes a type, or brings one back that is archived. [`StoreError::Taken`] if it is there and in use.
    async fn create_event_type(&self, new: EventType) -> Result<EventType, StoreError>;

    /// Makes a type or replaces all of it but when it was made.
    async fn put_event_type(&self, new: EventType) -> Result<Ensured<EventType>, StoreError>;

    /// One type, archived or not.
    async fn event_type(&self, name: &str) -> Result<Option<EventType>, StoreError>;

    /// Types by name.
    async fn event_types(&self, query: TypeQuery) -> Result<Page<EventType>, StoreError>;

    /// Changes a type in one transaction, and gives it back as it is then; `None` if it is not there. Its name and
    /// when it was made stay.
    async fn change_event_type(&self, name: &str, change: Change<EventType>) -> Result<Option<EventType>, StoreError>;

    /// Removes a type for good; says whether it was there.
    async fn delete_event_type(&self, name: &str) -> Result<bool, StoreError>;
}

impl TypeQuery {
    pub(super) fn admits(&self, one: &EventType) -> bool {
        (self.archived || !one.archived) && self.flags.as_ref().is_none_or(|flags| one.is_seen_with(flags))
    }
}
