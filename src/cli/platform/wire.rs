//! One request to a platform: waits as it is told to, tries again what is safe to, and words what is refused.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::model::{FailureKind, Headers, Response, Target};
use crate::net::{Client, ClientOptions, Outbound};
use crate::platform::admin::Platform;
use crate::platform::admin::ask::Request;
use crate::policy::retry::retry_after;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long all waits of one request may take together.
const WAITS: Duration = Duration::from_secs(120);
/// How often a request that changes nothing is tried.
const TRIES: u32 = 3;
/// The wait before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(300);

/// The way to a platform.
pub(super) struct Wire {
    client: Client,
    target: Target,
    /// The lines of every request; the key is in them.
    headers: Headers,
}

/// An answer that is JSON, or empty.
pub(super) struct Answered {
    pub(super) headers: Headers,
    pub(super) body: Value,
}

/// No answer that is of use.
pub(super) struct Failed {
    pub(super) error: CliError,
    /// The answer's status, if there was one.
    pub(super) status: Option<u16>,
    /// Whether it may have been done none the less.
    pub(super) unsure: bool,
}

impl Wire {
    /// # Errors
    /// If the certificates to trust cannot be used.
    pub(super) fn new(target: Target, headers: Headers, options: ClientOptions) -> Result<Self, CliError> {
        // A kept connection that breaks looks the same as a server that took the request and died of it.
        let options = ClientOptions { idle_per_target: 0, resend_stale: false, ..options };
        let client = Client::new(options).map_err(|why| CliError::usage(why.to_string()))?;
        Ok(Self { client, target, headers })
    }

    /// Where it leads.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Sends it.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal, or no JSON.
    pub(super) async fn send(
        &self,
        context: &Context,
        platform: &Platform,
        request: &Request,
    ) -> Result<Answered, Failed> {
        let (mut waited, mut tries) = (Duration::ZERO, 0);
        loop {
            tries += 1;
            let pause = PAUSE * 2_u32.saturating_pow(tries - 1);
            let response = match self.once(request).await {
                Ok(response) => response,
                Err(failed)
                    if request.safe && failed.unsure && failed.error.exit != Exit::TimedOut && tries < TRIES =>
                {
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Err(failed) => return Err(failed),
            };
            let busy = response.status == 429;
            let again = busy || response.status >= 500 && request.safe && tries < TRIES;
            if !again {
                return judge(platform, request, response);
            }
            let told = retry_after(&response.headers, context.clock.now());
            let wait = told.unwrap_or(if busy { Duration::from_secs(1) * tries } else { pause });
            if waited + wait > WAITS || busy && tries > 20 {
                let failed = refused(platform, &response);
                return Err(Failed { error: impatient(failed.error, wait), ..failed });
            }
            if wait >= Duration::from_secs(1) {
                let (title, status) = (&platform.about.title, response.status);
                context.ui.note(&format!("  {title} said {status}: trying again in {} s", wait.as_secs()));
            }
            tokio::time::sleep(wait).await;
            waited += wait;
        }
    }

    async fn once(&self, request: &Request) -> Result<Response, Failed> {
        let unfit = |_| Failed {
            error: CliError::usage("the key has a character that no key has").kind("key"),
            status: None,
            unsure: false,
        };
        let mut headers = Headers::new();
        headers.push("Host", self.target.authority()).map_err(unfit)?;
        headers.push("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION"))).map_err(unfit)?;
        headers.push("Accept", "application/json").map_err(unfit)?;
        if !request.body.is_empty() {
            headers.push("Content-Type", request.content_type).map_err(unfit)?;
        }
        headers.push("Content-Length", request.body.len().to_string()).map_err(unfit)?;
        let outbound = Outbound {
            target: &self.target,
            method: &request.method,
            request_target: format!("{}{}", self.target.path.trim_end_matches('/'), request.path),
            headers: headers.overlaid(&self.headers),
            body: Bytes::from(request.body.clone()),
        };
        self.client.exchange(&outbound, Some(PATIENCE)).await.map_err(|why| {
            let never = [
                FailureKind::Dns,
                FailureKind::Refused,
                FailureKind::Unreachable,
                FailureKind::Tls,
                FailureKind::Blocked,
            ];
            Failed { unsure: !never.contains(&why.kind), error: CliError::from(&why), status: None }
        })
    }
}

