//! Endpoints in memory, and how they are doing.

use async_trait::async_trait;

use crate::model::{AppName, DeliveryState, Disabled, Endpoint, EndpointId, EndpointKind, Health, Tally, Timestamp};
use crate::store::memory::{Memory, State};
use crate::store::work::hour_of;
use crate::store::{Change, Endpoints, Next, Page, Pager, Settlement, StoreError, Tallied};

impl State {
    /// Counts an attempt.
    pub(super) fn note(&mut self, settlement: &Settlement) {
        let endpoint = settlement.attempt.endpoint;
        let health = settlement.health(self.health.remove(&endpoint).unwrap_or_default());
        if health != Health::default() {
            self.health.insert(endpoint, health);
        }
        let hour = hour_of(settlement.attempt.started_at);
        *self.tallies.entry((endpoint, hour)).or_default() += &settlement.tally();
    }

    pub(super) fn delete_endpoint(&mut self, id: EndpointId) -> bool {
        let open = |state| matches!(state, DeliveryState::Pending | DeliveryState::InFlight);
        let mut waiting = Vec::new();
        for (place, entry) in &self.log {
            for (index, queued) in entry.deliveries.iter().enumerate() {
                if queued.delivery.endpoint == id && open(queued.delivery.state) {
                    waiting.push((*place, index));
                }
            }
        }
        let there = self.endpoints.remove(&id).is_some();
        if there {
            self.health.remove(&id);
            self.tallies.retain(|(endpoint, _), _| *endpoint != id);
            for at in waiting {
                self.change(at, |queued| {
                    queued.go_on(Next::Dead);
                    (queued.otherwise, queued.again) = (None, false);
                });
            }
        }
        there
    }

    fn named(&self, app: &AppName, uid: &str) -> Option<&Endpoint> {
        self.endpoints.values().find(|old| old.app == *app && old.uid.as_deref() == Some(uid))
    }

    fn check(&self, new: &Endpoint) -> Result<(), StoreError> {
        let named = new.uid.as_deref().and_then(|uid| self.named(&new.app, uid));
        match named.filter(|old| old.id != new.id) {
            Some(_) => Err(StoreError::Taken(format!("an endpoint {}", new.uid.as_deref().unwrap_or_default()))),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Endpoints for Memory {
    async fn create_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        let mut state = self.state()?;
        state.check(&new)?;
        state.endpoints.insert(new.id, new.clone());
        Ok(new)
    }

    async fn ensure_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        let mut state = self.state()?;
        let found = new.uid.as_deref().and_then(|uid| state.named(&new.app, uid)).cloned();
        Ok(found.unwrap_or_else(|| state.endpoints.entry(new.id).or_insert(new).clone()))
    }

    async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        Ok(self.state()?.endpoints.get(&id).cloned())
    }

    async fn endpoint_of(&self, app: &AppName, key: &str) -> Result<Option<Endpoint>, StoreError> {
        let state = self.state()?;
        let by_id = key.parse().ok().and_then(|id: EndpointId| state.endpoints.get(&id));
        let found = by_id.or_else(|| state.named(app, key));
        Ok(found.filter(|found| found.app == *app && found.kind == EndpointKind::Registered).cloned())
    }

    async fn endpoints(&self, app: &AppName, pager: Pager<EndpointId>) -> Result<Page<Endpoint>, StoreError> {
        let state = self.state()?;
        let own = |endpoint: &Endpoint| endpoint.app == *app && endpoint.kind == EndpointKind::Registered;
        let all = state.endpoints.iter().filter(|(_, endpoint)| own(endpoint));
        Ok(pager.walk().of(all.map(|(id, endpoint)| (*id, endpoint.clone()))))
    }

    async fn change_endpoint(
        &self,
        id: EndpointId,
        mut change: Change<Endpoint>,
    ) -> Result<Option<Endpoint>, StoreError> {
        let mut state = self.state()?;
        let Some(old) = state.endpoints.get(&id).cloned() else { return Ok(None) };
        let mut new = old.clone();
        change(&mut new);
        let new = Endpoint { id: old.id, app: old.app, created_at: old.created_at, ..new };
        state.check(&new)?;
        if old.disabled.is_some() && new.disabled.is_none() {
            state.health.remove(&id);
        }
        state.endpoints.insert(id, new.clone());
        Ok(Some(new))
    }

    async fn disable_endpoint(&self, id: EndpointId, disabled: Disabled) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        let Some(endpoint) = state.endpoints.get_mut(&id).filter(|one| one.disabled.is_none()) else {
            return Ok(false);
        };
        endpoint.disabled = Some(disabled);
        Ok(true)
    }

    async fn delete_endpoint(&self, id: EndpointId) -> Result<bool, StoreError> {
        Ok(self.state()?.delete_endpoint(id))
    }

    async fn health(&self, id: EndpointId) -> Result<Health, StoreError> {
        Ok(self.state()?.health.get(&id).copied().unwrap_or_default())
    }

    async fn tally(&self, of: Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, StoreError> {
        let state = self.state()?;
        let counted = |id: &EndpointId| match &of {
            Tallied::Endpoint(wanted) => id == wanted,
            Tallied::App(app) => state.endpoints.get(id).is_some_and(|endpoint| endpoint.app == *app),
            Tallied::All => true,
        };
        let hours = hour_of(since)..=hour_of(until);
        let mut sum = Tally::default();
        for (_, tally) in state.tallies.iter().filter(|((id, hour), _)| hours.contains(hour) && counted(id)) {
            sum += tally;
        }
        Ok(sum)
    }
}
