//! `whk`: receive, verify, record, replay and send webhooks.
//!
//! The library behind the command; its API is not promised to anybody but the binary and the tests. The map,
//! from the ground up (a module uses only what stands above it here):
//!
//! - [`model`]: the nouns
//! - [`clock`], and the pure engines
//! - the outside world
//!
//! `ARCHITECTURE.md` has the rules; `tests/tidy.rs` checks them.

pub mod api;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod model;
pub mod net;
pub mod platform;
pub mod policy;
pub mod relay;
pub mod sign;
pub mod store;
pub mod view;
