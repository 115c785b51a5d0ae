//! The connection: one socket for all that is quick, made again by itself, with a bound on every wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, Script};
use tokio::time::Instant;

use crate::store::error::StoreError;
use crate::store::redis::fault::{Damage, is_demoted, passes, refused};
use crate::store::redis::replicas::Replicas;

/// A command takes well under a millisecond; a flush to a slow disk may take a second or two.
pub(super) const ANSWER: Duration = Duration::from_secs(5);
/// How long a new connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
/// How long something that can safely be repeated is, before the caller hears of it.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// The pause before the first repetition, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(300));

/// The way to Redis.
pub(super) struct Link {
    pub(super) client: Client,
    /// The start of every key.
    pub(super) base: String,
    /// The address without its password.
    pub(super) address: String,
    /// If what is kept must be on a replica, too.
    replicas: Option<Replicas>,
    manager: Mutex<Way>,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Ask<'a> {
    Script(&'a Script, &'a [&'a [u8]]),
    Command(&'a Cmd),
}

impl Ask<'_> {
    pub(super) async fn of<T: FromRedisValue>(
        self,
        base: &str,
        way: &mut (impl ConnectionLike + Send),
    ) -> RedisResult<T> {
        match self {
            Self::Command(command) => command.query_async(way).await,
            Self::Script(script, args) => {
                let mut call = script.prepare_invoke();
                call.key(base);
                for arg in args {
                    call.arg(arg);
                }
                call.invoke_async(way).await
            }
        }
    }
}

enum Way {
    Unused,
    Open(Arc<ConnectionManager>),
    Closed,
}

impl Link {
    pub(super) fn new(client: Client, base: String, address: String, replicas: Option<Replicas>) -> Self {
        Self { client, base, address, replicas, manager: Mutex::new(Way::Unused) }
    }

    /// The whole key.
    pub(super) fn key(&self, rest: impl std::fmt::Display) -> String {
        format!("{}{rest}", self.base)
    }

    /// Runs a script, again if there is no answer: every one of them can be repeated.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &Script, args: &[&[u8]]) -> Result<T, StoreError> {
        self.run_for(PATIENCE, [Ask::Script(script, args); 2]).await
    }

    /// Asks one thing.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.run_for(PATIENCE, [Ask::Command(command); 2]).await
    }

    /// Asks for so long, for something else when it is repeated.
    pub(super) async fn run_for<T: FromRedisValue>(
        &self,
        patience: Duration,
        [first, later]: [Ask<'_>; 2],
    ) -> Result<T, StoreError> {
        let (mut tries, mut ask) = (Tries::new(patience), first);
        loop {
            let way = self.way()?;
            match ask.of(&self.base, &mut ConnectionManager::clone(&way)).await {
                Ok(answer) => return Ok(answer),
                Err(why) => self.pause(&mut tries, why, Some(&way)).await?,
            }
            ask = later;
        }
    }

    /// Asks for something whose answer means that it is kept: where that needs a replica, one has it by then.
    pub(super) async fn keep<T: FromRedisValue>(&self, ask: Ask<'_>) -> Result<T, StoreError> {
        let Some(replicas) = &self.replicas else { return self.run_for(PATIENCE, [ask; 2]).await };
        let mut tries = Tries::new(PATIENCE);
        loop {
            if self.is_closed() {
                return Err(closed());
            }
            match replicas.keep(&self.client, &self.base, ask).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => return Err(StoreError::Unreplicated(replicas.missed(&self.address))),
                Err(why) => self.pause(&mut tries, why, None).await?,
            }
        }
    }

    /// Asks many things at once.
    pub(super) async fn ask_all<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, StoreError> {
        let mut tries = Tries::new(PATIENCE);
        loop {
            let way = self.way()?;
            match commands.query_async(&mut ConnectionManager::clone(&way)).await {
                Ok(answer) => return Ok(answer),
                Err(why) => self.pause(&mut tries, why, Some(&way)).await?,
            }
        }
    }

    /// Waits before the next try, or says why there is none. The way it was asked by may be of no use any more: a server
    /// that became a replica keeps its connections, and to one that is gone without a word the system goes on trying for
    /// a quarter of an hour. The address leads to another one by now, or soon.
    async fn pause(
        &self,
        tries: &mut Tries,
        why: RedisError,
        by: Option<&Arc<ConnectionManager>>,
    ) -> Result<(), StoreError> {
        let is_of_no_use = is_demoted(&why) || why.is_timeout() && by.is_some();
        if is_of_no_use {
            let mut way = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(&*way, Way::Open(open) if by.is_none_or(|by| Arc::ptr_eq(open, by))) {
                *way = Way::Unused;
            }
        }
        tries.pause(why).await.map_err(|why| refused(&why, &self.address))
    }

    /// Later calls fail.
    pub(super) fn close(&self) {
        *self.manager.lock().unwrap_or_else(PoisonError::into_inner) = Way::Closed;
    }

    /// Damage in the words of callers.
    pub(super) fn damage(&self, damage: Damage) -> StoreError {
        damage.at(&self.address)
    }

    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        matches!(*self.manager.lock().unwrap_or_else(PoisonError::into_inner), Way::Closed)
    }

    fn way(&self) -> Result<Arc<ConnectionManager>, StoreError> {
        let mut way = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
        match &*way {
            Way::Open(manager) => Ok(Arc::clone(manager)),
            Way::Closed => Err(closed()),
            Way::Unused => {
                // The repetitions are ours, so that they have one deadline.
                let config = ConnectionManagerConfig::new()
                    .set_response_timeout(Some(ANSWER))
                    .set_connection_timeout(Some(CONNECT))
                    .set_number_of_retries(0);
                let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), config)
                    .map_err(|why: RedisError| refused(&why, &self.address))?;
                let manager = Arc::new(manager);
                *way = Way::Open(Arc::clone(&manager));
                Ok(manager)
            }
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

/// The repetitions of one call.
struct Tries {
    began: Instant,
    patience: Duration,
    pause: Duration,
}

impl Tries {
    fn new(patience: Duration) -> Self {
        Self { began: Instant::now(), patience, pause: PAUSES.0 }
    }

    /// Waits before the next one; the error itself if it will not pass, or not in time.
    async fn pause(&mut self, why: RedisError) -> Result<(), RedisError> {
        if !passes(&why) || self.began.elapsed() + self.pause > self.patience {
            return Err(why);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSES.1);
        Ok(())
    }
}
