//! `whk check` against receivers over real sockets: the correct pass, the flawed are named.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here fails the test")]

use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use whk::clock::{Clock, SystemClock};
use whk::model::{CapturedRequest, Headers, Secret, Timestamp};
use whk::net::{Answer, Body, Handler, Head, Limits, serve};
use whk::sign::challenge::{Asked, ChallengeAnswer};
use whk::sign::{self, Checks, Handshake, Outgoing, Params, Reason, Scheme, Tolerance};

/// What is wrong with a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    TakesWrongSignatures,
    TakesUnsigned,
    IgnoresTime,
    TakesTheFuture,
    FallsOverInsteadOfRefusing,
    FallsOverOnShortSignatures,
    ReadsTheFirstSignature,
    ReadsTheLastSignature,
    DefaultsTheId,
    HandlesAnIdOnce,
    KnowsItsTypesAlone,
    Serialises,
    Trims,
    ReadsAsciiAlone,
    TakesSmallBodiesAlone,
    RefusesEmptyBodies,
    FallsOverOnEmptyBodies,
    Redirects(u8),
    RefusesAll,
    IsSlowOnce,
}

struct Receiver {
    scheme: Arc<Scheme>,
    secret: Secret,
    url: String,
    flaw: Flaw,
    seen: Mutex<BTreeSet<String>>,
    slept: AtomicBool,
    got: Mutex<Vec<CapturedRequest>>,
}

impl Receiver {
    /// The request as a flawed receiver reads it.
    fn read(&self, request: &CapturedRequest) -> CapturedRequest {
        let mut read = request.clone();
        let mut replace = |name: &str, value: &str| {
            let mut over = Headers::new();
            over.push(name, value).unwrap();
            read.headers = read.headers.overlaid(&over);
        };
        let signature = request.headers.text("webhook-signature").unwrap_or_default();
        match self.flaw {
            Flaw::ReadsTheFirstSignature => replace("webhook-signature", signature.split(' ').next().unwrap()),
            Flaw::ReadsTheLastSignature => replace("webhook-signature", signature.split(' ').next_back().unwrap()),
            Flaw::Serialises => {
                if let Ok(value) = serde_json::from_slice::<Value>(&request.body) {
                    read.body = Bytes::from(value.to_string());
                }
            }
            Flaw::Trims => read.body = Bytes::copy_from_slice(request.body.trim_ascii()),
            _ => {}
        }
        read
    }

    #[expect(clippy::match_same_arms, reason = "one line a flaw")]
    fn status(&self, request: &CapturedRequest) -> u16 {
        let tolerance = if self.flaw == Flaw::IgnoresTime { Tolerance::Unchecked } else { Tolerance::Scheme };
        let checks = Checks {
            secrets: std::slice::from_ref(&self.secret),
            now: SystemClock.now(),
            tolerance,
            params: &params(),
            url: Some(&self.url),
        };
        let length = request.headers.text("webhook-signature").unwrap_or_default().len();
        match (sign::verify(&self.scheme, &self.read(request), &checks).map_err(|why| why.reason), self.flaw) {
            (_, Flaw::RefusesAll) => 401,
            (_, Flaw::TakesUnsigned) if !request.headers.has("webhook-signature") => 200,
            (_, Flaw::TakesSmallBodiesAlone) if request.body.len() > 500_000 => 413,
            (Err(Reason::NoMatchingSignature), Flaw::TakesWrongSignatures) => 200,
            (Err(Reason::TimestampTooNew), Flaw::TakesTheFuture) => 200,
            (Err(Reason::MissingHeader), Flaw::DefaultsTheId) if !request.headers.has("webhook-id") => 200,
            (Err(_), Flaw::FallsOverInsteadOfRefusing) => 500,
            (Err(_), Flaw::FallsOverOnShortSignatures) if (1..40).contains(&length) => 500,
            (Err(_), _) => 401,
            (Ok(_), _) => self.handled(request),
        }
    }

