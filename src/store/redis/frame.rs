//! Requests and attempts as bytes: a head in JSON, then the header lines and the body as they are.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::{
    Attempt, AttemptId, CapturedRequest, Event, EventId, Failure, FailureKind, Headers, Marks, Response, Timestamp,
    Verdict,
};
use crate::store::redis::fault::{Damage, damaged};

#[derive(Serialize, Deserialize)]
struct EventHead<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    app: Cow<'a, str>,
    #[serde(rename = "type")]
    event_type: Cow<'a, str>,
    method: Cow<'a, str>,
    target: Cow<'a, str>,
    remote: Cow<'a, str>,
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictHead<'a>>,
}

#[derive(Serialize, Deserialize)]
struct VerdictHead<'a> {
    ok: bool,
    #[serde(borrow)]
    scheme: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
}

/// What the maker of a message said, apart from the rest since it changes.
#[derive(Default, Serialize, Deserialize)]
struct MarksText {
    uid: Option<String>,
    channels: Vec<String>,
    tags: Vec<String>,
    payload_until: Option<i64>,
    expunged: bool,
}

#[derive(Serialize, Deserialize)]
struct AttemptHead<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    delivery: Cow<'a, str>,
    event: Cow<'a, str>,
    endpoint: Cow<'a, str>,
    number: u32,
    manual: bool,
    method: Cow<'a, str>,
    url: Cow<'a, str>,
    at: i64,
    micros: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default)]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<(Cow<'a, str>, Cow<'a, str>)>,
}

/// An event, its marks aside.
pub(super) fn of_event(event: &Event) -> Result<Vec<u8>, Damage> {
    let request = &event.request;
    let verdict = event.verdict.as_ref().map(|verdict| VerdictHead {
        ok: verdict.ok,
        scheme: Cow::Borrowed(&verdict.scheme),
        reason: verdict.reason.as_deref().map(Cow::Borrowed),
    });
    let head = EventHead {
        id: event.id.to_string().into(),
        app: Cow::Borrowed(event.app.as_str()),
        event_type: Cow::Borrowed(&event.event_type),
        method: Cow::Borrowed(&request.method),
        target: Cow::Borrowed(&request.target),
        remote: Cow::Borrowed(&request.remote),
        at: request.received_at.millis(),
        verdict,
    };
    pack(&head, request.headers.block(), &request.body)
}

/// An event, of its bytes and its marks.
pub(super) fn event(bytes: Vec<u8>, marks: Option<&[u8]>) -> Result<Event, Damage> {
    let (head, headers, body) = unpack(bytes)?;
    let head: EventHead<'_> = json(&head)?;
    let verdict = head.verdict.map(|verdict| Verdict {
        ok: verdict.ok,
        scheme: verdict.scheme.into_owned(),
        reason: verdict.reason.map(Cow::into_owned),
    });
    let request = CapturedRequest {
        method: head.method.into_owned(),
        target: head.target.into_owned(),
        headers,
        body,
        remote: head.remote.into_owned(),
        received_at: Timestamp::from_millis(head.at),
    };
    let id: EventId = head.id.parse().map_err(damaged)?;
    let app = head.app.parse().map_err(damaged)?;
    let marks = marks.map_or_else(|| Ok(Marks::default()), self::marks)?;
    Ok(Event { id, app, event_type: head.event_type.into_owned(), verdict, request, marks })
}

/// The marks of an event, if it has any.
pub(super) fn of_marks(marks: &Marks) -> Result<Option<String>, Damage> {
    if *marks == Marks::default() {
        return Ok(None);
    }
    let text = MarksText {
        uid: marks.uid.clone(),
        channels: marks.channels.clone(),
        tags: marks.tags.clone(),
        payload_until: marks.payload_until.map(Timestamp::millis),
        expunged: marks.expunged,
    };
    serde_json::to_string(&text).map(Some).map_err(damaged)
}

/// Marks of their text.
pub(super) fn marks(text: &[u8]) -> Result<Marks, Damage> {
    let MarksText { uid, channels, tags, payload_until, expunged } = json(text)?;
    Ok(Marks { uid, channels, tags, payload_until: payload_until.map(Timestamp::from_millis), expunged })
}

