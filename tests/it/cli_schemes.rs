//! Schemes of one's own through the program: in `whk.toml`, in a file, and drafted from a captured request.

#![expect(clippy::unwrap_used, reason = "what a test cannot have is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const LAYOUT: &str = "algorithm = 'hmac-sha512'\nsigned = '{ts}/{body}'\nsignature = { header = 'X-Mine' }\n\
                      timestamp = { header = 'X-Mine-At' }\n";

fn whk(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whk"));
    command.args(args).current_dir(folder).env("WHK_HOME", folder.join("home")).stdin(Stdio::null());
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The headers that a body is signed with, as flags.
fn signed(folder: &Path, more: &[&str]) -> Vec<String> {
    let args = [&["sign", "--secret", "s3cr3t", "--body", "{}"], more].concat();
    let output = whk(folder, &args);
    assert_eq!(code(&output), 0, "{}", text(&output));
    String::from_utf8(output.stdout).unwrap().lines().flat_map(|line| ["-H".to_owned(), line.to_owned()]).collect()
}

fn verify(folder: &Path, more: &[&str], headers: &[String]) -> Output {
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    whk(folder, &[&["verify", "--secret", "s3cr3t", "--body", "{}"], more, &headers].concat())
}

#[test]
fn a_scheme_of_the_settings_is_known_by_its_name_and_by_its_header() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("whk.toml"), format!("[scheme.mine]\n{LAYOUT}")).unwrap();
    let headers = signed(home.path(), &["--scheme", "mine"]);
    assert_eq!(code(&verify(home.path(), &["--scheme", "mine"], &headers)), 0);
    let detected = verify(home.path(), &[], &headers);
    assert!(text(&detected).starts_with("valid mine"), "{}", text(&detected));
    assert!(text(&whk(home.path(), &["schemes", "list"])).contains("mine"));
}

#[test]
fn the_setting_that_chooses_stands_beside_the_schemes() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("whk.toml"), format!("scheme.use = 'mine'\n[scheme.mine]\n{LAYOUT}")).unwrap();
    assert!(signed(home.path(), &[]).iter().any(|line| line.starts_with("X-Mine: ")));
    assert!(signed(home.path(), &["--scheme", "stripe"]).iter().any(|line| line.starts_with("Stripe-Signature: ")));
}

#[test]
fn a_scheme_file_is_known_to_every_command() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("mine.toml"), format!("name = 'mine'\ntitle = 'Mine'\n{LAYOUT}")).unwrap();
    let file = ["--scheme-file", "mine.toml"];
    let headers = signed(home.path(), &[&file[..], &["--scheme", "Mine"]].concat());
    assert!(text(&verify(home.path(), &file, &headers)).starts_with("valid mine"));
    assert_eq!(code(&verify(home.path(), &["--scheme", "mine"], &headers)), 2);
    let sent = whk(
        home.path(),
        &[
            "send",
            "order.created",
            "--to",
            "3000",
            "--secret",
            "s",
            "--scheme",
            "mine",
            "--scheme-file",
            "mine.toml",
            "--dry-run",
        ],
    );
    assert!(text(&sent).contains("X-Mine: "), "{}", text(&sent));
}

#[test]
fn a_mistake_in_a_scheme_names_its_place() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("whk.toml"), "[scheme.mine]\nsignatur = { header = 'x' }\n").unwrap();
    let output = whk(home.path(), &["schemes", "list"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("[scheme.mine]") && text(&output).contains("signatur"), "{}", text(&output));
}

#[test]
fn a_drafted_scheme_passes_its_own_test_and_verifies_the_request() {
    let home = TempDir::new().unwrap();
    let headers = signed(home.path(), &["--scheme", "stripe"]);
    let raw: Vec<&str> = headers.iter().filter(|line| *line != "-H").map(String::as_str).collect();
    fs::write(
        home.path().join("r.http"),
        format!("POST /h HTTP/1.1\r\nHost: a.example\r\n{}\r\n\r\n{{}}", raw.join("\r\n")),
    )
    .unwrap();
    let args = ["schemes", "new", "--name", "acme", "--request", "r.http", "--secret", "s3cr3t"];
    let output = whk(home.path(), &args);
    assert_eq!(code(&output), 0, "{}", text(&output));
    let toml = String::from_utf8(output.stdout).unwrap();
    assert!(toml.contains("split = \",\"") && !toml.contains("s3cr3t"), "{toml}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("--scheme stripe"));
    fs::write(home.path().join("acme.toml"), toml).unwrap();
    assert_eq!(code(&whk(home.path(), &["schemes", "test", "acme.toml"])), 0);
    let args =
        ["verify", "--scheme-file", "acme.toml", "--scheme", "acme", "--secret", "s3cr3t", "--request", "r.http"];
    assert_eq!(code(&whk(home.path(), &args)), 0);
}

#[test]
fn no_layout_that_fits_is_the_answer_no() {
    let home = TempDir::new().unwrap();
    let args = [
        "schemes",
        "new",
        "--secret",
        "s",
        "--body",
        "{}",
        "-H",
        "X-Sig: 00112233445566778899aabbccddeeff",
        "--output",
        "json",
    ];
    let output = whk(home.path(), &args);
    assert_eq!(code(&output), 1);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["type"], &line["toml"]), (&Value::from("scheme"), &Value::Null));
    assert_eq!(code(&whk(home.path(), &["schemes", "new", "--body", "{}"])), 2);
}
