//! A call: who asks, for what, and whether they may.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{App, AppId, AppName, CapturedRequest, Endpoint, Rights, Timestamp, Token};
use crate::relay::http::Face;
use crate::relay::http::svix::query::{Query, decoded};
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::pipeline::Pipeline;
use crate::store::{Ensured, Logged, Store};

/// A call.
pub(super) struct Call<'a> {
    pub(super) face: &'a Face,
    pub(super) request: &'a CapturedRequest,
    pub(super) token: Arc<Token>,
    pub(super) query: Query,
}

/// What a call needs the right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// To look.
    Look,
    /// To look at what is no app's own.
    Survey,
    /// To do what an app's owner does in the portal.
    Manage,
    /// To send messages.
    Send,
    /// To do everything.
    Operate,
}

/// What a path says after `/api/v1/`, without the slash at its end.
pub(super) fn path_of(request: &CapturedRequest) -> Vec<Cow<'_, str>> {
    let parts = request.path().split('/').filter(|part| !part.is_empty()).skip(2);
    parts.map(|part| if part.contains('%') { Cow::Owned(decoded(part, false)) } else { Cow::Borrowed(part) }).collect()
}

impl<'a> Call<'a> {
    /// A call with a token that is good.
    pub(super) async fn new(face: &'a Face, request: &'a CapturedRequest) -> Result<Self, Refusal> {
        let token = face.doors.token(request).await?;
        let token = token.ok_or_else(|| {
            if face.doors.is_guessing(request) {
                return Refusal::new(429, "rate_limited", "Too many invalid tokens");
            }
            Refusal::new(401, "authentication_failed", "Invalid token")
        })?;
        Ok(Self { face, request, token, query: Query::read(request.query()) })
    }

    pub(super) fn pipeline(&self) -> &'a Arc<Pipeline> {
        &self.face.pipeline
    }

    pub(super) fn store(&self) -> &'a dyn Store {
        self.face.pipeline.store.as_ref()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.face.pipeline.clock.now()
    }

    pub(super) fn method(&self) -> &str {
        &self.request.method
    }

    /// Refuses the call if its token does not allow that.
    pub(super) fn may(&self, need: Need) -> Result<(), Refusal> {
        let allowed = match self.token.rights {
            Rights::Operator => true,
            Rights::Portal => matches!(need, Need::Look | Need::Manage),
            Rights::Read => matches!(need, Need::Look | Need::Survey),
            Rights::Ingest => need == Need::Send,
        };
        if allowed { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// The hidden types of event that the asker sees; all, if `None`.
    pub(super) fn flags(&self) -> Option<Vec<String>> {
        (self.token.rights == Rights::Portal).then(|| self.token.feature_flags.clone())
    }

    /// The app that the path means, if the token reaches it. An app of its own is made on first use.
    pub(super) async fn app(&self, key: &str, need: Need) -> Result<Arc<App>, Refusal> {
        self.may(need)?;
        if let Some(app) = self.known_app(key).await? {
            return Ok(app);
        }
        let own = self.token.app.as_ref().filter(|own| own.as_str() == key);
        match own.filter(|_| self.token.operates()) {
            Some(own) => Ok(Arc::new(self.ensure(own.clone()).await?)),
            None => Err(Refusal::not_found()),
        }
    }

    /// The same, if it is there.
    pub(super) async fn known_app(&self, key: &str) -> Result<Option<Arc<App>>, Refusal> {
        let found = self.pipeline().apps.find(key).await?;
        let own = |app: &App| self.token.app.as_ref() == Some(&app.name);
        // A name that was a uid once is one no more, but to whoever belongs to it.
        let called = |app: &App| app.uid.as_deref() == Some(key) || is_id(app.id, key) || own(app);
        Ok(found.filter(|app| called(app) && self.token.reaches(&app.name)))
    }

    /// The app of this name, made if it is not there.
    pub(super) async fn ensure(&self, name: AppName) -> Result<App, Refusal> {
        let now = self.now();
        let new = App::new(AppId::new(now, self.pipeline().clock.chance()), name, now);
        let ensured = self.store().ensure_app(new).await?;
        if let Ensured::Made(app) = &ensured {
            self.pipeline().apps.forget(app);
        }
        Ok(ensured.it())
    }

    /// The endpoint of an app that the path means.
    pub(super) async fn endpoint(&self, app: &App, key: &str) -> Result<Endpoint, Refusal> {
        self.store().endpoint_of(&app.name, key).await?.ok_or_else(Refusal::not_found)
    }

    /// The message of an app that the path means.
    pub(super) async fn message(&self, app: &App, key: &str) -> Result<Logged, Refusal> {
        self.store().message(&app.name, key).await?.ok_or_else(Refusal::not_found)
    }
}

fn is_id(id: AppId, key: &str) -> bool {
    key.parse() == Ok(id)
}

/// A moment after the former one, so that every change shows.
pub(super) fn later(now: Timestamp, former: Timestamp) -> Timestamp {
    now.max(former.plus(std::time::Duration::from_millis(1)))
}
