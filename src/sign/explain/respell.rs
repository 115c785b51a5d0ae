//! JSON written as other programs write it. Numbers keep their text.

use std::cell::OnceCell;
use std::ops::ControlFlow;

use crate::sign::explain::style::{Escapes, STYLES, Style, Traits};
use crate::sign::filter::push_json;

/// How deep values may lie in one another; deeper ones are left alone.
const MAX_DEPTH: usize = 100;

/// A JSON value, in pieces of its text.
enum Node<'a> {
    /// A string, a number, or a word.
    Leaf(Text<'a>),
    List(Vec<Node<'a>>),
    Object(Vec<(Text<'a>, Node<'a>)>),
}

/// A string with its quotes, a number, or a word.
struct Text<'a> {
    raw: &'a str,
    /// With nothing escaped that need not be, where that is another text.
    fresh: Option<Box<str>>,
}

impl<'a> Text<'a> {
    fn new(raw: &'a str) -> Self {
        // Without a backslash there is nothing to take back.
        let fresh = memchr::memchr(b'\\', raw.as_bytes()).and_then(|_| unescaped(raw));
        Self { raw, fresh: fresh.filter(|fresh| fresh != raw).map(String::into_boxed_str) }
    }

    /// Whether it is another text with all escaped that is not ASCII, and nothing else that need not be.
    fn is_not_ascii_style(&self, escaped: &mut String) -> bool {
        let Some(fresh) = &self.fresh else { return !self.raw.is_ascii() };
        escaped.clear();
        escape_all(fresh, Escapes::Ascii, escaped);
        escaped != self.raw
    }

    fn text(&self, fresh: bool) -> &str {
        self.fresh.as_deref().filter(|_| fresh).unwrap_or(self.raw)
    }
}

/// A document that is written again in one style after another. What several styles have in common is done once.
pub(crate) struct Respelled<'a> {
    node: Node<'a>,
    traits: Traits,
    length: usize,
    compact: [OnceCell<Compact>; 4],
}

/// JSON without any space, and the places of the signs in it that stand in no string.
struct Compact {
    text: String,
    signs: Vec<u32>,
}

impl<'a> Respelled<'a> {
    /// The document that a text is, if it is one and not too deep.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let node = Node::parse(text).filter(|node| !matches!(node, Node::Leaf(_)))?;
        let traits = node.traits(text);
        Some(Self { node, traits, length: text.len(), compact: [const { OnceCell::new() }; 4] })
    }

    /// What the first so many styles make of the document, until one is taken. The memory is that of the one before.
    pub(crate) fn each<B>(&self, count: usize, mut visit: impl FnMut(Style, &str) -> ControlFlow<B>) -> ControlFlow<B> {
        let (mut spread, mut escaped) = (String::with_capacity(self.length.saturating_mul(2)), String::new());
        let mut styles = STYLES.into_iter().take(count).filter(|style| style.matters(self.traits));
        styles.try_for_each(|style| visit(style, self.written(style, &mut spread, &mut escaped)))
    }

    fn written<'s>(&'s self, style: Style, spread: &'s mut String, out: &'s mut String) -> &'s str {
        let fresh = self.traits.escaped && style.escapes != Escapes::Kept;
        let [plain, plain_fresh, sorted, sorted_fresh] = &self.compact;
        let cell = match (style.sorted, fresh) {
            (false, false) => plain,
            (false, true) => plain_fresh,
            (true, false) => sorted,
            (true, true) => sorted_fresh,
        };
        let compact = cell.get_or_init(|| {
            let mut text = String::with_capacity(self.length);
            self.node.put(style.sorted, fresh, &mut text);
            Compact { signs: signs(&text), text }
        });
        let text = if style.is_compact() {
            compact.text.as_str()
        } else {
            spread.clear();
            compact.spread(style, spread);
            spread.as_str()
        };
        out.clear();
        match style.escapes {
            Escapes::Kept | Escapes::Few => return text,
            Escapes::AsciiAndSlash => {
                let mut slashed = String::with_capacity(text.len());
                escape_all(text, Escapes::Slash, &mut slashed);
                escape_all(&slashed, Escapes::Ascii, out);
            }
            escapes => escape_all(text, escapes, out),
        }
        out
    }
}

impl Compact {
    /// The same with the spaces and line breaks of a style.
    fn spread(&self, style: Style, out: &mut String) {
        out.reserve(self.text.len() + self.signs.len());
        let (mut start, mut depth) = (0, 0_usize);
        let indent = style.indent.unwrap_or_default();
        let deepest = style.indent.map(|indent| format!("\n{}", indent.repeat(MAX_DEPTH + 1))).unwrap_or_default();
        let line = |depth: usize, out: &mut String| {
            out.push_str(deepest.get(..=indent.len() * depth).unwrap_or(&deepest));
        };
        let bytes = self.text.as_bytes();
        for at in self.signs.iter().map(|at| *at as usize) {
            let beside = |place: Option<usize>| place.and_then(|place| bytes.get(place)).copied();
            out.push_str(self.text.get(start..at).unwrap_or_default());
            start = at + 1;
            match bytes.get(at) {
                Some(b',') => {
                    out.push_str(style.item);
                    line(depth, out);
                }
                Some(b':') => out.push_str(style.key),
                Some(open @ (b'{' | b'[')) => {
                    depth += 1;
                    out.push(char::from(*open));
                    if !matches!(beside(at.checked_add(1)), Some(b'}' | b']')) {
                        line(depth, out);
                    }
                }
                Some(close) => {
                    depth = depth.saturating_sub(1);
                    if !matches!(beside(at.checked_sub(1)), Some(b'{' | b'[')) {
                        line(depth, out);
                    }
                    out.push(char::from(*close));
                }
                None => {}
            }
        }
        out.push_str(self.text.get(start..).unwrap_or_default());
    }
}

