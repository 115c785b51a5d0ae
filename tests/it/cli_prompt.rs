//! What `whk register` asks on a terminal: by keys alone, and ^C at each question gives the terminal back.

use crate::support::app::{App, answer};
use crate::support::terminal::Terminal;
use crate::support::whk::Whk;

/// A platform with nothing in it that takes what comes.
fn platform() -> App {
    App::new(|request, _| {
        let made = r#"{"id": "wh_1", "name": "ERP", "url": "u", "events": ["order.created"], "secret": "whsec_b2xk"}"#;
        let body = if request.method() == "GET" { r#"{"items": []}"# } else { made };
        answer(200, &[], body.as_bytes())
    })
}

/// A question, and what answers it.
type Question<'a> = (&'a str, &'a str);

fn start(terminal: &Terminal, words: &str) {
    terminal.line(&format!("clear; {} register {words}; echo co''de $?", env!("CARGO_BIN_EXE_whk")));
}

fn at_sellvik(url: &str) -> [Question<'_>; 8] {
    [
        ("URL that the events go to", url),
        ("Name", "ERP"),
        ("The key to Sellvik", "sk_typed_key"),
        ("Keep it for the next time", "n"),
        ("Events", "order.created"),
        ("(1 chosen)", "order.fulfilled"),
        ("(2 chosen)", ""),
        ("Shall it be so?", "y"),
    ]
}

fn at_a_relay(url: &str) -> [Question<'_>; 7] {
    [
        ("Platform", "relay"),
        ("App", "org_42"),
        ("URL that the events go to", url),
        ("Name", "ERP"),
        ("Events", "order.cancelled"),
        ("(1 chosen)", ""),
        ("Shall it be so?", "y"),
    ]
}

#[test]
fn an_endpoint_is_made_with_the_keyboard_alone() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform());
    let terminal = Terminal::new(&whk);
    let url = format!("http://{}/hook", hook.target());
    start(&terminal, &format!("--platform sellvik --base-url http://{}", app.target()));
    for (question, keys) in at_sellvik(&url) {
        terminal.until(question);
        answered(&terminal, keys);
    }
    let screen = terminal.until("code 0");
    assert!(screen.contains("created") && screen.contains("whsec_b2xk"), "{screen}");
    assert!(!terminal.tmux(&["capture-pane", "-p", "-S", "-200"]).contains("sk_typed_key"), "the key was shown");
    let post = app.requests(2).remove(1);
    assert_eq!(post.get("authorization").as_deref(), Some("Bearer sk_typed_key"));
    assert_eq!(post.json()["events"], serde_json::json!(["order.created", "order.fulfilled"]));
    let _relay = whk.relay([] as [&str; 0]);
    start(&terminal, "");
    for (question, keys) in at_a_relay(&url) {
        terminal.until(question);
        answered(&terminal, keys);
    }
    terminal.until("code 0");
    let made = whk.run(["endpoints", "list", "--app", "org_42", "--output", "json"]).check().line("endpoint");
    assert_eq!((&made["name"], &made["events"]), (&"ERP".into(), &serde_json::json!(["order.cancelled"])));
    assert!(terminal.is_plain());
}

#[test]
fn ctrl_c_at_any_question_gives_the_terminal_back() {
    let (whk, hook, app) = (Whk::new(), App::answering(200), platform());
    let terminal = Terminal::new(&whk);
    let url = format!("http://{}/hook", hook.target());
    let before = terminal.settings(&whk.folder());
    let sellvik = format!("--platform sellvik --base-url http://{}", app.target());
    let (all, relay) = (at_sellvik(&url), at_a_relay(&url));
    let first = (String::new(), &relay[..1]);
    for (words, asked) in (1..=all.len()).map(|count| (sellvik.clone(), &all[..count])).chain([first]) {
        let ((last, _), answers) = asked.split_last().unwrap();
        start(&terminal, &words);
        for (question, keys) in answers {
            terminal.until(question);
            answered(&terminal, keys);
        }
        terminal.until(last);
        let screen = terminal.interrupt_until("code ");
        assert!(screen.contains("code 130"), "{last}: {screen}");
        assert!(terminal.is_plain(), "{last}: {screen}");
        assert_eq!(terminal.settings(&whk.folder()), before, "{last}");
    }
    assert!(app.requests(app.count()).iter().all(|request| request.method() == "GET"), "nothing was made");
}

#[test]
fn nothing_is_asked_where_nobody_can_answer() {
    let whk = Whk::new();
    let terminal = Terminal::new(&whk);
    for (number, (words, flag)) in [
        ("< /dev/null", "--url"),
        ("| cat", "--url"),
        ("--no-input", "--url"),
        ("--yes", "--url"),
        ("--output json", "--url"),
        ("--no-input --platform sellvik --base-url http://127.0.0.1:1 --url http://127.0.0.1:1/x", "--key"),
        ("--no-input --platform github --url http://127.0.0.1:1/x", "--param"),
    ]
    .into_iter()
    .enumerate()
    {
        let whk = env!("CARGO_BIN_EXE_whk");
        terminal.line(&format!("clear; set -o pipefail; {whk} register {words}; echo end {number}: $?"));
        let screen = terminal.until(&format!("end {number}: 2"));
        assert!(screen.contains(flag), "{words}: {screen}");
    }
}

/// Types an answer; where yes or no is asked one key is enough.
fn answered(terminal: &Terminal, keys: &str) {
    if !keys.is_empty() {
        terminal.tmux(&["send-keys", "-l", keys]);
    }
    if !matches!(keys, "y" | "n") {
        terminal.keys(&["Enter"]);
    }
}
