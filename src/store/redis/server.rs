//! What the server promises, looked at once when the store is opened: that it forgets nothing by itself, and what an
//! answer of its means.

use std::time::Duration;

use redis::{Client, Connection, RedisError};

use crate::store::About;
use crate::store::error::StoreError;
use crate::store::redis::replicas::Proof;

/// How long the first look may take in all.
const LOOK: Duration = Duration::from_secs(3);
/// The first with all that the scripts need: `XADD` with a length, `ZRANGE` by score and by name.
const OLDEST: (u32, u32) = (6, 2);
/// The first that can say what its replicas have flushed.
const WITH_WAITAOF: (u32, u32) = (7, 2);
/// What the keys of this whk look like. Another layout gets another number.
pub(super) const LAYOUT: u32 = 1;

/// How far an acknowledged write has come when Redis answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    /// On its disk.
    Always,
    /// Its disk follows within a second or two.
    EverySecond,
    /// When its system finds time.
    Sometime,
    /// Only with its next snapshot.
    Snapshots,
    /// It does not say.
    Unknown,
}

impl Flushed {
    /// What "acknowledged" means then.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Always => "appendfsync always: flushed to Redis' disk, survives a power cut there",
            Self::EverySecond => {
                "appendfsync everysec: survives a killed whk and a killed Redis; a power cut at Redis may take the last \
                 2 s (CONFIG SET appendfsync always keeps them)"
            }
            Self::Sometime => {
                "appendfsync no: survives a killed whk and a killed Redis; a power cut at Redis may take the last half \
                 minute (CONFIG SET appendfsync always keeps it)"
            }
            Self::Snapshots => {
                "appendonly no: survives a killed whk; when Redis ends, all since its last snapshot is lost (CONFIG SET \
                 appendonly yes, appendfsync always)"
            }
            Self::Unknown => "Redis does not say how it writes to disk: it answers neither CONFIG GET nor INFO",
        }
    }
}

/// What was found.
pub(super) struct Looked {
    pub(super) flushed: Flushed,
    /// What it can say of its replicas.
    pub(super) proof: Proof,
    /// Whether it has one.
    pub(super) is_followed: bool,
}

impl Looked {
    /// What that means to whoever keeps something there.
    pub(super) fn about(&self, address: &str, replicated: bool) -> About {
        let proof = match self.proof {
            _ if !replicated => "",
            Proof::Received => "replicated: acknowledged when a replica has it too; ",
            Proof::Flushed => "replicated: acknowledged when a replica has flushed it to its disk too; ",
        };
        let alone = replicated && !self.is_followed;
        About {
            address: address.to_owned(),
            durability: format!("{proof}{}", self.flushed.words()),
            trouble: alone.then_some("it has no replica now, and without one nothing is acknowledged"),
        }
    }
}

/// A fact of what INFO tells.
pub(super) fn fact<'a>(told: &'a str, name: &str) -> Option<&'a str> {
    told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// Looks at the server, and refuses one that would lose events by itself.
pub(super) fn look(client: &Client, base: &str, address: &str) -> Result<Looked, StoreError> {
    let open = |why: String| StoreError::Open { path: address.to_owned(), why };
    let cannot = |why: RedisError| {
        if why.is_timeout() {
            return open(format!(
                "it does not answer within {} s; is it Redis, and with TLS or without?",
                LOOK.as_secs()
            ));
        }
        open(why.to_string())
    };
    let mut way = client.get_connection_with_timeout(LOOK).map_err(cannot)?;
    for bound in [way.set_read_timeout(Some(LOOK)), way.set_write_timeout(Some(LOOK))] {
        bound.map_err(cannot)?;
    }
    let told: String = redis::cmd("INFO").query(&mut way).map_err(cannot)?;
    let fact = |name: &str| fact(&told, name);
    let version = version_of(fact("redis_version").unwrap_or_default());
    check_version(version, fact("redis_version").unwrap_or_default()).map_err(open)?;
    if let Some(policy) = fact("maxmemory_policy").filter(|policy| *policy != "noeviction") {
        return Err(open(format!(
            "its maxmemory-policy is {policy}, so it may throw events away when its memory is full; set it to \
             noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)"
        )));
    }
    if fact("role").is_some_and(|role| role == "slave") {
        return Err(open("it is a replica, which takes no writes; give the address of its primary".to_owned()));
    }
    check_layout(&mut way, base, address)?;
    let flushed = match (fact("aof_enabled"), setting(&mut way, "appendfsync").as_deref()) {
        (Some("0"), _) => Flushed::Snapshots,
        (_, Some("always")) => Flushed::Always,
        (_, Some("everysec")) => Flushed::EverySecond,
        (_, Some("no")) => Flushed::Sometime,
        _ => Flushed::Unknown,
    };
    let is_followed = fact("connected_slaves").is_some_and(|count| count != "0");
    Ok(Looked { flushed, proof: proof_of(version, flushed), is_followed })
}

/// A replica's disk is asked about only where a flush is not a second away.
fn proof_of(version: (u32, u32), flushed: Flushed) -> Proof {
    if version >= WITH_WAITAOF && flushed == Flushed::Always { Proof::Flushed } else { Proof::Received }
}

/// Hosted servers often refuse to tell.
fn setting(way: &mut Connection, name: &str) -> Option<String> {
    let pair: Vec<String> = redis::cmd("CONFIG").arg("GET").arg(name).query(way).ok()?;
    pair.into_iter().nth(1)
}

fn version_of(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map_while(|part| part.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn check_version(found: (u32, u32), text: &str) -> Result<(), String> {
    if found < OLDEST {
        return Err(format!("it is Redis {text}; whk needs {}.{} or newer", OLDEST.0, OLDEST.1));
    }
    Ok(())
}

fn check_layout(way: &mut Connection, base: &str, address: &str) -> Result<(), StoreError> {
    let (key, path) = (format!("{base}layout"), address.to_owned());
    let cannot = |why: RedisError| StoreError::Open { path: address.to_owned(), why: why.to_string() };
    redis::cmd("SET").arg(&key).arg(LAYOUT).arg("NX").query::<Option<String>>(way).map_err(cannot)?;
    let text: Option<String> = redis::cmd("GET").arg(&key).query(way).map_err(cannot)?;
    match text.as_deref().map(str::parse::<u32>) {
        Some(Ok(found)) if found > LAYOUT => Err(StoreError::Newer { path, found, known: LAYOUT }),
        Some(Err(_)) => Err(StoreError::Corrupt { path, why: format!("{key} is no number") }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_named() {
        let check = |text: &str| check_version(version_of(text), text);
        assert_eq!(check("7.0.15"), Ok(()));
        assert_eq!(check("6.2"), Ok(()));
        assert!(check("6.0.16").unwrap_err().contains("6.0.16"));
        assert!(check("").is_err());
    }

    #[test]
    fn a_replicas_disk_is_asked_about_where_the_server_can_and_flushes_each_write() {
        for (version, flushed, proof) in [
            ("7.0.15", Flushed::Always, Proof::Received),
            ("7.2.0", Flushed::Always, Proof::Flushed),
            ("8.0.1", Flushed::Always, Proof::Flushed),
            ("7.2.0", Flushed::EverySecond, Proof::Received),
            ("7.2.0", Flushed::Snapshots, Proof::Received),
            ("7.2.0", Flushed::Unknown, Proof::Received),
        ] {
            assert_eq!(proof_of(version_of(version), flushed), proof, "{version}, {flushed:?}");
        }
    }
}
