//! `whk config`: every setting, its value and where it came from.

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use toml::Value;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::view::safe;

/// Look at the settings
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk config show
  whk config show --profile ci --output json
  WHK_STORE=memory: whk config show")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print every setting with its value and where it came from
    Show,
}

/// Runs the command.
///
/// # Errors
/// If stdout is closed.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let Action::Show = args.action;
    let ui = &context.ui;
    for (name, value, origin) in context.settings.iter() {
        let value = match name {
            "store" => Value::String(context.settings.store()),
            // Where a secret is to be found may be shown; the secret itself may not.
            "secret" => masked(context.settings.list("secret")),
            "key" if !context.settings.text("key").is_empty() => {
                Value::String(masked_one(context.settings.text("key").to_owned()))
            }
            _ => value.clone(),
        };
        if ui.is_json() {
            let plain = serde_json::to_value(&value).map_err(CliError::internal)?;
            ui.json(&json!({"type": "setting", "name": name, "value": plain, "origin": origin.to_string()}))?;
        } else {
            let shown = safe(value.to_string().as_bytes());
            ui.line(&format!("{name:<15} {shown:<40} {}", ui.paint.dim(&safe(origin.to_string().as_bytes()))))?;
        }
    }
    if !ui.is_json() {
        ui.line(&format!("{:<15} {}", "(state folder)", safe(context.settings.home.display().to_string().as_bytes())))?;
    }
    Ok(Exit::Yes)
}

fn masked(given: Vec<String>) -> Value {
    given.into_iter().map(|text| Value::String(masked_one(text))).collect::<Vec<_>>().into()
}

fn masked_one(text: String) -> String {
    let is_source = text == "-" || text.starts_with("env:") || text.starts_with("file:");
    if is_source { text } else { crate::model::Secret::new(text).masked() }
}
