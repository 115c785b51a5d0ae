//! A real Redis of the test's own: on a free port, with its files in a folder that goes when the test ends.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::PATIENCE;

/// Ends the server with the test, however that ends: then nobody holds the other end of the pipe.
const KEEPER: &str = r#"
"$@" >/dev/null 2>&1 &
server=$!
read -r how
kill -KILL $server
wait $server 2>/dev/null
"#;

/// A running server, killed when dropped.
pub(crate) struct Redis {
    keeper: Child,
    port: u16,
    folder: TempDir,
    settings: Vec<String>,
}

impl Redis {
    /// One that writes all down before it answers, with these settings too.
    pub(crate) fn start(settings: &[&str]) -> Self {
        // And one that does not wait for more replicas before it serves the first.
        let usual = ["--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0"];
        Self::start_in(tempfile::tempdir().expect("a folder"), &[&usual, settings].concat())
    }

    fn start_in(folder: TempDir, settings: &[&str]) -> Self {
        let settings: Vec<_> = settings.iter().map(|&word| word.to_owned()).collect();
        let free = || TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let port = free();
        let mut server = Self { keeper: keeper(port, folder.path(), &settings), port, folder, settings };
        // Somebody else may take the port before the server does: then it is tried with another.
        for _ in 0..10 {
            if server.is_up() {
                return server;
            }
            server.port = free();
            server.keeper = keeper(server.port, server.folder.path(), &server.settings);
        }
        panic!("redis-server does not start: ./test installs it (Debian: redis-server)");
    }

    /// Its address, with nothing asked of it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The address of an empty store on it.
    pub(crate) fn store(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        format!("{}?prefix=t{}", self.url(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Where it writes down what it is told.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until what INFO tells has this line.
    pub(crate) fn tells(&self, line: &str) {
        let (end, mut told) = (Instant::now() + PATIENCE, String::new());
        while !told.lines().any(|one| one == line) {
            assert!(Instant::now() < end, "it never told {line}: {told}");
            std::thread::sleep(Duration::from_millis(5));
            told = self.say(&["INFO", "replication"]).unwrap_or_default();
        }
    }

    /// Kills it and starts it again with what it wrote down.
    pub(crate) fn restart(&mut self) {
        self.kill();
        // Nobody else is given the port so soon, but its last connections may still be in the way.
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            self.keeper = keeper(self.port, self.folder.path(), &self.settings);
            if self.is_up() {
                return;
            }
        }
        panic!("redis-server did not come back");
    }

    /// Says one thing to it.
    pub(crate) fn say<T: redis::FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let client = redis::Client::open(self.url())?;
        let mut way = client.get_connection_with_timeout(Duration::from_secs(5))?;
        let (verb, rest) = words.split_first().unwrap();
        redis::cmd(verb).arg(rest).query(&mut way)
    }

    /// The same, of no interest but that it is done.
    pub(crate) fn tell(&self, words: &[&str]) {
        self.say::<redis::Value>(words).unwrap_or_else(|why| panic!("{words:?}: {why}"));
    }

    /// Waits until it answers; false if it ended before.
    fn is_up(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && matches!(self.keeper.try_wait(), Ok(None)) {
            // One that answers at this port may be another; then this one ends at once.
            let own = self.say::<Vec<String>>(&["CONFIG", "GET", "dir"]);
            let is_own = own.is_ok_and(|pair| pair.last().is_some_and(|dir| Path::new(dir) == self.folder.path()));
            // While it loads what it wrote down it takes no other words.
            if is_own && self.say::<String>(&["PING"]).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        if let Some(mut pipe) = self.keeper.stdin.take() {
            drop(pipe.write_all(b"-KILL\n"));
        }
        drop(self.keeper.wait());
    }
}

fn keeper(port: u16, folder: &Path, settings: &[String]) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "sh", "redis-server", "--bind", "127.0.0.1", "--save", ""]);
    command.arg("--port").arg(port.to_string()).arg("--dir").arg(folder).args(settings);
    command.stdin(Stdio::piped()).spawn().expect("sh runs")
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server that the stores of all tests share, each under a prefix of its own. It ends with the process.
pub(crate) fn shared() -> &'static Redis {
    static SHARED: OnceLock<Redis> = OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redis");
        std::fs::create_dir_all(&folder).unwrap();
        Redis::start_in(tempfile::tempdir_in(folder).unwrap(), &["--appendonly", "no"])
    })
}
