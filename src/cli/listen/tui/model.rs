//! What the full-screen view knows, and how it changes; nothing here touches a terminal, a clock or a task.

use std::collections::{HashMap, VecDeque};

use memchr::memmem::Finder;
use ratatui::layout::Rect;

use crate::cli::listen::tui::row::{Judged, Row, State};
use crate::model::{Attempt, EventId};
use crate::relay::notice::{EMPTIED, Notice};

/// So many events are in the list at most; whk events list has them all.
pub const ROWS: usize = 10_000;
/// From this width on the detail stands beside the list.
const WIDE: u16 = 110;

/// What is written above the list.
#[derive(Clone, Debug, Default)]
pub struct Title {
    /// The inbox.
    pub url: String,
    /// Where events go.
    pub to: String,
    /// Where the inspector is.
    pub inspector: String,
    /// The secret that senders sign with, masked.
    pub secret: String,
    /// Where events are kept.
    pub store: String,
    /// Whether there is colour.
    pub colour: bool,
}

/// Which events are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those that the app did not take.
    Failed,
    /// Those whose signature is wrong.
    Invalid,
    /// Those under way.
    Waiting,
}

/// What the view wants to be done; it cannot do anything itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// End.
    Quit,
    /// End as ^C does.
    Interrupt,
    /// Give the terminal back until the shell says to go on.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Show the event in the pane.
    Load(EventId),
    /// Judge its signature again, and explain.
    Verdict(EventId),
    /// Compare two events.
    Diff(EventId, EventId),
    /// Send it again.
    Replay(EventId),
    /// Edit its body and send that.
    Edit(EventId),
    /// Copy it as a command for a shell.
    Copy(EventId),
    /// Open the inspector.
    Open,
}

/// What stands beside the list, or in its place.
#[derive(Clone, Debug)]
pub struct Pane {
    /// What is asked for; an answer to an earlier question is passed over.
    pub deed: Deed,
    /// The text, once it is there.
    pub lines: Option<Vec<String>>,
    /// How far it is scrolled.
    pub scroll: usize,
}

/// Where everything is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Areas {
    /// What this is, and how much has happened.
    pub head: Rect,
    /// The list; nothing if the pane has its place.
    pub list: Rect,
    /// The detail.
    pub pane: Rect,
    /// Messages and keys.
    pub foot: Rect,
}

/// What the view knows.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Model {
    /// What is written above the list.
    pub title: Title,
    /// Which events are listed.
    pub filter: Filter,
    /// And only those with this text.
    pub needle: String,
    /// Whether the text is being typed.
    pub typing: bool,
    /// Whether the list stands still.
    pub paused: bool,
    /// Whether the keys are explained.
    pub help: bool,
    /// Whether addresses and the store are shown.
    pub info: bool,
    /// The last message.
    pub message: Option<String>,
    /// What stands beside the list.
    pub pane: Option<Pane>,
    /// The event that another one is to be compared with.
    pub marked: Option<EventId>,
    /// How large the screen is.
    pub size: (u16, u16),
    /// How many events came, how many attempts were taken, how many were not.
    pub sums: (u64, u64, u64),
    /// How many lines came too fast to be shown.
    pub missed: u64,
    rows: VecDeque<Row>,
    /// The number of the oldest row; each row has the next one.
    first: u64,
    places: HashMap<EventId, u64>,
    /// The numbers of the rows that are listed, in their order.
    shown: VecDeque<u64>,
    selected: Option<u64>,
    /// Whether the selection goes along with the newest.
    pub follows: bool,
    top: usize,
    /// A row that is listed may have changed so that it is not wanted any more.
    stale: bool,
}

impl Model {
    /// With these events from before, the oldest first.
    #[must_use]
    pub fn new(title: Title, past: Vec<Row>, size: (u16, u16)) -> Self {
        let mut model = Self { title, size, follows: true, ..Self::default() };
        for row in past {
            model.push(row);
        }
        model.settle();
        model
    }

