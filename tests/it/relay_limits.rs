//! What the APIs take, to the last that fits; one more is refused, and the field is named.

use std::time::Duration;

use serde_json::{Map, Value, json};
use whk::model::{DatedSecret, Endpoint, EndpointId, EndpointKind, Secret};
use whk::store::{Durability, Mode, OpenOptions};

use crate::store_samples::time;
use crate::support::api::{Api, HOOKS};
use crate::support::whk::{Listener, Whk};

fn house() -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let api = Api::of(&whk, &relay, &[]);
    (whk, relay, api)
}

fn many(count: usize, of: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(of).collect::<Map<_, _>>())
}

fn lines(count: usize) -> Value {
    many(count, |number| (format!("X-{number}"), json!("v")))
}

fn named(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("a.b{number}")).collect()
}

#[test]
fn an_endpoint_of_the_admin_api_may_be_so_large_and_no_larger() {
    let (_whk, _relay, api) = house();
    let notes = |size: usize| json!({"k": "v".repeat(size - r#"{"k":""}"#.len())});
    for (field, most, over) in [
        ("name", json!("n".repeat(1000)), json!("n".repeat(1001))),
        ("uid", json!("u".repeat(256)), json!("u".repeat(257))),
        ("events", json!(named(1000)), json!(named(1001))),
        ("events", json!(["e".repeat(256)]), json!(["e".repeat(257)])),
        ("channels", json!(named(1000)), json!(named(1001))),
        ("channels", json!(["c".repeat(256)]), json!(["c".repeat(257)])),
        ("headers", lines(64), lines(65)),
        ("headers", json!({"X": "v".repeat(4096)}), json!({"X": "v".repeat(4097)})),
        ("headers", json!({"X".repeat(256): "v"}), json!({"X".repeat(257): "v"})),
        ("rate_limit", json!(1_000_000), json!(1_000_001)),
        ("metadata", notes(4096), notes(4097)),
    ] {
        let (status, said) = api.call("POST", HOOKS, &json!({"url": "http://a.test/x", field: most}));
        assert_eq!(status, 201, "{field}: {said}");
        let one = format!("{HOOKS}/{}", said["id"].as_str().unwrap());
        for (method, path, body) in
            [("POST", HOOKS, json!({"url": "http://a.test/x", field: over})), ("PATCH", &one, json!({field: over}))]
        {
            let (status, said) = api.call(method, path, &body);
            assert_eq!((status, &said["field"]), (422, &json!(field)), "{method} {field}: {said}");
        }
    }
    for path in [HOOKS, "/api/v1/webhooks/events"] {
        assert_eq!(api.call("GET", &format!("{path}?limit=1000"), &Value::Null).0, 200);
        let (status, said) = api.call("GET", &format!("{path}?limit=1001"), &Value::Null);
        assert_eq!((status, &said["field"]), (400, &json!("limit")), "{path}: {said}");
    }
}

#[test]
fn an_endpoint_of_the_other_api_may_be_so_large_and_no_larger() {
    let (_whk, _relay, api) = house();
    api.ok("POST", "/api/v1/app/", &json!({"name": "a", "uid": "a"}));
    let all = "/api/v1/app/a/endpoint/";
    let secret = |bytes: usize| {
        use base64::Engine;
        format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(vec![7; bytes]))
    };
    for (field, fits, over) in [
        ("uid", json!("u".repeat(256)), json!("u".repeat(257))),
        ("channels", json!(named(10)), json!(named(11))),
        ("channels", json!(["c".repeat(128)]), json!(["c".repeat(129)])),
        ("headers", lines(64), lines(65)),
        ("headers", json!({"X": "v".repeat(4096)}), json!({"X": "v".repeat(4097)})),
        ("secret", json!(secret(24)), json!(secret(23))),
        ("secret", json!(secret(75)), json!(secret(76))),
    ] {
        let (status, said) = api.call("POST", all, &json!({"url": "https://a.test/x", field: fits}));
        assert_eq!(status, 201, "{field}: {said}");
        let (status, said) = api.call("POST", all, &json!({"url": "https://a.test/x", field: over}));
        assert_eq!((status, &said["detail"][0]["loc"][1]), (422, &json!(field)), "{field}: {said}");
    }
    let made = api.ok("POST", all, &json!({"url": "https://a.test/x", "headers": lines(64)}));
    let own = format!("{all}{}/headers/", made["id"].as_str().unwrap());
    let another = json!({"headers": {"Y": "v"}});
    assert_eq!(api.call("PATCH", &own, &another).0, 422, "one more than there may be");
    let instead = json!({"headers": {"X-0": null, "Y": "v"}});
    assert_eq!(api.call("PATCH", &own, &instead).0, 204, "one in another's place");
    assert_eq!(api.call("PUT", &own, &json!({"headers": lines(65)})).0, 422);
    assert_eq!(api.call("PUT", &own, &another).0, 204);
}

#[test]
fn an_app_has_a_thousand_endpoints_and_no_more() {
    let whk = Whk::new();
    let store = format!("sqlite:{}", whk.home().join("whk.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = OpenOptions { durability: Durability::Process, mode: Mode::Create };
        let store = whk::store::open(&store, &options).unwrap();
        for number in 0..999_i64 {
            let at = time(number);
            let target = "https://a.test/x".parse().unwrap();
            let id = EndpointId::new(at, u128::try_from(number).unwrap());
            let secrets = vec![DatedSecret { secret: Secret::new("whsec_AAAA"), created_at: at, expires_at: None }];
            let own = Endpoint::new(id, "default".parse().unwrap(), target, at);
            let new = Endpoint { kind: EndpointKind::Registered, secrets, ..own };
            store.create_endpoint(new).await.unwrap();
        }
        store.close().await.unwrap();
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    let relay = whk.relay(["--store", &store]);
    let api = Api::of(&whk, &relay, &["--store", &store]);
    let last = api.ok("POST", HOOKS, &json!({"url": "https://a.test/x"}));
    for (path, body) in [
        (HOOKS, json!({"url": "https://a.test/y"})),
        ("/api/v1/app/default/endpoint/", json!({"url": "https://a.test/y"})),
    ] {
        let (status, said) = api.call("POST", path, &body);
        assert_eq!(status, 422, "{path}: {said}");
        assert!(said.to_string().contains("at most 1000 endpoints"), "{said}");
    }
    api.ok("DELETE", &format!("{HOOKS}/{}", last["id"].as_str().unwrap()), &Value::Null);
    api.ok("POST", HOOKS, &json!({"url": "https://a.test/y"}));
}
