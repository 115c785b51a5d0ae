//! What platforms refuse, lines that break and runs that are killed: one clear message, and nothing half made.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream, crypto};

use crate::support::PATIENCE;
use crate::support::app::{App, Say, answer};
use crate::support::terminal::Terminal;
use crate::support::whk::Whk;
use crate::support::wire::Message;

/// Platforms with what each needs, the body of a refusal as its documents have it, and an empty list.
const PLATFORMS: [(&[&str], &str, &str); 9] = [
    (&["--platform", "sellvik"], r#"{"error": {"code": "x", "message": "no, WORDS"}}"#, r#"{"items": []}"#),
    (&["--platform", "github", "--param", "repo=acme/shop"], r#"{"message": "no, WORDS", "status": "4"}"#, "[]"),
    (&["--platform", "gitlab", "--param", "project=acme/shop"], r#"{"message": {"base": ["no, WORDS"]}}"#, "[]"),
    (&["--platform", "stripe"], r#"{"error": {"type": "x", "message": "no, WORDS"}}"#, r#"{"data": []}"#),
    (
        &["--platform", "shopify", "--param", "shop=acme.myshopify.com"],
        r#"{"errors": "no, WORDS"}"#,
        r#"{"data": {"webhookSubscriptions": {"nodes": [], "pageInfo": {"hasNextPage": false}}}}"#,
    ),
    (&["--platform", "svix", "--app", "org_42"], r#"{"code": "x", "detail": "no, WORDS"}"#, r#"{"data": []}"#),
    (
        &["--platform", "hookdeck", "--param", "source=shop"],
        r#"{"code": "X", "message": "no, WORDS"}"#,
        r#"{"models": []}"#,
    ),
    (&["--platform", "resend"], r#"{"statusCode": 4, "message": "no, WORDS"}"#, r#"{"data": []}"#),
    (&["--platform", "generic"], r#"{"detail": "no, WORDS"}"#, "[]"),
];

fn words(flags: &[&str], base: &str, hook: &str, more: &[&str]) -> Vec<String> {
    let own = ["register", "--url", hook, "--base-url", base, "--key", "sk_secret_key", "--output", "json"];
    let name = if flags.contains(&"hookdeck") { &["--name", "erp"][..] } else { &["--events", "push"] };
    [&own[..], name, flags, more].concat().into_iter().map(str::to_owned).collect()
}

fn at_sellvik(base: &str, hook: &str, more: &[&str]) -> Vec<String> {
    words(&["--platform", "sellvik", "--name", "ERP"], base, hook, more)
}

/// Whether a request only reads: what it asks for, where all is asked for with POST.
fn reads(request: &Message) -> bool {
    request.method() == "GET" || String::from_utf8_lossy(&request.body).contains("\"query($")
}

#[test]
fn every_platform_that_refuses_is_heard_in_its_own_words() {
    // Reading is tried again after a pause: all pause at once.
    std::thread::scope(|scope| {
        for (flags, refusal, list) in PLATFORMS {
            scope.spawn(move || {
                is_heard(flags, refusal, list);
                makes_nothing_blindly(flags, refusal);
            });
        }
    });
}

/// Reading is fine; what would change something is refused.
fn is_heard(flags: &'static [&'static str], refusal: &'static str, list: &'static str) {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = format!("http://{}/hook", hook.target());
    for (status, exit, kind) in [
        (401, 2, "unauthorized"),
        (403, 2, "forbidden"),
        (404, 2, "not_found"),
        (409, 2, "conflict"),
        (422, 2, "refused"),
        (500, 3, "platform_failed"),
        (503, 3, "platform_failed"),
    ] {
        let app = App::new(move |request, _| {
            let said = if reads(request) { (200, list) } else { (status, refusal) };
            answer(said.0, &["Content-Type: application/json"], said.1.as_bytes())
        });
        let base = format!("http://{}", app.target());
        let ended = whk.run(words(flags, &base, &url, &[])).exits(exit).talks().check();
        let (own, text) = ended.error();
        assert_eq!(own, kind, "{flags:?} {status}: {text}");
        assert!(text.contains(&format!("{status}: ")) && text.contains("no, WORDS"), "{flags:?} {status}: {text}");
        assert!(!text.contains("sk_secret_key"), "{text}");
        let writes = app.requests(app.count()).iter().filter(|request| !reads(request)).count();
        assert_eq!(writes, 1, "{flags:?} {status}: what changes something is sent once");
    }
}

/// Already the first look is refused, is a page of HTML, or is cut off: nothing is made.
fn makes_nothing_blindly(flags: &'static [&'static str], refusal: &'static str) {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = format!("http://{}/hook", hook.target());
    for (say, exit, kind, looks) in [
        (answer(401, &[], refusal.as_bytes()), 2, "unauthorized", 1),
        (answer(502, &["Retry-After: 0"], refusal.as_bytes()), 3, "platform_failed", 3),
        (answer(200, &[], b"<!doctype html><title>Log in</title>"), 2, "not_json", 1),
        (Say::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec()), 3, "closed", 3),
    ] {
        let app = App::new(move |_, _| say.clone());
        let base = format!("http://{}", app.target());
        let ended = whk.run(words(flags, &base, &url, &[])).exits(exit).talks().check();
        assert_eq!(ended.error().0, kind, "{flags:?}: {ended}");
        let seen = app.requests(app.count());
        assert_eq!((seen.len(), seen.iter().all(reads)), (looks, true), "{flags:?} {kind}: reading is tried again");
    }
}

#[test]
fn every_platform_is_waited_for_as_it_asks() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = format!("http://{}/hook", hook.target());
    for (flags, _, list) in PLATFORMS {
        let app = App::saying([
            answer(429, &["Retry-After: 0"], b""),
            answer(200, &[], list.as_bytes()),
            answer(
                429,
                &["Retry-After: 3600"],
                br#"{"message": "slow down", "error": "slow down", "errors": "slow down", "detail": "slow down"}"#,
            ),
        ]);
        let base = format!("http://{}", app.target());
        let ended = whk.run(words(flags, &base, &url, &[])).exits(4).talks().check();
        let (kind, text) = ended.error();
        assert_eq!((kind.as_str(), app.count()), ("rate_limited", 3), "{flags:?}: {text}");
        assert!(text.contains("3600 s"), "{flags:?}: {text}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_gets_no_key_and_one_clear_message() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = format!("http://{}/hook", hook.target());
    let pair = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    whk.put("ca.pem", own.pem());
    let (port, asked) = tls_platform(&own, &pair);
    let base = format!("https://localhost:{port}");
    for flags in [&["--platform", "sellvik"][..], &["--platform", "stripe"], &["--platform", "generic"]] {
        let ended = whk.run(words(flags, &base, &url, &[])).exits(3).talks().check();
        let (kind, text) = ended.error();
        assert_eq!(kind, "tls", "{text}");
        assert!(text.contains("certificate") && text.contains("--cacert"), "{text}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "no key goes to somebody who cannot be trusted");
    // The right name is asked for too.
    let other = whk.run(at_sellvik(&format!("https://127.0.0.1:{port}"), &url, &["--cacert", "ca.pem"]));
    assert_eq!(other.exits(3).talks().check().error().0, "tls");
    for more in [&["--cacert", "ca.pem"][..], &["--insecure"]] {
        let made = whk.run(at_sellvik(&base, &url, more)).talks().check().line("endpoint");
        assert_eq!(made["result"], "created");
    }
}

/// A platform behind TLS that has nothing and makes what it is told; and how much it was asked.
fn tls_platform(own: &rcgen::Certificate, pair: &rcgen::KeyPair) -> (u16, Arc<AtomicUsize>) {
    let provider = Arc::new(crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![own.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut tls, &mut stream);
            let mut request = [0; 4096];
            if let Ok(read @ 1..) = stream.read(&mut request) {
                count.fetch_add(1, Ordering::SeqCst);
                let made = r#"{"id": "wh_1", "url": "u", "events": ["push"], "secret": "whsec_b2xk"}"#;
                let body = if request[..read].starts_with(b"GET") { r#"{"items": []}"# } else { made };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())));
                drop(stream.flush());
            }
        }
    });
    (port, asked)
}

/// A platform that keeps one endpoint, and shows its secret once.
fn forgetful() -> App {
    let kept: Arc<Mutex<Option<Value>>> = Arc::default();
    App::new(move |request, _| {
        let mut kept = kept.lock().unwrap();
        let body = match request.method().as_str() {
            "GET" => json!({"items": kept.iter().collect::<Vec<_>>(), "nextCursor": null}),
            _ if request.target().ends_with("/rotate-secret") => json!({"id": "wh_1", "secret": "whsec_bmV3"}),
            _ => {
                let mut new: Value = serde_json::from_slice(&request.body).unwrap();
                new["id"] = json!("wh_1");
                *kept = Some(new.clone());
                new["secret"] = json!("whsec_b2xk");
                new
            }
        };
        answer(200, &[], body.to_string().as_bytes())
    })
}

/// Kills whk when the platform has made the endpoint and told its secret, and nothing is written yet.
fn killed_before_writing(whk: &Whk, base: &str, url: &str) {
    std::fs::create_dir_all(whk.folder()).unwrap();
    let env = whk.folder().join(".env");
    assert!(Command::new("mkfifo").arg(&env).status().unwrap().success());
    let mut child = whk.command(at_sellvik(base, url, &["--write-env", ".env:S"]));
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // A pipe opens for writing when somebody opens it for reading: whk has the secret and looks at the file.
    let (sender, opened) = mpsc::channel();
    let path = env.clone();
    std::thread::spawn(move || drop(sender.send(std::fs::OpenOptions::new().write(true).open(path))));
    let pipe = opened.recv_timeout(PATIENCE).expect("whk looks at the env file").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(pipe);
    std::fs::remove_file(env).unwrap();
}

#[test]
fn a_run_killed_between_making_and_writing_is_told_of_and_mended_by_the_next() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), forgetful());
    let (url, base) = (format!("http://{}/hook", hook.target()), format!("http://{}", app.target()));
    killed_before_writing(&whk, &base, &url);
    assert_eq!(app.count(), 2, "a look and a POST");
    let again = |more: &[&str]| whk.run(at_sellvik(&base, &url, &[&["--write-env", ".env:S"], more].concat()));
    let ended = again(&[]).exits(1).out_has("unchanged").talks().check();
    let (kind, text) = ended.error();
    assert_eq!(kind, "secret_lost");
    for words in ["wh_1 is there", "its secret is lost", "endpoints rotate wh_1", "--rotate-lost"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!whk.folder().join(".env").exists());
    again(&["--rotate-lost"]).out_lacks("whsec_").talks().check();
    assert_eq!(std::fs::read_to_string(whk.folder().join(".env")).unwrap(), "S=whsec_bmV3\n");
    assert_eq!(again(&[]).talks().check().line("endpoint")["result"], "unchanged");
    let made = app.requests(app.count()).iter().filter(|one| one.method() == "POST").count();
    assert_eq!(made, 2, "made once, rotated once");
}

#[test]
fn on_a_terminal_a_lost_secret_is_asked_about() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), forgetful());
    let (url, base) = (format!("http://{}/hook", hook.target()), format!("http://{}", app.target()));
    killed_before_writing(&whk, &base, &url);
    let terminal = Terminal::new(&whk);
    let words = at_sellvik(&base, &url, &["--write-env", ".env:S"]).join(" ").replace(" --output json", "");
    for (answer, code) in [("n", "1"), ("y", "0")] {
        terminal.line(&format!("clear; {} {words}; echo code $?", env!("CARGO_BIN_EXE_whk")));
        terminal.until("Make a new one now?");
        terminal.keys(&[answer]);
        terminal.until(&format!("code {code}"));
    }
    assert_eq!(std::fs::read_to_string(whk.folder().join(".env")).unwrap(), "S=whsec_bmV3\n");
}

