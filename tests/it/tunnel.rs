//! Listeners elsewhere: whole requests out, whole answers back, and nothing lost whatever breaks.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::app::{App, answer, nobody};
use crate::support::proxy::{Fault, Proxy};
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{self, Message};
use crate::support::{Gate, scale, seed};

/// A listener of this app at a relay, ready.
fn away(whk: &Whk, relay: &str, app: &str, words: &[&str]) -> Listener {
    let mut command = whk.command(["listen", "--output", "json", "--relay", relay, "--app", app]);
    command.args(words);
    Listener::away(command)
}

fn base(relay: &Listener) -> String {
    format!("http://{}", relay.address())
}

fn post(relay: &Listener, path: &str, body: impl AsRef<[u8]>) -> Message {
    relay.send(&wire::request("POST", path, &[], body.as_ref()))
}

fn numbered(number: usize) -> String {
    json!({"type": "load.one", "n": number}).to_string()
}

fn numbers(app: &App, count: usize) -> Vec<u64> {
    let read = |message: Message| serde_json::from_slice::<Value>(&message.body).unwrap()["n"].as_u64().unwrap();
    app.requests(count).into_iter().map(read).collect()
}

#[test]
fn a_request_and_its_answer_travel_byte_for_byte() {
    let app = App::new(|_, _| answer(207, &["X-Reply: one", "x-reply: two"], b"\x00answer\xff"));
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let listener = away(&whk, &base(&relay), "org_42", &["--forward", &app.target()]);
    assert_eq!(listener.ready["url"], format!("{}/in/org_42", base(&relay)));
    let lines = ["X-MiXed: a", "x-mixed:b", "X-Empty: "];
    let sent = wire::request("PATCH", "/in/org_42/deep/path?b=2&a=%2F", &lines, b"\x01body\xfe\r\n\r\n");
    let answer = relay.send(&sent);
    assert_eq!((answer.status(), answer.all("x-reply")), (207, vec!["one".to_owned(), "two".to_owned()]));
    assert_eq!(answer.body, b"\x00answer\xff");
    let got = app.request();
    assert_eq!((got.method().as_str(), got.target().as_str()), ("PATCH", "/deep/path?b=2&a=%2F"));
    assert_eq!(got.body, b"\x01body\xfe\r\n\r\n");
    let kept: Vec<_> = got.lines().into_iter().filter(|line| line.to_lowercase().starts_with("x-")).collect();
    assert_eq!(kept, lines);
    let event = listener.event();
    assert_eq!((&event["app"], &event["path"]), (&json!("org_42"), &json!("/deep/path")));
    assert_eq!(whk.events(&["--app", "org_42"])[0]["id"], event["id"], "it has the name that the relay gave it");
}

