//! The Svix-compatible API over the wire: what its SDKs stumble over when it is only nearly right.

use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

use crate::support::app::{App, answer};
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{Message, exchange, request_at};

/// A relay, and a token that may do everything.
struct House {
    relay: Listener,
    token: String,
    whk: Whk,
}

impl House {
    fn new() -> Self {
        Self::retrying("1s,1s")
    }

    fn retrying(schedule: &str) -> Self {
        let whk = Whk::new();
        let relay = Listener::start(whk.command(["relay", "--output", "json", "--port", "0", "--retry", schedule]));
        let token = std::fs::read_to_string(whk.home().join("token")).unwrap().trim().to_owned();
        Self { relay, token, whk }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Message {
        self.call_as(&self.token, (method, path), &[], body)
    }

    fn call_as(&self, token: &str, (method, path): (&str, &str), lines: &[&str], body: &Value) -> Message {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.say(token, (method, path), lines, text.as_bytes())
    }

    fn say(&self, token: &str, (method, path): (&str, &str), lines: &[&str], body: &[u8]) -> Message {
        let token = format!("Authorization: Bearer {token}");
        let lines = [&[token.as_str()], lines].concat();
        let wire = request_at("localhost", method, &format!("/api/v1{path}"), &lines, body);
        exchange(self.relay.address(), &wire).unwrap()
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, &Value::Null);
        assert_eq!(answer.status(), 200, "{path}: {answer:?}");
        answer.json()
    }

    fn post(&self, path: &str, body: &Value) -> Message {
        self.call("POST", path, body)
    }

    /// An app of this uid.
    fn app(&self, uid: &str) -> Value {
        let made = self.post("/app", &json!({"name": uid, "uid": uid}));
        assert_eq!(made.status(), 201, "{made:?}");
        made.json()
    }

    /// An endpoint of the app that leads to this receiver.
    fn endpoint(&self, app: &str, receiver: &App, more: &Value) -> Value {
        let mut body = json!({"url": format!("http://{}/hook", receiver.target())});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post(&format!("/app/{app}/endpoint"), &body);
        assert_eq!(made.status(), 201, "{made:?}");
        made.json()
    }

