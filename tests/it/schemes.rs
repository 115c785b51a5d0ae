//! Every scheme file: its vectors, its way there and back, its forgeries, and what gives it away.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what a test cannot have is a failed test")]

use std::path::PathBuf;
use std::{fs, str};

use bytes::Bytes;
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::value::RawValue;
use whk::catalog::{EventType, Sample};
use whk::model::{CapturedRequest, Headers, Secret, Timestamp};
use whk::sign::encoding::Encoding;
use whk::sign::forge::{Forged, Forgery, forge};
use whk::sign::vector::vectors;
use whk::sign::{Checks, Outgoing, Params, Reason, Scheme, Tolerance, Verified};

const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);
const URL: &str = "https://example.com/hook?a=1";

fn files() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir("schemes").unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let mut files: Vec<_> = files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn schemes() -> Vec<Scheme> {
    files()
        .iter()
        .map(|(path, text)| Scheme::parse(text).unwrap_or_else(|why| panic!("{}: {why}", path.display())))
        .collect()
}

/// A secret of the scheme's own form; where it takes a pair of keys that chance alone does not make, one of ours.
fn secret(scheme: &Scheme, random: &[u8; 32]) -> Secret {
    let key = |name: &str| Secret::new(fs::read_to_string(format!("tests/it/keys/{name}.pem")).unwrap());
    whk::sign::new_secret(scheme, random)
        .unwrap_or_else(|why| key(if why.to_string().contains("ECDSA") { "p256" } else { "rsa" }))
}

/// Keys of another sender: of RSA and of P-256.
const NEW_KEYS: [&str; 2] = [include_str!("keys/rsa2.pem"), include_str!("keys/p256b.pem")];

/// Something for every parameter that the scheme needs.
fn params(scheme: &Scheme) -> Params {
    scheme.params().into_iter().map(|name| (name.to_owned(), "x1".to_owned())).collect()
}

/// A body that the scheme can sign: any at all, or one of its own form where something has to stand in it.
fn body(scheme: &Scheme, any: &[u8]) -> Vec<u8> {
    if !scheme.signs_own_bodies() {
        return any.to_vec();
    }
    let text = String::from_utf8_lossy(any);
    let data = serde_json::json!({"text": text, "list": [any.len(), {"signature": text}], "none": null}).to_string();
    let data = RawValue::from_string(data).unwrap();
    whk::sign::wrap(scheme, "order.created", "msg_1", &data, NOW)
}

fn outgoing<'a>(body: &'a [u8], params: &'a Params) -> Outgoing<'a> {
    Outgoing {
        id: "msg_1",
        event_type: "order.created",
        method: "POST",
        url: URL,
        content_type: "application/json",
        body,
        attempt: 0,
        params,
    }
}

fn received(headers: Headers, body: &[u8]) -> CapturedRequest {
    CapturedRequest {
        method: "POST".to_owned(),
        target: "/hook?a=1".to_owned(),
        headers,
        body: Bytes::copy_from_slice(body),
        remote: String::new(),
        received_at: NOW,
    }
}

fn judged(scheme: &Scheme, secrets: &[Secret], forged: Forged) -> Result<Verified, Reason> {
    judged_at(NOW, scheme, secrets, forged)
}

fn judged_at(now: Timestamp, scheme: &Scheme, secrets: &[Secret], forged: Forged) -> Result<Verified, Reason> {
    let params = params(scheme);
    let checks = Checks { secrets, now, tolerance: Tolerance::Scheme, params: &params, url: Some(URL) };
    whk::sign::verify(scheme, &received(forged.headers, &forged.body), &checks).map_err(|why| why.reason)
}

fn signed(scheme: &Scheme, secrets: &[Secret], body: &[u8]) -> Forged {
    let made = whk::sign::compose(scheme, secrets, &outgoing(body, &params(scheme)), NOW);
    let mut made = made.unwrap_or_else(|why| panic!("{}: {why}", scheme.name()));
    made.headers.push("Content-Type", "application/json").unwrap();
    Forged { headers: made.headers, body: made.body }
}

