//! Where a value stands in a request: a header, an element of the signature's header, the body, the query.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use crate::model::headers::Headers;
use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::each::Each;
use crate::sign::form;
use crate::sign::header::{Pattern, one_or_many};
use crate::sign::json::{self, Pointer};
use crate::sign::jwt::Token;
use crate::sign::template::Template;

/// Where a value stands in a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The first of these headers that is there.
    Header(#[serde(deserialize_with = "one_or_many")] Vec<String>),
    /// Several headers in one line, as another value lists them.
    Headers(Box<Listed>),
    /// An element of the signature's header, the only one of its form.
    Element(Pattern),
    /// An element of the signature's header, the last one of its form.
    Last(Pattern),
    /// In a JSON body.
    Json(Pointer),
    /// In a JSON body, and a number there.
    Number(Pointer),
    /// In each item of a list in a JSON body.
    Each(Each),
    /// A field of a form body.
    Form(Named),
    /// A parameter of the URL.
    Query(Named),
    /// A part of the URL.
    Url(Part),
    /// The body as it is.
    Body(Extent),
    /// A claim of the token that is the signature.
    Claim(String),
    /// What the head of that token says.
    Head(String),
}

/// A field that may stand there more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    name: String,
    take: Take,
}

/// Which of several values counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Take {
    /// There must be only one.
    #[default]
    Only,
    First,
    Last,
}

/// A part of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// What follows the question mark.
    Query,
}

/// How much of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All of it, but for white space around it.
    Whole,
}

/// Headers that another value lists, written as one line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Where their names are.
    by: Place,
    /// What stands between two names.
    split: String,
    /// How each is written, with `{name}` and `{value}`.
    each: Template,
    /// What is put between two of them.
    join: String,
    /// By name, not in the order of the list.
    #[serde(default)]
    sorted: bool,
}

/// Header lines, told apart once for all that is looked for.
#[derive(Clone, Debug, Default)]
pub struct Lines<'a>(Vec<&'a [u8]>);

/// What a value is looked for in.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The header lines.
    pub headers: &'a Lines<'a>,
    /// The body.
    pub body: &'a [u8],
    /// The JSON, which may be but a part of the body.
    pub document: &'a [u8],
    /// The query of the URL.
    pub query: Option<&'a str>,
    /// The elements of the signature's header.
    pub elements: &'a [&'a [u8]],
    /// What patterns are filled with.
    pub params: &'a Params,
}

/// Why there is no value at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// The header is not there or empty.
    #[error("header {0} is missing or empty")]
    Header(String),
    /// The signature's header has no such element.
    #[error("the signature's header has no element \"{0}\"")]
    Element(String),
    /// The URL has no such parameter.
    #[error("the URL has no {0}")]
    Query(String),
    /// The body has no such value.
    #[error("the body has no {0}")]
    Body(String),
    /// Not all items of a list have the same value.
    #[error("the items of a list differ in {0}")]
    Unlike(String),
    /// There are several values, and it is open which one counts.
    #[error("{0} stands there more than once")]
    Repeated(String),
}

/// For how many header lines there is room at once.
const USUAL_LINES: usize = 16;
/// The most headers that may be listed.
const MAX_LISTED: usize = 64;

impl<'a> Sight<'a> {
    /// Headers, body and query, before the signature's header is taken apart.
    #[must_use]
    pub const fn new(headers: &'a Lines<'a>, body: &'a [u8], query: Option<&'a str>, params: &'a Params) -> Self {
        Self { headers, body, document: body, query, elements: &[], params }
    }

    /// That of a request.
    #[must_use]
    pub fn of(headers: &'a Lines<'a>, request: &'a CapturedRequest, params: &'a Params) -> Self {
        Self::new(headers, &request.body, request.query(), params)
    }
}

impl<'a> Lines<'a> {
    /// Those of a request.
    #[must_use]
    pub fn of(headers: &'a Headers) -> Self {
        let mut lines = Vec::with_capacity(USUAL_LINES);
        let (block, mut start) = (headers.block().as_ref(), 0);
        for end in memchr::memchr_iter(b'\n', block) {
            lines.push(block.get(start..end).unwrap_or_default());
            start = end + 1;
        }
        Self(lines)
    }

    /// The values of every line of this name, in any case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter_map(move |line| {
            let (own, rest) = line.split_at_checked(name.len())?;
            let value = rest.strip_prefix(b":").filter(|_| own.eq_ignore_ascii_case(name.as_bytes()))?;
            Some(value.trim_ascii())
        })
    }

    /// Whether a line of this name is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }
}

