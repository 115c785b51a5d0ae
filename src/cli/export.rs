//! `whk export`: events as NDJSON, HAR, `.http`, or a folder of cassettes.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use crate::api::events::{Find, find};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::wanted::Wanted;
use crate::config::private;
use crate::model::{Event, EventId, Secret, Target};
use crate::store::{Order, Pager, Start, Store};
use crate::view::{self, EventLine};

/// So many events are read at a time, and so many bytes of bodies.
const PAGE: usize = 200;
const ROOM: usize = 32 << 20;

/// Write events to a file: NDJSON, HAR, .http, or a folder of cassettes
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk export > events.ndjson
  whk export --type 'order.*' --since 1h --out orders.har
  whk export msg_2rXk... --as http
  whk export --type 'order.*' --out tests/cassettes/
  whk export --out everything.ndjson --scrub

Cassettes are kept beside tests and shared, so their secrets are scrubbed: headers, parameters and JSON fields such as
Authorization, access_token and password, and the apps' own secrets wherever they stand.")]
pub struct Args {
    /// These events; without ids, all that the filters want
    #[arg(value_name = "ID")]
    ids: Vec<EventId>,
    #[command(flatten)]
    wanted: Wanted,
    /// In this form [default: what the name of --out says, else ndjson]
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Option<Form>,
    /// Where to: a file, or a folder for cassettes [default: stdout]
    #[arg(long, short = 'o', value_name = "PATH")]
    out: Option<PathBuf>,
    /// Leave out passwords, tokens, keys and cookies; cassettes always do
    #[arg(long, conflicts_with = "keep_secrets")]
    scrub: bool,
    /// Leave secrets where they are, in cassettes too
    #[arg(long)]
    keep_secrets: bool,
}

/// A form that events are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One event a line, as events list prints them.
    Ndjson,
    /// HTTP Archive 1.2.
    Har,
    /// Requests for the HTTP client of an editor.
    Http,
    /// A folder with one file an event.
    Cassettes,
}

impl Form {
    /// What a path's name says.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let is_folder = path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator);
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if is_folder => Some(Self::Cassettes),
            Some("har") => Some(Self::Har),
            Some("http" | "rest") => Some(Self::Http),
            Some("ndjson" | "jsonl") => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If an event is not there, or it cannot be written.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let out = args.out.as_deref().map(|path| context.world.folder.join(path));
    // Joining forgets a slash at the end, which says that it is a folder.
    let form =
        args.form.or_else(|| args.out.as_deref().and_then(Form::of)).or_else(|| out.as_deref().and_then(Form::of));
    let form = form.unwrap_or(Form::Ndjson);
    if form == Form::Cassettes && out.is_none() {
        return Err(CliError::usage("cassettes need a folder: give --out FOLDER"));
    }
    if form == Form::Http && out.is_none() && context.ui.is_json() {
        return Err(CliError::usage("requests are no JSON: give --out FILE, or leave --output json out"));
    }
    context.block_on(async {
        let Some(store) = context.existing_store()? else {
            return Err(CliError::usage("the store is empty")
                .kind("not_found")
                .hint("whk listen records what arrives"));
        };
        let scrubs = args.scrub || (form == Form::Cassettes && !args.keep_secrets);
        let secrets = if scrubs { Some(secrets(context, store.as_ref()).await?) } else { None };
        let mut sink = Sink::open(context, form, out.as_deref())?;
        let count = export(context, args, store.as_ref(), &mut |event| match &secrets {
            Some(secrets) => sink.take(&view::scrubbed(event, secrets)),
            None => sink.take(event),
        })
        .await?;
        store.close().await?;
        sink.close()?;
        say(context, out.as_deref(), form, count)
    })
}

fn say(context: &Context, out: Option<&Path>, form: Form, count: u64) -> Result<Exit, CliError> {
    let ui = &context.ui;
    let Some(path) = out else {
        if count == 0 {
            ui.note("no event matches");
        }
        return Ok(Exit::Yes);
    };
    if ui.is_json() {
        let form = form.to_possible_value().map(|form| form.get_name().to_owned());
        ui.json(&json!({"type": "exported", "events": count, "form": form, "path": path.display().to_string()}))?;
    } else {
        let events = if count == 1 { "event" } else { "events" };
        ui.talk(&format!("{count} {events} written to {}", path.display()));
    }
    Ok(Exit::Yes)
}

