//! What deliveries are signed with: shown to the endpoint's owner, and changed without a gap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::model::{Endpoint, Secret};
use crate::platform::svix;
use crate::relay::http::svix::call::{Call, Need, later};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, endpoint_form, endpoints, nothing, ok};
use crate::sign;

/// How long the former secret goes on signing, if nothing is said.
const USUAL_GRACE: u64 = 86_400;
/// And at most.
const LONGEST_GRACE: u64 = 604_800;
/// The first SDK for Python that reads what rotating answers.
const READS_THE_KEY: (u32, u32) = (2, 7);

/// `/app/{app}/endpoint/{endpoint}/secret...`
pub(super) async fn route(call: &Call<'_>, (app, key): (&str, &str), rest: &[&str]) -> Outcome {
    let app = call.app(app, Need::Manage).await?;
    match (call.method(), rest) {
        ("GET", []) => {
            let endpoint = call.endpoint(&app, key).await?;
            ok(200, &json!({"key": current(&endpoint)}))
        }
        ("POST", ["rotate"]) => {
            let endpoint = call.endpoint(&app, key).await?;
            let mut form = Form::read(&call.request.body)?;
            let secret = endpoint_form::secret(&mut form, "key")?;
            let grace = form.number("gracePeriodSeconds", 0, LONGEST_GRACE)?.some().unwrap_or(USUAL_GRACE);
            form.done()?;
            let secret = secret.map_or_else(|| new(call), Ok)?;
            let (now, full) = (call.now(), Arc::new(AtomicBool::new(false)));
            let is_full = Arc::clone(&full);
            let rotate = move |endpoint: &mut Endpoint| {
                let done = endpoint.rotate(secret.clone(), now, Duration::from_secs(grace));
                is_full.store(done.is_err(), Ordering::Release);
                endpoint.updated_at = later(now, endpoint.updated_at);
            };
            let changed = endpoints::change(call, &endpoint, Box::new(rotate)).await?;
            if full.load(Ordering::Acquire) {
                return Err(Refusal::new(400, "limit_reached", "too many old secrets are still signing"));
            }
            let agent = call.request.headers.text("user-agent").unwrap_or_default();
            if reads_the_key(agent) { ok(200, &json!({"key": current(&changed)})) } else { Ok(nothing()) }
        }
        (_, [] | ["rotate"]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

/// A new secret.
pub(super) fn new(call: &Call<'_>) -> Result<Secret, Refusal> {
    let failed = |why: String| Refusal::new(500, "internal", why);
    let random = call.pipeline().clock.key().map_err(|why| failed(why.to_string()))?;
    let scheme = sign::preset(svix::SCHEME).ok_or_else(|| failed("the scheme is missing".to_owned()))?;
    sign::new_secret(&scheme, &random).map_err(|why| failed(why.to_string()))
}

fn current(endpoint: &Endpoint) -> Option<String> {
    endpoint.secrets.first().map(|dated| svix::shown(&dated.secret))
}

/// Most SDKs want 204, the oldest exactly that; the newest ones for Python cannot do without a body.
fn reads_the_key(agent: &str) -> bool {
    let Some((version, language)) = agent.strip_prefix("svix-libs/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    language.starts_with("python") && version >= READS_THE_KEY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_sdks_for_python_read_what_rotating_answers() {
        for (agent, reads) in [
            ("svix-libs/2.9.1/python", true),
            ("svix-libs/2.7.0/python (linux)", true),
            ("svix-libs/2.6.9/python", false),
            ("svix-libs/1.99.1/python", false),
            ("svix-libs/2.9.1/javascript", false),
            ("curl/8", false),
        ] {
            assert_eq!(reads_the_key(agent), reads, "{agent}");
        }
    }
}
