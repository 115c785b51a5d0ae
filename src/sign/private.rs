//! Private keys: what `whk` signs with when it plays a provider that has a pair of keys.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};

use zeroize::Zeroizing;

use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::der;
use crate::sign::key::KeyError;
use crate::sign::modpow::sign_sha1;
use crate::sign::public::pem;

/// A key that signs.
pub enum PrivateKey {
    /// For Ed25519.
    Ed25519(Ed25519KeyPair),
    /// For ECDSA with P-256.
    P256(Box<EcdsaKeyPair>),
    /// For RSA, with its DER.
    Rsa(Box<RsaKeyPair>, Zeroizing<Vec<u8>>),
}

impl PrivateKey {
    /// Reads a PEM or DER of PKCS#8, an RSA key of PKCS#1, or an Ed25519 seed with its public half or without.
    ///
    /// # Errors
    /// If it is no private key, or one that whk cannot use.
    pub fn read(key: &[u8]) -> Result<Self, KeyError> {
        let text = str::from_utf8(key).map(str::trim).unwrap_or_default();
        if text.starts_with("-----BEGIN PUBLIC") || text.starts_with("-----BEGIN CERT") {
            return Err(KeyError::Public("-----BEGIN".to_owned()));
        }
        match pem(text) {
            Some(der) => Self::from_der(&der),
            None if matches!(key.len(), 32 | 64) => seeded(key).map(Self::Ed25519),
            None => Self::from_der(key),
        }
    }

    pub(crate) fn from_der(bytes: &[u8]) -> Result<Self, KeyError> {
        let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok().map(Self::Ed25519);
        let p256 = || {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes, &SystemRandom::new());
            pair.ok().map(|pair| Self::P256(Box::new(pair)))
        };
        let rsa = || {
            let pair = RsaKeyPair::from_pkcs8(bytes).or_else(|_| RsaKeyPair::from_der(bytes));
            pair.ok().map(|pair| Self::Rsa(Box::new(pair), Zeroizing::new(bytes.to_vec())))
        };
        ed25519().or_else(p256).or_else(rsa).ok_or(KeyError::NoPrivateKey)
    }

    /// The signature of a message.
    ///
    /// # Errors
    /// If the algorithm is for another kind of key, or too weak to sign with.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        // The number that an ECDSA signature uses up must be nobody's to choose, so it is no argument.
        let random = SystemRandom::new();
        match (self, algorithm) {
            (Self::Ed25519(pair), Algorithm::Ed25519) => Ok(pair.sign(message).as_ref().to_vec()),
            (Self::P256(pair), Algorithm::EcdsaP256) => {
                Ok(pair.sign(&random, message).map_err(|_| KeyError::NoPrivateKey)?.as_ref().to_vec())
            }
            (Self::P256(pair), Algorithm::EcdsaP256Fixed) => {
                let signature = pair.sign(&random, message).map_err(|_| KeyError::NoPrivateKey)?;
                fixed(signature.as_ref()).ok_or(KeyError::NoPrivateKey)
            }
            (Self::Rsa(_, der), Algorithm::Rsa(Hash::Sha1)) => sign_sha1(der, message).ok_or(KeyError::NoPrivateKey),
            (Self::Rsa(pair, _), Algorithm::Rsa(_) | Algorithm::RsaPss(_)) => {
                let padding = padding(algorithm).ok_or(KeyError::OtherKind(algorithm.to_string()))?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(|_| KeyError::NoPrivateKey)?;
                Ok(signature)
            }
            _ => Err(KeyError::OtherKind(algorithm.to_string())),
        }
    }
}

fn padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rsa(Hash::Sha256) => &RSA_PKCS1_SHA256,
        Algorithm::Rsa(Hash::Sha384) => &RSA_PKCS1_SHA384,
        Algorithm::Rsa(Hash::Sha512) => &RSA_PKCS1_SHA512,
        Algorithm::RsaPss(Hash::Sha256) => &RSA_PSS_SHA256,
        Algorithm::RsaPss(Hash::Sha384) => &RSA_PSS_SHA384,
        Algorithm::RsaPss(Hash::Sha512) => &RSA_PSS_SHA512,
        _ => return None,
    })
}

/// Seed and public half (64 bytes) or the seed alone (32 bytes).
pub(crate) fn seeded(key: &[u8]) -> Result<Ed25519KeyPair, KeyError> {
    let (seed, public) = key.split_at_checked(32).ok_or(KeyError::Length { found: key.len(), wanted: "32 or 64" })?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Mismatch)?;
    match public.len() {
        0 => Ok(pair),
        32 if public == pair.public_key().as_ref() => Ok(pair),
        32 => Err(KeyError::Mismatch),
        _ => Err(KeyError::Length { found: key.len(), wanted: "32 or 64" }),
    }
}

/// Both numbers of an ECDSA signature, 32 bytes each, out of their DER.
fn fixed(signature: &[u8]) -> Option<Vec<u8>> {
    let mut both = Vec::with_capacity(64);
    for number in der::sequence(signature)? {
        let zeros = number.content.iter().take_while(|byte| **byte == 0).count();
        let digits = number.content.get(zeros..)?;
        both.resize(both.len() + 32_usize.checked_sub(digits.len())?, 0);
        both.extend_from_slice(digits);
    }
    (both.len() == 64).then_some(both)
}
