//! What `SQLite` says when it fails, in the store's own terms.

use std::path::Path;

use rusqlite::Error;
use rusqlite::ErrorCode;
use rusqlite::types::Type;

use crate::store::error::StoreError;

/// Why a piece of work was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// `SQLite` refused, or a row is not what it should be.
    #[error(transparent)]
    Sql(#[from] Error),
    /// It needs something that is not there.
    #[error("the store has no {0}")]
    Unknown(String),
    /// Another process has kept the right to write for too long.
    #[error("another process is writing to it and does not end")]
    Locked,
    /// The store is closed.
    #[error("it is closed")]
    Closed,
}

impl Fault {
    /// Whether a row is not what was written; the file itself is sound.
    pub(super) const fn is_in_a_row(&self) -> bool {
        matches!(
            self,
            Self::Sql(
                Error::FromSqlConversionFailure(..)
                    | Error::IntegralValueOutOfRange(..)
                    | Error::InvalidColumnType(..)
                    | Error::Utf8Error(..)
            )
        )
    }

    /// The same for callers of the store at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let in_a_row = self.is_in_a_row();
        let why = match self {
            Self::Sql(why) => why,
            Self::Unknown(what) => return StoreError::Unknown(what),
            Self::Locked | Self::Closed => return StoreError::Unavailable(format!("{}: {self}", path.display())),
        };
        let (path, words) = (path.display().to_string(), why.to_string());
        if in_a_row {
            return StoreError::Corrupt { path, why: words };
        }
        match why.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt { path, why: words },
            Some(ErrorCode::DiskFull) => StoreError::Full(format!("{path}: {words}")),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly(format!("{path}: {words}")),
            _ => StoreError::Unavailable(format!("{path}: {words}")),
        }
    }
}

/// What has the name that something else should get. An answer, not a fault: a fault takes a whole transaction back.
#[derive(Debug)]
pub(super) struct Taken(pub(super) String);

impl From<Taken> for StoreError {
    fn from(Taken(what): Taken) -> Self {
        Self::Taken(what)
    }
}

/// A column that holds what was never written there.
pub(super) fn damaged(column: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::FromSqlConversionFailure(column, Type::Null, why.into())
}
