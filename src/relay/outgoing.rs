//! What is sent to an endpoint: the captured request with new hops, and a new signature if asked for.

use bytes::Bytes;

use crate::model::{CapturedRequest, Event, Headers, Secret, Target, Timestamp};
use crate::net::{Outbound, forwarded_headers};
use crate::sign::{self, Outgoing, Params, Scheme, SignError};

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
