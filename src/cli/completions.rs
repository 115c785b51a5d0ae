//! `whk completions`: what a shell needs to complete `whk`.

use std::ffi::OsString;

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::live;
use crate::config::World;

/// With this variable a shell asks.
const ASKED: &str = "WHK_COMPLETE";

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

/// The script. It asks whk itself what may stand where, so that it knows events and schemes that are made later.
#[must_use]
pub fn script(shell: ShellArg) -> Vec<u8> {
    let shell: &dyn EnvCompleter = match shell {
        ShellArg::Bash => &Bash,
        ShellArg::Zsh => &Zsh,
        ShellArg::Fish => &Fish,
        ShellArg::Powershell => &Powershell,
        ShellArg::Elvish => &Elvish,
    };
    let mut script = Vec::new();
    // A vector takes everything.
    drop(shell.write_registration(ASKED, "whk", "whk", "whk", &mut script));
    script
}

/// Answers a shell that asks what may stand where; says whether one did.
///
/// # Errors
/// If it asks in a way that nobody knows.
pub fn answered(world: &World, arguments: &[OsString]) -> Result<bool, CliError> {
    if world.variable(ASKED).is_none() {
        return Ok(false);
    }
    let command = || live::with_candidates(crate::cli::whole());
    let asked = CompleteEnv::with_factory(command).var(ASKED).try_complete(arguments, Some(&world.folder));
    asked.map_err(|why| CliError::usage(why.to_string().trim().to_owned()))
}
