//! An event through a platform, which delivers it to the endpoints of an app.

use std::fmt::Write;

use bytes::Bytes;
use clap::ValueEnum;
use serde_json::json;
use serde_json::value::RawValue;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::remote::{At, Remote, refusal, with_query};
use crate::model::Headers;
use crate::relay::source::redis;
use crate::view::safe;

/// A platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Via {
    /// The relay that runs here.
    Relay,
    /// A server with the API of Svix: a message is created.
    Svix,
    /// An events API: POST /api/v1/webhooks/test.
    EventsApi,
    /// A Redis Stream: an entry is added (--base-url redis://host/0?stream=NAME).
    Redis,
}

/// What is sent.
pub(super) struct Letter<'a> {
    pub(super) event_type: &'a str,
    /// The name its sender gave it.
    pub(super) id: Option<&'a str>,
    pub(super) content: Content,
    pub(super) idempotency_key: Option<&'a str>,
}

/// What it carries.
pub(super) enum Content {
    /// Data that the platform puts into an envelope.
    Data(Box<RawValue>),
    /// JSON as it is to arrive.
    Payload(Box<RawValue>),
}

impl Via {
    /// Whether the platform puts data into an envelope itself.
    pub(super) const fn wraps(self) -> bool {
        matches!(self, Self::Relay | Self::EventsApi | Self::Redis)
    }
}

impl Content {
    /// A whole body, which must be JSON.
    pub(super) fn payload(body: &[u8]) -> Result<Self, CliError> {
        let read = serde_json::from_slice(body).map(Self::Payload);
        read.map_err(|_| CliError::usage("what goes through a platform must be JSON"))
    }
}

/// Sends it, and says under which id it goes.
pub(super) async fn send(context: &Context, at: &At, via: Via, letter: &Letter<'_>) -> Result<Exit, CliError> {
    if via == Via::Redis {
        return add(context, at, letter).await;
    }
    let remote = Remote::find(context, at)?;
    let (path, body) = request(context, at, via, letter)?;
    let mut headers = Headers::new();
    if let Some(key) = letter.idempotency_key {
        headers.push("Idempotency-Key", key).map_err(|why| CliError::usage(format!("--idempotency-key: {why}")))?;
    }
    let answer = remote.exchange("POST", &path, body, &headers).await?;
    if !(200..300).contains(&answer.status) {
        let refused = refusal(answer.status, &answer.body);
        return Err(if refused.exit == Exit::Usage { CliError { exit: Exit::No, ..refused } } else { refused });
    }
    let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let id = said["id"].as_str().unwrap_or_default();
    if context.ui.is_json() {
        context.ui.json(&json!({
            "type": "sent", "event_type": letter.event_type, "id": id, "url": remote.url(&path), "number": 1,
            "status": answer.status, "error": null,
        }))?;
    } else {
        let line = format!("[{}] {} [id {id}] POST {}", answer.status, letter.event_type, remote.url(&path));
        context.ui.line(&safe(line.as_bytes()))?;
    }
    Ok(Exit::Yes)
}

/// Adds an entry to a stream.
async fn add(context: &Context, at: &At, letter: &Letter<'_>) -> Result<Exit, CliError> {
    let url = at
        .base_url
        .as_deref()
        .ok_or_else(|| CliError::usage("--via redis needs --base-url redis://host/0?stream=NAME"))?;
    let address = redis::Address::read(url).map_err(|why| CliError::usage(format!("--base-url: {why}")))?;
    if letter.id.is_some() || letter.idempotency_key.is_some() {
        return Err(CliError::usage("a Redis Stream gives ids itself: leave out --id and --idempotency-key"));
    }
    if address.stream.contains(['*', '?', '[']) {
        return Err(CliError::usage(format!("--base-url: \"{}\" is a pattern; name one stream", address.stream)));
    }
    let (Content::Data(data) | Content::Payload(data)) = &letter.content;
    let added = redis::send(&address, letter.event_type, data.get(), context.clock.now()).await;
    let id = added.map_err(|why| {
        CliError::unreachable(format!("redis: {why}")).kind("redis").hint("is the server running, and there?")
    })?;
    if context.ui.is_json() {
        let (kind, url) = (letter.event_type, &address.stream);
        context.ui.json(&json!({"type": "sent", "event_type": kind, "id": id, "url": url, "number": 1, "status": null, "error": null}))?;
    } else {
        let line = format!("[added] {} [id {id}] XADD {}", letter.event_type, address.stream);
        context.ui.line(&safe(line.as_bytes()))?;
    }
    Ok(Exit::Yes)
}

fn request(context: &Context, at: &At, via: Via, letter: &Letter<'_>) -> Result<(String, Bytes), CliError> {
    let (path, kind, id) = match via {
        Via::Svix => {
            let app = match &at.app {
                Some(app) => app.clone(),
                None => context.app()?.to_string(),
            };
            (format!("/api/v1/app/{app}/msg/"), "eventType", "eventId")
        }
        Via::Relay | Via::EventsApi | Via::Redis => {
            (with_query("/api/v1/webhooks/test", &[("app", at.app.as_deref())]), "event_type", "event_id")
        }
    };
    // The payload is put in as it is written: its numbers and spaces are the sender's.
    let named = json!({kind: letter.event_type}).to_string();
    let mut body = named.strip_suffix('}').unwrap_or(&named).to_owned();
    if let Some(given) = letter.id {
        let _ = write!(body, ",\"{id}\":{}", json!(given));
    }
    let _ = match &letter.content {
        Content::Data(data) => write!(body, ",\"data\":{}}}", data.get()),
        Content::Payload(payload) => write!(body, ",\"payload\":{}}}", payload.get()),
    };
    Ok((path, Bytes::from(body)))
}
