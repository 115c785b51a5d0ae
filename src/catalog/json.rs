//! A JSON document as a light tree over its own text: every number, string and key stays as it is written.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde_json::value::RawValue;

/// As deep as other readers of JSON go.
const DEEPEST: usize = 127;

/// Why a text is not a document that can be edited.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON.
    #[error("this is not JSON: {0}")]
    Grammar(#[source] serde_json::Error),
    /// An object has two members of one name, so that a change could mean either.
    #[error("the key {0:?} stands twice in one object")]
    Duplicate(String),
    /// It is nested beyond reason.
    #[error("the document is nested too deeply")]
    TooDeep,
}

/// A value and its text.
#[derive(Clone, Debug)]
pub(super) enum Json<'a> {
    /// A string, number, `true`, `false` or `null`.
    Scalar(Cow<'a, str>),
    /// Its elements.
    Array(Vec<Self>),
    /// Its members, in their order.
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    /// The name it stands for.
    pub name: String,
    /// The name as it is written, with its quotes.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Json<'a>,
}

impl<'a> Json<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// If it is not JSON, is nested too deeply, or has two members of one name in an object.
    pub(super) fn parse(text: &'a str) -> Result<Self, JsonError> {
        // The whole grammar is checked here; what follows only takes the text apart.
        let text = serde_json::from_str::<&RawValue>(text).map_err(JsonError::Grammar)?.get();
        Cursor { rest: text }.value(0)
    }

    /// What sort of value it is, for people.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
            Self::Scalar(text) => match text.as_bytes().first() {
                Some(b'"') => "a string",
                Some(b't' | b'f') => "a boolean",
                Some(b'n') => "null",
                _ => "a number",
            },
        }
    }
}

impl Member<'_> {
    /// A new member; the name is escaped as JSON wants it.
    pub(super) fn new(name: &str, value: Json<'static>) -> Self {
        Member { name: name.to_owned(), key: Cow::Owned(quoted(name)), value }
    }
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for Json<'_> {
    /// The compact form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Array(elements) => {
                f.write_str("[")?;
                for (place, element) in elements.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "," })?;
                    element.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (place, member) in members.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "," })?;
                    write!(f, "{}:{}", member.key, member.value)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Takes a text apart that is known to be JSON.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn value(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        if depth > DEEPEST {
            return Err(JsonError::TooDeep);
        }
        if self.eat('{') {
            self.members(depth).map(Json::Object)
        } else if self.eat('[') {
            let mut elements = Vec::new();
            while !self.eat(']') && !self.rest.is_empty() {
                elements.push(self.value(depth + 1)?);
                self.eat(',');
            }
            Ok(Json::Array(elements))
        } else {
            Ok(Json::Scalar(Cow::Borrowed(self.scalar())))
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member<'a>>, JsonError> {
        let (mut members, mut names) = (Vec::new(), HashSet::new());
        while !self.eat('}') && !self.rest.is_empty() {
            let key = self.scalar();
            // Half of a surrogate pair is JSON but no text; such a name can be kept, not asked for.
            let name: String = serde_json::from_str(key).unwrap_or_else(|_| key.to_owned());
            if !names.insert(name.clone()) {
                return Err(JsonError::Duplicate(name));
            }
            self.eat(':');
            let value = self.value(depth + 1)?;
            members.push(Member { name, key: Cow::Borrowed(key), value });
            self.eat(',');
        }
        Ok(members)
    }

    /// Passes over a sign and the white space before it.
    fn eat(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes the string, number or word that stands next.
    fn scalar(&mut self) -> &'a str {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let mut bytes = self.rest.bytes().enumerate();
        let end = if self.rest.starts_with('"') {
            let mut escaped = true;
            let closes = |(_, byte): &(usize, u8)| {
                let closes = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                closes
            };
            bytes.find(closes).map(|(place, _)| place + 1)
        } else {
            bytes.find(|(_, byte)| b",:]} \t\r\n".contains(byte)).map(|(place, _)| place)
        };
        let (scalar, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        scalar
    }
}
