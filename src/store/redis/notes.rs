//! What other nodes do, as they do it: a short stream that each node reads with a connection of its own.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use tokio::sync::broadcast;

use crate::store::Elsewhere;
use crate::store::redis::link::Link;
use crate::store::redis::server::LAYOUT;

/// How long a reading waits for something new.
const WAIT: Duration = Duration::from_secs(2);
/// How many notes are read at once; what they have in common is told once.
const BATCH: usize = 500;
/// How often it is looked whether the store is still the same.
const OFTEN: Duration = Duration::from_secs(1);
/// The pause before a connection is made again.
const PAUSE: Duration = Duration::from_millis(250);

/// id and fields, one entry each, of one stream.
type Read = Option<Vec<(String, Vec<(String, Vec<String>)>)>>;

/// Reads until the store is closed or nobody listens.
pub(super) async fn read(link: Arc<Link>, node: String, sender: broadcast::Sender<Elsewhere>) {
    let (mut last, mut mark) = ("$".to_owned(), None);
    while let Some(mut way) = connect(&link, &sender).await {
        // What came while there was no connection is read from where this left off, as far as it is still there.
        if last == "$" && newest(&link, &mut way).await.map(|id| last = id).is_none() {
            continue;
        }
        drop(sender.send(Elsewhere::Perhaps));
        let mut looked = None;
        while let Some(notes) = next(&link, &mut way, &last).await {
            if link.is_closed() || sender.receiver_count() == 0 {
                return;
            }
            if looked.is_none_or(|at: Instant| at.elapsed() >= OFTEN) {
                let Some(found) = marked(&link, &mut way, &node).await else { break };
                looked = Some(Instant::now());
                if mark.replace(found.clone()).is_some_and(|before| before != found) {
                    drop(sender.send(Elsewhere::Emptied));
                }
            }
            if let Some((id, _)) = notes.last() {
                last.clone_from(id);
            }
            for told in condensed(&notes, &node) {
                drop(sender.send(told));
            }
        }
    }
}

async fn connect(link: &Link, sender: &broadcast::Sender<Elsewhere>) -> Option<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(WAIT + Duration::from_secs(3)));
    while !link.is_closed() && sender.receiver_count() > 0 {
        if let Ok(way) = link.client.get_multiplexed_async_connection_with_config(&config).await {
            return Some(way);
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

async fn newest(link: &Link, way: &mut MultiplexedConnection) -> Option<String> {
    let mut ask = redis::cmd("XREVRANGE");
    ask.arg(link.key("notes")).arg("+").arg("-").arg("COUNT").arg(1);
    let found: Vec<(String, Vec<String>)> = ask.query_async(way).await.ok()?;
    Some(found.into_iter().next().map_or_else(|| "0".to_owned(), |(id, _)| id))
}

/// The mark of the store, which is made anew if it went with all else. No two are alike.
async fn marked(link: &Link, way: &mut MultiplexedConnection, node: &str) -> Option<String> {
    let mut ask = redis::pipe();
    ask.cmd("SET").arg(link.key("layout")).arg(LAYOUT).arg("NX").ignore();
    ask.cmd("TIME");
    let (time,): ((u64, u64),) = ask.query_async(way).await.ok()?;
    let new = format!("{}.{:06} {node}", time.0, time.1);
    let mut ask = redis::pipe();
    ask.cmd("SET").arg(link.key("mark")).arg(new).arg("NX").ignore();
    ask.cmd("GET").arg(link.key("mark"));
    let (mark,): (String,) = ask.query_async(way).await.ok()?;
    Some(mark)
}

async fn next(link: &Link, way: &mut MultiplexedConnection, last: &str) -> Option<Vec<(String, Vec<String>)>> {
    let millis = u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX);
    let mut ask = redis::cmd("XREAD");
    ask.arg("COUNT").arg(BATCH).arg("BLOCK").arg(millis).arg("STREAMS").arg(link.key("notes")).arg(last);
    let found: Read = ask.query_async(way).await.ok()?;
    Some(found.into_iter().flatten().flat_map(|(_, entries)| entries).collect())
}

/// What these notes of others say, each thing once.
fn condensed(notes: &[(String, Vec<String>)], node: &str) -> HashSet<Elsewhere> {
    let mut told = HashSet::new();
    for (_, fields) in notes {
        let field = |name: &str| {
            fields.chunks_exact(2).find_map(|pair| match pair {
                [key, value] if key == name => Some(value.as_str()),
                _ => None,
            })
        };
        if field("n") == Some(node) {
            continue;
        }
        if field("k") == Some("d") {
            told.insert(Elsewhere::Waiting);
        }
        if let Some(app) = field("a").filter(|app| !app.is_empty()).and_then(|app| app.parse().ok()) {
            told.insert(Elsewhere::Kept(app));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_others_are_told_once_and_own_ones_not_at_all() {
        let note = |node: &str, kind: &str, app: &str| {
            let words = ["n", node, "k", kind, "a", app].map(str::to_owned);
            ("1-1".to_owned(), words.to_vec())
        };
        let notes = [note("me", "d", "own"), note("b", "e", "x"), note("c", "e", "x"), note("b", "d", "")];
        let told = condensed(&notes, "me");
        assert_eq!(told, HashSet::from([Elsewhere::Waiting, Elsewhere::Kept("x".parse().unwrap())]));
    }
}
