//! A key made ready: an HMAC that has taken its key in and starts from there each time.

use hmac::{Hmac, KeyInit, Mac};

use crate::sign::algorithm::{Hash, MAX_HASH};

/// An HMAC before its first byte.
pub(crate) enum Ready {
    Md5(Hmac<md5::Md5>),
    Sha1(Hmac<sha1::Sha1>),
    Sha256(Hmac<sha2::Sha256>),
    Sha384(Hmac<sha2::Sha384>),
    Sha512(Hmac<sha2::Sha512>),
}

/// How many bytes of short parts go in together.
const GATHERED: usize = 64;

impl Ready {
    /// With this key; none if it is empty.
    pub(crate) fn of(hash: Hash, key: &[u8]) -> Option<Self> {
        fn keyed<M: KeyInit>(key: &[u8]) -> Option<M> {
            <M as KeyInit>::new_from_slice(key).ok().filter(|_| !key.is_empty())
        }
        Some(match hash {
            Hash::Md5 => Self::Md5(keyed(key)?),
            Hash::Sha1 => Self::Sha1(keyed(key)?),
            Hash::Sha256 => Self::Sha256(keyed(key)?),
            Hash::Sha384 => Self::Sha384(keyed(key)?),
            Hash::Sha512 => Self::Sha512(keyed(key)?),
        })
    }

    /// The HMAC of these parts, put where there is room for the longest.
    pub(crate) fn seal<'o>(&self, parts: &[&[u8]], out: &'o mut [u8; MAX_HASH]) -> Option<&'o [u8]> {
        fn run<'o, M: Mac + Clone>(key: &M, parts: &[&[u8]], out: &'o mut [u8]) -> Option<&'o [u8]> {
            let mut state = key.clone();
            // Short parts go in together: each update costs about as much as some of their bytes.
            let (mut gathered, mut length) = ([0; GATHERED], 0);
            for part in parts.iter().filter(|part| !part.is_empty()) {
                if let Some(room) = gathered.get_mut(length..length + part.len()) {
                    room.copy_from_slice(part);
                    length += part.len();
                } else {
                    state.update(gathered.get(..length)?);
                    state.update(part);
                    length = 0;
                }
            }
            state.update(gathered.get(..length)?);
            let bytes = state.finalize().into_bytes();
            let out = out.get_mut(..bytes.len())?;
            out.copy_from_slice(&bytes);
            Some(out)
        }
        match self {
            Self::Md5(key) => run(key, parts, out),
            Self::Sha1(key) => run(key, parts, out),
            Self::Sha256(key) => run(key, parts, out),
            Self::Sha384(key) => run(key, parts, out),
            Self::Sha512(key) => run(key, parts, out),
        }
    }
}
