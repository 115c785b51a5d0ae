//! JSON written as other programs write it. Numbers keep their text.

use std::fmt::Write as _;

use crate::sign::filter::json_string;

/// How deep values may lie in one another; deeper ones are left alone.
const MAX_DEPTH: usize = 100;

/// A way to write JSON.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// For people.
    pub(crate) name: &'static str,
    item: &'static str,
    key: &'static str,
    indent: Option<&'static str>,
    sorted: bool,
    escapes: Escapes,
}

/// What is escaped in strings.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    /// What was.
    Kept,
    /// What has to be.
    Few,
    /// Whatever is not ASCII, too.
    Ascii,
    /// Whatever is not ASCII, and slashes.
    AsciiAndSlash,
    /// Slashes.
    Slash,
    /// `<`, `>` and `&`.
    Html,
}

const COMPACT: Style = Style {
    name: "compact JSON, without spaces",
    item: ",",
    key: ":",
    indent: None,
    sorted: false,
    escapes: Escapes::Kept,
};
const SPACED: Style = Style { name: "JSON with a space after each comma and colon", item: ", ", key: ": ", ..COMPACT };
const PRETTY: Style = Style { name: "pretty JSON, indented by 2 spaces", key: ": ", indent: Some("  "), ..COMPACT };

/// The ways that programs write JSON, the usual ones first.
pub(crate) const STYLES: [Style; 16] = [
    COMPACT,
    PRETTY,
    SPACED,
    Style { name: "compact JSON with sorted keys", sorted: true, ..COMPACT },
    Style { name: "compact JSON with characters unescaped", escapes: Escapes::Few, ..COMPACT },
    Style { name: "compact JSON with escapes (\\u00e9) for all that is not ASCII", escapes: Escapes::Ascii, ..COMPACT },
    Style { name: "spaced JSON with escapes (\\u00e9) for all that is not ASCII", escapes: Escapes::Ascii, ..SPACED },
    Style { name: "compact JSON with escaped slashes (\\/)", escapes: Escapes::Slash, ..COMPACT },
    Style { name: "compact JSON with escapes (\\u00e9, \\/)", escapes: Escapes::AsciiAndSlash, ..COMPACT },
    Style { name: "compact JSON with escapes (\\u003c) for <, > and &", escapes: Escapes::Html, ..COMPACT },
    Style { name: "pretty JSON, indented by 4 spaces", indent: Some("    "), ..PRETTY },
    Style { name: "pretty JSON, indented by tabs", indent: Some("\t"), ..PRETTY },
    Style { name: "spaced JSON with sorted keys", sorted: true, ..SPACED },
    Style { name: "pretty JSON with sorted keys", sorted: true, ..PRETTY },
    Style { name: "compact JSON with sorted keys and escapes", sorted: true, escapes: Escapes::Ascii, ..COMPACT },
    Style { name: "spaced JSON with characters unescaped", escapes: Escapes::Few, ..SPACED },
];

/// A JSON value, in pieces of its text.
pub(crate) enum Node<'a> {
    /// A string, a number, or a word.
    Leaf(Text<'a>),
    List(Vec<Node<'a>>),
    Object(Vec<(Text<'a>, Node<'a>)>),
}

/// A string with its quotes, a number, or a word.
pub(crate) struct Text<'a> {
    raw: &'a str,
    /// With nothing escaped that need not be, where that is another text.
    fresh: Option<Box<str>>,
}

/// What there is in a document that some styles would write in another way.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is found in a text or not, whatever else is")]
pub(crate) struct Traits {
    escaped: bool,
    unsorted: bool,
    non_ascii: bool,
    slashes: bool,
    markup: bool,
}

impl Style {
    /// Whether this style can write something that no earlier one does.
    pub(crate) const fn matters(&self, traits: Traits) -> bool {
        let escapes = match self.escapes {
            Escapes::Kept => true,
            Escapes::Few => traits.escaped,
            Escapes::Ascii => traits.non_ascii || (self.sorted && traits.escaped),
            Escapes::Slash => traits.slashes,
            Escapes::AsciiAndSlash => traits.slashes && traits.non_ascii,
            Escapes::Html => traits.markup,
        };
        escapes && (traits.unsorted || !self.sorted)
    }
}

