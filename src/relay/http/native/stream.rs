//! `/api/v1/webhooks/events/stream`: events as they come (server-sent events), from wherever somebody left off.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::watch;

use crate::api::events::{Find, find};
use crate::model::{CapturedRequest, EventId, Timestamp};
use crate::net::{Answer, Body};
use crate::policy::span;
use crate::relay::feed::{Feed, Frame, Next, Taste};
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::{Face, guarded};
use crate::store::{Cursor, Order, Store, StoreError};

/// How often somebody who gets nothing hears that the stream is alive.
const BEAT: Duration = Duration::from_secs(2);
/// Who takes nothing for so long is dropped.
const STALL: Duration = Duration::from_secs(10);
/// How many pieces wait for a follower; its place in the log is all else that is kept of it.
const QUEUE: usize = 4;
/// How many events somebody who is behind gets from the log at once, and how many bytes of bodies.
const PAGE: usize = 100;
const ROOM: usize = 256 << 10;

/// Somebody who follows.
struct Follower {
    feed: Arc<Feed>,
    store: Arc<dyn Store>,
    heads: watch::Receiver<Cursor>,
    taste: Taste,
    place: Cursor,
    /// Only what came in at or after this moment; for a start by time.
    since: Option<Timestamp>,
    last: Option<EventId>,
    pipe: Pipe,
}

/// The way to a client, with room left for a last word.
struct Pipe {
    sender: mpsc::Sender<Bytes>,
    farewell: Option<OwnedPermit<Bytes>>,
}

/// The client is gone, or takes nothing.
struct Lost;

/// Answers a request for the stream.
pub(super) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &["app", "type", "since"])?;
    let types: Result<Vec<_>, _> = params.all("type").map(str::parse).collect();
    let types = types.map_err(|why| Refusal::parameter("type", why))?;
    let app = caller.scope(face, params.get("app")).await?;
    let moment = |text: &str| span::moment(text, face.pipeline.clock.now(), &TimeZone::UTC);
    let since = params.parsed("since", moment)?;
    let last = match request.headers.text("last-event-id").filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(text.parse().map_err(|why| Refusal::new(400, "invalid_header", format!("Last-Event-ID: {why}")))?)
        }
        None => None,
    };
    let (store, feed) = (Arc::clone(&face.pipeline.store), Arc::clone(&face.feed));
    let heads = feed.follow().await?;
    let taste = Taste { app, types, ..Taste::default() };
    let start = Start::of(store.as_ref(), &caller, last, since).await?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let farewell = sender.clone().try_reserve_owned().ok();
    let pipe = Pipe { sender, farewell };
    let Start { place, since, gap } = start;
    let follower = Follower { feed, store, heads, taste, place, since, last, pipe };
    tokio::spawn(follower.run(gap));
    let mut headers = guarded();
    for (name, value) in [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")] {
        // The lines are ours and well formed.
        drop(headers.push(name, value));
    }
    Ok(Answer { status: 200, headers, body: Body::Stream(receiver), ..Answer::default() })
}

/// Where a stream starts.
struct Start {
    place: Cursor,
    since: Option<Timestamp>,
    /// Whether something may be missing before it.
    gap: bool,
}

impl Start {
    async fn of(
        store: &dyn Store,
        caller: &Caller,
        last: Option<EventId>,
        since: Option<Timestamp>,
    ) -> Result<Self, StoreError> {
        let whole = |since| Self { place: Cursor(0), since: Some(since), gap: false };
        let Some(id) = last else {
            return Ok(match since {
                Some(since) => whole(since),
                None => Self { place: store.newest().await?, since: None, gap: false },
            });
        };
        match store.event(id).await?.filter(|logged| caller.token.reaches(&logged.event.app)) {
            Some(logged) => Ok(Self { place: logged.cursor, since: None, gap: false }),
            // It was removed, and so was what came before it; what came after it may have been too.
            None => Ok(Self { gap: true, ..whole(id.made_at()) }),
        }
    }
}

