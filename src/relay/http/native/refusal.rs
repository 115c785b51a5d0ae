//! Why a request is not answered as it was meant, in the words of RFC 9457's plainer cousin: a code and a sentence.

use serde_json::json;

use crate::net::Answer;
use crate::net::guard::NotAllowed;
use crate::relay::http::json_answer;
use crate::store::StoreError;

/// A request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    detail: String,
    field: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None }
    }

    /// A field of the body, or a parameter, is not as it should be.
    pub(super) fn field(name: &str, detail: impl std::fmt::Display) -> Self {
        let field = Some(name.to_owned());
        Self { field, ..Self::new(422, "invalid_field", format!("{name}: {detail}")) }
    }

    /// A parameter of the query is not as it should be.
    pub(super) fn parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        Self { status: 400, code: "invalid_parameter", ..Self::field(name, detail) }
    }

    /// The URL leads where this relay calls nobody.
    pub(super) fn url_blocked(why: &NotAllowed) -> Self {
        Self { code: "url_blocked", ..Self::field("url", why) }
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(404, "not_found", format!("there is no {what}"))
    }

    /// What is wrong, for people.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn answer(self) -> Answer {
        let Self { status, code, detail, field } = self;
        let mut value = json!({"code": code, "detail": detail});
        if let Some(field) = field {
            value["field"] = json!(field);
        }
        let mut answer = json_answer(status, &value);
        if status == 401 {
            // The line is ours and well formed.
            drop(answer.headers.push("www-authenticate", "Bearer"));
        }
        answer
    }
}

impl From<StoreError> for Refusal {
    fn from(why: StoreError) -> Self {
        let (status, code) = match why {
            StoreError::Taken(_) => (409, "conflict"),
            StoreError::Unknown(_) => (404, "not_found"),
            StoreError::Full(_) => (503, "storage_full"),
            _ => (503, "storage_unavailable"),
        };
        Self::new(status, code, why.to_string())
    }
}
