//! Apps: made, found, changed, removed.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{App, AppId, AppName, Secret, Timestamp};
use crate::store::sqlite::fault::{Fault, Taken};
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{Sqlite, key, rows, sweep};
use crate::store::{Apps, Change, Ensured, Page, Pager, StoreError};

const COLUMNS: &str = "id, name, uid, title, metadata, rate_limit, secrets, created_at, updated_at";
const BY_ID: &str = "id = ?1";
const BY_UID: &str = "uid = ?1";
const BY_NAME: &str = "name = ?1";

#[async_trait]
impl Apps for Sqlite {
    async fn create_app(&self, new: App) -> Result<App, StoreError> {
        Ok(self.write(0, move |db| create(db, new.clone())).await??)
    }

    async fn ensure_app(&self, new: App) -> Result<Ensured<App>, StoreError> {
        let ensured = self.write(0, move |db| {
            let by_uid = find(db, BY_UID, new.uid.as_deref())?;
            match by_uid.map_or_else(|| find(db, BY_NAME, Some(new.name.as_str())), |found| Ok(Some(found)))? {
                Some(found) => Ok(Ok(Ensured::Found(found))),
                None => Ok(create(db, new.clone())?.map(Ensured::Made)),
            }
        });
        Ok(ensured.await??)
    }

    async fn app(&self, key: &str) -> Result<Option<App>, StoreError> {
        let key = key.to_owned();
        self.read(move |db| {
            if let Some(found) = key.parse().ok().map(|id: AppId| of_id(db, id)).transpose()?.flatten() {
                return Ok(Some(found));
            }
            match find(db, BY_UID, Some(&key))? {
                Some(found) => Ok(Some(found)),
                None => find(db, BY_NAME, Some(&key)),
            }
        })
        .await
    }

    async fn apps(&self, pager: Pager<AppId>) -> Result<Page<App>, StoreError> {
        self.read(move |db| {
            let walk = pager.walk();
            let mut ask = db.prepare_cached(&listing(walk.words()))?;
            let found = ask.query_map(params![key::of(&walk, AppId::as_bytes), key::enough(&walk)], app)?;
            Ok(walk.page(found.collect::<Result<_, _>>()?, false))
        })
        .await
    }

    async fn change_app(&self, id: AppId, mut change: Change<App>) -> Result<Option<App>, StoreError> {
        let changed = self.write(0, move |db| {
            let Some(old) = of_id(db, id)? else { return Ok(Ok(None)) };
            let mut new = old.clone();
            change(&mut new);
            let new = App { id, name: old.name, created_at: old.created_at, ..new };
            if let Some(taken) = uid_taken(db, &new)? {
                return Ok(Err(taken));
            }
            keep(db, "INSERT OR REPLACE", &new)?;
            Ok(Ok(Some(new)))
        });
        Ok(changed.await??)
    }

    async fn delete_app(&self, id: AppId) -> Result<bool, StoreError> {
        self.write(0, move |db| {
            let Some(app) = of_id(db, id)? else { return Ok(false) };
            db.prepare_cached("DELETE FROM apps WHERE id = ?1")?.execute([id.as_bytes()])?;
            sweep::remove_app(db, &app.name)?;
            Ok(true)
        })
        .await
    }
}

/// The page of every app in one direction, past a key.
pub(super) fn listing((past, direction): (&str, &str)) -> String {
    format!("SELECT {COLUMNS} FROM apps WHERE id {past} ?1 ORDER BY id {direction} LIMIT ?2")
}

/// The statement that finds one app.
pub(super) fn finding(by: &str) -> String {
    format!("SELECT {COLUMNS} FROM apps WHERE {by}")
}

/// Every way to find one app.
#[cfg(test)]
pub(super) const WAYS: [&str; 3] = [BY_ID, BY_UID, BY_NAME];

fn find(db: &Connection, by: &str, key: Option<&str>) -> Result<Option<App>, Fault> {
    Ok(db.prepare_cached(&finding(by))?.query_row([key], app).optional()?)
}

fn of_id(db: &Connection, id: AppId) -> Result<Option<App>, Fault> {
    Ok(db.prepare_cached(&finding(BY_ID))?.query_row([id.as_bytes()], app).optional()?)
}

fn create(db: &Connection, mut new: App) -> Result<Result<App, Taken>, Fault> {
    if let Some(taken) = uid_taken(db, &new)? {
        return Ok(Err(taken));
    }
    let removed = db.prepare_cached("SELECT 1 FROM removed_apps WHERE name = ?1")?.exists([new.name.as_str()])?;
    if removed || find(db, BY_NAME, Some(new.name.as_str()))?.is_some() {
        new.name = AppName::from(new.id);
    }
    keep(db, "INSERT", &new)?;
    Ok(Ok(new))
}

fn uid_taken(db: &Connection, new: &App) -> Result<Option<Taken>, Fault> {
    let owner = find(db, BY_UID, new.uid.as_deref())?.filter(|owner| owner.id != new.id);
    Ok(owner.and_then(|owner| owner.uid).map(|uid| Taken(format!("an app {uid}"))))
}

fn keep(db: &Connection, verb: &str, app: &App) -> Result<(), Fault> {
    let secrets: Vec<&str> = app.secrets.iter().map(Secret::reveal).collect();
    db.prepare_cached(&format!("{verb} INTO apps ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"))?.execute(
        params![
            app.id.as_bytes(),
            app.name.as_str(),
            app.uid,
            app.title,
            Json(&app.metadata),
            app.rate_limit,
            Json(secrets),
            app.created_at.millis(),
            app.updated_at.millis(),
        ],
    )?;
    Ok(())
}

fn app(row: &Row<'_>) -> rusqlite::Result<App> {
    let Json::<Vec<String>>(secrets) = row.get(6)?;
    Ok(App {
        id: AppId::from_bytes(row.get(0)?),
        name: rows::name(row, 1)?,
        uid: row.get(2)?,
        title: row.get(3)?,
        metadata: row.get::<_, Json<_>>(4)?.0,
        rate_limit: row.get(5)?,
        secrets: secrets.into_iter().map(Secret::new).collect(),
        created_at: Timestamp::from_millis(row.get(7)?),
        updated_at: rows::time(row, 8)?,
    })
}
