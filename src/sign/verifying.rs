//! Whether a request was signed with one of these secrets, and lately.

use std::borrow::Cow;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::algorithm::{Algorithm, Proof};
use crate::sign::chain::ChainError;
use crate::sign::encoding::Encoding;
use crate::sign::hosted::hosted;
use crate::sign::jwk;
use crate::sign::jwt::{self, Token};
use crate::sign::key::KeyError;
use crate::sign::layout::Layout;
use crate::sign::place::{Lines, Sight};
use crate::sign::public::{PublicKey, speaks_for_itself};
use crate::sign::reading::{Reading, Scope, Wanted, no_value};
use crate::sign::scheme::Scheme;
use crate::sign::swift::Right;

/// What a request is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Checks<'a> {
    /// Any of these may have signed.
    pub secrets: &'a [Secret],
    /// The moment of the judgement.
    pub now: Timestamp,
    /// How far the request's timestamp may be off.
    pub tolerance: Tolerance,
    /// What else the scheme needs: a key id, a webhook id.
    pub params: &'a Params,
    /// The URL that the sender called, if it is known; else it is made of the Host header and the target.
    pub url: Option<&'a str>,
}

/// How far a timestamp may be off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tolerance {
    /// As far as the provider's own libraries let it.
    #[default]
    Scheme,
    /// As far as it likes.
    Unchecked,
    /// So far, in the past and in the future.
    Within(Duration),
}

/// A right signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which of the secrets signed, counted from 0.
    pub secret_index: usize,
    /// How old the request is in seconds, if it says when it was made; negative if that lies ahead.
    pub age_s: Option<i64>,
}

/// A request that is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .reason.code())]
pub struct Rejection {
    /// Why, as a word.
    pub reason: Reason,
    /// Why, for people.
    pub detail: String,
    /// How old the request is in seconds, if it says when it was made.
    pub age_s: Option<i64>,
}

/// Why a request is not to be believed. The later one says more: with several secrets it is the one reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No scheme of this name, or none that is known by its headers.
    UnknownScheme,
    /// A header is missing.
    MissingHeader,
    /// A header is not as the scheme says.
    MalformedHeader,
    /// The body is not as the scheme says.
    MalformedBody,
    /// No signature fits any secret.
    NoMatchingSignature,
    /// A secret cannot be a key.
    MalformedSecret,
    /// Rightly signed, too long ago.
    TimestampTooOld,
    /// Rightly signed, for a time that is too far ahead.
    TimestampTooNew,
}

/// Judges a request.
///
/// Every signature in it is compared with every secret. The comparison takes as long for a nearly right signature as
/// for a wrong one.
///
/// # Errors
/// With the reason if it is not to be believed.
pub fn verify(scheme: &Scheme, request: &CapturedRequest, checks: &Checks) -> Result<Verified, Rejection> {
    plainly_right(scheme, request, checks).map_or_else(|| read_whole(scheme, request, checks), Ok)
}

impl Reason {
    /// The word that scripts rely on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownScheme => "unknown_scheme",
            Self::MissingHeader => "missing_header",
            Self::MalformedHeader => "malformed_header",
            Self::MalformedBody => "malformed_body",
            Self::NoMatchingSignature => "no_matching_signature",
            Self::MalformedSecret => "malformed_secret",
            Self::TimestampTooOld => "timestamp_too_old",
            Self::TimestampTooNew => "timestamp_too_new",
        }
    }
}

impl Rejection {
    /// For this reason, of unknown age.
    #[must_use]
    pub const fn new(reason: Reason, detail: String) -> Self {
        Self { reason, detail, age_s: None }
    }
}

/// The verdict on a right request of the usual shape; nothing is said of others.
fn plainly_right(scheme: &Scheme, request: &CapturedRequest, checks: &Checks) -> Option<Verified> {
    if !checks.params.is_empty() && scheme.odd_param(checks.params).is_some() {
        return None;
    }
    for (secret_index, secret) in checks.secrets.iter().enumerate() {
        let layout = scheme.layout_of(secret, checks.params)?;
        if let Some(Right { moment }) = layout.swift.as_ref()?.signed(request, secret) {
            let age = age_of(layout, moment, checks.now);
            check_age(layout, (moment, age), checks.tolerance).ok()?;
            return Some(Verified { secret_index, age_s: age.map(|age| age.div_euclid(1000)) });
        }
    }
    None
}

