//! What to do about an answer or a failure, in at most two lines.

use crate::model::{Failure, FailureKind, Response};

/// Advice on what came of an attempt; none where all is well.
#[must_use]
pub fn on(outcome: &Result<Response, Failure>) -> &'static [&'static str] {
    match outcome {
        Ok(response) => on_status(response.status),
        Err(failure) => on_failure(failure.kind),
    }
}

const fn on_failure(kind: FailureKind) -> &'static [&'static str] {
    match kind {
        FailureKind::Refused => {
            &["is the app running, and on this port?", "the event is kept: whk replay ID once it is up"]
        }
        FailureKind::Timeout => {
            &["the app did not answer in time: answer first and work later, or give it longer with --timeout"]
        }
        FailureKind::Tls => {
            &["TLS failed: http:// for a plain app, --cacert FILE for a private CA, --insecure to skip the check"]
        }
        FailureKind::Dns => &["the name has no address: check it for a typing mistake"],
        FailureKind::Unreachable => &["the address cannot be reached from here: check host, port and network"],
        FailureKind::Closed => &["the app closed the connection before it had answered: look for a crash in its log"],
        FailureKind::Malformed => &["what came back is not HTTP: is this the right port?"],
        FailureKind::Blocked => &["this was not sent"],
        FailureKind::Interrupted => &["whk ended while this was under way: whk replay ID sends it again"],
    }
}

const fn on_status(status: u16) -> &'static [&'static str] {
    match status {
        400 => &[
            "400 is often a signature check on a parsed body: verify the raw bytes",
            "whk verify --id ID --explain looks for the mistake",
        ],
        401 | 403 => &[
            "the handler refused it: compare its secret with `whk secret show`",
            "whk verify --id ID --explain looks for the mistake",
        ],
        404 => &["no such route: the path under the inbox is added to the target's, as in --forward 3000/webhooks"],
        405 => &["the route is there but does not take this method: webhooks are mostly POST"],
        413 => &["the body is larger than the app takes: raise its limit for this route"],
        415 => &["the app does not take this content type: read the raw body instead of a parser's"],
        422 => &["the app read it and did not like the content: its answer says why"],
        500..=599 => &["the app failed: its log has the cause; whk replay ID sends the same bytes again"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_advice_of_at_most_two_lines() {
        for kind in FailureKind::ALL {
            assert!((1..=2).contains(&on_failure(kind).len()), "{}", kind.code());
        }
        for status in 200..600 {
            assert!(on_status(status).len() <= 2);
        }
        assert!(on_status(200).is_empty() && on_status(302).is_empty());
    }
}
