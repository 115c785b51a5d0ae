//! Test events, types, the portal, pages, metrics, and bodies of the service that came before.

use serde_json::{Value, json};

use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::App;
use crate::support::whk::{Listener, Whk, body_of};

fn house() -> (Whk, Listener, Api) {
    let whk = Whk::new();
    let relay = whk.relay(["--retry", "none"]);
    let api = Api::of(&whk, &relay, &["--app", "default"]);
    (whk, relay, api)
}

fn hook(api: &Api, app: &App) -> Value {
    api.ok("POST", HOOKS, &json!({"name": "<b>", "url": format!("http://{}/hook", app.target())}))
}

#[test]
fn a_test_event_is_a_real_one_and_its_payload_stays_as_it_is_written() {
    let (_whk, _relay, api) = house();
    let app = App::answering(200);
    hook(&api, &app);
    let lines = ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"];
    let body = r#"{"event_type":"a.b","event_id":"e-1","payload":{ "n": 1.0, "big": 123456789012345678901234567890 }}"#;
    let said = api.ask("POST", "/api/v1/webhooks/test", &lines, body);
    assert_eq!(said.status(), 202);
    let request = app.requests(1).remove(0);
    assert_eq!(request.body, br#"{ "n": 1.0, "big": 123456789012345678901234567890 }"#);
    assert!(request.get("traceparent").is_some_and(|trace| lines[0].ends_with(&trace)));
    assert_eq!(api.ask("POST", "/api/v1/webhooks/test", &[], body).status(), 409, "the event's own id");
    api.ok("POST", "/api/v1/webhooks/test", &json!({"type": "c.d", "data": {"x": 1}}));
    let wrapped = app.requests(2).remove(1).json();
    assert_eq!((&wrapped["type"], &wrapped["data"]), (&json!("c.d"), &json!({"x": 1})));
}

#[test]
fn types_are_registered_once_and_changed_when_they_differ() {
    let (_whk, _relay, api) = house();
    let first = api.ok("POST", "/api/webhooks/sync", &json!({}));
    let again = api.ok("POST", "/api/webhooks/sync", &json!({}));
    assert!(first["created"].as_u64().unwrap() > 20);
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &first["created"]));
    let own = json!({"openapi": "3.1.0", "webhooks": {"my.type": {"post": {"summary": "Mine"}}}});
    assert_eq!(api.ok("POST", "/api/webhooks/sync", &own)["created"], 1);
    let changed = json!({"event_types": [{"name": "my.type", "description": "Yours"}]});
    assert_eq!(api.ok("POST", "/api/webhooks/sync", &changed)["updated"], 1);
    assert_eq!(api.call("POST", "/api/webhooks/sync", &json!({"event_type": []})).0, 422);
}

