//! Why a signature does not match: the usual mistakes, tried one after another.

mod bodies;
mod respell;
mod secrets;
mod style;
mod trial;
mod urls;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::sign::explain::bodies::{Bodies, Tried, Which};
use crate::sign::explain::trial::{Guess, Trial};
use crate::sign::key::Dirt;
use crate::sign::layout::Layout;
use crate::sign::place::{Lines, Sight};
use crate::sign::presets::detect;
use crate::sign::reading::{Reading, Wanted};
use crate::sign::scheme::Scheme;
use crate::sign::stamp::Unit;
use crate::sign::template::Template;
use crate::sign::verifying::{Checks, Reason, Tolerance, read_whole};

/// A mistake that would account for a rejection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// A word for scripts, such as `trailing_newline`.
    pub cause: &'static str,
    /// What differs and what to change, for people. No secret and no right signature is ever in it.
    pub message: String,
}

/// From here on a number of seconds would lie after the year 5000, so it counts milliseconds.
const SURELY_MILLIS: i64 = 100_000_000_000;

/// The largest body for which any two mistakes at once are looked for; of a larger one, only common ones.
const MAX_COMBINED: usize = 256 << 10;

/// Layouts that are mistaken for another's although no scheme at hand has them.
const USUAL_LAYOUTS: [&str; 6] = ["{body}", "{ts}.{body}", "{ts}{body}", "{id}.{body}", "{id}{ts}{body}", "{body}{ts}"];

/// Finds the mistakes that account for a rejection; `others` are the schemes it is compared with.
///
/// A hint is a finding: with the mistake made, the signature fits. It never makes a request valid.
#[must_use]
pub fn explain(scheme: &Scheme, request: &CapturedRequest, checks: &Checks, others: &[Arc<Scheme>]) -> Vec<Hint> {
    let Err(rejection) = read_whole(scheme, request, checks) else { return Vec::new() };
    let found = match rejection.reason {
        Reason::TimestampTooOld | Reason::TimestampTooNew => vec![wrong_time(scheme, request, checks)],
        Reason::NoMatchingSignature => checks
            .secrets
            .iter()
            .find_map(|secret| mismatch(scheme, request, secret, checks, others))
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    if !found.is_empty() {
        return found;
    }
    let mut hints = dirty_secrets(checks.secrets);
    hints.extend(other_scheme(scheme, request, checks, others));
    hints
}

impl Hint {
    pub(crate) const fn new(cause: &'static str, message: String) -> Self {
        Self { cause, message }
    }
}

/// The signature is right and the time is not.
fn wrong_time(scheme: &Scheme, request: &CapturedRequest, checks: &Checks) -> Hint {
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, checks.params);
    let layout = scheme.layout(Some(sight), checks.secrets.first(), checks.params);
    let moment = Reading::of(layout, sight, request, Wanted::Verdict, |reading| reading.moment).ok().flatten();
    match (layout.unit, moment) {
        (Unit::S, Some(moment)) if moment.seconds() > SURELY_MILLIS => Hint::new(
            "timestamp_in_milliseconds",
            "The timestamp counts milliseconds, this scheme counts seconds. Divide by 1000 before signing.".to_owned(),
        ),
        (Unit::Ms, Some(moment)) if moment.millis() < SURELY_MILLIS => Hint::new(
            "timestamp_in_seconds",
            "The timestamp counts seconds, this scheme counts milliseconds. Multiply by 1000 before signing.".to_owned(),
        ),
        _ => Hint::new(
            "clock_or_replay",
            "The signature is right, only the time is not: an old request was sent again, it waited too long, or a clock is wrong.".to_owned(),
        ),
    }
}

/// The mistakes with which one secret's signature fits.
fn mismatch(
    scheme: &Scheme,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
    others: &[Arc<Scheme>],
) -> Option<Vec<Hint>> {
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, checks.params);
    let layout = scheme.layout(Some(sight), Some(secret), checks.params);
    let trace =
        |reading: &Reading| guessed(&Trial::new(layout, reading, request, secret, checks), layout, secret, others);
    Reading::of(layout, sight, request, Wanted::All, trace).ok()?
}

