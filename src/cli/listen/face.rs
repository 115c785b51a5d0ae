//! Shows what happens, counts it, and says when enough has happened.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use crate::cli::error::CliError;
use crate::cli::render;
use crate::cli::ui::{Lines, Ui};
use crate::model::{Attempt, Event};
use crate::policy::route::Glob;
use crate::relay::Relay;
use crate::relay::counts::Counts;
use crate::relay::notice::{Label, Notice};
use crate::view::{AttemptLine, EventLine};

/// How long lines gather before they are shown.
const BREATH: Duration = Duration::from_millis(2);

/// When enough has happened.
#[derive(Debug)]
pub(super) struct Until {
    pub(super) count: Option<u64>,
    pub(super) event_type: Option<Glob>,
}

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

/// Shows what happens.
pub(super) struct Face {
    ui: Ui,
    until: Until,
    notices: Receiver<Notice>,
    met: CancellationToken,
    lines: Lines,
    counts: Arc<Counts>,
    /// The event that ends it came.
    seen: bool,
}

impl Face {
    /// Watches this relay from now on.
    pub(super) fn new(ui: Ui, until: Until, relay: &Relay, met: CancellationToken) -> Self {
        let (notices, counts) = (relay.notices(), relay.counts());
        Self { ui, until, notices, met, lines: ui.stream(), counts, seen: false }
    }

    /// Shows until `drained`, then what is left, then the sum.
    pub(super) async fn run(mut self, drained: CancellationToken) -> Result<(), CliError> {
        let result = self.show_all(&drained).await;
        // Nobody is reading any more: that ends the command.
        self.met.cancel();
        result?;
        let (received, delivered, failed) = (self.counts.events(), self.counts.delivered(), self.counts.failed());
        if self.ui.is_json() {
            self.lines.json(&Done { r#type: "done", received, delivered, failed })?;
        } else {
            self.ui.talk(&format!("> Done: {received} received, {delivered} delivered, {failed} failed"));
        }
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
            let counted = self.until.count.is_some_and(|count| self.counts.events() >= count);
            if (self.seen || counted) && self.counts.is_settled() {
                self.met.cancel();
            }
        }
    }

    fn show(&mut self, notice: &Notice) -> Result<(), CliError> {
        match notice {
            Notice::Received { event, label, .. } => self.received(event, label),
            Notice::Attempted { attempt } => self.attempted(attempt),
            Notice::Missed { count } if self.ui.is_json() => self.lines.json(&Gap { r#type: "gap", missed: *count }),
            Notice::Missed { count } => {
                let events = if *count == 1 { "event" } else { "events" };
                self.lines.line(&format!("> {count} earlier {events} not delivered here yet: delivered first"))
            }
            // Only a relay looks at payloads.
            Notice::Misfit { .. } => Ok(()),
            Notice::Trouble { message } => {
                self.ui.error(&CliError::unreachable(message.clone()).kind("store"));
                Ok(())
            }
        }
    }

    fn received(&mut self, event: &Arc<Event>, label: &Label) -> Result<(), CliError> {
        self.seen |= self.until.event_type.as_ref().is_some_and(|glob| glob.matches(&event.event_type));
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

    /// The screen was too slow. Nothing is lost but the lines.
    fn lagged(&mut self, missed: u64) -> Result<(), CliError> {
        if self.ui.is_json() {
            return self.lines.json(&Gap { r#type: "gap", missed });
        }
        self.lines
            .line(&format!("> {missed} lines were not shown: the output is too slow (whk events list has them all)"))
    }
}