    /// The answer to a handshake, or the one that the provider wants to each delivery.
    fn shaken(&self, request: &CapturedRequest) -> Option<ChallengeAnswer> {
        let (known, params) = (Handshake::of(Arc::clone(&self.scheme)), params());
        let secrets = std::slice::from_ref(&self.secret);
        let checks = Checks {
            secrets,
            now: SystemClock.now(),
            tolerance: Tolerance::Scheme,
            params: &params,
            url: Some(&self.url),
        };
        let right = sign::verify(&self.scheme, request, &checks).is_ok();
        let asked = Asked { request, secrets, params: &params, verified: Some(right) };
        let receipt = known.receipt(&asked).filter(|_| right);
        sign::shake(&asked, Some(&self.scheme), &[known], &[]).map(|shaken| shaken.answer).or(receipt)
    }

    fn handled(&self, request: &CapturedRequest) -> u16 {
        let told = sign::identify(Some(&self.scheme), request);
        match self.flaw {
            Flaw::HandlesAnIdOnce if !self.seen.lock().unwrap().insert(told.id.unwrap_or_default()) => 500,
            Flaw::KnowsItsTypesAlone if told.event_type.is_some_and(|kind| kind != "order.created") => 500,
            Flaw::ReadsAsciiAlone if !request.body.is_ascii() => 500,
            Flaw::RefusesEmptyBodies if request.body.is_empty() => 400,
            Flaw::FallsOverOnEmptyBodies if request.body.is_empty() => 502,
            _ => 200,
        }
    }
}

impl Handler for Receiver {
    fn admit(&self, _: &Head) -> Result<(), Answer> {
        Ok(())
    }

    async fn handle(&self, request: CapturedRequest) -> Answer {
        self.got.lock().unwrap().push(request.clone());
        let hop = request.path().strip_prefix("/hop").map_or(0, |number| number.parse::<u8>().unwrap());
        if let Flaw::Redirects(hops) = self.flaw
            && hop < hops
        {
            let mut headers = Headers::new();
            headers.push("Location", format!("/hop{}", hop + 1)).unwrap();
            return Answer { status: 307, headers, ..Answer::default() };
        }
        if self.flaw == Flaw::IsSlowOnce && !self.slept.swap(true, Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
        if let Some(ChallengeAnswer { status, headers, body, .. }) = self.shaken(&request) {
            return Answer { status, headers, body: Body::Full(body), ..Answer::default() };
        }
        let body = Body::Full(Bytes::from_static(b"{\"said\":\"<b>\x1b[2J\"}"));
        Answer { status: self.status(&request), body, ..Answer::default() }
    }
}

/// A receiver that runs until it is dropped.
struct Running {
    receiver: Arc<Receiver>,
    home: tempfile::TempDir,
    _stop: DropGuard,
}

fn running(scheme: &str, flaw: Flaw) -> Running {
    let scheme = sign::preset(scheme).unwrap();
    let secret = secrets(&scheme).into_iter().find(|secret| can_sign(&scheme, secret)).unwrap();
    let stop = CancellationToken::new();
    let (ready, up) = std::sync::mpsc::channel();
    let stopped = stop.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/hook", listener.local_addr().unwrap());
            let receiver = Arc::new(Receiver {
                scheme,
                secret,
                url,
                flaw,
                seen: Mutex::default(),
                slept: AtomicBool::default(),
                got: Mutex::default(),
            });
            ready.send(Arc::clone(&receiver)).unwrap();
            serve(listener.into(), receiver, Arc::new(SystemClock), Limits::default(), stopped).await;
        });
    });
    let receiver = up.recv().unwrap();
    Running { receiver, home: tempfile::tempdir().unwrap(), _stop: stop.drop_guard() }
}

impl Running {
    fn check(&self, more: &[&str]) -> Output {
        let Receiver { scheme, secret, url, .. } = self.receiver.as_ref();
        let given = ["check", url, "--scheme", scheme.name(), "--secret", "env:RECEIVERS_OWN"];
        whk(&self.home).env("RECEIVERS_OWN", secret.reveal()).args(given).args(more).output().unwrap()
    }

    /// Name and outcome of each check, and the exit code.
    fn outcomes(&self, more: &[&str]) -> (Vec<(String, String)>, Option<i32>) {
        let output = self.check(&[&["--output", "json"], more].concat());
        let said = text(&output.stdout);
        let outcomes = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let pairs = outcomes.filter(|line| line["type"] == "check").map(|line| {
            assert_eq!(line["mend"].is_null(), !["fail", "warn"].contains(&line["outcome"].as_str().unwrap()));
            (line["name"].as_str().unwrap().to_owned(), line["outcome"].as_str().unwrap().to_owned())
        });
        (pairs.collect(), output.status.code())
    }

