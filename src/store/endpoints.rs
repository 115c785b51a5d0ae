//! What a store does with endpoints, and what it knows of how they are doing.

use async_trait::async_trait;

use crate::model::{AppName, Disabled, Endpoint, EndpointId, Health, Tally, Timestamp};
use crate::store::{Change, Page, Pager, StoreError};

/// Whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tallied {
    /// One endpoint's.
    Endpoint(EndpointId),
    /// Those of an app's endpoints.
    App(AppName),
    /// Everyone's.
    All,
}

/// What a store does with endpoints.
#[async_trait]
pub trait Endpoints {
    /// Makes an endpoint; [`StoreError::Taken`] if its app has one of its uid.
    async fn create_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError>;

    /// Finds an endpoint of any kind by app and uid, or makes it of `new`.
    async fn ensure_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError>;

    /// One endpoint of any kind.
    async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>, StoreError>;

    /// The registered endpoint of an app that somebody means by this: its id or its uid.
    async fn endpoint_of(&self, app: &AppName, key: &str) -> Result<Option<Endpoint>, StoreError>;

    /// The registered endpoints of an app, in the order they were made.
    async fn endpoints(&self, app: &AppName, pager: Pager<EndpointId>) -> Result<Page<Endpoint>, StoreError>;

    /// Changes an endpoint in one transaction, and gives it back as it is then; `None` if it is not there. Its id, its
    /// app and when it was made stay. [`StoreError::Taken`] if its new uid is.
    ///
    /// One that is enabled starts with a clean slate: its former failures are forgotten.
    async fn change_endpoint(&self, id: EndpointId, change: Change<Endpoint>) -> Result<Option<Endpoint>, StoreError>;

    /// Disables an endpoint, unless it is disabled. Says whether this did it: of two at once only one did.
    async fn disable_endpoint(&self, id: EndpointId, disabled: Disabled) -> Result<bool, StoreError>;

    /// Removes an endpoint. Its uid is free then; what waits for it is given up, at the latest in later steps of
    /// `prune`. Its attempts stay. Says whether it was there.
    async fn delete_endpoint(&self, id: EndpointId) -> Result<bool, StoreError>;

    /// How an endpoint has been doing; `settle` keeps it up to date, and attempts that somebody asked for only count
    /// when they succeed.
    async fn health(&self, id: EndpointId) -> Result<Health, StoreError>;

    /// Counts of the attempts begun between these moments, to the hour. A kill may lose those of the last second.
    async fn tally(&self, of: Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, StoreError>;
}
