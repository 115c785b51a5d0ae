//! Listening elsewhere: at a relay, or at what another program publishes, instead of at a port of our own.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::listen;
use crate::cli::remote::{self, At};
use crate::model::{AppName, Target};
use crate::net::ClientOptions;
use crate::relay::options::Options;
use crate::relay::source::tunnel::Wish;
use crate::relay::source::{Dial, DialError, Source};
use crate::store::Retention;

/// How much of what came from a relay is kept in mind; the relay has it all.
const KEPT: Retention = Retention { age: Some(std::time::Duration::from_secs(600)), bytes: Some(64 << 20) };

/// Where to listen instead of at a port.
#[derive(Debug, Args)]
#[command(next_help_heading = "Elsewhere")]
pub struct Away {
    /// Connect to a team's relay instead of opening an inbox: its events come here, your app's answers go back
    #[arg(long, value_name = "URL", conflicts_with_all = ["port", "host", "ack", "retry", "speed"])]
    relay: Option<String>,
    /// The relay's token: a literal, env:NAME, file:PATH or - [default: WHK_TOKEN, else this machine's own]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Share the app's events with the other listeners of this group: each event goes to one of them
    #[arg(long, value_name = "NAME", requires = "relay", conflicts_with = "name")]
    group: Option<String>,
}

/// What was opened.
pub(super) struct Opened {
    pub(super) source: Source,
    /// Where senders post to.
    pub(super) url: String,
    /// Where it comes from.
    pub(super) place: String,
}

impl Away {
    /// Whether there is no inbox.
    pub(super) const fn is_wanted(&self) -> bool {
        self.relay.is_some()
    }

    /// What differs from a listener with an inbox.
    pub(super) fn adjust(&self, options: &mut Options) {
        if self.relay.is_some() {
            options.retention = KEPT;
        }
    }

    /// Connects.
    pub(super) async fn open(&self, context: &Context, args: &listen::Args) -> Result<Opened, CliError> {
        let url = self.relay.as_deref().unwrap_or_default();
        let target: Target = url.parse().map_err(|why| CliError::usage(format!("--relay: {why}")))?;
        let at = At { token: self.token.clone(), ..At::default() };
        let token = remote::token_of(context, &at)?;
        let app = context.app()?;
        let texts = |globs: &[crate::policy::route::Glob]| globs.iter().map(ToString::to_string).collect();
        let wish = Wish {
            app: Some(app).filter(|app| *app != AppName::default()).map(|app| app.to_string()),
            name: args.name.clone(),
            group: self.group.clone(),
            since: args.since.clone(),
            only: texts(&args.only),
            except: texts(&args.except),
            ordered: args.ordered,
        };
        let client = ClientOptions {
            ca_pem: args.cacert.as_deref().map(|path| context.read(path)).transpose()?,
            ..ClientOptions::default()
        };
        let place = target.to_string();
        let clock = context.clock.as_ref();
        let dial = Dial::new(target, token, client, wish, clock).map_err(|why| CliError::usage(why.to_string()))?;
        let link = dial.connect(clock).await.map_err(|why| refused(&why))?;
        let url = link.url().to_owned();
        if !link.answers() {
            context.ui.note("  the token may only look: senders do not get your app's answers");
        }
        Ok(Opened { source: Source::Tunnel(Box::new(dial), Box::new(link)), url, place })
    }
}

/// The relay is not there, or does not want us.
fn refused(why: &DialError) -> CliError {
    match why {
        DialError::Unreachable(failure) => CliError { exit: Exit::Unreachable, ..CliError::from(failure) },
        DialError::Broken(_) => CliError::unreachable(format!("the relay does not speak the tunnel: {why}")),
        DialError::Status { status, detail } => remote::refused(*status, detail),
        DialError::Refused { code, .. } => {
            let error = CliError::usage(why.to_string());
            match code.as_str() {
                "name_taken" => {
                    error.kind("name_taken").hint("--name takes another name; --group shares the events with others")
                }
                "forbidden" => error.kind("forbidden"),
                _ => error.kind("refused"),
            }
        }
    }
}