    fn with(&self, outcome: &str, more: &[&str]) -> (Vec<String>, Option<i32>) {
        let (outcomes, code) = self.outcomes(more);
        (outcomes.into_iter().filter(|(_, own)| own == outcome).map(|(name, _)| name).collect(), code)
    }
}

fn whk(home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whk"));
    command.current_dir(home.path()).env("WHK_HOME", home.path());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn each_flaw_is_named_and_nothing_else() {
    for (flaw, failed) in [
        (Flaw::None, &[][..]),
        (Flaw::TakesWrongSignatures, &["tampered-body", "wrong-secret", "malformed-header"]),
        (Flaw::TakesUnsigned, &["unsigned"]),
        (Flaw::IgnoresTime, &["stale-timestamp", "future-timestamp"]),
        (Flaw::TakesTheFuture, &["future-timestamp"]),
        (Flaw::FallsOverOnShortSignatures, &["malformed-header"]),
        (Flaw::ReadsTheFirstSignature, &["rotation"]),
        (Flaw::ReadsTheLastSignature, &["rotation"]),
        (Flaw::DefaultsTheId, &["missing-header"]),
        (Flaw::HandlesAnIdOnce, &["twice"]),
        (Flaw::KnowsItsTypesAlone, &["unknown-type"]),
        (Flaw::Serialises, &["raw-body"]),
        (Flaw::Trims, &["raw-body"]),
        (Flaw::ReadsAsciiAlone, &["unicode-body"]),
        (Flaw::TakesSmallBodiesAlone, &["large-body"]),
        (Flaw::RefusesEmptyBodies, &[]),
        (Flaw::FallsOverOnEmptyBodies, &["empty-body"]),
        (Flaw::Redirects(2), &[]),
        (Flaw::Redirects(3), &["redirects"]),
        (Flaw::RefusesAll, &["valid"]),
    ] {
        let (found, code) = running("standard-webhooks", flaw).with("fail", &["--type", "order.created"]);
        assert_eq!(
            (found, code),
            (failed.iter().map(|name| (*name).to_owned()).collect(), Some(i32::from(!failed.is_empty()))),
            "{flaw:?}"
        );
    }
}

#[test]
fn a_crash_in_place_of_a_refusal_fails_every_forgery() {
    let (found, _) = running("standard-webhooks", Flaw::FallsOverInsteadOfRefusing).with("fail", &[]);
    let forgeries = [
        "tampered-body",
        "wrong-secret",
        "unsigned",
        "missing-header",
        "malformed-header",
        "stale-timestamp",
        "future-timestamp",
    ];
    assert_eq!(found, forgeries);
}

#[test]
fn what_is_doubtful_is_a_warning_and_passes() {
    for (flaw, warned) in [(Flaw::Redirects(1), "redirects"), (Flaw::RefusesEmptyBodies, "empty-body")] {
        assert_eq!(
            running("standard-webhooks", flaw).with("warn", &[]),
            (vec![warned.to_owned()], Some(0)),
            "{flaw:?}"
        );
    }
}

#[test]
fn a_receiver_that_verifies_passes_for_every_scheme() {
    let mut left = Vec::new();
    for name in sign::preset_names() {
        let scheme = sign::preset(name).unwrap();
        if !secrets(&scheme).iter().any(|secret| can_sign(&scheme, secret)) {
            left.push(name);
            continue;
        }
        let given = params().iter().map(|(name, value)| format!("--param={name}={value}")).collect::<Vec<_>>();
        let output = running(name, Flaw::None).check(&given.iter().map(String::as_str).collect::<Vec<_>>());
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}: {said}{}", text(&output.stderr));
        for check in ["valid", "unsigned", "wrong-secret"] {
            assert!(said.contains(&format!("ok   {check}")), "{name}: {said}");
        }
        // A provider that sends no JSON cannot space it oddly.
        assert!(["ok  ", "skip"].iter().any(|word| said.contains(&format!("{word} raw-body"))), "{name}: {said}");
    }
    // Those that sign parts of a body of their own form, which `{}` has not.
    assert_eq!(left, ["aws-sns", "braintree", "dropbox-sign", "microsoft-graph", "midtrans", "travis-ci"]);
}

