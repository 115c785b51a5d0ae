//! `whk schemes`: the signature schemes whk knows, and the choice of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::render;
use crate::sign::{self, Scheme};

/// The scheme that whk signs by, unless told otherwise.
const OWN: &str = "standard-webhooks";

/// List and show signature schemes, and test a scheme file
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk schemes list
  whk schemes show stripe
  whk schemes test my-scheme.toml")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the schemes
    List,
    /// Show one scheme's file
    Show {
        /// Its name, or another one it goes by
        name: String,
    },
    /// Check a scheme file: it must be well formed, and each of its vectors must come out as it says
    Test {
        /// The file
        file: PathBuf,
    },
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
    }
}

/// The scheme that the settings choose; `None` for auto.
///
/// # Errors
/// If there is no such scheme.
pub fn chosen(context: &Context) -> Result<Option<Arc<Scheme>>, CliError> {
    match context.settings.text("scheme") {
        "" | "auto" => Ok(None),
        name => named(name).map(Some),
    }
}

/// The scheme to sign by.
///
/// # Errors
/// If there is no such scheme.
pub fn signing(context: &Context) -> Result<Arc<Scheme>, CliError> {
    match chosen(context)? {
        Some(scheme) => Ok(scheme),
        None => named(OWN),
    }
}

/// The scheme of this name.
///
/// # Errors
/// If there is none.
pub fn named(name: &str) -> Result<Arc<Scheme>, CliError> {
    sign::preset(name).ok_or_else(|| {
        let near = sign::nearest(name).map(|near| format!(", did you mean \"{near}\"?")).unwrap_or_default();
        CliError::usage(format!("unknown scheme \"{name}\"{near}"))
            .kind("unknown_scheme")
            .hint("whk schemes list shows them all")
    })
}

fn list(context: &Context) -> Result<Exit, CliError> {
    let mut lines = context.ui.stream();
    for name in sign::preset_names() {
        let scheme = named(name)?;
        if context.ui.is_json() {
            lines.json(&json!({"type": "scheme", "name": name, "title": scheme.title(), "aliases": scheme.aliases(), "source": scheme.source()}))?;
        } else {
            lines.line(&format!("{name:<24} {}", context.ui.paint.dim(scheme.title())))?;
        }
    }
    lines.flush()?;
    Ok(Exit::Yes)
}

fn show(context: &Context, name: &str) -> Result<Exit, CliError> {
    let scheme = named(name)?;
    let text = sign::preset_text(scheme.name()).unwrap_or_default();
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "scheme", "name": scheme.name(), "title": scheme.title(), "aliases": scheme.aliases(), "source": scheme.source(), "toml": text}))?;
    } else {
        context.ui.line(text.trim_end())?;
    }
    Ok(Exit::Yes)
}

fn test(context: &Context, file: &Path) -> Result<Exit, CliError> {
    let bad = |why: String| CliError::usage(format!("{}: {why}", file.display())).kind("scheme");
    let bytes = context.read(file)?;
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))?;
    let scheme = Scheme::parse(&text).map_err(|why| bad(why.to_string()))?;
    let vectors = sign::vector::vectors(&text).map_err(|why| bad(why.to_string()))?;
    if vectors.is_empty() {
        return Err(bad("it has no [[vector]]: add at least one that is valid and one that is not".to_owned()));
    }
    let mut failed = 0;
    for vector in &vectors {
        let result = vector.check(&scheme);
        failed += usize::from(result.is_err());
        let problem = result.err().map(|why| why.to_string());
        let problem = problem.as_deref();
        if context.ui.is_json() {
            context
                .ui
                .json(&json!({"type": "vector", "name": vector.name, "ok": problem.is_none(), "detail": problem}))?;
        } else {
            context.ui.line(&render::verdict::vector(&vector.name, problem, context.ui.paint))?;
        }
    }
    context.ui.note(&format!("{}: {} of {} vectors hold", scheme.name(), vectors.len() - failed, vectors.len()));
    Ok(if failed == 0 { Exit::Yes } else { Exit::No })
}
