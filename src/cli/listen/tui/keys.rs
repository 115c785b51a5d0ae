//! What keys and the mouse mean.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::{Position, Rect};

use crate::cli::listen::tui::model::{Deed, Model, Pane};
use crate::model::EventId;

/// The keys, as the help shows them.
pub const HELP: [(&str, &str); 19] = [
    ("j k, arrows", "the next event, the one before"),
    ("g G", "the first, the newest (and go along with it)"),
    ("PgUp PgDn", "a page; in the detail, when it is open"),
    ("d, Enter", "the event in detail: request, verdict, attempts"),
    ("v", "judge the signature again, and say why it is wrong"),
    ("r", "replay: send it again, signed afresh"),
    ("e", "edit the body in $EDITOR, and send that"),
    ("c", "copy as a curl command"),
    ("m", "mark the event, for D"),
    ("D", "what differs from the marked event"),
    ("/", "search type, provider, status, id and the first KiB of the body"),
    ("f", "list all, failed, invalid, waiting"),
    ("space", "pause the list, go on"),
    ("i", "addresses, secret, store"),
    ("o", "open the inspector in a browser"),
    ("^L", "draw everything anew"),
    ("^Z", "give the terminal back for a while"),
    ("Esc", "close what is open"),
    ("q, ^C", "quit"),
];

/// How far a turn of the wheel goes.
const WHEEL: isize = 3;

impl Model {
    /// The terminal said something; gives back what is to be done.
    pub fn input(&mut self, event: &Event) -> Option<Deed> {
        match event {
            // Some terminals tell of the release too.
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Resize(width, height) => {
                self.size = (*width, *height);
                None
            }
            _ => None,
        }
    }

    fn key(&mut self, key: KeyEvent) -> Option<Deed> {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c') => Some(Deed::Interrupt),
                KeyCode::Char('z') => Some(Deed::Suspend),
                KeyCode::Char('l') => Some(Deed::Redraw),
                KeyCode::Char('d') => self.page(1),
                KeyCode::Char('u') => self.page(-1),
                _ => None,
            };
        }
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        if self.typing {
            self.typed(key.code);
            return None;
        }
        self.message = None;
        if self.help {
            self.help = false;
            return None;
        }
        match key.code {
            KeyCode::Char('q') => Some(Deed::Quit),
            KeyCode::Char('?') => {
                self.help = true;
                None
            }
            KeyCode::Char('j') | KeyCode::Down => self.moved(1),
            KeyCode::Char('k') | KeyCode::Up => self.moved(-1),
            KeyCode::Char('g') | KeyCode::Home => self.moved(isize::MIN),
            KeyCode::Char('G') | KeyCode::End => self.moved(isize::MAX),
            KeyCode::PageDown => self.page(1),
            KeyCode::PageUp => self.page(-1),
            KeyCode::Esc => self.close(),
            KeyCode::Enter | KeyCode::Char('d') => self.toggle(),
            KeyCode::Char(letter) => self.letter(letter),
            _ => None,
        }
    }

    fn letter(&mut self, letter: char) -> Option<Deed> {
        match letter {
            '/' => self.typing = true,
            'f' => {
                self.filter = self.filter.next();
                self.list_anew();
            }
            ' ' => {
                self.paused = !self.paused;
                self.list_anew();
            }
            'i' => self.info = !self.info,
            'o' => return Some(Deed::Open),
            'm' => {
                self.marked = self.selected().map(|row| row.id);
                self.message = self.marked.map(|id| format!("{id} is marked: D on another event shows what differs"));
            }
            'D' => return self.compare(),
            'v' => return self.ask(Deed::Verdict),
            'r' => return self.send(Deed::Replay, "replaying"),
            'e' => return self.selected().map(|row| Deed::Edit(row.id)),
            'c' => return self.selected().map(|row| Deed::Copy(row.id)),
            _ => {}
        }
        None
    }

    /// A letter of the text that is searched for.
    fn typed(&mut self, code: KeyCode) {
        match code {
            KeyCode::Esc => {
                self.needle.clear();
                self.typing = false;
            }
            KeyCode::Enter => self.typing = false,
            KeyCode::Backspace => drop(self.needle.pop()),
            KeyCode::Char(letter) if self.needle.len() < 200 => self.needle.push(letter),
            _ => {}
        }
        self.list_anew();
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Deed> {
        let areas = self.areas();
        let within = |area: Rect| area.contains(Position::new(mouse.column, mouse.row));
        match mouse.kind {
            MouseEventKind::ScrollDown if within(areas.pane) => self.scroll(WHEEL),
            MouseEventKind::ScrollUp if within(areas.pane) => self.scroll(-WHEEL),
            MouseEventKind::ScrollDown => return self.moved(WHEEL),
            MouseEventKind::ScrollUp => return self.moved(-WHEEL),
            // The first line has the names of the columns.
            MouseEventKind::Down(MouseButton::Left) if within(areas.list) && mouse.row > areas.list.y => {
                self.pick(usize::from(mouse.row - areas.list.y - 1));
                return self.reload();
            }
            _ => {}
        }
        None
    }

    fn moved(&mut self, by: isize) -> Option<Deed> {
        self.go(by);
        self.reload()
    }

    fn page(&mut self, pages: isize) -> Option<Deed> {
        let areas = self.areas();
        let height = if self.pane.is_some() { areas.pane.height } else { areas.list.height };
        let by = pages * isize::try_from(height.saturating_sub(2).max(1)).unwrap_or(1);
        if self.pane.is_some() {
            self.scroll(by);
            return None;
        }
        self.moved(by)
    }

    fn scroll(&mut self, by: isize) {
        if let Some(pane) = &mut self.pane {
            let last = pane.lines.as_ref().map_or(0, Vec::len).saturating_sub(1);
            pane.scroll = pane.scroll.saturating_add_signed(by).min(last);
        }
    }

    fn close(&mut self) -> Option<Deed> {
        if self.pane.take().is_none() {
            self.needle.clear();
            self.list_anew();
        }
        None
    }

    fn toggle(&mut self) -> Option<Deed> {
        if matches!(&self.pane, Some(Pane { deed: Deed::Load(_), .. })) {
            self.pane = None;
            return None;
        }
        self.ask(Deed::Load)
    }

    /// The detail goes along with the selection.
    fn reload(&mut self) -> Option<Deed> {
        let id = self.selected()?.id;
        match &self.pane {
            Some(Pane { deed: Deed::Load(shown), .. }) if *shown == id => None,
            Some(_) => self.ask(Deed::Load),
            None => None,
        }
    }

    fn ask(&mut self, deed: impl Fn(EventId) -> Deed) -> Option<Deed> {
        let deed = deed(self.selected()?.id);
        self.pane = Some(Pane { deed: deed.clone(), lines: None, scroll: 0 });
        Some(deed)
    }

    fn compare(&mut self) -> Option<Deed> {
        let Some(marked) = self.marked else {
            self.message = Some("mark an event with m first".to_owned());
            return None;
        };
        self.ask(|id| Deed::Diff(marked, id))
    }

    fn send(&mut self, deed: impl Fn(EventId) -> Deed, word: &str) -> Option<Deed> {
        let id = self.selected()?.id;
        self.message = Some(format!("{word} {id}"));
        Some(deed(id))
    }
}