    fn message(&self, app: &str, more: &Value) -> Value {
        let mut body = json!({"eventType": "a.b", "payload": {"n": 1}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post(&format!("/app/{app}/msg"), &body);
        assert_eq!(made.status(), 202, "{made:?}");
        made.json()
    }

    /// Waits until a list has so many items.
    fn list(&self, path: &str, count: usize) -> Vec<Value> {
        let look = || {
            let data = self.get(path)["data"].as_array().unwrap().clone();
            (data.len() >= count).then_some(data)
        };
        for _ in 0..1000 {
            if let Some(data) = look() {
                return data;
            }
            thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{count} items of {path} were due");
    }
}

/// The one item of a refusal.
fn fault(answer: &Message) -> Value {
    assert_eq!(answer.status(), 422, "{answer:?}");
    answer.json()["detail"][0].clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[test]
fn an_endpoint_has_a_version_and_both_spellings_and_an_empty_list_has_an_iterator() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    let empty = house.get("/app/one/endpoint");
    assert_eq!(empty, json!({"data": [], "iterator": null, "done": true}));
    assert_eq!(house.post("/event-type", &json!({"name": "a.b", "description": ""})).status(), 201);
    let made = house.endpoint("one", &receiver, &json!({"filterTypes": ["a.b"], "rateLimit": 9}));
    assert_eq!(made["version"], 1);
    assert_eq!((&made["eventTypes"], &made["throttleRate"]), (&json!(["a.b"]), &json!(9)));
    assert_eq!((&made["filterTypes"], &made["rateLimit"]), (&made["eventTypes"], &made["throttleRate"]));
}

#[test]
fn get_or_create_gives_back_what_is_there_and_does_not_change_it() {
    let house = House::new();
    let ask = |name: &str| house.post("/app?get_if_exists=true", &json!({"name": name, "uid": "org_1"}));
    let (first, second) = (ask("One"), ask("Two"));
    assert_eq!((first.status(), second.status()), (201, 200));
    assert_eq!(first.json(), second.json());
    let third = house.post("/app", &json!({"name": "Three", "uid": "org_1"}));
    assert_eq!((third.status(), &third.json()["code"]), (409, &json!("conflict")));
}

#[test]
fn workers_that_start_at_once_get_one_app() {
    let house = Arc::new(House::new());
    let ask = |_| {
        let house = Arc::clone(&house);
        thread::spawn(move || house.post("/app?get_if_exists=true", &json!({"name": "x", "uid": "org_1"})))
    };
    let answers: Vec<_> = (0..8).map(ask).collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status() == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.json()["id"] == answers[0].json()["id"]));
}

#[test]
fn what_succeeds_has_the_status_that_old_sdks_insist_on() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    let endpoint = house.endpoint("one", &receiver, &json!({}));
    let base = format!("/app/one/endpoint/{}", text(&endpoint["id"]));
    let message = house.message("one", &json!({}));
    let resend = format!("/app/one/msg/{}/endpoint/{}/resend", text(&message["id"]), text(&endpoint["id"]));
    let since = json!({"since": message["timestamp"]});
    for (method, path, body, status) in [
        ("POST", resend, Value::Null, 202),
        ("POST", format!("{base}/recover"), since, 202),
        ("PUT", format!("{base}/headers"), json!({"headers": {"X-A": "1"}}), 204),
        ("POST", format!("{base}/secret/rotate"), json!({}), 204),
        ("PUT", base.clone(), json!({"url": "http://127.0.0.1:9/x"}), 200),
        ("PUT", "/app/one/endpoint/new".to_owned(), json!({"url": "http://127.0.0.1:9/x", "uid": "new"}), 201),
        ("DELETE", base.clone(), Value::Null, 204),
        ("DELETE", base, Value::Null, 404),
        ("DELETE", "/app/one".to_owned(), Value::Null, 204),
    ] {
        assert_eq!(house.call(method, &path, &body).status(), status, "{method} {path}");
    }
}

#[test]
fn an_answer_is_given_again_under_its_key_and_a_refusal_is_not() {
    let house = House::new();
    house.app("one");
    let ask =
        |path: &str, body: &Value| house.call_as(&house.token, ("POST", path), &["Idempotency-Key: auto_1"], body);
    assert_eq!(ask("/app", &json!({"name": ""})).status(), 422);
    let first = ask("/app", &json!({"name": "first"}));
    let second = ask("/app", &json!({"name": "second"}));
    assert_eq!((first.status(), first.body), (second.status(), second.body), "whatever the body is by now");
    let body = json!({"eventType": "a.b", "payload": {}, "eventId": "e1"});
    let message = ask("/app/one/msg", &body);
    assert_eq!(message.status(), 202, "another path is another request");
    let again = ask("/app/one/msg", &body);
    assert_eq!((again.status(), again.json()), (202, message.json()), "a retry is no conflict with itself");
    let other = house.post("/app/one/msg", &body);
    assert_eq!((other.status(), &other.json()["code"]), (409, &json!("conflict")));
}

#[test]
fn of_many_requests_under_one_key_one_makes_a_message() {
    let (house, receiver) = (Arc::new(House::new()), App::answering(200));
    house.app("one");
    house.endpoint("one", &receiver, &json!({}));
    let ask = |number: usize| {
        let house = Arc::clone(&house);
        let body = json!({"eventType": "a.b", "payload": {"n": number}});
        thread::spawn(move || {
            house.call_as(&house.token, ("POST", "/app/one/msg"), &["idempotency-key: auto_2"], &body)
        })
    };
    let answers: Vec<_> = (0..8).map(ask).collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect();
    assert!(answers.iter().all(|answer| answer.status() == 202 && answer.json() == answers[0].json()));
    assert_eq!(house.get("/app/one/msg")["data"].as_array().unwrap().len(), 1);
    assert_eq!(receiver.request().json(), answers[0].json()["payload"]);
}

