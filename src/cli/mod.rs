//! The command line: arguments in, words and an exit code out.

pub mod apply;
mod asking;
mod browser;
pub mod check;
pub mod child;
pub mod compare;
pub mod completions;
pub mod config;
pub mod context;
mod deferred;
mod descriptors;
pub mod diff;
pub mod doctor;
pub mod endpoints;
pub mod error;
pub mod events;
pub mod expect;
pub mod export;
pub mod fetch;
pub mod follow;
pub mod given;
pub mod import;
pub mod init;
pub mod judged;
pub mod keep;
mod keys;
pub mod listen;
pub mod live;
pub mod man;
pub mod message;
pub mod parsers;
pub mod payload;
pub mod platform;
pub mod portal;
mod prompt;
pub mod register;
pub mod relay;
pub mod remote;
pub mod render;
pub mod replay;
pub mod running;
pub mod schemes;
pub mod secret;
pub mod send;
pub mod senders;
mod shooter;
pub mod sign;
pub mod signal;
pub mod tail;
pub mod ui;
pub mod verify;
pub mod wanted;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use toml::Value;

use crate::cli::context::Context;
use crate::cli::deferred::Deferred;
use crate::cli::error::{CliError, Exit};
use crate::cli::ui::{Color, Format, Ui};
use crate::config::World;

/// Receive, verify, record, replay and send webhooks.
///
/// One binary, no account, no cloud: `whk listen --forward localhost:3000` shows every webhook that arrives, byte
/// for byte, and keeps it for `whk replay`.
#[derive(Debug, Parser)]
#[command(
    name = "whk",
    version,
    after_help = "\
Examples:
  whk listen --forward localhost:3000     receive, record and forward
  whk send order.created                  send a signed event to it
  whk events list                         what has arrived
  whk replay msg_2rXk...                  send it again, signed afresh
  whk expect order.created --within 30s   wait for an event, in a test
  whk verify --scheme stripe --secret env:S --body @body.json -H 'Stripe-Signature: ...' --explain
  whk check localhost:3000/hook --secret env:S   test that it refuses what it must

Exit codes: 0 yes, 1 the answer is no, 2 usage, 3 unreachable, 4 waited too long, 130 and 143 signals."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// human, or json: one object a line on stdout and nothing else; whk check knows junit and tap too
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    output: Option<FormatArg>,
    /// When to use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    color: Option<ColorArg>,
    /// Settings of this profile in whk.toml or config.toml
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Where events are kept: memory:, sqlite:PATH, or redis://HOST:PORT/0, which several relays share
    #[arg(long, global = true, value_name = "STORE")]
    store: Option<String>,
    /// full: flushed to disk before it is acknowledged. process: survives a killed process, not a power cut.
    /// replicated: on a replica too, in Redis
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    durability: Option<DurabilityArg>,
    /// Names for env:NAME from a file of NAME=value lines. Repeatable
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// A file with a signature scheme of your own, known by its name from then on. Repeatable
    #[arg(long, global = true, value_name = "FILE")]
    scheme_file: Vec<PathBuf>,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    yes: bool,
    /// Ask no question; a missing answer is an error
    #[arg(long, global = true)]
    no_input: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArg {
    Human,
    Json,
    Junit,
    Tap,
}

