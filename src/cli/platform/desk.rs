//! What is asked of a platform: its endpoints listed, made, changed and removed.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::platform::wire::{Answered, Failed, Wire};
use crate::model::{Headers, Secret, Target};
use crate::net::ClientOptions;
use crate::platform::admin::ask::{AskError, Filling, Request};
use crate::platform::admin::description::{EventForm, List, Step};
use crate::platform::admin::{Hook, Platform, Wish, place};
use crate::sign;

/// The most pages of a list.
const MOST_PAGES: usize = 1000;

/// A platform that can be asked.
pub(in crate::cli) struct Desk<'a> {
    pub(super) context: &'a Context,
    /// What it is like.
    pub(in crate::cli) platform: Platform,
    pub(super) filling: Filling,
    wire: Wire,
}

/// What came of a wish to make an endpoint.
pub(in crate::cli) struct Made {
    /// The endpoint.
    pub(in crate::cli) hook: Hook,
    /// Why its secret is not known, if it is not.
    pub(in crate::cli) lost: Option<CliError>,
}

impl<'a> Desk<'a> {
    /// # Errors
    /// If a header line cannot be made, or the certificates to trust cannot be used.
    pub(super) fn new(
        context: &'a Context,
        platform: Platform,
        filling: Filling,
        (target, key): (Target, Secret),
        options: ClientOptions,
    ) -> Result<Self, CliError> {
        let mut headers = Headers::new();
        for (name, line) in &platform.about.headers {
            let line = platform.filled(line, &filling, key.reveal()).map_err(|why| asked(&why))?;
            let unfit = |_| CliError::usage("the key has a character that no key has").kind("key");
            headers.push(name, line).map_err(unfit)?;
        }
        let wire = Wire::new(target, headers, options)?;
        Ok(Self { context, platform, filling, wire })
    }

