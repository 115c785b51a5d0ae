//! What other platforms made a custom of, where whk speaks their language: names, limits, spellings.

pub mod svix;
