//! A message made of an example, for one endpoint.

use bytes::Bytes;
use serde_json::Value;

use crate::model::{EventType, Marks};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::form::Form;
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, event_types, ok, outs};
use crate::relay::publish::Draft;

/// A type that always has an example.
const PING: &str = "svix.ping";
/// And the example.
const PONG: &str = r#"{"success": true}"#;
/// The version of a schema that the example is taken of.
const VERSION: &str = "1";

/// `POST /app/{app}/endpoint/{endpoint}/send-example`
pub(super) async fn send(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    if call.method() != "POST" {
        return Err(Refusal::no_method());
    }
    let app = call.app(app, Need::Operate).await?;
    let endpoint = call.endpoint(&app, key).await?;
    let mut form = Form::read(&call.request.body)?;
    let name = form.text("eventType", |_| Ok(()))?;
    let name = form.required("eventType", name)?;
    form.done()?;
    let payload = if name == PING {
        PONG.to_owned()
    } else {
        let example = example(&event_types::find(call, &name).await?);
        example.ok_or_else(|| Refusal::new(400, "invalid_scheme", "the event type's schema has no example"))?
    };
    let pipeline = call.pipeline();
    let draft = Draft {
        id: pipeline.event_id(),
        app: app.name.clone(),
        event_type: name,
        request: pipeline.made_request(&format!("/in/{}", app.name), Bytes::from(payload)),
        marks: Marks::default(),
        only: Some(endpoint.id),
        record: None,
    };
    let event = pipeline.publish(draft).await?;
    ok(200, &outs::message(&event, false))
}

fn example(one: &EventType) -> Option<String> {
    let schema: Value = serde_json::from_str(one.schemas.get(VERSION)?).ok()?;
    Some(schema.get("examples")?.as_array()?.first()?.to_string())
}
