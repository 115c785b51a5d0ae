//! `whk register`: made once, brought up to date after, and the secret never lost.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::app::{App, Say, answer, nobody};
use crate::support::whk::Whk;
use crate::support::wire::Message;

fn register(whk: &Whk, url: &str, more: &[&str]) -> Value {
    let words = ["register", "--url", url, "--output", "json"];
    whk.run(words.iter().chain(more)).check().line("endpoint")
}

fn url(app: &App) -> String {
    format!("http://{}/hook", app.target())
}

#[test]
fn an_endpoint_is_created_then_unchanged_then_updated() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay(["--retry", "none"]);
    let made = register(&whk, &url(&app), &["--events", "a.b,c.d", "--name", "shop"]);
    assert_eq!((&made["result"], &made["events"]), (&json!("created"), &json!(["a.b", "c.d"])));
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let same = register(&whk, &url(&app), &["--events", "c.d", "--events", "a.b", "--name", "shop"]);
    assert_eq!((&same["result"], &same["id"], &same["secret"]), (&json!("unchanged"), &made["id"], &Value::Null));
    let moved = format!("{}/two", url(&app));
    let changed = register(&whk, &moved, &["--name", "shop"]);
    assert_eq!((&changed["result"], &changed["id"], &changed["url"]), (&json!("updated"), &made["id"], &json!(moved)));
    assert_eq!(changed["events"], json!(["a.b", "c.d"]), "what was not said stays");
    let by_url = register(&whk, &moved, &["--events", "*"]);
    assert_eq!((&by_url["result"], &by_url["id"]), (&json!("updated"), &made["id"]));
    let id = made["id"].as_str().unwrap();
    assert_eq!(register(&whk, &url(&app), &["--id", id, "--name", "other"])["name"], "other");
    whk.run(["register", "--url", &moved, "--id", "ep_x"]).exits(2).err_has("no endpoint ep_x").check();
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay([] as [&str; 0]);
    assert_eq!(register(&whk, &url(&app), &["--dry-run"])["result"], "would_create");
    assert!(whk.run(["endpoints", "list", "--output", "json"]).check().out.is_empty());
    register(&whk, &url(&app), &["--events", "a"]);
    let change = register(&whk, &url(&app), &["--events", "b", "--dry-run"]);
    assert_eq!((&change["result"], &change["change"]), (&json!("would_update"), &json!({"events": ["b"]})));
    whk.run(["register", "--url", &url(&app), "--events", "b", "--dry-run"])
        .out_has("events: [\"a\"] -> [\"b\"]")
        .check();
}

#[test]
fn a_secret_is_written_where_it_was_asked_for_or_else_shown() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay([] as [&str; 0]);
    whk.put(".env", "A=1\nS=old\n");
    let made = register(&whk, &url(&app), &["--write-env", ".env:S"]);
    assert_eq!(made["secret"], Value::Null);
    let env = std::fs::read_to_string(whk.folder().join(".env")).unwrap();
    assert!(env.starts_with("A=1\nS=whsec_") && !env.contains("old"), "{env}");
    let lost = ["register", "--url", &format!("{}/2", url(&app)), "--secret-file", "no/such/place", "--output", "json"];
    let shown = whk.run(lost).err_has("the secret could not be written").check().line("endpoint");
    assert!(shown["secret"].as_str().unwrap().starts_with("whsec_"));
}

#[test]
fn what_cannot_be_done_is_said_with_its_exit_code() {
    let whk = Whk::new();
    whk.run(["register", "--url", "http://127.0.0.1:1/x"]).exits(3).err_has("no relay is running here").check();
    let elsewhere = ["register", "--platform", "nowhere", "--url", "http://127.0.0.1:1/x"];
    whk.run(elsewhere).exits(2).err_has("\"nowhere\" is no platform").check();
    whk.run(["register", "--url", "3000"]).exits(2).err_has("write it in full").check();
    let _relay = whk.relay([] as [&str; 0]);
    let hasty = format!("http://{}/", nobody());
    whk.run(["register", "--url", &hasty])
        .err_has("root path")
        .err_has("nothing answers there yet")
        .out_has("whsec_")
        .check();
    let wrong = ["register", "--url", &hasty, "--token", "wrong", "--output", "json"];
    assert_eq!(whk.run(wrong).exits(2).talks().check().error().0, "unauthorized");
}

