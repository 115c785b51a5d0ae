//! Requests that are sent twice under one key: the second waits until the first has its answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{Context, SHA256};
use tokio::sync::OwnedMutexGuard;

use crate::model::TokenId;

/// How long the second waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a request and its twins have in common, hashed.
pub(crate) type Key = [u8; 32];

type Gates = Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>;

/// The keys of requests under way.
#[derive(Default)]
pub(crate) struct Twins {
    gates: Arc<Gates>,
}

/// The right to answer under a key, until it is dropped.
pub(crate) struct Turn {
    key: Key,
    held: Option<OwnedMutexGuard<()>>,
    gates: Arc<Gates>,
}

impl Twins {
    /// Waits for the twins that came before; `None` if that takes too long.
    pub(crate) async fn turn(&self, key: Key) -> Option<Turn> {
        let gate = Arc::clone(self.gates.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let held = tokio::time::timeout(PATIENCE, gate.lock_owned()).await.ok()?;
        Some(Turn { key, held: Some(held), gates: Arc::clone(&self.gates) })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        self.held = None;
        if let Entry::Occupied(gate) = gates.entry(self.key)
            && Arc::strong_count(gate.get()) == 1
        {
            gate.remove();
        }
    }
}

/// The key of a request: who asks, what for, and the name that the asker gave it.
pub(crate) fn key(token: TokenId, target: &str, name: &[u8]) -> Key {
    let mut context = Context::new(&SHA256);
    for part in [token.as_bytes(), target.as_bytes(), b"\0", name] {
        context.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(context.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_twin_waits_and_nothing_is_left_behind() {
        let twins = Arc::new(Twins::default());
        let first = twins.turn([1; 32]).await.unwrap();
        assert!(twins.turn([2; 32]).await.is_some(), "another key does not wait");
        let second = tokio::spawn({
            let twins = Arc::clone(&twins);
            async move { twins.turn([1; 32]).await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.unwrap());
        assert!(twins.gates.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let twins = Twins::default();
        let _first = twins.turn([1; 32]).await.unwrap();
        assert!(twins.turn([1; 32]).await.is_none());
    }
}
