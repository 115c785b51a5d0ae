//! What somebody wants of an endpoint, field by field: read and checked before anything is changed.

#![expect(clippy::option_option, reason = "a field may be left out, or be null, and means something else")]

use std::collections::BTreeMap;

use crate::api::rules;
use crate::model::{Disabled, DisabledBy, Endpoint, Headers, Metadata, Target, Timestamp};
use crate::policy::route::Glob;
use crate::relay::http::native::fields::Fields;
use crate::relay::http::native::refusal::Refusal;
use crate::sign;

/// The fields of an endpoint that can be set.
pub(super) const FIELDS: [&str; 12] = [
    "name",
    "url",
    "events",
    "uid",
    "scheme",
    "channels",
    "headers",
    "rate_limit",
    "ordered",
    "redirects",
    "disabled",
    "metadata",
];
/// Lines that belong to the connection, to the message or to the signature.
const OURS: [&str; 8] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];
/// The scheme that endpoints are signed by unless they say otherwise.
pub(super) const OWN_SCHEME: &str = "standard-webhooks";
/// The longest text, and the most entries of a list.
const MOST: usize = 1000;

/// What somebody wants of an endpoint. What is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    name: Option<String>,
    pub(super) place: Option<(Target, String)>,
    events: Option<Option<Vec<String>>>,
    uid: Option<Option<String>>,
    scheme: Option<String>,
    channels: Option<Vec<String>>,
    headers: Option<Headers>,
    rate_limit: Option<Option<u32>>,
    ordered: Option<bool>,
    redirects: Option<bool>,
    disabled: Option<bool>,
    metadata: Option<Metadata>,
}

impl Wish {
    /// Reads the body of a request.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let fields = Fields::read(body, &FIELDS)?;
        let flag = |name| fields.get::<bool>(name, "true or false");
        let list = |name| fields.optional::<Vec<String>>(name, "a list of texts");
        Ok(Self {
            name: fields.optional("name", "a text")?.map(|name| text("name", name.unwrap_or_default())).transpose()?,
            place: fields.get::<String>("url", "a text")?.map(place).transpose()?,
            events: list("events")?.map(|events| types(events.unwrap_or_default())).transpose()?,
            uid: fields.optional("uid", "a text")?.map(|uid| uid.map(uid_of).transpose()).transpose()?,
            scheme: fields.get::<String>("scheme", "a text")?.as_deref().map(scheme).transpose()?,
            channels: list("channels")?.map(|all| names("channels", all.unwrap_or_default())).transpose()?,
            headers: fields
                .optional("headers", "an object of texts")?
                .map(|all| headers(all.unwrap_or_default()))
                .transpose()?,
            rate_limit: fields
                .optional("rate_limit", "a number a second, from 1 to 1000000")?
                .map(|limit| limit.map(rate).transpose())
                .transpose()?,
            ordered: flag("ordered")?,
            redirects: flag("redirects")?,
            disabled: flag("disabled")?,
            metadata: fields
                .optional("metadata", "an object of texts")?
                .map(|all| notes(all.unwrap_or_default()))
                .transpose()?,
        })
    }

    /// The scheme that it will be signed by.
    pub(super) fn scheme_or(&self, former: Option<&Endpoint>) -> String {
        let former = former.map(|endpoint| endpoint.scheme.clone());
        self.scheme.clone().or(former).unwrap_or_else(|| OWN_SCHEME.to_owned())
    }

    /// Makes it true of an endpoint.
    pub(super) fn apply(&self, endpoint: &mut Endpoint, now: Timestamp) {
        fn set<T: Clone>(place: &mut T, wanted: Option<&T>) {
            if let Some(wanted) = wanted {
                place.clone_from(wanted);
            }
        }
        if let Some((target, url)) = &self.place {
            endpoint.target = target.clone();
            endpoint.url.clone_from(url);
        }
        set(&mut endpoint.description, self.name.as_ref());
        set(&mut endpoint.event_types, self.events.as_ref());
        set(&mut endpoint.uid, self.uid.as_ref());
        set(&mut endpoint.scheme, self.scheme.as_ref());
        set(&mut endpoint.channels, self.channels.as_ref());
        set(&mut endpoint.headers, self.headers.as_ref());
        set(&mut endpoint.rate_limit, self.rate_limit.as_ref());
        set(&mut endpoint.ordered, self.ordered.as_ref());
        set(&mut endpoint.redirects, self.redirects.as_ref());
        set(&mut endpoint.metadata, self.metadata.as_ref());
        match self.disabled {
            Some(false) => endpoint.disabled = None,
            Some(true) if endpoint.disabled.is_none() => {
                endpoint.disabled = Some(Disabled { at: now, why: DisabledBy::Owner });
            }
            _ => {}
        }
        endpoint.updated_at = now;
    }
}

