//! Svix: its scheme, its two families of headers, its secrets, and the header names that it keeps for itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::model::headers::{HeaderError, Writing};
use crate::model::{Headers, Secret};

/// The scheme that its endpoints are signed by.
pub const SCHEME: &str = "svix";
/// What its receivers know a delivery by.
pub const AGENT: &str = concat!("Svix-Webhooks/1 (whk/", env!("CARGO_PKG_VERSION"), ")");

/// The part of a path that asks for a message once more.
pub const AGAIN: &str = "resend";

/// What a shared secret starts with.
const SHARED: &str = "whsec_";
/// What a private key starts with.
const PRIVATE: &str = "whsk_";
/// What its public half starts with.
const PUBLIC: &str = "whpk_";
/// The family of headers that its SDKs read first, and the one of Standard Webhooks.
const FAMILIES: (&str, &str) = ("svix-", "webhook-");

/// Header lines that nobody may add to deliveries.
const RESERVED: [&str; 19] = [
    "age",
    "cache-control",
    "clear-site-data",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-type",
    "expires",
    "keep-alive",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "warning",
];
const RESERVED_PREFIXES: [&str; 9] =
    ["svix-", "x-amz-", "x-amzn-", "x-azure-", "x-fd-", "x-gfe", "x-goog-", "x-google", "x-svix-"];
/// Header lines whose values are not shown again.
const SENSITIVE: [&str; 6] =
    ["authorization", "proxy-authenticate", "proxy-authorization", "www-authenticate", "x-api-key", "x-auth-token"];

/// Whether an endpoint's own headers may not have this name.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.contains(&name.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the value of this header is not shown again.
#[must_use]
pub fn is_sensitive(name: &str) -> bool {
    SENSITIVE.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The lines of the one family once more under the names of the other: any receiver finds what it looks for.
///
/// # Errors
/// None for lines that are well formed.
pub fn other_family(headers: &Headers, lines: &mut Writing) -> Result<(), HeaderError> {
    for (name, value) in headers.iter() {
        if let Some(rest) = name.strip_prefix(FAMILIES.0.as_bytes()) {
            lines.push([FAMILIES.1.as_bytes(), rest].concat(), value)?;
        }
    }
    Ok(())
}

/// A secret as somebody wrote it: `whsec_` and 24 to 75 bytes in base64, also without the prefix, or `whsk_` and both
/// halves of an Ed25519 key.
#[must_use]
pub fn secret(text: &str) -> Option<Secret> {
    if let Some(pair) = text.strip_prefix(PRIVATE) {
        return (decoded(pair)?.len() == 64).then(|| Secret::new(text));
    }
    let bare = text.strip_prefix(SHARED).unwrap_or(text);
    let fits = (24..=75).contains(&decoded(bare)?.len());
    fits.then(|| Secret::new(format!("{SHARED}{bare}")))
}

/// A secret as its owner is shown it: of a pair, the public half.
#[must_use]
pub fn shown(secret: &Secret) -> String {
    let text = secret.reveal();
    let pair = text.strip_prefix(PRIVATE).and_then(decoded);
    match pair.as_deref().and_then(|pair| pair.get(32..)) {
        Some(public) => format!("{PUBLIC}{}", STANDARD.encode(public)),
        None => text.to_owned(),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_needs_no_prefix_and_has_24_to_75_bytes() {
        let text = STANDARD.encode([7; 24]);
        assert_eq!(secret(&text).unwrap().reveal(), format!("whsec_{text}"));
        assert_eq!(secret(&format!("whsec_{text}")).unwrap().reveal(), format!("whsec_{text}"));
        for bad in ["", "nope", "whsec_c2hvcnQ=", "whsec_", &format!("whsk_{text}"), &STANDARD.encode([7; 76])] {
            assert_eq!(secret(bad), None, "{bad}");
        }
    }

    #[test]
    fn of_a_pair_of_keys_only_the_public_half_is_shown() {
        let pair = [[1_u8; 32], [2; 32]].concat();
        let kept = secret(&format!("whsk_{}", STANDARD.encode(pair))).unwrap();
        assert_eq!(shown(&kept), format!("whpk_{}", STANDARD.encode([2; 32])));
    }

    #[test]
    fn both_families_say_the_same() {
        let mut headers = Headers::new();
        headers.push("svix-id", "msg_1").unwrap();
        headers.push("accept", "*/*").unwrap();
        let other = Headers::written(0, |lines| other_family(&headers, lines)).unwrap();
        assert_eq!((other.text("webhook-id"), other.len()), (Some("msg_1"), 1));
    }

    #[test]
    fn reserved_names_are_so_in_any_case() {
        for name in ["Content-Type", "svix-id", "X-Svix-Foo", "X-Amz-Date"] {
            assert!(is_reserved(name), "{name}");
        }
        assert!(!is_reserved("x-custom") && is_sensitive("Authorization") && !is_sensitive("x-custom"));
    }
}
