//! Made if it is missing, changed if it differs, left alone if not; and its secret brought to where it belongs.

use serde_json::{Map, Value, json};

use crate::cli::error::{CliError, Exit};
use crate::cli::keep::Keep;
use crate::cli::platform::desk::Desk;
use crate::cli::render;
use crate::model::Secret;
use crate::platform::admin::{Fields, Hook, Wish};
use crate::sign::json::Pointer;
use crate::view::safe;

/// What somebody wants.
pub(in crate::cli) struct Want {
    /// The one that is meant, if it was said.
    pub(in crate::cli) id: Option<String>,
    /// How it is to be; `url` at least.
    pub(in crate::cli) fields: Fields,
    /// Values of the platform's own.
    pub(in crate::cli) set: Vec<(Pointer, Value)>,
    /// What it is to be signed with.
    pub(in crate::cli) secret: Option<Secret>,
    /// Whether a secret that is lost is replaced.
    pub(in crate::cli) rotate_lost: bool,
}

/// What was done.
pub(in crate::cli) struct Outcome {
    /// In a word.
    pub(in crate::cli) result: &'static str,
    /// The endpoint as it is now, or as it would be.
    pub(in crate::cli) hook: Hook,
    /// As it was before.
    before: Option<Hook>,
    /// What is different.
    change: Wish,
    /// A secret that is to be shown, for it is written nowhere else.
    pub(in crate::cli) shown: Option<Secret>,
    /// A secret that came up, wherever it goes.
    pub(in crate::cli) secret: Option<Secret>,
    /// Why the secret is not known.
    lost: Option<CliError>,
}

impl Want {
    /// The same, as this platform can have it.
    ///
    /// # Errors
    /// If it cannot be had here.
    pub(in crate::cli) fn fitting(mut self, desk: &Desk<'_>) -> Result<Self, CliError> {
        let (platform, title) = (&desk.platform, desk.title());
        if self.fields.contains_key("name") && !platform.writes("name") {
            self.fields.remove("name");
            desk.context().ui.note(&format!("  ! endpoints at {title} have no name: it is found by its URL"));
        }
        if let Some(name) = self.fields.keys().find(|name| !platform.writes(name)) {
            let what = name.replace('_', " ");
            return Err(CliError::usage(format!("endpoints at {title} have no {what} that can be set")).kind("field"));
        }
        let takes = platform.about.fields.get("secret").is_some_and(|field| field.write.is_some());
        if self.secret.is_some() && !takes {
            return Err(CliError::usage(format!("{title} makes the secret itself: leave out --secret")).kind("field"));
        }
        Ok(self)
    }

    /// A field that is a text.
    pub(in crate::cli) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// The endpoint that is meant, if there is one.
    ///
    /// # Errors
    /// If the one with this id is missing, or more than one may be meant.
    pub(in crate::cli) fn found<'h>(&self, all: &'h [Hook]) -> Result<Option<&'h Hook>, CliError> {
        let by = |field: &str, wanted: &str| {
            let mut found = all.iter().filter(|hook| hook.text(field) == wanted);
            match (found.next(), found.next()) {
                (Some(first), Some(second)) => Err(CliError::usage(format!(
                    "more than one endpoint has the {field} {wanted}: {} and {}",
                    first.text("id"),
                    second.text("id")
                ))
                .kind("ambiguous")
                .hint("--id says which one is meant")),
                (first, _) => Ok(first),
            }
        };
        if let Some(id) = &self.id {
            let missing = || CliError::usage(format!("there is no endpoint {id}")).kind("not_found");
            return all.iter().find(|hook| hook.text("id") == id).map(Some).ok_or_else(missing);
        }
        let url = self.text("url").unwrap_or_default();
        let Some(name) = self.text("name") else { return by("url", url) };
        // Another name at the same address is another endpoint, unless that one has no name yet.
        let nameless = || all.iter().find(|hook| hook.text("url") == url && hook.text("name").is_empty());
        Ok(by("name", name)?.or_else(nameless))
    }

    fn wish(&self) -> Wish {
        Wish { fields: self.fields.clone(), set: self.set.clone() }
    }
}

