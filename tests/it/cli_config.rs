//! Settings in layers, and what holds for every command: streams, errors, colour, help, pipes.

use serde_json::Value;

use crate::support::app::App;
use crate::support::process::Ended;
use crate::support::whk::{Run, Whk};

const ESCAPE: &str = "\x1b[";

fn setting(ended: &Ended, name: &str) -> (Value, String) {
    let line = ended.lines("setting").into_iter().find(|line| line["name"] == name).expect("a setting");
    (line["value"].clone(), line["origin"].as_str().unwrap_or_default().to_owned())
}

fn show(whk: &Whk, more: &[&str]) -> Run {
    whk.run(["config", "show", "--output", "json"].iter().chain(more))
}

#[test]
fn a_flag_beats_the_environment_beats_the_project_beats_the_user() {
    let whk = Whk::new();
    let told = |run: Run| setting(&run.check(), "store");
    let (value, origin) = told(show(&whk, &[]));
    assert!(value.as_str().unwrap().contains("whk.db") && origin.contains("default"), "{value} {origin}");
    let (user, own) = (whk.home().with_file_name(".config"), "whk/config.toml");
    std::fs::create_dir_all(user.join("whk")).unwrap();
    std::fs::write(user.join(own), "store = \"sqlite:user.db\"\n").unwrap();
    assert_eq!(told(show(&whk, &[])).0, "sqlite:user.db");
    whk.put("whk.toml", "store = \"sqlite:project.db\"\n[profile.ci]\nstore = \"sqlite:ci.db\"\n");
    let (value, origin) = told(show(&whk, &[]));
    assert!(value == "sqlite:project.db" && origin.contains("whk.toml"), "{value} {origin}");
    assert_eq!(told(show(&whk, &["--profile", "ci"])).0, "sqlite:ci.db");
    assert_eq!(told(show(&whk, &[]).env("WHK_PROFILE", "ci")).0, "sqlite:ci.db");
    let deep = whk.put("a/b/c/file", "").parent().unwrap().to_owned();
    assert_eq!(told(show(&whk, &[]).within(deep)).0, "sqlite:project.db");
    let (value, origin) = told(show(&whk, &[]).env("WHK_STORE", "memory:"));
    assert!(value == "memory:" && origin.contains("WHK_STORE"), "{value} {origin}");
    let (value, origin) = told(show(&whk, &["--store", "sqlite:flag.db"]).env("WHK_STORE", "memory:"));
    assert!(value == "sqlite:flag.db" && origin.contains("flag"), "{value} {origin}");
}

#[test]
fn a_setting_is_used_by_the_command_it_is_for() {
    let (whk, app) = (Whk::new(), App::answering(200));
    whk.put("whk.toml", format!("forward = [\"{}/set\"]\nport = 0\noutput = \"json\"\n", app.target()));
    let listener = crate::support::whk::Listener::start(whk.command(["listen", "--once"]));
    listener.post("{}");
    assert_eq!(app.request().target(), "/set");
    listener.ended();
}

#[test]
fn a_wrong_setting_is_named_with_its_file_and_the_nearest_name() {
    let whk = Whk::new();
    for (text, words) in [
        ("stroe = \"memory:\"\n", ["stroe", "\"store\""]),
        ("store = \n", ["whk.toml", "TOML"]),
        ("port = \"high\"\n", ["port", "a number"]),
        ("forward = 3000\n", ["forward", "a list of texts"]),
        ("color = \"often\"\n", ["color", "often"]),
        ("[profile.ci]\nstroe = \"memory:\"\n", ["stroe", "\"store\""]),
    ] {
        whk.put("whk.toml", text);
        let words = words.into_iter().fold(whk.run(["config", "show"]).exits(2), Run::err_has);
        words.err_has("whk").check();
    }
    whk.put("whk.toml", "");
    whk.run(["config", "show", "--profile", "ci"]).exits(2).err_has("[profile.ci]").check();
    whk.run(["config", "show"]).env("WHK_PORT", "http").exits(2).err_has("WHK_PORT").check();
    whk.run(["listen"]).env("WHK_TIMEOUT", "soon").env("WHK_PORT", "0").exits(2).err_has("WHK_TIMEOUT").check();
}

