//! How a provider signs, read from TOML: a new provider is a file, never code.
//!
//! ```toml
//! name      = "acme"                                  # the file's name
//! title     = "Acme"                                  # for people
//! docs      = "https://acme.example/webhooks"         # where the provider says so
//! source    = "pypi acme 1.2, run"                    # where the facts are from
//! aliases   = ["acme-v1"]
//! detect    = ["acme-signature", "x-sig+x-acme-id"]   # headers that give it away; "+" asks for all of them,
//! #                                                     and for values of the body: "x-sig+/acme_id"
//! rank      = 0                                       # of two that are given away alike, the higher
//!
//! # Where a value is (`signature`, `id`, `timestamp`, `event`, `document` and each of `vars`):
//! #   { header = "x" } or the first of { header = ["x", "y"] }; { element = "t={}" } of the signature's header,
//! #   the only one, or the last one: { last = "t={}" };
//! #   { json = "/a/0/b" }, { number = "/a" } in the body; { form = "a" }, { query = "a" }, of several values
//! #   { form = { name = "a", take = "first" } } or the last; { url = "query" }; { body = "whole" };
//! #   { claim = "iat" } of a token, { head = "ts" } of its head;
//! #   { headers = { by = { header = "x-signed" }, split = ",", each = "{name}:{value}", join = ";", sorted = true } }
//! algorithm = "hmac-sha256"                           # hmac-HASH, digest-HASH, token, jwt, ed25519, ecdsa-p256 (DER),
//! #                                                     ecdsa-p256-fixed, rsa-HASH, rsa-pss-HASH
//! encoding  = "hex"                                   # hex, base64, base64url
//! lax       = false                                   # capital hex letters and idle last bits are no matter
//! key       = { strip = ["sec_"], after = ":", decode = "base64", derive = "sha256", public = "pub_" }
//! #                                                     normalize = "nfkd" takes accents apart;
//! #                                                     certificate = "var" with its URL: it is the key, from the
//! #                                                     parameter `certificates`, unless a key is given as the secret;
//! #                                                     common_name = ["*.acme.example"], whose it must be;
//! #                                                     set = "https://{param.shop}/jwks.json", the URL of a set of keys
//! signed    = "{id}.{ts}.{body}"                      # body id ts url method secret, content (a body that is not empty),
//! #                                                     before, after (the body around the signature in it),
//! #                                                     param.NAME, those of [vars]; filters: see `filter`;
//! #                                                     {?,{x}?} is left out if {x} has no value
//! alternatives = ["{url|with_port}{body}"]            # what may be signed instead
//! signature = { header = "Acme-Signature" }
//! line      = { also = ["x-sig-2"], prefix = "", split = ",", needs = "=", match = "v1={}", exact = ["t={}", "v1={}"] }
//! #                                                     param.NAME may stand in prefix and before {}; the first
//! #                                                     element without `needs` ends the line; `exact` takes
//! #                                                     these elements in this order and no other
//! document  = { form = "payload" }                    # where the JSON is, if the body is not JSON itself
//! id        = { header = "Acme-Id" }
//! timestamp = { element = "t={}" }
//! unit      = "s"                                     # s, decimal, ms, iso8601, opaque
//! reprint   = false                                   # sign the number without its leading zeros
//! verbatim  = false                                   # what cannot be read is signed as it stands, and has no age
//! tolerance = { past = 300, future = 300, exclusive = false } # seconds; without a number it is not looked at; whole =
//! #                                                     true or false: whether only whole seconds of both clocks count;
//! #                                                     since = 1609459200: nothing is earlier, in Unix seconds
//! event     = [{ json = "/type" }]                    # where the event's type is, the first that has one
//! vars      = { nonce = { header = "Acme-Nonce" } }   # more placeholders
//! defaults  = { nonce = "{id|md5|hex}" }              # what they are when whk signs, no parameter of the name is given
//! #                                                     and the body has none: id type ts
//! require   = { "Acme-Version" = "1" }                # headers, or placeholders of vars, that must be so
//! allow     = { url = ["https://*.acme.example/*"] }  # forms of vars; * is a word without dots; "" lets it be missing
//! letters   = { payload = "A-Za-z0-9+/=" }            # the only letters that vars may have
//! jwt       = { algorithms = ["HS256"], claims = { sha = "{content|sha256|hex}" }, require = ["exp"], leeway = 0, detached = false }
//! #                                                     a claim of what has no value must be missing; detached: the
//! #                                                     body stands in for the payload, raw = true: not in base64;
//! #                                                     carries = true: the payload is the event; chain = { leaf =
//! #                                                     "1.2.3", issuer = "1.2.4" }: it brings certificates, so marked
//!
//! envelope  = '{"type":{type|json},"data":{data}}'    # type id ts ms time data
//! around    = 'payload={envelope|form}'               # what stands around the envelope
//! content_type = "application/x-www-form-urlencoded"  # of what is sent
//! secret    = { prefix = "sec_", encoding = "base64", bytes = 32 }
//! [send]                                              # headers that only a sender cares about
//! "User-Agent" = "Acme/1.0"                           # type id ts time attempt, param.NAME
//!
//! [[variant]]                                         # other entries, if all of `when` holds
//! when = { header = "Acme-Signature-2", secret = ["pub_"], param = { hash = "sha512" }, has = ["nonce"], is = { nonce = "a*" } }
//! algorithm = "hmac-sha512"
//!
//! [[challenge]]                                       # see `challenge`
//! [[vector]]                                          # see `vector`
//! ```

