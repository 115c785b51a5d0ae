//! A relay whose inbox is closed: what is not rightly signed reaches nobody, and nobody signs as the provider.

use std::fs;

use serde_json::{Value, json};
use whk::sign::vector::vectors;

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::App;
use crate::support::whk::{Listener, Whk};
use crate::support::wire;

/// How the relay is started.
const CLOSED: [&str; 6] = ["--scheme", "github", "--secret", "s3cret", "--verify", "reject"];
const GOOD: &str = r#"{"forged":false}"#;
const FORGED: &str = r#"{"forged":true}"#;

/// Sends what the provider has signed.
fn send_good(whk: &Whk, relay: &Listener) {
    let place = format!("http://{}/in/default/gh", relay.address());
    let words = ["send", "push", "--scheme", "github", "--secret", "s3cret", "--raw", "--data", GOOD, "--to", &place];
    whk.run(words).exits(0).check();
}

/// Sends what somebody else has, and gives back the answer.
fn send_forged(relay: &Listener) -> wire::Message {
    let lines = ["X-GitHub-Event: push", "X-Hub-Signature-256: sha256=00"];
    relay.send(&wire::request("POST", "/in/default/gh", &lines, FORGED.as_bytes()))
}

/// A listener of the relay, with these words more.
fn laptop(whk: &Whk, relay: &Listener, app: &App, words: &[&str]) -> Listener {
    let place = format!("http://{}", relay.address());
    let mut command = whk.command(["listen", "--output", "json", "--relay", &place, "--forward", &app.target()]);
    command.args(words);
    Listener::away(command)
}

#[test]
fn a_closed_inbox_turns_away_what_is_not_signed_and_nobody_gets_it() {
    let (whk, endpoint, laptop) = (Whk::new(), App::answering(200), App::answering(204));
    let relay = whk.relay(CLOSED.into_iter().chain(["--hold", "30s"]));
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    let hook = json!({"name": "all", "url": format!("http://{}/", endpoint.target()), "events": ["*"]});
    api.ok("POST", HOOKS, &hook);
    let listener = self::laptop(&whk, &relay, &laptop, &[]);
    for forged in ["sha256=00", ""] {
        let lines = ["X-GitHub-Event: push".to_owned(), format!("X-Hub-Signature-256: {forged}")];
        let lines: Vec<_> = lines.iter().map(String::as_str).take(1 + forged.len().min(1)).collect();
        let refused = relay.send(&wire::request("POST", "/in/default/gh", &lines, br#"{"forged":true}"#));
        assert_eq!(refused.status(), 401);
        let why = refused.json();
        assert_eq!(why["code"], "invalid_signature", "{why}");
        let kept = api.ok("GET", &format!("{EVENTS}/{}", why["event_id"].as_str().unwrap()), &Value::Null);
        assert_eq!(kept["verdict"]["ok"], false, "{kept}");
    }
    let host = relay.address().to_string();
    let posted = relay.send(&wire::request_at(&host, "POST", "/smee/default", &[], FORGED.as_bytes()));
    assert_eq!(posted.status(), 403, "{}", posted.text());
    send_good(&whk, &relay);
    for app in [&endpoint, &laptop] {
        assert_eq!(app.request().body, GOOD.as_bytes());
    }
    // Who comes later and asks for what was before gets no more.
    listener.stop();
    let listener = self::laptop(&whk, &relay, &laptop, &["--since", "1h", "--count", "1"]);
    assert_eq!(listener.ended().line("done")["received"], 1);
    assert_eq!((endpoint.count(), laptop.count()), (1, 2));
    assert!(laptop.bodies().iter().all(|body| body == GOOD.as_bytes()));
}

#[test]
fn what_came_before_the_inbox_was_closed_is_judged_when_somebody_asks_for_it() {
    let (whk, app) = (Whk::new(), App::answering(204));
    let relay = whk.relay([] as [&str; 0]);
    send_forged(&relay);
    send_good(&whk, &relay);
    relay.stop();
    let relay = whk.relay(CLOSED);
    let listener = laptop(&whk, &relay, &app, &["--since", "1h", "--count", "1"]);
    assert_eq!(listener.ended().line("done")["received"], 1);
    assert_eq!(app.bodies(), [GOOD.as_bytes()]);
}

#[test]
fn what_was_turned_away_is_no_message_that_an_endpoint_missed() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let relay = whk.relay(CLOSED);
    let refused = send_forged(&relay).json();
    send_good(&whk, &relay);
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    let hook = json!({"name": "late", "url": format!("http://{}/", app.target()), "events": ["*"]});
    let endpoint = api.ok("POST", HOOKS, &hook)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/app/default/endpoint/{endpoint}/replay-missing");
    let kept = api.ok("GET", &format!("{EVENTS}/{}", refused["event_id"].as_str().unwrap()), &Value::Null);
    api.ok("POST", &path, &json!({"since": kept["received_at"]}));
    assert_eq!(app.request().body, GOOD.as_bytes());
    // Who runs the relay may still say: that one.
    let named = format!("{EVENTS}/{}/replay", refused["event_id"].as_str().unwrap());
    api.ok("POST", &named, &json!({"endpoint_id": endpoint}));
    assert_eq!(app.requests(2)[1].body, FORGED.as_bytes());
}

#[test]
fn an_app_gets_nothing_signed_with_the_secret_of_the_provider() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let relay = whk.relay(CLOSED);
    let tenant = Api::of(&whk, &relay, &["--app", "tenant"]);
    let listener = laptop(&whk, &relay, &app, &["--app", "tenant"]);
    let event = json!({"type": "push", "data": {"theirs": true}});
    tenant.ok("POST", "/api/v1/webhooks/test", &event);
    let request = app.request();
    assert_eq!(request.get("X-Hub-Signature-256"), None, "{}", request.text());
    let secret = whk.run(["secret", "show", "--app", "tenant"]).exits(0).check().out;
    let lines: Vec<_> = request.lines().into_iter().filter(|line| line.starts_with("webhook-")).collect();
    let mut verify =
        vec!["verify".to_owned(), "--secret".to_owned(), String::from_utf8(secret).unwrap().trim().to_owned()];
    verify.extend(lines.into_iter().flat_map(|line| ["-H".to_owned(), line]));
    whk.run(verify).stdin(&request.body).exits(0).check();
    listener.stop();
}

