//! Apps: made, found, changed, removed.

use async_trait::async_trait;

use crate::model::{App, AppId, AppName};
use crate::store::redis::Redis;
use crate::store::redis::commit::{Plan, change};
use crate::store::redis::nouns::Noun;
use crate::store::{Apps, Change, Ensured, Page, Pager, StoreError};

const INDEX: &str = "apps";
const START: &str = "app:";
const UIDS: &str = "app:uids";
const NAMES: &str = "app:names";
/// Names of apps that are gone, and whose events are not yet.
pub(super) const REMOVED: &str = "removed";

/// An app that was made, or the uid that is taken.
type Made = Result<App, String>;

#[async_trait]
impl Apps for Redis {
    async fn create_app(&self, new: App) -> Result<App, StoreError> {
        change!(self, { self.make(&new).await }).map_err(taken)
    }

    async fn ensure_app(&self, new: App) -> Result<Ensured<App>, StoreError> {
        let ensured = change!(self, {
            let mut found = None;
            if let Some(uid) = &new.uid {
                found = self.named(UIDS, uid).await?;
            }
            if found.is_none() {
                found = self.named(NAMES, new.name.as_str()).await?;
            }
            Ok(match found {
                Some(found) => Err(Ok(Ensured::Found(found))),
                None => match self.make(&new).await? {
                    Ok((plan, made)) => Ok((plan, made.map(Ensured::Made))),
                    Err(made) => Err(made.map(Ensured::Made)),
                },
            })
        });
        ensured.map_err(taken)
    }

    async fn app(&self, key: &str) -> Result<Option<App>, StoreError> {
        if let Ok(id) = key.parse::<AppId>()
            && let Some((found, _)) = self.noun(&format!("{START}{id}")).await?
        {
            return Ok(Some(found));
        }
        match self.named(UIDS, key).await? {
            Some(found) => Ok(Some(found)),
            None => self.named(NAMES, key).await,
        }
    }

    async fn apps(&self, pager: Pager<AppId>) -> Result<Page<App>, StoreError> {
        self.list((INDEX, START), pager.walk().keyed(|id| id.to_string()), |_| true).await
    }

    async fn change_app(&self, id: AppId, mut change: Change<App>) -> Result<Option<App>, StoreError> {
        let key = format!("{START}{id}");
        let changed = change!(self, {
            let Some((old, bytes)) = self.noun::<App>(&key).await? else { return Ok(Err(Ok(None))) };
            let mut new = old.clone();
            change(&mut new);
            let new = App { id, name: old.name, created_at: old.created_at, ..new };
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes));
            if new.uid != old.uid {
                if let Some(uid) = &new.uid {
                    if self.field(UIDS, uid).await?.is_some() {
                        return Ok(Err(Err(uid.clone())));
                    }
                    plan.expect_field(UIDS, uid, None);
                    plan.then("HSET", UIDS, &[uid.as_bytes(), id.to_string().as_bytes()]);
                }
                if let Some(uid) = &old.uid {
                    plan.then("HDEL", UIDS, &[uid.as_bytes()]);
                }
            }
            plan.then("SET", &key, &[&new.write().map_err(|why| self.link.damage(why))?]);
            Ok(Ok((plan, Ok(Some(new)))))
        });
        changed.map_err(taken)
    }

    async fn delete_app(&self, id: AppId) -> Result<bool, StoreError> {
        let key = format!("{START}{id}");
        let removed = change!(self, {
            let Some((app, bytes)) = self.noun::<App>(&key).await? else { return Ok(Err(None)) };
            let (text, name) = (id.to_string(), app.name.as_str().as_bytes());
            let mut plan = Plan::default();
            plan.expect(&key, Some(&bytes)).then("DEL", &key, &[]).then("ZREM", INDEX, &[text.as_bytes()]);
            plan.then("HDEL", NAMES, &[name]).then("SADD", REMOVED, &[name]);
            if let Some(uid) = &app.uid {
                plan.then("HDEL", UIDS, &[uid.as_bytes()]);
            }
            Ok(Ok((plan, Some(app.name))))
        });
        let Some(name) = removed else { return Ok(false) };
        self.sweep_app(&name).await?;
        Ok(true)
    }
}

impl Redis {
    async fn named(&self, names: &str, name: &str) -> Result<Option<App>, StoreError> {
        let Some(id) = self.field(names, name).await? else { return Ok(None) };
        Ok(self.noun(&format!("{START}{id}")).await?.map(|(app, _)| app))
    }

    async fn make(&self, new: &App) -> Result<Result<(Plan, Made), Made>, StoreError> {
        let (mut new, id, mut plan) = (new.clone(), new.id.to_string(), Plan::default());
        if let Some(uid) = &new.uid {
            if self.field(UIDS, uid).await?.is_some() {
                return Ok(Err(Err(uid.clone())));
            }
            plan.expect_field(UIDS, uid, None);
            plan.then("HSET", UIDS, &[uid.as_bytes(), id.as_bytes()]);
        }
        let is_removed = redis::Cmd::sismember(self.link.key(REMOVED), new.name.as_str());
        if self.link.ask(&is_removed).await? || self.field(NAMES, new.name.as_str()).await?.is_some() {
            new.name = AppName::from(new.id);
        }
        let (key, bytes) = (format!("{START}{id}"), new.write().map_err(|why| self.link.damage(why))?);
        plan.expect(&key, None).expect_field(NAMES, new.name.as_str(), None);
        plan.then("HSET", NAMES, &[new.name.as_str().as_bytes(), id.as_bytes()]);
        plan.then("SET", &key, &[&bytes]).then("ZADD", INDEX, &[b"0", id.as_bytes()]);
        Ok(Ok((plan, Ok(new))))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn taken(uid: String) -> StoreError {
    StoreError::Taken(format!("an app {uid}"))
}
