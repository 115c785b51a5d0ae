//! `whk verify`: verdicts, reasons and explanations, and where delivery and secret may come from.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream, crypto};

use crate::support::process::Process;
use crate::support::whk::Whk;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The example of the Standard Webhooks specification, its signature made with another program.
const BODY: &str = r#"{"test": 2432232314}"#;
const ID: &str = "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: &str = "webhook-timestamp: 1614265330";
const SIGNATURE: &str = "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const AT: &str = "1614265342";

/// A verification of the example with these words more, twelve seconds after it was signed.
fn words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    later(AT, more)
}

/// The same at another time.
fn later<'a>(at: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["verify", "--secret", SECRET, "-H", ID, "-H", TIME, "-H", SIGNATURE, "--at", at], more].concat()
}

#[test]
fn a_right_signature_is_valid_and_says_how_old_it_is() {
    let whk = Whk::new();
    let valid = "valid standard-webhooks, signed 12s ago, secret 1 of 1\n";
    whk.run(words(&[])).stdin(BODY).out_is(valid).check();
    whk.put("body.json", BODY);
    whk.run(words(&["--body", "@body.json"])).out_is(valid).check();
    let ended = whk.run(words(&["--secret", "whsec_b3RoZXI=", "--output", "json"])).stdin(BODY).check();
    let wanted = json!({
        "type": "verdict", "ok": true, "scheme": "standard-webhooks", "reason": null, "detail": null, "age_s": 12,
        "secret_index": 0, "hints": [],
    });
    assert_eq!(ended.line("verdict"), wanted);
}

#[test]
fn each_way_to_be_wrong_has_a_reason() {
    let whk = Whk::new();
    let json = |words: Vec<&str>, body: &str| {
        let ended = whk.run(words.into_iter().chain(["--output", "json"])).stdin(body).exits(1).check();
        let verdict = ended.line("verdict");
        assert_eq!((&verdict["ok"], &verdict["secret_index"]), (&json!(false), &Value::Null));
        verdict["reason"].as_str().unwrap().to_owned()
    };
    let base = ["verify", "--secret", SECRET, "--at", AT, "--scheme", "standard-webhooks", "-H", ID];
    assert_eq!(json(words(&[]), "other"), "no_matching_signature");
    assert_eq!(json(base.to_vec(), BODY), "missing_header");
    assert_eq!(json([&base[..], &["-H", "webhook-timestamp: x", "-H", SIGNATURE]].concat(), BODY), "malformed_header");
    assert_eq!(json(later("1614269999", &[]), BODY), "timestamp_too_old");
    assert_eq!(json(later("1614260000", &[]), BODY), "timestamp_too_new");
    assert_eq!(json(vec!["verify", "--secret", SECRET], BODY), "unknown_scheme");
    whk.run(later("1614269999", &["--tolerance", "none"])).stdin(BODY).out_has("valid").check();
    whk.run(later("1614269999", &["--tolerance", "2h"])).stdin(BODY).out_has("valid").check();
}

