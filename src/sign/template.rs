//! What is signed, as a line with placeholders: `{id}.{ts}.{body}`, `{url}{form|sorted}`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::sign::algorithm::Hash;
use crate::sign::encoding::Encoding;
use crate::sign::form;

/// Text with placeholders. A brace that no name follows is text, so JSON can be written as it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

/// Why a line is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder does not end.
    #[error("\"{{{0}\" has no closing brace")]
    Open(String),
    /// A filter of this name does not exist.
    #[error("\"{0}\" is no filter")]
    Filter(String),
}

/// A placeholder has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no value for {{{0}}}")]
pub struct NoValue(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value { name: String, filters: Vec<Filter> },
}

/// What is done to a value before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    /// The hash's bytes.
    Digest(Hash),
    Encode(Encoding),
    /// The checksum as a decimal number.
    Crc32,
    /// A JSON string, quotes included.
    Json,
    Lower,
    Upper,
    /// The path of a URL, with its query.
    Path,
    /// The parameters of a form by name, each name followed by its value.
    Sorted,
    /// A URL with the escapes of `:/?@!$'()*,;` taken back.
    Reserved,
    /// The members of a JSON object after a comma; anything else as the member `value`.
    Members,
}

impl Template {
    /// The body alone.
    #[must_use]
    pub fn body() -> Self {
        let pieces = vec![Piece::Value { name: "body".to_owned(), filters: Vec::new() }];
        Self { text: "{body}".to_owned(), pieces }
    }

    /// The names of its placeholders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { name, .. } => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Whether a placeholder has this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// The text that stands right behind a placeholder: a value must not have it inside, or two different
    /// requests would be signed alike.
    pub fn fences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pieces.windows(2).filter_map(|pair| match pair {
            [Piece::Value { name, .. }, Piece::Text(text)] => Some((name.as_str(), text.as_str())),
            _ => None,
        })
    }

    /// Puts the values in. Values without a filter are not copied.
    ///
    /// # Errors
    /// If a placeholder has no value.
    pub fn render<'a>(&'a self, value: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Result<Vec<Cow<'a, [u8]>>, NoValue> {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Ok(Cow::Borrowed(text.as_bytes())),
            Piece::Value { name, filters } => {
                let raw = value(name).ok_or_else(|| NoValue(name.clone()))?;
                Ok(filters.iter().fold(raw, |raw, filter| Cow::Owned(filter.apply(&raw))))
            }
        });
        pieces.collect()
    }

    /// The same as one piece of text; what is not UTF-8 is replaced.
    ///
    /// # Errors
    /// If a placeholder has no value.
    pub fn text<'a>(&'a self, value: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Result<String, NoValue> {
        Ok(String::from_utf8_lossy(&self.render(value)?.concat()).into_owned())
    }
}

impl fmt::Display for Template {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        text.parse()
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            let inside = after.get(1..).unwrap_or_default();
            plain.push_str(before);
            if !inside.starts_with(|c: char| c.is_ascii_lowercase()) {
                plain.push('{');
                rest = inside;
                continue;
            }
            let (inside, tail) = inside.split_once('}').ok_or_else(|| TemplateError::Open(inside.to_owned()))?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            let mut words = inside.split('|');
            let name = words.next().unwrap_or_default().to_owned();
            pieces.push(Piece::Value { name, filters: words.map(str::parse).collect::<Result<_, _>>()? });
            rest = tail;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { text: text.to_owned(), pieces })
    }
}

impl FromStr for Filter {
    type Err = TemplateError;

    fn from_str(name: &str) -> Result<Self, TemplateError> {
        Ok(match name {
            "md5" => Self::Digest(Hash::Md5),
            "sha1" => Self::Digest(Hash::Sha1),
            "sha256" => Self::Digest(Hash::Sha256),
            "hex" => Self::Encode(Encoding::Hex),
            "base64" => Self::Encode(Encoding::Base64),
            "crc32" => Self::Crc32,
            "json" => Self::Json,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "path" => Self::Path,
            "sorted" => Self::Sorted,
            "reserved" => Self::Reserved,
            "members" => Self::Members,
            _ => return Err(TemplateError::Filter(name.to_owned())),
        })
    }
}

