//! Opens a page in the user's browser.

use std::process::{Command, Stdio};

/// Opens a page.
///
/// # Errors
/// What is missing, in words.
pub(super) fn open(url: &str) -> Result<(), String> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let silent =
        Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = silent.map_err(|why| format!("the browser could not be opened: {program}: {why}"))?;
    // It may take as long as the browser lives; nobody waits for that but this thread.
    drop(std::thread::spawn(move || child.wait()));
    Ok(())
}
