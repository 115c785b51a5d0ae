//! Endpoints: made, found, changed, removed; and how they are doing.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::target::Address;
use crate::model::{
    AppName, DatedSecret, Disabled, DisabledBy, Endpoint, EndpointId, EndpointKind, Health, Secret, Tally, Target,
    Timestamp,
};
use crate::store::sqlite::fault::{Fault, Taken, damaged};
use crate::store::sqlite::json::Json;
use crate::store::sqlite::{Sqlite, key, rows, sweep, tallies};
use crate::store::{Change, Endpoints, Page, Pager, StoreError, Tallied};

const COLUMNS: &str = "id, app, kind, uid, tls, host, port, path, query, userinfo, url, description, event_types,
    channels, rate_limit, disabled_at, disabled_by, metadata, headers, secrets, scheme, ordered, redirects,
    created_at, updated_at";
const BY_ID: &str = "id = ?1";
const BY_UID: &str = "app = ?1 AND uid = ?2";

#[async_trait]
impl Endpoints for Sqlite {
    async fn create_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        let created = self.write(0, move |db| {
            if let Some(taken) = uid_taken(db, &new)? {
                return Ok(Err(taken));
            }
            keep(db, "INSERT", &new)?;
            Ok(Ok(new.clone()))
        });
        Ok(created.await??)
    }

    async fn ensure_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        self.write(0, move |db| {
            if let Some(found) = named(db, &new.app, new.uid.as_deref())? {
                return Ok(found);
            }
            keep(db, "INSERT", &new)?;
            Ok(new.clone())
        })
        .await
    }

    async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        self.read(move |db| of_id(db, id)).await
    }

    async fn endpoint_of(&self, app: &AppName, key: &str) -> Result<Option<Endpoint>, StoreError> {
        let (app, key) = (app.clone(), key.to_owned());
        self.read(move |db| {
            let by_id = key.parse().ok().map(|id| of_id(db, id)).transpose()?.flatten();
            let found = by_id.map_or_else(|| named(db, &app, Some(&key)), |found| Ok(Some(found)))?;
            Ok(found.filter(|found| found.app == app && found.kind == EndpointKind::Registered))
        })
        .await
    }

    async fn endpoints(&self, app: &AppName, pager: Pager<EndpointId>) -> Result<Page<Endpoint>, StoreError> {
        let app = app.clone();
        self.read(move |db| {
            let walk = pager.walk();
            let mut ask = db.prepare_cached(&listing(walk.words()))?;
            let asked = params![app.as_str(), key::of(&walk, EndpointId::as_bytes), key::enough(&walk)];
            let found = ask.query_map(asked, endpoint)?;
            Ok(walk.page(found.collect::<Result<_, _>>()?, false))
        })
        .await
    }

    async fn change_endpoint(
        &self,
        id: EndpointId,
        mut change: Change<Endpoint>,
    ) -> Result<Option<Endpoint>, StoreError> {
        let changed = self.write(0, move |db| {
            let Some(old) = of_id(db, id)? else { return Ok(Ok(None)) };
            let mut new = old.clone();
            change(&mut new);
            let new = Endpoint { id, app: old.app, created_at: old.created_at, ..new };
            if let Some(taken) = uid_taken(db, &new)? {
                return Ok(Err(taken));
            }
            if old.disabled.is_some() && new.disabled.is_none() {
                tallies::forget_failures(db, id)?;
            }
            keep(db, "INSERT OR REPLACE", &new)?;
            Ok(Ok(Some(new)))
        });
        Ok(changed.await??)
    }

    async fn disable_endpoint(&self, id: EndpointId, disabled: Disabled) -> Result<bool, StoreError> {
        self.write(0, move |db| {
            let mut change = db.prepare_cached(DISABLE)?;
            Ok(change.execute(params![id.as_bytes(), disabled.at.millis(), disabled.why.word()])? > 0)
        })
        .await
    }

    async fn delete_endpoint(&self, id: EndpointId) -> Result<bool, StoreError> {
        self.write(0, move |db| sweep::remove_endpoint(db, id)).await
    }

    async fn health(&self, id: EndpointId) -> Result<Health, StoreError> {
        self.read(move |db| tallies::health(db, id)).await
    }

    async fn tally(&self, of: Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, StoreError> {
        // The writer has the newest counts.
        self.write(0, move |db| tallies::sum(db, &of, since, until)).await
    }
}

/// Disables an endpoint that is not disabled.
pub(super) const DISABLE: &str =
    "UPDATE endpoints SET disabled_at = ?2, disabled_by = ?3 WHERE id = ?1 AND disabled_at IS NULL";

/// The page of an app's registered endpoints in one direction, past a key.
pub(super) fn listing((past, direction): (&str, &str)) -> String {
    format!(
        "SELECT {COLUMNS} FROM endpoints INDEXED BY endpoints_by_app
         WHERE app = ?1 AND id {past} ?2 AND kind = 0 ORDER BY id {direction} LIMIT ?3"
    )
}

/// The statement that finds one endpoint.
pub(super) fn finding(by: &str) -> String {
    format!("SELECT {COLUMNS} FROM endpoints WHERE {by}")
}

/// Every way to find one endpoint.
#[cfg(test)]
pub(super) const WAYS: [&str; 2] = [BY_ID, BY_UID];