impl From<FormatArg> for Format {
    fn from(given: FormatArg) -> Self {
        match given {
            FormatArg::Human => Self::Human,
            FormatArg::Json => Self::Json,
            FormatArg::Junit => Self::Junit,
            FormatArg::Tap => Self::Tap,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DurabilityArg {
    Full,
    Process,
    Replicated,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive webhooks at a local inbox, record them byte for byte, and forward them to your app
    Listen(Deferred<listen::Args>),
    /// Send a signed event
    Send(Deferred<send::Args>),
    /// Judge a signature, and say why it is wrong
    Verify(Deferred<verify::Args>),
    /// Test that a receiver takes the good and refuses the forged
    Check(Deferred<check::Args>),
    /// Print the headers that sign a body
    Sign(Deferred<sign::Args>),
    /// Run the server: inbox, deliveries with retries, and the APIs
    Relay(Deferred<relay::Args>),
    /// Make an endpoint at a platform, or bring it up to date
    Register(Deferred<register::Args>),
    /// List, show and change the endpoints of a platform
    Endpoints(Deferred<endpoints::Args>),
    /// Make a platform match the endpoints of a file
    Apply(Deferred<apply::Args>),
    /// Get a link to an app's portal, and open it
    Portal(Deferred<portal::Args>),
    /// Report what two systems send differently
    Compare(Deferred<compare::Args>),
    /// Send recorded events again
    Replay(Deferred<replay::Args>),
    /// Wait for events at the relay, and say with the exit code whether they came
    Expect(Deferred<expect::Args>),
    /// List and show what has arrived, and the catalogue of event types
    Events(Deferred<events::Args>),
    /// Show what differs between two events, or two attempts
    Diff(Deferred<diff::Args>),
    /// Write events to a file: NDJSON, HAR, .http, or a folder of cassettes
    Export(Deferred<export::Args>),
    /// Read events from NDJSON, HAR, .http or cassettes into the store
    Import(Deferred<import::Args>),
    /// Make, show or rotate signing secrets
    Secret(Deferred<secret::Args>),
    /// List and show signature schemes, test a scheme file, and draft one
    Schemes(Deferred<schemes::Args>),
    /// Write a whk.toml to start from
    Init(Deferred<init::Args>),
    /// Look at the settings
    Config(Deferred<config::Args>),
    /// Look whether all is well here, and say how to mend what is not
    Doctor(Deferred<doctor::Args>),
    /// Print a completion script for a shell
    Completions(Deferred<completions::Args>),
    /// Print a manual page, or write all of them
    Man(Deferred<man::Args>),
}

/// Reads the arguments, runs the command, and says how it ended.
#[must_use]
pub fn run(arguments: &[OsString]) -> Exit {
    let world = World::look();
    match completions::answered(&world, arguments) {
        Ok(false) => {}
        Ok(true) => return Exit::Yes,
        Err(why) => return why.exit,
    }
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(why) => return refused(&world, arguments, &why),
    };
    let (ui, result) = match prepare(world.clone(), &cli.global, &cli.command) {
        Ok(context) => (context.ui, dispatch(context, cli.command)),
        Err(why) => {
            let ui = Ui::new(&world, color(cli.global.color), asked_format(&world, arguments));
            let is_doctor = matches!(cli.command, Command::Doctor(_));
            (ui, if is_doctor { doctor::without_settings(ui, why) } else { Err(why) })
        }
    };
    match result {
        Ok(exit) => exit,
        Err(why) => {
            ui.error(&why);
            why.exit
        }
    }
}

/// The command line; what belongs to one command is put in when that command is asked for.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// The whole of it, with the arguments of every command, for manual pages.
#[must_use]
pub fn whole() -> clap::Command {
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    whole
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut matches = command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches_mut(&mut matches)
}

fn dispatch(context: Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Listen(args) => listen::run(context, &args),
        Command::Send(args) => send::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Check(args) => check::run(context, &args),
        Command::Sign(args) => sign::run(&context, &args),
        Command::Relay(args) => relay::run(context, &args),
        Command::Register(args) => register::run(&context, &args),
        Command::Endpoints(args) => endpoints::run(&context, &args),
        Command::Apply(args) => apply::run(&context, &args),
        Command::Portal(args) => portal::run(&context, &args),
        Command::Compare(args) => compare::run(&context, &args),
        Command::Replay(args) => replay::run(context, &args),
        Command::Expect(args) => expect::run(&context, &args),
        Command::Events(args) => events::run(&context, &args),
        Command::Diff(args) => diff::run(&context, &args),
        Command::Export(args) => export::run(&context, &args),
        Command::Import(args) => import::run(&context, &args),
        Command::Secret(args) => secret::run(context, &args),
        Command::Schemes(args) => schemes::run(&context, &args),
        Command::Init(args) => init::run(&context, &args),
        Command::Config(args) => config::run(&context, &args),
        Command::Doctor(args) => doctor::run(&context, &args),
        Command::Completions(args) => completions::run(&context, &args),
        Command::Man(args) => man::run(&context, &args),
    }
}

fn prepare(world: World, global: &Global, command: &Command) -> Result<Context, CliError> {
    let mut flags: Vec<(&'static str, Value)> = Vec::new();
    let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    let texts = [
        ("output", global.output.and_then(|given| name(given.to_possible_value()))),
        ("color", global.color.and_then(|given| name(given.to_possible_value()))),
        ("durability", global.durability.and_then(|given| name(given.to_possible_value()))),
        ("store", global.store.clone()),
    ];
    for (key, value) in texts {
        flags.extend(value.map(|value| (key, Value::String(value))));
    }
    let settings = crate::config::resolve(&world, global.profile.as_deref(), &flags)?;
    let format = settings.parse("output", |text| format_for(command, text))?;
    let wanted = settings.parse("color", |text| ColorArg::from_str(text, false))?;
    let ui = Ui::new(&world, color(Some(wanted)), format);
    let mut context = Context::new(world, settings, ui);
    context.known = schemes::known(&context, &global.scheme_file)?;
    context.scheme_files.clone_from(&global.scheme_file);
    context.env_files.clone_from(&global.env_file);
    context.yes = global.yes;
    context.no_input = global.no_input;
    Ok(context)
}

/// Reports of tests are what only a command that tests can give.
fn format_for(command: &Command, text: &str) -> Result<Format, String> {
    let format = Format::from(FormatArg::from_str(text, false)?);
    match (format, command) {
        (Format::Junit | Format::Tap, command) if !matches!(command, Command::Check(_)) => {
            Err(format!("{text} is for whk check alone: use human or json"))
        }
        _ => Ok(format),
    }
}

fn color(given: Option<ColorArg>) -> Color {
    match given {
        Some(ColorArg::Always) => Color::Always,
        Some(ColorArg::Never) => Color::Never,
        Some(ColorArg::Auto) | None => Color::Auto,
    }
}

/// Help and version are answers; everything else clap says is a usage error.
fn refused(world: &World, arguments: &[OsString], why: &clap::Error) -> Exit {
    let ui = Ui::new(world, Color::Auto, asked_format(world, arguments));
    if !why.use_stderr() {
        let text = why.render();
        let text = if ui.paint.is_on() { text.ansi().to_string() } else { text.to_string() };
        return match ui.bytes(text.as_bytes()) {
            Ok(()) => Exit::Yes,
            Err(why) => why.exit,
        };
    }
    if ui.is_json() {
        let text = why.render().to_string();
        let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
        ui.error(&CliError::usage(message.trim()).hint("whk --help, or whk COMMAND --help, lists what there is"));
    } else {
        let text = why.render();
        let text = if ui.talk_paint.is_on() { text.ansi().to_string() } else { text.to_string() };
        ui.talk(text.trim_end());
    }
    Exit::Usage
}

/// The format that arguments and environment ask for, even if they cannot be read as a whole.
fn asked_format(world: &World, arguments: &[OsString]) -> Format {
    let words: Vec<_> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let asks = |format: &str| {
        words.contains(&format!("--output={format}").as_str())
            || words.windows(2).any(|pair| pair == ["--output", format])
    };
    let is_set = world.variable("WHK_OUTPUT") == Some("json");
    if asks("json") || is_set && !asks("human") { Format::Json } else { Format::Human }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        whole().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        for sub in whole().get_subcommands() {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("whk {}", sub.get_name());
            assert!(help.starts_with("Examples:") && help.contains(&example), "{}", sub.get_name());
        }
    }
}