#[test]
fn an_iterator_is_passed_and_walks_back_with_a_minus_in_the_same_order() {
    let house = House::new();
    house.app("one");
    let mut ids: Vec<_> = (0..5).map(|_| text(&house.message("one", &json!({}))["id"]).to_owned()).collect();
    ids.reverse();
    let page = |query: &str| {
        let page = house.get(&format!("/app/one/msg?limit=2{query}"));
        let own: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| text(&one["id"]).to_owned()).collect();
        (own, page)
    };
    let (first, whole) = page("");
    assert_eq!((&first[..], &whole["done"]), (&ids[..2], &json!(false)));
    assert_eq!((text(&whole["iterator"]), text(&whole["prevIterator"])), (&ids[1][..], &format!("-{}", ids[0])[..]));
    let (second, whole) = page(&format!("&iterator={}", ids[1]));
    assert_eq!(second, ids[2..4]);
    assert_eq!(page(&format!("&iterator={}", text(&whole["prevIterator"]))).0, first);
    let (last, whole) = page(&format!("&iterator={}", ids[3]));
    assert_eq!((&last[..], &whole["done"]), (&ids[4..], &json!(true)));
    let bad = house.call("GET", "/app/one/msg?iterator=garbage", &Value::Null);
    assert_eq!(fault(&bad)["loc"], json!(["query", "iterator"]));
}

#[test]
fn event_types_are_listed_in_any_spelling_and_must_be_there_to_be_chosen() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    let ids: Vec<_> = ["t.a", "t.b", "t.c"].map(|name| house.message("one", &json!({"eventType": name}))).to_vec();
    for query in ["event_types=t.a&event_types=t.c", "event_types=t.a,t.c", "event_types[]=t.a&event_types[1]=t.c"] {
        let page = house.get(&format!("/app/one/msg?{query}"));
        let own: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(own, [&ids[2]["id"], &ids[0]["id"]], "{query}");
    }
    let url = format!("http://{}/", receiver.target());
    let choose = || house.post("/app/one/endpoint", &json!({"url": url, "filterTypes": ["t.a"]}));
    assert_eq!(fault(&choose())["loc"], json!(["body", "eventTypes"]));
    assert_eq!(house.post("/event-type", &json!({"name": "t.a", "description": "d"})).status(), 201);
    assert_eq!(choose().status(), 201);
    assert_eq!(house.call("DELETE", "/event-type/t.a", &Value::Null).status(), 204);
    assert_eq!(fault(&choose())["loc"], json!(["body", "eventTypes"]), "it is out of use");
}

#[test]
fn a_payload_travels_byte_for_byte_under_both_families_of_headers() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    house.endpoint("one", &receiver, &json!({"headers": {"x-MIXED": "1"}}));
    let payload = r#"{ "b":1,  "a" : 1.10, "big":12345678901234567890, "u":"\u00e9" }"#;
    let body = format!(r#"{{"eventType":"a.b","payload":{payload}}}"#);
    assert_eq!(house.say(&house.token, ("POST", "/app/one/msg"), &[], body.as_bytes()).status(), 202);
    let got = receiver.request();
    assert_eq!(str::from_utf8(&got.body).unwrap(), payload);
    for name in ["id", "timestamp", "signature"] {
        let (own, standard) = (got.all(&format!("svix-{name}")), got.all(&format!("webhook-{name}")));
        assert!(own.len() == 1 && own == standard, "{name}: {got:?}");
    }
    assert!(got.lines().contains(&"x-MIXED: 1".to_owned()), "{got:?}");
}