#[test]
fn what_is_sent_has_the_type_that_the_provider_gives_it() {
    let form = "application/x-www-form-urlencoded";
    for (name, more, content_type) in [
        ("twilio", &[][..], form),
        ("twilio", &["--data", "MessageSid=SM1&Body=hi"], form),
        ("twilio", &["--data", "a=b", "--content-type", "text/x-own"], "text/x-own"),
        ("mandrill", &[], form),
        ("plivo", &["--type", "of_its_own", "--data", "CallUUID=1"], form),
        ("slack", &["--type", "slash_command"], form),
        ("slack", &[], "application/json"),
        ("wix", &[], "text/plain"),
        ("livekit", &["--param", "api_key=given"], "application/webhook+json"),
        ("github", &[], "application/json"),
        ("github", &["--content-type", "text/x-own"], "text/x-own"),
    ] {
        let running = running(name, Flaw::None);
        let output = running.check(more);
        assert_eq!(output.status.code(), Some(0), "{name}: {}{}", text(&output.stdout), text(&output.stderr));
        // A handshake and a type that nobody knows may be JSON where deliveries are not.
        let got = running.receiver.got.lock().unwrap();
        let seen = got.iter().filter_map(|request| request.headers.text("content-type").map(str::to_owned));
        let seen: BTreeSet<_> = seen.collect();
        assert!(seen.contains(content_type), "{name} {more:?}: {seen:?}");
        let json = |body: &Bytes| body.is_empty() || serde_json::from_slice::<Value>(body).is_ok();
        let other = got.iter().filter(|request| !json(&request.body));
        let types: BTreeSet<_> = other.filter_map(|request| request.headers.text("content-type")).collect();
        assert!(types.iter().all(|own| *own == content_type), "{name} {more:?}: {types:?}");
    }
}

/// What schemes need beside the secret.
fn params() -> Params {
    let judged =
        ["key", "key_id", "api_key", "env", "public_key_id", "audience", "email", "org_id", "webhook_id", "client_key"];
    let asked = ["verify_token", "verification_token"];
    judged.into_iter().chain(asked).map(|name| (name.to_owned(), "given".to_owned())).collect()
}

/// Secrets that a provider may have: one like its own, and the private keys of pairs.
fn secrets(scheme: &Scheme) -> Vec<Secret> {
    let pair = rcgen::KeyPair::generate().unwrap();
    sign::new_secret(scheme, &[7; 32])
        .into_iter()
        .chain([pair.serialize_pem(), include_str!("keys/rsa.pem").to_owned()].map(Secret::new))
        .collect()
}

fn can_sign(scheme: &Scheme, secret: &Secret) -> bool {
    let params = params();
    let outgoing = Outgoing {
        id: "1",
        event_type: "t",
        method: "POST",
        url: "http://h/",
        content_type: "application/json",
        body: b"{}",
        attempt: 0,
        params: &params,
    };
    sign::compose(scheme, std::slice::from_ref(secret), &outgoing, Timestamp::default()).is_ok()
}

#[test]
fn a_check_that_makes_no_sense_is_skipped_with_the_reason() {
    let receiver = running("github", Flaw::None);
    let (skipped, _) = receiver.with("skip", &[]);
    for name in ["stale-timestamp", "future-timestamp", "missing-header", "rotation", "https"] {
        assert!(skipped.iter().any(|own| own == name), "{name}: {skipped:?}");
    }
    let said = text(&receiver.check(&[]).stdout);
    assert!(said.contains("GitHub has room for one signature only"), "{said}");
    assert!(said.contains("signs no time"), "{said}");
}

