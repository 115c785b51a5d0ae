//! The cryptography: what proves that a content was signed with a key.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::Digest;
use subtle::ConstantTimeEq;

use crate::sign::encoding::Encoding;
use crate::sign::key::KeyError;

/// A content in pieces, so that a large body is never copied.
pub type Pieces<'a> = [Cow<'a, [u8]>];

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// How a content is signed. The scheme decides, never the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum Algorithm {
    /// An HMAC with this hash.
    Hmac(Hash),
    /// A plain hash of a content that has the secret in it.
    Digest(Hash),
    /// Ed25519: one key signs, another one verifies.
    Ed25519,
    /// The content itself, which has the secret in it: a password.
    Token,
}

/// What a signature is compared with.
pub enum Proof {
    /// The encoded text; every other spelling is wrong.
    Text(Vec<u8>),
    /// A public key and the message.
    Ed25519 {
        /// The key that verifies.
        public: Vec<u8>,
        /// What was signed.
        message: Vec<u8>,
        /// How the signature is written.
        encoding: Encoding,
    },
}

impl Default for Algorithm {
    fn default() -> Self {
        Self::Hmac(Hash::Sha256)
    }
}

impl Hash {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// How many bytes it gives.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of a content.
    #[must_use]
    pub fn digest(self, content: &Pieces) -> Vec<u8> {
        fn run<D: Digest>(content: &Pieces) -> Vec<u8> {
            let mut state = D::new();
            for piece in content {
                state.update(piece);
            }
            state.finalize().to_vec()
        }
        match self {
            Self::Md5 => run::<md5::Md5>(content),
            Self::Sha1 => run::<sha1::Sha1>(content),
            Self::Sha256 => run::<sha2::Sha256>(content),
            Self::Sha384 => run::<sha2::Sha384>(content),
            Self::Sha512 => run::<sha2::Sha512>(content),
        }
    }

    /// The HMAC of a content. A key may have any length but none.
    ///
    /// # Errors
    /// If the key is empty.
    pub fn hmac(self, key: &[u8], content: &Pieces) -> Result<Vec<u8>, KeyError> {
        fn run<M: Mac + KeyInit>(key: &[u8], content: &Pieces) -> Result<Vec<u8>, KeyError> {
            let mut state = <M as KeyInit>::new_from_slice(key).map_err(|_| KeyError::Empty)?;
            for piece in content {
                state.update(piece);
            }
            Ok(state.finalize().into_bytes().to_vec())
        }
        if key.is_empty() {
            return Err(KeyError::Empty);
        }
        match self {
            Self::Md5 => run::<Hmac<md5::Md5>>(key, content),
            Self::Sha1 => run::<Hmac<sha1::Sha1>>(key, content),
            Self::Sha256 => run::<Hmac<sha2::Sha256>>(key, content),
            Self::Sha384 => run::<Hmac<sha2::Sha384>>(key, content),
            Self::Sha512 => run::<Hmac<sha2::Sha512>>(key, content),
        }
    }
}

impl TryFrom<String> for Algorithm {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hash = |name: &str| {
            let found = Hash::ALL.into_iter().find(|hash| hash.name().replace('-', "").eq_ignore_ascii_case(name));
            found.ok_or_else(|| format!("\"{name}\" is no hash: use md5, sha1, sha256, sha384 or sha512"))
        };
        match text.split_once('-') {
            Some(("hmac", name)) => hash(name).map(Self::Hmac),
            Some(("digest", name)) => hash(name).map(Self::Digest),
            None if text == "ed25519" => Ok(Self::Ed25519),
            None if text == "token" => Ok(Self::Token),
            _ => Err(format!("\"{text}\" is no algorithm: use hmac-HASH, digest-HASH, ed25519 or token")),
        }
    }
}

impl Algorithm {
    /// What a right signature of this content is compared with.
    ///
    /// # Errors
    /// If the key does not fit the algorithm.
    pub fn proof(self, encoding: Encoding, key: &[u8], content: &Pieces) -> Result<Proof, KeyError> {
        Ok(match self {
            Self::Ed25519 => {
                let public = public_half(key)?.to_vec();
                Proof::Ed25519 { public, message: content.concat(), encoding }
            }
            Self::Token => Proof::Text(content.concat()),
            Self::Hmac(_) | Self::Digest(_) => {
                Proof::Text(encoding.encode(&self.signature(key, content)?).into_bytes())
            }
        })
    }

