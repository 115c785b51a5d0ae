//! The shapes that people and scripts see: NDJSON lines, and a request as curl, HTTP, JSON or HAR.

mod curl;
mod har;
mod http;
pub mod lines;
mod read;
mod safe;

pub use curl::as_curl;
pub use har::as_har;
pub use http::Message;
pub use http::as_http;
pub use lines::AttemptLine;
pub use lines::EventLine;
pub use lines::RequestLine;
pub use lines::line;
pub use lines::pairs;
pub use read::ViewError;
pub use read::{Shown, event_from_json, shown_from_json};
pub use safe::safe;
pub use safe::safe_block;
