//! Names that one of all nodes on a store has for a while: of two listeners with one name only one is served.

use std::time::Duration;

/// Who wants a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// What it is known again by, at another node too.
    pub session: String,
    /// Who it is, for others who want the name.
    pub words: String,
}

/// What is wanted of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// To have it, for so long. Its session has it already, perhaps by another node: then that one has it no more.
    Take(Duration),
    /// To have it for longer, as long as no other has it.
    Keep(Duration),
    /// To have it no more.
    Leave,
}
