//! `whk check` asks what a provider asks before it sends, and judges the answer.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use whk::clock::{Clock, SystemClock};
use whk::model::{CapturedRequest, Headers, Secret};
use whk::sign::challenge::Asked;
use whk::sign::{self, Checks, Handshake, Params, Tolerance, handshakes, shake};

use crate::support::app::{App, answer};
use crate::support::whk::Whk;
use crate::support::wire::Message;

/// What the providers were told.
fn params() -> Params {
    let names = ["verify_token", "topic", "verify", "client_id", "public_key_id", "verification_token", "service_id"];
    names.map(|name| (name.to_owned(), "told-1".to_owned())).into()
}

/// A secret for both sides: one like the provider's own, or the private key of a pair.
fn secret(known: &Handshake) -> Secret {
    let own = known.scheme().and_then(|scheme| sign::new_secret(scheme, &[7; 32]).ok());
    let pair = || Secret::new(rcgen::KeyPair::generate().unwrap().serialize_pem());
    own.unwrap_or_else(|| if known.scheme().is_some() { pair() } else { Secret::new("s3cret-of-the-app") })
}

fn captured(message: &Message) -> CapturedRequest {
    let mut headers = Headers::new();
    for line in message.lines() {
        headers.push_line(&line).unwrap();
    }
    CapturedRequest {
        method: message.method(),
        target: message.target(),
        headers,
        body: Bytes::from(message.body.clone()),
        remote: String::new(),
        received_at: SystemClock.now(),
    }
}

/// A receiver that answers its provider's handshakes, and nothing else.
fn knowing(known: &Handshake, secret: &Secret) -> App {
    let (known, secret) = (known.clone(), secret.clone());
    App::new(move |message, _| {
        let (request, params) = (captured(message), params());
        let secrets = std::slice::from_ref(&secret);
        let checks =
            Checks { secrets, now: SystemClock.now(), tolerance: Tolerance::Scheme, params: &params, url: None };
        let verified = known.scheme().map(|scheme| sign::verify(scheme, &request, &checks).is_ok());
        let asked = Asked { request: &request, secrets, params: &params, verified };
        let scheme = known.scheme().map(Arc::as_ref);
        let Some(shaken) = shake(&asked, scheme, std::slice::from_ref(&known), &[]) else {
            return answer(401, &[], b"");
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let own = shaken.answer.headers.iter();
        let lines: Vec<_> = own.map(|(name, value)| format!("{}: {}", text(name), text(value))).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        answer(shaken.answer.status, &lines, &shaken.answer.body)
    })
}

/// The line of the check `challenge`.
fn checked(known: &Handshake, secret: &Secret, app: &App) -> Value {
    let mut words = vec!["check".to_owned(), format!("{}/hook", app.target()), "--scheme".to_owned()];
    words.extend([known.name(), "--secret", secret.reveal(), "--output", "json"].map(str::to_owned));
    words.extend(params().iter().map(|(name, value)| format!("--param={name}={value}")));
    let output = Whk::new().command(words).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed = lines.iter().any(|line| line["outcome"] == "fail");
    assert_eq!(output.status.code(), Some(i32::from(failed)), "{}: {said}", known.name());
    lines.into_iter().find(|line| line["name"] == "challenge").unwrap()
}

fn playable() -> impl Iterator<Item = &'static Handshake> {
    handshakes().iter().filter(|known| known.challenges().iter().any(sign::challenge::Challenge::is_playable))
}

#[test]
fn a_right_answer_passes_for_every_provider_that_asks() {
    for known in playable() {
        let secret = secret(known);
        let app = knowing(known, &secret);
        let line = checked(known, &secret, &app);
        assert_eq!(line["outcome"], "pass", "{}: {line}", known.name());
    }
}

/// Those that are content with any success.
const CONTENT: [&str; 3] = ["mandrill", "notion", "trello"];

#[test]
fn a_wrong_answer_is_named_with_the_request_and_how_to_mend_it() {
    for known in playable() {
        let secret = secret(known);
        let app = App::new(|_, _| answer(200, &[], b"ok"));
        let content = CONTENT.contains(&known.name());
        let line = checked(known, &secret, &app);
        if content {
            assert_eq!(line["outcome"], "pass", "{line}");
            continue;
        }
        assert_eq!(line["outcome"], "fail", "{}: {line}", known.name());
        let (mend, curl) = (line["mend"].as_str().unwrap(), line["curl"].as_str().unwrap());
        assert!(mend.contains(known.docs()), "{line}");
        let method = curl.split("-X '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        assert!(app.requests(app.count()).iter().any(|request| request.method() == method), "{line}");
        assert!(!curl.contains(secret.reveal()), "{line}");
    }
}

#[test]
fn what_a_check_of_a_handshake_needs_is_told_or_left_out() {
    let app = App::new(|_, _| answer(200, &[], b"ok"));
    let to = app.target();
    for (words, part) in [
        (
            &["--scheme", "meta"][..],
            "Meta asks with param.verify_token, which is not known: give --param verify_token=VALUE",
        ),
        (&["--scheme", "stripe"], "Stripe asks nothing before it sends"),
        (&["--scheme", "slack", "--skip", "challenge"], "left out with --skip"),
    ] {
        let words = [&["check", &to, "--secret", "s3cret", "--output", "tap"], words].concat();
        Whk::new().run(words).exits(1).out_has(format!("- challenge # SKIP {part}")).check();
    }
    // Where there is nothing else to check, nothing would be a success.
    for (name, part) in [("strava", "give --param verify_token=VALUE"), ("oci-notifications", "cannot be played")] {
        Whk::new().run(["check", &to, "--secret", "s", "--scheme", name]).exits(2).err_has(part).check();
    }
}

#[test]
fn one_handshake_of_several_products_is_enough() {
    let reply = |message: &Message| match message.target().split_once("validationtoken=") {
        Some((_, token)) => answer(200, &[], token.as_bytes()),
        None => answer(400, &[], b""),
    };
    let (app, whk) = (App::new(move |message, _| reply(message)), Whk::new());
    let to = app.target();
    // It answers one of the two handshakes, and takes no delivery.
    let checked = whk.run(["check", &to, "--secret", "s", "--scheme", "microsoft-graph"]).exits(1);
    checked.out_has("ok   challenge").out_has("FAIL valid").check();
    let sent = whk.run(["send", "--to", &to, "--secret", "s", "--challenge=microsoft-graph"]);
    sent.out_has("other Microsoft Graph: handshake for Graph: the status should be 200, is 400")
        .out_has("ok Microsoft Graph: handshake for SharePoint is answered rightly")
        .check();
}
