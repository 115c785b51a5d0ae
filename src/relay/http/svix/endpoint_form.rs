//! What a body says about an endpoint.

use crate::api::{address, rules};
use crate::model::{Disabled, DisabledBy, Endpoint, EndpointId, EventType, Metadata, Secret, Target, Timestamp};
use crate::net::guard::NotAllowed;
use crate::platform::svix;
use crate::relay::http::svix::call::Call;
use crate::relay::http::svix::form::{Form, Given};
use crate::relay::http::svix::headers::HeaderChanges;
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::operational;

/// So many channels at most.
const MAX_CHANNELS: usize = 10;

/// What a body says about an endpoint.
#[derive(Clone, Debug)]
pub(super) struct EndpointForm {
    url: Given<String>,
    target: Option<(Target, String)>,
    description: Given<String>,
    uid: Given<String>,
    event_types: Given<Vec<String>>,
    channels: Given<Vec<String>>,
    rate: Given<u32>,
    disabled: Given<bool>,
    metadata: Given<Metadata>,
}

/// What only the first body can say.
pub(super) struct Extras {
    /// What it is signed with, if that is said.
    pub(super) secret: Option<Secret>,
    /// Lines that each request gets.
    pub(super) headers: HeaderChanges,
}

impl EndpointForm {
    /// Reads a body that changes something.
    pub(super) fn read(form: &mut Form) -> Result<Self, Refusal> {
        let url = form.text("url", |_| Ok(()))?;
        let target = url.as_ref().map(|url| address::read(url));
        if let Some(Err(wrong)) = &target {
            form.fault(&["url"], &wrong.to_string());
        }
        form.number("version", 1, u64::from(u16::MAX))?;
        let new = form.texts("eventTypes", usize::MAX, rules::name)?;
        let old = form.texts("filterTypes", usize::MAX, rules::name)?;
        Ok(Self {
            url,
            target: target.and_then(Result::ok),
            description: form.text("description", rules::words)?,
            uid: form.text("uid", |text| rules::uid(text, EndpointId::PREFIX))?,
            event_types: new.or(old),
            channels: form.texts("channels", MAX_CHANNELS, rules::channel)?,
            rate: form.rate()?,
            disabled: form.flag("disabled")?,
            metadata: form.metadata()?,
        })
    }

    /// Reads a body that says all about an endpoint.
    pub(super) fn read_whole(form: &mut Form) -> Result<Self, Refusal> {
        let all = Self::read(form)?;
        form.required("url", all.url.clone())?;
        Ok(Self {
            url: all.url,
            target: all.target,
            description: all.description.whole(),
            uid: all.uid.whole(),
            event_types: all.event_types.whole(),
            channels: all.channels.whole(),
            rate: all.rate.whole(),
            disabled: all.disabled.whole(),
            metadata: all.metadata.whole(),
        })
    }

    /// Where it leads, if that is said.
    pub(super) fn target(&self) -> Option<Target> {
        self.target.as_ref().map(|(target, _)| target.clone())
    }

    /// Refuses a place that this relay would never call.
    pub(super) fn check_place(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let Some((target, _)) = &self.target else { return Ok(()) };
        let refused = |why: NotAllowed| Invalid::of("url_blocked", &["body", "url"], why.to_string());
        Ok(call.pipeline().client.may_call(target).map_err(refused)?)
    }

    /// Refuses types that are not registered or out of use, or that the asker does not see.
    pub(super) async fn check_types(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let (flags, mut missing) = (call.flags(), Vec::new());
        for name in self.event_types.as_ref().into_iter().flatten() {
            // What a relay tells of itself needs no registering.
            if operational::TYPES.contains(&name.as_str()) {
                continue;
            }
            let fits = |one: &EventType| !one.archived && flags.as_ref().is_none_or(|flags| one.is_seen_with(flags));
            if !call.store().event_type(name).await?.is_some_and(|one| fits(&one)) {
                missing.push(name.as_str());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let msg = format!("these event types do not exist: {}", missing.join(", "));
        Err(Invalid::value(&["body", "eventTypes"], msg).into())
    }

    /// Changes an endpoint accordingly.
    pub(super) fn apply(self, endpoint: &mut Endpoint, now: Timestamp) {
        if let Some((target, url)) = self.target {
            (endpoint.target, endpoint.url) = (target, url);
        }
        self.description.set(&mut endpoint.description);
        self.uid.set_option(&mut endpoint.uid);
        self.event_types.set_option(&mut endpoint.event_types);
        self.channels.set(&mut endpoint.channels);
        self.rate.set_option(&mut endpoint.rate_limit);
        self.metadata.set(&mut endpoint.metadata);
        match self.disabled {
            Given::Absent => {}
            Given::Is(true) if endpoint.disabled.is_some() => {}
            Given::Is(true) => endpoint.disabled = Some(Disabled { at: now, why: DisabledBy::Owner }),
            Given::Is(false) | Given::Null => endpoint.disabled = None,
        }
    }
}

impl Extras {
    /// Reads them.
    pub(super) fn read(form: &mut Form) -> Result<Self, Refusal> {
        Ok(Self { secret: secret(form, "secret")?, headers: HeaderChanges::read(form)? })
    }
}

/// A secret as somebody wrote it.
pub(super) fn secret(form: &mut Form, name: &str) -> Result<Option<Secret>, Refusal> {
    let text = form.text(name, |text| match svix::secret(text) {
        Some(_) => Ok(()),
        None => Err("must be whsec_ and 24 to 75 bytes in base64"),
    })?;
    Ok(text.as_ref().and_then(|text| svix::secret(text)))
}
