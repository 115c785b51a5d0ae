//! One request to the receiver, and its way through redirects.

use std::time::{Duration, Instant};

use crate::cli::check::bench::{Bench, Case};
use crate::cli::shooter::Shot;
use crate::model::{Failure, Headers, Response, Target};
use crate::net::{Client, Outbound, forwarded_headers};

/// A request that was sent, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) what: String,
    /// Whether accepting it is no worse than the provider's own libraries are.
    pub(super) weak: bool,
    pub(super) shot: Shot,
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

/// Sends a request and follows redirects that keep its method and body.
pub(super) async fn fire(client: &Client, bench: &Bench, case: Case) -> Trial {
    let began = Instant::now();
    let limit = bench.base.timeout;
    let mut target = bench.base.target.clone();
    let mut headers = case.shot.headers.clone();
    let mut hops = 0;
    let answer = loop {
        let outbound = Outbound {
            target: &target,
            method: "POST",
            request_target: target.request_target("", None),
            headers: headers.clone(),
            body: case.shot.body.clone(),
        };
        let answer = client.exchange(&outbound, limit.map(|limit| limit.saturating_sub(began.elapsed()))).await;
        let Some(next) = answer.as_ref().ok().and_then(|response| onward(response, &target)) else { break answer };
        hops += 1;
        if hops > MAX_HOPS {
            break answer;
        }
        if next.address != target.address {
            headers = headers.without(|name| bench.is_credential(name));
        }
        headers = forwarded_headers(&headers, case.shot.body.len(), &next, &Headers::new());
        target = next;
    };
    Trial { what: case.what, weak: case.weak, shot: case.shot, answer, hops, took: began.elapsed() }
}

fn onward(response: &Response, from: &Target) -> Option<Target> {
    let kept = matches!(response.status, 301 | 302 | 307 | 308);
    response.headers.text("location").filter(|_| kept).and_then(|location| from.redirected(location))
}
