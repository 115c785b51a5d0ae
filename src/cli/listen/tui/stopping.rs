//! ^Z, and what else stops and continues a process that has the terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::error::CliError;
#[cfg(unix)]
use crate::cli::listen::tui::screen::Screen;

/// Whether somebody asked to stop, or to go on; looked at by the thread that has the terminal.
#[derive(Clone, Default)]
pub(super) struct Stops {
    stop: Arc<AtomicBool>,
    go_on: Arc<AtomicBool>,
}

impl Stops {
    /// From now on the signals come here.
    #[cfg(unix)]
    pub(super) fn new() -> Result<Self, CliError> {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        let stops = Self::default();
        let comes = |number: Signal| signal(SignalKind::from_raw(number.as_raw())).map_err(CliError::internal);
        let (mut stop, mut go_on) = (comes(Signal::TSTP)?, comes(Signal::CONT)?);
        let flags = stops.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    // An editor has the terminal, and stops: then the thread that waits for it cannot.
                    _ = stop.recv() => if Screen::is_taken() { flags.stop.store(true, Ordering::Release) } else { stop_here(); },
                    _ = go_on.recv() => flags.go_on.store(true, Ordering::Release),
                }
            }
        });
        Ok(stops)
    }

    /// There are no such signals here.
    #[cfg(not(unix))]
    pub(super) fn new() -> Result<Self, CliError> {
        Ok(Self::default())
    }

    /// Whether to stop, said once.
    pub(super) fn take_stop(&self) -> bool {
        self.stop.swap(false, Ordering::AcqRel)
    }

    /// Whether to go on, said once.
    pub(super) fn take_continue(&self) -> bool {
        self.go_on.swap(false, Ordering::AcqRel)
    }
}

/// Stops, with everything that the shell started beside, until the shell says to go on. Whoever has no shell above
/// would never go on, and is not stopped.
#[cfg(unix)]
pub(super) fn stop_here() -> bool {
    use rustix::process::{Signal, getpid, getsid, kill_current_process_group};
    let is_alone = getsid(None).is_ok_and(|leader| leader == getpid());
    !is_alone && kill_current_process_group(Signal::STOP).is_ok()
}

/// Nothing stops a process here.
#[cfg(not(unix))]
pub(super) fn stop_here() -> bool {
    false
}

/// ^C, which a terminal in this mode sends as a letter. Says whether the signal is on its way.
#[cfg(unix)]
pub(super) fn interrupt() -> bool {
    use rustix::process::{Signal, getpid, kill_process};
    kill_process(getpid(), Signal::INT).is_ok()
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(super) fn interrupt() -> bool {
    false
}
