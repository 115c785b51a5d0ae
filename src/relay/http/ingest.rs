//! The inbox: `ANY /in/<app>/<any path>`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use crate::model::{AppName, CapturedRequest, FailureKind, Response};
use crate::net::{Answer, Body, returned_headers};
use crate::relay::http::{guarded, json_answer, problem};
use crate::relay::pipeline::Pipeline;
use crate::relay::reply::{Receipt, Reply};
use crate::store::StoreError;

const PREFIX: &str = "/in/";

/// Whether the target is under the inbox.
pub(crate) fn is_inbox(target: &str) -> bool {
    target.starts_with(PREFIX)
}

/// The app that the target names.
pub(crate) fn app_of(target: &str) -> Result<AppName, Answer> {
    let rest = target.strip_prefix(PREFIX).unwrap_or_default();
    let name = rest.split(['/', '?']).next().unwrap_or_default();
    name.parse().map_err(|_| problem(404, "not_found", "the inbox is /in/<app>/<any path>; this names no app"))
}

/// Takes a request in and words the answer.
pub(crate) async fn take(pipeline: &Arc<Pipeline>, request: CapturedRequest) -> Answer {
    let app = match app_of(&request.target) {
        Ok(app) => app,
        Err(answer) => return answer,
    };
    if let Err(wait) = pipeline.quota.take(&app, pipeline.clock.instant()) {
        return too_many(&app, wait);
    }
    match pipeline.ingest(app, request).await {
        Ok(receipt) => answer_of(receipt),
        Err(why) => unkept(&why),
    }
}

/// The answer to a sender.
pub(crate) fn answer_of(receipt: Receipt) -> Answer {
    let id = receipt.event.to_string();
    let kept = |status: u16, word: &str| json_answer(status, &json!({"id": id, "status": word}));
    match receipt.reply {
        Reply::Answered(response) => passed_back(response),
        Reply::NoAnswer(failure) => {
            let (status, code) = match failure.kind {
                FailureKind::Timeout => (504, "app_timeout"),
                _ => (502, "app_unreachable"),
            };
            let detail = format!("{}; the event is kept: whk replay {id}", failure.message);
            json_answer(status, &json!({"code": code, "event_id": id, "detail": detail}))
        }
        Reply::Accepted => kept(202, "accepted"),
        Reply::Recorded => kept(200, "recorded"),
        Reply::Canned(status) => kept(status, "recorded"),
        Reply::Shaken(answer) => Answer {
            status: answer.status,
            headers: guarded().overlaid(&answer.headers),
            body: Body::Full(answer.body),
            ..Answer::default()
        },
        Reply::Refused(verdict) => {
            let reason = verdict.reason.unwrap_or_default();
            let detail = format!("the {} signature is not valid: {reason}", verdict.scheme);
            json_answer(401, &json!({"code": "invalid_signature", "event_id": id, "detail": detail}))
        }
    }
}

fn passed_back(response: Response) -> Answer {
    Answer {
        status: response.status,
        headers: returned_headers(&response.headers),
        body: Body::Full(response.body),
        ..Answer::default()
    }
}

/// The app has had its share.
pub(crate) fn too_many(app: &AppName, wait: Duration) -> Answer {
    let mut answer = problem(429, "rate_limited", &format!("{app} sends more events than it may (--app-rate)"));
    let seconds = wait.as_millis().div_ceil(1000).max(1).to_string();
    drop(answer.headers.push("retry-after", seconds));
    answer
}

/// The store could not keep it, so nothing may look like success.
fn unkept(why: &StoreError) -> Answer {
    let code = if matches!(why, StoreError::Full(_)) { "storage_full" } else { "storage_unavailable" };
    let mut answer = problem(503, code, &why.to_string());
    drop(answer.headers.push("retry-after", Bytes::from_static(b"5")));
    answer
}
