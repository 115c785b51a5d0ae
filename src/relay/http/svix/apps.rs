//! Applications: whose events and endpoints these are.

use std::sync::Arc;

use crate::api::rules;
use crate::model::{App, AppId, AppName, Metadata};
use crate::relay::http::svix::call::{Call, Need, later};
use crate::relay::http::svix::form::{Form, Given};
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{Outcome, lists, nothing, ok, outs};
use crate::store::{Ensured, Order, Page, StoreError};

/// What a body says about an app.
#[derive(Clone, Debug)]
pub(super) struct AppForm {
    title: Given<String>,
    uid: Given<String>,
    metadata: Given<Metadata>,
    rate: Given<u32>,
}

impl AppForm {
    /// Reads a body, or the part of one.
    pub(super) fn read(mut form: Form) -> Result<Self, Refusal> {
        let title =
            form.text("name", |text| if text.is_empty() { Err("must not be empty") } else { rules::words(text) })?;
        let uid = form.text("uid", |text| rules::uid(text, AppId::PREFIX))?;
        let (metadata, rate) = (form.metadata()?, form.rate()?);
        form.done()?;
        Ok(Self { title, uid, metadata, rate })
    }

    /// Reads one that says all about an app.
    fn read_whole(form: Form) -> Result<Self, Refusal> {
        let all = Self::read(form)?;
        let title = all.title.some().ok_or_else(|| Invalid::shape(&["body", "name"], "missing field `name`"))?;
        Ok(Self {
            title: Given::Is(title),
            uid: all.uid.whole(),
            metadata: all.metadata.whole(),
            rate: all.rate.whole(),
        })
    }

    /// The uid that it gives.
    pub(super) const fn uid(&self) -> Option<&String> {
        self.uid.as_ref()
    }

    fn apply(self, app: &mut App) {
        self.title.set(&mut app.title);
        self.uid.set_option(&mut app.uid);
        self.metadata.set(&mut app.metadata);
        self.rate.set_option(&mut app.rate_limit);
    }
}

/// `/app`
pub(super) async fn all(call: &Call<'_>) -> Outcome {
    match call.method() {
        "GET" => list(call).await,
        "POST" => {
            call.may(Need::Operate)?;
            let form = AppForm::read_whole(Form::read(&call.request.body)?)?;
            let or_get = call.query.flag("get_if_exists", false)?;
            match make(call, form, or_get).await? {
                Ensured::Made(app) => ok(201, &outs::app(&app)),
                Ensured::Found(app) => ok(200, &outs::app(&app)),
            }
        }
        _ => Err(Refusal::no_method()),
    }
}

/// `/app/{app}`
pub(super) async fn one(call: &Call<'_>, key: &str) -> Outcome {
    match call.method() {
        "GET" => {
            call.may(Need::Look)?;
            ok(200, &outs::app(&*there(call, key).await?))
        }
        "PUT" => {
            call.may(Need::Operate)?;
            let form = AppForm::read_whole(Form::read(&call.request.body)?)?;
            match call.known_app(key).await? {
                Some(app) => ok(200, &outs::app(&change(call, &app, form).await?)),
                None => ok(201, &outs::app(&make(call, form, false).await?.it())),
            }
        }
        "PATCH" => {
            call.may(Need::Operate)?;
            let app = there(call, key).await?;
            let form = AppForm::read(Form::read(&call.request.body)?)?;
            ok(200, &outs::app(&change(call, &app, form).await?))
        }
        "DELETE" => {
            call.may(Need::Operate)?;
            delete(call, &*there(call, key).await?).await
        }
        _ => Err(Refusal::no_method()),
    }
}

async fn there(call: &Call<'_>, key: &str) -> Result<Arc<App>, Refusal> {
    call.known_app(key).await?.ok_or_else(Refusal::not_found)
}