fn impatient(error: CliError, wait: Duration) -> CliError {
    let hint = format!("it asks to wait {} s; try again after that", wait.as_secs());
    CliError { exit: Exit::TimedOut, kind: "rate_limited", ..error }.hint(hint)
}

/// What an answer means.
fn judge(platform: &Platform, request: &Request, response: Response) -> Result<Answered, Failed> {
    if !(200..300).contains(&response.status) {
        return Err(refused(platform, &response));
    }
    let Response { status, headers, body, .. } = response;
    if body.trim_ascii().is_empty() {
        return Ok(Answered { headers, body: Value::Null });
    }
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        let message = format!("{} answered {status} with {}", platform.about.title, what(&body));
        let error = CliError::usage(message).kind("not_json").hint("is --base-url the address of its API?");
        return Err(Failed { error, status: Some(status), unsure: !request.safe });
    };
    if let Some(words) = platform.complaint(&platform.about.error.within_success, &value) {
        let error = CliError::usage(format!("{} said: {words}", platform.about.title)).kind("refused");
        return Err(Failed { error, status: Some(status), unsure: false });
    }
    Ok(Answered { headers, body: value })
}

/// A refusal, in the platform's own words.
fn refused(platform: &Platform, response: &Response) -> Failed {
    let (about, status) = (&platform.about, response.status);
    let json = serde_json::from_slice::<Value>(&response.body).ok();
    let words = json.as_ref().and_then(|body| platform.complaint(&about.error.message, body));
    let words = words.unwrap_or_else(|| match (&json, response.headers.text("location")) {
        (_, Some(place)) if (300..400).contains(&status) => format!("it is at {place}"),
        (Some(body), _) if !body.is_null() => body.to_string().chars().take(300).collect(),
        _ if response.body.is_empty() => "and nothing more".to_owned(),
        _ => what(&response.body),
    });
    let message = format!("{} said {status}: {words}", about.title);
    let error = match status {
        300..=399 => CliError::usage(message).kind("moved").hint("keys are sent to no other address: set --base-url"),
        401 => CliError::usage(message).kind("unauthorized").hint(&*about.key_hint),
        403 => CliError::usage(message).kind("forbidden").hint("may this key do that?"),
        404 => CliError::usage(message).kind("not_found"),
        409 => CliError::usage(message).kind("conflict"),
        429 => CliError { exit: Exit::TimedOut, ..CliError::usage(message) }.kind("rate_limited"),
        400..=499 => CliError::usage(message).kind("refused"),
        _ => CliError::unreachable(message).kind("platform_failed"),
    };
    let error = match about.error.hints.get(&status.to_string()) {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    };
    let hints = error.hints.iter().filter(|hint| !hint.is_empty()).cloned().collect();
    Failed { error: CliError { hints, ..error }, status: Some(status), unsure: status >= 500 }
}

/// A body that is no JSON, in a few words.
fn what(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..4096).unwrap_or(body));
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.contains("<!doctype") {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        return format!("\"{line}\"");
    }
    let title = lower.find("<title>").map(|start| start + 7).and_then(|start| {
        let end = lower.get(start..)?.find("</title>")?;
        text.get(start..start + end)
    });
    match title.map(str::trim).filter(|title| !title.is_empty()) {
        Some(title) => format!("a page of HTML, \"{}\"", title.chars().take(100).collect::<String>()),
        None => "a page of HTML".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_its_title() {
        assert_eq!(what(b"<!DOCTYPE html><title> Log in </title>"), "a page of HTML, \"Log in\"");
        assert_eq!(what(b"<html>\x1b[31mBad gateway</html>"), "a page of HTML");
        assert_eq!(what(b"Bad\n gateway"), "\"Bad gateway\"");
    }
}
