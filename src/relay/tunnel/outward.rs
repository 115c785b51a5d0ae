//! An event as the request that a listener gets: as it came in, or made and signed if it was made here.

use crate::model::{Event, Headers};
use crate::relay::feed::Frame;
use crate::relay::judge::Signing;
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::words::Request;
use crate::sign::{self, Outgoing, Params};

/// The request of an event.
pub(crate) async fn request(pipeline: &Pipeline, frame: &Frame, missed: bool) -> Request {
    let logged = &frame.logged;
    let event = if logged.event.is_received() {
        (*logged.event).clone()
    } else {
        made(pipeline, &logged.event, pipeline.judge.own_signing(&logged.event).await.unwrap_or_default())
    };
    Request { event, cursor: logged.cursor, missed }
}

/// An event that somebody made: signed as it would be for an endpoint.
pub(crate) fn made(pipeline: &Pipeline, event: &Event, Signing { scheme, secrets }: Signing) -> Event {
    let (mut event, now) = (event.clone(), pipeline.clock.now());
    event.request.target = format!("/in/{}", event.app);
    let content_type = event.request.headers.text("content-type").unwrap_or("application/json").to_owned();
    let mut headers = Headers::new();
    // What stood in a header line fits in another.
    drop(headers.push("Content-Type", &content_type));
    let (id, params) = (event.id.to_string(), Params::default());
    let outgoing = Outgoing {
        id: &id,
        event_type: &event.event_type,
        method: "POST",
        url: &event.request.target,
        content_type: &content_type,
        body: &event.request.body,
        attempt: 0,
        params: &params,
    };
    let signed = scheme.and_then(|scheme| sign::sign(&scheme, &secrets, &outgoing, now).ok());
    event.request.headers = headers.overlaid(&signed.unwrap_or_default());
    event
}
