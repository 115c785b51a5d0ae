//! The newest events, read from the log once for all who follow.
//!
//! One task reads the log while anybody follows, and puts what it finds into a ring. A follower takes from the ring at
//! its own pace; one that is behind the ring reads the log itself. So all see the log's own order, which is what makes
//! it possible to go on from an id with nothing lost or doubled.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::model::{AppName, Event};
use crate::policy::route::Glob;
use crate::relay::http::native::events;
use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::store::{Cursor, Logged, Order, Query, StoreError};

/// How many bytes of events the ring holds, the newest of them whatever its size.
const RING: usize = 4 << 20;
/// What an event takes beside its headers and body, about.
const OVERHEAD: usize = 512;
/// How many events are read at once.
const PAGE: usize = 200;
/// How long the log is not looked at when nobody says that there is something: another process may have written.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// An event of the log.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) logged: Logged,
    /// Whether this relay lets it in.
    admitted: bool,
    /// As it is streamed: written when the first follower wants it so.
    text: OnceLock<Bytes>,
}

/// Which events a follower wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taste {
    /// Of this app; of every app if `None`.
    pub(crate) app: Option<AppName>,
    /// Of one of these types; of any, if there are none.
    pub(crate) types: Vec<Glob>,
    /// But of none of these.
    pub(crate) except: Vec<Glob>,
    /// None that this relay does not let in for its signature.
    pub(crate) admitted: bool,
}

/// What follows a place in the log.
pub(crate) enum Next {
    /// These, up to this place.
    Frames(Vec<Arc<Frame>>, Cursor),
    /// More than the ring holds: the log has it.
    Behind,
}

/// The newest events.
pub(crate) struct Feed {
    pipeline: Arc<Pipeline>,
    ring: RwLock<Ring>,
    /// Put in another's place when the log is another one: then its followers are told of the end.
    head: Mutex<watch::Sender<Cursor>>,
    is_read: Mutex<bool>,
}

/// What is after `base` in the log, up to `head`.
#[derive(Default)]
struct Ring {
    base: Cursor,
    head: Cursor,
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
}

