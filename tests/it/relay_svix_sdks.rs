//! The Svix SDKs for Python and JavaScript, unchanged, against a relay.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::process::Process;
use crate::support::whk::{Listener, Whk};

/// Where `./test` puts the libraries.
fn libraries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/receivers")
}

/// Runs a program to its end against a relay of its own; it fails by itself if something is not as it should be.
fn runs(mut program: Command) {
    let installed = libraries().join("installed").exists();
    assert!(installed, "the official libraries are not installed: ./test does it, or tests/receivers/install alone");
    let whk = Whk::new();
    let relay = Listener::start(whk.command(["relay", "--output", "json", "--port", "0", "--retry", "1s,1s"]));
    let token = std::fs::read_to_string(whk.home().join("token")).unwrap();
    program.env("SVIX_TOKEN", token.trim()).env("SVIX_SERVER_URL", format!("http://{}", relay.address()));
    let ended = Process::start(&mut program).ended();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.line("done")["checks"].as_u64().is_some_and(|checks| checks > 10), "{ended}");
}

#[test]
fn the_sdk_for_python_works_unchanged() {
    let mut program = Command::new(libraries().join("venv/bin/python"));
    program.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receivers/svix_app.py"));
    runs(program);
}

#[test]
fn the_sdk_for_javascript_works_unchanged() {
    let mut program = Command::new("node");
    // What comes as an argument finds its modules from the working directory.
    let script = include_str!("../receivers/svix_app.mjs");
    program.args(["--input-type=module", "--eval", script]).current_dir(libraries());
    runs(program);
}
