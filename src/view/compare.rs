//! What differs between two events, or between two attempts: the request or answer, its headers, its body.

use serde_json::Value;

use crate::model::Attempt;
use crate::model::Event;
use crate::model::Headers;
use crate::model::Verdict;
use crate::view::lines::pairs;

/// So many differences are named; two bodies may have nothing in common.
const MOST: usize = 1000;
/// Bytes around the first that differs, of bodies that are no text.
const AROUND: usize = 16;

/// Where a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What kind of request or attempt it is.
    Head,
    /// A header line.
    Header,
    /// The body.
    Body,
}

impl Part {
    /// Its name, as scripts see it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Header => "header",
            Self::Body => "body",
        }
    }
}

/// One thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it is.
    pub part: Part,
    /// What it is: a field, a header's name, or a path into the body.
    pub name: String,
    /// What the first has, if it has it.
    pub a: Option<String>,
    /// What the second has, if it has it.
    pub b: Option<String>,
}

/// What differs between two events. Ids and times always do, so they do not count.
#[must_use]
pub fn events(a: &Event, b: &Event) -> Vec<Difference> {
    let mut found = Found::default();
    let verdict = |event: &Event| event.verdict.as_ref().map_or_else(|| "not judged".to_owned(), in_words);
    found.head("app", a.app.as_str(), b.app.as_str());
    found.head("event_type", &a.event_type, &b.event_type);
    found.head("verdict", &verdict(a), &verdict(b));
    found.head("method", &a.request.method, &b.request.method);
    found.head("path", a.inbox_path(), b.inbox_path());
    found.head("query", a.request.query().unwrap_or_default(), b.request.query().unwrap_or_default());
    found.headers(&a.request.headers, &b.request.headers);
    found.bodies(&a.request.body, &b.request.body);
    found.0
}

/// What differs between two JSON values.
#[must_use]
pub fn values(a: &Value, b: &Value) -> Vec<Difference> {
    let mut found = Found::default();
    found.json("", a, b);
    found.0
}

/// What differs between two attempts: where they went, and what came back.
#[must_use]
pub fn attempts(a: &Attempt, b: &Attempt) -> Vec<Difference> {
    let mut found = Found::default();
    let came = |attempt: &Attempt| match &attempt.outcome {
        Ok(response) => response.status.to_string(),
        Err(failure) => format!("{}: {}", failure.kind.code(), failure.message),
    };
    found.head("method", &a.method, &b.method);
    found.head("url", &a.url, &b.url);
    found.head("status", &came(a), &came(b));
    let none = Headers::new();
    let headers = |attempt: &Attempt| attempt.outcome.as_ref().ok().map(|response| response.headers.clone());
    let body = |attempt: &Attempt| attempt.outcome.as_ref().map(|response| response.body.clone()).unwrap_or_default();
    found.headers(headers(a).as_ref().unwrap_or(&none), headers(b).as_ref().unwrap_or(&none));
    found.bodies(&body(a), &body(b));
    found.0
}

