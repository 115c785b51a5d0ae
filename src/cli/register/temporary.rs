//! How long `whk register` stays: as long as its command runs, or until ^C.

use crate::cli::child;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::register::{Args, Registered};
use crate::cli::signal::Signals;
use crate::model::Secret;

/// Runs the command of `--exec`, or waits if the endpoint is temporary.
pub(super) async fn stay(
    context: &Context,
    args: &Args,
    registered: &Registered<'_>,
    signals: &mut Signals,
) -> Result<Exit, CliError> {
    let hook = &registered.outcome.hook;
    let Some(command) = &args.exec else {
        if !args.temporary {
            return Ok(Exit::Yes);
        }
        context.ui.note("  it is there until ^C");
        return Ok(signals.next().await);
    };
    let secret = registered.outcome.secret.as_ref().map(Secret::reveal).unwrap_or_default();
    let mut variables = vec![("WHK_URL", hook.text("url")), ("WHK_ENDPOINT", hook.text("id"))];
    if !secret.is_empty() {
        variables.push(("WHK_SECRET", secret));
    }
    let mut child = child::start(context, command, &variables)?;
    tokio::select! {
        status = child.wait() => Ok(Exit::Child(child::exit_code(status.map_err(CliError::internal)?))),
        exit = signals.next() => Ok(exit),
    }
}
