//! The binary under test, each time with a home of its own and an environment with nothing in it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::process::{Ended, Process};
use crate::support::wire::{self, Message};

/// A home of its own, and what is run in it.
#[derive(Debug)]
pub(crate) struct Whk {
    folder: TempDir,
}

/// A command that is about to run, and what is expected of it. Unless said otherwise it ends with 0, says nothing on
/// stderr, and, if it fails, nothing on stdout.
#[must_use = "nothing runs before `check`"]
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
    stdin: Vec<u8>,
    code: i32,
    out: Vec<Wish>,
    err: Vec<Wish>,
}

#[derive(Debug)]
enum Wish {
    Is(Vec<u8>),
    Has(String),
    Lacks(String),
    Anything,
}

/// A running `whk listen --output json`, killed when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    process: Process,
    /// Its `ready` line.
    pub(crate) ready: Value,
    address: SocketAddr,
}

impl Whk {
    /// In a new folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for the test") }
    }

    /// The working directory of what is run.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Where whk keeps its state.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file into the working directory.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    /// A command with these arguments.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Run {
        Run { command: self.command(words), stdin: Vec::new(), code: 0, out: Vec::new(), err: Vec::new() }
    }

    /// The same command, to be started by the test itself.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        std::fs::create_dir_all(self.folder()).expect("a working directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_whk"));
        command.args(words).env_clear().env("WHK_HOME", self.home()).env("HOME", self.folder.path());
        command.env("PATH", "/usr/bin:/bin").current_dir(self.folder());
        command
    }

    /// Starts a listener on a port of its own and waits until it is ready.
    pub(crate) fn listen<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Listener {
        let mut command = self.command(["listen", "--output", "json", "--port", "0"]);
        command.args(words);
        Listener::start(command)
    }

    /// Starts a relay on a port of its own and waits until it is ready.
    pub(crate) fn relay<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Listener {
        let mut command = self.command(["relay", "--output", "json", "--port", "0"]);
        command.args(words);
        Listener::start(command)
    }

    /// A token for the relay's APIs, made with these words.
    pub(crate) fn token(&self, words: &[&str]) -> String {
        let verb = ["relay", "token", "create", "--output", "json"];
        let made = self.run(verb.iter().chain(words)).check().line("token");
        made["token"].as_str().expect("a token").to_owned()
    }

    /// The secret that this home's senders and listeners share.
    pub(crate) fn secret(&self) -> String {
        self.run(["secret", "show"]).out_has("whsec_").check().text().trim().to_owned()
    }

    /// Every event that is kept, the newest first.
    pub(crate) fn events(&self, words: &[&str]) -> Vec<Value> {
        let list = ["events", "list", "--limit", "1000000", "--output", "json"];
        self.run(list.iter().chain(words)).check().lines("event")
    }
}

impl Run {
    /// With this variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// In this folder.
    pub(crate) fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With these bytes on stdin.
    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        bytes.as_ref().clone_into(&mut self.stdin);
        self
    }

    /// It must end with this code.
    pub(crate) fn exits(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Its stdout must be this.
    pub(crate) fn out_is(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.out.push(Wish::Is(bytes.as_ref().to_vec()));
        self
    }

    /// Its stdout must have this.
    pub(crate) fn out_has(mut self, text: impl Into<String>) -> Self {
        self.out.push(Wish::Has(text.into()));
        self
    }

    /// Its stdout must not have this.
    pub(crate) fn out_lacks(mut self, text: impl Into<String>) -> Self {
        self.out.push(Wish::Lacks(text.into()));
        self
    }

    /// Its stderr must have this.
    pub(crate) fn err_has(mut self, text: impl Into<String>) -> Self {
        self.err.push(Wish::Has(text.into()));
        self
    }

    /// Its stderr must not have this.
    pub(crate) fn err_lacks(mut self, text: impl Into<String>) -> Self {
        self.err.push(Wish::Lacks(text.into()));
        self
    }

    /// It may say anything on stderr.
    pub(crate) fn talks(mut self) -> Self {
        self.err.push(Wish::Anything);
        self
    }

    /// Runs it, and compares its end with what was expected, all at once.
    pub(crate) fn check(mut self) -> Ended {
        let mut process = Process::start(&mut self.command);
        process.feed(&self.stdin);
        let ended = process.ended();
        if self.err.is_empty() {
            self.err.push(Wish::Is(Vec::new()));
        }
        if self.out.is_empty() && self.code >= 2 {
            self.out.push(Wish::Is(Vec::new()));
        }
        self.err.push(Wish::Lacks("panicked".to_owned()));
        let mut wrong = String::new();
        if ended.code != Some(self.code) {
            writeln!(wrong, "it was to end with {}", self.code).expect("text");
        }
        for (name, bytes, wishes) in [("stdout", &ended.out, &self.out), ("stderr", &ended.err, &self.err)] {
            for wish in wishes.iter().filter(|wish| !wish.is_met(bytes)) {
                writeln!(wrong, "{name}: {wish:?}").expect("text");
            }
        }
        assert!(wrong.is_empty(), "{wrong}{ended}");
        if ended.words.contains("\"--output\" \"json\"") {
            ended.records();
        }
        ended
    }
}