fn in_words(verdict: &Verdict) -> String {
    let reason = verdict.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{} {}{reason}", if verdict.ok { "valid" } else { "invalid" }, verdict.scheme)
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, part: Part, name: &str, a: Option<String>, b: Option<String>) {
        if a != b && self.0.len() < MOST {
            self.0.push(Difference { part, name: name.to_owned(), a, b });
        }
    }

    fn head(&mut self, name: &str, a: &str, b: &str) {
        self.add(Part::Head, name, Some(a.to_owned()), Some(b.to_owned()));
    }

    /// Line by line under each name, whatever its case; the order of names is told of only when nothing else differs.
    fn headers(&mut self, a: &Headers, b: &Headers) {
        let (a, b) = (pairs(a), pairs(b));
        let mut names: Vec<String> = Vec::new();
        for (name, _) in a.iter().chain(&b) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name.to_ascii_lowercase());
            }
        }
        let before = self.0.len();
        for name in &names {
            let of = |lines: &[(String, String)]| -> Vec<String> {
                let own = lines.iter().filter(|(line, _)| line.eq_ignore_ascii_case(name));
                own.map(|(_, value)| value.clone()).collect()
            };
            let (one, two) = (of(&a), of(&b));
            for index in 0..one.len().max(two.len()) {
                self.add(Part::Header, name, one.get(index).cloned(), two.get(index).cloned());
            }
        }
        if before == self.0.len() && a != b {
            let list =
                |lines: &[(String, String)]| lines.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            self.add(Part::Header, "(order and case)", Some(list(&a)), Some(list(&b)));
        }
    }

    fn bodies(&mut self, a: &[u8], b: &[u8]) {
        if a == b {
            return;
        }
        if let (Ok(one), Ok(two)) = (serde_json::from_slice(a), serde_json::from_slice(b)) {
            let before = self.0.len();
            self.json("", &one, &two);
            if before == self.0.len() {
                self.bytes(a, b);
            }
            return;
        }
        match (str::from_utf8(a), str::from_utf8(b)) {
            (Ok(a), Ok(b)) => self.lines(a, b),
            _ => self.bytes(a, b),
        }
    }

    fn json(&mut self, path: &str, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Object(one), Value::Object(two)) => {
                let only_two = two.keys().filter(|key| !one.contains_key(*key));
                for key in one.keys().chain(only_two) {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.json_at(&format!("{path}{dot}{key}"), one.get(key), two.get(key));
                }
            }
            (Value::Array(one), Value::Array(two)) => {
                for index in 0..one.len().max(two.len()) {
                    self.json_at(&format!("{path}[{index}]"), one.get(index), two.get(index));
                }
            }
            _ => self.add(Part::Body, path, Some(a.to_string()), Some(b.to_string())),
        }
    }

    fn json_at(&mut self, path: &str, a: Option<&Value>, b: Option<&Value>) {
        match (a, b) {
            (Some(a), Some(b)) => self.json(path, a, b),
            (a, b) => self.add(Part::Body, path, a.map(Value::to_string), b.map(Value::to_string)),
        }
    }

    /// Lines between the beginning and the end that both have.
    fn lines(&mut self, a: &str, b: &str) {
        let (one, two): (Vec<_>, Vec<_>) = (a.split_inclusive('\n').collect(), b.split_inclusive('\n').collect());
        let start = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
        let left = one.len().min(two.len()) - start;
        let end = one.iter().rev().zip(two.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
        for index in start..one.len().max(two.len()) - end {
            let of = |lines: &[&str]| {
                lines.get(..lines.len() - end).and_then(|lines| lines.get(index)).map(|line| (*line).to_owned())
            };
            self.add(Part::Body, &format!("line {}", index + 1), of(&one), of(&two));
        }
    }

    /// Where the first byte differs. JSON that says the same ends up here too.
    fn bytes(&mut self, a: &[u8], b: &[u8]) {
        let place = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let of = |bytes: &[u8]| {
            let around = bytes.get(place..bytes.len().min(place + AROUND)).unwrap_or_default();
            let shown = match str::from_utf8(around) {
                Ok(text) => format!("{text:?}"),
                Err(_) => hex::encode(around),
            };
            Some(format!("{shown} ({} bytes in all)", bytes.len()))
        };
        self.add(Part::Body, &format!("from byte {place}"), of(a), of(b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::event_from_json;
    use proptest::prelude::*;

    fn event(id: u8, fields: &str) -> Event {
        event_from_json(&format!("{{\"id\":\"{}\",{fields}}}", EventId::from_bytes([id; 20]))).unwrap()
    }

    fn between(a: &str, b: &str) -> Vec<String> {
        let word = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        let found = events(&event(1, a), &event(2, b));
        found.into_iter().map(|d| format!("{} {}: {} | {}", d.part.word(), d.name, word(d.a), word(d.b))).collect()
    }

    #[test]
    fn json_is_compared_by_what_it_says() {
        assert_eq!(
            between(
                r#""body":"{\"data\":{\"id\":1,\"gone\":[],\"list\":[1,2]},\"same\":true}""#,
                r#""body":"{\"same\": true,\"data\":{\"id\":2,\"list\":[1,3,4],\"new\":null}}""#,
            ),
            [
                "body data.id: 1 | 2",
                "body data.gone: [] | -",
                "body data.list[1]: 2 | 3",
                "body data.list[2]: - | 4",
                "body data.new: - | null",
            ]
        );
        assert_eq!(
            between(r#""body":"{\"a\":1}""#, r#""body":"{\"a\": 1}""#),
            ["body from byte 5: \"1}\" (7 bytes in all) | \" 1}\" (8 bytes in all)"]
        );
    }

    #[test]
    fn headers_are_compared_line_by_line_whatever_the_case_of_their_names() {
        assert_eq!(
            between(
                r#""headers":[["X-A","1"],["X-Two","1"],["X-Two","2"]]"#,
                r#""headers":[["x-two","1"],["x-a","2"],["X-New","n"]]"#,
            ),
            ["header x-a: 1 | 2", "header x-two: 2 | -", "header x-new: - | n"]
        );
        assert_eq!(
            between(r#""headers":[["A","1"],["B","2"]]"#, r#""headers":[["B","2"],["A","1"]]"#),
            ["header (order and case): A, B | B, A"]
        );
    }

    #[test]
    fn text_is_compared_by_lines_and_bytes_from_the_first_that_differs() {
        assert_eq!(
            between(r#""body":"one\ntwo\nthree\n""#, r#""body":"one\n2\nand\nthree\n""#),
            ["body line 2: two\n | 2\n", "body line 3: - | and\n"]
        );
        assert_eq!(
            between(r#""body_b64":"AP8B""#, r#""body_b64":"AP4=""#),
            ["body from byte 1: ff01 (3 bytes in all) | fe (2 bytes in all)"]
        );
        assert_eq!(
            between(r#""method":"PUT","path":"/a","query":"x""#, r#""method":"GET","path":"/b","event_type":"t""#),
            ["head event_type:  | t", "head method: PUT | GET", "head path: /a | /b", "head query: x | "]
        );
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself_and_different_bodies_always_do(a: Vec<u8>, b: Vec<u8>) {
            let mut found = Found::default();
            found.bodies(&a, &a);
            prop_assert!(found.0.is_empty());
            found.bodies(&a, &b);
            prop_assert_eq!(found.0.is_empty(), a == b);
        }
    }
}
