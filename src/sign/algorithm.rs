//! The cryptography: what proves that a content was signed with a key.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;

use crate::sign::encoding::Encoding;
use crate::sign::key::KeyError;
use crate::sign::private::PrivateKey;
use crate::sign::public::PublicKey;

/// A content in pieces, so that a large body is never copied.
pub type Pieces<'a> = [Cow<'a, [u8]>];

/// The most bytes a hash has.
pub(crate) const MAX_HASH: usize = 64;

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
    /// ECDSA with P-256 and SHA-256; the signature is DER.
    EcdsaP256,
    /// The same; the signature is its two numbers.
    EcdsaP256Fixed,
    /// RSA with this hash and the padding of PKCS#1 v1.5.
    Rsa(Hash),
    /// RSA with this hash and the padding PSS.
    RsaPss(Hash),
    /// The content itself, which has the secret in it: a password.
    Token,
    /// A signed token, which names one of the algorithms that the scheme allows.
    Jwt,
}

/// What a signature is compared with.
pub enum Proof {
    /// The encoded text; every other spelling is wrong.
    Text(Vec<u8>),
    /// Public keys and the message.
    Public {
        /// The keys of which one verifies.
        keys: Vec<PublicKey>,
        /// How.
        algorithm: Algorithm,
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

    /// A hash that goes on from where it is, with a key or without.
    ///
    /// # Errors
    /// If the key is empty.
    pub(crate) fn begin(self, key: Option<&[u8]>) -> Result<Box<dyn Running>, KeyError> {
        fn keyed<M: Mac + KeyInit + Clone + 'static>(key: &[u8]) -> Result<Box<dyn Running>, KeyError> {
            Ok(Box::new(Keyed(<M as KeyInit>::new_from_slice(key).map_err(|_| KeyError::Empty)?)))
        }
        fn plain<D: Digest + Clone + 'static>() -> Box<dyn Running> {
            Box::new(Plain(D::new()))
        }
        match (self, key) {
            (_, Some([])) => Err(KeyError::Empty),
            (Self::Md5, Some(key)) => keyed::<Hmac<md5::Md5>>(key),
            (Self::Sha1, Some(key)) => keyed::<Hmac<sha1::Sha1>>(key),
            (Self::Sha256, Some(key)) => keyed::<Hmac<sha2::Sha256>>(key),
            (Self::Sha384, Some(key)) => keyed::<Hmac<sha2::Sha384>>(key),
            (Self::Sha512, Some(key)) => keyed::<Hmac<sha2::Sha512>>(key),
            (Self::Md5, None) => Ok(plain::<md5::Md5>()),
            (Self::Sha1, None) => Ok(plain::<sha1::Sha1>()),
            (Self::Sha256, None) => Ok(plain::<sha2::Sha256>()),
            (Self::Sha384, None) => Ok(plain::<sha2::Sha384>()),
            (Self::Sha512, None) => Ok(plain::<sha2::Sha512>()),
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

/// A hash under way.
pub(crate) trait Running {
    /// Takes more of the content.
    fn take(&mut self, piece: &[u8]);
    /// What it would be with these pieces at the end; it can still go on without them.
    fn with(&self, end: &[&[u8]]) -> Vec<u8>;
}

struct Keyed<M>(M);

struct Plain<D>(D);

impl<M: Mac + Clone> Running for Keyed<M> {
    fn take(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    fn with(&self, end: &[&[u8]]) -> Vec<u8> {
        let mut state = self.0.clone();
        for piece in end {
            state.update(piece);
        }
        state.finalize().into_bytes().to_vec()
    }
}

impl<D: Digest + Clone> Running for Plain<D> {
    fn take(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    fn with(&self, end: &[&[u8]]) -> Vec<u8> {
        let mut state = self.0.clone();
        for piece in end {
            state.update(piece);
        }
        state.finalize().to_vec()
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
            Some(("rsa", name)) => match name.strip_prefix("pss-") {
                Some(name) => hash(name).map(Self::RsaPss),
                None => hash(name).map(Self::Rsa),
            },
            _ => match text.as_str() {
                "ed25519" => Ok(Self::Ed25519),
                "ecdsa-p256" => Ok(Self::EcdsaP256),
                "ecdsa-p256-fixed" => Ok(Self::EcdsaP256Fixed),
                "token" => Ok(Self::Token),
                "jwt" => Ok(Self::Jwt),
                _ => Err(format!(
                    "\"{text}\" is no algorithm: use hmac-HASH, digest-HASH, ed25519, ecdsa-p256, ecdsa-p256-fixed, rsa-HASH, rsa-pss-HASH, token or jwt"
                )),
            },
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hmac(hash) => write!(f, "HMAC with {}", hash.name()),
            Self::Digest(hash) => f.write_str(hash.name()),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::EcdsaP256 | Self::EcdsaP256Fixed => f.write_str("ECDSA P-256"),
            Self::Rsa(hash) => write!(f, "RSA with {}", hash.name()),
            Self::RsaPss(hash) => write!(f, "RSA-PSS with {}", hash.name()),
            Self::Token => f.write_str("a token"),
            Self::Jwt => f.write_str("a JWT"),
        }
    }
}

impl Algorithm {
    /// Whether one key signs and another one verifies.
    #[must_use]
    pub const fn has_key_pair(self) -> bool {
        match self {
            Self::Ed25519 | Self::EcdsaP256 | Self::EcdsaP256Fixed | Self::Rsa(_) | Self::RsaPss(_) => true,
            Self::Hmac(_) | Self::Digest(_) | Self::Token | Self::Jwt => false,
        }
    }

    /// What a right signature of this content is compared with.
    ///
    /// # Errors
    /// If the key does not fit the algorithm.
    pub fn proof(self, encoding: Encoding, key: &[u8], content: &Pieces) -> Result<Proof, KeyError> {
        if self.has_key_pair() {
            return Proof::public(self, PublicKey::read_all(key, None)?, content.concat(), encoding);
        }
        Ok(Proof::Text(match self {
            Self::Token => content.concat(),
            _ => encoding.encode(&self.signature(key, content)?).into_bytes(),
        }))
    }

    /// The bytes of the signature.
    ///
    /// # Errors
    /// If the key does not fit the algorithm, or can only verify.
    pub fn signature(self, key: &[u8], content: &Pieces) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Hmac(hash) => hash.hmac(key, content),
            Self::Digest(hash) => Ok(hash.digest(content)),
            Self::Token | Self::Jwt => Ok(content.concat()),
            _ => PrivateKey::read(key)?.sign(self, &content.concat()),
        }
    }

    /// The signature as it is written.
    ///
    /// # Errors
    /// If a token is no text.
    pub fn signature_text(self, encoding: Encoding, signature: &[u8]) -> Result<String, KeyError> {
        match self {
            Self::Token | Self::Jwt => String::from_utf8(signature.to_vec()).map_err(|_| KeyError::NotText),
            _ => Ok(encoding.encode(signature)),
        }
    }
}

impl Proof {
    /// The proof of one of these public keys.
    ///
    /// # Errors
    /// If the algorithm is for another kind of key.
    pub fn public(
        algorithm: Algorithm,
        mut keys: Vec<PublicKey>,
        message: Vec<u8>,
        encoding: Encoding,
    ) -> Result<Self, KeyError> {
        keys.retain(|key| key.suits(algorithm));
        if keys.is_empty() {
            return Err(KeyError::OtherKind(algorithm.to_string()));
        }
        Ok(Self::Public { keys, algorithm, message, encoding })
    }

    /// Whether this signature is right; takes the same time for every wrong one of its length.
    #[must_use]
    pub fn fits(&self, signature: &[u8]) -> bool {
        match self {
            Self::Text(expected) => same(expected, signature),
            Self::Public { keys, algorithm, message, encoding } => encoding
                .decode(signature)
                .is_some_and(|bytes| keys.iter().any(|key| key.verifies(*algorithm, message, &bytes))),
        }
    }
}

/// Whether two texts are the same, in a time that depends on their length alone. What is different is gathered
/// behind a wall that the compiler cannot look through; byte by byte such walls take longer than a small hash.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = |one: &[u8], other: &[u8]| {
        let ((words, rest), (others, end)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
        let wide = words.iter().zip(others).map(|(one, other)| u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other));
        let narrow = rest.iter().zip(end).map(|(one, other)| u64::from(one ^ other));
        wide.chain(narrow).fold(0, |found, more| found | more)
    };
    one.len() == other.len() && std::hint::black_box(differ(std::hint::black_box(one), other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    use ring::signature::{Ed25519KeyPair, KeyPair};

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
