//! Plays a provider's handshake and tells whether the receiver's answer is right.

use std::sync::Arc;

use serde_json::json;

use crate::cli::asking::{Asker, Round};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::send::{Args, target};
use crate::cli::{given, parsers, schemes};
use crate::net::{Client, Outbound};
use crate::policy::span;
use crate::view::safe;

/// Asks everything that the provider asks.
pub(super) fn run(context: &Context, args: &Args, name: &str) -> Result<Exit, CliError> {
    let name = if name.is_empty() { context.settings.text("scheme") } else { name };
    if name.is_empty() {
        return Err(CliError::usage("whose handshake? give --challenge=PROVIDER, or --scheme"));
    }
    let known = schemes::handshake(context, name)?;
    let options = context.client_options(args.insecure, args.cacert.as_deref())?;
    let client = Client::new(options).map_err(|why| CliError::usage(why.to_string()))?;
    let asker = Asker {
        known,
        target: target(context, args)?,
        secrets: context.signing_secrets(&args.secret)?,
        params: given::params(context, &args.param)?,
        extra: parsers::headers(&args.headers)?,
        clock: Arc::clone(&context.clock),
        at: args.at,
    };
    let handshakes = asker.handshakes()?;
    context.block_on(async {
        let mut played = Vec::new();
        for rounds in &handshakes {
            let mut told = Vec::new();
            for round in rounds {
                told.push((round, play(context, &asker, &client, round).await?.err()));
            }
            played.push(told);
        }
        let right = |told: &Vec<(&Round<'_>, Option<String>)>| told.iter().all(|(_, problem)| problem.is_none());
        let one_is_right = played.iter().any(right);
        for (round, problem) in played.iter().flatten() {
            say(context, &asker, round, problem.as_deref(), one_is_right)?;
        }
        Ok(if one_is_right { Exit::Yes } else { Exit::No })
    })
}

/// Asks, and judges the answer.
async fn play(
    context: &Context,
    asker: &Asker,
    client: &Client,
    round: &Round<'_>,
) -> Result<Result<(), String>, CliError> {
    let request = asker.question(round)?;
    let outbound = Outbound {
        target: &asker.target,
        method: &request.method,
        request_target: request.target.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    let timeout = context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?;
    let response = client.exchange(&outbound, timeout).await.map_err(|failure| CliError::from(&failure))?;
    Ok(asker.judge(round, &request, &response))
}

/// A wrong answer does no harm if the receiver answers the handshake of another of the provider's products.
fn say(
    context: &Context,
    asker: &Asker,
    round: &Round<'_>,
    problem: Option<&str>,
    harmless: bool,
) -> Result<(), CliError> {
    let (ui, name, title) = (&context.ui, &round.name, asker.known.title());
    if ui.is_json() {
        let url = asker.target.to_string();
        return ui.json(&json!({
            "type": "challenge", "provider": asker.known.name(), "name": name, "url": url,
            "ok": problem.is_none(), "detail": problem,
        }));
    }
    ui.line(&match problem.map(|why| safe(why.as_bytes())) {
        None => format!("{} {title}: {name} is answered rightly", ui.paint.green("ok")),
        Some(why) if harmless => {
            format!("{} {title}: {name}: {why} (one of its handshakes is enough)", ui.paint.dim("other"))
        }
        Some(why) => format!("{} {title}: {name}: {why}", ui.paint.red("wrong")),
    })
}
