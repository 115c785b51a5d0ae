//! One event once more: where to, signed by what, and the sending.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{parsers, schemes};
use crate::config::Settings;
use crate::model::{App, Attempt, Event, Headers, Secret, Target};
use crate::net::{Client, ClientOptions};
use crate::policy::span;
use crate::relay::again::{Again, Place, signer};
use crate::relay::outgoing::Parcel;
use crate::sign::Scheme;
use crate::store::Store;

/// How events are sent again.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct How {
    /// Where to, instead of where it went before
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,
    /// Sign again with a fresh time and the same id [default: when the secret is known]
    #[arg(long, conflicts_with = "verbatim")]
    resign: bool,
    /// The recorded bytes, old signature and all
    #[arg(long)]
    verbatim: bool,
    /// Add a header, or override one. Repeatable
    #[arg(short = 'H', long = "header", value_name = "K: V")]
    headers: Vec<String>,
    /// How to sign again [default: as the event was signed]
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The secret to sign with: a literal, env:NAME, file:PATH or - [default: the app's own]
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// How long an answer may take; none waits for ever
    #[arg(long, value_name = "TIME", value_parser = parsers::checked_timeout)]
    timeout: Option<String>,
    /// Do not check the certificate of an https target
    #[arg(long)]
    insecure: bool,
}

impl How {
    /// Flags that are settings too go on top of them.
    pub fn lay_flags(&self, settings: &mut Settings) {
        for (key, value) in [("scheme", &self.scheme), ("timeout", &self.timeout)] {
            if let Some(value) = value {
                settings.set_flag(key, value.clone());
            }
        }
    }

    /// Whether nothing is to be different from how it went before.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        let Self { to, resign, verbatim, headers, scheme, secret, timeout, insecure } = self;
        let words = to.is_none() && scheme.is_none() && timeout.is_none() && headers.is_empty() && secret.is_empty();
        words && !*resign && !*verbatim && !*insecure
    }

    /// Whether a place was named.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        self.to.is_some()
    }
}

/// Everything that is the same for each event.
pub struct Job<'a> {
    context: &'a Context,
    how: &'a How,
    again: Again,
    to: Option<Target>,
    given: Vec<Secret>,
    chosen: Option<Arc<Scheme>>,
    extra: Headers,
    store: Arc<dyn Store>,
}

/// One event, ready to be sent to one place.
pub struct Ready {
    /// Where it goes.
    pub place: Place,
    /// What is sent.
    pub parcel: Parcel,
    /// Whether it is signed afresh.
    pub signed: bool,
}

impl Ready {
    /// Whether the place is registered and switched off, so that nothing is sent to it.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.place.is_registered() && self.place.is_disabled()
    }
}

impl<'a> Job<'a> {
    /// With what the flags and settings say.
    ///
    /// # Errors
    /// If they do not make sense.
    pub fn new(context: &'a Context, how: &'a How, store: Arc<dyn Store>) -> Result<Self, CliError> {
        let options = ClientOptions { insecure: how.insecure, ..ClientOptions::default() };
        let client = Client::new(options).map_err(|why| CliError::usage(why.to_string()))?;
        let timeout: Option<Duration> =
            context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?;
        let to = how.to.as_deref().map(str::parse).transpose();
        Ok(Self {
            again: Again::new(client, Arc::clone(&store), Arc::clone(&context.clock), timeout),
            to: to.map_err(|why| CliError::usage(format!("--to: {why}")))?,
            given: if how.secret.is_empty() { Vec::new() } else { context.secrets(&how.secret)? },
            chosen: schemes::chosen(context)?,
            extra: parsers::headers(&how.headers)?,
            context,
            how,
            store,
        })
    }

    /// A recorded event, changed or not, ready for each of its places.
    ///
    /// # Errors
    /// If it went nowhere and no place was named, it cannot be signed, or the store fails.
    pub async fn ready(&self, recorded: &Event, changed: &Event) -> Result<Vec<Ready>, CliError> {
        let places = match &self.to {
            Some(target) => vec![self.again.place(recorded, target).await?],
            None => self.again.former_places(recorded).await?,
        };
        if places.is_empty() {
            return Err(CliError::usage(format!(
                "{} was never forwarded, so there is nowhere to send it again",
                recorded.id
            ))
            .hint("give --to, for example --to localhost:3000"));
        }
        let signing = self.signing(recorded).await?;
        let signing = signing.as_ref().map(|(scheme, secrets)| (scheme.as_ref(), secrets.as_slice()));
        let own_words = !self.how.verbatim && self.chosen.is_none() && self.given.is_empty();
        let mut all = Vec::new();
        for place in places {
            let registered = if place.is_registered() && !place.is_disabled() && own_words {
                self.again.registered(changed, &place, &self.extra)?
            } else {
                None
            };
            let signed = registered.is_some() || signing.is_some();
            let parcel = match registered {
                Some(parcel) => parcel,
                None => self.again.parcel(changed, &place, &self.extra, signing)?,
            };
            all.push(Ready { place, parcel, signed });
        }
        Ok(all)
    }

    /// Makes one attempt and notes it.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn send(&self, recorded: &Event, ready: &Ready) -> Result<Attempt, CliError> {
        Ok(self.again.send(recorded, &ready.place, &ready.parcel).await?)
    }

    /// By what and with what to sign again; `None` for the recorded signature.
    async fn signing(&self, event: &Event) -> Result<Option<(Arc<Scheme>, Vec<Secret>)>, CliError> {
        if self.how.verbatim {
            return Ok(None);
        }
        let scheme = match self.chosen.clone().or_else(|| self.context.known.detect(&event.request)) {
            Some(scheme) => scheme,
            None if self.how.resign => schemes::signing(self.context)?,
            None => return Ok(None),
        };
        if !self.given.is_empty() {
            return Ok(Some((scheme, self.given.clone())));
        }
        let app: App = self.context.own_app(self.store.as_ref(), &event.app).await?;
        let configured = self.context.secrets(&[])?;
        let secrets: Vec<Secret> = configured.into_iter().chain(app.secrets).collect();
        let known = signer(&scheme, &event.request, &secrets, self.context.clock.now());
        let secret = known.or_else(|| secrets.into_iter().next().filter(|_| self.how.resign));
        Ok(secret.map(|secret| (scheme, vec![secret])))
    }
}
