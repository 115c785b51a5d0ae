//! What needs sockets, files or processes, one module a subject.

mod schemes;
