//! A signing secret or verification key: text that is never shown by accident.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

/// A secret as its owner wrote it. `Debug` and `Display` show a mask; only [`Secret::reveal`] gives the text.
#[derive(Clone)]
pub struct Secret(Arc<Kept>);

struct Kept {
    text: Zeroizing<String>,
    /// What was made of the text on first use.
    made: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Kept { text: Zeroizing::new(text.into()), made: OnceLock::new() }))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.text
    }

    /// What is made of the text, such as a key, made once for this secret and all its clones. None if something of
    /// another type was made of it before.
    pub(crate) fn made<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.0.made.get_or_init(|| Box::new(make())).downcast_ref()
    }

    /// Enough to tell two secrets apart and too little to use: `whsec_ab..yz`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (prefix, rest) = match self.reveal().split_once('_') {
            Some((prefix, rest)) if prefix.len() <= 8 => (format!("{prefix}_"), rest),
            _ => (String::new(), self.reveal()),
        };
        let letters: Vec<char> = rest.chars().collect();
        match letters.as_slice() {
            [a, b, .., y, z] if letters.len() >= 16 => format!("{prefix}{a}{b}..{y}{z}"),
            _ => format!("{prefix}***"),
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Secret {}

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
    fn what_was_made_of_a_secret_is_made_once() {
        let secret = Secret::new("hunter2");
        assert_eq!(secret.made(|| secret.reveal().len()), Some(&7));
        assert_eq!(secret.clone().made(|| 0_usize), Some(&7));
        assert_eq!(secret.made(|| "of another type"), None);
        assert_eq!(secret, Secret::new("hunter2"));
    }

    #[test]
    fn only_the_ends_of_a_long_secret_are_shown() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(format!("{secret} {secret:?}"), "whsec_Mf..Sw whsec_Mf..Sw");
        assert_eq!(Secret::new("whsec_short").masked(), "whsec_***");
        assert_eq!(Secret::new("hunter2").masked(), "***");
        assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
