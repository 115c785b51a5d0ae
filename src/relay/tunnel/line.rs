//! A line: listeners of one name or one group, its place in the log, and what is under way to them.
//!
//! One task owns all of it. It gives out events in the order of the log, as far as its listeners have room, and its
//! place is before the oldest event that did not come to an end. Whoever comes back goes on from there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::model::{AppName, EventId};
use crate::relay::feed::{Frame, Next, Taste};
use crate::relay::notice::Notice;
use crate::relay::tunnel::desk::Said;
use crate::relay::tunnel::member::Member;
use crate::relay::tunnel::place::{self, Start};
use crate::relay::tunnel::words::Word;
use crate::relay::tunnel::{Hub, Key, Reject};
use crate::store::{Claim, Claimant, Cursor, StoreError};

/// How far the clocks of two nodes may be apart.
const CLOCKS: Duration = Duration::from_secs(5);
/// How often the line's place is noted.
const EVERY: Duration = Duration::from_secs(1);
/// How long a line has its name, and after how many notes it says that it has it still.
const CLAIMED: Duration = Duration::from_secs(15);
const TICKS: u32 = 5;

/// What a line is told.
pub(crate) enum Order {
    /// Somebody wants to be on it.
    Join(Box<Joining>),
    /// This listener is gone.
    Leave(u64),
    /// This listener is to be sent away when it is done.
    Retire(u64),
    /// This listener's app said something, or it came to an end before if `None`.
    Said(u64, EventId, Option<Said>),
}

/// Somebody who wants to be on a line.
pub(crate) struct Joining {
    pub(crate) member: Member,
    pub(crate) taste: Taste,
    pub(crate) start: Start,
    pub(crate) reply: oneshot::Sender<Result<Joined, Reject>>,
}

/// What somebody is told who is on a line now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    pub(crate) missed: u64,
    pub(crate) counted: bool,
    pub(crate) after: Cursor,
}

/// A line.
pub(crate) struct Line {
    hub: Arc<Hub>,
    number: u64,
    key: Key,
    app: AppName,
    taste: Taste,
    heads: watch::Receiver<Cursor>,
    /// All up to here was looked at.
    place: Cursor,
    /// What arrived up to here was missed.
    missed: Missed,
    queue: VecDeque<Arc<Frame>>,
    under_way: BTreeMap<Cursor, (u64, Arc<Frame>)>,
    members: Vec<Member>,
    noted: Option<Cursor>,
    /// Who has the line's name, as other nodes are told.
    claimant: Option<Claimant>,
    ticks: u32,
}

/// What was there before the listener.
struct Missed {
    upto: Cursor,
    count: u64,
    /// Whether nobody was told yet that it is all on its way.
    untold: bool,
}

impl Line {
    /// A line on which nobody is yet.
    pub(crate) fn new(hub: Arc<Hub>, number: u64, key: Key, heads: watch::Receiver<Cursor>) -> Self {
        let app = key.app.clone();
        let missed = Missed { upto: Cursor(0), count: 0, untold: false };
        let (queue, under_way, members) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        Self {
            hub,
            number,
            key,
            app,
            taste: Taste::default(),
            heads,
            place: Cursor(0),
            missed,
            queue,
            under_way,
            members,
            noted: None,
            claimant: None,
            ticks: 0,
        }
    }

