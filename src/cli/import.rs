//! `whk import`: events from NDJSON, HAR, `.http` or cassettes, into the store.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;
use indicatif::ProgressBar;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::export::Form;
use crate::model::{AppName, Event, EventId};
use crate::sign;
use crate::store::{NewEvent, Store, StoreError};
use crate::view::{self, ViewError};

/// A longer line is no event that anything here would have written.
const LONGEST_LINE: u64 = 1 << 28;
/// So many events are on their way to the disk at once, and so many bytes of bodies.
const AT_ONCE: usize = 256;
const ROOM: usize = 32 << 20;

/// Read events from NDJSON, HAR, .http or cassettes into the store
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk import events.ndjson
  whk import tests/cassettes/
  whk import browser.har --app shop
  whk import requests.http
  whk events list --output json | ssh other whk import -

An event keeps its id, so reading it twice keeps it once. Requests that never were events get an id of their own.")]
pub struct Args {
    /// Files, folders with cassettes, or - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The form [default: what the name says, else what the file looks like]
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Option<Form>,
    /// The app they are put into [default: their own, else default]
    #[arg(long, value_name = "APP")]
    app: Option<AppName>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, or the store fails. What was read before is kept.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(async {
        let store = context.store()?;
        let bar = context.ui.progress(0, "{pos} events {spinner}");
        let own_app = context.app()?;
        let intake = Intake { args, own_app, context, bar, store: Arc::clone(&store), tasks: JoinSet::new(), room: 0 };
        let result = intake.run().await;
        store.close().await?;
        let (kept, already) = result?;
        if context.ui.is_json() {
            context.ui.json(&json!({"type": "imported", "imported": kept, "already": already}))?;
        } else {
            let events = if kept == 1 { "event" } else { "events" };
            let more = if already > 0 { format!(", {already} were there already") } else { String::new() };
            context.ui.talk(&format!("{kept} {events} imported{more}"));
        }
        Ok(Exit::Yes)
    })
}

/// Events on their way from files to the store.
struct Intake<'a> {
    args: &'a Args,
    own_app: AppName,
    context: &'a Context,
    bar: ProgressBar,
    store: Arc<dyn Store>,
    tasks: JoinSet<Result<bool, StoreError>>,
    room: usize,
}

/// How many were kept, and how many were there already.
type Sums = (u64, u64);

