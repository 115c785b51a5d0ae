//! The moves that must happen whole: Lua, loaded into Redis by the hash of its text, so that nodes of two versions do
//! not disturb each other, and a Redis that was emptied gets it again by itself.

use std::sync::LazyLock;

use redis::Script;

macro_rules! script {
    ($(#[$doc:meta])* $name:ident, $file:literal) => {
        $(#[$doc])*
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("base.lua"), include_str!($file))));
    };
}

script!(
    /// Keeps an event with its deliveries.
    APPEND, "append.lua"
);
script!(
    /// Makes deliveries, or asks for attempts, of events that are kept.
    ENQUEUE, "enqueue.lua"
);
script!(
    /// Takes up what is due.
    LEASE, "lease.lua"
);
script!(
    /// Extends, releases or skips what is held.
    MOVE, "move.lua"
);
script!(
    /// Makes due what waits for an endpoint to be switched on.
    UNPARK, "unpark.lua"
);
script!(
    /// Keeps an attempt and what comes of it.
    SETTLE, "settle.lua"
);
script!(
    /// Takes up one delivery whatever its state.
    REOPEN, "reopen.lua"
);
script!(
    /// Lists endpoints with something to do.
    BUSY, "busy.lua"
);
script!(
    /// Walks the log or an index.
    FIND, "find.lua"
);
script!(
    /// Removes events.
    REMOVE, "remove.lua"
);
script!(
    /// Gives up what waits for an endpoint that is gone.
    LEAVE, "leave.lua"
);
script!(
    /// Writes something if what it was made of is still so.
    COMMIT, "commit.lua"
);
script!(
    /// Goes on far ahead in the log after a failover.
    LEAP, "leap.lua"
);
script!(
    /// Takes, keeps or leaves a name.
    CLAIM, "claim.lua"
);
script!(
    /// Takes, keeps or leaves a part in a group of listeners.
    SHARE, "share.lua"
);