    /// What every command has at hand.
    pub(in crate::cli) fn context(&self) -> &'a Context {
        self.context
    }

    /// Its name for people.
    pub(in crate::cli) fn title(&self) -> &str {
        &self.platform.about.title
    }

    /// Its address and what else tells it from others.
    pub(in crate::cli) fn address(&self) -> String {
        let params = self.filling.params.iter().map(|(name, value)| format!(" {name}={value}"));
        std::iter::once(self.wire.target().to_string()).chain(params).collect()
    }

    /// All endpoints.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn all(&self) -> Result<Vec<Hook>, CliError> {
        Ok(self.platform.hooks(&self.items(&self.platform.about.list).await?))
    }

    /// The event types that the platform knows; none if it does not tell.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn types(&self) -> Result<Vec<String>, CliError> {
        let Some(list) = &self.platform.about.types else { return Ok(Vec::new()) };
        let items = self.items(list).await?;
        let name = |item: &Value| match &list.name {
            Some(at) => place::text(item, at),
            None => item.as_str().map(str::to_owned),
        };
        Ok(items.iter().filter_map(name).collect())
    }

    /// Everything that is known of one.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn show(&self, hook: Hook) -> Result<Hook, CliError> {
        let Some(step) = &self.platform.about.show else { return Ok(hook) };
        let answer = self.ask(step, Some(hook.text("id"))).await?;
        Ok(self.hook_in(step, &answer.body).unwrap_or(hook))
    }

    /// The one that somebody means by this: its id, its uid, its name or its URL.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub(in crate::cli) async fn find(&self, key: &str) -> Result<Hook, CliError> {
        let mut all = self.all().await?;
        let hint = format!("whk endpoints list{} shows what there is", self.flags());
        for field in ["id", "uid", "name", "url"] {
            let found: Vec<_> = all.iter().enumerate().filter(|(_, hook)| hook.text(field) == key).collect();
            match found.as_slice() {
                [] => {}
                [(index, _)] => {
                    let index = *index;
                    return Ok(all.swap_remove(index));
                }
                _ => {
                    let message = format!("more than one endpoint is called \"{key}\": use an id");
                    return Err(CliError::usage(message).kind("ambiguous").hint(hint));
                }
            }
        }
        Err(CliError::usage(format!("there is no endpoint \"{key}\"")).kind("not_found").hint(hint))
    }

    /// Makes one. A cut connection leaves it open whether it was made: then the list tells.
    ///
    /// # Errors
    /// If it was not made.
    pub(in crate::cli) async fn create(&self, wish: &Wish, secret: Option<&Secret>) -> Result<Made, CliError> {
        let about = &self.platform.about;
        if let Some(step) = &about.prepare {
            self.ask(step, None).await?;
        }
        if about.events.form == EventForm::Single {
            return self.create_each(wish).await;
        }
        let (mut hook, mut lost) = match self.make(wish, secret).await {
            Ok(hook) => (hook, None),
            Err(failed) if failed.unsure => match self.made_all_the_same(wish).await {
                Some(hook) => (hook, Some(failed.error)),
                None => return Err(failed.error),
            },
            Err(failed) => return Err(failed.error),
        };
        if hook.secret.is_none() {
            hook.secret = secret.cloned();
        }
        if hook.secret.is_none() && about.secret.is_some() {
            match self.secret(&hook).await {
                Ok(secret) => (hook.secret, lost) = (secret, None),
                Err(why) => lost = Some(why),
            }
        }
        Ok(Made { hook, lost })
    }

    pub(super) async fn make(&self, wish: &Wish, secret: Option<&Secret>) -> Result<Hook, Failed> {
        let step = &self.platform.about.create;
        let request = self.platform.writing(step, (&self.filling, None), wish, secret);
        let answer = self.wire.send(self.context, &self.platform, &request.map_err(|why| unasked(&why))?).await?;
        self.hook_in(step, &answer.body).ok_or_else(|| {
            let message = format!("{} answered without an id, so it is not sure that it was made", self.title());
            Failed { error: CliError::usage(message).kind("refused"), status: None, unsure: true }
        })
    }

    async fn made_all_the_same(&self, wish: &Wish) -> Option<Hook> {
        let is_it = |hook: &Hook| wish.beyond(&self.platform, hook).fields.is_empty();
        self.all().await.ok()?.into_iter().find(is_it)
    }

    /// Changes one: only what differs is written.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn change(&self, hook: &Hook, change: &Wish) -> Result<Hook, CliError> {
        if self.platform.about.events.form == EventForm::Single {
            return self.change_each(hook, change).await;
        }
        let (mut changed, mut untold) = (hook.clone(), change.fields.clone());
        for (step, wish) in self.platform.changing(hook, change) {
            let filled = (&self.filling, Some(hook.text("id")));
            let request = self.platform.writing(step, filled, &wish, None).map_err(|why| asked(&why))?;
            let answer = self.send(&request).await?;
            if let Some(told) = self.hook_in(step, &answer.body).filter(|told| !told.text("url").is_empty()) {
                changed = told;
                wish.fields.keys().for_each(|name| drop(untold.remove(name)));
            }
        }
        changed.fields.extend(untold);
        Ok(changed)
    }

    /// Whether this change makes the platform forget the secret.
    pub(in crate::cli) fn forgets_secret(&self, hook: &Hook, change: &Wish) -> bool {
        let forgets = |step: &Step| step.forgets_secret.iter().any(|field| change.fields.contains_key(field));
        self.platform.changing(hook, change).iter().any(|(step, _)| forgets(step))
    }

    /// Removes one. One that is gone already is removed.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn delete(&self, hook: &Hook) -> Result<(), CliError> {
        let step = self.can(self.platform.about.delete.as_ref(), "removes no endpoints")?;
        let ids = match hook.parts.as_slice() {
            [] => vec![hook.text("id")],
            parts => parts.iter().map(|(id, _)| id.as_str()).collect(),
        };
        for id in ids {
            let request = self.platform.plain(step, &self.filling, Some(id)).map_err(|why| asked(&why))?;
            match self.wire.send(self.context, &self.platform, &request).await {
                Err(failed) if failed.status != Some(404) => return Err(failed.error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives one a new secret.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal, or the platform makes none.
    pub(in crate::cli) async fn rotate(&self, hook: &Hook) -> Result<Secret, CliError> {
        let about = &self.platform.about;
        if about.makes_secret {
            let secret = self.fresh_secret()?;
            let fields = json!({"secret": secret.reveal()}).as_object().cloned().unwrap_or_default();
            self.change(hook, &Wish { fields, set: Vec::new() }).await?;
            return Ok(secret);
        }
        let step = self.can(about.rotate.as_ref(), "makes no new secrets through its API")?;
        let answer = self.ask(step, Some(hook.text("id"))).await?;
        let told = self.hook_in(step, &answer.body).and_then(|hook| hook.secret);
        let told = match told {
            Some(secret) => Some(secret),
            None => self.secret(hook).await?,
        };
        told.ok_or_else(|| CliError::usage(format!("{} did not tell the new secret", self.title())).kind("secret_lost"))
    }

    /// The secret, if the platform tells it.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn secret(&self, hook: &Hook) -> Result<Option<Secret>, CliError> {
        let Some(step) = &self.platform.about.secret else { return Ok(None) };
        let answer = self.ask(step, Some(hook.text("id"))).await?;
        let found = step.answer.as_ref().and_then(|at| place::text(&answer.body, at));
        Ok(found.filter(|text| !text.is_empty()).map(Secret::new))
    }

    /// Sends a test event; gives back what the platform says of it.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal, or the platform sends none.
    pub(in crate::cli) async fn test(&self, hook: &Hook, event_type: Option<&str>) -> Result<Value, CliError> {
        let step = self.can(self.platform.about.test.as_ref(), "sends no test events through its API")?;
        let mut filling = self.filling.clone();
        if let Some(name) = event_type.map(str::to_owned).or_else(|| hook.events().into_iter().next()) {
            filling.params.insert("event_type".to_owned(), name);
        }
        let id = hook.parts.first().map_or_else(|| hook.text("id"), |(id, _)| id);
        let mut wish = Wish::default();
        if let (Some(at), Some(name)) = (step.write.get("event_type"), event_type) {
            wish.set.push((at.clone(), json!(name)));
        }
        let request = self.platform.writing(step, (&filling, Some(id)), &wish, None).map_err(|why| asked(&why))?;
        Ok(self.send(&request).await?.body)
    }

    /// What became of a test event so far; `None` if the platform does not tell.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal.
    pub(in crate::cli) async fn attempts(&self, event: &str) -> Result<Option<Vec<Value>>, CliError> {
        let Some(list) = &self.platform.about.attempts else { return Ok(None) };
        let mut filling = self.filling.clone();
        filling.params.insert("event".to_owned(), event.to_owned());
        let request = self.platform.page(list, &filling, None).map_err(|why| asked(&why))?;
        let body = self.send(&request).await?.body;
        Ok(Platform::items(list, &body).cloned())
    }

    /// A link to the portal.
    ///
    /// # Errors
    /// If there is no answer, or it is a refusal, or there is no portal.
    pub(in crate::cli) async fn portal(&self) -> Result<(String, Value), CliError> {
        let step = self.can(self.platform.about.portal.as_ref(), "has no portal")?;
        let body = self.ask(step, None).await?.body;
        let link = step.answer.as_ref().and_then(|at| place::text(&body, at));
        let link = link.ok_or_else(|| CliError::usage(format!("{} gave no link", self.title())).kind("refused"))?;
        Ok((link, body))
    }

    /// A secret of the kind that the platform signs with.
    ///
    /// # Errors
    /// If the machine has no randomness.
    pub(in crate::cli) fn fresh_secret(&self) -> Result<Secret, CliError> {
        let scheme = self.platform.about.scheme.as_deref().and_then(sign::preset);
        let key = self.context.clock.key().map_err(CliError::internal)?;
        match scheme {
            Some(scheme) => Ok(sign::new_secret(&scheme, &key)?),
            None => Ok(Secret::new(hex::encode(key))),
        }
    }

    /// The flags that lead a command to this platform.
    pub(in crate::cli) fn flags(&self) -> String {
        if self.platform.about.local {
            return String::new();
        }
        let flag = |(name, value): (&String, &String)| match name.as_str() {
            "app" => format!(" --app {value}"),
            _ => format!(" --param {name}={value}"),
        };
        let named = format!(" --platform {}", self.platform.name);
        std::iter::once(named).chain(self.filling.params.iter().map(flag)).collect()
    }

    fn can<'s>(&self, step: Option<&'s Step>, what: &str) -> Result<&'s Step, CliError> {
        step.ok_or_else(|| CliError::usage(format!("{} {what}", self.title())).kind("unsupported"))
    }

    async fn items(&self, list: &List) -> Result<Vec<Value>, CliError> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let mut request = self.platform.page(list, &self.filling, cursor.as_deref()).map_err(|why| asked(&why))?;
            if let (Some(next), true) = (&cursor, list.next.as_ref().is_some_and(|next| next.link)) {
                request.path = self.path_of(next)?;
            }
            let answer = match self.wire.send(self.context, &self.platform, &request).await {
                Err(failed) if failed.status == Some(404) && list.missing_is_empty => return Ok(Vec::new()),
                other => other.map_err(|failed| failed.error)?,
            };
            let items = Platform::items(list, &answer.body).ok_or_else(|| {
                let error = CliError::usage(format!("{} answered without a list", self.title())).kind("no_list");
                error.hint("is --base-url the address of its API?")
            })?;
            all.extend(items.iter().filter(|item| self.platform.counts(list, &self.filling, item)).cloned());
            let next = Platform::next(list, &answer.headers, &answer.body);
            if next.is_none() || next == cursor || items.is_empty() {
                return Ok(all);
            }
            cursor = next;
        }
        Ok(all)
    }

    /// The path of an address that the platform named; the key is sent to no other server.
    fn path_of(&self, url: &str) -> Result<String, CliError> {
        let own = self.wire.target();
        let elsewhere = || CliError::usage(format!("{} goes on at {url}", self.title())).kind("moved");
        let next: Target = url.parse().map_err(|_| elsewhere())?;
        if next.address != own.address {
            return Err(elsewhere());
        }
        let whole = next.request_target("", None);
        Ok(whole.strip_prefix(own.path.trim_end_matches('/')).unwrap_or(&whole).to_owned())
    }

    fn hook_in(&self, step: &Step, body: &Value) -> Option<Hook> {
        let value = match &step.answer {
            Some(at) => place::read(body, at)?,
            None => body,
        };
        let hook = self.platform.hook(value);
        (!hook.text("id").is_empty() || hook.secret.is_some()).then_some(hook)
    }

    pub(super) async fn ask(&self, step: &Step, id: Option<&str>) -> Result<Answered, CliError> {
        self.send(&self.platform.plain(step, &self.filling, id).map_err(|why| asked(&why))?).await
    }

    pub(super) async fn send(&self, request: &Request) -> Result<Answered, CliError> {
        self.wire.send(self.context, &self.platform, request).await.map_err(|failed| failed.error)
    }
}

pub(super) fn asked(why: &AskError) -> CliError {
    CliError::usage(why.to_string()).kind("missing")
}

fn unasked(why: &AskError) -> Failed {
    Failed { error: asked(why), status: None, unsure: false }
}