fn text(field: &str, text: String) -> Result<String, Refusal> {
    if text.chars().count() > MOST || text.chars().any(char::is_control) {
        return Err(Refusal::field(field, format!("must have at most {MOST} characters, none of them for control")));
    }
    Ok(text)
}

/// Where to: strictly a URL, since what is typed for short on a command line is a slip in an API.
fn place(url: String) -> Result<(Target, String), Refusal> {
    let is_http = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if !is_http("http://") && !is_http("https://") {
        return Err(Refusal::field("url", "must be an http or https URL, such as https://example.com/hook"));
    }
    let target: Target = url.parse().map_err(|why: crate::model::TargetError| Refusal::field("url", why))?;
    // A password is for the endpoint, not for whoever looks at it.
    let shown = if target.userinfo.is_some() { target.url(&target.request_target("", None)) } else { url };
    Ok((target, shown))
}

fn types(events: Vec<String>) -> Result<Option<Vec<String>>, Refusal> {
    for glob in &events {
        let read: Result<Glob, _> = glob.parse();
        read.map_err(|why| Refusal::field("events", why))?;
    }
    let all = events.is_empty() || events.iter().any(|glob| glob == "*");
    Ok(if all { None } else { Some(names("events", events)?) })
}

fn names(field: &str, names: Vec<String>) -> Result<Vec<String>, Refusal> {
    if names.len() > MOST {
        return Err(Refusal::field(field, format!("must have at most {MOST} entries")));
    }
    if names.iter().any(|name| name.is_empty() || name.len() > 256 || name.chars().any(char::is_control)) {
        return Err(Refusal::field(field, "each must have 1 to 256 characters"));
    }
    Ok(names)
}

fn uid_of(uid: String) -> Result<String, Refusal> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if uid.is_empty() || uid.len() > 256 || !uid.bytes().all(fits) || uid.starts_with("ep_") {
        let detail = "must have 1 to 256 letters, digits, '-', '_' or '.', and not begin like an id";
        return Err(Refusal::field("uid", detail));
    }
    Ok(uid)
}

fn scheme(name: &str) -> Result<String, Refusal> {
    if let Some(scheme) = sign::preset(name) {
        return Ok(scheme.name().to_owned());
    }
    let near = sign::nearest(name).map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(Refusal::field("scheme", format!("there is no scheme \"{name}\"{near}")))
}

fn rate(limit: u32) -> Result<u32, Refusal> {
    let fits = (1..=1_000_000).contains(&limit);
    if fits { Ok(limit) } else { Err(Refusal::field("rate_limit", "must be a number a second, from 1 to 1000000")) }
}

fn headers(given: BTreeMap<String, String>) -> Result<Headers, Refusal> {
    let mut headers = Headers::new();
    for (name, value) in given {
        if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(&name)) {
            return Err(Refusal::field("headers", format!("{name} is set by whk")));
        }
        rules::line(&name, &value).map_err(|wrong| Refusal::field("headers", format!("{name}: {wrong}")))?;
        headers.push(&name, &value).map_err(|why| Refusal::field("headers", why))?;
    }
    rules::lines(&headers).map_err(|wrong| Refusal::field("headers", wrong))?;
    Ok(headers)
}

fn notes(given: Metadata) -> Result<Metadata, Refusal> {
    rules::metadata(&given).map_err(|wrong| Refusal::field("metadata", wrong))?;
    Ok(given)
}
