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
        HOOK.call_once(give_back_on_panic);
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

/// Whichever thread a panic is in: its message must be seen, on a screen that scrolls.
fn give_back_on_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |why| {
        BROKE.fetch_or(TAKEN.load(Ordering::Acquire), Ordering::AcqRel);
        give_back();
        usual(why);
    }));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_any_thread_gives_the_terminal_back() {
        HOOK.call_once(give_back_on_panic);
        TAKEN.store(true, Ordering::Release);
        let ended = std::thread::spawn(|| panic!("on purpose, in a test")).join();
        assert!(ended.is_err() && Screen::broke() && !Screen::is_taken());
    }

    /// Runs itself in a terminal of tmux, where the view is drawn and then something breaks.
    #[cfg(unix)]
    #[test]
    fn a_panic_on_a_live_screen_leaves_a_terminal_that_can_be_read_and_typed_in() {
        const INSIDE: &str = "inside-a-terminal";
        if std::env::args().any(|word| word == INSIDE) {
            break_on_a_live_screen();
        }
        let folder = tempfile::tempdir().unwrap();
        let tmux = |words: &[&str]| {
            let mut command = std::process::Command::new("tmux");
            command.arg("-S").arg(folder.path().join("tmux")).args(words).env("TERM", "xterm-256color");
            let out = command.output().expect("tmux is there: ./test installs it");
            assert!(out.status.success(), "tmux {words:?}: {out:?}");
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        let state = || tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]);
        let until = |what: &str, found: &dyn Fn() -> bool| {
            let began = std::time::Instant::now();
            while !found() {
                let screen = || tmux(&["capture-pane", "-p"]);
                assert!(began.elapsed() < std::time::Duration::from_secs(30), "{what}: {} {}", state(), screen());
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        };
        let name = "cli::listen::tui::screen::tests::\
                    a_panic_on_a_live_screen_leaves_a_terminal_that_can_be_read_and_typed_in";
        let program = std::env::current_exe().unwrap();
        let script = format!(
            "mkfifo go; stty -a > before; '{}' --exact {name} {INSIDE} --nocapture; echo code $?; stty -a > after; cat",
            program.display()
        );
        let place = folder.path().to_str().unwrap();
        let size = ["-f", "/dev/null", "new-session", "-d", "-x", "130", "-y", "40", "-c", place];
        tmux(&[&size[..], &[&format!("sh -c \"{script}\"").replace("$?", "\\$?")]].concat());
        until("the view is drawn", &|| state().trim() == "1 0 1" && tmux(&["capture-pane", "-p"]).contains("j/k move"));
        std::fs::write(folder.path().join("go"), "").unwrap();
        until("it ended", &|| tmux(&["capture-pane", "-p"]).contains("code 101"));
        let screen = tmux(&["capture-pane", "-p", "-S", "-100"]);
        assert!(
            screen.contains("on purpose, beside the screen") && screen.contains("on purpose, under it"),
            "{screen}"
        );
        assert_eq!(state().trim(), "0 1 0", "{screen}");
        let set = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        until("stty has spoken", &|| set("after").lines().count() == set("before").lines().count());
        assert_eq!(set("before"), set("after"));
        tmux(&["kill-server"]);
    }

    #[cfg(unix)]
    fn break_on_a_live_screen() {
        let mut screen = Screen::take().unwrap();
        let size = screen.size().unwrap();
        screen.show(&Model::new(crate::cli::listen::tui::model::Title::default(), Vec::new(), size)).unwrap();
        drop(std::fs::read("go"));
        let ended = std::thread::spawn(|| panic!("on purpose, beside the screen")).join();
        assert!(ended.is_err() && Screen::broke() && !Screen::is_taken());
        panic!("on purpose, under it");
    }

    #[test]
    fn what_is_too_long_for_a_clipboard_is_refused() {
        assert!(Screen::copy(&"x".repeat(100_000)).unwrap_err().contains("--as curl"));
    }
}
