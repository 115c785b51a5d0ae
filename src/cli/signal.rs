//! SIGINT and SIGTERM, as exits.

use crate::cli::error::{CliError, Exit};

/// Waits for signals.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on signals come here.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn new() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(CliError::internal)?,
            terminate: signal(SignalKind::terminate()).map_err(CliError::internal)?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

/// Waits for signals.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// From now on signals come here.
    ///
    /// # Errors
    /// Never, here.
    pub fn new() -> Result<Self, CliError> {
        Ok(Self)
    }

    /// The next one.
    pub async fn next(&mut self) -> Exit {
        drop(tokio::signal::ctrl_c().await);
        Exit::Interrupted
    }
}