    /// Serves its listeners until the last of them is gone.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(EVERY);
        loop {
            self.give_out().await;
            // What is in the queue waits for room, not for more.
            let is_hungry = self.queue.is_empty();
            tokio::select! {
                biased;
                order = orders.recv() => {
                    let Some(order) = order else { break };
                    self.follow(order).await;
                    // What else was said meanwhile goes the same way, before the log is asked again.
                    while let Ok(order) = orders.try_recv() {
                        self.follow(order).await;
                    }
                }
                moved = self.heads.changed(), if is_hungry => if moved.is_err() {
                    return self.part();
                },
                _ = tick.tick() => {
                    self.note().await;
                    self.keep_name().await;
                }
            }
            if self.members.is_empty() {
                break;
            }
        }
        // Whoever asks from now on gets a line anew.
        self.hub.forget(&self.key, self.number);
        self.hub.pipeline.desk.seat(self.number, None);
        self.note().await;
        if let Some(own) = self.claimant.take() {
            // What fails here ends by itself.
            drop(self.claim(&own, Claim::Leave).await);
        }
    }

    /// Takes, keeps or leaves the line's name; who has it, if that is somebody at another node.
    async fn claim(&self, own: &Claimant, what: Claim) -> Result<Option<String>, StoreError> {
        let Some(name) = self.key.claimed() else { return Ok(None) };
        self.hub.pipeline.store.claim(&name, own, what).await
    }

    /// Goes on having the name. Who lost it, since its store was out of reach for long or it is at another node by now,
    /// is sent away.
    async fn keep_name(&mut self) {
        self.ticks += 1;
        let Some(own) = self.claimant.as_ref().filter(|_| self.ticks.is_multiple_of(TICKS)) else { return };
        if let Ok(Some(who)) = self.claim(own, Claim::Keep(CLAIMED)).await {
            for member in &self.members {
                member.close(4000, &format!("its name has another listener: {who}"));
            }
            self.claimant = None;
        }
    }

    /// The log is lost, and its places mean nothing any more: its listeners come again and begin with a new one.
    fn part(self) {
        for member in &self.members {
            member.close(1012, "the relay's store lost its data");
        }
        self.hub.forget(&self.key, self.number);
        self.hub.pipeline.desk.seat(self.number, None);
    }

    async fn follow(&mut self, order: Order) {
        match order {
            Order::Join(joining) => {
                let Joining { member, taste, start, reply } = *joining;
                let joined = self.join(member, taste, start).await;
                drop(reply.send(joined));
            }
            Order::Leave(number) => self.leave(number),
            Order::Retire(number) => {
                if let Some(member) = self.members.iter_mut().find(|member| member.number == number) {
                    member.retire();
                }
            }
            Order::Said(number, id, said) => self.said(number, id, said),
        }
    }

    async fn join(&mut self, member: Member, taste: Taste, start: Start) -> Result<Joined, Reject> {
        // It came back before its end was noticed.
        if let Some(there) = self.members.iter().position(|there| there.session == member.session) {
            let old = self.members.swap_remove(there);
            old.close(4000, "this listener connected again");
            self.give_back(old.number);
        }
        if let Some(there) = self.members.first().filter(|_| !self.key.group) {
            return Err(Reject::Taken(there.claimant().words));
        }
        let claimant = member.claimant();
        if let Some(who) = self.claim(&claimant, Claim::Take(CLAIMED)).await? {
            return Err(Reject::Taken(format!("{who}, at another relay on this store")));
        }
        self.claimant = Some(claimant);
        if !self.members.is_empty() && self.taste != taste {
            return Err(Reject::GroupDiffers);
        }
        let mut joined = Joined { missed: 0, counted: true, after: self.place };
        if self.members.is_empty() {
            let begin = place::begin(&self.hub.pipeline, &self.key, &taste, &start).await?;
            self.place = begin.from;
            self.missed = Missed { upto: begin.upto, count: begin.missed, untold: true };
            self.queue.clear();
            self.taste = taste;
            if begin.gap {
                member
                    .say(Word::Gap { reason: "what came before the oldest event that is kept was removed".to_owned() });
            }
            joined = Joined { missed: begin.missed, counted: begin.counted, after: begin.from };
        }
        let is_first = self.members.is_empty();
        self.members.push(member);
        self.seat();
        // What came until somebody was there to answer, nobody waits for: it keeps its order, too.
        if is_first && let Ok(newest) = self.hub.pipeline.store.newest().await {
            self.missed.upto = newest;
        }
        Ok(joined)
    }

    fn leave(&mut self, number: u64) {
        if let Some(there) = self.members.iter().position(|member| member.number == number) {
            self.members.swap_remove(there);
            self.give_back(number);
            self.seat();
        }
    }

    /// What a listener had that is gone goes to the others, the oldest first.
    fn give_back(&mut self, number: u64) {
        let mut back: Vec<_> = Vec::new();
        self.under_way.retain(|_, (own, frame)| {
            if *own == number {
                back.push(Arc::clone(frame));
            }
            *own != number
        });
        for frame in back.into_iter().rev() {
            self.queue.push_front(frame);
        }
        self.queue.make_contiguous().sort_by_key(|frame| frame.logged.cursor);
    }

    fn seat(&self) {
        let answers = self.members.iter().any(|member| member.answers && !member.leaving);
        self.hub.pipeline.desk.seat(self.number, answers.then_some(&self.taste));
    }

    fn said(&mut self, number: u64, id: EventId, said: Option<Said>) {
        let mut under_way = self.under_way.iter();
        let own = under_way.find(|(_, (own, frame))| *own == number && frame.logged.event.id == id);
        let (place, is_waited_for) = own.map(|(place, (_, frame))| (*place, self.is_waited_for(frame))).unzip();
        let Some(member) = self.members.iter_mut().find(|member| member.number == number) else { return };
        if let Some(said) = said.filter(|_| member.answers) {
            let desk = &self.hub.pipeline.desk;
            // One that is no longer under way may have been answered just before the connection broke.
            match desk.say(&self.app, id, said) {
                Some(said) if is_waited_for == Some(true) => desk.pass_on(&self.app, id, &said),
                _ => {}
            }
        }
        if let Some((_, frame)) = place.and_then(|place| self.under_way.remove(&place)) {
            member.done(&frame);
        }
    }

    /// Whether somebody at another node may wait for an answer to this still.
    fn is_waited_for(&self, frame: &Frame) -> bool {
        let age = self.hub.pipeline.clock.now().since(frame.logged.event.request.received_at);
        frame.logged.cursor > self.missed.upto && age < self.hub.pipeline.options.tunnel.hold + CLOCKS
    }

    /// Gives out what there is, as far as there is room.
    async fn give_out(&mut self) {
        loop {
            if self.queue.is_empty() && !self.look().await {
                break;
            }
            let Some(frame) = self.queue.front() else { break };
            let mut free: Vec<_> = self.members.iter_mut().filter(|member| member.has_room(frame)).collect();
            free.sort_by_key(|member| member.load());
            let (cursor, missed) = (frame.logged.cursor, frame.logged.cursor <= self.missed.upto);
            let Some(taker) = free.into_iter().find_map(|member| member.give(frame, missed).then_some(member.number))
            else {
                return;
            };
            if let Some(frame) = self.queue.pop_front() {
                self.under_way.insert(cursor, (taker, frame));
            }
        }
        if self.missed.untold && self.place >= self.missed.upto {
            self.missed.untold = false;
            for member in &self.members {
                member.say(Word::CaughtUp { missed: self.missed.count });
            }
        }
    }

    /// Looks for more in the log; says whether there is some.
    async fn look(&mut self) -> bool {
        if self.members.iter().all(|member| member.leaving) {
            return false;
        }
        loop {
            let head = *self.heads.borrow_and_update();
            match self.hub.feed.after(self.place, &self.taste) {
                Next::Behind => match place::page(&self.hub.pipeline, self.place, &self.taste).await {
                    Ok((frames, upto)) => {
                        self.queue.extend(frames);
                        let moved = upto > self.place;
                        self.place = self.place.max(upto);
                        if !moved && self.queue.is_empty() {
                            return false;
                        }
                    }
                    Err(why) => {
                        let message = format!("the listeners of {} wait: {why}", self.app);
                        self.hub.pipeline.tell(Notice::Trouble { message });
                        return false;
                    }
                },
                Next::Frames(frames, upto) => {
                    self.queue.extend(frames);
                    self.place = self.place.max(upto);
                }
            }
            if !self.queue.is_empty() {
                return true;
            }
            if self.place >= head {
                return false;
            }
        }
    }

    /// Notes how far the line has come, if it is one that is remembered.
    async fn note(&mut self) {
        let Some(name) = self.key.remembered() else { return };
        let oldest = self.under_way.keys().next().copied();
        let next = oldest.into_iter().chain(self.queue.front().map(|frame| frame.logged.cursor)).min();
        let place = next.map_or(self.place, |next| Cursor(next.0.saturating_sub(1)));
        if self.noted.is_some_and(|noted| noted >= place) {
            return;
        }
        match self.hub.pipeline.store.advance(&name, place).await {
            Ok(()) => self.noted = Some(place),
            Err(why) => {
                let message = format!("the place of \"{}\" was not noted: {why}", self.key.name);
                self.hub.pipeline.tell(Notice::Trouble { message });
            }
        }
    }
}