/// The guesses one by one, until a signature fits.
fn guessed(trial: &Trial, layout: &Layout, secret: &Secret, others: &[Arc<Scheme>]) -> Option<Vec<Hint>> {
    let own = trial.plain();
    // Another key of a pair could only be guessed.
    let pair = layout.algorithm.has_key_pair();
    let keys = if pair { Vec::new() } else { secrets::variants(&layout.key, secret) };
    let templates = layouts(layout.signed.to_string().as_str(), others);

    let mut single = trial.fits(own).map(|more| (None, more));
    for (hint, key) in &keys {
        single = single.or_else(|| trial.fits(Guess { key, ..own }).map(|more| (Some(hint.clone()), more)));
    }
    for (hint, ts) in trial.stamps() {
        single = single.or_else(|| trial.fits(Guess { ts: Some(&ts), ..own }).map(|more| (Some(hint), more)));
    }
    for (hint, url) in trial.urls() {
        single = single.or_else(|| trial.fits(Guess { url: Some(&url), ..own }).map(|more| (Some(hint), more)));
    }
    // A layout that asks for work on the whole body comes after what may have happened to the body.
    let (cheap, costly): (Vec<_>, Vec<_>) = templates.iter().partition(|(_, template)| template.body_filters() == 0);
    let other = |(hint, template): &(Hint, Template)| {
        trial.fits(Guess { template, ..own }).map(|more| (Some(hint.clone()), more))
    };
    if let Some((hint, more)) = single.or_else(|| cheap.into_iter().find_map(other)) {
        return Some(hint.into_iter().chain(more).collect());
    }
    let try_one = &mut |hint, body: &[u8]| found(trial.fits(Guess { body, ..own }), [hint]);
    let bodies = Bodies::new(own.body);
    let changed = bodies.each(Which::All, try_one).break_value();
    let changed = changed.or_else(|| two_mistakes(trial, &bodies, &keys, &templates));
    let last = || costly.into_iter().find_map(other).map(|(hint, more)| hint.into_iter().chain(more).collect());
    changed.or_else(last)
}

/// A wrong key together with a wrong layout or a wrong body.
fn two_mistakes(
    trial: &Trial,
    bodies: &Bodies,
    keys: &[(Hint, Vec<u8>)],
    templates: &[(Hint, Template)],
) -> Option<Vec<Hint>> {
    let own = trial.plain();
    let large = own.body.len() > MAX_COMBINED;
    let likely = |template: &Template| !large || USUAL_LAYOUTS.contains(&template.to_string().as_str());
    let likely = || templates.iter().filter(|(_, template)| likely(template));
    for ((first, key), (second, template)) in keys.iter().flat_map(|key| likely().map(move |other| (key, other))) {
        if let Some(more) = trial.fits(Guess { key, template, ..own }) {
            return Some([first.clone(), second.clone()].into_iter().chain(more).collect());
        }
    }
    let which = if large { Which::Commonest } else { Which::All };
    let changed = bodies.each(which, &mut |second, body| {
        keys.iter()
            .try_for_each(|(first, key)| found(trial.fits(Guess { body, key, ..own }), [first.clone(), second.clone()]))
    });
    changed.break_value()
}

/// Breaks off with these mistakes and the further ones, if a guess fits with them.
fn found<const N: usize>(more: Option<Vec<Hint>>, hints: [Hint; N]) -> Tried {
    match more {
        Some(more) => ControlFlow::Break(hints.into_iter().chain(more).collect()),
        None => ControlFlow::Continue(()),
    }
}

/// What other schemes sign.
fn layouts(own: &str, others: &[Arc<Scheme>]) -> Vec<(Hint, Template)> {
    let named =
        others.iter().flat_map(|other| other.layouts().map(|layout| (Some(other.title()), layout.signed.clone())));
    let usual = USUAL_LAYOUTS.iter().filter_map(|text| Some((None, text.parse::<Template>().ok()?)));
    let mut found: Vec<(Hint, Template)> = Vec::new();
    for (title, template) in named.chain(usual) {
        let text = template.to_string();
        if text != own && !found.iter().any(|(_, known)| *known == template) {
            let whose = title.map_or_else(String::new, |title| format!(", as {title} does"));
            let message = format!("The sender signs the layout {text}{whose}; this scheme signs {own}.");
            found.push((Hint::new("other_layout", message), template));
        }
    }
    found
}

