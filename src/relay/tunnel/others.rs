//! Other nodes on the same store: which listeners are connected there, and what those answer to senders who wait here.
//!
//! Nodes call this out to each other. Who misses a call is mended by the beat that each node has once a second; until
//! then a sender is told 202 where it could have had an answer, and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{AppName, Event, EventId, Failure};
use crate::relay::feed::Taste;
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::desk::{Desk, Said};
use crate::relay::tunnel::words;

/// How often a node says that it is there.
const BEAT: Duration = Duration::from_secs(1);
/// A node that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(4);
/// How many calls may wait to be called out, and how long somebody waits for that.
const QUEUE: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(1);
/// How many nodes, and how many seats of each, are kept in mind.
const MOST_NODES: usize = 1000;
const MOST_SEATS: usize = 100_000;

/// What this node knows of the others, and how it calls to them.
#[derive(Default)]
pub(super) struct Others {
    /// Set once the store turns out to be shared.
    way: OnceLock<(String, mpsc::Sender<Item>)>,
    known: Mutex<HashMap<String, Node>>,
    /// How often the seats here changed.
    turn: Mutex<u64>,
}

/// Another node.
struct Node {
    /// The turn up to which its seats are known.
    turn: u64,
    heard: Instant,
    seats: HashMap<u64, Taste>,
}

/// What waits to be called out.
enum Item {
    Call(Bytes),
    /// Whoever wants to know that all before was called out.
    Mark(oneshot::Sender<()>),
}

/// The first line of a call. After `Answered` comes the answer as a listener sends it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Call {
    /// Everybody is to say which seats there are.
    Who,
    /// A node is there, and so often its seats changed.
    Beat { node: String, turn: u64 },
    /// All seats of a node.
    Seats { node: String, turn: u64, seats: Vec<Seat> },
    /// A seat was taken or left; with that the node has come to this turn.
    Seat { node: String, turn: u64, line: u64, seat: Option<Seat> },
    /// A listener's app answered.
    Answered { app: String },
    /// A listener's app did not answer.
    Failed { app: String, id: String, kind: String, message: String },
}

/// A line whose listeners answer, and to what.
#[derive(Debug, Serialize, Deserialize)]
struct Seat {
    line: u64,
    app: String,
    types: Vec<String>,
    except: Vec<String>,
}

/// Calls and hears until told to stop, or not at all if the store is this node's alone.
pub(crate) async fn run(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let Some(mut calls) = pipeline.store.calls() else { return };
    let (sender, mut items) = mpsc::channel(QUEUE);
    let others = &pipeline.desk.others;
    if others.way.set((format!("{:032x}", pipeline.clock.chance()), sender)).is_err() {
        return;
    }
    others.call(&Call::Who, &[]);
    let mut beat = tokio::time::interval(BEAT);
    loop {
        tokio::select! {
            Some(item) = items.recv() => match item {
                // A call that fails is a call that nobody heard.
                Item::Call(call) => drop(pipeline.store.call(call).await),
                Item::Mark(reply) => drop(reply.send(())),
            },
            call = calls.recv() => match call {
                Some(call) => pipeline.desk.hear(&call),
                None => return,
            },
            _ = beat.tick() => others.beat(),
            () = stop.cancelled() => return,
        }
    }
}

impl Desk {
    /// Tells the other nodes that a line's listeners may answer what is to its taste, or none of them any more.
    pub(super) fn announce(&self, line: u64, taste: Option<&Taste>) {
        let Some((node, _)) = self.others.way.get() else { return };
        let mut turn = self.others.turn();
        *turn += 1;
        let seat = taste.map(|taste| Seat::of(line, taste));
        self.others.call(&Call::Seat { node: node.clone(), turn: *turn, line, seat }, &[]);
    }

    /// Waits until the others were told all so far, or that takes too long.
    pub(super) async fn announced(&self) {
        let Some((_, way)) = self.others.way.get() else { return };
        let (reply, done) = oneshot::channel();
        if way.try_send(Item::Mark(reply)).is_ok() {
            drop(tokio::time::timeout(PATIENCE, done).await);
        }
    }

    /// Hands what a listener here said to the node where its sender may be.
    pub(super) fn pass_on(&self, app: &AppName, id: EventId, said: &Said) {
        if self.others.known().is_empty() {
            return;
        }
        let app = app.to_string();
        match said {
            Ok(response) => self.others.call(&Call::Answered { app }, &words::answer_bytes(id, response)),
            Err(Failure { kind, message }) => {
                let (id, kind) = (id.to_string(), kind.code().to_owned());
                self.others.call(&Call::Failed { app, id, kind, message: message.clone() }, &[]);
            }
        }
    }

