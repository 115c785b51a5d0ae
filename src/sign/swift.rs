//! The usual shape of a signature, an HMAC with all that it needs in headers, found right with nothing set aside.
//!
//! It only ever says yes. What is unusual or wrong is left to the whole reading, which can say why: a forged request
//! is hashed twice, an honest one once.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::algorithm::{Algorithm, Hash, MAX_HASH, same};
use crate::sign::encoding::Encoding;
use crate::sign::header::{MAX_BYTES, MAX_SIGNATURES, split_by};
use crate::sign::layout::Layout;
use crate::sign::place::Place;
use crate::sign::ready::Ready;
use crate::sign::seek;
use crate::sign::stamp::Unit;
use crate::sign::template::Part;

/// A layout of the usual shape, taken apart once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Swift {
    encoding: Encoding,
    key: Arc<Key>,
    names: Vec<Name>,
    /// The first letters of the names, a bit for each: few other lines begin with one of them.
    initials: u32,
    line: Line,
    stamp: Stamp,
    content: Vec<Part>,
    has_id: bool,
    /// What must not stand in the id.
    fences: Vec<Vec<u8>>,
}

/// A right signature.
pub(crate) struct Right {
    /// The moment that the request says it was made.
    pub(crate) moment: Option<Timestamp>,
}

/// How the key is made of the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    hash: Hash,
    strip: Vec<String>,
    decode: Option<Encoding>,
}

/// The key that was made of a secret.
struct Made {
    how: Arc<Key>,
    ready: Option<Ready>,
}

/// A header that something is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    role: usize,
    /// Of several names for the same thing the first that is there counts.
    rank: usize,
}

/// How signatures stand in their header.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    prefix: String,
    split: Option<String>,
    patterns: Vec<(String, String)>,
}

/// Where the timestamp is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    unit: Unit,
    reprint: bool,
    at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Nowhere,
    Header,
    Element((String, String)),
}

const SIGNATURE: usize = 0;
const ID: usize = 1;
const TIMESTAMP: usize = 2;

/// The values of the headers, by their role.
type Found<'a> = [Option<(usize, &'a [u8])>; 3];

/// The most parts of a content.
const MAX_PARTS: usize = 8;
/// The longest key; it is wiped byte by byte.
const MAX_KEY: usize = 64;

impl Swift {
    /// The layout taken apart, if it is of the usual shape.
    pub(crate) fn of(layout: &Layout) -> Option<Self> {
        let Algorithm::Hmac(hash) = layout.algorithm else { return None };
        let plain = layout.alternatives.is_empty()
            && layout.vars.is_empty()
            && layout.require.is_empty()
            && layout.document.is_none()
            && !layout.lax;
        let (key, line) = (&layout.key, &layout.line);
        let bare_key = key.normalize.is_none() && key.after.is_none() && key.derive.is_none();
        let bare_line = line.groups.is_none() && line.also.is_empty() && line.needs.is_none() && line.exact.is_empty();
        if !(plain && bare_key && bare_line) {
            return None;
        }
        let mut names = Vec::new();
        list(&mut names, &layout.signature, SIGNATURE)?;
        if let Some(id) = layout.id.as_ref().filter(|_| layout.uses.id) {
            list(&mut names, id, ID)?;
        }
        let at = match &layout.timestamp {
            None => At::Nowhere,
            Some(Place::Element(pattern)) => At::Element(pattern.plain()?),
            Some(place) => {
                list(&mut names, place, TIMESTAMP)?;
                At::Header
            }
        };
        // A line counts for one thing.
        if names
            .iter()
            .enumerate()
            .any(|(at, name)| names.iter().skip(at + 1).any(|other| other.text.eq_ignore_ascii_case(&name.text)))
        {
            return None;
        }
        let fences = layout.signed.fences().filter(|(name, _)| *name == "id" && layout.uses.id);
        let initials = names.iter().filter_map(|name| name.text.as_bytes().first());
        Some(Self {
            initials: initials.fold(0, |all, letter| all | initial(*letter)),
            has_id: names.iter().any(|name| name.role == ID),
            encoding: layout.encoding,
            key: Arc::new(Key { hash, strip: key.strip.clone(), decode: key.decode }),
            names,
            line: Line {
                prefix: line.prefix.plain()?.to_owned(),
                split: line.split.clone().filter(|split| !split.is_empty()),
                patterns: line.patterns.iter().map(super::header::Pattern::plain).collect::<Option<_>>()?,
            },
            stamp: Stamp { unit: layout.unit, reprint: layout.reprint, at },
            content: layout.signed.parts().filter(|parts| parts.len() <= MAX_PARTS)?,
            fences: fences.map(|(_, fence)| fence.as_bytes().to_vec()).collect(),
        })
    }

