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

    /// The names on the way there.
    pub(crate) fn parts(&self) -> &[String] {
        &self.0
    }

    /// The name it ends with; empty if that is a number, which may be a place in a list.
    pub(crate) fn name(&self) -> &str {
        self.0.last().filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).map_or("", String::as_str)
    }
}

impl Pointer {
    /// Whether its last name stands in the body at all, which a glance tells. Nothing is sure if names are escaped.
    fn may_be_in(&self, body: &[u8]) -> bool {
        let Some(name) = self.0.last().filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit())) else {
            return true;
        };
        memchr::memmem::find(body, name.as_bytes()).is_some() || memchr::memchr(b'\\', body).is_some()
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
    let mut search = Search { places, found: [const { None }; N], enough: None, numbers: false };
    search.run(body);
    search.found
}

/// The value at one place of a body that is JSON from its start to its end; if `numbers`, it must be a number.
#[must_use]
pub fn find_whole(body: &[u8], place: &Pointer, numbers: bool) -> Option<String> {
    if !place.may_be_in(body) {
        return None;
    }
    let mut search = Search { places: [place], found: [None], enough: None, numbers };
    let whole = search.run(body);
    let [found] = search.found;
    found.filter(|_| whole)
}

/// As [`find`], but reading stops as soon as those that are `enough` have a value.
#[must_use]
pub fn find_soon<const N: usize>(body: &[u8], places: [&Pointer; N], enough: [bool; N]) -> [Option<String>; N] {
    let mut search = Search { places, found: [const { None }; N], enough: Some(enough), numbers: false };
    search.run(body);
    search.found
}

struct Search<'p, const N: usize> {
    places: [&'p Pointer; N],
    found: [Option<String>; N],
    enough: Option<[bool; N]>,
    numbers: bool,
}

impl<const N: usize> Search<'_, N> {
    /// Whatever was found before the text went wrong counts. Says whether it is JSON from its start to its end.
    fn run(&mut self, body: &[u8]) -> bool {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut reader = serde_json::Deserializer::from_slice(body);
        Level { search: self, depth: 0, on: [true; N] }.deserialize(&mut reader).is_ok() && reader.end().is_ok()
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

impl<const N: usize> Level<'_, '_, N> {
    /// Of a repeated name the last counts, and this one has no text.
    fn forget(&mut self) {
        for ((on, place), found) in self.on.iter().zip(self.search.places).zip(&mut self.search.found) {
            if *on && place.0.len() == self.depth {
                *found = None;
            }
        }
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

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.forget();
        while let Some(on) = map.next_key_seed(Name { level: &self })? {
            if on.contains(&true) {
                map.next_value_seed(Level { search: &mut *self.search, depth: self.depth + 1, on })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.forget();
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
        if self.search.numbers {
            self.forget();
            return Ok(());
        }
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

    fn visit_bool<E: Error>(self, yes: bool) -> Result<(), E> {
        self.visit_str(if yes { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.forget();
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
        for last in ["null", "{}", "[]"] {
            assert_eq!(at(&format!(r#"{{"a":1,"a":{last}}}"#), "/a"), None, "{last}");
        }
    }

    #[test]
    fn a_whole_search_takes_no_broken_text_and_only_numbers_if_asked() {
        let found = |body: &str, numbers| find_whole(body.as_bytes(), &Pointer::top("a"), numbers);
        assert_eq!(found("{\"a\":1}\n", true).as_deref(), Some("1"));
        assert_eq!(found("{\"\\u0061\":\"x\"}", false).as_deref(), Some("x"));
        for (body, numbers) in
            [("{\"a\":1", false), ("{\"a\":1}x", false), ("{\"a\":\"1\"}", true), ("{\"b\":1}", false)]
        {
            assert_eq!(found(body, numbers), None, "{body}");
        }
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