impl Intake<'_> {
    async fn run(mut self) -> Result<Sums, CliError> {
        let mut sums = (0, 0);
        for path in &self.args.paths {
            if path == Path::new("-") {
                self.reader(Box::new(std::io::stdin()), "standard input", self.args.form, &mut sums).await?;
                continue;
            }
            let whole = self.context.world.folder.join(path);
            if whole.is_dir() {
                self.folder(&whole, &mut sums).await?;
            } else {
                self.file(&whole, self.args.form.or_else(|| Form::of(&whole)), &mut sums).await?;
            }
        }
        self.drain(&mut sums).await?;
        self.bar.finish_and_clear();
        Ok(sums)
    }

    async fn folder(&mut self, folder: &Path, sums: &mut Sums) -> Result<(), CliError> {
        let entries = std::fs::read_dir(folder).map_err(|why| CliError::file(folder, &why))?;
        let is_cassette = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        let mut files: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_cassette).collect();
        if files.is_empty() {
            return Err(CliError::usage(format!("{} has no cassettes (*.json)", folder.display())));
        }
        files.sort();
        for file in files {
            self.file(&file, Some(Form::Cassettes), sums).await?;
        }
        Ok(())
    }

    async fn file(&mut self, path: &Path, form: Option<Form>, sums: &mut Sums) -> Result<(), CliError> {
        let file = File::open(path).map_err(|why| CliError::file(path, &why))?;
        self.reader(Box::new(file), &path.display().to_string(), form, sums).await
    }

    async fn reader(
        &mut self,
        reader: Box<dyn Read>,
        source: &str,
        form: Option<Form>,
        sums: &mut Sums,
    ) -> Result<(), CliError> {
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        let failed = |why: &std::io::Error| CliError::file(Path::new(source), why);
        let start = reader.fill_buf().map_err(|why| failed(&why))?;
        if form.unwrap_or_else(|| look(start)) == Form::Ndjson {
            return self.lines(reader, source, sums).await;
        }
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|why| failed(&why))?;
        let bad = |why: String| CliError::usage(format!("{source}: {why}")).kind("import");
        let entries = match form.unwrap_or_else(|| look(&bytes)) {
            Form::Har => view::entries_of_har(&bytes).map_err(bad)?,
            Form::Http => {
                let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))?;
                view::entries_of_http_file(&text).map_err(bad)?
            }
            Form::Cassettes | Form::Ndjson => vec![object(&bytes).map_err(bad)?],
        };
        for (index, fields) in entries.into_iter().enumerate() {
            let place = || format!("{source}, event {}", index + 1);
            self.take(fields, place, sums).await?;
        }
        Ok(())
    }

    /// Line by line: whoever writes them may go on for ever.
    async fn lines(&mut self, mut reader: impl BufRead, source: &str, sums: &mut Sums) -> Result<(), CliError> {
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line);
            if read.map_err(|why| CliError::file(Path::new(source), &why))? == 0 {
                return Ok(());
            }
            number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let place = || format!("{source}, line {number}");
            let fields = object(&line).map_err(|why| CliError::usage(format!("{}: {why}", place())).kind("import"))?;
            // A recording of listen has attempts in it too.
            if fields.get("type").is_none_or(|kind| kind == "event") {
                self.take(fields, place, sums).await?;
            }
        }
    }

    async fn take(
        &mut self,
        mut fields: Map<String, Value>,
        place: impl Fn() -> String,
        sums: &mut Sums,
    ) -> Result<(), CliError> {
        let bad = |why: ViewError| CliError::usage(format!("{}: {why}", place())).kind("import");
        let clock = &self.context.clock;
        let is_new = !fields.contains_key("id");
        fields.entry("id").or_insert_with(|| json!(EventId::new(clock.now(), clock.chance()).to_string()));
        fields.entry("received_at").or_insert_with(|| json!(clock.now().to_string()));
        let app = self.args.app.as_ref().map(AppName::as_str);
        if let Some(app) = app.or_else(|| (!fields.contains_key("app")).then_some(self.own_app.as_str())) {
            fields.insert("app".to_owned(), json!(app));
        }
        let text = Value::Object(fields).to_string();
        let mut event = view::event_from_json(&text).map_err(bad)?;
        if is_new && event.event_type.is_empty() {
            let scheme = self.context.known.detect(&event.request);
            event.event_type = sign::identify(scheme.as_deref(), &event.request).event_type.unwrap_or_default();
        }
        self.room += event.request.body.len();
        let store = Arc::clone(&self.store);
        // Tasks of one thread begin in the order they are made, so the log has the order of the file.
        self.tasks.spawn(keep(store, event));
        if self.tasks.len() >= AT_ONCE || self.room >= ROOM {
            self.drain(sums).await?;
        }
        Ok(())
    }

    async fn drain(&mut self, sums: &mut Sums) -> Result<(), CliError> {
        while let Some(kept) = self.tasks.join_next().await {
            let sum = if kept.map_err(CliError::internal)?? { &mut sums.0 } else { &mut sums.1 };
            *sum += 1;
            self.bar.inc(1);
        }
        self.room = 0;
        Ok(())
    }
}

/// Keeps an event; says whether it is new.
async fn keep(store: Arc<dyn Store>, event: Event) -> Result<bool, StoreError> {
    if store.event(event.id).await?.is_some() {
        return Ok(false);
    }
    store.append(NewEvent::new(Arc::new(event), Vec::new())).await?;
    Ok(true)
}

/// What bytes look like.
fn look(bytes: &[u8]) -> Form {
    let start = bytes.trim_ascii_start();
    if !start.starts_with(b"{") {
        return Form::Http;
    }
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match serde_json::from_slice::<Value>(line) {
        Ok(value) if value.get("log").is_some() => Form::Har,
        Ok(_) => Form::Ndjson,
        // An object of several lines, or one whose line is longer than what was looked at.
        Err(_) if memchr::memmem::find(start.get(..200).unwrap_or(start), b"\"log\"").is_some() => Form::Har,
        Err(_) if line.len() < start.len() => Form::Cassettes,
        Err(_) => Form::Ndjson,
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(bytes).map_err(|why| format!("this is no event: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_how_it_begins() {
        for (text, form) in [
            ("{\"type\":\"event\"}\n{}\n", Form::Ndjson),
            ("\n {\n  \"type\": \"event\"\n}\n", Form::Cassettes),
            ("{\"log\":{\"entries\":[]}}", Form::Har),
            ("{\n  \"log\": {\n", Form::Har),
            ("### a\nPOST /x\n", Form::Http),
            ("", Form::Http),
            ("{\"body\":\"a long line that was cut", Form::Ndjson),
        ] {
            assert_eq!(look(text.as_bytes()), form, "{text}");
        }
    }
}