#[test]
fn the_vectors_hold_and_some_of_them_fail() {
    for (path, text) in files() {
        let scheme = Scheme::parse(&text).unwrap();
        let all = vectors(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for vector in &all {
            vector.check(&scheme).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            assert!(!vector.source.is_empty(), "{}: {} has no source", path.display(), vector.name);
        }
        let failing = all.iter().filter(|vector| vector.reason.is_some()).count();
        assert!(failing > 0 && failing < all.len(), "{}: {failing} of {} fail", path.display(), all.len());
    }
}

#[test]
fn every_file_is_embedded_under_its_name_without_its_vectors() {
    let names: Vec<_> =
        files().iter().map(|(path, _)| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(whk::sign::preset_names(), names);
    for (name, scheme) in names.iter().zip(schemes()) {
        assert_eq!((whk::sign::preset(name).unwrap().as_ref(), scheme.name()), (&scheme, name.as_str()));
        assert!(!whk::sign::preset_text(name).unwrap().contains("[[vector]]"));
        for other in scheme.aliases().iter().chain([&name.to_uppercase().replace('-', "_")]) {
            assert_eq!(whk::sign::preset(other).unwrap().name(), name, "{other}");
        }
    }
    assert!(whk::sign::preset("no-such-scheme").is_none());
}

#[test]
fn a_name_with_a_slip_finds_the_right_one() {
    // Of a shorter name a letter is too much to lose.
    for name in whk::sign::preset_names().into_iter().filter(|name| name.len() > 5) {
        let mut slip = name.to_owned();
        slip.remove(slip.len() - 2);
        assert_eq!(whk::sign::nearest(&slip), Some(name), "{slip}");
    }
    assert_eq!(whk::sign::nearest("standard"), Some("standard-webhooks"));
    assert_eq!(whk::sign::nearest("zzzz"), None);
}

/// What a provider sends: its types with their bodies and media types, or a type that goes with every scheme.
fn sent(scheme: &Scheme) -> Vec<(&'static EventType, Vec<u8>, &'static str)> {
    let own: Vec<_> =
        whk::catalog::types().filter(|kind| kind.schemes.iter().any(|name| name == scheme.name())).collect();
    let body = |kind: &'static EventType| match &kind.sample {
        Sample::Json(data) => (whk::sign::wrap(scheme, &kind.name, "msg_1", data, NOW), "application/json"),
        Sample::Text { content_type, body } => (body.clone().into_bytes(), content_type.as_str()),
    };
    own.into_iter().map(|kind| (kind, body(kind).0, body(kind).1)).collect()
}

#[test]
fn what_a_provider_sends_gives_its_scheme_away_and_is_found_again() {
    for scheme in schemes() {
        let (secrets, params) = ([secret(&scheme, &[7; 32])], params(&scheme));
        for (kind, body, content_type) in sent(&scheme) {
            let place = format!("{} {}", scheme.name(), kind.name);
            let outgoing = Outgoing { event_type: &kind.name, content_type, ..outgoing(&body, &params) };
            let made = whk::sign::compose(&scheme, &secrets, &outgoing, NOW);
            let whk::sign::Signed { mut headers, body } = made.unwrap_or_else(|why| panic!("{place}: {why}"));
            headers.push("Content-Type", content_type).unwrap();
            let request = received(headers.clone(), &body);
            judged(&scheme, &secrets, Forged { headers, body: body.clone() })
                .unwrap_or_else(|why| panic!("{place}: {why:?}"));
            if !scheme.detect().is_empty() {
                let found = whk::sign::detect(&request);
                assert_eq!(found.as_ref().map(|found| found.name()), Some(scheme.name()), "{place}");
            }
            let found = whk::sign::identify(Some(&scheme), &request).event_type;
            assert!(found.as_ref().is_none_or(|found| *found == kind.name), "{place}: {found:?}");
            if [content_type, scheme.content_type()] == ["application/json"; 2] {
                serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_else(|why| panic!("{place}: {why}"));
            }
        }
    }
    assert!(whk::sign::detect(&received(Headers::new(), b"")).is_none());
}

/// Providers that send fewer than three types.
const FEW: [&str; 9] =
    ["circleback", "cursor-agents", "fal", "gong", "microsoft-teams", "pleo", "snyk", "typeform", "unisender-go"];

#[test]
fn every_provider_has_three_types_in_the_catalogue() {
    for scheme in schemes() {
        let own = whk::catalog::types().filter(|kind| kind.schemes.iter().any(|name| name == scheme.name())).count();
        // Without types of its own a scheme is no provider's: it carries what goes with every scheme.
        assert!(own == 0 || own >= 3 || FEW.contains(&scheme.name()), "{}: {own}", scheme.name());
    }
    for name in whk::catalog::types().flat_map(|kind| &kind.schemes) {
        assert!(whk::sign::preset_names().contains(&name.as_str()), "{name} is in the catalogue and no scheme");
    }
}

#[test]
fn each_forgery_is_refused_for_its_reason() {
    for scheme in schemes() {
        let params = params(&scheme);
        let secrets = [secret(&scheme, &[7; 32])];
        let (body, inside) = (body(&scheme, b"{\"a\":1}"), whk::sign::own_headers(&scheme).is_empty());
        for kind in Forgery::ALL {
            let place = format!("{} {kind}", scheme.name());
            let Ok(requests) = forge(kind, &scheme, &secrets, &outgoing(&body, &params), NOW) else {
                assert!(matches!(kind, Forgery::Stale | Forgery::Future | Forgery::Tampered), "{place}");
                continue;
            };
            // The second of two comes a second later, and some providers take nothing from the future.
            let now = Timestamp::from_seconds(NOW.seconds() + i64::from(kind == Forgery::Duplicate));
            let verdict = |one: &Forged| judged_at(now, &scheme, &secrets, one.clone()).map(|_| ());
            let verdicts: Vec<_> = requests.iter().map(verdict).collect();
            let refused = |reason| vec![Err(reason)];
            let expected = match kind {
                Forgery::BadSignature | Forgery::WrongSecret | Forgery::Tampered => {
                    refused(Reason::NoMatchingSignature)
                }
                Forgery::MissingHeader | Forgery::Unsigned if inside => refused(Reason::MalformedBody),
                Forgery::MissingHeader | Forgery::Unsigned => refused(Reason::MissingHeader),
                // Where the provider's own libraries do not look at the time, the forgery goes through.
                Forgery::Stale if verdicts != [Ok(())] => refused(Reason::TimestampTooOld),
                Forgery::Future if verdicts != [Ok(())] => refused(Reason::TimestampTooNew),
                Forgery::Stale | Forgery::Future | Forgery::WrongContentType => vec![Ok(())],
                Forgery::Duplicate | Forgery::Replayed => vec![Ok(()), Ok(())],
            };
            assert_eq!(verdicts, expected, "{place}");
        }
    }
}

#[test]
fn the_default_scheme_refuses_every_forgery_of_time() {
    let scheme = whk::sign::preset("standard-webhooks").unwrap();
    let secrets = [secret(&scheme, &[7; 32])];
    for (kind, reason) in [(Forgery::Stale, Reason::TimestampTooOld), (Forgery::Future, Reason::TimestampTooNew)] {
        let params = Params::new();
        let requests = forge(kind, &scheme, &secrets, &outgoing(b"{}", &params), NOW).unwrap();
        assert_eq!(requests.into_iter().map(|one| judged(&scheme, &secrets, one)).collect::<Vec<_>>(), [Err(reason)]);
    }
}

#[test]
fn of_many_secrets_the_one_that_signed_is_named() {
    for scheme in schemes().into_iter().filter(|scheme| whk::sign::new_secret(scheme, &[7; 32]).is_ok()) {
        let secrets: Vec<_> = (1..4).map(|seed| secret(&scheme, &[seed; 32])).collect();
        for (index, secret) in secrets.iter().enumerate() {
            let forged = signed(&scheme, std::slice::from_ref(secret), &body(&scheme, b"{}"));
            let verdict = judged(&scheme, &secrets, forged).map(|verified| verified.secret_index);
            assert_eq!(verdict, Ok(index), "{}", scheme.name());
        }
    }
}

#[test]
fn every_secret_signs_where_there_is_room() {
    let scheme = whk::sign::preset("standard-webhooks").unwrap();
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let public = pair.public_key().as_ref();
    let key = |prefix: &str, bytes: &[u8]| Secret::new(format!("{prefix}{}", Encoding::Base64.encode(bytes)));
    let (private, public) = (key("whsk_", &[&[3; 32], public].concat()), key("whpk_", public));
    let secrets = [secret(&scheme, &[1; 32]), secret(&scheme, &[2; 32]), private];
    let forged = signed(&scheme, &secrets, b"{}");
    assert_eq!(forged.headers.text("webhook-signature").unwrap().split(' ').count(), 3);
    for one in secrets.iter().chain([&public]) {
        assert!(judged(&scheme, std::slice::from_ref(one), forged.clone()).is_ok(), "{one}");
    }
    let why = whk::sign::sign(&scheme, &[public], &outgoing(b"{}", &Params::new()), NOW).unwrap_err();
    assert!(why.to_string().contains("public key"), "{why}");
}

#[test]
fn a_replay_replaces_signature_and_time_and_nothing_else() {
    let own = |name: &str| whk::sign::own_headers(&whk::sign::preset(name).unwrap());
    assert_eq!(own("standard-webhooks"), ["webhook-signature", "webhook-timestamp"]);
    for scheme in schemes() {
        let names = whk::sign::own_headers(&scheme);
        let secret = secret(&scheme, &[7; 32]);
        let forged = signed(&scheme, &[secret], &body(&scheme, b"{}"));
        assert!(names.is_empty() || names.iter().any(|name| forged.headers.has(name)), "{}", scheme.name());
    }
}

#[test]
fn a_signature_that_goes_into_the_body_is_no_header() {
    let inside: Vec<_> = schemes().into_iter().filter(|scheme| whk::sign::own_headers(scheme).is_empty()).collect();
    assert!(inside.len() > 4);
    for scheme in inside {
        let (secrets, params) = ([secret(&scheme, &[7; 32])], params(&scheme));
        let why = whk::sign::sign(&scheme, &secrets, &outgoing(&body(&scheme, b"{}"), &params), NOW).unwrap_err();
        assert!(why.to_string().contains("into the body"), "{}: {why}", scheme.name());
        let why = whk::sign::compose(&scheme, &secrets, &outgoing(b"\x80", &params), NOW);
        assert!(why.is_err() || scheme.content_type().contains("form"), "{}", scheme.name());
    }
}

#[test]
fn nothing_is_signed_without_the_parameters_that_it_takes() {
    for scheme in schemes() {
        let (secrets, all) = ([secret(&scheme, &[7; 32])], params(&scheme));
        for name in scheme.params() {
            let mut params = all.clone();
            params.remove(name);
            let made = whk::sign::compose(&scheme, &secrets, &outgoing(&body(&scheme, b"{}"), &params), NOW);
            let why = made.err().unwrap_or_else(|| panic!("{} signs without {name}", scheme.name())).to_string();
            assert!(why.contains(&format!("--param {name}=")), "{}: {why}", scheme.name());
        }
    }
}

#[test]
fn keys_are_read_in_every_form() {
    let file = |name: &str| fs::read_to_string(format!("tests/it/keys/{name}.pem")).unwrap();
    let read = |text: &str| whk::sign::public::PublicKey::read(text.as_bytes(), None).unwrap();
    assert_eq!(read(&file("rsa")), read(&file("certificate")));
    assert_eq!(read(&file("rsa")), read(&file("rsa").replace('\n', "\\n")));
    assert_ne!(read(&file("rsa")), read(&file("p256")));
    let scheme = whk::sign::preset("sendgrid").unwrap();
    let key = Secret::new(file("p256"));
    let forged = signed(&scheme, std::slice::from_ref(&key), b"{}");
    let bare = file("p256").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let hex = hex::encode(Encoding::Base64.decode(bare.as_bytes()).unwrap());
    for other in [bare, hex] {
        assert!(judged(&scheme, &[Secret::new(other)], forged.clone()).is_ok());
    }
    let why = judged(&scheme, &[Secret::new(file("rsa"))], forged.clone());
    assert_eq!(why, Err(Reason::MalformedSecret));
    assert_eq!(judged(&scheme, &[Secret::new("nonsense")], forged), Err(Reason::MalformedSecret));
}

#[test]
fn a_token_brings_certificates_that_lead_to_the_root_and_no_other() {
    let scheme = whk::sign::preset("app-store").unwrap();
    let chain = fs::read_to_string("tests/it/keys/chain.pem").unwrap();
    let root = &chain[chain.rfind("-----BEGIN CERT").unwrap()..];
    let secrets = [Secret::new(chain.clone())];
    let sent = signed(&scheme, &secrets, br#"{"notificationType":"TEST","signedDate":1760000000000}"#);
    for trusted in [root, &chain] {
        assert!(judged(&scheme, &[Secret::new(trusted)], sent.clone()).is_ok());
    }
    let other = Secret::new(fs::read_to_string("tests/it/keys/certificate.pem").unwrap());
    assert_eq!(judged(&scheme, &[other], sent.clone()), Err(Reason::NoMatchingSignature));
    // Before its certificates were made, nobody can have signed it.
    let early = signed(&scheme, &secrets, br#"{"signedDate":1600000000000}"#);
    assert_eq!(judged(&scheme, &[Secret::new(root)], early), Err(Reason::NoMatchingSignature));
    let why = whk::sign::compose(&scheme, &[Secret::new(root)], &outgoing(b"{}", &Params::new()), NOW).unwrap_err();
    assert!(why.to_string().contains("public key"), "{why}");
}

#[test]
fn an_event_in_a_token_is_signed_again_and_not_wrapped_twice() {
    for name in ["app-store", "kinde", "wix"] {
        let scheme = whk::sign::preset(name).unwrap();
        let (first, second) = ([secret(&scheme, &[7; 32])], [Secret::new(NEW_KEYS[usize::from(name == "app-store")])]);
        let params = Params::new();
        let event =
            whk::sign::wrap(&scheme, "t.1", "msg_1", &RawValue::from_string("{\"a\":1.50}".to_owned()).unwrap(), NOW);
        let once = signed(&scheme, &first, &event);
        let twice = whk::sign::compose(&scheme, &second, &outgoing(&once.body, &params), NOW).unwrap();
        let twice = Forged { headers: twice.headers, body: twice.body };
        assert!(judged(&scheme, &second, twice.clone()).is_ok(), "{name}");
        assert_eq!(judged(&scheme, &first, twice.clone()), Err(Reason::NoMatchingSignature), "{name}");
        for request in [received(once.headers, &once.body), received(twice.headers, &twice.body)] {
            let found = whk::sign::identify(Some(&scheme), &request).event_type;
            assert_eq!(found.as_deref(), Some("t.1"), "{name}");
        }
        let unsigned = once.body.iter().rposition(|byte| *byte == b'.').map(|dot| &once.body[..=dot]).unwrap();
        for body in
            [&b"{}"[..], b"", b"..", b"a.b.c", b"{\"signedPayload\":\"..\"}", b"\xff.\xff.\xff", unsigned, b"[]"]
        {
            let verdict = judged(&scheme, &first, Forged { headers: Headers::new(), body: body.to_vec() });
            assert_eq!(verdict, Err(Reason::MalformedBody), "{name}: {}", String::from_utf8_lossy(body));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_signed_is_verified_and_what_was_changed_is_not(body: Vec<u8>, random: [u8; 32], at: prop::sample::Index) {
        for scheme in schemes() {
            let secrets = [secret(&scheme, &random)];
            let body = self::body(&scheme, &body);
            let forged = signed(&scheme, &secrets, &body);
            prop_assert!(judged(&scheme, &secrets, forged.clone()).is_ok(), "{}", scheme.name());
            let Ok(tampered) = forge(Forgery::Tampered, &scheme, &secrets, &outgoing(&body, &params(&scheme)), NOW) else {
                continue;
            };
            if scheme.signs_own_bodies() {
                let verdict = judged(&scheme, &secrets, tampered[0].clone());
                prop_assert_eq!(verdict, Err(Reason::NoMatchingSignature), "{}", scheme.name());
                continue;
            }
            let mut changed = forged;
            if body.is_empty() {
                changed.body.push(0);
            } else {
                changed.body[at.index(body.len())] ^= 1;
            }
            let verdict = judged(&scheme, &secrets, changed);
            // Of a body that comes or goes, a token's claim comes or goes, too.
            let refused = [Err(Reason::NoMatchingSignature), Err(Reason::MalformedHeader)].contains(&verdict);
            prop_assert!(refused, "{}: {verdict:?}", scheme.name());
        }
    }

    #[test]
    fn no_other_spelling_of_a_signature_is_taken(noise in "[ -~]{0,80}", cut in 0_usize..90) {
        for scheme in schemes().into_iter().filter(|scheme| !whk::sign::own_headers(scheme).is_empty()) {
            let secrets = [secret(&scheme, &[7; 32])];
            let right = signed(&scheme, &secrets, &body(&scheme, b"{}"));
            for name in whk::sign::own_headers(&scheme).iter().filter(|name| right.headers.has(name)) {
                let text = right.headers.text(name).unwrap().to_owned();
                let short = text.get(..cut.min(text.len() - 1)).unwrap().to_owned();
                for other in [noise.clone(), short, format!("{text}="), format!("{text}A"), text.to_uppercase()] {
                    if other.trim().eq_ignore_ascii_case(&text) || other.bytes().all(|b| b.is_ascii_digit()) {
                        continue;
                    }
                    let mut over = Headers::new();
                    over.push(name, &other).unwrap();
                    let forged = Forged { headers: right.headers.overlaid(&over), ..right.clone() };
                    prop_assert!(judged(&scheme, &secrets, forged).is_err(), "{} {name}: {other}", scheme.name());
                }
            }
        }
    }
}
