//! Endpoints: made, found, changed, removed; and how they are doing.

use async_trait::async_trait;

use crate::model::{AppName, Disabled, Endpoint, EndpointId, EndpointKind, Health, Tally, Timestamp};
use crate::store::redis::Redis;
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::nouns::Noun;
use crate::store::{Change, Endpoints, Page, Pager, StoreError, Tallied};

const START: &str = "ep:";
/// Endpoints that are gone, and for whom something waits.
pub(super) const LEFT: &str = "left";

#[async_trait]
impl Endpoints for Redis {
    async fn create_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        let made = change!(self, {
            if let Some(uid) = &new.uid
                && self.field(&uids(&new.app), uid).await?.is_some()
            {
                return Ok(Err(Err(uid.clone())));
            }
            Ok(Ok((self.new_endpoint(&new)?, Ok(new.clone()))))
        });
        made.map_err(taken)
    }

    async fn ensure_endpoint(&self, new: Endpoint) -> Result<Endpoint, StoreError> {
        Ok(change!(self, {
            let found = match &new.uid {
                Some(uid) => self.endpoint_named(&new.app, uid).await?,
                None => self.endpoint(new.id).await?,
            };
            Ok(match found {
                Some(found) => Err(found),
                None => Ok((self.new_endpoint(&new)?, new.clone())),
            })
        }))
    }

    async fn endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        Ok(self.noun(&format!("{START}{id}")).await?.map(|(endpoint, _)| endpoint))
    }

    async fn endpoint_of(&self, app: &AppName, key: &str) -> Result<Option<Endpoint>, StoreError> {
        let mut found = None;
        if let Ok(id) = key.parse() {
            found = self.endpoint(id).await?;
        }
        if found.is_none() {
            found = self.endpoint_named(app, key).await?;
        }
        Ok(found.filter(|found| found.app == *app && found.kind == EndpointKind::Registered))
    }

    async fn endpoints(&self, app: &AppName, pager: Pager<EndpointId>) -> Result<Page<Endpoint>, StoreError> {
        let is_registered = |one: &Endpoint| one.kind == EndpointKind::Registered;
        self.list((&index(app), START), pager.walk().keyed(|id| id.to_string()), is_registered).await
    }

    async fn change_endpoint(
        &self,
        id: EndpointId,
        mut change: Change<Endpoint>,
    ) -> Result<Option<Endpoint>, StoreError> {
        let key = format!("{START}{id}");
        let changed = change!(self, {
            let Some((old, bytes)) = self.noun::<Endpoint>(&key).await? else { return Ok(Err(Ok(None))) };
            let mut new = old.clone();
            change(&mut new);
            let new = Endpoint { id, app: old.app, created_at: old.created_at, ..new };
            let (mut plan, uids) = (Plan::default(), uids(&new.app));
            plan.expect(&key, Some(&bytes));
            if new.uid != old.uid {
                if let Some(uid) = &new.uid {
                    if self.field(&uids, uid).await?.is_some() {
                        return Ok(Err(Err(uid.clone())));
                    }
                    plan.expect_field(&uids, uid, None);
                    plan.then("HSET", &uids, &[uid.as_bytes(), id.to_string().as_bytes()]);
                }
                if let Some(uid) = &old.uid {
                    plan.then("HDEL", &uids, &[uid.as_bytes()]);
                }
            }
            if old.disabled.is_some() && new.disabled.is_none() {
                plan.then("DEL", format!("h:{id}"), &[]);
            }
            plan.then("SET", &key, &[&new.write().map_err(|why| self.link.damage(why))?]);
            Ok(Ok((plan, Ok(Some(new)))))
        });
        changed.map_err(taken)
    }

    async fn disable_endpoint(&self, id: EndpointId, disabled: Disabled) -> Result<bool, StoreError> {
        let key = format!("{START}{id}");
        Ok(change!(self, {
            let found = self.noun::<Endpoint>(&key).await?.filter(|(endpoint, _)| endpoint.disabled.is_none());
            let Some((old, bytes)) = found else { return Ok(Err(false)) };
            let new = Endpoint { disabled: Some(disabled), ..old };
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes));
            plan.then("SET", &key, &[&new.write().map_err(|why| self.link.damage(why))?]);
            Ok(Ok((plan, true)))
        }))
    }

    async fn delete_endpoint(&self, id: EndpointId) -> Result<bool, StoreError> {
        let (key, text) = (format!("{START}{id}"), id.to_string());
        let removed = change!(self, {
            let Some((old, bytes)) = self.noun::<Endpoint>(&key).await? else { return Ok(Err(false)) };
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes)).then("DEL", &key, &[]).then("DEL", format!("h:{id}"), &[]);
            plan.then("ZREM", index(&old.app), &[text.as_bytes()]).then("SADD", LEFT, &[text.as_bytes()]);
            if let Some(uid) = &old.uid {
                plan.then("HDEL", uids(&old.app), &[uid.as_bytes()]);
            }
            Ok(Ok((plan, true)))
        });
        if !removed {
            return Ok(false);
        }
        self.sweep_endpoint(id).await?;
        Ok(true)
    }

    async fn health(&self, id: EndpointId) -> Result<Health, StoreError> {
        self.health_of(id).await
    }

    async fn tally(&self, of: Tallied, since: Timestamp, until: Timestamp) -> Result<Tally, StoreError> {
        self.sum(&of, since, until).await
    }
}

impl Redis {
    async fn endpoint_named(&self, app: &AppName, uid: &str) -> Result<Option<Endpoint>, StoreError> {
        let Some(id) = self.field(&uids(app), uid).await? else { return Ok(None) };
        Ok(self.noun(&format!("{START}{id}")).await?.map(|(endpoint, _)| endpoint))
    }

    fn new_endpoint(&self, new: &Endpoint) -> Result<Plan, StoreError> {
        let (key, id, mut plan) = (format!("{START}{}", new.id), new.id.to_string(), Plan::default());
        if let Some(uid) = &new.uid {
            plan.expect_field(uids(&new.app), uid, None);
            plan.then("HSET", uids(&new.app), &[uid.as_bytes(), id.as_bytes()]);
        }
        let bytes = new.write().map_err(|why| self.link.damage(why))?;
        plan.expect(&key, None).then("SET", &key, &[&bytes]);
        plan.then("ZADD", index(&new.app), &[b"0", id.as_bytes()]);
        Ok(plan)
    }
}

/// The index of an app's endpoints, of every kind.
pub(super) fn index(app: &AppName) -> String {
    format!("eps:{app}")
}

fn uids(app: &AppName) -> String {
    format!("ep:uids:{app}")
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn taken(uid: String) -> StoreError {
    StoreError::Taken(format!("an endpoint {uid}"))
}
