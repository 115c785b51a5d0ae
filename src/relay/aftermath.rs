//! What an attempt means beyond its delivery: endpoints that are switched off, and events about it all.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::model::{AppName, Attempt, DisabledBy, Endpoint, Marks};
use crate::relay::operational;
use crate::relay::pipeline::Pipeline;
use crate::relay::publish::Draft;
use crate::store::{Leased, Next, StoreError};

impl Pipeline {
    /// What follows from an attempt that was noted.
    pub(super) async fn after(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        attempt: &Attempt,
        leased: &Leased,
        next: Next,
    ) -> Result<(), StoreError> {
        if attempt.manual {
            return Ok(());
        }
        self.report_attempt(&leased.event, attempt, next == Next::Dead).await?;
        if attempt.succeeded() {
            return Ok(());
        }
        let gone = endpoint.redirects && attempt.status() == Some(410);
        if gone && self.disable(endpoint, DisabledBy::Gone).await? {
            self.tell_disabled(endpoint, DisabledBy::Gone).await?;
        }
        if next != Next::Dead {
            return Ok(());
        }
        if !gone && self.has_failed_for_long(endpoint).await? && self.disable(endpoint, DisabledBy::Failing).await? {
            self.tell_disabled(endpoint, DisabledBy::Failing).await?;
        }
        self.tell_failed(endpoint, attempt, leased).await
    }

    async fn has_failed_for_long(&self, endpoint: &Endpoint) -> Result<bool, StoreError> {
        let disabling = &self.options.disabling;
        let health = self.store.health(endpoint.id).await?;
        let in_a_row = disabling.in_a_row.is_some_and(|most| health.failures >= most);
        let long = |since| self.clock.now().since(since) > disabling.after;
        Ok(in_a_row || health.dead_since.is_some_and(long))
    }

    async fn tell_disabled(self: &Arc<Self>, endpoint: &Endpoint, why: DisabledBy) -> Result<(), StoreError> {
        let data = json!({
            "app": endpoint.app.as_str(),
            "endpoint_id": endpoint.id.to_string(),
            "endpoint_uid": endpoint.uid,
            "url": endpoint.target.url(&endpoint.target.request_target("", None)),
            "reason": why.word(),
        });
        self.announce(&endpoint.app, "endpoint.disabled", &data).await?;
        self.report_disabled(endpoint).await
    }

    async fn tell_failed(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        attempt: &Attempt,
        leased: &Leased,
    ) -> Result<(), StoreError> {
        let event = &leased.event;
        // Their own failures are not told, or there would be no end.
        if operational::TYPES.contains(&event.event_type.as_str()) {
            return Ok(());
        }
        let data = json!({
            "app": event.app.as_str(),
            "event_id": event.id.to_string(),
            "event_type": event.event_type,
            "endpoint_id": endpoint.id.to_string(),
            "endpoint_uid": endpoint.uid,
            "url": attempt.url,
            "attempts": attempt.number,
            "last_attempt": {
                "id": attempt.id.to_string(),
                "status": attempt.status(),
                "error": attempt.outcome.as_ref().err().map(|failure| &failure.message),
                "at": attempt.started_at.to_string(),
            },
        });
        for event_type in ["webhook.failed", "message.attempt.exhausted"] {
            self.announce(&event.app, event_type, &data).await?;
        }
        Ok(())
    }

    /// Makes an event about the relay itself, for the apps that ask for it by name.
    pub(crate) async fn announce(
        self: &Arc<Self>,
        app: &AppName,
        event_type: &str,
        data: &Value,
    ) -> Result<(), StoreError> {
        let asks = |endpoint: &Endpoint| {
            let named = |types: &Vec<String>| types.iter().any(|glob| glob != "*");
            endpoint.event_types.as_ref().is_some_and(named) && crate::relay::roster::wants(endpoint, event_type, &[])
        };
        if !self.roster.of(app).await?.iter().any(|endpoint| asks(endpoint)) {
            return Ok(());
        }
        let body = json!({"type": event_type, "timestamp": self.clock.now().to_string(), "data": data});
        let draft = Draft {
            id: self.event_id(),
            app: app.clone(),
            event_type: event_type.to_owned(),
            request: self.made_request("/", Bytes::from(body.to_string())),
            marks: Marks::default(),
            only: None,
            record: None,
        };
        // Boxed, since publishing is what brought us here.
        Box::pin(self.publish(draft)).await.map(drop)
    }
}
