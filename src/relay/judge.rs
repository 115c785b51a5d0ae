//! Whose signature is it, and is it right?

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::model::{App, AppId, AppName, CapturedRequest, Event, Secret, Timestamp, Verdict};
use crate::relay::legacy;
use crate::relay::notice::Label;
use crate::relay::options::{Answering, Judging, Options};
use crate::sign::challenge::{Asked, ChallengeAnswer};
use crate::sign::{self, Checks, Params, Reason, Scheme, Shaken, Tolerance};
use crate::store::{Store, StoreError};

/// The scheme that whk signs by, unless told otherwise.
const OWN_SCHEME: &str = "standard-webhooks";
/// How long an app's secrets are used before the store is asked again: another process may rotate them.
const FRESH: Duration = Duration::from_secs(1);

/// How many apps are kept in mind at most; names come from outside.
const MAX_KNOWN: usize = 1000;

/// What was found out about a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finding {
    /// Its type; empty if it has none.
    pub(crate) event_type: String,
    /// The scheme its headers speak of.
    pub(crate) scheme: Option<Arc<Scheme>>,
    /// Whether the signature is right; `None` if there was nothing to judge by.
    pub(crate) verdict: Option<Verdict>,
    /// What its sender calls it.
    pub(crate) id: Option<String>,
    /// The answer, if its sender asks before it sends.
    pub(crate) shaken: Option<Shaken>,
    /// How its sender wants each delivery to be answered.
    pub(crate) receipt: Option<ChallengeAnswer>,
    /// What a person should know about a handshake that is not answered.
    pub(crate) note: Option<String>,
}

impl Finding {
    /// What watchers are told.
    pub(crate) fn label(&self) -> Label {
        let scheme = self.scheme.as_ref().map(|scheme| scheme.name().to_owned());
        let answer = self.shaken.as_ref().map(|shaken| &shaken.answer);
        Label {
            provider: self.shaken.as_ref().map(|shaken| shaken.provider.clone()).or(scheme),
            id: self.id.clone(),
            answered: answer.map(|answer| answer.status),
            note: answer.and_then(|answer| answer.note.clone()).or_else(|| self.note.clone()),
        }
    }
}

/// All that a signature is judged by, to be looked into at leisure.
pub(crate) struct Case {
    /// The scheme.
    pub(crate) scheme: Arc<Scheme>,
    /// The secrets.
    pub(crate) secrets: Vec<Secret>,
    /// What else the scheme needs.
    pub(crate) params: Params,
    /// The schemes that it may be mistaken for.
    pub(crate) others: Vec<Arc<Scheme>>,
}

/// What something is signed with.
#[derive(Default)]
pub(crate) struct Signing {
    /// The scheme.
    pub(crate) scheme: Option<Arc<Scheme>>,
    /// The secrets, the newest first.
    pub(crate) secrets: Vec<Secret>,
}

/// Judges requests.
pub(crate) struct Judge {
    judging: Judging,
    answering: Answering,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    apps: Mutex<HashMap<AppName, (Instant, Arc<App>)>>,
}

impl Judge {
    pub(crate) fn new(options: &Options, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let (judging, answering) = (options.judging.clone(), options.answering.clone());
        Self { judging, answering, store, clock, apps: Mutex::default() }
    }

    /// Finds out type, scheme and verdict.
    pub(crate) async fn look(&self, app: &AppName, request: &CapturedRequest) -> Result<Finding, StoreError> {
        let scheme = self.judging.scheme.clone().or_else(|| self.judging.known.detect(request));
        let identity = sign::identify(scheme.as_deref(), request);
        let verdict = self.verdict(app, request, (scheme.as_ref(), self.clock.now())).await?;
        let event_type = identity.event_type.unwrap_or_default();
        let event_type = legacy::todays(&event_type, request).map_or(event_type, str::to_owned);
        let finding = Finding { event_type, id: identity.id, scheme, verdict, ..Finding::default() };
        Ok(if self.answering.off { finding } else { self.with_answer(finding, request) })
    }

    /// Adds how the sender wants to be answered. A secret of our own is none that a provider would know.
    fn with_answer(&self, finding: Finding, request: &CapturedRequest) -> Finding {
        let scheme = finding.scheme.as_deref();
        let verified = finding.verdict.as_ref().map(|verdict| verdict.ok);
        let asked = Asked { request, secrets: &self.judging.secrets, params: &self.judging.params, verified };
        let (chosen, own) = (&self.answering.chosen, &self.answering.own);
        let shaken = sign::shake(&asked, scheme, chosen, own);
        let receipt = match &finding.scheme {
            _ if !chosen.is_empty() => chosen.iter().find_map(|known| known.receipt(&asked)),
            Some(scheme) => scheme.challenges().iter().filter(|one| one.is_every()).find_map(|one| one.answer(&asked)),
            None => None,
        };
        let waits = |shaken: &Shaken| shaken.answer.fetch.is_some() && !self.answering.fetch;
        match shaken {
            Some(shaken) if waits(&shaken) => {
                let note = format!("{} wants an address to be called: --challenge fetch does it", shaken.provider);
                Finding { note: Some(note), receipt, ..finding }
            }
            // Many a handshake comes before there is anything to sign with.
            Some(shaken) if finding.verdict.as_ref().is_some_and(is_unsigned) => {
                Finding { shaken: Some(shaken), verdict: None, ..finding }
            }
            shaken => Finding { shaken, receipt, ..finding },
        }
    }

    /// What an event is signed with again: by its scheme, with the secret that requests are judged by.
    pub(crate) async fn signing(&self, event: &Event) -> Result<Signing, StoreError> {
        let scheme = self.judging.scheme.clone().or_else(|| self.detected(event));
        Ok(Signing { scheme, secrets: self.secrets(&event.app).await? })
    }