impl Wish {
    fn is_met(&self, bytes: &[u8]) -> bool {
        let has = |text: &String| String::from_utf8_lossy(bytes).contains(text.as_str());
        match self {
            Self::Is(wanted) => bytes == wanted,
            Self::Has(text) => has(text),
            Self::Lacks(text) => !has(text),
            Self::Anything => true,
        }
    }
}

impl Listener {
    /// Starts this command, a listener, and waits until it is ready.
    pub(crate) fn start(mut command: Command) -> Self {
        let process = Process::start(&mut command);
        let Some(ready) = process.lines("ready", 1).map(|mut lines| lines.remove(0)) else {
            panic!("it was not ready\n{}", process.ended());
        };
        // The inbox is at the address, the inspector's link has a token behind it.
        let inbox = ready["url"].as_str().unwrap_or_default();
        let base = inbox.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let address = base.parse().unwrap_or_else(|why| panic!("{why}: {ready}"));
        Self { process, ready, address }
    }

    /// Starts this command, which listens nowhere here or speaks TLS, and waits until it is ready.
    pub(crate) fn away(mut command: Command) -> Self {
        let process = Process::start(&mut command);
        let Some(ready) = process.lines("ready", 1).map(|mut lines| lines.remove(0)) else {
            panic!("it was not ready\n{}", process.ended());
        };
        Self { process, ready, address: SocketAddr::from(([127, 0, 0, 1], 0)) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its inbox.
    pub(crate) fn url(&self) -> String {
        self.ready["url"].as_str().unwrap_or_default().to_owned()
    }

    /// Posts a body to its inbox.
    pub(crate) fn post(&self, body: impl AsRef<[u8]>) -> Message {
        self.send(&wire::request("POST", "/in/default", &[], body.as_ref()))
    }

    /// Posts an event of this type with this data.
    pub(crate) fn emit(&self, event_type: &str, data: &Value) -> Message {
        self.post(serde_json::json!({"type": event_type, "data": data}).to_string())
    }

    /// Says these bytes and reads the answer.
    pub(crate) fn send(&self, bytes: &[u8]) -> Message {
        wire::exchange(self.address, bytes).unwrap_or_else(|why| panic!("no answer: {why}\n{}", self.process.so_far()))
    }

    /// The first so many lines of a type; waits for them.
    pub(crate) fn lines(&self, kind: &str, count: usize) -> Vec<Value> {
        let found = self.process.lines(kind, count);
        found.unwrap_or_else(|| panic!("{count} {kind} lines were due\n{}", self.process.so_far()))
    }

    /// Waits until it says this on stderr.
    pub(crate) fn says(&self, text: &str) {
        assert!(self.process.says(text), "it never said {text}\n{}", self.process.so_far());
    }

    /// The one event; waits for it.
    pub(crate) fn event(&self) -> Value {
        self.lines("event", 1).remove(0)
    }

    /// The one attempt; waits for it.
    pub(crate) fn attempt(&self) -> Value {
        self.lines("attempt", 1).remove(0)
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.process.child.try_wait(), Ok(None))
    }

    /// Sends it a signal, such as INT.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.child.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name} {id}");
    }

    /// Ends it as ^C does, and gives back all it said.
    pub(crate) fn stop(self) -> Ended {
        self.signal("INT");
        self.ended()
    }

    /// Kills it, so that it has no time for anything.
    pub(crate) fn kill(mut self) {
        drop(self.process.child.kill());
        drop(self.process.child.wait());
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(self) -> Ended {
        let ended = self.process.ended();
        ended.records();
        ended
    }
}

/// The bytes of an event line's body.
pub(crate) fn body_of(event: &Value) -> Vec<u8> {
    STANDARD.decode(event["body_b64"].as_str().unwrap_or_default()).expect("base64")
}