    /// That the request was rightly signed with this secret; nothing if that is open.
    pub(crate) fn signed(&self, request: &CapturedRequest, secret: &Secret) -> Option<Right> {
        let [signature, id, ts] = self.values(request.headers.block())?;
        let (_, value) = signature?;
        let value = behind(value, &self.line.prefix).filter(|_| value.len() <= MAX_BYTES)?;
        let id = id.map(|(_, id)| id);
        let fenced = |id: &[u8]| self.fences.iter().any(|fence| stands(fence, id));
        if self.has_id && id.is_none_or(|id| id.is_empty() || fenced(id)) {
            return None;
        }
        let ts = match &self.stamp.at {
            At::Nowhere => None,
            At::Header => Some(ts?.1),
            At::Element(pattern) => Some(self.only_element(value, pattern)?),
        };
        let moment = match ts {
            Some([b'0', _, ..]) if self.stamp.reprint => return None,
            Some(ts) if self.stamp.unit != Unit::Opaque => Some(self.stamp.unit.read_bytes(ts)?),
            Some([]) => return None,
            _ => None,
        };
        let mut parts: [&[u8]; MAX_PARTS] = [&[]; MAX_PARTS];
        for (slot, part) in parts.iter_mut().zip(&self.content) {
            *slot = match part {
                Part::Text(text) => text.as_bytes(),
                Part::Body => &request.body,
                Part::Id => id?,
                Part::Ts => ts?,
            };
        }
        self.any_fits(value, secret, &parts).then_some(Right { moment })
    }

    /// The value of each header that counts, unless one stands there twice.
    fn values<'a>(&self, block: &'a [u8]) -> Option<Found<'a>> {
        let mut found = Found::default();
        each_line(block, |line| self.take(line, &mut found))?;
        Some(found)
    }

    fn take<'a>(&self, line: &'a [u8], found: &mut Found<'a>) -> Option<()> {
        if line.first().is_none_or(|letter| self.initials & initial(*letter) == 0) {
            return Some(());
        }
        for name in &self.names {
            // The colon is looked at first: few lines have one just there.
            let at = name.text.len();
            if line.get(at) != Some(&b':') || !is_name(line.get(..at)?, name.text.as_bytes()) {
                continue;
            }
            let value = line.get(at + 1..)?;
            let slot = found.get_mut(name.role)?;
            match slot {
                Some((rank, _)) if *rank == name.rank => return None,
                Some((rank, _)) if *rank < name.rank => {}
                _ => *slot = Some((name.rank, trimmed(value))),
            }
            break;
        }
        Some(())
    }

    /// Shows each element of the signature's header.
    fn each_element<'a>(&self, value: &'a [u8], mut show: impl FnMut(&'a [u8])) {
        match &self.line.split {
            None => show(value),
            Some(split) => split_by(value, split.as_bytes()).for_each(show),
        }
    }

    fn only_element<'a>(&self, value: &'a [u8], pattern: &(String, String)) -> Option<&'a [u8]> {
        let (mut found, mut count) = (None, 0);
        self.each_element(value, |element| {
            if let Some(own) = inside(element, pattern) {
                (found, count) = (Some(own), count + 1);
            }
        });
        found.filter(|_| count == 1)
    }

    /// Whether one of the signatures is right; all of them are compared.
    fn any_fits(&self, value: &[u8], secret: &Secret, parts: &[&[u8]]) -> bool {
        let mut text = [0; 2 * MAX_HASH];
        let Some(expected) = self.seal(secret, parts, &mut text) else { return false };
        let (mut count, mut right) = (0, false);
        self.each_element(value, |element| {
            for signature in self.line.patterns.iter().filter_map(|pattern| inside(element, pattern)) {
                count += 1;
                right |= same(expected, signature);
            }
        });
        right && count <= MAX_SIGNATURES
    }

    /// The signature of a content as it stands in its header; nothing if that takes more than this.
    pub(crate) fn written(&self, secret: &Secret, content: &[Cow<'_, [u8]>]) -> Option<String> {
        let (mut parts, mut text) = ([&[][..]; MAX_PARTS], [0; 2 * MAX_HASH]);
        for (slot, part) in parts.get_mut(..content.len())?.iter_mut().zip(content) {
            *slot = part;
        }
        let signature = self.seal(secret, &parts, &mut text)?;
        str::from_utf8(signature).ok().map(str::to_owned)
    }

    /// The HMAC of these parts, as text.
    fn seal<'o>(&self, secret: &Secret, parts: &[&[u8]], text: &'o mut [u8]) -> Option<&'o [u8]> {
        let mut digest = [0; MAX_HASH];
        let own;
        // A secret is mostly used in one way, and the key for that is kept with it.
        let ready = match secret.made(|| Made { how: Arc::clone(&self.key), ready: self.key.ready(secret) }) {
            Some(made) if made.how == self.key => made.ready.as_ref(),
            _ => {
                own = self.key.ready(secret);
                own.as_ref()
            }
        };
        self.encoding.encode_into(ready?.seal(parts, &mut digest)?, text)
    }
}

