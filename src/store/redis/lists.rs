//! Nouns by their key, page by page: an index by name, and a value each.

use redis::Cmd;

use crate::store::page::Walk;
use crate::store::redis::Redis;
use crate::store::redis::nouns::Noun;
use crate::store::{Page, StoreError};

/// How many names are read from an index at once.
const STEP: usize = 500;

impl Redis {
    /// The noun at a key, and its bytes as they are.
    pub(super) async fn noun<T: Noun>(&self, key: &str) -> Result<Option<(T, Vec<u8>)>, StoreError> {
        let Some(bytes) = self.value(key).await? else { return Ok(None) };
        let noun = T::read(&bytes).map_err(|why| self.link.damage(why))?;
        Ok(Some((noun, bytes)))
    }

    /// A page of the nouns that an index names and that are wanted; `start` is what their keys start with.
    pub(super) async fn list<T: Noun>(
        &self,
        (index, start): (&str, &str),
        walk: Walk<String>,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        let (mut found, mut beyond) = (Vec::new(), walk.beyond.clone());
        loop {
            let names = self.names(index, beyond.as_deref(), walk.ascending).await?;
            let mut ask = redis::cmd("MGET");
            for name in &names {
                ask.arg(self.link.key(format_args!("{start}{name}")));
            }
            let Some(last) = names.last() else { return Ok(walk.page(found, false)) };
            let values: Vec<Option<Vec<u8>>> = self.link.ask(&ask).await?;
            for bytes in values.into_iter().flatten() {
                found.push(T::read(&bytes).map_err(|why| self.link.damage(why))?);
            }
            found.retain(&is_wanted);
            if found.len() >= walk.enough() || names.len() < STEP {
                found.truncate(walk.enough());
                return Ok(walk.page(found, false));
            }
            beyond = Some(last.clone());
        }
    }

    /// The next names of an index, past one.
    pub(super) async fn names(
        &self,
        index: &str,
        beyond: Option<&str>,
        ascending: bool,
    ) -> Result<Vec<String>, StoreError> {
        let (start, end) = if ascending { ("-", "+") } else { ("+", "-") };
        let start = beyond.map_or_else(|| start.to_owned(), |name| format!("({name}"));
        let mut ask: Cmd = redis::cmd("ZRANGE");
        ask.arg(self.link.key(index)).arg(start).arg(end).arg("BYLEX");
        if !ascending {
            ask.arg("REV");
        }
        self.link.ask(ask.arg("LIMIT").arg(0).arg(STEP)).await
    }
}
