//! From one platform to another: endpoints exported and applied, both sides compared; and the portal that customers get.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::process::Process;
use crate::support::whk::{Listener, Whk};
use crate::support::wire;

/// What a platform has, without what is its own business.
fn endpoints(whk: &Whk, more: &[&str]) -> Vec<Value> {
    let list = whk.run(["endpoints", "list", "--output", "json"].iter().chain(more)).check().lines("endpoint");
    let plain = |one: &Value| {
        let field = |name: &str| one[name].clone();
        json!([field("name"), field("url"), field("events"), field("disabled"), field("rate_limit"), field("ordered")])
    };
    let mut all: Vec<_> = list.iter().map(plain).collect();
    all.sort_by_key(Value::to_string);
    all
}

#[test]
fn what_is_exported_from_one_is_made_at_another_once() {
    let (old, new, app) = (Whk::new(), Whk::new(), App::answering(200));
    let (_here, there) = (old.relay([] as [&str; 0]), new.relay([] as [&str; 0]));
    let url = |path: &str| format!("http://{}/{path}", app.target());
    for (name, path, more) in [
        ("ERP \"sync\"", "erp", &["--events", "invoice.created,invoice.payment_failed"][..]),
        ("shop", "shop?a=1&b=%C3%BC", &["--events", "*", "--set", "/rate_limit=7"]),
        ("mail", "mail", &["--events", "user.created", "--set", "/ordered=true", "--set", "/disabled=true"]),
    ] {
        let words = ["register", "--name", name, "--url", &url(path), "--output", "json"];
        assert_eq!(old.run(words.iter().chain(more)).talks().check().line("endpoint")["result"], "created");
    }
    let before = endpoints(&old, &[]);
    assert_eq!(before.len(), 3);
    let text = old.run(["endpoints", "export"]).out_lacks("whsec_").check().text();
    new.put("endpoints.toml", &text);
    let apply = |words: &[&str], more: &[&str]| -> Vec<Value> {
        let apply = ["apply", "endpoints.toml", "--output", "json"];
        let ended = new.run(apply.iter().chain(words).chain(more)).talks().check();
        ended.lines("endpoint").iter().map(|line| line["result"].clone()).collect()
    };
    assert_eq!(apply(&["--dry-run"], &[]), vec![json!("would_create"); 3]);
    assert_eq!(endpoints(&new, &[]), Vec::<Value>::new());
    assert_eq!(apply(&[], &[]), vec![json!("created"); 3]);
    assert_eq!(apply(&[], &[]), vec![json!("unchanged"); 3]);
    assert_eq!(endpoints(&new, &[]), before);
    assert_eq!(new.run(["endpoints", "export"]).check().text(), text, "and what is exported from there is the same");
    // The same through the other API of a relay, into an app of its own.
    let (base, token) = (format!("http://{}", there.address()), new.token(&[]));
    let svix = ["--platform", "svix", "--base-url", &base, "--key", &token, "--app", "org_42"];
    let plain: Vec<_> = text.lines().filter(|line| !line.starts_with("ordered")).collect();
    new.put("endpoints.toml", plain.join("\n"));
    // That one wants to know the types first.
    new.run(["events", "sync"]).talks().check();
    assert_eq!(apply(&[], &svix), vec![json!("created"); 3]);
    assert_eq!(apply(&[], &svix), vec![json!("unchanged"); 3]);
    // What the file has no more goes only if that is asked for.
    let one: Vec<_> = text.split("[[endpoint]]").take(2).collect();
    new.put("endpoints.toml", one.join("[[endpoint]]"));
    assert_eq!(apply(&[], &[]), ["unchanged"]);
    assert_eq!(apply(&["--prune", "--yes"], &[]), ["unchanged", "deleted", "deleted"]);
    assert_eq!(endpoints(&new, &[]).len(), 1);
}

/// A comparison that looks on.
fn compare(whk: &Whk, more: &[&str]) -> Process {
    let mut command = whk.command(["compare", "--left", "old", "--right", "new", "--output", "json"]);
    command.args(more).stdin(Stdio::null());
    let process = Process::start(&mut command);
    let ready = process.lines("ready", 1).expect("it is ready").remove(0);
    assert!(ready["left"].as_str().is_some_and(|url| url.ends_with("/in/old")), "{ready}");
    process
}

fn interrupt(process: &Process) {
    let pid = process.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

fn post(relay: &Listener, app: &str, body: &Value) {
    let request = wire::request("POST", &format!("/in/{app}"), &[], body.to_string().as_bytes());
    assert!((200..300).contains(&wire::exchange(relay.address(), &request).unwrap().status()));
}

fn order(side: &str, number: u32, total: u32) -> Value {
    let id = format!("{side}-{number}");
    json!({"id": id, "type": "order.created", "timestamp": id, "data": {"id": number, "total": total}})
}

#[test]
fn what_two_systems_send_alike_is_no_news() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let process = compare(&whk, &["--count", "3"]);
    // Each in its own order, with an id and a time of its own.
    for number in [1, 2, 3] {
        post(&relay, "old", &order("a", number, 10));
    }
    for number in [3, 1, 2] {
        post(&relay, "new", &order("b", number, 10));
    }
    let ended = process.ended();
    assert_eq!(ended.code, Some(0), "{ended}");
    let sum = json!({"type": "compared", "same": 3, "differ": 0, "only_left": 0, "only_right": 0});
    assert_eq!((ended.line("compared"), ended.lines("differs").len()), (sum, 0));
}

