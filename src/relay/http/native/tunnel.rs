//! `/api/v1/tunnel`, and the path of `svix listen`: the ways in for listeners elsewhere.

use std::sync::Arc;

use crate::model::{AppName, CapturedRequest, Headers, Rights};
use crate::net::websocket::Message;
use crate::net::{Answer, Body, Upgrade, websocket};
use crate::relay::http::Face;
use crate::relay::http::auth::Doors;
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::tunnel::session::{self, Connection, Dialect};
use crate::relay::tunnel::svix;
use crate::relay::tunnel::words::{Hello, VERSION};

/// Before the name of such a client.
const LOGGED: &str = "c_";

/// Answers a request for the tunnel.
pub(super) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let headers = accepted(request)?;
    let host = request.headers.text("host").unwrap_or_default();
    let base = face.pipeline.options.access.base(host);
    let guest = session::Caller {
        app: caller.token.app.clone(),
        answers: caller.token.may_answer(),
        remote: request.remote.clone(),
        base,
    };
    let hub = Arc::clone(&face.hub);
    let work = Upgrade::new(move |upgraded| session::run(hub, guest, upgraded));
    Ok(Answer { status: 101, headers, body: Body::Upgrade(work), ..Answer::default() })
}

/// Answers a request for the path of `svix listen`, whose token comes in its first message.
pub(super) fn listen(face: &Face, request: &CapturedRequest) -> Outcome {
    let headers = accepted(request)?;
    let (hub, doors, remote) = (Arc::clone(&face.hub), Arc::clone(&face.doors), request.remote.clone());
    let work = Upgrade::new(move |upgraded| async move {
        let (mut connection, first) = Connection::open(upgraded, Dialect::Svix).await;
        let token = match &first {
            Some(Message::Binary(bytes)) => svix::token(bytes),
            Some(Message::Text(text)) => svix::token(text.as_bytes()),
            _ => None,
        };
        match guest(&doors, token.as_deref().unwrap_or_default(), remote).await {
            Some((guest, app)) => {
                let session = format!("svix-{}", hub.number());
                let (app, window, window_bytes) = (Some(app.to_string()), 64, 16 << 20);
                let hello = Hello { version: VERSION, session, app, window, window_bytes, ..Hello::default() };
                connection.serve(hub, guest, hello).await;
            }
            None => connection.refuse("unknown_token", "").await,
        }
    });
    Ok(Answer { status: 101, headers, body: Body::Upgrade(work), ..Answer::default() })
}

/// Who has this token, and the app it listens to. These clients make up a name when they have no token: whoever knows
/// one listens there, as at a smee channel, and an app has no such name.
async fn guest(doors: &Doors, text: &str, remote: String) -> Option<(session::Caller, AppName)> {
    let plain = text.strip_prefix(LOGGED).unwrap_or(text);
    let base = String::new();
    if let Some(token) = doors.known_as(plain).await.ok()? {
        let answers = token.may_answer();
        let app = token.app.clone().unwrap_or_default();
        return (token.rights != Rights::Ingest)
            .then_some((session::Caller { app: Some(app.clone()), answers, remote, base }, app));
    }
    let fits = (10..=64).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    let app: AppName = text.strip_prefix(LOGGED).filter(|_| fits).and(text.parse().ok())?;
    Some((session::Caller { app: Some(app.clone()), answers: true, remote, base }, app))
}

fn accepted(request: &CapturedRequest) -> Result<Headers, Refusal> {
    websocket::accept(request).map_err(|why| Refusal::new(426, "upgrade_required", why))
}
