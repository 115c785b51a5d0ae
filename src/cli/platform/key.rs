//! The key to a platform: from a flag, the settings, the environment, what was kept, or whoever sits there.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::platform::Place;
use crate::cli::relay::token;
use crate::config::keys;
use crate::config::secret::SecretSource;
use crate::model::Secret;
use crate::platform::admin::Platform;

/// Finds it. The address and the key are those that flags and settings give.
pub(super) fn find(
    context: &Context,
    place: &Place,
    platform: &Platform,
    (address, set): (Option<&str>, Option<&str>),
) -> Result<Secret, CliError> {
    let about = &platform.about;
    if !about.headers.values().any(|line| line.contains("{key}")) {
        return Ok(Secret::new(""));
    }
    // A key is for one server: it is kept with the address.
    let server = address.or(about.base_url.as_deref()).unwrap_or_default();
    let source = SecretSource::new(&context.world, &context.env_files)?;
    if let Some(given) = place.at.token.as_deref().or(set) {
        let key = source.secret(given)?;
        if place.keep_key {
            keep(context, platform, server, &key)?;
        }
        return Ok(key);
    }
    for name in &about.keys {
        if let Ok(key) = source.secret(&format!("env:{name}")) {
            return Ok(key);
        }
    }
    if about.local && address.is_none() {
        if let Ok(text) = std::fs::read_to_string(context.settings.home.join(token::FILE)) {
            return Ok(Secret::new(text.trim()));
        }
        return Err(CliError::usage("there is no token of this machine's relay here")
            .kind("unauthorized")
            .hint("--token or WHK_TOKEN gives one; a relay makes one when it starts"));
    }
    if let Some(key) = keys::kept(&platform.name, server)? {
        return Ok(key);
    }
    ask(context, place, platform, server)
}

fn ask(context: &Context, place: &Place, platform: &Platform, server: &str) -> Result<Secret, CliError> {
    let (about, title) = (&platform.about, &platform.about.title);
    let Some(key) = context.ask_hidden(&format!("The key to {title}"))? else {
        let names = about.keys.join(" or ");
        let flags = "--key with env:NAME, file:PATH, - or the key itself";
        let how = if names.is_empty() { flags.to_owned() } else { format!("{flags}, or set {names}") };
        let error = CliError::usage(format!("there is no key to {title}: give {how}")).kind("unauthorized");
        return Err(if about.key_hint.is_empty() { error } else { error.hint(about.key_hint.clone()) });
    };
    let key = Secret::new(key.trim());
    if place.keep_key || context.agrees("Keep it for the next time, in a file that only you can read?", false)? {
        keep(context, platform, server, &key)?;
    }
    Ok(key)
}

fn keep(context: &Context, platform: &Platform, server: &str, key: &Secret) -> Result<(), CliError> {
    let path = keys::keep(&platform.name, server, key)?;
    context.ui.note(&format!("  the key is kept in {}", path.display()));
    Ok(())
}
