//! `/api/v1/webhooks/events/live`: the rows of events as they come and as they change (server-sent events).
//!
//! Unlike the stream it promises no completeness: a page shows what is there, and one that falls behind is told to look
//! again instead of being told everything.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc, watch};

use crate::model::{CapturedRequest, EventId};
use crate::net::{Answer, Body};
use crate::relay::feed::{Feed, Next, Taste};
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::look::rows;
use crate::relay::http::{Face, guarded};
use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::store::{Cursor, StoreError};

/// How often somebody who gets nothing hears that the stream is alive.
const BEAT: Duration = Duration::from_secs(2);
/// How long changes gather, so that an event and its answer are one row.
const BREATH: Duration = Duration::from_millis(40);
/// More changes than these at once are not told one by one.
const MOST: usize = 100;
/// How many pieces wait for a page.
const QUEUE: usize = 8;
/// A page that takes nothing for so long is dropped.
const STALL: Duration = Duration::from_secs(10);

/// A page that watches.
struct Watcher {
    pipeline: Arc<Pipeline>,
    feed: Arc<Feed>,
    heads: watch::Receiver<Cursor>,
    notices: broadcast::Receiver<Notice>,
    taste: Taste,
    place: Cursor,
    changed: BTreeSet<EventId>,
    sender: mpsc::Sender<Bytes>,
}

/// The page is gone, or nothing can be told.
struct Lost;

impl From<StoreError> for Lost {
    fn from(_: StoreError) -> Self {
        Self
    }
}

/// Answers a page that wants to watch.
pub(in crate::relay::http::native) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &["app"])?;
    let taste = Taste { app: caller.scope(face, params.get("app")).await?, ..Taste::default() };
    let (pipeline, feed) = (Arc::clone(&face.pipeline), Arc::clone(&face.feed));
    let (notices, heads) = (pipeline.notices(), feed.follow().await?);
    let place = pipeline.store.newest().await?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let changed = BTreeSet::new();
    let watcher = Watcher { pipeline, feed, heads, notices, taste, place, changed, sender };
    tokio::spawn(async move { drop(watcher.run().await) });
    let mut headers = guarded();
    for (name, value) in [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")] {
        // The lines are ours and well formed.
        drop(headers.push(name, value));
    }
    Ok(Answer { status: 200, headers, body: Body::Stream(receiver), ..Answer::default() })
}

impl Watcher {
    async fn run(mut self) -> Result<(), Lost> {
        self.send(Bytes::from_static(b": whk\nretry: 1000\n\n")).await?;
        loop {
            match tokio::time::timeout(BEAT, self.news()).await {
                Ok(news) => news?,
                Err(_) => self.send(Bytes::from_static(b": beat\n\n")).await?,
            }
            tokio::time::sleep(BREATH).await;
            self.gather();
            self.tell().await?;
        }
    }

    /// Waits for an event or an answer.
    async fn news(&mut self) -> Result<(), Lost> {
        tokio::select! {
            moved = self.heads.changed() => moved.map_err(|_| Lost),
            notice = self.notices.recv() => {
                match notice {
                    Ok(notice) => self.note(&notice),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(Lost),
                }
                Ok(())
            }
        }
    }

    fn note(&mut self, notice: &Notice) {
        if let Notice::Attempted { attempt } = notice {
            self.changed.insert(attempt.event);
        }
    }

    /// Takes what else there is, without waiting.
    fn gather(&mut self) {
        loop {
            match self.notices.try_recv() {
                Ok(notice) => self.note(&notice),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let head = *self.heads.borrow_and_update();
        while self.place < head {
            match self.feed.after(self.place, &self.taste) {
                Next::Frames(frames, upto) if self.changed.len() <= MOST => {
                    self.changed.extend(frames.iter().map(|frame| frame.logged.event.id));
                    self.place = upto;
                }
                _ => self.place = head,
            }
        }
    }

    async fn tell(&mut self) -> Result<(), Lost> {
        let changed = std::mem::take(&mut self.changed);
        if changed.len() > MOST {
            let data = json!({"type": "many"});
            return self.send(Bytes::from(format!("event: many\ndata: {data}\n\n"))).await;
        }
        for id in changed {
            let Some(logged) = self.pipeline.store.event(id).await? else { continue };
            if self.taste.app.as_ref().is_none_or(|app| *app == logged.event.app) {
                let row = rows::of(&self.pipeline, &logged.event).await?;
                self.send(Bytes::from(format!("event: row\ndata: {row}\n\n"))).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, bytes: Bytes) -> Result<(), Lost> {
        let sent = tokio::time::timeout(STALL, self.sender.send(bytes)).await;
        sent.map_err(|_| Lost)?.map_err(|_| Lost)
    }
}
