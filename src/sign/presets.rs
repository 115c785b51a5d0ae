//! The schemes that come with whk. Only those that are asked for are ever read.

use std::sync::{Arc, OnceLock};

use crate::model::request::CapturedRequest;
use crate::sign::Params;
use crate::sign::json::{self, Pointer};
use crate::sign::place::{Lines, Sight};
use crate::sign::reading::{Reading, Wanted};
use crate::sign::scheme::Scheme;

include!(concat!(env!("OUT_DIR"), "/schemes.rs"));

/// A scheme as `build.rs` embeds it.
struct Preset {
    name: &'static str,
    title: &'static str,
    /// Its name and aliases, small letters and digits only.
    keys: &'static [&'static str],
    text: &'static str,
}

/// What gives a scheme away beside the header it is listed under: other headers, and `/members` of the body.
struct Clue {
    preset: usize,
    also: &'static [&'static str],
}

static READ: [OnceLock<Option<Arc<Scheme>>>; COUNT] = [const { OnceLock::new() }; COUNT];

/// The scheme of this name or alias; case and punctuation do not count.
#[must_use]
pub fn preset(name: &str) -> Option<Arc<Scheme>> {
    scheme(find(name)?)
}

/// The text of a scheme file, without its vectors.
#[must_use]
pub fn preset_text(name: &str) -> Option<&'static str> {
    Some(PRESETS.get(find(name)?)?.text)
}

/// The names of all of them, sorted.
#[must_use]
pub fn preset_names() -> Vec<&'static str> {
    PRESETS.iter().map(|preset| preset.name).collect()
}

/// Names and titles of all of them, sorted by name.
pub fn preset_titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    PRESETS.iter().map(|preset| (preset.name, preset.title))
}

/// The schemes whose providers ask something before they send.
pub(crate) fn challenging() -> impl Iterator<Item = Arc<Scheme>> {
    CHALLENGING.iter().filter_map(|place| scheme(*place))
}

/// The name that was probably meant.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let wanted = plain(name);
    let near = |key: &str| {
        let inside = wanted.len() >= 3 && key.contains(&wanted);
        strsim::jaro_winkler(key, &wanted) + if inside { 0.2 } else { 0.0 }
    };
    let best = |preset: &Preset| preset.keys.iter().map(|key| near(key)).fold(0.0, f64::max);
    let ranked = PRESETS.iter().map(|preset| (best(preset), preset.name));
    let (nearness, name) = ranked.fold((0.0, ""), |found, next| if next.0 > found.0 { next } else { found });
    (nearness > 0.8).then_some(name)
}

/// The scheme whose headers these are. Of several that it could be, one whose signature looks right is taken.
#[must_use]
pub fn detect(request: &CapturedRequest) -> Option<Arc<Scheme>> {
    let clues = request.headers.iter().filter_map(|(name, _)| clues(name)).flatten();
    let fits = |clue: &&Clue| clue.also.iter().all(|part| has(request, part));
    let mut found: Vec<&Clue> = clues.filter(fits).collect();
    // Stable: within a header's own list the better clue stands first.
    found.sort_by_key(|clue| std::cmp::Reverse(clue.also.len()));
    let first = found.first()?.preset;
    if found.iter().all(|clue| clue.preset == first) {
        return scheme(first);
    }
    let schemes = || found.iter().filter_map(|clue| scheme(clue.preset));
    schemes().find(|scheme| looks_right(scheme, request)).or_else(|| schemes().next())
}

fn has(request: &CapturedRequest, part: &str) -> bool {
    match part.strip_prefix('/') {
        None => request.headers.has(part),
        // Where the name does not stand there is no need to read; nobody escapes the letters of a name.
        Some(path) if memchr::memmem::find(&request.body, last(path).as_bytes()).is_none() => false,
        Some(_) => Pointer::try_from(part.to_owned()).is_ok_and(|place| {
            let [found] = json::find_soon(&request.body, [&place], [true]);
            found.is_some()
        }),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether the request has everything where the scheme expects it.
pub(crate) fn looks_right(scheme: &Scheme, request: &CapturedRequest) -> bool {
    let (params, headers) = (Params::new(), Lines::of(&request.headers));
    let sight = Sight::of(&headers, request, &params);
    scheme.layouts().any(|layout| {
        let fits = |reading: &Reading| reading.signatures.iter().any(|signature| layout.may_be_signature(signature));
        Reading::of(layout, sight, request, Wanted::Verdict, fits).is_ok_and(|fits| fits)
    })
}

fn clues(header: &[u8]) -> Option<&'static [Clue]> {
    let lower = header.iter().map(u8::to_ascii_lowercase);
    let place = CLUES.binary_search_by(|(name, _)| name.bytes().cmp(lower.clone())).ok()?;
    CLUES.get(place).map(|(_, clues)| *clues)
}

fn find(name: &str) -> Option<usize> {
    // Mostly it is written as it is.
    if let Ok(place) = PRESETS.binary_search_by(|preset| preset.name.cmp(name)) {
        return Some(place);
    }
    let wanted = plain(name);
    PRESETS.iter().position(|preset| preset.keys.contains(&wanted.as_str()))
}

fn scheme(place: usize) -> Option<Arc<Scheme>> {
    let read = || Scheme::parse(PRESETS.get(place)?.text).ok().map(Arc::new);
    READ.get(place)?.get_or_init(read).clone()
}

/// A name without what does not count: case and punctuation.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
