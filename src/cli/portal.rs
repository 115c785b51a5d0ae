//! `whk portal`: a link to an app's portal, opened or printed.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::cli::browser;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::platform::Place;
use crate::view::safe;

/// Get a link to an app's portal, and open it
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk portal
  whk portal --app org_42
  whk portal --app org_42 --print
  whk portal --platform svix --app org_42

On a terminal it opens in the browser; elsewhere the link is printed. Whoever has the link is let in for a while.")]
pub struct Args {
    /// Print the link, and open nothing
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
///
/// # Errors
/// If the platform does not answer, or refuses, or has no portal.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(async {
        let desk = args.place.open(context)?;
        let (link, said) = desk.portal().await?;
        if context.ui.is_json() {
            let until = said.get("expires_at").cloned().unwrap_or(Value::Null);
            context.ui.json(&json!({"type": "portal", "url": link, "expires_at": until}))?;
            return Ok(Exit::Yes);
        }
        context.ui.line(&safe(link.as_bytes()))?;
        if !args.print && context.ui.interactive && !context.no_input && browser::open(context, &link).is_err() {
            context.ui.note("  no browser could be started: open the link yourself");
        }
        Ok(Exit::Yes)
    })
}
