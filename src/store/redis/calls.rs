//! What nodes call out to each other: a channel of Redis that keeps nothing, read with a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use redis::aio::PubSub;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::store::redis::link::Link;

/// How long a new connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// Each node calls once a second, and hears itself: a connection that is silent for so long is dead.
const SILENCE: Duration = Duration::from_secs(5);
/// The pause before a connection is made again.
const PAUSE: Duration = Duration::from_millis(250);

/// Hears what others call until the store is closed or nobody listens.
pub(super) async fn hear(link: Arc<Link>, node: String, sender: mpsc::Sender<Bytes>) {
    while !link.is_closed() && !sender.is_closed() {
        let Ok(Ok(way)) = timeout(CONNECT, subscribe(&link)).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let mut calls = way.into_on_message();
        while let Ok(Some(call)) = timeout(SILENCE, calls.next()).await {
            let bytes = call.get_payload_bytes();
            if bytes.starts_with(node.as_bytes()) {
                continue;
            }
            let words = Bytes::copy_from_slice(bytes.get(node.len()..).unwrap_or_default());
            if sender.send(words).await.is_err() {
                return;
            }
        }
    }
}

async fn subscribe(link: &Link) -> Result<PubSub, redis::RedisError> {
    let mut way = link.client.get_async_pubsub().await?;
    way.subscribe(link.key("calls")).await?;
    Ok(way)
}
