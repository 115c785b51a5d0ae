//! What can be done to a value before it is signed: `{body|md5|base64}`, `{url|path}`, `{content|sorted}`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use crate::sign::algorithm::Hash;
use crate::sign::encoding::Encoding;
use crate::sign::form;
use crate::sign::template::TemplateError;

/// What is done to a value before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// The hash's bytes.
    Digest(Hash),
    Encode(Encoding),
    /// The checksum as a decimal number.
    Crc32,
    /// A JSON string, quotes included.
    Json,
    Lower,
    Upper,
    /// A URL up to its query.
    Base,
    /// The path of a URL, with its query.
    Path,
    /// The path of a URL, with its query escaped as one word behind the question mark.
    EscapedPath,
    /// With `\uXXXX` for all that is not ASCII, and `\/` for each slash without a backslash.
    Escaped,
    /// As the value of a form's field.
    Form,
    /// As JavaScript's `encodeURI` does, escapes that are there already included.
    Uri,
    /// A URL whose port is written down, the usual one if it had none.
    WithPort,
    /// A URL without its port.
    WithoutPort,
    /// The parameters of a form by name, each name followed by its value; none of them twice.
    Sorted {
        /// A field that stands there again counts once.
        once: bool,
    },
    /// The parameters of a query by name, decoded, as `name=value` with `&` between them.
    SortedQuery,
    /// The path of a URL as a line with `&` between its parts takes it: without its last slash, `&` escaped.
    CanonicalPath,
    /// The parameters of a URL by name, each once, all its values by the letter with commas between them, escaped.
    /// Without `jwt`, which is the token that says so.
    CanonicalQuery,
    /// A URL with the escapes of `:/?@!$'()*,;` taken back.
    Reserved,
    /// The members of a JSON object after a comma; anything else as the member `value`.
    Members,
}

impl FromStr for Filter {
    type Err = TemplateError;

    fn from_str(name: &str) -> Result<Self, TemplateError> {
        Ok(match name {
            "md5" => Self::Digest(Hash::Md5),
            "sha1" => Self::Digest(Hash::Sha1),
            "sha256" => Self::Digest(Hash::Sha256),
            "sha512" => Self::Digest(Hash::Sha512),
            "hex" => Self::Encode(Encoding::Hex),
            "base64" => Self::Encode(Encoding::Base64),
            "base64url" => Self::Encode(Encoding::Base64url),
            "crc32" => Self::Crc32,
            "json" => Self::Json,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "base" => Self::Base,
            "path" => Self::Path,
            "escaped_path" => Self::EscapedPath,
            "escaped" => Self::Escaped,
            "form" => Self::Form,
            "uri" => Self::Uri,
            "with_port" => Self::WithPort,
            "without_port" => Self::WithoutPort,
            "sorted" => Self::Sorted { once: false },
            "sorted_once" => Self::Sorted { once: true },
            "sorted_query" => Self::SortedQuery,
            "canonical_path" => Self::CanonicalPath,
            "canonical_query" => Self::CanonicalQuery,
            "reserved" => Self::Reserved,
            "members" => Self::Members,
            _ => return Err(TemplateError::Filter(name.to_owned())),
        })
    }
}

