//! `whk listen --tui`: the full-screen view, in a thread of its own that alone has the terminal.

pub mod draw;
pub mod keys;
pub mod model;
pub mod row;
mod screen;
mod stopping;
mod work;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ratatui::crossterm::event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cli::browser;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::listen::tui::model::{Deed, Model, Title};
use crate::cli::listen::tui::row::Row;
use crate::cli::listen::tui::screen::Screen;
use crate::cli::listen::tui::stopping::Stops;
use crate::cli::listen::tui::work::{Reply, Workshop, past};
use crate::cli::listen::watch::Watch;
use crate::cli::payload;
use crate::cli::render;
use crate::cli::ui::Ui;
use crate::model::{EventId, Secret, Target};
use crate::relay::notice::Notice;
use crate::store::Store;

/// How long a picture stays at least: 30 of them a second are enough for an eye.
const FRAME: Duration = Duration::from_millis(33);
/// So much happens between two pictures at most, so that keys are looked at.
const MOST_NOTICES: usize = 4096;
const MOST_INPUTS: usize = 64;
/// Answers that wait to be shown.
const REPLIES: usize = 32;

/// Says why there can be no full-screen view here.
///
/// # Errors
/// If there is no terminal, or the output is for scripts.
pub(super) fn refuse(ui: Ui, environment: Option<&str>) -> Result<(), CliError> {
    let no = |why: &str| {
        let error = CliError::usage(format!("--tui needs a terminal: {why}")).kind("no_terminal");
        Err(error.hint("leave --tui out: a line for each event goes anywhere, --output json is for scripts"))
    };
    if ui.is_json() {
        return no("--output json asks for lines");
    }
    if !io::stdout().is_terminal() {
        return no("stdout is none");
    }
    if !io::stdin().is_terminal() {
        return no("stdin is none");
    }
    if environment == Some("dumb") {
        return no("TERM is \"dumb\", which cannot draw");
    }
    Ok(())
}

/// The full-screen view, before it has the terminal.
pub(super) struct View {
    title: Title,
    past: Vec<Row>,
    watch: Watch,
    workshop: Workshop,
    replies: mpsc::Receiver<Reply>,
    context: Context,
}

impl View {
    /// Looks at what came before; nothing is drawn yet.
    pub(super) async fn new(
        context: &Context,
        title: Title,
        store: Arc<dyn Store>,
        secrets: Vec<Secret>,
        watch: Watch,
    ) -> Result<Self, CliError> {
        // The link has a token behind its mark, which is no part of an address.
        let base = title.inspector.split('#').next().unwrap_or_default();
        let home: Target = base.parse().map_err(CliError::internal)?;
        let (sender, replies) = mpsc::channel(REPLIES);
        let past = past(store.as_ref()).await?;
        let workshop = Workshop::new(context, store, home, secrets, sender);
        Ok(Self { title, past, watch, workshop, replies, context: context.clone() })
    }

    /// Shows until `drained`, or until the person has enough.
    pub(super) async fn run(self, notices: Receiver<Notice>, drained: CancellationToken) -> Result<(), CliError> {
        let (met, counts) = (self.watch.met.clone(), Arc::clone(&self.watch.counts));
        let (ui, over) = (self.context.ui, drained.clone());
        let stops = Stops::new()?;
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new().name("view".to_owned());
        let thread = thread.spawn(move || {
            let _inside = runtime.enter();
            Loop::new(self, notices, drained, stops).and_then(Loop::run)
        });
        let thread = thread.map_err(CliError::internal)?;
        let ended = tokio::task::spawn_blocking(move || thread.join()).await.map_err(CliError::internal)?;
        // However it ended: there is nothing to look at any more.
        met.cancel();
        ended.map_err(|_| CliError::internal("the full-screen view broke"))??;
        over.cancelled().await;
        ui.talk(&render::listen::done(&counts));
        Ok(())
    }
}

/// The loop of the thread that has the terminal.
struct Loop {
    screen: Screen,
    model: Model,
    view: View,
    notices: Receiver<Notice>,
    drained: CancellationToken,
    stops: Stops,
    dirty: bool,
    over: bool,
}

impl Loop {
    fn new(
        mut view: View,
        notices: Receiver<Notice>,
        drained: CancellationToken,
        stops: Stops,
    ) -> Result<Self, CliError> {
        let screen = Screen::take().map_err(|why| fault(&why))?;
        let size = screen.size().map_err(|why| fault(&why))?;
        let model = Model::new(std::mem::take(&mut view.title), std::mem::take(&mut view.past), size);
        Ok(Self { screen, model, view, notices, drained, stops, dirty: true, over: false })
    }

    fn run(mut self) -> Result<(), CliError> {
        let mut drawn: Option<Instant> = None;
        while !self.over && !self.drained.is_cancelled() {
            if Screen::broke() {
                return Err(CliError::internal("a part of whk broke; the message is above"));
            }
            let since = drawn.map_or(FRAME, |drawn| self.elapsed(drawn));
            if self.dirty && since >= FRAME {
                self.model.settle();
                self.screen.show(&self.model).map_err(|why| fault(&why))?;
                drawn = Some(self.view.context.clock.instant());
                self.dirty = false;
            }
            let left = drawn.map_or(FRAME, |drawn| FRAME.saturating_sub(self.elapsed(drawn)));
            // What happens in the relay wakes nobody here; a look at it once a picture is soon enough.
            self.inputs(if self.dirty { left } else { FRAME })?;
            self.happenings();
            self.answers()?;
            self.signals()?;
            self.view.watch.check();
        }
        Ok(())
    }

