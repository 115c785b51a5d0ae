//! What needs sockets, files or processes, one module a subject.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails the test, in the parts that tests share too"
)]

mod cli_config; // settings in layers; streams, errors, colour, help and pipes of every command
mod cli_events; // lists, filters, pages, forms, the catalogue
mod cli_listen; // forwarding byte for byte, and the app's answer back
mod cli_listen_control; // who gets what and when, what is turned away, when it ends, what it catches up with
mod cli_replay; // the recorded bytes again, or signed afresh
mod cli_secret; // the app's own secret, and that nobody else shows it
mod cli_send; // what goes on the wire, what an answer means, forgeries, load
mod cli_sign; // the headers that verify takes
mod cli_verify; // verdicts, reasons, explanations, where delivery and secret come from
mod docs;
mod hostile_app; // an app that misbehaves harms one delivery only
mod journey_crash; // kill -9 loses nothing that was acknowledged
mod journey_delivery; // retries, leases and order in the pipeline, on every store, with a clock by hand
mod net_client;
mod net_server;
mod regression; // bugs that were found once
mod schemes;
mod store_contract;
mod store_samples;
mod store_sqlite;
mod support; // the binary, an app and raw sockets
