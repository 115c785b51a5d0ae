//! What Redis says when it fails, in the store's own terms.

use std::fmt::Display;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::error::StoreError;

/// What is kept is not what was ever written.
#[derive(Debug)]
pub(super) struct Damage(pub(super) String);

/// The damage that a failed reading shows.
pub(super) fn damaged(why: impl Display) -> Damage {
    Damage(why.to_string())
}

impl Damage {
    /// The same for callers of the store at this address.
    pub(super) fn at(self, address: &str) -> StoreError {
        StoreError::Corrupt { path: address.to_owned(), why: self.0 }
    }
}

/// The same for callers of the store at this address.
pub(super) fn refused(why: &RedisError, address: &str) -> StoreError {
    let words = format!("{address}: {why}");
    match why.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::NoPerm) => StoreError::ReadOnly(words),
        ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::CrossSlot) => {
            StoreError::Unavailable(format!("{words}; in a cluster, name the node that has the slot of its prefix"))
        }
        _ if is_full(why) => StoreError::Full(format!("{address}: its memory (maxmemory): {why}")),
        _ => StoreError::Unavailable(words),
    }
}

/// Whether the server is a replica by now.
pub(super) fn is_demoted(why: &RedisError) -> bool {
    matches!(why.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly))
}

/// Whether the same may work in a moment: it is starting, restarting, out of reach, or another takes its place.
pub(super) fn passes(why: &RedisError) -> bool {
    let soon = matches!(
        why.kind(),
        ErrorKind::Server(ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown | ServerErrorKind::TryAgain)
    );
    soon || is_demoted(why) || why.is_io_error() || why.is_timeout() || why.is_connection_dropped()
}

fn is_full(why: &RedisError) -> bool {
    // Within a script the code of the failed command stands in the text.
    why.code() == Some("OOM") || why.to_string().contains("OOM command not allowed")
}
