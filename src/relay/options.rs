//! How a relay behaves: plain values, read from nowhere.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{Endpoint, Headers, Secret};
use crate::net::{ClientOptions, Limits};
use crate::policy::filter::Filter;
use crate::policy::retry::Schedule;
use crate::policy::route::Glob;
use crate::sign::{Handshake, Known, Params, Scheme};
use crate::store::{Cursor, Retention};

/// How a relay behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where events go; the first that wants an event answers its sender.
    pub forwards: Vec<Forward>,
    /// When the sender is answered.
    pub ack: Ack,
    /// Answers that whk gives itself.
    pub canned: Option<Canned>,
    /// How requests are judged.
    pub judging: Judging,
    /// How providers are answered that ask before they send.
    pub answering: Answering,
    /// How requests are sent on.
    pub sending: Sending,
    /// What happens to a message whose payload is not as its type's schema says.
    pub validating: Validating,
    /// When an endpoint that fails is switched off.
    pub disabling: Disabling,
    /// What is taken from senders.
    pub limits: Limits,
    /// How long events are kept.
    pub retention: Retention,
    /// A listener with a name and a memory of how far it came.
    pub listener: Option<Listener>,
    /// Who may use the HTTP face from a browser.
    pub access: Access,
}

/// Who may use the HTTP face from a browser, beside pages of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Names that it goes by, beside localhost and IP addresses.
    pub hosts: Vec<String>,
    /// Origins whose pages may read and write, such as `https://app.example.com`.
    pub origins: Vec<String>,
    /// Origins whose pages may show a portal in a frame.
    pub portals: Vec<String>,
}

/// One place that events go to.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Only events of such a type.
    pub types: Option<Glob>,
    /// Which events it gets.
    pub filter: Arc<Filter>,
}

/// When the sender is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// With the app's own answer.
    App,
    /// As soon as the event is on disk.
    Now,
}

/// An answer that whk gives itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canned {
    /// Its status.
    pub status: u16,
    /// How long it takes.
    pub delay: Duration,
    /// Only the first so many requests get it.
    pub first: Option<u64>,
}

/// How requests are judged.
#[derive(Clone, Debug, Default)]
pub struct Judging {
    /// By this scheme; by what the headers say if `None`.
    pub scheme: Option<Arc<Scheme>>,
    /// With these secrets; with the app's own if there are none.
    pub secrets: Vec<Secret>,
    /// Whether what is not valid is turned away.
    pub reject: bool,
    /// The schemes that headers may speak of.
    pub known: Known,
    /// What else a scheme needs.
    pub params: Params,
}

/// How providers are answered that ask before they send.
#[derive(Clone, Debug, Default)]
pub struct Answering {
    /// Not at all: that is left to the app.
    pub off: bool,
    /// Whether an address may be called if the provider wants that.
    pub fetch: bool,
    /// Only these providers; all, if there are none.
    pub chosen: Vec<Handshake>,
    /// Providers that whk does not come with.
    pub own: Vec<Handshake>,
}

/// How requests are sent on.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Lines that are added, or replace those of their name.
    pub extra: Headers,
    /// Whether to sign again.
    pub resign: bool,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How many requests one target gets at once.
    pub concurrency: usize,
    /// Whether an event waits until the one before it is settled.
    pub ordered: bool,
    /// When a failed delivery is tried again.
    pub retry: Schedule,
    /// Trust and connections.
    pub client: ClientOptions,
}

/// What happens to a message whose payload is not as its type's schema says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validating {
    /// Nobody looks.
    #[default]
    Off,
    /// It is taken, and told of.
    Warn,
    /// It is refused.
    Reject,
}

/// When an endpoint that fails is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabling {
    /// When it has taken nothing for so long, and deliveries were given up since.
    pub after: Duration,
    /// Or after so many failures in a row.
    pub in_a_row: Option<u32>,
}

impl Default for Disabling {
    /// After five days, however many failures.
    fn default() -> Self {
        Self { after: Duration::from_secs(5 * 86_400), in_a_row: None }
    }
}

/// A listener that may have been away.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its name, if it wants its place to be remembered.
    pub name: Option<String>,
    /// Where to go on from, instead of its remembered place.
    pub since: Option<Cursor>,
}
