//! `whk doctor`: looks at what whk needs, and says how to mend what is not as it should be.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::remote::{At, Remote};
use crate::cli::running::{self, Running};
use crate::cli::ui::Ui;
use crate::config::private;
use crate::model::target::Address;
use crate::model::{Target, Timestamp};
use crate::store::{Order, Query};
use crate::view::safe;

/// How long a connection to the app may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The clock was never before this version was made: 2026-01-01.
const BIRTH: Timestamp = Timestamp::from_seconds(1_767_225_600);
/// Signatures with a time in them stop being good when clocks are further apart.
const DRIFT: Duration = Duration::from_secs(300);

/// Look whether all is well here, and say how to mend what is not
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk doctor
  whk doctor localhost:3000
  whk doctor --output json

Exit codes: 0 nothing is broken, 1 something is. Nothing is changed, and nothing is asked of other machines but the target.")]
pub struct Args {
    /// Where events are to go [default: what forward says in the settings]
    #[arg(value_name = "TARGET")]
    target: Option<String>,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    /// Not there, and that is no fault.
    Absent,
    Broken,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Absent => "none",
            Self::Broken => "broken",
        }
    }
}

/// What was found out about a part.
#[derive(Clone, Debug)]
struct Finding {
    name: &'static str,
    state: State,
    detail: String,
    hints: Vec<String>,
}

impl Finding {
    fn fine(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: State::Fine, detail: detail.into(), hints: Vec::new() }
    }

    fn absent(name: &'static str, detail: impl Into<String>) -> Self {
        Self { state: State::Absent, ..Self::fine(name, detail) }
    }

    fn broken(name: &'static str, why: CliError) -> Self {
        Self { name, state: State::Broken, detail: why.message, hints: why.hints }
    }
}

/// Runs the command.
///
/// # Errors
/// If stdout is closed.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(async {
        let running = running::find(&context.settings.home);
        let mut found = vec![
            config(context).unwrap_or_else(|why| Finding::broken("config", why)),
            store(context).await.unwrap_or_else(|why| Finding::broken("store", why)),
            clock(context).await.unwrap_or_else(|why| Finding::broken("clock", why)),
            port(context, running.as_ref()).await.unwrap_or_else(|why| Finding::broken("port", why)),
            relay(context, running.as_ref()).await.unwrap_or_else(|why| Finding::broken("relay", why)),
        ];
        found.extend(targets(context, args).await);
        say(context.ui, &found)
    })
}

/// What there is to say when the settings cannot be read, so that nothing else can be looked at.
///
/// # Errors
/// If stdout is closed.
pub fn without_settings(ui: Ui, why: CliError) -> Result<Exit, CliError> {
    let why = why.hint("mend the settings first: nothing else was looked at");
    say(ui, &[Finding::broken("config", why)])
}

fn say(ui: Ui, found: &[Finding]) -> Result<Exit, CliError> {
    let broken = found.iter().filter(|finding| finding.state == State::Broken).count();
    for Finding { name, state, detail, hints } in found {
        if ui.is_json() {
            ui.json(&json!({"type": "check", "name": name, "status": state.word(), "detail": detail, "hints": hints}))?;
            continue;
        }
        let word = format!("{:<6}", state.word());
        let word = match state {
            State::Fine => ui.paint.green(&word),
            State::Absent => ui.paint.dim(&word),
            State::Broken => ui.paint.red(&word),
        };
        ui.line(&format!("{word}  {name:<7} {}", safe(detail)))?;
        for hint in hints {
            ui.line(&format!("{:17}{} {}", "", ui.paint.dim("help:"), safe(hint)))?;
        }
    }
    if ui.is_json() {
        ui.json(&json!({"type": "doctor", "ok": broken == 0, "broken": broken}))?;
    }
    Ok(if broken == 0 { Exit::Yes } else { Exit::No })
}

fn config(context: &Context) -> Result<Finding, CliError> {
    context.app()?;
    context.secrets(&[])?;
    let mut files: Vec<String> = Vec::new();
    for (_, _, origin) in context.settings.iter() {
        let origin = origin.to_string();
        if origin.contains(".toml") && !files.contains(&origin) {
            files.push(origin);
        }
    }
    let from = if files.is_empty() { "no file of settings: the defaults count".to_owned() } else { files.join(", ") };
    Ok(Finding::fine("config", from))
}

