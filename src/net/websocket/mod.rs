//! WebSocket (RFC 6455), both sides: what keeps one connection open for many messages in each direction.
//!
//! Written here because the connection comes from our own HTTP in both roles, and a message is at most one copy away
//! from the body that it carries.

mod frame;
mod handshake;
mod reader;
mod writer;

use bytes::Bytes;

pub use handshake::{Key, accept};
pub use reader::Reader;
pub use writer::Writer;

/// Which side of the connection this is. What a client sends is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The side that asked.
    Client,
    /// The side that answered.
    Server,
}

/// A whole message, or a word between the ends of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text, which is UTF-8.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// Are you there?
    Ping(Bytes),
    /// I am.
    Pong(Bytes),
    /// The end, with a code and a reason.
    Close(u16, String),
}

/// Why no more messages come.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The connection ended without a word.
    #[error("the connection was closed")]
    Ended,
    /// The network failed.
    #[error("the connection was lost: {0}")]
    Io(#[from] std::io::Error),
    /// The other side broke the rules.
    #[error("what came is no WebSocket: {0}")]
    Malformed(&'static str),
    /// A message is larger than the most that is taken.
    #[error("a message is larger than {0} bytes")]
    TooLarge(usize),
}

impl Broken {
    /// The code to close with.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Ended | Self::Io(_) => 1006,
            Self::Malformed(_) => 1002,
            Self::TooLarge(_) => 1009,
        }
    }
}
