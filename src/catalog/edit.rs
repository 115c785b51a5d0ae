//! `--set`, `--set-string` and `--unset`: changes to a JSON document that leave the rest of it as it is written.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::catalog::json;
use crate::catalog::json::Json;
use crate::catalog::json::JsonError;
use crate::catalog::json::Member;

/// One change to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    path: Path,
    change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    /// Puts this JSON there.
    Put(String),
    Remove,
}

/// A place in a document: `data.items[0].id`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// Why a document cannot be changed like this.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no `=` in it.
    #[error("\"{0}\" needs the form PATH=VALUE, such as data.amount=100")]
    Form(String),
    /// The path cannot be read.
    #[error("path \"{path}\": {why}; write names with dots between and indexes in brackets, such as data.items[0].id")]
    Path {
        /// The whole path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The document, or a value, cannot be edited.
    #[error(transparent)]
    Document(#[from] JsonError),
    /// A step leads into something that has no such steps.
    #[error("\"{path}\" cannot be reached: {place} is {sort}, not {wanted}")]
    Sort {
        /// The whole path.
        path: String,
        /// How far it leads.
        place: String,
        /// What is there.
        sort: &'static str,
        /// What would have to be there.
        wanted: &'static str,
    },
    /// An index lies beyond the end of its array.
    #[error("\"{path}\" cannot be set: {place} has {count} elements, so the next index is {count}")]
    Gap {
        /// The whole path.
        path: String,
        /// Where the array is.
        place: String,
        /// How many elements it has.
        count: usize,
    },
    /// There is nothing to remove.
    #[error("\"{0}\" cannot be removed: there is no such place")]
    Missing(String),
}

/// The document with these changes, one after the other.
///
/// A changed document is compact; its numbers, strings and keys, and the order of the keys, stay as they are written.
/// Without any change its bytes stay as they are.
///
/// # Errors
/// If the document is not JSON, has a key twice in one object, or has no room for one of the changes.
pub fn apply(document: &str, edits: &[Edit]) -> Result<String, EditError> {
    if edits.is_empty() {
        return Ok(document.to_owned());
    }
    let mut root = Json::parse(document)?;
    for Edit { path, change } in edits {
        match change {
            Change::Put(text) => path.put(0, &mut root, Json::parse(text)?)?,
            Change::Remove => path.remove(&mut root)?,
        }
    }
    Ok(root.to_string())
}

impl Edit {
    /// Reads `PATH=VALUE`. A value that is JSON is put as it is written, any other text as a string.
    ///
    /// # Errors
    /// If there is no `=`, or the path cannot be read.
    pub fn set(text: &str) -> Result<Self, EditError> {
        let (path, value) = halves(text)?;
        let value = match Json::parse(value) {
            Ok(json) => json.to_string(),
            Err(JsonError::Grammar(_)) => json::quoted(value),
            Err(why) => return Err(why.into()),
        };
        Ok(Self { path, change: Change::Put(value) })
    }

    /// Reads `PATH=TEXT`; the text is put as a string, whatever it looks like.
    ///
    /// # Errors
    /// If there is no `=`, or the path cannot be read.
    pub fn set_string(text: &str) -> Result<Self, EditError> {
        let (path, value) = halves(text)?;
        Ok(Self { path, change: Change::Put(json::quoted(value)) })
    }

    /// Reads `PATH`, whose value is taken out.
    ///
    /// # Errors
    /// If the path cannot be read.
    pub fn unset(text: &str) -> Result<Self, EditError> {
        Ok(Self { path: text.parse()?, change: Change::Remove })
    }
}

fn halves(text: &str) -> Result<(Path, &str), EditError> {
    let (path, value) = text.split_once('=').ok_or_else(|| EditError::Form(text.to_owned()))?;
    Ok((path.parse()?, value))
}

impl Path {
    /// Puts `value` where the steps from `done` on lead from `here`, making objects and arrays on the way.
    fn put<'a>(&self, done: usize, here: &mut Json<'a>, value: Json<'a>) -> Result<(), EditError> {
        let inner = match (self.0.get(done), here) {
            (None, here) => {
                *here = value;
                return Ok(());
            }
            (Some(Step::Name(name)), Json::Object(members)) => {
                let known = members.iter().position(|member| member.name == *name);
                let place = known.unwrap_or(members.len());
                if known.is_none() {
                    members.push(Member::new(name, self.blank(done + 1)));
                }
                members.get_mut(place).map(|member| &mut member.value)
            }
            (Some(Step::Index(index)), Json::Array(elements)) => {
                if *index == elements.len() {
                    elements.push(self.blank(done + 1));
                }
                let count = elements.len();
                let gap = || EditError::Gap { path: self.to_string(), place: self.place(done), count };
                Some(elements.get_mut(*index).ok_or_else(gap)?)
            }
            (Some(step), here) => return Err(self.astray(done, step, here)),
        };
        inner.map_or(Ok(()), |inner| self.put(done + 1, inner, value))
    }

    fn remove(&self, root: &mut Json<'_>) -> Result<(), EditError> {
        let missing = || EditError::Missing(self.to_string());
        let (last, way) = self.0.split_last().ok_or_else(missing)?;
        let mut here = root;
        for (done, step) in way.iter().enumerate() {
            here = match (step, here) {
                (Step::Name(name), Json::Object(members)) => {
                    &mut members.iter_mut().find(|member| member.name == *name).ok_or_else(missing)?.value
                }
                (Step::Index(index), Json::Array(elements)) => elements.get_mut(*index).ok_or_else(missing)?,
                (step, here) => return Err(self.astray(done, step, here)),
            };
        }
        match (last, here) {
            (Step::Name(name), Json::Object(members)) => {
                let place = members.iter().position(|member| member.name == *name).ok_or_else(missing)?;
                members.remove(place);
            }
            (Step::Index(index), Json::Array(elements)) if *index < elements.len() => {
                elements.remove(*index);
            }
            (Step::Index(_), Json::Array(_)) => return Err(missing()),
            (step, here) => return Err(self.astray(way.len(), step, here)),
        }
        Ok(())
    }

    /// What the step at `done` can lead into.
    fn blank(&self, done: usize) -> Json<'static> {
        match self.0.get(done) {
            Some(Step::Name(_)) => Json::Object(Vec::new()),
            Some(Step::Index(_)) => Json::Array(Vec::new()),
            None => Json::Scalar(Cow::Borrowed("null")),
        }
    }

    fn astray(&self, done: usize, step: &Step, here: &Json<'_>) -> EditError {
        let wanted = if matches!(step, Step::Name(_)) { "an object" } else { "an array" };
        EditError::Sort { path: self.to_string(), place: self.place(done), sort: here.sort(), wanted }
    }

    /// The first `done` steps, for people.
    fn place(&self, done: usize) -> String {
        match self.0.get(..done) {
            Some(steps) if !steps.is_empty() => format!("\"{}\"", Self(steps.to_vec())),
            _ => "the document".to_owned(),
        }
    }
}

