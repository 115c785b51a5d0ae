//! A real Redis of the test's own: on a free port, with its files in a folder that goes when the test ends.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::support::PATIENCE;

/// Ends the server with the test, however that ends: then nobody holds the other end of the pipe.
const KEEPER: &str = r#"
"$@" >/dev/null 2>&1 &
server=$!
read -r how
kill "$how" $server 2>/dev/null || kill -KILL $server
wait $server 2>/dev/null
"#;

/// A running server.
pub(crate) struct Redis {
    keeper: Child,
    port: u16,
}

impl Redis {
    /// One that keeps what it is told in `folder`, with these settings too.
    pub(crate) fn start(folder: &Path, settings: &[&str]) -> Self {
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(server) = Self::start_at(port, folder, settings) {
                return server;
            }
        }
        panic!("redis-server does not start: is it installed? (./test installs it)");
    }

    /// One at this port; none if that is taken.
    pub(crate) fn start_at(port: u16, folder: &Path, settings: &[&str]) -> Option<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh", "redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
        command.arg("--port").arg(port.to_string()).arg("--dir").arg(folder).args(settings);
        let keeper = command.stdin(Stdio::piped()).spawn().expect("sh runs");
        let mut server = Self { keeper, port };
        let end = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < end {
            if server.answers() {
                return Some(server);
            }
            if server.keeper.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::yield_now();
        }
        None
    }

    /// The port.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The address of an empty store on it.
    pub(crate) fn store(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        format!("redis://127.0.0.1:{}/0?prefix=t{number}", self.port)
    }

    /// Ends it with this signal, and waits.
    pub(crate) fn end(mut self, signal: &str) {
        drop(self.keeper.stdin.take().unwrap().write_all(format!("-{signal}\n").as_bytes()));
        self.keeper.wait().unwrap();
    }

    /// Says one thing to it.
    pub(crate) fn say<T: redis::FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port))?;
        let mut way = client.get_connection_with_timeout(Duration::from_secs(5))?;
        let (verb, rest) = words.split_first().unwrap();
        redis::cmd(verb).arg(rest).query(&mut way)
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok() && self.say::<String>(&["PING"]).is_ok()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.keeper.stdin.take() {
            drop(pipe.write_all(b"-KILL\n"));
        }
        drop(self.keeper.wait());
    }
}

/// The server that the stores of all tests share, each under a prefix of its own. It ends with the process.
pub(crate) fn shared() -> &'static Redis {
    static SHARED: OnceLock<Redis> = OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redis");
        std::fs::create_dir_all(&folder).unwrap();
        let folder = folder.join(std::process::id().to_string());
        std::fs::create_dir_all(&folder).unwrap();
        Redis::start(&folder, &["--appendonly", "no"])
    })
}
