//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::target::Address;
use crate::net::client::connection::Connection;

/// The most idle connections in all: addresses come from outside, and each connection is a file.
const MOST_IDLE: usize = 1024;

/// Idle connections by address. The youngest is used first, so that the others can grow old and go.
pub(super) struct Pool {
    per_address: usize,
    idle_time: Duration,
    idle: Mutex<Idle>,
}

struct Idle {
    swept: Instant,
    count: usize,
    connections: HashMap<Address, Vec<(Instant, Connection)>>,
}

impl Pool {
    pub(super) fn new(per_address: usize, idle_time: Duration) -> Self {
        let idle = Idle { swept: Instant::now(), count: 0, connections: HashMap::new() };
        Self { per_address, idle_time, idle: Mutex::new(idle) }
    }

    /// A connection that its server has not closed, as far as can be seen.
    pub(super) fn take(&self, address: &Address) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.lock().pop(address)?;
            if since.elapsed() <= self.idle_time && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, address: &Address, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.lock();
        if now.duration_since(idle.swept) > self.idle_time {
            idle.swept = now;
            idle.connections.retain(|_, kept| {
                kept.retain(|(since, _)| now.duration_since(*since) <= self.idle_time);
                !kept.is_empty()
            });
            idle.count = idle.connections.values().map(Vec::len).sum();
        }
        if idle.count >= MOST_IDLE {
            return;
        }
        match idle.connections.get_mut(address) {
            Some(kept) if kept.len() < self.per_address => kept.push((now, connection)),
            None if self.per_address > 0 => drop(idle.connections.insert(address.clone(), vec![(now, connection)])),
            _ => return,
        }
        idle.count += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    fn pop(&mut self, address: &Address) -> Option<(Instant, Connection)> {
        let youngest = self.connections.get_mut(address)?.pop()?;
        self.count -= 1;
        Some(youngest)
    }
}
