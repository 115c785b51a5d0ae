//! Opening the file: its place and mode, what it is, the pragmas, and the migrations.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::store::error::StoreError;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::mover;
use crate::store::{Durability, Mode, OpenOptions};

/// The steps from nothing to the schema of this program; a file's `user_version` says how many it has taken.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/0001_store.sql")];
/// "whk1", which tells a store from another program's file.
const APPLICATION_ID: i32 = 0x7768_6b31;
/// Up to here, two connections that write and checkpoint at once can damage the file.
const FIRST_SAFE_SQLITE: i32 = 3_051_003;
/// How long a writer waits for another process, asked anew each `BUSY_STEP`. `SQLite`'s own waiting sleeps up to
/// 100 ms between looks and starves beside a busy writer.
const BUSY_LOOKS: i32 = 20_000;
const BUSY_STEP: Duration = Duration::from_micros(500);

/// The writing connection of the store at `path`, which is made or brought up to date if need be.
pub(super) fn open_writer(path: &Path, options: OpenOptions) -> Result<Connection, StoreError> {
    let sqlite = rusqlite::version_number();
    if sqlite < FIRST_SAFE_SQLITE {
        return Err(refused(path, format!("SQLite {} can damage it; 3.51.3 is needed", rusqlite::version())));
    }
    if options.mode == Mode::Create {
        make_file(path)?;
    }
    check_head(path, options.mode)?;
    let connect = || -> Result<Connection, Fault> {
        let mut db =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_handler(Some(|looks| {
            std::thread::sleep(BUSY_STEP);
            looks < BUSY_LOOKS
        }))?;
        Ok(db)
    };
    let mut db = connect().map_err(|why| not_opened(path, why))?;
    let version = version_of(&db).map_err(|why| not_opened(path, why))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(StoreError::Newer { path: path.display().to_string(), found: version, known });
    }
    let read_only = db.is_readonly("main").map_err(|why| not_opened(path, why.into()))?;
    if read_only && (options.mode == Mode::Create || version < known) {
        return Err(refused(path, format!("it may not be written{}", facts(path))));
    }
    if !read_only {
        prepare(&mut db, path, version < known, options.durability).map_err(|why| not_opened(path, why))?;
    }
    Ok(db)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(10))?;
    db.execute_batch("PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;")?;
    Ok(db)
}

/// Makes the folder and an empty file, for the owner's eyes only; what is there stays as it is.
fn make_file(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    make_folder(folder).map_err(|why| refused(path, format!("its folder cannot be made: {why}{}", facts(folder))))?;
    let mut options = fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(refused(path, format!("{why}{}", facts(folder)))),
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Refuses what is no store before `SQLite` sees it, so that a foreign file stays as it is to the byte.
///
/// The first commit writes the whole first page at once, so that a file is either empty or says what it is.
fn check_head(path: &Path, mode: Mode) -> Result<(), StoreError> {
    let shown = || path.display().to_string();
    let corrupt = |why: &str| StoreError::Corrupt { path: shown(), why: why.to_owned() };
    if path.is_dir() {
        return Err(refused(path, "it is a folder".to_owned()));
    }
    let mut head = Vec::with_capacity(100);
    match fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut head)) {
        Ok(_) => {}
        Err(why) if why.kind() == ErrorKind::NotFound => return Err(StoreError::Missing(shown())),
        Err(why) => return Err(refused(path, format!("{why}{}", facts(path)))),
    }
    match (head.is_empty(), mode) {
        (true, Mode::Create) => return Ok(()),
        (true, Mode::Existing) => return Err(StoreError::Missing(shown())),
        (false, _) => {}
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return Err(corrupt("it is no SQLite file"));
    }
    match head.get(68..72) {
        Some(id) if id == APPLICATION_ID.to_be_bytes() => Ok(()),
        Some(_) => Err(corrupt("it is the SQLite file of another program")),
        None => Err(corrupt("it is cut short")),
    }
}

/// Reads the file's version; the first read also finds out whether the file is shorter than it says.
fn version_of(db: &Connection) -> Result<u32, Fault> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

fn prepare(db: &mut Connection, path: &Path, behind: bool, durability: Durability) -> Result<(), Fault> {
    // The page size only takes hold in an empty file.
    db.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -4000;",
    )?;
    let flushing = match durability {
        Durability::Full | Durability::Replicated => "FULL",
        Durability::Process => "NORMAL",
    };
    let flushing = format!("PRAGMA synchronous = {flushing}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");
    db.execute_batch(&flushing)?;
    if behind {
        migrate(db)?;
    }
    // Only now: the first commit has to be in the file itself, where `check_head` looks.
    use_log(db)?;
    match durability {
        // What was flushed commit by commit is moved fast, and another's flushes would hold up the next commits.
        Durability::Full | Durability::Replicated => db.pragma_update(None, "wal_autocheckpoint", mover::MOST)?,
        Durability::Process => mover::attend(db, path, &flushing)?,
    }
    db.query_row("PRAGMA journal_size_limit = 67108864", [], |_| Ok(()))?;
    db.set_prepared_statement_cache_capacity(48);
    Ok(())
}

/// Turns the write-ahead log on. That needs the file for itself for a moment, and `SQLite` does not wait for it: it
/// does not ask the busy handler here.
fn use_log(db: &Connection) -> Result<(), Fault> {
    for _ in 0..BUSY_LOOKS {
        match db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(why) if why.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => std::thread::sleep(BUSY_STEP),
            done => return Ok(done?),
        }
    }
    Err(Fault::Locked)
}

/// Takes the steps that are missing, each with its number in one transaction. Two processes at once take turns.
fn migrate(db: &mut Connection) -> Result<(), Fault> {
    for (number, step) in (1_u32..).zip(MIGRATIONS) {
        let change = Transaction::new(db, TransactionBehavior::Deferred)?;
        // It takes the right to write, and only takes hold before the first page is made. Outside of the transaction it
        // would commit a file without a name, which whoever opens it next, or after a crash, takes for a foreign one.
        change.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
        if version_of(&change)? < number {
            change.execute_batch(step)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
            change.pragma_update(None, "user_version", number)?;
        }
        change.commit()?;
    }
    Ok(())
}

fn refused(path: &Path, why: String) -> StoreError {
    StoreError::Open { path: path.display().to_string(), why }
}

fn not_opened(path: &Path, why: Fault) -> StoreError {
    match why.at(path) {
        StoreError::Unavailable(words) | StoreError::ReadOnly(words) => {
            refused(path, format!("{words}{}", facts(path.parent().unwrap_or(path))))
        }
        other => other,
    }
}

/// Owner and mode of the nearest place that exists, since a refusal is mostly about those.
fn facts(path: &Path) -> String {
    let existing: Option<(PathBuf, fs::Metadata)> =
        path.ancestors().find_map(|place| Some((place.to_owned(), fs::metadata(place).ok()?)));
    #[cfg(unix)]
    if let Some((place, about)) = existing {
        use std::os::unix::fs::MetadataExt;
        return format!(" ({} has owner {} and mode {:04o})", place.display(), about.uid(), about.mode() & 0o7777);
    }
    String::new()
}
