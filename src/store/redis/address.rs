//! Addresses such as `redis://user:password@host:6379/0?prefix=team`, taken apart.

use crate::store::error::StoreError;

/// Where a store in Redis is.
pub(super) struct Address {
    /// For the client.
    pub(super) url: String,
    /// The start of every key: the prefix as the hash tag, so that a cluster keeps all of them on one shard.
    pub(super) base: String,
    /// For people: without a user and a password.
    pub(super) shown: String,
}

impl Address {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let bad = || StoreError::Address(shown(text));
        let (url, query) = text.split_once('?').unwrap_or((text, ""));
        let mut prefix = "whk";
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("prefix", value)) => prefix = value,
                _ => rest.push(pair),
            }
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if prefix.is_empty() || prefix.len() > 64 || !prefix.bytes().all(fits) {
            return Err(bad());
        }
        let url = if rest.is_empty() { url.to_owned() } else { format!("{url}?{}", rest.join("&")) };
        Ok(Self { url, base: format!("{{{prefix}}}:"), shown: shown(text) })
    }
}

fn shown(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    // A password may hold an @ of its own.
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (place, tail) = rest.split_at(end);
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    format!("{scheme}://{host}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_taken_out_and_a_password_is_never_shown() {
        let address = Address::parse("rediss://me:p@ss@host:6380/2?prefix=team&protocol=resp3").unwrap();
        assert_eq!(address.url, "rediss://me:p@ss@host:6380/2?protocol=resp3");
        assert_eq!(address.base, "{team}:");
        assert_eq!(address.shown, "rediss://host:6380/2?prefix=team&protocol=resp3");
        assert_eq!(Address::parse("redis://host").unwrap().base, "{whk}:");
        assert!(
            matches!(Address::parse("redis://:x@host?prefix=a{b"), Err(StoreError::Address(text)) if !text.contains(":x@"))
        );
    }
}