impl FromStr for Path {
    type Err = EditError;

    fn from_str(text: &str) -> Result<Self, EditError> {
        let bad = |why: String| EditError::Path { path: text.to_owned(), why };
        let mut steps = Vec::new();
        for (place, part) in text.split('.').enumerate() {
            let (name, mut indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
            // Only the document itself has an index without a name before it.
            if name.is_empty() && (place > 0 || indexes.is_empty()) {
                return Err(bad(if text.is_empty() { "it is empty" } else { "a name is empty" }.to_owned()));
            }
            if name.contains(']') {
                return Err(bad("']' has no '[' before it".to_owned()));
            }
            if !name.is_empty() {
                steps.push(Step::Name(name.to_owned()));
            }
            while !indexes.is_empty() {
                let inside = indexes.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let (index, after) = inside.ok_or_else(|| bad(format!("\"{indexes}\" is no index")))?;
                let digits = index.bytes().all(|b| b.is_ascii_digit());
                let index =
                    index.parse().ok().filter(|_| digits).ok_or_else(|| bad(format!("[{index}] is no index")))?;
                steps.push(Step::Index(index));
                indexes = after;
            }
        }
        Ok(Self(steps))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if place == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const DOCUMENT: &str = "{\n  \"n\": 1.0, \"e\": 1e2, \"big\": 123456789012345678901234567890, \"z\": -0,\n  \"b\": \"\\/\\u00e9\",\n  \"data\": {\"id\": 9007199254740993, \"items\": [ {\"a\": 1}, 2 ]}\n}\n";

    fn set(document: &str, text: &str) -> String {
        apply(document, &[Edit::set(text).unwrap()]).unwrap_or_else(|why| format!("! {why}"))
    }

    fn unset(document: &str, text: &str) -> String {
        apply(document, &[Edit::unset(text).unwrap()]).unwrap_or_else(|why| format!("! {why}"))
    }

    #[test]
    fn a_document_without_edits_keeps_its_bytes() {
        assert_eq!(apply(DOCUMENT, &[]).unwrap(), DOCUMENT);
    }

    #[test]
    fn what_is_not_edited_stays_as_it_is_written() {
        assert_eq!(
            set(DOCUMENT, "data.items[0].a=1.50"),
            r#"{"n":1.0,"e":1e2,"big":123456789012345678901234567890,"z":-0,"b":"\/\u00e9","data":{"id":9007199254740993,"items":[{"a":1.50},2]}}"#
        );
    }

    #[test]
    fn values_are_typed_by_how_they_look() {
        for (text, want) in [
            ("x=1", "1"),
            ("x=-2.5", "-2.5"),
            ("x=1E+2", "1E+2"),
            ("x=true", "true"),
            ("x=false", "false"),
            ("x=null", "null"),
            ("x=[1, 2]", "[1,2]"),
            ("x={\"a\": 1}", "{\"a\":1}"),
            ("x=\"1\"", "\"1\""),
            ("x=hello", "\"hello\""),
            ("x=2026-01-02", "\"2026-01-02\""),
            ("x=", "\"\""),
            ("x=01", "\"01\""),
            ("x=NaN", "\"NaN\""),
            ("x={broken", "\"{broken\""),
            ("x=a=b", "\"a=b\""),
            ("x=say \"hi\"", "\"say \\\"hi\\\"\""),
        ] {
            assert_eq!(set("{}", text), format!("{{\"x\":{want}}}"), "{text}");
        }
        assert_eq!(apply("{}", &[Edit::set_string("x=1").unwrap()]).unwrap(), r#"{"x":"1"}"#);
    }

    #[test]
    fn what_is_missing_on_the_way_is_made() {
        assert_eq!(set("{}", "a.b.c=1"), r#"{"a":{"b":{"c":1}}}"#);
        assert_eq!(set(r#"{"l":[1]}"#, "l[1].x=2"), r#"{"l":[1,{"x":2}]}"#);
        assert_eq!(set("{}", "l[0][0]=2"), r#"{"l":[[2]]}"#);
        assert_eq!(set("[1]", "[0]=2"), "[2]");
        assert_eq!(set(r#"{"caf\u00e9":1}"#, "café=2"), r#"{"caf\u00e9":2}"#);
        assert_eq!(set("{}", "a\"b=1"), r#"{"a\"b":1}"#);
    }

    #[test]
    fn a_value_is_taken_out() {
        assert_eq!(unset(r#"{"a":1,"b":2,"c":3}"#, "b"), r#"{"a":1,"c":3}"#);
        assert_eq!(unset(r#"{"a":[1,2.0,3]}"#, "a[0]"), r#"{"a":[2.0,3]}"#);
        assert_eq!(unset(r#"{"a":{"b":[{"c":1}]}}"#, "a.b[0].c"), r#"{"a":{"b":[{}]}}"#);
    }

    #[test]
    fn a_change_without_room_says_where() {
        for (done, why) in [
            (set(r#"{"a":"x"}"#, "a.b=1"), "! \"a.b\" cannot be reached: \"a\" is a string, not an object"),
            (set(r#"{"a":{}}"#, "a[0]=1"), "! \"a[0]\" cannot be reached: \"a\" is an object, not an array"),
            (set("[]", "a=1"), "! \"a\" cannot be reached: the document is an array, not an object"),
            (set("1", "a=1"), "! \"a\" cannot be reached: the document is a number, not an object"),
            (set(r#"{"a":[1]}"#, "a[2]=1"), "! \"a[2]\" cannot be set: \"a\" has 1 elements, so the next index is 1"),
            (unset(r#"{"a":1}"#, "b"), "! \"b\" cannot be removed: there is no such place"),
            (unset(r#"{"a":[1]}"#, "a[1]"), "! \"a[1]\" cannot be removed: there is no such place"),
            (unset(r#"{"a":true}"#, "a.b"), "! \"a.b\" cannot be reached: \"a\" is a boolean, not an object"),
        ] {
            assert_eq!(done, why);
        }
    }

    #[test]
    fn a_path_that_cannot_be_read_says_why() {
        for (text, why) in [
            ("data..id=1", "a name is empty"),
            (".a=1", "a name is empty"),
            ("a.=1", "a name is empty"),
            ("=1", "it is empty"),
            ("data[x]=1", "[x] is no index"),
            ("data[-1]=1", "[-1] is no index"),
            ("data[]=1", "[] is no index"),
            ("data[99999999999999999999]=1", "is no index"),
            ("data[0=1", "\"[0\" is no index"),
            ("data[0]b=1", "\"b\" is no index"),
            ("data]=1", "no '[' before it"),
            ("a.[0]=1", "a name is empty"),
        ] {
            let error = Edit::set(text).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("data.items[0].id"), "{text}: {error}");
        }
        assert!(matches!(Edit::set("novalue"), Err(EditError::Form(_))));
    }

    #[test]
    fn a_document_that_could_be_misread_is_refused() {
        for (document, why) in [
            ("{broken", "not JSON"),
            ("{\"a\":1}x", "line 1 column 8"),
            ("", "not JSON"),
            (r#"{"a":1,"\u0061":2}"#, "\"a\" stands twice"),
            (r#"{"x":[{"a":1,"b":1,"a":4}]}"#, "\"a\" stands twice"),
        ] {
            assert!(set(document, "x=1").contains(why), "{document}: {}", set(document, "x=1"));
        }
        assert!(set(&"[".repeat(100_000), "[0]=1").contains("not JSON"));
        assert!(set(&["[".repeat(100_000), "]".repeat(100_000)].concat(), "[0]=1").contains("too deeply"));
        assert!(matches!(Edit::set(r#"x={"a":1,"a":2}"#), Err(EditError::Document(JsonError::Duplicate(_)))));
    }

    fn any_json() -> impl Strategy<Value = String> {
        let number = prop_oneof!["-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?", "null|true|false"];
        let leaf =
            prop_oneof![number, "\\PC{0,8}".prop_map(|text| json::quoted(&text)), Just(r#""\/\u00e9\"\\""#.to_owned())];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(","))),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(|all| {
                    let members: Vec<_> = all.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_set_is_read_back_and_the_rest_keeps_its_bytes(before in any_json(), value in any_json(), names in prop::collection::vec("[A-Z]{1,4}", 1..4)) {
            let document = format!("{{\"before\":{before},\"after\":{before}}}");
            let edited = set(&document, &format!("{}={value}", names.join(".")));
            let inner = names.iter().rev().fold(value, |inner, name| format!("{{\"{name}\":{inner}}}"));
            prop_assert_eq!(&edited, &format!("{{\"before\":{before},\"after\":{before},{}", &inner[1..]));
            prop_assert!(serde_json::from_str::<Value>(&edited).is_ok());
            prop_assert_eq!(unset(&edited, &names[0]), document);
        }

        #[test]
        fn no_text_breaks_an_edit(document in "\\PC{0,20}|[\\[\\]{}\",:0a ]{0,20}", edit in "\\PC{0,12}|[a.=\\[\\]0]{0,9}") {
            for edit in [Edit::set(&edit), Edit::unset(&edit)].into_iter().flatten() {
                let _ = apply(&document, &[edit]);
            }
        }
    }
}