/// The places of braces, brackets, commas and colons that stand in no string.
fn signs(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len() / 8);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at += string_length(bytes.get(at..).unwrap_or_default()).unwrap_or(1),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                found.extend(u32::try_from(at));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// A string with nothing escaped that need not be; none if half of a letter stands in it.
fn unescaped(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((run, tail)) = memchr::memchr(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(run);
        let (escape, tail) = tail.split_at_checked(2)?;
        rest = tail;
        match escape {
            "\\/" => out.push('/'),
            "\\u" => push_json(unit(&mut rest)?, &mut out),
            own => out.push_str(own),
        }
    }
    out.push_str(rest);
    Some(out)
}

/// The letter whose number stands here; one of two halves has the other one behind it.
fn unit(rest: &mut &str) -> Option<char> {
    let first = number(rest)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(u32::from(first));
    }
    *rest = rest.strip_prefix("\\u")?;
    char::decode_utf16([first, number(rest)?]).next()?.ok()
}

fn number(rest: &mut &str) -> Option<u16> {
    let (digits, tail) = rest.split_at_checked(4)?;
    *rest = tail;
    u16::from_str_radix(digits, 16).ok()
}

/// How long the string is that begins here, with its quotes.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let sign = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(sign) {
            Some(b'"') => return Some(sign + 1),
            _ => at = sign + 2,
        }
    }
}

/// A document with more escaped. What is escaped stands in strings alone, so nothing need be told apart; and whole runs
/// are passed over, which takes a fraction of looking at each letter.
fn escape_all(text: &str, escapes: Escapes, out: &mut String) {
    let next: fn(&[u8]) -> Option<usize> = match escapes {
        Escapes::Ascii => |bytes| bytes.iter().position(|byte| !byte.is_ascii()),
        Escapes::Slash => |bytes| memchr::memchr(b'/', bytes),
        Escapes::Html => |bytes| memchr::memchr3(b'<', b'>', b'&', bytes),
        Escapes::Kept | Escapes::Few | Escapes::AsciiAndSlash => |_| None,
    };
    let mut rest = text;
    while let Some((run, tail)) = next(rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(run);
        let Some(c) = tail.chars().next() else { break };
        rest = tail.get(c.len_utf8()..).unwrap_or_default();
        if c == '/' {
            out.push_str("\\/");
        } else {
            escape(c, out);
        }
    }
    out.push_str(rest);
}

impl<'a> Node<'a> {
    /// The value of a JSON text, if it is one and not too deep.
    fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        let mut rest = text;
        let node = value(&mut rest, 0)?;
        rest.trim().is_empty().then_some(node)
    }

    /// What styles would write in another way.
    fn traits(&self, text: &str) -> Traits {
        let markup = memchr::memchr3(b'<', b'>', b'&', text.as_bytes()).is_some();
        let mut traits = Traits { markup, ..Traits::default() };
        self.look(&mut traits, &mut String::new());
        traits.slashes = text.contains('/') || traits.slashes;
        traits.non_ascii = !text.is_ascii() || traits.non_ascii;
        traits
    }

    fn look(&self, traits: &mut Traits, escaped: &mut String) {
        let mut one = |text: &Text| {
            traits.to_ascii = traits.to_ascii || text.is_not_ascii_style(escaped);
            if let Some(fresh) = &text.fresh {
                traits.escaped = true;
                traits.non_ascii |= !fresh.is_ascii();
                traits.markup |= fresh.contains(['<', '>', '&']);
            }
        };
        match self {
            Node::Leaf(text) => one(text),
            Node::List(items) => items.iter().for_each(|item| item.look(traits, escaped)),
            Node::Object(members) => {
                for (name, _) in members {
                    one(name);
                }
                traits.unsorted |= !members.is_sorted_by_key(|(name, _)| name.raw);
                for (_, value) in members {
                    value.look(traits, escaped);
                }
            }
        }
    }

    /// The value as text without any space, added at the end of `out`.
    fn put(&self, sorted: bool, fresh: bool, out: &mut String) {
        match self {
            Node::Leaf(text) => out.push_str(text.text(fresh)),
            Node::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    out.push(if index == 0 { '[' } else { ',' });
                    item.put(sorted, fresh, out);
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Node::Object(members) => {
                let mut order: Vec<_> = members.iter().collect();
                if sorted {
                    order.sort_by_key(|(name, _)| name.raw);
                }
                for (index, (name, value)) in order.into_iter().enumerate() {
                    out.push(if index == 0 { '{' } else { ',' });
                    out.push_str(name.text(fresh));
                    out.push(':');
                    value.put(sorted, fresh, out);
                }
                out.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let digit = |place: u32| char::from_digit(u32::from(*unit >> place) & 15, 16).unwrap_or_default();
        out.extend(['\\', 'u', digit(12), digit(8), digit(4), digit(0)]);
    }
}

/// Takes one value off the front of a text that is known to be JSON.
fn value<'a>(rest: &mut &'a str, depth: usize) -> Option<Node<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    *rest = rest.trim_ascii_start();
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
            *rest = rest.trim_ascii_start().strip_prefix(':')?;
            members.push((Text::new(name), value(rest, depth + 1)?));
        }
        return Some(Node::Object(members));
    }
    word(rest).map(|word| Node::Leaf(Text::new(word)))
}

