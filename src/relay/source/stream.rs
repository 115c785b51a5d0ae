//! A stream of server-sent events: an events API's, a smee channel's, or any other's whose data is JSON.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::{AppName, CapturedRequest, Event, Failure, FailureKind, Headers, Response, Secret, Target};
use crate::net::events::{Events, ServerEvent};
use crate::net::{Client, ClientError, ClientOptions, Incoming, Outbound};
use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::relay::source::Backoff;
use crate::sign::form;
use crate::view;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// A stream that says nothing for so long is dead: most beat every 15 to 30 seconds.
const SILENCE: Duration = Duration::from_secs(75);
/// No message is longer than the largest body as an event line.
const LONGEST: usize = 256 << 20;
/// How much is read of a refusal.
const REFUSAL: usize = 64 << 10;

/// Which stream.
pub struct Stream {
    target: Target,
    token: Option<Secret>,
    client: Client,
    app: AppName,
    /// Where to go on from, as the stream says it.
    last: Option<String>,
    /// From when on, for the first time.
    since: Option<String>,
    /// How many are handed on at once.
    width: usize,
}

/// Which stream, and what for.
#[derive(Debug)]
pub struct Wanted {
    /// Where it is.
    pub target: Target,
    /// A token to show.
    pub token: Option<Secret>,
    /// Whose events they become.
    pub app: AppName,
    /// From when on, for servers that know `?since=`.
    pub since: Option<String>,
    /// After the message of this id.
    pub last: Option<String>,
    /// How many are handed on at once; one keeps their order.
    pub width: usize,
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It cannot be reached.
    #[error("{}", .0.message)]
    Unreachable(Failure),
    /// Its server answered something else.
    #[error("the stream's server said {}", .0.status)]
    Refused(Response),
    /// It is no stream of events.
    #[error("what comes from there is {0}, not a stream of events (text/event-stream)")]
    NoStream(String),
}

impl Stream {
    /// Prepares to follow it.
    ///
    /// # Errors
    /// If the certificates to trust cannot be read.
    pub fn new(wanted: Wanted, client: ClientOptions) -> Result<Self, ClientError> {
        let Wanted { target, token, app, since, last, width } = wanted;
        Ok(Self { target, token, client: Client::new(client)?, app, last, since, width: width.max(1) })
    }

    /// Connects.
    ///
    /// # Errors
    /// Why there is no stream.
    pub async fn connect(&self) -> Result<Incoming, StreamError> {
        let mut headers = Headers::new();
        let bearer = self.token.as_ref().map(|token| format!("Bearer {}", token.reveal()));
        let lines = [
            ("Host", Some(self.target.authority())),
            ("Accept", Some("text/event-stream".to_owned())),
            ("Cache-Control", Some("no-store".to_owned())),
            ("Authorization", bearer),
            ("Last-Event-ID", self.last.clone()),
        ];
        for (name, value) in lines {
            if let Some(value) = value {
                // An id with a line break in it is none to go on from.
                drop(headers.push(name, value));
            }
        }
        let mut request_target = self.target.request_target("", None);
        if let Some(since) = self.since.as_ref().filter(|_| self.last.is_none()) {
            let since = form::encoded(since.as_bytes(), b"-_.~", "%20");
            let sign = if request_target.contains('?') { '&' } else { '?' };
            request_target = format!("{request_target}{sign}since={}", String::from_utf8_lossy(&since));
        }
        let outbound = Outbound { target: &self.target, method: "GET", request_target, headers, body: Bytes::new() };
        let mut incoming = self.client.follow(&outbound, PATIENCE).await.map_err(StreamError::Unreachable)?;
        if incoming.status != 200 {
            let (status, headers, body) = (incoming.status, incoming.headers.clone(), rest(&mut incoming).await);
            return Err(StreamError::Refused(Response { status, headers, body, truncated: false }));
        }
        let kind = incoming.headers.text("content-type").unwrap_or("nothing in particular").to_owned();
        if kind.trim_start().starts_with("text/event-stream") { Ok(incoming) } else { Err(StreamError::NoStream(kind)) }
    }

