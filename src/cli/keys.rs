//! Keys that providers keep on the web: out of a folder that the user fills, or fetched if that is asked for.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::private;
use crate::model::{CapturedRequest, Headers, Target};
use crate::net::{Client, ClientOptions, Outbound};
use crate::sign::{self, Params, Scheme, form};

/// The largest key that is taken.
const MAX_KEY: usize = 64 << 10;
/// How long a provider may take to hand one out.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where keys come from.
pub(in crate::cli) struct Keys<'a> {
    pub(in crate::cli) context: &'a Context,
    /// How to ask the network, if that may be asked at all.
    pub(in crate::cli) fetch: Option<ClientOptions>,
}

impl Keys<'_> {
    /// Adds the key that a request names to what is known, if it can be had.
    ///
    /// # Errors
    /// If a key was to be fetched and could not be.
    pub(in crate::cli) fn learn(
        &self,
        scheme: &Scheme,
        request: &CapturedRequest,
        params: &mut Params,
    ) -> Result<(), CliError> {
        let Some(url) = sign::hosted_key(scheme, request, params) else { return Ok(()) };
        let place = self.place(&url);
        let kept = fs::read(&place).ok().filter(|bytes| bytes.len() <= MAX_KEY);
        if let Some(text) = kept.and_then(|bytes| String::from_utf8(bytes).ok()) {
            let bad = |why| CliError::usage(format!("{}: {why}", place.display())).kind("key");
            return sign::learn_key(params, &url, &text).map_err(bad);
        }
        let Some(options) = &self.fetch else { return Ok(()) };
        let text = self.context.block_on_value(fetched(&url, options.clone()))?;
        sign::learn_key(params, &url, &text).map_err(|why| refused(&url, &why.to_string()))?;
        let written =
            place.parent().map_or(Ok(()), private::folder).and_then(|()| private::write(&place, text.as_bytes()));
        if let Err(why) = written {
            self.context.ui.note(&format!("the key is not kept: {}: {why}", place.display()));
        }
        Ok(())
    }

    /// The file that a key is kept in: `keys/<host>/<path>`, with what cannot stand in a file's name escaped.
    fn place(&self, url: &str) -> PathBuf {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let name = |text: &str| String::from_utf8_lossy(&form::encoded(text.as_bytes(), b"-._", "%20")).into_owned();
        self.context.settings.home.join("keys").join(name(host)).join(name(path))
    }
}

/// What a provider has at this address: over TLS, without a detour, and not for ever.
async fn fetched(url: &str, options: ClientOptions) -> Result<String, CliError> {
    let target: Target = url.parse().map_err(|why| refused(url, &format!("{why}")))?;
    let client = Client::new(ClientOptions { keep_body: MAX_KEY + 1, ..options });
    let client = client.map_err(|why| CliError::usage(why.to_string()))?;
    let mut headers = Headers::new();
    for (name, value) in [("Host", target.authority()), ("Accept", "*/*".to_owned())] {
        headers.push(name, value).map_err(|why| refused(url, &why.to_string()))?;
    }
    let request_target = target.request_target("", None);
    let outbound = Outbound { target: &target, method: "GET", request_target, headers, body: Bytes::new() };
    let answer = client.exchange(&outbound, Some(PATIENCE)).await.map_err(|why| CliError::from(&why))?;
    if answer.status != 200 {
        return Err(refused(url, &format!("the answer is {}", answer.status)));
    }
    if answer.body.len() > MAX_KEY {
        return Err(refused(url, "the answer is too large for a key"));
    }
    String::from_utf8(answer.body.to_vec()).map_err(|_| refused(url, "the answer is no PEM"))
}

fn refused(url: &str, why: &str) -> CliError {
    CliError::unreachable(format!("no key at {url}: {why}")).kind("key")
}
