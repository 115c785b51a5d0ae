//! Keys of lists, as statements compare them.

use crate::store::page::Walk;

/// Less than every id.
const LEAST: &[u8] = &[];
/// Greater than every id.
const GREATEST: &[u8] = &[0xff; 21];

/// The id to go past.
pub(super) fn of<K>(walk: &Walk<K>, bytes: impl Fn(&K) -> &[u8; 20]) -> Vec<u8> {
    match &walk.beyond {
        Some(id) => bytes(id).to_vec(),
        None if walk.ascending => LEAST.to_vec(),
        None => GREATEST.to_vec(),
    }
}

/// The name to go past.
pub(super) fn named(walk: &Walk<String>) -> &str {
    match &walk.beyond {
        Some(name) => name,
        None if walk.ascending => "",
        None => "\u{10ffff}",
    }
}

/// How many rows to ask for.
pub(super) fn enough<K>(walk: &Walk<K>) -> i64 {
    i64::try_from(walk.enough()).unwrap_or(i64::MAX)
}