#[test]
fn a_handshake_gets_through_a_closed_inbox() {
    let whk = Whk::new();
    let relay = whk.relay(["--scheme", "meta", "--secret", "s", "--param", "verify_token=tok", "--verify", "reject"]);
    let ask = |token: &str| {
        let query = format!("/in/default?hub.mode=subscribe&hub.challenge=77&hub.verify_token={token}");
        relay.send(&wire::request("GET", &query, &[], b""))
    };
    assert_eq!((ask("tok").status(), ask("tok").body), (200, b"77".to_vec()));
    assert!(ask("other").status() >= 400);
    assert_eq!(relay.send(&wire::request("POST", "/in/default", &[], b"{}")).status(), 401);
}

#[test]
fn a_scheme_that_certificates_judge_needs_no_secret() {
    let whk = Whk::new();
    let text = fs::read_to_string("schemes/aws-sns.toml").unwrap();
    let vector = vectors(&text).unwrap().into_iter().find(|vector| vector.name == "notification_v2").unwrap();
    let certificates = whk.put("certificates.json", &vector.params["certificates"]);
    let given = format!("certificates=@{}", certificates.display());
    let relay = whk.relay(["--scheme", "aws-sns", "--param", &given, "--verify", "reject"]);
    let send = |body: &[u8]| {
        let lines = ["x-amz-sns-message-type: Notification", "Content-Type: text/plain; charset=UTF-8"];
        relay.send(&wire::request("POST", "/in/default", &lines, body))
    };
    let answer = send(&vector.request().unwrap().body);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let forged = String::from_utf8_lossy(&vector.request().unwrap().body).replace("Hello", "Other");
    assert_eq!(send(forged.as_bytes()).status(), 401);
}

#[test]
fn an_app_that_a_platforms_api_made_has_a_secret_too() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &[]);
    api.ok("POST", "/api/v1/app/", &json!({"name": "One", "uid": "org_1"}));
    let secret = whk.run(["secret", "show", "--app", "org_1"]).exits(0).out_has("whsec_").check().out;
    assert_eq!(whk.run(["secret", "show", "--app", "org_1"]).exits(0).check().out, secret, "made once");
}
