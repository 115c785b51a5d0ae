//! Places that a relay others reach never calls, however they are spelt, on every way that leads to a connection.

use serde_json::{Value, json};
use whk::model::Target;
use whk::net::Guard;

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, answer};
use crate::support::whk::Whk;

/// The machine itself, in every spelling, and other schemes.
pub(crate) const OWN: [&str; 34] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://\u{2460}\u{2461}\u{2466}.0.0.1/",
    "http://127\u{3002}0\u{3002}0\u{3002}1/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://a.b.localhost/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://user:pass@127.0.0.1/",
    "http://127.0.0.1:6379/",
    "http://127.0.0.1:22/",
    "http://[::1%25lo]/",
    "http://localhost%00.example.com/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:0:0:0:0:80ff:fffe]/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1/",
    "ws://127.0.0.1/",
];
/// Networks that are not the public one.
pub(crate) const INNER: [&str; 30] = [
    "unix:///var/run/docker.sock",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[fec0::1]/",
    "http://[fe80::1]/",
    "http://[ff02::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://metadata.google.internal/",
];
/// Neighbours of these that are public.
const PUBLIC: [&str; 7] = [
    "https://100.63.255.254/",
    "https://100.128.0.1/",
    "https://172.32.0.1/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
    "https://example.com@example.org/",
];

#[test]
fn what_is_not_public_is_told_by_the_url_alone() {
    let strict = Guard { public_only: true, allowed: Vec::new() };
    for url in OWN.iter().chain(&INNER) {
        assert!(url.parse::<Target>().ok().is_none_or(|target| strict.check(&target).is_err()), "{url}");
    }
    for url in PUBLIC {
        assert_eq!(strict.check(&url.parse().unwrap()), Ok(()), "{url}");
    }
}

#[test]
fn no_spelling_of_an_inner_place_is_registered_or_called_and_public_ones_are() {
    let whk = Whk::new();
    let relay = whk.relay(["--host", "0.0.0.0"]);
    let api = Api::of(&whk, &relay, &[]);
    api.ok("POST", "/api/v1/app/", &json!({"name": "a", "uid": "a"}));
    let svix = "/api/v1/app/a/endpoint/";
    let kept = api.ok("POST", HOOKS, &json!({"name": "kept", "url": "https://example.com/"}));
    let one = format!("{HOOKS}/{}", kept["id"].as_str().unwrap());
    let kept = api.ok("POST", svix, &json!({"url": "https://example.com/"}));
    let other = format!("{svix}{}", kept["id"].as_str().unwrap());
    relay.emit("a.b", &json!({}));
    let event = api.ok("GET", EVENTS, &Value::Null)["data"][0]["id"].as_str().unwrap().to_owned();
    let once_more = format!("{EVENTS}/{event}/replay");
    for url in OWN.iter().chain(&INNER) {
        let asked = [
            ("POST", HOOKS, json!({"name": "x", "url": url})),
            ("PATCH", one.as_str(), json!({"url": url})),
            ("POST", svix, json!({"url": url})),
            ("PUT", other.as_str(), json!({"url": url})),
            ("PATCH", other.as_str(), json!({"url": url})),
        ];
        for (method, path, body) in asked {
            let (status, said) = api.call(method, path, &body);
            assert_eq!(status, 422, "{method} {path} {url}: {said}");
        }
        let (status, said) = api.call("POST", &once_more, &json!({"to": url}));
        // A name that is none has no address, and so no connection either.
        let kind = said["attempts"][0]["error"]["kind"].as_str();
        assert!(status == 422 || matches!(kind, Some("blocked" | "dns")), "{url}: {status} {said}");
    }
    for url in PUBLIC {
        let (status, said) = api.call("POST", HOOKS, &json!({"name": "x", "url": url, "events": ["never"]}));
        assert_eq!(status, 201, "{url}: {said}");
        assert_eq!(api.call("POST", svix, &json!({"url": url})).0, 201, "{url}");
    }
}

#[test]
fn a_redirect_leads_to_no_inner_place_either() {
    let inner = App::answering(200);
    let port = inner.target().rsplit(':').next().unwrap().to_owned();
    let location = format!("Location: http://127.0.0.2:{port}/");
    let outer = App::new(move |_, _| answer(307, &[&location], b""));
    let whk = Whk::new();
    let relay = whk.relay(["--host", "0.0.0.0", "--allow-net", "127.0.0.1", "--retry", "none"]);
    let api = Api::of(&whk, &relay, &[]);
    api.ok("POST", HOOKS, &json!({"name": "x", "url": format!("http://{}/", outer.target())}));
    relay.emit("a.b", &json!({}));
    outer.request();
    let event = api.ok("GET", EVENTS, &Value::Null)["data"][0]["id"].as_str().unwrap().to_owned();
    let attempt = loop {
        let all = api.ok("GET", &format!("{EVENTS}/{event}/attempts"), &Value::Null);
        if let Some(one) = all["data"].get(0) {
            break one.clone();
        }
    };
    assert!(attempt.to_string().contains("blocked"), "{attempt}");
    assert_eq!((outer.count(), inner.connections()), (1, 0));
}
