//! What needs sockets, files or processes, one module a subject.

mod challenges;
mod cli_challenge;
mod cli_schemes;
mod net_client;
mod net_server;
mod schemes;
mod store_contract;
mod store_samples;
mod store_sqlite;
