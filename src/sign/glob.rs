//! Patterns for values that come from outside, such as the address of a certificate.

/// A text in which `*` stands for one or more letters, digits, `-` and `_`: never for a dot or a slash, so that a
/// pattern for a host cannot be met by another host.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "String")]
pub struct Glob(String);

impl From<String> for Glob {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Glob {
    /// Whether the whole value is of this form.
    #[must_use]
    pub fn fits(&self, value: &[u8]) -> bool {
        let mut parts = self.0.split('*').map(str::as_bytes);
        let Some(mut rest) = parts.next().and_then(|first| value.strip_prefix(first)) else { return false };
        let Some(last) = parts.clone().next_back() else { return rest.is_empty() };
        let between = parts.clone().count() - 1;
        for part in parts.take(between) {
            let Some(at) = memchr::memmem::find(rest.get(1..).unwrap_or_default(), part) else { return false };
            let (run, tail) = rest.split_at(at + 1);
            if !run.iter().all(|byte| stands_for(*byte)) {
                return false;
            }
            rest = tail.get(part.len()..).unwrap_or_default();
        }
        rest.strip_suffix(last).is_some_and(|run| !run.is_empty() && run.iter().all(|byte| stands_for(*byte)))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

const fn stands_for(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_a_word_and_never_for_another_host() {
        let host = Glob::from("https://sns.*.amazonaws.com/*.pem".to_owned());
        assert!(host.fits(b"https://sns.eu-west-1.amazonaws.com/Key-0_1.pem"));
        for bad in [
            "http://sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu.s3.amazonaws.com/a.pem",
            "https://sns.x.evil.example/.amazonaws.com/a.pem",
            "https://sns.x@evil.example/.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://sns.a.amazonaws.com/.pem",
            "https://sns.a.amazonaws.com/a.pem?x",
            "https://sns.a.amazonaws.com/a/b.pem",
            "",
        ] {
            assert!(!host.fits(bad.as_bytes()), "{bad}");
        }
        assert!(Glob::from("v1".to_owned()).fits(b"v1") && !Glob::from("v1".to_owned()).fits(b"v12"));
        assert!(Glob::from("*".to_owned()).fits(b"ab") && !Glob::from("*".to_owned()).fits(b""));
        assert!(Glob::from(String::new()).fits(b"") && !Glob::from(String::new()).fits(b"a"));
    }

    proptest! {
        #[test]
        fn no_value_breaks_it(pattern: String, value: Vec<u8>) {
            let _ = Glob::from(pattern).fits(&value);
        }
    }
}
