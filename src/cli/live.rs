//! What a shell may complete that only whk knows: event types, schemes, events, apps, endpoints.

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use crate::cli::context::Context;
use crate::cli::ui::{Color, Format, Ui};
use crate::config::World;
use crate::model::AppName;
use crate::store::{Order, Pager, Query, Store};
use crate::view::safe;
use crate::{catalog, sign};

/// So many are offered of what there may be any number of.
const OFFERED: usize = 50;

/// The command with candidates for the values of its arguments, by what their help calls them.
#[must_use]
pub fn with_candidates(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = command.mut_args(|arg| match candidates(&arg) {
        Some(offer) => arg.add(ArgValueCandidates::new(offer)),
        None => arg,
    });
    names.iter().fold(command, |command, name| command.mut_subcommand(name, with_candidates))
}

fn candidates(arg: &Arg) -> Option<fn() -> Vec<CompletionCandidate>> {
    let value = arg.get_value_names().and_then(<[_]>::first)?;
    Some(match (value.as_str(), arg.get_long()) {
        ("TYPE" | "PATTERN" | "TYPES", _) | ("GLOB", Some("type" | "only" | "except")) => event_types,
        ("NAME", Some("scheme")) => schemes,
        ("PRODUCT", _) => products,
        ("ID" | "A" | "B", None | Some("id")) => events,
        ("APP", _) => apps,
        ("ENDPOINT", _) => endpoints,
        _ => return None,
    })
}

fn one(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(safe(help).into()))
}

fn event_types() -> Vec<CompletionCandidate> {
    catalog::types().map(|kind| one(&kind.name, &kind.title)).collect()
}

fn products() -> Vec<CompletionCandidate> {
    catalog::products().map(|product| one(product, "")).collect()
}

fn schemes() -> Vec<CompletionCandidate> {
    sign::preset_titles().map(|(name, title)| one(name, title)).collect()
}

fn events() -> Vec<CompletionCandidate> {
    looked_up(async |store: &dyn Store, _: AppName| {
        let found = store.events(Query { order: Order::Newest, limit: OFFERED, ..Query::default() }).await.ok()?;
        Some(found.iter().map(|logged| one(&logged.event.id.to_string(), &logged.event.event_type)).collect())
    })
}

fn apps() -> Vec<CompletionCandidate> {
    looked_up(async |store: &dyn Store, _: AppName| {
        let page = store.apps(Pager::first(Order::Newest, OFFERED)).await.ok()?;
        Some(page.items.iter().map(|app| one(app.name.as_str(), "")).collect())
    })
}

fn endpoints() -> Vec<CompletionCandidate> {
    looked_up(async |store: &dyn Store, app: AppName| {
        let page = store.endpoints(&app, Pager::first(Order::Newest, OFFERED)).await.ok()?;
        Some(page.items.iter().map(|one_of| one(&one_of.id.to_string(), &one_of.target.to_string())).collect())
    })
}

/// What the store of this home has, if there is one; nobody wants to read of trouble while typing.
fn looked_up(
    look: impl AsyncFnOnce(&dyn Store, AppName) -> Option<Vec<CompletionCandidate>>,
) -> Vec<CompletionCandidate> {
    let world = World::look();
    let found = || {
        let settings = crate::config::resolve(&world, None, &[]).ok()?;
        let context = Context::new(world.clone(), settings, Ui::new(&world, Color::Never, Format::Human));
        let store = context.existing_store().ok()??;
        let app = context.app().ok()?;
        context.block_on_value(async { Ok(look(store.as_ref(), app).await) }).ok()?
    };
    found().unwrap_or_default()
}
