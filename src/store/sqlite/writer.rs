//! The one thread that writes: it takes what has queued into one transaction, and answers after the commit.

use std::cell::Cell;
use std::ops::Deref;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::log::End;
use crate::store::sqlite::pending::{Haste, Pending, Queued};
use crate::store::sqlite::tallies::Buffer;

/// Senders wait when so many jobs are queued.
const QUEUE: usize = 1024;
/// Jobs that nobody is held up by wait so long for others to share a transaction with: each transaction writes every
/// page it touched, so half as many transactions are nearly half the work.
const PATIENCE: Duration = Duration::from_millis(5);

/// The writing connection, as a job sees it.
pub(super) struct Batch {
    db: Connection,
    /// Where the log ends, once a job of this transaction had to know.
    pub(super) end: Cell<Option<End>>,
    /// Counts that are written now and then.
    pub(super) tallies: Buffer,
}

impl Deref for Batch {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.db
    }
}

/// The writing thread, seen from outside.
pub(super) struct Writer {
    queue: Arc<Pending<Box<dyn Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A piece of work of any kind. It may run twice: a failed transaction is taken back and its jobs tried one by one.
trait Job: Queued + Send {
    fn run(&mut self, db: &Batch) -> Result<(), Fault>;
    fn answer(self: Box<Self>, outcome: Result<(), Fault>);
}

struct Task<T, W> {
    work: W,
    bytes: usize,
    haste: Haste,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<T, W> Queued for Task<T, W> {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn haste(&self) -> Haste {
        self.haste
    }
}

impl Queued for Box<dyn Job> {
    fn bytes(&self) -> usize {
        (**self).bytes()
    }

