//! Public keys in every form that people have them in: PEM, certificates, DER, JWK and the bare bytes.

use ring::signature::{self as ring_keys, KeyPair as _, UnparsedPublicKey, VerificationAlgorithm};

use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::der::{self, BITS, Element, INTEGER, OID, SEQUENCE, VERSION};
use crate::sign::encoding::Encoding;
use crate::sign::jwk;
use crate::sign::key::KeyError;
use crate::sign::private::PrivateKey;

/// A key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// 32 bytes.
    Ed25519(Vec<u8>),
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
    /// Modulus and exponent, as the DER of PKCS#1.
    Rsa(Vec<u8>),
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

impl PublicKey {
    /// Reads a key of any form; of a JWK set the one called `kid`, or the first. A private key gives its public half.
    ///
    /// # Errors
    /// If it is no key that whk knows.
    pub fn read(key: &[u8], kid: Option<&str>) -> Result<Self, KeyError> {
        Self::read_all(key, kid)?.into_iter().next().ok_or(KeyError::NoPublicKey)
    }

    /// As [`Self::read`]; of a JWK set, if nothing is named, every key.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_all(key: &[u8], kid: Option<&str>) -> Result<Vec<Self>, KeyError> {
        let text = str::from_utf8(key).map(str::trim).unwrap_or_default();
        if text.starts_with('{') {
            return jwk::public(text, kid);
        }
        let der = pem(text);
        let bytes = der.as_deref().unwrap_or(key);
        Self::from_der(bytes)
            .or_else(|| Self::bare(bytes))
            .or_else(|| PrivateKey::from_der(bytes).ok().map(|private| private.public()))
            .map(|key| vec![key])
            .ok_or(KeyError::NoPublicKey)
    }

    /// The key in an RSA key's, a public key's or a certificate's DER.
    pub(crate) fn from_der(bytes: &[u8]) -> Option<Self> {
        match der::sequence(bytes)?.as_slice() {
            [Element { tag: INTEGER, .. }, Element { tag: INTEGER, .. }] => Some(Self::Rsa(bytes.to_vec())),
            [Element { tag: SEQUENCE, content, .. }, Element { tag: BITS, content: bits, .. }] => {
                Self::described(&der::elements(content)?, bits)
            }
            [Element { tag: SEQUENCE, content, .. }, Element { tag: SEQUENCE, .. }, Element { tag: BITS, .. }] => {
                let parts = der::elements(content)?;
                let versioned = parts.first().is_some_and(|first| first.tag == VERSION);
                // Version, serial number, algorithm, issuer, validity, subject, key.
                let key = parts.get(if versioned { 6 } else { 5 })?;
                Self::from_der(key.whole)
            }
            _ => None,
        }
    }

    /// Whether the signature is right by this algorithm; an algorithm of another kind of key says no.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let (Self::Ed25519(key) | Self::P256(key) | Self::Rsa(key)) = self;
        self.method(algorithm)
            .is_some_and(|method| UnparsedPublicKey::new(method, key).verify(message, signature).is_ok())
    }

    fn method(&self, algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (self, algorithm) {
            (Self::Ed25519(_), Algorithm::Ed25519) => &ring_keys::ED25519,
            (Self::P256(_), Algorithm::EcdsaP256) => &ring_keys::ECDSA_P256_SHA256_ASN1,
            (Self::P256(_), Algorithm::EcdsaP256Fixed) => &ring_keys::ECDSA_P256_SHA256_FIXED,
            // Whoever still signs with SHA-1 may have an old key of 1024 bits, too.
            (Self::Rsa(_), Algorithm::Rsa(Hash::Sha1)) => &ring_keys::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Self::Rsa(_), Algorithm::Rsa(Hash::Sha256)) => &ring_keys::RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa(_), Algorithm::Rsa(Hash::Sha384)) => &ring_keys::RSA_PKCS1_2048_8192_SHA384,
            (Self::Rsa(_), Algorithm::Rsa(Hash::Sha512)) => &ring_keys::RSA_PKCS1_2048_8192_SHA512,
            (Self::Rsa(_), Algorithm::RsaPss(Hash::Sha256)) => &ring_keys::RSA_PSS_2048_8192_SHA256,
            (Self::Rsa(_), Algorithm::RsaPss(Hash::Sha384)) => &ring_keys::RSA_PSS_2048_8192_SHA384,
            (Self::Rsa(_), Algorithm::RsaPss(Hash::Sha512)) => &ring_keys::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }

    /// Whether the algorithm is for this kind of key.
    #[must_use]
    pub fn suits(&self, algorithm: Algorithm) -> bool {
        self.method(algorithm).is_some()
    }

    /// By the object identifiers of its algorithm.
    fn described(algorithm: &[Element], bits: &[u8]) -> Option<Self> {
        // The first byte counts the bits that are not used.
        let key = bits.strip_prefix(&[0])?.to_vec();
        match algorithm {
            [Element { tag: OID, content, .. }, ..] if content.starts_with(RSA) => Some(Self::Rsa(key)),
            [Element { tag: OID, content: EC, .. }, Element { content: P256, .. }] => Some(Self::P256(key)),
            [Element { tag: OID, content: ED25519, .. }] => Some(Self::Ed25519(key)),
            _ => None,
        }
    }

    /// By its length alone.
    fn bare(bytes: &[u8]) -> Option<Self> {
        match (bytes.len(), bytes.first()) {
            (32, _) => Some(Self::Ed25519(bytes.to_vec())),
            // Seed and public half.
            (64, _) => Some(Self::Ed25519(bytes.get(32..)?.to_vec())),
            (65, Some(4)) => Some(Self::P256(bytes.to_vec())),
            _ => None,
        }
    }
}

