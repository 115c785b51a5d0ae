//! Keys as JSON: a JWK, or a set of them of which a token names one.

use serde::Deserialize;

use crate::sign::der;
use crate::sign::encoding::Encoding;
use crate::sign::key::KeyError;
use crate::sign::public::PublicKey;

/// The most keys of a set that are tried.
const MAX_KEYS: usize = 32;

/// What is read of a key; a private half in it is not looked at.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Jwk {
    kty: String,
    crv: String,
    kid: Option<String>,
    x: String,
    y: String,
    n: String,
    e: String,
    k: String,
    /// A certificate chain, the key's own first.
    x5c: Vec<String>,
}

/// One key or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many { keys: Vec<Jwk> },
    One(Jwk),
}

/// The key of this name; of a single key that one, and if nothing is named, all that are of use.
///
/// # Errors
/// If it is no JSON, or no key of this name is known.
pub(crate) fn public(text: &str, kid: Option<&str>) -> Result<Vec<PublicKey>, KeyError> {
    let found: Vec<_> = chosen(text, kid)?.iter().filter_map(Jwk::public).collect();
    if found.is_empty() { Err(KeyError::NoPublicKey) } else { Ok(found) }
}

/// The bytes of a secret key.
///
/// # Errors
/// If it is no JSON, or the key of this name is not a secret one.
pub(crate) fn secret(text: &str, kid: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let keys = chosen(text, kid)?;
    let bytes = keys.first().filter(|key| key.kty == "oct").and_then(|key| decoded(&key.k));
    bytes.filter(|bytes| !bytes.is_empty()).ok_or(KeyError::NotSecret)
}

fn chosen(text: &str, kid: Option<&str>) -> Result<Vec<Jwk>, KeyError> {
    match serde_json::from_str(text).map_err(|_| KeyError::NoPublicKey)? {
        OneOrMany::One(key) => Ok(vec![key]),
        OneOrMany::Many { keys } => {
            let wanted = |key: &Jwk| kid.is_none() || key.kid.as_deref() == kid;
            let found: Vec<_> = keys.into_iter().filter(wanted).take(MAX_KEYS).collect();
            if found.is_empty() { Err(KeyError::NoSuchKey(kid.unwrap_or_default().to_owned())) } else { Ok(found) }
        }
    }
}

impl Jwk {
    fn public(&self) -> Option<PublicKey> {
        match (self.kty.as_str(), self.crv.as_str()) {
            ("OKP", "Ed25519") => decoded(&self.x).filter(|x| x.len() == 32).map(PublicKey::Ed25519),
            ("EC", "P-256") => {
                let (x, y) = (decoded(&self.x)?, decoded(&self.y)?);
                (x.len() == 32 && y.len() == 32).then(|| PublicKey::P256([&[4], &x[..], &y].concat()))
            }
            ("RSA", _) if !self.n.is_empty() => {
                let numbers = [der::write_integer(&decoded(&self.n)?), der::write_integer(&decoded(&self.e)?)];
                Some(PublicKey::Rsa(der::write_sequence(&numbers)))
            }
            _ => PublicKey::from_der(&Encoding::Base64.decode_loosely(self.x5c.first()?.as_bytes())?),
        }
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    Encoding::Base64url.decode_loosely(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_the_key_that_is_named() {
        let key = |kid: &str, byte: u8| {
            let x = Encoding::Base64url.encode(&[byte; 32]);
            format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{x}"}}"#)
        };
        let set = format!(r#"{{"keys":[{},{}]}}"#, key("a", 1), key("b", 2));
        assert_eq!(public(&set, Some("b")), Ok(vec![PublicKey::Ed25519(vec![2; 32])]));
        let both = vec![PublicKey::Ed25519(vec![1; 32]), PublicKey::Ed25519(vec![2; 32])];
        assert_eq!(public(&set, None), Ok(both), "any of them may have signed");
        assert_eq!(public(&set, Some("c")), Err(KeyError::NoSuchKey("c".to_owned())));
        assert_eq!(public(&key("a", 3), Some("z")), Ok(vec![PublicKey::Ed25519(vec![3; 32])]));
    }

    #[test]
    fn a_secret_key_is_no_public_one_and_the_other_way_round() {
        let secret_one = r#"{"kty":"oct","k":"AAEC"}"#;
        assert_eq!(secret(secret_one, None), Ok(vec![0, 1, 2]));
        assert_eq!(public(secret_one, None), Err(KeyError::NoPublicKey));
        assert_eq!(secret(r#"{"kty":"RSA","n":"AQ","e":"AQAB","k":"AAEC"}"#, None), Err(KeyError::NotSecret));
        for bad in ["{", "[]", "{\"keys\":[]}", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}"] {
            assert!(public(bad, None).is_err(), "{bad}");
        }
    }
}
