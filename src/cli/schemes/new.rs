//! `whk schemes new`: a scheme file from a captured request and its secret.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::given::{Delivery, Given};
use crate::model::{CapturedRequest, Secret};
use crate::sign::algorithm::Algorithm;
use crate::sign::{self, Checks, Params, Sketch, Tolerance};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The new scheme's name
    #[arg(long, value_name = "NAME", default_value = "mine", value_parser = name)]
    name: String,
    /// The secret that signed the request: a literal, env:NAME, file:PATH or -
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// Write the secret into the file's vectors [default: the request is signed again with one that is thrown away]
    #[arg(long)]
    with_secret: bool,
    #[command(flatten)]
    given: Given,
}

/// A scheme's name is that of its file.
fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.len() <= 60 && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err("a name has small letters, digits and hyphens".to_owned())
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let secrets = context.secrets(&args.secret)?;
    if secrets.is_empty() {
        return Err(CliError::usage("there is no secret to try: give --secret"));
    }
    let mut first = None;
    args.given.each(context, |delivery| {
        first.get_or_insert(delivery);
        Ok(())
    })?;
    let delivery = first.ok_or_else(|| CliError::usage("there is no request to look at"))?;
    let (request, url) = (&delivery.request, delivery.url.as_deref());
    if request.headers.is_empty() && request.body.is_empty() {
        return Err(CliError::usage(
            "there is no delivery to look at: give --request, --event, --id, or --body and -H",
        ));
    }
    let urls = urls(url, request);
    let drafted = |request: &CapturedRequest| {
        secrets.iter().find_map(|secret| {
            let sketch = urls.iter().find_map(|url| sign::draft(&args.name, request, secret, Some(url)));
            Some((sketch?, secret))
        })
    };
    let Some((sketch, secret)) = drafted(request) else {
        let ended = cut(request).is_some_and(|cut| drafted(&cut).is_some());
        return not_found(context, url.is_none(), ended);
    };
    let mut text = sketch.text();
    let open = args.with_secret || sketch.algorithm() == Algorithm::Ed25519;
    let key = context.clock.key().map_err(CliError::internal)?;
    text.push_str(&sketch.vectors(open.then_some(secret), &key).unwrap_or_default());
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "scheme", "name": args.name, "toml": text}))?;
    } else {
        context.ui.line(text.trim_end())?;
    }
    say(context, args, &sketch, (&delivery, secret));
    Ok(Exit::Yes)
}

/// What to know about the file that was printed.
fn say(context: &Context, args: &Args, sketch: &Sketch, (delivery, secret): (&Delivery, &Secret)) {
    let ui = &context.ui;
    let (secrets, params) = ([secret.clone()], Params::default());
    let checks = Checks {
        secrets: &secrets,
        now: context.clock.now(),
        tolerance: Tolerance::Unchecked,
        params: &params,
        url: delivery.url.as_deref(),
    };
    let same = context.known.all().find(|scheme| sign::verify(scheme, &delivery.request, &checks).is_ok());
    if let Some(scheme) = same {
        ui.note(&format!("whk knows it already: --scheme {}", scheme.name()));
    }
    if args.with_secret {
        ui.note("the secret stands in its vectors: do not share the file");
    }
    let signed = sketch.content().replace('\n', "\\n");
    ui.note(&format!("what is signed is {signed}; check docs, id, event and tolerance by hand"));
    ui.note(&format!("then: whk schemes test FILE, and --scheme-file FILE or [scheme.{}] in whk.toml", args.name));
}

/// The request without the line break that editors put at the end of a body.
fn cut(request: &CapturedRequest) -> Option<CapturedRequest> {
    let body = request.body.strip_suffix(b"\n")?;
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    Some(CapturedRequest { body: request.body.slice_ref(body), ..request.clone() })
}

fn not_found(context: &Context, no_url: bool, ended: bool) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "scheme", "name": null, "toml": null}))?;
    }
    context.ui.note("no layout gives a signature of this request with this secret");
    if ended {
        context.ui.note("without the line break at the end of the body one does: take it away, an editor put it there");
        return Ok(Exit::No);
    }
    context.ui.note("the body must be byte for byte what was sent; docs/custom-schemes.md has what is tried");
    if no_url {
        context.ui.note("some providers sign the URL they were given: try --url");
    }
    Ok(Exit::No)
}

/// The given URL, else what the request itself says of where it was sent.
fn urls(given: Option<&str>, request: &CapturedRequest) -> Vec<String> {
    match (given, request.headers.text("host")) {
        (Some(url), _) => vec![url.to_owned()],
        (None, Some(host)) => ["https", "http"].map(|scheme| format!("{scheme}://{host}{}", request.target)).into(),
        (None, None) => vec![request.target.clone()],
    }
}
