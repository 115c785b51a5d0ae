//! The same request again, under the same `Idempotency-Key`, gets the same answer and does nothing.

use ring::digest::{Context, SHA256};

use crate::model::{CapturedRequest, Headers, TokenId};
use crate::net::{Answer, Body};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::twins::Turn;
use crate::relay::http::{Face, guarded};
use crate::store::{Record, Recorded};

/// The longest key.
const LONGEST: usize = 256;

/// Who asks, what for, and under which name; and with which body.
pub(super) struct Asked {
    key: [u8; 32],
    body: [u8; 32],
}

impl Asked {
    /// What is asked, if it has a key.
    pub(super) async fn of(face: &Face, request: &CapturedRequest) -> Result<Option<Self>, Refusal> {
        let Some(name) = request.headers.value("idempotency-key").filter(|_| request.method == "POST") else {
            return Ok(None);
        };
        if name.is_empty() || name.len() > LONGEST {
            let detail = format!("Idempotency-Key must have 1 to {LONGEST} characters");
            return Err(Refusal::new(400, "invalid_header", detail));
        }
        let token = face.doors.token(request).await?;
        let token = token.map_or_else(|| TokenId::from_bytes([0; 20]), |token| token.id);
        let key = hash(&[token.as_bytes(), b"native\0", request.target.as_bytes(), b"\0", name]);
        Ok(Some(Self { key, body: hash(&[&request.body]) }))
    }

    /// The right to be the one that is answered, when all twins that came before have been.
    pub(super) async fn turn(&self, face: &Face) -> Result<Turn, Refusal> {
        let detail = "another request with this Idempotency-Key is still under way: try again";
        face.twins.turn(self.key).await.ok_or_else(|| Refusal::new(409, "conflict", detail))
    }

    /// What was answered before.
    pub(super) async fn answered(&self, face: &Face) -> Result<Option<Answer>, Refusal> {
        let Some(record) = face.pipeline.store.remembered(&self.key, face.pipeline.clock.now()).await? else {
            return Ok(None);
        };
        if record.body != self.body {
            let detail = "this Idempotency-Key was used with another body";
            return Err(Refusal::new(422, "idempotency_key_reused", detail));
        }
        Ok(match record.answer {
            Recorded::Bytes { status, headers, body } => Some(Answer {
                status,
                headers: guarded().overlaid(&headers),
                body: Body::Full(body),
                ..Answer::default()
            }),
            Recorded::Event(_) => None,
        })
    }

    /// Keeps what is answered now, if it did something.
    pub(super) async fn note(self, face: &Face, answer: &Answer) -> Result<(), Refusal> {
        let Body::Full(body) = &answer.body else { return Ok(()) };
        if !(200..300).contains(&answer.status) {
            return Ok(());
        }
        let mut headers = Headers::new();
        // The line is ours and well formed.
        drop(headers.push("content-type", "application/json"));
        let answer = Recorded::Bytes { status: answer.status, headers, body: body.clone() };
        let record = Record { key: self.key, body: self.body, at: face.pipeline.clock.now(), answer };
        Ok(face.pipeline.store.remember(record).await?)
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
