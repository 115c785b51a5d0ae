//! The headers that a provider would send with a body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ring::signature::KeyPair as _;
use zeroize::Zeroizing;

use crate::model::headers::{HeaderError, Headers};
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::chain::certificates;
use crate::sign::composing::{document, made, with_gap};
use crate::sign::jwt;
use crate::sign::key::KeyError;
use crate::sign::layout::Layout;
use crate::sign::place::{Lack, Lines, Place, Sight};
use crate::sign::private::seeded;
use crate::sign::reading::Scope;
use crate::sign::scheme::Scheme;
use crate::sign::stamp::Unit;
use crate::sign::template::{NoValue, Template};

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The event's id.
    pub id: &'a str,
    /// The event's type.
    pub event_type: &'a str,
    /// The method.
    pub method: &'a str,
    /// The URL that is called.
    pub url: &'a str,
    /// The body's type, which some schemes sign.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// How many attempts there were before.
    pub attempt: u32,
    /// What else the scheme needs.
    pub params: &'a Params,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is nothing to sign with.
    #[error("no secret is given")]
    NoSecret,
    /// A secret cannot sign.
    #[error("malformed_secret: {0}")]
    Key(#[from] KeyError),
    /// A value cannot stand in a header.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A placeholder has no value.
    #[error("{0}: give it as a parameter")]
    NoValue(#[from] NoValue),
    /// The id would blur what is signed.
    #[error("the id \"{id}\" has \"{fence}\" in it, which separates the parts of what is signed")]
    BadId {
        /// The id.
        id: String,
        /// What it must not have.
        fence: String,
    },
    /// The signature stands in the body, and headers alone are asked for.
    #[error("{0} puts the signature into the body, headers cannot say it: whk send --dry-run prints the whole request")]
    InBody(String),
    /// What has to stand in the body cannot be put there.
    #[error("{0}, and a body of this form has no room for it")]
    NoRoom(Lack),
    /// Something that only whoever sends can know.
    #[error("{title} needs the parameter {name}: give --param {name}=...")]
    NoParam {
        /// The provider.
        title: String,
        /// What is missing.
        name: String,
    },
    /// A parameter that would choose how to sign, and chooses nothing.
    #[error("{0}")]
    OddParam(String),
    /// Keys that are made elsewhere.
    #[error("whk makes no pair of keys for {0}: make one with openssl and give the private key as PEM (PKCS#8)")]
    NoNewPair(Algorithm),
}

/// What is done wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twist {
    /// Nothing.
    None,
    /// A bit of each signature is turned over.
    Flipped,
    /// Another key signs.
    OtherKey,
}

impl Outgoing<'_> {
    /// The layout by which this is signed.
    pub(crate) fn layout<'s>(&self, scheme: &'s Scheme, secret: Option<&Secret>) -> &'s Layout {
        let query = self.url.split_once('?').map(|(_, query)| query);
        scheme.layout(Some(Sight::new(&Lines::default(), self.body, query, self.params)), secret, self.params)
    }
}

/// The scheme's own headers for a request, and none that every request has: signature, id, timestamp, event type.
///
/// Every secret signs. A header that has room for one signature only has that of the first secret, which is the
/// newest.
///
/// # Errors
/// If a secret cannot sign, or a value does not fit into a header.
pub fn sign(scheme: &Scheme, secrets: &[Secret], outgoing: &Outgoing, now: Timestamp) -> Result<Headers, SignError> {
    let (headers, inside) = twisted(scheme, secrets, outgoing, now, Twist::None)?;
    if inside.is_some() { Err(SignError::InBody(scheme.title().to_owned())) } else { Ok(headers) }
}

