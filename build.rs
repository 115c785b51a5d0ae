//! Embeds the scheme files as they are written, with an index of what gives a scheme away, the catalogue, with an index
//! of its names, and the descriptions of platforms.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script its folder by the environment")]
#![expect(clippy::expect_used, clippy::panic, reason = "a scheme file that cannot be embedded stops the build")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A scheme as it is embedded.
struct Preset {
    name: String,
    /// Its name and aliases, small letters and digits only.
    keys: Vec<String>,
    title: String,
    text: String,
    /// Whether its provider asks something before it sends.
    challenges: bool,
}

/// A way to recognise a scheme: this header and all of the others, which may be `/members` of the body.
struct Clue {
    preset: usize,
    also: Vec<String>,
    rank: i64,
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=schemes");
    println!("cargo::rerun-if-changed=handshakes");
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=platforms");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names a folder"));
    let code = schemes(Path::new("schemes")) + &handshakes(Path::new("handshakes"));
    fs::write(out.join("schemes.rs"), code).expect("the folder can be written");
    fs::write(out.join("catalog.rs"), catalog(Path::new("catalog"))).expect("the folder can be written");
    fs::write(out.join("platforms.rs"), platforms(Path::new("platforms"))).expect("the folder can be written");
}

fn schemes(folder: &Path) -> String {
    let (mut presets, mut index) = (Vec::new(), BTreeMap::<String, Vec<Clue>>::new());
    for (place, path) in files(folder).iter().enumerate() {
        let text = fs::read_to_string(path).expect("a scheme file is UTF-8");
        let table = without_vectors(path, &text);
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a scheme has a name").to_owned();
        let keys = std::iter::once(&name).chain(&strings(&table, "aliases")).map(|name| plain(name)).collect();
        let rank = table.get("rank").and_then(toml::Value::as_integer).unwrap_or(0);
        for clue in strings(&table, "detect") {
            let lower = |part: &str| if part.starts_with('/') { part.to_owned() } else { part.to_ascii_lowercase() };
            let mut parts = clue.split('+').map(lower);
            let first = parts.next().expect("split gives one");
            index.entry(first).or_default().push(Clue { preset: place, also: parts.collect(), rank });
        }
        let title = table.get("title").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let text = shown(path, &text, &table);
        presets.push(Preset { name, keys, title, text, challenges: table.contains_key("challenge") });
    }
    written(&presets, &mut index)
}

/// The tables as Rust. The more headers a clue asks for the earlier it stands, then the higher rank.
fn written(presets: &[Preset], index: &mut BTreeMap<String, Vec<Clue>>) -> String {
    let mut code = format!("const COUNT: usize = {};\n", presets.len());
    code.push_str("static PRESETS: [Preset; COUNT] = [\n");
    for Preset { name, keys, title, text, .. } in presets {
        writeln!(code, "Preset {{ name: {name:?}, title: {title:?}, keys: &{keys:?}, text: {text:?} }},")
            .expect("memory");
    }
    code.push_str("];\nstatic CLUES: &[(&str, &[Clue])] = &[\n");
    for (header, clues) in index {
        clues.sort_by_key(|clue| (std::cmp::Reverse((clue.also.len(), clue.rank)), clue.preset));
        write!(code, "({header:?}, &[").expect("memory");
        for Clue { preset, also, .. } in clues {
            write!(code, "Clue {{ preset: {preset}, also: &{also:?} }}, ").expect("memory");
        }
        code.push_str("]),\n");
    }
    code.push_str("];\n");
    let asking = presets.iter().enumerate().filter(|(_, preset)| preset.challenges).map(|(place, _)| place);
    writeln!(code, "static CHALLENGING: &[usize] = &{:?};", asking.collect::<Vec<_>>()).expect("memory");
    code
}

/// The files of providers that ask something and sign nothing: names and texts.
fn handshakes(folder: &Path) -> String {
    let mut code = "pub(crate) static HANDSHAKES: &[(&str, &str)] = &[\n".to_owned();
    for path in files(folder) {
        let text = fs::read_to_string(&path).expect("a handshake file is UTF-8");
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a handshake has a name").to_owned();
        let text = shown(&path, &text, &without_vectors(&path, &text));
        writeln!(code, "({name:?}, {text:?}),").expect("memory");
    }
    code.push_str("];\n");
    code
}

/// Vectors are for tests; without them the program is smaller and starts faster.
fn without_vectors(path: &Path, text: &str) -> toml::Table {
    let mut table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    table.remove("vector");
    let challenges = table.get_mut("challenge").and_then(toml::Value::as_array_mut);
    for challenge in challenges.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        challenge.remove("vector");
    }
    table
}

/// The text as it is written, comments and all, but without the tables of its vectors.
fn shown(path: &Path, text: &str, table: &toml::Table) -> String {
    let (mut out, mut in_vector) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("[[") || line.starts_with('[') && line.ends_with(']') {
            in_vector = line == "[[vector]]" || line == "[[challenge.vector]]";
        }
        if !in_vector {
            out.push_str(line);
            out.push('\n');
        }
    }
    let read: toml::Table = out.parse().unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    assert!(read == *table, "{}: the tables of the vectors cannot be told from the others", path.display());
    out.trim_end().to_owned() + "\n"
}

/// The catalogue's files as Rust, those of no scheme first: which names stand where is known without reading any.
fn catalog(folder: &Path) -> String {
    let mut shelves = Vec::new();
    for path in files(folder) {
        let text = fs::read_to_string(&path).expect("a catalogue file is UTF-8");
        let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let types = table.get("type").and_then(toml::Value::as_array).expect("a catalogue file has types");
        let types = types.iter().filter_map(toml::Value::as_table);
        // Each name with the one that counts today.
        let names: Vec<_> = types
            .flat_map(|kind| {
                let name = strings(kind, "name").concat();
                let all = [vec![name.clone()], strings(kind, "aliases")].concat();
                all.into_iter().map(move |one| (one, name.clone()))
            })
            .collect();
        shelves.push((strings(&table, "scheme"), strings(&table, "product").concat(), names, path));
    }
    shelves.sort_by_key(|(schemes, product, ..)| (!schemes.is_empty(), product.clone()));
    let mut code = format!("const COUNT: usize = {};\nstatic SHELVES: [Shelf; COUNT] = [\n", shelves.len());
    for (schemes, product, names, path) in shelves {
        let path = format!("/{}", path.display());
        writeln!(
            code,
            "Shelf {{ product: {product:?}, schemes: &{schemes:?}, names: &{names:?}, \
             text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?})) }},"
        )
        .expect("memory");
    }
    code.push_str("];\n");
    code
}

/// The descriptions of admin APIs: names, titles and texts.
fn platforms(folder: &Path) -> String {
    let mut code = "static PLATFORMS: &[(&str, &str, &str)] = &[\n".to_owned();
    for path in files(folder) {
        let text = fs::read_to_string(&path).expect("a description is UTF-8");
        let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a platform has a name");
        writeln!(code, "({name:?}, {:?}, {text:?}),", strings(&table, "title").concat()).expect("memory");
    }
    code.push_str("];\n");
    code
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of schemes is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

/// A list of texts, or the one text that stands for such a list.
fn strings(table: &toml::Table, key: &str) -> Vec<String> {
    match table.get(key) {
        Some(toml::Value::Array(list)) => list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        Some(toml::Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
