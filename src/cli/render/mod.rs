//! From values to text for people; pure.

pub mod advice;
pub mod check;
pub mod diff;
pub mod endpoints;
pub mod events;
pub mod listen;
pub mod sent;
pub mod verdict;

/// Adds to a text; a `String` takes everything.
fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    _ = std::fmt::Write::write_fmt(text, more);
}
