//! How far listeners have come.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::Cursor;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::rows;

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
