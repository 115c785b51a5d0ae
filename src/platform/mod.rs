//! What other platforms made a custom of: names, limits, spellings where whk speaks their language, and their admin APIs.

pub mod admin;
pub mod svix;
