//! The relay's HTTP face: which path is whose, and who may ask.

pub mod auth;
pub mod ingest;
mod native;
mod svix;
pub(crate) mod twins;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::model::{CapturedRequest, Headers};
use crate::net::{Answer, Body, Handler, Head};
use crate::relay::http::auth::Doors;
use crate::relay::http::native::feed::Feed;
use crate::relay::http::twins::Twins;
use crate::relay::pipeline::Pipeline;

/// What `/healthz` calls this program, so that another one can recognise it.
pub const SERVICE: &str = "whk relay";

/// Answers requests.
pub(crate) struct Face {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) doors: Doors,
    pub(crate) twins: Twins,
    tasks: svix::Tasks,
    pub(crate) feed: Arc<Feed>,
}

impl Face {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        let doors = Doors::new(Arc::clone(&pipeline.store), Arc::clone(&pipeline.clock));
        let feed = Arc::new(Feed::new(Arc::clone(&pipeline)));
        Self { pipeline, doors, twins: Twins::default(), tasks: svix::Tasks::default(), feed }
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
        if ingest::is_inbox(&head.target) {
            return ingest::app_of(&head.target).map(drop);
        }
        // Without a token nothing is told there, so a name that somebody made up leads nowhere.
        if is_svix(head.target.split('?').next().unwrap_or_default()) {
            return Ok(());
        }
        if !is_own_host(head.headers.text("host").unwrap_or_default()) {
            return Err(problem(421, "misdirected_request", "this host name is not served here"));
        }
        Ok(())
    }

    async fn handle(&self, request: CapturedRequest) -> Answer {
        if ingest::is_inbox(&request.target) {
            return ingest::take(&self.pipeline, request).await;
        }
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
            "/" => welcome(),
            path if is_svix(path) => svix::answer(self, request).await,
            _ => native::answer(self, request).await,
        }
    }
}

/// The page at `/`: what this is, with no data in it.
fn welcome() -> Answer {
    let text = concat!(
        "whk ",
        env!("CARGO_PKG_VERSION"),
        " is listening.\n\n",
        "Webhooks go to /in/<app>/<any path>, for example /in/default.\n",
        "`whk events list` shows what arrived, `whk replay ID` sends it again.\n",
    );
    let mut headers = guarded();
    // The name and the value are ours and well formed.
    drop(headers.push("content-type", "text/plain; charset=utf-8"));
    Answer { status: 200, headers, body: Body::Full(Bytes::from_static(text.as_bytes())), ..Answer::default() }
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

/// Whether a browser that was told this name can only have meant this machine: an IP literal or localhost.
fn is_own_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.parse::<std::net::Ipv4Addr>().is_ok() || name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_foreign_page_could_point_here_are_refused() {
        for good in [
            "localhost",
            "localhost:4400",
            "LOCALHOST:1",
            "a.localhost",
            "127.0.0.1:4400",
            "[::1]",
            "[::1]:80",
            "10.0.0.1",
        ] {
            assert!(is_own_host(good), "{good}");
        }
        for bad in
            ["", "evil.test", "localhost.evil.test", "127.0.0.1.nip.io", "localhost.", "127.1", "[evil]", "::1:x"]
        {
            assert!(!is_own_host(bad), "{bad}");
        }
    }
}
