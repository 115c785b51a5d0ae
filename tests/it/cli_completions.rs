//! What a shell may complete, asked as the shells' scripts ask.

use serde_json::json;

use crate::support::whk::Whk;

#[test]
fn a_shell_is_told_what_only_whk_knows() {
    let whk = Whk::new();
    let asked = |words: &[&str]| {
        let words = ["--", "whk"].iter().chain(words).copied().collect::<Vec<_>>();
        whk.run(words).env("WHK_COMPLETE", "fish")
    };
    asked(&["replay", ""]).out_lacks("msg_").check();
    assert!(!whk.home().exists(), "a question makes nothing");
    let listener = whk.listen([] as [&str; 0]);
    listener.emit("odd", &json!({}));
    let id = listener.event()["id"].as_str().unwrap().to_owned();
    let offered = format!("{id}\todd");
    for words in [&["replay", ""][..], &["events", "show", "msg_"], &["diff", &id, ""], &["verify", "--id", ""]] {
        asked(words).out_has(&offered).check();
    }
    asked(&["send", "order.cr"]).out_has("order.created\tOrder created").out_lacks("order.paid").check();
    asked(&["expect", "order.cr"]).out_has("order.created").check();
    asked(&["events", "list", "--type", "order.cr"]).out_has("order.created").check();
    asked(&["verify", "--scheme", "standard-"]).out_has("standard-webhooks").check();
    asked(&["secret", "show", "--app", ""]).out_has("default").check();
    asked(&["ex"]).out_has("export\t").out_has("expect\t").out_lacks("replay").check();
}

#[test]
fn every_shell_has_a_script_that_asks() {
    let whk = Whk::new();
    for (shell, mark) in [
        ("bash", "complete -o"),
        ("zsh", "#compdef whk"),
        ("fish", "complete --"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        whk.run(["completions", shell]).out_has(mark).out_has("WHK_COMPLETE").check();
    }
}
