//! `whk schemes`: the signature schemes whk knows, and the choice of one.

mod new;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit, one_line};
use crate::cli::render;
use crate::sign::{self, Handshake, Known, Scheme};

/// The scheme that whk signs by, unless told otherwise.
const OWN: &str = "standard-webhooks";

/// List and show signature schemes, test a scheme file, and draft one
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk schemes list
  whk schemes show stripe
  whk schemes test my-scheme.toml
  whk schemes new --name acme --request captured.http --secret env:S > acme.toml
  whk verify --scheme-file acme.toml --secret env:S --request captured.http")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the schemes
    List,
    /// Show one scheme's file as it is written, without its test vectors
    Show {
        /// Its name, or another one it goes by
        name: String,
    },
    /// Check a scheme file: it must be well formed, and each of its vectors must come out as it says
    Test {
        /// The file
        file: PathBuf,
    },
    /// Draft a scheme file from a captured request: layouts are tried until its signature matches
    New(Box<new::Args>),
}

/// Runs the command.
///
/// # Errors
/// If there is no such scheme, or the file is no scheme.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    match &args.action {
        Action::List => list(context),
        Action::Show { name } => show(context, name),
        Action::Test { file } => test(context, file),
        Action::New(args) => new::run(context, args),
    }
}

/// The scheme that the settings choose; `None` for auto.
///
/// # Errors
/// If there is no such scheme.
pub fn chosen(context: &Context) -> Result<Option<Arc<Scheme>>, CliError> {
    match context.settings.text("scheme") {
        "" | "auto" => Ok(None),
        name => named(context, name).map(Some),
    }
}

/// The scheme to sign by: the one that was chosen, else that of the one file that was given.
///
/// # Errors
/// If there is no such scheme.
pub fn signing(context: &Context) -> Result<Arc<Scheme>, CliError> {
    // What files say stands behind what the settings say.
    match (chosen(context)?, context.scheme_files.as_slice(), context.known.own()) {
        (Some(scheme), ..) => Ok(scheme),
        (None, [_], [.., scheme]) => Ok(Arc::clone(scheme)),
        _ => named(context, OWN),
    }
}

/// The provider to play, which may be one that asks and signs nothing.
///
/// # Errors
/// If there is no such provider.
pub fn provider(context: &Context) -> Result<Handshake, CliError> {
    let unsigned = sign::handshake(context.settings.text("scheme")).filter(|known| known.scheme().is_none());
    match (signing(context), unsigned) {
        (Err(_), Some(known)) => Ok(known.clone()),
        (scheme, _) => scheme.map(Handshake::of),
    }
}

/// The scheme of this name.
///
/// # Errors
/// If there is none.
pub fn named(context: &Context, name: &str) -> Result<Arc<Scheme>, CliError> {
    context.known.named(name).ok_or_else(|| {
        let error = |why: String| CliError::usage(why).kind("unknown_scheme");
        if let Some(known) = sign::handshake(name) {
            let (title, name) = (known.title(), known.name());
            return error(format!("{title} signs nothing that whk could judge: there is no scheme \"{name}\""))
                .hint(format!("its handshake is played by whk send --challenge={name} and whk check --scheme {name}"));
        }
        let near = sign::nearest(name).map(|near| format!(", did you mean \"{near}\"?")).unwrap_or_default();
        error(format!("unknown scheme \"{name}\"{near}")).hint("whk schemes list shows them all")
    })
}

/// The provider of this name that asks before it sends.
///
/// # Errors
/// If there is none.
pub fn handshake(context: &Context, name: &str) -> Result<Handshake, CliError> {
    let own = context.known.named(name).map(Handshake::of);
    let error = |why: String| CliError::usage(why).kind("unknown_handshake");
    match own.or_else(|| sign::handshake(name).cloned()) {
        Some(known) if known.challenges().is_empty() => {
            Err(error(format!("{} asks nothing before it sends, as far as whk knows", known.title())))
        }
        Some(known) => Ok(known),
        None => {
            let names: Vec<_> = sign::handshakes().iter().map(Handshake::name).collect();
            let error = error(format!("whk knows no handshake of \"{name}\""));
            Err(error.hint(format!("those it knows: {}", names.join(", "))))
        }
    }
}

/// The schemes that come with whk, and before them those of the settings and of these files.
///
/// # Errors
/// If a file cannot be read, or one of them is no scheme.
pub fn known(context: &Context, files: &[PathBuf]) -> Result<Known, CliError> {
    let mut own = Vec::new();
    for (path, name, table) in context.settings.schemes() {
        let mut table = table.clone();
        for key in ["name", "title"] {
            table.entry(key).or_insert_with(|| name.into());
        }
        let place = || format!("{}: [scheme.{name}]", path.display());
        let scheme = Scheme::from_table(table).map_err(|why| bad_scheme(&place(), &why.to_string()))?;
        own.push(Arc::new(scheme));
    }
    for path in files {
        own.push(Arc::new(read(context, path)?.1));
    }
    Ok(Known::new(own))
}

