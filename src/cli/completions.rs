//! `whk completions`: what a shell needs to complete `whk`.

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::{Shell, generate};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Print a completion script for a shell
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk completions bash > ~/.local/share/bash-completion/completions/whk
  whk completions zsh > ~/.zfunc/_whk
  whk completions fish > ~/.config/fish/completions/whk.fish")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: ShellArg,
}

/// A shell that completions are made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShellArg {
    /// GNU Bash.
    Bash,
    /// The Z shell.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// Elvish.
    Elvish,
}

impl ShellArg {
    /// The name of its file under `completions/`.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Bash => "whk.bash",
            Self::Zsh => "_whk",
            Self::Fish => "whk.fish",
            Self::Powershell => "_whk.ps1",
            Self::Elvish => "whk.elv",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If stdout is closed.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let script = script(args.shell);
    if context.ui.is_json() {
        let name = args.shell.file();
        context.ui.json(
            &serde_json::json!({"type": "completions", "file": name, "script": String::from_utf8_lossy(&script)}),
        )?;
    } else {
        context.ui.bytes(&script)?;
    }
    Ok(Exit::Yes)
}

/// The script.
#[must_use]
pub fn script(shell: ShellArg) -> Vec<u8> {
    let kind = match shell {
        ShellArg::Bash => Shell::Bash,
        ShellArg::Zsh => Shell::Zsh,
        ShellArg::Fish => Shell::Fish,
        ShellArg::Powershell => Shell::PowerShell,
        ShellArg::Elvish => Shell::Elvish,
    };
    let mut script = Vec::new();
    generate(kind, &mut crate::cli::command(), "whk", &mut script);
    script
}