async fn store(context: &Context) -> Result<Finding, CliError> {
    let home = &context.settings.home;
    let address = context.settings.store();
    let Some(store) = context.existing_store()? else {
        return Ok(Finding::absent("store", format!("{address}: nothing there yet, whk listen makes it")));
    };
    let about = store.about();
    store.newest().await?;
    store.close().await?;
    let probe = home.join(format!("doctor.{}", std::process::id()));
    let failed = |why: std::io::Error| {
        CliError::file(home, &why).hint("check the owner and the mode of the folder, or choose another with WHK_HOME")
    };
    private::folder(home).map_err(failed)?;
    private::write(&probe, b"").map_err(failed)?;
    std::fs::remove_file(&probe).map_err(failed)?;
    if let Some(trouble) = about.trouble {
        let why = CliError::unreachable(format!("{}: {trouble}", about.address));
        return Err(why.hint("start a replica (replicaof HOST PORT in its redis.conf), or use --durability full"));
    }
    Ok(Finding::fine("store", format!("{}, {}", about.address, about.durability)))
}

/// There is no other clock to ask on this machine, but a clock that is astray shows in what it said before.
async fn clock(context: &Context) -> Result<Finding, CliError> {
    let now = context.clock.now();
    let mend = |why: String| {
        CliError::usage(why)
            .hint("set the clock (timedatectl set-ntp true): signatures with a time in them fail otherwise")
    };
    if now < BIRTH {
        return Err(mend(format!("it says {now}, which is before this program was made")));
    }
    if let Some(store) = context.existing_store().ok().flatten() {
        let query = Query { order: Order::Newest, limit: 1, ..Query::default() };
        let newest = store.events(query).await?.first().map(|logged| logged.event.request.received_at);
        store.close().await?;
        if let Some(newest) = newest.filter(|newest| newest.since(now) > DRIFT) {
            return Err(mend(format!("it says {now}, and the newest event is of {newest}")));
        }
    }
    Ok(Finding::fine("clock", now.to_string()))
}

async fn port(context: &Context, running: Option<&Running>) -> Result<Finding, CliError> {
    let number: u16 = context.settings.number("port")?;
    if let Some(running) = running.filter(|running| running.address.port() == number) {
        return Ok(Finding::fine("port", format!("{number} is the running relay's, process {}", running.pid)));
    }
    let listener = crate::cli::listen::setup::bind(context).await?;
    let address = listener.local_addr().map_err(CliError::internal)?;
    Ok(Finding::fine("port", format!("{} is free", if number == 0 { address.port() } else { number })))
}

async fn relay(context: &Context, running: Option<&Running>) -> Result<Finding, CliError> {
    let Some(running) = running else {
        return Ok(Finding::absent("relay", "none is running here: whk listen or whk relay starts one"));
    };
    let at = At::default();
    Remote::find(context, &at)?.call("GET", "/api/v1/webhooks/events?limit=1", None).await?;
    Ok(Finding::fine("relay", format!("{} answers, process {}", running.url, running.pid)))
}

async fn targets(context: &Context, args: &Args) -> Vec<Finding> {
    let given = args.target.as_ref().map_or_else(|| context.settings.list("forward"), |target| vec![target.clone()]);
    if given.is_empty() {
        return vec![Finding::absent(
            "target",
            "none is set: whk doctor TARGET looks at one, forward in whk.toml sets one",
        )];
    }
    let mut found = Vec::new();
    for text in given {
        found.push(target(&text).await.unwrap_or_else(|why| Finding::broken("target", why)));
    }
    found
}

async fn target(text: &str) -> Result<Finding, CliError> {
    let target: Target = text.parse().map_err(|why| CliError::usage(format!("{why}")))?;
    let reached = async {
        match &target.address {
            Address::Tcp { host, port, .. } => tokio::net::TcpStream::connect((host.as_str(), *port)).await.map(drop),
            #[cfg(unix)]
            Address::Unix(path) => tokio::net::UnixStream::connect(path).await.map(drop),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        }
    };
    let failed =
        |why: String| CliError::unreachable(format!("{target}: {why}")).hint("is the app running, and on this port?");
    match tokio::time::timeout(PATIENCE, reached).await {
        Ok(Ok(())) => Ok(Finding::fine("target", format!("{target} takes connections"))),
        Ok(Err(why)) => Err(failed(why.to_string())),
        Err(_) => Err(failed("no connection in time".to_owned())),
    }
}
