//! Which types of event a pattern means, and where a route sends them.

use std::fmt;
use std::str::FromStr;

use crate::model::Endpoint;
use crate::model::Target;
use crate::model::TargetError;

/// A pattern over event types: `*` stands for any characters, dots too; everything else for itself, case included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

/// Events of some types go to a target of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which types.
    pub glob: Glob,
    /// Where they go.
    pub target: Target,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// It is empty.
    #[error("a pattern cannot be empty: use a type such as order.created, or * for any characters, such as order.*")]
    Empty,
    /// It has a character that means something elsewhere, or nothing anywhere.
    #[error("pattern {0:?}: {1:?} has no meaning here; only * is special, such as order.*")]
    Character(String, char),
}

/// Why a text is no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// There is no `=` in it.
    #[error("route \"{0}\" needs the form PATTERN=TARGET, such as invoice.*=localhost:3000/invoices")]
    Form(String),
    /// What stands before the `=` is no pattern.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// What follows the `=` is no target.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Glob {
    /// Whether the pattern covers this type.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        covers(&self.0, event_type)
    }

    /// The pattern if it covers exactly one type, so that an index can be asked for it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(self.0.as_str())
    }
}

/// Whether a pattern, as it is written, covers this type.
#[must_use]
pub fn covers(pattern: &str, event_type: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| event_type.strip_prefix(start)) else { return false };
    let Some(end) = parts.next_back() else { return rest.is_empty() };
    // Taking each part at its first place leaves the most for the others.
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(end)
}

/// Whether an endpoint gets events of this type on these channels.
#[must_use]
pub fn wants(endpoint: &Endpoint, event_type: &str, channels: &[String]) -> bool {
    endpoint.disabled.is_none() && suits(endpoint, event_type, channels)
}

/// Whether it would get them if it is not switched off.
#[must_use]
pub fn suits(endpoint: &Endpoint, event_type: &str, channels: &[String]) -> bool {
    endpoint.event_types.as_ref().is_none_or(|types| types.iter().any(|glob| covers(glob, event_type)))
        && (endpoint.channels.is_empty() || endpoint.channels.iter().any(|channel| channels.contains(channel)))
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        // What other languages of patterns or lists use: somebody who writes it means something by it.
        let foreign = |c: char| "?[]{},!\\".contains(c) || c.is_whitespace() || c.is_control();
        match text.chars().find(|c| foreign(*c)) {
            Some(found) => Err(GlobError::Character(text.to_owned(), found)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Route {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        let (glob, target) = text.split_once('=').ok_or_else(|| RouteError::Form(text.to_owned()))?;
        Ok(Self { glob: glob.parse()?, target: target.trim().parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn covers(glob: &str, text: &str) -> bool {
        glob.parse::<Glob>().unwrap().matches(text)
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (glob, text) in [
            ("*", ""),
            ("*", "order.created"),
            ("order.created", "order.created"),
            ("order.*", "order.created"),
            ("order.*", "order.line.added"),
            ("order.*", "order."),
            ("*.paid", "invoice.paid"),
            ("a*b*c", "a.b.b.c"),
            ("a**c", "ac"),
            ("*ab", "aab"),
            ("*é*", "café"),
        ] {
            assert!(covers(glob, text), "{glob} {text}");
        }
        for (glob, text) in [
            ("order.*", "order"),
            ("order.*", "Order.created"),
            ("order.*", "reorder.created"),
            ("order.created", "order.created2"),
            ("*.paid", "invoice.paid.twice"),
            ("ab*ba", "aba"),
            ("a*b*c", "acb"),
        ] {
            assert!(!covers(glob, text), "{glob} {text}");
        }
    }

    #[test]
    fn other_languages_of_patterns_are_refused() {
        assert_eq!("".parse::<Glob>(), Err(GlobError::Empty));
        for bad in ["[bad", "a?", "{a,b}", "a,b", "a b", "!a", "a\\*", "a\x1b"] {
            let error = bad.parse::<Glob>().unwrap_err().to_string();
            assert!(error.contains("only * is special") && !error.contains('\x1b'), "{error}");
        }
    }

    #[test]
    fn a_route_is_split_at_its_first_equals_sign() {
        let route: Route = "invoice.*=localhost:3000/invoices?a=b".parse().unwrap();
        assert_eq!(
            (route.glob.to_string(), route.target.to_string()),
            ("invoice.*".to_owned(), "http://localhost:3000/invoices?a=b".to_owned())
        );
        assert!(matches!("invoice.*".parse::<Route>(), Err(RouteError::Form(_))));
        assert!(matches!("=3000".parse::<Route>(), Err(RouteError::Glob(_))));
        assert!(matches!("a=ftp://x".parse::<Route>(), Err(RouteError::Target(_))));
    }

    /// The textbook definition, slow and plain.
    fn reference(glob: &[u8], text: &[u8]) -> bool {
        match (glob.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', glob_rest)), _) => {
                reference(glob_rest, text) || text.split_first().is_some_and(|(_, rest)| reference(glob, rest))
            }
            (Some((a, glob_rest)), Some((b, rest))) => a == b && reference(glob_rest, rest),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_textbook(glob in "[ab*]{1,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(covers(&glob, &text), reference(glob.as_bytes(), text.as_bytes()));
        }
    }
}
