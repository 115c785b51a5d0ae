//! What can be wrong with a request, and how that is said.

use bytes::Bytes;

use crate::model::Headers;
use crate::net::server::{Answer, Body};

/// Why a request is refused before anything looked at what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The status code of the refusal.
    pub status: u16,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: &'static str,
}

impl Fault {
    pub(super) const TLS: Self = Self::malformed("this port speaks plain HTTP, not HTTPS");
    pub(super) const LATE_HEAD: Self = Self::new(408, "request_timeout", "the request's head took too long");
    pub(super) const LATE_BODY: Self = Self::new(408, "request_timeout", "the request's body took too long");
    pub(super) const TOO_LARGE: Self = Self::new(413, "payload_too_large", "the body is larger than is accepted here");
    pub(super) const LONG_TARGET: Self = Self::new(414, "target_too_long", "the request's target is too long");
    pub(super) const LONG_HEAD: Self = Self::new(431, "head_too_large", "the request's head is too large");
    pub(super) const MANY_HEADERS: Self = Self::new(431, "head_too_large", "the request has too many header lines");
    pub(super) const LONG_METHOD: Self = Self::new(501, "not_implemented", "the request's method is too long");
    pub(super) const CODING: Self =
        Self::new(501, "not_implemented", "chunked is the only transfer coding that is understood here");
    pub(super) const METHOD: Self = Self::new(405, "method_not_allowed", "CONNECT and TRACE are not answered here");
    pub(super) const VERSION: Self =
        Self::new(505, "version_not_supported", "only HTTP/1.1 and HTTP/1.0 are spoken here");
    pub(super) const FULL: Self = Self::new(503, "overloaded", "too many large requests are under way: try again");

    pub(super) const fn malformed(detail: &'static str) -> Self {
        Self::new(400, "malformed_request", detail)
    }

    const fn new(status: u16, code: &'static str, detail: &'static str) -> Self {
        Self { status, code, detail }
    }

    /// The refusal as JSON, `{"code": ..., "detail": ...}`.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let extra = match self.status {
            405 => "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n",
            503 => "Retry-After: 1\r\n",
            _ => "",
        };
        let block = Bytes::from(format!("Content-Type: application/json\r\n{extra}"));
        let body = serde_json::json!({ "code": self.code, "detail": self.detail }).to_string();
        Answer {
            status: self.status,
            reason: None,
            headers: Headers::from_block(block).unwrap_or_default(),
            body: Body::Full(Bytes::from(body)),
            close: true,
        }
    }
}
