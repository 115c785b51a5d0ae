//! What a relay tells of itself while it runs: a line for each thing that a person may have to know.

use clap::ValueEnum;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::cli::ui::Ui;
use crate::relay::notice::{EMPTIED, Notice};
use crate::view::safe;

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Lines of text.
    Text,
    /// Lines of JSON.
    Json,
    /// Not at all.
    None,
}

/// Tells what happens until the relay ends.
pub(super) async fn run(ui: Ui, form: Form, mut notices: Receiver<Notice>) {
    loop {
        match notices.recv().await {
            Ok(notice) => tell(ui, form, &notice),
            // Whoever reads too slowly misses some lines, and nothing else.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// How much it matters. In text only what a person has to look into is told: all that is more than `info`.
fn level(notice: &Notice) -> &'static str {
    match notice {
        Notice::Attempted { attempt } if !attempt.succeeded() => "warn",
        Notice::Misfit { .. } | Notice::Reconnecting { .. } => "warn",
        Notice::Emptied { .. } | Notice::Trouble { .. } => "error",
        Notice::Attempted { .. }
        | Notice::Received { .. }
        | Notice::Elsewhere { .. }
        | Notice::Missed { .. }
        | Notice::Listener { .. }
        | Notice::Connected
        | Notice::Audited { .. } => "info",
    }
}

fn tell(ui: Ui, form: Form, notice: &Notice) {
    let level = level(notice);
    if form == Form::Text && level == "info" {
        return;
    }
    let (word, about) = match notice {
        Notice::Received { event, deliveries, .. } => (
            "received",
            json!({
                "event_id": event.id.to_string(),
                "app": event.app.as_str(),
                "event_type": event.event_type,
                "verdict": event.verdict.as_ref().map(|verdict| verdict.reason.as_deref().unwrap_or("valid")),
                "deliveries": deliveries,
            }),
        ),
        Notice::Attempted { attempt } => (
            "attempted",
            json!({
                "event_id": attempt.event.to_string(),
                "endpoint_id": attempt.endpoint.to_string(),
                "number": attempt.number,
                "status": attempt.status(),
                "error": attempt.outcome.as_ref().err().map(|failure| &failure.message),
                "duration_ms": u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
                "next_attempt_at": attempt.next_attempt_at.map(|at| at.to_string()),
            }),
        ),
        Notice::Elsewhere { .. } => return,
        Notice::Missed { count } => ("missed", json!({"count": count})),
        Notice::Misfit { event, event_type, detail } => {
            ("misfit", json!({"event_id": event.to_string(), "event_type": event_type, "detail": detail}))
        }
        Notice::Listener { app, name, remote, here } => {
            (if *here { "listener came" } else { "listener left" }, json!({"app": app, "name": name, "remote": remote}))
        }
        Notice::Reconnecting { reason, .. } => ("reconnecting", json!({"reason": reason})),
        Notice::Connected => ("connected", json!({})),
        Notice::Audited { at, token, method, path, remote, status } => (
            "audit",
            json!({
                "at": at.to_string(),
                "token_id": token.id.to_string(),
                "label": token.label,
                "app": token.app.as_ref().map(ToString::to_string),
                "method": method,
                "path": path,
                "remote": remote,
                "status": status,
            }),
        ),
        Notice::Emptied { at } => ("emptied", json!({"at": at.to_string(), "detail": EMPTIED})),
        Notice::Trouble { message } => ("trouble", json!({"message": message})),
    };
    match form {
        Form::None => {}
        Form::Json => ui.talk(&json!({"level": level, "message": word, "fields": about}).to_string()),
        Form::Text => ui.talk(&format!("{level}: {word} {}", safe(about.to_string()))),
    }
}
