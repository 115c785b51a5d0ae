//! `whk register`: an endpoint at a platform, made or brought up to date, never twice.

mod advice;
mod temporary;
pub(super) mod upsert;
mod wizard;

use clap::Args as ClapArgs;
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::keep::Keep;
use crate::cli::platform::desk::Desk;
use crate::cli::platform::lease::Lease;
use crate::cli::platform::{Place, setting};
use crate::cli::register::upsert::{Outcome, Want};
use crate::cli::signal::Signals;
use crate::config::secret::SecretSource;
use crate::model::{Secret, Target};
use crate::sign::json::Pointer;

/// Make an endpoint at a platform, or bring it up to date
#[derive(Clone, Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    clippy::doc_markdown,
    reason = "each is a flag, and the docs are its help text"
)]
#[command(after_help = "\
Examples:
  whk register --url http://localhost:3000/hook --events order.created,order.paid --name shop
  whk register --url http://localhost:3000/hook --events 'order.*' --write-env .env.local:WEBHOOK_SECRET
  whk register --platform sellvik --base-url https://shop.example.com --key env:SELLVIK_API_KEY \\
    --url https://erp.example.com/hook --events order.created --name 'ERP sync'
  whk register --platform github --param repo=acme/shop --url https://ci.example.com/github --events push,pull_request
  whk register --platform stripe --url https://acme.example/stripe --events invoice.paid --dry-run
  whk register --url https://3f9a.example.dev/hook --events '*' --temporary --exec 'npm test'

It is found by --id, else by its name, else by its URL. What is there stays, but for what differs; the secret too.")]
pub struct Args {
    /// Where the events go
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The types of event, as order.created,order.*. Repeatable [default: what is there, or all]
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    events: Vec<String>,
    /// What it is called
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The one to bring up to date
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// A value of the platform's own, as /config/content_type=form. Repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    set: Vec<(Pointer, Value)>,
    /// Sign with this secret, where the platform takes one: a literal, env:NAME, file:PATH or -
    #[arg(long, value_name = "SECRET")]
    secret: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Take advice about the URL for an error
    #[arg(long)]
    strict: bool,
    /// If the secret is not where it belongs and cannot be had again, make a new one
    #[arg(long)]
    rotate_lost: bool,
    /// Remove it at the end: of the command of --exec, or at ^C
    #[arg(long, conflicts_with = "dry_run")]
    temporary: bool,
    /// Then run a command, and end as it does; it gets `WHK_URL`, `WHK_SECRET` and `WHK_ENDPOINT`
    #[arg(long, value_name = "CMD", conflicts_with = "dry_run")]
    exec: Option<String>,
    #[command(flatten)]
    keep: Keep,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
///
/// # Errors
/// If the platform does not answer, or refuses.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on_value(async {
        let mut signals = Signals::new()?;
        let registered = tokio::select! {
            registered = register(context, args) => registered?,
            exit = signals.next() => return Ok(exit),
        };
        let exit = temporary::stay(context, args, &registered, &mut signals).await;
        registered.leave().await?;
        exit
    })
}

/// What was done, and what is to be undone.
struct Registered<'a> {
    desk: Desk<'a>,
    outcome: Outcome,
    lease: Option<Lease>,
}

impl Registered<'_> {
    /// Takes a temporary endpoint away.
    async fn leave(self) -> Result<(), CliError> {
        let Some(lease) = self.lease else { return Ok(()) };
        self.desk.delete(&self.outcome.hook).await?;
        lease.end();
        let line = format!("removed {}", self.outcome.hook.text("id"));
        self.desk.context().ui.note(&crate::view::safe(line.as_bytes()));
        Ok(())
    }
}

async fn register<'a>(context: &'a Context, args: &Args) -> Result<Registered<'a>, CliError> {
    let (args, asked) = wizard::complete(context, args)?;
    let url = args.url.clone().unwrap_or_default();
    let target = address(&url)?;
    let desk = args.place.open(context)?;
    if !args.dry_run {
        desk.sweep().await?;
    }
    let all = desk.all().await?;
    let (args, asked) = wizard::choose_events(&desk, args, &all, asked).await?;
    let want = want(context, &desk, &args)?;
    let found = want.found(&all)?;
    let advice = advice::about(&desk, &target, (&all, found, &want)).await;
    advice::tell(context, &advice, args.strict)?;
    if asked {
        upsert::preview(&desk, found, &want)?;
        if !context.agrees("Shall it be so?", true)? {
            return Err(CliError { exit: Exit::No, ..CliError::usage("nothing was changed").kind("declined") });
        }
    }
    let mut lease = None;
    if args.temporary && found.is_none() {
        lease = Some(Lease::take(context, &desk, args.name.as_deref().unwrap_or_default(), &url)?);
    } else if args.temporary {
        context.ui.note("  ! it was there before, so it stays at the end");
    }
    let made = upsert::upsert(&desk, found, &want, args.dry_run).await;
    let mut outcome = match made {
        Ok(outcome) => outcome,
        Err(why) => {
            // Nothing was made that would have to be found again.
            lease.into_iter().for_each(Lease::end);
            return Err(why);
        }
    };
    if let Some(lease) = &mut lease {
        lease.is_for(outcome.hook.text("id"))?;
    }
    let settled = upsert::settle(&desk, &mut outcome, &want, &args.keep).await;
    upsert::say(&desk, &outcome)?;
    settled?;
    Ok(Registered { desk, outcome, lease })
}

/// An address of a server, written in full.
pub(super) fn address(url: &str) -> Result<Target, CliError> {
    let target: Target = url.parse().map_err(|why| CliError::usage(format!("--url: {why}")))?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(CliError::usage(format!("--url: write it in full, as {target}")));
    }
    Ok(target)
}

/// What the flags ask for.
fn want(context: &Context, desk: &Desk<'_>, args: &Args) -> Result<Want, CliError> {
    let mut fields = Map::new();
    if let Some(name) = &args.name {
        fields.insert("name".to_owned(), json!(name));
    }
    fields.insert("url".to_owned(), json!(args.url));
    if !args.events.is_empty() {
        fields.insert("events".to_owned(), json!(args.events));
    }
    let source = SecretSource::new(&context.world, &context.env_files)?;
    let secret: Option<Secret> = args.secret.as_deref().map(|given| source.secret(given)).transpose()?;
    let want = Want { id: args.id.clone(), fields, set: args.set.clone(), secret, rotate_lost: args.rotate_lost };
    want.fitting(desk)
}
