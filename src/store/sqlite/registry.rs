//! Apps with their secrets, endpoints, and how far listeners have come.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{App, AppName, Endpoint, EndpointId, Secret};
use crate::store::Cursor;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::rows;

/// Finds the app of this name, or makes it.
pub(super) fn ensure_app(db: &Connection, new: &App) -> Result<App, Fault> {
    let mut insert =
        db.prepare_cached("INSERT INTO apps (name, id, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING")?;
    let made = insert.execute(params![new.name.as_str(), new.id.as_bytes(), new.created_at.millis()])?;
    if made > 0 {
        set_secrets(db, &new.name, &new.secrets)?;
        return Ok(new.clone());
    }
    let mut ask = db.prepare_cached("SELECT name, id, created_at FROM apps WHERE name = ?1")?;
    with_secrets(db, ask.query_row([new.name.as_str()], rows::app)?)
}

/// Every app, by name.
pub(super) fn apps(db: &Connection) -> Result<Vec<App>, Fault> {
    let mut ask = db.prepare_cached("SELECT name, id, created_at FROM apps ORDER BY name")?;
    let found = ask.query_map([], rows::app)?;
    found.map(|app| with_secrets(db, app?)).collect()
}

fn with_secrets(db: &Connection, mut app: App) -> Result<App, Fault> {
    let mut ask = db.prepare_cached("SELECT text FROM secrets WHERE app = ?1 ORDER BY place")?;
    let secrets = ask.query_map([app.name.as_str()], |row| row.get::<_, String>(0).map(Secret::new))?;
    app.secrets = secrets.collect::<Result<_, _>>()?;
    Ok(app)
}

/// Replaces an app's secrets.
pub(super) fn set_secrets(db: &Connection, app: &AppName, secrets: &[Secret]) -> Result<(), Fault> {
    let mut ask = db.prepare_cached("SELECT 1 FROM apps WHERE name = ?1")?;
    if !ask.exists([app.as_str()])? {
        return Err(Fault::Unknown(format!("app {app}")));
    }
    db.prepare_cached("DELETE FROM secrets WHERE app = ?1")?.execute([app.as_str()])?;
    let mut insert = db.prepare_cached("INSERT INTO secrets (app, place, text) VALUES (?1, ?2, ?3)")?;
    for (place, secret) in (0_i64..).zip(secrets) {
        insert.execute(params![app.as_str(), place, secret.reveal()])?;
    }
    Ok(())
}

/// Finds the endpoint of this app and uid, or makes it.
pub(super) fn ensure_endpoint(db: &Connection, new: &Endpoint) -> Result<Endpoint, Fault> {
    let mut insert = db.prepare_cached(rows::KEEP_ENDPOINT)?;
    rows::endpoint_values(new, |values| insert.execute(values))?;
    let mut ask = db.prepare_cached(rows::ENDPOINT_NAMED)?;
    Ok(ask.query_row([new.app.as_str(), &new.uid], rows::endpoint)?)
}

/// One endpoint.
pub(super) fn endpoint(db: &Connection, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
    let mut ask = db.prepare_cached(rows::ENDPOINT)?;
    Ok(ask.query_row([id.as_bytes()], rows::endpoint).optional()?)
}

/// How far a listener has come.
pub(super) fn position(db: &Connection, listener: &str) -> Result<Option<Cursor>, Fault> {
    let mut ask = db.prepare_cached("SELECT position FROM listeners WHERE name = ?1")?;
    Ok(ask.query_row([listener], |row| row.get(0).map(rows::cursor_of)).optional()?)
}

/// Notes how far a listener has come, if that is further.
pub(super) fn advance(db: &Connection, listener: &str, to: Cursor) -> Result<(), Fault> {
    let mut note = db.prepare_cached(
        "INSERT INTO listeners (name, position) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE excluded.position > position",
    )?;
    note.execute(params![listener, rows::seq_of(to)])?;
    Ok(())
}
