//! The ways in which programs write JSON.

/// A way to write JSON.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// For people.
    pub(super) name: &'static str,
    pub(super) item: &'static str,
    pub(super) key: &'static str,
    pub(super) indent: Option<&'static str>,
    pub(super) sorted: bool,
    pub(super) escapes: Escapes,
}

/// What is escaped in strings.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
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

pub(super) const COMPACT: Style = Style {
    name: "compact JSON, without spaces",
    item: ",",
    key: ":",
    indent: None,
    sorted: false,
    escapes: Escapes::Kept,
};
pub(super) const SPACED: Style =
    Style { name: "JSON with a space after each comma and colon", item: ", ", key: ": ", ..COMPACT };
pub(super) const PRETTY: Style =
    Style { name: "pretty JSON, indented by 2 spaces", key: ": ", indent: Some("  "), ..COMPACT };

/// The ways that programs write JSON, the usual ones first.
pub(super) const STYLES: [Style; 16] = [
    COMPACT,
    SPACED,
    PRETTY,
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

/// What there is in a document that some styles would write in another way.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is found in a text or not, whatever else is")]
pub(super) struct Traits {
    pub(super) escaped: bool,
    pub(super) unsorted: bool,
    pub(super) non_ascii: bool,
    /// Something would be another text if all was escaped that is not ASCII, and no more.
    pub(super) to_ascii: bool,
    pub(super) slashes: bool,
    pub(super) markup: bool,
}

impl Style {
    pub(super) const fn is_compact(&self) -> bool {
        self.item.len() == 1 && self.key.len() == 1 && self.indent.is_none()
    }

    /// Whether this style can write something that no earlier one does.
    pub(super) const fn matters(&self, traits: Traits) -> bool {
        let escapes = match self.escapes {
            Escapes::Kept => true,
            Escapes::Few => traits.escaped,
            // What is written so already is the same as with its escapes kept.
            Escapes::Ascii => traits.to_ascii,
            Escapes::Slash => traits.slashes,
            Escapes::AsciiAndSlash => traits.slashes && traits.non_ascii,
            Escapes::Html => traits.markup,
        };
        escapes && (traits.unsorted || !self.sorted)
    }
}
