//! What a sender is told.

use crate::model::{Attempt, EventId, Failure, Response, Verdict};
use crate::sign::challenge::ChallengeAnswer;

/// What the sender is told.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The event that was made of the request.
    pub event: EventId,
    /// The answer.
    pub reply: Reply,
}

/// The answer to a sender.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The app's own.
    Answered(Response),
    /// The app gave none.
    NoAnswer(Failure),
    /// It is on disk and will be delivered.
    Accepted,
    /// It is on disk, and nobody wants it.
    Recorded,
    /// It is on disk, and its signature is wrong.
    Refused(Verdict),
    /// An answer that whk gives itself.
    Canned(u16),
    /// What the provider waits for.
    Shaken(ChallengeAnswer),
}

impl Reply {
    /// What came of an attempt.
    pub(super) fn of(attempt: &Attempt) -> Self {
        match &attempt.outcome {
            Ok(response) => Self::Answered(response.clone()),
            Err(failure) => Self::NoAnswer(failure.clone()),
        }
    }
}
