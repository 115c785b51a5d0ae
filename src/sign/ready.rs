//! A key made ready: an HMAC that has taken its key in and starts from there each time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest as _;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

use crate::sign::algorithm::{Hash, MAX_HASH};

/// An HMAC before its first byte.
pub(crate) enum Ready {
    Md5(Hmac<md5::Md5>),
    Sha1(Hmac<sha1::Sha1>),
    Sha256(HmacSha256),
    Sha384(Hmac<sha2::Sha384>),
    Sha512(Hmac<sha2::Sha512>),
}

/// The one that nearly all providers use, on the bare compression function: of what the general one copies and sets up
/// for each content, which is an eighth of the time that a small one takes, nothing is left.
pub(crate) struct HmacSha256 {
    /// The states after the block of the key for the content, and for the hash of that.
    states: Zeroizing<[State; 2]>,
}

type State = [u32; 8];
type Block = [u8; 64];

/// Where every SHA-256 starts (FIPS 180-4, section 5.3.3).
const START: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

impl Ready {
    /// With this key; none if it is empty.
    pub(crate) fn of(hash: Hash, key: &[u8]) -> Option<Self> {
        fn keyed<M: KeyInit>(key: &[u8]) -> Option<M> {
            <M as KeyInit>::new_from_slice(key).ok().filter(|_| !key.is_empty())
        }
        Some(match hash {
            Hash::Md5 => Self::Md5(keyed(key)?),
            Hash::Sha1 => Self::Sha1(keyed(key)?),
            Hash::Sha256 => Self::Sha256(HmacSha256::of(key).filter(|_| !key.is_empty())?),
            Hash::Sha384 => Self::Sha384(keyed(key)?),
            Hash::Sha512 => Self::Sha512(keyed(key)?),
        })
    }

    /// The HMAC of these parts, put where there is room for the longest.
    pub(crate) fn seal<'o>(&self, parts: &[&[u8]], out: &'o mut [u8; MAX_HASH]) -> Option<&'o [u8]> {
        fn run<'o, M: Mac + Clone>(key: &M, parts: &[&[u8]], out: &'o mut [u8]) -> Option<&'o [u8]> {
            let mut state = key.clone();
            for part in parts {
                state.update(part);
            }
            let bytes = state.finalize().into_bytes();
            let out = out.get_mut(..bytes.len())?;
            out.copy_from_slice(&bytes);
            Some(out)
        }
        match self {
            Self::Md5(key) => run(key, parts, out),
            Self::Sha1(key) => run(key, parts, out),
            Self::Sha256(key) => key.seal(parts, out),
            Self::Sha384(key) => run(key, parts, out),
            Self::Sha512(key) => run(key, parts, out),
        }
    }
}

impl HmacSha256 {
    fn of(key: &[u8]) -> Option<Self> {
        let mut block = Zeroizing::new([0; size_of::<Block>()]);
        if let Some(room) = block.get_mut(..key.len()) {
            room.copy_from_slice(key);
        } else {
            let digest = Zeroizing::new(<[u8; 32]>::from(sha2::Sha256::digest(key)));
            *block.first_chunk_mut()? = *digest;
        }
        let mut states = Zeroizing::new([START; 2]);
        for (state, pad) in states.iter_mut().zip([0x36, 0x5c]) {
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            compress256(state, std::slice::from_ref(&padded));
        }
        Some(Self { states })
    }

    fn seal<'o>(&self, parts: &[&[u8]], out: &'o mut [u8; MAX_HASH]) -> Option<&'o [u8]> {
        let [mut state, mut outer] = *self.states;
        // What does not fill a block yet waits in this one.
        let (mut block, mut filled) = ([0; size_of::<Block>()], 0);
        for part in parts {
            let mut rest = *part;
            if let ([byte], Some(room)) = (rest, block.get_mut(filled)) {
                // A mark between two parts; where it fills a block, what follows finds it full, or the end does.
                *room = *byte;
                filled += 1;
                continue;
            }
            if filled > 0 {
                let (first, others) = rest.split_at(rest.len().min(block.len() - filled));
                block.get_mut(filled..filled + first.len())?.copy_from_slice(first);
                (filled, rest) = (filled + first.len(), others);
                if filled == block.len() {
                    compress256(&mut state, std::slice::from_ref(&block));
                    filled = 0;
                }
            }
            let (blocks, tail) = rest.as_chunks();
            if !blocks.is_empty() {
                compress256(&mut state, blocks);
            }
            if !tail.is_empty() {
                block.get_mut(..tail.len())?.copy_from_slice(tail);
                filled = tail.len();
            }
        }
        if filled == block.len() {
            compress256(&mut state, std::slice::from_ref(&block));
            filled = 0;
        }
        let length = parts.iter().map(|part| part.len() as u64).sum();
        finish(&mut state, block, filled, length)?;

        let mut block = [0; size_of::<Block>()];
        put(&state, block.first_chunk_mut()?);
        finish(&mut outer, block, 32, 32)?;
        put(&outer, out.first_chunk_mut()?);
        out.get(..32)
    }
}

/// The last blocks: what is left of a content of this length behind the block of the key, its end, and how long it was.
fn finish(state: &mut State, mut block: Block, filled: usize, length: u64) -> Option<()> {
    let bits = (size_of::<Block>() as u64 + length) * 8;
    let (end, idle) = block.get_mut(filled..)?.split_first_mut()?;
    *end = 0x80;
    idle.fill(0);
    if idle.len() < 8 {
        compress256(state, std::slice::from_ref(&block));
        block.fill(0);
    }
    *block.last_chunk_mut()? = bits.to_be_bytes();
    compress256(state, std::slice::from_ref(&block));
    Some(())
}

fn put(state: &State, out: &mut [u8; 32]) {
    for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_way_to_cut_a_content_gives_the_hmac_of_the_whole(
            key in prop::collection::vec(any::<u8>(), 1..140),
            content in prop::collection::vec(any::<u8>(), 0..400),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(content.len() + 1)).collect();
            cuts.extend([0, content.len()]);
            cuts.sort_unstable();
            let parts: Vec<_> = cuts.windows(2).map(|ends| &content[ends[0]..ends[1]]).collect();
            for hash in Hash::ALL {
                let expected = hash.hmac(&key, &[content.as_slice().into()]).unwrap();
                let mut out = [0; MAX_HASH];
                prop_assert_eq!(Ready::of(hash, &key).unwrap().seal(&parts, &mut out), Some(&expected[..]), "{}", hash.name());
            }
        }
    }

    #[test]
    fn a_last_part_of_one_byte_may_fill_a_block() {
        let content = [7; 129];
        for before in [62, 63, 64, 127, 128] {
            let parts = [&content[..before], &content[before..=before]];
            let expected = Hash::Sha256.hmac(b"key", &[content[..=before].into()]).unwrap();
            let mut out = [0; MAX_HASH];
            assert_eq!(
                Ready::of(Hash::Sha256, b"key").unwrap().seal(&parts, &mut out),
                Some(&expected[..]),
                "{before}"
            );
        }
    }

    #[test]
    fn an_empty_key_is_none() {
        assert!(Hash::ALL.iter().all(|hash| Ready::of(*hash, b"").is_none()));
    }
}
