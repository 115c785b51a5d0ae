//! `/smee/<channel>`: what is posted to a channel goes to everyone who listens to it just now; nothing is kept.
//!
//! The clients for this know no token. Whoever knows a channel's name may listen, as everywhere it is used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use crate::model::CapturedRequest;
use crate::net::{Answer, Body, Head};
use crate::relay::http::{guarded, json_answer, problem};
use crate::sign::form;

/// Before the name of a channel.
const PREFIX: &str = "/smee/";
/// So many channels at most; their names come from outside.
const MAX_CHANNELS: usize = 1000;
/// How many messages a listener may be behind before it misses some.
const QUEUE: usize = 64;
/// How often a listener hears that the channel is alive.
const BEAT: Duration = Duration::from_secs(20);

/// The channels that somebody listens to.
#[derive(Default)]
pub(crate) struct Channels {
    all: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
}

/// The channel that a path names.
pub(crate) fn channel_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix(PREFIX)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (!name.is_empty() && name.len() <= 128 && name.bytes().all(fits)).then_some(name)
}

/// Whether something is posted to a channel.
pub(crate) fn is_sent(head: &Head) -> bool {
    let path = head.target.split('?').next().unwrap_or_default();
    head.method == "POST" && channel_of(path).is_some()
}

impl Channels {
    /// Answers what is asked of a channel.
    pub(crate) fn answer(&self, name: &str, request: &CapturedRequest) -> Answer {
        match request.method.as_str() {
            "GET" => self.listen(name),
            "POST" => {
                let sender = self.all().get(name).cloned();
                let heard = sender.map_or(0, |sender| sender.send(message(request)).unwrap_or(0));
                json_answer(200, &json!({"listeners": heard}))
            }
            _ => problem(405, "method_not_allowed", "only GET and POST are known here"),
        }
    }

    fn listen(&self, name: &str) -> Answer {
        let mut all = self.all();
        all.retain(|_, sender| sender.receiver_count() > 0);
        if all.len() >= MAX_CHANNELS && !all.contains_key(name) {
            return problem(503, "too_many_channels", "too many channels are in use");
        }
        let messages = all.entry(name.to_owned()).or_insert_with(|| broadcast::Sender::new(QUEUE)).subscribe();
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(pass_on(messages, sender));
        let mut headers = guarded();
        // The line is ours and well formed.
        drop(headers.push("content-type", "text/event-stream; charset=utf-8"));
        Answer { status: 200, headers, body: Body::Stream(receiver), ..Answer::default() }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, broadcast::Sender<Bytes>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass_on(mut messages: broadcast::Receiver<Bytes>, client: mpsc::Sender<Bytes>) {
    let mut next = Bytes::from_static(b"event: ready\ndata: {}\n\n");
    // A client that takes nothing holds up nobody: it misses what its queue cannot hold.
    while client.send(next).await.is_ok() {
        next = loop {
            match tokio::time::timeout(BEAT, messages.recv()).await {
                Ok(Ok(message)) => break message,
                Ok(Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => break Bytes::from_static(b"event: ping\ndata: {}\n\n"),
            }
        };
    }
}

/// A request as the clients of such channels expect it: its header lines, its body and its query.
fn message(request: &CapturedRequest) -> Bytes {
    let mut fields = Map::new();
    for (name, value) in request.headers.iter() {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        fields.insert(name, json!(String::from_utf8_lossy(value)));
    }
    let query = form::pairs(request.query().unwrap_or_default().as_bytes());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let query: Map<String, Value> = query.iter().map(|(name, value)| (text(name), json!(text(value)))).collect();
    fields.insert("query".to_owned(), Value::Object(query));
    fields.insert("timestamp".to_owned(), json!(request.received_at.millis()));
    // JSON stays as it is written, numbers and all; a line break in it begins another line of data.
    let body = match serde_json::from_slice::<&RawValue>(&request.body) {
        Ok(raw) => raw.get().replace("\r\n", "\n").replace('\r', "\n"),
        Err(_) => json!(String::from_utf8_lossy(&request.body)).to_string(),
    };
    let rest = Value::Object(fields).to_string();
    let rest = rest.strip_prefix('{').unwrap_or_default();
    let text = format!("{{\"body\":{body},{rest}").replace('\n', "\ndata: ");
    Bytes::from(format!("data: {text}\n\n"))
}
