//! How signatures stand in a header: `v1,<base64> v1,<base64>`, `t=1,v1=<hex>`, `sha256=<hex>`.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::sign::Params;
use crate::sign::seek;
use crate::sign::template::{Template, TemplateError};

/// The most bytes a signature's header lines may have together.
pub(crate) const MAX_BYTES: usize = 4096;
/// For how many elements there is room at once.
const USUAL_ELEMENTS: usize = 4;
/// The most signatures that are looked at.
pub(crate) const MAX_SIGNATURES: usize = 64;

/// How signatures stand in a header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Line {
    /// Further headers with signatures in them.
    pub also: Vec<String>,
    /// What the whole value starts with. Parameters may stand in it.
    pub prefix: Template,
    /// What stands between two elements; without it the value is one element.
    pub split: Option<String>,
    /// What stands between two groups of elements.
    pub groups: Option<String>,
    /// What every element must have in it: the first one without it ends the line, even if it is empty.
    pub needs: Option<String>,
    /// What a signature's element looks like.
    #[serde(rename = "match", deserialize_with = "one_or_many")]
    pub patterns: Vec<Pattern>,
    /// What the elements look like one by one; no other and no further ones are taken.
    pub exact: Vec<Pattern>,
}

/// An element with a value in it: `v1={}`. Parameters may stand before the value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    before: Template,
    after: String,
}

/// Why signatures are not even looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Too long to be honest.
    #[error("has more than {0} bytes")]
    TooLong(usize),
    /// Too many to be honest.
    #[error("has more than {MAX_SIGNATURES} signatures")]
    TooMany,
    /// No element looks like a signature.
    #[error("has no signature of the form {0}")]
    None(String),
    /// Something is missing, doubled or in another place.
    #[error("is not of the form \"{0}\"")]
    NotExact(String),
}

impl Default for Line {
    /// The whole value is the signature.
    fn default() -> Self {
        let whole = Pattern { before: Template::empty(), after: String::new() };
        Self {
            also: Vec::new(),
            prefix: Template::empty(),
            split: None,
            groups: None,
            needs: None,
            patterns: vec![whole],
            exact: Vec::new(),
        }
    }
}

/// A list of texts that may be written as its only member.
///
/// # Errors
/// If it is neither, or a text makes no sense.
pub fn one_or_many<'de, D, T>(reader: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error: fmt::Display>,
{
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "one text or a list of texts")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    let texts = match OneOrMany::deserialize(reader)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    };
    texts.into_iter().map(|text| T::try_from(text).map_err(D::Error::custom)).collect()
}

impl Pattern {
    /// The value of an element of this form; an empty one is none.
    #[must_use]
    pub fn value<'a>(&self, element: &'a [u8], params: &Params) -> Option<&'a [u8]> {
        let before = filled(&self.before, params)?;
        let value = element.strip_prefix(before.as_bytes())?.strip_suffix(self.after.as_bytes())?;
        (!value.is_empty()).then_some(value)
    }

    /// An element with this value. A parameter that is not given leaves its name.
    #[must_use]
    pub fn with(&self, value: &str, params: &Params) -> String {
        let before = filled(&self.before, params).unwrap_or_else(|| Cow::Owned(self.before.to_string()));
        format!("{before}{value}{}", self.after)
    }

    /// What stands before the value and after it, if no parameter does.
    pub(crate) fn plain(&self) -> Option<(String, String)> {
        Some((self.before.plain()?.to_owned(), self.after.clone()))
    }

    /// The names of the placeholders before the value.
    pub(crate) fn before(&self) -> &Template {
        &self.before
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (before, after) = text.split_once("{}").ok_or_else(|| format!("\"{text}\" has no {{}} for the value"))?;
        let before = before.parse().map_err(|why: TemplateError| why.to_string())?;
        Ok(Self { before, after: after.to_owned() })
    }
}

