//! What a store does with apps.

use async_trait::async_trait;

use crate::model::{App, AppId};
use crate::store::{Change, Ensured, Page, Pager, StoreError};

/// What a store does with apps.
#[async_trait]
pub trait Apps {
    /// Makes an app; [`StoreError::Taken`] if its uid is.
    ///
    /// If its name is taken by an app whose uid has changed since, it is called by its id.
    async fn create_app(&self, new: App) -> Result<App, StoreError>;

    /// Finds the app that is called like `new`, by uid and then by name, or makes it. Two at once get the same one.
    async fn ensure_app(&self, new: App) -> Result<Ensured<App>, StoreError>;

    /// The app that somebody means by this: its id, its uid, or else its name.
    async fn app(&self, key: &str) -> Result<Option<App>, StoreError>;

    /// Apps in the order they were made.
    async fn apps(&self, pager: Pager<AppId>) -> Result<Page<App>, StoreError>;

    /// Changes an app in one transaction, and gives it back as it is then; `None` if it is not there. Its id, its name
    /// and when it was made stay. [`StoreError::Taken`] if its new uid is.
    async fn change_app(&self, id: AppId, change: Change<App>) -> Result<Option<App>, StoreError>;

    /// Removes an app, its endpoints and tokens at once; its events go too, at the latest in later steps of `prune`.
    /// Its uid is free then. Says whether it was there.
    async fn delete_app(&self, id: AppId) -> Result<bool, StoreError>;
}
