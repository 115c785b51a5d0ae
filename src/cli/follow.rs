//! A relay's stream of events, read from wherever it was left when the relay was away.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::remote::{At, Remote, refusal, with_query};
use crate::model::{Event, EventId, Headers};
use crate::net::Incoming;
use crate::view::{self, safe};

const PATH: &str = "/api/v1/webhooks/events/stream";
/// How long it waits before it comes again, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A stream that says nothing for so long is dead: it beats every two seconds.
const SILENCE: Duration = Duration::from_secs(10);
/// No line of a stream is longer than the largest body as an event line.
const LONGEST_LINE: usize = 256 << 20;

/// Somebody who follows a stream.
pub struct Follower<'a> {
    context: &'a Context,
    remote: Remote<'a>,
    app: Option<String>,
    types: Vec<String>,
    since: Option<String>,
    last: Option<String>,
    stream: Incoming,
    rest: Vec<u8>,
    message: Message,
    told: VecDeque<Told>,
    away: bool,
}

/// What a stream tells.
pub enum Told {
    /// An event came.
    Event(Box<Event>),
    /// Something may be missing here.
    Gap(Value),
}

impl<'a> Follower<'a> {
    /// Follows from a moment or behind an event on, or from now on; events of these types, or all.
    ///
    /// # Errors
    /// If no relay answers, or it refuses.
    pub async fn start(
        context: &'a Context,
        at: &'a At,
        types: Vec<String>,
        since: Option<&str>,
    ) -> Result<Self, CliError> {
        let remote = Remote::find(context, at)?;
        let is_id = since.is_some_and(|text| text.starts_with(EventId::PREFIX));
        let since = since.map(str::to_owned);
        let (since, last) = if is_id { (None, since) } else { (since, None) };
        // Whoever comes back before the first event wants what came meanwhile.
        let began = context.clock.now().to_string();
        let app = at.app.clone();
        let stream = open(&remote, &query(app.as_deref(), &types, since.as_deref()), last.as_deref()).await?;
        let since = since.or_else(|| last.is_none().then_some(began));
        Ok(Self {
            context,
            remote,
            app,
            types,
            since,
            last,
            stream,
            rest: Vec::new(),
            message: Message::default(),
            told: VecDeque::new(),
            away: false,
        })
    }

    /// What comes next; comes again until somebody answers when the relay is gone.
    ///
    /// # Errors
    /// If the relay refuses when it is back, or stdout is closed.
    pub async fn next(&mut self) -> Result<Told, CliError> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(told);
            }
            if let Err(why) = self.read().await {
                self.again(&why).await?;
            }
        }
    }

    /// Whether the relay is gone at the moment.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        self.away
    }

    /// Reads a piece of the stream, or says why it ended.
    async fn read(&mut self) -> Result<(), String> {
        let piece = match tokio::time::timeout(SILENCE, self.stream.next()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None)) => return Err("the stream ended".to_owned()),
            Ok(Err(why)) => return Err(why.message),
            Err(_) => return Err("the stream is silent".to_owned()),
        };
        let seen = self.rest.len();
        self.rest.extend_from_slice(&piece);
        if self.rest.len() > LONGEST_LINE {
            return Err("a line of the stream is too long".to_owned());
        }
        let Some(end) = memchr::memrchr(b'\n', &piece) else { return Ok(()) };
        let whole: Vec<u8> = self.rest.drain(..=seen + end).collect();
        for line in whole.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
            if self.message.add(&line) {
                let message = std::mem::take(&mut self.message);
                self.take(message);
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) {
        if message.kind == "gap" {
            self.told.push_back(Told::Gap(serde_json::from_str(&message.data).unwrap_or_default()));
            return;
        }
        let Ok(event) = view::event_from_json(&message.data) else { return };
        if !message.id.is_empty() {
            self.last = Some(message.id);
        }
        self.told.push_back(Told::Event(Box::new(event)));
    }

    /// Comes again until somebody answers.
    async fn again(&mut self, why: &str) -> Result<(), CliError> {
        let (ui, mut wait) = (&self.context.ui, FIRST_WAIT);
        if ui.is_json() {
            ui.json(&json!({"type": "reconnecting", "reason": why}))?;
        }
        ui.note(&safe(format!("the relay is gone ({why}); waiting for it").as_bytes()));
        self.away = true;
        self.rest.clear();
        self.message = Message::default();
        loop {
            tokio::time::sleep(wait).await;
            self.remote.look_again();
            let since = self.since.as_deref().filter(|_| self.last.is_none());
            let query = query(self.app.as_deref(), &self.types, since);
            match open(&self.remote, &query, self.last.as_deref()).await {
                Ok(stream) => {
                    self.stream = stream;
                    self.away = false;
                    ui.note("the relay is back");
                    return Ok(());
                }
                // What a relay refuses it refuses the next time too.
                Err(why) if why.exit == Exit::Usage => return Err(why),
                Err(_) => wait = (wait * 2).min(LONGEST_WAIT),
            }
        }
    }
}

fn query(app: Option<&str>, types: &[String], since: Option<&str>) -> String {
    let mut params = vec![("app", app), ("since", since)];
    params.extend(types.iter().map(|glob| ("type", Some(glob.as_str()))));
    with_query(PATH, &params)
}

async fn open(remote: &Remote<'_>, path: &str, last: Option<&str>) -> Result<Incoming, CliError> {
    let mut headers = Headers::new();
    let bad = |why| CliError::usage(format!("--since: {why}"));
    headers.push("Accept", "text/event-stream").map_err(bad)?;
    if let Some(last) = last {
        headers.push("Last-Event-ID", last).map_err(bad)?;
    }
    let mut stream = remote.follow(path, &headers).await?;
    if stream.status == 200 {
        return Ok(stream);
    }
    let mut body = Vec::new();
    while let Ok(Some(piece)) = stream.next().await {
        body.extend_from_slice(&piece);
        if body.len() > 64 << 10 {
            break;
        }
    }
    Err(refusal(stream.status, &body))
}

/// What a stream says between two empty lines.
#[derive(Default)]
struct Message {
    id: String,
    kind: String,
    data: String,
}

impl Message {
    /// Takes a line; says whether the message is whole. The last part of a split is an empty line too, and harmless.
    fn add(&mut self, line: &str) -> bool {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut self.id),
            "event" => value.clone_into(&mut self.kind),
            "data" => self.data.push_str(value),
            _ => {}
        }
        line.is_empty() && !self.data.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_whole_at_an_empty_line_after_data() {
        let mut message = Message::default();
        for line in [": beat", "", "id: msg_1", "retry: 1", "event:x", "data: a"] {
            assert!(!message.add(line), "{line}");
        }
        assert!(message.add(""));
        assert_eq!((message.id.as_str(), message.kind.as_str(), message.data.as_str()), ("msg_1", "x", "a"));
    }
}
