//! The table of every provider: its headers, what is signed, how old it may be, and where the facts are from.

use std::fmt::Write;

use toml::{Table, Value};
use whk::sign::{self, Handshake, Scheme};

use crate::docs::{generated, written};

#[test]
fn the_table_of_schemes_is_up_to_date() {
    let mut page = written("Signature schemes")
        + "`whk schemes show NAME` prints one; [schemes-format.md](schemes-format.md) says how to write one.\n\n\
           - **headers**: those with the signature, and those that are signed or looked at; or where else it stands.\n\
           - **algorithm**: with the signature's encoding, unless that is hex.\n\
           - **what is signed**: `{body}` are the raw bytes, `{ts}` and `{id}` the texts as they came. Filters stand behind a\n  bar. `{?...?}` is left out if it has no value.\n\
           - **tolerance**: how many seconds the time may lie in the past and in the future, as the provider's own\n  libraries have it; `-` is not looked at.\n\
           - **asks**: there is a handshake before the first delivery, see [challenges.md](challenges.md).\n\n\
           | name | provider | headers | algorithm | what is signed | tolerance | asks | source |\n\
           | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for name in sign::preset_names() {
        let text: Table = sign::preset_text(name).unwrap().parse().unwrap();
        row(&mut page, &sign::preset(name).unwrap(), &text);
    }
    page.push_str(
        "\n## Handshakes alone\n\nThese providers ask something before they send, and sign nothing that whk could judge.\n\n\
         | name | provider | source |\n| --- | --- | --- |\n",
    );
    for known in sign::handshakes().iter().filter(|known| known.scheme().is_none()) {
        let provider = linked(known.title(), known.docs());
        writeln!(page, "| `{}` | {provider} | {} |", known.name(), cell(known.source())).unwrap();
    }
    generated("docs/schemes.md", page.as_bytes());
}

#[test]
fn the_page_on_the_format_names_every_entry_that_a_scheme_has() {
    let page = std::fs::read_to_string("docs/schemes-format.md").unwrap();
    for file in std::fs::read_dir("schemes").unwrap().map(|file| file.unwrap().path()) {
        let text: Table = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        for entry in layouts(&text).iter().flat_map(Table::keys).filter(|entry| *entry != "vector") {
            let forms = [format!("`{entry}`"), format!("[{entry}]"), format!("[[{entry}]]")];
            assert!(forms.iter().any(|form| page.contains(form)), "{}: {entry} is not explained", file.display());
        }
    }
}

fn row(page: &mut String, scheme: &Scheme, text: &Table) {
    let names: Vec<_> =
        [scheme.name()].into_iter().chain(scheme.aliases().iter().map(String::as_str)).map(code).collect();
    let layouts = layouts(text);
    let each = |of: fn(&Table) -> String| {
        let mut all: Vec<String> = Vec::new();
        for found in layouts.iter().map(of) {
            if !all.contains(&found) {
                all.push(found);
            }
        }
        all.join(" or ")
    };
    let asks = if Handshake::of(std::sync::Arc::new(scheme.clone())).challenges().is_empty() { "" } else { "yes" };
    let columns = [
        names.join(", "),
        linked(scheme.title(), scheme.docs()),
        headers(&layouts),
        each(algorithm),
        each(signed),
        each(tolerance),
        asks.to_owned(),
        cell(scheme.source()),
    ];
    writeln!(page, "| {} |", columns.join(" | ")).unwrap();
}

/// The scheme's own entries, and those of each variant over them.
fn layouts(text: &Table) -> Vec<Table> {
    let variants = text.get("variant").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    let over = |variant: &Table| text.clone().into_iter().chain(variant.clone()).collect();
    [text.clone()].into_iter().chain(variants.map(over)).collect()
}

/// The headers that the entries name, in their order; without one, the place of the signature.
fn headers(layouts: &[Table]) -> String {
    let mut found: Vec<String> = Vec::new();
    for layout in layouts {
        for entry in ["signature", "line", "timestamp", "id", "vars"].iter().filter_map(|entry| layout.get(*entry)) {
            named(entry, &mut found);
        }
    }
    if found.is_empty() {
        let places = layouts.first().and_then(|layout| layout.get("signature")?.as_table()).into_iter().flatten();
        let place = |(kind, place): (&String, &Value)| format!("{kind} {}", code(place.as_str().unwrap_or_default()));
        return places.map(place).collect::<Vec<_>>().concat();
    }
    found.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

/// Headers stand under `header`, and in `also` of the line.
fn named(entry: &Value, found: &mut Vec<String>) {
    for (key, value) in entry.as_table().into_iter().flatten() {
        let names = match value {
            Value::String(one) => vec![one.as_str()],
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !["header", "also"].contains(&key.as_str()) {
            named(value, found);
            continue;
        }
        for name in names {
            if !found.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                found.push(name.to_owned());
            }
        }
    }
}

fn algorithm(layout: &Table) -> String {
    let text = |name: &str| layout.get(name).and_then(Value::as_str);
    let own = text("algorithm").unwrap_or("hmac-sha256");
    let names = layout.get("jwt").and_then(|jwt| jwt.get("algorithms")?.as_array()).into_iter().flatten();
    let names: Vec<_> = names.filter_map(Value::as_str).collect();
    match text("encoding") {
        Some(encoding) if own != "jwt" && own != "token" => format!("{own}, {encoding}"),
        _ if names.is_empty() => own.to_owned(),
        _ => format!("{own} {}", names.join(" ")),
    }
}

fn signed(layout: &Table) -> String {
    let claims = layout.get("jwt").and_then(|jwt| jwt.get("claims")?.as_table());
    if let Some(claims) = claims {
        let each = claims.iter().map(|(name, value)| code(&format!("{name} = {}", value.as_str().unwrap_or_default())));
        return format!("the token, with {}", each.collect::<Vec<_>>().join(", "));
    }
    code(layout.get("signed").and_then(Value::as_str).unwrap_or("{body}"))
}

fn tolerance(layout: &Table) -> String {
    let Some(window) = layout.get("tolerance").and_then(Value::as_table) else { return "-".to_owned() };
    let side = |name: &str| window.get(name).map_or_else(|| "-".to_owned(), ToString::to_string);
    format!("{} / {}", side("past"), side("future"))
}

fn linked(title: &str, docs: &str) -> String {
    if docs.is_empty() { cell(title) } else { format!("[{}]({docs})", cell(title)) }
}

fn code(text: &str) -> String {
    format!("`{}`", cell(&text.replace('\n', "\\n")))
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