/// The verdict on any request, and what is wrong; for one that is wrong anyway it takes half the time of [`verify`].
pub(crate) fn read_whole(scheme: &Scheme, request: &CapturedRequest, checks: &Checks) -> Result<Verified, Rejection> {
    if let Some(odd) = scheme.odd_param(checks.params) {
        return Err(Rejection::new(Reason::MalformedSecret, odd));
    }
    let mut worst = None::<Rejection>;
    let keyless = checks.secrets.is_empty() && scheme.needs_no_secret();
    let none = keyless.then(|| Secret::new(""));
    let headers = Lines::of(&request.headers);
    let sight = Sight::of(&headers, request, checks.params);
    for (secret_index, secret) in checks.secrets.iter().chain(&none).enumerate() {
        match judge(scheme, (request, sight), secret, checks) {
            Ok(age_s) => return Ok(Verified { secret_index, age_s }),
            Err(found) if worst.as_ref().is_none_or(|known| known.reason < found.reason) => worst = Some(found),
            Err(_) => {}
        }
    }
    Err(worst.unwrap_or_else(|| Rejection::new(Reason::MalformedSecret, "no secret is given".to_owned())))
}

/// One secret's verdict: the request's age in seconds, or what is wrong.
fn judge(
    scheme: &Scheme,
    (request, sight): (&CapturedRequest, Sight),
    secret: &Secret,
    checks: &Checks,
) -> Result<Option<i64>, Rejection> {
    let layout = scheme.layout(Some(sight), Some(secret), checks.params);
    let judged = |reading: &Reading| judged(layout, reading, request, secret, checks);
    let verdict = Reading::of(layout, sight, request, Wanted::Verdict, judged).and_then(|verdict| verdict);
    verdict.map_err(|why| match why.reason {
        // What is wrong with a token in the body is wrong with the body.
        Reason::MalformedHeader if layout.carries() => Rejection { reason: Reason::MalformedBody, ..why },
        _ => why,
    })
}

fn judged(
    layout: &Layout,
    reading: &Reading,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
) -> Result<Option<i64>, Rejection> {
    let age = age_of(layout, reading.moment, checks.now);
    let aged = |rejection: Rejection| Rejection { age_s: age.map(|age| age.div_euclid(1000)), ..rejection };
    compare(layout, reading, request, secret, checks).map_err(aged)?;
    check_age(layout, (reading.moment, age), checks.tolerance).map_err(aged)?;
    Ok(age.map(|age| age.div_euclid(1000)))
}

fn compare(
    layout: &Layout,
    reading: &Reading,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
) -> Result<(), Rejection> {
    let key = key_of(layout, reading, secret, checks.params).map_err(|why| bad_key(&why))?;
    let url = if layout.uses.url { url_of(request, checks.url) } else { None };
    let scope = reading.scope(request, url.as_deref(), layout.key.stripped(secret.reveal()), checks.params);
    if let Some(form) = &layout.jwt {
        return any_token(form, reading, &key, &scope, checks);
    }
    let exact = |signature: &[u8]| Some(layout.encoding.encode(&layout.encoding.decode_laxly(signature)?).into_bytes());
    let mut right = false;
    let mut lost = None;
    for template in std::iter::once(&layout.signed).chain(&layout.alternatives) {
        let content = match template.render(|name| scope.value(name)) {
            Ok(content) => content,
            Err(why) => {
                lost = lost.or(Some(why));
                continue;
            }
        };
        let proof = layout.algorithm.proof(layout.encoding, &key, &content).map_err(|why| bad_key(&why))?;
        let fits = |signature: &[u8]| {
            if layout.lax {
                exact(signature).is_some_and(|signature| proof.fits(&signature))
            } else {
                proof.fits(signature)
            }
        };
        right = reading.signatures.iter().fold(right, |right, signature| right | fits(signature));
        if right {
            break;
        }
    }
    if right {
        return Ok(());
    }
    if let Some(lost) = lost {
        return Err(no_value(&lost.0));
    }
    let detail = match (reading.signatures.len(), checks.secrets.len()) {
        (1, 0 | 1) => "the signature does not fit the secret and this content".to_owned(),
        (found, secrets) => format!("none of {found} signatures fits any of {secrets} secrets and this content"),
    };
    Err(Rejection::new(Reason::NoMatchingSignature, detail))
}

