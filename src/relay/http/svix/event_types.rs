//! Types of event: the catalogue that every application shares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{openapi, rules, schemas};
use crate::model::EventType;
use crate::relay::http::svix::call::{Call, Need, later};
use crate::relay::http::svix::form::{Form, Given};
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{Outcome, lists, nothing, ok, outs};
use crate::store::{Ensured, Order, Pager, Start, StoreError, TypeQuery};

/// What a body says about a type.
#[derive(Clone, Debug)]
struct TypeForm {
    description: Given<String>,
    archived: Given<bool>,
    deprecated: Given<bool>,
    schemas: Given<BTreeMap<String, String>>,
    flags: Given<Vec<String>>,
    group: Given<String>,
}

impl TypeForm {
    fn read(form: &mut Form) -> Result<Self, Refusal> {
        let flags = form.texts("featureFlags", usize::MAX, rules::name);
        let flag = form.text("featureFlag", rules::name)?;
        let one = match flag {
            Given::Is(flag) => Given::Is(vec![flag]),
            Given::Null => Given::Null,
            Given::Absent => Given::Absent,
        };
        Ok(Self {
            description: form.text("description", rules::words)?,
            archived: form.flag("archived")?,
            deprecated: form.flag("deprecated")?,
            schemas: schemas_of(form)?,
            flags: flags?.or(one),
            group: form.text("groupName", rules::name)?,
        })
    }

    fn whole(self, form: &Form) -> Result<Self, Refusal> {
        Ok(Self {
            description: Given::Is(form.required("description", self.description)?),
            archived: self.archived.whole(),
            deprecated: self.deprecated.whole(),
            schemas: self.schemas.whole(),
            flags: self.flags.whole(),
            group: self.group.whole(),
        })
    }

    fn apply(self, one: &mut EventType) {
        self.description.set(&mut one.description);
        self.archived.set(&mut one.archived);
        self.deprecated.set(&mut one.deprecated);
        self.schemas.set(&mut one.schemas);
        self.flags.set(&mut one.feature_flags);
        self.group.set_option(&mut one.group);
    }
}

fn schemas_of(form: &mut Form) -> Result<Given<BTreeMap<String, String>>, Refusal> {
    let given = match form.any("schemas") {
        Given::Is(Value::Object(versions)) => versions,
        Given::Is(_) => return Err(form.shape("schemas", "an object of JSON Schemas is wanted")),
        Given::Null => return Ok(Given::Null),
        Given::Absent => return Ok(Given::Absent),
    };
    for (version, schema) in &given {
        if let Err(wrong) = schemas::check(schema) {
            form.fault(&["schemas", version], &wrong);
        }
    }
    Ok(Given::Is(given.into_iter().map(|(version, schema)| (version, schema.to_string())).collect()))
}

