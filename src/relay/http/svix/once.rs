//! The same request twice under one key: the second gets the answer of the first.

use bytes::Bytes;

use crate::model::Headers;
use crate::net::{Answer, Body};
use crate::relay::http::svix::call::Call;
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, dispatch, json};
use crate::relay::http::twins::{self, Key, Turn};
use crate::store::{Record, Recorded};

/// Answers a POST: as before, if its key was seen; an answer that is no success is not kept.
pub(super) async fn once(call: &Call<'_>, path: &[&str]) -> Outcome {
    let Some((key, _turn)) = turn(call).await? else { return dispatch(call, path).await };
    if let Some(record) = call.store().remembered(&key, call.now()).await?
        && let Recorded::Bytes { status, body, .. } = record.answer
    {
        return Ok(json(status, body));
    }
    let answer = dispatch(call, path).await?;
    if let (200..=299, Body::Full(body)) = (answer.status, &answer.body) {
        call.store().remember(record(call, key, kept(&answer, body))).await?;
    }
    Ok(answer)
}

/// The call's key, and the right to answer under it; `None` if it has none.
pub(super) async fn turn(call: &Call<'_>) -> Result<Option<(Key, Turn)>, Refusal> {
    let name = call.request.headers.value("idempotency-key").filter(|name| !name.is_empty());
    let Some(name) = name else { return Ok(None) };
    let key = twins::key(call.token.id, &call.request.target, name);
    let busy = || Refusal::new(503, "under_way", "the first request of this key is still under way");
    Ok(Some((key, call.face.twins.turn(key).await.ok_or_else(busy)?)))
}

/// An answer to be remembered. Whatever the body is the next time, the answer is this one.
pub(super) fn record(call: &Call<'_>, key: Key, answer: Recorded) -> Record {
    Record { key, body: [0; 32], at: call.now(), answer }
}

fn kept(answer: &Answer, body: &Bytes) -> Recorded {
    Recorded::Bytes { status: answer.status, headers: Headers::new(), body: body.clone() }
}
