//! A value that every item of a list in a JSON body has alike.

use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use crate::sign::json::{self, Pointer};
use crate::sign::place::Lack;
use crate::sign::splice::{Members, at};

/// Where such a value stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// Where the list is.
    list: Pointer,
    /// Where the value is in an item of it.
    value: Pointer,
}

impl Each {
    /// The value that the items have.
    ///
    /// # Errors
    /// If an item has none, or another one, or there is no item.
    pub(crate) fn find(&self, body: &[u8]) -> Result<String, Lack> {
        let text = str::from_utf8(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok();
        let mut values = text
            .and_then(|text| self.items(text))
            .unwrap_or_default()
            .into_iter()
            .map(|item| json::find_whole(item.get().as_bytes(), &self.value, false).ok_or_else(|| self.lack()));
        let first = values.next().ok_or_else(|| self.lack())??;
        for value in values {
            if value? != first {
                return Err(Lack::Unlike(self.to_string()));
            }
        }
        Ok(first)
    }

    /// The text with this value in every item, all else as it is written.
    pub(crate) fn put(&self, text: &str, written: &str) -> Option<String> {
        let (mut out, mut done) = (String::with_capacity(text.len() + written.len()), 0);
        for item in self.items(text)? {
            let start = (item.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
            out.push_str(text.get(done..start)?);
            out.push_str(&at(item.get(), self.value.parts(), written)?);
            done = start + item.get().len();
        }
        out.push_str(text.get(done..)?);
        (done > 0).then_some(out)
    }

    /// A name that stands in each body.
    pub(crate) fn name(&self) -> &str {
        self.value.name()
    }

    pub(crate) fn lack(&self) -> Lack {
        Lack::Body(self.to_string())
    }

    fn items<'t>(&self, text: &'t str) -> Option<Vec<&'t RawValue>> {
        let list = self.list.parts().iter().try_fold(text, |text, name| {
            let mut reader = serde_json::Deserializer::from_str(text);
            let (_, found) = Members(name).deserialize(&mut reader).ok()?;
            reader.end().ok()?;
            found.map(RawValue::get)
        });
        serde_json::from_str(list?).ok()
    }
}

impl std::fmt::Display for Each {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/*{}", self.list, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn each() -> Each {
        toml::from_str("list = '/value'\nvalue = '/state'").unwrap()
    }

    #[test]
    fn every_item_has_to_have_the_same_value() {
        let unlike = Err(Lack::Unlike("/value/*/state".to_owned()));
        for (body, found) in [
            (r#"{"value":[{"state":"s"}]}"#, Ok("s".to_owned())),
            ("\u{feff}{\"value\":[{\"state\":\"s\"},{\"a\":1,\"state\":\"\\u0073\"}]}\n", Ok("s".to_owned())),
            (r#"{"value":[{"state":"s"},{"state":"t"}]}"#, unlike.clone()),
            (r#"{"value":[{"state":"t"},{"state":"s"}]}"#, unlike),
            (r#"{"value":[{"state":"s"},{}]}"#, Err(each().lack())),
            (r#"{"value":[{"state":"s"},{"state":null}]}"#, Err(each().lack())),
            (r#"{"value":[{"state":"s"},"s"]}"#, Err(each().lack())),
            (r#"{"value":[{"state":"s"}],"value":[]}"#, Err(each().lack())),
            (r#"{"value":{"state":"s"}}"#, Err(each().lack())),
            (r#"{"value":[{"state":"s"}]"#, Err(each().lack())),
            (r#"[{"state":"s"}]"#, Err(each().lack())),
            ("", Err(each().lack())),
        ] {
            assert_eq!(each().find(body.as_bytes()), found, "{body}");
        }
    }

    #[test]
    fn a_value_is_put_into_every_item() {
        for (body, after) in [
            (
                r#"{"value":[ {"state":"x"},{ "a" : 1.0 } ],"b":2}"#,
                Some(r#"{"value":[ {"state":"s"},{ "a" : 1.0 ,"state":"s"} ],"b":2}"#),
            ),
            (r#"{"value":[]}"#, None),
            (r#"{"value":[1]}"#, None),
            ("no json", None),
        ] {
            assert_eq!(each().put(body, "\"s\"").as_deref(), after, "{body}");
        }
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_found(body in "[\\[\\]{},:\"\\\\a1 ]{0,20}", items in 1_usize..4) {
            let _ = each().find(body.as_bytes());
            let list = vec![format!("{{\"b\":\"{}\"}}", body.replace(['"', '\\'], "")); items].join(" , ");
            let new = each().put(&format!("{{\"value\":[{list}]}}"), "\"s\"").unwrap();
            prop_assert_eq!(each().find(new.as_bytes()), Ok("s".to_owned()));
        }
    }
}