/// A platform with one endpoint at most, that answers `odd` to requests with this method.
fn platform(odd: Option<(&'static str, Say)>) -> App {
    let kept: Arc<Mutex<Option<Value>>> = Arc::default();
    App::new(move |request, _| {
        let mut kept = kept.lock().unwrap();
        let method = request.method();
        if let Some((_, say)) = odd.as_ref().filter(|(own, _)| *own == method) {
            return say.clone();
        }
        let body = match method.as_str() {
            "GET" => json!({"items": kept.iter().collect::<Vec<_>>(), "nextCursor": null}),
            "DELETE" => kept.take().unwrap_or_default(),
            "POST" if request.target().ends_with("/rotate-secret") => json!({"id": "wh_1", "secret": "whsec_bmV3"}),
            "POST" => {
                let mut new: Value = serde_json::from_slice(&request.body).unwrap();
                new["id"] = json!("wh_1");
                *kept = Some(new.clone());
                new["secret"] = json!("whsec_b2xk");
                new
            }
            _ => Value::Null,
        };
        answer(200, &[], body.to_string().as_bytes())
    })
}

fn at<'a>(base: &'a str, url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["register", "--platform", "sellvik", "--base-url", base, "--key", "sk_secret_key", "--events", "a.b"];
    [&words[..], &["--name", "ERP", "--url", url, "--output", "json"], more].concat()
}

