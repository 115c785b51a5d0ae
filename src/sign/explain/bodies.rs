//! The body as it may have been when it was signed.

use std::io::Read;

use crate::sign::encoding::Encoding;
use crate::sign::explain::Hint;
use crate::sign::explain::respell::{Node, STYLES};
use crate::sign::form;

/// The most that a compressed body is unpacked to.
const MAX_UNPACKED: u64 = 16 << 20;
/// The largest body that is written again as JSON.
const MAX_JSON: usize = 4 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Other bodies that the signature could be over, the usual mistakes first.
pub(crate) fn variants(body: &[u8]) -> Vec<(Hint, Vec<u8>)> {
    let mut found = Vec::new();
    ends(body, &mut found);
    inside(body, &mut found);
    packed(body, &mut found);
    forms(body, &mut found);
    respelled(body, &mut found);
    found.retain(|(_, other)| other != body);
    found
}

type Found = Vec<(Hint, Vec<u8>)>;

const RAW: &str = "Verify the raw bytes of the request, before anything reads, prints or parses them.";

/// Newlines and the byte order mark.
fn ends(body: &[u8], found: &mut Found) {
    let newline = |what: &str| {
        let message =
            format!("The signature is over the body {what}. {RAW} In a shell, printf '%s' adds no newline, echo does.");
        Hint::new("trailing_newline", message)
    };
    let bare = body.trim_ascii_end();
    found.push((newline("without its last newline"), body.strip_suffix(b"\n").unwrap_or(body).to_vec()));
    found.push((newline("without its last newline"), body.strip_suffix(b"\r\n").unwrap_or(body).to_vec()));
    found.push((newline("with a newline at its end"), [body, b"\n"].concat()));
    found.push((newline("with CR LF at its end"), [body, b"\r\n"].concat()));
    found.push((newline("without the white space at its end"), bare.to_vec()));
    let mark = |what: &str| {
        let message =
            format!("The signature is over the body {what} byte order mark. {RAW} Decoding to text drops it.");
        Hint::new("byte_order_mark", message)
    };
    found.push((mark("without the"), body.strip_prefix(BOM).unwrap_or(body).to_vec()));
    found.push((mark("with a"), [BOM, body].concat()));
    let message =
        format!("The signature is over an empty body: the sender signed nothing, or before it had the body. {RAW}");
    found.push((Hint::new("empty_body", message), Vec::new()));
}

/// Line ends and character sets.
fn inside(body: &[u8], found: &mut Found) {
    let lines =
        |what: &str| Hint::new("line_endings", format!("The signature is over the body with {what} line ends. {RAW}"));
    let unix: Vec<u8> = {
        let mut rest = body.iter().peekable();
        std::iter::from_fn(|| {
            let byte = *rest.next()?;
            if byte == b'\r' && rest.peek() == Some(&&b'\n') { rest.next().copied() } else { Some(byte) }
        })
        .collect()
    };
    let dos = unix.iter().flat_map(|byte| if *byte == b'\n' { b"\r\n".to_vec() } else { vec![*byte] }).collect();
    found.push((lines("CRLF"), dos));
    found.push((lines("LF"), unix));
    let message = format!("The signature is over the body in another character set. {RAW}");
    let charset = || Hint::new("charset", message.clone());
    let text = str::from_utf8(body);
    if let Some(latin) = text.ok().and_then(|text| text.chars().map(|c| u8::try_from(c).ok()).collect()) {
        found.push((charset(), latin));
    }
    if text.is_err() {
        found.push((charset(), body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()));
    }
}

/// Compression and base64.
fn packed(body: &[u8], found: &mut Found) {
    let unpacked = match body {
        [0x1f, 0x8b, ..] => unpack(flate2::read::MultiGzDecoder::new(body)),
        [0x78, ..] => unpack(flate2::read::ZlibDecoder::new(body)),
        _ => None,
    };
    if let Some(unpacked) = unpacked {
        let message = "The signature is over the body before it was compressed (gzip). Unpack it first, then verify.";
        found.push((Hint::new("compressed", message.to_owned()), unpacked));
    }
    if let Some(decoded) = Encoding::Base64.decode(body.trim_ascii()) {
        let message =
            "The body is base64 of what was signed, as some gateways hand it on. Decode it first, then verify.";
        found.push((Hint::new("base64_body", message.to_owned()), decoded));
    }
}

fn unpack(reader: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(MAX_UNPACKED + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= MAX_UNPACKED).then_some(out)
}

/// Forms that were decoded, and payloads taken out of them.
fn forms(body: &[u8], found: &mut Found) {
    let hint = |what: &str| Hint::new("form_decoded", format!("The signature is over {what}. {RAW}"));
    let encoded = "the form as it was sent, percent-encoded";
    // What leaves which signs alone: Python, JavaScript's URLSearchParams, its encodeURIComponent.
    let habits: [(&[u8], &str); 4] = [(b"-._~", "+"), (b"*-._", "+"), (b"-_.!~*'()", "%20"), (b"-._~", "%20")];
    for (keep, space) in habits {
        let again = |text: &[u8]| form::encoded(text, keep, space);
        if memchr::memchr(b'=', body).is_some() {
            let part = |part: &[u8]| {
                let (name, value) = part.split_at(memchr::memchr(b'=', part).unwrap_or(part.len()));
                match value.split_first() {
                    Some((_, value)) => [&again(name)[..], b"=", &again(value)].concat(),
                    None => again(name),
                }
            };
            let parts: Vec<_> = body.split(|byte| *byte == b'&').map(part).collect();
            found.push((hint(encoded), parts.join(&b'&')));
        }
        if body.trim_ascii_start().starts_with(b"{") {
            found.push((hint("the whole form, not over its field payload"), [b"payload=", &again(body)[..]].concat()));
        }
    }
    if memchr::memchr2(b'%', b'+', body).is_some() {
        found.push((hint("the decoded form"), form::decoded(body)));
    }
    if let Some((_, value)) = form::pairs(body).into_iter().find(|(name, _)| name == b"payload") {
        found.push((hint("the form's field payload alone"), value));
    }
}

/// JSON that was parsed and written again.
fn respelled(body: &[u8], found: &mut Found) {
    let Some(text) = str::from_utf8(body).ok().filter(|text| text.len() <= MAX_JSON) else { return };
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(string) = serde_json::from_str::<String>(text) {
        let message = "The body is a JSON string with what was signed inside it. Unpack it once, then verify.";
        return found.push((Hint::new("json_string", message.to_owned()), string.into_bytes()));
    }
    let Some(node) = Node::parse(text).filter(|node| !matches!(node, Node::Leaf(_))) else { return };
    for style in STYLES {
        let name = style.name;
        let message = format!(
            "The signature is over {name}: the body was parsed and serialised again. {RAW} A framework's parsed body is too late."
        );
        let written = node.write(style);
        let known = found.iter().any(|(_, other)| other == written.as_bytes());
        if !known {
            found.push((Hint::new("json_reserialised", message), written.into_bytes()));
        }
    }
}