impl Line {
    /// The elements of every value, in order.
    ///
    /// # Errors
    /// If there are more than the most bytes.
    pub fn elements<'a, V>(&self, values: &'a [V], most: usize, params: &Params) -> Result<Vec<&'a [u8]>, LineError>
    where
        V: AsRef<[u8]>,
    {
        if values.iter().map(|value| value.as_ref().len()).sum::<usize>() > most {
            return Err(LineError::TooLong(most));
        }
        let Some(prefix) = filled(&self.prefix, params) else { return Ok(Vec::new()) };
        let mut elements = Vec::with_capacity(USUAL_ELEMENTS);
        let bare = values.iter().filter_map(|value| value.as_ref().strip_prefix(prefix.as_bytes()));
        let groups = |value: &'a [u8]| match self.groups.as_deref().filter(|mark| !mark.is_empty()) {
            Some(mark) => split_by(value, mark.as_bytes()).collect::<Vec<_>>(),
            None => vec![value],
        };
        for value in bare.flat_map(groups) {
            match self.split.as_deref().filter(|split| !split.is_empty()) {
                Some(split) => elements.extend(split_by(value, split.as_bytes())),
                None => elements.push(value),
            }
        }
        if let Some(needs) = &self.needs {
            let whole = |element: &&[u8]| memchr::memmem::find(element, needs.as_bytes()).is_some();
            elements.truncate(elements.iter().take_while(|element| whole(element)).count());
        }
        let in_place = |(element, pattern): (&&[u8], &Pattern)| pattern.value(element, params).is_some();
        let exact = elements.len() == self.exact.len() && elements.iter().zip(&self.exact).all(in_place);
        if self.exact.is_empty() || exact { Ok(elements) } else { Err(LineError::NotExact(self.exact_shape())) }
    }

    fn exact_shape(&self) -> String {
        let elements: Vec<_> = self.exact.iter().map(|pattern| pattern.with("...", &Params::new())).collect();
        format!("{}{}", self.prefix, elements.join(self.split.as_deref().unwrap_or_default()))
    }

    /// The signatures among the elements.
    ///
    /// # Errors
    /// If there is none, or there are too many.
    pub fn signatures<'a>(&self, elements: &[&'a [u8]], params: &Params) -> Result<Vec<&'a [u8]>, LineError> {
        let mut found = Vec::with_capacity(USUAL_ELEMENTS);
        for element in elements {
            found.extend(self.patterns.iter().filter_map(|form| form.value(element, params)));
            if found.len() > MAX_SIGNATURES {
                break;
            }
        }
        match found.len() {
            0 => Err(LineError::None(self.shape())),
            count if count > MAX_SIGNATURES => Err(LineError::TooMany),
            _ => Ok(found),
        }
    }

    /// What a signature looks like, for people.
    fn shape(&self) -> String {
        let forms: Vec<_> = self.patterns.iter().map(|pattern| pattern.with("...", &Params::new())).collect();
        format!("\"{}{}\"", self.prefix, forms.join("\" or \""))
    }

    /// A header's value of these elements.
    #[must_use]
    pub fn join(&self, elements: &[String], params: &Params) -> String {
        let prefix = filled(&self.prefix, params).unwrap_or_default();
        let place = |element: &&String| {
            self.exact.iter().position(|pattern| pattern.value(element.as_bytes(), params).is_some())
        };
        let mut elements: Vec<_> = elements.iter().collect();
        elements.sort_by_key(place);
        let texts: Vec<_> = elements.into_iter().map(String::as_str).collect();
        format!("{prefix}{}", texts.join(self.split.as_deref().unwrap_or_default()))
    }
}

/// A text in which only parameters stand, if they are all given.
fn filled<'a>(template: &'a Template, params: &Params) -> Option<Cow<'a, str>> {
    if let Some(text) = template.plain() {
        return Some(Cow::Borrowed(text));
    }
    let value = |name: &str| Some(Cow::Owned(params.get(name.strip_prefix("param.")?)?.clone().into_bytes()));
    template.text(value).ok().map(Cow::Owned)
}

