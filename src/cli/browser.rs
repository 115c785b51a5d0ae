//! Opens a page in the user's browser.

use std::process::{Command, Stdio};

use crate::cli::context::Context;

/// Opens a page. Where there is no browser the link is there to be clicked, so that is no error.
pub(super) fn open(context: &Context, url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let silent =
        Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match silent {
        // Whoever opens the page may take as long as the browser lives; nobody waits for that but this thread.
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(why) => context.ui.note(&format!("  ! the browser could not be opened: {program}: {why}")),
    }
}
