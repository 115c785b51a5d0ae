//! What needs sockets, files or processes, one module a subject.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails the test, in the parts that tests share too"
)]

mod challenges; // what a provider asks before it sends
mod cli_challenge; // handshakes answered by listen and asked by send
mod cli_challenge_pairs; // send --challenge against listen, for every provider that asks
mod cli_check; // receivers with one flaw each, told apart by whk check
mod cli_check_challenge; // the provider's handshake, asked by whk check
mod cli_check_libraries; // receivers in Python and JavaScript, with official libraries
mod cli_completions; // what a shell may complete
mod cli_config; // settings in layers; streams, errors, colour, help and pipes of every command
mod cli_diff; // two events or attempts beside each other
mod cli_doctor; // what is broken, and how to mend it
mod cli_endpoints; // what is registered at a relay, looked at and changed
mod cli_events; // lists, filters, pages, forms, the catalogue
mod cli_expect; // met, contradicted, or waited too long
mod cli_export; // every form of events, there and back
mod cli_forge; // what send makes and forges, judged by verify, for every scheme
mod cli_listen; // forwarding byte for byte, and the app's answer back
mod cli_listen_control; // who gets what and when, what is turned away, when it ends, what it catches up with
mod cli_listen_tui; // the full-screen view, in a terminal of tmux
mod cli_move; // from one platform to another: export, apply, compare; and the portal
mod cli_prompt; // what is asked on a terminal, and ^C at each question
mod cli_register; // endpoints made once, brought up to date after
mod cli_register_refused; // what platforms refuse, lines that break, runs that are killed
mod cli_replay; // the recorded bytes again, or signed afresh
mod cli_schemes; // schemes of one's own, and drafts of them
mod cli_secret; // the app's own secret, and that nobody else shows it
mod cli_send; // what goes on the wire, what an answer means, forgeries, load
mod cli_sign; // the headers that verify takes
mod cli_tail; // events as they come, over a relay's restart
mod cli_verify; // verdicts, reasons, explanations, where delivery and secret come from
mod docs; // what is written down agrees with the program
mod docs_schemes; // the table of every provider
mod fuzz; // mutations of what each parser is meant for
mod hostile_app; // an app that misbehaves harms one delivery only
mod inspector; // the page and the portal in a real browser
mod journey_crash; // kill -9 loses nothing that was acknowledged
mod journey_delivery; // retries, leases and order in the pipeline, on every store, with a clock by hand
mod net_client; // requests out, answers in, over real sockets
mod net_server; // requests in, limits and deadlines, over real sockets
mod platforms; // every platform's admin API, as its documents show it
mod promises_delivery; // what is promised about deliveries, counted
mod promises_process; // and about a relay as a process
mod regression; // bugs that were found once
mod relay_access; // every operation with wrong tokens and foreign ids; where tokens are kept
mod relay_admin; // the admin API: endpoints, their secrets, who may do what
mod relay_checks;
mod relay_closed; // an inbox that takes only what is rightly signed
mod relay_delivery; // events on their way to registered endpoints, on every store, with a clock by hand
mod relay_events; // the events API: lists, pages, attempts, once more
mod relay_extras; // test events, types, portal, pages, metrics, and what came before
mod relay_failover; // a Redis whose place is taken by its replica; two that both think they are it
mod relay_faults; // a Redis that is cut off, slow, full or emptied
mod relay_guard; // places that are never called, however they are spelt
mod relay_limits; // how large things may be
mod relay_look; // what a page reads: rows, what changes, verdicts, figures; replays that are changed; dead letters
mod relay_nodes; // several relays on one Redis, killed and cut off
mod relay_rebinding; // names that lead to inner places, or do so the second time
mod relay_stream; // the stream of events, from wherever somebody left off
mod relay_svix; // the Svix-compatible API: what its SDKs stumble over
mod relay_svix_sdks; // those SDKs themselves, unchanged
mod schemes; // every scheme file's vectors, and forgeries of each
mod sources; // streams, channels and Redis Streams that events come from
mod store_contract; // a story and random verbs on every store
mod store_platform; // apps, endpoints, types, tokens, messages and attempts, on every store
mod store_platform_model; // random verbs of the platform on every store
mod store_redis; // what only a shared server can get wrong
mod store_samples; // what the store tests keep
mod store_sqlite; // what only a file can get wrong
mod support; // the binary, an app and raw sockets
mod tunnel; // listeners elsewhere, over connections that break
mod tunnel_hostile; // listeners that talk nonsense
