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

/// The block in this language that follows these words of the guide.
fn block(guide: &str, words: &str, language: &str) -> String {
    let rest = guide.split_once(words).unwrap().1.split_once(&format!("```{language}\n")).unwrap().1;
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_guide_to_a_new_provider_works_as_it_is_written() {
    let guide = include_str!("../../docs/add-a-provider.md");
    let secret = "qp_live_4f9a2c7d81e6";
    assert!(guide.contains(secret));
    let home = TempDir::new().unwrap();
    let request = block(guide, "put this into", "http");
    fs::write(home.path().join("captured.http"), &request).unwrap();
    let given = ["--secret", secret, "--request", "captured.http"];
    let drafted = whk(home.path(), &[&["schemes", "new", "--name", "quillpost"], &given[..]].concat());
    assert_eq!(code(&drafted), 0, "{}", text(&drafted));
    let mut scheme = String::from_utf8(drafted.stdout).unwrap();
    for line in block(guide, "see to these", "toml").lines() {
        let entry = line.split(" = ").next().unwrap();
        let old = scheme.lines().find(|old| old.starts_with(&format!("{entry} = "))).map(str::to_owned);
        let old = old.unwrap_or_else(|| "[[vector]]".to_owned());
        let new = if old == "[[vector]]" { format!("{line}\n\n{old}") } else { line.to_owned() };
        scheme = scheme.replacen(&old, &new, 1);
    }
    fs::write(home.path().join("quillpost.toml"), &scheme).unwrap();
    let file = ["--scheme-file", "quillpost.toml"];
    let shown = whk(home.path(), &[&["schemes", "show", "quillpost"], &file[..]].concat());
    assert_eq!(text(&shown).trim_end(), scheme.trim_end());
    assert_eq!(code(&whk(home.path(), &["schemes", "test", "quillpost.toml"])), 0);
    let judged = whk(home.path(), &[&["verify", "--tolerance", "none"], &file[..], &given].concat());
    assert!(text(&judged).starts_with("valid quillpost"), "{}", text(&judged));
    let words = ["send", "post.published", "--data", "{}", "--to", "3000", "--dry-run", "--secret", secret];
    let sent = text(&whk(home.path(), &[&words[..], &file].concat()));
    assert!(
        sent.contains("Quillpost-Signature: ts=") && sent.contains(r#"{"event":"post.published","post":{}"#),
        "{sent}"
    );
}

#[test]
fn a_line_break_that_an_editor_put_at_the_end_is_named() {
    let home = TempDir::new().unwrap();
    let request = block(include_str!("../../docs/add-a-provider.md"), "put this into", "http");
    let lengthless = request.replace("Content-Length: 91\n", "");
    assert_ne!(request, lengthless);
    fs::write(home.path().join("captured.http"), lengthless).unwrap();
    let words = ["schemes", "new", "--name", "a", "--secret", "qp_live_4f9a2c7d81e6", "--request", "captured.http"];
    let drafted = whk(home.path(), &words);
    assert!(code(&drafted) == 1 && text(&drafted).contains("take it away"), "{}", text(&drafted));
}

#[test]
fn a_scheme_is_shown_as_it_is_written_without_its_vectors() {
    let home = TempDir::new().unwrap();
    let shown = text(&whk(home.path(), &["schemes", "show", "zoom"]));
    let written = fs::read_to_string("schemes/zoom.toml").unwrap();
    let (own, _) = written.split_once("[[challenge.vector]]").unwrap();
    assert!(own.contains("\n# ") && shown.starts_with(own.trim_end()), "{shown}");
    assert!(!shown.contains("vector]]"));
    fs::write(home.path().join("whk.toml"), format!("[scheme.mine]\n{LAYOUT}")).unwrap();
    let elsewhere = whk(home.path(), &["schemes", "show", "mine"]);
    assert!(code(&elsewhere) == 2 && text(&elsewhere).contains("it is [scheme.mine] in"), "{}", text(&elsewhere));
}

#[test]
fn a_mistake_in_a_file_is_told_in_one_line() {
    let home = TempDir::new().unwrap();
    for (file, part) in [
        ("name = 'a'\ntitle = 'A'\nsignature = { header = 'X' }\nwhat is this", "line 4, column 6: "),
        ("title = 'A'", "missing field `name`\n"),
    ] {
        fs::write(home.path().join("a.toml"), file).unwrap();
        let told = text(&whk(home.path(), &["schemes", "test", "a.toml"]));
        assert!(told.contains(part) && !told.contains("\\n") && told.lines().count() == 1, "{told}");
    }
}