/// Hands over each event that is wanted, the oldest first.
async fn export(
    context: &Context,
    args: &Args,
    store: &dyn Store,
    take: &mut impl FnMut(&Event) -> Result<(), CliError>,
) -> Result<u64, CliError> {
    let mut count = 0;
    for id in &args.ids {
        let missing = || CliError::usage(format!("there is no event {id}")).kind("not_found");
        take(&store.event(*id).await?.ok_or_else(missing)?.event)?;
        count += 1;
    }
    if !args.ids.is_empty() {
        return Ok(count);
    }
    let mut wanted = Find { order: Order::Oldest, limit: PAGE, room: ROOM, ..args.wanted.find(context)? };
    let bar = context.ui.progress(0, "{pos} events {spinner}");
    loop {
        let found = find(store, &wanted).await?;
        for logged in &found.events {
            take(&logged.event)?;
            count += 1;
        }
        bar.set_position(count);
        wanted.after = found.next;
        if found.next.is_none() {
            bar.finish_and_clear();
            return Ok(count);
        }
    }
}

/// What must not be in what is written: the secrets of every app, and those that were given.
async fn secrets(context: &Context, store: &dyn Store) -> Result<Vec<Secret>, CliError> {
    let mut all = context.secrets(&[])?;
    let mut pager = Pager::first(Order::Oldest, PAGE);
    loop {
        let page = store.apps(pager.clone()).await?;
        let Some(last) = page.items.last().map(|app| app.id) else { return Ok(all) };
        all.extend(page.items.into_iter().flat_map(|app| app.secrets));
        pager.start = Start::After(last);
        if !page.more {
            return Ok(all);
        }
    }
}

/// Where events are written.
struct Sink {
    form: Form,
    path: PathBuf,
    /// `None` for a folder.
    out: Option<BufWriter<Box<dyn Write>>>,
    /// The relay they came to, as far as anybody knows.
    to: Target,
    first: bool,
}

impl Sink {
    fn open(context: &Context, form: Form, path: Option<&Path>) -> Result<Self, CliError> {
        let port = context.settings.number("port")?;
        let to = format!("http://127.0.0.1:{}", if port == 0 { 4400_u16 } else { port });
        let to = to.parse().map_err(CliError::internal)?;
        let out: Option<Box<dyn Write>> = match path {
            Some(folder) if form == Form::Cassettes => {
                std::fs::create_dir_all(folder).map_err(|why| CliError::file(folder, &why))?;
                None
            }
            Some(file) => {
                // What is exported may hold secrets, so it is for its owner's eyes.
                if file.is_file() || !file.exists() {
                    private::write(file, b"").map_err(|why| CliError::file(file, &why))?;
                }
                Some(Box::new(File::create(file).map_err(|why| CliError::file(file, &why))?))
            }
            None => Some(Box::new(std::io::stdout())),
        };
        let path = path.map_or_else(|| PathBuf::from("stdout"), Path::to_owned);
        let out = out.map(|out| BufWriter::with_capacity(1 << 16, out));
        let mut sink = Self { form, path, out, to, first: true };
        if form == Form::Har {
            sink.write(view::har_frame().0.as_bytes())?;
        }
        Ok(sink)
    }

    fn take(&mut self, event: &Event) -> Result<(), CliError> {
        let first = std::mem::take(&mut self.first);
        let text = match self.form {
            Form::Ndjson => view::line(&EventLine::from(event)).map_err(CliError::internal)? + "\n",
            Form::Har => {
                let entry = view::line(&view::har_entry(event, &self.to)).map_err(CliError::internal)?;
                if first { entry } else { format!(",{entry}") }
            }
            Form::Http => view::as_http_file(event, &self.to),
            Form::Cassettes => {
                let path = self.path.join(view::cassette_name(event));
                let text = view::as_cassette(event).map_err(CliError::internal)?;
                let bytes = text.as_bytes();
                // Cassettes are for everyone who has the tests, unless their secrets are in them.
                return std::fs::write(&path, bytes).map_err(|why| CliError::file(&path, &why));
            }
        };
        self.write(text.as_bytes())
    }

    fn close(mut self) -> Result<(), CliError> {
        if self.form == Form::Har {
            self.write(view::har_frame().1.as_bytes())?;
            self.write(b"\n")?;
        }
        let path = self.path.clone();
        match &mut self.out {
            Some(out) => out.flush().map_err(|why| fault(&path, &why)),
            None => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        match &mut self.out {
            Some(out) => out.write_all(bytes).map_err(|why| fault(&self.path, &why)),
            None => Ok(()),
        }
    }
}

/// A closed pipe is no error; a full disk is.
fn fault(path: &Path, why: &std::io::Error) -> CliError {
    if path == Path::new("stdout") { CliError::from_output(why) } else { CliError::file(path, why) }
}
