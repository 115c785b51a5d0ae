//! Moves what was written from the log into the file beside the writer. Where commits are not flushed, all of them are
//! when the log is moved, which takes a twentieth of a second; the writer, and whoever waits for it, need not.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, OpenFlags};

use crate::store::sqlite::fault::Fault;

/// The log is moved whenever it has grown by so many pages.
const STEP: i32 = 500;
/// With so many the writer moves the rest itself: the log begins anew only where nobody has written since. 4000 pages
/// are 32 MiB: a smaller log costs a quarter of the throughput, a larger one is slow to open after a kill.
pub(super) const MOST: i32 = 4000;
/// With so many it waits for the other, so that the log does not grow without end where the disk is slow.
const LIMIT: i32 = 4 * MOST;

/// The thread, and how it is woken.
struct Mover {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Has the log of this connection moved, with these pragmas on the other one; it starts when there is much to move.
pub(super) fn attend(db: &mut Connection, path: &Path, pragmas: &str) -> Result<(), Fault> {
    let (path, pragmas) = (path.to_owned(), pragmas.to_owned());
    let (mut helper, mut moved) = (None, 0);
    let hook = move |log: &mut Wal, pages: i32| {
        // It has begun anew.
        moved = if pages < moved { 0 } else { moved };
        if pages >= MOST {
            // While the other is at it, that is left for the next commit. This one is done whatever becomes of it.
            let how = if pages < LIMIT { CheckpointMode::PASSIVE } else { CheckpointMode::FULL };
            log.checkpoint_v2(how).ok();
        } else if pages - moved >= STEP {
            moved = pages;
            helper.get_or_insert_with(|| Mover::start(path.clone(), pragmas.clone())).wake();
        }
        Ok(())
    };
    Ok(db.wal_hook(Some(hook))?)
}

impl Mover {
    fn start(path: PathBuf, pragmas: String) -> Self {
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new().name("whk-mover".to_owned());
        // Without it the writer does everything, as it can.
        Self { wake: Some(wake), thread: thread.spawn(move || serve(&path, &pragmas, &woken)).ok() }
    }

    fn wake(&self) {
        if let Some(wake) = &self.wake {
            // One that is at it sees what is new, or is woken by the next.
            wake.try_send(()).ok();
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(path: &Path, pragmas: &str, woken: &Receiver<()>) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(db) = Connection::open_with_flags(path, flags) else { return };
    if db.execute_batch(pragmas).is_err() {
        return;
    }
    while woken.recv().is_ok() {
        // What fails here the writer meets itself.
        drop(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_written_gets_into_the_file_while_the_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let mut db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL").unwrap();
        db.execute_batch("CREATE TABLE t (a BLOB NOT NULL)").unwrap();
        db.busy_timeout(Duration::from_secs(60)).unwrap();
        attend(&mut db, &path, "PRAGMA synchronous = NORMAL").unwrap();
        let write = || db.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap();
        for _ in 0..15 {
            write();
        }
        let size = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
        let end = Instant::now() + Duration::from_secs(60);
        while size("t.db") < 500_000 {
            assert!(Instant::now() < end, "{} bytes were moved", size("t.db"));
            std::thread::yield_now();
        }
        for _ in 0..385 {
            write();
        }
        assert!(size("t.db-wal") < 20_000_000, "the log has {} bytes", size("t.db-wal"));
        let count: i64 = db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        drop(db);
        assert_eq!(count, 400);
        assert!(!folder.path().join("t.db-wal").exists(), "both connections are closed");
    }
}