    /// The bytes of the signature.
    ///
    /// # Errors
    /// If the key does not fit the algorithm, or can only verify.
    pub fn signature(self, key: &[u8], content: &Pieces) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Hmac(hash) => hash.hmac(key, content),
            Self::Digest(hash) => Ok(hash.digest(content)),
            Self::Token => Ok(content.concat()),
            Self::Ed25519 => Ok(key_pair(key)?.sign(&content.concat()).as_ref().to_vec()),
        }
    }

    /// The signature as it is written.
    ///
    /// # Errors
    /// If the key does not fit the algorithm, or can only verify.
    pub fn signature_text(self, encoding: Encoding, signature: &[u8]) -> Result<String, KeyError> {
        match self {
            Self::Token => String::from_utf8(signature.to_vec()).map_err(|_| KeyError::NotText),
            Self::Hmac(_) | Self::Digest(_) | Self::Ed25519 => Ok(encoding.encode(signature)),
        }
    }
}

impl Proof {
    /// Whether this signature is right; takes the same time for every wrong one of its length.
    #[must_use]
    pub fn fits(&self, signature: &[u8]) -> bool {
        match self {
            Self::Text(expected) => bool::from(expected.as_slice().ct_eq(signature)),
            Self::Ed25519 { public, message, encoding } => encoding
                .decode(signature)
                .is_some_and(|bytes| UnparsedPublicKey::new(&ED25519, public).verify(message, &bytes).is_ok()),
        }
    }
}

/// A key is the public half alone (32 bytes) or seed and public half (64 bytes).
fn public_half(key: &[u8]) -> Result<&[u8], KeyError> {
    match key.len() {
        32 => Ok(key),
        64 => Ok(key.get(32..).unwrap_or_default()),
        found => Err(KeyError::Length { found, wanted: "32 or 64" }),
    }
}

/// A key is seed and public half (64 bytes) or the seed alone (32 bytes).
fn key_pair(key: &[u8]) -> Result<Ed25519KeyPair, KeyError> {
    let (seed, public) = key.split_at_checked(32).ok_or(KeyError::Length { found: key.len(), wanted: "32 or 64" })?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Mismatch)?;
    match public.len() {
        0 => Ok(pair),
        32 if public == pair.public_key().as_ref() => Ok(pair),
        32 => Err(KeyError::Mismatch),
        _ => Err(KeyError::Length { found: key.len(), wanted: "32 or 64" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<Cow<'_, [u8]>> {
        text.as_bytes().chunks(2).map(Cow::Borrowed).collect()
    }

    #[test]
    fn hmacs_are_those_of_rfc_2202_and_4231() {
        let content = pieces("what do ya want for nothing?");
        for (hash, expected) in [
            (Hash::Md5, "750c783e6ab0b503eaa86e310a5db738"),
            (Hash::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Hash::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ] {
            assert_eq!(hex::encode(hash.hmac(b"Jefe", &content).unwrap()), expected, "{}", hash.name());
            assert_eq!(hash.length() * 2, expected.len());
        }
        for hash in Hash::ALL {
            assert_eq!(hash.hmac(b"k", &content).unwrap().len(), hash.length());
            assert_eq!(hash.digest(&content).len(), hash.length());
            assert!(hash.hmac(b"", &content).is_err());
        }
    }

    #[test]
    fn ed25519_signs_with_one_key_and_verifies_with_the_other() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let both = [&[7; 32][..], pair.public_key().as_ref()].concat();
        let content = pieces("hello");
        let signature = Algorithm::Ed25519.signature(&both, &content).unwrap();
        for key in [&both[..], &both[32..]] {
            let proof = Algorithm::Ed25519.proof(Encoding::Base64, key, &content).unwrap();
            let text = Encoding::Base64.encode(&signature);
            assert!(proof.fits(text.as_bytes()));
            assert!(!proof.fits(text.trim_end_matches('=').as_bytes()));
            assert!(!proof.fits(Encoding::Base64.encode(&[0; 64]).as_bytes()));
        }
        let mut wrong = both.clone();
        wrong[40] ^= 1;
        assert!(Algorithm::Ed25519.signature(&wrong, &content).is_err());
        assert!(Algorithm::Ed25519.signature(&both[..40], &content).is_err());
    }

    #[test]
    fn a_signature_with_the_group_order_added_is_refused() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let mut signature = pair.sign(b"m").as_ref().to_vec();
        // The order of the group, little endian.
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let mut carry = 0u16;
        for (byte, more) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            *byte = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
        let content = [Cow::Borrowed(&b"m"[..])];
        let proof = Algorithm::Ed25519.proof(Encoding::Hex, pair.public_key().as_ref(), &content).unwrap();
        assert!(!proof.fits(Encoding::Hex.encode(&signature).as_bytes()));
    }

    #[test]
    fn algorithms_are_named_with_their_hash() {
        assert_eq!(Algorithm::try_from("hmac-sha1".to_owned()), Ok(Algorithm::Hmac(Hash::Sha1)));
        assert_eq!(Algorithm::try_from("digest-sha512".to_owned()), Ok(Algorithm::Digest(Hash::Sha512)));
        for bad in ["", "hmac", "hmac-crc", "rot13", "none"] {
            assert!(Algorithm::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
