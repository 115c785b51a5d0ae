//! Keys that a provider keeps on the web, and that a request names.

use std::collections::BTreeMap;

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::key::KeyError;
use crate::sign::place::{Lines, Sight};
use crate::sign::public::PublicKey;
use crate::sign::reading::{Reading, Wanted};
use crate::sign::scheme::Scheme;

/// The parameter with all that is known of them: a JSON object of URL and PEM.
const KNOWN: &str = "certificates";

/// The URL of the key that a request names, if it is not known yet and the scheme says that keys may be there.
#[must_use]
pub fn hosted_key(scheme: &Scheme, request: &CapturedRequest, params: &Params) -> Option<String> {
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, params);
    let layout = scheme.layout(Some(sight), None, params);
    // A request may name any place in the world: unless the scheme names the hosts, nobody goes there.
    let name = layout.key.certificate.as_ref().filter(|name| layout.allow.contains_key(*name))?;
    let url = |reading: &Reading| reading.vars.get(name).and_then(|url| String::from_utf8(url.clone()).ok());
    let url = Reading::of(layout, sight, request, Wanted::Verdict, url).ok()??;
    (url.starts_with("https://") && !known(params).contains_key(&url)).then_some(url)
}

/// Adds a key that was found.
///
/// # Errors
/// If it is none.
pub fn learn_key(params: &mut Params, url: &str, key: &str) -> Result<(), KeyError> {
    PublicKey::read(key.as_bytes(), None)?;
    let mut known = known(params);
    known.insert(url.to_owned(), key.to_owned());
    let known = known.into_iter().map(|(url, key)| (url, serde_json::Value::String(key))).collect();
    params.insert(KNOWN.to_owned(), serde_json::Value::Object(known).to_string());
    Ok(())
}

/// The keys that are known, by URL.
pub(crate) fn known(params: &Params) -> BTreeMap<String, String> {
    params.get(KNOWN).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
