//! How a provider signs, read from TOML: a new provider is a file, never code.
//!
//! ```toml
//! name      = "acme"                                  # the file's name
//! title     = "Acme"                                  # for people
//! docs      = "https://acme.example/webhooks"         # where the provider says so
//! source    = "pypi acme 1.2, run"                    # where the facts are from
//! aliases   = ["acme-v1"]
//! detect    = ["acme-signature", "x-sig+x-acme-id"]   # headers that give it away; "+" asks for all of them,
//!                                                     # also for /members of the body
//! rank      = 0                                       # of two that are given away alike, the higher
//!
//! algorithm = "hmac-sha256"                           # hmac-HASH, digest-HASH, ed25519, token
//! encoding  = "hex"                                   # hex, base64, base64url
//! key       = { strip = ["sec_"], after = ":", decode = "base64", derive = "sha256", public = "pub_" }
//! signed    = "{id}.{ts}.{body}"                      # body id ts url method secret type, param.NAME, those of [vars]
//! signature = { header = "Acme-Signature" }           # header, json, form or query
//! also      = ["Acme-Signature-2"]                    # more headers with signatures, beside that one
//! line      = { prefix = "", split = ",", match = "v1={}" }
//! id        = { header = "Acme-Id" }                  # header, element, last (element), json, form or query
//! timestamp = { element = "t={}" }
//! unit      = "s"                                     # s, ms, iso8601, opaque
//! reprint   = false                                   # sign the number without its leading zeros
//! tolerance = { past = 300, future = 300 }            # in seconds; without a number it is not looked at
//! event     = [{ json = "/type" }]                    # where the event's type is, the first that has one
//! vars      = { nonce = { header = "Acme-Nonce" } }   # more placeholders
//! require   = { "Acme-Version" = "1" }                # headers that must be so
//!
//! envelope  = '{"type":{type|json},"data":{data}}'    # type id ts ms time data
//! secret    = { prefix = "sec_", encoding = "base64", bytes = 32 }
//! [send]                                              # headers that only a sender cares about
//! "User-Agent" = "Acme/1.0"                           # type id ts time attempt, param.NAME
//!
//! [[variant]]                                         # other entries, if all of `when` holds
//! when = { header = "Acme-Signature-2", secret = ["pub_"], param = { hash = "sha512" } }
//! algorithm = "hmac-sha512"
//!
//! [[vector]]                                          # see `vector`
//! ```

use std::collections::BTreeMap;

use toml::Table;

use crate::model::headers::Headers;
use crate::model::secret::Secret;
use crate::sign::Params;
use crate::sign::algorithm::Algorithm;
use crate::sign::encoding::Encoding;
use crate::sign::header::Line;
use crate::sign::key::KeyForm;
use crate::sign::place::Place;
use crate::sign::stamp::{Unit, Window};
use crate::sign::template::Template;

/// How a provider signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) about: About,
    base: Layout,
    variants: Vec<(When, Layout)>,
}

/// What a scheme says of itself and of sending.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    name: String,
    title: String,
    #[serde(default)]
    docs: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    detect: Vec<String>,
    #[serde(default)]
    rank: i64,
    pub(crate) envelope: Option<Template>,
    #[serde(default)]
    pub(crate) secret: SecretForm,
    #[serde(default)]
    pub(crate) send: BTreeMap<String, Template>,
}

/// What a new secret looks like.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SecretForm {
    pub(crate) prefix: String,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: usize,
}

/// One way to sign; all that a variant may change.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    #[serde(default)]
    pub(crate) algorithm: Algorithm,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    #[serde(default)]
    pub(crate) key: KeyForm,
    #[serde(default = "Template::body")]
    pub(crate) signed: Template,
    pub(crate) signature: Place,
    /// More headers whose signatures count where they stand beside the first.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    #[serde(default)]
    pub(crate) line: Line,
    pub(crate) id: Option<Place>,
    pub(crate) timestamp: Option<Place>,
    #[serde(default)]
    pub(crate) unit: Unit,
    #[serde(default)]
    pub(crate) reprint: bool,
    #[serde(default)]
    pub(crate) tolerance: Window,
    #[serde(default)]
    pub(crate) event: Vec<Place>,
    #[serde(default)]
    pub(crate) vars: BTreeMap<String, Place>,
    #[serde(default)]
    pub(crate) require: BTreeMap<String, Template>,
}

