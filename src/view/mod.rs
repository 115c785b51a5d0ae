//! The shapes that people and scripts see: NDJSON lines, and a request as curl, HTTP, JSON or HAR.

mod cassette;
pub mod compare;
mod curl;
mod har;
mod http;
mod http_file;
pub mod lines;
mod pretty;
mod read;
mod safe;
mod scrub;

pub use cassette::{as_cassette, cassette_name};
pub use curl::as_curl;
pub use har::{as_har, entries_of_har, har_entry, har_frame};
pub use http::Message;
pub use http::as_http;
pub use http_file::{as_http_file, entries_of_http_file};
pub use lines::AttemptLine;
pub use lines::EventLine;
pub use lines::RequestLine;
pub use lines::line;
pub use lines::pairs;
pub use pretty::pretty;
pub use read::ViewError;
pub use read::{Shown, event_from_json, shown_from_json};
pub use safe::safe;
pub use safe::safe_block;
pub use scrub::scrubbed;
