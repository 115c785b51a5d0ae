//! Finds out how an unknown provider signs: layouts are tried until one gives the signature that is there.

use std::borrow::Cow;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::encoding::Encoding;
use crate::sign::key::KeyForm;
use crate::sign::sketch::{Found, Sketch, Spot};
use crate::sign::stamp::Unit;
use crate::sign::template::Template;

/// Bytes that are hashed at most before the search gives up: a few seconds.
const MOST_HASHED: usize = 1 << 30;
/// Headers that may be an id, at most.
const MOST_IDS: usize = 12;

/// What may be signed, the usual first. With a plain hash the secret must stand in it.
const CONTENTS: [&str; 34] = [
    "{body}",
    "{ts}.{body}",
    "{id}.{ts}.{body}",
    "v0:{ts}:{body}",
    "{ts}{body}",
    "{ts}:{body}",
    "{body}{ts}",
    "v1:{ts}:{body}",
    "{id}{ts}{body}",
    "{ts}.{id}.{body}",
    "{ts}{id}{body}",
    "{id}.{body}",
    "{id}{body}",
    "{id}:{ts}:{body}",
    "{body}.{ts}",
    "{body}.{id}.{ts}",
    "{ts},{body}",
    "{ts}|{body}",
    "{id}|{ts}|{body}",
    "{ts}\n{body}",
    "{ts}\n{id}\n{body}\n",
    "[{ts};{body}]",
    "{url}{body}",
    "{body}{url}",
    "{url}",
    "{method}{url}{body}",
    "{method}{url}{body}{ts}",
    "{ts}{method}{url|path}{body}",
    "{ts}.{method}.{url|path}.{body}",
    "{secret}{body}",
    "{body}{secret}",
    "{body}{ts}{secret}",
    "{ts}{body}{secret}",
    "{ts}{id}{secret}{body}",
];

/// Headers that every request has, and that sign nothing.
const COMMON: [&str; 13] = [
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// The layout that gives the signature in the request with this secret, if one is found.
#[must_use]
pub fn draft(name: &str, request: &CapturedRequest, secret: &Secret, url: Option<&str>) -> Option<Sketch> {
    let clues = Clues { request, secret, url, keys: keys(secret), times: times(request), ids: ids(request) };
    let candidates = candidates(request);
    let found = candidates.iter().find_map(|one| clues.token(one)).or_else(|| {
        let mut left = MOST_HASHED;
        candidates.iter().find_map(|one| clues.layout(one, &mut left))
    })?;
    Some(Sketch::new(name, request, url, found))
}

/// A text that may be a signature.
#[derive(Clone, Debug)]
struct Candidate {
    header: String,
    split: Option<&'static str>,
    /// What stands in front of it in its element.
    before: String,
    text: String,
    /// The other elements of its header.
    beside: Vec<String>,
}

/// What a layout is tried with.
struct Clues<'a> {
    request: &'a CapturedRequest,
    secret: &'a Secret,
    url: Option<&'a str>,
    keys: Vec<(KeyForm, Vec<u8>)>,
    times: Vec<(Spot, Unit)>,
    ids: Vec<Spot>,
}

