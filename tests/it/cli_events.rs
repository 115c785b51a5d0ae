//! `whk events`: lists, filters, pages and forms, and the catalogue.

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::whk::{Whk, body_of};

/// A home with five events: three delivered, one dead, one recorded only.
fn filled() -> (Whk, Vec<Value>) {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target(), "--except", "quiet"]);
    for (number, name) in ["order.a", "order.b", "user.a", "quiet"].iter().enumerate() {
        listener.emit(name, &json!({"n": number, "word": format!("needle{number}")}));
    }
    let mut events = listener.lines("event", 4);
    listener.stop();
    let failing = App::answering(500);
    let listener = whk.listen(["--forward", &failing.target()]);
    listener.emit("order.c", &json!({"n": 4}));
    events.extend(listener.lines("event", 1));
    listener.stop();
    (whk, events)
}

#[test]
fn a_list_is_the_newest_first_and_each_filter_narrows_it() {
    let (whk, events) = filled();
    let listed = whk.events(&[]);
    assert_eq!(
        listed.iter().rev().collect::<Vec<_>>(),
        events.iter().collect::<Vec<_>>(),
        "as the listener showed them"
    );
    let types = |words: &[&str]| -> Vec<String> {
        whk.events(words).iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&["--type", "order.*"]), ["order.c", "order.b", "order.a"]);
    assert_eq!(types(&["--type", "user.a", "--type", "quiet"]), ["quiet", "user.a"]);
    assert_eq!(types(&["--status", "delivered"]), ["user.a", "order.b", "order.a"]);
    assert_eq!(types(&["--status", "dead"]), ["order.c"]);
    assert_eq!(types(&["--where", "data.n>=3"]), ["order.c", "quiet"]);
    assert_eq!(types(&["--grep", "needle1"]), ["order.b"]);
    assert_eq!(types(&["--since", "10m", "--app", "default"]).len(), 5);
    assert!(types(&["--until", "2020-01-01"]).is_empty() && types(&["--app", "other"]).is_empty());
}

#[test]
fn pages_have_everything_once() {
    let (whk, events) = filled();
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut words = vec!["events", "list", "--limit", "2", "--output", "json"];
        words.extend(cursor.iter().flat_map(|cursor| ["--cursor", cursor.as_str()]));
        let ended = whk.run(words).check();
        seen.extend(ended.lines("event"));
        let Some(page) = ended.lines("page").first().cloned() else { break };
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    seen.reverse();
    assert_eq!(seen, events);
}

#[test]
fn one_event_is_shown_in_any_form() {
    let whk = Whk::new();
    let listener = whk.listen::<&str>([]);
    listener.post(b"{\"it's\": 1.0}\n");
    let event = listener.event();
    let id = event["id"].as_str().unwrap().to_owned();
    listener.stop();
    let show = |form: &str| whk.run(["events", "show", &id, "--as", form]);
    show("http").out_has("POST /").out_has("{\"it's\": 1.0}\n").check();
    show("curl").out_has("curl ").out_has(r"it'\''s").check();
    let json = show("json").check();
    assert_eq!((json.records(), body_of(&event)), (vec![event.clone()], b"{\"it's\": 1.0}\n".to_vec()));
    let har: Value = serde_json::from_str(&show("har").check().text()).unwrap();
    assert_eq!(har["log"]["entries"][0]["request"]["method"], "POST");
    whk.run(["events", "show", &id]).out_has(&id).check();
}

#[test]
fn the_catalogue_has_types_with_schema_and_sample() {
    let whk = Whk::new();
    let types = whk.run(["events", "types", "--output", "json"]).check().lines("event_type");
    assert!(types.len() > 5 && types.iter().all(|kind| kind["sample"].is_object() && kind["schema"].is_object()));
    whk.run(["events", "types", "order.created"]).out_has("order.created").check();
    whk.run(["events", "types", "ordr.created"]).exits(2).err_has("order.created").check();
}

#[test]
fn an_empty_home_is_no_error_and_is_not_made() {
    let whk = Whk::new();
    whk.run(["events", "list"]).out_is("").err_has("whk listen").check();
    whk.run(["events", "list", "--output", "json"]).out_is("").check();
    assert!(!whk.home().exists());
}

#[test]
fn wrong_input_is_named_with_what_to_do() {
    let whk = Whk::new();
    let missing = format!("msg_{}", "0".repeat(27));
    whk.run(["events", "show", &missing]).exits(2).err_has(&missing).err_has("whk events list").check();
    whk.run(["events", "show", "order.created"]).exits(2).err_has("msg_").check();
    whk.run(["events", "list", "--limit", "many"]).exits(2).err_has("--limit").check();
    whk.run(["events", "list", "--cursor", "x"]).exits(2).err_has("--cursor").check();
    whk.run(["events", "list", "--status", "lost"]).exits(2).err_has("--status").err_has("delivered").check();
    whk.run(["events", "list", "--since", "1h", "--until", "2h"])
        .exits(2)
        .err_has("--since must be before --until")
        .check();
    whk.run(["events", "list", "--where", "nonsense"]).exits(2).err_has("--where").check();
    whk.put("not.db", "this is no database, and it is long enough to be looked at as one, page by page");
    let words = ["events", "list", "--store", "sqlite:not.db", "--output", "json"];
    let ended = whk.run(words).exits(3).talks().check();
    let (kind, message) = ended.error();
    assert!(kind.starts_with("store_") && message.contains("not.db"), "{kind}: {message}");
    whk.run(["events", "list", "--store", "mysql://x"]).exits(2).err_has("sqlite:").check();
}