#[test]
fn a_mistake_is_named_if_it_explains_the_signature() {
    let whk = Whk::new();
    let cause = |words: Vec<&str>, body: &str| {
        let words = words.into_iter().chain(["--explain", "--output", "json"]);
        let verdict = whk.run(words).stdin(body).exits(1).check().line("verdict");
        verdict["hints"][0]["cause"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(cause(words(&[]), &format!("{BODY}\n")), "trailing_newline");
    let quiet = whk.run(words(&["--output", "json"])).stdin(format!("{BODY}\n")).exits(1).check();
    assert_eq!(quiet.line("verdict")["hints"], json!([]), "explained only when asked, off a terminal");
    let human = whk.run(words(&["--explain"])).stdin(format!("{BODY}\n")).exits(1);
    human.out_has("invalid: no_matching_signature").out_has("! trailing_newline:").check();
}

#[test]
fn a_secret_may_come_from_anywhere_and_is_never_shown() {
    let whk = Whk::new();
    whk.put("secret.txt", format!("{SECRET}\n"));
    whk.put("body.json", BODY);
    whk.put(".env.local", format!("# mine\nexport MY_SECRET=\"{SECRET}\"\n"));
    let base = ["verify", "-H", ID, "-H", TIME, "-H", SIGNATURE, "--at", AT, "--body", "@body.json", "--secret"];
    let run = |more: &[&str]| whk.run(base.iter().chain(more)).out_has("valid").out_lacks(&SECRET[6..]);
    run(&["file:secret.txt"]).check();
    run(&["-"]).stdin(SECRET).check();
    run(&["env:MY_SECRET"]).env("MY_SECRET", SECRET).check();
    run(&["env:MY_SECRET", "--env-file", ".env.local"]).check();
    whk.put("whk.toml", "secret = \"env:MY_SECRET\"\n");
    let set = whk.run(base[..base.len() - 1].iter()).env("MY_SECRET", SECRET);
    set.out_has("valid").check();
    whk.run(base.iter().chain(&["env:NOT_SET"])).exits(2).err_has("NOT_SET").err_has("--env-file").check();
    whk.run(base.iter().chain(&["file:/nowhere/s"])).exits(2).err_has("/nowhere/s").check();
    let bad = whk.run(base.iter().chain(&["whsec_not*base64"])).exits(1).out_has("malformed_secret");
    bad.out_lacks("not*base64").check();
}

#[test]
fn a_delivery_may_be_a_message_event_lines_or_an_event_of_the_store() {
    let whk = Whk::new();
    let message =
        format!("POST /hook HTTP/1.1\r\nHost: x\r\n{ID}\r\n{TIME}\r\n{SIGNATURE}\r\nContent-Length: 20\r\n\r\n{BODY}");
    whk.put("captured.http", &message);
    let at = ["verify", "--secret", SECRET, "--at", AT];
    whk.run(at.iter().chain(&["--request", "captured.http"])).out_has("valid").check();
    let listener = whk.listen::<&str>([]);
    listener.send(message.replace("POST /hook", "POST /in/default").as_bytes());
    listener.post("unsigned");
    let lines: Vec<_> = listener.lines("event", 2).iter().map(ToString::to_string).collect();
    let id = listener.event()["id"].as_str().unwrap().to_owned();
    listener.stop();
    whk.run(at.iter().chain(&["--id", &id])).out_has("valid").check();
    let both = whk.run(at.iter().chain(&["--event", "-", "--output", "json"])).stdin(lines.join("\n")).exits(1).check();
    let told: Vec<_> = both.lines("verdict").iter().map(|line| (line["ok"].clone(), line["reason"].clone())).collect();
    assert_eq!(told, [(json!(true), Value::Null), (json!(false), json!("unknown_scheme"))]);
    assert_eq!(both.lines("verdict")[0]["event_id"], id);
}

#[test]
fn wrong_input_is_named_with_what_to_do() {
    let whk = Whk::new();
    let run = |more: &[&str]| whk.run(["verify", "--secret", SECRET].iter().chain(more)).exits(2);
    run(&["--body", "@/nowhere/b.json"]).err_has("/nowhere/b.json").check();
    run(&["--scheme", "githb"]).err_has("githb").err_has("github").check();
    run(&["--scheme", "event-grid"]).err_has("signs nothing").err_has("whk check --scheme event-grid").check();
    whk.put("b.json", "{}");
    let text = whk.run(["verify", "--scheme", "github", "--secret", "s", "--body", "b.json"]).exits(1);
    text.out_has("missing_header").err_has("the file is @b.json").check();
    run(&["--event", "-"]).stdin("{\"type\"\n").err_has("line 1").check();
    run(&["--event", "-"]).stdin("\n").err_has("no event line").check();
    run(&["--request", "x"]).err_has("x").check();
    run(&["--id", "msg_short"]).err_has("msg_short").check();
    run(&["--id", "msg_000000000000000000000000000"]).err_has("whk events list").check();
    run(&["--tolerance", "soon"]).err_has("--tolerance").check();
    run(&["--param", "novalue"]).err_has("NAME=VALUE").check();
    whk.run(["verify"]).exits(2).err_has("--secret").check();
    assert!(!whk.home().exists(), "looking makes no state");
}

#[test]
fn lines_are_judged_as_they_come_and_those_of_another_kind_are_passed_over() {
    let whk = Whk::new();
    let secret = whk.secret();
    let sent = |kind: &str| {
        let words = ["send", "order.created", "--dry-run", "--as", "json", "--to", "3000/hook?a=1", "--forge", kind];
        whk.run(words).check().text()
    };
    let mut verify = whk.command(["verify", "--secret", &secret, "--event", "-", "--output", "json"]);
    let mut process = Process::start(&mut verify);
    let stdin = process.child.stdin.as_mut().unwrap();
    stdin.write_all(b"{\"type\":\"ready\",\"url\":\"x\"}\n").unwrap();
    stdin.write_all(sent("replayed").as_bytes()).unwrap();
    // The input goes on, and the verdicts are there.
    let verdicts = process.lines("verdict", 2).unwrap();
    assert!(verdicts.iter().all(|line| line["ok"] == true), "{verdicts:?}");
    process.feed(format!("{}{{\"type\":\"page\"}}\n", sent("stale")).as_bytes());
    let ended = process.ended();
    assert_eq!((ended.code, ended.lines("verdict").len()), (Some(1), 3), "{ended}");
    let none = whk.run(["verify", "--secret", &secret, "--event", "-"]).stdin("{\"type\":\"page\"}\n");
    none.exits(2).err_has("no event line").check();
}

#[test]
fn what_listen_and_events_print_is_taken_as_it_is() {
    let whk = Whk::new();
    let listener = whk.listen(["--count", "2"]);
    for _ in 0..2 {
        whk.run(["send", "order.created"]).out_has("200").check();
    }
    let heard = listener.ended().text();
    let listed = whk.run(["events", "list", "--limit", "1", "--output", "json"]).out_has("\"page\"").check().text();
    for (lines, count) in [(heard, 2), (listed, 1)] {
        let verdicts = whk.run(["verify", "--event", "-", "--output", "json"]).stdin(&lines).check();
        assert_eq!(verdicts.lines("verdict").len(), count, "{lines}");
    }
}

#[test]
fn a_request_line_says_where_it_was_sent() {
    let whk = Whk::new();
    let words =
        ["send", "payment.updated", "--scheme", "square", "--secret", "s", "--data", "{}", "--to", "3000/hook?a=1"];
    let line = whk.run(words.iter().chain(&["--dry-run", "--as", "json"])).check().text();
    let verify = whk.run(["verify", "--scheme", "square", "--secret", "s", "--event", "-"]).stdin(&line);
    verify.out_has("valid square").check();
}

#[test]
fn a_certificate_is_fetched_only_if_asked_for_and_only_from_where_the_scheme_allows() {
    let whk = Whk::new();
    let pair = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    whk.put("ca.pem", own.pem());
    let key = include_str!("keys/rsa.pem");
    let served = include_str!("keys/certificate.pem");
    let (port, asked) = tls_server(&own, &pair, served);
    whk.put(
        "hosted.toml",
        format!(
            "name = 'hosted'\ntitle = 'Hosted'\nalgorithm = 'rsa-sha256'\nencoding = 'base64'\n\
         key = {{ certificate = 'cert_url' }}\nsignature = {{ header = 'x-sig' }}\n\
         vars = {{ cert_url = {{ header = 'x-cert' }} }}\nallow = {{ cert_url = ['https://localhost:{port}/*.pem'] }}\n\
         [[vector]]\nname = 'x'\nbody = ''\n"
        ),
    );
    whk.put("key.pem", key);
    let url = format!("https://localhost:{port}/signing.pem");
    let signed = whk
        .run(["sign", "--scheme-file", "hosted.toml", "--scheme", "hosted", "--secret", "file:key.pem", "--body", "{}"])
        .check();
    let line = String::from_utf8(signed.out).unwrap();
    let header = line.lines().find(|line| line.starts_with("x-sig")).unwrap().to_owned();
    let verify = |url: &str, more: &[&str]| {
        let cert = format!("x-cert: {url}");
        let words = [
            "verify",
            "--scheme-file",
            "hosted.toml",
            "--scheme",
            "hosted",
            "--body",
            "{}",
            "-H",
            &header,
            "-H",
            &cert,
        ];
        whk.run(words.iter().copied().chain(more.iter().copied()).map(str::to_owned).collect::<Vec<_>>())
    };
    verify(&url, &[]).exits(1).out_has("--fetch-keys").check();
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    verify(&url, &["--fetch-keys"]).exits(3).talks().check();
    let other = format!("https://localhost:{port}/other/signing.pem");
    verify(&other, &["--fetch-keys", "--cacert", "ca.pem"]).exits(1).out_has("malformed_header").check();
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    verify(&url, &["--fetch-keys", "--cacert", "ca.pem"]).out_has("valid hosted").check();
    // What was fetched is kept: nobody is asked again, with the flag or without.
    verify(&url, &["--fetch-keys", "--cacert", "ca.pem"]).out_has("valid hosted").check();
    verify(&url, &[]).out_has("valid hosted").check();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(whk.home().join("keys").is_dir());
}

#[test]
fn a_set_of_keys_is_fetched_from_where_the_scheme_says() {
    let whk = Whk::new();
    let pair = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    whk.put("ca.pem", own.pem());
    whk.put("key.pem", include_str!("keys/rsa.pem"));
    let (port, asked) = tls_server(&own, &pair, include_str!("keys/jwks.json"));
    let scheme = format!(
        "name = 'hosted'\ntitle = 'Hosted'\nalgorithm = 'rsa-sha256'\nencoding = 'base64'\n\
         key = {{ set = 'https://localhost:{port}/{{param.shop}}/jwks.json' }}\nsignature = {{ header = 'x-sig' }}\n\
         [[vector]]\nname = 'x'\nbody = ''\n"
    );
    whk.put("hosted.toml", scheme);
    let common = ["--scheme-file", "hosted.toml", "--scheme", "hosted", "--body", "{}"];
    let signed = whk.run(["sign", "--secret", "file:key.pem"].iter().chain(&common)).check();
    let line = String::from_utf8(signed.out).unwrap();
    let header = line.lines().find(|line| line.starts_with("x-sig")).unwrap().to_owned();
    let verify = |more: &[&str]| {
        let words = ["verify", "-H", &header].into_iter().chain(common).chain(more.iter().copied());
        whk.run(words.map(str::to_owned).collect::<Vec<_>>())
    };
    // Without the parameter there is no address to ask.
    verify(&["--fetch-keys", "--cacert", "ca.pem"]).exits(1).out_has("{param.shop}/jwks.json: --param").check();
    verify(&["--param", "shop=a"]).exits(1).out_has("--fetch-keys").check();
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    verify(&["--param", "shop=a", "--fetch-keys", "--cacert", "ca.pem"]).out_has("valid hosted").check();
    verify(&["--param", "shop=a"]).out_has("valid hosted").check();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // Kept keys that fit no more are fetched anew, once and only if asked for.
    let kept = whk.home().join("keys").join(format!("localhost%3A{port}")).join("a%2Fjwks.json");
    let old = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#;
    std::fs::write(&kept, old).unwrap();
    verify(&["--param", "shop=a"]).exits(1).check();
    verify(&["--param", "shop=a", "--fetch-keys", "--cacert", "ca.pem"]).out_has("valid hosted").check();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let kept = std::fs::read_to_string(&kept).unwrap();
    assert!(kept.contains("\"new\""), "{kept}");
    let more = ["-H", "x-sig: AAAA", "--param", "shop=a", "--fetch-keys", "--cacert", "ca.pem"];
    whk.run(["verify"].iter().chain(&common).chain(&more)).exits(1).out_has("no_matching_signature").check();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

/// A server that has one document, and how often it was asked.
fn tls_server(own: &rcgen::Certificate, pair: &rcgen::KeyPair, document: &'static str) -> (u16, Arc<AtomicUsize>) {
    let provider = Arc::new(crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![own.der().clone()], key).unwrap());
    let listener = TcpListener::bind("localhost:0").unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut tls, &mut stream);
            let mut request = [0; 1024];
            // Whoever does not trust the certificate asks nothing.
            if stream.read(&mut request).is_ok_and(|read| read > 0) {
                count.fetch_add(1, Ordering::SeqCst);
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", document.len());
                drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(document.as_bytes())));
                drop(stream.flush());
            }
        }
    });
    (port, asked)
}
