//! What can be asked of a relay's store, in our own words.

pub mod address;
pub mod again;
pub mod events;
pub mod openapi;
pub mod rules;
pub mod schemas;
