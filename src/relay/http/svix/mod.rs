//! The Svix-compatible API, so that its SDKs work unchanged.

use crate::model::CapturedRequest;
use crate::net::Answer;
use crate::relay::http::{Face, problem};

/// Answers a request.
pub(crate) async fn answer(_face: &Face, _request: CapturedRequest) -> Answer {
    problem(404, "not_found", "there is nothing at this path")
}
