//! `whk man`: manual pages.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Command};
use clap_mangen::Man;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Print a manual page, or write all of them
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk man | man -l -
  whk man listen | man -l -
  whk man --dir ~/.local/share/man/man1")]
pub struct Args {
    /// The command whose page is wanted
    command: Option<String>,
    /// Write every page into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If there is no such command, or a page cannot be written.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let whole = crate::cli::whole();
    if let Some(folder) = &args.dir {
        return write_all(context, &whole, &context.world.folder.join(folder));
    }
    let wanted =
        match &args.command {
            None => whole,
            Some(name) => whole.get_subcommands().find(|sub| sub.get_name() == name).map(named).ok_or_else(|| {
                CliError::usage(format!("there is no command \"{name}\"")).hint("whk --help lists them")
            })?,
        };
    let page = page(wanted)?;
    if context.ui.is_json() {
        context.ui.json(&serde_json::json!({"type": "man", "page": String::from_utf8_lossy(&page)}))?;
    } else {
        context.ui.bytes(&page)?;
    }
    Ok(Exit::Yes)
}

fn write_all(context: &Context, whole: &Command, folder: &Path) -> Result<Exit, CliError> {
    std::fs::create_dir_all(folder).map_err(|why| CliError::file(folder, &why))?;
    for command in std::iter::once(whole.clone()).chain(whole.get_subcommands().map(named)) {
        let name = command.get_display_name().unwrap_or("whk");
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, page(command)?).map_err(|why| CliError::file(&path, &why))?;
        context.ui.note(&format!("wrote {}", path.display()));
    }
    Ok(Exit::Yes)
}

/// The subcommand under the name of its page, `whk-listen`.
fn named(sub: &Command) -> Command {
    let name = format!("whk-{}", sub.get_name());
    sub.clone().bin_name(format!("whk {}", sub.get_name())).display_name(name)
}

fn page(command: Command) -> Result<Vec<u8>, CliError> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(CliError::internal)?;
    Ok(page)
}
