//! What a platform answered: endpoints, pages, and what is wrong.

use serde_json::{Map, Value, json};

use crate::model::{Headers, Secret};
use crate::platform::admin::description::{EventForm, Field, List};
use crate::platform::admin::{Hook, Platform, place};
use crate::sign::json::Pointer;

/// The longest message that is passed on.
const LONGEST: usize = 500;

impl Platform {
    /// An endpoint out of an answer.
    #[must_use]
    pub fn hook(&self, value: &Value) -> Hook {
        let (mut fields, mut secret) = (Map::new(), None);
        for (name, field) in &self.about.fields {
            let Some(at) = &field.read else { continue };
            let found = place::read(value, at);
            match name.as_str() {
                "secret" => {
                    secret = found.and_then(Value::as_str).filter(|text| !text.is_empty()).map(Secret::new);
                }
                "events" => drop(fields.insert(name.clone(), json!(self.about.events.read(value, found)))),
                "id" => drop(fields.insert(name.clone(), json!(place::text(value, at).unwrap_or_default()))),
                _ => drop(fields.insert(name.clone(), shown(field, found))),
            }
        }
        if self.about.events.form == EventForm::Switches {
            fields.insert("events".to_owned(), json!(self.about.events.read(value, None)));
        }
        Hook { fields, secret, raw: value.clone(), parts: Vec::new() }
    }

    /// The endpoints that a list has; where each has one event, those of one URL are one.
    #[must_use]
    pub fn hooks(&self, items: &[Value]) -> Vec<Hook> {
        let all = items.iter().map(|item| self.hook(item)).filter(|hook| !hook.text("url").is_empty());
        if self.about.events.form != EventForm::Single {
            return all.collect();
        }
        let mut groups: Vec<Hook> = Vec::new();
        for hook in all {
            let part = (hook.text("id").to_owned(), hook.events().concat());
            match groups.iter_mut().find(|group| group.text("url") == hook.text("url")) {
                Some(group) => group.parts.push(part),
                None => groups.push(Hook { parts: vec![part], ..hook }),
            }
        }
        groups.iter_mut().for_each(Hook::sum_up);
        groups
    }

    /// What the platform says is wrong: in its own words, if there are any.
    #[must_use]
    pub fn complaint(&self, places: &[Pointer], body: &Value) -> Option<String> {
        let mut found = places.iter().filter_map(|at| place::read(body, at));
        let words = found.find_map(words)?;
        Some(words.chars().take(LONGEST).collect())
    }

    /// The items of a page.
    #[must_use]
    pub fn items<'a>(list: &List, body: &'a Value) -> Option<&'a Vec<Value>> {
        match &list.items {
            Some(at) => place::read(body, at)?.as_array(),
            None => body.as_array(),
        }
    }

    /// The cursor of the next page.
    #[must_use]
    pub fn next(list: &List, headers: &Headers, body: &Value) -> Option<String> {
        let next = list.next.as_ref()?;
        let is = |at: &Option<Pointer>, wanted: bool| {
            at.as_ref().is_some_and(|at| place::read(body, at) == Some(&Value::Bool(wanted)))
        };
        if is(&next.done, true) || is(&next.more, false) {
            return None;
        }
        let found = if next.link {
            link(headers.text("link")?)
        } else if let Some(name) = &next.header {
            headers.text(name).map(str::to_owned)
        } else if let Some(at) = &next.cursor {
            place::text(body, at)
        } else {
            place::text(Self::items(list, body)?.last()?, next.last.as_ref()?)
        };
        found.filter(|cursor| !cursor.is_empty())
    }
}

impl Hook {
    /// Its id and its events, from its parts.
    pub fn sum_up(&mut self) {
        let ids: Vec<_> = self.parts.iter().map(|(id, _)| id.as_str()).collect();
        let events: Vec<_> = self.parts.iter().map(|(_, event)| event.as_str()).collect();
        self.fields.insert("id".to_owned(), json!(ids.join(",")));
        self.fields.insert("events".to_owned(), json!(events));
    }
}

fn shown(field: &Field, found: Option<&Value>) -> Value {
    match &field.read_as {
        Some([yes, no]) if found == Some(yes) || found == Some(no) => json!(found == Some(yes)),
        // Whatever else there is, it is not the state that is asked about.
        Some(_) => json!(false),
        None => found.cloned().unwrap_or(Value::Null),
    }
}

/// A message: a text, or the texts in what is a list or a table.
fn words(value: &Value) -> Option<String> {
    let joined = |all: Vec<String>| Some(all.join("; ")).filter(|text| !text.is_empty());
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Array(items) => joined(items.iter().filter_map(words).collect()),
        Value::Object(fields) => {
            if let Some(message) = fields.get("message").or_else(|| fields.get("msg")).and_then(words) {
                return Some(message);
            }
            joined(fields.iter().filter_map(|(name, value)| Some(format!("{name}: {}", words(value)?))).collect())
        }
        _ => None,
    }
}

/// The next address in a line such as `<https://...?page=2>; rel="next"`.
fn link(line: &str) -> Option<String> {
    line.split(',').find_map(|part| {
        let (url, rest) = part.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then(|| url.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_page_is_found_in_a_link() {
        let line = "<https://a/b?page=1>; rel=\"prev\", <https://a/b?page=3>; rel=\"next\"";
        assert_eq!(link(line).as_deref(), Some("https://a/b?page=3"));
        assert_eq!(link("<https://a/b?page=1>; rel=\"prev\""), None);
    }

    #[test]
    fn a_complaint_is_a_text_or_what_a_table_has() {
        let tell = |value: Value| words(&value);
        assert_eq!(tell(json!({"message": "no", "code": "x"})).as_deref(), Some("no"));
        assert_eq!(tell(json!([{"field": ["url"], "message": "bad"}])).as_deref(), Some("bad"));
        assert_eq!(tell(json!({"url": ["is bad", "is long"]})).as_deref(), Some("url: is bad; is long"));
        assert_eq!(tell(json!([])), None);
    }

    proptest! {
        #[test]
        fn no_link_breaks_it(line: String) {
            let _ = link(&line);
        }
    }
}
