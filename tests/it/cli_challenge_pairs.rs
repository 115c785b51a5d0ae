//! `whk send --challenge` against `whk listen`, for every handshake there is: both sides are the program.

use whk::model::Secret;
use whk::sign::challenge::Challenge;
use whk::sign::{self, Handshake, handshakes};

use crate::support::app::App;
use crate::support::whk::{Listener, Whk};

/// What the providers were told, as flags.
fn told() -> Vec<String> {
    let names = ["verify_token", "topic", "verify", "client_id", "public_key_id", "verification_token", "service_id"];
    names.map(|name| format!("--param={name}=told-1")).into()
}

/// A secret for both sides: one like the provider's own, or the private key of a pair.
fn secret(known: &Handshake) -> String {
    let own = known.scheme().and_then(|scheme| sign::new_secret(scheme, &[7; 32]).ok());
    let pair = || Secret::new(rcgen::KeyPair::generate().unwrap().serialize_pem());
    let text = || if known.scheme().is_some() { pair() } else { Secret::new("s3cret-of-the-app") };
    own.unwrap_or_else(text).reveal().to_owned()
}

fn playable() -> impl Iterator<Item = &'static Handshake> {
    handshakes().iter().filter(|known| known.challenges().iter().any(Challenge::is_playable))
}

fn listener(whk: &Whk, known: &Handshake, more: &[&str]) -> Listener {
    let secret = secret(known);
    let words = ["--store", "memory:", "--secret", &secret].map(str::to_owned).into_iter();
    whk.listen(words.chain(told()).chain(more.iter().map(|word| (*word).to_owned())))
}

/// Plays the provider's handshakes; every one is answered rightly if the exit code is 0.
fn played(whk: &Whk, known: &Handshake, to: &str, code: i32) -> String {
    let (secret, challenge) = (secret(known), format!("--challenge={}", known.name()));
    let words = ["send", &challenge, "--secret", &secret, "--to", to].map(str::to_owned).into_iter();
    whk.run(words.chain(told())).exits(code).check().text()
}

#[test]
fn what_send_asks_is_answered_by_listen_for_every_provider() {
    let whk = Whk::new();
    for known in playable() {
        let listener = listener(&whk, known, &["--challenge", known.name()]);
        let said = played(&whk, known, &listener.url(), 0);
        assert!(said.lines().all(|line| line.starts_with("ok ")), "{said}");
        for event in listener.lines("event", said.lines().count()) {
            assert_eq!(event["provider"], known.name(), "{event}");
            assert!(event["challenge"]["status"].is_number(), "{event}");
        }
    }
}

#[test]
fn without_a_choice_a_handshake_is_answered_that_looks_like_no_other_request() {
    let whk = Whk::new();
    for known in playable().filter(|known| !known.challenges().iter().any(Challenge::is_only_asked)) {
        let listener = listener(&whk, known, &[]);
        let said = played(&whk, known, &listener.url(), 0);
        assert_eq!(listener.event()["provider"], known.name(), "{said}");
    }
}

#[test]
fn turned_off_every_handshake_is_left_to_the_app() {
    let whk = Whk::new();
    for known in playable() {
        let app = App::answering(418);
        let target = app.target();
        let listener = listener(&whk, known, &["--challenge", "off", "--forward", &target]);
        let said = played(&whk, known, &listener.url(), 1);
        assert!(said.contains("is 418"), "{said}");
        assert_eq!(app.requests(said.lines().count()).len(), app.count());
        assert!(listener.event()["challenge"].is_null());
    }
}

#[test]
fn an_address_that_should_be_called_is_named_and_the_app_gets_the_request() {
    let url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
    let body = format!(r#"{{"Type":"SubscriptionConfirmation","SubscribeURL":"{url}"}}"#);
    let oracle = "X-OCI-NS-ConfirmationURL: https://cell1.notification.us-ashburn-1.oci.oraclecloud.com/confirm?t=x";
    for (name, line, body) in [
        ("aws-sns", "x-amz-sns-message-type: SubscriptionConfirmation", body.as_str()),
        ("oci-notifications", oracle, "{}"),
    ] {
        let (app, whk) = (App::answering(202), Whk::new());
        let listener = whk.listen(["--forward", &app.target()]);
        let asked = crate::support::wire::request("POST", "/in/default", &[line], body.as_bytes());
        assert_eq!(listener.send(&asked).status(), 202, "{name}");
        let note = listener.event()["challenge"]["note"].as_str().unwrap_or_default().to_owned();
        assert!(note.starts_with(&format!("{name} wants an address to be called")), "{note}");
        assert_eq!(app.request().body, body.as_bytes());
    }
}
