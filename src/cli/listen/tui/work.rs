//! What the full-screen view asks for and cannot do itself: reading, judging, sending.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::listen::tui::model::Deed;
use crate::cli::listen::tui::row::Row;
use crate::cli::render;
use crate::cli::replay::job::{How, Job};
use crate::cli::ui::Paint;
use crate::cli::verify;
use crate::model::{Attempt, Event, EventId, Secret, Target};
use crate::relay::notice::Label;
use crate::store::{Order, Query, Store};
use crate::view::{self, Message, compare};

/// So many things are done at once; more is refused.
const AT_ONCE: usize = 8;
/// So many events from before are listed at the start.
const PAST: usize = 200;
/// A longer line is broken, so that every part of it can be scrolled to.
const LONGEST_LINE: usize = 400;
/// So many lines of a detail are shown.
const MOST_LINES: usize = 20_000;
/// How wide two columns of differences are.
const WIDTH: usize = 100;

/// What came of something that was asked for.
pub(super) enum Reply {
    /// The text that was asked for by this deed.
    Text(Deed, Vec<String>),
    /// An event was sent again.
    Attempt(Box<Attempt>),
    /// The body that is to be edited.
    Body(EventId, Bytes),
    /// What is to be copied.
    Copy(String),
    /// A word for the person.
    Said(String),
}

/// What a deed needs beside its event.
#[derive(Clone)]
pub(super) struct Workshop {
    context: Context,
    store: Arc<dyn Store>,
    /// The inbox's address.
    home: Target,
    /// The secrets that requests are judged by, if any were given.
    secrets: Vec<Secret>,
    replies: mpsc::Sender<Reply>,
    room: Arc<Semaphore>,
}

impl Workshop {
    pub(super) fn new(
        context: &Context,
        store: Arc<dyn Store>,
        home: Target,
        secrets: Vec<Secret>,
        replies: mpsc::Sender<Reply>,
    ) -> Self {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        Self { context: context.clone(), store, home, secrets, replies, room }
    }

    /// Starts doing it, unless too much is under way; what comes of it is a reply.
    pub(super) fn start(&self, deed: Deed, body: Option<Bytes>) -> Result<(), String> {
        let permit = Arc::clone(&self.room).try_acquire_owned();
        let permit = permit.map_err(|_| "too much is under way: try again when something has come back".to_owned())?;
        tokio::spawn(self.clone().work(deed, body, permit));
        Ok(())
    }

    async fn work(self, deed: Deed, body: Option<Bytes>, permit: OwnedSemaphorePermit) {
        let said = |why: CliError| {
            let hint = why.hints.first().map(|hint| format!(" ({hint})")).unwrap_or_default();
            Reply::Said(format!("{}{hint}", why.message))
        };
        let replies = match self.done(&deed, body).await {
            Ok(replies) => replies,
            Err(why) if matches!(deed, Deed::Load(_) | Deed::Verdict(_) | Deed::Diff(..)) => {
                vec![Reply::Text(deed, vec![why.message])]
            }
            Err(why) => vec![said(why)],
        };
        drop(permit);
        for reply in replies {
            // Nobody listens any more when the view is closed.
            drop(self.replies.send(reply).await);
        }
    }

    async fn done(&self, deed: &Deed, body: Option<Bytes>) -> Result<Vec<Reply>, CliError> {
        Ok(match deed {
            Deed::Load(id) => vec![Reply::Text(deed.clone(), self.detail(*id).await?)],
            Deed::Verdict(id) => vec![Reply::Text(deed.clone(), self.verdict(*id).await?)],
            Deed::Diff(a, b) => vec![Reply::Text(deed.clone(), self.differences(*a, *b).await?)],
            Deed::Replay(id) => self.replay(*id, body).await?,
            Deed::Edit(id) => vec![Reply::Body(*id, self.event(*id).await?.request.body.clone())],
            Deed::Copy(id) => {
                let event = self.event(*id).await?;
                vec![Reply::Copy(view::as_curl(&Message::captured(&event, &self.home)))]
            }
            Deed::Quit | Deed::Interrupt | Deed::Suspend | Deed::Redraw | Deed::Open => Vec::new(),
        })
    }

    async fn event(&self, id: EventId) -> Result<Arc<Event>, CliError> {
        let found = self.store.event(id).await?;
        found.map(|logged| logged.event).ok_or_else(|| CliError::usage(format!("{id} is not kept any more")))
    }

    async fn detail(&self, id: EventId) -> Result<Vec<String>, CliError> {
        let (event, attempts) = (self.event(id).await?, self.store.attempts(id).await?);
        Ok(lines(&render::events::detail(&event, &attempts, Paint::OFF)))
    }

    async fn verdict(&self, id: EventId) -> Result<Vec<String>, CliError> {
        let event = self.event(id).await?;
        let mut secrets = self.secrets.clone();
        if secrets.is_empty() {
            let app = self.store.app(event.app.as_str()).await?;
            secrets = app.map(|app| app.secrets).unwrap_or_default();
        }
        let context = self.context.clone();
        // Looking for the mistake takes a while.
        let found = tokio::task::spawn_blocking(move || verify::judged(&context, &event, &secrets));
        let found = found.await.map_err(CliError::internal)??;
        Ok(lines(&render::verdict::finding(&found, Paint::OFF)))
    }

    async fn differences(&self, a: EventId, b: EventId) -> Result<Vec<String>, CliError> {
        let found = compare::events(self.event(a).await?.as_ref(), self.event(b).await?.as_ref());
        if found.is_empty() {
            return Ok(vec!["the same, but for ids and times".to_owned()]);
        }
        let names = (a.to_string(), b.to_string());
        Ok(lines(&render::diff::differences((&names.0, &names.1), &found, WIDTH, Paint::OFF)))
    }

    async fn replay(&self, id: EventId, body: Option<Bytes>) -> Result<Vec<Reply>, CliError> {
        let how = How::default();
        let event = self.event(id).await?;
        let mut changed = Event::clone(&event);
        if let Some(body) = body {
            changed.request.body = body;
        }
        let job = Job::new(&self.context, &how, Arc::clone(&self.store))?;
        let mut replies = Vec::new();
        for ready in job.ready(&event, &changed).await? {
            if ready.is_off() {
                replies.push(Reply::Said(format!("{} is disabled", ready.place.target())));
            } else {
                replies.push(Reply::Attempt(Box::new(job.send(&event, &ready).await?)));
            }
        }
        Ok(replies)
    }
}

/// The newest events from before, the oldest of them first.
pub(super) async fn past(store: &dyn Store) -> Result<Vec<Row>, CliError> {
    let mut rows = Vec::new();
    for logged in store.events(Query { order: Order::Newest, limit: PAST, ..Query::default() }).await? {
        let attempts = store.attempts(logged.event.id).await?;
        let mut row = Row::new(&logged.event, &Label::default(), store.deliveries(logged.event.id).await?.len());
        if let Some(last) = attempts.last() {
            row.attempted(last);
        }
        rows.push(row);
    }
    rows.reverse();
    Ok(rows)
}

/// Text as lines that are short enough to scroll through.
fn lines(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in text.lines() {
        let letters: Vec<char> = line.chars().collect();
        all.extend(letters.chunks(LONGEST_LINE).map(|piece| piece.iter().collect::<String>()));
        if letters.is_empty() {
            all.push(String::new());
        }
        if all.len() > MOST_LINES {
            all.truncate(MOST_LINES);
            all.push("(there is more: whk events show has it all)".to_owned());
            break;
        }
    }
    all
}