    /// How many lines at other nodes may answer this event.
    pub(super) fn answering_elsewhere(&self, event: &Event) -> usize {
        let known = self.others.known();
        let seats = known.values().filter(|node| node.heard.elapsed() < SILENCE).flat_map(|node| node.seats.values());
        seats.filter(|taste| taste.likes(event)).count()
    }

    /// What another node called. What is not known is passed over, as from a node of another version.
    fn hear(&self, bytes: &Bytes) {
        let Some(end) = memchr::memchr(b'\n', bytes) else { return };
        let Ok(call) = serde_json::from_slice::<Call>(bytes.get(..end).unwrap_or_default()) else { return };
        match call {
            Call::Who => self.tell_all(),
            Call::Beat { node, turn } => self.others.heard(node, turn, |node| node.turn == turn),
            Call::Seats { node, turn, seats } => self.others.heard(node, turn, |node| {
                node.seats =
                    seats.iter().take(MOST_SEATS).filter_map(|seat| Some((seat.line, seat.taste()?))).collect();
                true
            }),
            Call::Seat { node, turn, line, seat } => self.others.heard(node, turn, |node| {
                match seat.as_ref().and_then(Seat::taste) {
                    Some(taste) if node.seats.len() < MOST_SEATS => drop(node.seats.insert(line, taste)),
                    _ => drop(node.seats.remove(&line)),
                }
                node.turn + 1 == turn
            }),
            Call::Answered { app } => {
                let (Ok(app), Ok((id, response))) = (app.parse(), words::read_answer(&bytes.slice(end + 1..))) else {
                    return;
                };
                self.say(&app, id, Ok(response));
            }
            Call::Failed { app, id, kind, message } => {
                if let (Ok(app), Ok(id)) = (app.parse(), id.parse()) {
                    self.say(&app, id, Err(words::failure(&kind, message)));
                }
            }
        }
    }

    fn tell_all(&self) {
        let Some((node, _)) = self.others.way.get() else { return };
        let turn = self.others.turn();
        let seats = self.answering().iter().map(|(line, taste)| Seat::of(*line, taste)).collect();
        self.others.call(&Call::Seats { node: node.clone(), turn: *turn, seats }, &[]);
    }
}

impl Others {
    /// Notes what a node said; asks for all of it if something before that was missed.
    fn heard(&self, name: String, turn: u64, learn: impl FnOnce(&mut Node) -> bool) {
        let mut known = self.known();
        if known.len() >= MOST_NODES && !known.contains_key(&name) {
            return;
        }
        let is_new = !known.contains_key(&name);
        let heard = Instant::now();
        let node = known.entry(name).or_insert_with(|| Node { turn: 0, heard, seats: HashMap::new() });
        node.heard = heard;
        if learn(node) {
            node.turn = turn;
        } else if is_new || node.turn < turn {
            drop(known);
            self.call(&Call::Who, &[]);
        }
    }

    fn beat(&self) {
        self.known().retain(|_, node| node.heard.elapsed() < SILENCE);
        if let Some((node, _)) = self.way.get() {
            let turn = *self.turn();
            self.call(&Call::Beat { node: node.clone(), turn }, &[]);
        }
    }

    /// Calls something out, unless too much waits already.
    fn call(&self, call: &Call, rest: &[u8]) {
        let Some((_, way)) = self.way.get() else { return };
        let line = serde_json::to_vec(call).unwrap_or_default();
        let mut bytes = BytesMut::with_capacity(line.len() + 1 + rest.len());
        for part in [&line[..], b"\n", rest] {
            bytes.put_slice(part);
        }
        drop(way.try_send(Item::Call(bytes.freeze())));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Node>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, u64> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    fn of(line: u64, taste: &Taste) -> Self {
        let texts = |globs: &[crate::policy::route::Glob]| globs.iter().map(ToString::to_string).collect();
        let app = taste.app.as_ref().map(ToString::to_string).unwrap_or_default();
        Self { line, app, types: texts(&taste.types), except: texts(&taste.except) }
    }

    fn taste(&self) -> Option<Taste> {
        let globs = |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>().ok();
        let (types, except) = (globs(&self.types)?, globs(&self.except)?);
        Some(Taste { app: Some(self.app.parse().ok()?), types, except, ..Taste::default() })
    }
}
