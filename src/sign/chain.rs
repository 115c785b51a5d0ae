//! Certificates that a token brings along: whether they lead to one that is trusted, and are those that may sign.

use std::str::FromStr;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use serde::Deserialize;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, VerifiedPath};

use crate::model::time::Timestamp;
use crate::sign::der::{self, EXTENSIONS, Element, OID, SEQUENCE};
use crate::sign::encoding::Encoding;
use crate::sign::public::{PublicKey, blocks};

/// What a scheme asks of the certificates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The extension that marks the certificate that signs.
    pub leaf: Oid,
    /// The extension that marks the one that signed it.
    pub issuer: Oid,
}

/// The name of an extension, as its bytes in DER.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Oid(Vec<u8>);

/// Why a chain is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChainError {
    /// The token brings none.
    #[error("the token has no certificates in x5c")]
    Missing,
    /// One of them is no certificate.
    #[error("certificate {0} in x5c is none")]
    NoCertificate(usize),
    /// The secret's certificate can be no end of a chain.
    #[error("the secret's certificate cannot be trusted to sign others")]
    NoAnchor,
    /// They lead elsewhere, or were not valid at that time.
    #[error("the certificates in x5c do not lead to the one that is trusted: {0}")]
    Elsewhere(#[from] webpki::Error),
    /// They lead there, and are for something else.
    #[error("the certificate {0} is not marked as one that may sign this")]
    Unmarked(&'static str),
}

/// The most certificates that a token may bring.
const MAX_CERTIFICATES: usize = 6;

impl Chain {
    /// The key of the first certificate, if the others lead from it to a trusted one.
    ///
    /// # Errors
    /// If they do not, or lack the marks.
    pub(crate) fn key(&self, brought: &[String], trusted: &str, at: Timestamp) -> Result<PublicKey, ChainError> {
        let brought = brought.iter().take(MAX_CERTIFICATES).enumerate();
        let der = |(place, text): (usize, &String)| {
            let bytes = Encoding::Base64.decode(text.as_bytes()).ok_or(ChainError::NoCertificate(place))?;
            Ok(CertificateDer::from(bytes))
        };
        let brought = brought.map(der).collect::<Result<Vec<_>, ChainError>>()?;
        let (first, others) = brought.split_first().ok_or(ChainError::Missing)?;
        let leaf = EndEntityCert::try_from(first).map_err(|_| ChainError::NoCertificate(0))?;
        let anchors: Vec<_> = anchors(trusted).into_iter().map(CertificateDer::from).collect();
        let anchors = anchors.iter().map(webpki::anchor_from_trusted_cert).collect::<Result<Vec<_>, _>>();
        let anchors = anchors.map_err(|_| ChainError::NoAnchor)?;
        let at = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(at.millis()).unwrap_or_default()));
        let path =
            leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, others, at, AnyUse, None, None::<&Further>)?;
        let issuer = path.intermediate_certificates().next().map(webpki::Cert::der);
        if !self.leaf.marks(first) {
            return Err(ChainError::Unmarked("that signs"));
        }
        if !issuer.is_some_and(|issuer| self.issuer.marks(&issuer)) {
            return Err(ChainError::Unmarked("of its issuer"));
        }
        PublicKey::from_der(first).ok_or(ChainError::NoCertificate(0))
    }
}

/// What may be asked of a path beside what is asked anyhow.
type Further<'a> = dyn Fn(&VerifiedPath<'_>) -> Result<(), webpki::Error> + 'a;

/// The scheme's marks say what a certificate is for; what it says itself is for TLS.
struct AnyUse;

impl ExtendedKeyUsageValidator for AnyUse {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// The certificates of a text with keys in PEM, in base64 as tokens have them.
pub(crate) fn certificates(text: &str) -> Vec<String> {
    blocks(text, "CERTIFICATE").iter().map(|bytes| Encoding::Base64.encode(bytes)).collect()
}

/// The certificates that are trusted: all of them, or beside a key that signs, of which they are the chain, the last.
fn anchors(text: &str) -> Vec<Vec<u8>> {
    let mut all = blocks(text, "CERTIFICATE");
    if text.contains("PRIVATE KEY-----") {
        all.drain(..all.len().saturating_sub(1));
    }
    all
}

impl Oid {
    /// Whether a certificate has an extension of this name.
    fn marks(&self, certificate: &[u8]) -> bool {
        let named = |one: &Element| {
            let parts = if one.tag == SEQUENCE { der::elements(one.content) } else { None };
            parts.and_then(|parts| parts.first().copied()).is_some_and(|name| name.tag == OID && name.content == self.0)
        };
        let extensions = || {
            let parts = der::sequence(certificate)?;
            let body = der::elements(parts.first()?.content)?;
            let extensions = body.iter().find(|part| part.tag == EXTENSIONS)?;
            der::sequence(extensions.content)
        };
        extensions().is_some_and(|all| all.iter().any(named))
    }
}

impl TryFrom<String> for Oid {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Oid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("\"{text}\" is no object identifier such as 1.2.840.113635.100.6.2.1");
        let numbers: Vec<u32> = text.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| bad())?;
        let (first, second, rest) = match numbers.as_slice() {
            [first @ 0..=2, second @ 0..=39, rest @ ..] if !rest.is_empty() => (first, second, rest),
            _ => return Err(bad()),
        };
        let mut bytes = Vec::new();
        for number in std::iter::once(&(first * 40 + second)).chain(rest) {
            // Seven bits in a byte, the highest first; every byte but the last has its top bit set.
            let mut digits = vec![u8::try_from(number & 0x7f).unwrap_or_default()];
            let mut left = number >> 7;
            while left > 0 {
                digits.push(u8::try_from(left & 0x7f).unwrap_or_default() | 0x80);
                left >>= 7;
            }
            bytes.extend(digits.iter().rev());
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_object_identifier_is_written_as_in_der() {
        let oid = |text: &str| text.parse::<Oid>().map(|oid| hex::encode(oid.0));
        assert_eq!(oid("1.2.840.113635.100.6.11.1").as_deref(), Ok("2a864886f76364060b01"));
        assert_eq!(oid("2.5.29.15").as_deref(), Ok("551d0f"));
        for bad in ["", "1", "1.2", "3.1.1", "1.40.1", "1.2.x", "1.2.99999999999"] {
            assert!(oid(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>, cut: prop::sample::Index, put: u8) {
            let chain = Chain { leaf: "2.5.29.15".parse().unwrap(), issuer: "2.5.29.19".parse().unwrap() };
            let pem = include_str!("../../tests/it/keys/certificate.pem");
            let mut real = blocks(pem, "CERTIFICATE").remove(0);
            let place = cut.index(real.len());
            real[place] = put;
            for bytes in [bytes, real] {
                prop_assert!(!chain.leaf.marks(&bytes) || bytes.len() > 100);
                let brought = [Encoding::Base64.encode(&bytes), Encoding::Base64.encode(&bytes)];
                prop_assert!(chain.key(&brought, pem, Timestamp::from_seconds(1_760_000_000)).is_err());
            }
        }
    }
}