#[test]
fn what_arrived_while_it_was_away_comes_first_and_in_order() {
    let (app, whk) = (App::answering(200), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let words = ["--forward", &app.target(), "--name", "dev", "--only", "load.*"];
    away(&whk, &base(&relay), "default", &words).stop();
    for number in 0..30 {
        assert_eq!(post(&relay, "/in/default", numbered(number)).status(), 200, "nobody is there to answer");
    }
    post(&relay, "/in/default", r#"{"type":"other"}"#);
    post(&relay, "/in/org_42", r#"{"type":"load.foreign"}"#);
    let listener = away(&whk, &base(&relay), "default", &words);
    assert_eq!(listener.lines("gap", 1)[0]["missed"], 30);
    assert_eq!(numbers(&app, 30), (0..30).collect::<Vec<_>>());
    post(&relay, "/in/default", numbered(30));
    assert_eq!(numbers(&app, 31).last(), Some(&30));
    listener.stop();
    let since = away(&whk, &base(&relay), "default", &["--forward", &app.target(), "--since", "1h"]);
    assert_eq!(since.lines("gap", 1)[0]["missed"], 32);
}

#[test]
fn a_relay_that_was_killed_comes_back_and_nothing_is_lost_or_doubled() {
    let (app, whk) = (App::answering(200), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let (place, port) = (base(&relay), relay.address().port().to_string());
    let listener = away(&whk, &place, "default", &["--forward", &app.target(), "--name", "dev"]);
    for number in 0..20 {
        assert_eq!(post(&relay, "/in/default", numbered(number)).status(), 200);
    }
    relay.kill();
    listener.lines("reconnecting", 1);
    let relay = Listener::start(whk.command(["relay", "--output", "json", "--port", &port]));
    for number in 20..40 {
        post(&relay, "/in/default", numbered(number));
    }
    let mut all = numbers(&app, 40);
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
    // One more, so that anything that came twice would have come before it.
    post(&relay, "/in/default", numbered(40));
    assert_eq!(numbers(&app, 41).len(), app.count());
    let done = listener.stop().line("done");
    assert_eq!((&done["received"], &done["failed"]), (&json!(41), &json!(0)));
}

#[test]
#[expect(clippy::print_stdout, reason = "a failing run is repeated with the seed that it prints")]
fn a_connection_that_is_cut_again_and_again_loses_nothing_and_doubles_nothing() {
    let (count, cuts, seed) = (300 * scale(), 12 * scale(), seed());
    println!("WHK_TEST_SEED={seed}");
    let chance = Mutex::new(fastrand::Rng::with_seed(seed));
    let (app, whk) = (App::answering(200), Whk::new());
    let relay = whk.relay(["--hold", "50ms"]);
    // Wherever it happens to be: in the handshake, in the welcome, in the middle of a request. The first connection
    // lives through its welcome, for a listener that never was connected ends.
    let proxy = Proxy::to(relay.address(), move |number| match number {
        0 => Fault::After(2000),
        _ if number < cuts => Fault::After(chance.lock().unwrap().usize(1..20_000)),
        _ => Fault::None,
    });
    let listener = away(&whk, &format!("http://{}", proxy.address()), "default", &["--forward", &app.target()]);
    for number in 0..count {
        let status = post(&relay, "/in/default", numbered(number)).status();
        assert!(matches!(status, 200 | 202), "{status}");
    }
    let mut all = numbers(&app, count);
    all.sort_unstable();
    assert_eq!(all, (0..count as u64).collect::<Vec<_>>());
    assert!(proxy.ended() > 3 * scale(), "{} cuts", proxy.ended());
    let done = listener.stop().line("done");
    assert_eq!((&done["received"], &done["delivered"]), (&json!(count), &json!(count)));
}

#[test]
fn a_listener_that_slept_resumes_by_itself_and_in_order() {
    let (app, whk) = (App::answering(200), Whk::new());
    let (is_long, count) = (scale() > 1, 50 * scale());
    let beat = if is_long { "10s" } else { "200ms" };
    let relay = whk.relay(["--heartbeat", beat, "--hold", "300ms", "--log", "json"]);
    let listener = away(&whk, &base(&relay), "default", &["--forward", &app.target()]);
    assert_eq!(post(&relay, "/in/default", numbered(0)).status(), 200);
    listener.signal("STOP");
    let asleep = post(&relay, "/in/default", numbered(1));
    assert_eq!((asleep.status(), &asleep.json()["status"]), (202, &json!("accepted")));
    // Once the relay knows that nobody is there it does not make senders wait.
    let mut number = 2;
    while post(&relay, "/in/default", numbered(number)).status() != 200 {
        number += 1;
        assert!(number < count, "the relay never found out");
    }
    if is_long {
        thread::sleep(std::time::Duration::from_mins(1));
    }
    listener.signal("CONT");
    listener.lines("reconnecting", 1);
    let expected: Vec<_> = (0..=u64::try_from(number).unwrap()).collect();
    assert_eq!(numbers(&app, number + 1), expected);
    assert_eq!(post(&relay, "/in/default", numbered(number + 1)).status(), 200);
    assert_eq!(app.count(), number + 2);
}

#[test]
fn a_relay_that_slept_is_missed_and_found_again() {
    let (app, whk) = (App::answering(204), Whk::new());
    let relay = whk.relay(["--heartbeat", "200ms", "--hold", "300ms"]);
    let listener = away(&whk, &base(&relay), "default", &["--forward", &app.target()]);
    assert_eq!(post(&relay, "/in/default", numbered(0)).status(), 204);
    relay.signal("STOP");
    assert!(listener.lines("reconnecting", 1)[0]["reason"].as_str().unwrap().contains("silent"));
    relay.signal("CONT");
    let mut number = 1;
    while post(&relay, "/in/default", numbered(number)).status() != 204 {
        number += 1;
        assert!(number < 200, "they never found each other");
    }
    let mut all = numbers(&app, number + 1);
    all.sort_unstable();
    assert_eq!(all, (0..=number as u64).collect::<Vec<_>>());
}

#[test]
fn a_slow_answer_holds_up_neither_the_others_nor_the_connection() {
    let gate = Arc::new(Gate::default());
    let passing = Arc::clone(&gate);
    let app = App::new(move |request, _| {
        if request.target() == "/slow" {
            passing.pass();
        }
        answer(200, &[], request.target().as_bytes())
    });
    let whk = Whk::new();
    let relay = whk.relay(["--heartbeat", "100ms"]);
    let listener = away(&whk, &base(&relay), "default", &["--forward", &app.target()]);
    thread::scope(|scope| {
        let slow = scope.spawn(|| post(&relay, "/in/default/slow", "{}"));
        for _ in 0..100 {
            assert_eq!(post(&relay, "/in/default/fast", "{}").body, b"/fast");
        }
        // Long enough for a listener that is not heard to be taken for dead: three beats of a fast one.
        thread::sleep(std::time::Duration::from_millis(400));
        gate.open();
        assert_eq!(slow.join().unwrap().body, b"/slow");
    });
    let ended = listener.stop();
    assert!(ended.lines("reconnecting").is_empty(), "{ended}");
}

#[test]
fn each_listener_of_an_app_gets_all_and_those_of_a_group_share() {
    let (first, second, whk) = (App::answering(200), App::answering(200), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let both = [&first, &second].map(|app| away(&whk, &base(&relay), "default", &["--forward", &app.target()]));
    for number in 0..10 {
        post(&relay, "/in/default", numbered(number));
    }
    assert_eq!((first.requests(10).len(), second.requests(10).len()), (10, 10));
    for listener in both {
        listener.stop();
    }
    let group = ["--group", "team"];
    let [one, two] = [&first, &second]
        .map(|app| away(&whk, &base(&relay), "shared", &[&group[..], &["--forward", &app.target()]].concat()));
    for number in 0..40 {
        assert_eq!(post(&relay, "/in/shared", numbered(number)).status(), 200);
    }
    let counts = (first.count() - 10, second.count() - 10);
    assert_eq!(counts.0 + counts.1, 40);
    assert!(counts.0 > 0 && counts.1 > 0, "{counts:?}");
    two.kill();
    drop(second);
    for number in 40..50 {
        assert_eq!(post(&relay, "/in/shared", numbered(number)).status(), 200, "the other takes over");
    }
    drop(one);
}

#[test]
fn a_name_that_is_taken_is_refused_in_words() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let _first = away(&whk, &base(&relay), "default", &["--name", "dev"]);
    let words = ["listen", "--relay", &base(&relay), "--name", "dev"];
    whk.run(words).exits(2).err_has("the name is taken by a listener from 127.0.0.1").err_has("--group").check();
    let _other_app = away(&whk, &base(&relay), "org_42", &["--name", "dev"]);
    let _group = away(&whk, &base(&relay), "default", &["--group", "dev", "--only", "a.*"]);
    let words = ["listen", "--relay", &base(&relay), "--group", "dev", "--only", "b.*"];
    whk.run(words).exits(2).err_has("the others of this group want other events").check();
    whk.run(["listen", "--relay", &nobody()]).exits(3).err_has("nothing listens there").check();
    whk.run(["listen", "--relay", &base(&relay), "--since", "msg_1srOrx2ZWZBpBUvZwXKQmoEYga2"])
        .exits(2)
        .err_has("there is no event")
        .check();
}

#[test]
fn a_token_says_which_app_and_whether_answers_count() {
    let (app, whk) = (App::answering(201), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let token = |words: &[&str]| whk.token(words);
    let own = token(&["--app", "org_42"]);
    let place = base(&relay);
    let listen = |token: &str, app: &str| -> Vec<String> {
        ["listen", "--relay", &place, "--token", token, "--app", app].map(str::to_owned).to_vec()
    };
    whk.run(listen(&own, "org_7")).exits(2).err_has("another app").check();
    whk.run(listen("nonsense", "org_42")).exits(2).err_has("401").err_lacks("nonsense").check();
    let ingest = token(&["--app", "org_42", "--right", "ingest"]);
    whk.run(listen(&ingest, "org_42")).exits(2).err_has("403").check();
    let looking = token(&["--app", "org_42", "--read-only"]);
    let watcher = away(&whk, &place, "org_42", &["--forward", &app.target(), "--token", &looking]);
    assert_eq!(post(&relay, "/in/org_42", "{}").status(), 200, "recorded: its answer does not count");
    app.request();
    watcher.stop();
    let words = ["listen", "--output", "json", "--relay", &place, "--token", &own, "--forward", &app.target()];
    let answering = Listener::away(whk.command(words));
    assert_eq!(answering.ready["url"], format!("{place}/in/org_42"), "the token's app needs no --app");
    assert_eq!(post(&relay, "/in/org_42", "{}").status(), 201);
}

#[test]
fn an_app_that_is_down_is_a_502_with_the_events_name() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let _listener = away(&whk, &base(&relay), "default", &["--forward", &nobody()]);
    let answer = post(&relay, "/in/default", "{}");
    assert_eq!((answer.status(), &answer.json()["code"]), (502, &json!("app_unreachable")));
    assert_eq!(answer.json()["event_id"], whk.events(&[])[0]["id"]);
}

#[test]
fn an_event_that_was_made_arrives_signed_with_the_apps_secret() {
    let (app, whk) = (App::answering(200), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let _listener = away(&whk, &base(&relay), "default", &["--forward", &app.target()]);
    whk.run(["send", "order.created", "--via", "relay"]).out_has("order.created").check();
    let got = app.request();
    assert_eq!(got.target(), "/");
    let path = whk.put("request.http", [got.head, got.body].concat());
    let words = ["verify", "--request", path.to_str().unwrap(), "--secret", &whk.secret()];
    whk.run(words).out_has("valid standard-webhooks").check();
}

#[test]
fn an_app_that_sends_too_much_is_told_to_wait_and_others_are_not() {
    let whk = Whk::new();
    let relay = whk.relay(["--app-rate", "2/h"]);
    assert_eq!(post(&relay, "/in/busy", "{}").status(), 200);
    let answer = post(&relay, "/in/busy", "{}");
    assert_eq!((answer.status(), &answer.json()["code"]), (429, &json!("rate_limited")));
    assert!(answer.get("retry-after").is_some_and(|wait| wait.parse::<u32>().unwrap() > 1000));
    assert_eq!(post(&relay, "/in/calm", "{}").status(), 200);
}

#[test]
fn who_guesses_tokens_is_slowed_down_and_others_are_not() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let ask = |token: &str| {
        let line = format!("Authorization: Bearer {token}");
        relay.send(&wire::request_at("localhost", "GET", "/api/v1/webhooks/events", &[&line], b"")).status()
    };
    let statuses: Vec<_> = (0..15).map(|number| ask(&format!("guess{number}"))).collect();
    assert_eq!((&statuses[..10], &statuses[10..]), (&[401; 10][..], &[429; 5][..]));
    assert_eq!(ask(&whk.token(&[])), 200, "a right token is not kept waiting");
    assert_eq!(relay.send(&wire::request_at("localhost", "GET", "/api/v1/webhooks/events", &[], b"")).status(), 401);
}

#[test]
fn a_relay_that_speaks_tls_is_reached_with_its_certificate() {
    let signed = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let (app, whk) = (App::answering(204), Whk::new());
    let cert = whk.put("cert.pem", signed.cert.pem());
    let key = whk.put("key.pem", signed.signing_key.serialize_pem());
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let relay =
        Listener::away(whk.command(["relay", "--output", "json", "--port", "0", "--tls-cert", cert, "--tls-key", key]));
    let place = relay.ready["inspector"].as_str().unwrap().split("/#").next().unwrap().to_owned();
    assert!(place.starts_with("https://127.0.0.1:"), "{place}");
    let _listener = away(&whk, &place, "default", &["--forward", &app.target(), "--cacert", cert]);
    let inbox = relay.ready["url"].as_str().unwrap();
    whk.run(["send", "order.created", "--to", inbox, "--cacert", cert]).out_has("204").check();
    whk.run(["listen", "--relay", &place]).exits(3).err_has("certificate").check();
    whk.run(["relay", "--tls-cert", key, "--tls-key", key]).exits(2).err_has("no certificate").check();
}

/// A program in JavaScript that plays a client of another make; it ends by itself when all is well.
fn foreign(script: &str, variables: &BTreeMap<&str, String>) -> Command {
    let libraries = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/receivers");
    let installed = libraries.join("installed").exists();
    assert!(installed, "the libraries are not installed: ./test does it, or tests/receivers/install alone");
    let mut program = Command::new("node");
    program.args(["--input-type=module", "--eval", script]).current_dir(libraries).envs(variables);
    program
}

/// JSON without white space, whose numbers and escapes no parser gives back as they are unless it takes care.
const EXACT: &str = r#"{"id":"evt_1","n":12345678901234567,"s":"caf\u00e9 é \"q\"","a":[1,2.5],"o":{"b":1,"a":null}}"#;

#[test]
fn the_client_of_smee_forwards_an_event_byte_for_byte() {
    let (app, whk) = (App::answering(200), Whk::new());
    let relay = whk.relay([] as [&str; 0]);
    let variables = BTreeMap::from([
        ("SOURCE", format!("{}/smee/team", base(&relay))),
        ("TARGET", format!("http://{}/hook", app.target())),
    ]);
    let mut program = foreign(include_str!("../receivers/smee_client.mjs"), &variables);
    let client = crate::support::process::Process::start(&mut program);
    assert!(client.lines("ready", 1).is_some(), "{}", client.ended());
    // That client makes JSON anew, so it can only keep what its own notation keeps.
    let body = r#"{"id":"evt_1","n":12,"s":"café \"q\"","a":[1,2.5],"o":{"b":1,"a":null}}"#;
    let lines = ["Content-Type: application/json", "X-GitHub-Event: ping", "X-Hub-Signature-256: sha256=abc"];
    let answer = relay.send(&wire::request_at("localhost", "POST", "/smee/team", &lines, body.as_bytes()));
    assert_eq!(answer.json()["listeners"], 1);
    let got = app.request();
    assert_eq!((got.target().as_str(), String::from_utf8(got.body.clone()).unwrap().as_str()), ("/hook", body));
    assert_eq!(got.get("x-github-event").as_deref(), Some("ping"));
    assert_eq!(got.get("x-hub-signature-256").as_deref(), Some("sha256=abc"));
}

#[test]
fn a_client_of_svix_listen_forwards_an_event_byte_for_byte_and_its_answer_comes_back() {
    let app = App::new(|_, _| answer(202, &["X-Reply: yes"], b"\x00done\xff"));
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    for (token, name) in [("c_Ab3dEf6hIj".to_owned(), "c_Ab3dEf6hIj"), (whk.token(&["--app", "org_42"]), "org_42")] {
        let variables = BTreeMap::from([
            ("SOURCE", format!("ws://{}/api/v1/listen/", relay.address())),
            ("TARGET", format!("http://{}/hook", app.target())),
            ("TOKEN", token),
        ]);
        let mut program = foreign(include_str!("../receivers/svix_listen.mjs"), &variables);
        let mut client = crate::support::process::Process::start(&mut program);
        let ready = client.lines("ready", 1);
        assert_eq!(ready.unwrap_or_else(|| panic!("{}", client.so_far()))[0]["token"], name);
        let before = app.count();
        let lines = ["Content-Type: application/json", "X-Twice: 1", "X-Twice: 2"];
        let answer = relay.send(&wire::request("POST", &format!("/in/{name}/"), &lines, EXACT.as_bytes()));
        assert_eq!((answer.status(), answer.body.as_slice()), (202, &b"\x00done\xff"[..]));
        assert_eq!(answer.get("x-reply").as_deref(), Some("yes"));
        let got = app.requests(before + 1).remove(before);
        assert_eq!(String::from_utf8(got.body.clone()).unwrap(), EXACT);
        assert_eq!(got.get("x-twice").as_deref(), Some("1, 2"));
        drop(client.child.kill());
        drop(client.child.wait());
    }
}

#[test]
fn an_event_source_gets_an_event_byte_for_byte_and_goes_on_where_it_was() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let variables = BTreeMap::from([
        ("SOURCE", format!("{}/api/v1/webhooks/events/stream", base(&relay))),
        ("TOKEN", whk.token(&["--read-only"])),
    ]);
    let mut program = foreign(include_str!("../receivers/event_source.mjs"), &variables);
    let client = crate::support::process::Process::start(&mut program);
    assert!(client.lines("ready", 1).is_some(), "{}", client.ended());
    relay.post(EXACT);
    let event = client.lines("event", 1).unwrap_or_else(|| panic!("{}", client.so_far())).remove(0);
    assert_eq!(event["body"], EXACT);
    assert_eq!(event["id"], whk.events(&[])[0]["id"]);
}

#[test]
fn the_event_source_of_a_browser_forwards_an_event_byte_for_byte() {
    let whk = Whk::new();
    let page = "<script>const source = new EventSource(decodeURIComponent(location.search.slice(1)));\
                source.addEventListener('ready', () => fetch('/ready', {method: 'POST'}));\
                source.onmessage = ({data}) => fetch('/hook', {method: 'POST', body: JSON.stringify(JSON.parse(data).body)});\
                </script>";
    let app = App::new(move |request, _| match request.target() {
        target if target.starts_with("/page") => answer(200, &["Content-Type: text/html"], page.as_bytes()),
        _ => answer(204, &[], b""),
    });
    let relay = whk.relay(["--allow-origin", &format!("http://{}", app.target())]);
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new("chromium");
    browser.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
    browser.arg(format!("--user-data-dir={}", profile.path().display()));
    browser.arg(format!("http://{}/page?{}/smee/team", app.target(), base(&relay)));
    let mut browser = crate::support::process::Process::start(&mut browser);
    let at = |path: &str| {
        let end = std::time::Instant::now() + 2 * crate::support::PATIENCE;
        while std::time::Instant::now() < end {
            if let Some(found) = app.requests(app.count()).into_iter().find(|request| request.target() == path) {
                return Some(found);
            }
            thread::sleep(std::time::Duration::from_millis(20));
        }
        None
    };
    let body = r#"{"id":"evt_1","n":12,"s":"café \"q\"","a":[1,2.5],"o":{"b":1,"a":null}}"#;
    let got = at("/ready").and_then(|_| {
        relay.send(&wire::request_at(
            "localhost",
            "POST",
            "/smee/team",
            &["Content-Type: application/json"],
            body.as_bytes(),
        ));
        at("/hook")
    });
    drop(browser.child.kill());
    let got = got.unwrap_or_else(|| panic!("nothing came\n{}", browser.so_far()));
    assert_eq!(String::from_utf8(got.body).unwrap(), body);
}
