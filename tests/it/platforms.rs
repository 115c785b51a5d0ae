//! Platforms as their documents show them: every request that whk sends, and what it makes of the answers.
//!
//! A file in `exchanges/` is a story: commands, what each must say, and the exchanges between. The bodies of answers are
//! those of the platform's public documents, shortened.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::Value;

use crate::support::app::{App, answer};
use crate::support::whk::Whk;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// Where the shapes are from.
    #[expect(dead_code, reason = "it is for whoever reads the file")]
    source: String,
    /// The platform's flags.
    flags: Vec<String>,
    /// Header lines that every request has.
    headers: BTreeMap<String, String>,
    step: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    run: Vec<String>,
    /// What the endpoint line says; `null` for what it must not have.
    #[serde(default)]
    says: BTreeMap<String, Value>,
    /// The exit code, and a part of the error, if it fails.
    #[serde(default)]
    exits: i32,
    error: Option<String>,
    #[serde(default)]
    exchange: Vec<Exchange>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: String,
    /// The body, as JSON or as a form. A text `<any>` stands for any text.
    sends: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    lines: Vec<String>,
    #[serde(default)]
    answer: String,
}

fn ok() -> u16 {
    200
}

#[test]
fn every_platform_is_spoken_to_as_it_says() {
    for entry in std::fs::read_dir("tests/it/exchanges").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let story: Story = toml::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        play(path.file_stem().unwrap().to_str().unwrap(), &story);
    }
}

#[test]
fn every_platform_has_a_story() {
    for entry in std::fs::read_dir("platforms").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        // That one is tested live.
        let is_told = name == "relay.toml" || std::path::Path::new("tests/it/exchanges").join(name).exists();
        assert!(is_told, "{}: tell its exchanges in tests/it/exchanges", path.display());
    }
}

fn play(name: &str, story: &Story) {
    let (whk, hook) = (Whk::new(), App::answering(200));
    let script: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let turns = Arc::clone(&script);
    let platform = App::new(move |_, _| {
        let mut turns = turns.lock().unwrap();
        if turns.is_empty() {
            return answer(599, &[], b"{\"message\": \"nobody expected this\"}");
        }
        let turn = turns.remove(0);
        let lines: Vec<&str> = turn.lines.iter().map(String::as_str).collect();
        answer(turn.status, &lines, turn.answer.as_bytes())
    });
    let url = format!("http://{}/hook", hook.target());
    let base = format!("http://{}", platform.target());
    let form = url.replace(':', "%3A").replace('/', "%2F");
    let filled = |text: &str| text.replace("{hook}", &url).replace("{base}", &base).replace("{form}", &form);
    let mut count = 0;
    for (number, step) in story.step.iter().enumerate() {
        let place = format!("{name}, step {}", number + 1);
        let turns = step.exchange.iter().cloned().map(|turn| Exchange {
            lines: turn.lines.iter().map(|line| filled(line)).collect(),
            answer: filled(&turn.answer),
            ..turn
        });
        *script.lock().unwrap() = turns.collect();
        let words = step.run.iter().chain(&story.flags).map(|word| filled(word));
        let more = ["--base-url", &base, "--key", "env:KEY", "--output", "json", "--yes"].map(str::to_owned);
        let run = whk.run(words.chain(more)).env("KEY", "key_0123456789").exits(step.exits).talks();
        let ended = run.err_lacks("key_0123456789").out_lacks("key_0123456789").check();
        if let Some(error) = &step.error {
            let said = ended.error().1;
            assert!(said.contains(error), "{place}: {said}");
        }
        let left = script.lock().unwrap().len();
        assert_eq!(left, 0, "{place}: {left} exchanges did not happen\n{ended}");
        let requests = platform.requests(count + step.exchange.len());
        assert_eq!(requests.len(), platform.count(), "{place}: more requests than the story has");
        for (turn, request) in step.exchange.iter().zip(requests.iter().skip(count)) {
            let text = request.text();
            let line = text.lines().next().unwrap_or_default();
            assert_eq!(line, format!("{} HTTP/1.1", turn.request), "{place}");
            for (header, value) in &story.headers {
                assert_eq!(request.get(header).as_deref(), Some(value.as_str()), "{place}: {header}");
            }
            let body = String::from_utf8(request.body.clone()).unwrap();
            same(&place, turn.sends.as_deref().map(filled).as_deref().unwrap_or_default(), &body);
        }
        count += step.exchange.len();
        if !step.says.is_empty() {
            let line = ended.line("endpoint");
            for (field, wanted) in &step.says {
                let wanted: Value = serde_json::from_str(&filled(&wanted.to_string())).unwrap();
                assert!(like(&wanted, &line[field]), "{place}: {field} of {line}");
            }
        }
    }
}

fn same(place: &str, wanted: &str, body: &str) {
    match serde_json::from_str::<Value>(wanted) {
        Ok(wanted) => {
            let body: Value = serde_json::from_str(body).unwrap_or_else(|why| panic!("{place}: {why}: {body}"));
            assert!(like(&wanted, &body), "{place}: sent {body}\nnot  {wanted}");
        }
        Err(_) => assert_eq!(body, wanted, "{place}"),
    }
}

/// Whether they are the same but for what may be any text; a missing field is null, and must be.
fn like(wanted: &Value, own: &Value) -> bool {
    match (wanted, own) {
        (Value::String(any), Value::String(text)) if any == "<any>" => !text.is_empty(),
        (Value::String(none), Value::Null) if none == "<none>" => true,
        (Value::Object(wanted), Value::Object(own)) => {
            wanted.len() == own.len()
                && wanted.iter().all(|(name, value)| own.get(name).is_some_and(|own| like(value, own)))
        }
        (wanted, own) => wanted == own,
    }
}
