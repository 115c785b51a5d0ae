//! What `whk send` makes and forges, judged by `whk verify`: the whole way through the program, for every scheme.

use std::num::NonZero;
use std::thread;

use serde_json::Value;

use whk::model::Secret;
use whk::sign::forge::Forgery;
use whk::sign::{self, Scheme};

use crate::support::whk::Whk;

/// When it is sent, and when it is judged: a retry comes a second later, and some providers take nothing from the future.
const SENT: &str = "1760000000";
const JUDGED: &str = "1760000001";

/// A secret of the scheme's own form; where it takes a pair of keys that chance alone does not make, one of ours.
fn secret(scheme: &Scheme) -> String {
    let file = |name: &str| Secret::new(std::fs::read_to_string(format!("tests/it/keys/{name}.pem")).unwrap());
    let key = |why: sign::SignError| file(if why.to_string().contains("ECDSA") { "p256" } else { "rsa" });
    sign::new_secret(scheme, &[7; 32]).unwrap_or_else(key).reveal().to_owned()
}

/// What both sides are told.
fn common(scheme: &Scheme) -> Vec<String> {
    let params = scheme.params().into_iter().map(|name| format!("--param={name}=x1"));
    let both = ["--scheme", scheme.name(), "--secret", &secret(scheme)].map(str::to_owned);
    both.into_iter().chain(params).collect()
}

/// The lines of what would be sent; the error if it cannot be.
fn made(whk: &Whk, common: &[String], kind: Option<Forgery>) -> Result<String, String> {
    let words =
        ["send", "order.created", "--data", "{\"a\":1}", "--to", "http://localhost:3000/hook?a=1", "--at", SENT];
    let mut command = whk.command(words.iter().chain(&["--dry-run", "--as", "json", "--output", "json"]));
    command.args(common).args(kind.map(|kind| format!("--forge={kind}")));
    let output = command.output().unwrap();
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        _ => Err(serde_json::from_slice::<Value>(&output.stderr).unwrap()["message"].as_str().unwrap().to_owned()),
    }
}

/// The reason of each verdict, `valid` if there is none.
fn reasons(whk: &Whk, common: &[String], lines: &str) -> Vec<String> {
    let words = ["verify", "--event", "-", "--at", JUDGED, "--output", "json"].map(str::to_owned);
    let mut command = whk.command(words.iter().chain(common));
    let mut process = crate::support::process::Process::start(&mut command);
    process.feed(lines.as_bytes());
    let verdicts = process.ended().lines("verdict");
    verdicts.iter().map(|line| line["reason"].as_str().unwrap_or("valid").to_owned()).collect()
}

/// What is wrong with a scheme's way through the program; `None` if whk only verifies it.
fn walked(whk: &Whk, scheme: &Scheme) -> Option<Vec<String>> {
    let common = common(scheme);
    let mut lines = match made(whk, &common, None) {
        Ok(lines) => lines,
        Err(why) => {
            assert!(
                ["into the body", "no value for", "SHA-1"].iter().any(|part| why.contains(part)),
                "{}: {why}",
                scheme.name()
            );
            return None;
        }
    };
    let mut expected = vec![("nothing forged".to_owned(), &["valid"][..])];
    for kind in Forgery::ALL {
        let Ok(forged) = made(whk, &common, Some(kind)) else {
            // There is no time to be late, or nothing of the body is signed.
            assert!(matches!(kind, Forgery::Stale | Forgery::Future | Forgery::Tampered), "{} {kind}", scheme.name());
            continue;
        };
        let reasons: &[&str] = match kind {
            Forgery::BadSignature | Forgery::WrongSecret | Forgery::Tampered => &["no_matching_signature"],
            // Where the signature stands in the body, it is the body that lacks something.
            Forgery::MissingHeader | Forgery::Unsigned => &["missing_header", "malformed_body"],
            // Where the provider's own libraries do not look at the time, it goes through.
            Forgery::Stale => &["timestamp_too_old", "valid"],
            Forgery::Future => &["timestamp_too_new", "valid"],
            Forgery::Duplicate | Forgery::Replayed | Forgery::WrongContentType => &["valid"],
        };
        expected.extend(forged.lines().map(|_| (kind.to_string(), reasons)));
        lines.push_str(&forged);
    }
    let found = reasons(whk, &common, &lines);
    assert_eq!(found.len(), expected.len(), "{}", scheme.name());
    let pairs = found.iter().zip(expected).filter(|(found, (_, expected))| !expected.contains(&found.as_str()));
    Some(
        pairs
            .map(|(found, (what, expected))| format!("{}: {what}: {found}, not {expected:?}", scheme.name()))
            .collect(),
    )
}

#[test]
fn what_send_makes_is_valid_and_what_it_forges_is_refused_for_its_reason() {
    let names = sign::preset_names();
    let workers = thread::available_parallelism().map_or(2, NonZero::get);
    let walk = |names: &[&str]| -> Vec<Option<Vec<String>>> {
        let whk = Whk::new();
        names.iter().map(|name| walked(&whk, &sign::preset(name).unwrap())).collect()
    };
    let all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            names.chunks(names.len().div_ceil(workers)).map(|own| scope.spawn(move || walk(own))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let wrong: Vec<_> = all.iter().flatten().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Those that sign within the body, or by an algorithm that whk no longer signs with.
    let unsigned = all.iter().filter(|one| one.is_none()).count();
    assert!(unsigned * 10 < names.len(), "{unsigned} of {}", names.len());
}
