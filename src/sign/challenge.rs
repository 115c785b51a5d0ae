//! Handshakes: what a provider asks of an address before it sends there, and the right answer.
//!
//! ```toml
//! [[challenge]]                                       # in a scheme file, or in a file of `handshakes/`
//! product  = "interactions"                           # of the provider, where each of them has a handshake of its own
//! method   = "GET"                                    # how it comes; one or several, any without it
//! path     = "/.well-known/acme"                      # what its path ends with
//! when     = [{ query = "crc" }, { json = "/type", is = "verify" }]   # all must hold, see `condition`
//! verified = true                                     # only a right signature is answered
//! refuse   = 403                                      # the answer to a wrong signature, or a wrong parameter
//! asked    = true                                     # only if the user chose the provider: anything may look so
//! every    = true                                     # each delivery wants this answer, where whk itself gives one
//! needs    = ["verify"]                               # parameters without which whk cannot answer
//! vars     = { token = { query = "crc" } }            # placeholders: header, json, form or query
//! proof    = { of = "{token}", hash = "sha256", encoding = "hex", key = {} }   # {proof}, an HMAC with the secret
//! status   = 200
//! type     = "application/json"                       # of the body
//! headers  = { "X-Token" = "{token}" }                # one whose value is not there is left out
//! body     = '{"token":{token|json}}'                 # vars, proof, param.NAME
//! fetch    = { url = "{token}", from = ["https://*.acme.example/"] }   # an address to be called; * is one label
//! note     = "paste the token back"                   # for people
//! ask      = { query = "crc={token}" }                # how `whk send` plays it, see `playing`
//! also     = ["{token}"]                              # bodies that the provider takes as well
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;

use crate::model::headers::Headers;
use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::sign::Params;
use crate::sign::algorithm::Hash;
use crate::sign::condition::{Condition, Match, small};
use crate::sign::encoding::Encoding;
use crate::sign::header::one_or_many;
use crate::sign::key::KeyForm;
use crate::sign::place::Place;
use crate::sign::playing::Ask;
use crate::sign::template::Template;

/// A handshake.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    product: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub(crate) method: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    pub(crate) when: Vec<Condition>,
    #[serde(default)]
    pub(crate) verified: bool,
    pub(crate) refuse: Option<u16>,
    #[serde(default)]
    asked: bool,
    #[serde(default)]
    every: bool,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    vars: BTreeMap<String, Place>,
    proof: Option<Proof>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default = "plain", rename = "type")]
    media: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Template>,
    body: Option<Template>,
    fetch: Option<Fetch>,
    note: Option<String>,
    pub(crate) ask: Option<Ask>,
    #[serde(default)]
    pub(crate) also: Vec<Template>,
}

/// An HMAC with the secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    of: Template,
    #[serde(default = "sha256")]
    hash: Hash,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default)]
    key: KeyForm,
}

/// An address that the provider wants to be called.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fetch {
    url: Template,
    from: Vec<String>,
}

/// Who asks, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The request.
    pub request: &'a CapturedRequest,
    /// The secrets, the newest first.
    pub secrets: &'a [Secret],
    /// What else the provider was told: a verify token, a key id.
    pub params: &'a Params,
    /// Whether the signature is right; `None` if nothing could be judged.
    pub verified: Option<bool>,
}

/// The answer to a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeAnswer {
    /// The status.
    pub status: u16,
    /// The header lines, the body's type too.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// The address that is to be called for the provider to be content.
    pub fetch: Option<String>,
    /// What a person should know.
    pub note: Option<String>,
}

impl Challenge {
    /// Whether it is only answered if the user chose its provider.
    #[must_use]
    pub const fn is_only_asked(&self) -> bool {
        self.asked
    }

    /// Whether it is no handshake, but the way the provider wants each delivery to be answered.
    #[must_use]
    pub const fn is_every(&self) -> bool {
        self.every
    }

    /// Whether an address is to be called.
    #[must_use]
    pub const fn fetches(&self) -> bool {
        self.fetch.is_some()
    }

    /// What of the provider it belongs to, where each product has a handshake of its own.
    #[must_use]
    pub fn product(&self) -> Option<&str> {
        self.product.as_deref()
    }

    /// The parameters that the user must give: what the provider was told, and what an answer needs.
    pub fn params(&self) -> impl Iterator<Item = &str> {
        let asked = self.ask.iter().flat_map(Ask::params);
        asked.chain(self.needs.iter().map(String::as_str))
    }

