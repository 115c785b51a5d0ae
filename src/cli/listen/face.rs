//! Shows what happens, counts it, and says when enough has happened.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use crate::cli::error::CliError;
use crate::cli::render;
use crate::cli::ui::{Lines, Ui};
use crate::model::{Attempt, Event};
use crate::policy::route::Glob;
use crate::relay::notice::Notice;
use crate::view::{AttemptLine, EventLine};

/// When enough has happened.
#[derive(Debug)]
pub(super) struct Until {
    pub(super) count: Option<u64>,
    pub(super) event_type: Option<Glob>,
}

/// The `done` line.
#[derive(Debug, Default, Serialize)]
struct Done {
    r#type: &'static str,
    received: u64,
    delivered: u64,
    failed: u64,
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
    done: Done,
    /// Deliveries that are not settled for good.
    open: i64,
    enough: bool,
}

impl Face {
    pub(super) fn new(ui: Ui, until: Until, notices: Receiver<Notice>, met: CancellationToken) -> Self {
        let done = Done { r#type: "done", ..Done::default() };
        Self { ui, until, notices, met, lines: ui.stream(), done, open: 0, enough: false }
    }

    /// Shows until `drained`, then what is left, then the sum.
    pub(super) async fn run(mut self, drained: CancellationToken) -> Result<(), CliError> {
        let result = self.show_all(&drained).await;
        // Nobody is reading any more: that ends the command.
        self.met.cancel();
        result?;
        if self.ui.is_json() {
            self.lines.json(&self.done)?;
        } else {
            let Done { received, delivered, failed, .. } = self.done;
            self.ui.talk(&format!("> Done: {received} received, {delivered} delivered, {failed} failed"));
        }
        self.lines.flush()
    }

    async fn show_all(&mut self, drained: &CancellationToken) -> Result<(), CliError> {
        loop {
            let next = match self.notices.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.lines.flush()?;
                    tokio::select! {
                        biased;
                        next = self.notices.recv() => next,
                        () = drained.cancelled() => return Ok(()),
                    }
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
            if self.enough && self.open <= 0 {
                self.met.cancel();
            }
        }
    }

    fn show(&mut self, notice: &Notice) -> Result<(), CliError> {
        match notice {
            Notice::Received { event, scheme, deliveries } => self.received(event, scheme.as_deref(), *deliveries),
            Notice::Attempted { attempt } => self.attempted(attempt),
            Notice::Missed { count } if self.ui.is_json() => self.lines.json(&Gap { r#type: "gap", missed: *count }),
            Notice::Missed { count } => {
                let events = if *count == 1 { "event" } else { "events" };
                self.lines.line(&format!("> {count} {events} arrived while this listener was away: delivered first"))
            }
            Notice::Trouble { message } => {
                self.ui.error(&CliError::unreachable(message.clone()).kind("store"));
                Ok(())
            }
        }
    }

    fn received(&mut self, event: &Arc<Event>, scheme: Option<&str>, deliveries: usize) -> Result<(), CliError> {
        self.done.received += 1;
        self.open += i64::try_from(deliveries).unwrap_or(0);
        let by_type = self.until.event_type.as_ref().is_some_and(|glob| glob.matches(&event.event_type));
        self.enough |= by_type || self.until.count.is_some_and(|count| self.done.received >= count);
        if self.ui.is_json() {
            return self.lines.json(&EventLine::from(event.as_ref()));
        }
        self.lines.line(&render::listen::received(event, scheme, self.ui.paint))
    }

    fn attempted(&mut self, attempt: &Arc<Attempt>) -> Result<(), CliError> {
        if attempt.next_attempt_at.is_none() {
            self.open -= 1;
            let sum = if attempt.succeeded() { &mut self.done.delivered } else { &mut self.done.failed };
            *sum += 1;
        }
        if self.ui.is_json() {
            return self.lines.json(&AttemptLine::from(attempt.as_ref()));
        }
        self.lines.line(&render::listen::attempted(attempt, self.ui.paint))
    }

    /// The screen was too slow. Nothing is lost but the lines; the sums may be short.
    fn lagged(&mut self, missed: u64) -> Result<(), CliError> {
        if self.ui.is_json() {
            return self.lines.json(&Gap { r#type: "gap", missed });
        }
        self.lines
            .line(&format!("> {missed} lines were not shown: the output is too slow (whk events list has them all)"))
    }
}
