//! Registered types of event.

use async_trait::async_trait;

use crate::model::EventType;
use crate::store::redis::Redis;
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::nouns::Noun;
use crate::store::{Change, Ensured, EventTypes, Page, StoreError, TypeQuery};

const INDEX: &str = "types";
const START: &str = "typedef:";

#[async_trait]
impl EventTypes for Redis {
    async fn create_event_type(&self, new: EventType) -> Result<EventType, StoreError> {
        let made = change!(self, {
            let old = self.type_of(&new.name).await?;
            if old.as_ref().is_some_and(|(old, _)| !old.archived) {
                return Ok(Err(None));
            }
            Ok(Ok((self.keep_type(&new, old.as_ref().map(|(_, bytes)| &bytes[..]))?, Some(new.clone()))))
        });
        made.ok_or_else(|| StoreError::Taken(format!("an event type {}", new.name)))
    }

    async fn put_event_type(&self, new: EventType) -> Result<Ensured<EventType>, StoreError> {
        Ok(change!(self, {
            let old = self.type_of(&new.name).await?;
            let created_at = old.as_ref().map_or(new.created_at, |(old, _)| old.created_at);
            let new = EventType { created_at, ..new.clone() };
            let plan = self.keep_type(&new, old.as_ref().map(|(_, bytes)| &bytes[..]))?;
            Ok(Ok((plan, if old.is_some() { Ensured::Found(new) } else { Ensured::Made(new) })))
        }))
    }

    async fn event_type(&self, name: &str) -> Result<Option<EventType>, StoreError> {
        Ok(self.type_of(name).await?.map(|(found, _)| found))
    }

    async fn event_types(&self, query: TypeQuery) -> Result<Page<EventType>, StoreError> {
        self.list((INDEX, START), query.pager.clone().walk(), |one| query.admits(one)).await
    }

    async fn change_event_type(
        &self,
        name: &str,
        mut change: Change<EventType>,
    ) -> Result<Option<EventType>, StoreError> {
        Ok(change!(self, {
            let Some((old, bytes)) = self.type_of(name).await? else { return Ok(Err(None)) };
            let mut new = old.clone();
            change(&mut new);
            let new = EventType { name: old.name, created_at: old.created_at, ..new };
            Ok(Ok((self.keep_type(&new, Some(&bytes))?, Some(new))))
        }))
    }

    async fn delete_event_type(&self, name: &str) -> Result<bool, StoreError> {
        let key = format!("{START}{name}");
        Ok(change!(self, {
            let Some((_, bytes)) = self.type_of(name).await? else { return Ok(Err(false)) };
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes)).then("DEL", &key, &[]).then("ZREM", INDEX, &[name.as_bytes()]);
            Ok(Ok((plan, true)))
        }))
    }
}

impl Redis {
    async fn type_of(&self, name: &str) -> Result<Option<(EventType, Vec<u8>)>, StoreError> {
        self.noun(&format!("{START}{name}")).await
    }

    fn keep_type(&self, one: &EventType, old: Option<&[u8]>) -> Result<Plan, StoreError> {
        let (key, mut plan) = (format!("{START}{}", one.name), Plan::default());
        let bytes = one.write().map_err(|why| self.link.damage(why))?;
        plan.expect(&key, old).then("SET", &key, &[&bytes]);
        plan.then("ZADD", INDEX, &[b"0", one.name.as_bytes()]);
        Ok(plan)
    }
}