/// The bytes of the key, or the text of one that says itself what it is.
fn key_of(
    layout: &Layout,
    reading: &Reading,
    secret: &Secret,
    params: &Params,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let hosted = if secret.reveal().is_empty() { hosted(layout, reading, params) } else { None };
    match hosted {
        Some(found) => found.map(|text| Zeroizing::new(text.into_bytes())),
        None if layout.algorithm.has_key_pair() => layout.key.pair_bytes(secret),
        None if layout.algorithm == Algorithm::Jwt && speaks_for_itself(secret.reveal()) => {
            Ok(Zeroizing::new(secret.reveal().as_bytes().to_vec()))
        }
        None => layout.key.bytes(secret),
    }
}

fn bad_key(why: &KeyError) -> Rejection {
    Rejection::new(Reason::MalformedSecret, why.to_string())
}

/// Whether one of the tokens is right and about this request; else what is wrong with the one that is nearest to it.
fn any_token(form: &jwt::Form, reading: &Reading, key: &[u8], scope: &Scope, checks: &Checks) -> Result<(), Rejection> {
    // A chain was valid when the token was made, and need not be any more.
    let made = reading.moment.unwrap_or(checks.now);
    let verdict = |text: &&[u8]| {
        let token = Token::parse(text).filter(|token| token.raw == form.raw).ok_or_else(no_token)?;
        check_signature(form, &token, key, scope.body, made)?;
        check_claims(form, &token, scope, checks)
    };
    let nearest = |known: Result<(), Rejection>, next: Result<(), Rejection>| match (known, next) {
        (Ok(()), _) | (_, Ok(())) => Ok(()),
        (Err(known), Err(next)) => Err(if known.reason < next.reason { next } else { known }),
    };
    reading.signatures.iter().map(verdict).reduce(nearest).unwrap_or_else(|| Err(no_token()))
}

fn no_token() -> Rejection {
    Rejection::new(Reason::MalformedHeader, "the signature is no signed token".to_owned())
}

fn check_signature(form: &jwt::Form, token: &Token, key: &[u8], body: &[u8], made: Timestamp) -> Result<(), Rejection> {
    let algorithm = token.algorithm(form)?;
    let (content, encoding) = (token.content(form, body), Encoding::Base64url);
    let own_words = str::from_utf8(key).ok().filter(|text| speaks_for_itself(text));
    let trusted = own_words.filter(|text| text.contains("-----BEGIN CERTIFICATE-----"));
    let proof = if let (Some(chain), Some(trusted)) = (&form.chain, trusted) {
        let key = chain.key(&token.chain(), trusted, made).map_err(|why| bad_chain(&why))?;
        Proof::public(algorithm, vec![key], content, encoding)
    } else if algorithm.has_key_pair() {
        PublicKey::read_all(key, token.kid()).and_then(|keys| Proof::public(algorithm, keys, content, encoding))
    } else if let Some(text) = own_words {
        // A public key is known to everyone: it must never be the secret of an HMAC.
        let secret = jwk::secret(text, token.kid());
        secret.and_then(|secret| algorithm.proof(encoding, &secret, &[Cow::Owned(content)]))
    } else {
        algorithm.proof(encoding, key, &[Cow::Owned(content)])
    };
    if proof.map_err(|why| bad_key(&why))?.fits(token.signature) {
        return Ok(());
    }
    Err(Rejection::new(Reason::NoMatchingSignature, "the token's signature does not fit the secret".to_owned()))
}

