//! `whk sign`: the headers that make a body a signed delivery.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::given;
use crate::cli::payload::media_type;
use crate::cli::schemes;
use crate::model::{EventId, Headers, Target, Timestamp};
use crate::sign::{self, Outgoing};
use crate::view::{self, Message};

/// Print the headers that sign a body
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk sign --scheme stripe --secret env:S --body @body.json
  whk sign --secret env:S --as curl --url http://localhost:3000/hook < body.json
  echo -n '{}' | whk sign --scheme github --secret s --as json")]
pub struct Args {
    /// The scheme's name [default: standard-webhooks]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The secret: a literal, env:NAME, file:PATH or -. Repeatable: each signs
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// The body: @file, - for standard input, or the text itself
    #[arg(long, value_name = "BODY", default_value = "-")]
    body: String,
    /// The delivery's id [default: a new one]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The time of the signature [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The event's type, for schemes that carry it in a header
    #[arg(long = "type", value_name = "TYPE", default_value = "")]
    event_type: String,
    /// The method, for schemes that sign it
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    method: String,
    /// The body's type, for schemes that sign it and for --as curl [default: as the provider has it]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// The URL, for schemes that sign it and for --as curl
    #[arg(long, value_name = "URL", default_value = "http://localhost:3000/")]
    url: String,
    /// What else a scheme needs, as key=value. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// How to print it
    #[arg(long = "as", value_enum, default_value = "headers")]
    form: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Headers,
    Curl,
    Json,
}

/// Runs the command.
///
/// # Errors
/// If the secret does not suit the scheme, or a file is missing.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let scheme = match &args.scheme {
        Some(name) => schemes::named(context, name)?,
        None => schemes::signing(context)?,
    };
    let secrets = context.known_secrets(&args.secret, "to sign with")?;
    let params = given::params(context, &args.param)?;
    let body = context.bytes_of(&args.body)?;
    let now = args.at.unwrap_or_else(|| context.clock.now());
    let id = args.id.clone().unwrap_or_else(|| EventId::new(now, context.clock.chance()).to_string());
    let own = || media_type(&scheme, &args.event_type, &body);
    let content_type = args.content_type.clone().unwrap_or_else(own);
    let outgoing = Outgoing {
        id: &id,
        event_type: &args.event_type,
        method: &args.method,
        url: &args.url,
        content_type: &content_type,
        body: &body,
        attempt: 0,
        params: &params,
    };
    let headers = sign::sign(&scheme, &secrets, &outgoing, now).map_err(CliError::from)?;
    print(context, args, &headers, (&body, &content_type))?;
    Ok(Exit::Yes)
}

fn print(
    context: &Context,
    args: &Args,
    headers: &Headers,
    (body, content_type): (&[u8], &str),
) -> Result<(), CliError> {
    let ui = &context.ui;
    let pairs = view::pairs(headers);
    match args.form {
        Form::Json => ui.json(&json!({"type": "signature", "headers": pairs})),
        _ if ui.is_json() => ui.json(&json!({"type": "signature", "headers": pairs})),
        Form::Headers => pairs.iter().try_for_each(|(name, value)| ui.line(&format!("{name}: {value}"))),
        Form::Curl => {
            let to: Target = args.url.parse().map_err(|why| CliError::usage(format!("--url: {why}")))?;
            let mut all = Headers::new();
            all.push("Content-Type", content_type).map_err(|why| CliError::usage(format!("--content-type: {why}")))?;
            let headers = all.overlaid(headers);
            let target = to.request_target("", None);
            ui.line(&view::as_curl(&Message {
                method: &args.method,
                to: &to,
                target: &target,
                headers: &headers,
                body,
            }))
        }
    }
}
