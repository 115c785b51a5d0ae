//! Redis Streams of another program: each entry is an event, acknowledged after the app answered.
//!
//! A consumer group shares the entries out. What one consumer took and did not acknowledge, because it died, another
//! takes over; so an entry is delivered at least once, and its event has the same id each time.

mod shape;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{Client, IntoConnectionInfo};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::{AppName, CapturedRequest, Event, Headers, Marks, Timestamp};
use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::relay::source::Backoff;
use crate::relay::source::redis::wire::{Entry, Lines, Wire};
use crate::relay::tunnel::outward;

pub use redis::RedisError;

/// How often there is a look for new streams.
const LOOK: Duration = Duration::from_secs(2);
/// How long there is a pause when there is nothing to read.
const REST: Duration = Duration::from_millis(200);
/// How long an app that does not answer is left alone, at most.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// Which streams.
pub struct Streams {
    wire: Wire,
    app: AppName,
    /// From which entry on streams are read that are there at the start.
    start: String,
    /// After so long somebody else's entries are taken over.
    idle: Duration,
    width: usize,
}

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The server, without what is asked of it.
    pub server: String,
    /// The stream, or a pattern of streams.
    pub stream: String,
    /// The consumer group.
    pub group: String,
    /// After so long entries of a consumer that died are taken over.
    pub idle: Duration,
}

/// The address cannot be one.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// A part is missing or not known.
    #[error("{0}")]
    Part(String),
    /// The server cannot be one.
    #[error("{0}")]
    Server(#[from] RedisError),
}

/// How entries are read.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Whose events they become.
    pub app: AppName,
    /// This consumer's name in the group, different for each.
    pub consumer: String,
    /// From which entry on: `$` for what comes now, `0` for all, or an entry's id.
    pub start: String,
    /// How many streams are handed on at once.
    pub width: usize,
}

/// What every task of a connection knows.
struct Shared {
    pipeline: Arc<Pipeline>,
    wire: Wire,
    app: AppName,
    gate: Semaphore,
    /// The entries of each stream that are being worked on. A stream has one task at most, which keeps its order.
    busy: Mutex<BTreeMap<String, Vec<String>>>,
    stop: CancellationToken,
}

impl Address {
    /// Reads `redis://host/0?stream=workflow:events:*&group=NAME&idle=15s`.
    ///
    /// # Errors
    /// If a part is missing or not known.
    pub fn read(text: &str) -> Result<Self, AddressError> {
        let bad = |why: &str| AddressError::Part(why.to_owned());
        let (server, query) = text.split_once('?').unwrap_or((text, ""));
        let mut address = Self {
            server: server.to_owned(),
            stream: String::new(),
            group: "whk".to_owned(),
            idle: Duration::from_secs(15),
        };
        for (name, value) in crate::sign::form::pairs(query.as_bytes()) {
            let value = String::from_utf8_lossy(&value).into_owned();
            match &*name {
                b"stream" => address.stream = value,
                b"group" => address.group = value,
                b"idle" => {
                    let read = crate::policy::span::duration(&value);
                    address.idle = read.map_err(|why| AddressError::Part(format!("idle: {why}")))?;
                }
                other => {
                    let name = String::from_utf8_lossy(other).into_owned();
                    return Err(AddressError::Part(format!("\"{name}\" is not known: use stream, group or idle")));
                }
            }
        }
        if address.stream.is_empty() {
            return Err(bad("it names no stream: add ?stream=NAME, as redis://localhost/0?stream=workflow:events:*"));
        }
        if address.idle < Duration::from_millis(100) {
            return Err(bad("idle must be 100ms at least"));
        }
        address.server.as_str().into_connection_info()?;
        Ok(address)
    }
}

/// Adds an entry about an event to a stream; gives back its id.
///
/// # Errors
/// If the server cannot be reached or refuses.
pub async fn send(address: &Address, event_type: &str, data: &str, now: Timestamp) -> Result<String, RedisError> {
    let client = Client::open(address.server.as_str())?;
    let fields = shape::fields(event_type, &shape::object(data), &address.stream, now);
    wire::add(&client, &address.stream, &fields).await
}

