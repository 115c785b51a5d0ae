//! A terminal of tmux, which says what stands on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::whk::Whk;

/// How long anything may take to show.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the screen is looked at: tmux tells nobody when it changes.
const LOOK: Duration = Duration::from_millis(50);

/// A terminal of 130 by 30 with a shell in it; ended when dropped.
pub(crate) struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    /// In the working directory of this home.
    pub(crate) fn new(whk: &Whk) -> Self {
        std::fs::create_dir_all(whk.folder()).unwrap();
        let terminal = Self { socket: whk.folder().join("tmux") };
        let home = format!("WHK_HOME={}", whk.home().display());
        let rc = whk.put("rc", "PS1='ready> '\n");
        let (rc, folder) = (rc.display().to_string(), whk.folder().display().to_string());
        let shell = format!("exec bash --noprofile --rcfile '{rc}' -i");
        let variables = ["-e", &home, "-c", &folder];
        let size = ["-f", "/dev/null", "new-session", "-d", "-x", "130", "-y", "30"];
        terminal.tmux(&[&size[..], &variables, &[shell.as_str()]].concat());
        terminal.tmux(&["set", "-g", "set-clipboard", "on"]);
        terminal.until("ready>");
        terminal
    }

    /// Says this to tmux.
    pub(crate) fn tmux(&self, words: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command
            .arg("-S")
            .arg(&self.socket)
            .args(words)
            .stdin(Stdio::null())
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8");
        let out = command.output().expect("tmux is there: ./test installs it");
        assert!(out.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// Presses these keys, by the names that tmux has for them.
    pub(crate) fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// What stands on it.
    pub(crate) fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until this stands on the screen.
    pub(crate) fn until(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until this stands on the screen no more.
    pub(crate) fn gone(&self, text: &str) -> String {
        self.wait(text, |screen| !screen.contains(text))
    }

    fn wait(&self, what: &str, mut found: impl FnMut(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if found(&screen) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "{what:?}\n{screen}");
            thread::sleep(LOOK);
        }
    }
}

impl Terminal {
    /// Types a line. What stands on the screen goes first: nobody must take it for what the line does.
    pub(crate) fn line(&self, text: &str) {
        self.keys(&["-R"]);
        self.tmux(&["send-keys", "-l", text]);
        self.keys(&["Enter"]);
    }

    /// Presses ^C until this stands on the screen: a program that is just about to listen may miss one.
    pub(crate) fn interrupt_until(&self, text: &str) -> String {
        let mut pressed = None::<Instant>;
        self.wait(text, |screen| {
            let found = screen.contains(text);
            if !found && pressed.is_none_or(|at| at.elapsed() > PATIENCE / 10) {
                self.keys(&["C-c"]);
                pressed = Some(Instant::now());
            }
            found
        })
    }

    /// What the terminal is set to, as `stty` says it; the shell must be waiting.
    pub(crate) fn settings(&self, whk_folder: &Path) -> String {
        let path = whk_folder.join("stty");
        drop(std::fs::remove_file(&path));
        self.line("clear; stty -a > stty.new; mv stty.new stty");
        let began = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(&path) {
                return text;
            }
            assert!(began.elapsed() < PATIENCE, "{}", self.screen());
            thread::sleep(LOOK);
        }
    }

    /// Whether it is as a shell needs it: the cursor seen, no other screen, no mouse.
    pub(crate) fn is_plain(&self) -> bool {
        let flags = "#{cursor_flag} #{alternate_on} #{mouse_any_flag}";
        self.tmux(&["display-message", "-p", flags]).trim() == "1 0 0"
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output());
    }
}
