//! The terminal in full-screen mode: taken, given back whatever happens, and drawn to.

use std::io::{self, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use crate::cli::listen::tui::draw::draw;
use crate::cli::listen::tui::model::Model;

/// What a terminal takes for the clipboard; some take less, none takes much more.
const MOST_COPIED: usize = 74_994;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether something broke while it was ours.
static BROKE: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal in full-screen mode; dropping it gives the terminal back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |why| {
                // Whichever thread it is in: the message must be seen, on a screen that scrolls.
                BROKE.fetch_or(TAKEN.load(Ordering::Acquire), Ordering::AcqRel);
                give_back();
                usual(why);
            }));
        });
        let screen = Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))? };
        enter()?;
        Ok(screen)
    }

    /// Gives the terminal back, does something with it, and takes it again.
    pub(super) fn aside<T>(&mut self, what: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let result = what();
        enter()?;
        self.terminal.clear()?;
        Ok(result)
    }

    /// Takes the terminal again after somebody else had it.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        enter()?;
        self.terminal.clear()
    }

    /// How large it is.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what is known.
    pub(super) fn show(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| draw(frame, model)).map(drop)
    }

    /// Puts a text on the clipboard, through the terminal (OSC 52): it works over SSH too.
    pub(super) fn copy(text: &str) -> Result<(), String> {
        let coded = STANDARD.encode(text);
        if coded.len() > MOST_COPIED {
            return Err("too long for the terminal's clipboard: whk events show --as curl prints it".to_owned());
        }
        let mut out = io::stdout().lock();
        let wrote = out.write_all(format!("\x1b]52;c;{coded}\x07").as_bytes()).and_then(|()| out.flush());
        wrote.map_err(|why| why.to_string())
    }

    /// Whether the terminal is ours at the moment.
    pub(super) fn is_taken() -> bool {
        TAKEN.load(Ordering::Acquire)
    }

    /// Whether a panic gave the terminal back behind our back.
    pub(super) fn broke() -> bool {
        BROKE.load(Ordering::Acquire)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    // Somebody else may have changed the mode since; only what was undone is done again.
    disable_raw_mode()?;
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::Release);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, Hide)
}

/// Once is enough, and twice does no harm. Nothing can be done about a terminal that is gone.
fn give_back() {
    if TAKEN.swap(false, Ordering::AcqRel) {
        drop(execute!(io::stdout(), DisableMouseCapture, LeaveAlternateScreen, Show));
        drop(disable_raw_mode());
    }
}
