//! Keys that a provider keeps on the web, where a scheme says or where a request does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::glob::Glob;
use crate::sign::key::KeyError;
use crate::sign::layout::Layout;
use crate::sign::place::{Lines, Sight};
use crate::sign::public::{PublicKey, common_name};
use crate::sign::reading::{Reading, Wanted};
use crate::sign::scheme::Scheme;
use crate::sign::template::Template;

/// The parameter with all that is known of them: a JSON object of URL and PEM or JWK set.
const KNOWN: &str = "certificates";

/// The URL of the key that verifies a request, if it is not known yet and the scheme says that keys may be there.
#[must_use]
pub fn hosted_key(scheme: &Scheme, request: &CapturedRequest, params: &Params) -> Option<String> {
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, params);
    let layout = scheme.layout(Some(sight), None, params);
    let url = if let Some(set) = &layout.key.set {
        set_url(set, params)?
    } else {
        // A request may name any place in the world: unless the scheme names the hosts, nobody goes there.
        let name = layout.key.certificate.as_ref().filter(|name| layout.allow.contains_key(*name))?;
        let url = |reading: &Reading| reading.vars.get(name).and_then(|url| String::from_utf8(url.clone()).ok());
        Reading::of(layout, sight, request, Wanted::Verdict, url).ok()??
    };
    (url.starts_with("https://") && !known(params).contains_key(&url)).then_some(url)
}

/// What is known of the key that verifies a request; none if the scheme has its keys from elsewhere.
pub(crate) fn hosted(layout: &Layout, reading: &Reading, params: &Params) -> Option<Result<String, KeyError>> {
    let (what, url) = match (&layout.key.set, &layout.key.certificate) {
        (Some(set), _) => match set_url(set, params) {
            Some(url) => ("set of keys", url),
            None => return Some(Err(KeyError::NoAddress(set.to_string()))),
        },
        (None, Some(name)) => ("certificate", String::from_utf8_lossy(reading.vars.get(name)?).into_owned()),
        (None, None) => return None,
    };
    let found = known(params).remove(&url).ok_or(KeyError::Unknown { what, url });
    Some(found.and_then(|text| belongs(layout, &text).map(|()| text)))
}

/// Whether a certificate is that of whom the scheme says.
fn belongs(layout: &Layout, text: &str) -> Result<(), KeyError> {
    let forms = &layout.key.common_name;
    if forms.is_empty() {
        return Ok(());
    }
    let found = common_name(text);
    if found.as_ref().is_some_and(|name| forms.iter().any(|form| form.fits(name.as_bytes()))) {
        return Ok(());
    }
    let wanted: Vec<_> = forms.iter().map(Glob::text).collect();
    Err(KeyError::OtherName { found, wanted: wanted.join(" or ") })
}

/// Forgets the set of keys that judged a request, as providers put new ones in place of it; its URL, if one was known.
#[must_use]
pub fn forget_keys(scheme: &Scheme, request: &CapturedRequest, params: &mut Params) -> Option<String> {
    let headers = Lines::of(&request.headers);
    let set = scheme.layout(Some(Sight::of(&headers, request, params)), None, params).key.set.as_ref()?;
    let url = set_url(set, params)?;
    let mut known = known(params);
    known.remove(&url)?;
    put_known(params, known);
    Some(url)
}

/// The address of a set of keys, if the parameters that it is made of are given.
fn set_url(set: &Template, params: &Params) -> Option<String> {
    set.text(|name| Some(Cow::Borrowed(params.get(name.strip_prefix("param.")?)?.as_bytes()))).ok()
}

/// Adds a key that was found.
///
/// # Errors
/// If it is none.
pub fn learn_key(params: &mut Params, url: &str, key: &str) -> Result<(), KeyError> {
    PublicKey::read(key.as_bytes(), None)?;
    let mut known = known(params);
    known.insert(url.to_owned(), key.to_owned());
    put_known(params, known);
    Ok(())
}

fn put_known(params: &mut Params, known: BTreeMap<String, String>) {
    let known = known.into_iter().map(|(url, key)| (url, serde_json::Value::String(key))).collect();
    params.insert(KNOWN.to_owned(), serde_json::Value::Object(known).to_string());
}

/// The keys that are known, by URL.
fn known(params: &Params) -> BTreeMap<String, String> {
    params.get(KNOWN).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
