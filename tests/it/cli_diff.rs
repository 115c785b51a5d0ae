//! `whk diff`: events and attempts beside each other.

use serde_json::json;

use crate::support::app::{App, answer};
use crate::support::whk::Whk;

#[test]
fn two_events_are_compared_by_head_headers_and_body() {
    let whk = Whk::new();
    let listener = whk.listen([] as [&str; 0]);
    for data in [json!({"id": 1, "same": true}), json!({"id": 2, "same": true}), json!({"id": 2, "same": true})] {
        listener.emit("order.created", &data);
    }
    let ids: Vec<String> = listener.lines("event", 3).iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect();
    listener.stop();
    let shown = whk.run(["diff", &ids[0], &ids[1]]).exits(1).out_has("data.id").out_lacks("same").check();
    assert!(
        shown.text().lines().any(|line| line.starts_with("data.id") && line.contains('1') && line.ends_with("| 2"))
    );
    let lines = whk.run(["diff", &ids[0], &ids[1], "--output", "json"]).exits(1).check();
    assert_eq!(
        lines.lines("difference"),
        [json!({"type": "difference", "part": "body", "name": "data.id", "a": "1", "b": "2"})]
    );
    assert_eq!(lines.line("diff")["same"], false);
    whk.run(["diff", &ids[1], &ids[2]]).out_has("the same").check();
}

#[test]
fn two_attempts_are_compared_by_what_came_back() {
    let app = App::saying([answer(500, &[], b"no"), answer(200, &[], b"yes")]);
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    listener.emit("a", &json!({}));
    let event = listener.event()["id"].as_str().unwrap().to_owned();
    listener.attempt();
    listener.stop();
    whk.run(["replay", &event]).out_has("[200]").talks().check();
    let by_number = [format!("{event}/1"), format!("{event}/2")];
    whk.run(["diff", &by_number[0], &by_number[1]]).exits(1).out_has("500").out_has("line 1").check();
    let attempts = whk.run(["events", "show", &event, "--output", "json"]).check().lines("attempt");
    let ids: Vec<_> = attempts.iter().map(|attempt| attempt["id"].as_str().unwrap()).collect();
    whk.run(["diff", ids[0], ids[1]]).exits(1).out_has("500").out_has("200").check();
    whk.run(["diff", ids[0], &event]).exits(2).err_has("cannot be compared").check();
    whk.run(["diff", &event, &format!("{event}/9")]).exits(2).err_has("no attempt 9").check();
    whk.run(["diff", "x", &event]).exits(2).err_has("msg_").check();
}