#[test]
fn a_former_secret_signs_too_and_the_current_one_comes_first() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    let endpoint = house.endpoint("one", &receiver, &json!({}));
    let base = format!("/app/one/endpoint/{}/secret", text(&endpoint["id"]));
    house.message("one", &json!({"payload": {}}));
    receiver.requests(1);
    let old = house.get(&base)["key"].clone();
    for sdk in ["svix-libs/1.24.0/python", "svix-libs/2.9.1/python"] {
        let agent = format!("User-Agent: {sdk}");
        let answer = house.call_as(&house.token, ("POST", &format!("{base}/rotate")), &[&agent], &json!({}));
        let new = house.get(&base)["key"].clone();
        assert_ne!(old, new);
        if sdk.contains("2.9") {
            assert_eq!((answer.status(), answer.json()), (200, json!({"key": new})));
        } else {
            assert_eq!((answer.status(), answer.body.len()), (204, 0));
        }
    }
    house.message("one", &json!({"payload": {}}));
    let signatures = receiver.requests(2)[1].get("svix-signature").unwrap();
    assert_eq!(signatures.split(' ').filter(|one| one.starts_with("v1,")).count(), 3, "{signatures}");
}

#[test]
fn what_somebody_asks_for_passes_filters_and_is_not_tried_again() {
    let (house, receiver) = (House::new(), App::answering(500));
    house.app("one");
    let message = house.message("one", &json!({}));
    let endpoint = house.endpoint("one", &receiver, &json!({"channels": ["other"]}));
    let (message, endpoint) = (text(&message["id"]), text(&endpoint["id"]));
    let resend = format!("/app/one/msg/{message}/endpoint/{endpoint}/resend");
    let asked = house.post(&resend, &Value::Null);
    assert_eq!((asked.status(), asked.json()), (202, json!({})));
    let attempts = house.list(&format!("/app/one/attempt/msg/{message}"), 1);
    assert_eq!((&attempts[0]["triggerType"], &attempts[0]["status"]), (&json!(1), &json!(2)));
    let sent = house.list(&format!("/app/one/endpoint/{endpoint}/msg"), 1);
    assert_eq!((&sent[0]["status"], sent[0].get("nextAttempt")), (&json!(2), None), "nothing is planned");
    assert_eq!(house.call("DELETE", &format!("/app/one/msg/{message}/content"), &Value::Null).status(), 204);
    let asked = house.post(&resend, &Value::Null);
    assert_eq!((asked.status(), &asked.json()["code"]), (400, &json!("missing_payload")));
    assert_eq!(house.get(&format!("/app/one/msg/{message}"))["payload"], json!({"expired": true}));
}

