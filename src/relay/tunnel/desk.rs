//! The senders who wait for the answer of a listener that is connected here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::model::{AppName, Event, EventId, Failure, Response};
use crate::relay::feed::Taste;
use crate::relay::judge::Finding;
use crate::relay::pipeline::Pipeline;
use crate::relay::reply::Reply;
use crate::relay::tunnel::others::Others;
use crate::store::StoreError;

/// What a listener's app said, or that it said nothing.
pub(crate) type Said = Result<Response, Failure>;

/// Who waits, and who may answer.
#[derive(Default)]
pub(crate) struct Desk {
    waiting: Mutex<HashMap<EventId, Ticket>>,
    /// What each line with a listener wants that may answer.
    answering: Mutex<HashMap<u64, Taste>>,
    pub(super) others: Others,
}

struct Ticket {
    app: AppName,
    /// How many may still answer.
    left: usize,
    sender: oneshot::Sender<Said>,
}

/// A sender's place in the queue, given up when dropped.
pub(crate) struct Waiting<'d> {
    desk: &'d Desk,
    id: EventId,
    answer: oneshot::Receiver<Said>,
}

impl Desk {
    /// Gets in line for an answer; `None` if nobody is there to give one. This comes before the event is kept, so that
    /// no answer can come too early.
    pub(crate) fn expect(&self, event: &Event) -> Option<Waiting<'_>> {
        let here = self.answering().values().filter(|taste| taste.likes(event)).count();
        let left = here + self.answering_elsewhere(event);
        if left == 0 {
            return None;
        }
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(event.id, Ticket { app: event.app.clone(), left, sender });
        Some(Waiting { desk: self, id: event.id, answer })
    }

    /// A listener of this app said something. The first answer counts, and a failure only if no other may come. What
    /// nobody here waits for is handed back.
    pub(crate) fn say(&self, app: &AppName, id: EventId, said: Said) -> Option<Said> {
        let mut waiting = self.waiting();
        let Some(ticket) = waiting.get_mut(&id).filter(|ticket| ticket.app == *app) else { return Some(said) };
        ticket.left = ticket.left.saturating_sub(1);
        if (said.is_ok() || ticket.left == 0)
            && let Some(ticket) = waiting.remove(&id)
        {
            // The sender may be gone by now.
            drop(ticket.sender.send(said));
        }
        None
    }

    /// A line's listeners may answer what is to its taste, or none of them may any more.
    pub(crate) fn seat(&self, line: u64, taste: Option<&Taste>) {
        let before = match taste {
            Some(taste) => self.answering().insert(line, taste.clone()),
            None => self.answering().remove(&line),
        };
        if before.as_ref() != taste {
            self.announce(line, taste);
        }
    }

    pub(super) fn answering(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Taste>> {
        self.answering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<EventId, Ticket>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    /// What is said within this time.
    pub(crate) async fn said(mut self, within: Duration) -> Option<Said> {
        tokio::time::timeout(within, &mut self.answer).await.ok()?.ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.desk.waiting().remove(&self.id);
    }
}

impl Pipeline {
    /// Keeps an event that no forward wants. The answer of a listener elsewhere, if one comes in time; else our own.
    pub(crate) async fn keep_and_hold(
        self: &Arc<Self>,
        event: &Arc<Event>,
        finding: &Finding,
    ) -> Result<Result<Reply, Reply>, StoreError> {
        let waiting = self.desk.expect(event);
        let fanned = self.keep(event, finding, Vec::new()).await?;
        let Some(waiting) = waiting else {
            return Ok(Err(if fanned > 0 { Reply::Accepted } else { Reply::Recorded }));
        };
        Ok(match waiting.said(self.options.tunnel.hold).await {
            Some(Ok(response)) => Ok(Reply::Answered(response)),
            Some(Err(failure)) => Ok(Reply::NoAnswer(failure)),
            None => Err(Reply::Accepted),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CapturedRequest, FailureKind, Headers, Marks, Timestamp};

    fn event(app: &str, event_type: &str) -> Event {
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers: Headers::new(),
            body: bytes::Bytes::new(),
            remote: String::new(),
            received_at: Timestamp::default(),
        };
        let (id, event_type, marks) = (EventId::from_bytes([1; 20]), event_type.to_owned(), Marks::default());
        Event { id, app: app.parse().unwrap(), event_type, verdict: None, request, marks }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what a listener says")]
    fn answer(status: u16) -> Said {
        Ok(Response { status, headers: Headers::new(), body: bytes::Bytes::new(), truncated: false })
    }

    fn no_answer() -> Said {
        Err(Failure { kind: FailureKind::Refused, message: "refused".to_owned() })
    }

    fn taste(app: &str, types: &[&str]) -> Taste {
        let types = types.iter().map(|text| text.parse().unwrap()).collect();
        Taste { app: Some(app.parse().unwrap()), types, ..Taste::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_answer_counts_and_a_failure_only_if_nobody_else_may_answer() {
        let (desk, event) = (Desk::default(), event("a", "x"));
        assert!(desk.expect(&event).is_none(), "nobody is there");
        desk.seat(1, Some(&taste("a", &[])));
        desk.seat(2, Some(&taste("a", &["x*"])));
        desk.seat(3, Some(&taste("a", &["y*"])));
        desk.seat(4, Some(&taste("b", &[])));
        let waiting = desk.expect(&event).unwrap();
        assert_eq!(desk.say(&"b".parse().unwrap(), event.id, answer(200)), Some(answer(200)), "another app's");
        assert_eq!(desk.say(&event.app, event.id, no_answer()), None);
        assert_eq!(desk.say(&event.app, event.id, answer(201)), None);
        assert_eq!(desk.say(&event.app, event.id, answer(202)), Some(answer(202)), "too late");
        assert_eq!(waiting.said(Duration::from_secs(1)).await, Some(answer(201)));
        let waiting = desk.expect(&event).unwrap();
        assert_eq!(desk.say(&event.app, event.id, no_answer()), None);
        assert_eq!(desk.say(&event.app, event.id, no_answer()), None);
        assert_eq!(waiting.said(Duration::from_secs(1)).await, Some(no_answer()));
        let waiting = desk.expect(&event).unwrap();
        assert_eq!(waiting.said(Duration::from_secs(1)).await, None);
        assert!(desk.waiting().is_empty(), "a sender that gave up is forgotten");
        for line in 1..4 {
            desk.seat(line, None);
        }
        assert!(desk.expect(&event).is_none());
    }
}
