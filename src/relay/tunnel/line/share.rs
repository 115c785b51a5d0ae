//! A line's part in a group that other nodes serve, too: what is next in the log it takes before it gives it out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::policy::route::Glob;
use crate::relay::feed::{Frame, Taste};
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::line::UnderWay;
use crate::relay::tunnel::{Key, Reject};
use crate::store::{Cursor, Order, Part, Query, Share, Shared, StoreError};

/// How long a node has its part that is not heard of any more.
const LASTING: Duration = Duration::from_secs(6);
/// The most events that are taken at once, so that something is left for the others.
const MOST: usize = 64;

/// A part that is taken.
pub(crate) struct Own {
    part: Part,
    /// As far as the log was given out to the group, as far as is known here.
    given: Cursor,
    /// What came to an end and was not said yet.
    done: Vec<Cursor>,
}

/// Why a line cannot go on.
pub(crate) enum Stop {
    /// The group is another one by now, or nobody knows it any more.
    Lost,
    /// The store does not answer; later it may.
    Store(StoreError),
}

impl Own {
    /// Takes part in a group, if other nodes can: from this place on, or from where the group is.
    pub(crate) async fn enter(
        pipeline: &Pipeline,
        key: &Key,
        line: u64,
        (taste, after): (&Taste, Cursor),
    ) -> Result<Option<Self>, Reject> {
        let Some(group) = key.remembered().filter(|_| key.group) else { return Ok(None) };
        let words = |globs: &[Glob]| globs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let admitted = if taste.admitted { " admitted" } else { "" };
        let wants = format!("only {} except {}{admitted}", words(&taste.types), words(&taste.except));
        let part = Part { group, line, wants };
        let own = |part, given| Some(Self { part, given, done: Vec::new() });
        match pipeline.store.share(&part, Share::Enter { after, lasting: LASTING }).await? {
            None => Ok(None),
            Some(Shared::Has(at, _) | Shared::Behind(at)) => Ok(own(part, at)),
            Some(Shared::Differs | Shared::Lost) => Err(Reject::GroupDiffers),
        }
    }

    /// How far the log was given out to the group.
    pub(crate) const fn given(&self) -> Cursor {
        self.given
    }

    /// An event came to an end.
    pub(crate) fn finish(&mut self, place: Cursor) {
        self.done.push(place);
    }

    /// Says what came to an end. What is not said now is said later.
    pub(crate) async fn report(&mut self, pipeline: &Pipeline) {
        if !self.done.is_empty() && pipeline.store.share(&self.part, Share::Done(self.done.clone())).await.is_ok() {
            self.done.clear();
        }
    }

    /// Takes what is next in the queue, as much as there is room for; what others have is taken out of it. All up to
    /// `place` was looked at.
    pub(crate) async fn take(
        &mut self,
        pipeline: &Pipeline,
        queue: &mut VecDeque<Arc<Frame>>,
        (place, room): (Cursor, usize),
    ) -> Result<(), Stop> {
        let mut places: Vec<_> = queue.iter().map(|frame| frame.logged.cursor).filter(|at| *at > self.given).collect();
        let is_all = places.len() <= room.min(MOST);
        places.truncate(room.min(MOST));
        let upto = if is_all { Some(place.max(self.given)) } else { places.last().copied() };
        let Some(upto) = upto.filter(|upto| *upto > self.given) else { return Ok(()) };
        match self.ask(pipeline, Share::Take { after: self.given, upto, places }).await? {
            Shared::Has(at, _) => {
                self.given = at;
                Ok(())
            }
            Shared::Behind(at) => self.pass(queue, at),
            Shared::Differs | Shared::Lost => Err(Stop::Lost),
        }
    }

    /// Goes on taking part, and takes up what nodes had that are gone, and what this one has without having heard of it.
    /// What others took up while it slept is theirs.
    pub(crate) async fn stay(
        &mut self,
        pipeline: &Pipeline,
        (queue, under_way): (&mut VecDeque<Arc<Frame>>, &UnderWay),
        room: usize,
    ) -> Result<(), Stop> {
        let answer = self.ask(pipeline, Share::Stay { lasting: LASTING, room: room.min(MOST) }).await?;
        let Shared::Has(at, held) = answer else { return Err(Stop::Lost) };
        let held: BTreeSet<_> = held.into_iter().collect();
        queue.retain(|frame| frame.logged.cursor > self.given || held.contains(&frame.logged.cursor));
        self.pass(queue, at)?;
        let queued: BTreeSet<_> = queue.iter().map(|frame| frame.logged.cursor).collect();
        let is_known =
            |place: &Cursor| queued.contains(place) || under_way.contains_key(place) || self.done.contains(place);
        let mut unread = Vec::new();
        for place in held.into_iter().filter(|place| !is_known(place)) {
            let after = Some(Cursor(place.0.saturating_sub(1)));
            let query = Query { after, order: Order::Oldest, limit: 1, ..Query::default() };
            let found = pipeline.store.events(query).await.map_err(Stop::Store)?;
            unread.push((place, found.into_iter().next().filter(|logged| logged.cursor == place)));
        }
        for (place, found) in unread {
            match found {
                Some(logged) => queue.push_front(Arc::new(Frame::of(logged))),
                // It was removed meanwhile.
                None => self.finish(place),
            }
        }
        queue.make_contiguous().sort_by_key(|frame| frame.logged.cursor);
        Ok(())
    }

    /// Takes part no more. What fails here ends by itself.
    pub(crate) async fn leave(mut self, pipeline: &Pipeline) {
        self.report(pipeline).await;
        drop(pipeline.store.share(&self.part, Share::Leave).await);
    }

    async fn ask(&self, pipeline: &Pipeline, what: Share) -> Result<Shared, Stop> {
        let answer = pipeline.store.share(&self.part, what).await.map_err(Stop::Store)?;
        answer.ok_or(Stop::Lost)
    }

    /// Others have all up to there that is not here already. A group that is not as far as it was is another one, begun
    /// anew, or the store lost some of it.
    fn pass(&mut self, queue: &mut VecDeque<Arc<Frame>>, at: Cursor) -> Result<(), Stop> {
        if at < self.given {
            return Err(Stop::Lost);
        }
        queue.retain(|frame| frame.logged.cursor <= self.given || frame.logged.cursor > at);
        self.given = at;
        Ok(())
    }
}
