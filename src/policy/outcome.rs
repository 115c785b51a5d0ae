//! What an attempt's answer means for its delivery.

use crate::model::Failure;
use crate::model::Response;

/// What an answer, or the lack of one, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The endpoint took it: 2xx.
    Delivered,
    /// It did not take it this time.
    Failed,
    /// 410: the endpoint is gone for good and asks never to be called again.
    Gone,
}

impl Meaning {
    /// The meaning of an attempt's outcome.
    ///
    /// Only 2xx is a success and only 410 is final, as Standard Webhooks has it. Everything else is tried again on
    /// the schedule: a 401 or a 404 is as often a deployment under way as it is an answer, and a redirect that was
    /// not followed is one too.
    #[must_use]
    pub fn of(outcome: &Result<Response, Failure>) -> Self {
        outcome.as_ref().map_or(Self::Failed, |response| Self::of_status(response.status))
    }

    /// The meaning of a status code.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Delivered,
            410 => Self::Gone,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn every_status_has_exactly_one_meaning() {
        for status in 100..=999 {
            let meant = match status {
                200..300 => Meaning::Delivered,
                410 => Meaning::Gone,
                _ => Meaning::Failed,
            };
            assert_eq!(Meaning::of_status(status), meant, "{status}");
        }
    }

    #[test]
    fn no_answer_is_a_failure_of_any_kind() {
        for kind in FailureKind::ALL {
            assert_eq!(Meaning::of(&Err(Failure { kind, message: String::new() })), Meaning::Failed);
        }
    }
}
