//! One line of the list: what is kept of an event, bounded and fit for a terminal.

use std::time::Duration;

use memchr::memmem::Finder;

use crate::model::{Attempt, Event, EventId, Timestamp};
use crate::relay::notice::Label;
use crate::view::safe;

/// Longer texts are cut: a list of many events must stay small.
const LONGEST: usize = 120;
/// So much of a body is searched: 10,000 rows with it are 10 MB.
const SEARCHED: usize = 1 << 10;

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which event.
    pub id: EventId,
    /// When it came.
    pub at: Timestamp,
    /// Its type, or method and path if it has none.
    pub what: String,
    /// Who sent it, as far as anybody can tell.
    pub provider: String,
    /// What was found out about its signature.
    pub judged: Judged,
    /// How far it has come.
    pub state: State,
    /// How long the last attempt took.
    pub took: Option<Duration>,
    /// The number of the last attempt.
    pub attempts: u32,
    /// What it is found by, in lower case; of the body its beginning.
    found_by: Box<str>,
}

/// What was found out about a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Nobody looked, or there is none.
    Not,
    /// It is right.
    Valid,
    /// It is wrong.
    Invalid,
}

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It goes nowhere.
    Recorded,
    /// Its first attempt is under way.
    Waiting,
    /// The app answered.
    Answered(u16),
    /// There was no answer; the kind of failure.
    Failed(&'static str),
}

impl Row {
    /// An event that came in.
    #[must_use]
    pub fn new(event: &Event, label: &Label, deliveries: usize) -> Self {
        let what = if event.event_type.is_empty() {
            format!("{} {}", event.request.method, event.request.path())
        } else {
            event.event_type.clone()
        };
        let judged = match &event.verdict {
            Some(verdict) if verdict.ok => Judged::Valid,
            Some(_) => Judged::Invalid,
            None => Judged::Not,
        };
        let provider = event.verdict.as_ref().map(|verdict| verdict.scheme.as_str()).or(label.provider.as_deref());
        let (what, provider) = (brief(&what), brief(provider.unwrap_or_default()));
        let body = &event.request.body;
        let body = String::from_utf8_lossy(body.get(..SEARCHED).unwrap_or(body));
        Self {
            id: event.id,
            at: event.request.received_at,
            found_by: format!("{what} {provider} {}\n{body}", event.id).to_lowercase().into(),
            what,
            provider,
            judged,
            state: match label.answered {
                Some(status) => State::Answered(status),
                None if deliveries > 0 => State::Waiting,
                None => State::Recorded,
            },
            took: None,
            attempts: 0,
        }
    }

    /// An attempt to deliver it came to an end.
    pub fn attempted(&mut self, attempt: &Attempt) {
        self.state = match &attempt.outcome {
            Ok(response) => State::Answered(response.status),
            Err(failure) => State::Failed(failure.kind.code()),
        };
        self.took = Some(attempt.duration);
        self.attempts = attempt.number;
    }

    /// Whether a text is in it, which is in lower case.
    #[must_use]
    pub fn has(&self, needle: &Finder<'_>) -> bool {
        needle.find(self.found_by.as_bytes()).is_some() || needle.find(self.state.word().as_bytes()).is_some()
    }
}

impl State {
    /// The word for it: a status, a kind of failure.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Recorded => "recorded".to_owned(),
            Self::Waiting => "waiting".to_owned(),
            Self::Answered(status) => format!("[{status}]"),
            Self::Failed(kind) => format!("[{kind}]"),
        }
    }

    /// Whether something went wrong.
    #[must_use]
    pub const fn is_failed(self) -> bool {
        match self {
            Self::Answered(status) => !matches!(status, 200..=299),
            Self::Failed(_) => true,
            Self::Recorded | Self::Waiting => false,
        }
    }
}

impl Judged {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Not => "-",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

fn brief(text: &str) -> String {
    safe(text.chars().take(LONGEST).collect::<String>())
}
