//! Who is asking, and what they may do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::clock::{Clock, NoRandomness};
use crate::model::{AppName, CapturedRequest, Rights, Token, TokenId};
use crate::relay::options::address_of;
use crate::store::{Store, StoreError};

/// How long a token is good without asking the store again: another process may revoke it.
const FRESH: Duration = Duration::from_secs(1);
/// So many wrong tokens of one address within this time are mistakes; more are guesses.
const MOST_WRONG: u32 = 10;
const LATELY: Duration = Duration::from_secs(60);
/// How many tokens are kept in mind at most; they come from outside.
const MAX_KNOWN: usize = 10_000;

/// What is known of texts, by their hash, and since when.
type Known = HashMap<[u8; 32], (Instant, Option<Arc<Token>>)>;

/// The tokens that were shown lately.
pub(crate) struct Doors {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    /// How many wrong tokens each address showed since when.
    wrong: Mutex<HashMap<IpAddr, (u32, Instant)>>,
}

impl Doors {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: Mutex::default(), wrong: Mutex::default() }
    }

    /// Counts a request whose token is wrong; says whether its address showed too many of late. Right tokens are never
    /// kept waiting, whoever else is at their address.
    pub(crate) fn is_guessing(&self, request: &CapturedRequest) -> bool {
        let Some(address) = bearer(request).and_then(|_| address_of(&request.remote)) else { return false };
        let now = self.clock.instant();
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= MAX_KNOWN {
            wrong.retain(|_, (_, since)| now.duration_since(*since) < LATELY);
        }
        if wrong.len() >= MAX_KNOWN && !wrong.contains_key(&address) {
            return true;
        }
        let (count, since) = wrong.entry(address).or_insert((0, now));
        if now.duration_since(*since) >= LATELY {
            (*count, *since) = (0, now);
        }
        *count = count.saturating_add(1);
        *count > MOST_WRONG
    }

    /// The token that comes with a request, if it is one and has not ended.
    pub(crate) async fn token(&self, request: &CapturedRequest) -> Result<Option<Arc<Token>>, StoreError> {
        let Some(text) = bearer(request) else { return Ok(None) };
        self.known_as(text).await
    }

    /// The token of this text, if it is one and has not ended.
    pub(crate) async fn known_as(&self, text: &str) -> Result<Option<Arc<Token>>, StoreError> {
        let (hash, now) = (hash(text), self.clock.instant());
        let lately = self.known().get(&hash).filter(|(at, _)| now.duration_since(*at) < FRESH).cloned();
        let token = if let Some((_, token)) = lately {
            token
        } else {
            let token = self.store.token(&hash).await?.map(Arc::new);
            let mut known = self.known();
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            known.insert(hash, (now, token.clone()));
            token
        };
        Ok(token.filter(|token| token.expires_at.is_none_or(|end| end > self.clock.now())))
    }

    /// Whoever makes or revokes tokens says so here.
    pub(crate) fn forget(&self) {
        self.known().clear();
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token is to be made for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What it is for, in words.
    pub label: String,
    /// What it allows.
    pub rights: Rights,
    /// Where; everywhere if `None`.
    pub app: Option<AppName>,
    /// The hidden types of event it sees.
    pub feature_flags: Vec<String>,
    /// How long it is good; for good if `None`.
    pub lasting: Option<Duration>,
}

/// A new token and its text, which nobody can find out again.
///
/// # Errors
/// If the machine gives no random bytes.
pub fn issue(clock: &dyn Clock, grant: Grant) -> Result<(String, Token), NoRandomness> {
    let text = format!("whk_{}", URL_SAFE_NO_PAD.encode(clock.key()?));
    let now = clock.now();
    let token = Token {
        id: TokenId::new(now, clock.chance()),
        hash: hash(&text),
        label: grant.label,
        rights: grant.rights,
        app: grant.app,
        feature_flags: grant.feature_flags,
        created_at: now,
        expires_at: grant.lasting.map(|time| now.plus(time)),
    };
    Ok((text, token))
}

/// The hash under which a token is kept. The text has 256 random bits, so that one round is enough.
#[must_use]
pub fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

fn bearer(request: &CapturedRequest) -> Option<&str> {
    let (kind, text) = request.headers.text("authorization")?.trim().split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| text.trim()).filter(|text| !text.is_empty())
}

impl Token {
    /// Whether it reaches this app.
    pub(crate) fn reaches(&self, app: &AppName) -> bool {
        self.app.as_ref().is_none_or(|own| own == app)
    }

    /// Whether what its owner's app answers may go to senders: not if it may only look.
    pub(crate) fn may_answer(&self) -> bool {
        matches!(self.rights, Rights::Operator | Rights::Portal)
    }

    /// Whether it may do everything, be it in one app alone.
    pub(crate) fn operates(&self) -> bool {
        self.rights == Rights::Operator
    }
}
