//! `whk secret`: the app's own secret, and new ones.

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::schemes;
use crate::model::App;
use crate::model::Secret;
use crate::sign;

/// How many secrets an app has at once: the one that signs and those that still verify.
const KEPT: usize = 2;

/// Make, show or rotate signing secrets
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk secret show
  whk secret new --scheme github
  whk secret rotate --yes")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print a new secret; nothing is kept
    New {
        /// The scheme it must suit
        #[arg(long, value_name = "NAME")]
        scheme: Option<String>,
    },
    /// Print the app's own secret
    Show {
        /// The app
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Give the app a new secret; the old one still verifies until the next rotation
    Rotate {
        /// The app
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// If the store fails, or the scheme has no secrets to make.
pub fn run(mut context: Context, args: &Args) -> Result<Exit, CliError> {
    if let Action::Show { app: Some(app) } | Action::Rotate { app: Some(app) } = &args.action {
        context.settings.set_flag("app", app.clone());
    }
    match &args.action {
        Action::New { scheme } => {
            if let Some(name) = scheme {
                context.settings.set_flag("scheme", name.clone());
            }
            print(&context, &fresh(&context)?)
        }
        Action::Show { .. } => {
            let secret = context.block_on_value(async {
                let store = context.store()?;
                let app = context.own_app(store.as_ref(), &context.app()?).await?;
                store.close().await?;
                app.secrets.into_iter().next().ok_or_else(|| CliError::internal("the app has no secret"))
            })?;
            print(&context, &secret)
        }
        Action::Rotate { .. } => rotate(&context),
    }
}

fn rotate(context: &Context) -> Result<Exit, CliError> {
    let name = context.app()?;
    if !context.confirm(&format!("Give the app {name} a new secret?"))? {
        return Ok(Exit::No);
    }
    let secret = fresh(context)?;
    context.block_on_value(async {
        let store = context.store()?;
        let app = context.own_app(store.as_ref(), &name).await?;
        let (new, now) = (secret.clone(), context.clock.now());
        let change = move |app: &mut App| {
            app.secrets.insert(0, new.clone());
            app.secrets.truncate(KEPT);
            app.updated_at = now;
        };
        store.change_app(app.id, Box::new(change)).await?;
        Ok(store.close().await?)
    })?;
    context
        .ui
        .note(&format!("the app {name} signs with a new secret; the old one still verifies until the next rotation"));
    print(context, &secret)
}

/// A new secret for the chosen scheme.
fn fresh(context: &Context) -> Result<Secret, CliError> {
    let scheme = schemes::signing(context)?;
    let key = context.clock.key().map_err(CliError::internal)?;
    Ok(sign::new_secret(&scheme, &key)?)
}

fn print(context: &Context, secret: &Secret) -> Result<Exit, CliError> {
    if context.ui.is_json() {
        context.ui.json(&json!({"type": "secret", "secret": secret.reveal()}))?;
    } else {
        context.ui.line(secret.reveal())?;
    }
    Ok(Exit::Yes)
}
