//! From values to text for people; pure.

pub mod advice;
pub mod events;
pub mod listen;
pub mod sent;
pub mod verdict;