impl Filter {
    pub(crate) fn apply(self, raw: &[u8]) -> Vec<u8> {
        let text = || String::from_utf8_lossy(raw);
        match self {
            Self::Digest(hash) => hash.digest(&[Cow::Borrowed(raw)]),
            Self::Encode(encoding) => encoding.encode(raw).into_bytes(),
            Self::Crc32 => {
                let mut sum = flate2::Crc::new();
                sum.update(raw);
                sum.sum().to_string().into_bytes()
            }
            // What is no text stays as it is: replaced, two bodies would look alike.
            Self::Json => match str::from_utf8(raw) {
                Ok(text) => json_string(text).into_bytes(),
                Err(_) => [&b"\""[..], raw, b"\""].concat(),
            },
            Self::Lower => raw.to_ascii_lowercase(),
            Self::Upper => raw.to_ascii_uppercase(),
            Self::Base => raw.split(|byte| *byte == b'?').next().unwrap_or_default().to_vec(),
            Self::Path => path(&text()).as_bytes().to_vec(),
            Self::EscapedPath => escaped_path(&text()),
            Self::Escaped => str::from_utf8(raw).map_or_else(|_| raw.to_vec(), |text| escaped(text).into_bytes()),
            Self::Form => form::encoded(raw, b"-._~", "+"),
            Self::Uri => form::encoded(raw, b";,/?:@&=+$-_.!~*'()#", "%20"),
            Self::WithPort => with_port(&text(), true).into_bytes(),
            Self::WithoutPort => with_port(&text(), false).into_bytes(),
            Self::Sorted { once } => {
                let mut pairs = sorted(raw);
                if once {
                    pairs.dedup();
                }
                pairs.into_iter().flat_map(|(name, value)| [name, value]).collect::<Vec<_>>().concat()
            }
            Self::SortedQuery => {
                let pairs = sorted(raw).into_iter().map(|(name, value)| [name, value].join(&b'='));
                pairs.collect::<Vec<_>>().join(&b'&')
            }
            Self::CanonicalPath => canonical_path(&text()).into_bytes(),
            Self::CanonicalQuery => canonical_query(&text()),
            Self::Reserved => reserved(raw),
            Self::Members => members(raw),
        }
    }
}

/// The text as a JSON string, with nothing escaped that need not be.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let mut rest = text;
    while let Some((run, tail)) = rest.bytes().position(|byte| special(&byte)).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(run);
        let mut letters = tail.chars();
        letters.next().into_iter().for_each(|c| push_json(c, &mut out));
        rest = letters.as_str();
    }
    out.push_str(rest);
    out.push('"');
    out
}

/// One letter of a JSON string.
pub(crate) fn push_json(c: char, out: &mut String) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c if c < ' ' => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '/' if out.ends_with('\\') => out.push('/'),
            '/' => out.push_str("\\/"),
            c if c < '\u{7f}' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

fn sorted(raw: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs = form::pairs(raw);
    pairs.sort();
    pairs
}

fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn escaped_path(url: &str) -> Vec<u8> {
    // A second question mark ends the query.
    let mut parts = path(url).split('?');
    let (path, query) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if query.is_empty() {
        return path.as_bytes().to_vec();
    }
    // What JavaScript's `querystring.escape` leaves alone.
    [path.as_bytes(), b"?", &form::encoded(query.as_bytes(), b"-_.!~*'()", "%20")].concat()
}

fn canonical_path(url: &str) -> String {
    let path = path(url).split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() { "/".to_owned() } else { path.replace('&', "%26") }
}

fn canonical_query(url: &str) -> Vec<u8> {
    let query = path(url).split('#').next().and_then(|path| path.split_once('?'));
    let mut values = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in form::pairs(query.map_or("", |(_, query)| query).as_bytes()) {
        values.entry(name).or_default().push(value);
    }
    values.remove(&b"jwt"[..]);
    let plain = |text: &[u8]| form::encoded(text, b"-._~", "%20");
    let parts = values.into_iter().map(|(name, mut values)| {
        values.sort();
        let values: Vec<_> = values.iter().map(|value| plain(value)).collect();
        [plain(&name), values.join(&b',')].join(&b'=')
    });
    parts.collect::<Vec<_>>().join(&b'&')
}

fn with_port(url: &str, wanted: bool) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let at = if user.is_empty() { "" } else { "@" };
    let usual = if scheme.eq_ignore_ascii_case("http") { "80" } else { "443" };
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let (bare, port) = match host.rsplit_once(':') {
        Some((bare, port)) if digits(port) => (bare, port),
        _ => (host, usual),
    };
    if wanted {
        format!("{scheme}://{user}{at}{bare}:{port}{tail}")
    } else {
        format!("{scheme}://{user}{at}{bare}{tail}")
    }
}

