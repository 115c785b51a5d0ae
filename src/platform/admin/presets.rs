//! The descriptions that are built in.

use crate::platform::admin::{Platform, PlatformError};

include!(concat!(env!("OUT_DIR"), "/platforms.rs"));

/// Every name with its title.
pub fn presets() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLATFORMS.iter().map(|(name, title, _)| (*name, *title))
}

/// The text of a description.
#[must_use]
pub fn preset_text(name: &str) -> Option<&'static str> {
    PLATFORMS.iter().find(|(own, ..)| own.eq_ignore_ascii_case(name)).map(|(.., text)| *text)
}

/// A platform that is built in.
///
/// # Errors
/// If its description has a mistake, which a test rules out.
#[must_use]
pub fn preset(name: &str) -> Option<Result<Platform, PlatformError>> {
    preset_text(name).map(|text| Platform::parse(&name.to_ascii_lowercase(), text))
}

/// The name that looks most like this one.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let close = PLATFORMS.iter().map(|(own, ..)| (strsim::damerau_levenshtein(own, &name), *own)).min()?;
    (close.0 <= 3).then_some(close.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_can_be_used() {
        for (name, _) in presets() {
            if let Some(Err(why)) = preset(name) {
                panic!("{name}: {why}");
            }
        }
        assert_eq!(nearest("selvik"), Some("sellvik"));
        assert_eq!(nearest("nowhere-at-all"), None);
    }
}
