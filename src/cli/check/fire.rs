//! One request to the receiver, and its way through redirects.

use std::time::{Duration, Instant};

use crate::cli::check::veil::Veil;
use crate::cli::shooter::Shot;
use crate::model::{Failure, Headers, Response, Target};
use crate::net::{Client, Outbound, forwarded_headers};

/// A request that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// What is special about it.
    pub(super) what: String,
    /// Whether accepting it is no worse than the provider's own libraries are.
    pub(super) weak: bool,
    /// The request.
    pub(super) sent: Sent,
}

/// A request and where it goes.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    /// The receiver, with path and query of this request.
    pub(super) target: Target,
    pub(super) shot: Shot,
}

/// A request that was sent, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) case: Case,
    pub(super) answer: Result<Response, Failure>,
    /// How many redirects were followed.
    pub(super) hops: usize,
    pub(super) took: Duration,
}

/// So many redirects are followed, more than a provider would, so that the other checks still tell something.
pub(super) const MAX_HOPS: usize = 5;

impl Trial {
    pub(super) fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|response| response.status)
    }

    pub(super) fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends a request within the time given and follows redirects that keep its method and body.
pub(super) async fn fire(client: &Client, veil: &Veil, limit: Option<Duration>, case: Case) -> Trial {
    let began = Instant::now();
    let Sent { method, mut target, shot } = case.sent.clone();
    let mut headers = shot.headers;
    let mut hops = 0;
    let answer = loop {
        let outbound = Outbound {
            target: &target,
            method: &method,
            request_target: target.request_target("", None),
            headers: headers.clone(),
            body: shot.body.clone(),
        };
        let answer = client.exchange(&outbound, limit.map(|limit| limit.saturating_sub(began.elapsed()))).await;
        let Some(next) = answer.as_ref().ok().and_then(|response| onward(response, &target)) else { break answer };
        hops += 1;
        if hops > MAX_HOPS {
            break answer;
        }
        if next.address != target.address {
            headers = headers.without(|name| veil.is_credential(name));
        }
        headers = forwarded_headers(&headers, shot.body.len(), &next, &Headers::new());
        target = next;
    };
    Trial { case, answer, hops, took: began.elapsed() }
}

fn onward(response: &Response, from: &Target) -> Option<Target> {
    let kept = matches!(response.status, 301 | 302 | 307 | 308);
    response.headers.text("location").filter(|_| kept).and_then(|location| from.redirected(location))
}