impl<'a> Text<'a> {
    fn new(raw: &'a str) -> Self {
        // Without a backslash there is nothing to take back.
        let fresh = raw.contains('\\').then(|| serde_json::from_str::<String>(raw).map(|text| json_string(&text)).ok());
        Self { raw, fresh: fresh.flatten().filter(|fresh| fresh != raw).map(String::into_boxed_str) }
    }

    fn put(&self, escapes: Escapes, out: &mut String) {
        let text = match escapes {
            Escapes::Kept => return out.push_str(self.raw),
            _ => self.fresh.as_deref().unwrap_or(self.raw),
        };
        let ascii = matches!(escapes, Escapes::Ascii | Escapes::AsciiAndSlash);
        let slash = matches!(escapes, Escapes::Slash | Escapes::AsciiAndSlash);
        let other = |byte: u8| match byte {
            b'/' => slash,
            b'<' | b'>' | b'&' => escapes == Escapes::Html,
            byte => ascii && !byte.is_ascii(),
        };
        if !text.starts_with('"') || escapes == Escapes::Few || !text.bytes().any(other) {
            return out.push_str(text);
        }
        for c in text.chars() {
            match c {
                '/' if slash => out.push_str("\\/"),
                '<' | '>' | '&' if escapes == Escapes::Html => escape(c, out),
                c if ascii && !c.is_ascii() => escape(c, out),
                c => out.push(c),
            }
        }
    }
}

impl<'a> Node<'a> {
    /// The value of a JSON text, if it is one and not too deep.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        let mut rest = text;
        let node = value(&mut rest, 0)?;
        rest.trim().is_empty().then_some(node)
    }

    /// What styles would write in another way.
    pub(crate) fn traits(&self, text: &str) -> Traits {
        let mut traits = Traits { markup: text.contains(['<', '>', '&']), ..Traits::default() };
        self.look(&mut traits);
        traits.slashes = text.contains('/') || traits.slashes;
        traits.non_ascii = !text.is_ascii() || traits.non_ascii;
        traits
    }

    fn look(&self, traits: &mut Traits) {
        let mut one = |text: &Text| {
            if let Some(fresh) = &text.fresh {
                traits.escaped = true;
                traits.non_ascii |= !fresh.is_ascii();
                traits.markup |= fresh.contains(['<', '>', '&']);
            }
        };
        match self {
            Node::Leaf(text) => one(text),
            Node::List(items) => items.iter().for_each(|item| item.look(traits)),
            Node::Object(members) => {
                for (name, _) in members {
                    one(name);
                }
                traits.unsorted |= !members.is_sorted_by_key(|(name, _)| name.raw);
                for (_, value) in members {
                    value.look(traits);
                }
            }
        }
    }

    /// The value as text, added at the end of `out`.
    pub(crate) fn write(&self, style: Style, out: &mut String) {
        self.put(style, 0, out);
    }

    fn put(&self, style: Style, depth: usize, out: &mut String) {
        match self {
            Node::Leaf(text) => text.put(style.escapes, out),
            Node::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    separate(style, index, depth + 1, out);
                    item.put(style, depth + 1, out);
                }
                close(style, items.is_empty(), depth, out);
                out.push(']');
            }
            Node::Object(members) => {
                let member = |index: usize, (name, value): &(Text, Node), out: &mut String| {
                    separate(style, index, depth + 1, out);
                    name.put(style.escapes, out);
                    out.push_str(style.key);
                    value.put(style, depth + 1, out);
                };
                out.push('{');
                if style.sorted {
                    let mut members: Vec<_> = members.iter().collect();
                    members.sort_by_key(|(name, _)| name.raw);
                    members.iter().enumerate().for_each(|(index, one)| member(index, one, out));
                } else {
                    members.iter().enumerate().for_each(|(index, one)| member(index, one, out));
                }
                close(style, members.is_empty(), depth, out);
                out.push('}');
            }
        }
    }
}

fn separate(style: Style, index: usize, depth: usize, out: &mut String) {
    if index > 0 {
        out.push_str(style.item);
    }
    new_line(style, depth, out);
}

