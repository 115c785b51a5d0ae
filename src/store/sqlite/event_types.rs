//! Registered types of event.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::EventType;
use crate::store::sqlite::fault::{Fault, Taken};
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{Sqlite, key, rows};
use crate::store::{Change, Ensured, EventTypes, Page, StoreError, TypeQuery};

const COLUMNS: &str =
    "name, description, schemas, archived, deprecated, feature_flags, \"group\", created_at, updated_at";

#[async_trait]
impl EventTypes for Sqlite {
    async fn create_event_type(&self, new: EventType) -> Result<EventType, StoreError> {
        let created = self.write(0, move |db| {
            if find(db, &new.name)?.is_some_and(|old| !old.archived) {
                return Ok(Err(Taken(format!("an event type {}", new.name))));
            }
            keep(db, &new)?;
            Ok(Ok(new.clone()))
        });
        Ok(created.await??)
    }

    async fn put_event_type(&self, new: EventType) -> Result<Ensured<EventType>, StoreError> {
        self.write(0, move |db| {
            let old = find(db, &new.name)?.map(|old| old.created_at);
            let new = EventType { created_at: old.unwrap_or(new.created_at), ..new.clone() };
            keep(db, &new)?;
            Ok(if old.is_some() { Ensured::Found(new) } else { Ensured::Made(new) })
        })
        .await
    }

    async fn event_type(&self, name: &str) -> Result<Option<EventType>, StoreError> {
        let name = name.to_owned();
        self.read(move |db| find(db, &name)).await
    }

    async fn event_types(&self, query: TypeQuery) -> Result<Page<EventType>, StoreError> {
        self.read(move |db| {
            let walk = query.pager.clone().walk();
            let mut ask = db.prepare_cached(&listing(walk.words()))?;
            let mut rows = ask.query([key::named(&walk)])?;
            let mut found = Vec::new();
            while found.len() < walk.enough()
                && let Some(row) = rows.next()?
            {
                found.extend(Some(event_type(row)?).filter(|one| query.admits(one)));
            }
            Ok(walk.page(found, false))
        })
        .await
    }

    async fn change_event_type(
        &self,
        name: &str,
        mut change: Change<EventType>,
    ) -> Result<Option<EventType>, StoreError> {
        let name = name.to_owned();
        self.write(0, move |db| {
            let Some(old) = find(db, &name)? else { return Ok(None) };
            let mut new = old.clone();
            change(&mut new);
            let new = EventType { name: old.name, created_at: old.created_at, ..new };
            keep(db, &new)?;
            Ok(Some(new))
        })
        .await
    }

    async fn delete_event_type(&self, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.write(0, move |db| Ok(db.prepare_cached("DELETE FROM event_types WHERE name = ?1")?.execute([&name])? > 0))
            .await
    }
}

/// The page of every type in one direction, past a name.
pub(super) fn listing((past, direction): (&str, &str)) -> String {
    format!("SELECT {COLUMNS} FROM event_types WHERE name {past} ?1 ORDER BY name {direction}")
}

fn find(db: &Connection, name: &str) -> Result<Option<EventType>, Fault> {
    let mut ask = db.prepare_cached(&format!("SELECT {COLUMNS} FROM event_types WHERE name = ?1"))?;
    Ok(ask.query_row([name], event_type).optional()?)
}

fn keep(db: &Connection, one: &EventType) -> Result<(), Fault> {
    let mut keep = db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO event_types ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    ))?;
    keep.execute(params![
        one.name,
        one.description,
        Json(&one.schemas),
        one.archived,
        one.deprecated,
        Json(&one.feature_flags),
        one.group,
        one.created_at.millis(),
        one.updated_at.millis(),
    ])?;
    Ok(())
}

fn event_type(row: &Row<'_>) -> rusqlite::Result<EventType> {
    Ok(EventType {
        name: row.get(0)?,
        description: row.get(1)?,
        schemas: row.get::<_, Json<_>>(2)?.0,
        archived: row.get(3)?,
        deprecated: row.get(4)?,
        feature_flags: row.get::<_, Json<_>>(5)?.0,
        group: row.get(6)?,
        created_at: rows::time(row, 7)?,
        updated_at: rows::time(row, 8)?,
    })
}