impl Feed {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        let head = Mutex::new(watch::Sender::new(Cursor(0)));
        Self { pipeline, ring: RwLock::default(), head, is_read: Mutex::default() }
    }

    /// Follows from now on: what is returned is told of each move of the head, and closed if the log is lost.
    pub(crate) async fn follow(self: &Arc<Self>) -> Result<watch::Receiver<Cursor>, StoreError> {
        let newest = self.pipeline.store.newest().await?;
        let mut is_read = self.is_read.lock().unwrap_or_else(PoisonError::into_inner);
        let heads = self.head().subscribe();
        if !std::mem::replace(&mut is_read, true) {
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) =
                Ring { base: newest, head: newest, ..Ring::default() };
            let (own, notices) = (Arc::clone(self), self.pipeline.notices());
            tokio::spawn(async move { own.read(notices).await });
        }
        Ok(heads)
    }

    /// What somebody with this taste gets after this place.
    pub(crate) fn after(&self, place: Cursor, taste: &Taste) -> Next {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).after(place, taste)
    }

    /// How many follow.
    pub(crate) fn followers(&self) -> usize {
        self.head().receiver_count()
    }

    /// Reads the log until nobody follows any more.
    async fn read(self: Arc<Self>, mut notices: broadcast::Receiver<Notice>) {
        let stopping = self.pipeline.stopping.clone();
        loop {
            // A store that fails for a moment is asked again; what it has is not lost.
            while matches!(self.step().await, Ok(true)) {}
            if matches!(self.is_lost().await, Ok(true)) {
                let mut is_read = self.is_read.lock().unwrap_or_else(PoisonError::into_inner);
                *is_read = false;
                *self.head() = watch::Sender::new(Cursor(0));
                return;
            }
            if self.is_deserted() {
                return;
            }
            tokio::select! {
                () = news(&mut notices) => {}
                () = tokio::time::sleep(LONGEST_REST) => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    /// Reads what is next in the log; says whether there was something.
    async fn step(&self) -> Result<bool, StoreError> {
        let head = self.ring.read().unwrap_or_else(PoisonError::into_inner).head;
        let query = Query { after: Some(head), order: Order::Oldest, limit: PAGE, ..Query::default() };
        let page = self.pipeline.store.events(query).await?;
        let Some(newest) = page.last().map(|logged| logged.cursor) else { return Ok(false) };
        let mut frames = Vec::with_capacity(page.len());
        for logged in page {
            frames.push(Arc::new(Frame::judged(&self.pipeline, logged).await?));
        }
        self.ring.write().unwrap_or_else(PoisonError::into_inner).add(frames);
        self.head().send_replace(newest);
        Ok(true)
    }

    /// Whether the log begins anew: a shared store was emptied, and its places start from one again.
    async fn is_lost(&self) -> Result<bool, StoreError> {
        let head = self.ring.read().unwrap_or_else(PoisonError::into_inner).head;
        Ok(self.pipeline.store.newest().await? < head)
    }

    fn head(&self) -> MutexGuard<'_, watch::Sender<Cursor>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_deserted(&self) -> bool {
        let mut is_read = self.is_read.lock().unwrap_or_else(PoisonError::into_inner);
        *is_read = self.head().receiver_count() > 0;
        !*is_read
    }
}

/// Waits until an event came; who missed some notices has news for sure.
async fn news(notices: &mut broadcast::Receiver<Notice>) {
    loop {
        match notices.recv().await {
            Ok(Notice::Received { .. } | Notice::Elsewhere { .. }) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

impl Ring {
    fn add(&mut self, frames: Vec<Arc<Frame>>) {
        for frame in frames {
            self.head = frame.logged.cursor;
            self.bytes += frame.size();
            self.frames.push_back(frame);
        }
        while self.bytes > RING && self.frames.len() > 1 {
            let Some(oldest) = self.frames.pop_front() else { return };
            self.bytes -= oldest.size();
            self.base = oldest.logged.cursor;
        }
    }

    fn after(&self, place: Cursor, taste: &Taste) -> Next {
        if place < self.base {
            return Next::Behind;
        }
        let start = self.frames.partition_point(|frame| frame.logged.cursor <= place);
        let wanted = self.frames.iter().skip(start).take(PAGE);
        let upto = wanted.clone().next_back().map_or(place.max(self.head), |last| last.logged.cursor);
        Next::Frames(wanted.filter(|frame| taste.takes(frame)).cloned().collect(), upto)
    }
}

impl Frame {
    /// An event of the log.
    pub(crate) const fn of(logged: Logged) -> Self {
        Self { logged, admitted: true, text: OnceLock::new() }
    }

    /// The same, looked at: what came before this relay judged, or to one that does not, is judged now.
    pub(crate) async fn judged(pipeline: &Pipeline, logged: Logged) -> Result<Self, StoreError> {
        let admitted = !logged.event.is_received() || pipeline.judge.admits(&logged.event).await?;
        Ok(Self { admitted, ..Self::of(logged) })
    }

    /// As it is streamed.
    pub(crate) fn text(&self) -> &Bytes {
        self.text.get_or_init(|| {
            let event: &Event = &self.logged.event;
            Bytes::from(format!("id: {}\ndata: {}\n\n", event.id, events::line(event)))
        })
    }

    /// How much memory it takes, about: its text is twice its body.
    fn size(&self) -> usize {
        let request = &self.logged.event.request;
        OVERHEAD + request.headers.block().len() + 3 * request.body.len()
    }
}

impl Taste {
    /// Whether this is one of them.
    pub(crate) fn likes(&self, event: &Event) -> bool {
        self.app.as_ref().is_none_or(|app| *app == event.app)
            && (self.types.is_empty() || self.types.iter().any(|glob| glob.matches(&event.event_type)))
            && !self.except.iter().any(|glob| glob.matches(&event.event_type))
    }

    /// Whether one that was looked at is to be given out.
    pub(crate) fn takes(&self, frame: &Frame) -> bool {
        (frame.admitted || !self.admitted) && self.likes(&frame.logged.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CapturedRequest, EventId, Headers, Marks, Timestamp};

    fn frame(number: u64, app: &str, event_type: &str, size: usize) -> Arc<Frame> {
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers: Headers::new(),
            body: Bytes::from(vec![b'x'; size]),
            remote: String::new(),
            received_at: Timestamp::default(),
        };
        let (id, event_type, marks) = (EventId::from_bytes([0; 20]), event_type.to_owned(), Marks::default());
        let event = Arc::new(Event { id, app: app.parse().unwrap(), event_type, verdict: None, request, marks });
        Arc::new(Frame::of(Logged { cursor: Cursor(number), event }))
    }

    fn cursors(next: Next) -> (Vec<u64>, u64) {
        match next {
            Next::Frames(frames, Cursor(upto)) => (frames.iter().map(|frame| frame.logged.cursor.0).collect(), upto),
            Next::Behind => panic!("behind the ring"),
        }
    }

    #[test]
    fn the_ring_holds_the_newest_and_says_who_is_behind_it() {
        let mut ring = Ring { base: Cursor(2), head: Cursor(2), ..Ring::default() };
        let all = Taste::default();
        assert_eq!(cursors(ring.after(Cursor(2), &all)), (vec![], 2));
        ring.add(vec![frame(3, "a", "x", RING / 6), frame(5, "b", "y", 1), frame(6, "a", "y", 1)]);
        assert_eq!(cursors(ring.after(Cursor(2), &all)), (vec![3, 5, 6], 6));
        let taste = Taste { app: Some("a".parse().unwrap()), types: vec!["y*".parse().unwrap()], ..Taste::default() };
        assert_eq!(cursors(ring.after(Cursor(2), &taste)), (vec![6], 6));
        assert_eq!(cursors(ring.after(Cursor(9), &all)), (vec![], 9), "the reader is not that far yet");
        ring.add(vec![frame(7, "a", "x", RING)]);
        assert!(matches!(ring.after(Cursor(2), &all), Next::Behind));
        assert_eq!(cursors(ring.after(Cursor(6), &all)), (vec![7], 7), "the newest is kept whatever its size");
    }
}
