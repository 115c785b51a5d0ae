//! The house rules, checked: layers point down, pure code stays pure, files stay small.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed look at our own files is a failed test")]

use std::path::{Path, PathBuf};
use std::{fs, str};

/// Lower may not import higher, nor its own rank; `crate::x` is read as an import wherever it stands.
const RANKS: &[(&str, u8)] = &[
    ("model", 0),
    ("clock", 1),
    ("view", 1),
    ("sign", 1),
    ("policy", 1),
    ("catalog", 1),
    ("store", 2),
    ("net", 2),
    ("api", 3),
    ("platform", 3),
    ("relay", 4),
    ("config", 5),
    ("cli", 6),
];

/// Places that must not know about IO, tasks or time.
const PURE: &[&str] = &["src/model", "src/view", "src/sign", "src/policy", "src/catalog", "src/cli/render"];
const IMPURE_WORDS: &[&str] = &["async fn", "tokio::", "std::fs", "std::net::Tcp", "reqwest", "axum", ".now()"];
const UNSERIALIZED: &str = "src/model";

const MAX_LINES: usize = 400;

#[test]
fn imports_point_down() {
    for file in sources() {
        let Some(own) = layer(&file) else { continue };
        rank_of(&own);
        for (number, line) in code(&file).lines().enumerate() {
            let place = format!("{}:{}", file.display(), number + 1);
            assert!(
                !line.contains("crate::{") && !line.contains("super::super"),
                "{place}: write one full `crate::` path per `use`, so that this test can read it"
            );
            for path in line.split("crate::").skip(1) {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let name = path.split(|c| !word(c)).next().unwrap();
                let upward = name != own && rank_of(name) >= rank_of(&own);
                assert!(!upward, "{place}: {own} may not use {name}");
            }
        }
    }
}

#[test]
fn pure_code_does_no_io() {
    for file in
        sources().into_iter().filter(|f| PURE.iter().any(|p| f.starts_with(p) || f.with_extension("") == Path::new(p)))
    {
        let code = code(&file);
        for word in IMPURE_WORDS {
            assert!(!code.contains(word), "{}: `{word}` in pure code", file.display());
        }
    }
}

#[test]
fn the_nouns_have_no_wire_format() {
    for file in sources().into_iter().filter(|f| f.starts_with(UNSERIALIZED)) {
        assert!(!code(&file).contains("serde"), "{}: serde in the model", file.display());
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{}: no `//!` first line", file.display());
        let lines = code(&file).lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines", file.display());
    }
}

#[test]
fn the_code_knows_no_provider_by_name() {
    for scheme in ["schemes", "handshakes"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = scheme.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // The standard that whk signs by unless told otherwise is a default, not a provider.
        if name == "standard-webhooks" {
            continue;
        }
        for file in sources().iter().filter(|f| !f.starts_with("src/platform")) {
            let found = code(file).to_lowercase().contains(&format!("\"{name}\""));
            assert!(!found, "{}: knows the provider `{name}`", file.display());
        }
    }
}

/// The file without its `mod tests`.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned()
}

/// The folder or file under `src/` that a source belongs to; `None` for the two roots.
fn layer(file: &Path) -> Option<String> {
    let part = file.components().nth(1)?.as_os_str().to_str()?;
    let name = part.trim_end_matches(".rs");
    (name != "lib" && name != "main").then(|| name.to_owned())
}

fn rank_of(name: &str) -> u8 {
    let found = RANKS.iter().find(|(module, _)| *module == name);
    found.unwrap_or_else(|| panic!("give the module `{name}` a rank")).1
}

fn sources() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::from("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no sources under src/");
    found
}
