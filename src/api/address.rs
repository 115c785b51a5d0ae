//! The address of an endpoint, as somebody who registers one writes it.

use std::fmt::Write;

use crate::model::Target;
use crate::model::target::Address;

/// The longest address.
const MAX_LENGTH: usize = 65_536;

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not absolute, or leads elsewhere than to a server for HTTP.
    #[error("must be an absolute URL with http or https")]
    NotHttp,
    /// It is too long.
    #[error("must have at most 65536 characters")]
    TooLong,
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// Reads `https://host/path?query`, strictly: what people type elsewhere for short is no address. Gives back the target
/// and its URL in one spelling: the host in small letters, no usual port, no fragment, anything but ASCII coded.
///
/// # Errors
/// If it is none.
pub fn read(text: &str) -> Result<(Target, String), AddressError> {
    if text.len() > MAX_LENGTH {
        return Err(AddressError::TooLong);
    }
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").ok_or(AddressError::NotHttp)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(AddressError::NotHttp);
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let target: Target = format!("{scheme}://{place}{}", coded(path))
        .parse()
        .map_err(|why: crate::model::TargetError| AddressError::Other(why.to_string()))?;
    let url = written(&target);
    Ok((target, url))
}

/// The URL of a target, its password too.
fn written(target: &Target) -> String {
    let scheme = if target.is_tls() { "https" } else { "http" };
    let user = target.userinfo.as_ref().map_or_else(String::new, |user| format!("{}@", user.reveal()));
    let place = match &target.address {
        Address::Tcp { .. } => target.authority(),
        Address::Unix(path) => path.clone(),
    };
    format!("{scheme}://{user}{place}{}", target.request_target("", None))
}

/// A path and query in ASCII without spaces.
fn coded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte > b' ' && byte < 0x7f {
            all.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(all, "%{byte:02X}");
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (given, kept) in [
            ("http://EXAMPLE.com:80", "http://example.com/"),
            ("https://h/a?b=%20c#frag", "https://h/a?b=%20c"),
            ("HTTP://user:p%40ss@h:81/x y", "http://user:p%40ss@h:81/x%20y"),
            ("http://127.0.0.1:9/hook", "http://127.0.0.1:9/hook"),
        ] {
            assert_eq!(read(given).unwrap().1, kept);
        }
    }

    #[test]
    fn what_people_type_for_short_is_no_address() {
        for bad in
            ["", "not a url", "ftp://h/x", "//h/x", "localhost:3000", "3000", "unix:/x", "http://", "http://h h/"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
