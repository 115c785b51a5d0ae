//! Requests to a platform, from its description and what is wanted.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::Secret;
use crate::platform::admin::description::{Description, Format, List, Step};
use crate::platform::admin::{Fields, Hook, Platform, Wish, place};
use crate::sign::form;
use crate::sign::json::Pointer;

/// A request, but for where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The body; empty if there is none.
    pub body: String,
    /// What the body is.
    pub content_type: &'static str,
    /// Whether it changes nothing, so that it may be sent again.
    pub safe: bool,
}

/// What a request is filled in with.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// Parameters by name.
    pub params: BTreeMap<String, String>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A parameter is missing.
    #[error("{{{0}}} is not known: give --param {0}=VALUE")]
    Missing(String),
    /// The platform gave an id that cannot stand in a path.
    #[error("\"{0}\" cannot be the id of an endpoint")]
    Id(String),
}

impl Platform {
    /// A request that is about no endpoint, or about the one with this id.
    ///
    /// # Errors
    /// If something is missing that stands in it.
    pub fn plain(&self, step: &Step, filling: &Filling, id: Option<&str>) -> Result<Request, AskError> {
        self.request(&step.request, filling, id, &constants(&step.constant, filling, id, &Map::new()))
    }

    /// A request that makes or changes an endpoint. `whole` has what is there already.
    ///
    /// # Errors
    /// If something is missing that stands in it.
    pub fn writing(
        &self,
        step: &Step,
        (filling, id): (&Filling, Option<&str>),
        wish: &Wish,
        secret: Option<&Secret>,
    ) -> Result<Request, AskError> {
        let mut body = constants(&step.constant, filling, id, &wish.fields);
        for (name, value) in &wish.fields {
            self.put(step, name, value, &mut body);
        }
        if let Some(secret) = secret {
            self.put(step, "secret", &Value::String(secret.reveal().to_owned()), &mut body);
        }
        for (place, value) in &wish.set {
            place::write(&mut body, place, value.clone());
        }
        self.request(&step.request, filling, id, &body)
    }

    /// The requests that change an endpoint: of every step that has a field of the wish, what it writes.
    #[must_use]
    pub fn changing<'a>(&'a self, hook: &Hook, change: &Wish) -> Vec<(&'a Step, Wish)> {
        let mut steps: Vec<(&Step, Wish)> = Vec::new();
        for (index, step) in self.about.update.iter().enumerate() {
            let own = |name: &String| step.fields.is_empty() || step.fields.contains(name);
            let fields: Map<_, _> = change.fields.iter().filter(|(name, _)| own(name)).map(pair).collect();
            // Places of the platform's own go with the first step.
            let set = if index == 0 { change.set.clone() } else { Vec::new() };
            let mut wish = Wish { fields, set };
            if wish.is_empty() {
                continue;
            }
            if step.whole {
                let kept = hook.fields.iter().filter(|(name, value)| {
                    self.writes(name) && own(name) && !wish.fields.contains_key(*name) && !value.is_null()
                });
                let kept: Vec<_> = kept.map(pair).collect();
                wish.fields.extend(kept);
            }
            steps.push((step, wish));
        }
        steps
    }

    /// The first page of a list, or the one that a cursor leads to.
    ///
    /// # Errors
    /// If something is missing that stands in it.
    pub fn page(&self, list: &List, filling: &Filling, cursor: Option<&str>) -> Result<Request, AskError> {
        let mut body = constants(&list.constant, filling, None, &Map::new());
        let next = list.next.as_ref().zip(cursor);
        if let Some((at, cursor)) = next.and_then(|(next, cursor)| Some((next.body.as_ref()?, cursor))) {
            place::write(&mut body, at, Value::String(cursor.to_owned()));
        }
        let mut request = self.request(&list.request, filling, None, &body)?;
        // Where the only method is POST, a list is read with it too.
        request.safe = true;
        if let Some((name, cursor)) = next.and_then(|(next, cursor)| Some((next.query.as_ref()?, cursor))) {
            let join = if request.path.contains('?') { '&' } else { '?' };
            request.path = format!("{}{join}{name}={}", request.path, escaped(cursor, b"-_."));
        }
        Ok(request)
    }

    /// Whether an item of a list counts.
    #[must_use]
    pub fn counts(&self, list: &List, filling: &Filling, item: &Value) -> bool {
        list.only.iter().all(|(at, wanted)| {
            let own = Pointer::try_from(at.clone()).ok().and_then(|at| place::text(item, &at));
            fill(wanted, |name| param(&self.about, filling, name)).is_ok_and(|wanted| own == Some(wanted))
        })
    }

    /// A header line or an address with its parameters filled in, as they are.
    ///
    /// # Errors
    /// If something is missing.
    pub fn filled(&self, template: &str, filling: &Filling, key: &str) -> Result<String, AskError> {
        fill(template, |name| match name {
            "key" => Some(key.to_owned()),
            name => param(&self.about, filling, name),
        })
    }

    fn put(&self, step: &Step, name: &str, value: &Value, body: &mut Value) {
        if name == "events" && !self.about.events.switches.is_empty() {
            return self.about.events.switch(value, body);
        }
        let Some(field) = self.about.fields.get(name) else { return };
        let Some(at) = step.write.get(name).or(field.write.as_ref()) else { return };
        let value = match (name, &field.write_as, value) {
            ("events", _, value) => self.about.events.written(value).unwrap_or_default(),
            (_, Some([yes, no]), Value::Bool(on)) => if *on { yes } else { no }.clone(),
            (_, _, value) => value.clone(),
        };
        place::write(body, at, value);
    }

    fn request(&self, template: &str, filling: &Filling, id: Option<&str>, body: &Value) -> Result<Request, AskError> {
        let about = &self.about;
        let (method, path) = template.split_once(' ').unwrap_or(("GET", template));
        if let Some(odd) = id.filter(|id| matches!(*id, "" | "." | "..")) {
            return Err(AskError::Id(odd.to_owned()));
        }
        let variant = about.at.iter().find(|one| filling.params.contains_key(&one.param));
        let path = path.replace("{at}", variant.map_or("", |one| &one.path));
        let mut path = fill(&path, |name| match name {
            "id" => id.map(|id| escaped(id, b"-_.~")),
            name => {
                let slashes = about.param.get(name).is_some_and(|param| param.slashes);
                let keep: &[u8] = if slashes { b"-_.~/" } else { b"-_.~" };
                Some(escaped(&param(about, filling, name)?, keep))
            }
        })?;
        // A parameter that may be left out leaves nothing behind.
        while let Some(start) = path.find(LEFT_OUT) {
            let from = path.get(..start).and_then(|head| head.rfind(['?', '&'])).unwrap_or(start);
            let end = start + LEFT_OUT.len();
            let first = path.get(from..=from) == Some("?");
            let more = path.get(end..).is_some_and(|tail| tail.starts_with('&'));
            path.replace_range(if first && more { from + 1..end + 1 } else { from..end }, "");
        }
        let body = match (body, about.format) {
            (Value::Null, _) => String::new(),
            (body, Format::Json) => body.to_string(),
            (body, Format::Form) => as_form(body),
        };
        let content_type = match about.format {
            Format::Json => "application/json",
            Format::Form => "application/x-www-form-urlencoded",
        };
        Ok(Request { safe: method == "GET", method: method.to_owned(), path, body, content_type })
    }
}