fn bad_chain(why: &ChainError) -> Rejection {
    let reason = match why {
        ChainError::Missing | ChainError::NoCertificate(_) => Reason::MalformedHeader,
        ChainError::NoAnchor => Reason::MalformedSecret,
        ChainError::Elsewhere(_) | ChainError::Unmarked(_) => Reason::NoMatchingSignature,
    };
    Rejection::new(reason, why.to_string())
}

fn check_claims(form: &jwt::Form, token: &Token, scope: &Scope, checks: &Checks) -> Result<(), Rejection> {
    let now = match checks.tolerance {
        Tolerance::Unchecked => None,
        Tolerance::Scheme => Some((checks.now, i64::from(form.leeway))),
        Tolerance::Within(limit) => Some((checks.now, i64::try_from(limit.as_secs()).unwrap_or(i64::MAX))),
    };
    token.check(form, now, |template| jwt::claim(template, |name| scope.value(name)).map_err(|lost| no_value(&lost.0)))
}

fn age_of(layout: &Layout, moment: Option<Timestamp>, now: Timestamp) -> Option<i64> {
    moment.map(|moment| layout.tolerance.age_millis(layout.unit, moment, now))
}

fn check_age(
    layout: &Layout,
    (moment, age): (Option<Timestamp>, Option<i64>),
    tolerance: Tolerance,
) -> Result<(), Rejection> {
    let Some((moment, age)) = moment.zip(age) else {
        let untold = matches!(tolerance, Tolerance::Within(_)) && layout.verbatim;
        let detail = || "the timestamp cannot be read, so that its age is not known".to_owned();
        return if untold { Err(Rejection::new(Reason::MalformedHeader, detail())) } else { Ok(()) };
    };
    let (past, future) = match tolerance {
        Tolerance::Unchecked => return Ok(()),
        Tolerance::Within(limit) => (Some(limit), Some(limit)),
        Tolerance::Scheme => {
            let seconds = |limit: u32| Duration::from_secs(u64::from(limit));
            (layout.tolerance.past.map(seconds), layout.tolerance.future.map(seconds))
        }
    };
    if layout.tolerance.since.is_some_and(|since| moment < Timestamp::from_seconds(since)) {
        let detail = format!("signed at {moment}: nothing was sent that early, it may be in another unit");
        return Err(Rejection::new(Reason::TimestampTooOld, detail));
    }
    let off = Duration::from_millis(age.unsigned_abs());
    match if age < 0 { future } else { past } {
        Some(limit) if off > limit || (layout.tolerance.exclusive && off == limit) => {
            let (reason, word) =
                if age < 0 { (Reason::TimestampTooNew, "ahead") } else { (Reason::TimestampTooOld, "ago") };
            let detail = format!("signed {}s {word}, at most {}s are allowed", off.as_secs(), limit.as_secs());
            Err(Rejection::new(reason, detail))
        }
        _ => Ok(()),
    }
}

