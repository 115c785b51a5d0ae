//! RSA signatures with SHA-1, which `ring` verifies and no longer makes. A few providers still sign so, and whoever tests
//! a receiver has to play them with a test key of their own: it is not for keys that guard anything, since how long it
//! takes depends on the key.

use num_bigint::BigUint;

use crate::sign::algorithm::Hash;
use crate::sign::der::{self, Element, INTEGER, SEQUENCE};

/// The DER of what a SHA-1 hash is called, up to the hash itself (RFC 8017, 9.2).
const NAME: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// The signature of a message with the padding of PKCS#1 v1.5, by a key as PKCS#8 or PKCS#1.
pub(crate) fn sign_sha1(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let [modulus, public, private] = numbers(key)?;
    let length = modulus.to_bytes_be().len();
    let hash = Hash::Sha1.digest(&[message.into()]);
    let filling = length.checked_sub(3 + NAME.len() + hash.len())?;
    let padded = BigUint::from_bytes_be(&[&[0, 1][..], &vec![0xff; filling], &[0], &NAME, &hash].concat());
    let signature = padded.modpow(&private, &modulus);
    // A key whose parts do not belong together would give its factors away.
    if signature.modpow(&public, &modulus) != padded {
        return None;
    }
    let digits = signature.to_bytes_be();
    Some([vec![0; length - digits.len()], digits].concat())
}

/// Modulus, public and private exponent.
fn numbers(key: &[u8]) -> Option<[BigUint; 3]> {
    let parts = der::sequence(key)?;
    if let [_, Element { tag: SEQUENCE, .. }, Element { content, .. }, ..] = parts.as_slice() {
        return numbers(content);
    }
    let number = |place: usize| match parts.get(place) {
        Some(Element { tag: INTEGER, content, .. }) => Some(BigUint::from_bytes_be(content)),
        _ => None,
    };
    let found = [number(1)?, number(2)?, number(3)?];
    found.iter().all(|number| number.bits() > 1).then_some(found)
}
