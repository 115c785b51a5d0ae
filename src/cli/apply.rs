//! `whk apply`: a platform has the endpoints that a file says.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::keep::Keep;
use crate::cli::platform::desk::Desk;
use crate::cli::platform::{Place, setting};
use crate::cli::register;
use crate::cli::register::upsert::{self, Want};
use crate::cli::render;
use crate::config::endpoint::EndpointTable;
use crate::config::secret::SecretSource;
use crate::config::{file, paths};
use crate::platform::admin::Hook;
use crate::view::safe;

/// What belongs to whk and not to the platform.
const OURS: [&str; 4] = ["secret", "write_env", "secret_file", "set"];

/// Make a platform match the endpoints of a file
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  whk apply
  whk apply endpoints.toml --dry-run
  whk apply endpoints.toml --platform svix --app org_42 --key env:SVIX_TOKEN
  whk apply --prune --yes

The endpoints stand in [[endpoint]] tables: name, url, events, and more. ${NAME} in a URL is taken from the
environment. What the platform has besides stays, unless --prune is given.")]
pub struct Args {
    /// The file [default: whk.toml, here or in a folder above]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove what the file does not have
    #[arg(long)]
    prune: bool,
    /// If a secret is not where it belongs and cannot be had again, make a new one
    #[arg(long)]
    rotate_lost: bool,
    #[command(flatten)]
    place: Place,
}

/// An endpoint of the file.
struct Wanted {
    want: Want,
    keep: Keep,
}

/// Runs the command.
///
/// # Errors
/// If the file has a mistake, or the platform does not answer, or refuses.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(apply(context, args))
}

async fn apply(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let (path, tables) = tables(context, args.file.as_deref())?;
    let desk = args.place.open(context)?;
    let mut all_wanted = Vec::new();
    for table in &tables {
        let wanted = wanted(context, &desk, table, args.rotate_lost);
        all_wanted
            .push(wanted.map_err(|why| CliError { message: format!("{}: {}", path.display(), why.message), ..why })?);
    }
    advise(context, &all_wanted);
    if !args.dry_run {
        desk.sweep().await?;
    }
    let all = desk.all().await?;
    let mut taken: Vec<String> = Vec::new();
    for Wanted { want, .. } in &all_wanted {
        let Some(found) = want.found(&all)? else { continue };
        if taken.iter().any(|id| id == found.text("id")) {
            let message = format!("{}: two endpoints of the file are {}", path.display(), found.text("id"));
            return Err(CliError::usage(message).kind("ambiguous").hint("give each a name or a URL of its own"));
        }
        taken.push(found.text("id").to_owned());
    }
    let surplus: Vec<&Hook> = all.iter().filter(|hook| !taken.iter().any(|id| id == hook.text("id"))).collect();
    let question = || {
        let names: Vec<_> = surplus.iter().map(|hook| hook.text("id")).collect();
        format!("Remove {} from {}?", names.join(", "), desk.title())
    };
    let prune = args.prune && !surplus.is_empty();
    if prune && !args.dry_run && !context.confirm(&safe(question().as_bytes()))? {
        return Ok(Exit::No);
    }
    let mut first_lost = None;
    for Wanted { want, keep } in &all_wanted {
        let mut outcome = upsert::upsert(&desk, want.found(&all)?, want, args.dry_run).await?;
        let settled = upsert::settle(&desk, &mut outcome, want, keep).await;
        upsert::say(&desk, &outcome)?;
        if let Err(why) = settled {
            first_lost.get_or_insert(why);
        }
    }
    for hook in surplus.into_iter().filter(|_| prune) {
        remove(&desk, hook, args.dry_run).await?;
    }
    first_lost.map_or(Ok(Exit::Yes), Err)
}

async fn remove(desk: &Desk<'_>, hook: &Hook, dry_run: bool) -> Result<(), CliError> {
    let result = if dry_run { "would_delete" } else { "deleted" };
    if !dry_run {
        desk.delete(hook).await?;
    }
    let ui = &desk.context().ui;
    if ui.is_json() {
        let (name, url) = (&hook.fields.get("name"), hook.text("url"));
        let platform = &desk.platform.name;
        let line = json!({"type": "endpoint", "result": result, "platform": platform, "id": hook.text("id"), "name": name, "url": url});
        return ui.json(&line);
    }
    ui.line(&render::endpoints::outcome(result, hook))
}

/// The endpoints of the file.
fn tables(context: &Context, given: Option<&Path>) -> Result<(PathBuf, Vec<EndpointTable>), CliError> {
    let path = match given {
        Some(path) => context.world.folder.join(path),
        None => paths::project_file(&context.world).ok_or_else(|| {
            CliError::usage("there is no whk.toml here or in a folder above")
                .kind("missing")
                .hint("whk init writes one")
        })?,
    };
    let layer = file::read(&path, None)?;
    if layer.endpoints.is_empty() {
        let error = CliError::usage(format!("{} has no [[endpoint]]", path.display())).kind("missing");
        return Err(error.hint("whk endpoints export writes them from a platform"));
    }
    Ok((path, layer.endpoints))
}

fn wanted(context: &Context, desk: &Desk<'_>, table: &EndpointTable, rotate_lost: bool) -> Result<Wanted, CliError> {
    let source = SecretSource::new(&context.world, &context.env_files)?;
    let mut fields = Map::new();
    for (name, value) in table.keys.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
        fields.insert(name.clone(), serde_json::to_value(value).map_err(CliError::internal)?);
    }
    if let Some(Value::String(one)) = fields.get("events").cloned() {
        fields.insert("events".to_owned(), json!([one]));
    }
    let url = filled(table.text("url").unwrap_or_default(), &source)?;
    register::address(&url)?;
    fields.insert("url".to_owned(), json!(url));
    let mut set = Vec::new();
    for (place, value) in table.keys.get("set").and_then(toml::Value::as_table).into_iter().flatten() {
        let value = serde_json::to_value(value).map_err(CliError::internal)?;
        set.push(setting(&format!("{place}={value}")).map_err(CliError::usage)?);
    }
    let secret = table.text("secret").map(|given| source.secret(given)).transpose()?;
    let want = Want { id: None, fields, set, secret, rotate_lost }.fitting(desk)?;
    Ok(Wanted { want, keep: Keep::of(table.text("write_env"), table.text("secret_file"))? })
}

/// A text with `${NAME}` out of the environment.
fn filled(text: &str, source: &SecretSource<'_>) -> Result<String, CliError> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(source.secret(&format!("env:{name}"))?.reveal());
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Several endpoints with one URL are told of: an event that several want is sent several times.
fn advise(context: &Context, all: &[Wanted]) {
    let mut urls: Vec<&str> = all.iter().filter_map(|wanted| wanted.want.text("url")).collect();
    urls.sort_unstable();
    let mut told = "";
    for pair in urls.windows(2) {
        if let [one, other] = pair
            && one == other
            && *one != told
        {
            told = one;
            let line = format!("  ! several endpoints have the URL {one}: one with all events sends each of them once");
            context.ui.note(&safe(line.as_bytes()));
        }
    }
}