    /// Something happened in the relay.
    pub fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Received { event, label, deliveries } => {
                self.sums.0 += 1;
                self.push(Row::new(event, label, *deliveries));
            }
            Notice::Attempted { attempt } => self.attempted(attempt),
            Notice::Missed { count } => self.message = Some(format!("{count} earlier events are delivered first")),
            // Only a relay tells of those.
            Notice::Misfit { .. } | Notice::Elsewhere { .. } | Notice::Listener { .. } | Notice::Audited { .. } => {}
            Notice::Reconnecting { reason, wait } => {
                self.message = Some(format!("not connected: {reason}; again in {wait:?}"));
            }
            Notice::Connected => self.message = Some("connected again".to_owned()),
            Notice::Emptied { .. } => self.message = Some(EMPTIED.to_owned()),
            Notice::Trouble { message } => self.message = Some(format!("trouble: {message}")),
        }
    }

    /// An attempt came to an end.
    pub fn attempted(&mut self, attempt: &Attempt) {
        let sum = if attempt.succeeded() { &mut self.sums.1 } else { &mut self.sums.2 };
        *sum += 1;
        let Some(row) = self.places.get(&attempt.event).and_then(|number| self.index(*number)) else { return };
        if let Some(row) = self.rows.get_mut(row) {
            row.attempted(attempt);
            self.stale |= self.filter != Filter::All || !self.needle.is_empty();
        }
    }

    /// Puts everything in its place; to be called before drawing.
    pub fn settle(&mut self) {
        if self.stale && !self.paused {
            self.list_anew();
        }
        if self.follows {
            self.selected = self.shown.back().copied();
        }
        let height = usize::from(self.areas().list.height.saturating_sub(1)).max(1);
        let place = self.place().unwrap_or_default();
        self.top = self.top.min(place).max((place + 1).saturating_sub(height));
        self.top = self.top.min(self.shown.len().saturating_sub(height));
    }

    /// The row that is selected.
    #[must_use]
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.index(self.selected?)?)
    }

    /// The rows that fit the screen, and which of them is selected.
    #[must_use]
    pub fn visible(&self, height: usize) -> (Vec<&Row>, Option<usize>) {
        let numbers = self.shown.iter().skip(self.top).take(height);
        let rows = numbers.filter_map(|number| self.rows.get(self.index(*number)?)).collect();
        (rows, self.place().and_then(|place| place.checked_sub(self.top)))
    }

    /// How many rows are listed, and how many there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.shown.len(), self.rows.len())
    }

    /// Selects the row so many lines on, or as near as can be.
    pub fn go(&mut self, by: isize) {
        let Some(last) = self.shown.len().checked_sub(1) else { return };
        let place = self.place().unwrap_or(last).saturating_add_signed(by).min(last);
        self.select(place);
    }

    /// Selects the row at this line of the list as it is on the screen.
    pub fn pick(&mut self, line: usize) {
        if self.top + line < self.shown.len() {
            self.select(self.top + line);
        }
    }

    fn select(&mut self, place: usize) {
        self.selected = self.shown.get(place).copied();
        self.follows = place + 1 == self.shown.len();
    }

    /// Lists what is wanted now.
    pub fn list_anew(&mut self) {
        self.stale = false;
        let numbered = (self.first..).zip(&self.rows);
        let needle = self.needle.to_lowercase();
        let needle = Finder::new(&needle);
        self.shown = numbered.filter(|(_, row)| self.wants(row, &needle)).map(|(number, _)| number).collect();
        // Whoever was selected and is not listed any more gives way to its neighbour.
        let near = self.selected.map(|selected| self.shown.partition_point(|number| *number < selected));
        let near = near.and_then(|near| self.shown.get(near).or_else(|| self.shown.back()));
        self.selected = near.or_else(|| self.shown.back()).copied();
    }

    /// Whether an answer is to what is asked for now.
    pub fn fill(&mut self, deed: &Deed, lines: Vec<String>) {
        if let Some(pane) = self.pane.as_mut().filter(|pane| pane.deed == *deed) {
            pane.lines = Some(lines);
        }
    }

    /// Where everything is.
    #[must_use]
    pub fn areas(&self) -> Areas {
        let (width, height) = self.size;
        let head = Rect::new(0, 0, width, height.min(if self.info { 4 } else { 1 }));
        let foot_height = 2.min(height.saturating_sub(head.height));
        let foot = Rect::new(0, height.saturating_sub(foot_height), width, foot_height);
        let middle = Rect::new(0, head.height, width, height.saturating_sub(head.height + foot_height));
        let none = Rect::new(0, middle.y, 0, 0);
        let (list, pane) = match &self.pane {
            None => (middle, none),
            Some(_) if width < WIDE => (none, middle),
            Some(_) => {
                let half = width / 2;
                (Rect { width: half, ..middle }, Rect { x: half, width: width - half, ..middle })
            }
        };
        Areas { head, list, pane, foot }
    }

    fn push(&mut self, row: Row) {
        if self.rows.len() == ROWS {
            self.drop_oldest();
        }
        let number = self.first + self.rows.len() as u64;
        self.places.insert(row.id, number);
        if self.paused {
            self.stale = true;
        } else if self.wants(&row, &Finder::new(&self.needle.to_lowercase())) {
            self.shown.push_back(number);
        }
        self.rows.push_back(row);
    }

    fn drop_oldest(&mut self) {
        let Some(row) = self.rows.pop_front() else { return };
        self.places.remove(&row.id);
        if self.shown.front() == Some(&self.first) {
            self.shown.pop_front();
            self.top = self.top.saturating_sub(1);
        }
        if self.selected == Some(self.first) {
            self.selected = self.shown.front().copied();
        }
        self.first += 1;
    }

    fn wants(&self, row: &Row, needle: &Finder<'_>) -> bool {
        let fits = match self.filter {
            Filter::All => true,
            Filter::Failed => row.state.is_failed(),
            Filter::Invalid => row.judged == Judged::Invalid,
            Filter::Waiting => row.state == State::Waiting,
        };
        fits && (needle.needle().is_empty() || row.has(needle))
    }

    /// Where the selected row stands in the list.
    fn place(&self) -> Option<usize> {
        self.shown.binary_search(&self.selected?).ok()
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}

impl Filter {
    /// The next one, round and round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::All => Self::Failed,
            Self::Failed => Self::Invalid,
            Self::Invalid => Self::Waiting,
            Self::Waiting => Self::All,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::Waiting => "waiting",
        }
    }
}
