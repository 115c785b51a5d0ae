//! What is signed, as a line with placeholders: `{id}.{ts}.{body}`, `{url}{content|sorted}`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::sign::filter::Filter;

/// Text with placeholders. A brace that no name follows is text, so JSON can be written as it is. What stands between
/// `{?` and `?}` is left out if a placeholder in it has no value; filters that follow `{(...)` work on all of it.
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
    Maybe(Vec<Piece>),
    Group { inside: Vec<Piece>, filters: Vec<Filter> },
}

/// A part of a content that is nothing but text, body, id and timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Body,
    Id,
    Ts,
}

/// Where a placeholder gets its value.
type Values<'v, 'a> = &'v dyn Fn(&str) -> Option<Cow<'a, [u8]>>;

/// What ends the pieces that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// `?}`, or that of the text.
    Maybe,
    /// `)}` or `)|`.
    Group,
}

/// How deep parts can lie in one another.
const MAX_DEPTH: usize = 4;

impl Template {
    /// The body alone.
    #[must_use]
    pub fn body() -> Self {
        let pieces = vec![Piece::Value { name: "body".to_owned(), filters: Vec::new() }];
        Self { text: "{body}".to_owned(), pieces }
    }

    /// Nothing at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self { text: String::new(), pieces: Vec::new() }
    }

    /// A text without placeholders, if that is all it is.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What it is made of one after the other, if that is nothing but text, body, id and timestamp as they are.
    pub(crate) fn parts(&self) -> Option<Vec<Part>> {
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => Some(Part::Text(text.clone())),
            Piece::Value { name, filters } if filters.is_empty() => match name.as_str() {
                "body" => Some(Part::Body),
                "id" => Some(Part::Id),
                "ts" => Some(Part::Ts),
                _ => None,
            },
            Piece::Value { .. } | Piece::Maybe(_) | Piece::Group { .. } => None,
        };
        self.pieces.iter().map(part).collect()
    }

    /// The names of its placeholders.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        each(&self.pieces, &mut |piece| {
            if let Piece::Value { name, .. } = piece {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Whether a placeholder has this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let mut found = false;
        each(&self.pieces, &mut |piece| found |= matches!(piece, Piece::Value { name: own, .. } if own == name));
        found
    }

    /// Whether there is no rendering it without this placeholder's value.
    #[must_use]
    pub fn needs(&self, name: &str) -> bool {
        needs(&self.pieces, name)
    }

    /// How many filters work on the whole body, which takes far longer than signing what comes out of them.
    #[must_use]
    pub fn body_filters(&self) -> usize {
        let mut count = 0;
        each(&self.pieces, &mut |piece| match piece {
            Piece::Value { name, filters } if name == "body" || name == "content" => count += filters.len().min(1),
            _ => {}
        });
        count
    }

    /// Whether the body is read as a form.
    pub(crate) fn sorts_body(&self) -> bool {
        let mut found = false;
        each(&self.pieces, &mut |piece| match piece {
            Piece::Value { name, filters } if name == "body" || name == "content" => {
                found |= filters.iter().any(|filter| matches!(filter, Filter::Sorted { .. }));
            }
            _ => {}
        });
        found
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
        let mut out = Vec::with_capacity(self.pieces.len());
        render(&self.pieces, &value, &mut out)?;
        Ok(out)
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
        let mut rest = text;
        let mut pieces = parse(&mut rest, 0, End::Maybe)?;
        // The end of a part that never began is text.
        while !rest.is_empty() {
            pieces.push(Piece::Text("?}".to_owned()));
            pieces.extend(parse(&mut rest, 0, End::Maybe)?);
        }
        Ok(Self { text: text.to_owned(), pieces })
    }
}

/// The pieces up to the end of the text or of the part.
fn parse(rest: &mut &str, depth: usize, end: End) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let flush = |plain: &mut String, pieces: &mut Vec<Piece>| {
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(plain)));
        }
    };
    while let Some(at) = rest.find(['{', '?', ')']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        if let Some(tail) = after.strip_prefix("?}").filter(|_| end == End::Maybe) {
            flush(&mut plain, &mut pieces);
            *rest = tail;
            return Ok(pieces);
        }
        if let Some(tail) = after.strip_prefix("{?").filter(|_| depth < MAX_DEPTH) {
            flush(&mut plain, &mut pieces);
            *rest = tail;
            pieces.push(Piece::Maybe(parse(rest, depth + 1, End::Maybe)?));
            continue;
        }
        if let Some(tail) = after.strip_prefix(')').filter(|tail| end == End::Group && tail.starts_with(['}', '|'])) {
            flush(&mut plain, &mut pieces);
            *rest = tail;
            return Ok(pieces);
        }
        if let Some(tail) = after.strip_prefix("{(").filter(|_| depth < MAX_DEPTH) {
            flush(&mut plain, &mut pieces);
            *rest = tail;
            let inside = parse(rest, depth + 1, End::Group)?;
            let (words, tail) = rest.split_once('}').ok_or_else(|| TemplateError::Open(format!("({tail}")))?;
            pieces.push(Piece::Group { inside, filters: filters(words.split('|').skip(1))? });
            *rest = tail;
            continue;
        }
        let inside = after.strip_prefix('{').filter(|inside| inside.starts_with(|c: char| c.is_ascii_lowercase()));
        let Some(inside) = inside else {
            plain.push_str(after.get(..1).unwrap_or_default());
            *rest = after.get(1..).unwrap_or_default();
            continue;
        };
        let (inside, tail) = inside.split_once('}').ok_or_else(|| TemplateError::Open(inside.to_owned()))?;
        flush(&mut plain, &mut pieces);
        let mut words = inside.split('|');
        let name = words.next().unwrap_or_default().to_owned();
        pieces.push(Piece::Value { name, filters: filters(words)? });
        *rest = tail;
    }
    plain.push_str(rest);
    *rest = "";
    flush(&mut plain, &mut pieces);
    Ok(pieces)
}

