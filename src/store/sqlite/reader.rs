//! A few read-only connections, opened when they are needed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::schema;

/// So many questions at a time; the others wait.
const AT_ONCE: usize = 4;
/// So many connections stay open when nobody asks; each holds a cache.
const IDLE: usize = 2;

/// The reading side.
pub(super) struct Reader {
    path: Arc<PathBuf>,
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Reader {
    /// Of the store at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), turns: Arc::new(Semaphore::new(AT_ONCE)), idle: Arc::default() }
    }

    /// Asks on a thread that may block, with one view of the store for all that `ask` reads.
    pub(super) async fn read<T, A>(&self, ask: A) -> Result<T, Fault>
    where
        T: Send + 'static,
        A: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Fault::Closed)?;
        let (path, idle) = (Arc::clone(&self.path), Arc::clone(&self.idle));
        let work = move || -> Result<T, Fault> {
            // Kept until the work ends, even if whoever asked goes away before.
            let _turn = turn;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let db = match kept {
                Some(db) => db,
                None => schema::open_reader(&path)?,
            };
            let view = Transaction::new_unchecked(&db, TransactionBehavior::Deferred)?;
            let answer = ask(&view)?;
            view.finish()?;
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(db);
            }
            Ok(answer)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Closed)?
    }

    /// Refuses further questions and closes what is idle.
    pub(super) fn close(&self) {
        self.turns.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
