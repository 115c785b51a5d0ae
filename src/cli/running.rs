//! Where a running relay leaves its address, so that client commands of the same home find it on any port.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::private;

/// How long a relay on this machine may take to accept.
const PATIENCE: Duration = Duration::from_millis(300);

/// A relay that is, or was, running.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// Its address, `http://127.0.0.1:4400`.
    pub url: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    /// When it started, in Unix milliseconds.
    pub started_at: i64,
    /// The address of its store, without a password.
    #[serde(default)]
    pub store: String,
}

/// The note that a relay is running; taken back when dropped.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
}

impl Announcement {
    /// Leaves the note.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn leave(home: &Path, running: &Running) -> std::io::Result<Self> {
        let folder = home.join("run");
        private::folder(&folder)?;
        let path = folder.join(format!("{}.json", running.pid));
        private::write(&path, serde_json::to_string(running)?.as_bytes())?;
        Ok(Self { path })
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // A note that stays behind is found out when nobody answers at its address.
        drop(fs::remove_file(&self.path));
    }
}

/// The relay of this home that started last and still accepts connections.
#[must_use]
pub fn find(home: &Path) -> Option<Running> {
    let entries = fs::read_dir(home.join("run")).ok()?;
    let mut all: Vec<(PathBuf, Running)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let running = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            Some((path, running))
        })
        .collect();
    all.sort_by_key(|(_, running)| std::cmp::Reverse(running.started_at));
    all.into_iter().find_map(|(path, running)| {
        if TcpStream::connect_timeout(&running.address, PATIENCE).is_ok() {
            return Some(running);
        }
        drop(fs::remove_file(path));
        None
    })
}