    /// Whether both ask in the same words: then they differ in the answer alone.
    #[must_use]
    pub fn asks_like(&self, other: &Self) -> bool {
        (&self.method, &self.path, &self.ask) == (&other.method, &other.path, &other.ask)
    }

    /// How much a request must have to be this: of two that fit, the one that asks for more is meant.
    #[must_use]
    pub fn strictness(&self) -> usize {
        self.when.len() + usize::from(self.path.is_some()) + self.needs.len()
    }

    /// Whether whk can answer with such secrets and parameters.
    #[must_use]
    pub fn is_answerable(&self, has_secret: bool, params: &Params) -> bool {
        (has_secret || self.proof.is_none()) && self.needs.iter().all(|name| params.contains_key(name))
    }

    /// The answer, if this is what the request asks and it can be given.
    #[must_use]
    pub fn answer(&self, asked: &Asked) -> Option<ChallengeAnswer> {
        let request = asked.request;
        let method = self.method.is_empty() || self.method.iter().any(|own| own == &request.method);
        let path = self.path.as_ref().is_none_or(|end| request.path().ends_with(end.as_str()));
        if !method || !path || !self.is_answerable(!asked.secrets.is_empty(), asked.params) {
            return None;
        }
        let mut right = true;
        for condition in &self.when {
            match condition.holds(request, asked.params) {
                Match::Yes => {}
                Match::OtherValue => right = false,
                Match::No => return None,
            }
        }
        if self.verified {
            right &= asked.verified?;
        }
        if right { self.given(asked) } else { self.refuse.map(refusal) }
    }

    /// The same with another body.
    pub(crate) fn with_body(&self, body: &Template) -> Self {
        Self { body: Some(body.clone()), ..self.clone() }
    }

    fn given(&self, asked: &Asked) -> Option<ChallengeAnswer> {
        let values: BTreeMap<&str, Vec<u8>> =
            self.vars.iter().filter_map(|(name, place)| Some((name.as_str(), small(place, asked.request)?))).collect();
        let plain = |name: &str| match name.strip_prefix("param.") {
            Some(name) => asked.params.get(name).map(|value| Cow::Borrowed(value.as_bytes())),
            None => values.get(name).map(|value| Cow::Borrowed(value.as_slice())),
        };
        let proof = match &self.proof {
            Some(proof) => Some(proof.text(asked.secrets.first()?, plain)?),
            None => None,
        };
        let value = |name: &str| match (name, &proof) {
            ("proof", Some(proof)) => Some(Cow::Borrowed(proof.as_bytes())),
            _ => plain(name),
        };
        let mut headers = Headers::new();
        for (name, template) in &self.headers {
            if let Ok(text) = template.render(value) {
                headers.push(name, text.concat()).ok()?;
            }
        }
        let mut body = Bytes::new();
        if let Some(template) = &self.body {
            body = Bytes::from(template.render(value).ok()?.concat());
            headers.push("Content-Type", &self.media).ok()?;
        }
        let fetch = match &self.fetch {
            Some(fetch) => Some(fetch.address(value)?),
            None => None,
        };
        Some(ChallengeAnswer { status: self.status, headers, body, fetch, note: self.note.clone() })
    }
}

impl Proof {
    fn text<'a>(&'a self, secret: &Secret, value: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Option<String> {
        let content = self.of.render(value).ok()?;
        let key = self.key.bytes(secret).ok()?;
        Some(self.encoding.encode(&self.hash.hmac(&key, &content).ok()?))
    }
}

impl Fetch {
    /// The address, if it is one of those that may be called.
    fn address<'a>(&'a self, value: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Option<String> {
        let address = String::from_utf8(self.url.render(value).ok()?.concat()).ok()?;
        let plain = address.bytes().all(|byte| byte.is_ascii_graphic());
        (plain && self.from.iter().any(|start| begins_with(&address, start))).then_some(address)
    }
}

/// Whether the address starts so; a `*` stands for one label of a host's name.
fn begins_with(address: &str, start: &str) -> bool {
    let mut rest = address;
    let mut parts = start.split('*');
    let Some(tail) = parts.next().and_then(|first| rest.strip_prefix(first)) else { return false };
    rest = tail;
    for part in parts {
        let label = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let Some(tail) = rest.get(label..).and_then(|tail| tail.strip_prefix(part)).filter(|_| label > 0) else {
            return false;
        };
        rest = tail;
    }
    true
}

fn refusal(status: u16) -> ChallengeAnswer {
    ChallengeAnswer { status, headers: Headers::new(), body: Bytes::new(), fetch: None, note: None }
}

const fn ok() -> u16 {
    200
}

fn plain() -> String {
    "text/plain".to_owned()
}