/// The URL that the sender called.
pub(crate) fn url_of<'a>(request: &CapturedRequest, given: Option<&'a str>) -> Option<Cow<'a, str>> {
    let made = || Some(Cow::Owned(format!("https://{}{}", request.headers.text("host")?, request.target)));
    given.map(Cow::Borrowed).or_else(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::headers::Headers;
    use crate::sign::{Outgoing, new_secret, preset, preset_names, sign};
    use bytes::Bytes;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

    /// The schemes that are read without setting anything aside.
    fn usual() -> Vec<std::sync::Arc<Scheme>> {
        let schemes = preset_names().into_iter().map(|name| preset(name).unwrap());
        schemes.filter(|scheme| scheme.layouts().any(|layout| layout.swift.is_some())).collect()
    }

    fn signed(scheme: &Scheme, secrets: &[Secret], body: &[u8], id: &str) -> Option<CapturedRequest> {
        let params = Params::new();
        let outgoing = Outgoing {
            id,
            event_type: "order.created",
            method: "POST",
            url: "https://example.com/hook",
            content_type: "application/json",
            body,
            attempt: 0,
            params: &params,
        };
        let own = sign(scheme, secrets, &outgoing, NOW).ok()?;
        let mut headers = Headers::new();
        headers.push_line("Host: example.com").unwrap();
        Some(CapturedRequest {
            method: "POST".to_owned(),
            target: "/hook".to_owned(),
            headers: headers.overlaid(&own),
            body: Bytes::copy_from_slice(body),
            remote: String::new(),
            received_at: NOW,
        })
    }

    /// The header lines with one of them changed as attackers and proxies change them.
    fn changed(headers: &Headers, which: usize, how: u8, salt: &str) -> Headers {
        let mut out = Headers::new();
        for (number, (name, value)) in headers.iter().enumerate() {
            let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
            let lines = match how {
                _ if number != which => vec![(name.to_string(), value.to_string())],
                0 => vec![],
                1 => vec![(name.to_string(), value.to_string()), (name.to_lowercase(), value.to_string())],
                2 => vec![(name.to_uppercase(), format!("{salt}{value}"))],
                3 => vec![(name.to_string(), format!("{value}{salt}"))],
                4 => vec![(name.to_string(), format!("{value},{value}"))],
                5 => vec![(name.to_string(), format!("{value} {value}"))],
                6 => vec![(name.to_string(), String::new())],
                7 => vec![(name.to_string(), format!("0{value}"))],
                _ => vec![(name.to_string(), value.replace('=', salt))],
            };
            for (name, value) in lines {
                out.push(name, value).unwrap();
            }
        }
        out
    }

    #[test]
    fn most_schemes_that_people_use_are_read_without_setting_anything_aside() {
        let names: Vec<_> = usual().iter().map(|scheme| scheme.name().to_owned()).collect();
        for name in ["standard-webhooks", "stripe", "github", "svix", "slack", "shopify"] {
            assert!(names.iter().any(|own| own == name), "{name} is not among {names:?}");
        }
    }

    #[test]
    fn a_secret_that_is_used_in_several_ways_is_right_in_each() {
        // The key that was made for the first use is kept with the secret, and is none for the others.
        let secrets = [Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let params = Params::new();
        for name in ["standard-webhooks", "github", "stripe", "slack", "standard-webhooks"] {
            let scheme = preset(name).unwrap();
            let request = signed(&scheme, &secrets, b"{}", "msg_1").unwrap();
            let checks =
                Checks { secrets: &secrets, now: NOW, tolerance: Tolerance::Scheme, params: &params, url: None };
            assert!(plainly_right(&scheme, &request, &checks).is_some(), "{name}");
            let tampered = CapturedRequest { body: Bytes::from_static(b"[]"), ..request };
            assert!(plainly_right(&scheme, &tampered, &checks).is_none(), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn the_short_way_says_yes_only_where_the_long_one_does(
            (pick, which, how) in (any::<prop::sample::Index>(), 0_usize..6, 0_u8..12),
            (body, salt, id) in (".{0,80}", "[ ,.=0a]{1,2}", "[a-z.]{1,12}"),
            (bytes, spoilt, late) in (any::<[u8; 32]>(), prop::bool::weighted(0.2), -700_i64..700),
        ) {
            let schemes = usual();
            let scheme = pick.get(&schemes);
            let secrets = [new_secret(scheme, &[7; 32]).unwrap(), new_secret(scheme, &bytes).unwrap()];
            let Some(mut request) = signed(scheme, &secrets[1..], body.as_bytes(), &id) else { return Ok(()) };
            request.headers = changed(&request.headers, which, how, &salt);
            if spoilt {
                request.body = Bytes::from(format!("{body} "));
            }
            let params = Params::new();
            let now = Timestamp::from_seconds(NOW.seconds() + late);
            let checks =
                Checks { secrets: &secrets, now, tolerance: Tolerance::Scheme, params: &params, url: None };
            let short = plainly_right(scheme, &request, &checks);
            let long = read_whole(scheme, &request, &checks);
            prop_assert!(short.is_none() || short == long.clone().ok(), "{}: {short:?} {long:?}", scheme.name());
            let untouched = which >= request.headers.iter().count() && !spoilt;
            prop_assert!(!untouched || long.is_err() || short.is_some() || scheme.layouts().count() > 1 || id.contains('.'),
                "{}: {long:?}", scheme.name());
        }
    }
}