#[test]
fn what_failed_a_moment_ago_can_be_recovered_and_what_was_never_sent_replayed() {
    let (house, receiver) =
        (House::retrying("1h"), App::new(|_, number| answer(if number == 0 { 500 } else { 200 }, &[], b"")));
    house.app("one");
    let early = house.message("one", &json!({}));
    let endpoint = house.endpoint("one", &receiver, &json!({}));
    let base = format!("/app/one/endpoint/{}", text(&endpoint["id"]));
    let failed = house.message("one", &json!({}));
    house.list(&format!("{base}/attempt"), 1);
    let since = json!({"since": early["timestamp"]});
    let task = house.post(&format!("{base}/recover"), &since).json();
    assert!(text(&task["id"]).starts_with("qtask_"), "{task}");
    assert_eq!((&task["status"], &task["task"]), (&json!("running"), &json!("endpoint.recover")));
    assert_eq!(receiver.requests(2)[1].get("svix-id").as_deref(), failed["id"].as_str());
    assert_eq!(house.post(&format!("{base}/replay-missing"), &since).status(), 202);
    assert_eq!(receiver.requests(3)[2].get("svix-id").as_deref(), early["id"].as_str());
    for _ in 0..1000 {
        if house.get(&format!("/background-task/{}", text(&task["id"])))["status"] == "finished" {
            return;
        }
        thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the task did not end");
}

#[test]
fn a_portal_reaches_its_own_app_and_does_nothing_that_an_operator_does() {
    let (house, receiver) = (House::new(), App::answering(200));
    house.app("one");
    house.app("two");
    assert_eq!(
        house.post("/event-type", &json!({"name": "a.b", "description": "", "featureFlag": "beta"})).status(),
        201
    );
    let portal = |body: &Value| text(&house.post("/auth/app-portal-access/one", body).json()["token"]).to_owned();
    let (plain, beta) = (portal(&json!({})), portal(&json!({"featureFlags": ["beta"], "readOnly": false})));
    let ask = |token: &str, method, path: &str, body: &Value| house.call_as(token, (method, path), &[], body);
    let url = json!({"url": format!("http://{}/", receiver.target())});
    assert_eq!(ask(&plain, "POST", "/app/one/endpoint", &url).status(), 201);
    assert_eq!(ask(&plain, "GET", "/app/two/endpoint", &Value::Null).status(), 404);
    assert_eq!(ask(&plain, "GET", "/event-type/a.b", &Value::Null).status(), 404);
    assert_eq!(ask(&beta, "GET", "/event-type/a.b", &Value::Null).status(), 200);
    for (method, path, body) in [
        ("GET", "/app", Value::Null),
        ("POST", "/app", json!({"name": "x"})),
        ("DELETE", "/app/one", Value::Null),
        ("POST", "/app/one/msg", json!({"eventType": "a.b", "payload": {}})),
        ("POST", "/event-type", json!({"name": "c.d", "description": ""})),
        ("POST", "/auth/app-portal-access/one", json!({})),
    ] {
        let answer = ask(&plain, method, path, &body);
        assert_eq!((answer.status(), &answer.json()["code"]), (403, &json!("insufficient access")), "{method} {path}");
    }
    assert_eq!(ask(&plain, "POST", "/auth/logout", &Value::Null).status(), 204);
    assert_eq!(ask(&plain, "GET", "/app/one/endpoint", &Value::Null).status(), 401);
}

#[test]
fn a_token_for_one_app_makes_it_on_first_use_and_sees_no_other() {
    let house = House::new();
    house.app("two");
    let made = house.whk.run(["relay", "token", "create", "--app", "default"]).talks().check();
    let token = made.text().trim().to_owned();
    let ask = |method, path: &str, body: &Value| house.call_as(&token, (method, path), &[], body);
    let message = json!({"eventType": "a.b", "payload": {}});
    assert_eq!(ask("GET", "/app/default", &Value::Null).status(), 404, "looking at it does not make it");
    assert_eq!(ask("POST", "/app/default/msg/", &message).status(), 202);
    assert_eq!(ask("POST", "/app/two/msg/", &message).status(), 404);
    assert_eq!(ask("POST", "/app", &json!({"name": "x"})).status(), 403);
    let list = ask("GET", "/app", &Value::Null).json();
    assert_eq!((&list["data"][0]["uid"], list["data"].as_array().unwrap().len()), (&json!("default"), 1));
}

#[test]
fn a_refusal_has_the_envelope_and_any_page_may_read_it() {
    let house = House::new();
    let none = house.call_as("nobody", ("GET", "/app"), &[], &Value::Null);
    assert_eq!((none.status(), &none.json()["code"]), (401, &json!("authentication_failed")));
    assert_eq!(none.get("access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(
        fault(&house.post("/app", &json!({"name": ""}))),
        json!({"loc": ["body", "name"], "msg": "must not be empty", "type": "value_error"})
    );
    assert_eq!(fault(&house.post("/app", &json!({"name": 5})))["loc"], json!(["body", "name"]));
    let broken = house.say(&house.token, ("POST", "/app"), &[], b"{not json");
    assert_eq!(
        (&fault(&broken)["loc"][0], &fault(&broken)["type"]),
        (&json!("body"), &json!("value_error.jsondecode"))
    );
    assert_eq!(house.call("GET", "/app?limit=many", &Value::Null).status(), 400);
    assert_eq!(fault(&house.call("GET", "/app?limit=251", &Value::Null))["loc"], json!(["query", "limit"]));
    let large = json!({"eventType": "a.b", "payload": {"blob": "x".repeat(2_200_000)}});
    assert_eq!(house.post("/app/one/msg", &large).json()["code"], "payload_too_large");
    let lines = ["Origin: http://localhost:3000", "Access-Control-Request-Headers: authorization"];
    let preflight = house.call_as("", ("OPTIONS", "/app"), &lines, &Value::Null);
    assert_eq!(
        (preflight.status(), preflight.get("access-control-allow-headers").as_deref()),
        (204, Some("authorization"))
    );
    for path in ["/../api/v1/app?limit=1", "//app/?limit=1"] {
        assert_ne!(house.call("GET", path, &Value::Null).status(), 500, "{path}");
    }
}

#[test]
fn who_watches_over_all_apps_is_told_of_their_endpoints_and_failures() {
    let (house, receiver, broken) = (House::retrying("none"), App::answering(200), App::answering(500));
    house.app("operational-webhooks");
    house.endpoint("operational-webhooks", &receiver, &json!({}));
    let app = house.app("one");
    let endpoint = house.endpoint("one", &broken, &json!({"uid": "ep1"}));
    let message = house.message("one", &json!({"eventId": "e1"}));
    let told: Vec<_> = receiver.requests(2).iter().map(Message::json).collect();
    let about = json!({"appId": app["id"], "appUid": "one", "endpointId": endpoint["id"], "endpointUid": "ep1"});
    assert!(told.contains(&json!({"type": "endpoint.created", "data": about})), "{told:?}");
    let exhausted = told.iter().find(|one| one["type"] == "message.attempt.exhausted").unwrap();
    let data = &exhausted["data"];
    assert_eq!((&data["msgId"], &data["msgEventId"]), (&message["id"], &json!("e1")));
    assert_eq!(data["lastAttempt"]["responseStatusCode"], 500);
}

#[test]
fn types_are_made_of_the_webhooks_of_a_description() {
    let house = House::new();
    assert_eq!(house.post("/event-type", &json!({"name": "old", "description": ""})).status(), 201);
    let schema = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    let body = json!({"content": {"application/json": {"schema": schema}}});
    let spec = json!({"webhooks": {"user.created": {"post": {"description": "A user", "requestBody": body}}}});
    let done = house.post("/event-type/import/openapi", &json!({"spec": spec, "replaceAll": true}));
    assert_eq!((done.status(), &done.json()["data"]["modified"]), (200, &json!(["user.created"])));
    let types = house.get("/event-type?with_content=true");
    assert_eq!((&types["data"][0]["name"], &types["data"][0]["schemas"]["1"]), (&json!("user.created"), &schema));
    assert_eq!(types["data"].as_array().unwrap().len(), 1, "what is not described is out of use");
}

#[test]
fn those_who_watch_register_without_an_app_and_a_message_can_be_tried_first() {
    let (house, receiver) = (House::new(), App::answering(200));
    let url = format!("http://{}/", receiver.target());
    let watcher = json!({"url": url, "filterTypes": ["endpoint.deleted"]});
    let made = house.post("/operational-webhook/endpoint", &watcher);
    assert_eq!(made.status(), 201, "{made:?}");
    assert_eq!(house.get("/operational-webhook/endpoint")["data"][0]["id"], made.json()["id"]);
    house.app("one");
    let active = || house.post("/app/one/msg/precheck/active", &json!({"eventType": "a.b"})).json();
    assert_eq!(active(), json!({"active": false}));
    let endpoint = house.endpoint("one", &receiver, &json!({}));
    assert_eq!(active(), json!({"active": true}));
    house.call("DELETE", &format!("/app/one/endpoint/{}", text(&endpoint["id"])), &Value::Null);
    assert_eq!(receiver.request().json()["type"], "endpoint.deleted");
}

#[test]
fn an_app_that_is_made_anew_has_nothing_of_the_former_one() {
    let house = House::new();
    house.app("one");
    house.message("one", &json!({"eventId": "e1"}));
    assert_eq!(house.call("DELETE", "/app/one", &Value::Null).status(), 204);
    house.app("one");
    assert_eq!(house.get("/app/one/msg")["data"], json!([]));
    house.message("one", &json!({"eventId": "e1"}));
    assert_eq!(house.get("/app/one/msg")["data"].as_array().unwrap().len(), 1);
}