impl Filter {
    fn apply(self, raw: &[u8]) -> Vec<u8> {
        match self {
            Self::Digest(hash) => hash.digest(&[Cow::Borrowed(raw)]),
            Self::Encode(encoding) => encoding.encode(raw).into_bytes(),
            Self::Crc32 => {
                let mut sum = flate2::Crc::new();
                sum.update(raw);
                sum.sum().to_string().into_bytes()
            }
            Self::Json => json_string(&String::from_utf8_lossy(raw)).into_bytes(),
            Self::Lower => raw.to_ascii_lowercase(),
            Self::Upper => raw.to_ascii_uppercase(),
            Self::Path => path(&String::from_utf8_lossy(raw)).as_bytes().to_vec(),
            Self::Sorted => {
                let mut pairs = form::pairs(raw);
                pairs.sort();
                pairs.into_iter().flat_map(|(name, value)| [name, value]).collect::<Vec<_>>().concat()
            }
            Self::Reserved => reserved(raw),
            Self::Members => members(raw),
        }
    }
}

/// The text as a JSON string, with nothing escaped that need not be.
#[must_use]
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn reserved(url: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(url.len());
    let mut rest = url;
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = rest.get(1..3).filter(|_| *byte == b'%').and_then(|two| hex::decode(two).ok());
        match escaped.as_deref() {
            Some([plain]) if b":/?@!$'()*,;".contains(plain) => {
                out.push(*plain);
                rest = rest.get(3..).unwrap_or_default();
            }
            _ => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

fn members(data: &[u8]) -> Vec<u8> {
    let data = data.trim_ascii();
    let inside = data.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).map(<[u8]>::trim_ascii);
    match inside {
        Some([]) => Vec::new(),
        Some(inside) => [b",", inside].concat(),
        None => [b",\"value\":", data].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(template: &str, value: &'static str) -> String {
        template.parse::<Template>().unwrap().text(|_| Some(Cow::Borrowed(value.as_bytes()))).unwrap()
    }

    #[test]
    fn braces_of_json_are_text() {
        assert_eq!(filled(r#"{"a":{x},"b":{}}"#, "1"), r#"{"a":1,"b":{}}"#);
    }

    #[test]
    fn filters_work_from_left_to_right() {
        for (template, value, result) in [
            ("{x|md5|base64}", "", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            ("{x|crc32}", "123456789", "3421780262"),
            ("{x|json}", "a\"b\\\n\u{1}é/", "\"a\\\"b\\\\\\n\\u0001é/\""),
            ("{x|path}", "https://h:1/a?b=c", "/a?b=c"),
            ("{x|path}", "https://h", "/"),
            ("{x|sorted}", "b=2&a=1+1&a=%31", "a1a1 1b2"),
            ("{x|reserved}", "https://h/a%3Fb%2fc%20%", "https://h/a?b/c%20%"),
            ("{x|upper|hex}", "a", "41"),
            ("1{x|members}", "{ \"a\": 1 }", "1,\"a\": 1"),
            ("1{x|members}", "{}", "1"),
            ("1{x|members}", "[1]", "1,\"value\":[1]"),
        ] {
            assert_eq!(filled(template, value), result, "{template}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!("{body".parse::<Template>().is_err());
        assert!("{body|rot13}".parse::<Template>().is_err());
        let lost = "{gone}".parse::<Template>().unwrap().text(|_| None);
        assert_eq!(lost, Err(NoValue("gone".to_owned())));
    }

    #[test]
    fn the_text_behind_a_placeholder_fences_it() {
        let template: Template = "{id}.{ts}{body}".parse().unwrap();
        assert_eq!(template.fences().collect::<Vec<_>>(), [("id", ".")]);
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(text in "\\PC{0,40}", value: Vec<u8>) {
            if let Ok(template) = text.parse::<Template>() {
                prop_assert!(template.render(|_| Some(Cow::Owned(value.clone()))).is_ok());
            }
        }

        #[test]
        fn no_value_breaks_a_filter(value: Vec<u8>) {
            for name in ["md5", "hex", "base64", "crc32", "json", "lower", "path", "sorted", "reserved", "members"] {
                let _ = name.parse::<Filter>().unwrap().apply(&value);
            }
        }

        #[test]
        fn a_json_string_is_read_back(text: String) {
            prop_assert_eq!(serde_json::from_str::<String>(&json_string(&text)).unwrap(), text);
        }
    }
}