fn filters<'t>(words: impl Iterator<Item = &'t str>) -> Result<Vec<Filter>, TemplateError> {
    words.map(str::parse).collect()
}

fn needs(pieces: &[Piece], name: &str) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Value { name: own, .. } => own == name,
        Piece::Group { inside, .. } => needs(inside, name),
        Piece::Text(_) | Piece::Maybe(_) => false,
    })
}

fn render<'a>(pieces: &'a [Piece], value: Values<'_, 'a>, out: &mut Vec<Cow<'a, [u8]>>) -> Result<(), NoValue> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push(Cow::Borrowed(text.as_bytes())),
            Piece::Value { name, filters } => {
                let raw = value(name).ok_or_else(|| NoValue(name.clone()))?;
                out.push(filters.iter().fold(raw, |raw, filter| Cow::Owned(filter.apply(&raw))));
            }
            Piece::Maybe(pieces) => {
                let before = out.len();
                if render(pieces, value, out).is_err() {
                    out.truncate(before);
                }
            }
            Piece::Group { inside, filters } => {
                let mut parts = Vec::new();
                render(inside, value, &mut parts)?;
                let whole = Cow::Owned(parts.concat());
                out.push(filters.iter().fold(whole, |raw, filter| Cow::Owned(filter.apply(&raw))));
            }
        }
    }
    Ok(())
}

fn each<'a>(pieces: &'a [Piece], visit: &mut impl FnMut(&'a Piece)) {
    for piece in pieces {
        visit(piece);
        if let Piece::Maybe(inside) | Piece::Group { inside, .. } = piece {
            each(inside, visit);
        }
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
        assert_eq!(filled(r#"{"a":{x},"b":{}}?"#, "1"), r#"{"a":1,"b":{}}?"#);
        assert_eq!(filled("a?}b", "1"), "a?}b");
    }

    #[test]
    fn filters_work_from_left_to_right() {
        assert_eq!(filled("{x|upper|hex}", "a"), "41");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!("{body".parse::<Template>().is_err());
        assert!("{body|rot13}".parse::<Template>().is_err());
        let lost = "{gone}".parse::<Template>().unwrap().text(|_| None);
        assert_eq!(lost, Err(NoValue("gone".to_owned())));
    }

    #[test]
    fn a_part_is_left_out_if_a_value_in_it_is_missing() {
        let template: Template = "{a}{?;{b}{?,{c}?}?}.".parse().unwrap();
        let text = |known: &str| {
            let value = |name: &str| known.contains(name).then(|| Cow::Owned(name.as_bytes().to_vec()));
            template.text(value).unwrap()
        };
        assert_eq!([text("a"), text("ab"), text("abc"), text("ac")], ["a.", "a;b.", "a;b,c.", "a."]);
        assert_eq!(template.names(), ["a", "b", "c"]);
        assert!(template.has("c") && template.needs("a") && !template.needs("b"));
    }

    #[test]
    fn filters_of_a_group_work_on_all_of_it() {
        let template: Template = "a{({x|upper}(&){?{y}?})|hex|upper}.{(b)}".parse().unwrap();
        let text = |known: &str| {
            let value = |name: &str| known.contains(name).then(|| Cow::Owned(name.as_bytes().to_vec()));
            template.text(value)
        };
        assert_eq!(text("xy").unwrap(), "a5828262979.b");
        assert_eq!(text("x").unwrap(), "a58282629.b");
        assert_eq!(text("y"), Err(NoValue("x".to_owned())));
        assert!(template.needs("x") && template.has("y") && !template.needs("y"));
        for bad in ["{(a", "{({x})|rot13}", "{({x}", "{({x}?})"] {
            assert!(bad.parse::<Template>().is_err(), "{bad}");
        }
        assert_eq!(filled("f(a)}", "1"), "f(a)}");
    }

    #[test]
    fn the_text_behind_a_placeholder_fences_it() {
        let template: Template = "{id}.{ts}{body}".parse().unwrap();
        assert_eq!(template.fences().collect::<Vec<_>>(), [("id", ".")]);
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(text in "[a-z{}()?|.]{0,40}", value: Vec<u8>) {
            if let Ok(template) = text.parse::<Template>() {
                prop_assert!(template.render(|_| Some(Cow::Owned(value.clone()))).is_ok());
            }
        }
    }
}
