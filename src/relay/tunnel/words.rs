//! The messages of the tunnel, as `docs/tunnel.md` describes them; both of its ends use these.

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::model::{
    AppName, CapturedRequest, Event, EventId, Failure, FailureKind, HeaderError, Headers, Marks, Response, Timestamp,
    Verdict,
};
use crate::store::Cursor;

/// The version that is spoken here.
pub(crate) const VERSION: u16 = 1;
/// Where the tunnel is.
pub(crate) const PATH: &str = "/api/v1/tunnel";

/// The first message, by the listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) version: u16,
    /// Who is at the other end, for people.
    #[serde(default)]
    pub(crate) agent: String,
    /// Chosen once by a listener, so that it can take its own place again.
    pub(crate) session: String,
    #[serde(default)]
    pub(crate) app: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) group: Option<String>,
    /// A time, or an event's id.
    #[serde(default)]
    pub(crate) since: Option<String>,
    /// All up to here came to an end at this listener.
    #[serde(default)]
    pub(crate) after: Option<u64>,
    #[serde(default)]
    pub(crate) only: Vec<String>,
    #[serde(default)]
    pub(crate) except: Vec<String>,
    /// How many requests may be under way at once, and how many bytes of them.
    pub(crate) window: usize,
    pub(crate) window_bytes: usize,
}

/// The answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Welcome {
    pub(crate) version: u16,
    pub(crate) agent: String,
    pub(crate) app: String,
    /// Where senders post to.
    pub(crate) url: String,
    /// Whether answers go back to senders.
    pub(crate) answers: bool,
    /// How much arrived since this listener was there last, and goes first.
    pub(crate) missed: u64,
    /// Whether that is all, or the count was given up there.
    pub(crate) counted: bool,
    /// The cursor that it begins behind: where it goes on from, should it be cut off before anything came.
    pub(crate) after: u64,
    /// How often each side asks whether the other is there.
    pub(crate) heartbeat_ms: u64,
}

/// What is said in text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Word {
    /// Listener: who it is and what it wants.
    Hello(Hello),
    /// Relay: it may stay.
    Welcome(Welcome),
    /// Relay: it may not.
    Refused { code: String, detail: String },
    /// Relay: what was missed is all on its way.
    CaughtUp { missed: u64 },
    /// Relay: something that was missed is not there any more.
    Gap { reason: String },
    /// Listener: the app gave no answer.
    Failure { id: String, kind: String, message: String },
    /// Listener: the request of this event came to an end before.
    Done { id: String },
}

/// The first line of a request's message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "request")]
struct RequestLine {
    id: String,
    cursor: u64,
    app: String,
    event_type: String,
    method: String,
    target: String,
    remote: String,
    received_at: String,
    missed: bool,
    verdict: Option<VerdictFields>,
}

#[derive(Debug, Serialize, Deserialize)]
struct VerdictFields {
    ok: bool,
    scheme: String,
    reason: Option<String>,
}

/// The first line of an answer's message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "response")]
struct ResponseLine {
    id: String,
    status: u16,
}