    fn haste(&self) -> Haste {
        (**self).haste()
    }
}

impl<T: Send, W: FnMut(&Batch) -> Result<T, Fault> + Send> Job for Task<T, W> {
    fn run(&mut self, db: &Batch) -> Result<(), Fault> {
        self.done = Some((self.work)(db)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { done, reply, .. } = *self;
        // Whoever asked may have gone away; what was done stays done.
        drop(reply.send(outcome.and_then(|()| done.ok_or(Fault::Closed))));
    }
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(super) fn start(db: Connection) -> std::io::Result<Self> {
        let queue = Arc::new(Pending::new(QUEUE));
        let jobs = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("whk-store".to_owned())
            .spawn(move || serve(&Batch { db, end: Cell::new(None), tallies: Buffer::default() }, &jobs))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Does this work in a transaction with others; `bytes` is about how much it writes.
    pub(super) async fn write<T, W>(&self, bytes: usize, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnMut(&Batch) -> Result<T, Fault> + Send + 'static,
    {
        self.submit(bytes, Haste::Urgent, work).await
    }

    /// Does this work in a transaction with others, and lets them come first.
    pub(super) async fn write_patiently<T, W>(&self, bytes: usize, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnMut(&Batch) -> Result<T, Fault> + Send + 'static,
    {
        self.submit(bytes, Haste::Patient, work).await
    }

    /// Does this work in a transaction of its own, so that it holds nobody up but itself.
    pub(super) async fn write_alone<T, W>(&self, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnMut(&Batch) -> Result<T, Fault> + Send + 'static,
    {
        self.submit(0, Haste::Alone, work).await
    }

    async fn submit<T, W>(&self, bytes: usize, haste: Haste, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnMut(&Batch) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { work, bytes, haste, done: None, reply };
        let job: Box<dyn Job> = Box::new(task);
        self.queue.push(job).await.map_err(|_| Fault::Closed)?;
        answer.await.map_err(|_| Fault::Closed)?
    }

    /// Takes no more work, and waits until all that is queued is written and the connection is closed.
    pub(super) async fn close(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// However the thread ends, nobody waits for it in vain.
struct Alive<'a>(&'a Pending<Box<dyn Job>>);

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

fn serve(db: &Batch, queue: &Pending<Box<dyn Job>>) {
    let _alive = Alive(queue);
    let mut group: Vec<Box<dyn Job>> = Vec::new();
    while queue.next(PATIENCE, &mut group) {
        commit(db, &mut group);
    }
    if db.tallies.is_full() && begin(db).is_ok() && db.tallies.write(db).is_ok() {
        drop(db.execute_batch("COMMIT"));
    }
    // What this cannot move into the file stays in the log beside it, as after a kill.
    drop(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
}

/// Commits the group and answers; if that fails, each alone, so that one bad job does not spoil its neighbours.
fn commit(db: &Batch, group: &mut Vec<Box<dyn Job>>) {
    let outcome = transact(db, group);
    match outcome {
        Ok(()) => group.drain(..).for_each(|job| job.answer(Ok(()))),
        // Each alone would wait as long again.
        Err(Fault::Locked) => group.drain(..).for_each(|job| job.answer(Err(Fault::Locked))),
        Err(_) if group.len() > 1 => {
            for mut job in group.drain(..) {
                let outcome = transact(db, slice::from_mut(&mut job));
                job.answer(outcome);
            }
        }
        Err(why) => {
            if let Some(job) = group.pop() {
                job.answer(Err(why));
            }
        }
    }
}

fn transact(db: &Batch, jobs: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    if jobs.is_empty() {
        return Ok(());
    }
    begin(db)?;
    let outcome = jobs.iter_mut().try_for_each(|job| job.run(db)).and_then(|()| {
        db.tallies.write_if_due(db)?;
        db.prepare_cached("COMMIT")?.execute([])?;
        db.tallies.committed();
        Ok(())
    });
    if outcome.is_err() && !db.is_autocommit() {
        // It fails only if SQLite has rolled back by itself.
        drop(db.execute_batch("ROLLBACK"));
    }
    outcome
}

fn begin(db: &Batch) -> Result<(), Fault> {
    // Between transactions another process may have written.
    db.end.set(None);
    db.tallies.begin();
    match db.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
        Ok(_) => Ok(()),
        Err(why) if why.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(Fault::Locked),
        Err(why) => Err(why.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc as channel;

    fn table(path: &std::path::Path) -> Connection {
        let db = Connection::open(path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER NOT NULL)").unwrap();
        db
    }

    fn count(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    fn insert(db: &Batch, number: Option<i64>) -> Result<i64, Fault> {
        db.execute("INSERT INTO t VALUES (?1)", [number])?;
        Ok(count(db))
    }

    /// Holds the thread until the sender goes, so that what is queued meanwhile has to wait.
    fn hold(writer: &Arc<Writer>) -> (channel::Sender<()>, tokio::task::JoinHandle<Result<(), Fault>>) {
        let (release, held) = channel::channel::<()>();
        let writer = Arc::clone(writer);
        let wait = move |_: &Batch| held.recv().map_or_else(|_| Ok(()), Ok);
        (release, tokio::spawn(async move { writer.write_alone(wait).await }))
    }

    #[tokio::test]
    async fn what_has_queued_is_committed_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let writer = Arc::new(Writer::start(table(&path)).unwrap());
        let (release, holding) = hold(&writer);
        tokio::task::yield_now().await;
        let mut jobs = tokio::task::JoinSet::new();
        for number in 0..100 {
            let (writer, path) = (Arc::clone(&writer), path.clone());
            jobs.spawn(async move {
                let work = move |db: &Batch| {
                    let own = insert(db, Some(number))?;
                    Ok((own, count(&Connection::open(&path).unwrap())))
                };
                writer.write(1, work).await.unwrap()
            });
        }
        while writer.queue.room() > QUEUE - 100 {
            tokio::task::yield_now().await;
        }
        drop(release);
        let seen = jobs.join_all().await;
        assert_eq!(seen.iter().map(|(own, _)| *own).max(), Some(100), "each sees those before it");
        assert!(seen.iter().all(|(_, others)| *others == 0), "and nobody else does before the one commit");
        assert_eq!(count(&Connection::open(&path).unwrap()), 100);
        holding.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn nobody_waits_for_a_thread_that_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::start(table(&folder.path().join("t.db"))).unwrap();
        let dying = writer.write(1, |_: &Batch| -> Result<(), Fault> { panic!("a job that panics") });
        let behind = writer.write(1, |db: &Batch| insert(db, Some(1)));
        let (dying, behind) = tokio::join!(dying, behind);
        assert!(matches!(dying, Err(Fault::Closed)), "{dying:?}");
        assert!(matches!(behind, Err(Fault::Closed)), "{behind:?}");
        assert!(matches!(writer.write(1, |_: &Batch| Ok(())).await, Err(Fault::Closed)));
    }

    #[tokio::test]
    async fn a_failed_job_does_not_spoil_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let writer = Arc::new(Writer::start(table(&path)).unwrap());
        let (release, _holding) = hold(&writer);
        tokio::task::yield_now().await;
        let job = |number| writer.write(1, move |db: &Batch| insert(db, number));
        let free = async { drop(release) };
        let (first, bad, last, ()) = tokio::join!(job(Some(1)), job(None), job(Some(2)), free);
        assert!(matches!(bad, Err(Fault::Sql(_))), "{bad:?}");
        assert_eq!((first.unwrap(), last.unwrap()), (1, 2));
        writer.close().await;
        assert_eq!(count(&Connection::open(&path).unwrap()), 2);
        assert!(matches!(writer.write(1, |_: &Batch| Ok(())).await, Err(Fault::Closed)));
    }
}
