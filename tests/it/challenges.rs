//! Every handshake: its vectors, whose it is found to be, and that whk's own answer is the one it waits for.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what a test cannot have is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use whk::model::{CapturedRequest, Headers, Secret, Timestamp};
use whk::sign::challenge::Asked;
use whk::sign::exchange::exchanges;
use whk::sign::playing::{Answered, Play};
use whk::sign::{Handshake, Params, Scheme, handshakes, shake};

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn read(path: &Path, text: &str) -> Handshake {
    if path.starts_with("handshakes") {
        return Handshake::parse(text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }
    Handshake::of(Arc::new(Scheme::parse(text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))))
}

fn params() -> Params {
    let known = ["verify_token", "topic", "verify", "client_id", "public_key_id", "verification_token", "service_id"];
    known.map(|name| (name.to_owned(), "v&1".to_owned())).into()
}

#[test]
fn the_vectors_of_each_challenge_hold() {
    let mut count = 0;
    for (path, text) in files("schemes").into_iter().chain(files("handshakes")) {
        let known = read(&path, &text);
        let all = exchanges(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for (challenge, vectors) in known.challenges().iter().zip(all) {
            assert!(!vectors.is_empty(), "{}: a challenge has no vector", path.display());
            for vector in vectors {
                assert!(!vector.source.is_empty(), "{}: {} has no source", path.display(), vector.name);
                vector.check(challenge).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
                count += 1;
            }
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn every_provider_that_asks_is_embedded_once_under_its_files_name() {
    let mut names = BTreeSet::new();
    for (path, text) in files("schemes").into_iter().chain(files("handshakes")) {
        let known = read(&path, &text);
        assert_eq!(Some(known.name()), path.file_stem().unwrap().to_str());
        if known.challenges().is_empty() {
            continue;
        }
        assert!(![known.title(), known.docs(), known.source()].contains(&""), "{}", path.display());
        assert!(names.insert(known.name().to_owned()), "{} stands in both folders", known.name());
        assert_eq!(whk::sign::handshake(known.name()).unwrap().challenges(), known.challenges());
    }
    assert_eq!(names.len(), handshakes().len());
}

#[test]
fn whk_gives_the_answer_that_each_provider_waits_for() {
    let (params, secrets) = (params(), [Secret::new("s3cr3t")]);
    let play = Play { params: &params, chance: 0xfeed_beef_0123, now: Timestamp::from_seconds(1_760_000_000) };
    for known in handshakes() {
        for challenge in known.challenges().iter().filter(|one| one.is_playable()) {
            let question = challenge.question(&play).unwrap_or_else(|why| panic!("{}: {why}", known.name()));
            let asked = Asked { request: &question.request, secrets: &secrets, params: &params, verified: Some(true) };
            let answer = challenge.answer(&asked).unwrap_or_else(|| panic!("{}: no answer", known.name()));
            let given = Answered { status: answer.status, headers: &answer.headers, body: &answer.body };
            assert_eq!(challenge.check(&asked, &given), Ok(()), "{}", known.name());
            let empty = Answered { status: 500, headers: &Headers::new(), body: b"" };
            assert!(challenge.check(&asked, &empty).is_err(), "{}", known.name());
        }
    }
}

/// Whose handshake is found, with nothing but the request to go by.
fn found(question: &CapturedRequest, params: &Params) -> Option<String> {
    let secrets = [Secret::new("s3cr3t")];
    let asked = Asked { request: question, secrets: &secrets, params, verified: None };
    shake(&asked, None, &[], &[]).map(|shaken| shaken.provider)
}

#[test]
fn each_handshake_is_recognised_as_its_own_providers() {
    for known in handshakes() {
        for challenge in known.challenges().iter().filter(|one| one.is_playable() && !one.is_only_asked()) {
            if challenge.refuses_unsigned().is_some() {
                continue;
            }
            let all = params();
            let play = Play { params: &all, chance: 0xfeed_beef_0123, now: Timestamp::from_seconds(1_760_000_000) };
            let question = challenge.question(&play).unwrap();
            assert_eq!(found(&question.request, &all).as_deref(), Some(known.name()));
        }
    }
}

#[test]
fn an_ordinary_request_is_no_handshake() {
    let request = |method: &str, target: &str, body: &str| CapturedRequest {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Headers::new(),
        body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        remote: String::new(),
        received_at: Timestamp::from_seconds(0),
    };
    for (method, target, body) in [
        ("GET", "/in/default", ""),
        ("HEAD", "/in/default", ""),
        ("OPTIONS", "/in/default", ""),
        ("POST", "/in/default", ""),
        ("POST", "/in/default?a=1", "{\"type\":1}"),
        ("POST", "/in/default", "{\"type\":\"order.created\",\"data\":{\"challenge\":\"x\"}}"),
        ("POST", "/in/default", "{\"events\":[],\"firstEventSequence\":0}"),
        ("GET", "/in/default?verify=1", ""),
        ("POST", "/in/default?challenge=1", ""),
    ] {
        assert_eq!(found(&request(method, target, body), &Params::new()), None, "{method} {target} {body}");
    }
}
