//! What needs sockets, files or processes, one module a subject.

mod net_client;
mod net_server;
