//! Events about endpoints and deliveries, for those who watch over every app: they register endpoints in an app of its
//! own, and get what happens in all the others.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::model::{App, AppName, Attempt, Endpoint, Event, Marks};
use crate::relay::pipeline::Pipeline;
use crate::relay::publish::Draft;
use crate::store::StoreError;

/// The uid of the app that is told of all others.
pub(crate) const APP: &str = "operational-webhooks";
/// What is told, here and to the app that it happens in.
pub(crate) const TYPES: [&str; 8] = [
    "endpoint.created",
    "endpoint.deleted",
    "endpoint.disabled",
    "endpoint.updated",
    "message.attempt.exhausted",
    "message.attempt.failing",
    "message.attempt.recovered",
    "webhook.failed",
];
/// A delivery that has failed so often is told of, and so is that it is taken in the end.
const MANY: u32 = 4;

impl Pipeline {
    /// An endpoint was made, changed or removed.
    pub(crate) async fn tell_of_endpoint(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        event_type: &str,
    ) -> Result<(), StoreError> {
        let own = json!({
            "app": endpoint.app.as_str(),
            "endpoint_id": endpoint.id.to_string(),
            "endpoint_uid": endpoint.uid,
            "url": endpoint.target.url(&endpoint.target.request_target("", None)),
        });
        self.announce(&endpoint.app, event_type, &own).await?;
        self.report(&endpoint.app, event_type, |app| about(app, endpoint)).await
    }

    /// An endpoint was switched off because it only failed.
    pub(super) async fn report_disabled(self: &Arc<Self>, endpoint: &Endpoint) -> Result<(), StoreError> {
        let since = self.store.health(endpoint.id).await?.failing_since;
        let data = |app: &App| {
            let mut data = about(app, endpoint);
            data["failSince"] = json!(since.map(|since| since.to_string()));
            data
        };
        self.report(&endpoint.app, "endpoint.disabled", data).await
    }

    /// An attempt was made by the schedule; `last` says that there will be no other.
    pub(super) async fn report_attempt(
        self: &Arc<Self>,
        event: &Event,
        attempt: &Attempt,
        last: bool,
    ) -> Result<(), StoreError> {
        let event_type = match attempt.succeeded() {
            true if attempt.number > MANY => "message.attempt.recovered",
            false if last => "message.attempt.exhausted",
            false if attempt.number == MANY => "message.attempt.failing",
            _ => return Ok(()),
        };
        let data = |app: &App| {
            json!({
                "appId": app.id.to_string(),
                "appUid": app.uid,
                "msgId": event.id.to_string(),
                "msgEventId": event.marks.uid,
                "endpointId": attempt.endpoint.to_string(),
                "lastAttempt": {
                    "id": attempt.id.to_string(),
                    "responseStatusCode": attempt.status().unwrap_or(0),
                    "timestamp": attempt.started_at.to_string(),
                },
            })
        };
        self.report(&event.app, event_type, data).await
    }

    /// Makes an event of what happened in an app, if somebody watches over it.
    async fn report(
        self: &Arc<Self>,
        of: &AppName,
        event_type: &str,
        data: impl FnOnce(&App) -> Value,
    ) -> Result<(), StoreError> {
        // What happens to those who watch is told to nobody, or there would be no end.
        let Some(watching) = self.apps.find(APP).await?.filter(|watching| watching.name != *of) else {
            return Ok(());
        };
        let Some(app) = self.apps.find(of.as_str()).await? else { return Ok(()) };
        let body = json!({"type": event_type, "data": data(&app)});
        let draft = Draft {
            id: self.event_id(),
            app: watching.name.clone(),
            event_type: event_type.to_owned(),
            request: self.made_request(&format!("/in/{}", watching.name), Bytes::from(body.to_string())),
            marks: Marks::default(),
            only: None,
            record: None,
        };
        // Boxed, since an attempt may be what brought us here.
        Box::pin(self.publish(draft)).await.map(drop)
    }
}

fn about(app: &App, endpoint: &Endpoint) -> Value {
    json!({
        "appId": app.id.to_string(),
        "appUid": app.uid,
        "endpointId": endpoint.id.to_string(),
        "endpointUid": endpoint.uid,
    })
}
