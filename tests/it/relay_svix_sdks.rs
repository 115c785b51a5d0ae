//! The Svix SDKs for Python and JavaScript, unchanged, against a relay: one version of each, or all in the long mode.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::process::Process;
use crate::support::whk::{Listener, Whk};
use crate::support::{PATIENCE, is_long};

/// Where `./test` puts the libraries.
fn libraries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/receivers")
}

/// The folders with an SDK for this language.
fn versions(language: &str) -> Vec<PathBuf> {
    let mut all = vec![libraries()];
    if is_long() {
        let listed = include_str!("../receivers/svix_versions").lines().filter_map(|line| line.split_once(' '));
        let own = listed.filter(|(name, _)| *name == language);
        all.extend(own.map(|(_, version)| libraries().join(format!("svix-{language}-{version}"))));
    }
    all
}

/// Runs a program to its end against a relay of its own; it fails by itself if something is not as it should be.
fn runs(folder: &Path, mut program: Command) {
    let installed = folder.join("installed").exists();
    assert!(installed, "{} is not there: tests/receivers/install --all makes it, as ./test does", folder.display());
    let whk = Whk::new();
    let relay = Listener::start(whk.command(["relay", "--output", "json", "--port", "0", "--retry", "1s,1s"]));
    let token = std::fs::read_to_string(whk.home().join("token")).unwrap();
    program.env("SVIX_TOKEN", token.trim()).env("SVIX_SERVER_URL", format!("http://{}", relay.address()));
    let ended = Process::start(&mut program).ended_within(PATIENCE * 6);
    assert_eq!(ended.code, Some(0), "{}: {ended}", folder.display());
    assert!(ended.line("done")["checks"].as_u64().is_some_and(|checks| checks > 30), "{ended}");
}

#[test]
fn the_sdk_for_python_works_unchanged() {
    for folder in versions("python") {
        let mut program = Command::new(folder.join("venv/bin/python"));
        program.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receivers/svix_app.py"));
        runs(&folder, program);
    }
}

#[test]
fn the_sdk_for_javascript_works_unchanged() {
    for folder in versions("npm") {
        let mut program = Command::new("node");
        // What comes as an argument finds its modules from the working directory.
        let script = include_str!("../receivers/svix_app.mjs");
        program.args(["--input-type=module", "--eval", script]).current_dir(&folder);
        runs(&folder, program);
    }
}