#[test]
fn a_usage_error_is_a_line_of_json_when_json_is_asked_for_in_any_way() {
    let whk = Whk::new();
    for words in [&["verify", "--output", "json", "--no-such-flag"][..], &["--output=json", "lisen"]] {
        let (kind, message) = whk.run(words).exits(2).talks().check().error();
        assert!(kind == "usage" && message.contains(words.last().unwrap()) && message.contains("--help"), "{message}");
    }
    let set = whk.run(["listen", "--no-such-flag"]).env("WHK_OUTPUT", "json").exits(2).talks().check();
    assert!(set.error().1.contains("--no-such-flag"));
    let broken = whk.run(["config", "show"]).env("WHK_OUTPUT", "json").env("WHK_PORT", "x").exits(2).talks().check();
    assert!(broken.error().1.contains("WHK_PORT"));
}

#[test]
fn a_usage_error_names_what_was_wrong_and_what_is_near() {
    let whk = Whk::new();
    whk.run(["lisen"]).exits(2).err_has("lisen").err_has("listen").check();
    whk.run(["listen", "--forwrad", "3000"]).exits(2).err_has("--forwrad").err_has("--forward").check();
    whk.run(["listen", "--port", "99999"]).exits(2).err_has("--port").err_has("65535").check();
    whk.run(["listen", "--forward", "ftp://x", "--port", "0"]).exits(2).err_has("--forward").err_has("ftp://x").check();
    whk.run(["listen", "--route", "nonsense"]).exits(2).err_has("--route").check();
    whk.run(["listen", "--retry", "often", "--port", "0"]).exits(2).err_has("often").err_has("1s,5s,30s").check();
    whk.run(["listen", "--once", "--count", "2"]).exits(2).err_has("--count").check();
    whk.run(["listen", "--respond", "99"]).exits(2).err_has("--respond").check();
    whk.run(["listen", "--host", "256.1.1.1", "--port", "0"]).exits(3).err_has("256.1.1.1").check();
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let whk = Whk::new();
    let run = || whk.run(["verify", "--secret", "s", "--scheme", "github", "--body", "{}"]).exits(1).out_has("invalid");
    run().out_lacks(ESCAPE).check();
    run().env("NO_COLOR", "1").out_lacks(ESCAPE).check();
    run().env("CLICOLOR_FORCE", "1").out_has(ESCAPE).check();
    run().env("WHK_COLOR", "always").out_has(ESCAPE).check();
    let flag =
        |when: &str| whk.run(["verify", "--secret", "s", "--scheme", "github", "--body", "", "--color", when]).exits(1);
    flag("always").env("NO_COLOR", "1").out_has(ESCAPE).check();
    flag("never").env("CLICOLOR_FORCE", "1").out_has("invalid").out_lacks(ESCAPE).check();
    whk.run(["schemes", "list", "--output", "json"]).env("CLICOLOR_FORCE", "1").out_lacks(ESCAPE).check();
    whk.run(["lisen"]).env("CLICOLOR_FORCE", "1").exits(2).err_has(ESCAPE).check();
    whk.run(["listen", "--help"]).out_has("--forward").out_lacks(ESCAPE).check();
}

#[test]
fn json_is_pure_whatever_the_command() {
    let whk = Whk::new();
    for words in [
        &["schemes", "list"][..],
        &["schemes", "show", "stripe"],
        &["config", "show"],
        &["secret", "new"],
        &["events", "types"],
    ] {
        let ended = whk.run(words.iter().chain(&["--output", "json"])).check();
        assert!(!ended.records().is_empty(), "{ended}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let whk = Whk::new();
    whk.run(["--version"]).out_is(concat!("whk ", env!("CARGO_PKG_VERSION"), "\n")).check();
    for command in
        ["listen", "send", "verify", "sign", "replay", "events", "secret", "schemes", "config", "completions", "man"]
    {
        let example = format!("whk {command}");
        whk.run([command, "--help"]).out_has("Examples:").out_has(example).check();
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let whk = Whk::new();
    for words in [
        &["--help"][..],
        &["schemes", "list"],
        &["events", "types", "--output", "json"],
        &["completions", "bash"],
        &["man"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = whk.command(words).stdout(writer).output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(0), ""),
            "{words:?}"
        );
    }
}