#[test]
fn what_differs_is_named_with_its_place_and_both_values() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let process = compare(&whk, &["--by", "data.id"]);
    post(&relay, "old", &order("a", 1, 10));
    post(&relay, "new", &order("b", 1, 11));
    post(&relay, "old", &order("a", 2, 10));
    post(&relay, "new", &order("b", 2, 10));
    post(&relay, "new", &order("b", 3, 10));
    // The one that differs is told of as soon as both are there.
    let differs = process.lines("differs", 1).expect("a difference").remove(0);
    assert_eq!(differs["changes"], json!([{"path": "data.total", "left": "10", "right": "11"}]), "{differs}");
    assert!(differs["left"].as_str().is_some_and(|id| id.starts_with("msg_")));
    interrupt(&process);
    let ended = process.ended();
    assert_eq!(ended.code, Some(1), "{ended}");
    let sum = json!({"type": "compared", "same": 1, "differ": 1, "only_left": 0, "only_right": 1});
    assert_eq!(ended.line("compared"), sum);
    let missing = ended.line("missing");
    assert_eq!((&missing["only"], &missing["event_type"]), (&json!("right"), &json!("order.created")));
}

#[test]
fn a_comparison_ends_when_its_time_is_over_or_when_it_is_told_to() {
    let whk = Whk::new();
    let words = ["compare", "--left", "old", "--right", "new", "--for", "1s"];
    whk.run(words).exits(3).err_has("no relay is running").check();
    let relay = whk.relay([] as [&str; 0]);
    // Nothing came: that is no success.
    whk.run(words).exits(4).err_has("nothing came from either side").out_has("0 the same").check();
    let process = compare(&whk, &[]);
    post(&relay, "old", &order("a", 1, 10));
    post(&relay, "new", &order("b", 1, 10));
    post(&relay, "old", &json!({"type": "user.created", "data": 1}));
    post(&relay, "new", &json!({"type": "user.created", "data": 2}));
    interrupt(&process);
    let ended = process.ended();
    // What did not match while it looked is paired by type at the end; what came last counts too.
    assert_eq!((ended.code, &ended.line("compared")["same"]), (Some(1), &json!(1)), "{ended}");
    assert_eq!(ended.line("differs")["changes"][0]["path"], "data");
    whk.run(["compare", "--left", "a", "--right", "a"]).exits(2).err_has("the same app").check();
}

#[test]
fn a_portal_link_opens_one_app_and_nothing_else() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let link = |more: &[&str]| {
        let words = ["portal", "--output", "json", "--app", "org_42"];
        whk.run(words.iter().chain(more)).talks().check().line("portal")
    };
    let made = link(&[]);
    let url = made["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&format!("http://{}", relay.address())).expect(&url).to_owned();
    let token = path.strip_prefix("/portal/").expect("a portal").to_owned();
    let ask = |method: &str, path: &str, token: &str| {
        let bearer = format!("Authorization: Bearer {token}");
        let lines = [bearer.as_str(), "Content-Type: application/json"];
        let body: &[u8] = if method == "GET" { b"" } else { br#"{"url": "http://127.0.0.1:9/x"}"# };
        wire::exchange(relay.address(), &wire::request_at("localhost", method, path, &lines, body)).unwrap()
    };
    assert_eq!(ask("GET", &path, "").status(), 200);
    let access = ask("GET", "/api/v1/webhooks/access", &token).json();
    assert_eq!((&access["app"], &access["rights"]), (&json!("org_42"), &json!("portal")));
    assert_eq!(ask("POST", "/api/v1/admin/webhooks", &token).status(), 201);
    assert_eq!(endpoints(&whk, &["--app", "org_42"]).len(), 1);
    assert_eq!(endpoints(&whk, &[]).len(), 0, "not in any other app");
    assert!([401, 403, 404].contains(&ask("GET", "/api/v1/admin/webhooks?app=default", &token).status()));
    assert!([401, 403].contains(&ask("POST", "/api/v1/webhooks/portal", &token).status()));
    // Without a terminal and without JSON the link is all of stdout, so that a script can take it.
    let plain = whk.run(["portal", "--app", "org_42"]).talks().check().text();
    assert!(plain.starts_with(&format!("http://{}/portal/", relay.address())) && plain.lines().count() == 1, "{plain}");
    whk.run(["portal", "--platform", "stripe", "--key", "k"]).exits(2).err_has("has no portal").check();
}
