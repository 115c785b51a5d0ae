//! `/api/v1/tunnel`: the way in for listeners elsewhere.

use std::sync::Arc;

use crate::model::CapturedRequest;
use crate::net::{Answer, Body, Upgrade, websocket};
use crate::relay::http::Face;
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::tunnel::session;

/// Answers a request for the tunnel.
pub(super) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let headers = websocket::accept(request).map_err(|why| {
        Refusal::new(426, "upgrade_required", why)
    })?;
    let host = request.headers.text("host").unwrap_or_default();
    let base = face.pipeline.options.access.base(host);
    let guest = session::Caller {
        app: caller.token.app.clone(),
        answers: caller.may_answer(),
        remote: request.remote.clone(),
        base,
    };
    let hub = Arc::clone(&face.hub);
    let work = Upgrade::new(move |upgraded| session::run(hub, guest, upgraded));
    Ok(Answer { status: 101, headers, body: Body::Upgrade(work), ..Answer::default() })
}