/// The common name of a certificate, in small letters; the last one, if there are several.
pub(crate) fn common_name(text: &str) -> Option<String> {
    const NAME: &[u8] = &[0x55, 0x04, 0x03];
    let certificate = pem(text)?;
    let parts = der::elements(der::sequence(&certificate)?.first()?.content)?;
    let versioned = parts.first().is_some_and(|first| first.tag == VERSION);
    let subject = parts.get(if versioned { 5 } else { 4 })?;
    let sets = der::elements(subject.content)?;
    let pairs = sets.iter().filter_map(|set| der::elements(set.content)).flatten();
    let mut names = pairs.filter_map(|pair| match der::elements(pair.content)?.as_slice() {
        [Element { tag: OID, content: NAME, .. }, value] => Some(String::from_utf8_lossy(value.content).to_lowercase()),
        _ => None,
    });
    names.next_back()
}

/// Whether a text says itself what key it is, so that no scheme need say how it is written.
#[must_use]
pub(crate) fn speaks_for_itself(text: &str) -> bool {
    text.trim_start().starts_with("-----BEGIN ") || text.trim_start().starts_with('{')
}

/// The bytes of the first block of a PEM text. Line breaks may have been lost or written as `\n`.
pub(crate) fn pem(text: &str) -> Option<Vec<u8>> {
    // Some tools write before it what is in it.
    block(text.split_once(BEGIN)?.1).map(|(_, bytes)| bytes)
}

/// The bytes of every block of this name in a PEM text.
pub(crate) fn blocks(text: &str, name: &str) -> Vec<Vec<u8>> {
    let all = text.split(BEGIN).skip(1).take(MAX_BLOCKS).filter_map(block);
    all.filter(|(own, _)| *own == name).map(|(_, bytes)| bytes).collect()
}

/// What starts a block of PEM.
const BEGIN: &str = "-----BEGIN ";
/// The most blocks of a text that are looked at.
const MAX_BLOCKS: usize = 32;

/// Name and bytes of the block behind its start.
fn block(text: &str) -> Option<(&str, Vec<u8>)> {
    let (name, rest) = text.split_once("-----")?;
    let (base64, _) = rest.split_once("-----END")?;
    let base64 = base64.replace("\\n", "").replace(|c: char| c.is_ascii_whitespace(), "");
    Some((name, Encoding::Base64.decode_loosely(base64.as_bytes())?))
}

impl PrivateKey {
    /// The half that verifies.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Ed25519(pair) => PublicKey::Ed25519(pair.public_key().as_ref().to_vec()),
            Self::P256(pair) => PublicKey::P256(pair.public_key().as_ref().to_vec()),
            Self::Rsa(pair, _) => PublicKey::Rsa(pair.public_key().as_ref().to_vec()),
        }
    }
}
