//! What a line gives out: the next of the log to whoever has the least under way.

use crate::relay::feed::Next;
use crate::relay::notice::Notice;
use crate::relay::tunnel::line::Line;
use crate::relay::tunnel::line::share::Stop;
use crate::relay::tunnel::member::Member;
use crate::relay::tunnel::place;
use crate::relay::tunnel::words::Word;
use crate::store::StoreError;

impl Line {
    /// Gives out what there is, as far as there is room.
    pub(super) async fn give_out(&mut self) {
        loop {
            if self.queue.is_empty() && !self.look().await {
                break;
            }
            let Some(frame) = self.queue.front() else { break };
            if self.own.as_ref().is_some_and(|own| own.given() < frame.logged.cursor) {
                if !self.members.iter().any(|member| member.has_room(frame)) || !self.take().await {
                    return;
                }
                continue;
            }
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

    /// Takes what is next before another node does; says whether the line can go on.
    async fn take(&mut self) -> bool {
        let room = self.members.iter().map(Member::room).sum();
        let Some(own) = &mut self.own else { return true };
        let taken = own.take(&self.hub.pipeline, &mut self.queue, (self.place, room)).await;
        self.place = self.place.max(own.given());
        self.goes_on(taken)
    }

    /// Goes on with its part in a group.
    pub(super) async fn stay(&mut self) {
        if self.queue.is_empty() && !self.take().await {
            return;
        }
        let room = self.members.iter().map(Member::room).sum();
        let Some(own) = &mut self.own else { return };
        own.report(&self.hub.pipeline).await;
        let stayed = own.stay(&self.hub.pipeline, (&mut self.queue, &self.under_way), room).await;
        self.place = self.place.max(own.given());
        self.goes_on(stayed);
    }

    fn goes_on(&mut self, outcome: Result<(), Stop>) -> bool {
        match outcome {
            Ok(()) => return true,
            Err(Stop::Store(why)) => self.trouble(&why),
            Err(Stop::Lost) => {
                for member in std::mem::take(&mut self.members) {
                    member.close(1012, "its group is another one by now");
                }
                self.queue.clear();
                self.under_way.clear();
            }
        }
        false
    }

    fn trouble(&self, why: &StoreError) {
        let message = format!("the listeners of {} wait: {why}", self.app);
        self.hub.pipeline.tell(Notice::Trouble { message });
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
                        self.trouble(&why);
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
}