/// `/event-type...`
pub(super) async fn route(call: &Call<'_>, path: &[&str]) -> Outcome {
    match (call.method(), path) {
        ("GET", []) => list(call).await,
        ("POST", []) => create(call).await,
        ("POST", ["import", "openapi"]) => import(call).await,
        ("GET", [name]) => {
            call.may(Need::Look)?;
            ok(200, &outs::event_type(&find(call, name).await?, true))
        }
        ("PUT", [name]) => put(call, name).await,
        ("PATCH", [name]) => patch(call, name).await,
        ("DELETE", [name]) => delete(call, name).await,
        (_, [] | [_]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}

/// The type of this name, if the asker sees it.
pub(super) async fn find(call: &Call<'_>, name: &str) -> Result<EventType, Refusal> {
    let found = call.store().event_type(name).await?;
    let seen = |one: &EventType| call.flags().is_none_or(|flags| one.is_seen_with(&flags));
    found.filter(seen).ok_or_else(Refusal::not_found)
}

async fn list(call: &Call<'_>) -> Outcome {
    call.may(Need::Look)?;
    let with_content = call.query.flag("with_content", false)?;
    let query = TypeQuery {
        archived: call.query.flag("include_archived", false)?,
        flags: call.flags(),
        pager: call.query.pager(call.query.order(Order::Oldest)?)?,
    };
    let page = call.store().event_types(query).await?;
    lists::answer(&page, |one| one.name.clone(), |one| outs::event_type(one, with_content))
}

async fn create(call: &Call<'_>) -> Outcome {
    call.may(Need::Operate)?;
    let mut form = Form::read(&call.request.body)?;
    let name = form.text("name", rules::name)?;
    let name = form.required("name", name)?;
    let about = TypeForm::read(&mut form)?.whole(&form)?;
    form.done()?;
    let mut new = EventType::new(name, call.now());
    about.apply(&mut new);
    match call.store().create_event_type(new).await {
        Ok(made) => ok(201, &outs::event_type(&made, true)),
        Err(StoreError::Taken(what)) => Err(Refusal::new(409, "event_type_exists", format!("there already is {what}"))),
        Err(why) => Err(why.into()),
    }
}

/// Makes types of the webhooks of an `OpenAPI` description, or brings them up to date.
async fn import(call: &Call<'_>) -> Outcome {
    call.may(Need::Operate)?;
    let mut form = Form::read(&call.request.body)?;
    let raw = form.text("specRaw", |_| Ok(()))?.some();
    let dry = form.flag("dryRun")?.some().unwrap_or(false);
    let replace = form.flag("replaceAll")?.some().unwrap_or(false);
    let spec = match (form.any("spec").some(), raw) {
        (Some(spec), _) => spec,
        (None, Some(raw)) => serde_json::from_str(&raw).map_err(|why| form.shape("specRaw", &why.to_string()))?,
        (None, None) => return Err(form.shape("spec", "missing field `spec`")),
    };
    form.done()?;
    let described = openapi::event_types(&spec, call.now());
    for one in &described {
        let wrong = rules::name(&one.name).map_err(str::to_owned);
        let wrong = wrong.and_then(|()| one.schemas.values().try_for_each(|text| schemas::check_text(text)));
        wrong.map_err(|wrong| Invalid::value(&["body", "spec", &one.name], wrong))?;
    }
    let names: Vec<_> = described.iter().map(|one| one.name.clone()).collect();
    if !dry {
        for new in described {
            call.store().put_event_type(new).await?;
        }
        if replace {
            archive_others(call, &names).await?;
        }
    }
    ok(200, &serde_json::json!({"data": {"modified": names, "to_modify": []}}))
}

async fn archive_others(call: &Call<'_>, kept: &[String]) -> Result<(), Refusal> {
    let mut pager = Pager::first(Order::Oldest, 500);
    loop {
        let query = TypeQuery { archived: false, flags: None, pager: pager.clone() };
        let page = call.store().event_types(query).await?;
        for one in page.items.iter().filter(|one| !kept.contains(&one.name)) {
            archive(call, &one.name).await?;
        }
        match page.items.last() {
            Some(last) if page.more => pager.start = Start::After(last.name.clone()),
            _ => return Ok(()),
        }
    }
}

async fn archive(call: &Call<'_>, name: &str) -> Result<bool, Refusal> {
    let now = call.now();
    let archive = move |one: &mut EventType| {
        one.archived = true;
        one.updated_at = later(now, one.updated_at);
    };
    Ok(call.store().change_event_type(name, Box::new(archive)).await?.is_some())
}

async fn put(call: &Call<'_>, name: &str) -> Outcome {
    call.may(Need::Operate)?;
    if let Err(wrong) = rules::name(name) {
        return Err(Invalid::value(&["path", "event_type_name"], wrong).into());
    }
    let mut form = Form::read(&call.request.body)?;
    let about = TypeForm::read(&mut form)?.whole(&form)?;
    form.done()?;
    let mut new = EventType::new(name, call.now());
    about.apply(&mut new);
    match call.store().put_event_type(new).await? {
        Ensured::Made(one) => ok(201, &outs::event_type(&one, true)),
        Ensured::Found(one) => ok(200, &outs::event_type(&one, true)),
    }
}

async fn patch(call: &Call<'_>, name: &str) -> Outcome {
    call.may(Need::Operate)?;
    let mut form = Form::read(&call.request.body)?;
    let about = TypeForm::read(&mut form)?;
    form.done()?;
    let now = call.now();
    let changed = call.store().change_event_type(
        name,
        Box::new(move |one| {
            about.clone().apply(one);
            one.updated_at = later(now, one.updated_at);
        }),
    );
    ok(200, &outs::event_type(&changed.await?.ok_or_else(Refusal::not_found)?, true))
}

async fn delete(call: &Call<'_>, name: &str) -> Outcome {
    call.may(Need::Operate)?;
    let there = if call.query.flag("expunge", false)? {
        call.store().delete_event_type(name).await?
    } else {
        archive(call, name).await?
    };
    if there { Ok(nothing()) } else { Err(Refusal::not_found()) }
}
