//! DER: just enough of it to find the public key in a certificate and to tell keys apart.

/// One element: what it is and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// With its tag and length.
    pub(crate) whole: &'a [u8],
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
/// The explicit version at the head of a certificate.
pub(crate) const VERSION: u8 = 0xa0;

/// The extensions at the end of a certificate.
pub(crate) const EXTENSIONS: u8 = 0xa3;

/// The most elements that are looked at on one level.
const MAX_ELEMENTS: usize = 32;

/// The elements that follow each other in a content, if nothing else is in it.
pub(crate) fn elements(mut content: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !content.is_empty() {
        let (element, rest) = element(content)?;
        found.push(element);
        content = rest;
        if found.len() > MAX_ELEMENTS {
            return None;
        }
    }
    Some(found)
}

/// The elements inside the one sequence that the bytes are.
pub(crate) fn sequence(bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    match element(bytes)? {
        (Element { tag: SEQUENCE, content, .. }, []) => elements(content),
        _ => None,
    }
}

/// A sequence of whole elements.
pub(crate) fn write_sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    written(SEQUENCE, &parts.concat())
}

/// A number of any length that is not negative.
pub(crate) fn write_integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let padded = digits.first().is_none_or(|byte| *byte >= 0x80);
    written(INTEGER, &[if padded { &[0][..] } else { &[] }, digits].concat())
}

fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        // Lengths of more than three bytes are no key's; 0x80 stands for a length that DER does not have.
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag: *tag, content, whole }, rest))
}

fn written(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0).and_then(|at| length.get(at..)).unwrap_or(&[0]);
    let long = u8::try_from(significant.len()).unwrap_or(u8::MAX) | 0x80;
    let head = if content.len() < 0x80 { vec![tag] } else { vec![tag, long] };
    [&head, significant, content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_fill_its_length_is_refused() {
        for bad in [&[][..], &[0x30], &[0x30, 2, 1], &[0x30, 0x80, 0, 0], &[0x30, 0x84, 0, 0, 0, 0], &[0x30, 0, 0]] {
            assert_eq!(sequence(bad), None, "{bad:?}");
        }
        assert_eq!(sequence(&[0x30, 0]), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(numbers in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..5)) {
            let parts: Vec<_> = numbers.iter().map(|number| write_integer(number)).collect();
            let whole = write_sequence(&parts);
            let read = sequence(&whole).unwrap();
            prop_assert_eq!(read.len(), numbers.len());
            for (element, number) in read.iter().zip(&numbers) {
                let bare = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
                prop_assert_eq!(element.tag, INTEGER);
                prop_assert!(element.content[0] < 0x80);
                prop_assert_eq!(bare(element.content), bare(number));
            }
        }

        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>) {
            let _ = (sequence(&bytes), elements(&bytes));
        }
    }
}