/// Does what is wanted, or says what would be done.
///
/// # Errors
/// If the platform does not answer, or refuses.
pub(in crate::cli) async fn upsert(
    desk: &Desk<'_>,
    found: Option<&Hook>,
    want: &Want,
    dry_run: bool,
) -> Result<Outcome, CliError> {
    let about = &desk.platform.about;
    let Some(found) = found else {
        let wish = want.wish();
        if about.events.needed && !wish.fields.contains_key("events") {
            return Err(
                CliError::usage(format!("{} needs to know which events: give --events", desk.title())).kind("missing")
            );
        }
        let secret = match &want.secret {
            None if about.makes_secret => Some(desk.fresh_secret()?),
            given => given.clone(),
        };
        if dry_run {
            let hook = Hook { fields: wish.fields.clone(), ..Hook::default() };
            return Ok(Outcome::new("would_create", hook, None, wish));
        }
        let made = desk.create(&wish, secret.as_ref()).await?;
        let mut outcome = Outcome::new("created", made.hook, None, wish);
        outcome.secret = outcome.hook.secret.take();
        outcome.lost = made.lost;
        return Ok(outcome);
    };
    let change = want.wish().beyond(&desk.platform, found);
    let forgets = desk.forgets_secret(found, &change);
    let other = differs(desk, found, want).await?;
    if change.is_empty() && !other {
        return Ok(Outcome::new("unchanged", found.clone(), Some(found), change));
    }
    if dry_run {
        return Ok(Outcome::new("would_update", found.clone(), Some(found), change));
    }
    let fresh = if forgets && want.secret.is_none() { Some(desk.fresh_secret()?) } else { None };
    let mut sent = change.clone();
    if let Some(secret) = fresh.as_ref().or(want.secret.as_ref().filter(|_| forgets || other)) {
        sent.fields.insert("secret".to_owned(), json!(secret.reveal()));
    }
    let mut outcome = Outcome::new("updated", desk.change(found, &sent).await?, Some(found), change);
    outcome.hook.fields.remove("secret");
    // A secret that the user gave is no news to the user.
    outcome.secret = fresh;
    Ok(outcome)
}

/// Whether the endpoint is to get the secret that was given.
async fn differs(desk: &Desk<'_>, found: &Hook, want: &Want) -> Result<bool, CliError> {
    let Some(given) = &want.secret else { return Ok(false) };
    if desk.platform.about.secret.is_some() {
        return Ok(desk.secret(found).await?.as_ref() != Some(given));
    }
    if !want.rotate_lost {
        desk.context().ui.note(&format!(
            "  ! {} does not tell secrets: {} keeps the one it has, and --rotate-lost gives it this one",
            desk.title(),
            safe(found.text("id").as_bytes())
        ));
    }
    Ok(want.rotate_lost)
}

impl Outcome {
    fn new(result: &'static str, hook: Hook, before: Option<&Hook>, change: Wish) -> Self {
        Self { result, hook, before: before.cloned(), change, shown: None, secret: None, lost: None }
    }

    /// Whether it was only said what would be done.
    fn is_trial(&self) -> bool {
        self.result.starts_with("would")
    }
}

/// Brings the secret to where it belongs. One that nobody knows any more is replaced if that was asked for.
///
/// # Errors
/// If the secret is lost.
pub(in crate::cli) async fn settle(
    desk: &Desk<'_>,
    outcome: &mut Outcome,
    want: &Want,
    keep: &Keep,
) -> Result<(), CliError> {
    let (context, about) = (desk.context(), &desk.platform.about);
    if outcome.is_trial() {
        return Ok(());
    }
    if let (Some(note), true) = (&about.secret_note, outcome.result == "created") {
        context.ui.note(&format!("  {note}"));
    }
    let missing = outcome.result != "created" && keep.is_empty(context);
    if outcome.secret.is_none() && missing && outcome.lost.is_none() {
        outcome.secret = desk.secret(&outcome.hook).await?;
    }
    let lost = outcome.secret.is_none()
        && want.secret.is_none()
        && about.secret_note.is_none()
        && (outcome.lost.is_some() || missing);
    if lost {
        let can = about.rotate.is_some() || about.makes_secret;
        let question = "The secret is not where it belongs, and is shown only once. Make a new one now?";
        if !(can && (want.rotate_lost || context.agrees(question, false)?)) {
            return Err(lost_for_good(desk, outcome, keep, can));
        }
        outcome.secret = Some(desk.rotate(&outcome.hook).await?);
    }
    outcome.shown = outcome.secret.clone().filter(|secret| keep.put(context, secret).is_some());
    Ok(())
}