impl Streams {
    /// Prepares to read them.
    ///
    /// # Errors
    /// If the server cannot be one.
    pub fn new(address: Address, manner: Manner) -> Result<Self, RedisError> {
        let Address { server, stream, group, idle } = address;
        let client = Client::open(server)?;
        let Manner { app, consumer, start, width } = manner;
        let wire = Wire::new(client, stream, group, consumer);
        Ok(Self { wire, app, start, idle, width: width.max(1) })
    }

    /// Whether the server is there, and the groups of the streams that are there now.
    ///
    /// # Errors
    /// If it cannot be reached or refuses.
    pub async fn open(&self) -> Result<(), RedisError> {
        let mut lines = self.wire.connect().await?;
        for stream in self.wire.streams(&mut lines.rest).await? {
            self.wire.join(&mut lines.rest, &stream, &self.start).await?;
        }
        Ok(())
    }

    /// Reads until told to stop, however often the connection breaks.
    pub(super) async fn run(self, pipeline: Arc<Pipeline>, stop: CancellationToken) {
        let shared = Arc::new(Shared {
            pipeline: Arc::clone(&pipeline),
            wire: self.wire.clone(),
            app: self.app.clone(),
            gate: Semaphore::new(self.width),
            busy: Mutex::default(),
            stop: stop.clone(),
        });
        let (tasks, mut backoff, mut back) = (TaskTracker::new(), Backoff::new(), false);
        while !stop.is_cancelled() {
            let reason = match self.wire.connect().await {
                Ok(lines) => {
                    if std::mem::replace(&mut back, true) {
                        pipeline.tell(Notice::Connected);
                    }
                    backoff = Backoff::new();
                    tokio::select! {
                        why = self.serve(&shared, lines, &tasks) => why.to_string(),
                        () = stop.cancelled() => break,
                    }
                }
                Err(why) => why.to_string(),
            };
            back = true;
            backoff.rest(format!("redis: {reason}"), &pipeline, &stop).await;
        }
        tasks.close();
        drop(timeout(pipeline.options.limits.drain, tasks.wait()).await);
    }

    /// Reads until the connection breaks; gives back why.
    async fn serve(&self, shared: &Arc<Shared>, lines: Lines, tasks: &TaskTracker) -> RedisError {
        let Lines { mut reads, rest } = lines;
        let tending = self.tend(shared, rest.clone());
        let reading = async {
            let (mut known, mut looked) = (BTreeSet::new(), None::<Instant>);
            let mut claimed = None::<Instant>;
            let mut rest = rest.clone();
            loop {
                if looked.is_none_or(|at| at.elapsed() >= LOOK) {
                    known = match self.look(&known, &mut rest).await {
                        Ok(known) => known,
                        Err(why) => return why,
                    };
                    looked = Some(Instant::now());
                }
                if claimed.is_none_or(|at| at.elapsed() >= self.idle / 2) {
                    for stream in shared.free(&known) {
                        match self.wire.claim(&mut rest, &stream, self.idle).await {
                            Ok(entries) => shared.hand_on(stream, entries, (&rest, tasks)),
                            Err(why) if wire::is_gone(&why) => looked = None,
                            Err(why) => return why,
                        }
                    }
                    claimed = Some(Instant::now());
                }
                let free = shared.free(&known);
                if free.is_empty() {
                    tokio::time::sleep(REST).await;
                    continue;
                }
                match self.wire.read(&mut reads, &free).await {
                    Ok(found) => {
                        for (stream, entries) in found {
                            shared.hand_on(stream, entries, (&rest, tasks));
                        }
                    }
                    // Somebody removed a stream, or all there was.
                    Err(why) if wire::is_gone(&why) => {
                        known.clear();
                        looked = None;
                        tokio::time::sleep(REST).await;
                    }
                    Err(why) => return why,
                }
            }
        };
        tokio::select! {
            why = reading => why,
            why = tending => why,
        }
    }

    /// The streams there are, each with its group. One that appears after the start is read from its beginning.
    async fn look(
        &self,
        known: &BTreeSet<String>,
        at: &mut MultiplexedConnection,
    ) -> Result<BTreeSet<String>, RedisError> {
        let found: BTreeSet<_> = self.wire.streams(at).await?.into_iter().collect();
        for stream in found.difference(known) {
            self.wire.join(at, stream, "0").await?;
        }
        Ok(found)
    }

