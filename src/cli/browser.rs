//! Opens a page in the user's browser.

use std::process::{Command, Stdio};

use crate::cli::context::Context;

/// Opens a page as this machine does it. What is no web address is opened by nobody.
///
/// # Errors
/// Why not, in words.
pub(super) fn open(context: &Context, url: &str) -> Result<(), String> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err("that is no web address".to_owned());
    }
    let usual = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let own = context.world.variable("BROWSER").filter(|own| !own.is_empty() && !own.contains(' '));
    let program = own.unwrap_or(usual);
    let mut command = Command::new(program);
    let silent = command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = silent.map_err(|why| format!("the browser could not be opened: {program}: {why}"))?;
    // It may take as long as the browser lives; nobody waits for that but this thread.
    drop(std::thread::spawn(move || child.wait()));
    Ok(())
}
