//! Who asks, what they may do, and in which app.

use std::sync::Arc;

use crate::model::{AppName, CapturedRequest, Rights, Token};
use crate::relay::http::Face;
use crate::relay::http::native::refusal::Refusal;

/// Somebody with a token.
pub(super) struct Caller {
    /// The token.
    pub(super) token: Arc<Token>,
}

/// What a request wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Look.
    Look,
    /// Change an app's endpoints, or look at their secrets.
    Manage,
    /// Make events.
    Send,
    /// Anything else.
    Operate,
}

impl Caller {
    /// Whoever sends this request, if they may do that.
    pub(super) async fn of(face: &Face, request: &CapturedRequest, deed: Deed) -> Result<Self, Refusal> {
        let token = face.doors.token(request).await?.ok_or_else(|| {
            if face.doors.is_guessing(request) {
                return Refusal::new(
                    429,
                    "too_many_wrong_tokens",
                    "too many wrong tokens from this address; wait a minute",
                );
            }
            Refusal::new(401, "unauthorized", "a token is needed: Authorization: Bearer TOKEN (whk relay token create)")
        })?;
        if !token.operates() && !allows(token.rights, deed) {
            let detail = format!("a token with the right to {} may not do this", token.rights.word());
            return Err(Refusal::new(403, "forbidden", detail));
        }
        Ok(Self { token })
    }

    /// The app that is looked into; every one if `None`. `named` is what the request says.
    pub(super) async fn scope(&self, face: &Face, named: Option<&str>) -> Result<Option<AppName>, Refusal> {
        let Some(key) = named else { return Ok(self.token.app.clone()) };
        let name = match face.pipeline.store.app(key).await? {
            Some(app) => app.name,
            None => key.parse().map_err(|why| Refusal::parameter("app", why))?,
        };
        if !self.token.reaches(&name) {
            return Err(Refusal::new(403, "forbidden", "this token is for another app"));
        }
        Ok(Some(name))
    }

    /// The app that something is done in.
    pub(super) async fn app(&self, face: &Face, named: Option<&str>) -> Result<AppName, Refusal> {
        Ok(self.scope(face, named).await?.unwrap_or_default())
    }
}

/// Whether somebody may do this who may not do everything.
fn allows(rights: Rights, deed: Deed) -> bool {
    match rights {
        Rights::Operator | Rights::Portal => matches!(deed, Deed::Look | Deed::Manage),
        Rights::Read => deed == Deed::Look,
        Rights::Ingest => deed == Deed::Send,
    }
}
