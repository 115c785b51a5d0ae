//! The relay's HTTP face: which path is whose, and who may ask.

mod audit;
pub mod auth;
pub(crate) mod guard;
pub mod ingest;
mod inspector;
pub(super) mod native;
mod page;
mod smee;
mod svix;
pub(crate) mod twins;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::model::{CapturedRequest, Headers};
use crate::net::{Answer, Body, Handler, Head};
use crate::relay::feed::Feed;
use crate::relay::http::audit::Deed;
use crate::relay::http::auth::Doors;
use crate::relay::http::twins::Twins;
use crate::relay::pipeline::Pipeline;
use crate::relay::tunnel::Hub;

pub use native::openapi::document as openapi;
pub use native::seed::{Planted, Seed, SeedError};

/// What `/healthz` calls this program, so that another one can recognise it.
pub const SERVICE: &str = "whk relay";

/// So many signatures are looked into at once.
const EXPLAINING: usize = 2;

/// Answers requests.
pub(crate) struct Face {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) doors: Arc<Doors>,
    pub(crate) twins: Twins,
    tasks: svix::Tasks,
    pub(crate) feed: Arc<Feed>,
    pub(crate) hub: Arc<Hub>,
    channels: smee::Channels,
    /// Turns for finding out why a signature is wrong.
    pub(crate) explaining: Semaphore,
}

impl Face {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        let doors = Arc::new(Doors::new(Arc::clone(&pipeline.store), Arc::clone(&pipeline.clock)));
        let feed = Arc::new(Feed::new(Arc::clone(&pipeline)));
        let (twins, tasks) = (Twins::default(), svix::Tasks::default());
        let hub = Arc::new(Hub::new(Arc::clone(&pipeline), Arc::clone(&feed)));
        let explaining = Semaphore::new(EXPLAINING);
        Self { pipeline, doors, twins, tasks, feed, hub, channels: smee::Channels::default(), explaining }
    }
}

/// What is under these paths belongs to the Svix-compatible API.
const SVIX: [&str; 6] = ["app", "event-type", "auth", "health", "background-task", "operational-webhook"];

/// Whether a path belongs to the Svix-compatible API. A doubled slash at the start is a habit of some of its SDKs.
fn is_svix(path: &str) -> bool {
    let rest = path.trim_start_matches('/').strip_prefix("api/v1/");
    rest.is_some_and(|rest| SVIX.contains(&rest.split('/').next().unwrap_or_default()))
}

impl Handler for Face {
    fn admit(&self, head: &Head) -> Result<(), Answer> {
        let access = &self.pipeline.options.access;
        if ingest::is_inbox(&head.target) {
            guard::sent(access, head)?;
            return ingest::app_of(&head.target).map(drop);
        }
        // There any page may ask, as its SDKs' embedded portals do; without a token nothing is told.
        if is_svix(head.target.split('?').next().unwrap_or_default()) {
            return guard::named(access, head);
        }
        if smee::is_sent(head) {
            guard::sent(access, head)?;
        }
        guard::admit(access, head)
    }

    async fn handle(&self, mut request: CapturedRequest) -> Answer {
        let access = &self.pipeline.options.access;
        if let Some(client) = access.client(&request.remote, &request.headers) {
            request.remote = client.to_string();
        }
        if ingest::is_inbox(&request.target) {
            return ingest::take(&self.pipeline, request).await;
        }
        let deed = Deed::of(self, &request).await;
        let answer = self.told(request).await;
        if let Some(deed) = deed {
            deed.tell(self, &answer);
        }
        answer
    }
}

impl Face {
    /// What is told to whoever asks anything but to take an event in.
    async fn told(&self, request: CapturedRequest) -> Answer {
        let access = &self.pipeline.options.access;
        if is_svix(request.path()) {
            return svix::answer(self, request).await;
        }
        if let Some(answer) = guard::preflight(access, &request.method, &request.headers) {
            return answer;
        }
        let origin = request.headers.text("origin").map(str::to_owned);
        guard::shared(access, origin.as_deref(), self.answer(request).await)
    }

    async fn answer(&self, request: CapturedRequest) -> Answer {
        let method = request.method.as_str();
        match request.path() {
            "/" | "/healthz" | "/readyz" if !matches!(method, "GET" | "HEAD") => {
                problem(405, "method_not_allowed", "only GET is known here")
            }
            "/healthz" => {
                json_answer(200, &json!({"status": "ok", "service": SERVICE, "version": env!("CARGO_PKG_VERSION")}))
            }
            "/readyz" => match self.pipeline.store.newest().await {
                Ok(_) => json_answer(200, &json!({"status": "ready"})),
                Err(why) => problem(503, "not_ready", &why.to_string()),
            },
            "/" => inspector::page(&[]),
            path if inspector::is_file(path) => inspector::file(path, &request),
            path if smee::channel_of(path).is_some() => {
                // A channel's messages belong to no app, so there is nothing to judge them by.
                if self.pipeline.options.judging.reject && method == "POST" {
                    let detail = "this relay takes only what is rightly signed (--verify reject): post to /in/<app>";
                    return problem(403, "channels_closed", detail);
                }
                self.channels.answer(smee::channel_of(path).unwrap_or_default(), &request)
            }
            _ => native::answer(self, request).await,
        }
    }
}

/// An error as machines read it.
pub(crate) fn problem(status: u16, code: &str, detail: &str) -> Answer {
    json_answer(status, &json!({"code": code, "detail": detail}))
}

/// A JSON answer.
pub(crate) fn json_answer(status: u16, value: &Value) -> Answer {
    json_text(status, value.to_string())
}

/// A JSON answer that is written already.
pub(crate) fn json_text(status: u16, text: String) -> Answer {
    let mut headers = guarded();
    drop(headers.push("content-type", "application/json"));
    Answer { status, headers, body: Body::Full(Bytes::from(text)), ..Answer::default() }
}

/// What keeps a browser from making more of an answer than it is.
pub(crate) fn guarded() -> Headers {
    let mut headers = Headers::new();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        drop(headers.push(name, value));
    }
    headers
}