/// When a variant is taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    /// This header is there.
    header: Option<String>,
    /// The secret starts with one of these.
    secret: Option<Vec<String>>,
    /// These parameters have these values.
    #[serde(default)]
    param: BTreeMap<String, String>,
}

/// Why a text is no scheme.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    /// It is no TOML, or an entry is unknown or of the wrong kind.
    #[error("{0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// A placeholder that nothing fills.
    #[error("{entry} has {{{name}}}, which nothing fills")]
    Placeholder {
        /// The entry it stands in.
        entry: &'static str,
        /// Its name.
        name: String,
    },
    /// A new secret would be too short, or longer than the randomness for it.
    #[error("secret.bytes must be 16 to 32")]
    SecretLength,
    /// A variant would be taken always or never.
    #[error("a variant needs `when` with at least one condition")]
    NoCondition,
}

impl Default for SecretForm {
    fn default() -> Self {
        Self { prefix: String::new(), encoding: Encoding::Hex, bytes: 32 }
    }
}

/// The entries that are not part of a layout.
const ABOUT: [&str; 10] =
    ["name", "title", "docs", "source", "aliases", "detect", "rank", "envelope", "secret", "send"];

impl Scheme {
    /// Reads a scheme file.
    ///
    /// # Errors
    /// If it is no TOML, has an entry that does not exist, or one that makes no sense.
    pub fn parse(text: &str) -> Result<Self, SchemeError> {
        let mut base: Table = text.parse().map_err(Box::new)?;
        base.remove("vector");
        let about: Table = ABOUT.iter().filter_map(|key| base.remove_entry(*key)).collect();
        let variants = base.remove("variant").map(toml::Value::try_into::<Vec<Table>>).transpose().map_err(Box::new)?;
        let variants = variants.unwrap_or_default().into_iter().map(|table| variant(&base, table));
        let scheme = Self {
            about: about.try_into().map_err(Box::new)?,
            variants: variants.collect::<Result<_, _>>()?,
            base: base.try_into().map_err(Box::new)?,
        };
        scheme.check()?;
        Ok(scheme)
    }

    /// Its name, as in `--scheme`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The provider's name for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.about.title
    }

    /// Where the provider documents it; may be empty.
    #[must_use]
    pub fn docs(&self) -> &str {
        &self.about.docs
    }

    /// Where the facts are from; may be empty.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.about.source
    }

    /// Its other names.
    #[must_use]
    pub fn aliases(&self) -> &[String] {
        &self.about.aliases
    }

    /// The headers that give it away, `+` between those that must stand together.
    #[must_use]
    pub fn detect(&self) -> &[String] {
        &self.about.detect
    }

    /// Which of two schemes is taken when the same headers give both away: the higher.
    #[must_use]
    pub fn rank(&self) -> i64 {
        self.about.rank
    }

    /// Whether the URL is part of what is signed, so that a change on the way breaks the signature.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        self.layouts().any(|layout| layout.signed.has("url"))
    }

    /// Every layout, that of the scheme itself last.
    pub(crate) fn layouts(&self) -> impl Iterator<Item = &Layout> {
        self.variants.iter().map(|(_, layout)| layout).chain([&self.base])
    }

    /// The layout for a request, or for signing if there is none, with this secret.
    pub(crate) fn layout(&self, headers: Option<&Headers>, secret: Option<&Secret>, params: &Params) -> &Layout {
        let holds = |when: &When| {
            let header = when.header.as_ref().is_none_or(|name| headers.is_some_and(|headers| headers.has(name)));
            let starts = |prefixes: &Vec<String>| {
                secret.is_some_and(|secret| prefixes.iter().any(|prefix| secret.reveal().starts_with(prefix.as_str())))
            };
            let given = |(name, value): (&String, &String)| params.get(name) == Some(value);
            header && when.secret.as_ref().is_none_or(starts) && when.param.iter().all(given)
        };
        self.variants.iter().find(|(when, _)| holds(when)).map_or(&self.base, |(_, layout)| layout)
    }

    fn check(&self) -> Result<(), SchemeError> {
        if !(16..=32).contains(&self.about.secret.bytes) {
            return Err(SchemeError::SecretLength);
        }
        if let Some(envelope) = &self.about.envelope {
            known(envelope, "envelope", |name| ["type", "id", "ts", "ms", "time", "data"].contains(&name))?;
        }
        for template in self.about.send.values() {
            known(template, "send", |name| ["type", "id", "ts", "time", "attempt"].contains(&name))?;
        }
        for layout in self.layouts() {
            let filled = |name: &str| match name {
                "body" | "url" | "method" | "secret" => true,
                "ts" => layout.timestamp.is_some(),
                "id" => layout.id.is_some(),
                name => layout.vars.contains_key(name),
            };
            known(&layout.signed, "signed", filled)?;
            for template in layout.require.values() {
                known(template, "require", filled)?;
            }
        }
        Ok(())
    }
}