    /// Follows it until told to stop, however often it breaks.
    pub(super) async fn run(mut self, first: Incoming, pipeline: Arc<Pipeline>, stop: CancellationToken) {
        let (tasks, gate) = (TaskTracker::new(), Arc::new(Semaphore::new(self.width)));
        let (mut incoming, mut backoff) = (Some(first), Backoff::new());
        while !stop.is_cancelled() {
            let reason = match incoming.take() {
                Some(stream) => {
                    let reading = self.read(stream, &pipeline, (&tasks, &gate));
                    let reason = tokio::select! {
                        why = reading => why,
                        () = stop.cancelled() => break,
                    };
                    backoff = Backoff::new();
                    reason
                }
                None => match self.connect().await {
                    Ok(stream) => {
                        pipeline.tell(Notice::Connected);
                        incoming = Some(stream);
                        continue;
                    }
                    Err(why) => why.to_string(),
                },
            };
            backoff.rest(reason, &pipeline, &stop).await;
        }
        tasks.close();
        drop(timeout(pipeline.options.limits.drain, tasks.wait()).await);
    }

    /// Reads until the stream breaks; gives back why.
    async fn read(
        &mut self,
        mut stream: Incoming,
        pipeline: &Arc<Pipeline>,
        (tasks, gate): (&TaskTracker, &Arc<Semaphore>),
    ) -> String {
        let mut events = Events::new(LONGEST);
        loop {
            let piece = match timeout(SILENCE, stream.next()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => return "the stream ended".to_owned(),
                Ok(Err(why)) => return why.message,
                Err(_) => return "the stream is silent".to_owned(),
            };
            let messages = match events.take(&piece) {
                Ok(messages) => messages,
                Err(why) => return why.to_string(),
            };
            for message in messages {
                let Ok(permit) = Arc::clone(gate).acquire_owned().await else { return String::new() };
                if !message.id.is_empty() {
                    self.last = Some(message.id.clone());
                }
                let Some(arrival) = arrival(&message, &self.app, pipeline) else { continue };
                let pipeline = Arc::clone(pipeline);
                tasks.spawn(async move {
                    if let Err(why) = arrival.take_in(&pipeline).await {
                        let message = format!("an event of the stream could not be kept: {why}");
                        pipeline.tell(Notice::Trouble { message });
                    }
                    drop(permit);
                });
            }
        }
    }
}

async fn rest(incoming: &mut Incoming) -> Bytes {
    let mut body = Vec::new();
    while let Ok(Ok(Some(piece))) = timeout(Duration::from_secs(2), incoming.next()).await {
        body.extend_from_slice(&piece);
        if body.len() > REFUSAL {
            break;
        }
    }
    Bytes::from(body)
}

/// What a message brings.
enum Arrival {
    /// An event with a name of its own.
    Named(Box<Event>),
    /// A request.
    Unnamed(AppName, CapturedRequest),
}

impl Arrival {
    async fn take_in(self, pipeline: &Arc<Pipeline>) -> Result<(), crate::store::StoreError> {
        match self {
            Self::Named(event) => pipeline.carry(*event).await.map(drop),
            Self::Unnamed(app, request) => pipeline.ingest(app, request).await.map(drop),
        }
    }
}

/// What a message brings, if it is not a word about the stream itself.
fn arrival(message: &ServerEvent, app: &AppName, pipeline: &Pipeline) -> Option<Arrival> {
    if message.kind == "gap" {
        pipeline.tell(Notice::Trouble { message: "some events of the stream may be missing".to_owned() });
        return None;
    }
    if matches!(message.kind.as_str(), "ready" | "ping" | "heartbeat" | "keepalive") {
        return None;
    }
    if let Some(event) = view::event_from_json(&message.data).ok().filter(|_| is_event_line(&message.data)) {
        return Some(Arrival::Named(Box::new(event)));
    }
    let now = pipeline.clock.now();
    let mut request = of_channel(&message.data).unwrap_or_else(|| plain(message));
    request.target = format!("/in/{app}{}", request.target);
    request.received_at = now;
    Some(Arrival::Unnamed(app.clone(), request))
}

/// Events of an events API have a body in base64; other JSON with an id has not.
fn is_event_line(data: &str) -> bool {
    let value: Value = serde_json::from_str(data).unwrap_or_default();
    value["id"].is_string() && (value["type"] == "event" || value["body_b64"].is_string())
}

