//! A delivery as the user gives it: by parts, as a raw HTTP message, as NDJSON event lines, or by id.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{message, parsers};
use crate::model::{CapturedRequest, EventId, Headers, Timestamp};
use crate::view;

/// A longer line is no delivery that anything here would have written.
const LONGEST_LINE: u64 = 1 << 28;

/// A delivery as the user gives it.
#[derive(Clone, Debug, Args)]
pub struct Given {
    /// The body: @file, - for standard input, or the text itself [default: -]
    #[arg(long, value_name = "BODY", conflicts_with_all = ["request", "event", "id"])]
    body: Option<String>,
    /// A header of the delivery. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V", conflicts_with_all = ["request", "event", "id"])]
    headers: Vec<String>,
    /// A file with the raw HTTP/1.1 request
    #[arg(long, value_name = "FILE", conflicts_with_all = ["event", "id"])]
    request: Option<PathBuf>,
    /// NDJSON lines with deliveries, as listen, events list and send --dry-run print them with --output json: a file, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    event: Option<String>,
    /// An event of the store
    #[arg(long, value_name = "ID")]
    id: Option<EventId>,
    /// The method, for schemes that sign it
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    method: String,
    /// The URL it was sent to, for schemes that sign it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event it is, if it is one.
    pub id: Option<String>,
    /// The request.
    pub request: CapturedRequest,
    /// The URL it was sent to, if what was given says so.
    pub url: Option<String>,
}

impl Given {
    /// Hands over what was given, one delivery after the other, lines as they come.
    ///
    /// # Errors
    /// If a file is missing, or cannot be what it should be, or `take` fails.
    pub fn each(
        &self,
        context: &Context,
        mut take: impl FnMut(Delivery) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let url = self.url.clone();
        if let Some(id) = self.id {
            return take(Delivery { url, ..stored(context, id)? });
        }
        if let Some(path) = &self.request {
            let bytes = context.read(path)?;
            let request = message::parse(&Bytes::from(bytes), context.clock.now())
                .map_err(|why| CliError::usage(format!("{}: {why}", path.display())))?;
            return take(Delivery { id: None, request, url });
        }
        if let Some(given) = &self.event {
            let own = |delivery: Delivery| Delivery { url: url.clone().or(delivery.url), ..delivery };
            return lines(context, given, |delivery| take(own(delivery)));
        }
        let body = Bytes::from(context.bytes_of(self.body.as_deref().unwrap_or("-"))?);
        take(Delivery { id: None, request: self.request_of(body, context.clock.now())?, url })
    }

    /// The request that the parts make.
    ///
    /// # Errors
    /// If a header line is malformed.
    fn request_of(&self, body: Bytes, now: Timestamp) -> Result<CapturedRequest, CliError> {
        Ok(CapturedRequest {
            method: self.method.clone(),
            target: self.url.as_deref().map_or("/", path_of).to_owned(),
            headers: self.captured_headers()?,
            body,
            remote: String::new(),
            received_at: now,
        })
    }

    /// A captured delivery may have any header, those that frame a message too.
    fn captured_headers(&self) -> Result<Headers, CliError> {
        let mut headers = Headers::new();
        for line in &self.headers {
            headers.push_line(line).map_err(|why| CliError::usage(format!("-H: {why}")))?;
        }
        Ok(headers)
    }
}

/// What a request to this URL asks for.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or("/")
}

fn stored(context: &Context, id: EventId) -> Result<Delivery, CliError> {
    let unknown = || {
        CliError::usage(format!("there is no event {id}")).kind("not_found").hint("whk events list shows what there is")
    };
    let store = context.existing_store()?.ok_or_else(unknown)?;
    let event = context.block_on_value(async { Ok(store.event(id).await?) })?.ok_or_else(unknown)?.event;
    Ok(Delivery { id: Some(id.to_string()), request: event.request.clone(), url: None })
}

/// Reads NDJSON line by line: whoever writes them may go on for ever.
fn lines(
    context: &Context,
    given: &str,
    mut take: impl FnMut(Delivery) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let source = if given == "-" { "standard input" } else { given };
    let failed = |why: &io::Error| CliError::file(Path::new(source), why);
    let mut reader: Box<dyn BufRead> = match given {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(BufReader::new(File::open(context.world.folder.join(path)).map_err(|why| failed(&why))?)),
    };
    let (mut line, mut number, mut count) = (Vec::new(), 0, 0);
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|why| failed(&why))?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let bad =
            |why: &dyn fmt::Display| CliError::usage(format!("{source}, line {number}: {why}")).kind("event_line");
        let text = str::from_utf8(&line).map_err(|_| bad(&"not UTF-8"))?;
        if let Some(shown) = view::shown_from_json(text.trim_end()).map_err(|why| bad(&why))? {
            count += 1;
            take(Delivery { id: shown.id.map(|id| id.to_string()), request: shown.request, url: shown.url })?;
        }
    }
    if count == 0 { Err(CliError::usage(format!("{source} has no event line"))) } else { Ok(()) }
}

/// `NAME=VALUE`, the value from a file if it is `@path`.
///
/// # Errors
/// If there is no `=`, or the file cannot be read.
pub fn params(context: &Context, given: &[String]) -> Result<crate::sign::Params, CliError> {
    let mut params = crate::sign::Params::default();
    for text in given {
        let form = || CliError::usage(format!("--param \"{text}\" needs the form NAME=VALUE or NAME=@FILE"));
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let value = match value.strip_prefix('@') {
            Some(path) => String::from_utf8(context.read(Path::new(path))?).map_err(|_| form())?,
            None => value.to_owned(),
        };
        params.insert(name.to_owned(), value);
    }
    Ok(params)
}

/// How far a timestamp may be off.
///
/// # Errors
/// If it is neither a time nor `none`.
pub fn tolerance(text: &str) -> Result<crate::sign::Tolerance, String> {
    let read = |text: &str| parsers::duration(text);
    Ok(parsers::unless_none(text, read)?.map_or(crate::sign::Tolerance::Unchecked, crate::sign::Tolerance::Within))
}