impl Layout {
    /// Whether a change of the body breaks the signature.
    pub(crate) fn signs_body(&self) -> bool {
        self.signed.has("body")
    }

    /// Whether a text is as long as a signature of this layout and made of its letters.
    pub(crate) fn may_be_signature(&self, text: &[u8]) -> bool {
        let length = match self.algorithm {
            Algorithm::Hmac(hash) | Algorithm::Digest(hash) => hash.length(),
            Algorithm::Ed25519 => 64,
            Algorithm::Token => return true,
        };
        self.encoding.decode(text).is_some_and(|bytes| bytes.len() == length)
    }
}

/// A variant has the entries of the scheme but for those that it has itself.
fn variant(base: &Table, mut own: Table) -> Result<(When, Layout), SchemeError> {
    let when: When = own.remove("when").ok_or(SchemeError::NoCondition)?.try_into().map_err(Box::new)?;
    if when.header.is_none() && when.secret.is_none() && when.param.is_empty() {
        return Err(SchemeError::NoCondition);
    }
    let mut all = base.clone();
    all.extend(own);
    Ok((when, all.try_into().map_err(Box::new)?))
}

fn known(template: &Template, entry: &'static str, filled: impl Fn(&str) -> bool) -> Result<(), SchemeError> {
    match template.names().find(|name| !name.starts_with("param.") && !filled(name)) {
        Some(name) => Err(SchemeError::Placeholder { entry, name: name.to_owned() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::algorithm::Hash;

    const SMALL: &str = "name = 'x'\ntitle = 'X'\nsignature = { header = 'X-Sig' }\n";

    #[test]
    fn a_few_lines_are_a_scheme() {
        let scheme = Scheme::parse(SMALL).unwrap();
        let layout = scheme.layout(None, None, &Params::new());
        assert_eq!((scheme.name(), layout.algorithm), ("x", Algorithm::Hmac(Hash::Sha256)));
        assert!(layout.signs_body() && !scheme.signs_url());
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_named() {
        for (more, named) in [
            ("colour = 'red'", "colour"),
            ("algorithm = 'rot13'", "rot13"),
            ("signed = '{nonce}{body}'", "{nonce}"),
            ("signed = '{ts}{body}'", "{ts}"),
            ("envelope = '{body}'", "{body}"),
            ("send = { A = '{url}' }", "{url}"),
            ("line = { match = 'v1=' }", "v1="),
            ("id = { cookie = 'a' }", "cookie"),
            ("id = { json = 'a' }", "starts with /"),
            ("secret = { bytes = 4 }", "16 to 32"),
            ("[[variant]]\nencoding = 'hex'", "when"),
            ("[[variant]]\nwhen = {}", "when"),
            ("= nonsense", "line 4"),
        ] {
            let why = Scheme::parse(&format!("{SMALL}{more}\n")).unwrap_err().to_string();
            assert!(why.contains(named), "{more}: {why}");
        }
    }

    #[test]
    fn a_variant_changes_what_it_names_and_no_more() {
        let more = "encoding = 'base64'\n[[variant]]\nwhen = { header = 'x-two' }\nalgorithm = 'hmac-sha1'\n\
                    [[variant]]\nwhen = { secret = ['k_'], param = { h = '5' } }\nalgorithm = 'hmac-md5'\n";
        let scheme = Scheme::parse(&format!("{SMALL}{more}")).unwrap();
        let mut headers = Headers::new();
        headers.push("X-Two", "1").unwrap();
        let (secret, params) = (Secret::new("k_1"), Params::from([("h".to_owned(), "5".to_owned())]));
        let none = Params::new();
        let hash = |layout: &Layout| (layout.algorithm, layout.encoding);
        let found = |headers, secret, params| hash(scheme.layout(headers, secret, params));
        assert_eq!(found(None, Some(&secret), &none), (Algorithm::Hmac(Hash::Sha256), Encoding::Base64));
        assert_eq!(found(Some(&headers), None, &none), (Algorithm::Hmac(Hash::Sha1), Encoding::Base64));
        assert_eq!(found(None, Some(&secret), &params), (Algorithm::Hmac(Hash::Md5), Encoding::Base64));
    }
}
