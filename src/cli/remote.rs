//! A relay that commands talk to: the one that runs here, or another.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::relay::token;
use crate::cli::running;
use crate::config::secret::SecretSource;
use crate::model::{Headers, Response, Secret, Target};
use crate::net::{Client, Incoming, Outbound};
use crate::sign::form;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which relay.
#[derive(Clone, Debug, Default, Args)]
pub struct At {
    /// The relay [default: the one that runs here]
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Its token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine's own]
    #[arg(long, visible_alias = "key", value_name = "TOKEN")]
    pub token: Option<String>,
    /// The app
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
}

/// A relay that commands talk to.
pub struct Remote<'a> {
    context: &'a Context,
    at: &'a At,
    client: Client,
    token: Secret,
    target: Target,
}

impl<'a> Remote<'a> {
    /// Finds it.
    ///
    /// # Errors
    /// If none runs, or its token cannot be had.
    pub fn find(context: &'a Context, at: &'a At) -> Result<Self, CliError> {
        let client = Client::new(context.client_options(false, None)?).map_err(CliError::internal)?;
        let target = target(context, at)?;
        Ok(Self { context, at, client, token: token_of(context, at)?, target })
    }

    /// Looks again where it is; a relay may come back on another port.
    pub fn look_again(&mut self) {
        if let Ok(target) = target(self.context, self.at) {
            self.target = target;
        }
    }

    /// Asks for something and gives back the answer, which is JSON.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, CliError> {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let response = self.exchange(method, path, body, &Headers::new()).await?;
        if !(200..300).contains(&response.status) {
            return Err(refusal(response.status, &response.body));
        }
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }

    /// Asks for something and gives back the whole answer.
    ///
    /// # Errors
    /// If there is none.
    pub async fn exchange(&self, method: &str, path: &str, body: Bytes, extra: &Headers) -> Result<Response, CliError> {
        let outbound = self.outbound(method, path, body, extra)?;
        self.client.exchange(&outbound, Some(PATIENCE)).await.map_err(|why| CliError::from(&why))
    }

    /// Asks for a stream.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn follow(&self, path: &str, extra: &Headers) -> Result<Incoming, CliError> {
        let outbound = self.outbound("GET", path, Bytes::new(), extra)?;
        self.client.follow(&outbound, PATIENCE).await.map_err(|why| CliError::from(&why))
    }

    /// The URL of a path, for people.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.target.url(&self.request_target(path))
    }

    fn outbound(&self, method: &str, path: &str, body: Bytes, extra: &Headers) -> Result<Outbound<'_>, CliError> {
        let method = match method {
            "GET" => "GET",
            "PATCH" => "PATCH",
            "DELETE" => "DELETE",
            _ => "POST",
        };
        let bad = |_| CliError::usage("the token has a character that no token has");
        let mut headers = Headers::new();
        headers.push("Host", self.target.authority()).map_err(bad)?;
        headers.push("Authorization", format!("Bearer {}", self.token.reveal())).map_err(bad)?;
        if !body.is_empty() {
            headers.push("Content-Type", "application/json").map_err(bad)?;
        }
        headers.push("Content-Length", body.len().to_string()).map_err(bad)?;
        let headers = headers.overlaid(extra);
        Ok(Outbound { target: &self.target, method, request_target: self.request_target(path), headers, body })
    }

    fn request_target(&self, path: &str) -> String {
        format!("{}{path}", self.target.path.trim_end_matches('/'))
    }
}

/// A path with parameters: those that are given.
#[must_use]
pub fn with_query(path: &str, params: &[(&str, Option<&str>)]) -> String {
    let given = params.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let mut whole = path.to_owned();
    for (index, (name, value)) in given.enumerate() {
        whole.push(if index == 0 { '?' } else { '&' });
        whole.push_str(name);
        whole.push('=');
        whole.push_str(&String::from_utf8_lossy(&form::encoded(value.as_bytes(), b"-_.~*", "%20")));
    }
    whole
}

/// A refusal, in the relay's own words.
#[must_use]
pub fn refusal(status: u16, body: &[u8]) -> CliError {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = said["detail"].as_str().map(str::to_owned);
    let words = words.unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(200).collect());
    refused(status, &words)
}

/// A refusal in words.
#[must_use]
pub fn refused(status: u16, words: &str) -> CliError {
    let message = format!("the relay said {status}: {words}");
    match status {
        401 => CliError::usage(message)
            .kind("unauthorized")
            .hint("--token or WHK_TOKEN gives a token; whk relay token create makes one"),
        403 => CliError::usage(message).kind("forbidden"),
        404 => CliError::usage(message).kind("not_found"),
        409 => CliError::usage(message).kind("conflict"),
        400..=499 => CliError::usage(message).kind("refused"),
        _ => CliError { exit: Exit::Unreachable, ..CliError::unreachable(message) }.kind("relay_failed"),
    }
}

fn target(context: &Context, at: &At) -> Result<Target, CliError> {
    if let Some(url) = &at.base_url {
        return url.parse().map_err(|why| CliError::usage(format!("--base-url: {why}")));
    }
    let found = running::find(&context.settings.home).ok_or_else(|| {
        CliError::unreachable("no relay is running here").kind("no_relay").hint("start one: whk relay")
    })?;
    found.url.parse().map_err(CliError::internal)
}

/// The token of a relay: given, or this machine's own.
///
/// # Errors
/// If there is none.
pub fn token_of(context: &Context, at: &At) -> Result<Secret, CliError> {
    if let Some(given) = at.token.as_deref().or_else(|| context.world.variable("WHK_TOKEN")) {
        return Ok(SecretSource::new(&context.world, &context.env_files)?.secret(given)?);
    }
    let path = context.settings.home.join(token::FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Secret::new(text.trim())),
        Err(_) => Err(CliError::usage("there is no token of this machine's relay here")
            .kind("unauthorized")
            .hint("--token or WHK_TOKEN gives one; a relay makes one when it starts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_and_left_out_when_not_given() {
        assert_eq!(with_query("/x", &[]), "/x");
        assert_eq!(with_query("/x", &[("a", Some("1 &2")), ("b", None), ("c", Some("o.*"))]), "/x?a=1%20%262&c=o.*");
    }
}
