//! Event types as platforms write them, and as whk does: a list of names, `*` for all.

use serde_json::{Value, json};

use crate::platform::admin::description::{EventForm, Events};
use crate::platform::admin::place;

/// Every type.
pub const ALL: &str = "*";

/// The names in a list.
#[must_use]
pub fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

impl Events {
    /// A name as the platform spells it.
    #[must_use]
    pub fn spelt(&self, name: &str) -> String {
        if self.upper_snake && name != ALL {
            let snake = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            return name.chars().map(snake).collect();
        }
        if self.all.as_deref() == Some(name) { ALL.to_owned() } else { name.to_owned() }
    }

    /// The types of an endpoint, whose list is `found`.
    pub(super) fn read(&self, item: &Value, found: Option<&Value>) -> Vec<String> {
        if self.form == EventForm::Switches {
            let is_on = |at: &&crate::sign::json::Pointer| place::read(item, at) == Some(&Value::Bool(true));
            return self.switches.iter().filter(|(_, at)| is_on(at)).map(|(name, _)| name.clone()).collect();
        }
        let names: Vec<_> = list(found).iter().map(|name| self.spelt(name)).collect();
        if names.is_empty() && self.absent_is_all { vec![ALL.to_owned()] } else { names }
    }

    /// The list to write; `None` if they are not written as one.
    pub(super) fn written(&self, wanted: &Value) -> Option<Value> {
        let names: Vec<_> = list(Some(wanted)).iter().map(|name| self.spelt(name)).collect();
        match self.form {
            EventForm::Switches => None,
            EventForm::Single => names.into_iter().next().map(Value::String),
            EventForm::List if names.iter().any(|name| name == ALL) => {
                if self.absent_is_all {
                    return Some(Value::Null);
                }
                Some(json!([self.all.as_deref().unwrap_or(ALL)]))
            }
            EventForm::List => Some(json!(names)),
        }
    }

    /// Turns the switches.
    pub(super) fn switch(&self, wanted: &Value, body: &mut Value) {
        let names = list(Some(wanted));
        for (name, at) in &self.switches {
            place::write(body, at, json!(names.contains(name) || names.iter().any(|name| name == ALL)));
        }
    }
}