#[test]
fn a_portal_link_leads_to_a_page_with_no_data_in_it() {
    let (_whk, relay, api) = house();
    let app = App::answering(200);
    hook(&api, &app);
    relay.emit("<script>alert(1)</script>", &json!({}));
    let svix = "/api/v1/auth/app-portal-access/default/";
    for (path, body) in [
        ("/api/v1/webhooks/portal", json!({"expires_in": "1h"})),
        ("/api/v1/webhooks/portal", json!({"read_only": true})),
        (svix, json!({})),
        (svix, json!({"readOnly": true})),
    ] {
        let link = api.ok("POST", path, &body);
        let path = link["url"].as_str().unwrap().split_once("localhost").unwrap().1.to_owned();
        let page = api.ask("GET", &path, &["X-No: token"], "");
        let text = String::from_utf8(page.body.clone()).unwrap();
        assert_eq!(page.status(), 200, "{path}");
        assert!(text.contains("/inspector/app.js") && !text.contains("alert"), "{text}");
        let policy = page.get("content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "trusted-types 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(page.get("x-frame-options").as_deref(), Some("DENY"));
    }
    for text in ["nonsense", "whk_nothing", "..%2f..%2fetc%2fpasswd"] {
        assert_eq!(api.ask("GET", &format!("/portal/{text}"), &[], "").status(), 404, "{text}");
    }
    assert_eq!(api.call("POST", "/api/v1/webhooks/portal", &json!({"expires_in": "1000d"})).0, 422);
}

#[test]
fn a_portal_is_shown_in_a_frame_of_the_pages_that_were_named() {
    let whk = Whk::new();
    let relay = whk.relay(["--portal-origin", "https://app.example.com", "--portal-origin", "http://localhost:1"]);
    let api = Api::of(&whk, &relay, &[]);
    let link = api.ok("POST", "/api/v1/webhooks/portal", &json!({}));
    let page = api.ask("GET", link["url"].as_str().unwrap().split_once("localhost").unwrap().1, &[], "");
    let policy = page.get("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors https://app.example.com http://localhost:1;"), "{policy}");
    assert_eq!(page.get("x-frame-options"), None);
    let own = api.ask("GET", "/", &[], "");
    assert!(own.get("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    whk.run(["relay", "--portal-origin", "https://a.example; script-src *"])
        .exits(2)
        .err_has("--portal-origin")
        .check();
}

#[test]
fn machines_find_metrics_and_the_description_of_the_api() {
    let (whk, relay, api) = house();
    relay.emit("a", &json!({}));
    let whole = Api::of(&whk, &relay, &[]).ask("GET", "/metrics", &[], "");
    let text = String::from_utf8(whole.body).unwrap();
    assert!(text.contains("\nwhk_events_received_total 1\n"), "{text}");
    let own = String::from_utf8(api.ask("GET", "/metrics", &[], "").body).unwrap();
    assert!(own.contains("whk_info{version=") && !own.contains("whk_events_received_total"), "{own}");
    let document = api.ok("GET", "/openapi.json", &Value::Null);
    assert_eq!(document, whk::relay::http::openapi());
    let page = api.ask("GET", "/", &[], "");
    assert!(page.get("content-type").unwrap().starts_with("text/html") && page.status() == 200);
}

#[test]
fn every_reference_in_the_description_leads_somewhere() {
    let document = whk::relay::http::openapi();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[test]
fn a_body_of_the_old_service_is_kept_and_its_type_and_trace_are_those_of_today() {
    let (_whk, relay, api) = house();
    let app = App::answering(200);
    hook(&api, &app);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let body = json!({
        "event_type": "workflow_completed", "event_id": "e-1", "timestamp": 1_700_000_000_000_u64, "webhook_id": "w-1",
        "data": {"id": 1}, "metadata": {}, "trace_context": {"traceparent": trace},
    });
    let sent = body.to_string();
    relay.post(&sent);
    let request = app.requests(1).remove(0);
    assert_eq!((request.body.clone(), request.get("traceparent").as_deref()), (sent.clone().into_bytes(), Some(trace)));
    let event = api.ok("GET", EVENTS, &Value::Null)["data"][0].clone();
    assert_eq!((&event["event_type"], body_of(&event)), (&json!("workflow.completed"), sent.into_bytes()));
}

#[test]
fn a_channel_passes_on_what_is_posted_to_it() {
    let (_whk, relay, _api) = house();
    let ask = |method: &str, body: &str| {
        let head = format!("{method} /smee/one HTTP/1.1\r\nHost: localhost\r\nX-Event: ping\r\n");
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let mut wire = crate::support::wire::Wire::to(relay.address()).unwrap();
    wire.say(&ask("GET", "")).unwrap();
    // The head is there before anything is posted.
    let said = std::iter::repeat_with(|| relay.send(&ask("POST", "{\"zen\":1}")).json());
    assert!(said.take(1000).any(|said| said["listeners"] == 1), "the listener is there at once");
    relay.stop();
    let text = String::from_utf8(wire.rest()).unwrap();
    assert!(
        text.contains("event: ready") && text.contains(r#""x-event":"ping""#) && text.contains(r#""body":{"zen":1}"#),
        "{text}"
    );
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn a_relay_starts_with_the_apps_and_endpoints_of_a_file_and_makes_none_twice() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let file = |events: &str| {
        let url = format!("http://{}/hook", app.target());
        let text = format!(
            "[[app]]\nname = \"org_42\"\ntitle = \"Org 42\"\n\n[[endpoint]]\napp = \"org_42\"\nurl = \"{url}\"\n\
             events = [\"{events}\"]\nsecret = \"file:{}\"\n\n[[endpoint]]\nurl = \"{url}/own\"\n",
            whk.put("secret", SECRET).display(),
        );
        whk.put("seed.toml", text).display().to_string()
    };
    for events in ["order.*", "user.*"] {
        let seed = file(events);
        let relay = whk.relay(["--retry", "none", "--seed", &seed]);
        let api = Api::of(&whk, &relay, &["--app", "org_42"]);
        let page = api.ok("GET", HOOKS, &Value::Null);
        let all = page["data"].as_array().unwrap();
        assert_eq!(all.iter().map(|one| &one["events"]).collect::<Vec<_>>(), [&json!([events])]);
        let id = all[0]["id"].as_str().unwrap();
        assert_eq!(api.ok("GET", &format!("{HOOKS}/{id}/secret"), &Value::Null)["secret"], SECRET);
    }
}

#[test]
fn a_mistake_in_a_seed_is_named_and_no_relay_starts() {
    for (text, said) in [
        ("[[endpoint]]\nevents = []\n", "[[endpoint]] 1: url: is needed"),
        ("[[endpoint]]\nurl = \"localhost:3000\"\n", "url: must be an http or https URL"),
        ("[[endpoint]]\nurl = \"http://a\"\n[[endpoint]]\nurl = \"http://a\"\nevnts = []\n", "[[endpoint]] 2: evnts"),
        ("[[endpoint]]\nurl = \"http://a\"\nsecret = \"whsec_*\"\n", "secret"),
        ("[[app]]\n", "[[app]] 1: name: is needed"),
        ("[[apps]]\n", "there is no \"apps\" here"),
        ("= 1", "seed.toml"),
    ] {
        let whk = Whk::new();
        let seed = whk.put("seed.toml", text).display().to_string();
        whk.run(["relay", "--port", "0", "--for", "10s", "--seed", &seed]).exits(2).err_has(said).check();
    }
    let words = ["relay", "--port", "0", "--for", "10s", "--seed", "gone.toml"];
    Whk::new().run(words).exits(2).err_has("gone.toml: ").err_has("[[app]] and [[endpoint]]").check();
}
