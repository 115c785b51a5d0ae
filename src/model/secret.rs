//! A signing secret or verification key: text that is never shown by accident.

use std::fmt;

use zeroize::Zeroizing;

/// A secret as its owner wrote it. `Debug` and `Display` show a mask; only [`Secret::reveal`] gives the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to tell two secrets apart and too little to use: `whsec_ab..yz`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (prefix, rest) = match self.0.split_once('_') {
            Some((prefix, rest)) if prefix.len() <= 8 => (format!("{prefix}_"), rest),
            _ => (String::new(), self.0.as_str()),
        };
        let letters: Vec<char> = rest.chars().collect();
        match letters.as_slice() {
            [a, b, .., y, z] if letters.len() >= 16 => format!("{prefix}{a}{b}..{y}{z}"),
            _ => format!("{prefix}***"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_of_a_long_secret_are_shown() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(format!("{secret} {secret:?}"), "whsec_Mf..Sw whsec_Mf..Sw");
        assert_eq!(Secret::new("whsec_short").masked(), "whsec_***");
        assert_eq!(Secret::new("hunter2").masked(), "***");
        assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
