//! A right signature judged, beside the bare HMAC that cannot be saved; and a wrong one explained.
//!
//! `cargo bench --bench verify`. At the end stands the table for docs/performance.md: each figure is the median of
//! criterion's samples, and a ratio compares figures of the same minute.

#![expect(clippy::disallowed_methods, reason = "cargo tells where it builds by the environment")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and ends where it fails")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use whk::model::{CapturedRequest, Headers, Secret, Timestamp};
use whk::sign::{Checks, Outgoing, Params, Scheme, Tolerance, explain, preset, preset_names, sign, verify};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);
const SIZES: [(&str, usize); 3] = [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)];
const SCHEMES: [&str; 3] = ["standard-webhooks", "stripe", "github"];

fn main() {
    let mut criterion =
        Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    criterion = criterion.configure_from_args();
    verification(&mut criterion);
    explanation(&mut criterion);
    criterion.final_summary();
    table();
}

fn verification(criterion: &mut Criterion) {
    for (size, length) in SIZES {
        let body = json(length);
        let mut group = criterion.benchmark_group(size);
        group.throughput(Throughput::Bytes(length as u64));
        for name in SCHEMES {
            let scheme = preset(name).unwrap();
            let secret = secret(&scheme);
            // A key that is longer than a block is hashed first, for whoever uses it.
            let key = vec![7; if name == "standard-webhooks" { 24 } else { secret.reveal().len() }];
            group.bench_function(format!("hmac {name}"), |bencher| bencher.iter(|| hmac(&key, black_box(&body))));
            let request = signed(&scheme, &secret, &body);
            let judge = || verify(&scheme, black_box(&request), &checks(std::slice::from_ref(&secret), &Params::new()));
            group.bench_function(name, |bencher| bencher.iter(judge));
        }
        group.finish();
    }
}

fn explanation(criterion: &mut Criterion) {
    let schemes: Vec<_> = preset_names().into_iter().map(|name| preset(name).unwrap()).collect();
    let mut group = criterion.benchmark_group("explain");
    group.sample_size(10);
    for name in SCHEMES {
        let scheme = preset(name).unwrap();
        let secret = secret(&scheme);
        // No mistake accounts for it, so that every one of them is tried.
        let request = signed(&scheme, &Secret::new("whsec_b3RoZXJfb3RoZXJfb3RoZXJfb3RoZXI="), &json(1 << 20));
        let find = || all_hints(&scheme, black_box(&request), &secret, &schemes);
        group.bench_function(BenchmarkId::new(name, "1 MiB"), |bencher| bencher.iter(find));
    }
    group.finish();
}

fn all_hints(scheme: &Scheme, request: &CapturedRequest, secret: &Secret, others: &[Arc<Scheme>]) -> usize {
    explain(scheme, request, &checks(std::slice::from_ref(secret), &Params::new()), others).len()
}

/// What every verification has to do: the keyed hash of the body, and a comparison.
fn hmac(key: &[u8], body: &[u8]) -> bool {
    let mut state = Hmac::<Sha256>::new_from_slice(key).unwrap();
    state.update(body);
    state.verify_slice(&[0; 32]).is_ok()
}

/// A list of orders of about this length.
fn json(length: usize) -> Vec<u8> {
    let order = |number: usize| {
        format!(
            r#"{{"id":"ord_{number:08}","amount":{number},"note":"caf\u00e9 <a href=\"/o/{number}\">","tags":["a","b"]}}"#
        )
    };
    let orders: Vec<_> = (0..).map(order).take((length / 98).max(1)).collect();
    format!(r#"{{"type":"order.created","data":[{}]}}"#, orders.join(",")).into_bytes()
}

fn secret(scheme: &Scheme) -> Secret {
    whk::sign::new_secret(scheme, &[7; 32]).unwrap()
}

fn signed(scheme: &Scheme, secret: &Secret, body: &[u8]) -> CapturedRequest {
    let params = Params::new();
    let outgoing = Outgoing {
        id: "msg_2rXk9q",
        event_type: "order.created",
        method: "POST",
        url: "https://example.com/hook",
        content_type: "application/json",
        body,
        attempt: 0,
        params: &params,
    };
    let own = sign(scheme, std::slice::from_ref(secret), &outgoing, NOW).unwrap();
    let mut headers = Headers::new();
    for line in ["Host: example.com", "Content-Type: application/json", "User-Agent: bench/1.0", "Accept: */*"] {
        headers.push_line(line).unwrap();
    }
    CapturedRequest {
        method: "POST".to_owned(),
        target: "/hook".to_owned(),
        headers: headers.overlaid(&own),
        body: Bytes::copy_from_slice(body),
        remote: String::new(),
        received_at: NOW,
    }
}

fn checks<'a>(secrets: &'a [Secret], params: &'a Params) -> Checks<'a> {
    Checks { secrets, now: NOW, tolerance: Tolerance::Scheme, params, url: None }
}

/// What criterion found, as docs/performance.md has it.
fn table() {
    let folder = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let median = |group: &str, name: &str| -> Option<f64> {
        let text = std::fs::read_to_string(format!("{folder}/criterion/{group}/{name}/new/estimates.json")).ok()?;
        serde_json::from_str::<serde_json::Value>(&text).ok()?["median"]["point_estimate"].as_f64()
    };
    println!("\n| body | HMAC | {} |\n| --- | --- |{}", SCHEMES.join(" | "), " --- |".repeat(SCHEMES.len()));
    for (size, _) in SIZES {
        let bare = |name: &str| median(size, &format!("hmac {name}"));
        let Some(least) = bare(SCHEMES[0]) else { continue };
        let cells = SCHEMES.iter().filter_map(|name| Some(format!("{:.2}x", median(size, name)? / bare(name)?)));
        println!("| {size} | {:.2} us | {} |", least / 1000.0, cells.collect::<Vec<_>>().join(" | "));
    }
    let found = SCHEMES.iter().filter_map(|name| {
        Some(format!(
            "{name} {:.0} ms",
            median("explain", &format!("{name}_1 MiB")).or_else(|| median("explain", &format!("{name}/1 MiB")))? / 1e6
        ))
    });
    println!("\n1 MiB explained: {}", found.collect::<Vec<_>>().join(", "));
}
