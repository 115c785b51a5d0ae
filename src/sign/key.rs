//! From the secret as its owner wrote it to the bytes of the key.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::model::secret::Secret;
use crate::sign::algorithm::Hash;
use crate::sign::encoding::Encoding;
use crate::sign::glob::Glob;
use crate::sign::public::{PublicKey, speaks_for_itself};
use crate::sign::template::Template;

/// How a scheme makes a key of a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyForm {
    /// Prefixes that are not part of the key, taken off in this order where they stand.
    pub strip: Vec<String>,
    /// How the letters of a secret that is text are taken apart.
    pub normalize: Option<Normal>,
    /// The key is what follows this mark.
    pub after: Option<String>,
    /// How the key is written; as it is, if nothing is said.
    pub decode: Option<Encoding>,
    /// The key is the hash of what was decoded.
    pub derive: Option<Hash>,
    /// Marks a key that can verify and not sign.
    pub public: Option<String>,
    /// The placeholder with the URL of the certificate that verifies; then no secret is needed.
    pub certificate: Option<String>,
    /// Forms of which that certificate's common name must have one.
    pub common_name: Vec<Glob>,
    /// The URL of the set of keys of which one verifies; then no secret is needed.
    pub set: Option<Template>,
}

/// A normal form of Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normal {
    /// Compatible letters become one, accents stand alone.
    Nfkd,
}

/// Why a secret is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// It is not written as the scheme says.
    #[error("the secret is not {}{}", .encoding.name(), .dirt.map_or(String::new(), |dirt| format!(": it has {}", dirt.words())))]
    NotEncoded {
        /// What it should be.
        encoding: Encoding,
        /// What stands around it, if something does.
        dirt: Option<Dirt>,
    },
    /// There is no mark in it.
    #[error("the secret has no \"{0}\" in it")]
    NoMark(String),
    /// The key is too short or too long.
    #[error("the key has {found} bytes, not {wanted}")]
    Length {
        /// How many it has.
        found: usize,
        /// How many it should have.
        wanted: &'static str,
    },
    /// The two halves of an Ed25519 key do not belong together.
    #[error("the two halves of the key do not belong together")]
    Mismatch,
    /// It can verify and not sign.
    #[error("\"{0}...\" is a public key: it can verify, not sign")]
    Public(String),
    /// A token that is no text cannot be sent.
    #[error("the token is no text")]
    NotText,
    /// It is no public key in any form.
    #[error("the secret is no public key: give it as PEM, certificate, JWK, or DER in base64")]
    NoPublicKey,
    /// It is no private key in any form.
    #[error("the secret is no private key to sign with: give it as PEM (PKCS#8) or DER in base64")]
    NoPrivateKey,
    /// A set of keys without the one that signed.
    #[error("the set of keys has none called \"{0}\"")]
    NoSuchKey(String),
    /// It is public, or for another algorithm, and must not be a shared secret.
    #[error("the key is not a shared secret")]
    NotSecret,
    /// A key of another kind.
    #[error("the key is not one for {0}")]
    OtherKind(String),
    /// A certificate of somebody else.
    #[error("the certificate is {}, not {wanted}", .found.as_deref().unwrap_or("nobody's"))]
    OtherName {
        /// Whose it is.
        found: Option<String>,
        /// Whose it should be.
        wanted: String,
    },
    /// Nobody knows where a set of keys is.
    #[error("the keys are at {0}: --param says what stands in braces, --secret gives the key itself")]
    NoAddress(String),
    /// What a provider keeps on the web has to be given.
    #[error(
        "the {what} {url} is not known: --fetch-keys fetches it, --param certificates=@FILE gives it, as a JSON object of URL and PEM or JWK set"
    )]
    Unknown {
        /// A certificate or a set of keys.
        what: &'static str,
        /// Where it is.
        url: String,
    },
}

/// What gets into a secret when it is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dirt {
    /// A line break at an end.
    Newline,
    /// White space at an end.
    Space,
    /// Quotation marks around it.
    Quotes,
}