use std::collections::BTreeMap;

use toml::Table;

use crate::model::secret::Secret;
use crate::sign::Params;
use crate::sign::challenge::Challenge;
use crate::sign::encoding::Encoding;
use crate::sign::handshake::challenges;
use crate::sign::layout::{Layout, in_vars, known};
use crate::sign::place::{Place, Sight};
use crate::sign::stamp::Window;
use crate::sign::template::Template;
use crate::sign::when::{Facts, When};

/// How a provider signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) about: About,
    base: Layout,
    variants: Vec<(When, Layout)>,
    /// Whether no variant asks for anything in the request, found out once, since every verification asks.
    settled: bool,
    challenges: Vec<Challenge>,
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
    pub(crate) around: Option<Template>,
    content_type: Option<String>,
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
    /// A placeholder is asked for that `vars` does not have.
    #[error("{entry} names {name}, which is not in vars")]
    Unknown {
        /// The entry it stands in.
        entry: &'static str,
        /// Its name.
        name: String,
    },
    /// Tokens need a table of their own, and nothing else has one.
    #[error("the algorithm jwt and the table jwt belong together")]
    Jwt,
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
const ABOUT: [&str; 12] = [
    "name",
    "title",
    "docs",
    "source",
    "aliases",
    "detect",
    "rank",
    "envelope",
    "around",
    "content_type",
    "secret",
    "send",
];

impl Scheme {
    /// Reads a scheme file.
    ///
    /// # Errors
    /// If it is no TOML, has an entry that does not exist, or one that makes no sense.
    pub fn parse(text: &str) -> Result<Self, SchemeError> {
        Self::from_table(text.parse().map_err(Box::new)?)
    }

