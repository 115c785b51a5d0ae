//! A line: listeners of one name or one group, its place in the log, and what is under way to them.
//!
//! One task owns all of it. It gives out events in the order of the log, as far as its listeners have room, and its
//! place is before the oldest event that did not come to an end. Whoever comes back goes on from there.

mod giving;
mod share;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::model::{AppName, EventId};
use crate::relay::feed::{Frame, Taste};
use crate::relay::notice::Notice;
use crate::relay::tunnel::desk::Said;
use crate::relay::tunnel::line::share::Own;
use crate::relay::tunnel::member::Member;
use crate::relay::tunnel::place::{self, Begin, Start};
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
    under_way: UnderWay,
    members: Vec<Member>,
    noted: Option<Cursor>,
    /// Who has the line's name, as other nodes are told.
    claimant: Option<Claimant>,
    /// The line's part in a group, where other nodes may have one.
    own: Option<Own>,
    ticks: u32,
}

/// What was given out and did not come to an end, by its place, and which listener has it.
type UnderWay = BTreeMap<Cursor, (u64, Arc<Frame>)>;

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
            own: None,
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
                    self.stay().await;
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
        if let Some(own) = self.own.take() {
            own.leave(&self.hub.pipeline).await;
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
            let begin = self.begin(&taste, &start).await?;
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

    /// Where the line begins; with a group that other nodes serve already that is where they are.
    async fn begin(&mut self, taste: &Taste, start: &Start) -> Result<Begin, Reject> {
        let pipeline = &self.hub.pipeline;
        // Its only listener came back before its end was noticed. What the line holds still it hears of when it stays.
        if let Some(own) = self.own.take() {
            own.leave(pipeline).await;
        }
        let begin = place::begin(pipeline, &self.key, taste, start).await?;
        self.own = Own::enter(pipeline, &self.key, self.number, (taste, begin.from)).await?;
        Ok(match self.own.as_ref().map(Own::given).filter(|given| *given != begin.from) {
            Some(from) => Begin { from, upto: from, missed: 0, counted: true, gap: false },
            None => begin,
        })
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
        if let Some((place, (_, frame))) = place.and_then(|place| self.under_way.remove_entry(&place)) {
            member.done(&frame);
            if let Some(own) = &mut self.own {
                own.finish(place);
            }
        }
    }

    /// Whether somebody at another node may wait for an answer to this still.
    fn is_waited_for(&self, frame: &Frame) -> bool {
        let age = self.hub.pipeline.clock.now().since(frame.logged.event.request.received_at);
        frame.logged.cursor > self.missed.upto && age < self.hub.pipeline.options.tunnel.hold + CLOCKS
    }

    /// Notes how far the line has come, if it is one that is remembered.
    async fn note(&mut self) {
        // The place of a group that other nodes may serve is noted with its part.
        let Some(name) = self.key.remembered().filter(|_| self.own.is_none()) else { return };
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
