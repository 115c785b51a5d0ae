//! Why a store did not do what was asked.

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is not one that whk knows.
    #[error("\"{0}\" is no store: use memory:, sqlite:PATH or redis://HOST")]
    Address(String),
    /// What is kept there can have no replica.
    #[error("the store {0} can have no replica, as --durability replicated wants")]
    Alone(String),
    /// It cannot be opened or created there.
    #[error("cannot open the store {path}: {why}")]
    Open {
        /// Where it is.
        path: String,
        /// What is in the way.
        why: String,
    },
    /// There is none, and it was not to be made.
    #[error("there is no store at {0}")]
    Missing(String),
    /// A newer whk wrote it.
    #[error("the store {path} has schema {found}, written by a newer whk; this one knows up to {known}")]
    Newer {
        /// Where it is.
        path: String,
        /// Its schema's number.
        found: u32,
        /// The newest number this program knows.
        known: u32,
    },
    /// It is not a store, or it is damaged.
    #[error("the store {path} is damaged or not a whk store: {why}")]
    Corrupt {
        /// Where it is.
        path: String,
        /// What was found.
        why: String,
    },
    /// What was asked for needs something that the store does not have.
    #[error("the store has no {0}")]
    Unknown(String),
    /// Something else has the name that it should get.
    #[error("the store already has {0}")]
    Taken(String),
    /// An answer is kept under the key of what was to be made.
    #[error("the request was answered before")]
    Answered,
    /// No room left on the disk.
    #[error("the disk is full: {0}")]
    Full(String),
    /// It cannot be written.
    #[error("the store cannot be written: {0}")]
    ReadOnly(String),
    /// It was written, and no replica has it as yet.
    #[error("the store is not available: {0}")]
    Unreplicated(String),
    /// It did not work this time and may the next.
    #[error("the store is not available: {0}")]
    Unavailable(String),
}