impl KeyForm {
    /// The bytes of the key.
    ///
    /// # Errors
    /// If the secret is empty or not written as the scheme says.
    pub fn bytes(&self, secret: &Secret) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let text = self.stripped(secret.reveal());
        let text = match &self.after {
            None => text,
            Some(mark) => text.split_once(mark.as_str()).ok_or_else(|| KeyError::NoMark(mark.clone()))?.1,
        };
        let mut key = Zeroizing::new(match self.decode {
            None if self.normalize == Some(Normal::Nfkd) => text.nfkd().collect::<String>().into_bytes(),
            None => text.as_bytes().to_vec(),
            Some(encoding) => encoding
                .decode_loosely(text.as_bytes())
                .ok_or_else(|| KeyError::NotEncoded { encoding, dirt: Dirt::of(secret.reveal()) })?,
        });
        if key.is_empty() {
            return Err(KeyError::Empty);
        }
        if let Some(hash) = self.derive {
            key = Zeroizing::new(hash.digest(&[Cow::Borrowed(key.as_slice())]));
        }
        Ok(key)
    }

    /// The key of an algorithm that has a pair of them: one that says itself what it is, or the bytes of one that is
    /// written as the scheme says, or in another usual way.
    ///
    /// # Errors
    /// If the secret is empty or not written in any of these ways.
    pub fn pair_bytes(&self, secret: &Secret) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let text = secret.reveal();
        if speaks_for_itself(text) {
            return Ok(Zeroizing::new(text.as_bytes().to_vec()));
        }
        let bare = self.stripped(text).trim();
        let own = self.bytes(secret);
        let is_key = |bytes: &Vec<u8>| PublicKey::read(bytes, None).is_ok();
        match own {
            Ok(own) if is_key(&own) => Ok(own),
            own => {
                let others = Encoding::ALL.into_iter().filter_map(|encoding| encoding.decode_loosely(bare.as_bytes()));
                others.map(Zeroizing::new).find(|bytes| is_key(bytes)).map_or(own, Ok)
            }
        }
    }

    /// The bytes of a key that is to sign.
    ///
    /// # Errors
    /// As [`Self::bytes`], and if the key can only verify.
    pub fn signing_bytes(&self, secret: &Secret, pair: bool) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.public {
            Some(mark) if self.is_public(secret) => Err(KeyError::Public(mark.clone())),
            _ if pair => self.pair_bytes(secret),
            _ => self.bytes(secret),
        }
    }

    /// Whether this is the public half of a pair, which can only verify.
    #[must_use]
    pub fn is_public(&self, secret: &Secret) -> bool {
        self.public.as_ref().is_some_and(|mark| secret.reveal().starts_with(mark.as_str()))
    }

    /// The secret without its prefixes.
    #[must_use]
    pub fn stripped<'a>(&self, secret: &'a str) -> &'a str {
        self.strip.iter().fold(secret, |text, prefix| text.strip_prefix(prefix.as_str()).unwrap_or(text))
    }
}

impl Dirt {
    /// What stands around a secret and does not belong to it.
    #[must_use]
    pub fn of(secret: &str) -> Option<Self> {
        let text = secret.trim();
        if text.len() < secret.len() {
            let line = secret.trim_matches([' ', '\t']).len() > text.len();
            return Some(if line { Self::Newline } else { Self::Space });
        }
        unquoted(text).map(|_| Self::Quotes)
    }

    /// The secret without any of it, if there is some.
    #[must_use]
    pub fn washed(secret: &str) -> Option<&str> {
        let text = secret.trim();
        let clean = unquoted(text).map_or(text, str::trim);
        (clean.len() < secret.len() && !clean.is_empty()).then_some(clean)
    }

    /// What it is, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Newline => "a newline at an end",
            Self::Space => "white space at an end",
            Self::Quotes => "quotation marks around it",
        }
    }
}

fn unquoted(text: &str) -> Option<&str> {
    ['"', '\'', '`'].iter().find_map(|mark| text.strip_prefix(*mark)?.strip_suffix(*mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(strip: &[&str], decode: Option<Encoding>) -> KeyForm {
        KeyForm { strip: strip.iter().map(|s| (*s).to_owned()).collect(), decode, ..KeyForm::default() }
    }

    #[test]
    fn prefixes_go_in_turn_and_may_be_missing() {
        let form = form(&["v1,", "whsec_"], Some(Encoding::Base64));
        for secret in ["v1,whsec_AAEC", "whsec_AAEC", "AAEC"] {
            assert_eq!(form.bytes(&Secret::new(secret)).unwrap().as_slice(), [0, 1, 2], "{secret}");
        }
    }

    #[test]
    fn an_empty_or_garbled_secret_is_no_key() {
        let base64 = form(&["whsec_"], Some(Encoding::Base64));
        assert_eq!(base64.bytes(&Secret::new("whsec_")), Err(KeyError::Empty));
        assert_eq!(form(&[], None).bytes(&Secret::new("")), Err(KeyError::Empty));
        let why = base64.bytes(&Secret::new("\"whsec_AAEC\"")).unwrap_err();
        assert_eq!(why.to_string(), "the secret is not base64: it has quotation marks around it");
        assert!(base64.bytes(&Secret::new("whsec_!!!!")).is_err());
    }

    #[test]
    fn what_stands_around_a_secret_is_seen() {
        for (secret, dirt) in [
            ("s\n", Some(Dirt::Newline)),
            ("s\r\n", Some(Dirt::Newline)),
            (" s", Some(Dirt::Space)),
            ("'s'", Some(Dirt::Quotes)),
            ("\"s\"", Some(Dirt::Quotes)),
            ("s", None),
            ("'s", None),
        ] {
            assert_eq!(Dirt::of(secret), dirt, "{secret:?}");
            assert_eq!(Dirt::washed(secret), dirt.map(|_| "s"), "{secret:?}");
        }
    }

    #[test]
    fn a_key_may_follow_a_mark_or_be_a_hash() {
        let after = KeyForm { after: Some(":".to_owned()), ..KeyForm::default() };
        assert_eq!(after.bytes(&Secret::new("id:key")).unwrap().as_slice(), b"key");
        assert!(after.bytes(&Secret::new("idkey")).is_err());
        let derived = KeyForm { derive: Some(Hash::Sha1), ..KeyForm::default() };
        assert_eq!(derived.bytes(&Secret::new("x")).unwrap().len(), 20);
    }
}
