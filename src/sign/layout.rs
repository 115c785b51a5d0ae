//! One way to sign: everything in a scheme that a variant may change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sign::Params;
use crate::sign::algorithm::Algorithm;
use crate::sign::encoding::Encoding;
use crate::sign::glob::Glob;
use crate::sign::header::{Line, LineError, MAX_BYTES};
use crate::sign::jwt;
use crate::sign::key::KeyForm;
use crate::sign::letters::Letters;
use crate::sign::place::{Lack, Place, Sight};
use crate::sign::scheme::SchemeError;
use crate::sign::stamp::{Unit, Window};
use crate::sign::swift::Swift;
use crate::sign::template::Template;
use crate::sign::when::globs;

/// One way to sign; all that a variant may change.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    #[serde(default)]
    pub(crate) algorithm: Algorithm,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    #[serde(default)]
    pub(crate) lax: bool,
    #[serde(default)]
    pub(crate) key: KeyForm,
    #[serde(default = "Template::body")]
    pub(crate) signed: Template,
    #[serde(default)]
    pub(crate) alternatives: Vec<Template>,
    pub(crate) signature: Place,
    #[serde(default)]
    pub(crate) line: Line,
    pub(crate) document: Option<Place>,
    pub(crate) id: Option<Place>,
    pub(crate) timestamp: Option<Place>,
    #[serde(default)]
    pub(crate) unit: Unit,
    #[serde(default)]
    pub(crate) reprint: bool,
    #[serde(default)]
    pub(crate) verbatim: bool,
    #[serde(default)]
    pub(crate) tolerance: Window,
    #[serde(default)]
    pub(crate) event: Vec<Place>,
    #[serde(default)]
    pub(crate) vars: BTreeMap<String, Place>,
    #[serde(default)]
    pub(crate) defaults: BTreeMap<String, Template>,
    #[serde(default)]
    pub(crate) require: BTreeMap<String, Template>,
    #[serde(default, deserialize_with = "globs")]
    pub(crate) allow: BTreeMap<String, Vec<Glob>>,
    #[serde(default)]
    pub(crate) letters: BTreeMap<String, Letters>,
    pub(crate) jwt: Option<jwt::Form>,
    #[serde(skip)]
    pub(crate) uses: Uses,
    #[serde(skip)]
    pub(crate) swift: Option<Swift>,
}

/// Which placeholders a layout has, found out once, since every verification asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a placeholder, and none excludes another")]
pub(crate) struct Uses {
    pub(crate) id: bool,
    pub(crate) url: bool,
    pub(crate) before: bool,
    pub(crate) needs_id: bool,
    pub(crate) needs_ts: bool,
}

/// The most bytes that a token in a body may have.
const MAX_TOKEN: usize = 4 << 20;

impl Layout {
    /// With what it uses found out.
    pub(crate) fn prepared(self) -> Self {
        let uses = Uses {
            id: self.reads("id"),
            url: self.reads("url"),
            before: self.reads("before"),
            needs_id: self.needs("id"),
            needs_ts: self.needs("ts"),
        };
        let whole = Self { uses, ..self };
        Self { swift: Swift::of(&whole), ..whole }
    }

