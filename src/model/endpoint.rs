//! An endpoint: where an app's events go.

use std::time::Duration;

use crate::model::app::{AppName, Metadata};
use crate::model::headers::Headers;
use crate::model::id::EndpointId;
use crate::model::secret::Secret;
use crate::model::target::Target;
use crate::model::time::Timestamp;

/// So many replaced secrets may go on signing at once.
const MAX_OLD_SECRETS: usize = 10;

/// Where an app's events go. A `--forward` of a listener is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its identifier, `ep_...`.
    pub id: EndpointId,
    /// The app whose events it gets.
    pub app: AppName,
    /// How it came to be.
    pub kind: EndpointKind,
    /// A name its owner chose, unique in the app. A listener's is made of its name and its target.
    pub uid: Option<String>,
    /// Where the events go.
    pub target: Target,
    /// The same as a URL, as its owner is shown it.
    pub url: String,
    /// What its owner says about it.
    pub description: String,
    /// The types of event it gets, by name or pattern; all if `None`.
    pub event_types: Option<Vec<String>>,
    /// It gets only messages that share one of these channels; all, if there are none.
    pub channels: Vec<String>,
    /// At most so many deliveries a second.
    pub rate_limit: Option<u32>,
    /// Since when and why it gets nothing.
    pub disabled: Option<Disabled>,
    /// What its owner noted.
    pub metadata: Metadata,
    /// Lines that each request to it gets.
    pub headers: Headers,
    /// What its requests are signed with, the current one first.
    pub secrets: Vec<DatedSecret>,
    /// The scheme they are signed by.
    pub scheme: String,
    /// Whether a delivery waits for the one before it.
    pub ordered: bool,
    /// Whether a redirect is followed.
    pub redirects: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner last changed it.
    pub updated_at: Timestamp,
}

/// How an endpoint came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// Its owner made it; it is listed, and relays deliver to it.
    Registered,
    /// The target of a listener, which delivers to it while it runs.
    Listener,
    /// Something was sent there again, once.
    Replay,
}

/// A secret and how long it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedSecret {
    /// The secret.
    pub secret: Secret,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// Until when it signs; for good if `None`.
    pub expires_at: Option<Timestamp>,
}

/// Why an endpoint gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// Whose doing it is.
    pub why: DisabledBy,
}

/// Whose doing it is that an endpoint gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisabledBy {
    /// Its owner's.
    Owner,
    /// Its own: it said that it is gone for good.
    Gone,
    /// It has only failed for too long.
    Failing,
}

/// How an endpoint has been doing since it last took something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// When the first of its failures since then happened.
    pub failing_since: Option<Timestamp>,
    /// How many scheduled attempts have failed since.
    pub failures: u32,
    /// When the first delivery since then was given up.
    pub dead_since: Option<Timestamp>,
    /// How many deliveries have been given up since.
    pub deaths: u32,
}

/// So many replaced secrets are still signing that no other can join them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at most {MAX_OLD_SECRETS} replaced secrets can go on signing")]
pub struct TooManySecrets;

impl Endpoint {
    /// One that gets every event of its app, unsigned, as listeners make them.
    #[must_use]
    pub fn new(id: EndpointId, app: AppName, target: Target, at: Timestamp) -> Self {
        Self {
            id,
            app,
            kind: EndpointKind::Listener,
            uid: None,
            url: target.url(&target.request_target("", None)),
            target,
            description: String::new(),
            event_types: None,
            channels: Vec::new(),
            rate_limit: None,
            disabled: None,
            metadata: Metadata::new(),
            headers: Headers::new(),
            secrets: Vec::new(),
            scheme: String::new(),
            ordered: false,
            redirects: false,
            created_at: at,
            updated_at: at,
        }
    }

    /// The secrets that sign at this moment: the current one, then the replaced ones by when they end.
    #[must_use]
    pub fn live_secrets(&self, now: Timestamp) -> Vec<Secret> {
        let mut live: Vec<_> = self.secrets.iter().filter(|dated| dated.lives(now)).collect();
        live.sort_by_key(|dated| (dated.expires_at.is_some(), dated.expires_at));
        live.into_iter().map(|dated| dated.secret.clone()).collect()
    }

    /// Signs with this secret from now on; the one before goes on signing for `grace`.
    ///
    /// # Errors
    /// If too many replaced ones are still signing; then nothing is changed.
    pub fn rotate(&mut self, secret: Secret, now: Timestamp, grace: Duration) -> Result<(), TooManySecrets> {
        let mut old: Vec<_> = self.secrets.iter().filter(|dated| dated.lives(now)).cloned().collect();
        for dated in &mut old {
            dated.expires_at = dated.expires_at.or(Some(now.plus(grace)));
        }
        old.retain(|dated| dated.lives(now));
        if old.len() > MAX_OLD_SECRETS {
            return Err(TooManySecrets);
        }
        old.insert(0, DatedSecret { secret, created_at: now, expires_at: None });
        self.secrets = old;
        Ok(())
    }
}

impl DatedSecret {
    fn lives(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

impl EndpointKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Registered, Self::Listener, Self::Replay];
}

impl DisabledBy {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Gone, Self::Failing];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn endpoint() -> Endpoint {
        let target = "http://example.com/hook".parse().unwrap();
        Endpoint::new(EndpointId::from_bytes([1; 20]), AppName::default(), target, at(0))
    }

    fn live(endpoint: &Endpoint, now: i64) -> Vec<String> {
        endpoint.live_secrets(at(now)).iter().map(|secret| secret.reveal().to_owned()).collect()
    }

    #[test]
    fn a_replaced_secret_signs_until_its_grace_is_over_and_the_current_one_comes_first() {
        let mut endpoint = endpoint();
        endpoint.rotate(Secret::new("a"), at(0), Duration::ZERO).unwrap();
        endpoint.rotate(Secret::new("b"), at(1), Duration::from_secs(100)).unwrap();
        endpoint.rotate(Secret::new("c"), at(2), Duration::from_secs(10)).unwrap();
        assert_eq!(live(&endpoint, 3), ["c", "b", "a"]);
        assert_eq!(live(&endpoint, 12), ["c", "a"]);
        assert_eq!(live(&endpoint, 101), ["c"]);
        endpoint.rotate(Secret::new("d"), at(3), Duration::ZERO).unwrap();
        assert_eq!(live(&endpoint, 3), ["d", "b", "a"], "no grace: dropped at once");
    }

    #[test]
    fn the_eleventh_replaced_secret_is_one_too_many() {
        let (mut endpoint, grace) = (endpoint(), Duration::from_secs(100));
        for number in 0..11 {
            endpoint.rotate(Secret::new(number.to_string()), at(number), grace).unwrap();
        }
        let before = endpoint.clone();
        assert_eq!(endpoint.rotate(Secret::new("x"), at(11), grace), Err(TooManySecrets));
        assert_eq!(endpoint, before);
        assert_eq!(endpoint.rotate(Secret::new("x"), at(101), grace), Ok(()), "the first one has ended");
    }
}