    fn elapsed(&self, since: Instant) -> Duration {
        self.view.context.clock.instant().duration_since(since)
    }

    fn inputs(&mut self, wait: Duration) -> Result<(), CliError> {
        let mut wait = wait;
        for _ in 0..MOST_INPUTS {
            if self.over || !event::poll(wait).map_err(|why| fault(&why))? {
                return Ok(());
            }
            wait = Duration::ZERO;
            let event = event::read().map_err(|why| fault(&why))?;
            self.dirty = true;
            self.model.settle();
            if let Some(deed) = self.model.input(&event) {
                self.act(deed)?;
            }
        }
        Ok(())
    }

    fn happenings(&mut self) {
        for _ in 0..MOST_NOTICES {
            match self.notices.try_recv() {
                Ok(notice) => {
                    self.view.watch.note(&notice);
                    self.model.notice(&notice);
                }
                Err(TryRecvError::Lagged(missed)) => self.model.missed += missed,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
            self.dirty = true;
        }
    }

    fn answers(&mut self) -> Result<(), CliError> {
        while let Ok(reply) = self.view.replies.try_recv() {
            self.dirty = true;
            match reply {
                Reply::Text(deed, lines) => self.model.fill(&deed, lines),
                Reply::Attempt(attempt) => {
                    self.model.attempted(&attempt);
                    let status = attempt.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                    self.model.message = Some(format!("replayed {}: {status} from {}", attempt.event, attempt.url));
                    self.refresh(attempt.event);
                }
                Reply::Body(id, body) => self.edit(id, &body)?,
                Reply::Copy(text) => {
                    let done = Screen::copy(&text);
                    self.model.message = Some(done.map_or_else(|why| why, |()| "copied as a curl command".to_owned()));
                }
                Reply::Said(word) => self.model.message = Some(word),
            }
        }
        Ok(())
    }

    fn act(&mut self, deed: Deed) -> Result<(), CliError> {
        match deed {
            Deed::Quit => self.over = true,
            Deed::Interrupt => {
                self.over |= !stopping::interrupt();
                self.model.message = Some("ending: what is under way gets its time; ^C again does not wait".to_owned());
            }
            Deed::Suspend => self.suspend()?,
            Deed::Redraw => self.screen.retake().map_err(|why| fault(&why))?,
            Deed::Open => self.open(),
            deed => self.start(deed, None),
        }
        Ok(())
    }

    fn start(&mut self, deed: Deed, body: Option<Bytes>) {
        if let Err(why) = self.view.workshop.start(deed, body) {
            self.model.message = Some(why);
        }
    }

    /// The detail shows the new attempt too.
    fn refresh(&mut self, id: EventId) {
        let deed = Deed::Load(id);
        if self.model.pane.as_ref().is_some_and(|pane| pane.deed == deed) {
            self.start(deed, None);
        }
    }

    fn edit(&mut self, id: EventId, body: &Bytes) -> Result<(), CliError> {
        let context = &self.view.context;
        let edited = self.screen.aside(|| payload::edited(context, body)).map_err(|why| fault(&why))?;
        self.model.size = self.screen.size().map_err(|why| fault(&why))?;
        match edited {
            Ok(edited) if edited == *body => {
                self.model.message = Some("nothing was changed, so nothing is sent".to_owned());
            }
            Ok(edited) => {
                self.model.message = Some(format!("replaying {id} as edited"));
                self.start(Deed::Replay(id), Some(Bytes::from(edited)));
            }
            Err(why) => self.model.message = Some(why.message),
        }
        Ok(())
    }

    fn open(&mut self) {
        self.model.message = Some(match browser::open(&self.view.context, &self.model.title.inspector) {
            Ok(()) => "opening the inspector".to_owned(),
            Err(why) => why,
        });
    }

    fn signals(&mut self) -> Result<(), CliError> {
        if self.stops.take_stop() {
            self.suspend()?;
        }
        if self.stops.take_continue() {
            // Somebody stopped us the hard way, and the shell had the terminal meanwhile.
            self.screen.retake().map_err(|why| fault(&why))?;
            self.model.size = self.screen.size().map_err(|why| fault(&why))?;
            self.dirty = true;
        }
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), CliError> {
        let stopped = self.screen.aside(|| self.stops.stop()).map_err(|why| fault(&why))?;
        self.model.size = self.screen.size().map_err(|why| fault(&why))?;
        self.dirty = true;
        if !stopped {
            self.model.message = Some("there is no shell to go back to".to_owned());
        }
        Ok(())
    }
}

fn fault(why: &io::Error) -> CliError {
    CliError::unreachable(format!("the terminal cannot be used: {why}")).kind("terminal")
}