    /// What is signed; of a token, what its claims are made of.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &Template> {
        let claims = self.jwt.iter().flat_map(|form| form.claims.values().flatten());
        let own = self.jwt.is_none().then(|| std::iter::once(&self.signed).chain(&self.alternatives));
        claims.chain(own.into_iter().flatten())
    }

    /// Whether it comes to the same verdict but for the age of a request.
    pub(crate) fn judges_like(&self, other: &Self) -> bool {
        let same = |one: &Self| Self { tolerance: Window::default(), event: Vec::new(), ..one.clone() };
        self.signed == other.signed && self.signature == other.signature && same(self) == same(other)
    }

    /// The elements of the values with signatures in them.
    pub(crate) fn elements<'a, V>(&self, values: &'a [V], params: &Params) -> Result<Vec<&'a [u8]>, LineError>
    where
        V: AsRef<[u8]>,
    {
        self.line.elements(values, if self.signature.is_in_body() { MAX_TOKEN } else { MAX_BYTES }, params)
    }

    /// The one value at a place, for which the signature's header is taken apart if it has to be.
    pub(crate) fn find<'a>(&self, place: &Place, sight: Sight<'a>) -> Result<Cow<'a, [u8]>, Lack> {
        if !place.is_in_signature() {
            return place.find(sight);
        }
        let raw = [self.signature.find(sight)?];
        let elements = self.elements(&raw, sight.params).map_err(|_| place.lack())?;
        let found = place.find(Sight { elements: &elements, ..sight })?;
        Ok(Cow::Owned(found.into_owned()))
    }

    /// Whether the event is the payload of the token that is the signature.
    pub(crate) fn carries(&self) -> bool {
        self.jwt.as_ref().is_some_and(|form| form.carries)
    }

    /// The algorithm that makes a signature: a token's own, or the scheme's.
    pub(crate) fn signs_with(&self) -> Algorithm {
        let token = self.jwt.as_ref().and_then(|form| form.algorithms.first());
        token.map_or(self.algorithm, |one| one.algorithm)
    }

    /// Whether a placeholder has a say in the verdict.
    pub(crate) fn reads(&self, name: &str) -> bool {
        self.contents().chain(self.require.values()).any(|template| template.has(name))
    }

    /// Whether there is no verdict without a placeholder's value.
    pub(crate) fn needs(&self, name: &str) -> bool {
        self.contents().take(if self.jwt.is_some() { usize::MAX } else { 1 }).any(|template| template.needs(name))
    }

    /// Whether a change of the body breaks the signature.
    pub(crate) fn signs_body(&self) -> bool {
        self.reads("body")
            || self.reads("content")
            || self.reads("after")
            || self.jwt.as_ref().is_some_and(|form| form.detached || form.carries)
    }

    /// Whether a request that was signed at another time is told by that.
    pub(crate) fn signs_time(&self) -> bool {
        let inside = |place: &Place| place.is_in_body() && self.signs_body() && self.tolerance != Window::default();
        let ends = |form: &jwt::Form| !form.carries || form.require.iter().any(|name| name == "exp");
        self.jwt.as_ref().is_some_and(ends)
            || self.timestamp.as_ref().is_some_and(|place| self.signed.has("ts") || inside(place))
    }

    /// Whether a text is as long as a signature of this layout and made of its letters.
    pub(crate) fn may_be_signature(&self, text: &[u8]) -> bool {
        let lengths = match self.algorithm {
            Algorithm::Hmac(hash) | Algorithm::Digest(hash) => hash.length()..=hash.length(),
            Algorithm::Ed25519 | Algorithm::EcdsaP256Fixed => 64..=64,
            // Two numbers of up to 33 bytes, three tags and three lengths.
            Algorithm::EcdsaP256 => 8..=72,
            Algorithm::Rsa(_) | Algorithm::RsaPss(_) => 128..=1024,
            Algorithm::Token => return true,
            Algorithm::Jwt => return text.split(|byte| *byte == b'.').count() == 3,
        };
        self.encoding.decode(text).is_some_and(|bytes| lengths.contains(&bytes.len()))
    }

    /// Whether every name in it means something.
    pub(crate) fn check(&self) -> Result<(), SchemeError> {
        if self.jwt.is_some() != (self.algorithm == Algorithm::Jwt) {
            return Err(SchemeError::Jwt);
        }
        let filled = |name: &str| match name {
            "body" | "content" | "url" | "method" | "secret" => true,
            "ts" => self.timestamp.is_some(),
            "id" => self.id.is_some(),
            "before" | "after" => self.signature.is_in_body(),
            name => self.vars.contains_key(name),
        };
        self.contents().try_for_each(|template| known(template, "signed", filled))?;
        self.require.values().try_for_each(|template| known(template, "require", filled))?;
        let patterns = self.line.patterns.iter().map(super::header::Pattern::before);
        patterns.chain([&self.line.prefix]).try_for_each(|template| known(template, "line", |_| false))?;
        let given = |name: &str| ["id", "type", "ts"].contains(&name);
        self.defaults.values().try_for_each(|template| known(template, "defaults", given))?;
        in_vars(self, "defaults", self.defaults.keys().map(String::as_str))?;
        in_vars(self, "allow", self.allow.keys().map(String::as_str))?;
        in_vars(self, "letters", self.letters.keys().map(String::as_str))?;
        self.key.set.iter().try_for_each(|template| known(template, "key.set", |_| false))?;
        in_vars(self, "key.certificate", self.key.certificate.as_deref().into_iter())
    }
}

/// That names are those of `vars`.
pub(crate) fn in_vars<'a>(
    layout: &Layout,
    entry: &'static str,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<(), SchemeError> {
    match names.find(|name| !layout.vars.contains_key(*name)) {
        Some(name) => Err(SchemeError::Unknown { entry, name: name.to_owned() }),
        None => Ok(()),
    }
}

/// That every placeholder is a parameter or filled.
pub(crate) fn known(
    template: &Template,
    entry: &'static str,
    filled: impl Fn(&str) -> bool,
) -> Result<(), SchemeError> {
    match template.names().into_iter().find(|name| !name.starts_with("param.") && !filled(name)) {
        Some(name) => Err(SchemeError::Placeholder { entry, name: name.to_owned() }),
        None => Ok(()),
    }
}
