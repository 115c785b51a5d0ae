//! What can be asked of a relay's store, in our own words.

pub mod events;
