//! `whk check` against receivers in other languages, written with official libraries: the right ones pass, and the fault
//! of each flawed one is named.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::process::Process;
use crate::support::whk::Whk;

/// A secret that every library can read.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Where `./test` puts the libraries.
fn libraries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/receivers")
}

/// A receiver that runs until it is dropped.
struct Receiver {
    _process: Process,
    url: String,
}

fn started(mut command: Command) -> Receiver {
    let installed = libraries().join("installed").exists();
    assert!(installed, "the official libraries are not installed: ./test does it, or tests/receivers/install alone");
    let process = Process::start(command.env("WEBHOOK_SECRET", SECRET));
    let Some(ready) = process.lines("ready", 1) else { panic!("it did not start\n{}", process.so_far()) };
    let url = format!("http://127.0.0.1:{}/hook", ready.first().unwrap()["port"]);
    Receiver { _process: process, url }
}

/// In Python.
fn python(words: &[&str]) -> Receiver {
    let mut command = Command::new(libraries().join("venv/bin/python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receivers/receiver.py")).args(words);
    started(command)
}

/// In JavaScript. What comes as an argument finds its modules from the working directory.
fn node(script: &str) -> Receiver {
    let mut command = Command::new("node");
    command.args(["--input-type=module", "--eval", script]).current_dir(libraries());
    started(command)
}

/// The names of the checks with this outcome, and the exit code.
fn checked(receiver: &Receiver, words: &[&str], outcome: &str) -> (Vec<String>, Option<i32>) {
    let words = [&["check", &receiver.url, "--secret", SECRET, "--output", "json"], words].concat();
    let output = Whk::new().command(words).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let own = lines.filter(|line| line["outcome"] == outcome);
    (own.map(|line| line["name"].as_str().unwrap().to_owned()).collect(), output.status.code())
}

#[test]
fn receivers_with_official_libraries_pass() {
    let octokit = include_str!("../receivers/octokit.mjs");
    for (receiver, scheme, warned) in [
        (python(&["standardwebhooks"]), "standard-webhooks", &["empty-body"][..]),
        (python(&["svix"]), "svix", &[]),
        // Its library does not look at times ahead.
        (python(&["stripe"]), "stripe", &["future-timestamp", "empty-body"]),
        (node(octokit), "github", &["empty-body"]),
    ] {
        let (failed, code) = checked(&receiver, &["--scheme", scheme], "fail");
        assert_eq!((failed, code), (vec![], Some(0)), "{scheme}");
        assert_eq!(checked(&receiver, &["--scheme", scheme], "warn").0, warned, "{scheme}");
    }
}

#[test]
fn the_fault_of_each_flawed_receiver_is_named() {
    for (flaw, failed) in [
        ("never-compares", &["tampered-body", "wrong-secret", "malformed-header"][..]),
        ("forgets-the-time", &["stale-timestamp", "future-timestamp"]),
        ("fails-on-other-types", &["unknown-type"]),
        // What it writes has spaces, and what is usually sent has none.
        ("verifies-what-it-parsed", &["valid", "raw-body"]),
        ("redirects-thrice", &["redirects"]),
        ("verifies-what-is-there", &["unsigned"]),
        ("fails-on-known-ids", &["twice"]),
        ("never-answers", &["valid", "answers-in-time"]),
    ] {
        let words = ["--type", "order.created", "--timeout", "2s"];
        let (found, code) = checked(&python(&["standardwebhooks", flaw]), &words, "fail");
        assert_eq!((found, code), (failed.iter().map(|name| (*name).to_owned()).collect(), Some(1)), "{flaw}");
    }
}