const fn sha256() -> Hash {
    Hash::Sha256
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Timestamp;
    use proptest::prelude::*;

    fn request(method: &str, target: &str, lines: &[&str], body: &str) -> CapturedRequest {
        let mut headers = Headers::new();
        for line in lines {
            headers.push_line(line).unwrap();
        }
        CapturedRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            remote: String::new(),
            received_at: Timestamp::from_seconds(0),
        }
    }

    fn answer(challenge: &str, request: &CapturedRequest, params: &[(&str, &str)]) -> Option<(u16, String)> {
        let challenge: Challenge = toml::from_str(challenge).unwrap();
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let secrets = [Secret::new("s")];
        let asked = Asked { request, secrets: &secrets, params: &params, verified: None };
        let answer = challenge.answer(&asked)?;
        Some((answer.status, String::from_utf8(answer.body.to_vec()).unwrap()))
    }

    const TOKEN: &str = "method = 'GET'\nwhen = [{ query = 'c' }, { query = 'v', param = 'verify' }]\nrefuse = 403\n\
                         vars = { c = { query = 'c' } }\nbody = '{c}'";

    #[test]
    fn a_value_is_echoed_and_a_wrong_parameter_is_refused() {
        let asked = request("GET", "/in/a?c=1%202&v=x", &[], "");
        assert_eq!(answer(TOKEN, &asked, &[]), Some((200, "1 2".to_owned())));
        assert_eq!(answer(TOKEN, &asked, &[("verify", "x")]), Some((200, "1 2".to_owned())));
        assert_eq!(answer(TOKEN, &asked, &[("verify", "y")]), Some((403, String::new())));
        assert_eq!(answer(TOKEN, &request("POST", "/?c=1&v=x", &[], ""), &[]), None);
        assert_eq!(answer(TOKEN, &request("GET", "/?c=1", &[], ""), &[]), None);
    }

    #[test]
    fn a_proof_is_made_with_the_secret() {
        let challenge =
            "when = [{ json = '/t' }]\nvars = { t = { json = '/t' } }\nproof = { of = '{t}' }\nbody = '{proof}'";
        let (_, text) = answer(challenge, &request("POST", "/", &[], "{\"t\":\"x\"}"), &[]).unwrap();
        assert_eq!(text, hex::encode(Hash::Sha256.hmac(b"s", &[Cow::Borrowed(b"x")]).unwrap()));
    }

    #[test]
    fn what_needs_a_right_signature_is_left_alone_without_a_verdict() {
        let challenge: Challenge = toml::from_str("verified = true\nrefuse = 401\nbody = 'ok'").unwrap();
        let (request, params) = (request("POST", "/", &[], ""), Params::new());
        let status = |verified| {
            let asked = Asked { request: &request, secrets: &[], params: &params, verified };
            challenge.answer(&asked).map(|answer| answer.status)
        };
        assert_eq!([None, Some(true), Some(false)].map(status), [None, Some(200), Some(401)]);
    }

    #[test]
    fn an_address_to_be_called_must_be_the_providers() {
        let from = "https://sns.*.amazonaws.com/";
        assert!(begins_with("https://sns.us-west-2.amazonaws.com/?Action=x", from));
        for other in [
            "http://sns.us-west-2.amazonaws.com/",
            "https://sns..amazonaws.com/",
            "https://sns.a.evil.test/.amazonaws.com/",
            "https://sns.a@evil.amazonaws.com/",
            "https://sns.a.amazonaws.com.evil.test/",
            "https://sns.a.amazonaws.com:444/",
            "https://sns.a/.amazonaws.com/",
            "",
        ] {
            assert!(!begins_with(other, from), "{other}");
        }
    }

    #[test]
    fn a_value_that_cannot_stand_in_a_header_gets_no_answer() {
        let challenge = "vars = { v = { query = 'v' } }\nheaders = { X = '{v}' }";
        assert_eq!(answer(challenge, &request("GET", "/?v=a%0d%0aB:%20c", &[], ""), &[]), None);
        assert_eq!(answer(challenge, &request("GET", "/?v=a", &[], ""), &[]), Some((200, String::new())));
    }

    proptest! {
        #[test]
        fn no_request_breaks_it(target in "/[ -~]{0,40}", body: Vec<u8>) {
            let mut asked = request("GET", &target, &[], "");
            asked.body = Bytes::from(body);
            let _ = answer(TOKEN, &asked, &[]);
            let _ = answer("when = [{ json = '/a', digits = true }]\nvars = { a = { json = '/a' } }\nbody = '{a|json}'", &asked, &[]);
        }
    }
}