fn close(style: Style, empty: bool, depth: usize, out: &mut String) {
    if !empty {
        new_line(style, depth, out);
    }
}

fn new_line(style: Style, depth: usize, out: &mut String) {
    if let Some(indent) = style.indent {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str(indent));
    }
}

fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Takes one value off the front of a text that is known to be JSON.
fn value<'a>(rest: &mut &'a str, depth: usize) -> Option<Node<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    *rest = rest.trim_start();
    if let Some(inside) = rest.strip_prefix('[') {
        *rest = inside;
        let mut items = Vec::new();
        while !closed(rest, ']')? {
            items.push(value(rest, depth + 1)?);
        }
        return Some(Node::List(items));
    }
    if let Some(inside) = rest.strip_prefix('{') {
        *rest = inside;
        let mut members = Vec::new();
        while !closed(rest, '}')? {
            let name = word(rest)?;
            *rest = rest.trim_start().strip_prefix(':')?;
            members.push((Text::new(name), value(rest, depth + 1)?));
        }
        return Some(Node::Object(members));
    }
    word(rest).map(|word| Node::Leaf(Text::new(word)))
}

/// Whether the list or object ends here; passes over the comma before a member.
fn closed(rest: &mut &str, end: char) -> Option<bool> {
    let text = rest.trim_start();
    let text = text.strip_prefix(',').map_or(text, str::trim_start);
    let tail = text.strip_prefix(end);
    *rest = tail.unwrap_or(text);
    (!text.is_empty()).then_some(tail.is_some())
}

/// A string, a number or a word.
fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let end = if rest.starts_with('"') {
        let mut escaped = false;
        let close = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        close? + 2
    } else {
        rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len())
    };
    let (word, tail) = rest.split_at_checked(end)?;
    *rest = tail;
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(node: &Node, style: Style) -> String {
        let mut out = String::new();
        node.write(style, &mut out);
        out
    }

    #[test]
    fn numbers_and_order_are_kept() {
        let text = r#" { "b" : [ 1.10 , 1e2, -0 ,[],{} ] , "a\"" : null } "#;
        let node = Node::parse(text).unwrap();
        assert_eq!(written(&node, COMPACT), r#"{"b":[1.10,1e2,-0,[],{}],"a\"":null}"#);
        assert_eq!(written(&node, STYLES[3]), r#"{"a\"":null,"b":[1.10,1e2,-0,[],{}]}"#);
        assert_eq!(written(&node, SPACED), r#"{"b": [1.10, 1e2, -0, [], {}], "a\"": null}"#);
        let pretty = "{\n  \"b\": [\n    1.10,\n    1e2,\n    -0,\n    [],\n    {}\n  ],\n  \"a\\\"\": null\n}";
        assert_eq!(written(&node, PRETTY), pretty);
    }

    #[test]
    fn strings_are_escaped_as_other_programs_do() {
        let node = Node::parse(r#"["é/<🚀","\u00e9\/"]"#).unwrap();
        let all: Vec<_> = STYLES[4..10].iter().map(|style| written(&node, *style)).collect();
        assert_eq!(
            all,
            [
                r#"["é/<🚀","é/"]"#,
                r#"["\u00e9/<\ud83d\ude80","\u00e9/"]"#,
                r#"["\u00e9/<\ud83d\ude80", "\u00e9/"]"#,
                r#"["é\/<🚀","é\/"]"#,
                r#"["\u00e9\/<\ud83d\ude80","\u00e9\/"]"#,
                r#"["é/\u003c🚀","é/"]"#,
            ]
        );
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_left_alone() {
        for text in ["", "{", "a=1", "[1,]", &"[".repeat(100_000), &format!("{}{}", "[".repeat(200), "]".repeat(200))] {
            assert!(Node::parse(text).is_none());
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[\\[\\]{},:\"\\\\a1 ]{0,30}") {
            if let Some(node) = Node::parse(&text) {
                let again = written(&node, COMPACT);
                let (one, two): (serde_json::Value, serde_json::Value) =
                    (serde_json::from_str(&text).unwrap(), serde_json::from_str(&again).unwrap());
                prop_assert_eq!(one, two);
            }
        }
    }
}
