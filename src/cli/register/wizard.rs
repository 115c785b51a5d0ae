//! What was not said, asked for: only where somebody sits at a terminal.

use crate::catalog;
use crate::catalog::EventType;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::platform::desk::Desk;
use crate::cli::register::{Args, address};
use crate::platform::admin::{self, Hook};

/// Fills in platform, URL and name. Says whether anything had to be asked.
///
/// # Errors
/// If something is missing and nobody can be asked.
pub(super) fn complete(context: &Context, args: &Args) -> Result<(Args, bool), CliError> {
    let mut args = args.clone();
    if args.url.is_some() {
        return Ok((args, false));
    }
    if !context.can_ask() {
        return Err(CliError::usage("where do the events go? give --url URL").kind("missing"));
    }
    if !args.place.is_chosen(context) {
        let all: Vec<_> = admin::presets().collect();
        let lines: Vec<_> = all.iter().map(|(name, title)| format!("{name}  ({title})")).collect();
        let usual = all.iter().position(|(name, _)| *name == context.settings.text("platform")).unwrap_or(0);
        let index = context.choose("Platform", &lines, usual)?;
        args.place.platform = index.and_then(|index| all.get(index)).map(|(name, _)| (*name).to_owned());
    }
    let platform = args.place.platform(context)?;
    if let (Some(app), None) = (platform.about.param.get("app"), &args.place.at.app) {
        let given = context.ask(&format!("App ({})", app.help), Some(""))?;
        args.place.at.app = given.filter(|app| !app.is_empty());
    }
    while args.url.is_none() {
        let url = context.ask("URL that the events go to", None)?.unwrap_or_default();
        match address(&url) {
            Ok(_) => args.url = Some(url),
            Err(why) => context.ui.note(&format!("  ! {}", why.message)),
        }
    }
    if args.name.is_none() && platform.writes("name") {
        args.name = context.ask("Name", Some(""))?.filter(|name| !name.is_empty());
    }
    Ok((args, true))
}

/// Fills in the events, from the platform's own catalogue if it has one, else from ours.
///
/// # Errors
/// If the platform does not answer.
pub(super) async fn choose_events(
    desk: &Desk<'_>,
    mut args: Args,
    all: &[Hook],
    asked: bool,
) -> Result<(Args, bool), CliError> {
    let (context, about) = (desk.context(), &desk.platform.about);
    let is_new = !all.iter().any(|hook| Some(hook.text("url")) == args.url.as_deref());
    let is_due = asked || about.events.needed && is_new && args.id.is_none();
    if !args.events.is_empty() || !desk.platform.writes("events") || !is_due || !context.can_ask() {
        return Ok((args, asked));
    }
    let mut names = desk.types().await?;
    if names.is_empty() {
        names = about.events.switches.keys().cloned().collect();
    }
    if names.is_empty() {
        let scheme = about.scheme.as_deref().unwrap_or_default();
        let sends = |kind: &&EventType| is_sent_by(kind, &desk.platform.name, scheme);
        let ours = catalog::types().filter(sends);
        names = ours.map(|kind| kind.name.clone()).collect();
    }
    if names.is_empty() {
        let given = context.ask("Events, with commas between (* for all)", Some("*"))?.unwrap_or_default();
        args.events = given.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        return Ok((args, true));
    }
    names.sort();
    names.dedup();
    if !about.events.needed {
        names.insert(0, "*".to_owned());
    }
    args.events = context.choose_many("Events", &names)?.unwrap_or_default();
    Ok((args, true))
}

/// Whether our own catalogue says that the platform sends this type: it is the platform's, or goes with its scheme.
fn is_sent_by(kind: &EventType, platform: &str, scheme: &str) -> bool {
    kind.product == platform || kind.schemes.iter().any(|own| own == scheme)
}
