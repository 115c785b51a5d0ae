//! Handshakes through the program: `listen` answers them, `send --challenge` plays them.

#![expect(clippy::unwrap_used, reason = "what a test cannot have is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

fn whk(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whk"));
    command.args(args).current_dir(home).env("WHK_HOME", home.join("home")).stdin(Stdio::null());
    command
}

/// A running `whk listen`.
struct Listening {
    child: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Listening {
    fn start(home: &Path, args: &[&str]) -> Self {
        let all = [&["listen", "--port", "0", "--store", "memory:", "--output", "json"], args].concat();
        let mut child = whk(home, &all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut own = Self { child, lines, address: String::new() };
        let ready = own.line();
        assert_eq!(ready["type"], "ready");
        ready["url"].as_str().unwrap().split('/').nth(2).unwrap().clone_into(&mut own.address);
        own
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The answer to a request, head and body.
    fn ask(&self, head: &str, body: &str) -> String {
        exchange(&self.address, head, body)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn exchange(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let wire = format!("{head}\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(wire.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A receiver that answers each request with what `answer` makes of its head and body.
fn receiver(answer: fn(&str, &str) -> (u16, String)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            let (status, text) = answer(&head, &String::from_utf8(body).unwrap());
            let length = text.len();
            let wire = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}");
            reader.into_inner().write_all(wire.as_bytes()).unwrap();
        }
    });
    address
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_handshake_is_answered_recorded_and_not_forwarded() {
    let home = TempDir::new().unwrap();
    let app = receiver(|_, _| (418, "the app".to_owned()));
    let mut listening = Listening::start(home.path(), &["--forward", &app]);
    let answer =
        listening.ask("POST /in/default HTTP/1.1", r#"{"type":"url_verification","challenge":"3eZ","token":"t"}"#);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("content-type: application/json"), "{answer}");
    assert_eq!(body(&answer), r#"{"challenge":"3eZ"}"#);
    let line = listening.line();
    assert_eq!((&line["type"], &line["event_type"]), (&Value::from("event"), &Value::from("url_verification")));
    assert_eq!((&line["provider"], &line["challenge"]["status"]), (&Value::from("slack"), &Value::from(200)));
    let answer = listening.ask("POST /in/default HTTP/1.1", r#"{"type":"order.created"}"#);
    assert_eq!(body(&answer), "the app");
    let line = listening.line();
    assert_eq!((&line["provider"], &line["challenge"]), (&Value::Null, &Value::Null));
}

#[test]
fn turned_off_the_app_answers() {
    let home = TempDir::new().unwrap();
    let app = receiver(|_, _| (200, "the app".to_owned()));
    let listening = Listening::start(home.path(), &["--forward", &app, "--challenge", "off"]);
    assert_eq!(body(&listening.ask("GET /in/default?challenge=1 HTTP/1.1", "")), "the app");
}

#[test]
fn a_named_provider_is_the_only_one_and_its_parameters_count() {
    let home = TempDir::new().unwrap();
    let listening = Listening::start(home.path(), &["--challenge", "meta", "--param", "verify_token=mine"]);
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=115&hub.verify_token={token}");
        listening.ask(&format!("GET /in/default/hook?{query} HTTP/1.1"), "")
    };
    assert_eq!(body(&ask("mine")), "115");
    assert!(ask("yours").starts_with("HTTP/1.1 403"));
    let other = listening.ask("GET /in/default?challenge=1 HTTP/1.1", "");
    assert!(body(&other).contains("recorded"), "{other}");
}

#[test]
fn a_proof_needs_the_secret_that_was_given() {
    let home = TempDir::new().unwrap();
    let question = "GET /in/default?crc_token=abc HTTP/1.1";
    let knowing = Listening::start(home.path(), &["--secret", "consumer"]);
    // echo -n abc | openssl dgst -sha256 -hmac consumer -binary | base64
    let answer = knowing.ask(question, "");
    assert_eq!(body(&answer), r#"{"response_token":"sha256=suqmNrq0kufbxO4tAogbtFD/QzniWQM+auVS5c7GoL8="}"#);
    let unknowing = Listening::start(TempDir::new().unwrap().path(), &[]);
    assert!(body(&unknowing.ask(question, "")).contains("recorded"));
}

const CALLED: &str = r#"
name = "acme"
title = "Acme"
signature = { header = "Acme-Signature" }

[[challenge]]
when = [{ json = "/type", is = "confirm" }]
vars = { url = { json = "/url" } }
fetch = { url = "{url}", from = ["http://127.0.0.1:*/confirm"] }

[[challenge]]
every = true
body = "thank you"
"#;

#[test]
fn an_address_is_called_only_if_the_user_said_so() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("acme.toml"), CALLED).unwrap();
    let provider =
        receiver(
            |head, _| if head.starts_with("GET /confirm?t=1 ") { (200, String::new()) } else { (404, String::new()) },
        );
    let common = ["--scheme-file", "acme.toml", "--scheme", "acme"];
    let question = |path: &str| format!(r#"{{"type":"confirm","url":"http://{provider}{path}"}}"#);
    let mut quiet = Listening::start(home.path(), &common);
    let answer = quiet.ask("POST /in/default HTTP/1.1", &question("/confirm?t=1"));
    assert_eq!(body(&answer), "thank you");
    let line = quiet.line();
    assert!(line["challenge"]["note"].as_str().unwrap().contains("--challenge fetch"), "{line}");
    drop(quiet);
    let calling = Listening::start(home.path(), &[&common[..], &["--challenge", "fetch"]].concat());
    assert!(calling.ask("POST /in/default HTTP/1.1", &question("/confirm?t=1")).starts_with("HTTP/1.1 200"));
    assert!(calling.ask("POST /in/default HTTP/1.1", &question("/confirm?t=2")).starts_with("HTTP/1.1 502"));
    assert_eq!(body(&calling.ask("POST /in/default HTTP/1.1", &question("/other"))), "thank you");
}

#[test]
fn a_receiver_is_told_what_is_wrong_with_its_answer() {
    let home = TempDir::new().unwrap();
    let good = receiver(|head, _| {
        let query = head.split_once('?').unwrap().1.split_once(' ').unwrap().0;
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
        if value("hub.verify_token=") == "mine" { (200, value("hub.challenge=")) } else { (403, String::new()) }
    });
    let bad = receiver(|_, _| (200, "ok".to_owned()));
    let play = |to: &str| {
        let args = ["send", "--challenge=meta", "--param", "verify_token=mine", "--output", "json", "--to", to];
        whk(home.path(), &args).output().unwrap()
    };
    let output = play(&good);
    assert_eq!(code(&output), 0, "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    let output = play(&bad);
    assert_eq!(code(&output), 1, "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.contains("should be") && lines.contains("should be 403, is 200"), "{lines}");
    assert_eq!(code(&play("127.0.0.1:1")), 3);
}

#[test]
fn a_question_is_signed_where_the_provider_signs_it() {
    let home = TempDir::new().unwrap();
    let app = receiver(|head, body| {
        let signed = head.to_lowercase().contains("x-slack-signature: v0=");
        if signed { (200, body.to_owned()) } else { (401, String::new()) }
    });
    let args = ["send", "--scheme", "slack", "--secret", "s", "--challenge", "--to", &app];
    let output = whk(home.path(), &args).output().unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    let whk_itself = Listening::start(home.path(), &["--scheme", "slack", "--secret", "s", "--verify", "reject"]);
    let args = ["send", "--scheme", "slack", "--secret", "s", "--challenge", "--to", &whk_itself.address];
    let to = format!("http://{}/in/default", whk_itself.address);
    let args = [&args[..7], &[to.as_str()]].concat();
    assert_eq!(code(&whk(home.path(), &args).output().unwrap()), 0);
}

#[test]
fn what_cannot_be_played_is_a_usage_error() {
    let home = TempDir::new().unwrap();
    for (args, part) in [
        (&["--challenge=nobody"][..], "no handshake"),
        (&["--challenge=gitlab"], "GitLab asks nothing"),
        (&["--challenge=aws-sns"], "cannot be played"),
        (&["--challenge=meta"], "param.verify_token"),
        (&["--challenge"], "whose handshake"),
        (&["--challenge=slack", "order.created"], "cannot be used with"),
    ] {
        let args = [&["send", "--to", "127.0.0.1:1", "--secret", "s"], args].concat();
        let output = whk(home.path(), &args).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code(&output), 2, "{args:?}: {text}");
        assert!(text.contains(part), "{args:?}: {text}");
    }
}
