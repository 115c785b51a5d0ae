//! The body as it may have been when it was signed.

use std::cell::OnceCell;
use std::io::Read;
use std::ops::ControlFlow;

use crate::sign::encoding::Encoding;
use crate::sign::explain::Hint;
use crate::sign::explain::respell::Respelled;
use crate::sign::explain::style::STYLES;
use crate::sign::form;

/// The most that a compressed body is unpacked to.
const MAX_UNPACKED: u64 = 16 << 20;
/// The largest body that is decoded, escaped or written again; larger ones only have their ends looked at.
const MAX_REWRITTEN: usize = 4 << 20;

/// The largest body that is no text and is looked at as a form.
const MAX_BINARY_FORM: usize = 256 << 10;
/// How many ways to write JSON are commoner than the others.
const COMMONEST: usize = 2;

const BOM: &[u8] = b"\xef\xbb\xbf";
const RAW: &str = "Verify the raw bytes of the request, before anything reads, prints or parses them.";

/// What tries a body, and breaks off when it has found what it wants.
pub(crate) type Try<'t> = dyn FnMut(Hint, &[u8]) -> Tried + 't;
/// Whether to go on, or what was found.
pub(crate) type Tried = ControlFlow<Vec<Hint>>;

/// How a body may have ended, and the mistake if it did.
pub(crate) type End = (Option<Hint>, Vec<u8>);

/// Which bodies are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Every one.
    All,
    /// Those of the commonest mistakes, where there is no time for more.
    Commonest,
}

/// A body, and the JSON in it once it was read.
pub(crate) struct Bodies<'a> {
    body: &'a [u8],
    document: OnceCell<Option<Respelled<'a>>>,
}

impl<'a> Bodies<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self { body, document: OnceCell::new() }
    }

    /// Tries other bodies that the signature could be over, the usual mistakes first. One at a time is in memory.
    pub(crate) fn each(&self, which: Which, try_one: &mut Try) -> Tried {
        let body = self.body;
        let other = &mut |hint: Hint, bytes: &[u8]| match bytes {
            same if same == body => ControlFlow::Continue(()),
            bytes => try_one(hint, bytes),
        };
        if which == Which::All {
            marked(body, other)?;
        }
        if body.len() > MAX_REWRITTEN {
            return ControlFlow::Continue(());
        }
        if which == Which::All {
            inside(body, other)?;
            packed(body, other)?;
            // What is no text is hardly a form, and three times as long as one.
            if body.len() <= MAX_BINARY_FORM || str::from_utf8(body).is_ok() {
                forms(body, other)?;
            }
            unpacked(body, other)?;
        }
        let read = || Respelled::parse(str::from_utf8(body).ok()?.trim_start_matches('\u{feff}'));
        let Some(document) = self.document.get_or_init(read) else { return ControlFlow::Continue(()) };
        let count = if which == Which::All { STYLES.len() } else { COMMONEST };
        document.each(count, |style, written| {
            let message = format!(
                "The signature is over {}: the body was parsed and serialised again. {RAW} A framework's parsed body is too late.",
                style.name
            );
            other(Hint::new("json_reserialised", message), written.as_bytes())
        })
    }
}

/// Other ends of a body: what it begins with, and what may follow that, first what does follow. They are tried
/// together, since a hash of the beginning does for all of them.
pub(crate) fn ends(body: &[u8]) -> (&[u8], Vec<End>) {
    let newline = |what: &str| {
        let message =
            format!("The signature is over the body {what}. {RAW} In a shell, printf '%s' adds no newline, echo does.");
        Some(Hint::new("trailing_newline", message))
    };
    let (head, tail) = body.split_at(body.trim_ascii_end().len());
    let mut found = vec![
        (None, tail.to_vec()),
        (newline("without its last newline"), tail.strip_suffix(b"\n").unwrap_or(tail).to_vec()),
        (newline("without its last newline"), tail.strip_suffix(b"\r\n").unwrap_or(tail).to_vec()),
        (newline("with a newline at its end"), [tail, b"\n"].concat()),
        (newline("with CR LF at its end"), [tail, b"\r\n"].concat()),
        (newline("without the white space at its end"), Vec::new()),
    ];
    found.retain(|(hint, end)| hint.is_none() || end != tail);
    // What is left of nothing but white space is an empty body.
    found.retain(|(hint, end)| hint.is_none() || !(head.is_empty() && end.is_empty()));
    (head, found)
}

/// The byte order mark, and nothing at all.
fn marked(body: &[u8], other: &mut Try) -> Tried {
    let mark = |what: &str| {
        let message =
            format!("The signature is over the body {what} byte order mark. {RAW} Decoding to text drops the mark.");
        Hint::new("byte_order_mark", message)
    };
    let message = "The signature is over an empty body: the sender signed nothing, or before it had the body.";
    other(Hint::new("empty_body", message.to_owned()), b"")?;
    match body.strip_prefix(BOM) {
        Some(bare) => other(mark("without the"), bare),
        None => other(mark("with a"), &[BOM, body].concat()),
    }
}

