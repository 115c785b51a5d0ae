//! Platforms where an endpoint has one event: what is one to whk is several there, made and changed together.

use serde_json::{Map, json};

use crate::cli::error::CliError;
use crate::cli::platform::desk::{Desk, Made, asked};
use crate::platform::admin::{Hook, Wish, events};

impl Desk<'_> {
    /// Makes one for each event; if one cannot be made, none is.
    pub(super) async fn create_each(&self, wish: &Wish) -> Result<Made, CliError> {
        let names = events::list(wish.fields.get("events"));
        let mut whole = Hook::default();
        whole.fields.clone_from(&wish.fields);
        for name in &names {
            match self.make(&with_event(wish, name), None).await {
                Ok(hook) => whole.parts.push((hook.text("id").to_owned(), hook.events().concat())),
                Err(failed) => {
                    if !whole.parts.is_empty() {
                        self.delete(&whole).await?;
                    }
                    return Err(failed.error);
                }
            }
        }
        whole.sum_up();
        Ok(Made { hook: whole, lost: None })
    }

    /// Makes those that are missing, moves those that stay, and removes those that are not wanted; in this order, so
    /// that no event is missed.
    pub(super) async fn change_each(&self, hook: &Hook, change: &Wish) -> Result<Hook, CliError> {
        let about = &self.platform.about;
        let wanted = match change.fields.get("events") {
            Some(names) => events::list(Some(names)).iter().map(|name| about.events.spelt(name)).collect(),
            None => hook.events(),
        };
        let mut changed = hook.clone();
        changed.fields.extend(change.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        changed.parts.clear();
        let all = Wish { fields: changed.fields.clone(), set: change.set.clone() };
        for name in wanted.iter().filter(|name| !hook.parts.iter().any(|(_, own)| own == *name)) {
            let made = self.make(&with_event(&all, name), None).await.map_err(|failed| failed.error)?;
            changed.parts.push((made.text("id").to_owned(), name.clone()));
        }
        let mut rest: Map<_, _> = change.fields.clone();
        rest.remove("events");
        let rest = Wish { fields: rest, set: change.set.clone() };
        let (stay, go): (Vec<_>, Vec<_>) = hook.parts.iter().cloned().partition(|(_, name)| wanted.contains(name));
        for (id, _) in stay.iter().filter(|_| !rest.is_empty()) {
            for (step, wish) in self.platform.changing(hook, &rest) {
                let request = self.platform.writing(step, (&self.filling, Some(id)), &wish, None);
                self.send(&request.map_err(|why| asked(&why))?).await?;
            }
        }
        if !go.is_empty() {
            self.delete(&Hook { parts: go, ..Hook::default() }).await?;
        }
        changed.parts.extend(stay);
        changed.sum_up();
        Ok(changed)
    }
}

fn with_event(wish: &Wish, name: &str) -> Wish {
    let mut one = wish.clone();
    one.fields.insert("events".to_owned(), json!([name]));
    one
}
