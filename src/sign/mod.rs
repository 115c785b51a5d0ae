//! Signatures: who sent a request and whether it was changed on its way, for every provider alike.
//!
//! A provider is a file in `schemes/`; [`scheme`] says what can stand in it. [`sign()`] and [`verify()`] are the two ends,
//! [`explain()`] finds out why they do not meet, [`forge`] makes what must be refused. [`shake()`] answers what a provider
//! asks before it sends.

pub mod algorithm;
pub mod chain;
pub mod challenge;
mod composing;
mod condition;
mod der;
mod draft;
pub mod each;
pub mod encoding;
mod envelope;
pub mod exchange;
pub mod explain;
mod filter;
pub mod forge;
pub mod form;
pub mod glob;
pub mod handshake;
pub mod header;
mod hosted;
mod identify;
pub mod json;
mod jwk;
pub mod jwt;
pub mod key;
mod known;
mod layout;
mod letters;
mod modpow;
pub mod place;
pub mod playing;
mod presets;
pub mod private;
pub mod public;
mod reading;
mod ready;
pub mod scheme;
mod seek;
mod signing;
mod sketch;
mod splice;
pub mod stamp;
mod swift;
pub mod template;
pub mod vector;
mod verifying;
mod when;

pub use composing::{Signed, compose};
pub use draft::draft;
pub use envelope::wrap;
pub use explain::{Hint, explain};
pub use handshake::{Handshake, Shaken, handshake, handshake_text, handshakes, shake};
pub use hosted::{forget_keys, hosted_key, learn_key};
pub use identify::{Identity, identify};
pub use known::Known;
pub use presets::{detect, nearest, preset, preset_names, preset_text, preset_titles};
pub use scheme::{Scheme, SchemeError};
pub use signing::{Outgoing, SignError, new_secret, own_headers, sign};
pub use sketch::Sketch;
pub use verifying::{Checks, Reason, Rejection, Tolerance, Verified, verify};

/// What a scheme needs beside the secret, by name: a key id, a webhook id.
pub type Params = std::collections::BTreeMap<String, String>;
