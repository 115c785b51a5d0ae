//! One guess after another about how a signature was made, within a budget.

use std::borrow::Cow;
use std::cell::Cell;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::encoding::Encoding;
use crate::sign::explain::{Hint, urls};
use crate::sign::layout::Layout;
use crate::sign::reading::{Reading, Scope};
use crate::sign::template::Template;
use crate::sign::verifying::{Checks, url_of};

/// How many bytes are hashed at most, or eight times the body: a mebibyte is answered within a tenth of a second.
const BUDGET: usize = 64 << 20;
/// What a guess costs beside its bytes.
const OVERHEAD: usize = 256;
/// What checking a public key's signature costs beside its bytes.
const PAIR_OVERHEAD: usize = 64 << 10;
/// By how much a filter or a hash without help from the processor is slower than the usual hash.
const SLOWER: usize = 6;

/// The signatures of a request, and what they should be over.
pub(crate) struct Trial<'a> {
    layout: &'a Layout,
    scope: Scope<'a>,
    moment: Option<Timestamp>,
    request: &'a CapturedRequest,
    url: Option<Cow<'a, str>>,
    key: Zeroizing<Vec<u8>>,
    candidates: Vec<Candidate>,
    left: Cell<usize>,
}

/// A signature's bytes by one reading of its text.
struct Candidate {
    encoding: Encoding,
    exact: bool,
    bytes: Vec<u8>,
}

/// How a signature may have been made.
#[derive(Clone, Copy)]
pub(crate) struct Guess<'g> {
    pub(crate) body: &'g [u8],
    pub(crate) key: &'g [u8],
    pub(crate) template: &'g Template,
    pub(crate) ts: Option<&'g [u8]>,
    pub(crate) url: Option<&'g str>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(
        layout: &'a Layout,
        reading: &'a Reading,
        request: &'a CapturedRequest,
        secret: &'a Secret,
        checks: &'a Checks<'a>,
    ) -> Self {
        let scope = reading.scope(request, None, layout.key.stripped(secret.reveal()), checks.params);
        Self {
            layout,
            scope,
            moment: reading.moment,
            request,
            url: url_of(request, checks.url),
            key: if layout.algorithm.has_key_pair() {
                layout.key.pair_bytes(secret).unwrap_or_default()
            } else {
                layout.key.bytes(secret).unwrap_or_default()
            },
            candidates: reading.signatures.iter().flat_map(|text| candidates(text, layout.encoding)).collect(),
            left: Cell::new(BUDGET.max(request.body.len().saturating_mul(8))),
        }
    }

    /// No mistake at all.
    pub(crate) fn plain(&self) -> Guess<'_> {
        Guess {
            body: self.scope.body,
            key: &self.key,
            template: &self.layout.signed,
            ts: self.scope.ts,
            url: self.url.as_deref(),
        }
    }

    /// Whether a signature fits the guess, and which mistakes in hash and encoding it takes for that.
    pub(crate) fn fits(&self, guess: Guess) -> Option<Vec<Hint>> {
        let algorithm = self.layout.algorithm;
        // What a token signs is the token itself: nothing about the request could have been done in another way.
        if algorithm == Algorithm::Jwt {
            return None;
        }
        let pair = algorithm.has_key_pair();
        let work = guess.template.body_filters() * SLOWER + if pair { SLOWER } else { 1 };
        let cost = guess.body.len().saturating_mul(work).saturating_add(if pair { PAIR_OVERHEAD } else { OVERHEAD });
        self.left.get().checked_sub(cost)?;
        let scope = Scope { body: guess.body, ts: guess.ts, url: guess.url, ..self.scope };
        let content = guess.template.render(|name| scope.value(name)).ok()?;
        if pair {
            self.left.set(self.left.get().saturating_sub(cost));
            let proof = algorithm.proof(self.layout.encoding, guess.key, &content).ok()?;
            let right = |candidate: &&Candidate| proof.fits(self.layout.encoding.encode(&candidate.bytes).as_bytes());
            return self.candidates.iter().find(right).map(|one| self.spelling(one, None));
        }
        for hash in Hash::ALL {
            let mut fitting = self.candidates.iter().filter(|one| one.bytes.len() == hash.length()).peekable();
            if fitting.peek().is_none() {
                continue;
            }
            self.left.set(self.left.get().checked_sub(cost)?);
            let made = match algorithm {
                Algorithm::Hmac(_) => hash.hmac(guess.key, &content).ok()?,
                Algorithm::Digest(_) => hash.digest(&content),
                _ => return None,
            };
            if let Some(one) = fitting.find(|one| bool::from(one.bytes.ct_eq(&made))) {
                return Some(self.spelling(one, Some(hash)));
            }
        }
        None
    }

    /// The timestamp in another unit.
    pub(crate) fn stamps(&self) -> Vec<(Hint, Vec<u8>)> {
        let Some(moment) = self.moment else { return Vec::new() };
        let hint = |cause, unit: &str| {
            Hint::new(
                cause,
                format!(
                    "The sender signed the timestamp in {unit}, and sent it in another unit. Sign the text that the header has."
                ),
            )
        };
        let mut found = vec![
            (hint("timestamp_in_milliseconds", "milliseconds"), moment.millis().to_string()),
            (hint("timestamp_in_seconds", "seconds"), moment.seconds().to_string()),
            (hint("timestamp_in_iso_8601", "ISO 8601"), moment.to_string()),
        ];
        found.retain(|(_, text)| self.scope.ts != Some(text.as_bytes()));
        found.into_iter().map(|(hint, text)| (hint, text.into_bytes())).collect()
    }

    /// The URL as it may have been called, if it is signed.
    pub(crate) fn urls(&self) -> Vec<(Hint, String)> {
        match &self.url {
            Some(url) if self.layout.reads("url") => urls::variants(url, &self.request.headers),
            _ => Vec::new(),
        }
    }

    /// What is wrong with how a signature is written, though its bytes are right.
    fn spelling(&self, found: &Candidate, hash: Option<Hash>) -> Vec<Hint> {
        let mut hints = Vec::new();
        if let (Some(found), Algorithm::Hmac(own) | Algorithm::Digest(own)) = (hash, self.layout.algorithm)
            && found != own
        {
            let (found, own) = (found.name(), own.name());
            hints.push(Hint::new(
                "wrong_algorithm",
                format!("The sender uses {found}, this scheme {own}: another algorithm."),
            ));
        }
        let (own, other) = (self.layout.encoding.name(), found.encoding.name());
        if own != other {
            hints.push(Hint::new("wrong_encoding", format!("The signature is written in {other}, this scheme writes {own}. Encode the bytes of the digest, not its hex text.")));
        } else if !found.exact {
            hints.push(Hint::new("wrong_encoding", format!("The signature is {own} of another spelling: capital letters, or padding lost. It is compared as text.")));
        }
        hints
    }
}

/// A text may be several encodings at once; the scheme's own comes first.
fn candidates(text: &[u8], own: Encoding) -> Vec<Candidate> {
    let others = Encoding::ALL.into_iter().filter(|encoding| *encoding != own);
    let read = |encoding: Encoding| {
        let bytes = encoding.decode_loosely(text)?;
        Some(Candidate { encoding, exact: encoding.encode(&bytes).as_bytes() == text, bytes })
    };
    std::iter::once(own).chain(others).filter_map(read).collect()
}
