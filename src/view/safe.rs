//! Text from outside, made fit for a terminal.

use std::fmt::Write;

/// One line of text in which nothing is hidden: control characters, line breaks too, marks that turn the direction of
/// writing, and characters without width are spelled out (`\n`, `\x1b`, `\u{202e}`), as are bytes that are not UTF-8.
#[must_use]
pub fn safe(text: impl AsRef<[u8]>) -> String {
    shown(text.as_ref(), is_hidden)
}

/// As [`safe`], but line feeds and tabs stay: for bodies shown on many lines.
#[must_use]
pub fn safe_block(text: impl AsRef<[u8]>) -> String {
    shown(text.as_ref(), |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// Whether a terminal would act on the character, or show nothing or something misleading for it.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' // no width, and marks of direction
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, embeddings and overrides
            | '\u{2060}'..='\u{206f}' // joiners, invisible operators, isolates
            | '\u{fff9}'..='\u{fffb}' // interlinear notes
            | '\u{e0000}'..='\u{e0fff}' // tags and selectors that carry text unseen
        )
}

fn shown(bytes: &[u8], hidden: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(bytes.len());
    // Writing to a String cannot fail, so the results below say nothing.
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let _ = match c {
                c if !hidden(c) => shown.write_char(c),
                '\n' => shown.write_str("\\n"),
                '\r' => shown.write_str("\\r"),
                '\t' => shown.write_str("\\t"),
                c if c.is_ascii() => write!(shown, "\\x{:02x}", u32::from(c)),
                c => write!(shown, "\\u{{{:x}}}", u32::from(c)),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_act_on_is_spelled_out() {
        assert_eq!(safe("a\x1b[2Jb\x07\x7f\r\n\t\0"), "a\\x1b[2Jb\\x07\\x7f\\r\\n\\t\\x00");
        assert_eq!(
            safe("\u{9b}31m\u{202e}x\u{200b}\u{feff}\u{e0041}"),
            "\\u{9b}31m\\u{202e}x\\u{200b}\\u{feff}\\u{e0041}"
        );
        assert_eq!(safe(b"caf\xe9 \xc2"), "caf\\xe9 \\xc2");
        assert_eq!(safe("grüße 日本 🚀 \\ \""), "grüße 日本 🚀 \\ \"");
        assert_eq!(safe_block("{\n\t\"a\": 1\r\n}\x1b"), "{\n\t\"a\": 1\\r\n}\\x1b");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "[\\PC\\x00-\\x1f\\x7f-\\x9f\u{61c}\u{200b}-\u{206f}\u{feff}]{0,40}", bytes: Vec<u8>) {
            for shown in [safe(&text), safe(&bytes)] {
                prop_assert!(!shown.chars().any(is_hidden));
            }
            prop_assert!(!safe_block(&text).chars().any(|c| is_hidden(c) && !"\n\t".contains(c)));
        }

        #[test]
        fn what_is_plain_stays_as_it_is(text in "[ -~äöü€日]{0,40}") {
            prop_assert_eq!(safe(&text), text);
        }
    }
}
