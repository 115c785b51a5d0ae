//! Writing something if what it was made of is still so: how nouns are changed by several nodes at once.

use serde::Serialize;

use crate::store::StoreError;
use crate::store::redis::fault::damaged;
use crate::store::redis::link::Ask;
use crate::store::redis::{Redis, scripts};

/// So many others may come first; then something else is wrong.
const TRIES: u32 = 100;

/// Looks, plans and commits until nobody came in between; what is looked at says `Ok((plan, answer))`, or `Err(answer)`
/// if there is nothing to do. A macro, since the compiler does not yet see that a closure like that is `Send`.
macro_rules! change {
    ($store:expr, $look:block) => {{
        let mut rounds = 0;
        loop {
            let looked: $crate::store::redis::commit::Looked<_> = async $look.await;
            match looked? {
                Err(answer) => break answer,
                Ok((plan, answer)) if $store.commit(&plan).await? => break answer,
                Ok(_) => rounds = $store.once_more(rounds)?,
            }
        }
    }};
}
pub(super) use change;

/// What is planned, and the answer if it is done; or the answer if there is nothing to do.
pub(super) type Looked<T> = Result<Result<(Plan, T), T>, StoreError>;

/// What must be so, and what is to be done then.
#[derive(Default, Serialize)]
pub(super) struct Plan {
    checks: Vec<Check>,
    commands: Vec<Command>,
    #[serde(skip)]
    values: Vec<Vec<u8>>,
}

#[derive(Serialize)]
struct Check {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<usize>,
}

#[derive(Serialize)]
struct Command {
    verb: &'static str,
    key: String,
    values: Vec<usize>,
}

impl Plan {
    /// This key must have this value; none, if `None`.
    pub(super) fn expect(&mut self, key: impl Into<String>, value: Option<&[u8]>) -> &mut Self {
        self.check(key.into(), None, value)
    }

    /// This field of a hash must have this value; none, if `None`.
    pub(super) fn expect_field(&mut self, key: impl Into<String>, field: &str, value: Option<&[u8]>) -> &mut Self {
        self.check(key.into(), Some(field.to_owned()), value)
    }

    /// Then this is done: a command on a key, with what follows the key.
    pub(super) fn then(&mut self, verb: &'static str, key: impl Into<String>, values: &[&[u8]]) -> &mut Self {
        let values = values.iter().map(|value| self.put(value)).collect();
        self.commands.push(Command { verb, key: key.into(), values });
        self
    }

    fn check(&mut self, key: String, field: Option<String>, value: Option<&[u8]>) -> &mut Self {
        let value = value.map(|value| self.put(value));
        self.checks.push(Check { key, field, value });
        self
    }

    fn put(&mut self, value: &[u8]) -> usize {
        self.values.push(value.to_vec());
        self.values.len()
    }
}

impl Redis {
    /// Does what is planned, whole or not at all; says whether all was as expected.
    pub(super) async fn commit(&self, plan: &Plan) -> Result<bool, StoreError> {
        let text = serde_json::to_vec(plan).map_err(|why| self.link.damage(damaged(why)))?;
        let mut args = vec![&text[..]];
        args.extend(plan.values.iter().map(Vec::as_slice));
        let first_wrong: usize = self.link.keep(Ask::Script(&scripts::COMMIT, &args)).await?;
        Ok(first_wrong == 0)
    }

    /// Counts the rounds of a change.
    pub(super) fn once_more(&self, rounds: u32) -> Result<u32, StoreError> {
        if rounds < TRIES {
            return Ok(rounds + 1);
        }
        Err(StoreError::Unavailable(format!("{}: others change the same thing without end", self.link.address)))
    }

    /// The value of a key.
    pub(super) async fn value(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.link.ask(&redis::Cmd::get(self.link.key(key))).await
    }

    /// A field of a hash.
    pub(super) async fn field(&self, key: &str, field: &str) -> Result<Option<String>, StoreError> {
        self.link.ask(&redis::Cmd::hget(self.link.key(key), field)).await
    }
}
