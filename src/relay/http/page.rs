//! Pages for people: plain, escaped, without a script.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::digest::{SHA256, digest};

use crate::net::{Answer, Body};
use crate::relay::http::guarded;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;\
overflow-wrap:anywhere}code{background:#f3f3f3;padding:.1rem .3rem}";

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

/// The page at `/`: what this is, with no data in it.
pub(crate) fn welcome() -> Answer {
    let body = concat!(
        "<p>whk ",
        env!("CARGO_PKG_VERSION"),
        " is listening.</p>\n<p>Webhooks go to <code>/in/&lt;app&gt;/&lt;any path&gt;</code>, for example ",
        "<code>/in/default</code>.</p>\n<p><code>whk events list</code> shows what arrived, ",
        "<code>whk replay ID</code> sends it again, <code>/openapi.json</code> says what else there is.</p>\n",
    );
    page(200, "whk", body)
}

/// A table of texts.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::from("<table><tr>");
    for head in heads {
        write(&mut text, "th", head);
    }
    for row in rows {
        text.push_str("</tr>\n<tr>");
        for cell in row {
            write(&mut text, "td", cell);
        }
    }
    text.push_str("</tr></table>\n");
    text
}

fn write(text: &mut String, tag: &str, cell: &str) {
    // Writing to a text cannot fail.
    let _ = write!(text, "<{tag}>{}</{tag}>", escaped(cell));
}

/// Text that HTML cannot take for anything else.
pub(crate) fn escaped(text: &str) -> String {
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
        let table = table(&["a"], &[vec!["<img src=x onerror='1'>\"&\u{1b}".to_owned()]]);
        assert!(table.contains("<td>&lt;img src=x onerror=&#39;1&#39;&gt;&quot;&amp;\u{fffd}</td>"), "{table}");
    }
}
