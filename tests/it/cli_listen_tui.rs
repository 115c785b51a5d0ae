//! `whk listen --tui` in a terminal: tmux has one, and says what stands on it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::app::App;
use crate::support::whk::Whk;
use crate::support::wire;

/// How long anything may take to show.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the screen is looked at: tmux tells nobody when it changes.
const LOOK: Duration = Duration::from_millis(50);

/// A terminal of 130 by 30 with a shell in it; ended when dropped.
struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    fn new(whk: &Whk) -> Self {
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

    fn tmux(&self, words: &[&str]) -> String {
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

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until this stands on the screen.
    fn until(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    fn gone(&self, text: &str) -> String {
        self.wait(text, |screen| !screen.contains(text))
    }

    fn wait(&self, what: &str, found: impl Fn(&str) -> bool) -> String {
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

    /// Starts the view, and gives back the address of its inbox.
    fn listen(&self, words: &str) -> std::net::SocketAddr {
        self.keys(&[&format!("{} listen --port 0 --tui {words}", env!("CARGO_BIN_EXE_whk")), "Enter"]);
        let screen = self.until("nothing has come yet");
        let url = screen.split("whk http://").nth(1).expect("a URL");
        url.split('/').next().unwrap().parse().expect("an address")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output());
    }
}

fn post(address: std::net::SocketAddr, body: &str) {
    wire::exchange(address, &wire::request("POST", "/in/default", &[], body.as_bytes())).unwrap();
}

#[test]
fn an_event_is_looked_at_replayed_edited_and_copied() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let terminal = Terminal::new(&whk);
    let editor = whk.put("editor", "#!/bin/sh\nsed -i s/41/42/ \"$1\"\n");
    terminal.keys(&[&format!("export EDITOR='sh {}'", editor.display()), "Enter"]);
    let address = terminal.listen(&format!("--forward {}", app.target()));
    post(address, "{\"type\":\"order.created\",\"n\":41,\"x\":\"\u{6ce8}\u{6587}\\u001b[2J\"}");
    terminal.until("order.created");
    terminal.until("[200]");
    terminal.keys(&["d"]);
    terminal.until("\"n\": 41");
    terminal.keys(&["r"]);
    terminal.until("replayed msg_");
    assert_eq!(app.requests(2)[1].body, app.requests(2)[0].body);
    terminal.keys(&["e"]);
    let edited = String::from_utf8_lossy(&app.requests(3)[2].body).into_owned();
    assert!(edited.contains("\"n\":42"), "{edited}");
    terminal.until("3 taken");
    terminal.keys(&["c"]);
    terminal.until("copied as a curl command");
    assert!(terminal.tmux(&["show-buffer"]).contains("curl"), "the terminal has it");
    terminal.keys(&["q"]);
    let after = terminal.until("> Done: 1 received");
    assert!(after.contains("ready>") && !after.contains("j/k move"), "{after}");
}

#[test]
fn the_terminal_is_given_back_to_the_shell_whatever_ends_it() {
    let whk = Whk::new();
    let terminal = Terminal::new(&whk);
    terminal.keys(&["stty -a > before", "Enter"]);
    for (end, code) in [("C-c", "130"), ("TERM", "143")] {
        terminal.listen("");
        if end == "TERM" {
            let pid = std::fs::read_dir(whk.home().join("run")).unwrap().next().unwrap().unwrap().path();
            let pid = pid.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(Command::new("kill").arg(pid).status().unwrap().success());
        } else {
            terminal.keys(&[end]);
        }
        terminal.until("> Done: 0 received");
        terminal.keys(&["echo code $?", "Enter"]);
        terminal.until(&format!("code {code}"));
        terminal.keys(&["stty -a > after; clear", "Enter"]);
        terminal.gone("code");
        let state = |name: &str| std::fs::read_to_string(whk.folder().join(name)).unwrap();
        assert_eq!(state("before"), state("after"));
    }
    terminal.listen("");
    for _ in 0..2 {
        terminal.keys(&["C-z"]);
        terminal.until("Stopped");
        terminal.keys(&["clear; stty -a > after; fg", "Enter"]);
        terminal.until("nothing has come yet");
        assert!(std::fs::read_to_string(whk.folder().join("after")).unwrap().contains(" icanon"));
    }
    terminal.keys(&["q"]);
    terminal.until("> Done: 0 received");
}

#[test]
fn without_a_terminal_it_says_so_and_how_to_do_without() {
    let whk = Whk::new();
    whk.run(["listen", "--tui", "--port", "0"]).exits(2).err_has("--tui needs a terminal: stdout is none").check();
    whk.run(["listen", "--tui", "--output", "json"]).exits(2).err_has("no_terminal").check();
    whk.run(["listen", "--tui", "--exec", "true"]).exits(2).err_has("--exec").check();
}
