//! What the inspector reads beside the events themselves: rows, what changes, verdicts, figures, other forms.

pub(super) mod catalogue;
pub(super) mod export;
pub(super) mod figures;
pub(super) mod live;
pub(super) mod rows;
pub(super) mod verdict;

use serde_json::json;

use crate::model::{AppName, CapturedRequest};
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::{Face, json_answer};

/// `/api/v1/webhooks/access`: what a token allows, and where.
pub(super) async fn access(face: &Face, request: &CapturedRequest) -> Outcome {
    let token = Caller::of(face, request, Deed::Look).await?.token;
    Params::read(request, &[])?;
    let forwards = face.pipeline.options.forwards.iter().map(|forward| forward.endpoint.target.to_string());
    let forwards: Vec<String> = if token.operates() { forwards.collect() } else { Vec::new() };
    let value = json!({
        "type": "access",
        "rights": token.rights.word(),
        "app": token.app.as_ref().map(AppName::as_str),
        "expires_at": token.expires_at.map(|at| at.to_string()),
        "forwards": forwards,
        "version": env!("CARGO_PKG_VERSION"),
    });
    Ok(json_answer(200, &value))
}