#[test]
fn a_refusal_is_told_in_the_platforms_own_words() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = url(&hook);
    let said = |status: u16, body: &str| answer(status, &["Content-Type: application/json"], body.as_bytes());
    for (method, say, exit, kind, words) in [
        ("GET", said(401, r#"{"error": {"message": "no such key"}}"#), 2, "unauthorized", "no such key"),
        ("POST", said(403, r#"{"error": {"message": "not you"}}"#), 2, "forbidden", "not you"),
        ("GET", said(404, r#"{"error": "no such shop"}"#), 2, "not_found", "no such shop"),
        ("POST", said(409, r#"{"detail": "it exists"}"#), 2, "conflict", "it exists"),
        ("POST", said(422, r#"{"error": {"message": "events: a.b"}}"#), 2, "refused", "422: events: a.b"),
        ("POST", said(500, r#"{"error": {"message": "oops 7f"}}"#), 3, "platform_failed", "oops 7f"),
        ("GET", said(200, "<html><title>Log in</title></html>"), 2, "not_json", "a page of HTML, \\\"Log in\\\""),
        ("GET", said(502, "<html>\u{1b}[31mBad</html>"), 3, "platform_failed", "502: a page of HTML"),
        ("GET", answer(302, &["Location: https://elsewhere.example/"], b""), 2, "moved", "elsewhere.example"),
        ("POST", Say::Last(Vec::new()), 3, "closed", "closed"),
        ("POST", Say::Last(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{".to_vec()), 3, "closed", "closed"),
    ] {
        let app = platform(Some((method, say)));
        let base = format!("http://{}", app.target());
        let ended = whk.run(at(&base, &url, &[])).exits(exit).err_lacks("sk_secret_key").talks().check();
        let (own, text) = ended.error();
        assert_eq!(own, kind, "{text}");
        assert!(text.contains(words) && !text.contains('\u{1b}'), "{text}");
    }
    let plain = App::raw(|mut stream, _| drop(std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 No\r\n\r\n")));
    let base = format!("https://{}", plain.target());
    assert_eq!(whk.run(at(&base, &url, &[])).exits(3).talks().check().error().0, "tls");
    let base = format!("http://{}", nobody());
    assert_eq!(whk.run(at(&base, &url, &[])).exits(3).talks().check().error().0, "refused");
}

#[test]
fn a_busy_platform_is_waited_for_and_only_safe_requests_are_sent_again() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = url(&hook);
    let list = || answer(200, &[], br#"{"items": [], "nextCursor": null}"#);
    let made = || answer(201, &[], br#"{"id": "wh_1", "url": "u", "events": ["a.b"], "secret": "whsec_b2xk"}"#);
    let busy = || answer(429, &["Retry-After: 0"], b"");
    let app = App::saying([answer(503, &[], b""), busy(), list(), busy(), made()]);
    let base = format!("http://{}", app.target());
    assert_eq!(whk.run(at(&base, &url, &[])).check().line("endpoint")["result"], "created");
    assert_eq!(app.count(), 5);
    // What makes something is not sent twice: whether it was made, the list tells.
    let app = App::saying([list(), answer(503, &[], b"{}"), list()]);
    let base = format!("http://{}", app.target());
    whk.run(at(&base, &url, &[])).exits(3).talks().check();
    let methods: Vec<_> = app.requests(3).iter().map(Message::method).collect();
    assert_eq!(methods, ["GET", "POST", "GET"]);
    // It asks for more patience than anybody has.
    let app = App::saying([answer(429, &["Retry-After: 3600"], br#"{"error": "slow down"}"#)]);
    let base = format!("http://{}", app.target());
    let ended = whk.run(at(&base, &url, &[])).exits(4).talks().check();
    assert!(ended.error().1.contains("slow down") && ended.error().1.contains("3600 s"), "{ended}");
}

#[test]
fn what_was_made_although_the_answer_was_cut_is_found_again() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let url = url(&hook);
    let here = format!(
        r#"{{"items": [{{"id": "wh_1", "name": "ERP", "url": "{url}", "events": ["a.b"]}}], "nextCursor": null}}"#
    );
    let app = App::saying([
        answer(200, &[], br#"{"items": [], "nextCursor": null}"#),
        Say::Last(Vec::new()),
        answer(200, &[], here.as_bytes()),
    ]);
    let base = format!("http://{}", app.target());
    let ended = whk.run(at(&base, &url, &[])).exits(1).out_has("created").talks().check();
    let (kind, text) = ended.error();
    assert_eq!(kind, "secret_lost");
    assert!(text.contains("whk endpoints rotate wh_1 --platform sellvik"), "{text}");
}

#[test]
fn a_secret_that_was_lost_between_making_and_writing_is_replaced_if_asked() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform(None));
    let (url, base) = (url(&hook), format!("http://{}", app.target()));
    whk.run(at(&base, &url, &[])).talks().check();
    let keep = ["--write-env", ".env:S"];
    let ended = whk.run(at(&base, &url, &keep)).exits(1).out_has("unchanged").talks().check();
    let (kind, text) = ended.error();
    assert_eq!(kind, "secret_lost");
    assert!(
        text.contains("rotate wh_1 --platform sellvik --write-env .env:S") && text.contains("--rotate-lost"),
        "{text}"
    );
    whk.run(at(&base, &url, &["--write-env", ".env:S", "--rotate-lost"])).out_lacks("whsec_").talks().check();
    assert_eq!(std::fs::read_to_string(whk.folder().join(".env")).unwrap(), "S=whsec_bmV3\n");
    let same = whk.run(at(&base, &url, &keep)).talks().check().line("endpoint");
    assert_eq!(same["result"], "unchanged");
}

#[test]
fn a_relay_tells_a_secret_again_so_none_is_lost() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let _relay = whk.relay([] as [&str; 0]);
    let secret = register(&whk, &url(&app), &["--name", "shop"])["secret"].clone();
    let again = register(&whk, &url(&app), &["--name", "shop", "--secret-file", "s"]);
    assert_eq!((&again["result"], &again["secret"]), (&json!("unchanged"), &Value::Null));
    assert_eq!(json!(std::fs::read_to_string(whk.folder().join("s")).unwrap().trim()), secret);
}

#[test]
fn what_a_killed_run_left_behind_is_removed_by_the_next() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform(None));
    let (url, base) = (url(&hook), format!("http://{}", app.target()));
    let mut child: std::process::Child = whk
        .command(at(&base, &url, &["--temporary", "--exec", "sleep 60"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains("created"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
    let next = whk.run(at(&base, &url, &["--temporary", "--exec", "true"])).talks().check();
    assert_eq!(next.line("endpoint")["result"], "created", "the one that was left is gone");
    let methods: Vec<_> = app.requests(app.count()).iter().map(Message::method).collect();
    assert_eq!(methods.iter().filter(|method| *method == "DELETE").count(), 2);
    assert_eq!(std::fs::read_dir(whk.home().join("leases")).unwrap().count(), 0);
}

#[test]
fn strict_takes_advice_for_an_error_before_anything_is_made() {
    let (whk, app) = (Whk::new(), platform(None));
    let base = format!("http://{}", app.target());
    let hook = App::new(|_, _| answer(301, &["Location: /there"], b""));
    let url = format!("http://{}/hook?token=x", hook.target());
    let ended = whk.run(at(&base, &url, &["--strict"])).exits(1).talks().check();
    let (kind, text) = ended.error();
    assert_eq!((kind.as_str(), app.count()), ("advice", 1));
    for words in ["not https", "on this machine", "secret in the URL", "redirect (301 to /there)"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_key_is_found_where_it_is_and_kept_if_asked() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform(None));
    let (url, base) = (url(&hook), format!("http://{}", app.target()));
    let words = |more: &[&'static str]| {
        let words = ["endpoints", "list", "--platform", "sellvik", "--base-url", &base].map(str::to_owned);
        words.into_iter().chain(more.iter().map(|word| (*word).to_owned())).collect::<Vec<_>>()
    };
    whk.run(words(&[])).exits(2).err_has("no key to Sellvik").err_has("SELLVIK_API_KEY").check();
    whk.run(words(&[])).env("SELLVIK_API_KEY", "sk_env").talks().check();
    whk.run(words(&["--key", "sk_kept", "--keep-key"])).talks().check();
    whk.run(words(&[])).talks().check();
    let keys: Vec<_> = app.requests(3).iter().filter_map(|request| request.get("authorization")).collect();
    assert_eq!(keys, ["Bearer sk_env", "Bearer sk_kept", "Bearer sk_kept"]);
    let kept = whk.home().parent().unwrap().join(".config/whk/keys.toml");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    whk.put(
        "whk.toml",
        format!("[profile.staging]\nplatform = \"sellvik\"\nbase_url = \"{base}\"\nkey = \"sk_profile\"\n"),
    );
    whk.run(["register", "--profile", "staging", "--url", &url, "--events", "a.b"]).out_has("created").talks().check();
    assert_eq!(app.requests(4)[3].get("authorization").as_deref(), Some("Bearer sk_profile"));
    whk.run(["config", "show", "--profile", "staging"]).out_lacks("sk_profile").check();
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let whk = Whk::new();
    whk.run(["register"]).exits(2).err_has("--url").check();
    whk.run(["register", "--platform", "github", "--url", "http://127.0.0.1:1/x"]).exits(2).err_has("--param").check();
    whk.run(["register", "--platform", "sellvik", "--url", "http://127.0.0.1:1/x", "--key", "k"])
        .exits(2)
        .err_has("--base-url")
        .check();
}

#[test]
fn a_platform_can_be_a_file_or_a_handful_of_flags() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform(None));
    let (url, base) = (url(&hook), format!("http://{}", app.target()));
    let generic =
        ["--platform", "generic", "--path", "/hooks", "--items", "items", "--auth", "X-Key: {key}", "--key", "k"];
    let words =
        ["register", "--url", &url, "--base-url", &base, "--name", "a", "--field", "events=topics", "--events", "x"];
    whk.run(words.iter().chain(&generic)).out_has("created").talks().check();
    whk.run(words.iter().chain(&generic)).out_has("unchanged").talks().check();
    let post = app.requests(2).remove(1);
    assert_eq!((post.target(), post.get("x-key")), ("/hooks".to_owned(), Some("k".to_owned())));
    assert_eq!(serde_json::from_slice::<Value>(&post.body).unwrap()["topics"], json!(["x"]));
    whk.put("mine.toml", std::fs::read("platforms/sellvik.toml").unwrap());
    let words = ["endpoints", "list", "--platform", "mine.toml", "--base-url", &base, "--key", "k"];
    whk.run(words).out_has("wh_1").talks().check();
    whk.put("bad.toml", "title = \"x\"\nfields = {}\n");
    whk.run(["endpoints", "list", "--platform", "bad.toml"]).exits(2).err_has("bad.toml").check();
}

#[test]
fn a_relay_is_spoken_to_as_svix_too() {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let relay = whk.relay([] as [&str; 0]);
    let (url, base, token) = (url(&hook), format!("http://{}", relay.address()), whk.token(&[]));
    let svix =
        ["--platform", "svix", "--base-url", &base, "--key", &token, "--app", "org_42", "--output", "json", "--yes"];
    let act = |words: &[&str]| whk.run(words.iter().chain(&svix)).talks().check().line("endpoint");
    let made = act(&["register", "--url", &url, "--name", "ERP"]);
    assert_eq!((&made["result"], &made["events"]), (&json!("created"), &json!(["*"])));
    assert_eq!(act(&["register", "--url", &url, "--name", "ERP"])["result"], "unchanged");
    let moved = format!("{url}/two");
    assert_eq!(act(&["register", "--url", &moved, "--name", "ERP"])["result"], "updated");
    let rotated = act(&["endpoints", "rotate", "ERP"]);
    assert!(rotated["secret"].is_string() && rotated["secret"] != made["secret"]);
    let own = whk.run(["endpoints", "list", "--app", "org_42"]).out_has(made["id"].as_str().unwrap()).check();
    assert!(own.text().contains(&moved));
    assert_eq!(act(&["endpoints", "delete", "ERP"])["result"], "deleted");
}

#[test]
fn ctrl_c_takes_a_temporary_endpoint_away() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform(None));
    let (url, base) = (url(&hook), format!("http://{}", app.target()));
    let mut child = whk.command(at(&base, &url, &["--temporary"])).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(app.requests(3)[2].method(), "DELETE");
}
