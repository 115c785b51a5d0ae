//! The endpoints of a relay, as commands see them.

use serde_json::Value;

use crate::cli::error::CliError;
use crate::cli::remote::{Remote, with_query};
use crate::view::safe;

/// Where they are.
const PATH: &str = "/api/v1/admin/webhooks";

/// The endpoints of an app.
pub struct Hooks<'a> {
    /// The relay.
    pub remote: &'a Remote<'a>,
    /// The app; the token's own, or default, if `None`.
    pub app: Option<&'a str>,
}

impl Hooks<'_> {
    /// All of them, in the order they were made.
    ///
    /// # Errors
    /// If the relay does not answer, or refuses.
    pub async fn all(&self) -> Result<Vec<Value>, CliError> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let path = with_query(PATH, &[("app", self.app), ("limit", Some("1000")), ("cursor", cursor.as_deref())]);
            let mut page = self.remote.call("GET", &path, None).await?;
            if let Some(items) = page["data"].as_array_mut() {
                all.append(items);
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Makes one.
    ///
    /// # Errors
    /// If the relay does not answer, or refuses.
    pub async fn create(&self, wish: &Value) -> Result<Value, CliError> {
        self.remote.call("POST", &with_query(PATH, &[("app", self.app)]), Some(wish)).await
    }

    /// Does something with one; `verb` is what follows its id in the path.
    ///
    /// # Errors
    /// If the relay does not answer, or refuses.
    pub async fn act(&self, method: &str, id: &str, verb: &str, body: Option<&Value>) -> Result<Value, CliError> {
        let path = with_query(&format!("{PATH}/{id}{verb}"), &[("app", self.app)]);
        self.remote.call(method, &path, body).await
    }

    /// The id of the one that somebody means by this: its id, its uid or its name.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub async fn id_of(&self, key: &str) -> Result<String, CliError> {
        let all = self.all().await?;
        let by = |field: &str| all.iter().filter(|one| one[field] == key).collect::<Vec<_>>();
        let found = ["id", "uid", "name"].into_iter().map(by).find(|found| !found.is_empty()).unwrap_or_default();
        match found.as_slice() {
            [one] => Ok(text(one, "id").to_owned()),
            [] => Err(CliError::usage(format!("there is no endpoint \"{key}\""))
                .kind("not_found")
                .hint("whk endpoints list shows what there is")),
            _ => Err(CliError::usage(format!("more than one endpoint is called \"{key}\": use an id"))
                .kind("ambiguous")
                .hint("whk endpoints list shows their ids")),
        }
    }
}

/// A field that is a text.
#[must_use]
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// A field that is a list of texts.
#[must_use]
pub fn texts(value: &Value, field: &str) -> Vec<String> {
    let items = value[field].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// One line about an endpoint.
#[must_use]
pub fn row(hook: &Value) -> String {
    let state = match hook["disabled"].as_bool() {
        Some(true) => format!("disabled ({})", text(hook, "disabled_by")),
        _ => "enabled".to_owned(),
    };
    let name = text(hook, "name");
    let name = if name.is_empty() { "-" } else { name };
    let line = format!(
        "{}  {:<20}  {state:<10}  {}  {}",
        text(hook, "id"),
        name,
        text(hook, "url"),
        texts(hook, "events").join(",")
    );
    safe(line.as_bytes())
}