impl Place {
    /// The one value at this place.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn find<'a>(&self, sight: Sight<'a>) -> Result<Cow<'a, [u8]>, Lack> {
        let owned = |text: Option<String>| text.map(|text| Cow::Owned(text.into_bytes())).ok_or_else(|| self.lack());
        match self {
            Self::Header(names) => {
                let values = |name: &'_ String| {
                    let mut values = sight.headers.values(name);
                    Some((values.next()?, values.next().is_some()))
                };
                match names.iter().find_map(values) {
                    Some((_, true)) => Err(Lack::Repeated(self.header(sight.headers).unwrap_or_default().to_owned())),
                    Some((value, false)) if !value.is_empty() => Ok(Cow::Borrowed(value)),
                    _ => Err(self.lack()),
                }
            }
            Self::Headers(listed) => listed.line(sight),
            Self::Element(pattern) => {
                let values = sight.elements.iter().filter_map(|element| pattern.value(element, sight.params));
                Take::Only.of(values.map(Cow::Borrowed), || self.lack(), || shown(pattern))
            }
            Self::Last(pattern) => {
                let value = sight.elements.iter().rev().find_map(|element| pattern.value(element, sight.params));
                value.map(Cow::Borrowed).ok_or_else(|| self.lack())
            }
            Self::Json(place) => owned(json::find_whole(sight.document, place, false)),
            Self::Number(place) => owned(json::find_whole(sight.document, place, true)),
            Self::Each(each) => each.find(sight.document).map(|text| Cow::Owned(text.into_bytes())),
            Self::Form(named) => named.find(form::fields(sight.body), || self.lack()),
            Self::Query(named) => named.find(form::pairs(sight.query.unwrap_or_default().as_bytes()), || self.lack()),
            Self::Url(Part::Query) => {
                let query = sight.query.filter(|query| !query.is_empty());
                query.map(|query| Cow::Borrowed(query.as_bytes())).ok_or_else(|| self.lack())
            }
            Self::Body(Extent::Whole) => Some(sight.body.trim_ascii())
                .filter(|body| !body.is_empty())
                .map(Cow::Borrowed)
                .ok_or_else(|| self.lack()),
            Self::Claim(name) => owned(token(sight).and_then(|token| token.claim(name))),
            Self::Head(name) => owned(token(sight).and_then(|token| token.head(name))),
        }
    }

    /// The first of the header names that is there.
    #[must_use]
    pub fn header<'n>(&'n self, headers: &Lines) -> Option<&'n str> {
        self.names().iter().find(|name| headers.has(name)).map(String::as_str)
    }

    /// The header names, if it is a header.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::Header(names) => names,
            _ => &[],
        }
    }

    /// Whether the body has to say it, which a sender cannot add.
    #[must_use]
    pub const fn is_in_body(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Number(_) | Self::Each(_) | Self::Form(_) | Self::Body(_))
    }

    /// Whether it is a part of what the signature stands in.
    pub(crate) const fn is_in_signature(&self) -> bool {
        matches!(self, Self::Element(_) | Self::Last(_) | Self::Claim(_) | Self::Head(_))
    }

    /// Whether a value may stand there at a glance, without reading a body.
    pub(crate) fn glimpsed(&self, sight: Sight) -> bool {
        let json = || sight.body.trim_ascii_start().starts_with(b"{");
        let named = |name: &str| memchr::memmem::find(sight.body, name.as_bytes()).is_some();
        match self {
            Self::Header(_) => self.header(sight.headers).is_some(),
            Self::Json(pointer) | Self::Number(pointer) => named(pointer.name()),
            Self::Each(each) => named(each.name()),
            Self::Form(form) => !json() && named(&form.name),
            _ => true,
        }
    }

    /// That the value is not there.
    #[must_use]
    pub fn lack(&self) -> Lack {
        match self {
            Self::Header(names) => Lack::Header(names.first().cloned().unwrap_or_default()),
            Self::Headers(listed) => listed.by.lack(),
            Self::Element(pattern) | Self::Last(pattern) => Lack::Element(shown(pattern)),
            Self::Json(place) => Lack::Body(place.to_string()),
            Self::Number(place) => Lack::Body(format!("number {place}")),
            Self::Each(each) => each.lack(),
            Self::Form(named) => Lack::Body(format!("field {}", named.name)),
            Self::Query(named) => Lack::Query(format!("parameter {}", named.name)),
            Self::Url(Part::Query) => Lack::Query("query".to_owned()),
            Self::Body(Extent::Whole) => Lack::Body("token".to_owned()),
            Self::Claim(name) => Lack::Element(format!("claim {name}")),
            Self::Head(name) => Lack::Element(format!("{name} in its head")),
        }
    }
}

impl Take {
    fn of<'a>(
        self,
        mut values: impl Iterator<Item = Cow<'a, [u8]>>,
        lack: impl FnOnce() -> Lack,
        name: impl FnOnce() -> String,
    ) -> Result<Cow<'a, [u8]>, Lack> {
        let first = values.next();
        let found = match self {
            Self::Only if values.next().is_some() => return Err(Lack::Repeated(name())),
            Self::Only | Self::First => first,
            Self::Last => values.last().or(first),
        };
        found.filter(|value| !value.is_empty()).ok_or_else(lack)
    }
}