    /// Keeps what is being worked on from being taken over.
    async fn tend(&self, shared: &Shared, mut at: MultiplexedConnection) -> RedisError {
        loop {
            tokio::time::sleep(self.idle / 3).await;
            for (stream, ids) in shared.under_way() {
                match self.wire.hold(&mut at, &stream, &ids).await {
                    Err(why) if !wire::is_gone(&why) => return why,
                    _ => {}
                }
            }
        }
    }
}

/// Whether there is no use in trying again.
#[must_use]
pub fn is_final(why: &RedisError) -> bool {
    wire::is_final(why)
}

impl Shared {
    /// The streams that nothing is under way of.
    fn free(&self, known: &BTreeSet<String>) -> Vec<String> {
        let busy = self.busy();
        known.iter().filter(|stream| !busy.contains_key(*stream)).cloned().collect()
    }

    fn under_way(&self) -> Vec<(String, Vec<String>)> {
        self.busy().iter().map(|(stream, ids)| (stream.clone(), ids.clone())).collect()
    }

    /// Gives entries of a stream to a task of their own.
    fn hand_on(
        self: &Arc<Self>,
        stream: String,
        entries: Vec<Entry>,
        (at, tasks): (&MultiplexedConnection, &TaskTracker),
    ) {
        if entries.is_empty() {
            return;
        }
        self.busy().insert(stream.clone(), entries.iter().map(|entry| entry.id.clone()).collect());
        let (own, mut at) = (Arc::clone(self), at.clone());
        tasks.spawn(async move {
            for entry in entries {
                let id = entry.id.clone();
                if !own.bring(&stream, entry).await {
                    break;
                }
                if let Err(why) = own.wire.done(&mut at, &stream, &id).await {
                    // It comes again when the connection is back, and is known by its id then.
                    let message = format!("redis: the entry {id} of {stream} was not acknowledged: {why}");
                    own.pipeline.tell(Notice::Trouble { message });
                    break;
                }
                if let Some(ids) = own.busy().get_mut(&stream) {
                    ids.retain(|other| *other != id);
                }
            }
            own.busy().remove(&stream);
        });
    }

    /// Delivers an entry, again and again until the app answers; says whether it did before all ended.
    async fn bring(&self, stream: &str, entry: Entry) -> bool {
        let mut rest = REST;
        loop {
            let Ok(permit) = self.gate.acquire().await else { return false };
            let event = self.event(stream, &entry).await;
            let answered = self.pipeline.bring(event).await;
            drop(permit);
            match answered {
                Ok(true) => return true,
                Ok(false) => {}
                Err(why) => self.pipeline.tell(Notice::Trouble { message: format!("an entry waits: {why}") }),
            }
            if self.stop.is_cancelled() {
                return false;
            }
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = self.stop.cancelled() => return false,
            }
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    async fn event(&self, stream: &str, entry: &Entry) -> Arc<Event> {
        let ((id, received_at), (event_type, body)) = (shape::event_id(stream, &entry.id), shape::body(&entry.fields));
        let mut headers = Headers::new();
        // A stream with a line break in its name goes without.
        for (name, value) in
            [("Content-Type", "application/json"), ("X-Redis-Stream", stream), ("X-Redis-Entry", &entry.id)]
        {
            drop(headers.push(name, value));
        }
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: format!("/in/{}", self.app),
            headers: headers.clone(),
            body: Bytes::from(body),
            remote: String::new(),
            received_at,
        };
        let app = self.app.clone();
        let event = Event { id, app, event_type, verdict: None, request, marks: Marks::default() };
        let signing = self.pipeline.judge.signing(&event).await.unwrap_or_default();
        let mut made = outward::made(&self.pipeline, &event, signing);
        made.request.headers = headers.overlaid(&made.request.headers);
        Arc::new(made)
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which_streams_and_as_whom() {
        let read = Address::read("redis://localhost/0?stream=workflow:events:*&group=g&idle=2s").unwrap();
        let expected = Address {
            server: "redis://localhost/0".to_owned(),
            stream: "workflow:events:*".to_owned(),
            group: "g".to_owned(),
            idle: Duration::from_secs(2),
        };
        assert_eq!(read, expected);
        for (text, words) in [
            ("redis://localhost/0", "?stream="),
            ("redis://localhost/0?stream=a&grp=b", "\"grp\" is not known"),
            ("redis://localhost/0?stream=a&idle=x", "idle"),
            ("nothing?stream=a", ""),
        ] {
            let why = Address::read(text).unwrap_err().to_string();
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