impl Follower {
    /// Passes events on until the client is gone or takes nothing any more.
    async fn run(mut self, gap: bool) {
        drop(self.passes(gap).await);
    }

    async fn passes(&mut self, gap: bool) -> Result<(), Lost> {
        self.send(Bytes::from_static(b": whk\nretry: 1000\n\n")).await?;
        if gap {
            self.send(notice("the events after this id may have been removed", self.last)).await?;
        }
        loop {
            let head = *self.heads.borrow_and_update();
            match self.feed.after(self.place, &self.taste) {
                Next::Behind => self.catch_up().await?,
                _ if self.since.is_some() => self.catch_up().await?,
                Next::Frames(frames, upto) => {
                    for frame in frames {
                        self.pass(&frame).await?;
                    }
                    self.place = upto;
                }
            }
            if self.place < head {
                continue;
            }
            match tokio::time::timeout(BEAT, self.heads.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Ok(()),
                Err(_) => self.send(Bytes::from_static(b": beat\n\n")).await?,
            }
        }
    }

    /// Passes on what the log has, some of it.
    async fn catch_up(&mut self) -> Result<(), Lost> {
        // The client comes again and goes on from where it is, should the store fail.
        let newest = self.store.newest().await.map_err(|_| Lost)?;
        let wanted = Find {
            app: self.taste.app.clone(),
            types: self.taste.types.clone(),
            since: self.since,
            until: None,
            status: None,
            conditions: Vec::new(),
            grep: None,
            after: Some(self.place),
            order: Order::Oldest,
            limit: PAGE,
            room: ROOM,
        };
        let found = find(self.store.as_ref(), &wanted).await.map_err(|_| Lost)?;
        for logged in found.events {
            self.place = logged.cursor;
            self.pass(&Frame::of(logged)).await?;
        }
        if found.next.is_none() {
            self.place = self.place.max(newest);
            self.since = None;
        }
        Ok(())
    }

    async fn pass(&mut self, frame: &Frame) -> Result<(), Lost> {
        self.send(frame.text().clone()).await?;
        self.last = Some(frame.logged.event.id);
        Ok(())
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Lost> {
        let last = self.last;
        self.pipe.send(bytes, last).await
    }
}

impl Pipe {
    /// Hands a piece to the connection. One that takes nothing is told that it misses something, should it ever look.
    async fn send(&mut self, bytes: Bytes, last: Option<EventId>) -> Result<(), Lost> {
        match tokio::time::timeout(STALL, self.sender.send(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Lost),
            Err(_) => {
                if let Some(permit) = self.farewell.take() {
                    permit.send(notice("this client took nothing for too long; go on from the last id", last));
                }
                Err(Lost)
            }
        }
    }
}

/// What tells a client that it misses something.
fn notice(reason: &str, last: Option<EventId>) -> Bytes {
    let last = last.map(|id| id.to_string());
    let data = json!({"type": "gap", "missed": null, "reason": reason, "last_event_id": last});
    Bytes::from(format!("event: gap\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_dropped_with_a_word() {
        let (sender, mut receiver) = mpsc::channel(QUEUE);
        let farewell = sender.clone().try_reserve_owned().ok();
        let mut pipe = Pipe { sender, farewell };
        let piece = || Bytes::from_static(b"x");
        for _ in 1..QUEUE {
            assert!(pipe.send(piece(), None).await.is_ok());
        }
        let began = tokio::time::Instant::now();
        assert!(pipe.send(piece(), None).await.is_err());
        assert_eq!(began.elapsed(), STALL);
        drop(pipe);
        let mut pieces = Vec::new();
        while let Some(piece) = receiver.recv().await {
            pieces.push(piece);
        }
        assert_eq!(pieces.len(), QUEUE);
        assert!(pieces.last().unwrap().starts_with(b"event: gap\n"));
    }
}
