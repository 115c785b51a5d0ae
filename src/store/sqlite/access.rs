//! Tokens and remembered answers.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{AppName, AppNameError, EventId, Rights, Timestamp, Token, TokenId};
use crate::store::access::{MEMORY, MOST_RECORDS};
use crate::store::sqlite::fault::{Fault, damaged};
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{Sqlite, key, rows};
use crate::store::{Access, Page, Pager, Record, Recorded, StoreError};

const COLUMNS: &str = "id, hash, label, rights, app, feature_flags, created_at, expires_at";

#[async_trait]
impl Access for Sqlite {
    async fn create_token(&self, new: Token) -> Result<(), StoreError> {
        self.write(0, move |db| keep(db, &new)).await
    }

    async fn token(&self, hash: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        let hash = *hash;
        self.read(move |db| {
            let mut ask = db.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE hash = ?1"))?;
            Ok(ask.query_row([hash], token).optional()?)
        })
        .await
    }

    async fn tokens(&self, app: Option<&AppName>, pager: Pager<TokenId>) -> Result<Page<Token>, StoreError> {
        let app = app.cloned();
        self.read(move |db| {
            let walk = pager.walk();
            let mut ask = db.prepare_cached(&listing(app.is_some(), walk.words()))?;
            let app = app.as_ref().map(AppName::as_str);
            let found = ask.query_map(params![app, key::of(&walk, TokenId::as_bytes), key::enough(&walk)], token)?;
            Ok(walk.page(found.collect::<Result<_, _>>()?, false))
        })
        .await
    }

    async fn revoke_token(&self, id: TokenId) -> Result<bool, StoreError> {
        let work =
            move |db: &Connection| db.prepare_cached("DELETE FROM tokens WHERE id = ?1")?.execute([id.as_bytes()]);
        self.write(0, move |db| Ok(work(db)? > 0)).await
    }

    async fn revoke_tokens(&self, app: &AppName) -> Result<u64, StoreError> {
        let app = app.clone();
        self.write(0, move |db| revoke_tokens(db, &app)).await
    }

    async fn remember(&self, record: Record) -> Result<(), StoreError> {
        let bytes = if let Recorded::Bytes { body, .. } = &record.answer { body.len() } else { 0 };
        self.write(bytes, move |db| remember(db, &record)).await
    }

    async fn remembered(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Record>, StoreError> {
        let key = *key;
        self.read(move |db| {
            let found = db.prepare_cached(REMEMBERED)?.query_row([key], record).optional()?;
            Ok(found.filter(|record| now.since(record.at) < MEMORY))
        })
        .await
    }
}

/// The answer under a key.
pub(super) const REMEMBERED: &str = "SELECT key, request, at, event, status, headers, body FROM records WHERE key = ?1";

/// The page of an app's tokens, or of all, in one direction, past a key.
pub(super) fn listing(of_app: bool, (past, direction): (&str, &str)) -> String {
    // The order is what the table or the index has; ?1 has to be used in both.
    let from = if of_app { "tokens INDEXED BY tokens_by_app WHERE app = ?1" } else { "tokens WHERE ?1 IS NULL" };
    format!("SELECT {COLUMNS} FROM {from} AND id {past} ?2 ORDER BY id {direction} LIMIT ?3")
}

/// Removes the tokens of an app.
pub(super) fn revoke_tokens(db: &Connection, app: &AppName) -> Result<u64, Fault> {
    Ok(db.prepare_cached("DELETE FROM tokens WHERE app = ?1")?.execute([app.as_str()])? as u64)
}

fn keep(db: &Connection, new: &Token) -> Result<(), Fault> {
    let mut insert =
        db.prepare_cached(&format!("INSERT INTO tokens ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"))?;
    insert.execute(params![
        new.id.as_bytes(),
        new.hash,
        new.label,
        new.rights.word(),
        new.app.as_ref().map(AppName::as_str),
        Json(&new.feature_flags),
        new.created_at.millis(),
        new.expires_at.map(Timestamp::millis),
    ])?;
    Ok(())
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    let word: String = row.get(3)?;
    let rights = Rights::ALL.into_iter().find(|rights| rights.word() == word);
    let app = row.get::<_, Option<String>>(4)?.map(|app| app.parse()).transpose();
    Ok(Token {
        id: TokenId::from_bytes(row.get(0)?),
        hash: row.get(1)?,
        label: row.get(2)?,
        rights: rights.ok_or_else(|| damaged(3, format!("unknown rights \"{word}\"")))?,
        app: app.map_err(|why: AppNameError| damaged(4, why))?,
        feature_flags: row.get::<_, Json<_>>(5)?.0,
        created_at: rows::time(row, 6)?,
        expires_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_millis),
    })
}

/// Keeps an answer, unless a younger one of its key is kept; the oldest goes when there are too many.
pub(super) fn remember(db: &Connection, record: &Record) -> Result<(), Fault> {
    let mut old = db.prepare_cached("SELECT seq, at FROM records WHERE key = ?1")?;
    let old = old.query_row([record.key], |row| Ok((row.get::<_, i64>(0)?, rows::time(row, 1)?))).optional()?;
    if let Some((seq, at)) = old {
        if record.at.since(at) < MEMORY {
            return Ok(());
        }
        db.prepare_cached("DELETE FROM records WHERE seq = ?1")?.execute([seq])?;
    }
    let (event, answer) = match &record.answer {
        Recorded::Event(id) => (Some(id.as_bytes()), None),
        Recorded::Bytes { status, headers, body } => (None, Some((status, headers, body))),
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO records (key, request, at, event, status, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        record.key,
        record.body,
        record.at.millis(),
        event,
        answer.map(|(status, ..)| status),
        answer.map(|(_, headers, _)| &headers.block()[..]),
        answer.map(|(_, _, body)| &body[..]),
    ])?;
    let most = i64::try_from(MOST_RECORDS).unwrap_or(i64::MAX);
    let last = db.last_insert_rowid();
    db.prepare_cached("DELETE FROM records WHERE seq <= ?1")?.execute([last - most])?;
    Ok(())
}

/// Whether another answer than this one is kept under its key.
pub(super) fn is_answered(db: &Connection, new: &Record) -> Result<bool, Fault> {
    let found = db.prepare_cached(REMEMBERED)?.query_row([new.key], record).optional()?;
    Ok(found.is_some_and(|old| new.at.since(old.at) < MEMORY && old.answer != new.answer))
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let answer = match row.get::<_, Option<[u8; 20]>>(3)? {
        Some(event) => Recorded::Event(EventId::from_bytes(event)),
        None => Recorded::Bytes { status: row.get(4)?, headers: rows::headers(row, 5)?, body: rows::bytes(row, 6)? },
    };
    Ok(Record { key: row.get(0)?, body: row.get(1)?, at: rows::time(row, 2)?, answer })
}
