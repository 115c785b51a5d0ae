//! What is said to a Redis server, and what it says.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, Value, cmd};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a read waits for entries on the server.
const BLOCK: Duration = Duration::from_secs(1);
/// How long an answer may take beside that; the library's own limit is shorter than a read.
const ANSWER: Duration = Duration::from_secs(5);
/// How many entries of a stream are read at once.
const BATCH: usize = 64;
/// How many streams a pattern may find.
const MOST_STREAMS: usize = 10_000;

/// An entry: its id, and its fields in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) fields: Vec<(String, String)>,
}

/// A server, and the group as which it is read.
#[derive(Clone)]
pub(super) struct Wire {
    client: Client,
    pub(super) pattern: String,
    pub(super) group: String,
    pub(super) consumer: String,
}

/// Two connections: reads that wait would hold up everything else on theirs.
pub(super) struct Lines {
    pub(super) reads: MultiplexedConnection,
    pub(super) rest: MultiplexedConnection,
}

impl Wire {
    pub(super) const fn new(client: Client, pattern: String, group: String, consumer: String) -> Self {
        Self { client, pattern, group, consumer }
    }

    pub(super) async fn connect(&self) -> Result<Lines, RedisError> {
        Ok(Lines { reads: line(&self.client, BLOCK + ANSWER).await?, rest: line(&self.client, ANSWER).await? })
    }

    /// The streams that there are.
    pub(super) async fn streams(&self, at: &mut MultiplexedConnection) -> Result<Vec<String>, RedisError> {
        if !self.pattern.contains(['*', '?', '[']) {
            return Ok(vec![self.pattern.clone()]);
        }
        let (mut cursor, mut found) = ("0".to_owned(), Vec::new());
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(&self.pattern).arg("COUNT").arg(1000).arg("TYPE").arg("stream");
            let (next, names): (String, Vec<String>) = scan.query_async(at).await?;
            found.extend(names);
            if next == "0" || found.len() >= MOST_STREAMS {
                found.sort_unstable();
                found.dedup();
                found.truncate(MOST_STREAMS);
                return Ok(found);
            }
            cursor = next;
        }
    }

    /// Makes the group of a stream that is read from `start` on, if there is none yet.
    pub(super) async fn join(
        &self,
        at: &mut MultiplexedConnection,
        stream: &str,
        start: &str,
    ) -> Result<(), RedisError> {
        let mut create = cmd("XGROUP");
        create.arg("CREATE").arg(stream).arg(&self.group).arg(start).arg("MKSTREAM");
        match create.query_async::<Value>(at).await {
            Err(why) if why.code() == Some("BUSYGROUP") => Ok(()),
            other => other.map(drop),
        }
    }

    /// What nobody of the group was given yet, of these streams.
    pub(super) async fn read(
        &self,
        at: &mut MultiplexedConnection,
        streams: &[String],
    ) -> Result<Vec<(String, Vec<Entry>)>, RedisError> {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(&self.group).arg(&self.consumer).arg("COUNT").arg(BATCH);
        read.arg("BLOCK").arg(BLOCK.as_millis().to_string()).arg("STREAMS").arg(streams);
        for _ in streams {
            read.arg(">");
        }
        Ok(by_stream(read.query_async(at).await?))
    }

    /// What somebody of the group was given and left for so long.
    pub(super) async fn claim(
        &self,
        at: &mut MultiplexedConnection,
        stream: &str,
        idle: Duration,
    ) -> Result<Vec<Entry>, RedisError> {
        let mut claim = cmd("XAUTOCLAIM");
        claim.arg(stream).arg(&self.group).arg(&self.consumer).arg(idle.as_millis().to_string()).arg("0-0");
        let answer: Value = claim.arg("COUNT").arg(BATCH).query_async(at).await?;
        Ok(items(answer).into_iter().nth(1).map(entries).unwrap_or_default())
    }

    /// Says that these are still being worked on.
    pub(super) async fn hold(
        &self,
        at: &mut MultiplexedConnection,
        stream: &str,
        ids: &[String],
    ) -> Result<(), RedisError> {
        let mut claim = cmd("XCLAIM");
        claim.arg(stream).arg(&self.group).arg(&self.consumer).arg(0).arg(ids).arg("JUSTID");
        claim.query_async::<Value>(at).await.map(drop)
    }

    /// An entry is done.
    pub(super) async fn done(&self, at: &mut MultiplexedConnection, stream: &str, id: &str) -> Result<(), RedisError> {
        cmd("XACK").arg(stream).arg(&self.group).arg(id).query_async::<Value>(at).await.map(drop)
    }
}

/// Adds an entry to a stream; gives back its id.
pub(super) async fn add(client: &Client, stream: &str, fields: &[(&str, String)]) -> Result<String, RedisError> {
    let mut line = line(client, ANSWER).await?;
    let mut add = cmd("XADD");
    add.arg(stream).arg("*");
    for (name, value) in fields {
        add.arg(name).arg(value);
    }
    add.query_async(&mut line).await
}

/// Whether the stream or its group is gone, rather than the server.
pub(super) fn is_gone(why: &RedisError) -> bool {
    why.code() == Some("NOGROUP")
}

/// Whether the address or the password is wrong, so that there is no use in trying again.
pub(super) fn is_final(why: &RedisError) -> bool {
    matches!(why.kind(), ErrorKind::InvalidClientConfig | ErrorKind::AuthenticationFailed)
}

async fn line(client: &Client, patience: Duration) -> Result<MultiplexedConnection, RedisError> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(patience));
    client.get_multiplexed_async_connection_with_config(&config).await
}

fn by_stream(answer: Value) -> Vec<(String, Vec<Entry>)> {
    let stream = |value| {
        let mut parts = items(value).into_iter();
        Some((text(parts.next()?)?, entries(parts.next()?)))
    };
    items(answer).into_iter().filter_map(stream).collect()
}

/// Entries that were deleted meanwhile have no fields, and are left out.
fn entries(value: Value) -> Vec<Entry> {
    let entry = |value| {
        let mut parts = items(value).into_iter();
        let (id, fields) = (text(parts.next()?)?, items(parts.next()?));
        let mut texts = fields.into_iter().map(|value| text(value).unwrap_or_default());
        let mut pairs = Vec::new();
        while let Some((name, value)) = texts.next().zip(texts.next()) {
            pairs.push((name, value));
        }
        (!pairs.is_empty()).then_some(Entry { id, fields: pairs })
    };
    items(value).into_iter().filter_map(entry).collect()
}

fn items(value: Value) -> Vec<Value> {
    if let Value::Array(items) = value { items } else { Vec::new() }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Value::SimpleString(text) => Some(text),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn entries_are_read_in_order_and_deleted_ones_left_out() {
        let entry = Value::Array(vec![bulk("1-0"), Value::Array(vec![bulk("b"), bulk("1"), bulk("a"), bulk("2")])]);
        let deleted = Value::Array(vec![bulk("2-0"), Value::Nil]);
        let answer = Value::Array(vec![Value::Array(vec![bulk("s"), Value::Array(vec![entry, deleted, Value::Nil])])]);
        let fields = vec![("b".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        assert_eq!(by_stream(answer), [("s".to_owned(), vec![Entry { id: "1-0".to_owned(), fields }])]);
        assert!(by_stream(Value::Nil).is_empty());
    }
}
