//! What a person may want to know about a URL before it is registered.

use std::time::Duration;

use bytes::Bytes;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::platform::desk::Desk;
use crate::cli::platform::is_local;
use crate::cli::register::upsert::Want;
use crate::model::{Headers, Target};
use crate::net::{Client, ClientOptions, Outbound};
use crate::platform::admin::Hook;
use crate::view::safe;

/// How long a look at the address may take.
const LOOK: Duration = Duration::from_secs(2);
/// Names of parameters that may hold a secret.
const SECRETS: [&str; 6] = ["token", "secret", "key", "password", "auth", "signature"];

/// What there is to say.
pub(super) async fn about(
    desk: &Desk<'_>,
    target: &Target,
    (all, found, want): (&[Hook], Option<&Hook>, &Want),
) -> Vec<String> {
    let mut advice = Vec::new();
    // A relay on this machine reaches what runs on this machine.
    let near = is_local(target) && desk.platform.about.local;
    if !target.is_tls() && !near {
        advice.push("the URL is not https: what is sent can be read on the way".to_owned());
    }
    if is_local(target) && !near {
        advice.push(format!("the URL is on this machine, which {} cannot reach from elsewhere", desk.title()));
    }
    if target.path == "/" {
        advice.push("the URL is the root path: a path of its own is easier to protect".to_owned());
    }
    let named = target.query.as_ref().map(|query| query.to_lowercase());
    if named.is_some_and(|query| SECRETS.iter().any(|name| query.contains(name))) || target.userinfo.is_some() {
        advice.push("there may be a secret in the URL: URLs end up in logs".to_owned());
    }
    advice.extend(twins(all, found, want));
    advice.extend(look(target).await);
    advice
}

/// Says it; with `strict` it is an error.
///
/// # Errors
/// If there is something to say and `strict`.
pub(super) fn tell(context: &Context, advice: &[String], strict: bool) -> Result<(), CliError> {
    if strict && !advice.is_empty() {
        let error = CliError { exit: Exit::No, ..CliError::usage(advice.join("; ")) }.kind("advice");
        return Err(error.hint("nothing was changed; without --strict this is only advice"));
    }
    for line in advice {
        context.ui.note(&safe(format!("  ! {line}").as_bytes()));
    }
    Ok(())
}

/// Other endpoints with this URL: an event that several want is sent several times.
fn twins(all: &[Hook], found: Option<&Hook>, want: &Want) -> Option<String> {
    let own = found.map(|hook| hook.text("id"));
    let has = |hook: &&Hook| Some(hook.text("url")) == want.text("url") && Some(hook.text("id")) != own;
    let others: Vec<_> = all.iter().filter(has).collect();
    let named = |hook: &&&Hook| format!("{} (for {})", hook.text("id"), hook.events().join(","));
    match others.as_slice() {
        [] => None,
        [one] => {
            Some(format!("{} has this URL too: one endpoint with all events sends each of them once", named(&one)))
        }
        several => {
            let ids: Vec<_> = several.iter().map(|hook| named(&hook)).collect();
            Some(format!(
                "{} other endpoints have this URL: {}; one with all events sends each of them once",
                several.len(),
                ids.join(", ")
            ))
        }
    }
}

/// Whether anybody answers there, and how.
async fn look(target: &Target) -> Option<String> {
    let client = Client::new(ClientOptions { connect_time: LOOK, ..ClientOptions::default() }).ok()?;
    let mut headers = Headers::new();
    headers.push("Host", target.authority()).ok()?;
    headers.push("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION"))).ok()?;
    let request_target = target.request_target("", None);
    let outbound = Outbound { target, method: "HEAD", request_target, headers, body: Bytes::new() };
    match client.exchange(&outbound, Some(LOOK)).await {
        Ok(response) if (300..400).contains(&response.status) => {
            let to = response.headers.text("location").map(|place| format!(" to {place}")).unwrap_or_default();
            Some(format!(
                "the URL answers with a redirect ({}{to}), which many platforms do not follow",
                response.status
            ))
        }
        Ok(_) => None,
        Err(why) => Some(format!("nothing answers there yet: {}", why.message)),
    }
}