fn reserved(url: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(url.len());
    let mut rest = url;
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = rest.get(1..3).filter(|_| *byte == b'%').and_then(|two| hex::decode(two).ok());
        match escaped.as_deref() {
            Some([plain]) if b":/?@!$'()*,;".contains(plain) => {
                out.push(*plain);
                rest = rest.get(3..).unwrap_or_default();
            }
            _ => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

fn members(data: &[u8]) -> Vec<u8> {
    let data = data.trim_ascii();
    let inside = data.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).map(<[u8]>::trim_ascii);
    match inside {
        Some([]) => Vec::new(),
        Some(inside) => [b",", inside].concat(),
        None => [b",\"value\":", data].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn done(filters: &str, value: &str) -> String {
        let filters = filters.split('|').map(|name| name.parse::<Filter>().unwrap());
        let bytes = filters.fold(value.as_bytes().to_vec(), |raw, filter| filter.apply(&raw));
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn filters_do_what_they_are_called() {
        for (filters, value, result) in [
            ("md5|base64", "", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            ("crc32", "123456789", "3421780262"),
            ("json", "a\"b\\\n\u{1}é/", "\"a\\\"b\\\\\\n\\u0001é/\""),
            ("base", "https://h:1/a?b=c", "https://h:1/a"),
            ("path", "https://h:1/a?b=c", "/a?b=c"),
            ("path", "https://h", "/"),
            ("escaped_path", "https://h/%C3%A9?a=1 %20", "/%C3%A9?a%3D1%20%2520"),
            ("uri", "/%C3 \u{e9}?a=1", "/%25C3%20%C3%A9?a=1"),
            ("sorted", "b=2&a=1+1&a=%31&a=1", "a1a1a1 1b2"),
            ("sorted_once", "b=2&a=1+1&a=%31&a=1", "a1a1 1b2"),
            ("sorted_query", "b=2&a=1+1&a=%31&a=1", "a=1&a=1&a=1 1&b=2"),
            ("canonical_path", "https://h:1/a&b/c/?x=/", "/a%26b/c"),
            ("canonical_path", "https://h?x=1", "/"),
            ("canonical_path", "https://h/", "/"),
            ("canonical_query", "https://h/a", ""),
            ("canonical_query", "https://h/?b=2&jwt=x.y.z&a=z+%C3%A9&a=!*&c#d=1", "a=%21%2A,z%20%C3%A9&b=2&c="),
            ("reserved", "https://h/a%3Fb%2fc%20%", "https://h/a?b/c%20%"),
            ("upper|hex", "a", "41"),
            ("members", "{ \"a\": 1 }", ",\"a\": 1"),
            ("members", "{}", ""),
            ("members", "[1]", ",\"value\":[1]"),
        ] {
            assert_eq!(done(filters, value), result, "{filters}");
        }
    }

    #[test]
    fn ports_come_and_go() {
        for (url, with, without) in [
            ("https://h/a?b:1", "https://h:443/a?b:1", "https://h/a?b:1"),
            ("http://h", "http://h:80", "http://h"),
            ("https://u:1@h:8443/a", "https://u:1@h:8443/a", "https://u:1@h/a"),
            ("https://[::1]/a", "https://[::1]:443/a", "https://[::1]/a"),
        ] {
            assert_eq!((done("with_port", url).as_str(), done("without_port", url).as_str()), (with, without));
        }
    }

    proptest! {
        #[test]
        fn no_value_breaks_a_filter(value: Vec<u8>) {
            for name in [
                "md5", "hex", "base64", "crc32", "json", "lower", "base", "path", "escaped_path", "uri", "with_port",
                "without_port", "sorted", "sorted_once", "sorted_query", "reserved", "members", "canonical_path", "canonical_query",
            ] {
                let _ = name.parse::<Filter>().unwrap().apply(&value);
            }
        }

        #[test]
        fn a_json_string_is_read_back(text: String) {
            prop_assert_eq!(serde_json::from_str::<String>(&json_string(&text)).unwrap(), text);
        }
    }
}
