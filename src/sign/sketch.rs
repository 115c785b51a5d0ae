//! A layout that was found, as a scheme file with vectors.

use std::fmt::Write as _;

use toml::Value;

use crate::model::headers::Headers;
use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::encoding::Encoding;
use crate::sign::json::{self, Pointer};
use crate::sign::key::KeyForm;
use crate::sign::scheme::Scheme;
use crate::sign::signing::{Outgoing, new_secret, sign};
use crate::sign::stamp::Unit;

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    place: String,
    pub(crate) text: String,
    header: Option<String>,
}

/// A layout that gives the signature of a request.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) header: String,
    pub(crate) split: Option<&'static str>,
    pub(crate) before: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) encoding: Encoding,
    pub(crate) content: &'static str,
    pub(crate) key: KeyForm,
    pub(crate) time: Option<(Spot, Unit)>,
    pub(crate) id: Option<Spot>,
}

/// A scheme file in the making.
#[derive(Clone, Debug)]
pub struct Sketch {
    name: String,
    request: CapturedRequest,
    url: Option<String>,
    found: Found,
}

impl Spot {
    pub(crate) fn header(name: &str, text: &str) -> Self {
        Self { place: format!("{{ header = {} }}", quoted(name)), text: text.to_owned(), header: Some(name.to_owned()) }
    }

    pub(crate) fn element(pattern: &str, text: &str) -> Self {
        Self { place: format!("{{ element = {} }}", quoted(pattern)), text: text.to_owned(), header: None }
    }
}

impl Sketch {
    pub(crate) fn new(name: &str, request: &CapturedRequest, url: Option<&str>, found: Found) -> Self {
        Self { name: name.to_owned(), request: request.clone(), url: url.map(str::to_owned), found }
    }

    /// How the request is signed.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.found.algorithm
    }

    /// What is signed.
    #[must_use]
    pub const fn content(&self) -> &'static str {
        self.found.content
    }

    /// The file without vectors.
    #[must_use]
    pub fn text(&self) -> String {
        let found = &self.found;
        let mut lines = vec![
            format!("name = {}", quoted(&self.name)),
            format!("title = {}", quoted(&self.name)),
            "source = \"found by whk from a captured request\"".to_owned(),
            format!("detect = [{}]", quoted(&found.header.to_ascii_lowercase())),
            String::new(),
            format!("algorithm = {}", quoted(&algorithm(found.algorithm))),
        ];
        if found.algorithm != Algorithm::Token {
            lines.push(format!("encoding = {}", quoted(found.encoding.name())));
        }
        lines.extend(key(&found.key));
        lines.push(format!("signed = {}", quoted(found.content)));
        lines.push(format!("signature = {{ header = {} }}", quoted(&found.header)));
        let split = found.split.map(|split| format!("split = {}, ", quoted(split))).unwrap_or_default();
        if !split.is_empty() || !found.before.is_empty() {
            lines.push(format!("line = {{ {split}match = {} }}", quoted(&format!("{}{{}}", found.before))));
        }
        lines.extend(found.id.as_ref().map(|spot| format!("id = {}", spot.place)));
        if let Some((spot, unit)) = &found.time {
            lines.push(format!("timestamp = {}", spot.place));
            lines.extend(unit_name(*unit).map(|unit| format!("unit = {}", quoted(unit))));
            lines.push("tolerance = { past = 300, future = 300 }".to_owned());
        }
        lines.extend(event(&self.request).map(|place| format!("event = [{place}]")));
        if let Some(encoding) = found.key.decode {
            let prefix = found.key.strip.first().map(|prefix| format!("prefix = {}, ", quoted(prefix)));
            let (prefix, encoding) = (prefix.unwrap_or_default(), quoted(encoding.name()));
            lines.push(format!("secret = {{ {prefix}encoding = {encoding} }}"));
        }
        lines.join("\n") + "\n"
    }

    /// A vector that is valid and one that is not: with the secret if it may be told, else signed again with one that
    /// is thrown away. `None` if whk cannot sign so.
    #[must_use]
    pub fn vectors(&self, told: Option<&Secret>, random: &[u8; 32]) -> Option<String> {
        let scheme = Scheme::parse(&self.text()).ok()?;
        let secret = match told {
            Some(told) => told.clone(),
            None => new_secret(&scheme, random).ok()?,
        };
        let headers = match told {
            Some(_) => self.telling(),
            None => self.telling().overlaid(&self.signed(&scheme, &secret)?),
        };
        let source = if told.is_some() {
            "captured; THE SECRET IS IN THIS FILE"
        } else {
            "captured, signed again with a secret that was thrown away"
        };
        let mut text = String::new();
        let other = new_secret(&scheme, &random.map(|byte| !byte)).ok()?;
        for (name, secret, reason) in
            [("captured", &secret, ""), ("another secret", &other, "reason = \"no_matching_signature\"\n")]
        {
            // Writing to a String cannot fail, here and below.
            let _ = write!(text, "\n[[vector]]\nname = {}\nsource = {}\n", quoted(name), quoted(source));
            let _ = writeln!(text, "secrets = [{}]", quoted(secret.reveal()));
            text.push_str(&self.parts(&headers));
            text.push_str(reason);
        }
        Some(text)
    }

    fn parts(&self, headers: &Headers) -> String {
        let mut text = String::new();
        if self.request.method != "POST" {
            let _ = writeln!(text, "method = {}", quoted(&self.request.method));
        }
        if let Some(url) = &self.url {
            let _ = writeln!(text, "url = {}", quoted(url));
        }
        let pairs = headers.iter().map(|(name, value)| {
            let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
            format!("{} = {}", quoted(&name), quoted(&value))
        });
        let _ = writeln!(text, "headers = {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
        let body = &self.request.body;
        let _ = match str::from_utf8(body) {
            Ok(body) => writeln!(text, "body = {}", quoted(body)),
            Err(_) => writeln!(text, "body_base64 = {}", quoted(&Encoding::Base64.encode(body))),
        };
        if let Some(moment) = self.moment() {
            let _ = writeln!(text, "now = {}", moment.seconds());
        }
        text
    }

    /// The headers that the scheme speaks of.
    fn telling(&self) -> Headers {
        let found = &self.found;
        let spots = [found.time.as_ref().map(|(spot, _)| spot), found.id.as_ref()];
        let spots = spots.into_iter().flatten().filter_map(|spot| spot.header.as_deref());
        let names: Vec<&str> = spots.chain([found.header.as_str(), "content-type"]).collect();
        self.request.headers.without(|name| !names.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(name)))
    }

    fn signed(&self, scheme: &Scheme, secret: &Secret) -> Option<Headers> {
        let params = Params::new();
        let outgoing = Outgoing {
            id: self.found.id.as_ref().map_or("", |spot| spot.text.as_str()),
            event_type: "",
            method: &self.request.method,
            url: self.url.as_deref().unwrap_or_default(),
            content_type: self.request.headers.text("content-type").unwrap_or_default(),
            body: &self.request.body,
            attempt: 0,
            params: &params,
        };
        sign(scheme, std::slice::from_ref(secret), &outgoing, self.moment().unwrap_or_default()).ok()
    }

    fn moment(&self) -> Option<Timestamp> {
        self.found.time.as_ref().and_then(|(spot, unit)| unit.read(&spot.text))
    }
}

