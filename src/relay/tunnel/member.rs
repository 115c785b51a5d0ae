//! A listener that is connected: who it is, and how much it may be given.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::model::Timestamp;
use crate::relay::feed::Frame;
use crate::relay::tunnel::words::{Hello, Word};
use crate::store::Claimant;

/// The most requests that a listener may have under way, whatever it says.
const MOST_UNDER_WAY: usize = 4096;
/// The most bytes of them, but for a single larger one.
const MOST_BYTES: usize = 64 << 20;

/// What goes out to a listener.
pub(crate) enum Out {
    /// A request, and whether it was missed.
    Request(Arc<Frame>, bool),
    /// Something to say.
    Say(Box<Word>),
    /// The end, with a code and a reason.
    Close(u16, String),
}

/// What the relay knows of a connection.
pub(crate) struct Guest {
    /// Its number, different for each connection.
    pub(crate) number: u64,
    /// Where it comes from.
    pub(crate) remote: String,
    /// When it came.
    pub(crate) since: Timestamp,
    /// Whether its answers may go to senders.
    pub(crate) answers: bool,
}

/// A listener that is connected.
pub(crate) struct Member {
    /// Its number, different for each connection.
    pub(crate) number: u64,
    /// What it chose for itself, to be known again by.
    pub(crate) session: String,
    pub(crate) remote: String,
    pub(crate) since: Timestamp,
    /// Whether its answers go to senders.
    pub(crate) answers: bool,
    /// What it says of itself.
    window: usize,
    window_bytes: usize,
    out: mpsc::Sender<Out>,
    under_way: usize,
    bytes: usize,
    /// How many requests were given to it in all.
    given: u64,
    /// Gets nothing more, and is sent away when all it has came to an end.
    pub(crate) leaving: bool,
}

impl Member {
    /// A listener that introduced itself, and what goes out to it.
    pub(crate) fn new(hello: &Hello, guest: Guest) -> (Self, mpsc::Receiver<Out>) {
        let Guest { number, remote, since, answers } = guest;
        let window = hello.window.clamp(1, MOST_UNDER_WAY);
        // Words come between the requests: more of them than this at a time are never said.
        let (out, outs) = mpsc::channel(window + 8);
        let window_bytes = hello.window_bytes.min(MOST_BYTES);
        let session = hello.session.clone();
        let member = Self {
            number,
            session,
            remote,
            since,
            answers,
            window,
            window_bytes,
            out,
            under_way: 0,
            bytes: 0,
            given: 0,
            leaving: false,
        };
        (member, outs)
    }

    /// Who it is, to others who want its name.
    pub(crate) fn claimant(&self) -> Claimant {
        Claimant { session: self.session.clone(), words: format!("{} since {}", self.remote, self.since) }
    }

    /// How much it has to do, and how much it did: who has the least is given the next request.
    pub(crate) const fn load(&self) -> (usize, u64) {
        (self.under_way, self.given)
    }

    /// Whether it may be given this request.
    pub(crate) fn has_room(&self, frame: &Frame) -> bool {
        let fits = self.under_way == 0 || self.bytes.saturating_add(size(frame)) <= self.window_bytes;
        !self.leaving && self.under_way < self.window && fits
    }

    /// How many requests more it may be given.
    pub(crate) const fn room(&self) -> usize {
        if self.leaving { 0 } else { self.window.saturating_sub(self.under_way) }
    }

    /// Gives it a request; says whether it could be given.
    pub(crate) fn give(&mut self, frame: &Arc<Frame>, missed: bool) -> bool {
        let given = self.out.try_send(Out::Request(Arc::clone(frame), missed)).is_ok();
        if given {
            self.under_way += 1;
            self.given += 1;
            self.bytes += size(frame);
        }
        given
    }

    /// A request came to an end.
    pub(crate) fn done(&mut self, frame: &Frame) {
        self.under_way = self.under_way.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size(frame));
        self.part_if_idle();
    }

    /// Says something to it. One that has no room for a word is as good as gone.
    pub(crate) fn say(&self, word: Word) {
        drop(self.out.try_send(Out::Say(Box::new(word))));
    }

    /// Sends it away, at once.
    pub(crate) fn close(&self, code: u16, reason: &str) {
        drop(self.out.try_send(Out::Close(code, reason.to_owned())));
    }

    /// It gets nothing more; the connection ends when nothing is under way.
    pub(crate) fn retire(&mut self) {
        self.leaving = true;
        self.part_if_idle();
    }

    fn part_if_idle(&self) {
        if self.leaving && self.under_way == 0 {
            self.close(1001, "the relay stops");
        }
    }
}

/// How much of a listener's room a request takes.
fn size(frame: &Frame) -> usize {
    let request = &frame.logged.event.request;
    request.headers.block().len() + request.body.len()
}