/// An attempt.
pub(super) fn of_attempt(attempt: &Attempt) -> Result<Vec<u8>, Damage> {
    let (answer, failure) = (attempt.outcome.as_ref().ok(), attempt.outcome.as_ref().err());
    let head = AttemptHead {
        id: attempt.id.to_string().into(),
        delivery: attempt.delivery.to_string().into(),
        event: attempt.event.to_string().into(),
        endpoint: attempt.endpoint.to_string().into(),
        number: attempt.number,
        manual: attempt.manual,
        method: Cow::Borrowed(&attempt.method),
        url: Cow::Borrowed(&attempt.url),
        at: attempt.started_at.millis(),
        micros: u64::try_from(attempt.duration.as_micros()).unwrap_or(u64::MAX),
        next: attempt.next_attempt_at.map(Timestamp::millis),
        status: answer.map(|answer| answer.status),
        truncated: answer.is_some_and(|answer| answer.truncated),
        error: failure.map(|failure| (Cow::Borrowed(failure.kind.code()), Cow::Borrowed(failure.message.as_str()))),
    };
    let headers = answer.map(|answer| answer.headers.block().clone()).unwrap_or_default();
    pack(&head, &headers, answer.map_or(&[][..], |answer| &answer.body))
}

/// An attempt, of its bytes.
pub(super) fn attempt(bytes: Vec<u8>) -> Result<Attempt, Damage> {
    let (head, headers, body) = unpack(bytes)?;
    let head: AttemptHead<'_> = json(&head)?;
    let outcome = match (head.status, head.error) {
        (Some(status), _) => Ok(Response { status, headers, body, truncated: head.truncated }),
        (None, Some((code, message))) => {
            let kind = FailureKind::ALL.into_iter().find(|kind| kind.code() == code);
            let kind = kind.ok_or_else(|| Damage(format!("unknown failure \"{code}\"")))?;
            Err(Failure { kind, message: message.into_owned() })
        }
        (None, None) => return Err(Damage("an attempt without an outcome".to_owned())),
    };
    let id: AttemptId = head.id.parse().map_err(damaged)?;
    Ok(Attempt {
        id,
        delivery: head.delivery.parse().map_err(damaged)?,
        event: head.event.parse().map_err(damaged)?,
        endpoint: head.endpoint.parse().map_err(damaged)?,
        number: head.number,
        manual: head.manual,
        method: head.method.into_owned(),
        url: head.url.into_owned(),
        started_at: Timestamp::from_millis(head.at),
        duration: Duration::from_micros(head.micros),
        outcome,
        next_attempt_at: head.next.map(Timestamp::from_millis),
    })
}

/// A head in JSON, header lines and a body in one piece.
pub(super) fn pack(head: &impl Serialize, headers: &[u8], body: &[u8]) -> Result<Vec<u8>, Damage> {
    let head = serde_json::to_vec(head).map_err(damaged)?;
    let mut bytes = Vec::with_capacity(8 + head.len() + headers.len() + body.len());
    for part in [&head[..], headers] {
        let length = u32::try_from(part.len()).map_err(damaged)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(body);
    Ok(bytes)
}

/// The three parts of what [`pack`] made.
pub(super) fn unpack(bytes: Vec<u8>) -> Result<(Bytes, Headers, Bytes), Damage> {
    let mut rest = Bytes::from(bytes);
    let mut part = || {
        let short = || Damage("it ends too early".to_owned());
        let length = rest.get(..4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes).ok_or_else(short)?;
        let end = usize::try_from(length).ok().and_then(|length| length.checked_add(4)).ok_or_else(short)?;
        if rest.len() < end {
            return Err(short());
        }
        let part = rest.split_to(end).slice(4..);
        Ok(part)
    };
    let (head, headers) = (part()?, part()?);
    Ok((head, Headers::from_block(headers).map_err(damaged)?, rest))
}

/// A value of its JSON.
pub(super) fn json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Damage> {
    serde_json::from_slice(text).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_cut_or_never_packed_is_refused_and_breaks_nothing(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(event(bytes.clone(), None).is_err() && attempt(bytes).is_err());
        }

        #[test]
        fn what_was_packed_comes_back(text in ".*", body in prop::collection::vec(any::<u8>(), 0..64)) {
            let (head, headers, back) = unpack(pack(&text, b"A: 1\r\n", &body).unwrap()).unwrap();
            prop_assert_eq!(json::<String>(&head).unwrap(), text);
            prop_assert_eq!((&headers.block()[..], &back[..]), (&b"A: 1\r\n"[..], &body[..]));
        }
    }
}