    /// The same for somebody who speaks for the app alone: with the app's own secret. With the one that requests are
    /// judged by, whatever they like would look as if the provider had sent it.
    pub(crate) async fn own_signing(&self, event: &Event) -> Result<Signing, StoreError> {
        Ok(Signing { scheme: self.detected(event), secrets: self.app(&event.app).await?.secrets.clone() })
    }

    fn detected(&self, event: &Event) -> Option<Arc<Scheme>> {
        self.judging.known.detect(&event.request).or_else(|| sign::preset(OWN_SCHEME))
    }

    /// Whether what was kept may be delivered. What was not judged when it came is judged now, as of then.
    pub(crate) async fn admits(&self, event: &Event) -> Result<bool, StoreError> {
        if !self.judging.reject {
            return Ok(true);
        }
        if let Some(verdict) = &event.verdict {
            return Ok(verdict.ok);
        }
        let request = &event.request;
        let scheme = self.judging.scheme.clone().or_else(|| self.judging.known.detect(request));
        let verdict = self.verdict(&event.app, request, (scheme.as_ref(), request.received_at)).await?;
        Ok(verdict.is_some_and(|verdict| verdict.ok))
    }

    /// The secrets that requests of this app are judged and signed with.
    pub(crate) async fn secrets(&self, app: &AppName) -> Result<Vec<Secret>, StoreError> {
        if self.judging.secrets.is_empty() {
            return Ok(self.app(app).await?.secrets.clone());
        }
        Ok(self.judging.secrets.clone())
    }

    /// What an event's signature is judged by; `None` if there is none and none is expected.
    pub(crate) async fn case(&self, event: &Event) -> Result<Option<Case>, StoreError> {
        let judging = &self.judging;
        let judged = event.verdict.as_ref().and_then(|verdict| judging.known.named(&verdict.scheme));
        let scheme = judging.scheme.clone().or(judged).or_else(|| judging.known.detect(&event.request));
        let Some(scheme) = scheme else { return Ok(None) };
        let secrets = self.secrets(&event.app).await?;
        let others = judging.known.all().filter(|other| other.name() != scheme.name()).collect();
        Ok(Some(Case { scheme, secrets, params: judging.params.clone(), others }))
    }

    async fn verdict(
        &self,
        app: &AppName,
        request: &CapturedRequest,
        (scheme, now): (Option<&Arc<Scheme>>, Timestamp),
    ) -> Result<Option<Verdict>, StoreError> {
        let given = !self.judging.secrets.is_empty();
        let own = || sign::preset(OWN_SCHEME);
        // A request without any signature is only of interest where one is expected.
        let expected = given || self.judging.reject || self.judging.scheme.is_some();
        let fallback = if scheme.is_none() && expected { own() } else { None };
        let Some(scheme) = scheme.or(fallback.as_ref()) else { return Ok(None) };
        // Where certificates judge, the app's own secret is none of them.
        let secrets = if given || !scheme.needs_no_secret() { self.secrets(app).await? } else { Vec::new() };
        let verdict = self.judge(scheme, &secrets, (request, now));
        // Somebody else's scheme and no secret given: that our own one does not match says nothing.
        let unknowing = !expected && !verdict.ok && scheme.name() != OWN_SCHEME;
        Ok((!unknowing).then_some(verdict))
    }

    fn judge(&self, scheme: &Scheme, secrets: &[Secret], (request, now): (&CapturedRequest, Timestamp)) -> Verdict {
        let params = &self.judging.params;
        let checks = Checks { secrets, now, tolerance: Tolerance::Scheme, params, url: None };
        let reason = sign::verify(scheme, request, &checks).err().map(|why| why.reason.code().to_owned());
        Verdict { ok: reason.is_none(), scheme: scheme.name().to_owned(), reason }
    }

    /// The app, made on first use.
    pub(crate) async fn app(&self, name: &AppName) -> Result<Arc<App>, StoreError> {
        let now = self.clock.instant();
        if let Some((at, app)) = self.known().get(name)
            && now.duration_since(*at) < FRESH
        {
            return Ok(Arc::clone(app));
        }
        let app = Arc::new(own_app(self.store.as_ref(), self.clock.as_ref(), name).await?);
        let mut known = self.known();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(name.clone(), (now, Arc::clone(&app)));
        Ok(app)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<AppName, (Instant, Arc<App>)>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_unsigned(verdict: &Verdict) -> bool {
    verdict.reason.as_deref() == Some(Reason::MissingHeader.code())
}

/// The app of this name, made if there is none yet, with a secret of its own.
///
/// # Errors
/// If the store or the machine's randomness fails.
pub async fn own_app(store: &dyn Store, clock: &dyn Clock, name: &AppName) -> Result<App, StoreError> {
    let key = clock.key().map_err(|why| StoreError::Unavailable(why.to_string()))?;
    let secrets = sign::preset(OWN_SCHEME).and_then(|scheme| sign::new_secret(&scheme, &key).ok());
    let id = AppId::new(clock.now(), clock.chance());
    let app = App { secrets: secrets.iter().cloned().collect(), ..App::new(id, name.clone(), clock.now()) };
    let app = store.ensure_app(app).await?.it();
    if !app.secrets.is_empty() {
        return Ok(app);
    }
    // Svix's API makes apps and knows of no secret of theirs.
    let first = move |app: &mut App| {
        if app.secrets.is_empty() {
            app.secrets.extend(secrets.clone());
        }
    };
    Ok(store.change_app(app.id, Box::new(first)).await?.unwrap_or(app))
}