fn lost_for_good(desk: &Desk<'_>, outcome: &Outcome, keep: &Keep, can: bool) -> CliError {
    let id = outcome.hook.text("id");
    let why = match &outcome.lost {
        Some(why) => format!("{} was made, but its secret did not arrive: {}", id, why.message),
        None => format!(
            "{id} is there, but its secret is lost: it is not where it belongs, and {} shows one only once",
            desk.title()
        ),
    };
    let error = CliError { exit: Exit::No, ..CliError::usage(why) }.kind("secret_lost");
    let flags = desk.flags();
    if can || desk.platform.about.secret.is_some() {
        let error = error.hint(format!("a new one: whk endpoints rotate {id}{flags}{}", keep.flags()));
        return error.hint("or register with --rotate-lost; whoever has the old one must get the new one");
    }
    error.hint(format!("remove it and register again: whk endpoints delete {id}{flags}"))
}

/// What would be done, for people.
///
/// # Errors
/// If stdout is closed.
pub(super) fn preview(desk: &Desk<'_>, found: Option<&Hook>, want: &Want) -> Result<(), CliError> {
    let wish = want.wish();
    let change = found.map_or_else(|| wish.clone(), |hook| wish.beyond(&desk.platform, hook));
    let ui = &desk.context().ui;
    match found {
        None => ui.line(&format!("at {}, a new endpoint:", safe(desk.title().as_bytes())))?,
        Some(hook) => ui.line(&safe(format!("at {}, {}:", desk.title(), hook.text("id")).as_bytes()))?,
    }
    difference(desk, found, &change)
}

fn difference(desk: &Desk<'_>, before: Option<&Hook>, change: &Wish) -> Result<(), CliError> {
    let ui = &desk.context().ui;
    for (field, wanted) in &change.fields {
        let own = before.and_then(|hook| hook.fields.get(field)).unwrap_or(&Value::Null);
        let line = match before {
            Some(_) => format!("  {field}: {own} -> {wanted}"),
            None => format!("  {field}: {wanted}"),
        };
        ui.line(&safe(line.as_bytes()))?;
    }
    for (place, wanted) in &change.set {
        ui.line(&safe(format!("  {place}: {wanted}").as_bytes()))?;
    }
    Ok(())
}

/// Says what was done.
///
/// # Errors
/// If stdout is closed.
pub(in crate::cli) fn say(desk: &Desk<'_>, outcome: &Outcome) -> Result<(), CliError> {
    let ui = &desk.context().ui;
    if ui.is_json() {
        return ui.json(&record(desk, outcome));
    }
    ui.line(&render::endpoints::outcome(outcome.result, &outcome.hook))?;
    if outcome.result == "would_update" {
        difference(desk, outcome.before.as_ref(), &outcome.change)?;
    }
    if let Some(secret) = &outcome.shown {
        ui.line(secret.reveal())?;
        let again = if desk.platform.about.secret.is_some() { " (whk endpoints secret shows it again)" } else { "" };
        ui.note(&format!("  that is the secret; it is shown this once{again}"));
    }
    Ok(())
}

fn record(desk: &Desk<'_>, outcome: &Outcome) -> Value {
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    put("type", json!("endpoint"));
    put("result", json!(outcome.result));
    put("platform", json!(desk.platform.name));
    for (name, value) in &outcome.hook.fields {
        put(name, value.clone());
    }
    if outcome.result == "would_update" || outcome.result == "updated" {
        let mut change = outcome.change.fields.clone();
        change.extend(outcome.change.set.iter().map(|(place, value)| (place.to_string(), value.clone())));
        put("change", Value::Object(change));
    }
    if let Some(secret) = &outcome.shown {
        put("secret", json!(secret.reveal()));
    }
    Value::Object(line)
}