/// The headers that a replay with a new signature drops: signature and timestamp. The id stays.
#[must_use]
pub fn own_headers(scheme: &Scheme) -> Vec<String> {
    let places = scheme.layouts().flat_map(|layout| [Some(&layout.signature), layout.timestamp.as_ref()]);
    let also = scheme.layouts().flat_map(|layout| &layout.line.also);
    let names = places.flatten().flat_map(Place::names).chain(also);
    let mut names: Vec<_> = names.map(|name| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

/// A new secret, written as the provider writes them. Of an Ed25519 pair it is both halves.
///
/// # Errors
/// If the provider signs with a pair of keys that takes more than chance to make.
pub fn new_secret(scheme: &Scheme, random: &[u8; 32]) -> Result<Secret, SignError> {
    let form = &scheme.about.secret;
    let algorithm = scheme.layout(None, None, &Params::new()).signs_with();
    let bytes = match algorithm {
        Algorithm::Ed25519 => {
            let pair = seeded(random)?;
            [random, pair.public_key().as_ref()].concat()
        }
        other if other.has_key_pair() => return Err(SignError::NoNewPair(other)),
        _ => random.get(..form.bytes).unwrap_or(random).to_vec(),
    };
    Ok(Secret::new(format!("{}{}", form.prefix, form.encoding.encode(&bytes))))
}

/// As [`sign`], with something wrong. A signature that goes into the body comes as a text.
pub(crate) fn twisted(
    scheme: &Scheme,
    secrets: &[Secret],
    outgoing: &Outgoing,
    now: Timestamp,
    twist: Twist,
) -> Result<(Headers, Option<String>), SignError> {
    let newest = secrets.first().ok_or(SignError::NoSecret)?;
    if let Some(odd) = scheme.odd_param(outgoing.params) {
        return Err(SignError::OddParam(odd));
    }
    let first = outgoing.layout(scheme, Some(newest));
    if let Some(name) = scheme.wanting(first, outgoing.params) {
        return Err(SignError::NoParam { title: scheme.title().to_owned(), name: name.to_owned() });
    }
    let ts = first.unit.write(now);
    let mut headers = described(scheme, first, outgoing, now)?;
    let found = vars(first, &headers, outgoing, now)?;
    let gap = first.uses.before.then(|| with_gap(first, outgoing.body)).transpose()?;
    let around = gap.as_ref().and_then(|(body, start, end)| Some((body.get(..*start)?, body.get(*end..)?)));
    let scope = Scope {
        body: outgoing.body,
        id: Some(found.id.as_deref().unwrap_or(outgoing.id.as_bytes())),
        ts: Some(found.ts.as_deref().unwrap_or(ts.as_bytes())),
        method: outgoing.method,
        url: Some(outgoing.url),
        secret: "",
        vars: &found.vars,
        params: outgoing.params,
        around,
    };
    let room = if first.line.split.is_some() { secrets.len() } else { 1 };
    let mut elements: Vec<String> = listed(first, &scope);
    for secret in secrets.iter().take(room) {
        let layout = outgoing.layout(scheme, Some(secret));
        elements.push(element(layout, secret, scope, now, twist)?);
    }
    let line = first.line.join(&elements, outgoing.params);
    let inside = match first.signature.names().first() {
        Some(name) => {
            headers.push(name, line)?;
            None
        }
        None => Some(line),
    };
    let headers_required = first.require.iter().filter(|(name, _)| !first.vars.contains_key(*name));
    for (name, template) in headers_required {
        headers.push(name, template.text(|name| scope.value(name))?)?;
    }
    Ok((headers, inside))
}

/// The headers that say what the request is: id, timestamp, type, and what only a sender cares about.
fn described(scheme: &Scheme, layout: &Layout, outgoing: &Outgoing, now: Timestamp) -> Result<Headers, SignError> {
    let fence = layout.signed.fences().find(|(name, fence)| *name == "id" && outgoing.id.contains(fence));
    if let Some((_, fence)) = fence {
        return Err(SignError::BadId { id: outgoing.id.to_owned(), fence: fence.to_owned() });
    }
    let mut headers = Headers::new();
    let ts = layout.unit.write(now);
    let typed = layout.event.iter().find(|place| !place.names().is_empty());
    for (place, value) in
        [(layout.id.as_ref(), outgoing.id), (layout.timestamp.as_ref(), &ts), (typed, outgoing.event_type)]
    {
        if let Some(name) = place.and_then(|place| place.names().first()) {
            headers.push(name, value)?;
        }
    }
    for (name, template) in &scheme.about.send {
        headers.push(name, sent(template, outgoing, now)?)?;
    }
    Ok(headers)
}

fn sent(template: &Template, outgoing: &Outgoing, now: Timestamp) -> Result<String, NoValue> {
    let text = |text: String| Some(Cow::Owned(text.into_bytes()));
    template.text(|name| match name {
        "type" => text(outgoing.event_type.to_owned()),
        "id" => text(outgoing.id.to_owned()),
        "ts" => text(Unit::S.write(now)),
        "time" => text(now.to_string()),
        "attempt" => text(outgoing.attempt.to_string()),
        name => text(outgoing.params.get(name.strip_prefix("param.")?)?.clone()),
    })
}

/// The values of the scheme's own placeholders: given as parameters, or standing in the request already.
fn vars(layout: &Layout, headers: &Headers, outgoing: &Outgoing, now: Timestamp) -> Result<Found, SignError> {
    let elsewhere = [&layout.id, &layout.timestamp].into_iter().flatten().any(Place::is_in_body);
    if layout.vars.is_empty() && !elsewhere {
        return Ok(Found::default());
    }
    let mut all = headers.clone();
    all.push("content-type", outgoing.content_type)?;
    let query = outgoing.url.split_once('?').map(|(_, query)| query);
    let lines = Lines::of(&all);
    let document = document(layout, outgoing.body);
    let sight = Sight::new(&lines, outgoing.body, query, outgoing.params);
    let sight = Sight { document: document.as_deref().unwrap_or(outgoing.body), ..sight };
    let mut vars = BTreeMap::new();
    for (name, place) in &layout.vars {
        let value = match (outgoing.params.get(name), place.find(sight), layout.defaults.get(name)) {
            (Some(given), ..) => given.clone().into_bytes(),
            (None, Ok(found), _) => found.into_owned(),
            (None, Err(_), Some(default)) => made(default, outgoing, now)?.into_bytes(),
            (None, Err(_), None) => continue,
        };
        vars.insert(name.clone(), value);
    }
    let inside = |place: &Option<Place>| {
        let place = place.as_ref().filter(|place| place.is_in_body())?;
        place.find(sight).ok().map(Cow::into_owned)
    };
    Ok(Found { vars, id: inside(&layout.id), ts: inside(&layout.timestamp) })
}

/// What stands in the request before it is signed.
#[derive(Default)]
struct Found {
    vars: BTreeMap<String, Vec<u8>>,
    id: Option<Vec<u8>>,
    ts: Option<Vec<u8>>,
}

/// The elements of the signature's header that are no signature.
fn listed(layout: &Layout, scope: &Scope) -> Vec<String> {
    let own = [("ts", layout.timestamp.as_ref()), ("id", layout.id.as_ref())];
    let vars = layout.vars.iter().map(|(name, place)| (name.as_str(), Some(place)));
    let element = |(name, place): (&str, Option<&Place>)| match place {
        Some(Place::Element(pattern) | Place::Last(pattern)) => {
            Some(pattern.with(&String::from_utf8_lossy(&scope.value(name)?), scope.params))
        }
        _ => None,
    };
    own.into_iter().chain(vars).filter_map(element).collect()
}

fn element(layout: &Layout, secret: &Secret, scope: Scope, now: Timestamp, twist: Twist) -> Result<String, SignError> {
    let in_place = |text: &str| {
        let pattern = layout.line.patterns.first();
        pattern.map_or_else(|| text.to_owned(), |pattern| pattern.with(text, scope.params))
    };
    if let (Some(swift), Twist::None, false) = (&layout.swift, twist, layout.key.is_public(secret))
        && let Some(text) = swift.written(secret, &layout.signed.render(|name| scope.value(name))?)
    {
        return Ok(in_place(&text));
    }
    let algorithm = layout.signs_with();
    let mut key = layout.key.signing_bytes(secret, algorithm.has_key_pair())?;
    let mut scope = Scope { secret: layout.key.stripped(secret.reveal()), ..scope };
    // Not the key's plain hash: that is what an HMAC uses in place of a long key, so it would sign rightly.
    let other = Hash::Sha256.digest(&[Cow::Borrowed(b"another key than "), Cow::Borrowed(key.as_slice())]);
    let other_text = layout.encoding.encode(&other);
    // A seed may be any 32 bytes. Other private keys cannot be made up: there, signing something else looks the same.
    let made_up = !algorithm.has_key_pair() || algorithm == Algorithm::Ed25519;
    if twist == Twist::OtherKey && made_up {
        key = Zeroizing::new(other);
        scope.secret = &other_text;
    }
    let content = match &layout.jwt {
        Some(form) => {
            let stamp = match &layout.timestamp {
                Some(Place::Head(name)) => Some((name.as_str(), layout.unit.write(now))),
                _ => None,
            };
            let brought = form.chain.as_ref().and_then(|_| str::from_utf8(&key).ok()).map(certificates);
            let occasion = jwt::Occasion { now, body: scope.body, stamp, chain: brought.unwrap_or_default() };
            let token = jwt::written(form, &occasion, |template| jwt::claim(template, |name| scope.value(name)))?;
            vec![Cow::Owned(token)]
        }
        None => layout.signed.render(|name| scope.value(name))?,
    };
    let mut signature = match twist {
        Twist::OtherKey if !made_up => {
            algorithm.signature(&key, &[&content[..], &[Cow::Borrowed(b"else")]].concat())?
        }
        _ => algorithm.signature(&key, &content)?,
    };
    if let (Twist::Flipped, Some(byte)) = (twist, signature.first_mut()) {
        // The lowest bit of a letter makes another letter or sign, so a token stays text.
        *byte ^= 1;
    }
    let text = match &layout.jwt {
        Some(form) => jwt::joined(form, &content.concat(), &signature),
        None => algorithm.signature_text(layout.encoding, &signature)?,
    };
    Ok(in_place(&text))
}
