//! What came lately and what became of it: an event that comes again after a broken connection is not sent twice.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::model::EventId;
use crate::net::websocket::Message;
use crate::store::Cursor;

/// So many events are kept in mind.
const MOST: usize = 20_000;
/// So many answers, and none larger than this.
const MOST_ANSWERS: usize = 256;
const LARGEST: usize = 64 << 10;

/// The events of late.
#[derive(Default)]
pub(super) struct Recent {
    states: HashMap<EventId, State>,
    /// Those that are over, the oldest first.
    over: VecDeque<EventId>,
    under_way: BTreeSet<Cursor>,
    highest: Option<Cursor>,
}

enum State {
    UnderWay(Cursor),
    /// Over, with the answer if it is still kept.
    Over(Option<Message>),
}

/// What an event is that comes in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It was never here.
    New,
    /// It is on its way.
    UnderWay,
    /// It is over, and this was the answer.
    Over(Option<Message>),
}

impl Recent {
    /// Where it begins, if nothing came yet.
    pub(super) fn begin(&mut self, place: Cursor) {
        self.highest = self.highest.or(Some(place));
    }

    /// An event comes in.
    pub(super) fn arrive(&mut self, id: EventId, cursor: Cursor) -> Known {
        self.highest = self.highest.max(Some(cursor));
        match self.states.get(&id) {
            Some(State::UnderWay(_)) => Known::UnderWay,
            Some(State::Over(answer)) => Known::Over(answer.clone()),
            None => {
                self.states.insert(id, State::UnderWay(cursor));
                self.under_way.insert(cursor);
                Known::New
            }
        }
    }

    /// It came to an end.
    pub(super) fn over(&mut self, id: EventId, answer: &Message) {
        let kept = match answer {
            Message::Binary(bytes) if bytes.len() > LARGEST => None,
            answer => Some(answer.clone()),
        };
        if let Some(State::UnderWay(cursor)) = self.states.insert(id, State::Over(kept)) {
            self.under_way.remove(&cursor);
            self.over.push_back(id);
        }
        let aged = self.over.len().checked_sub(MOST_ANSWERS + 1).and_then(|at| self.over.get(at));
        if let Some(State::Over(answer)) = aged.and_then(|id| self.states.get_mut(id)) {
            *answer = None;
        }
        if self.over.len() > MOST
            && let Some(oldest) = self.over.pop_front()
        {
            self.states.remove(&oldest);
        }
    }

    /// Up to where everything came to an end.
    pub(super) fn place(&self) -> Option<Cursor> {
        let before = |cursor: &Cursor| Cursor(cursor.0.saturating_sub(1));
        self.under_way.first().map(before).or(self.highest)
    }

    /// The newest that ever came.
    pub(super) const fn newest(&self) -> Option<Cursor> {
        self.highest
    }

    /// The newest answers, the oldest of them first: some may not have arrived.
    pub(super) fn answers(&self) -> Vec<Message> {
        let newest = self.over.iter().skip(self.over.len().saturating_sub(MOST_ANSWERS));
        let answer = |id| match self.states.get(id) {
            Some(State::Over(answer)) => answer.clone(),
            _ => None,
        };
        newest.filter_map(answer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> EventId {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        EventId::from_bytes(bytes)
    }

    fn answer(number: u64) -> Message {
        Message::Text(number.to_string())
    }

    #[test]
    fn the_place_is_before_the_oldest_that_is_under_way() {
        let mut recent = Recent::default();
        assert_eq!(recent.place(), None);
        for number in [5, 6, 9] {
            assert_eq!(recent.arrive(id(number), Cursor(number)), Known::New);
        }
        assert_eq!(recent.place(), Some(Cursor(4)));
        recent.over(id(6), &answer(6));
        recent.over(id(5), &answer(5));
        assert_eq!(recent.place(), Some(Cursor(8)));
        assert_eq!(recent.arrive(id(9), Cursor(9)), Known::UnderWay);
        assert_eq!(recent.arrive(id(5), Cursor(5)), Known::Over(Some(answer(5))));
        recent.over(id(9), &answer(9));
        assert_eq!(recent.place(), Some(Cursor(9)));
        assert_eq!(recent.answers(), [answer(6), answer(5), answer(9)]);
    }

    #[test]
    fn only_so_much_is_kept_in_mind() {
        let mut recent = Recent::default();
        let large = Message::Binary(vec![0; LARGEST + 1].into());
        for number in 0..(MOST as u64 + 10) {
            recent.arrive(id(number), Cursor(number));
            recent.over(id(number), &answer(number));
        }
        assert_eq!((recent.states.len(), recent.answers().len()), (MOST, MOST_ANSWERS));
        assert_eq!(recent.arrive(id(20), Cursor(20)), Known::Over(None), "its answer is too old");
        recent.arrive(id(u64::MAX), Cursor(u64::MAX));
        recent.over(id(u64::MAX), &large);
        assert_eq!(recent.arrive(id(u64::MAX), Cursor(u64::MAX)), Known::Over(None), "its answer is too large");
    }
}