impl Clues<'_> {
    /// The secret itself, as a token.
    fn token(&self, candidate: &Candidate) -> Option<Found> {
        let right = candidate.text == self.secret.reveal();
        right.then(|| found(candidate, Algorithm::Token, Encoding::Hex, "{secret}"))
    }

    fn layout(&self, candidate: &Candidate, left: &mut usize) -> Option<Found> {
        let decoded = |encoding: Encoding| Some((encoding, encoding.decode(candidate.text.as_bytes())?));
        Encoding::ALL.into_iter().filter_map(decoded).find_map(|(encoding, bytes)| {
            CONTENTS.iter().find_map(|content| self.content(candidate, (encoding, &bytes), content, left))
        })
    }

    /// One content, with each time and each id that it may speak of.
    fn content(
        &self,
        candidate: &Candidate,
        (encoding, wanted): (Encoding, &[u8]),
        content: &'static str,
        left: &mut usize,
    ) -> Option<Found> {
        let template: Template = content.parse().ok()?;
        let spots = |name: &str, all: Vec<Option<usize>>| if template.has(name) { all } else { vec![None] };
        let times: Vec<_> = self.times.iter().cloned().chain(element_times(candidate)).collect();
        for time in spots("ts", (0..times.len()).map(Some).collect()) {
            for id in spots("id", (0..self.ids.len()).map(Some).collect()) {
                let time = time.and_then(|place| times.get(place));
                let id = id.and_then(|place| self.ids.get(place));
                let value = |name: &str| match name {
                    "body" => Some(Cow::Borrowed(&self.request.body[..])),
                    "ts" => time.map(|(spot, _)| Cow::Borrowed(spot.text.as_bytes())),
                    "id" => id.map(|spot| Cow::Borrowed(spot.text.as_bytes())),
                    "url" => self.url.map(|url| Cow::Borrowed(url.as_bytes())),
                    "method" => Some(Cow::Borrowed(self.request.method.as_bytes())),
                    "secret" => Some(Cow::Borrowed(self.secret.reveal().as_bytes())),
                    _ => None,
                };
                let Ok(pieces) = template.render(value) else { continue };
                let key = self.key(template.has("secret"), (encoding, wanted), &pieces, left);
                if let Some((algorithm, key)) = key {
                    let (time, id) = (time.cloned(), id.cloned());
                    return Some(Found { key, time, id, ..found(candidate, algorithm, encoding, content) });
                }
            }
        }
        None
    }

    /// The algorithm and the key that make this signature of this content.
    fn key(
        &self,
        with_secret: bool,
        (encoding, wanted): (Encoding, &[u8]),
        pieces: &[Cow<'_, [u8]>],
        left: &mut usize,
    ) -> Option<(Algorithm, KeyForm)> {
        let size: usize = pieces.iter().map(|piece| piece.len()).sum::<usize>() + 128;
        let mut spend = || {
            *left = left.checked_sub(size)?;
            Some(())
        };
        if let Some(hash) = Hash::ALL.into_iter().find(|hash| hash.length() == wanted.len()) {
            if with_secret {
                spend()?;
                return (hash.digest(pieces) == wanted).then(|| (Algorithm::Digest(hash), KeyForm::default()));
            }
            for (form, key) in &self.keys {
                spend()?;
                if hash.hmac(key, pieces).is_ok_and(|made| made == wanted) {
                    return Some((Algorithm::Hmac(hash), form.clone()));
                }
            }
        }
        let public = self.keys.iter().filter(|(_, key)| wanted.len() == 64 && key.len() == 32 && !with_secret);
        for (form, key) in public {
            spend()?;
            let text = encoding.encode(wanted);
            if Algorithm::Ed25519.proof(encoding, key, pieces).is_ok_and(|proof| proof.fits(text.as_bytes())) {
                return Some((Algorithm::Ed25519, form.clone()));
            }
        }
        None
    }
}

fn found(candidate: &Candidate, algorithm: Algorithm, encoding: Encoding, content: &'static str) -> Found {
    Found {
        header: candidate.header.clone(),
        split: candidate.split,
        before: candidate.before.clone(),
        algorithm,
        encoding,
        content,
        key: KeyForm::default(),
        time: None,
        id: None,
    }
}

/// Header lines that are not in every request.
fn special(request: &CapturedRequest) -> impl Iterator<Item = (String, String)> + '_ {
    request.headers.iter().filter_map(|(name, value)| {
        let (name, value) = (str::from_utf8(name).ok()?, str::from_utf8(value).ok()?);
        let common = COMMON.iter().any(|own| own.eq_ignore_ascii_case(name));
        (!common && !value.is_empty() && value.len() <= 1024).then(|| (name.to_owned(), value.to_owned()))
    })
}

/// Headers whose name speaks of a signature go first, whole values before elements.
fn candidates(request: &CapturedRequest) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = special(request).flat_map(|(name, value)| in_header(&name, &value)).collect();
    let named = |name: &str| ["sig", "hmac", "auth", "hash", "digest", "token"].iter().any(|part| name.contains(part));
    all.sort_by_key(|one| !named(&one.header.to_ascii_lowercase()));
    all
}

