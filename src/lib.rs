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

pub mod clock;
pub mod model;
pub mod sign;
pub mod store;