    /// Reads a scheme that is a table of a larger file.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_table(mut base: Table) -> Result<Self, SchemeError> {
        base.remove("vector");
        let challenges = challenges(&mut base)?;
        let about: Table = ABOUT.iter().filter_map(|key| base.remove_entry(*key)).collect();
        let variants = base.remove("variant").map(toml::Value::try_into::<Vec<Table>>).transpose().map_err(Box::new)?;
        let variants = variants.unwrap_or_default().into_iter().map(|table| variant(&base, table));
        let variants = variants.collect::<Result<Vec<_>, _>>()?;
        let scheme = Self {
            about: about.try_into().map_err(Box::new)?,
            settled: !variants.iter().any(|(when, _)| when.asks_request()),
            variants,
            base: base.try_into::<Layout>().map_err(Box::new)?.prepared(),
            challenges,
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

    /// What the provider asks of an address before it sends there.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// Whether it is judged by certificates, so that no secret need be given.
    #[must_use]
    pub fn needs_no_secret(&self) -> bool {
        self.base.key.certificate.is_some() || self.base.key.set.is_some()
    }

    /// Whether the signature, or something that it needs, stands in the body, so that not every body can be signed.
    #[must_use]
    pub fn signs_own_bodies(&self) -> bool {
        let layout = &self.base;
        let vars = layout.vars.iter().filter(|(name, _)| layout.needs(name)).map(|(_, place)| place);
        let dated = layout.timestamp.iter().filter(|_| layout.needs("ts") || layout.tolerance != Window::default());
        vars.chain(dated).chain([&layout.signature]).any(Place::is_in_body)
    }

    /// Whether the signature is a token that is signed itself.
    #[must_use]
    pub fn signs_tokens(&self) -> bool {
        self.base.jwt.is_some()
    }

    /// The parameters without which nothing can be signed or verified, by name.
    #[must_use]
    pub fn params(&self) -> Vec<&str> {
        let layout = &self.base;
        let before = layout.line.patterns.iter().map(super::header::Pattern::before);
        let templates = layout.contents().chain(layout.require.values()).chain([&layout.line.prefix]).chain(before);
        let names = templates.chain(self.about.send.values()).flat_map(Template::names);
        let mut names: Vec<_> = names.filter_map(|name| name.strip_prefix("param.")).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The first parameter that is missing and that nothing is signed without.
    pub(crate) fn wanting<'s>(&'s self, layout: &'s Layout, params: &Params) -> Option<&'s str> {
        let element = layout.line.patterns.first().map(super::header::Pattern::before);
        let signed = layout.contents().take(if layout.jwt.is_some() { usize::MAX } else { 1 });
        let templates = signed.chain(layout.require.values()).chain([&layout.line.prefix]).chain(element);
        let names = |template: &'s Template| template.names().into_iter().filter(|name| template.needs(name));
        let mut names = templates.chain(self.about.send.values()).flat_map(names);
        names.find_map(|name| name.strip_prefix("param.").filter(|name| !params.contains_key(*name)))
    }

    /// A parameter that chooses a variant and has a value that chooses none; what is wrong with it, for people.
    pub(crate) fn odd_param(&self, params: &Params) -> Option<String> {
        let asked = || self.variants.iter().flat_map(|(when, _)| when.params());
        params.iter().find_map(|(name, own)| {
            let mut known: Vec<_> = asked().filter(|(asked, _)| asked == name).map(|(_, value)| value).collect();
            known.sort_unstable();
            known.dedup();
            let odd = !known.is_empty() && !known.iter().any(|value| value.eq_ignore_ascii_case(own));
            odd.then(|| format!("the parameter {name} must be {}", known.join(" or ")))
        })
    }

    /// The media type of what the provider sends.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.about.content_type.as_deref().unwrap_or("application/json")
    }

    /// Every layout, that of the scheme itself last.
    pub(crate) fn layouts(&self) -> impl Iterator<Item = &Layout> {
        self.variants.iter().map(|(_, layout)| layout).chain([&self.base])
    }

    /// The layout for a request, as far as it is there, with this secret.
    pub(crate) fn layout(&self, sight: Option<Sight>, secret: Option<&Secret>, params: &Params) -> &Layout {
        let facts = Facts { sight, secret, params };
        let holds = |(when, layout): &&(When, Layout)| when.holds(facts, layout);
        self.variants.iter().find(holds).map_or(&self.base, |(_, layout)| layout)
    }

    /// The layout for this secret, if the request has no say in it.
    pub(crate) fn layout_of(&self, secret: &Secret, params: &Params) -> Option<&Layout> {
        self.settled.then(|| self.layout(None, Some(secret), params))
    }

    fn check(&self) -> Result<(), SchemeError> {
        if !(16..=32).contains(&self.about.secret.bytes) {
            return Err(SchemeError::SecretLength);
        }
        if let Some(envelope) = &self.about.envelope {
            known(envelope, "envelope", |name| ["type", "id", "ts", "ms", "time", "data"].contains(&name))?;
        }
        if let Some(around) = &self.about.around {
            known(around, "around", |name| name == "envelope")?;
        }
        for template in self.about.send.values() {
            known(template, "send", |name| ["type", "id", "ts", "time", "attempt"].contains(&name))?;
        }
        for (when, layout) in &self.variants {
            in_vars(layout, "when", when.names())?;
        }
        self.layouts().try_for_each(Layout::check)
    }
}

/// A variant has the entries of the scheme but for those that it has itself.
fn variant(base: &Table, mut own: Table) -> Result<(When, Layout), SchemeError> {
    let when: When = own.remove("when").ok_or(SchemeError::NoCondition)?.try_into().map_err(Box::new)?;
    if when.is_empty() {
        return Err(SchemeError::NoCondition);
    }
    let mut all = base.clone();
    all.extend(own);
    Ok((when, all.try_into::<Layout>().map_err(Box::new)?.prepared()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::algorithm::{Algorithm, Hash};
    use crate::sign::place::Lines;

    const SMALL: &str = "name = 'x'\ntitle = 'X'\nsignature = { header = 'X-Sig' }\n";

    #[test]
    fn a_few_lines_are_a_scheme() {
        let scheme = Scheme::parse(SMALL).unwrap();
        let layout = scheme.layout(None, None, &Params::new());
        assert_eq!((scheme.name(), layout.algorithm), ("x", Algorithm::Hmac(Hash::Sha256)));
        assert!(layout.signs_body() && !layout.uses.url);
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
            ("[[variant]]\nwhen = { has = ['x'] }", "names x"),
            ("allow = { x = '*' }", "names x"),
            ("key = { certificate = 'x' }", "names x"),
            ("algorithm = 'jwt'", "jwt"),
            ("jwt = { algorithms = 'HS256' }", "jwt"),
            ("line = { prefix = '{body}' }", "{body}"),
            ("signed = '{before}'", "{before}"),
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
        let mut headers = crate::model::headers::Headers::new();
        headers.push("X-Two", "1").unwrap();
        let (secret, params) = (Secret::new("k_1"), Params::from([("h".to_owned(), "5".to_owned())]));
        let none = Params::new();
        let lines = Lines::of(&headers);
        let hash = |layout: &Layout| (layout.algorithm, layout.encoding);
        let found = |sight, secret, params| hash(scheme.layout(sight, secret, params));
        assert_eq!(found(None, Some(&secret), &none), (Algorithm::Hmac(Hash::Sha256), Encoding::Base64));
        assert_eq!(
            found(Some(Sight::new(&lines, b"", None, &none)), None, &none),
            (Algorithm::Hmac(Hash::Sha1), Encoding::Base64)
        );
        assert_eq!(found(None, Some(&secret), &params), (Algorithm::Hmac(Hash::Md5), Encoding::Base64));
    }
}