fn dirty_secrets(secrets: &[Secret]) -> Vec<Hint> {
    secrets.iter().filter_map(|secret| Dirt::of(secret.reveal())).map(secrets::dirty).collect()
}

/// A scheme by which the request is right, or whose headers these are.
fn other_scheme(scheme: &Scheme, request: &CapturedRequest, checks: &Checks, others: &[Arc<Scheme>]) -> Option<Hint> {
    let timeless = Checks { tolerance: Tolerance::Unchecked, ..*checks };
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, checks.params);
    // Many sign alike: what was found wrong once is not asked again.
    let mut wrong: Vec<&Layout> = scheme.layouts().collect();
    let right =
        others.iter().filter(|other| other.layouts().any(|layout| layout.signature.glimpsed(sight))).find(|other| {
            let layout = other.layout(Some(sight), checks.secrets.first(), checks.params);
            let known = checks.secrets.len() == 1 && wrong.iter().any(|one| one.judges_like(layout));
            wrong.push(layout);
            !known && read_whole(other, request, &timeless).is_ok()
        });
    if let Some(other) = right {
        let (title, name) = (other.title(), other.name());
        return Some(Hint::new("other_scheme", format!("The signature is right for {title}: use the scheme {name}.")));
    }
    let other = detect(request).filter(|other| other.name() != scheme.name())?;
    let (title, name) = (other.title(), other.name());
    Some(Hint::new("other_scheme", format!("The headers are those of {title}: use the scheme {name}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use bytes::Bytes;

    use crate::model::headers::Headers;
    use crate::model::time::Timestamp;
    use crate::sign::Params;
    use crate::sign::algorithm::Hash;
    use crate::sign::encoding::Encoding;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"type":"order.created","data":{"id":1}}"#;
    const PRETTY: &str = "{\n  \"type\": \"order.created\",\n  \"data\": {\n    \"id\": 1\n  }\n}";
    const NOW: i64 = 1_760_000_000;
    const SCHEME: &str = "name = 'x'\ntitle = 'X'\nencoding = 'base64'\nkey = { strip = ['whsec_'], decode = 'base64' }\n\
        signed = '{id}.{ts}.{body}'\nsignature = { header = 'x-sig' }\nline = { split = ' ', match = 'v1,{}' }\n\
        id = { header = 'x-id' }\ntimestamp = { header = 'x-ts' }\ntolerance = { past = 300, future = 300 }\n";
    const OTHER: &str = "name = 'y'\ntitle = 'Y'\nsigned = '{ts}:{body}'\nsignature = { header = 'y-sig' }\ntimestamp = { header = 'x-ts' }\n";

    /// How a sender with a mistake signs.
    struct Sender<'a> {
        key: &'a [u8],
        hash: Hash,
        encoding: Encoding,
        ts: &'a str,
        sent_ts: &'a str,
    }

    impl Sender<'_> {
        fn mac(&self, content: &[u8]) -> String {
            self.encoding.encode(&self.hash.hmac(self.key, &[content.into()]).unwrap())
        }

        fn headers(&self, body: &[u8]) -> Headers {
            let signature = self.mac(&[b"msg_1.", self.ts.as_bytes(), b".", body].concat());
            lines(&[("x-id", "msg_1"), ("x-ts", self.sent_ts), ("x-sig", &format!("v1,{signature}"))])
        }
    }

    fn lines(pairs: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.push(name, value).unwrap();
        }
        headers
    }

    fn key() -> Vec<u8> {
        Encoding::Base64.decode(&SECRET.as_bytes()[6..]).unwrap()
    }

    fn good(key: &[u8]) -> Sender<'_> {
        Sender { key, hash: Hash::Sha256, encoding: Encoding::Base64, ts: "1760000000", sent_ts: "1760000000" }
    }

    fn hints(secret: &str, headers: Headers, body: &[u8]) -> Vec<Hint> {
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/hook".to_owned(),
            headers,
            body: Bytes::copy_from_slice(body),
            remote: String::new(),
            received_at: Timestamp::from_seconds(NOW),
        };
        let (scheme, other) = (Scheme::parse(SCHEME).unwrap(), Arc::new(Scheme::parse(OTHER).unwrap()));
        let checks = Checks {
            secrets: &[Secret::new(secret)],
            now: Timestamp::from_seconds(NOW),
            tolerance: Tolerance::Scheme,
            params: &Params::new(),
            url: None,
        };
        let found = explain(&scheme, &request, &checks, &[other]);
        for hint in &found {
            let key = hex::encode(key());
            assert!(!hint.message.contains(&SECRET[6..]) && !hint.message.contains(&key), "{hint:?}");
            assert!(
                !hint.message.is_empty()
                    && hint.cause.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
        }
        found
    }

    fn causes(secret: &str, headers: Headers, body: &[u8]) -> Vec<&'static str> {
        hints(secret, headers, body).into_iter().map(|hint| hint.cause).collect()
    }

    #[test]
    fn what_happened_to_the_body_is_found() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(BODY.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let crlf = PRETTY.replace('\n', "\r\n");
        let bom = format!("\u{feff}{BODY}");
        let cases: [(&str, &[u8], &str); 16] = [
            (BODY, b"{\"type\":\"order.created\",\"data\":{\"id\":1}}\n", "trailing_newline"),
            ("{}\n", b"{}", "trailing_newline"),
            ("{}\r\n", b"{}", "trailing_newline"),
            (&crlf, PRETTY.as_bytes(), "line_endings"),
            (PRETTY, crlf.as_bytes(), "line_endings"),
            (PRETTY, BODY.as_bytes(), "json_reserialised"),
            (BODY, PRETTY.as_bytes(), "json_reserialised"),
            (r#"{"data":{"id":1},"type":"order.created"}"#, BODY.as_bytes(), "json_reserialised"),
            (r#"{"a":"caf\u00e9"}"#, "{\"a\":\"caf\u{e9}\"}".as_bytes(), "json_reserialised"),
            (&bom, BODY.as_bytes(), "byte_order_mark"),
            (BODY, bom.as_bytes(), "byte_order_mark"),
            ("", BODY.as_bytes(), "empty_body"),
            ("payload=%7B%22a%22%3A1%7D", b"payload={\"a\":1}", "form_decoded"),
            ("payload=%7B%22a%22%3A1%7D", b"{\"a\":1}", "form_decoded"),
            (BODY, &gzip, "compressed"),
            ("caf\u{e9}", b"caf\xe9", "charset"),
        ];
        for (signed, shown, cause) in cases {
            assert_eq!(causes(SECRET, good(&key()).headers(signed.as_bytes()), shown), [cause], "{signed:?}");
        }
    }

    #[test]
    fn what_happened_to_the_secret_is_found() {
        let inner = b"0123456789abcdefghijklmn";
        let once = Encoding::Base64.encode(inner);
        let twice = format!("whsec_{}", Encoding::Base64.encode(once.as_bytes()));
        let cases: [(&str, &[u8], &[&str]); 6] = [
            (SECRET, SECRET.as_bytes(), &["secret_not_decoded"]),
            (SECRET, &SECRET.as_bytes()[6..], &["secret_not_decoded"]),
            (&twice, inner, &["secret_decoded_twice"]),
            (&format!("{SECRET}\n"), &key(), &["secret_white_space"]),
            (&format!(" {SECRET}"), &key(), &["secret_white_space"]),
            (&format!("\"{SECRET}\""), &key(), &["secret_quotes"]),
        ];
        for (secret, key, expected) in cases {
            assert_eq!(causes(secret, good(key).headers(BODY.as_bytes()), BODY.as_bytes()), expected, "{expected:?}");
        }
    }

    #[test]
    fn what_was_done_in_another_way_is_found() {
        let key = key();
        let body = BODY.as_bytes();
        let millis = format!("{NOW}000");
        for (sender, cause) in [
            (Sender { encoding: Encoding::Hex, ..good(&key) }, "wrong_encoding"),
            (Sender { hash: Hash::Sha512, ..good(&key) }, "wrong_algorithm"),
            (Sender { hash: Hash::Sha1, ..good(&key) }, "wrong_algorithm"),
            (Sender { ts: &millis, sent_ts: &millis, ..good(&key) }, "timestamp_in_milliseconds"),
            (Sender { ts: &millis, ..good(&key) }, "timestamp_in_milliseconds"),
            (Sender { ts: "1759990000", sent_ts: "1759990000", ..good(&key) }, "clock_or_replay"),
        ] {
            assert_eq!(causes(SECRET, sender.headers(body), body), [cause]);
        }
        for layout in ["1760000000.", "1760000000:", ""] {
            let signature = format!("v1,{}", good(&key).mac(format!("{layout}{BODY}").as_bytes()));
            let headers = lines(&[("x-id", "msg_1"), ("x-ts", "1760000000"), ("x-sig", &signature)]);
            assert_eq!(causes(SECRET, headers, body), ["other_layout"], "{layout}");
        }
    }

    #[test]
    fn two_mistakes_at_once_are_both_named() {
        let raw = SECRET.as_bytes();
        assert_eq!(causes(SECRET, good(raw).headers(b"{}"), b"{}\n"), ["secret_not_decoded", "trailing_newline"]);
        let hex = Sender { encoding: Encoding::Hex, ..good(raw) };
        assert_eq!(causes(SECRET, hex.headers(b"{}"), b"{}"), ["secret_not_decoded", "wrong_encoding"]);
    }

    #[test]
    fn in_a_large_body_every_mistake_is_found_too() {
        let order = r#"{"id":7,"amount":10.50,"note":"caf\u00e9 <b> \/ &","tags":["a","b"]}"#;
        let body = format!(r#"{{"type":"order.created","data":[{}]}}"#, vec![order; 13_000].join(","));
        assert!(body.len() > 1 << 19);
        let spaced = body.replace(',', ", ").replace(':', ": ");
        let pretty = body.replace(",{", ",\n{");
        let slashed = body.replace("\\u00e9", "\u{e9}");
        let plain = slashed.replace("\\/", "/");
        let encoded = crate::sign::form::encoded(body.as_bytes(), b"-_.!~*'()", "%20");
        let cases: [(&[u8], &str, &str); 9] = [
            (body.as_bytes(), &format!("{body}\n"), "trailing_newline"),
            (&[body.as_bytes(), b"\r\n"].concat(), &body, "trailing_newline"),
            (&[&b"\xef\xbb\xbf"[..], body.as_bytes()].concat(), &body, "byte_order_mark"),
            (b"", &body, "empty_body"),
            (pretty.as_bytes(), &pretty.replace('\n', "\r\n"), "line_endings"),
            (&[b"payload=", &encoded[..]].concat(), &body, "form_decoded"),
            (spaced.as_bytes(), &body, "json_reserialised"),
            (plain.as_bytes(), &body, "json_reserialised"),
            (slashed.as_bytes(), &plain, "json_reserialised"),
        ];
        for (signed, shown, cause) in cases {
            assert_eq!(causes(SECRET, good(&key()).headers(signed), shown.as_bytes()), [cause]);
        }
        let raw = SECRET.as_bytes();
        let both = |signed: &str, shown: &str| causes(SECRET, good(raw).headers(signed.as_bytes()), shown.as_bytes());
        assert_eq!(both(&body, &format!("{body}\n")), ["secret_not_decoded", "trailing_newline"]);
        assert_eq!(both(&body, &spaced), ["secret_not_decoded", "json_reserialised"]);
    }

    #[test]
    fn no_mistake_is_invented() {
        let sender = good(b"another key altogether");
        assert!(hints(SECRET, sender.headers(BODY.as_bytes()), BODY.as_bytes()).is_empty());
        assert!(hints(SECRET, good(&key()).headers(b"x"), b"x").is_empty(), "a right signature needs no hint");
    }

    #[test]
    fn a_signature_that_is_right_for_another_scheme_is_recognised() {
        let signature =
            Encoding::Hex.encode(&Hash::Sha256.hmac(SECRET.as_bytes(), &[b"1760000000:{}".into()]).unwrap());
        let headers = lines(&[("x-ts", "1760000000"), ("y-sig", &signature)]);
        assert_eq!(causes(SECRET, headers, b"{}"), ["other_scheme"]);
    }

    #[test]
    fn a_bomb_of_a_body_costs_no_memory_worth_naming() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&vec![0; 64 << 20]).unwrap();
        let bomb = gzip.finish().unwrap();
        assert!(hints(SECRET, good(b"other").headers(BODY.as_bytes()), &bomb).is_empty());
    }
}