fn in_header(name: &str, value: &str) -> Vec<Candidate> {
    let mut all = Vec::new();
    for split in [None, Some(", "), Some(","), Some(";"), Some(" ")] {
        let elements: Vec<&str> = split.map_or_else(|| vec![value], |split| value.split(split).collect());
        if split.is_some() && (elements.len() < 2 || elements.len() > 8) {
            continue;
        }
        for (place, element) in elements.iter().enumerate() {
            let beside = elements.iter().enumerate().filter(|(other, _)| *other != place);
            let beside: Vec<String> = beside.map(|(_, element)| (*element).to_owned()).collect();
            let cuts = element.char_indices().filter(|(_, c)| matches!(c, '=' | ',' | ' ' | ':')).map(|(at, _)| at + 1);
            for (before, text) in std::iter::once(0).chain(cuts.take(2)).filter_map(|at| element.split_at_checked(at)) {
                let (before, text) = (before.to_owned(), text.to_owned());
                all.push(Candidate { header: name.to_owned(), split, before, text, beside: beside.clone() });
            }
        }
    }
    all.retain(|one| one.text.len() >= 8);
    all
}

/// A text that can be a moment of this century, and how it is written.
fn unit_of(text: &str) -> Option<Unit> {
    match text.len() {
        10 if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(Unit::S),
        13 if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(Unit::Ms),
        _ => Unit::Iso8601.read(text).map(|_| Unit::Iso8601),
    }
}

fn times(request: &CapturedRequest) -> Vec<(Spot, Unit)> {
    special(request).filter_map(|(name, text)| Some((Spot::header(&name, &text), unit_of(&text)?))).collect()
}

/// The moments that stand beside a signature, as `t=1760000000`.
fn element_times(candidate: &Candidate) -> Vec<(Spot, Unit)> {
    let time = |element: &String| {
        let (name, text) = element.split_once('=')?;
        Some((Spot::element(&format!("{name}={{}}"), text), unit_of(text)?))
    };
    candidate.beside.iter().filter_map(time).collect()
}

fn ids(request: &CapturedRequest) -> Vec<Spot> {
    let mut all: Vec<_> = special(request).filter(|(_, text)| text.len() <= 128 && unit_of(text).is_none()).collect();
    all.sort_by_key(|(name, _)| !name.to_ascii_lowercase().contains("id"));
    all.iter().take(MOST_IDS).map(|(name, text)| Spot::header(name, text)).collect()
}

