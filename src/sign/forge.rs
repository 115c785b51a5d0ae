//! Requests that a receiver must refuse, or must be able to take twice.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::model::headers::{HeaderError, Headers};
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::composing::{changed, composed, without};
use crate::sign::layout::Layout;
use crate::sign::scheme::Scheme;
use crate::sign::signing::{Outgoing, SignError, Twist, own_headers};

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forgery {
    /// A signature with one bit wrong.
    BadSignature,
    /// Rightly signed, too long ago.
    Stale,
    /// Rightly signed, for a time that is too far ahead.
    Future,
    /// The body was changed after it was signed.
    Tampered,
    /// A header that the scheme needs is not there.
    MissingHeader,
    /// Signed with another secret.
    WrongSecret,
    /// The same event twice, signed anew as by a retry.
    Duplicate,
    /// The same request twice, to the byte.
    Replayed,
    /// No signature at all.
    Unsigned,
    /// Rightly signed, but the body is said to be plain text.
    WrongContentType,
}

/// A request that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// The scheme's headers and the content type.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no such forgery.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// No kind of this name.
    #[error("\"{name}\" is no forgery: use {names}", names = Forgery::ALL.map(Forgery::name).join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The scheme does not protect against it.
    #[error("{title} cannot tell: it signs no {what}")]
    Unprotected {
        /// The provider.
        title: String,
        /// What is not signed.
        what: &'static str,
    },
    /// The request could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A value cannot stand in a header.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// How much further off than allowed a forged time is.
const MARGIN: Duration = Duration::from_secs(600);
/// The tolerance that is exceeded if the scheme names none.
const USUAL_TOLERANCE: u32 = 300;

impl Forgery {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::BadSignature,
        Self::Stale,
        Self::Future,
        Self::Tampered,
        Self::MissingHeader,
        Self::WrongSecret,
        Self::Duplicate,
        Self::Replayed,
        Self::Unsigned,
        Self::WrongContentType,
    ];

    /// Its name, as in `--forge`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::Tampered => "tampered",
            Self::MissingHeader => "missing-header",
            Self::WrongSecret => "wrong-secret",
            Self::Duplicate => "duplicate",
            Self::Replayed => "replayed",
            Self::Unsigned => "unsigned",
            Self::WrongContentType => "wrong-content-type",
        }
    }
}

impl fmt::Display for Forgery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Forgery {
    type Err = ForgeError;

    fn from_str(name: &str) -> Result<Self, ForgeError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| ForgeError::Unknown { name: name.to_owned() })
    }
}

/// The request to send, or the two.
///
/// # Errors
/// If the request cannot be signed, or the scheme signs nothing that would give the forgery away.
pub fn forge(
    kind: Forgery,
    scheme: &Scheme,
    secrets: &[Secret],
    outgoing: &Outgoing,
    now: Timestamp,
) -> Result<Vec<Forged>, ForgeError> {
    let layout = outgoing.layout(scheme, secrets.first());
    let unprotected = |what| ForgeError::Unprotected { title: scheme.title().to_owned(), what };
    let at = |now, twist| request(scheme, secrets, outgoing, now, twist);
    let missing = |forged: Forged, names: &[String]| match names {
        [] => Forged { body: without(layout, forged.body, &layout.signature), ..forged },
        names => forged.without(names),
    };
    let one = |forged: Forged| vec![forged];
    let beyond = |limit: Option<u32>| Duration::from_secs(limit.unwrap_or(USUAL_TOLERANCE).into()) + MARGIN;
    let timed = layout.signs_time();
    Ok(match kind {
        Forgery::Stale | Forgery::Future if !timed => return Err(unprotected("time")),
        Forgery::BadSignature => one(at(now, Twist::Flipped)?),
        Forgery::WrongSecret => one(at(now, Twist::OtherKey)?),
        Forgery::Stale => one(at(now.minus(beyond(layout.tolerance.past)), Twist::None)?),
        Forgery::Future => one(at(now.plus(beyond(layout.tolerance.future)), Twist::None)?),
        Forgery::Tampered => {
            let whole = at(now, Twist::None)?;
            let body = if layout.signs_body() && !layout.carries() {
                tampered(&whole.body)
            } else {
                changed(layout, &whole.body, tampered).ok_or_else(|| unprotected("body"))?
            };
            one(Forged { body, ..whole })
        }
        Forgery::MissingHeader => one(missing(at(now, Twist::None)?, &needed(layout))),
        Forgery::Unsigned if layout.signature.is_in_body() => one(missing(at(now, Twist::None)?, &[])),
        Forgery::Unsigned => one(at(now, Twist::None)?.without(&own_headers(scheme))),
        Forgery::WrongContentType => {
            let plain = Outgoing { content_type: "text/plain", ..*outgoing };
            one(request(scheme, secrets, &plain, now, Twist::None)?)
        }
        Forgery::Replayed => vec![at(now, Twist::None)?, at(now, Twist::None)?],
        Forgery::Duplicate => {
            let again = Outgoing { attempt: outgoing.attempt.saturating_add(1), ..*outgoing };
            let later = now.plus(Duration::from_secs(1));
            vec![at(now, Twist::None)?, request(scheme, secrets, &again, later, Twist::None)?]
        }
    })
}

fn request(
    scheme: &Scheme,
    secrets: &[Secret],
    outgoing: &Outgoing,
    now: Timestamp,
    twist: Twist,
) -> Result<Forged, ForgeError> {
    let mut headers = Headers::new();
    headers.push("content-type", outgoing.content_type)?;
    let own = composed(scheme, secrets, outgoing, now, twist)?;
    Ok(Forged { headers: headers.overlaid(&own.headers), body: own.body })
}

impl Forged {
    fn without(self, names: &[String]) -> Self {
        let gone = |own: &[u8]| names.iter().any(|name| own.eq_ignore_ascii_case(name.as_bytes()));
        Self { headers: self.headers.without(gone), body: self.body }
    }
}

/// A header whose absence must be noticed, rather one beside the signature.
fn needed(layout: &Layout) -> Vec<String> {
    let time = layout.timestamp.as_ref().filter(|_| layout.signed.has("ts"));
    let id = layout.id.as_ref().filter(|_| layout.signed.has("id"));
    let header = [time, id].into_iter().flatten().find(|place| !place.names().is_empty());
    header.unwrap_or(&layout.signature).names().to_vec()
}

/// The body with its last digit changed, else its last letter; JSON stays JSON and means something else.
fn tampered(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let digit = body.iter().rposition(u8::is_ascii_digit);
    match digit.or_else(|| body.iter().rposition(u8::is_ascii_alphabetic)).and_then(|at| body.get_mut(at)) {
        Some(byte) if byte.is_ascii_digit() => *byte = if *byte == b'1' { b'2' } else { b'1' },
        Some(byte) => *byte = if *byte == b'x' { b'y' } else { b'x' },
        None => body.push(b' '),
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_by_name_and_the_names_are_in_the_error() {
        for kind in Forgery::ALL {
            assert_eq!(kind.name().parse::<Forgery>().unwrap(), kind);
        }
        let why = "bad".parse::<Forgery>().unwrap_err().to_string();
        assert!(why.contains("bad-signature, stale, future"), "{why}");
    }

    #[test]
    fn tampering_changes_every_body() {
        for body in ["", "{}", "{\"a\":1}", "{\"a\":\"xyz\"}", "1"] {
            assert_ne!(tampered(body.as_bytes()), body.as_bytes(), "{body}");
        }
        assert_eq!(tampered(b"{\"a\":10}"), b"{\"a\":11}");
    }
}
