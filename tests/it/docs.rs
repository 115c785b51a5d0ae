//! Papers and program agree: generated files are up to date, and what the guides tell people to type can be read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use whk::cli;
use whk::cli::completions::{ShellArg, script};
use whk::cli::error::Exit;

/// The guides, whose command lines must be readable.
const GUIDES: [&str; 22] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/add-a-platform.md",
    "docs/add-a-provider.md",
    "docs/challenges.md",
    "docs/check.md",
    "docs/custom-schemes.md",
    "docs/inspector.md",
    "docs/listen.md",
    "docs/ndjson.md",
    "docs/recordings.md",
    "docs/redis.md",
    "docs/register.md",
    "docs/relay.md",
    "docs/scaling.md",
    "docs/schemes-format.md",
    "docs/schemes.md",
    "docs/settings.md",
    "docs/team.md",
    "docs/tunnel.md",
    "docs/verify.md",
];

#[test]
fn the_command_reference_is_up_to_date() {
    generated("docs/cli.md", cli_page().as_bytes());
}

#[test]
fn the_table_of_exit_codes_is_up_to_date() {
    let mut page = written("Exit codes") + "| code | what it means |\n| --- | --- |\n";
    for (exit, meaning) in Exit::TABLE {
        writeln!(page, "| {} | {meaning} |", exit.code()).unwrap();
    }
    page.push_str("\n`whk listen --exec CMD` and `whk register --exec CMD` end with the code of CMD. A closed pipe is no error.\n");
    generated("docs/exit-codes.md", page.as_bytes());
}

#[test]
fn the_description_of_the_relays_api_is_up_to_date() {
    let document = serde_json::to_string_pretty(&whk::relay::http::openapi()).unwrap() + "\n";
    generated("docs/openapi.json", document.as_bytes());
}

#[test]
fn the_completions_are_up_to_date() {
    for shell in ShellArg::value_variants() {
        generated(&format!("completions/{}", shell.file()), &script(*shell));
    }
}

#[test]
fn every_command_line_in_the_guides_can_be_read() {
    for guide in GUIDES {
        let text = read(guide);
        for line in commands(&text) {
            for words in invocations(&line) {
                if let Err(why) = cli::command().try_get_matches_from(&words)
                    && why.use_stderr()
                {
                    panic!("{guide}: {line}\n{why}");
                }
            }
        }
    }
}

#[test]
fn the_readme_shows_every_command() {
    let lines = commands(&read("README.md"));
    let shown: Vec<_> = lines.iter().flat_map(|line| invocations(line)).collect();
    for sub in cli::command().get_subcommands() {
        let name = sub.get_name();
        assert!(shown.iter().any(|words| words.iter().any(|word| word == name)), "README.md has no example of {name}");
    }
}

#[test]
fn the_readme_opens_with_the_two_commands() {
    let lines = commands(&read("README.md"));
    assert_eq!(lines.first().unwrap(), "cargo run --release -- listen --forward localhost:3000");
    assert_eq!(lines.get(1).unwrap(), "./test");
}

#[test]
fn every_link_between_papers_leads_somewhere() {
    for guide in GUIDES.into_iter().chain(["ARCHITECTURE.md", "CHANGELOG.md"]) {
        let text = read(guide);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            let path = root().join(guide).parent().unwrap().join(link);
            assert!(path.exists(), "{guide}: {link} is not there");
        }
    }
}

#[test]
fn command_lines_are_taken_apart_as_a_shell_does() {
    let line = "S=1 whk send a.b --set 'x=\"y z\"' | whk verify -H \"K: v\" > out.txt # why";
    let wanted = [vec!["whk", "send", "a.b", "--set", "x=\"y z\""], vec!["whk", "verify", "-H", "K: v"]];
    assert_eq!(invocations(line), wanted);
    assert_eq!(invocations("cargo run --release -- listen --once"), [["whk", "listen", "--once"]]);
    let text = "```sh\nwhk send \\\n  a.b\n```\n```toml\nwhk = 1\n```\n```console\n$ whk x\nout\n```\n";
    assert_eq!(commands(text), ["whk send   a.b", "whk x"]);
}

