//! A Redis server of a test's own, which writes all down before it answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::PATIENCE;

/// A server, killed when dropped.
#[derive(Debug)]
pub(crate) struct Redis {
    folder: TempDir,
    address: SocketAddr,
    child: Child,
}

impl Redis {
    /// Starts one and waits until it answers.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Somebody else may take the port before the server does: then it is tried with another.
        for _ in 0..5 {
            let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
            let mut child = start(&folder, address);
            if answers(address, &mut child) {
                return Self { folder, address, child };
            }
        }
        panic!("redis-server does not start: ./test installs it (Debian: redis-server)");
    }

    /// Its address, with nothing asked of it.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    /// Kills it and starts it again with what it wrote down.
    pub(crate) fn restart(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        self.child = start(&self.folder, self.address);
        assert!(answers(self.address, &mut self.child), "it did not come back");
    }

    /// What it says to these words, as it says it.
    pub(crate) fn ask(&self, words: &[&str]) -> String {
        ask(self.address, words).expect("an answer")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn start(folder: &TempDir, address: SocketAddr) -> Child {
    let port = address.port().to_string();
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "yes"]);
    server.args(["--appendfsync", "always", "--dir"]).arg(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().expect("redis-server is missing: ./test installs it (Debian: redis-server)")
}

fn answers(address: SocketAddr, child: &mut Child) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
        if ask(address, &["PING"]).is_ok_and(|answer| answer.starts_with("+PONG")) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn ask(address: SocketAddr, words: &[&str]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut said = format!("*{}\r\n", words.len());
    for word in words {
        said.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
    }
    // With this the answer is all there is until the end.
    said.push_str("*1\r\n$4\r\nQUIT\r\n");
    stream.write_all(said.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned())
}
