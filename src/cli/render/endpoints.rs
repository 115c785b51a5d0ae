//! Endpoints of platforms, as text.

use serde_json::{Value, json};

use crate::cli::render::add;
use crate::platform::admin::Hook;
use crate::view::safe;

/// One line about an endpoint.
#[must_use]
pub fn row(hook: &Hook) -> String {
    let state = match hook.fields.get("disabled").and_then(Value::as_bool) {
        Some(true) => match hook.text("disabled_by") {
            "" => "disabled".to_owned(),
            by => format!("disabled ({by})"),
        },
        _ => "enabled".to_owned(),
    };
    let name = if hook.text("name").is_empty() { "-" } else { hook.text("name") };
    let events = hook.events().join(",");
    let line = format!("{}  {name:<20}  {state:<10}  {}  {events}", hook.text("id"), hook.text("url"));
    safe(line.as_bytes())
}

/// Everything else about it, a line a field.
pub fn details(hook: &Hook) -> impl Iterator<Item = String> + '_ {
    let known = ["id", "name", "url", "events"];
    hook.fields.iter().filter_map(move |(name, value)| {
        let empty = value.is_null() || value == &json!([]) || value == &json!({}) || value == "";
        if known.contains(&name.as_str()) || empty {
            return None;
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(safe(format!("  {name}: {value}").as_bytes()))
    })
}

/// What was done with it, in a line.
#[must_use]
pub fn outcome(result: &str, hook: &Hook) -> String {
    let events = hook.events().join(",");
    let words = [&result.replace('_', " "), hook.text("id"), hook.text("name"), hook.text("url"), &events];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    safe(words.join("  ").as_bytes())
}

/// All of them as `whk apply` reads them.
#[must_use]
pub fn toml(title: &str, scheme: Option<&str>, hooks: &[Hook]) -> String {
    let mut text = format!("# Endpoints of {}. whk apply makes a platform match them.\n", safe(title.as_bytes()));
    for hook in hooks {
        text.push_str("\n[[endpoint]]\n");
        for name in ["name", "url", "events", "disabled", "scheme", "rate_limit", "ordered", "uid"] {
            let Some(value) = hook.fields.get(name) else { continue };
            // The platform's own scheme goes without saying, and another platform has another.
            let own = name == "scheme" && value.as_str() == scheme;
            let usual = own || value.is_null() || value == &json!(false) || value == "" || value == &json!([]);
            if let (false, Ok(value)) = (usual, toml::Value::try_from(value)) {
                add(&mut text, format_args!("{name} = {value}\n"));
            }
        }
    }
    text.trim_end().to_owned()
}