fn of_id(db: &Connection, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
    Ok(db.prepare_cached(&finding(BY_ID))?.query_row([id.as_bytes()], endpoint).optional()?)
}

fn named(db: &Connection, app: &AppName, uid: Option<&str>) -> Result<Option<Endpoint>, Fault> {
    Ok(db.prepare_cached(&finding(BY_UID))?.query_row(params![app.as_str(), uid], endpoint).optional()?)
}

fn uid_taken(db: &Connection, new: &Endpoint) -> Result<Option<Taken>, Fault> {
    let owner = named(db, &new.app, new.uid.as_deref())?.filter(|owner| owner.id != new.id);
    Ok(owner.and_then(|owner| owner.uid).map(|uid| Taken(format!("an endpoint {uid}"))))
}

fn keep(db: &Connection, verb: &str, endpoint: &Endpoint) -> Result<(), Fault> {
    let target = &endpoint.target;
    let (tls, host, port) = match &target.address {
        Address::Tcp { tls, host, port } => (Some(*tls), host, Some(*port)),
        Address::Unix(path) => (None, path, None),
    };
    let secrets = endpoint.secrets.iter();
    let secrets: Vec<(&str, i64, Option<i64>)> = secrets
        .map(|dated| (dated.secret.reveal(), dated.created_at.millis(), dated.expires_at.map(Timestamp::millis)))
        .collect();
    let marks = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
        ?22, ?23, ?24, ?25";
    db.prepare_cached(&format!("{verb} INTO endpoints ({COLUMNS}) VALUES ({marks})"))?.execute(params![
        endpoint.id.as_bytes(),
        endpoint.app.as_str(),
        number_of(endpoint.kind),
        endpoint.uid,
        tls,
        host,
        port,
        target.path,
        target.query,
        target.userinfo.as_ref().map(Secret::reveal),
        endpoint.url,
        endpoint.description,
        endpoint.event_types.as_ref().map(Json),
        Json(&endpoint.channels),
        endpoint.rate_limit,
        endpoint.disabled.map(|disabled| disabled.at.millis()),
        endpoint.disabled.map(|disabled| disabled.why.word()),
        Json(&endpoint.metadata),
        &endpoint.headers.block()[..],
        Json(secrets),
        endpoint.scheme,
        endpoint.ordered,
        endpoint.redirects,
        endpoint.created_at.millis(),
        endpoint.updated_at.millis(),
    ])?;
    Ok(())
}

const fn number_of(kind: EndpointKind) -> i64 {
    match kind {
        EndpointKind::Registered => 0,
        EndpointKind::Listener => 1,
        EndpointKind::Replay => 2,
    }
}

fn endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    let number: i64 = row.get(2)?;
    let kind = EndpointKind::ALL.into_iter().find(|kind| number_of(*kind) == number);
    Ok(Endpoint {
        id: EndpointId::from_bytes(row.get(0)?),
        app: rows::name(row, 1)?,
        kind: kind.ok_or(rusqlite::Error::IntegralValueOutOfRange(2, number))?,
        uid: row.get(3)?,
        target: target(row)?,
        url: row.get(10)?,
        description: row.get(11)?,
        event_types: row.get::<_, Option<Json<_>>>(12)?.map(|types| types.0),
        channels: row.get::<_, Json<_>>(13)?.0,
        rate_limit: row.get(14)?,
        disabled: disabled(row)?,
        metadata: row.get::<_, Json<_>>(17)?.0,
        headers: rows::headers(row, 18)?,
        secrets: secrets(row)?,
        scheme: row.get(20)?,
        ordered: row.get(21)?,
        redirects: row.get(22)?,
        created_at: rows::time(row, 23)?,
        updated_at: rows::time(row, 24)?,
    })
}

fn target(row: &Row<'_>) -> rusqlite::Result<Target> {
    let address = match row.get::<_, Option<bool>>(4)? {
        Some(tls) => Address::Tcp { tls, host: row.get(5)?, port: row.get(6)? },
        None => Address::Unix(row.get(5)?),
    };
    let userinfo = row.get::<_, Option<String>>(9)?.map(Secret::new);
    Ok(Target { address, path: row.get(7)?, query: row.get(8)?, userinfo })
}

fn disabled(row: &Row<'_>) -> rusqlite::Result<Option<Disabled>> {
    let Some(at) = row.get::<_, Option<i64>>(15)? else { return Ok(None) };
    let word: String = row.get(16)?;
    let why = DisabledBy::ALL.into_iter().find(|why| why.word() == word);
    let why = why.ok_or_else(|| damaged(16, format!("unknown reason \"{word}\"")))?;
    Ok(Some(Disabled { at: Timestamp::from_millis(at), why }))
}

fn secrets(row: &Row<'_>) -> rusqlite::Result<Vec<DatedSecret>> {
    let Json::<Vec<(String, i64, Option<i64>)>>(kept) = row.get(19)?;
    let secrets = kept.into_iter().map(|(text, created, expires)| DatedSecret {
        secret: Secret::new(text),
        created_at: Timestamp::from_millis(created),
        expires_at: expires.map(Timestamp::from_millis),
    });
    Ok(secrets.collect())
}