/// Whether the list or object ends here; passes over the comma before a member.
fn closed(rest: &mut &str, end: char) -> Option<bool> {
    let text = rest.trim_ascii_start();
    let text = text.strip_prefix(',').map_or(text, str::trim_ascii_start);
    let tail = text.strip_prefix(end);
    *rest = tail.unwrap_or(text);
    (!text.is_empty()).then_some(tail.is_some())
}

/// A string, a number or a word.
fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let end = if rest.starts_with('"') {
        string_length(rest.as_bytes())?
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
    use crate::sign::explain::style::{COMPACT, PRETTY, SPACED};
    use crate::sign::filter::json_string;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Respelled<'_> {
        Respelled::parse(text).unwrap()
    }

    fn written(node: &Respelled, style: Style) -> String {
        node.written(style, &mut String::new(), &mut String::new()).to_owned()
    }

    #[test]
    fn numbers_and_order_are_kept() {
        let text = r#" { "b" : [ 1.10 , 1e2, -0 ,[],{} ] , "a\"" : null } "#;
        let node = parsed(text);
        assert_eq!(written(&node, COMPACT), r#"{"b":[1.10,1e2,-0,[],{}],"a\"":null}"#);
        assert_eq!(written(&node, STYLES[3]), r#"{"a\"":null,"b":[1.10,1e2,-0,[],{}]}"#);
        assert_eq!(written(&node, SPACED), r#"{"b": [1.10, 1e2, -0, [], {}], "a\"": null}"#);
        let pretty = "{\n  \"b\": [\n    1.10,\n    1e2,\n    -0,\n    [],\n    {}\n  ],\n  \"a\\\"\": null\n}";
        assert_eq!(written(&node, PRETTY), pretty);
    }

    #[test]
    fn strings_are_escaped_as_other_programs_do() {
        let node = parsed(r#"["é/<🚀","\u00e9\/"]"#);
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
            assert!(Respelled::parse(text).is_none());
        }
    }

    #[test]
    fn a_style_that_writes_what_another_one_does_is_left_out() {
        let tried = |text: &str| {
            let mut all = Vec::new();
            let done = parsed(text).each(STYLES.len(), |_, written| {
                all.push(written.to_owned());
                ControlFlow::<()>::Continue(())
            });
            assert!(done.is_continue());
            all
        };
        for text in [r#"{"b":"\u00e9\"/","a":[1,2]}"#, r#"{"b":"x","a":[1,2]}"#, r#"["\u00e9","\n"]"#] {
            let all = tried(text);
            let mut different = all.clone();
            different.sort();
            different.dedup();
            assert_eq!(all.len(), different.len(), "{text}: {all:#?}");
        }
        // Capital digits, a needless escape and a letter as it is: each is another text once all is ASCII.
        for text in [r#"["\u00E9"]"#, r#"["\u00e9\u0041"]"#, "[\"é\"]"] {
            let ascii = text.replace("E9", "e9").replace("\\u0041", "A").replace('é', "\\u00e9");
            assert!(tried(text).contains(&ascii), "{text}");
        }
    }

    proptest! {
        #[test]
        fn escapes_are_taken_back_as_a_parser_does(
            parts in prop::collection::vec("\\PC|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud[8-9a-f]3[0-9]", 0..12)
        ) {
            let raw = format!("\"{}\"", parts.iter().filter(|part| *part != "\"" && *part != "\\").cloned().collect::<String>());
            let parsed = serde_json::from_str::<String>(&raw).ok().map(|text| json_string(&text));
            prop_assert_eq!(unescaped(&raw), parsed);
        }

        #[test]
        fn no_text_breaks_it(text in "[\\[\\]{},:\"\\\\a1 ]{0,30}") {
            if let Some(node) = Respelled::parse(&text) {
                let again = written(&node, COMPACT);
                let (one, two): (serde_json::Value, serde_json::Value) =
                    (serde_json::from_str(&text).unwrap(), serde_json::from_str(&again).unwrap());
                prop_assert_eq!(&one, &two);
                for style in STYLES {
                    let again: serde_json::Value = serde_json::from_str(&written(&node, style)).unwrap();
                    prop_assert_eq!(&again, &one, "{}", style.name);
                }
            }
        }
    }
}
