//! What is worth a line in the log: who changed what, and who read a secret.

use std::sync::Arc;

use crate::model::{CapturedRequest, Token};
use crate::net::Answer;
use crate::relay::http::Face;
use crate::relay::notice::Notice;

/// A request that is told of if it succeeds.
pub(super) struct Deed {
    token: Arc<Token>,
    method: String,
    path: String,
    remote: String,
}

impl Deed {
    /// The deed that a request is, if it is one that matters and comes with a token.
    pub(super) async fn of(face: &Face, request: &CapturedRequest) -> Option<Self> {
        if !matters(&request.method, request.path()) {
            return None;
        }
        // Without its token it is refused, and is no deed.
        let token = face.doors.token(request).await.ok().flatten()?;
        let (method, path, remote) = (request.method.clone(), request.path().to_owned(), request.remote.clone());
        Some(Self { token, method, path, remote })
    }

    /// Tells of it, if it was done.
    pub(super) fn tell(self, face: &Face, answer: &Answer) {
        if (200..300).contains(&answer.status) {
            let Self { token, method, path, remote } = self;
            let (at, status) = (face.pipeline.clock.now(), answer.status);
            face.pipeline.tell(Notice::Audited { at, token, method, path, remote, status });
        }
    }
}

/// Whether this changes more than the log of events, or looks at a secret. Events speak for themselves.
fn matters(method: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    match method {
        "GET" | "HEAD" | "OPTIONS" => path.ends_with("/secret"),
        "POST" => !path.ends_with("/msg") && !path.ends_with("/webhooks/test") && !path.starts_with("/smee/"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_looks_at_secrets_matter_and_events_do_not() {
        for (method, path) in [
            ("POST", "/api/v1/admin/webhooks"),
            ("DELETE", "/api/v1/admin/webhooks/ep_1"),
            ("GET", "/api/v1/app/a/endpoint/ep_1/secret/"),
            ("POST", "/api/v1/webhooks/portal"),
        ] {
            assert!(matters(method, path), "{method} {path}");
        }
        for (method, path) in
            [("GET", "/api/v1/admin/webhooks"), ("POST", "/api/v1/app/a/msg/"), ("POST", "/smee/x"), ("GET", "/")]
        {
            assert!(!matters(method, path), "{method} {path}");
        }
    }
}
