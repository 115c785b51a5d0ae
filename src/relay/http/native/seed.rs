//! The apps and endpoints that a relay starts with, from a file: made and brought up to date as its own API would.

use std::sync::Arc;

use toml::{Table, Value};

use crate::model::{App, AppName, DatedSecret, Endpoint, Secret, Target, Timestamp};
use crate::relay::http::native::endpoints::{callable, fresh, has_room};
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::native::wish::Wish;
use crate::relay::judge::own_app;
use crate::relay::pipeline::Pipeline;
use crate::sign::{self, Outgoing, Params};

/// What a relay starts with.
#[derive(Clone, Debug)]
pub struct Seed {
    apps: Vec<Sown>,
    endpoints: Vec<Plant>,
}

/// Why a seed cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SeedError {
    /// It is no TOML.
    #[error("{0}")]
    Form(String),
    /// An entry is not as it should be.
    #[error("{kind} {number}: {detail}")]
    Entry {
        /// `[[app]]` or `[[endpoint]]`.
        kind: &'static str,
        /// Which of them, counted from 1.
        number: usize,
        /// What is wrong.
        detail: String,
    },
}

/// What came of a seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planted {
    /// How many endpoints were made.
    pub made: usize,
    /// How many there were already, and say now what the file says.
    pub kept: usize,
}

#[derive(Clone, Debug)]
struct Sown {
    name: AppName,
    title: Option<String>,
}

#[derive(Clone, Debug)]
struct Plant {
    app: AppName,
    secret: Option<Secret>,
    target: Target,
    uid: Option<String>,
    wish: Wish,
}

impl Seed {
    /// Reads `[[app]]` and `[[endpoint]]`. `secret` makes a secret of what stands there, which may say where it is.
    ///
    /// # Errors
    /// If the text has a mistake; the entry and the field are named.
    pub fn parse(text: &str, secret: impl Fn(&str) -> Result<Secret, String>) -> Result<Self, SeedError> {
        let mut table: Table = toml::from_str(text).map_err(|why| SeedError::Form(why.to_string()))?;
        let apps = entries(&mut table, "app")?;
        let endpoints = entries(&mut table, "endpoint")?;
        if let Some(strange) = table.keys().next() {
            return Err(SeedError::Form(format!("there is no \"{strange}\" here: it has [[app]] and [[endpoint]]")));
        }
        let at = |kind, number| move |detail| SeedError::Entry { kind, number, detail };
        let apps = (1..).zip(apps).map(|(number, table)| Sown::read(table).map_err(at("[[app]]", number)));
        let endpoints =
            (1..).zip(endpoints).map(|(number, table)| Plant::read(table, &secret).map_err(at("[[endpoint]]", number)));
        Ok(Self { apps: apps.collect::<Result<_, _>>()?, endpoints: endpoints.collect::<Result<_, _>>()? })
    }

    /// Makes what is missing, and brings up to date what is there: an endpoint of the same `uid` or, without one, of the
    /// same URL.
    ///
    /// # Errors
    /// If the store fails, or the relay would never call an endpoint.
    pub(crate) async fn plant(&self, pipeline: &Arc<Pipeline>) -> Result<Planted, SeedError> {
        for (number, app) in (1..).zip(&self.apps) {
            let planted = app.plant(pipeline).await;
            planted.map_err(|why| SeedError::Entry { kind: "[[app]]", number, detail: why.detail().to_owned() })?;
        }
        let mut count = Planted::default();
        for (number, one) in (1..).zip(&self.endpoints) {
            let planted = one.plant(pipeline).await;
            let was_there = planted.map_err(|why| {
                let detail = why.detail().to_owned();
                SeedError::Entry { kind: "[[endpoint]]", number, detail }
            })?;
            *(if was_there { &mut count.kept } else { &mut count.made }) += 1;
        }
        Ok(count)
    }
}

fn entries(table: &mut Table, name: &'static str) -> Result<Vec<Table>, SeedError> {
    let wrong = || SeedError::Form(format!("\"{name}\" must be tables [[{name}]]"));
    let all = match table.remove(name) {
        None => Vec::new(),
        Some(Value::Array(all)) => all,
        Some(_) => return Err(wrong()),
    };
    all.into_iter().map(|one| if let Value::Table(one) = one { Ok(one) } else { Err(wrong()) }).collect()
}

/// A text of a table, taken out of it.
fn text(table: &mut Table, key: &str) -> Result<Option<String>, String> {
    match table.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{key}: must be a text in quotes")),
    }
}

fn app_name(text: &str, key: &str) -> Result<AppName, String> {
    text.parse().map_err(|why| format!("{key}: {why}"))
}

