//! One guess after another about how a signature was made, within a budget.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::algorithm::{Algorithm, Hash, Pieces, Running};
use crate::sign::encoding::Encoding;
use crate::sign::explain::bodies::End;
use crate::sign::explain::{Hint, bodies, urls};
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
const SLOWER: usize = 4;

/// The signatures of a request, and what they should be over.
pub(crate) struct Trial<'a> {
    layout: &'a Layout,
    scope: Scope<'a>,
    moment: Option<Timestamp>,
    request: &'a CapturedRequest,
    url: Option<Cow<'a, str>>,
    key: Zeroizing<Vec<u8>>,
    candidates: Vec<Candidate>,
    /// The body up to its last line break, and what may follow.
    head: &'a [u8],
    ends: Vec<End>,
    begun: RefCell<Vec<Begun>>,
    left: Cell<usize>,
}

/// A hash that has taken the body's head in.
struct Begun {
    hash: Hash,
    key: Zeroizing<Vec<u8>>,
    before: Vec<u8>,
    state: Box<dyn Running>,
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
        reading: &'a Reading<'a>,
        request: &'a CapturedRequest,
        secret: &'a Secret,
        checks: &'a Checks<'a>,
    ) -> Self {
        let scope = reading.scope(request, None, layout.key.stripped(secret.reveal()), checks.params);
        let (head, ends) = bodies::ends(scope.body);
        Self {
            layout,
            scope,
            head,
            ends,
            begun: RefCell::new(Vec::new()),
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

    /// Whether a signature fits the guess, and which mistakes in the body's end, in hash and encoding it takes for that.
    pub(crate) fn fits(&self, guess: Guess) -> Option<Vec<Hint>> {
        let algorithm = self.layout.algorithm;
        // What a token signs is the token itself: nothing about the request could have been done in another way.
        if algorithm == Algorithm::Jwt || (guess.template.sorts_body() && is_json(guess.body)) {
            return None;
        }
        let scope = Scope { body: guess.body, ts: guess.ts, url: guess.url, ..self.scope };
        let cost = self.cost(guess);
        // Whatever is found in a body costs time before anything is hashed.
        if guess.template.body_filters() > 0 {
            self.left.get().checked_sub(cost)?;
        }
        let content = guess.template.render(|name| scope.value(name)).ok()?;
        if algorithm.has_key_pair() {
            self.spend(cost)?;
            let proof = algorithm.proof(self.layout.encoding, guess.key, &content).ok()?;
            let right = |candidate: &&Candidate| proof.fits(self.layout.encoding.encode(&candidate.bytes).as_bytes());
            return self.candidates.iter().find(right).map(|one| self.spelling(one, None));
        }
        let own = self.scope.body;
        let is_body = |piece: &Cow<[u8]>| piece.as_ptr() == own.as_ptr() && piece.len() == own.len();
        let at = content.iter().position(is_body).and_then(|at| content.split_at_checked(at));
        let as_long = |hash: &Hash| self.candidates.iter().any(|one| one.bytes.len() == hash.length());
        Hash::ALL.into_iter().filter(as_long).find_map(|hash| {
            if let Some((before, [_, after @ ..])) = at {
                return self.ended(hash, guess.key, before, after);
            }
            self.spend(cost)?;
            let made = match algorithm {
                Algorithm::Hmac(_) => hash.hmac(guess.key, &content).ok()?,
                Algorithm::Digest(_) => hash.digest(&content),
                _ => return None,
            };
            self.written(hash, &made)
        })
    }

    /// The body as it came, with each end that it may have had; what stands before the ends is hashed once.
    fn ended(&self, hash: Hash, key: &[u8], before: &Pieces, after: &Pieces) -> Option<Vec<Hint>> {
        let keyed = match self.layout.algorithm {
            Algorithm::Hmac(_) => Some(key),
            Algorithm::Digest(_) => None,
            _ => return None,
        };
        let before = before.concat();
        let mut begun = self.begun.borrow_mut();
        let is_it = |one: &Begun| one.hash == hash && one.key.as_slice() == key && one.before == before;
        let place = if let Some(place) = begun.iter().position(is_it) {
            place
        } else {
            self.spend(self.head.len().saturating_add(OVERHEAD))?;
            let mut state = hash.begin(keyed).ok()?;
            state.take(&before);
            state.take(self.head);
            begun.push(Begun { hash, key: Zeroizing::new(key.to_vec()), before, state });
            begun.len() - 1
        };
        let state = &begun.get(place)?.state;
        let after = after.concat();
        self.ends.iter().find_map(|(hint, end)| {
            self.spend(end.len() + after.len() + OVERHEAD)?;
            let more = self.written(hash, &state.with(&[end, &after]))?;
            Some(hint.iter().cloned().chain(more).collect())
        })
    }

    /// Whether this is one of the signatures, and what is wrong with how that one is written.
    fn written(&self, hash: Hash, made: &[u8]) -> Option<Vec<Hint>> {
        let found = self.candidates.iter().find(|one| bool::from(one.bytes.ct_eq(made)))?;
        Some(self.spelling(found, Some(hash)))
    }

    fn cost(&self, guess: Guess) -> usize {
        let pair = self.layout.algorithm.has_key_pair();
        let work = guess.template.body_filters() * SLOWER + if pair { SLOWER } else { 1 };
        guess.body.len().saturating_mul(work).saturating_add(if pair { PAIR_OVERHEAD } else { OVERHEAD })
    }

    /// Takes from the budget, if there is so much left.
    fn spend(&self, cost: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(cost)?);
        Some(())
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

/// A text may be several encodings at once; the scheme's own comes first. As long as a hash and of hexadecimal digits
/// alone it is no base64: by chance no signature is.
fn candidates(text: &[u8], own: Encoding) -> Vec<Candidate> {
    let hex =
        Hash::ALL.into_iter().any(|hash| hash.length() * 2 == text.len()) && text.iter().all(u8::is_ascii_hexdigit);
    let others = Encoding::ALL.into_iter().filter(|encoding| *encoding != own);
    let read = |encoding: Encoding| {
        let bytes = encoding.decode_loosely(text)?;
        Some(Candidate { encoding, exact: encoding.encode(&bytes).as_bytes() == text, bytes })
    };
    let fits = |encoding: &Encoding| !hex || *encoding == Encoding::Hex;
    std::iter::once(own).chain(others).filter(fits).filter_map(read).collect()
}

fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}
