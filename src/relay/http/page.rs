//! Pages for people: plain, escaped, without a script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::digest::{SHA256, digest};

use crate::net::{Answer, Body};
use crate::relay::http::guarded;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}";

/// A page; `body` is HTML.
pub(crate) fn page(status: u16, title: &str, body: &str) -> Answer {
    let title = escaped(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><h1>{title}</h1>\n{body}</body></html>\n"
    );
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut headers = guarded();
    for (name, value) in [("content-type", "text/html; charset=utf-8"), ("content-security-policy", &policy)] {
        // The lines are ours and well formed.
        drop(headers.push(name, value));
    }
    Answer { status, headers, body: Body::Full(Bytes::from(text)), ..Answer::default() }
}

/// Text that HTML cannot take for anything else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_html() {
        assert_eq!(
            escaped("<img src=x onerror='1'>\"&\u{1b}"),
            "&lt;img src=x onerror=&#39;1&#39;&gt;&quot;&amp;\u{fffd}"
        );
    }
}
