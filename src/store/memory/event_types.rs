//! Registered types of event in memory.

use async_trait::async_trait;

use crate::model::EventType;
use crate::store::memory::Memory;
use crate::store::{Change, Ensured, EventTypes, Page, StoreError, TypeQuery};

#[async_trait]
impl EventTypes for Memory {
    async fn create_event_type(&self, new: EventType) -> Result<EventType, StoreError> {
        let mut state = self.state()?;
        if state.event_types.get(&new.name).is_some_and(|old| !old.archived) {
            return Err(StoreError::Taken(format!("an event type {}", new.name)));
        }
        state.event_types.insert(new.name.clone(), new.clone());
        Ok(new)
    }

    async fn put_event_type(&self, new: EventType) -> Result<Ensured<EventType>, StoreError> {
        let mut state = self.state()?;
        let old = state.event_types.get(&new.name).map(|old| old.created_at);
        let new = EventType { created_at: old.unwrap_or(new.created_at), ..new };
        state.event_types.insert(new.name.clone(), new.clone());
        Ok(if old.is_some() { Ensured::Found(new) } else { Ensured::Made(new) })
    }

    async fn event_type(&self, name: &str) -> Result<Option<EventType>, StoreError> {
        Ok(self.state()?.event_types.get(name).cloned())
    }

    async fn event_types(&self, query: TypeQuery) -> Result<Page<EventType>, StoreError> {
        let state = self.state()?;
        let all = state.event_types.iter().filter(|(_, one)| query.admits(one));
        Ok(query.pager.clone().walk().of(all.map(|(name, one)| (name.clone(), one.clone()))))
    }

    async fn change_event_type(
        &self,
        name: &str,
        mut change: Change<EventType>,
    ) -> Result<Option<EventType>, StoreError> {
        let mut state = self.state()?;
        let Some(old) = state.event_types.get_mut(name) else { return Ok(None) };
        let mut new = old.clone();
        change(&mut new);
        *old = EventType { name: old.name.clone(), created_at: old.created_at, ..new };
        Ok(Some(old.clone()))
    }

    async fn delete_event_type(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.state()?.event_types.remove(name).is_some())
    }
}
