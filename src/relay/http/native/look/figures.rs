//! `/api/v1/webhooks/stats`: how deliveries have been going, minute by minute and endpoint by endpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::model::{AppName, CapturedRequest, Endpoint, EndpointId, EndpointKind};
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::{Outcome, stats};
use crate::relay::http::{Face, json_answer};
use crate::store::{Order, Pager, StoreError, Tallied};

/// What the counts of endpoints are about.
const DAY: Duration = Duration::from_secs(86_400);
/// So many endpoints at most; the figures are for looking at.
const MOST: usize = 100;

/// Answers with the figures of an app, or of the whole relay.
pub(in crate::relay::http::native) async fn answer(face: &Face, request: &CapturedRequest) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    let params = Params::read(request, &["app"])?;
    let app = caller.scope(face, params.get("app")).await?;
    let (pipeline, now) = (&face.pipeline, face.pipeline.clock.now());
    let (mut lines, mut wanted) = (Vec::new(), Vec::new());
    for endpoint in endpoints(face, app.as_ref()).await?.into_values().take(MOST) {
        let tally = pipeline.store.tally(Tallied::Endpoint(endpoint.id), now.minus(DAY), now).await?;
        wanted.push(endpoint.id);
        lines.push(json!({
            "id": endpoint.id.to_string(),
            "name": endpoint.description,
            "url": endpoint.url,
            "kind": if endpoint.kind == EndpointKind::Registered { "endpoint" } else { "forward" },
            "disabled": endpoint.disabled.is_some(),
            "last_day": stats(&tally),
        }));
    }
    let minutes: Vec<Value> = pipeline
        .counts
        .minutes
        .of(&wanted, now)
        .iter()
        .map(|(at, tally)| {
            let mut value = stats(tally);
            value["at"] = json!(at.to_string());
            value
        })
        .collect();
    let all = pipeline.store.tally(app.map_or(Tallied::All, Tallied::App), now.minus(DAY), now).await?;
    Ok(json_answer(200, &json!({"type": "stats", "minutes": minutes, "endpoints": lines, "last_day": stats(&all)})))
}

/// The endpoints that something may be said of: those that are registered, and those of a listener.
async fn endpoints(face: &Face, app: Option<&AppName>) -> Result<BTreeMap<EndpointId, Endpoint>, StoreError> {
    let pipeline = &face.pipeline;
    let apps: Vec<AppName> = if let Some(app) = app {
        vec![app.clone()]
    } else {
        let page = pipeline.store.apps(Pager::first(Order::Newest, MOST)).await?;
        page.items.into_iter().map(|app| app.name).collect()
    };
    let forwards = pipeline.options.forwards.iter().map(|forward| forward.endpoint.clone());
    let mut all: BTreeMap<_, _> = forwards.filter(|one| apps.contains(&one.app)).map(|one| (one.id, one)).collect();
    for app in apps {
        let team = pipeline.roster.of(&app).await?;
        all.extend(team.iter().map(|endpoint| (endpoint.id, Endpoint::clone(endpoint))));
        if all.len() >= MOST {
            break;
        }
    }
    Ok(all)
}
