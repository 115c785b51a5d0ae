//! `/api/v1/webhooks/types`: the types of event that can be sent for trying things out, with a sample of each.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::catalog::{self, Sample};
use crate::model::CapturedRequest;
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::{Face, json_answer, json_text};
use crate::store::{Order, Pager, TypeQuery};

/// So many registered types at most.
const MOST: usize = 1000;
/// The product that stands for what was registered here.
const REGISTERED: &str = "registered";

/// Answers with the list: what was registered, then the catalogue's types that go with every scheme.
pub(in crate::relay::http::native) async fn list(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    Params::read(request, &[])?;
    let flags = if caller.token.operates() { None } else { Some(caller.token.feature_flags.clone()) };
    let query = TypeQuery { archived: false, flags, pager: Pager::first(Order::Oldest, MOST) };
    let registered = face.pipeline.store.event_types(query).await?.items;
    let mut all: Vec<Value> = registered
        .iter()
        .map(|one| json!({"name": one.name, "title": one.name, "product": REGISTERED, "description": one.description}))
        .collect();
    if caller.token.operates() {
        let known = catalog::types().filter(|one| one.schemes.is_empty());
        all.extend(known.map(|one| {
            let (name, title, product) = (&one.name, &one.title, &one.product);
            json!({"name": name, "title": title, "product": product, "description": one.description})
        }));
    }
    Ok(json_answer(200, &json!({"data": all})))
}

/// Answers with one type, its schema and a sample of its data as they are written.
pub(in crate::relay::http::native) async fn show(face: &Face, request: &CapturedRequest, name: &str) -> Outcome {
    let token = Caller::of(face, request, Deed::Look).await?.token;
    Params::read(request, &[])?;
    let kind = catalog::find(name, "standard-webhooks");
    let registered = face.pipeline.store.event_type(name).await?;
    let registered = registered.filter(|one| token.operates() || one.is_seen_with(&token.feature_flags));
    if kind.is_none() && registered.is_none() {
        return Err(Refusal::missing("such type of event"));
    }
    let sample = kind.and_then(|kind| if let Sample::Json(data) = &kind.sample { Some(data.get()) } else { None });
    let own = registered.and_then(|one| one.schemas.into_values().next_back());
    let schema = own.as_deref().or_else(|| kind.and_then(|kind| kind.schema.as_deref()).map(RawValue::get));
    let (name, none) = (json!(name), "null");
    let (sample, schema) = (sample.unwrap_or(none), schema.unwrap_or(none));
    Ok(json_text(200, format!("{{\"type\":\"event_type\",\"name\":{name},\"sample\":{sample},\"schema\":{schema}}}")))
}
