//! A platform that is described by flags: a REST API with a list, and an address for each endpoint.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use crate::platform::admin::{Platform, PlatformError};

/// What `--platform` says for it.
pub(super) const NAME: &str = "generic";

/// What an API is like that no file describes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "With --platform generic")]
pub struct Generic {
    /// The path of its endpoints [default: /webhooks]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The method that changes one [default: PATCH]
    #[arg(long, value_name = "METHOD", value_enum)]
    update: Option<Method>,
    /// The header line with the key, as 'X-Api-Key: {key}' [default: Authorization: Bearer {key}]
    #[arg(long, value_name = "K: V")]
    auth: Option<String>,
    /// Where a field of an endpoint is, as url=target.url: id, name, url, events, disabled, secret. Repeatable
    #[arg(long, value_name = "FIELD=PATH")]
    field: Vec<String>,
    /// Where the list is in its answer, as data.items [default: the answer itself]
    #[arg(long, value_name = "PATH")]
    items: Option<String>,
    /// How a list goes on, as cursor=meta.next: a parameter, and where its value is
    #[arg(long, value_name = "PARAM=PATH")]
    next: Option<String>,
    /// How bodies are written [default: json]
    #[arg(long, value_name = "FORM", value_enum)]
    body: Option<Body>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Method {
    Patch,
    Post,
    Put,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Body {
    Json,
    Form,
}

impl Generic {
    /// The platform that the flags make.
    pub(super) fn platform(&self) -> Result<Platform, PlatformError> {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let pointer = |path: &str| quoted(&format!("/{}", path.trim_start_matches('/').replace('.', "/")));
        let path = format!("/{}", self.path.as_deref().unwrap_or("/webhooks").trim_matches('/'));
        let auth = self.auth.as_deref().unwrap_or("Authorization: Bearer {key}");
        let (name, value) = auth.split_once(':').unwrap_or((auth, "{key}"));
        let form = matches!(self.body, Some(Body::Form));
        let mut text = format!("title = \"the platform\"\nformat = \"{}\"\n", if form { "form" } else { "json" });
        let _ = writeln!(text, "headers = {{ {} = {} }}", quoted(name.trim()), quoted(value.trim()));
        let _ = writeln!(text, "list.request = {}", quoted(&format!("GET {path}")));
        let _ = writeln!(text, "create.request = {}", quoted(&format!("POST {path}")));
        let _ = writeln!(text, "delete.request = {}", quoted(&format!("DELETE {path}/{{id}}")));
        if let Some(items) = &self.items {
            let _ = writeln!(text, "list.items = {}", pointer(items));
        }
        if let Some((param, place)) = self.next.as_deref().and_then(|next| next.split_once('=')) {
            let _ = writeln!(text, "list.next = {{ cursor = {}, query = {} }}", pointer(place), quoted(param));
        }
        text.push_str("error.message = [\"/error\", \"/errors\", \"/detail\", \"/message\"]\n");
        let (update, whole) = match self.update {
            None | Some(Method::Patch) => ("PATCH", false),
            Some(Method::Post) => ("POST", false),
            Some(Method::Put) => ("PUT", true),
        };
        text.push_str("[fields]\n");
        for field in ["id", "name", "url", "events", "disabled", "secret"] {
            let given = self.field.iter().filter_map(|text| text.split_once('='));
            let place = given.rev().find(|(name, _)| *name == field).map(|(_, place)| place);
            let place = pointer(place.unwrap_or(field));
            let _ = match field {
                "id" | "secret" => writeln!(text, "{field} = {{ read = {place} }}"),
                _ => writeln!(text, "{field} = {place}"),
            };
        }
        let _ = writeln!(text, "[[update]]\nwhole = {whole}\nrequest = {}", quoted(&format!("{update} {path}/{{id}}")));
        Platform::parse(NAME, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_make_a_platform() {
        let plain = Generic::default().platform().unwrap();
        assert_eq!(plain.about.create.request, "POST /webhooks");
        let generic = Generic {
            path: Some("/api/hooks/".to_owned()),
            update: Some(Method::Put),
            auth: Some("X-Key: {key}".to_owned()),
            field: vec!["url=target.url".to_owned(), "events=topics".to_owned()],
            items: Some("data.items".to_owned()),
            next: Some("after=meta.next".to_owned()),
            body: Some(Body::Form),
        };
        let about = generic.platform().unwrap().about;
        assert_eq!(about.fields["url"].write.as_ref().unwrap().to_string(), "/target/url");
        assert_eq!(
            (about.headers["X-Key"].as_str(), about.list.items.unwrap().to_string()),
            ("{key}", "/data/items".to_owned())
        );
        assert!(about.update[0].whole && about.update[0].request == "PUT /api/hooks/{id}");
    }
}
