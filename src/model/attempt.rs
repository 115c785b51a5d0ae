//! An attempt: one try of a delivery, with what came of it.

use std::time::Duration;

use bytes::Bytes;

use crate::model::headers::Headers;
use crate::model::id::{AttemptId, DeliveryId, EndpointId, EventId};
use crate::model::time::Timestamp;

/// One try of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its identifier, `atmpt_...`.
    pub id: AttemptId,
    /// The delivery it belongs to.
    pub delivery: DeliveryId,
    /// The event that was sent.
    pub event: EventId,
    /// The endpoint it was sent to.
    pub endpoint: EndpointId,
    /// The how manieth of its delivery, from 1.
    pub number: u32,
    /// Whether somebody asked for it; it is not part of the schedule.
    pub manual: bool,
    /// The method that was sent.
    pub method: String,
    /// The URL it was sent to, without a password.
    pub url: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The answer, or why there is none.
    pub outcome: Result<Response, Failure>,
    /// When the next attempt is due, if there will be one.
    pub next_attempt_at: Option<Timestamp>,
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code, 200 to 999.
    pub status: u16,
    /// Every header line, as it came.
    pub headers: Headers,
    /// The body's bytes, as far as they were kept.
    pub body: Bytes,
    /// Whether there was more than was kept.
    pub truncated: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The sort of failure.
    pub kind: FailureKind,
    /// What happened, in words.
    pub message: String,
}

/// Sorts of failure; each has its own advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The name has no address.
    Dns,
    /// Nothing listens there.
    Refused,
    /// The address cannot be reached.
    Unreachable,
    /// TLS failed: certificate, name or protocol.
    Tls,
    /// No whole answer within the time.
    Timeout,
    /// The connection was closed or reset before the answer was whole.
    Closed,
    /// What came back is not a valid HTTP answer.
    Malformed,
    /// The address is not allowed.
    Blocked,
    /// It was under way when whk ended.
    Interrupted,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::Tls,
        Self::Timeout,
        Self::Closed,
        Self::Malformed,
        Self::Blocked,
        Self::Interrupted,
    ];

    /// Its code, as scripts see it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Malformed => "malformed",
            Self::Blocked => "blocked",
            Self::Interrupted => "interrupted",
        }
    }
}

/// How much of an answer's body is kept with its attempt.
const KEPT_BODY: usize = 64 << 10;

/// What stands where an answer was removed.
const EXPUNGED: &str = "EXPUNGED";

impl Attempt {
    /// Removes what was answered; its status stays.
    pub fn expunge(&mut self) {
        match &mut self.outcome {
            Ok(response) => {
                response.headers = Headers::new();
                response.body = Bytes::from_static(EXPUNGED.as_bytes());
                response.truncated = false;
            }
            Err(failure) => EXPUNGED.clone_into(&mut failure.message),
        }
    }

    /// The attempt as it is kept: a long answer is cut.
    #[must_use]
    pub fn kept(mut self) -> Self {
        if let Ok(response) = &mut self.outcome
            && response.body.len() > KEPT_BODY
        {
            // A copy, so that the rest of a large buffer is not held on to.
            response.body = Bytes::copy_from_slice(response.body.get(..KEPT_BODY).unwrap_or_default());
            response.truncated = true;
        }
        self
    }

    /// The status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(|response| response.status)
    }

    /// Whether the endpoint took it: 2xx.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }
}