#[test]
fn a_check_is_left_out_and_a_name_that_does_not_exist_is_told() {
    let receiver = running("standard-webhooks", Flaw::TakesUnsigned);
    assert_eq!(receiver.with("fail", &["--skip", "unsigned"]), (vec![], Some(0)));
    assert!(receiver.receiver.got.lock().unwrap().iter().all(|request| request.headers.has("webhook-signature")));
    let wrong = receiver.check(&["--skip", "unsinged"]);
    assert!(wrong.status.code() == Some(2) && text(&wrong.stderr).contains("unsigned"), "{}", text(&wrong.stderr));
}

#[test]
fn every_report_names_the_fault_and_shows_the_request_and_no_secret() {
    let receiver = running("standard-webhooks", Flaw::TakesUnsigned);
    let secret = receiver.receiver.secret.reveal();
    for (format, parts) in [
        ("human", &["FAIL unsigned", "Answer 401 when", "curl \\\n", "ok   valid"][..]),
        ("json", &["\"name\":\"unsigned\"", "\"outcome\":\"fail\"", "Answer 401 when", "\"curl\":\"curl "]),
        ("junit", &["name=\"unsigned\"", "failures=\"1\"", "Answer 401 when", "<failure ", "<skipped "]),
        ("tap", &["TAP version 13\n1..21\n", "not ok 4 - unsigned\n", "Answer 401 when", "# SKIP"]),
    ] {
        let output = receiver.check(&["--output", format]);
        let said = text(&output.stdout);
        for part in parts {
            assert!(said.contains(part), "{format}: no {part} in {said}");
        }
        assert!(!said.contains('\x1b') && !said.contains(secret) && output.stderr.is_empty(), "{format}: {said}");
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
}

#[test]
fn the_curl_line_sends_the_request_again() {
    let receiver = running("standard-webhooks", Flaw::TakesSmallBodiesAlone);
    let output = receiver.check(&["--output", "json"]);
    let lines = text(&output.stdout);
    let found =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|line| line["outcome"] == "fail");
    let curl = found.unwrap()["curl"].as_str().unwrap().to_owned();
    let script = format!("{curl} -s -o /dev/null -w '%{{http_code}}'");
    let sent = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(text(&sent.stdout), "413");
    let got = receiver.receiver.got.lock().unwrap();
    let (again, large) = (got.last().unwrap(), got.iter().find(|request| request.body.len() > 1 << 20).unwrap());
    assert_eq!(
        (&again.body, again.headers.text("webhook-signature")),
        (&large.body, large.headers.text("webhook-signature"))
    );
}

#[test]
fn a_slow_answer_is_told_from_a_refusal() {
    let receiver = running("standard-webhooks", Flaw::IsSlowOnce);
    let (outcomes, code) = receiver.outcomes(&["--timeout", "300ms"]);
    let told = |name: &str| outcomes.iter().find(|(own, _)| own == name).map(|(_, outcome)| outcome.as_str());
    assert_eq!((told("valid"), told("answers-in-time"), code), (Some("fail"), Some("fail"), Some(1)));
    // Nothing else is sent to a receiver that hangs.
    assert_eq!((told("unsigned"), receiver.receiver.got.lock().unwrap().len()), (Some("skip"), 1));
}

#[test]
fn with_no_secret_given_the_apps_own_is_used() {
    let receiver = running("standard-webhooks", Flaw::RefusesAll);
    let output = whk(&receiver.home).args(["check", &receiver.receiver.url, "--output", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(receiver.receiver.got.lock().unwrap()[0].headers.has("webhook-signature"));
}

#[test]
fn a_receiver_that_is_not_there_is_told_before_any_check() {
    let home = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output =
        whk(&home).args(["check", &port.to_string(), "--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).output();
    let output = output.unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), String::new()));
    assert!(text(&output.stderr).contains("is the app running"), "{}", text(&output.stderr));
}

#[test]
fn reports_of_tests_are_for_check_alone() {
    let home = tempfile::tempdir().unwrap();
    for (flags, variable) in [(&["--output", "junit"][..], None), (&["--output", "tap"], None), (&[], Some("junit"))] {
        let mut command = whk(&home);
        command.args(["schemes", "list"]).args(flags).envs(variable.map(|value| ("WHK_OUTPUT", value)));
        let output = command.output().unwrap();
        let said = text(&output.stderr);
        assert!(
            output.status.code() == Some(2) && said.contains("output") && said.contains("whk check alone"),
            "{said}"
        );
    }
}
