//! An event as the request that a listener gets: as it came in, or made and signed if it was made here.

use crate::model::{Event, Headers};
use crate::relay::feed::Frame;
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::words::Request;
use crate::sign::{self, Outgoing, Params};

/// The request of an event.
pub(crate) async fn request(pipeline: &Pipeline, frame: &Frame, missed: bool) -> Request {
    let logged = &frame.logged;
    let event = if is_received(&logged.event) { (*logged.event).clone() } else { made(pipeline, &logged.event).await };
    Request { event, cursor: logged.cursor, missed }
}

/// Whether it came in as a request.
fn is_received(event: &Event) -> bool {
    let rest = event.request.target.strip_prefix("/in/").and_then(|rest| rest.strip_prefix(event.app.as_str()));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// An event that somebody made: signed with the secret of its app, as it would be for an endpoint.
pub(crate) async fn made(pipeline: &Pipeline, event: &Event) -> Event {
    let (mut event, now) = (event.clone(), pipeline.clock.now());
    event.request.target = format!("/in/{}", event.app);
    let content_type = event.request.headers.text("content-type").unwrap_or("application/json").to_owned();
    let mut headers = Headers::new();
    // What stood in a header line fits in another.
    drop(headers.push("Content-Type", &content_type));
    let secrets = pipeline.judge.secrets(&event.app).await.unwrap_or_default();
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
    let scheme = pipeline.judge.scheme_of(&event.request);
    let signed = scheme.and_then(|scheme| sign::sign(&scheme, &secrets, &outgoing, now).ok());
    event.request.headers = headers.overlaid(&signed.unwrap_or_default());
    event
}
