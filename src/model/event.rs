//! An event: one thing that happened, kept for good.

use crate::model::app::AppName;
use crate::model::id::EventId;
use crate::model::request::CapturedRequest;
use crate::model::time::Timestamp;

/// One thing that happened, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, `msg_...`.
    pub id: EventId,
    /// The app it belongs to.
    pub app: AppName,
    /// Its type, such as `order.created`; empty if it has none.
    pub event_type: String,
    /// Whether its signature was right; `None` if nobody judged.
    pub verdict: Option<Verdict>,
    /// The request that carried it. The target is the whole one, with the inbox's path.
    pub request: CapturedRequest,
    /// What whoever made it said about it.
    pub marks: Marks,
}

/// What the maker of a message said about it; a request that came in has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A name of the maker's, unique in the app for good.
    pub uid: Option<String>,
    /// The channels it is on.
    pub channels: Vec<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When its payload is to be removed.
    pub payload_until: Option<Timestamp>,
    /// Whether its payload was removed: the body is empty, and cannot be sent any more.
    pub expunged: bool,
}

/// What was found out about a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the signature is right.
    pub ok: bool,
    /// The scheme it was judged by.
    pub scheme: String,
    /// The reason's code when it is not, such as `no_matching_signature`.
    pub reason: Option<String>,
}

impl Event {
    /// Whether it came in as a request; else somebody made it here.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.under_inbox().is_some()
    }

    /// Whether it came in without a signature that was found right.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        self.is_received() && !self.verdict.as_ref().is_some_and(|verdict| verdict.ok)
    }

    /// The path that the inbox handed on: what follows `/in/<app>`; may be empty.
    #[must_use]
    pub fn inbox_path(&self) -> &str {
        self.under_inbox().unwrap_or_else(|| self.request.path())
    }

    fn under_inbox(&self) -> Option<&str> {
        let rest = self.request.path().strip_prefix("/in/")?.strip_prefix(self.app.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}
