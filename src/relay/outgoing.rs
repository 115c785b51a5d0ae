//! What is sent to an endpoint: the captured request with new hops, and a new signature if asked for.

use bytes::Bytes;

use crate::model::headers::{HeaderError, Writing};
use crate::model::{CapturedRequest, Endpoint, Event, Headers, Secret, Target, Timestamp};
use crate::net::{Outbound, forwarded_headers, made_headers};
use crate::platform::svix;
use crate::relay::legacy;
use crate::sign::{self, Outgoing, Params, Scheme, SignError};

/// How whk calls itself.
const AGENT: &str = concat!("whk/", env!("CARGO_PKG_VERSION"));
/// Where in a trace an event belongs; its endpoints go on from there.
const TRACE: [&str; 2] = ["traceparent", "tracestate"];
/// What any server may see of a request.
const HARMLESS: [&str; 6] = ["user-agent", "accept", "content-type", "content-length", "traceparent", "tracestate"];

/// What the lines of a delivery take, mostly.
const ROOM: usize = 512;

/// A request ready for the wire.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The method.
    pub method: String,
    /// The request target.
    pub request_target: String,
    /// Every line but those of the connection.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// Who signs, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The scheme.
    pub scheme: &'a Scheme,
    /// The secrets; each signs.
    pub secrets: &'a [Secret],
    /// The signature's moment.
    pub now: Timestamp,
}

impl Parcel {
    /// The event's request for this target, its bytes as they were captured.
    #[must_use]
    pub fn forward(event: &Event, target: &Target, extra: &Headers) -> Self {
        let request = &event.request;
        Self {
            method: request.method.clone(),
            request_target: target.request_target(event.inbox_path(), request.query()),
            headers: forwarded_headers(&request.headers, request.body.len(), target, extra),
            body: request.body.clone(),
        }
    }

    /// The same with a fresh signature: the id stays, the time and the signature are new.
    ///
    /// # Errors
    /// If the secret does not suit the scheme.
    pub fn signed(event: &Event, target: &Target, extra: &Headers, signer: &Signer<'_>) -> Result<Self, SignError> {
        let own = sign::own_headers(signer.scheme);
        let bare = |name: &[u8]| own.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(name));
        let id = sign::identify(Some(signer.scheme), &event.request).id.unwrap_or_else(|| event.id.to_string());
        let url = target.url(&target.request_target(event.inbox_path(), event.request.query()));
        let params = Params::default();
        let outgoing = Outgoing {
            id: &id,
            event_type: &event.event_type,
            method: &event.request.method,
            url: &url,
            content_type: event.request.headers.text("content-type").unwrap_or_default(),
            body: &event.request.body,
            attempt: 0,
            params: &params,
        };
        let fresh = sign::sign(signer.scheme, signer.secrets, &outgoing, signer.now)?;
        let request =
            CapturedRequest { headers: event.request.headers.without(bare).overlaid(&fresh), ..event.request.clone() };
        Ok(Self::forward(&Event { request, ..event.clone() }, target, extra))
    }

    /// The event as a registered endpoint gets it: signed with each of its secrets, and nothing of how it came in.
    ///
    /// # Errors
    /// If a secret does not suit the scheme.
    pub fn for_endpoint(
        event: &Event,
        endpoint: &Endpoint,
        scheme: &Scheme,
        now: Timestamp,
        attempt: u32,
    ) -> Result<Self, SignError> {
        let (target, body) = (&endpoint.target, &event.request.body);
        let request_target = target.request_target("", None);
        let (id, url, params) = (event.id.to_string(), target.url(&request_target), Params::default());
        let content_type = event.request.headers.text("content-type").unwrap_or("application/json");
        let method = "POST";
        let outgoing = Outgoing {
            id: &id,
            event_type: &event.event_type,
            method,
            url: &url,
            content_type,
            body,
            attempt,
            params: &params,
        };
        let signed = sign::sign(scheme, &endpoint.live_secrets(now), &outgoing, now)?;
        let is_svix = scheme.name() == svix::SCHEME;
        let agent = if is_svix { svix::AGENT } else { AGENT };
        let own = Headers::written(ROOM, |lines| {
            // The scheme may say otherwise.
            let usual = [("User-Agent", agent), ("Accept", "*/*"), ("Content-Type", content_type)];
            for (name, value) in usual.into_iter().filter(|(name, _)| !signed.has(name)) {
                lines.push(name, value)?;
            }
            trace(&event.request, lines)?;
            lines.extend(&signed);
            if is_svix { svix::other_family(&signed, lines) } else { Ok(()) }
        })?;
        let headers = made_headers(&own, body.len(), target, &endpoint.headers)?;
        Ok(Self { method: method.to_owned(), request_target, headers, body: body.clone() })
    }

    /// The same after a redirect. What proves who we are goes to no other server.
    #[must_use]
    pub fn moved(self, from: &Target, to: &Target) -> Self {
        let keep = |name: &[u8]| HARMLESS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
        let headers = if from.address == to.address { self.headers } else { self.headers.without(|name| !keep(name)) };
        let host = |name: &[u8]| name.eq_ignore_ascii_case(b"host");
        let headers = forwarded_headers(&headers.without(host), self.body.len(), to, &Headers::new());
        Self { request_target: to.request_target("", None), headers, ..self }
    }

    /// As the wire wants it.
    #[must_use]
    pub fn outbound<'a>(&'a self, target: &'a Target) -> Outbound<'a> {
        Outbound {
            target,
            method: &self.method,
            request_target: self.request_target.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

/// Where in a trace the event belongs, if it says so.
fn trace(request: &CapturedRequest, lines: &mut Writing) -> Result<(), HeaderError> {
    let mut has_parent = false;
    for name in TRACE {
        if let Some(value) = request.headers.value(name) {
            has_parent |= name == TRACE[0];
            lines.push(name, value)?;
        }
    }
    match legacy::trace(request).filter(|_| !has_parent) {
        Some(parent) => lines.push(TRACE[0], parent),
        None => Ok(()),
    }
}
