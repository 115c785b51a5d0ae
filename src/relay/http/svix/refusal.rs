//! Why a call is refused, in the words that the SDKs read.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::net::Answer;
use crate::relay::http::svix;
use crate::store::StoreError;

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// By a code.
    Code {
        /// The status.
        status: u16,
        /// For programs.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// By what it says: 422.
    Invalid(Vec<Invalid>),
    /// Its answer was given before, and is to be given again.
    Answered,
}

/// What is wrong with a part of a call.
#[derive(Debug)]
pub(super) struct Invalid {
    /// Where it is: `body`, `query` or `path`, and what within.
    loc: Vec<String>,
    msg: String,
    kind: &'static str,
}

impl Invalid {
    /// A value that breaks a rule.
    pub(super) fn value(loc: &[&str], msg: impl Into<String>) -> Self {
        Self::of("value_error", loc, msg)
    }

    /// Something else that breaks a rule.
    pub(super) fn of(kind: &'static str, loc: &[&str], msg: impl Into<String>) -> Self {
        Self { loc: loc.iter().map(|part| (*part).to_owned()).collect(), msg: msg.into(), kind }
    }

    /// Something that is not what it should be at all.
    pub(super) fn shape(loc: &[&str], msg: impl Into<String>) -> Self {
        Self::of("value_error.jsondecode", loc, msg)
    }
}

impl Refusal {
    /// By a code.
    pub(super) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Code { status, code, detail: detail.into() }
    }

    /// There is no such thing.
    pub(super) fn not_found() -> Self {
        Self::new(404, "not_found", "Entity not found")
    }

    /// There is nothing at this path.
    pub(super) fn no_route() -> Self {
        Self::new(404, "not_found", "there is nothing at this path")
    }

    /// Not in this way.
    pub(super) fn no_method() -> Self {
        Self::new(405, "method_not_allowed", "this method has no meaning at this path")
    }

    /// Not with this token.
    pub(super) fn forbidden() -> Self {
        Self::new(403, "insufficient access", "Insufficient access for the called operation.")
    }

    /// The query cannot be read.
    pub(super) fn bad_query(detail: impl Into<String>) -> Self {
        Self::new(400, "generic_error", detail)
    }

    /// The answer.
    pub(super) fn answer(&self) -> Answer {
        let (status, body) = match self {
            Self::Code { status, code, detail } => (*status, json!({"code": code, "detail": detail})),
            Self::Answered => (409, json!({"code": "conflict", "detail": "the request was answered before"})),
            Self::Invalid(faults) => (422, json!({"detail": faults.iter().map(Invalid::shown).collect::<Vec<_>>()})),
        };
        svix::json(status, Bytes::from(body.to_string()))
    }
}

impl Invalid {
    fn shown(&self) -> Value {
        json!({"loc": self.loc, "msg": self.msg, "type": self.kind})
    }
}

impl From<Invalid> for Refusal {
    fn from(fault: Invalid) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl From<StoreError> for Refusal {
    fn from(why: StoreError) -> Self {
        match why {
            StoreError::Taken(what) => Self::new(409, "conflict", format!("there already is {what}")),
            StoreError::Answered => Self::Answered,
            StoreError::Unknown(_) => Self::not_found(),
            StoreError::Full(_) => Self::new(503, "storage_full", why.to_string()),
            _ => Self::new(503, "storage_unavailable", why.to_string()),
        }
    }
}