impl Sown {
    fn read(mut table: Table) -> Result<Self, String> {
        let name = text(&mut table, "name")?.ok_or("name: is needed")?;
        let title = text(&mut table, "title")?;
        match table.keys().next() {
            Some(strange) => Err(format!("there is no field \"{strange}\": it has name and title")),
            None => Ok(Self { name: app_name(&name, "name")?, title }),
        }
    }

    async fn plant(&self, pipeline: &Pipeline) -> Result<(), Refusal> {
        let app = own_app(pipeline.store.as_ref(), pipeline.clock.as_ref(), &self.name).await?;
        if let Some(title) = self.title.clone().filter(|title| *title != app.title) {
            let now = pipeline.clock.now();
            let change = move |app: &mut App| (app.title, app.updated_at) = (title.clone(), now);
            pipeline.store.change_app(app.id, Box::new(change)).await?;
        }
        Ok(())
    }
}

impl Plant {
    fn read(mut table: Table, secret: impl Fn(&str) -> Result<Secret, String>) -> Result<Self, String> {
        let app = text(&mut table, "app")?.map(|name| app_name(&name, "app")).transpose()?.unwrap_or_default();
        let given = text(&mut table, "secret")?;
        let uid = table.get("uid").and_then(Value::as_str).map(str::to_owned);
        let body = serde_json::to_vec(&table).map_err(|why| why.to_string())?;
        let wish = Wish::read(&body).map_err(|why| why.detail().to_owned())?;
        let (target, _) = wish.place.clone().ok_or("url: is needed")?;
        let given = given.map(|text| secret(&text).map_err(|why| format!("secret: {why}"))).transpose()?;
        Ok(Self { app, secret: given, target, uid, wish })
    }

    /// Says whether it was there.
    async fn plant(&self, pipeline: &Arc<Pipeline>) -> Result<bool, Refusal> {
        callable(pipeline, &self.wish)?;
        own_app(pipeline.store.as_ref(), pipeline.clock.as_ref(), &self.app).await?;
        let now = pipeline.clock.now();
        let found = self.found(pipeline).await?;
        if let Some(secret) = &self.secret {
            let scheme = self.wish.scheme_or(found.as_ref());
            check(secret, &scheme, now)?;
        }
        let (wish, secret) = (self.wish.clone(), self.secret.clone());
        let Some(found) = found else {
            has_room(pipeline, &self.app).await?;
            let mut new = fresh(pipeline, &self.app, self.target.clone(), &wish)?;
            set_secret(&mut new, secret.as_ref(), now);
            pipeline.store.create_endpoint(new).await?;
            pipeline.roster.forget(&self.app);
            return Ok(false);
        };
        let change = move |endpoint: &mut Endpoint| {
            wish.apply(endpoint, now);
            set_secret(endpoint, secret.as_ref(), now);
        };
        if let Some(changed) = pipeline.store.change_endpoint(found.id, Box::new(change)).await? {
            pipeline.endpoint_changed(&changed).await?;
        }
        Ok(true)
    }

    async fn found(&self, pipeline: &Pipeline) -> Result<Option<Endpoint>, Refusal> {
        if let Some(uid) = &self.uid {
            return Ok(pipeline.store.endpoint_of(&self.app, uid).await?);
        }
        let team = pipeline.roster.of(&self.app).await?;
        let mine = team.iter().find(|one| one.uid.is_none() && one.target == self.target);
        Ok(mine.map(|one| Endpoint::clone(one)))
    }
}

/// The secret that the file says signs; those before it do not, since nobody rotated.
fn set_secret(endpoint: &mut Endpoint, secret: Option<&Secret>, now: Timestamp) {
    let is_first = |secret: &Secret| endpoint.secrets.first().is_some_and(|first| first.secret == *secret);
    if let Some(secret) = secret.filter(|secret| !is_first(secret)) {
        endpoint.secrets = vec![DatedSecret { secret: secret.clone(), created_at: now, expires_at: None }];
    }
}

/// Whether the scheme can sign with it.
fn check(secret: &Secret, scheme: &str, now: Timestamp) -> Result<(), Refusal> {
    let Some(scheme) = sign::preset(scheme) else { return Ok(()) };
    let params = Params::default();
    let (url, body) = ("https://example.com/", &b"{}"[..]);
    let (content_type, method) = ("application/json", "POST");
    let outgoing =
        Outgoing { id: "msg_1", event_type: "a.b", method, url, content_type, body, attempt: 0, params: &params };
    let signed = sign::sign(&scheme, std::slice::from_ref(secret), &outgoing, now);
    signed.map(drop).map_err(|why| Refusal::field("secret", why))
}
