//! Whether a request was signed with one of these secrets, and lately.

use std::borrow::Cow;
use std::time::Duration;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::key::KeyError;
use crate::sign::reading::{Reading, no_value};
use crate::sign::scheme::{Layout, Scheme};

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
    let mut worst = None::<Rejection>;
    for (secret_index, secret) in checks.secrets.iter().enumerate() {
        match judge(scheme, request, secret, checks) {
            Ok(age_s) => return Ok(Verified { secret_index, age_s }),
            Err(found) if worst.as_ref().is_none_or(|known| known.reason < found.reason) => worst = Some(found),
            Err(_) => {}
        }
    }
    Err(worst.unwrap_or_else(|| Rejection::new(Reason::MalformedSecret, "no secret is given".to_owned())))
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

/// One secret's verdict: the request's age in seconds, or what is wrong.
fn judge(
    scheme: &Scheme,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
) -> Result<Option<i64>, Rejection> {
    let layout = scheme.layout(Some(&request.headers), Some(secret), checks.params);
    let reading = Reading::of(layout, request, checks.params)?;
    let age = reading.moment.map(|moment| layout.unit.age_millis(moment, checks.now));
    let aged = |rejection: Rejection| Rejection { age_s: age.map(|age| age.div_euclid(1000)), ..rejection };
    compare(layout, &reading, request, secret, checks).map_err(aged)?;
    check_age(layout, age, checks.tolerance).map_err(aged)?;
    Ok(age.map(|age| age.div_euclid(1000)))
}

fn compare(
    layout: &Layout,
    reading: &Reading,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
) -> Result<(), Rejection> {
    let bad_key = |why: KeyError| Rejection::new(Reason::MalformedSecret, why.to_string());
    let key = layout.key.bytes(secret).map_err(bad_key)?;
    let url = url_of(request, checks.url);
    let scope = reading.scope(request, url.as_deref(), layout.key.stripped(secret.reveal()), checks.params);
    let content = layout.signed.render(|name| scope.value(name)).map_err(|lost| no_value(&lost.0))?;
    let proof = layout.algorithm.proof(layout.encoding, &key, &content).map_err(bad_key)?;
    let right = reading.signatures.iter().fold(false, |right, signature| right | proof.fits(signature));
    if right {
        return Ok(());
    }
    let detail = match (reading.signatures.len(), checks.secrets.len()) {
        (1, 1) => "the signature does not fit the secret and this content".to_owned(),
        (found, secrets) => format!("none of {found} signatures fits any of {secrets} secrets and this content"),
    };
    Err(Rejection::new(Reason::NoMatchingSignature, detail))
}

fn check_age(layout: &Layout, age: Option<i64>, tolerance: Tolerance) -> Result<(), Rejection> {
    let Some(age) = age else { return Ok(()) };
    let (past, future) = match tolerance {
        Tolerance::Unchecked => return Ok(()),
        Tolerance::Within(limit) => (Some(limit), Some(limit)),
        Tolerance::Scheme => {
            let seconds = |limit: u32| Duration::from_secs(u64::from(limit));
            (layout.tolerance.past.map(seconds), layout.tolerance.future.map(seconds))
        }
    };
    let off = Duration::from_millis(age.unsigned_abs());
    match if age < 0 { future } else { past } {
        Some(limit) if off > limit => {
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