/// The parts of a value.
pub(crate) fn split_by<'a>(value: &'a [u8], mark: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = match mark {
            [byte] => seek::byte(*byte).and_then(|one| one.find(text)),
            mark => memchr::memmem::find(text, mark),
        };
        rest = at.and_then(|at| text.get(at + mark.len()..));
        at.map_or(Some(text), |at| text.get(..at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(prefix: &str, split: Option<&str>, pattern: &str) -> Line {
        let patterns = vec![Pattern::try_from(pattern.to_owned()).unwrap()];
        Line { prefix: prefix.parse().unwrap(), split: split.map(str::to_owned), patterns, ..Line::default() }
    }

    fn signatures(line: &Line, value: &str) -> Result<Vec<String>, LineError> {
        let params = Params::from([("key".to_owned(), "k1".to_owned())]);
        let values = [value];
        let elements = line.elements(&values, MAX_BYTES, &params)?;
        Ok(line.signatures(&elements, &params)?.into_iter().map(|s| String::from_utf8_lossy(s).into_owned()).collect())
    }

    #[test]
    fn every_signature_of_the_scheme_is_found_and_no_other() {
        let list = line("", Some(" "), "v1,{}");
        assert_eq!(signatures(&list, "v1a,x v1,a v2,y v1,b"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        for none in ["", "v1", "v1,", "v1,,v1", "V1,a", "v1=a", "garbage", "v1a,x"] {
            let found = signatures(&list, none);
            assert!(found.is_err() || found == Ok(vec![",v1".to_owned()]), "{none}: {found:?}");
        }
        let once = line("v0=", Some(","), "{}");
        assert_eq!(signatures(&once, "v0=a,b"), Ok(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn a_parameter_may_stand_before_a_signature() {
        let list = line("Key {param.key}:", None, "{}");
        assert_eq!(signatures(&list, "Key k1:a"), Ok(vec!["a".to_owned()]));
        assert!(signatures(&list, "Key k2:a").is_err());
        let pairs = line("", Some("&"), "{param.key}|{}");
        assert_eq!(signatures(&pairs, "k2|x&k1|y"), Ok(vec!["y".to_owned()]));
        assert!(signatures(&line("{param.gone}", None, "{}"), "a").is_err());
    }

    #[test]
    fn an_exact_line_has_its_elements_in_order_and_no_others() {
        let exact = ["t={}", "d={}"].map(|form| Pattern::try_from(form.to_owned()).unwrap()).to_vec();
        let list = Line { exact, ..line("", Some(","), "d={}") };
        assert_eq!(signatures(&list, "t=1,d=a"), Ok(vec!["a".to_owned()]));
        for bad in ["d=a,t=1", "t=1,d=a,x=1", "t=1, d=a", "t=1,d=", "d=a"] {
            assert!(signatures(&list, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_element_without_what_it_needs_ends_the_line() {
        let list = Line { needs: Some(",".to_owned()), ..line("", Some(" "), "v1,{}") };
        assert_eq!(signatures(&list, "v1,a v0,b  v1,c"), Ok(vec!["a".to_owned()]));
        assert!(signatures(&list, " v1,a").is_err());
    }

    #[test]
    fn a_flood_of_signatures_is_refused() {
        let list = line("", Some(" "), "v1,{}");
        assert_eq!(signatures(&list, &"v1,a ".repeat(MAX_SIGNATURES + 1)), Err(LineError::TooMany));
        assert_eq!(signatures(&list, &"v1,a ".repeat(10_000)), Err(LineError::TooLong(MAX_BYTES)));
    }

    proptest! {
        #[test]
        fn what_was_joined_is_taken_apart(values in prop::collection::vec("[a-z0-9]{1,9}", 1..9)) {
            for list in [line("", Some(" "), "v1,{}"), line("v0=", Some(", "), "{}")] {
                let elements: Vec<_> = values.iter().map(|value| list.patterns[0].with(value, &Params::new())).collect();
                prop_assert_eq!(signatures(&list, &list.join(&elements, &Params::new())).unwrap(), values.clone());
            }
        }
    }
}
