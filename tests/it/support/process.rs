//! A child process, what it says while it runs, and how it ended.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Watched, patience};

/// A child and what it says.
#[derive(Debug)]
pub(crate) struct Process {
    /// The child.
    pub(crate) child: Child,
    words: String,
    out: Arc<Watched<Said>>,
    err: Arc<Watched<Said>>,
}

/// What was said on a stream so far.
#[derive(Debug, Default)]
struct Said {
    bytes: Vec<u8>,
    records: Vec<Value>,
    is_over: bool,
}

impl Process {
    /// Starts a command, its three streams on pipes.
    pub(crate) fn start(command: &mut Command) -> Self {
        let words = format!("{:?}", command.get_args().collect::<Vec<_>>());
        let words = words.trim_matches(['[', ']']).replace("\", \"", "\" \"");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the binary starts");
        let out = child.stdout.take().map(collect).expect("a pipe");
        let err = child.stderr.take().map(collect).expect("a pipe");
        Self { child, words, out, err }
    }

    /// Gives it its input, all of it.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if let Some(mut stdin) = self.child.stdin.take() {
            // Whoever does not read its input is free not to.
            drop(stdin.write_all(bytes));
        }
    }

    /// The first so many lines of a type; `None` if they do not come.
    pub(crate) fn lines(&self, kind: &str, count: usize) -> Option<Vec<Value>> {
        let found = self.out.wait(|said| {
            let own = said.records.iter().filter(|record| record["type"] == kind);
            let own: Vec<_> = own.take(count).cloned().collect();
            (own.len() >= count || said.is_over).then_some(own)
        });
        found.filter(|own| own.len() >= count)
    }

    /// Waits until it says this on stderr; whether it did.
    pub(crate) fn says(&self, text: &str) -> bool {
        let has = |said: &mut Said| String::from_utf8_lossy(&said.bytes).contains(text);
        self.err.wait(|said| (has(said) || said.is_over).then(|| has(said))).unwrap_or(false)
    }

    /// Waits until it ends.
    pub(crate) fn ended(self) -> Ended {
        self.ended_within(patience())
    }

    /// The same for what takes longer.
    pub(crate) fn ended_within(mut self, patience: Duration) -> Ended {
        drop(self.child.stdin.take());
        for said in [&self.out, &self.err] {
            if said.wait_for(patience, |said| said.is_over.then_some(())).is_none() {
                drop(self.child.kill());
                panic!("it did not end\n{}", self.so_far());
            }
        }
        let code = self.child.wait().expect("an end").code();
        Ended { code, ..self.so_far() }
    }

    /// What it said so far.
    pub(crate) fn so_far(&self) -> Ended {
        let bytes = |said: &Watched<Said>| said.with(|said| said.bytes.clone());
        Ended { words: self.words.clone(), code: None, out: bytes(&self.out), err: bytes(&self.err) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn collect(stream: impl Read + Send + 'static) -> Arc<Watched<Said>> {
    let said = Arc::new(Watched::<Said>::default());
    let shared = Arc::clone(&said);
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            shared.with(|said| {
                said.bytes.extend_from_slice(&line);
                said.records.extend(serde_json::from_slice::<Value>(&line));
            });
            line.clear();
        }
        shared.with(|said| said.is_over = true);
    });
    said
}

/// A command that came to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What was typed.
    pub(crate) words: String,
    /// The exit code; `None` if it was killed.
    pub(crate) code: Option<i32>,
    /// Its stdout.
    pub(crate) out: Vec<u8>,
    /// Its stderr.
    pub(crate) err: Vec<u8>,
}

impl Ended {
    /// Its stdout as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap_or_else(|why| panic!("{why}\n{self}"))
    }

    /// Its stdout as NDJSON, which it must be, with nothing else in it.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = self.text();
        let read = |line: &str| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}\n{self}"));
            assert!(value["type"].is_string(), "a line without a type: {line}\n{self}");
            value
        };
        assert!(text.is_empty() || text.ends_with('\n'), "a line without an end\n{self}");
        text.lines().map(read).collect()
    }

    /// The records of one type.
    pub(crate) fn lines(&self, kind: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["type"] == kind).collect()
    }

    /// The one record of this type.
    pub(crate) fn line(&self, kind: &str) -> Value {
        let mut all = self.lines(kind);
        assert_eq!(all.len(), 1, "one {kind} line\n{self}");
        all.remove(0)
    }

    /// The error line, which must be all of stderr: its kind, and message and hints in one text.
    pub(crate) fn error(&self) -> (String, String) {
        let line: Value = serde_json::from_slice(&self.err).unwrap_or_else(|why| panic!("{why}\n{self}"));
        let keys: Vec<_> = line.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["type", "kind", "message", "hints"], "{self}");
        assert_eq!((&line["type"], line["hints"].is_array()), (&Value::from("error"), true), "{self}");
        (line["kind"].as_str().unwrap_or_default().to_owned(), format!("{} {}", line["message"], line["hints"]))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(bytes.get(..bytes.len().min(4000)).unwrap_or_default()).into_owned();
        let Self { words, code, out, err } = self;
        write!(f, "{words}\nended with {code:?}\nstdout: {}\nstderr: {}", text(out), text(err))
    }
}
