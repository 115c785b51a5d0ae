//! Shows what happens, counts it, and says when enough has happened.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use crate::cli::error::CliError;
use crate::cli::listen::watch::Watch;
use crate::cli::render;
use crate::cli::ui::{Lines, Ui};
use crate::model::{Attempt, Event};
use crate::relay::notice::{EMPTIED, Label, Notice};
use crate::view::{AttemptLine, EventLine, safe};

/// How long lines gather before they are shown.
const BREATH: Duration = Duration::from_millis(2);

/// The `done` line.
#[derive(Debug, Serialize)]
struct Done {
    r#type: &'static str,
    received: u64,
    delivered: u64,
    failed: u64,
}

/// The `event` line, with what was found out beside.
#[derive(Debug, Serialize)]
struct Received<'a> {
    #[serde(flatten)]
    event: EventLine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<Answered<'a>>,
}

/// A handshake, and the status that whk answered with if it did.
#[derive(Debug, Serialize)]
struct Answered<'a> {
    status: Option<u16>,
    note: Option<&'a str>,
}

impl<'a> Received<'a> {
    fn new(event: &'a Event, label: &'a Label) -> Self {
        let (status, note) = (label.answered, label.note.as_deref());
        let shaken = status.is_some() || note.is_some();
        Self {
            event: EventLine::from(event),
            provider: label.provider.as_deref(),
            provider_id: label.id.as_deref(),
            challenge: shaken.then_some(Answered { status, note }),
        }
    }
}

/// The `gap` line.
#[derive(Debug, Serialize)]
struct Gap {
    r#type: &'static str,
    missed: u64,
}

/// The `reconnecting` line.
#[derive(Debug, Serialize)]
struct Reconnecting<'a> {
    r#type: &'static str,
    reason: &'a str,
    wait_ms: u64,
}

/// Shows what happens.
pub(super) struct Face {
    ui: Ui,
    watch: Watch,
    notices: Receiver<Notice>,
    lines: Lines,
}

impl Face {
    pub(super) fn new(ui: Ui, watch: Watch, notices: Receiver<Notice>) -> Self {
        Self { ui, watch, notices, lines: ui.stream() }
    }

    /// Shows until `drained`, then what is left, then the sum.
    pub(super) async fn run(mut self, drained: CancellationToken) -> Result<(), CliError> {
        let result = self.show_all(&drained).await;
        // Nobody is reading any more: that ends the command.
        self.watch.met.cancel();
        result?;
        let counts = &self.watch.counts;
        if !self.ui.is_json() {
            self.ui.talk(&render::listen::done(counts));
            return self.lines.flush();
        }
        let (received, delivered, failed) = (counts.events(), counts.delivered(), counts.failed());
        self.lines.json(&Done { r#type: "done", received, delivered, failed })?;
        self.lines.flush()
    }

    async fn show_all(&mut self, drained: &CancellationToken) -> Result<(), CliError> {
        loop {
            let next = match self.notices.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.lines.flush()?;
                    let next = tokio::select! {
                        biased;
                        next = self.notices.recv() => next,
                        () = drained.cancelled() => return Ok(()),
                    };
                    // A screenful is one write and one waking, not one for each line.
                    tokio::time::sleep(BREATH).await;
                    next
                }
                Err(TryRecvError::Closed) => return Ok(()),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Ok(notice) => Ok(notice),
            };
            match next {
                Ok(notice) => self.show(&notice)?,
                Err(RecvError::Lagged(missed)) => self.lagged(missed)?,
                Err(RecvError::Closed) => return Ok(()),
            }
            self.watch.check();
        }
    }

    fn show(&mut self, notice: &Notice) -> Result<(), CliError> {
        self.watch.note(notice);
        match notice {
            Notice::Received { event, label, .. } => self.received(event, label),
            Notice::Attempted { attempt } => self.attempted(attempt),
            Notice::Missed { count } if self.ui.is_json() => self.lines.json(&Gap { r#type: "gap", missed: *count }),
            Notice::Missed { count } => {
                let events = if *count == 1 { "event" } else { "events" };
                self.lines.line(&format!("> {count} earlier {events} not delivered here yet: delivered first"))
            }
            // Only a relay tells of those.
            Notice::Elsewhere { .. } | Notice::Misfit { .. } | Notice::Listener { .. } | Notice::Audited { .. } => {
                Ok(())
            }
            Notice::Reconnecting { reason, wait } => self.reconnecting(reason, *wait),
            Notice::Connected => {
                self.ui.note("> Connected again");
                Ok(())
            }
            Notice::Emptied { .. } => {
                self.trouble(EMPTIED);
                Ok(())
            }
            Notice::Trouble { message } => {
                self.trouble(message);
                Ok(())
            }
        }
    }

    fn trouble(&self, message: &str) {
        self.ui.error(&CliError::unreachable(message.to_owned()).kind("store"));
    }

    fn received(&mut self, event: &Arc<Event>, label: &Label) -> Result<(), CliError> {
        if self.ui.is_json() {
            return self.lines.json(&Received::new(event, label));
        }
        self.lines.line(&render::listen::received(event, label, self.ui.paint))
    }

    fn attempted(&mut self, attempt: &Arc<Attempt>) -> Result<(), CliError> {
        if self.ui.is_json() {
            return self.lines.json(&AttemptLine::from(attempt.as_ref()));
        }
        self.lines.line(&render::listen::attempted(attempt, self.ui.paint))
    }

    /// Where events come from is gone for now.
    fn reconnecting(&mut self, reason: &str, wait: Duration) -> Result<(), CliError> {
        if self.ui.is_json() {
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            return self.lines.json(&Reconnecting { r#type: "reconnecting", reason, wait_ms });
        }
        self.ui.talk(&safe(format!("> Not connected: {reason}; again in {wait:?}").as_bytes()));
        Ok(())
    }

    /// The screen was too slow. Nothing is lost but the lines.
    fn lagged(&mut self, missed: u64) -> Result<(), CliError> {
        if self.ui.is_json() {
            return self.lines.json(&Gap { r#type: "gap", missed });
        }
        self.lines
            .line(&format!("> {missed} lines were not shown: the output is too slow (whk events list has them all)"))
    }
}
