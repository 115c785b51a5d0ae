//! An event: one thing that happened, kept for good.

use crate::model::app::AppName;
use crate::model::id::EventId;
use crate::model::request::CapturedRequest;

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
    /// The path that the inbox handed on: what follows `/in/<app>`; may be empty.
    #[must_use]
    pub fn inbox_path(&self) -> &str {
        let path = self.request.path();
        path.strip_prefix("/in/")
            .and_then(|rest| rest.strip_prefix(self.app.as_str()))
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .unwrap_or(path)
    }
}
