//! Keys that providers keep on the web: out of a folder that the user fills, or fetched if that is asked for.

use std::collections::BTreeSet;
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
    context: &'a Context,
    /// How to ask the network, if that may be asked at all.
    fetch: Option<ClientOptions>,
    /// What was asked for already: nobody who sends nonsense makes us ask twice.
    asked: BTreeSet<String>,
}

impl<'a> Keys<'a> {
    /// Where keys come from; from the network only if that may be asked.
    pub(in crate::cli) const fn new(context: &'a Context, fetch: Option<ClientOptions>) -> Self {
        Self { context, fetch, asked: BTreeSet::new() }
    }

    /// Fetches a set of keys anew that was kept from before, as it may be an old one.
    ///
    /// # Errors
    /// If it could not be fetched.
    pub(in crate::cli) fn renew(
        &mut self,
        scheme: &Scheme,
        request: &CapturedRequest,
        params: &mut Params,
    ) -> Result<(), CliError> {
        let mut others = params.clone();
        let url = sign::forget_keys(scheme, request, &mut others);
        match (url, self.fetch.clone()) {
            (Some(url), Some(options)) if !self.asked.contains(&url) => {
                self.fetch(&url, options, &mut others)?;
                *params = others;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds the key that a request names to what is known, if it can be had.
    ///
    /// # Errors
    /// If a key was to be fetched and could not be.
    pub(in crate::cli) fn learn(
        &mut self,
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
        self.fetch.clone().map_or(Ok(()), |options| self.fetch(&url, options, params))
    }

    fn fetch(&mut self, url: &str, options: ClientOptions, params: &mut Params) -> Result<(), CliError> {
        self.asked.insert(url.to_owned());
        let text = self.context.block_on_value(fetched(url, options))?;
        sign::learn_key(params, url, &text).map_err(|why| refused(url, &why.to_string()))?;
        let place = self.place(url);
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
