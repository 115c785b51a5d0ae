//! The platforms that commands talk to: which one, where it is, with what key.

pub(in crate::cli) mod desk;
mod generic;
mod key;
pub(in crate::cli) mod lease;
mod single;
mod wire;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::platform::desk::Desk;
use crate::cli::platform::generic::Generic;
use crate::cli::remote::At;
use crate::cli::running;
use crate::config::origin::Origin;
use crate::model::{Secret, Target};
use crate::platform::admin::ask::Filling;
use crate::platform::admin::{self, Platform};
use crate::view::safe;

/// Which platform, and as whom.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Platform")]
pub struct Place {
    /// Where: relay, github, gitlab, hookdeck, resend, sellvik, shopify, stripe, svix, generic, or a file that describes one [default: relay]
    #[arg(long, value_name = "NAME")]
    pub platform: Option<String>,
    /// Where it is, with what key, and for which app.
    #[command(flatten)]
    pub at: At,
    /// What else the platform needs, as repo=acme/shop. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// Keep the key in the user's settings folder, readable by its owner alone, for the next time
    #[arg(long)]
    pub keep_key: bool,
    /// Do not check the platform's certificate
    #[arg(long)]
    pub insecure: bool,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// What it is like, if no file says it.
    #[command(flatten)]
    pub generic: Generic,
}

impl Place {
    /// The platform, by its name, its file, or the flags of a generic one.
    ///
    /// # Errors
    /// If there is none of that name, or its description has a mistake.
    pub(in crate::cli) fn platform(&self, context: &Context) -> Result<Platform, CliError> {
        let name = self.platform.as_deref().unwrap_or_else(|| context.settings.text("platform"));
        let bad = |why: &dyn std::fmt::Display| {
            CliError::usage(format!("{name}: {}", crate::cli::error::one_line(&why.to_string()))).kind("platform")
        };
        if name == generic::NAME {
            return self.generic.platform().map_err(|why| bad(&why));
        }
        if Path::new(name).extension().is_some_and(|end| end == "toml") {
            let text = String::from_utf8(context.read(Path::new(name))?).map_err(|why| bad(&why))?;
            let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
            return Platform::parse(&stem, &text).map_err(|why| bad(&why));
        }
        let Some(found) = admin::preset(name) else { return Err(unknown(name)) };
        found.map_err(CliError::internal)
    }

    /// Gets ready to talk to it. What is missing is asked for, if there is anybody to ask.
    ///
    /// # Errors
    /// If the platform, its address, its key or a parameter cannot be had.
    pub(in crate::cli) fn open<'a>(&self, context: &'a Context) -> Result<Desk<'a>, CliError> {
        let platform = self.platform(context)?;
        let mut filling = Filling::default();
        for given in &self.param {
            let form = || CliError::usage(format!("--param \"{given}\" needs the form NAME=VALUE"));
            let (name, value) = given.split_once('=').ok_or_else(form)?;
            filling.params.insert(name.to_owned(), value.to_owned());
        }
        if let Some(app) = &self.at.app {
            if !platform.about.param.contains_key("app") {
                return Err(CliError::usage(format!("{} has no apps: leave out --app", platform.about.title)));
            }
            filling.params.insert("app".to_owned(), app.clone());
        }
        while let Some((name, help)) = platform.lacking(&filling.params) {
            let flag = if name == "app" { "--app NAME".to_owned() } else { format!("--param {name}=VALUE") };
            let title = &platform.about.title;
            let first = name.split(' ').next().unwrap_or_default().to_owned();
            let asked = context.ask(&format!("{title}: {first} ({help})"), None)?.ok_or_else(|| {
                CliError::usage(format!("{title} needs to know {name}: give {flag}")).kind("missing").hint(help)
            })?;
            filling.params.insert(first, asked);
        }
        self.open_at(context, platform, filling)
    }

    fn open_at<'a>(&self, context: &'a Context, platform: Platform, filling: Filling) -> Result<Desk<'a>, CliError> {
        // Which platform the settings speak of, they say themselves.
        let own = self.platform.as_deref().is_none_or(|name| name == context.settings.text("platform"));
        let set = |key: &'static str| Some(context.settings.text(key)).filter(|text| own && !text.is_empty());
        let given = self.at.base_url.as_deref().or_else(|| set("base_url"));
        // Without a relay there is no use in asking for its token.
        let near = if platform.about.local && given.is_none() { Some(here(context)?) } else { None };
        let key = key::find(context, self, &platform, (given, set("key")))?;
        let target = near.map_or_else(|| base(context, &platform, &filling, (given, &key)), Ok)?;
        let options = context.client_options(self.insecure, self.cacert.as_deref())?;
        Desk::new(context, platform, filling, (target, key), options)
    }

    /// Whether somebody chose a platform, by flag or by setting.
    pub(in crate::cli) fn is_chosen(&self, context: &Context) -> bool {
        let set = context.settings.iter().any(|(name, _, from)| name == "platform" && !matches!(from, Origin::Default));
        self.platform.is_some() || set || self.at.base_url.is_some()
    }
}

/// The relay that runs here.
fn here(context: &Context) -> Result<Target, CliError> {
    let found = running::find(&context.settings.home).ok_or_else(|| {
        CliError::unreachable("no relay is running here").kind("no_relay").hint("start one: whk relay")
    })?;
    found.url.parse().map_err(CliError::internal)
}

/// The address of an API.
fn base(
    context: &Context,
    platform: &Platform,
    filling: &Filling,
    (given, key): (Option<&str>, &Secret),
) -> Result<Target, CliError> {
    let about = &platform.about;
    let region = about.regions.iter().find(|(end, _)| key.reveal().ends_with(end.as_str())).map(|(_, url)| url);
    let Some(url) = given.or(region.or(about.base_url.as_ref()).map(String::as_str)) else {
        return Err(CliError::usage(format!("where is {}? give --base-url URL", about.title)).kind("missing"));
    };
    let url = platform.filled(url, filling, "").map_err(|why| CliError::usage(why.to_string()))?;
    let target: Target = url.parse().map_err(|why| CliError::usage(format!("--base-url {url}: {why}")))?;
    if !target.is_tls() && !is_local(&target) && !key.reveal().is_empty() {
        context.ui.note(&safe(format!("  ! {target} is not https: the key can be read on the way").as_bytes()));
    }
    Ok(target)
}

/// Whether it is on this machine.
pub(in crate::cli) fn is_local(target: &Target) -> bool {
    match &target.address {
        crate::model::target::Address::Tcp { host, .. } => {
            host == "localhost"
                || host.ends_with(".localhost")
                || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        crate::model::target::Address::Unix(_) => true,
    }
}

fn unknown(name: &str) -> CliError {
    let names: Vec<_> = admin::presets().map(|(name, _)| name).collect();
    let error = CliError::usage(format!("\"{name}\" is no platform that whk knows")).kind("unknown_platform");
    let error = match admin::nearest(name) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    };
    error.hint(format!("there are {}, generic with flags of its own, or a .toml file", names.join(", ")))
}

/// `PATH=JSON`, for values of the platform's own: `/config/content_type=form`, `api_version="2024-06-20"`.
///
/// # Errors
/// If there is no `=`.
pub(in crate::cli) fn setting(text: &str) -> Result<(crate::sign::json::Pointer, Value), String> {
    let (place, value) = text.split_once('=').ok_or_else(|| format!("\"{text}\" needs the form PATH=VALUE"))?;
    let place = if place.starts_with('/') { place.to_owned() } else { format!("/{}", place.replace('.', "/")) };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((place.try_into()?, value))
}