/// A request as a smee channel carries it: header lines, `body` and `query` side by side. Its body is the text that
/// stands there, which for JSON without white space is what was signed.
fn of_channel(data: &str) -> Option<CapturedRequest> {
    let fields: std::collections::BTreeMap<String, Box<RawValue>> = serde_json::from_str(data).ok()?;
    let body = fields.get("body")?;
    let order: serde_json::Map<String, Value> = serde_json::from_str(data).ok()?;
    if !order.contains_key("host") && !order.contains_key("content-type") && !order.contains_key("timestamp") {
        return None;
    }
    let body = match order.get("body") {
        Some(Value::String(text)) => Bytes::from(text.clone()),
        _ => Bytes::from(body.get().to_owned()),
    };
    let mut headers = Headers::new();
    for (name, value) in &order {
        let of_its_own = ["body", "query", "timestamp", "content-length", "transfer-encoding", "connection"];
        if let Some(value) = value.as_str().filter(|_| !of_its_own.contains(&name.as_str())) {
            // What cannot be a header line was none.
            drop(headers.push(name, value));
        }
    }
    let query = order.get("query").and_then(Value::as_object).map(pairs).unwrap_or_default();
    let target = if query.is_empty() { String::new() } else { format!("?{query}") };
    Some(CapturedRequest { target, headers, body, ..posted() })
}

fn pairs(query: &serde_json::Map<String, Value>) -> String {
    let escaped = |text: &str| String::from_utf8_lossy(&form::encoded(text.as_bytes(), b"-_.~*", "%20")).into_owned();
    let texts = query.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    texts.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

/// Any other data, as a request with it.
fn plain(message: &ServerEvent) -> CapturedRequest {
    let is_json = serde_json::from_str::<&RawValue>(&message.data).is_ok();
    let mut headers = Headers::new();
    let kind = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    for (name, value) in [("Content-Type", kind), ("X-Event-Type", &message.kind), ("X-Event-Id", &message.id)] {
        if !value.is_empty() {
            // An id with a line break in it is left out.
            drop(headers.push(name, value));
        }
    }
    CapturedRequest { headers, body: Bytes::from(message.data.clone()), ..posted() }
}

fn posted() -> CapturedRequest {
    CapturedRequest {
        method: "POST".to_owned(),
        target: String::new(),
        headers: Headers::new(),
        body: Bytes::new(),
        remote: String::new(),
        received_at: crate::model::Timestamp::default(),
    }
}

impl From<StreamError> for Failure {
    fn from(why: StreamError) -> Self {
        match why {
            StreamError::Unreachable(failure) => failure,
            other => Self { kind: FailureKind::Malformed, message: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_carries_header_lines_body_and_query() {
        let data = r#"{"host":"smee.test","content-type":"application/json","x-github-event":"ping","body":{"n":1.0,"b":[1,2]},"query":{"a":"1 2"},"timestamp":17}"#;
        let request = of_channel(data).unwrap();
        assert_eq!(&request.body[..], br#"{"n":1.0,"b":[1,2]}"#, "numbers stay as they are written");
        assert_eq!(request.headers.text("x-github-event"), Some("ping"));
        assert_eq!((request.target.as_str(), request.headers.has("timestamp")), ("?a=1%202", false));
        assert!(of_channel(r#"{"body":1}"#).is_none(), "any JSON may have a body");
        assert!(of_channel("[1]").is_none());
    }

    #[test]
    fn other_data_is_a_request_with_it() {
        let message = ServerEvent { id: "7".into(), kind: "order.created".into(), data: "{\"a\": 1}".into() };
        let request = plain(&message);
        assert_eq!(
            (&request.body[..], request.headers.text("x-event-type")),
            (&b"{\"a\": 1}"[..], Some("order.created"))
        );
        let text = plain(&ServerEvent { data: "hello".into(), ..ServerEvent::default() });
        assert_eq!(text.headers.text("content-type"), Some("text/plain; charset=utf-8"));
    }

    #[test]
    fn only_what_says_so_is_an_event_line() {
        assert!(is_event_line(r#"{"type":"event","id":"msg_1"}"#));
        assert!(!is_event_line(r#"{"type":"order","id":"1"}"#));
        assert!(!is_event_line("no JSON"));
    }
}