impl Named {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn find<'a>(&self, pairs: Vec<(Vec<u8>, Vec<u8>)>, lack: impl FnOnce() -> Lack) -> Result<Cow<'a, [u8]>, Lack> {
        let pairs = pairs.into_iter().filter(|(own, _)| own == self.name.as_bytes());
        self.take.of(pairs.map(|(_, value)| Cow::Owned(value)), lack, || self.name.clone())
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, deny_unknown_fields, expecting = "a name, or { name, take }")]
        enum Form {
            Name(String),
            Both { name: String, take: Take },
        }
        Ok(match Form::deserialize(reader)? {
            Form::Name(name) => Self { name, take: Take::Only },
            Form::Both { name, take } => Self { name, take },
        })
    }
}

impl Listed {
    /// Every listed header; one that is not there has nothing to say.
    fn line<'a>(&self, sight: Sight<'a>) -> Result<Cow<'a, [u8]>, Lack> {
        let list = self.by.find(sight)?;
        let list = String::from_utf8_lossy(&list).to_ascii_lowercase();
        let mut names: Vec<&str> = list.split(self.split.as_str()).map(str::trim).take(MAX_LISTED).collect();
        if self.sorted {
            names.sort_unstable();
        }
        let mut written = Vec::with_capacity(names.len());
        for name in names {
            let Some(value) = sight.headers.values(name).next() else { continue };
            let value = |placeholder: &str| match placeholder {
                "name" => Some(Cow::Borrowed(name.as_bytes())),
                "value" => Some(Cow::Borrowed(value)),
                _ => None,
            };
            written.push(self.each.render(value).map_err(|_| self.by.lack())?.concat());
        }
        Ok(Cow::Owned(written.join(self.join.as_bytes())))
    }
}

fn token(sight: Sight<'_>) -> Option<Token<'_>> {
    sight.elements.iter().find_map(|element| Token::parse(element))
}

fn shown(pattern: &Pattern) -> String {
    pattern.with("...", &Params::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: &str, body: &str) -> Result<String, Lack> {
        let mut headers = Headers::new();
        for line in ["X-Id: 7", "X-Twice: 1", "x-twice: 1", "X-Empty:"] {
            headers.push_line(line).unwrap();
        }
        let elements = [&b"t=5"[..], b"v1=a", b"v1=b"];
        let params = Params::new();
        let lines = Lines::of(&headers);
        let sight = Sight::new(&lines, body.as_bytes(), Some("q=a%20b&q=c"), &params);
        let sight = Sight { elements: &elements, ..sight };
        let table: std::collections::BTreeMap<String, Place> = toml::from_str(&format!("at = {place}")).unwrap();
        let value = table["at"].find(sight)?.into_owned();
        Ok(String::from_utf8(value).unwrap())
    }

    #[test]
    fn values_are_found_where_they_stand() {
        assert_eq!(found("{ header = 'x-id' }", "").as_deref(), Ok("7"));
        assert_eq!(found("{ header = ['x-gone', 'x-id'] }", "").as_deref(), Ok("7"));
        assert_eq!(found("{ element = 't={}' }", "").as_deref(), Ok("5"));
        assert_eq!(found("{ last = 'v1={}' }", "").as_deref(), Ok("b"));
        assert_eq!(found("{ json = '/a/b' }", r#"{"a":{"b":1}}"#).as_deref(), Ok("1"));
        assert_eq!(found("{ form = 'a' }", "a=1+2").as_deref(), Ok("1 2"));
        assert_eq!(found("{ query = { name = 'q', take = 'first' } }", "").as_deref(), Ok("a b"));
        assert_eq!(found("{ form = { name = 'a', take = 'last' } }", "a=1&a=2").as_deref(), Ok("2"));
        assert_eq!(found("{ number = '/a' }", r#"{"a":1}"#).as_deref(), Ok("1"));
        assert_eq!(found("{ url = 'query' }", "").as_deref(), Ok("q=a%20b&q=c"));
        let listed = "by = { json = '/h' }, split = ' ', each = '{name}:{value}', join = ';'";
        let names = r#"{"h":"x-id none content-id X-Empty"}"#;
        assert_eq!(found(&format!("{{ headers = {{ {listed} }} }}"), names).as_deref(), Ok("x-id:7;x-empty:"));
        let sorted = format!("{{ headers = {{ {listed}, sorted = true }} }}");
        assert_eq!(found(&sorted, names).as_deref(), Ok("x-empty:;x-id:7"));
    }

    #[test]
    fn what_is_missing_empty_or_doubled_is_named() {
        assert_eq!(found("{ header = ['x-gone', 'x-lost'] }", ""), Err(Lack::Header("x-gone".to_owned())));
        assert_eq!(found("{ header = 'x-empty' }", ""), Err(Lack::Header("x-empty".to_owned())));
        assert_eq!(found("{ header = 'x-twice' }", ""), Err(Lack::Repeated("x-twice".to_owned())));
        assert_eq!(found("{ element = 'v1={}' }", ""), Err(Lack::Repeated("v1=...".to_owned())));
        assert_eq!(found("{ query = 'q' }", ""), Err(Lack::Repeated("q".to_owned())));
        assert_eq!(found("{ number = '/a' }", r#"{"a":"1"}"#), Err(Lack::Body("number /a".to_owned())));
        assert_eq!(found("{ json = '/a' }", "not json"), Err(Lack::Body("/a".to_owned())));
    }
}