impl Key {
    fn ready(&self, secret: &Secret) -> Option<Ready> {
        let strip = |text, prefix: &String| str::strip_prefix(text, prefix.as_str()).unwrap_or(text);
        let text = self.strip.iter().fold(secret.reveal(), strip).as_bytes();
        match self.decode {
            None => Ready::of(self.hash, text),
            Some(encoding) => {
                let mut key = Zeroizing::new([0; MAX_KEY]);
                let length = encoding.decode_loosely_into(text, &mut key[..])?;
                Ready::of(self.hash, key.get(..length)?)
            }
        }
    }
}

/// Shows each line without its break.
fn each_line<'a>(block: &'a [u8], mut show: impl FnMut(&'a [u8]) -> Option<()>) -> Option<()> {
    let mut start = 0;
    for end in seek::One::iter(&seek::byte(b'\n')?, block) {
        let line = block.get(start..end)?;
        start = end + 1;
        show(line)?;
    }
    Some(())
}

/// Whether this is the name, which is as long. Most senders write it as it is written here: that is found faster, eight
/// bytes at a time, the last ones perhaps twice.
fn is_name(found: &[u8], name: &[u8]) -> bool {
    let number = |word: &[u8; 8]| u64::from_le_bytes(*word);
    let last = |text: &[u8]| text.last_chunk().map(number);
    let mut pairs = found.as_chunks().0.iter().zip(name.as_chunks().0);
    let alike = last(name).is_some_and(|end| last(found) == Some(end))
        && pairs.all(|(one, other)| number(one) == number(other));
    alike || found.eq_ignore_ascii_case(name)
}

/// A value without the white space around it, of which there mostly is one space in front, and the line's end behind.
fn trimmed(value: &[u8]) -> &[u8] {
    match value {
        [b' ', own @ .., b'\r'] | own => match own {
            [b'!'..=b'~', .., b'!'..=b'~'] => own,
            _ => own.trim_ascii(),
        },
    }
}

/// The bit of a letter, the same for a capital one.
const fn initial(letter: u8) -> u32 {
    1 << (letter & 31)
}

/// The names of a header that something is read from; nothing if it is read from elsewhere.
fn list(names: &mut Vec<Name>, place: &Place, role: usize) -> Option<()> {
    let Place::Header(known) = place else { return None };
    names.extend(known.iter().enumerate().map(|(rank, text)| Name { text: text.clone(), role, rank }));
    Some(())
}

/// Whether a text has this inside. For a single byte no search is set up, which takes longer than an id is long.
fn stands(part: &[u8], text: &[u8]) -> bool {
    match part {
        [byte] => text.contains(byte),
        part => memchr::memmem::find(text, part).is_some(),
    }
}

/// The value of an element of this form; an empty one is none.
fn inside<'a>(element: &'a [u8], (before, after): &(String, String)) -> Option<&'a [u8]> {
    let value = behind(element, before)?;
    let value = if after.is_empty() { value } else { value.strip_suffix(after.as_bytes())? };
    (!value.is_empty()).then_some(value)
}

/// What follows this start, if it starts so; mostly there is none to look for.
fn behind<'a>(text: &'a [u8], start: &str) -> Option<&'a [u8]> {
    if start.is_empty() { Some(text) } else { text.strip_prefix(start.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_end_where_their_breaks_are(block in prop::collection::vec(prop::sample::select(b"\n\n\x0b\x09\x8a\0a:".to_vec()), 0..60)) {
            let mut found = Vec::new();
            each_line(&block, |line| { found.push(line); Some(()) }).unwrap();
            let mut wanted: Vec<_> = block.split(|byte| *byte == b'\n').collect();
            wanted.pop();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_value_is_trimmed_as_everywhere(value in prop::collection::vec(prop::sample::select(b"  \t\ra\xe9".to_vec()), 0..9)) {
            prop_assert_eq!(trimmed(&value), value.trim_ascii());
        }

        #[test]
        fn names_are_the_same_in_any_case(name in "[a-z-]{1,30}", at: prop::sample::Index, letter in "[a-zA-Z-]") {
            let mut other = name.to_uppercase().into_bytes();
            prop_assert!(is_name(&other, name.as_bytes()) && is_name(name.as_bytes(), name.as_bytes()));
            let at = at.index(other.len());
            other[at] = letter.as_bytes()[0];
            prop_assert_eq!(is_name(&other, name.as_bytes()), other.eq_ignore_ascii_case(name.as_bytes()));
        }
    }
}
