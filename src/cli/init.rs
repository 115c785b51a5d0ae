//! `whk init`: a commented whk.toml, from a few answers.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::model::Target;
use crate::platform::admin;
use crate::sign;

/// The file.
const FILE: &str = "whk.toml";

/// Write a whk.toml to start from
#[derive(Debug, ClapArgs)]
#[expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]
#[command(after_help = "\
Examples:
  whk init
  whk init --forward localhost:3000/webhooks --scheme stripe --secret env:STRIPE_SECRET
  whk init --platform sellvik --url 'https://erp.example.com/hook' --events order.created --yes

On a terminal it asks for what is not said. A whk.toml that is there stays as it is.")]
pub struct Args {
    /// Where whk listen forwards to
    #[arg(long, value_name = "TARGET")]
    forward: Option<String>,
    /// The scheme of the signatures
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// Where the signing secret is: env:NAME or file:PATH
    #[arg(long, value_name = "SOURCE")]
    secret: Option<String>,
    /// The platform that whk register and whk apply talk to
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
    /// An endpoint for whk apply: where the events go
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Its event types. Repeatable
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    events: Vec<String>,
    /// Its name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// If there is a whk.toml already, or it cannot be written.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on(async {
        let path = context.world.folder.join(FILE);
        if path.exists() {
            let error = CliError::usage(format!("{} is there already", path.display())).kind("exists");
            return Err(error.hint("whk config show prints what it says"));
        }
        let text = written(context, args)?;
        write(&path, &text).map_err(|why| CliError::file(&path, &why))?;
        if context.ui.is_json() {
            context.ui.json(&json!({"type": "init", "path": path.display().to_string()}))?;
        } else {
            context.ui.line(&path.display().to_string())?;
        }
        context.ui.note("  next: whk listen, or whk apply if it has an endpoint");
        Ok(Exit::Yes)
    })
}

/// Never over a file that somebody wrote in the meantime.
fn write(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn written(context: &Context, args: &Args) -> Result<String, CliError> {
    let asked = |given: &Option<String>, question: &str, usual: &str| match given {
        Some(given) => Ok(given.clone()),
        None => Ok::<_, CliError>(context.ask(question, Some(usual))?.unwrap_or_else(|| usual.to_owned())),
    };
    let forward = asked(&args.forward, "Where does your app take webhooks?", "localhost:3000")?;
    forward.parse::<Target>().map_err(|why| CliError::usage(format!("--forward: {why}")))?;
    let scheme = asked(&args.scheme, "Who signs them? (a scheme; empty goes by the headers)", "")?;
    if !scheme.is_empty() && scheme != "auto" && context.known.named(&scheme).is_none() {
        let error = CliError::usage(format!("--scheme: there is no scheme \"{scheme}\"")).kind("unknown_scheme");
        return Err(match sign::nearest(&scheme) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("whk schemes list shows them"),
        });
    }
    let secret = asked(&args.secret, "Where is the secret? (env:NAME or file:PATH; empty for the app's own)", "")?;
    if !secret.is_empty() && !["env:", "file:"].iter().any(|place| secret.starts_with(place)) {
        return Err(CliError::usage("--secret: a secret itself does not belong into a file that others read")
            .hint("--secret env:NAME or --secret file:PATH says where it is"));
    }
    let platform = asked(&args.platform, "Which platform are endpoints registered with?", "relay")?;
    if admin::preset(&platform).is_none() {
        let names: Vec<_> = admin::presets().map(|(name, _)| name).collect();
        let error = CliError::usage(format!("--platform: \"{platform}\" is no platform that whk knows"));
        return Err(error.kind("unknown_platform").hint(format!("there are {}", names.join(", "))));
    }
    let url = asked(&args.url, "An endpoint for whk apply: its URL (empty for none)", "")?;
    if !url.is_empty() {
        super::register::address(&url)?;
    }
    Ok(text(&Answers { forward, scheme, secret, platform, url, events: args.events.clone(), name: args.name.clone() }))
}

/// What goes into the file.
struct Answers {
    forward: String,
    scheme: String,
    secret: String,
    platform: String,
    url: String,
    events: Vec<String>,
    name: Option<String>,
}

fn text(answers: &Answers) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut out = String::from(
        "# Settings of whk for this project; whk config show prints what holds, and why.\n\
         # A flag or a WHK_* variable wins over what stands here.\n\n",
    );
    let mut put = |comment: &str, name: &str, value: &str, usual: bool| {
        let _ = writeln!(out, "# {comment}\n{}{name} = {value}\n", if usual { "# " } else { "" });
    };
    put("Where whk listen forwards what arrives.", "forward", &format!("[{}]", quoted(&answers.forward)), false);
    let scheme = if answers.scheme.is_empty() { "standard-webhooks" } else { &answers.scheme };
    put("Who signs what arrives; left out, the headers tell.", "scheme", &quoted(scheme), answers.scheme.is_empty());
    let secret = if answers.secret.is_empty() { "env:WEBHOOK_SECRET" } else { &answers.secret };
    let list = format!("[{}]", quoted(secret));
    put("Where the signing secret is; left out, the app has its own.", "secret", &list, answers.secret.is_empty());
    put("The inbox's port; 0 takes any free one.", "port", "4400", true);
    let (platform, is_relay) = (quoted(&answers.platform), answers.platform == "relay");
    put("Where whk register and whk apply make endpoints.", "platform", &platform, is_relay);
    put("Its address, where the platform has none of its own.", "base_url", "\"https://shop.example.com\"", true);
    put("Its key: env:NAME or file:PATH.", "key", "\"env:PLATFORM_KEY\"", true);
    out.push_str("# Endpoints that whk apply makes. ${NAME} in a URL comes from the environment.\n");
    let (sign, url) = match answers.url.as_str() {
        "" => ("# ", "https://app.example.com/webhooks"),
        url => ("", url),
    };
    let events = if answers.events.is_empty() { vec!["order.*".to_owned()] } else { answers.events.clone() };
    let events: Vec<_> = events.iter().map(|name| quoted(name)).collect();
    let _ = writeln!(out, "{sign}[[endpoint]]");
    let _ = writeln!(out, "{sign}name = {}", quoted(answers.name.as_deref().unwrap_or("my app")));
    let _ = writeln!(out, "{sign}url = {}", quoted(url));
    let _ = writeln!(out, "{sign}events = [{}]", events.join(", "));
    let _ = writeln!(out, "{sign}write_env = \".env.local:WEBHOOK_SECRET\"");
    out.push_str(
        "\n# What holds with --profile ci or WHK_PROFILE=ci.\n# [profile.ci]\n# port = 0\n# store = \"memory:\"\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_toml_with_or_without_its_comments() {
        let mut answers = Answers {
            forward: "localhost:3000".to_owned(),
            scheme: "github".to_owned(),
            secret: "env:S\"\\".to_owned(),
            platform: "svix".to_owned(),
            url: "https://a.example/${X}".to_owned(),
            events: vec!["a.b".to_owned()],
            name: None,
        };
        let whole = text(&answers);
        let table: toml::Table = whole.parse().unwrap();
        assert_eq!(table["endpoint"][0]["url"].as_str(), Some("https://a.example/${X}"));
        assert_eq!(table["secret"][0].as_str(), Some("env:S\"\\"));
        (answers.url, answers.scheme) = (String::new(), String::new());
        let all: String = text(&answers)
            .lines()
            .map(|line| {
                line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('[')).unwrap_or(line)
            })
            .fold(String::new(), |all, line| all + line + "\n");
        assert!(all.parse::<toml::Table>().is_ok(), "{all}");
    }
}