/// Stands for a parameter that was left out, until the path is put together.
const LEFT_OUT: &str = "\u{0}";

fn pair((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// What a body has always; a text may be `{id}`, a parameter or a field of what is wanted.
fn constants(constant: &BTreeMap<String, Value>, filling: &Filling, id: Option<&str>, fields: &Fields) -> Value {
    let mut body = Value::Null;
    for (at, value) in constant {
        let name = value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}'));
        let text = |name: &str| match (name, id) {
            ("id", Some(id)) => Some(id.to_owned()),
            _ => filling.params.get(name).cloned().or_else(|| Some(fields.get(name)?.as_str()?.to_owned())),
        };
        let value = match name {
            Some(name) => text(name).map_or(Value::Null, Value::String),
            None => value.clone(),
        };
        match Pointer::try_from(at.clone()) {
            Ok(at) => place::write(&mut body, &at, value),
            // An empty body that is none the less a body.
            Err(_) => body = value,
        }
    }
    body
}

fn param(about: &Description, filling: &Filling, name: &str) -> Option<String> {
    let known = about.param.get(name);
    let given = filling.params.get(name).cloned();
    given.or_else(|| known?.default.clone()).or_else(|| known?.optional.then(|| LEFT_OUT.to_owned()))
}

fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, AskError> {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&value(name).ok_or_else(|| AskError::Missing(name.to_owned()))?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

fn escaped(text: &str, keep: &[u8]) -> String {
    if text == LEFT_OUT {
        return text.to_owned();
    }
    String::from_utf8_lossy(&form::encoded(text.as_bytes(), keep, "%20")).into_owned()
}

/// `a[b]=c&list[]=1`.
fn as_form(body: &Value) -> String {
    fn walk(name: &str, value: &Value, pairs: &mut Vec<String>) {
        let plain = |text: &str| escaped(text, b"-_.*");
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let key = plain(key);
                    walk(&if name.is_empty() { key } else { format!("{name}[{key}]") }, value, pairs);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(&format!("{name}[]"), item, pairs)),
            Value::Null => pairs.push(format!("{name}=")),
            Value::String(text) => pairs.push(format!("{name}={}", plain(text))),
            other => pairs.push(format!("{name}={other}")),
        }
    }
    let mut pairs = Vec::new();
    walk("", body, &mut pairs);
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_has_lists_and_tables_in_brackets() {
        let body = json!({"url": "https://a/b?c", "enabled_events": ["a.b", "*"], "metadata": {"x y": true}});
        assert_eq!(
            as_form(&body),
            "url=https%3A%2F%2Fa%2Fb%3Fc&enabled_events[]=a.b&enabled_events[]=*&metadata[x%20y]=true"
        );
    }

    #[test]
    fn a_parameter_that_is_left_out_leaves_nothing_behind() {
        let text = "title = \"T\"\nfields = { id = \"/id\", url = \"/url\" }\ncreate = { request = \"POST /h/{id}\" }\n\
                    list = { request = \"GET /h?app={app}&limit=5\" }\nparam.app = { optional = true }\n";
        let platform = Platform::parse("t", text).unwrap();
        let page = |params: &[(&str, &str)]| {
            let params = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            platform.page(&platform.about.list, &Filling { params }, None).unwrap().path
        };
        assert_eq!(page(&[]), "/h?limit=5");
        assert_eq!(page(&[("app", "a/b c")]), "/h?app=a%2Fb%20c&limit=5");
        let odd = platform.plain(&platform.about.create, &Filling::default(), Some(".."));
        assert!(matches!(odd, Err(AskError::Id(_))));
    }
}
