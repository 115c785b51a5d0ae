//! What is kept only when a replica has it too: a connection of its own, on which the server says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisResult};
use tokio::sync::Mutex;

use crate::store::redis::link::{ANSWER, Ask, CONNECT};
use crate::store::redis::scripts;
use crate::store::redis::server::fact;

/// How long a replica may take. Whoever waits for an answer waits for it, so it is short.
const LAG: Duration = Duration::from_secs(1);

/// What a replica must have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// It has it (`WAIT`).
    Received,
    /// It has flushed it to its disk, and the primary too (`WAITAOF`).
    Flushed,
}

/// The way to a primary that answers for a replica.
pub(super) struct Replicas {
    proof: Proof,
    lane: Mutex<Option<Arc<Lane>>>,
}

/// One connection to one server. It never becomes another one: what `WAIT` says is of the server that was written to,
/// and not of one that took its place.
struct Lane {
    way: MultiplexedConnection,
    /// How many have asked whether a replica has what they wrote.
    asked: AtomicU64,
    told: Mutex<Told>,
}

/// What the server said last, and for how many of those who asked.
#[derive(Default)]
struct Told {
    upto: u64,
    reached: bool,
}

impl Replicas {
    pub(super) fn new(proof: Proof) -> Self {
        Self { proof, lane: Mutex::default() }
    }

    /// Asks, and waits until a replica has what came of it. `None`: none had it in time.
    pub(super) async fn keep<T: FromRedisValue>(
        &self,
        client: &Client,
        base: &str,
        ask: Ask<'_>,
    ) -> RedisResult<Option<T>> {
        let lane = self.lane(client, base).await?;
        let done = async {
            let answer = ask.of(base, &mut lane.way.clone()).await?;
            Ok(lane.reached(self.proof, base).await?.then_some(answer))
        };
        let done = done.await;
        if done.is_err() {
            // Whatever it was, the next one begins anew: a server that became a replica keeps its connections.
            let mut current = self.lane.lock().await;
            if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &lane)) {
                *current = None;
            }
        }
        done
    }

    /// Why something is not acknowledged.
    pub(super) fn missed(&self, address: &str) -> String {
        let done = match self.proof {
            Proof::Received => "has it",
            Proof::Flushed => "has flushed it to its disk",
        };
        format!("{address}: no replica {done} within {} s, as --durability replicated wants", LAG.as_secs())
    }

    async fn lane(&self, client: &Client, base: &str) -> RedisResult<Arc<Lane>> {
        let mut current = self.lane.lock().await;
        if let Some(lane) = &*current {
            return Ok(Arc::clone(lane));
        }
        let config =
            AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER)).set_connection_timeout(Some(CONNECT));
        let mut way = client.get_multiplexed_async_connection_with_config(&config).await?;
        leap(&mut way, base).await?;
        let lane = Arc::new(Lane { way, asked: AtomicU64::new(0), told: Mutex::default() });
        *current = Some(Arc::clone(&lane));
        Ok(lane)
    }
}

impl Lane {
    /// Whether a replica has all that was written here before. One question does for all who wait meanwhile, and one
    /// "no" too: a replica that is gone costs each of them two waits at most.
    async fn reached(&self, proof: Proof, base: &str) -> RedisResult<bool> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut told = self.told.lock().await;
        if told.upto < own {
            let upto = self.asked.load(Ordering::SeqCst);
            *told = Told { upto, reached: proof.is_given(base, &mut self.way.clone()).await? };
        }
        Ok(told.reached)
    }
}

impl Proof {
    async fn is_given(self, base: &str, way: &mut MultiplexedConnection) -> RedisResult<bool> {
        let lag = u64::try_from(LAG.as_millis()).unwrap_or(u64::MAX);
        let mut ask = redis::pipe();
        // The server waits for what this connection wrote last. Who only found what another had written wrote nothing.
        ask.cmd("SET").arg(format!("{base}round")).arg(1).ignore();
        match self {
            Self::Received => {
                let (replicas,): (u64,) = ask.cmd("WAIT").arg(1).arg(lag).query_async(way).await?;
                Ok(replicas >= 1)
            }
            Self::Flushed => {
                let ((here, replicas),): ((u64, u64),) =
                    ask.cmd("WAITAOF").arg(1).arg(1).arg(lag).query_async(way).await?;
                Ok(here >= 1 && replicas >= 1)
            }
        }
    }
}

/// After a failover the log goes on at a place beyond any that the lost primary can have given out: who had read that
/// far would otherwise take new events for old ones.
async fn leap(way: &mut MultiplexedConnection, base: &str) -> RedisResult<()> {
    let told: String = redis::cmd("INFO").arg("replication").query_async(way).await?;
    let Some(history) = fact(&told, "master_replid") else { return Ok(()) };
    Ask::Script(&scripts::LEAP, &[history.as_bytes()]).of(base, way).await
}