/// The ways to make a key of the secret that give one.
fn keys(secret: &Secret) -> Vec<(KeyForm, Vec<u8>)> {
    let text = secret.reveal();
    let prefix = text.find('_').and_then(|at| text.get(..=at)).filter(|prefix| prefix.len() <= 12);
    let strips = [None, prefix].into_iter().enumerate().filter(|(place, prefix)| *place == 0 || prefix.is_some());
    let mut all = Vec::new();
    for (_, strip) in strips {
        for decode in [None, Some(Encoding::Base64), Some(Encoding::Hex), Some(Encoding::Base64url)] {
            for derive in [None, Some(Hash::Sha256), Some(Hash::Sha1)] {
                let strip = strip.into_iter().map(str::to_owned).collect();
                let form = KeyForm { strip, decode, derive, ..KeyForm::default() };
                all.extend(form.bytes(secret).ok().map(|key| (form, key.to_vec())));
            }
        }
    }
    // What is simple is likely.
    all.sort_by_key(|(form, _)| form.derive.is_some());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::headers::Headers;
    use crate::model::time::Timestamp;
    use crate::sign::scheme::Scheme;
    use crate::sign::signing::{Outgoing, new_secret, sign};
    use crate::sign::{Checks, Params, Tolerance, vector, verify};
    use bytes::Bytes;

    const URL: &str = "https://example.com/hook?a=1";
    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

    fn signed(scheme: &str) -> (CapturedRequest, Secret) {
        let scheme = Scheme::parse(&format!("name = 'x'\ntitle = 'X'\n{scheme}")).unwrap();
        let secret = new_secret(&scheme, &[7; 32]).unwrap();
        let params = Params::new();
        let outgoing = Outgoing {
            id: "evt_1",
            event_type: "order.created",
            method: "POST",
            url: URL,
            content_type: "application/json",
            body: b"{\"type\":\"order.created\"}",
            attempt: 0,
            params: &params,
        };
        let mut headers = Headers::new();
        for line in ["Host: example.com", "User-Agent: x", "Content-Type: application/json", "X-Request-Id: 0123456789"]
        {
            headers.push_line(line).unwrap();
        }
        let headers = headers.overlaid(&sign(&scheme, std::slice::from_ref(&secret), &outgoing, NOW).unwrap());
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/hook?a=1".to_owned(),
            headers,
            body: Bytes::copy_from_slice(outgoing.body),
            remote: String::new(),
            received_at: NOW,
        };
        (request, secret)
    }

    #[test]
    fn the_layout_of_a_signature_is_found_again() {
        for scheme in [
            "signature = { header = 'X-Sig' }",
            "signature = { header = 'X-Sig' }\nencoding = 'base64'\nalgorithm = 'hmac-sha512'",
            "signature = { header = 'X-Hub-Signature-256' }\nline = { match = 'sha256={}' }",
            "signature = { header = 'Authorization' }\nline = { match = 'HMAC {}' }\nencoding = 'base64'",
            "signature = { header = 'S' }\nline = { split = ',', match = 'v1={}' }\ntimestamp = { element = 't={}' }\nsigned = '{ts}.{body}'",
            "signature = { header = 'S' }\nline = { split = ';', match = 'h1={}' }\ntimestamp = { element = 'ts={}' }\nunit = 'ms'\nsigned = '{ts}:{body}'",
            "signature = { header = 'W-Signature' }\nline = { split = ' ', match = 'v1,{}' }\nid = { header = 'W-Id' }\ntimestamp = { header = 'W-Time' }\n\
             signed = '{id}.{ts}.{body}'\nencoding = 'base64'\nkey = { strip = ['whsec_'], decode = 'base64' }\nsecret = { prefix = 'whsec_', encoding = 'base64' }",
            "signature = { header = 'X-Sig' }\ntimestamp = { header = 'X-At' }\nunit = 'iso8601'\nsigned = '{body}{ts}'",
            "signature = { header = 'X-Sig' }\nsigned = '{url}{body}'\nalgorithm = 'hmac-sha1'\nencoding = 'base64'",
            "signature = { header = 'X-Sig' }\nkey = { decode = 'hex' }",
            "signature = { header = 'X-Sig' }\nsigned = '{secret}{body}'\nalgorithm = 'digest-sha256'",
            "signature = { header = 'X-Token' }\nsigned = '{secret}'\nalgorithm = 'token'",
        ] {
            let (request, secret) = signed(scheme);
            let sketch = draft("mine", &request, &secret, Some(URL)).unwrap_or_else(|| panic!("{scheme}"));
            let text = sketch.text();
            let found = Scheme::parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
            let (secrets, params) = ([secret], Params::new());
            let checks =
                Checks { secrets: &secrets, now: NOW, tolerance: Tolerance::Scheme, params: &params, url: Some(URL) };
            verify(&found, &request, &checks).unwrap_or_else(|why| panic!("{why}\n{text}"));
        }
    }

    #[test]
    fn its_vectors_hold_and_tell_no_secret() {
        let (request, secret) = signed(
            "signature = { header = 'S' }\nline = { split = ',', match = 'v1={}' }\ntimestamp = { element = 't={}' }\nsigned = '{ts}.{body}'",
        );
        let sketch = draft("mine", &request, &secret, None).unwrap();
        for told in [None, Some(&secret)] {
            let text = format!("{}{}", sketch.text(), sketch.vectors(told, &[1; 32]).unwrap());
            assert_eq!(text.contains(secret.reveal()), told.is_some());
            let (scheme, vectors) = (Scheme::parse(&text).unwrap(), vector::vectors(&text).unwrap());
            assert_eq!(vectors.iter().map(|one| one.reason.is_some()).collect::<Vec<_>>(), [false, true]);
            for one in &vectors {
                one.check(&scheme).unwrap_or_else(|why| panic!("{why}\n{text}"));
            }
        }
    }

    #[test]
    fn a_wrong_secret_finds_nothing() {
        let (request, _) = signed("signature = { header = 'X-Sig' }");
        assert!(draft("mine", &request, &Secret::new("another"), Some(URL)).is_none());
    }
}
