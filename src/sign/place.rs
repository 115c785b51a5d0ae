//! Where a value stands in a request: a header, an element of the signature's header, the body, the query.

use std::borrow::Cow;

use crate::model::headers::Headers;
use crate::sign::form;
use crate::sign::header::{Pattern, one_or_many};
use crate::sign::json::{self, Pointer};

/// Where a value stands in a request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The first of these headers that is there.
    Header(#[serde(deserialize_with = "one_or_many")] Vec<String>),
    /// An element of the signature's header, the only one of its form.
    Element(Pattern),
    /// An element of the signature's header, the last one of its form.
    Last(Pattern),
    /// In a JSON body.
    Json(Pointer),
    /// A field of a form body.
    Form(String),
    /// A parameter of the URL.
    Query(String),
}

/// What a value is looked for in.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The header lines.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
    /// The query of the URL.
    pub query: Option<&'a str>,
    /// The elements of the signature's header.
    pub elements: &'a [&'a [u8]],
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
    #[error("the URL has no parameter {0}")]
    Query(String),
    /// The body has no such value.
    #[error("the body has no {0}")]
    Body(String),
    /// There are several values, and it is open which one counts.
    #[error("{0} stands there more than once")]
    Repeated(String),
}

impl Place {
    /// The one value at this place.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn find<'a>(&self, sight: Sight<'a>) -> Result<Cow<'a, [u8]>, Lack> {
        match self {
            Self::Header(_) => {
                let name = self.header(sight.headers).ok_or_else(|| self.lack())?;
                only(lines(sight.headers, name), self.lack(), name)
            }
            Self::Element(pattern) => {
                let values = sight.elements.iter().filter_map(|element| pattern.value(element));
                only(values.map(Cow::Borrowed), self.lack(), &pattern.with("..."))
            }
            Self::Last(pattern) => {
                let value = sight.elements.iter().rev().find_map(|element| pattern.value(element));
                value.map(Cow::Borrowed).ok_or_else(|| self.lack())
            }
            Self::Json(place) => {
                let [found] = json::find(sight.body, [place]);
                found.map(|text| Cow::Owned(text.into_bytes())).ok_or_else(|| self.lack())
            }
            Self::Form(name) => only(named(sight.body, name), self.lack(), name),
            Self::Query(name) => only(named(sight.query.unwrap_or_default().as_bytes(), name), self.lack(), name),
        }
    }

    /// The first of the header names that is there.
    #[must_use]
    pub fn header<'n>(&'n self, headers: &Headers) -> Option<&'n str> {
        self.names().iter().find(|name| headers.has(name)).map(String::as_str)
    }

    /// The header names, if it is a header.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::Header(names) => names,
            Self::Element(_) | Self::Last(_) | Self::Json(_) | Self::Form(_) | Self::Query(_) => &[],
        }
    }

    /// That the value is not there.
    #[must_use]
    pub fn lack(&self) -> Lack {
        match self {
            Self::Header(names) => Lack::Header(names.first().cloned().unwrap_or_default()),
            Self::Element(pattern) | Self::Last(pattern) => Lack::Element(pattern.with("...")),
            Self::Json(place) => Lack::Body(place.to_string()),
            Self::Form(name) => Lack::Body(format!("field {name}")),
            Self::Query(name) => Lack::Query(name.clone()),
        }
    }
}

/// The values of a header's lines.
pub(crate) fn lines<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = Cow<'a, [u8]>> {
    let own = headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
    own.map(|(_, value)| Cow::Borrowed(value))
}

fn only<'a>(mut values: impl Iterator<Item = Cow<'a, [u8]>>, lack: Lack, name: &str) -> Result<Cow<'a, [u8]>, Lack> {
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value),
        (Some(_), Some(_)) => Err(Lack::Repeated(name.to_owned())),
        _ => Err(lack),
    }
}

fn named<'a>(form: &[u8], name: &str) -> impl Iterator<Item = Cow<'a, [u8]>> {
    let pairs = form::pairs(form).into_iter();
    pairs.filter(move |(own, _)| own == name.as_bytes()).map(|(_, value)| Cow::Owned(value))
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
        let sight = Sight { headers: &headers, body: body.as_bytes(), query: Some("q=a%20b"), elements: &elements };
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
        assert_eq!(found("{ query = 'q' }", "").as_deref(), Ok("a b"));
    }

    #[test]
    fn what_is_missing_empty_or_doubled_is_named() {
        assert_eq!(found("{ header = ['x-gone', 'x-lost'] }", ""), Err(Lack::Header("x-gone".to_owned())));
        assert_eq!(found("{ header = 'x-empty' }", ""), Err(Lack::Header("x-empty".to_owned())));
        assert_eq!(found("{ header = 'x-twice' }", ""), Err(Lack::Repeated("x-twice".to_owned())));
        assert_eq!(found("{ element = 'v1={}' }", ""), Err(Lack::Repeated("v1=...".to_owned())));
        assert_eq!(found("{ json = '/a' }", "not json"), Err(Lack::Body("/a".to_owned())));
    }
}
