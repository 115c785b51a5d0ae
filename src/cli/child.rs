//! The command of `--exec`: started, waited for, and how it ended.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, Command};

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// Starts a command line with these variables. In JSON format its output must not mix with ours.
///
/// # Errors
/// If there is no shell.
pub fn start(context: &Context, command: &str, variables: &[(&str, &str)]) -> Result<Child, CliError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let out = if context.ui.is_json() { Stdio::from(std::io::stderr()) } else { Stdio::inherit() };
    Command::new(shell)
        .args([flag, command])
        .envs(variables.iter().copied())
        .stdout(out)
        .kill_on_drop(true)
        .spawn()
        .map_err(|why| CliError::file(Path::new(shell), &why))
}

/// A command that was killed by a signal ends as shells say it.
#[must_use]
pub fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