async fn list(call: &Call<'_>) -> Outcome {
    call.may(Need::Survey)?;
    let pager = call.query.pager(call.query.order(Order::Oldest)?)?;
    let page = match &call.token.app {
        None => call.store().apps(pager).await?,
        // Whoever belongs to one app sees that one.
        Some(own) => {
            let items = call.store().app(own.as_str()).await?.into_iter().collect();
            Page { items, more: false }
        }
    };
    lists::answer(&page, |app| app.id.to_string(), outs::app)
}

/// Makes an app, or finds the one of its uid.
async fn make(call: &Call<'_>, form: AppForm, or_get: bool) -> Result<Ensured<App>, Refusal> {
    let own = call.token.app.as_ref();
    if own.is_some_and(|own| form.uid().is_none_or(|uid| uid != own.as_str())) {
        return Err(Refusal::forbidden());
    }
    if let Some(uid) = form.uid().filter(|_| or_get || own.is_some())
        && let Some(found) = call.known_app(uid).await?
    {
        return if or_get { Ok(Ensured::Found((*found).clone())) } else { Err(taken(uid)) };
    }
    let new = new(call, &form);
    let uid = new.uid.clone();
    let made = match own {
        Some(_) => call.store().ensure_app(new).await,
        None => call.store().create_app(new).await.map(Ensured::Made),
    };
    match (made, uid) {
        (Ok(Ensured::Made(app)), _) => {
            call.pipeline().apps.forget(&app);
            Ok(Ensured::Made(app))
        }
        (Ok(Ensured::Found(app)), _) => Ok(Ensured::Found(app)),
        // Somebody else was faster.
        (Err(StoreError::Taken(_)), Some(uid)) if or_get => {
            let found = call.store().app(&uid).await?.filter(|app| app.uid.as_deref() == Some(uid.as_str()));
            Ok(Ensured::Found(found.ok_or_else(|| taken(&uid))?))
        }
        (Err(why), _) => Err(why.into()),
    }
}

fn taken(uid: &str) -> Refusal {
    StoreError::Taken(format!("an app {uid}")).into()
}

/// The app that a call for another thing brings along, made if there is none of this key.
pub(super) async fn inline(call: &Call<'_>, key: &str, form: AppForm) -> Result<Arc<App>, Refusal> {
    if let Some(found) = call.known_app(key).await? {
        return Ok(found);
    }
    call.may(Need::Operate)?;
    let place = ["body", "application", "uid"];
    let mismatch = |kind, msg| Invalid::of(kind, &place, msg);
    match form.uid() {
        None => Err(mismatch("application_uid_missing", "the application needs the uid that the path has").into()),
        Some(uid) if uid != key => {
            Err(mismatch("application_uid_mismatch", "the application's uid is not the one in the path").into())
        }
        Some(_) => {
            form.title
                .as_ref()
                .ok_or_else(|| Invalid::shape(&["body", "application", "name"], "missing field `name`"))?;
            Ok(Arc::new(make(call, form, true).await?.it()))
        }
    }
}

fn new(call: &Call<'_>, form: &AppForm) -> App {
    let now = call.now();
    let id = AppId::new(now, call.pipeline().clock.chance());
    let name = form.uid().and_then(|uid| uid.parse().ok()).unwrap_or_else(|| AppName::from(id));
    let mut app = App::new(id, name, now);
    app.uid = None;
    form.clone().apply(&mut app);
    app
}

async fn change(call: &Call<'_>, app: &App, form: AppForm) -> Result<App, Refusal> {
    let now = call.now();
    let changed = call.store().change_app(
        app.id,
        Box::new(move |app| {
            form.clone().apply(app);
            app.updated_at = later(now, app.updated_at);
        }),
    );
    let changed = changed.await?.ok_or_else(Refusal::not_found)?;
    call.pipeline().apps.forget(app);
    call.pipeline().apps.forget(&changed);
    Ok(changed)
}

async fn delete(call: &Call<'_>, app: &App) -> Outcome {
    let there = call.store().delete_app(app.id).await?;
    call.pipeline().apps.forget(app);
    call.pipeline().roster.forget(&app.name);
    // Its tokens went with it.
    call.face.doors.forget();
    if there { Ok(nothing()) } else { Err(Refusal::not_found()) }
}
