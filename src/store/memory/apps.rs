//! Apps in memory.

use async_trait::async_trait;

use crate::model::{App, AppId, AppName};
use crate::store::memory::{Memory, State};
use crate::store::{Apps, Change, Ensured, Page, Pager, StoreError};

impl State {
    fn app(&self, key: &str) -> Option<&App> {
        let found = key.parse().ok().and_then(|id: AppId| self.apps.get(&id));
        let called = || self.apps.values().find(|app| app.uid.as_deref() == Some(key));
        found.or_else(called).or_else(|| self.apps.values().find(|app| app.name.as_str() == key))
    }

    fn check_uid(&self, id: AppId, uid: Option<&str>) -> Result<(), StoreError> {
        let taken = uid.filter(|uid| self.apps.values().any(|app| app.id != id && app.uid.as_deref() == Some(uid)));
        taken.map_or(Ok(()), |uid| Err(StoreError::Taken(format!("an app {uid}"))))
    }

    fn create_app(&mut self, mut new: App) -> Result<App, StoreError> {
        self.check_uid(new.id, new.uid.as_deref())?;
        if self.apps.values().any(|app| app.name == new.name) {
            new.name = AppName::from(new.id);
        }
        self.apps.insert(new.id, new.clone());
        Ok(new)
    }
}

#[async_trait]
impl Apps for Memory {
    async fn create_app(&self, new: App) -> Result<App, StoreError> {
        self.state()?.create_app(new)
    }

    async fn ensure_app(&self, new: App) -> Result<Ensured<App>, StoreError> {
        let mut state = self.state()?;
        let found = new.uid.as_deref().and_then(|uid| state.app(uid)).or_else(|| state.app(new.name.as_str()));
        match found.cloned() {
            Some(found) => Ok(Ensured::Found(found)),
            None => state.create_app(new).map(Ensured::Made),
        }
    }

    async fn app(&self, key: &str) -> Result<Option<App>, StoreError> {
        Ok(self.state()?.app(key).cloned())
    }

    async fn apps(&self, pager: Pager<AppId>) -> Result<Page<App>, StoreError> {
        let state = self.state()?;
        Ok(pager.walk().of(state.apps.iter().map(|(id, app)| (*id, app.clone()))))
    }

    async fn change_app(&self, id: AppId, mut change: Change<App>) -> Result<Option<App>, StoreError> {
        let mut state = self.state()?;
        let Some(old) = state.apps.get(&id).cloned() else { return Ok(None) };
        let mut new = old.clone();
        change(&mut new);
        let new = App { id: old.id, name: old.name, created_at: old.created_at, ..new };
        state.check_uid(id, new.uid.as_deref())?;
        state.apps.insert(id, new.clone());
        Ok(Some(new))
    }

    async fn delete_app(&self, id: AppId) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        let Some(app) = state.apps.remove(&id) else { return Ok(false) };
        let endpoints = state.endpoints.values().filter(|endpoint| endpoint.app == app.name);
        for endpoint in endpoints.map(|endpoint| endpoint.id).collect::<Vec<_>>() {
            state.delete_endpoint(endpoint);
        }
        state.tokens.retain(|_, token| token.app.as_ref() != Some(&app.name));
        let events = state.log.iter().filter(|(_, entry)| entry.event.app == app.name);
        for place in events.map(|(place, _)| *place).collect::<Vec<_>>() {
            state.remove(place);
        }
        Ok(true)
    }
}
