//! Why a signature does not match: the usual mistakes, tried one after another.

mod bodies;
mod respell;
mod secrets;
mod trial;
mod urls;

use std::sync::Arc;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::sign::explain::trial::{Guess, Trial};
use crate::sign::key::Dirt;
use crate::sign::presets::detect;
use crate::sign::reading::Reading;
use crate::sign::scheme::Scheme;
use crate::sign::stamp::Unit;
use crate::sign::template::Template;
use crate::sign::verifying::{Checks, Reason, Tolerance, verify};

/// A mistake that would account for a rejection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// A word for scripts, such as `trailing_newline`.
    pub cause: &'static str,
    /// What differs and what to change, for people. No secret and no right signature is ever in it.
    pub message: String,
}

/// From here on a number of seconds would lie after the year 5000, so it counts milliseconds.
const SURELY_MILLIS: i64 = 100_000_000_000;

/// Layouts that are mistaken for another's although no scheme at hand has them.
const USUAL_LAYOUTS: [&str; 6] = ["{body}", "{ts}.{body}", "{ts}{body}", "{id}.{body}", "{id}{ts}{body}", "{body}{ts}"];

/// Finds the mistakes that account for a rejection; `others` are the schemes it is compared with.
///
/// A hint is a finding: with the mistake made, the signature fits. It never makes a request valid.
#[must_use]
pub fn explain(scheme: &Scheme, request: &CapturedRequest, checks: &Checks, others: &[Arc<Scheme>]) -> Vec<Hint> {
    let Err(rejection) = verify(scheme, request, checks) else { return Vec::new() };
    let found = match rejection.reason {
        Reason::TimestampTooOld | Reason::TimestampTooNew => vec![wrong_time(scheme, request, checks)],
        Reason::NoMatchingSignature => checks
            .secrets
            .iter()
            .find_map(|secret| mismatch(scheme, request, secret, checks, others))
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    if !found.is_empty() {
        return found;
    }
    let mut hints = dirty_secrets(checks.secrets);
    hints.extend(other_scheme(scheme, request, checks, others));
    if hints.is_empty() && rejection.reason == Reason::NoMatchingSignature {
        hints.push(Hint::new("unknown", "None of the usual mistakes accounts for it: the secret may belong to another endpoint, or the body was changed.".to_owned()));
    }
    hints
}

impl Hint {
    pub(crate) const fn new(cause: &'static str, message: String) -> Self {
        Self { cause, message }
    }
}

/// The signature is right and the time is not.
fn wrong_time(scheme: &Scheme, request: &CapturedRequest, checks: &Checks) -> Hint {
    let layout = scheme.layout(Some(&request.headers), checks.secrets.first(), checks.params);
    let moment = Reading::of(layout, request, checks.params).ok().and_then(|reading| reading.moment);
    match (layout.unit, moment) {
        (Unit::S, Some(moment)) if moment.seconds() > SURELY_MILLIS => Hint::new(
            "timestamp_in_milliseconds",
            "The timestamp counts milliseconds, this scheme counts seconds. Divide by 1000 before signing.".to_owned(),
        ),
        (Unit::Ms, Some(moment)) if moment.millis() < SURELY_MILLIS => Hint::new(
            "timestamp_in_seconds",
            "The timestamp counts seconds, this scheme counts milliseconds. Multiply by 1000 before signing.".to_owned(),
        ),
        _ => Hint::new(
            "clock_or_replay",
            "The signature is right, only the time is not: an old request was sent again, it waited too long, or a clock is wrong.".to_owned(),
        ),
    }
}

/// The mistakes with which one secret's signature fits.
fn mismatch(
    scheme: &Scheme,
    request: &CapturedRequest,
    secret: &Secret,
    checks: &Checks,
    others: &[Arc<Scheme>],
) -> Option<Vec<Hint>> {
    let layout = scheme.layout(Some(&request.headers), Some(secret), checks.params);
    let reading = Reading::of(layout, request, checks.params).ok()?;
    let trial = Trial::new(layout, &reading, request, secret, checks);
    let own = trial.plain();
    let keys = secrets::variants(&layout.key, secret);
    let templates = layouts(layout.signed.to_string().as_str(), others);

    let mut single = trial.fits(own).map(|more| (None, more));
    for (hint, key) in &keys {
        single = single.or_else(|| trial.fits(Guess { key, ..own }).map(|more| (Some(hint.clone()), more)));
    }
    for (hint, ts) in trial.stamps() {
        single = single.or_else(|| trial.fits(Guess { ts: Some(&ts), ..own }).map(|more| (Some(hint), more)));
    }
    for (hint, url) in trial.urls() {
        single = single.or_else(|| trial.fits(Guess { url: Some(&url), ..own }).map(|more| (Some(hint), more)));
    }
    for (hint, template) in &templates {
        single = single.or_else(|| trial.fits(Guess { template, ..own }).map(|more| (Some(hint.clone()), more)));
    }
    if let Some((hint, more)) = single {
        return Some(hint.into_iter().chain(more).collect());
    }
    let bodies = bodies::variants(&request.body);
    for (hint, body) in &bodies {
        if let Some(more) = trial.fits(Guess { body, ..own }) {
            return Some(std::iter::once(hint.clone()).chain(more).collect());
        }
    }
    two_mistakes(&trial, &keys, &bodies, &templates)
}

/// A wrong key together with a wrong body or a wrong layout.
fn two_mistakes(
    trial: &Trial,
    keys: &[(Hint, Vec<u8>)],
    bodies: &[(Hint, Vec<u8>)],
    templates: &[(Hint, Template)],
) -> Option<Vec<Hint>> {
    for (first, key) in keys {
        let own = Guess { key, ..trial.plain() };
        let layouts = templates.iter().map(|(second, template)| (second, Guess { template, ..own }));
        let changed = bodies.iter().map(|(second, body)| (second, Guess { body, ..own }));
        for (second, guess) in layouts.chain(changed) {
            if let Some(more) = trial.fits(guess) {
                return Some([first.clone(), second.clone()].into_iter().chain(more).collect());
            }
        }
    }
    None
}

/// What other schemes sign.
fn layouts(own: &str, others: &[Arc<Scheme>]) -> Vec<(Hint, Template)> {
    let named =
        others.iter().flat_map(|other| other.layouts().map(|layout| (Some(other.title()), layout.signed.clone())));
    let usual = USUAL_LAYOUTS.iter().filter_map(|text| Some((None, text.parse::<Template>().ok()?)));
    let mut found: Vec<(Hint, Template)> = Vec::new();
    for (title, template) in named.chain(usual) {
        let text = template.to_string();
        if text != own && !found.iter().any(|(_, known)| *known == template) {
            let whose = title.map_or_else(String::new, |title| format!(", as {title} does"));
            let message = format!("The sender signs the layout {text}{whose}; this scheme signs {own}.");
            found.push((Hint::new("other_layout", message), template));
        }
    }
    found
}

fn dirty_secrets(secrets: &[Secret]) -> Vec<Hint> {
    secrets.iter().filter_map(|secret| Dirt::of(secret.reveal())).map(secrets::dirty).collect()
}

/// A scheme by which the request is right, or whose headers these are.
fn other_scheme(scheme: &Scheme, request: &CapturedRequest, checks: &Checks, others: &[Arc<Scheme>]) -> Option<Hint> {
    let timeless = Checks { tolerance: Tolerance::Unchecked, ..*checks };
    let right = others.iter().find(|other| other.name() != scheme.name() && verify(other, request, &timeless).is_ok());
    if let Some(other) = right {
        let (title, name) = (other.title(), other.name());
        return Some(Hint::new("other_scheme", format!("The signature is right for {title}: use the scheme {name}.")));
    }
    let other = detect(request).filter(|other| other.name() != scheme.name())?;
    let (title, name) = (other.title(), other.name());
    Some(Hint::new("other_scheme", format!("The headers are those of {title}: use the scheme {name}.")))
}
