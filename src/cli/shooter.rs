//! A request that is signed as a provider would, or forged: everything but the sending.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cli::error::CliError;
use crate::model::{Headers, Secret, Target, Timestamp};
use crate::net::{ClientOptions, Outbound, forwarded_headers};
use crate::sign::forge::{self, Forgery};
use crate::sign::{self, Outgoing, Params, Scheme};

/// Everything that is decided before the first byte goes out.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Shooter {
    pub(in crate::cli) scheme: Arc<Scheme>,
    pub(in crate::cli) secrets: Vec<Secret>,
    pub(in crate::cli) params: Params,
    pub(in crate::cli) target: Target,
    pub(in crate::cli) event_type: String,
    /// The id of the first, or only, event.
    pub(in crate::cli) id: String,
    /// The id that was asked for.
    pub(in crate::cli) fixed_id: Option<String>,
    /// The time that was asked for.
    pub(in crate::cli) at: Option<Timestamp>,
    pub(in crate::cli) content_type: String,
    pub(in crate::cli) extra: Headers,
    pub(in crate::cli) body: Bytes,
    pub(in crate::cli) timeout: Option<Duration>,
    pub(in crate::cli) client: ClientOptions,
}

/// A request ready for the wire.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Shot {
    pub(in crate::cli) headers: Headers,
    pub(in crate::cli) body: Bytes,
}

impl Shooter {
    /// The request with a genuine signature.
    pub(in crate::cli) fn shot(&self, id: &str, attempt: u32, now: Timestamp) -> Result<Shot, CliError> {
        let url = self.url();
        let outgoing = self.outgoing(id, attempt, &url);
        let signed = sign::compose(&self.scheme, &self.secrets, &outgoing, self.at.unwrap_or(now))?;
        let mut headers = Headers::new();
        headers
            .push("Content-Type", &self.content_type)
            .map_err(|why| CliError::usage(format!("--content-type: {why}")))?;
        self.assemble(&headers.overlaid(&signed.headers), Bytes::from(signed.body))
    }

    /// The requests of a forgery.
    pub(in crate::cli) fn forged(&self, kind: Forgery, now: Timestamp) -> Result<Vec<Shot>, CliError> {
        let url = self.url();
        let outgoing = self.outgoing(&self.id, 0, &url);
        let forged = forge::forge(kind, &self.scheme, &self.secrets, &outgoing, self.at.unwrap_or(now))
            .map_err(|why| CliError::usage(why.to_string()))?;
        forged.into_iter().map(|forged| self.assemble(&forged.headers, Bytes::from(forged.body))).collect()
    }

    pub(in crate::cli) fn outbound(&self, shot: &Shot) -> Outbound<'_> {
        Outbound {
            target: &self.target,
            method: "POST",
            request_target: self.request_target(),
            headers: shot.headers.clone(),
            body: shot.body.clone(),
        }
    }

    pub(in crate::cli) fn request_target(&self) -> String {
        self.target.request_target("", None)
    }

    pub(in crate::cli) fn url(&self) -> String {
        self.target.url(&self.request_target())
    }

    fn outgoing<'a>(&'a self, id: &'a str, attempt: u32, url: &'a str) -> Outgoing<'a> {
        Outgoing {
            id,
            event_type: &self.event_type,
            method: "POST",
            url,
            content_type: &self.content_type,
            body: &self.body,
            attempt,
            params: &self.params,
        }
    }

    /// Host, type, agent, signature, what the user adds, length: in this order.
    fn assemble(&self, signed: &Headers, body: Bytes) -> Result<Shot, CliError> {
        let bad = |why| CliError::usage(format!("{why}"));
        let mut headers = Headers::new();
        headers.push("Host", self.target.authority()).map_err(bad)?;
        if !signed.has("user-agent") {
            headers.push("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION"))).map_err(bad)?;
        }
        // What is said of a forwarded request holds here too: credentials of the URL, the user's lines, the length.
        let headers = forwarded_headers(&headers.overlaid(signed), body.len(), &self.target, &self.extra);
        Ok(Shot { headers, body })
    }
}
