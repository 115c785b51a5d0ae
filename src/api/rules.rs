//! What names, marks and notes may look like, whichever API they come through.

use crate::model::{Headers, Metadata};

/// The longest uid, name of an event type and so on.
const MAX_NAME: usize = 256;
/// The longest channel.
const MAX_CHANNEL: usize = 128;
/// How large notes may be, as JSON.
const MAX_METADATA: usize = 4096;
/// The longest value of a header line.
const MAX_LINE: usize = 4096;
/// How many lines of its own an endpoint may have.
const MAX_LINES: usize = 64;
/// How many endpoints an app may have: each event is looked at for all of them.
const MAX_ENDPOINTS: usize = 1000;

/// What is wrong with a value, in words.
pub type Wrong = &'static str;

/// A name that its owner chose for something whose ids start with `prefix`.
///
/// # Errors
/// If it is too long, or has other characters than names have, or looks like an id.
pub fn uid(text: &str, prefix: &str) -> Result<(), Wrong> {
    if text.starts_with(prefix) {
        return Err("a uid must not look like an id");
    }
    name(text)
}

/// The name of an event type and the like.
///
/// # Errors
/// If it is too long, or has other characters than names have.
pub fn name(text: &str) -> Result<(), Wrong> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(fits) {
        return Err("use 1 to 256 letters, digits, '-', '_' or '.'");
    }
    Ok(())
}

/// The name of a channel or a tag.
///
/// # Errors
/// If it is too long, or has other characters than channels have.
pub fn channel(text: &str) -> Result<(), Wrong> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'+');
    if text.is_empty() || text.len() > MAX_CHANNEL || !text.bytes().all(fits) {
        return Err("use 1 to 128 letters, digits, '-', '_', '.', ':' or '+'");
    }
    Ok(())
}

/// Words for people.
///
/// # Errors
/// If there is a control character among them that no text has.
pub fn words(text: &str) -> Result<(), Wrong> {
    if text.bytes().any(|b| b <= 0x08) { Err("control characters cannot stand here") } else { Ok(()) }
}

/// What an owner noted.
///
/// # Errors
/// If it is too large.
pub fn metadata(notes: &Metadata) -> Result<(), Wrong> {
    let size = serde_json::to_string(notes).map_or(usize::MAX, |text| text.len());
    if size > MAX_METADATA { Err("at most 4096 bytes of metadata are kept") } else { Ok(()) }
}

/// One of the lines that an endpoint's deliveries get.
///
/// # Errors
/// If it is too long, or cannot stand in a header.
pub fn line(name: &str, value: &str) -> Result<(), Wrong> {
    if name.len() > MAX_NAME || value.len() > MAX_LINE {
        return Err("a name has at most 256 bytes, a value 4096");
    }
    Headers::new().push(name, value).map_err(|_| "this cannot stand in a header")
}

/// All of the lines that an endpoint's deliveries get.
///
/// # Errors
/// If there are too many.
pub fn lines(all: &Headers) -> Result<(), Wrong> {
    if all.iter().count() > MAX_LINES { Err("at most 64 lines") } else { Ok(()) }
}

/// One more endpoint, where there are so many.
///
/// # Errors
/// If that is one too many.
pub const fn another_endpoint(there: usize) -> Result<(), Wrong> {
    if there >= MAX_ENDPOINTS { Err("an app has at most 1000 endpoints") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_a_plain_word_that_is_no_id() {
        for good in ["org_2abcDEF", "a.b-c_D9", &"x".repeat(256)] {
            assert_eq!(uid(good, "app_"), Ok(()), "{good}");
        }
        for bad in ["", "has space", "sl/ash", "é", "app_mine", &"x".repeat(257)] {
            assert!(uid(bad, "app_").is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_is_measured_as_it_is_written() {
        let of = |length: usize| Metadata::from([("k".to_owned(), "v".repeat(length))]);
        assert!(metadata(&of(4000)).is_ok() && metadata(&of(5000)).is_err());
    }
}
