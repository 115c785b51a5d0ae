//! Sockets and HTTP/1.1: requests come in and go out byte for byte.
//!
//! Both sides are written here, on `tokio` alone, because a webhook's signature and its reader's habits hang on bytes
//! that a general library is free to change: the case, the order and the repeats of header lines.

mod chunked;
pub mod client;
pub mod events;
mod forward;
pub mod guard;
mod names;
pub mod server;
mod tls;
pub mod websocket;

pub use client::{Client, ClientError, ClientOptions, Incoming, Outbound, Switched, Switching};
pub use forward::{forwarded_headers, made_headers, returned_headers};
pub use guard::Guard;
pub use names::Names;
pub use server::{Answer, Body, Duplex, Fault, Handler, Head, Limits, Listener, Upgrade, Upgraded, serve};
pub use tls::ServerTls;

/// A read buffer's size: enough for nearly every head with its body, small enough for ten thousand idle connections.
const READ_SIZE: usize = 8 * 1024;

/// With less room than this in a read buffer, a request would often need a second read.
const READ_ROOM: usize = 4 * 1024;

/// A body up to this size is copied behind its head, so that both leave in one write.
const COALESCED: usize = 4 * 1024;

/// How much room to have for a body of `length` bytes of which `have` came.
///
/// A claimed length costs its sender at least an eighth of it, and a whole body is moved at most twice.
const fn body_room(have: usize, length: usize) -> usize {
    let room = have.saturating_mul(8);
    let room = if room < FIRST_ROOM { FIRST_ROOM } else { room };
    if room < length { room } else { length }
}

/// The room that a body gets on its length's word alone.
const FIRST_ROOM: usize = 128 * 1024;
