//! `whk listen --tui` in a terminal: tmux has one, and says what stands on it.

use std::process::Command;

use crate::support::app::App;
use crate::support::terminal::Terminal;
use crate::support::whk::Whk;
use crate::support::wire;

/// Starts the view, and gives back the address of its inbox.
fn listen(terminal: &Terminal, words: &str) -> std::net::SocketAddr {
    terminal.keys(&[&format!("{} listen --port 0 --tui {words}", env!("CARGO_BIN_EXE_whk")), "Enter"]);
    let screen = terminal.until("nothing has come yet");
    let url = screen.split("whk http://").nth(1).expect("a URL");
    url.split('/').next().unwrap().parse().expect("an address")
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
    let address = listen(&terminal, &format!("--forward {}", app.target()));
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
fn what_is_searched_for_may_stand_in_a_body() {
    let whk = Whk::new();
    let terminal = Terminal::new(&whk);
    let address = listen(&terminal, "");
    for (kind, customer) in [("order.created", "Astrid"), ("invoice.paid", "Björn")] {
        post(address, &format!("{{\"type\":\"{kind}\",\"data\":{{\"customer\":\"{customer}\"}}}}"));
    }
    terminal.until("invoice.paid");
    terminal.keys(&["/", "b", "J", "ö", "R", "n", "Enter"]);
    terminal.gone("order.created");
    assert!(terminal.screen().contains("invoice.paid"));
    terminal.keys(&["/", "C-u", "a", "s", "t", "Enter"]);
    terminal.keys(&["q"]);
    terminal.until("> Done: 2 received");
}

#[test]
fn the_terminal_is_given_back_to_the_shell_whatever_ends_it() {
    let whk = Whk::new();
    let terminal = Terminal::new(&whk);
    terminal.keys(&["stty -a > before", "Enter"]);
    for (end, code) in [("C-c", "130"), ("TERM", "143")] {
        listen(&terminal, "");
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
    listen(&terminal, "");
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