/// A request on its way to a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The event that it is of.
    pub(crate) event: Event,
    /// Its place in the relay's log.
    pub(crate) cursor: Cursor,
    /// Whether it arrived before the listener did.
    pub(crate) missed: bool,
}

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WordError {
    /// It has no first line, or its header lines do not end.
    #[error("it is not a line of JSON, header lines, an empty line and a body")]
    Shape,
    /// Its first line is not what it should be.
    #[error("its JSON is not as it should be: {0}")]
    Json(#[from] serde_json::Error),
    /// A header line is none.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A field is not what it should be.
    #[error("its field {0} is not as it should be")]
    Field(&'static str),
}

impl Word {
    /// As it is sent.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Request {
    /// As it is sent.
    pub(crate) fn bytes(&self) -> Bytes {
        let Event { id, app, event_type, verdict, request, .. } = &self.event;
        let line = RequestLine {
            id: id.to_string(),
            cursor: self.cursor.0,
            app: app.to_string(),
            event_type: event_type.clone(),
            method: request.method.clone(),
            target: request.target.clone(),
            remote: request.remote.clone(),
            received_at: request.received_at.to_string(),
            missed: self.missed,
            verdict: verdict.clone().map(|Verdict { ok, scheme, reason }| VerdictFields { ok, scheme, reason }),
        };
        joined(&line, &request.headers, &request.body)
    }

    /// Reads one.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self, WordError> {
        let (line, headers, body) = parted::<RequestLine>(bytes)?;
        let fits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !fits(&line.method) || !fits(&line.target) {
            return Err(WordError::Field("target"));
        }
        let app: AppName = line.app.parse().map_err(|_| WordError::Field("app"))?;
        let received_at: Timestamp = line.received_at.parse().map_err(|_| WordError::Field("received_at"))?;
        let RequestLine { method, target, remote, event_type, .. } = line;
        let request = CapturedRequest { method, target, headers, body, remote, received_at };
        let id: EventId = line.id.parse().map_err(|_| WordError::Field("id"))?;
        let verdict = line.verdict.map(|VerdictFields { ok, scheme, reason }| Verdict { ok, scheme, reason });
        let event = Event { id, app, event_type, verdict, request, marks: Marks::default() };
        Ok(Self { event, cursor: Cursor(line.cursor), missed: line.missed })
    }
}

/// An answer as it is sent.
pub(crate) fn answer_bytes(id: EventId, response: &Response) -> Bytes {
    joined(&ResponseLine { id: id.to_string(), status: response.status }, &response.headers, &response.body)
}

/// Reads an answer.
pub(crate) fn read_answer(bytes: &Bytes) -> Result<(EventId, Response), WordError> {
    let (line, headers, body) = parted::<ResponseLine>(bytes)?;
    if !(100..=999).contains(&line.status) {
        return Err(WordError::Field("status"));
    }
    let id = line.id.parse().map_err(|_| WordError::Field("id"))?;
    Ok((id, Response { status: line.status, headers, body, truncated: false }))
}

/// A failure that was put into words.
pub(crate) fn failure(kind: &str, message: String) -> Failure {
    let known = FailureKind::ALL.into_iter().find(|known| known.code() == kind);
    Failure { kind: known.unwrap_or(FailureKind::Unreachable), message }
}

fn joined(line: &impl Serialize, headers: &Headers, body: &[u8]) -> Bytes {
    let line = serde_json::to_vec(line).unwrap_or_default();
    let mut out = BytesMut::with_capacity(line.len() + headers.block().len() + body.len() + 3);
    for part in [&line[..], b"\n", headers.block(), b"\r\n", body] {
        out.put_slice(part);
    }
    out.freeze()
}

fn parted<T: for<'de> Deserialize<'de>>(bytes: &Bytes) -> Result<(T, Headers, Bytes), WordError> {
    let end = memchr::memchr(b'\n', bytes).ok_or(WordError::Shape)?;
    let line = serde_json::from_slice(bytes.get(..end).unwrap_or_default())?;
    let rest = bytes.slice(end + 1..);
    let block = if rest.starts_with(b"\r\n") {
        0
    } else {
        memchr::memmem::find(&rest, b"\r\n\r\n").ok_or(WordError::Shape)? + 2
    };
    let headers = Headers::from_block(rest.slice(..block))?;
    Ok((line, headers, rest.slice(block + 2..)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[(String, String)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in lines {
            headers.push(name, value).unwrap();
        }
        headers
    }

    fn lines() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(("[A-Za-z-]{1,12}", "[!-~]{0,20}"), 0..5)
    }

    proptest! {
        #[test]
        fn a_request_is_read_as_it_was_sent(lines in lines(), body in prop::collection::vec(any::<u8>(), 0..300), kind in "\\PC{0,20}", missed: bool, ok: Option<bool>, millis in 0_i64..4_000_000_000_000) {
            let request = CapturedRequest {
                method: "PUT".to_owned(),
                target: "/in/org_42/a?b=1".to_owned(),
                headers: headers(&lines),
                body: body.into(),
                remote: "127.0.0.1:9".to_owned(),
                received_at: Timestamp::from_millis(millis),
            };
            let verdict = ok.map(|ok| Verdict { ok, scheme: "x".to_owned(), reason: (!ok).then(|| "why".to_owned()) });
            let id = EventId::new(request.received_at, 9);
            let event = Event { id, app: "org_42".parse().unwrap(), event_type: kind, verdict, request, marks: Marks::default() };
            let sent = Request { event, cursor: Cursor(7), missed };
            prop_assert_eq!(Request::read(&sent.bytes()).unwrap(), sent);
        }

        #[test]
        fn an_answer_is_read_as_it_was_sent(lines in lines(), body in prop::collection::vec(any::<u8>(), 0..300), status in 100_u16..1000) {
            let response = Response { status, headers: headers(&lines), body: body.into(), truncated: false };
            let id = EventId::from_bytes([3; 20]);
            prop_assert_eq!(read_answer(&answer_bytes(id, &response)).unwrap(), (id, response));
        }

        #[test]
        fn no_bytes_make_it_panic(head in prop_oneof![Just(&b"{\"type\":\"response\",\"id\":\"x\",\"status\":1}\n"[..]), Just(&b""[..])], bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let bytes = Bytes::from([head, &bytes].concat());
            let _ = (Request::read(&bytes), read_answer(&bytes));
        }
    }

    #[test]
    fn words_are_as_they_are_documented() {
        let done = Word::Done { id: "msg_1".to_owned() };
        assert_eq!(done.text(), r#"{"type":"done","id":"msg_1"}"#);
        let hello = r#"{"type":"hello","version":1,"session":"s","window":1,"window_bytes":1,"more":true}"#;
        let Word::Hello(read) = serde_json::from_str(hello).unwrap() else { panic!("no hello") };
        assert_eq!(
            (read.version, read.session.as_str(), read.only.len()),
            (1, "s", 0),
            "what is not known is passed over"
        );
    }
}
