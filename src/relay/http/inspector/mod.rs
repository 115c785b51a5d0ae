//! The inspector: the page at `/` and behind a portal's link, and the files it is made of, all inside the binary.

use bytes::Bytes;
use ring::digest::{SHA256, digest};

use crate::model::CapturedRequest;
use crate::net::{Answer, Body};
use crate::relay::http::{guarded, problem};

/// Where the page's files are.
const PREFIX: &str = "/inspector/";
const PAGE: &[u8] = include_bytes!("page.html");
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Each file's name, its media type and its bytes.
const FILES: [(&str, &str, &[u8]); 15] = [
    ("style.css", CSS, include_bytes!("style.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("icon.svg")),
    ("app.js", SCRIPT, include_bytes!("app.js")),
    ("api.js", SCRIPT, include_bytes!("api.js")),
    ("body.js", SCRIPT, include_bytes!("body.js")),
    ("catalogue.js", SCRIPT, include_bytes!("catalogue.js")),
    ("charts.js", SCRIPT, include_bytes!("charts.js")),
    ("dead.js", SCRIPT, include_bytes!("dead.js")),
    ("detail.js", SCRIPT, include_bytes!("detail.js")),
    ("diff.js", SCRIPT, include_bytes!("diff.js")),
    ("dom.js", SCRIPT, include_bytes!("dom.js")),
    ("endpoints.js", SCRIPT, include_bytes!("endpoints.js")),
    ("events.js", SCRIPT, include_bytes!("events.js")),
    ("list.js", SCRIPT, include_bytes!("list.js")),
    ("replay.js", SCRIPT, include_bytes!("replay.js")),
];

/// Whether a path is that of a file of the page's.
pub(crate) fn is_file(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// The page. `frames` are the origins that may show it in a frame; it has no data in it.
pub(crate) fn page(frames: &[String]) -> Answer {
    let ancestors = if frames.is_empty() { "'none'".to_owned() } else { frames.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; \
         trusted-types 'none'"
    );
    let mut headers = guarded();
    if !frames.is_empty() {
        // The older header knows no list of origins; where it is left out, the policy speaks.
        headers = headers.without(|name| name.eq_ignore_ascii_case(b"x-frame-options"));
    }
    for (name, value) in [("content-type", "text/html; charset=utf-8"), ("content-security-policy", &policy)] {
        // The lines are ours, and origins were checked when they were given.
        drop(headers.push(name, value));
    }
    Answer { status: 200, headers, body: Body::Full(Bytes::from_static(PAGE)), ..Answer::default() }
}

/// A file of the page's, or nothing if the browser has it.
pub(crate) fn file(path: &str, request: &CapturedRequest) -> Answer {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return problem(405, "method_not_allowed", "only GET is known here");
    }
    let name = path.strip_prefix(PREFIX).unwrap_or_default();
    let Some((_, kind, bytes)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return problem(404, "not_found", "there is nothing at this path");
    };
    let sum = digest(&SHA256, bytes);
    let tag = format!("\"{}\"", hex::encode(sum.as_ref().get(..12).unwrap_or_default()));
    let mut headers = guarded();
    // The lines are ours and well formed.
    drop(headers.push("etag", &tag));
    if request.headers.text("if-none-match").is_some_and(|known| known.contains(&tag)) {
        return Answer { status: 304, headers, ..Answer::default() };
    }
    drop(headers.push("content-type", kind));
    drop(headers.push("content-security-policy", "default-src 'none'; frame-ancestors 'none'"));
    Answer { status: 200, headers, body: Body::Full(Bytes::from_static(bytes)), ..Answer::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_it_is_small_and_asks_nobody_else() {
        let all = || FILES.iter().map(|(name, _, bytes)| (*name, *bytes)).chain([("page.html", PAGE)]);
        let size: usize = all().map(|(_, bytes)| bytes.len()).sum();
        assert!(size < 150 << 10, "{size} bytes");
        for (name, bytes) in all() {
            let text = str::from_utf8(bytes).unwrap();
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "document.cookie"] {
                assert!(!text.contains(word), "{name}: {word}");
            }
            let foreign = text.split("//").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
            for rest in foreign {
                assert!(
                    ["www.w3.org/2000/svg", "localhost", "example.com"].iter().any(|known| rest.starts_with(known)),
                    "{name}: //{rest:.40}"
                );
            }
        }
    }
}