/// A scheme file's text and scheme.
fn read(context: &Context, file: &Path) -> Result<(String, Scheme), CliError> {
    let bad = |why: &str| bad_scheme(&file.display().to_string(), why);
    let text = String::from_utf8(context.read(file)?).map_err(|_| bad("it is not UTF-8"))?;
    let scheme = Scheme::parse(&text).map_err(|why| bad(&why.to_string()))?;
    Ok((text, scheme))
}

fn bad_scheme(place: &str, why: &str) -> CliError {
    CliError::usage(format!("{place}: {}", one_line(why))).kind("scheme")
}

fn list(context: &Context) -> Result<Exit, CliError> {
    let mut lines = context.ui.stream();
    for scheme in context.known.all() {
        let name = scheme.name();
        if context.ui.is_json() {
            let asks = !scheme.challenges().is_empty();
            lines.json(&json!({"type": "scheme", "name": name, "title": scheme.title(), "aliases": scheme.aliases(), "source": scheme.source(), "challenge": asks}))?;
        } else {
            lines.line(&format!("{name:<24} {}", context.ui.paint.dim(scheme.title())))?;
        }
    }
    for known in sign::handshakes().iter().filter(|known| known.scheme().is_none()) {
        if context.ui.is_json() {
            lines.json(
                &json!({"type": "handshake", "name": known.name(), "title": known.title(), "source": known.source()}),
            )?;
        } else {
            let title = format!("{} (its handshake alone)", known.title());
            lines.line(&format!("{:<24} {}", known.name(), context.ui.paint.dim(&title)))?;
        }
    }
    lines.flush()?;
    Ok(Exit::Yes)
}

fn show(context: &Context, name: &str) -> Result<Exit, CliError> {
    if let (None, Some(text)) = (context.known.named(name), sign::handshake_text(name)) {
        return shown(context, &json!({"type": "handshake", "name": name, "toml": text}), text);
    }
    let scheme = named(context, name)?;
    let own = context.known.own().iter().any(|own| own.name() == scheme.name());
    let text =
        if own { own_text(context, &scheme)? } else { sign::preset_text(scheme.name()).unwrap_or_default().to_owned() };
    let line = json!({"type": "scheme", "name": scheme.name(), "title": scheme.title(), "aliases": scheme.aliases(), "source": scheme.source(), "toml": text});
    shown(context, &line, &text)
}

/// A scheme file as the user wrote it; of one that stands in the settings, where that is.
fn own_text(context: &Context, scheme: &Scheme) -> Result<String, CliError> {
    for path in context.scheme_files.iter().rev() {
        let (text, own) = read(context, path)?;
        if own.name() == scheme.name() {
            return Ok(text);
        }
    }
    let path = context.settings.schemes().find(|(_, name, _)| *name == scheme.name()).map(|(path, ..)| path.display());
    let place = path.map_or_else(|| "the settings".to_owned(), |path| path.to_string());
    Err(CliError::usage(format!(
        "\"{}\" is a scheme of yours: it is [scheme.{}] in {place}",
        scheme.name(),
        scheme.name()
    )))
}

fn shown(context: &Context, line: &serde_json::Value, text: &str) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        context.ui.json(line)?;
    } else {
        context.ui.line(text.trim_end())?;
    }
    Ok(Exit::Yes)
}

fn test(context: &Context, file: &Path) -> Result<Exit, CliError> {
    let bad = |why: String| bad_scheme(&file.display().to_string(), &why);
    let (text, scheme) = read(context, file)?;
    let vectors = sign::vector::vectors(&text).map_err(|why| bad(why.to_string()))?;
    if vectors.is_empty() {
        return Err(bad("it has no [[vector]]: add at least one that is valid and one that is not".to_owned()));
    }
    let mut results: Vec<(String, Option<String>)> = Vec::new();
    for vector in &vectors {
        results.push((vector.name.clone(), vector.check(&scheme).err().map(|why| why.to_string())));
    }
    let exchanges = sign::exchange::exchanges(&text).map_err(|why| bad(why.to_string()))?;
    for (challenge, vectors) in scheme.challenges().iter().zip(exchanges) {
        for vector in vectors {
            results.push((vector.name.clone(), vector.check(challenge).err().map(|why| why.to_string())));
        }
    }
    for (name, problem) in &results {
        if context.ui.is_json() {
            context.ui.json(&json!({"type": "vector", "name": name, "ok": problem.is_none(), "detail": problem}))?;
        } else {
            context.ui.line(&render::verdict::vector(name, problem.as_deref(), context.ui.paint))?;
        }
    }
    let failed = results.iter().filter(|(_, problem)| problem.is_some()).count();
    context.ui.note(&format!("{}: {} of {} vectors hold", scheme.name(), results.len() - failed, results.len()));
    Ok(if failed == 0 { Exit::Yes } else { Exit::No })
}