#[test]
fn a_secret_that_is_given_for_what_is_there_is_not_passed_over_in_silence() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = format!("http://{}/hook", hook.target());
    let there = json!([{"id": 7, "name": "web", "active": true, "events": ["push"], "config": {"url": url}}]);
    let app = App::new(move |request, _| {
        let body = if request.method() == "GET" { there.clone() } else { json!({"url": "u"}) };
        answer(200, &[], body.to_string().as_bytes())
    });
    let base = format!("http://{}", app.target());
    let flags = ["--platform", "github", "--param", "repo=acme/shop", "--secret", "given-0123456789"];
    let run = |more: &[&str]| {
        let words = ["register", "--url", &url, "--events", "push", "--base-url", &base, "--key", "k"];
        whk.run([&words[..], &flags, more].concat())
    };
    run(&[]).out_has("unchanged").err_has("keeps the one it has").err_has("--rotate-lost").check();
    assert!(app.requests(app.count()).iter().all(|one| one.method() == "GET"));
    run(&["--rotate-lost"]).out_has("updated").out_lacks("given-0123456789").talks().check();
    let written = app.requests(app.count()).into_iter().find(|one| one.method() == "PATCH").unwrap();
    assert_eq!(written.json(), json!({"secret": "given-0123456789"}));
}
