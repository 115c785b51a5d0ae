//! Tokens and remembered answers.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::model::{AppName, EventId, Timestamp, Token, TokenId};
use crate::store::access::{MEMORY, MOST_RECORDS};
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::fault::{Damage, damaged};
use crate::store::redis::link::Ask;
use crate::store::redis::nouns::{self, Noun};
use crate::store::redis::{Redis, frame};
use crate::store::{Access, Page, Pager, Record, Recorded, StoreError};

const INDEX: &str = "toks";
const START: &str = "tok:";
const HASHES: &str = "tok:hashes";
/// Tokens by when they end.
pub(super) const ENDING: &str = "tok:ends";
/// The keys of remembered answers by when they were given.
pub(super) const RECORDS: &str = "recs";

/// When, the request's hash, the answer.
type Kept = (Option<i64>, Option<String>, Option<Vec<u8>>);

#[derive(Serialize, Deserialize)]
enum AnswerText {
    Event(String),
    Bytes(u16),
}

#[async_trait]
impl Access for Redis {
    async fn create_token(&self, new: Token) -> Result<(), StoreError> {
        let (id, hash, mut plan) = (new.id.to_string(), hex::encode(new.hash), Plan::default());
        let bytes = new.write().map_err(|why| self.link.damage(why))?;
        plan.then("SET", format!("{START}{id}"), &[&bytes]).then("ZADD", INDEX, &[b"0", id.as_bytes()]);
        plan.then("HSET", HASHES, &[hash.as_bytes(), id.as_bytes()]);
        if let Some(app) = &new.app {
            plan.then("ZADD", index(app), &[b"0", id.as_bytes()]);
        }
        if let Some(end) = new.expires_at {
            plan.then("ZADD", ENDING, &[end.millis().to_string().as_bytes(), id.as_bytes()]);
        }
        self.commit(&plan).await.map(drop)
    }

    async fn token(&self, hash: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        let Some(id) = self.field(HASHES, &hex::encode(hash)).await? else { return Ok(None) };
        Ok(self.noun(&format!("{START}{id}")).await?.map(|(token, _)| token))
    }

    async fn tokens(&self, app: Option<&AppName>, pager: Pager<TokenId>) -> Result<Page<Token>, StoreError> {
        let index = app.map_or_else(|| INDEX.to_owned(), index);
        self.list((&index, START), pager.walk().keyed(|id| id.to_string()), |_| true).await
    }

    async fn revoke_token(&self, id: TokenId) -> Result<bool, StoreError> {
        let (key, text) = (format!("{START}{id}"), id.to_string());
        Ok(change!(self, {
            let Some((token, bytes)) = self.noun::<Token>(&key).await? else { return Ok(Err(false)) };
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes)).then("DEL", &key, &[]).then("ZREM", INDEX, &[text.as_bytes()]);
            plan.then("HDEL", HASHES, &[hex::encode(token.hash).as_bytes()]);
            plan.then("ZREM", ENDING, &[text.as_bytes()]);
            if let Some(app) = &token.app {
                plan.then("ZREM", index(app), &[text.as_bytes()]);
            }
            Ok(Ok((plan, true)))
        }))
    }

    async fn revoke_tokens(&self, app: &AppName) -> Result<u64, StoreError> {
        let mut revoked = 0;
        loop {
            let names = self.names(&index(app), None, true).await?;
            if names.is_empty() {
                return Ok(revoked);
            }
            for name in names {
                let id = name.parse().map_err(|why| self.link.damage(damaged(why)))?;
                revoked += u64::from(self.revoke_token(id).await?);
            }
        }
    }

    async fn remember(&self, record: Record) -> Result<(), StoreError> {
        let key = hex::encode(record.key);
        let (kept, answer) = (format!("rec:{key}"), answer_of(&record.answer).map_err(|why| self.link.damage(why))?);
        let (at, body) = (record.at.millis().to_string(), hex::encode(record.body));
        change!(self, {
            let old = self.field(&kept, "at").await?;
            let since = old.as_deref().and_then(|at| at.parse().ok()).map(Timestamp::from_millis);
            if since.is_some_and(|since| record.at.since(since) < MEMORY) {
                return Ok(Err(()));
            }
            let mut plan = Plan::default();
            plan.expect_field(&kept, "at", old.as_deref().map(str::as_bytes));
            let fields = [b"at", at.as_bytes(), b"body", body.as_bytes(), b"answer", &answer];
            plan.then("HSET", &kept, &fields);
            plan.then("PEXPIRE", &kept, &[MEMORY.as_millis().to_string().as_bytes()]);
            plan.then("ZADD", RECORDS, &[at.as_bytes(), key.as_bytes()]);
            Ok(Ok((plan, ())))
        });
        self.forget_records(Timestamp::from_millis(i64::MIN), MOST_RECORDS).await
    }

    async fn remembered(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Record>, StoreError> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.link.key(format_args!("rec:{}", hex::encode(key)))).arg(&["at", "body", "answer"]);
        // Who is given an earlier answer relies on it: it may be of a try that was refused because no replica had it yet.
        let found: Kept = self.link.keep(Ask::Command(&ask)).await?;
        let (Some(at), Some(body), Some(answer)) = found else { return Ok(None) };
        let read = || {
            let (at, body) = (Timestamp::from_millis(at), nouns::hash(&body)?);
            Ok(Record { key: *key, body, at, answer: answer_from(answer)? })
        };
        let record: Record = read().map_err(|why| self.link.damage(why))?;
        Ok(Some(record).filter(|record| now.since(record.at) < MEMORY))
    }
}

/// The index of an app's tokens.
fn index(app: &AppName) -> String {
    format!("toks:{app}")
}

/// An answer as it is kept.
pub(super) fn answer_of(answer: &Recorded) -> Result<Vec<u8>, Damage> {
    match answer {
        Recorded::Event(id) => frame::pack(&AnswerText::Event(id.to_string()), &[], &[]),
        Recorded::Bytes { status, headers, body } => frame::pack(&AnswerText::Bytes(*status), headers.block(), body),
    }
}

fn answer_from(bytes: Vec<u8>) -> Result<Recorded, Damage> {
    let (head, headers, body) = frame::unpack(bytes)?;
    Ok(match frame::json(&head)? {
        AnswerText::Event(id) => Recorded::Event(id.parse::<EventId>().map_err(damaged)?),
        AnswerText::Bytes(status) => Recorded::Bytes { status, headers, body },
    })
}
