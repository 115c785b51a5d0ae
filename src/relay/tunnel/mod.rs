//! The tunnel: listeners elsewhere that get an app's events over one connection each, and answer their senders.
//!
//! A listener is on a line, alone by its name or with others of a group. Lines read the log in its own order, so that
//! nothing is lost however often a connection breaks; `docs/tunnel.md` has the messages. A group may have a line at
//! several nodes: then each takes what is next in the store before it gives it out.

pub(crate) mod desk;
mod line;
mod member;
pub(crate) mod others;
pub(crate) mod outward;
mod place;
pub(crate) mod session;
pub(crate) mod svix;
pub(crate) mod words;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::model::AppName;
use crate::relay::feed::{Feed, Taste};
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::line::{Joined, Joining, Line, Order};
use crate::relay::tunnel::member::Member;
use crate::relay::tunnel::place::Start;
use crate::store::StoreError;

/// How many orders a line may be behind.
const ORDERS: usize = 256;

/// The listeners of this relay.
pub(crate) struct Hub {
    pub(crate) pipeline: Arc<Pipeline>,
    feed: Arc<Feed>,
    lines: Mutex<HashMap<Key, (u64, mpsc::Sender<Order>)>>,
    numbers: AtomicU64,
}

/// What tells lines apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) app: AppName,
    pub(crate) name: String,
    /// Whether it is the name of a group.
    pub(crate) group: bool,
    /// Whether its place is remembered.
    pub(crate) lasting: bool,
}

/// Why somebody cannot be on a line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Reject {
    #[error("the name is taken by a listener from {0}")]
    Taken(String),
    #[error(
        "the others of this group want other events: give the same --only and --except, and each relay the same --verify"
    )]
    GroupDiffers,
    #[error("the app has as many listeners as it may have")]
    TooMany,
    #[error("since: {0}")]
    Since(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reject {
    /// A word for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Taken(_) => "name_taken",
            Self::GroupDiffers => "group_differs",
            Self::TooMany => "too_many_listeners",
            Self::Since(_) => "invalid_since",
            Self::Store(_) => "storage_unavailable",
        }
    }
}

impl Key {
    /// The name that its place is remembered by.
    fn remembered(&self) -> Option<String> {
        let kind = if self.group { "group" } else { "name" };
        self.lasting.then(|| format!("tunnel:{}:{kind}:{}", self.app, self.name))
    }

    /// The name that no other listener may have, at whichever node.
    fn claimed(&self) -> Option<String> {
        self.remembered().filter(|_| !self.group)
    }
}

impl Hub {
    pub(crate) fn new(pipeline: Arc<Pipeline>, feed: Arc<Feed>) -> Self {
        Self { pipeline, feed, lines: Mutex::default(), numbers: AtomicU64::new(1) }
    }

    /// A number that no other connection or line has.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> usize {
        self.lines().len()
    }

    /// Puts a listener on a line.
    pub(crate) async fn join(
        self: &Arc<Self>,
        key: Key,
        member: Member,
        taste: Taste,
        start: Start,
    ) -> Result<(Joined, mpsc::Sender<Order>), Reject> {
        let (reply, joined) = oneshot::channel();
        let mut joining = Box::new(Joining { member, taste, start, reply });
        loop {
            let orders = self.line(&key).await?;
            match orders.send(Order::Join(joining)).await {
                Ok(()) => return Ok((joined.await.map_err(|_| gone())??, orders)),
                // The last listener left just now, and the line with it.
                Err(mpsc::error::SendError(Order::Join(back))) => joining = back,
                Err(_) => return Err(gone()),
            }
            tokio::task::yield_now().await;
        }
    }

    /// The line of this key; it begins if there is none.
    async fn line(self: &Arc<Self>, key: &Key) -> Result<mpsc::Sender<Order>, Reject> {
        if let Some((_, orders)) = self.lines().get(key).filter(|(_, orders)| !orders.is_closed()) {
            return Ok(orders.clone());
        }
        let heads = self.feed.follow().await?;
        let mut lines = self.lines();
        if let Some((_, orders)) = lines.get(key).filter(|(_, orders)| !orders.is_closed()) {
            return Ok(orders.clone());
        }
        let most = self.pipeline.options.tunnel.listeners;
        if lines.keys().filter(|other| other.app == key.app).count() >= most {
            return Err(Reject::TooMany);
        }
        let (orders, received) = mpsc::channel(ORDERS);
        let number = self.number();
        lines.insert(key.clone(), (number, orders.clone()));
        let line = Line::new(Arc::clone(self), number, key.clone(), heads);
        tokio::spawn(line.run(received));
        Ok(orders)
    }

    /// A line ended.
    fn forget(&self, key: &Key, number: u64) {
        let mut lines = self.lines();
        if lines.get(key).is_some_and(|(own, _)| *own == number) {
            lines.remove(key);
        }
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<Key, (u64, mpsc::Sender<Order>)>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> Reject {
    Reject::Store(StoreError::Unavailable("the line ended; connect again".to_owned()))
}
