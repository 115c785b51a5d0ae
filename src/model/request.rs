//! A request as it was received, byte for byte.

use bytes::Bytes;

use crate::model::headers::Headers;
use crate::model::time::Timestamp;

/// A request as it came off the wire; a chunked body is joined, nothing else is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedRequest {
    /// The method as written.
    pub method: String,
    /// The request target as written, path and query.
    pub target: String,
    /// Every header line.
    pub headers: Headers,
    /// The body's bytes.
    pub body: Bytes,
    /// The sender's address.
    pub remote: String,
    /// When its last byte was read.
    pub received_at: Timestamp,
}

impl CapturedRequest {
    /// The target up to the question mark.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// What follows the first question mark, if there is one.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }
}
