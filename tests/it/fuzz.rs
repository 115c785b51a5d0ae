//! Each parser against mutations of what it is meant for: nothing breaks it, and nothing forged is believed.
//!
//! A target runs for `WHK_FUZZ_SECONDS`, a second if nothing is said; `./test --long` gives each a minute. What breaks
//! one is printed with the seed; `WHK_FUZZ_SEED` plays that again.

#![expect(clippy::disallowed_methods, reason = "the environment says how long, and which seed")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use bytes::Bytes;
use fastrand::Rng;
use whk::model::{CapturedRequest, Headers, Secret, Timestamp};
use whk::sign::challenge::Asked;
use whk::sign::encoding::Encoding;
use whk::sign::exchange::exchanges;
use whk::sign::vector::vectors;
use whk::sign::{Checks, Handshake, Params, Scheme, Tolerance, explain, identify, shake, verify};

const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);
/// Longer inputs only take longer.
const MAX_INPUT: usize = 4096;

#[test]
fn scheme_files() {
    let files = ["schemes", "handshakes"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    // The vectors are long, and one of each is as good as all of them.
    let corpus: Vec<_> = texts.map(|text| text.bytes().take(MAX_INPUT).collect()).collect();
    let request = request("x-sig: t=1,v1=00", "{\"type\":\"a\"}");
    run(&corpus, |input, _| {
        let text = String::from_utf8_lossy(input);
        drop((vectors(&text), exchanges(&text), Handshake::parse(&text)));
        if let Ok(scheme) = Scheme::parse(&text) {
            let _ = (scheme.params().len(), scheme.signs_own_bodies(), identify(Some(&scheme), &request));
            drop(verify(&scheme, &request, &checks(&[Secret::new("whsec_c2VjcmV0")], &Params::new())));
        }
    });
}

#[test]
fn signature_headers() {
    let schemes = schemes();
    let named: Vec<_> = schemes.iter().filter(|scheme| !whk::sign::own_headers(scheme).is_empty()).collect();
    let corpus: Vec<Vec<u8>> = headers(|name, _| named.iter().any(|scheme| owns(scheme, name)));
    let (params, stranger) = (Params::new(), [Secret::new("whsec_c29tZWJvZHkgZWxzZSBhbHRvZ2V0aGVy")]);
    run(&corpus, |input, rng| {
        let scheme = &named[rng.usize(..named.len())];
        let mut headers = Headers::new();
        for name in whk::sign::own_headers(scheme) {
            let value = if rng.bool() { input.to_vec() } else { mutated(input, &corpus, rng) };
            drop(headers.push(&name, value));
        }
        let request = CapturedRequest { headers, ..request("x: 1", "{\"type\":\"a\",\"id\":1}") };
        assert!(verify(scheme, &request, &checks(&stranger, &params)).is_err(), "{}", scheme.name());
        drop((whk::sign::detect(&request), identify(Some(scheme), &request)));
        drop(explain(scheme, &request, &checks(&stranger, &params), &[]));
    });
}

#[test]
fn raw_requests() {
    let corpus: Vec<Vec<u8>> = [
        "POST /a?b=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\nX: 1\r\n\r\n",
        "GET /?crc_token=1&hub.mode=subscribe HTTP/1.1\nX-Amz-Sns-Message-Type: Notification\n\n",
        "POST /f HTTP/1.1\r\nContent-Type: multipart/form-data\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{\"event\":{}}\r\n--b--\r\n",
        "POST /f HTTP/1.1\r\nWebhook-Signature: v1,a v1,b\r\nWebhook-Id: 1\r\nWebhook-Timestamp: 1760000000\r\n\r\na=%7B%7D&b=+&payload=1",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    let known: Vec<Arc<Scheme>> = schemes();
    run(&corpus, |input, rng| {
        let Ok(request) = whk::cli::message::parse(&Bytes::copy_from_slice(input), NOW) else { return };
        let scheme = &known[rng.usize(..known.len())];
        let (secrets, params) = ([Secret::new("whsec_c2VjcmV0")], Params::new());
        drop((whk::sign::detect(&request), identify(Some(scheme), &request)));
        let asked = Asked { request: &request, secrets: &secrets, params: &params, verified: None };
        drop(shake(&asked, None, &[], &[]));
        assert!(verify(scheme, &request, &checks(&secrets, &params)).is_err(), "{}", scheme.name());
    });
}

#[test]
fn tokens() {
    let schemes: Vec<_> = schemes().into_iter().filter(|scheme| scheme.signs_tokens()).collect();
    assert!(schemes.len() > 5);
    let corpus = headers(|_, value| value.starts_with("eyJ") || value.contains(" eyJ"));
    let (params, stranger) = (Params::new(), [Secret::new("somebody else altogether")]);
    run(&corpus, |input, rng| {
        let scheme = &schemes[rng.usize(..schemes.len())];
        // Inside a part the letters matter more than its base64.
        let text = String::from_utf8_lossy(input).into_owned();
        let parts = text.split('.').map(|part| match Encoding::Base64url.decode(part.as_bytes()) {
            Some(inner) if rng.bool() => Encoding::Base64url.encode(&mutated(&inner, &corpus, rng)),
            _ => part.to_owned(),
        });
        let token = parts.collect::<Vec<_>>().join(".");
        let mut headers = Headers::new();
        for name in whk::sign::own_headers(scheme) {
            drop(headers.push(&name, &token));
            drop(headers.push(&name, format!("Bearer {token}")));
        }
        let request = CapturedRequest { headers, ..request("x: 1", "{}") };
        assert!(verify(scheme, &request, &checks(&stranger, &params)).is_err(), "{}", scheme.name());
    });
}

/// Mutations of the corpus until the time is up.
fn run(corpus: &[Vec<u8>], target: impl Fn(&[u8], &mut Rng)) {
    assert!(!corpus.is_empty());
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let lasts = Duration::from_secs(number("WHK_FUZZ_SECONDS").unwrap_or(1));
    let (start, only) = (Instant::now(), number("WHK_FUZZ_SEED"));
    let mut seed = only.unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    loop {
        let mut rng = Rng::with_seed(seed);
        let base = &corpus[rng.usize(..corpus.len())];
        let input = mutated(base, corpus, &mut rng);
        let held = catch_unwind(AssertUnwindSafe(|| target(&input, &mut rng))).is_ok();
        assert!(held, "WHK_FUZZ_SEED={seed} breaks it: {}", input.escape_ascii());
        if only.is_some() || start.elapsed() > lasts {
            return;
        }
        seed += 1;
    }
}

/// The input with some of it changed, doubled, cut out, or taken from another.
fn mutated(input: &[u8], corpus: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    const TELLING: &[u8] = b"\0\t\r\n \"'%&+,-./0123456789:;<=>?@[\\]^_`{|}~=\x7f\x80\xc3\xa9\xff";
    let mut out = input.to_vec();
    for _ in 0..=rng.usize(..6) {
        let at = rng.usize(..=out.len());
        let end = (at + rng.usize(..24)).min(out.len());
        match rng.u8(..7) {
            0 if at < out.len() => out[at] = rng.u8(..),
            1 if at < out.len() => out[at] = TELLING[rng.usize(..TELLING.len())],
            2 => out.insert(at, TELLING[rng.usize(..TELLING.len())]),
            3 => drop(out.drain(at..end)),
            4 => {
                let piece = out[at..end].to_vec();
                let times = rng.usize(1..9);
                out.splice(at..at, piece.repeat(times));
            }
            5 => {
                let other = &corpus[rng.usize(..corpus.len())];
                let from = rng.usize(..=other.len());
                let to = (from + rng.usize(..64)).min(other.len());
                out.splice(at..end, other[from..to].iter().copied());
            }
            _ => out.truncate(out.len() - rng.usize(..=out.len().min(8))),
        }
    }
    out.truncate(MAX_INPUT);
    out
}

fn schemes() -> Vec<Arc<Scheme>> {
    whk::sign::preset_names().into_iter().map(|name| whk::sign::preset(name).unwrap()).collect()
}

/// The values of those headers in the vectors that are asked for.
fn headers(wanted: impl Fn(&str, &str) -> bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for file in fs::read_dir("schemes").unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for vector in table.get("vector").and_then(toml::Value::as_array).into_iter().flatten().take(4) {
            for (name, value) in vector.get("headers").and_then(toml::Value::as_table).into_iter().flatten() {
                found.extend(value.as_str().filter(|value| wanted(name, value)).map(|value| value.as_bytes().to_vec()));
            }
        }
    }
    found
}

fn owns(scheme: &Scheme, name: &str) -> bool {
    whk::sign::own_headers(scheme).contains(&name.to_ascii_lowercase())
}

fn request(line: &str, body: &'static str) -> CapturedRequest {
    let mut headers = Headers::new();
    headers.push_line(line).unwrap();
    CapturedRequest {
        method: "POST".to_owned(),
        target: "/?a=1".to_owned(),
        headers,
        body: Bytes::from_static(body.as_bytes()),
        remote: String::new(),
        received_at: NOW,
    }
}

fn checks<'a>(secrets: &'a [Secret], params: &'a Params) -> Checks<'a> {
    Checks { secrets, now: NOW, tolerance: Tolerance::Unchecked, params, url: Some("https://example.com/?a=1") }
}
