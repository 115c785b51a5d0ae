//! How a relay behaves: plain values, read from nowhere.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Endpoint, Headers, Secret};
use crate::net::guard::Net;
use crate::net::{ClientOptions, Limits};
use crate::policy::filter::Filter;
use crate::policy::limit::Rate;
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
    /// How listeners elsewhere are treated.
    pub tunnel: Tunnel,
}

/// How listeners elsewhere are treated, and how much an app may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// How long a sender waits for a listener's answer.
    pub hold: Duration,
    /// How often each side asks whether the other is there; two and a half times that without a word is the end.
    pub heartbeat: Duration,
    /// The most listeners of one app, a group counted once.
    pub listeners: usize,
    /// How many events an app may take in.
    pub app_rate: Option<Rate>,
}

impl Default for Tunnel {
    fn default() -> Self {
        Self { hold: Duration::from_secs(20), heartbeat: Duration::from_secs(10), listeners: 10_000, app_rate: None }
    }
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
    /// What it is called by those who reach it from elsewhere, such as `https://hooks.example.com`.
    pub public_url: Option<String>,
    /// Where events may come from without a token; from anywhere, if there are none.
    pub senders: Vec<Net>,
    /// Proxies in front of it, whose word for where a request came from counts.
    pub proxies: Vec<Net>,
}

impl Access {
    /// What this relay is called, by somebody who asked for this host.
    pub(crate) fn base(&self, host: &str) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{host}"))
    }

    /// Where a request came from that a trusted proxy passed on: the last address that is not a proxy's own.
    pub(crate) fn client(&self, remote: &str, headers: &Headers) -> Option<IpAddr> {
        let is_proxy = |address: IpAddr| self.proxies.iter().any(|net| net.has(address.to_canonical()));
        if self.proxies.is_empty() || !is_proxy(address_of(remote)?) {
            return None;
        }
        let named: Vec<_> = headers.values("x-forwarded-for").flat_map(|line| line.split(|b| *b == b',')).collect();
        let addresses = named.iter().rev().map_while(|text| address_of(str::from_utf8(text).ok()?.trim()));
        let mut last = None;
        for address in addresses {
            last = Some(address);
            if !is_proxy(address) {
                break;
            }
        }
        last
    }

    /// Whether an event may come from there. A proxy that does not say for whom it asks stands for itself.
    pub(crate) fn takes_from(&self, remote: &str, headers: &Headers) -> bool {
        let sender = self.client(remote, headers).or_else(|| address_of(remote)).map(|address| address.to_canonical());
        self.senders.is_empty() || sender.is_some_and(|sender| self.senders.iter().any(|net| net.has(sender)))
    }
}

/// An address, with a port or without.
pub(crate) fn address_of(text: &str) -> Option<IpAddr> {
    text.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| text.parse()).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &str) -> Headers {
        Headers::from_block(bytes::Bytes::copy_from_slice(lines.as_bytes())).unwrap()
    }

    #[test]
    fn only_a_proxy_that_is_trusted_says_where_a_request_came_from() {
        let trusting = Access { proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Access::default() };
        for (remote, lines, client) in [
            ("10.0.0.1:99", "X-Forwarded-For: 1.2.3.4\r\n", Some("1.2.3.4")),
            ("10.0.0.1:99", "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.2\r\n", Some("1.2.3.4")),
            ("10.0.0.1:99", "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 1.2.3.4:5\r\n", Some("1.2.3.4")),
            ("10.0.0.1:99", "X-Forwarded-For: evil\r\n", None),
            ("10.0.0.1:99", "", None),
            ("9.9.9.9:99", "X-Forwarded-For: 1.2.3.4\r\n", None),
        ] {
            let client = client.map(|client| client.parse().unwrap());
            assert_eq!(trusting.client(remote, &headers(lines)), client, "{remote} {lines}");
            assert_eq!(Access::default().client(remote, &headers(lines)), None);
        }
    }

    #[test]
    fn events_come_from_the_networks_that_are_named_whatever_a_stranger_says_of_itself() {
        let nets = |all: &[&str]| all.iter().map(|net| net.parse().unwrap()).collect::<Vec<Net>>();
        let narrow = Access {
            senders: nets(&["203.0.113.0/24", "2001:db8::/32"]),
            proxies: nets(&["10.0.0.0/8"]),
            ..Access::default()
        };
        for (remote, lines, taken) in [
            ("203.0.113.9:1", "", true),
            ("[::ffff:203.0.113.9]:1", "", true),
            ("[2001:db8::1]:1", "", true),
            ("203.0.114.9:1", "", false),
            ("127.0.0.1:1", "", false),
            ("9.9.9.9:1", "X-Forwarded-For: 203.0.113.9\r\n", false),
            ("10.0.0.1:1", "X-Forwarded-For: 203.0.113.9\r\n", true),
            ("10.0.0.1:1", "X-Forwarded-For: ::ffff:203.0.113.9\r\n", true),
            ("10.0.0.1:1", "X-Forwarded-For: 203.0.113.9, 9.9.9.9\r\n", false),
            ("10.0.0.1:1", "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 203.0.113.9\r\n", true),
            ("10.0.0.1:1", "X-Forwarded-For: 203.0.113.9, evil\r\n", false),
            ("10.0.0.1:1", "", false),
            ("nowhere", "", false),
        ] {
            assert_eq!(narrow.takes_from(remote, &headers(lines)), taken, "{remote} {lines}");
            assert!(Access::default().takes_from(remote, &headers(lines)));
        }
    }
}
