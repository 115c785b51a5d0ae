//! When a variant of a scheme is taken: by headers, by the secret, by parameters, by values in the request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::model::secret::Secret;
use crate::sign::Params;
use crate::sign::glob::Glob;
use crate::sign::header::one_or_many;
use crate::sign::layout::Layout;
use crate::sign::place::Sight;

/// When a variant is taken: if all of this holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct When {
    /// This header is there.
    header: Option<String>,
    /// The secret starts with one of these.
    secret: Option<Vec<String>>,
    /// These parameters have these values.
    param: BTreeMap<String, String>,
    /// These placeholders of `vars` have a value.
    has: Vec<String>,
    /// These placeholders of `vars` have a value of one of these forms.
    #[serde(deserialize_with = "globs")]
    is: BTreeMap<String, Vec<Glob>>,
}

/// What the conditions are held against.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) sight: Option<Sight<'a>>,
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) params: &'a Params,
}

impl When {
    /// Whether nothing is asked, which would hold always.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it takes the request to answer, and not the secret and the parameters alone.
    pub(crate) fn asks_request(&self) -> bool {
        self.header.is_some() || self.names().next().is_some()
    }

    /// The placeholders that it asks for.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.has.iter().chain(self.is.keys()).map(String::as_str)
    }

    /// The parameters that it asks for, and the values.
    pub(crate) fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.param.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether everything holds; the variant's own layout says where values are.
    pub(crate) fn holds(&self, facts: Facts, layout: &Layout) -> bool {
        let header = |name: &String| facts.sight.is_some_and(|sight| sight.headers.has(name));
        let starts = |prefixes: &Vec<String>| {
            facts
                .secret
                .is_some_and(|secret| prefixes.iter().any(|prefix| secret.reveal().starts_with(prefix.as_str())))
        };
        let fits = |(name, forms): (&String, &Vec<Glob>)| {
            let value = facts.value(name, layout);
            value.is_some_and(|value| forms.iter().any(|form| form.fits(&value)))
        };
        self.header.as_ref().is_none_or(header)
            && self.secret.as_ref().is_none_or(starts)
            && self
                .param
                .iter()
                .all(|(name, value)| facts.params.get(name).is_some_and(|own| own.eq_ignore_ascii_case(value)))
            && self.has.iter().all(|name| facts.value(name, layout).is_some())
            && self.is.iter().all(fits)
    }
}

impl Facts<'_> {
    /// What stands in the request; if it does not, what a parameter of this name says.
    fn value(&self, name: &str, layout: &Layout) -> Option<Vec<u8>> {
        let given = || self.params.get(name).map(|value| value.clone().into_bytes());
        let found = |sight| layout.find(layout.vars.get(name)?, sight).ok().map(Cow::into_owned);
        self.sight.and_then(found).or_else(given)
    }
}

/// Patterns by name, of which a single one need not be a list.
pub(crate) fn globs<'de, D: Deserializer<'de>>(reader: D) -> Result<BTreeMap<String, Vec<Glob>>, D::Error> {
    #[derive(Deserialize)]
    struct Many(#[serde(deserialize_with = "one_or_many")] Vec<Glob>);
    let found = BTreeMap::<String, Many>::deserialize(reader)?;
    Ok(found.into_iter().map(|(name, Many(globs))| (name, globs)).collect())
}