/// Line ends and character sets.
fn inside(body: &[u8], other: &mut Try) -> Tried {
    let lines =
        |what: &str| Hint::new("line_endings", format!("The signature is over the body with {what} line ends. {RAW}"));
    if memchr::memchr(b'\n', body).is_some() {
        let unix = replaced(body, b"\r\n", b"\n");
        other(lines("CRLF"), &replaced(&unix, b"\n", b"\r\n"))?;
        other(lines("LF"), &unix)?;
    }
    if body.is_ascii() {
        return ControlFlow::Continue(());
    }
    let charset = || Hint::new("charset", format!("The signature is over the body in another character set. {RAW}"));
    match str::from_utf8(body) {
        Ok(text) => match text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>() {
            Some(latin) => other(charset(), &latin),
            None => ControlFlow::Continue(()),
        },
        Err(_) => other(charset(), body.iter().map(|byte| char::from(*byte)).collect::<String>().as_bytes()),
    }
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut start = 0;
    for at in memchr::memmem::find_iter(text, old) {
        out.extend_from_slice(text.get(start..at).unwrap_or_default());
        out.extend_from_slice(new);
        start = at + old.len();
    }
    out.extend_from_slice(text.get(start..).unwrap_or_default());
    out
}

/// Compression and base64.
fn packed(body: &[u8], other: &mut Try) -> Tried {
    let unpacked = match body {
        [0x1f, 0x8b, ..] => unpack(flate2::read::MultiGzDecoder::new(body)),
        [0x78, ..] => unpack(flate2::read::ZlibDecoder::new(body)),
        _ => None,
    };
    if let Some(unpacked) = unpacked {
        let message = "The signature is over the body before it was compressed (gzip). Unpack it first, then verify.";
        other(Hint::new("compressed", message.to_owned()), &unpacked)?;
    }
    match Encoding::Base64.decode(body.trim_ascii()) {
        Some(decoded) => {
            let message =
                "The body is base64 of what was signed, as some gateways hand it on. Decode it first, then verify.";
            other(Hint::new("base64_body", message.to_owned()), &decoded)
        }
        None => ControlFlow::Continue(()),
    }
}

fn unpack(reader: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(MAX_UNPACKED + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= MAX_UNPACKED).then_some(out)
}

/// Forms that were decoded, and payloads taken out of them.
fn forms(body: &[u8], other: &mut Try) -> Tried {
    let hint = |what: &str| Hint::new("form_decoded", format!("The signature is over {what}. {RAW}"));
    let json = body.trim_ascii_start().starts_with(b"{");
    // What leaves which signs alone: Python, JavaScript's URLSearchParams, its encodeURIComponent.
    let habits: [(&[u8], &str); 4] = [(b"-._~", "+"), (b"*-._", "+"), (b"-_.!~*'()", "%20"), (b"-._~", "%20")];
    let mut seen = Vec::new();
    let telling: Vec<u8> = b"~*!'()".iter().filter(|sign| memchr::memchr(**sign, body).is_some()).copied().collect();
    let spaced = memchr::memchr(b' ', body).is_some();
    for (keep, space) in habits {
        // Two habits that differ in signs which do not occur write the same.
        let trait_of = (spaced.then_some(space), telling.iter().map(|sign| keep.contains(sign)).collect::<Vec<_>>());
        if seen.contains(&trait_of) {
            continue;
        }
        seen.push(trait_of);
        let again = |text: &[u8]| form::encoded(text, keep, space);
        if json {
            let mut whole = Vec::with_capacity(body.len().saturating_mul(2));
            whole.extend_from_slice(b"payload=");
            form::encode(body, keep, space, &mut whole);
            other(hint("the whole form, not over its field payload"), &whole)?;
        } else if memchr::memchr(b'=', body).is_some() {
            let part = |part: &[u8]| {
                let (name, value) = part.split_at(memchr::memchr(b'=', part).unwrap_or(part.len()));
                match value.split_first() {
                    Some((_, value)) => [&again(name)[..], b"=", &again(value)].concat(),
                    None => again(name),
                }
            };
            let parts: Vec<_> = body.split(|byte| *byte == b'&').map(part).collect();
            other(hint("the form as it was sent, percent-encoded"), &parts.join(&b'&'))?;
        }
    }
    if json {
        return ControlFlow::Continue(());
    }
    other(hint("the decoded form"), &form::decoded(body))?;
    match form::pairs(body).into_iter().find(|(name, _)| name == b"payload") {
        Some((_, value)) => other(hint("the form's field payload alone"), &value),
        None => ControlFlow::Continue(()),
    }
}

/// A JSON string with something in it.
fn unpacked(body: &[u8], other: &mut Try) -> Tried {
    let quoted = body.trim_ascii_start().starts_with(b"\"").then(|| serde_json::from_slice::<String>(body).ok());
    let Some(string) = quoted.flatten() else { return ControlFlow::Continue(()) };
    let message = "The body is a JSON string with what was signed inside it. Unpack it once, then verify.";
    other(Hint::new("json_string", message.to_owned()), string.as_bytes())
}
