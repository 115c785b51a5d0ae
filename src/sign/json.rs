//! Values at known places of a JSON text, found without building the whole of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A place in a JSON text: `/data/items/0/id`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The name at the top, if that is all there is.
    #[must_use]
    pub fn top(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// The name it ends with; empty if that is a number, which may be a place in a list.
    pub(crate) fn name(&self) -> &str {
        self.0.last().filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).map_or("", String::as_str)
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rest = text.strip_prefix('/').ok_or_else(|| format!("\"{text}\" is no place in JSON: it starts with /"))?;
        Ok(Self(rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "/{}", part.replace('~', "~0").replace('/', "~1")))
    }
}

/// The strings, numbers and booleans at these places, as text; of a repeated name the last, as parsers take it.
#[must_use]
pub fn find<const N: usize>(body: &[u8], places: [&Pointer; N]) -> [Option<String>; N] {
    let mut search = Search { places, found: [const { None }; N], enough: None };
    search.run(body);
    search.found
}

/// As [`find`], but reading stops as soon as those that are `enough` have a value.
#[must_use]
pub fn find_soon<const N: usize>(body: &[u8], places: [&Pointer; N], enough: [bool; N]) -> [Option<String>; N] {
    let mut search = Search { places, found: [const { None }; N], enough: Some(enough) };
    search.run(body);
    search.found
}

struct Search<'p, const N: usize> {
    places: [&'p Pointer; N],
    found: [Option<String>; N],
    enough: Option<[bool; N]>,
}

impl<const N: usize> Search<'_, N> {
    /// Whatever was found before the text went wrong counts.
    fn run(&mut self, body: &[u8]) {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut reader = serde_json::Deserializer::from_slice(body);
        let _ = Level { search: self, depth: 0, on: [true; N] }.deserialize(&mut reader);
    }
}

/// The value at some depth, and which of the places lead here.
struct Level<'s, 'p, const N: usize> {
    search: &'s mut Search<'p, N>,
    depth: usize,
    on: [bool; N],
}

impl<const N: usize> Level<'_, '_, N> {
    /// Which of the places go on with this name.
    fn below(&self, name: &str) -> [bool; N] {
        let mut on = self.on;
        for (on, place) in on.iter_mut().zip(self.search.places) {
            *on = *on && place.0.get(self.depth).is_some_and(|own| own == name);
        }
        on
    }

    fn keep<E: Error>(&mut self, text: &str) -> Result<(), E> {
        for ((on, place), found) in self.on.iter().zip(self.search.places).zip(&mut self.search.found) {
            if *on && place.0.len() == self.depth {
                *found = Some(text.to_owned());
            }
        }
        let found =
            |enough: [bool; N]| enough.iter().zip(&self.search.found).all(|(enough, found)| !enough || found.is_some());
        let done = self.search.enough.is_some_and(found);
        if done { Err(E::custom("found")) } else { Ok(()) }
    }
}

impl<'de, const N: usize> DeserializeSeed<'de> for Level<'_, '_, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Level<'_, '_, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(on) = map.next_key_seed(Name { level: &self })? {
            if on.contains(&true) {
                map.next_value_seed(Level { search: &mut *self.search, depth: self.depth + 1, on })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let on = self.below(&index.to_string());
            let more = if on.contains(&true) {
                list.next_element_seed(Level { search: &mut *self.search, depth: self.depth + 1, on })?
            } else {
                list.next_element::<IgnoredAny>()?.map(|_| ())
            };
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.keep(text)
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<(), E> {
        self.keep(&number.to_string())
    }

    fn visit_i64<E: Error>(mut self, number: i64) -> Result<(), E> {
        self.keep(&number.to_string())
    }

    fn visit_f64<E: Error>(mut self, number: f64) -> Result<(), E> {
        self.keep(&number.to_string())
    }

    fn visit_bool<E: Error>(mut self, yes: bool) -> Result<(), E> {
        self.keep(if yes { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Compares a name where it stands, so that names cost no memory.
struct Name<'l, 's, 'p, const N: usize> {
    level: &'l Level<'s, 'p, N>,
}

impl<'de, const N: usize> DeserializeSeed<'de> for Name<'_, '_, '_, N> {
    type Value = [bool; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<[bool; N], D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<const N: usize> Visitor<'_> for Name<'_, '_, '_, N> {
    type Value = [bool; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<[bool; N], E> {
        Ok(self.level.below(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(body: &str, place: &str) -> Option<String> {
        let place = Pointer::try_from(place.to_owned()).unwrap();
        let [found] = find(body.as_bytes(), [&place]);
        found
    }

    #[test]
    fn values_are_found_at_any_depth() {
        let body = "\u{feff}{\"a\":{\"b\":[1,{\"c\":\"x\\u00e9\"}]},\"n\":-5,\"t\":true,\"z\":null,\"k/~\":1.5}";
        assert_eq!(at(body, "/a/b/1/c").as_deref(), Some("xé"));
        assert_eq!(at(body, "/a/b/0").as_deref(), Some("1"));
        assert_eq!(at(body, "/n").as_deref(), Some("-5"));
        assert_eq!(at(body, "/t").as_deref(), Some("true"));
        assert_eq!(at(body, "/k~1~0").as_deref(), Some("1.5"));
        for none in ["/z", "/a", "/a/b", "/x", "/a/b/7"] {
            assert_eq!(at(body, none), None, "{none}");
        }
    }

    #[test]
    fn the_last_of_a_repeated_name_counts() {
        assert_eq!(at(r#"{"a":1,"a":2}"#, "/a").as_deref(), Some("2"));
    }

    #[test]
    fn a_hurried_search_stops_when_it_has_enough() {
        let (first, second) = (Pointer::top("type"), Pointer::top("id"));
        let body = br#"{"id":"1","type":"t","id":"2","broken"#;
        let found = |enough| find_soon(body, [&first, &second], enough).map(Option::unwrap_or_default);
        assert_eq!(found([true, true]), ["t", "1"]);
        assert_eq!(found([false, true]), ["", "1"]);
        assert_eq!(find(body, [&first, &second]).map(Option::unwrap_or_default), ["t", "2"]);
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body: Vec<u8>) {
            let _ = find(&body, [&Pointer::top("a")]);
        }
    }

    #[test]
    fn depth_breaks_nothing() {
        for body in ["[".repeat(200_000), "{\"a\":".repeat(200_000)] {
            assert_eq!(at(&body, "/a/a"), None);
        }
    }
}
