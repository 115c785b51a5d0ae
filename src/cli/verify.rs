//! `whk verify`: is the signature right, and if not, why?

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::given::{self, Delivery, Given};
use crate::cli::keys::Keys;
use crate::cli::{render, schemes};
use crate::model::{Event, Secret, Timestamp};
use crate::sign::{self, Checks, Hint, Known, Params, Reason, Rejection, Scheme, Tolerance, Verified};

/// Judge a signature, and say why it is wrong
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk verify --scheme stripe --secret env:S --body @body.json -H 'Stripe-Signature: t=...'
  whk verify --secret env:S --request captured.http --explain
  whk verify --secret env:S --id msg_2rXk...
  whk listen --output json | whk verify --secret env:S --event -")]
pub struct Args {
    /// The scheme's name, or auto to go by the headers [default: auto]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The secret or public key: a literal, env:NAME, file:PATH or -. Repeatable
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    #[command(flatten)]
    given: Given,
    /// Judge as if it were this time: RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// How far a timestamp may be off, or none [default: the scheme's own]
    #[arg(long, value_name = "TIME", value_parser = given::tolerance)]
    tolerance: Option<Tolerance>,
    /// What else a scheme needs, as key=value or certificates=@file. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// Fetch the certificate or the keys that judge a delivery, from the hosts that its scheme allows, and keep them
    #[arg(long)]
    fetch_keys: bool,
    /// Trust the certificates of this PEM file too when fetching
    #[arg(long, value_name = "FILE", requires = "fetch_keys")]
    cacert: Option<PathBuf>,
    /// Try the usual mistakes and name those that make the signature match [default: on a terminal]
    #[arg(long, overrides_with = "no_explain")]
    explain: bool,
    /// Do not try the usual mistakes
    #[arg(long)]
    no_explain: bool,
}

/// What was found out about one delivery.
pub struct Finding {
    /// The scheme, if one was found.
    pub scheme: Option<Arc<Scheme>>,
    /// Whether the signature is right.
    pub result: Result<Verified, Rejection>,
    /// The mistakes that would explain it.
    pub hints: Vec<Hint>,
    /// How many secrets were tried.
    pub secrets: usize,
}

/// Runs the command.
///
/// # Errors
/// If what was given cannot be read.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    if let Some(name) = &args.scheme {
        context.settings.set_flag("scheme", name.clone());
    }
    let chosen = schemes::chosen(&context)?;
    let params = given::params(&context, &args.param)?;
    // Where certificates judge, they may be given with the delivery, before anything says whose it is.
    let keyless = chosen.as_ref().is_some_and(|scheme| scheme.needs_no_secret())
        || params.contains_key("certificates")
        || args.fetch_keys;
    let fetch = args.fetch_keys.then(|| context.client_options(false, args.cacert.as_deref())).transpose()?;
    let secrets =
        if keyless { context.secrets(&args.secret)? } else { context.known_secrets(&args.secret, "to judge by")? };
    let mut bench = Bench {
        keys: Keys::new(&context, fetch),
        chosen,
        secrets: &secrets,
        now: args.at.unwrap_or_else(|| context.clock.now()),
        tolerance: args.tolerance.unwrap_or(Tolerance::Scheme),
        params,
        explain: args.explain || (context.ui.interactive && !args.no_explain),
        known: &context.known,
    };
    let mut all_valid = true;
    args.given.each(&context, |delivery| {
        let finding = bench.judge(&delivery)?;
        all_valid &= finding.result.is_ok();
        print(&context, &delivery, &finding)
    })?;
    Ok(if all_valid { Exit::Yes } else { Exit::No })
}

/// A recorded event judged again, as of when it came, with the mistakes that would explain a wrong signature.
///
/// # Errors
/// If the chosen scheme cannot be used.
pub fn judged(context: &Context, event: &Event, secrets: &[Secret]) -> Result<Finding, CliError> {
    let mut bench = Bench {
        keys: Keys::new(context, None),
        chosen: schemes::chosen(context)?,
        secrets,
        now: event.request.received_at,
        tolerance: Tolerance::Scheme,
        params: Params::default(),
        explain: true,
        known: &context.known,
    };
    bench.judge(&Delivery { id: Some(event.id.to_string()), request: event.request.clone(), url: None })
}

/// What every delivery is judged by.
struct Bench<'a> {
    keys: Keys<'a>,
    chosen: Option<Arc<Scheme>>,
    secrets: &'a [Secret],
    now: Timestamp,
    tolerance: Tolerance,
    params: Params,
    explain: bool,
    known: &'a Known,
}

impl Bench<'_> {
    fn judge(&mut self, delivery: &Delivery) -> Result<Finding, CliError> {
        let request = &delivery.request;
        let scheme = self.chosen.clone().or_else(|| self.known.detect(request));
        let Some(known) = &scheme else {
            return Ok(Finding { scheme, result: Err(unknown()), hints: Vec::new(), secrets: self.secrets.len() });
        };
        if self.secrets.is_empty() {
            self.keys.learn(known, request, &mut self.params)?;
        }
        let url = delivery.url.as_deref();
        let wrong = |params: &Params| sign::verify(known, request, &self.checks(params, url)).is_err();
        if self.secrets.is_empty() && wrong(&self.params) {
            // The keys that judge may be old ones.
            self.keys.renew(known, request, &mut self.params)?;
        }
        let checks = self.checks(&self.params, url);
        let result = sign::verify(known, request, &checks);
        let hints = match &result {
            Err(_) if self.explain => sign::explain(known, request, &checks, &self.known.all().collect::<Vec<_>>()),
            _ => Vec::new(),
        };
        Ok(Finding { scheme, result, hints, secrets: self.secrets.len() })
    }

    fn checks<'c>(&'c self, params: &'c Params, url: Option<&'c str>) -> Checks<'c> {
        Checks { secrets: self.secrets, now: self.now, tolerance: self.tolerance, params, url }
    }
}

/// Nothing in the headers says whose delivery it is.
fn unknown() -> Rejection {
    let detail = "no header says which scheme signed this: give --scheme".to_owned();
    Rejection { reason: Reason::UnknownScheme, detail, age_s: None }
}

/// The secrets that were given; without one, the app's own, if there is a store that has it.
fn print(context: &Context, delivery: &Delivery, finding: &Finding) -> Result<(), CliError> {
    let ui = &context.ui;
    if !ui.is_json() {
        return ui.line(&render::verdict::finding(finding, ui.paint));
    }
    let scheme = finding.scheme.as_ref().map(|scheme| scheme.name());
    let hints: Vec<_> =
        finding.hints.iter().map(|hint| json!({"cause": hint.cause, "message": hint.message})).collect();
    let mut line = json!({"type": "verdict", "ok": finding.result.is_ok(), "scheme": scheme});
    let more = match &finding.result {
        Ok(verified) => json!({
            "reason": null, "detail": null, "age_s": verified.age_s, "secret_index": verified.secret_index, "hints": [],
        }),
        Err(why) => json!({
            "reason": why.reason.code(), "detail": why.detail, "age_s": why.age_s, "secret_index": null, "hints": hints,
        }),
    };
    if let (Some(line), serde_json::Value::Object(more)) = (line.as_object_mut(), more) {
        line.extend(more);
        if let Some(id) = &delivery.id {
            line.insert("event_id".to_owned(), json!(id));
        }
    }
    ui.json(&line)
}
