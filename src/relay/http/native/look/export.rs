//! `/api/v1/webhooks/events/{id}/raw`: a request as it came, or written out for another program; never as a page.

use std::sync::Arc;

use bytes::Bytes;

use crate::model::{CapturedRequest, Target, TargetError};
use crate::net::{Answer, Body};
use crate::relay::http::Face;
use crate::relay::http::guarded;
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::events::found;
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::refusal::Refusal;
use crate::view::{self, Message};

/// Answers with the body, or with the whole request in the form that is asked for.
pub(in crate::relay::http::native) async fn answer(face: &Face, request: &CapturedRequest, id: &str) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &["as"])?;
    let event = found(face, &caller, id).await?;
    let host = request.headers.text("host").unwrap_or("localhost");
    let to: Result<Target, TargetError> = format!("http://{host}").parse();
    let to = to.map_err(|why| Refusal::new(400, "invalid_header", why.to_string()))?;
    let message = Message::captured(&event, &to);
    let (body, ending) = match params.get("as").unwrap_or("body") {
        "body" => (event.request.body.clone(), "bin"),
        "http" => (Bytes::from(view::as_http(&message)), "http"),
        "curl" => (Bytes::from(view::as_curl(&message)), "sh"),
        "har" => (Bytes::from(view::as_har([Arc::as_ref(&event)], &to).to_string()), "har"),
        _ => return Err(Refusal::parameter("as", "must be body, http, curl or har")),
    };
    let name = format!("attachment; filename=\"{}.{ending}\"", event.id);
    let mut headers = guarded();
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", &name),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        // The lines are ours and well formed.
        drop(headers.push(name, value));
    }
    Ok(Answer { status: 200, headers, body: Body::Full(body), ..Answer::default() })
}
