//! Puts a value into a body, at a place that a scheme names; all the rest stays as it is written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::sign::filter::json_string;
use crate::sign::form;
use crate::sign::json::Pointer;
use crate::sign::place::Place;

/// What is put there.
#[derive(Clone, Copy)]
pub(crate) enum Put<'a> {
    /// A text, or a number where the place is one's.
    Text(&'a [u8]),
    /// Nothing, in place of what was there.
    Nothing,
}

/// The body with this value at this place; `document` is where its JSON is, if it is but a part. None if the body has
/// no room for it: it is of another form.
pub(crate) fn put(body: &[u8], document: Option<&Place>, place: &Place, value: Put) -> Option<Vec<u8>> {
    match (place, document) {
        (Place::Form(named), _) => match value {
            Put::Text(text) => form::with(body, named.name().as_bytes(), Some(text)),
            Put::Nothing => form::with(body, named.name().as_bytes(), None),
        },
        (Place::Body(_), _) => Some(match value {
            Put::Text(text) => text.to_vec(),
            // What is left of a token without its signature.
            Put::Nothing => memchr::memrchr(b'.', body).and_then(|dot| body.get(..=dot)).unwrap_or_default().to_vec(),
        }),
        (Place::Json(pointer), None) => in_json(body, pointer, value, false),
        (Place::Number(pointer), None) => in_json(body, pointer, value, true),
        (Place::Each(each), None) => {
            let text = str::from_utf8(body).ok()?;
            each.put(text, &written(value, false)?).map(String::into_bytes)
        }
        (place, Some(Place::Form(named))) => {
            let fields = form::fields(body);
            let (_, inner) = fields.iter().find(|(name, _)| name == named.name().as_bytes())?;
            form::with(body, named.name().as_bytes(), Some(&put(inner, None, place, value)?))
        }
        _ => None,
    }
}

fn in_json(body: &[u8], pointer: &Pointer, value: Put, number: bool) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok()?;
    let written = written(value, number)?;
    let start = text.len() - text.trim_ascii_start().len();
    let (space, rest) = text.split_at(start);
    Some(format!("{space}{}", at(rest, pointer.parts(), &written)?).into_bytes())
}

fn written(value: Put, number: bool) -> Option<String> {
    Some(match value {
        Put::Nothing => "null".to_owned(),
        Put::Text(text) if number => str::from_utf8(text).ok().filter(|text| text.parse::<i64>().is_ok())?.to_owned(),
        Put::Text(text) => json_string(str::from_utf8(text).ok()?),
    })
}

/// The JSON value with another one at a place inside it.
pub(crate) fn at(text: &str, path: &[String], value: &str) -> Option<String> {
    let Some((name, rest)) = path.split_first() else { return Some(value.to_owned()) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let (list, found) = Members(name).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    if let Some(old) = found {
        let new = at(old.get(), rest, value)?;
        let place = (old.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let (before, after) = (text.get(..place)?, text.get(place + old.get().len()..)?);
        return Some(format!("{before}{new}{after}"));
    }
    // A list is not made longer: what would the other items say?
    let (before, after) = text.rsplit_once('}').filter(|_| !list)?;
    let comma = if before.trim_ascii_end().ends_with('{') { "" } else { "," };
    let new = rest.iter().rev().fold(value.to_owned(), |inner, name| format!("{{{}:{inner}}}", json_string(name)));
    Some(format!("{before}{comma}{}:{new}}}{after}", json_string(name)))
}

/// The member of this name, of a repeated one the last, or the item of this number; and whether it is a list.
pub(crate) struct Members<'n>(pub(crate) &'n str);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = (bool, Option<&'de RawValue>);

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = (bool, Option<&'de RawValue>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            found = if name == self.0 { Some(value) } else { found };
        }
        Ok((false, found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut index) = (None, 0_usize);
        while let Some(value) = list.next_element::<&RawValue>()? {
            found = if self.0.parse() == Ok(index) { Some(value) } else { found };
            index += 1;
        }
        Ok((true, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::json;
    use proptest::prelude::*;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    fn after(body: &str, place: &str, value: &str) -> Option<String> {
        let new = in_json(body.as_bytes(), &pointer(place), Put::Text(value.as_bytes()), false)?;
        Some(String::from_utf8(new).unwrap())
    }

    #[test]
    fn a_value_is_replaced_or_added_and_nothing_else_is_touched() {
        for (body, place, expected) in [
            (r#" {"a" : 1.0, "b":[{"c":"x"}]}"#, "/b/0/c", Some(r#" {"a" : 1.0, "b":[{"c":"s\""}]}"#)),
            (r#"{"a":1,"a":2}"#, "/a", Some(r#"{"a":1,"a":"s\""}"#)),
            ("{ }\n", "/a/b", Some("{ \"a\":{\"b\":\"s\\\"\"}}\n")),
            (r#"{"x":"}"}"#, "/a", Some(r#"{"x":"}","a":"s\""}"#)),
            ("[]", "/0", None),
            ("{\"a\":1}", "/a/b", None),
            ("no json", "/a", None),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(after(body, place, "s\""), expected, "{body} {place}");
        }
        let gone = in_json(b"{\"a\":\"x\"}", &pointer("/a"), Put::Nothing, false);
        assert_eq!(gone.as_deref(), Some(&b"{\"a\":null}"[..]));
    }

    #[test]
    fn the_json_in_a_field_of_a_form_is_changed_inside_it() {
        #[derive(serde::Deserialize)]
        struct Places {
            document: Place,
            place: Place,
        }
        let places: Places = toml::from_str("document = { form = 'json' }\nplace = { json = '/e/h' }").unwrap();
        let new = put(b"x=1&json=%7B%22e%22%3A%7B%7D%7D", Some(&places.document), &places.place, Put::Text(b"s"));
        assert_eq!(new.as_deref(), Some(&b"x=1&json=%7B%22e%22%3A%7B%22h%22%3A%22s%22%7D%7D"[..]));
        assert!(put(b"x=1", Some(&places.document), &places.place, Put::Text(b"s")).is_none());
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_found(body in "[\\[\\]{},:\"\\\\a1 ]{0,20}", value: String) {
            for body in [body.clone(), format!("{{\"x\":[{{}}],\"b\":\"{}\"}}", body.replace(['"', '\\'], ""))] {
                for place in ["/a", "/x/0/y", "/b"] {
                    if let Some(new) = after(&body, place, &value) {
                        prop_assert_eq!(json::find_whole(new.as_bytes(), &pointer(place), false), Some(value.clone()));
                    }
                }
            }
        }
    }
}