/// As a scheme file names it.
fn algorithm(algorithm: Algorithm) -> String {
    let hash = |hash: Hash| hash.name().replace('-', "").to_ascii_lowercase();
    match algorithm {
        Algorithm::Hmac(own) => format!("hmac-{}", hash(own)),
        Algorithm::Digest(own) => format!("digest-{}", hash(own)),
        Algorithm::Ed25519 => "ed25519".to_owned(),
        Algorithm::EcdsaP256 => "ecdsa-p256".to_owned(),
        Algorithm::EcdsaP256Fixed => "ecdsa-p256-fixed".to_owned(),
        Algorithm::Rsa(own) => format!("rsa-{}", hash(own)),
        Algorithm::RsaPss(own) => format!("rsa-pss-{}", hash(own)),
        Algorithm::Token => "token".to_owned(),
        Algorithm::Jwt => "jwt".to_owned(),
    }
}

fn key(key: &KeyForm) -> Option<String> {
    let strip = key.strip.first().map(|prefix| format!("strip = [{}]", quoted(prefix)));
    let decode = key.decode.map(|encoding| format!("decode = {}", quoted(encoding.name())));
    let derive =
        key.derive.map(|hash| format!("derive = {}", quoted(&hash.name().replace('-', "").to_ascii_lowercase())));
    let parts: Vec<String> = [strip, decode, derive].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("key = {{ {} }}", parts.join(", ")))
}

/// Seconds are what a scheme file takes for granted.
const fn unit_name(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::S => None,
        Unit::Decimal => Some("decimal"),
        Unit::Ms => Some("ms"),
        Unit::Iso8601 => Some("iso8601"),
        Unit::Opaque => Some("opaque"),
    }
}

/// Where the event's type seems to stand.
fn event(request: &CapturedRequest) -> Option<String> {
    let names = ["type", "event_type", "eventType", "event"];
    let found = json::find(&request.body, names.map(Pointer::top).each_ref());
    let first = names.iter().zip(found).find(|(_, found)| found.is_some());
    first.map(|(name, _)| format!("{{ json = \"/{name}\" }}"))
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