/// The reference: what `--help` prints for each command. What all commands share stands under `whk` alone.
fn cli_page() -> String {
    let mut page = written("Commands");
    section(&mut page, cli::command(), &["whk"]);
    let share = |arg: clap::Arg| if arg.is_global_set() { arg.hide(true) } else { arg };
    for sub in cli::whole().get_subcommands() {
        section(&mut page, cli::command().mut_args(share), &["whk", sub.get_name()]);
        for below in sub.get_subcommands() {
            section(&mut page, cli::command().mut_args(share), &["whk", sub.get_name(), below.get_name()]);
        }
    }
    page
}

fn section(page: &mut String, whole: clap::Command, words: &[&str]) {
    let asked = whole.term_width(100).try_get_matches_from(words.iter().chain(&["--help"]));
    let help = asked.unwrap_err().render().to_string();
    let lines: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
    let level = "#".repeat(words.len().max(2));
    write!(page, "{level} {}\n\n```text\n{}\n```\n\n", words.join(" "), lines.join("\n")).unwrap();
}

/// The title of a page that nobody writes by hand.
pub(crate) fn written(title: &str) -> String {
    format!(
        "# {title}\n\n<!-- Written by `WHK_WRITE_DOCS=1 cargo test docs`: change the program, not this page. -->\n\n"
    )
}

/// Compares a file with what the program says; writes it when asked to.
pub(crate) fn generated(path: &str, wanted: &[u8]) {
    let place = root().join(path);
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    if std::env::var_os("WHK_WRITE_DOCS").is_some() {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, wanted).unwrap();
    }
    let found = fs::read(&place).unwrap_or_default();
    assert!(found == wanted, "{path} is not up to date: renew it with WHK_WRITE_DOCS=1 cargo test docs");
}

/// The command lines in a page's `sh` and `console` blocks, continued lines joined. In a `console` block only the
/// lines after a `$` are commands.
fn commands(page: &str) -> Vec<String> {
    let (mut found, mut block) = (Vec::new(), "");
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = if block.is_empty() { Some(language).filter(|l| !l.is_empty()).unwrap_or("text") } else { "" };
            continue;
        }
        let command = match block {
            "sh" => Some(line),
            "console" => line.strip_prefix("$ "),
            _ => None,
        };
        let Some(command) = command.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) else {
            continue;
        };
        let mut whole = command.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            whole.push_str(lines.next().unwrap_or_default());
        }
        found.push(whole);
    }
    found
}

/// The arguments of each `whk` in a command line.
fn invocations(line: &str) -> Vec<Vec<String>> {
    let parts = words(line).split(|word| matches!(word.as_str(), "|" | "&" | "&&" | ";")).map(<[_]>::to_vec).collect();
    let parts: Vec<Vec<String>> = parts;
    parts.into_iter().filter_map(|words| whk(&words)).collect()
}

/// The words from `whk` on, or from the `--` of `cargo run`; up to a redirection.
fn whk(words: &[String]) -> Option<Vec<String>> {
    let is_setting = |word: &&String| word.split_once('=').is_some_and(|(name, _)| name.chars().all(is_variable));
    let words: Vec<_> = words.iter().skip_while(is_setting).take_while(|word| !word.starts_with(['>', '<'])).collect();
    let own = match words.as_slice() {
        [first, rest @ ..] if *first == "whk" => rest,
        [cargo, run, ..] if *cargo == "cargo" && *run == "run" => words.split(|word| *word == "--").nth(1)?,
        _ => return None,
    };
    Some(std::iter::once("whk".to_owned()).chain(own.iter().map(|word| (*word).clone())).collect())
}

fn is_variable(c: char) -> bool {
    c.is_ascii_uppercase() || c == '_'
}

/// A line's words, quotes taken off; a comment is left out.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
