//! Which events are wanted: by type and by what their body says.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

use crate::policy::route::Glob;

/// What an event must be to be wanted. The empty filter wants every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Its type is covered by one of these, if there is any.
    pub only: Vec<Glob>,
    /// Its type is covered by none of these.
    pub except: Vec<Glob>,
    /// Its body meets all of these.
    pub conditions: Vec<Condition>,
}

/// What a body must say: `data.amount>=100`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    path: Vec<String>,
    operator: Operator,
    value: String,
    /// The value was written as `"..."`: only a JSON string is like it.
    quoted: bool,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    Above,
    Below,
    Contains,
}

/// What is written for each operator; a longer one stands before its own beginning.
const OPERATORS: [(&str, Operator); 8] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=", Operator::Equal),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("~", Operator::Contains),
];

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// There is no operator in it.
    #[error("condition \"{0}\" needs the form PATH OPERATOR VALUE, such as data.amount>=100 (= != >= <= > < ~)")]
    Form(String),
    /// A step of the path is empty, or a bracket is astray.
    #[error("condition \"{0}\": the path must be names with dots between, such as data.items[0].id>=100")]
    Path(String),
}

impl Filter {
    /// Whether an event of this type and body is wanted.
    #[must_use]
    pub fn admits(&self, event_type: &str, body: &[u8]) -> bool {
        let covered = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(event_type));
        (self.only.is_empty() || covered(&self.only))
            && !covered(&self.except)
            && self.conditions.iter().all(|condition| condition.holds(body))
    }
}

impl Condition {
    /// Whether the body says so. A body that is not JSON or has nothing at the path never does, not even for `!=`.
    #[must_use]
    pub fn holds(&self, body: &[u8]) -> bool {
        let Ok(mut found) = serde_json::from_slice::<&RawValue>(body) else { return false };
        for step in &self.path {
            let Some(inner) = child(found, step) else { return false };
            found = inner;
        }
        let found = found.get();
        match self.operator {
            Operator::Equal => self.equals(found),
            Operator::NotEqual => !self.equals(found),
            Operator::Contains => self.within(found),
            Operator::AtLeast => self.order(found).is_some_and(Ordering::is_ge),
            Operator::AtMost => self.order(found).is_some_and(Ordering::is_le),
            Operator::Above => self.order(found).is_some_and(Ordering::is_gt),
            Operator::Below => self.order(found).is_some_and(Ordering::is_lt),
        }
    }

    /// Numbers are equal by value (`100` and `1e2`), a string to its text, and `true`, `false`, `null` to themselves.
    fn equals(&self, found: &str) -> bool {
        match (self.order(found), string(found)) {
            (Some(order), _) => order.is_eq(),
            (None, Some(text)) => text == self.value,
            (None, None) => !self.quoted && found == self.value,
        }
    }

    /// A string has the value in it, or an array has an element equal to it.
    fn within(&self, found: &str) -> bool {
        if let Some(text) = string(found) {
            return text.contains(&self.value);
        }
        let elements = serde_json::from_str::<Vec<&RawValue>>(found).unwrap_or_default();
        elements.iter().any(|element| self.equals(element.get()))
    }

    /// How what was found stands to the value: numbers as numbers, a string to a value that is no number as text.
    fn order(&self, found: &str) -> Option<Ordering> {
        let number = if self.quoted { None } else { number(&self.value) };
        match (string(found), number) {
            (Some(text), None) => Some(text.as_str().cmp(&self.value)),
            (None, Some(wanted)) => self::number(found)?.order(&wanted),
            _ => None,
        }
    }
}

/// A member of an object, or an element of an array by its number. Of two members of one name, the last counts.
fn child<'a>(parent: &'a RawValue, step: &str) -> Option<&'a RawValue> {
    let text = parent.get();
    if text.starts_with('{') {
        return serde_json::from_str::<HashMap<String, &RawValue>>(text).ok()?.remove(step);
    }
    let elements = serde_json::from_str::<Vec<&RawValue>>(text).ok()?;
    elements.get(step.parse::<usize>().ok()?).copied()
}

fn string(json: &str) -> Option<String> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

/// A number: whole ones of any size that fits 128 bits stay exact, others are as near as a double comes.
enum Number {
    Whole(i128),
    Real(f64),
}

fn number(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse() {
        return Some(Number::Whole(whole));
    }
    // JSON's own grammar keeps `inf`, `NaN` and `1_000` out.
    serde_json::from_str(text).ok().map(Number::Real)
}

impl Number {
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(two)) => Some(one.cmp(two)),
            _ => self.real().partial_cmp(&other.real()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "only taken when the other side is a double already")]
    const fn real(&self) -> f64 {
        match self {
            Self::Whole(whole) => *whole as f64,
            Self::Real(real) => *real,
        }
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let form = || ConditionError::Form(text.to_owned());
        let (path, rest) = text.split_at(text.find(['=', '!', '<', '>', '~']).ok_or_else(form)?);
        let known = OPERATORS.iter().find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?)));
        let (operator, value) = known.ok_or_else(form)?;
        let value = value.trim();
        let path = steps(path.trim()).ok_or_else(|| ConditionError::Path(text.to_owned()))?;
        let unquoted = string(value);
        let quoted = unquoted.is_some();
        Ok(Self { path, operator, value: unquoted.unwrap_or_else(|| value.to_owned()), quoted })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = OPERATORS.iter().rfind(|(_, operator)| *operator == self.operator).map_or("", |(sign, _)| sign);
        let mark = if self.quoted { "\"" } else { "" };
        write!(f, "{}{sign}{mark}{}{mark}", self.path.join("."), self.value)
    }
}

/// The steps of `data.items[0].id`.
fn steps(path: &str) -> Option<Vec<String>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(name.to_owned());
        } else if indexes.is_empty() || !steps.is_empty() {
            return None;
        }
        while !indexes.is_empty() {
            let (index, after) = indexes.strip_prefix('[')?.split_once(']')?;
            index.parse::<usize>().ok()?;
            steps.push(index.to_owned());
            indexes = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BODY: &[u8] = br#"{"type":"order.paid","data":{"amount":100,"half":99.5,"big":9007199254740993,"huge":1e400,
        "name":"caf\u00e9","id":"007","ok":true,"none":null,"tags":["a","b",3],"items":[{"sku":"X"},{"sku":"Y"}],"":1}}"#;

    fn holds(condition: &str) -> bool {
        condition.parse::<Condition>().unwrap().holds(BODY)
    }

    #[test]
    fn conditions_that_hold() {
        for condition in [
            "data.amount>=100",
            "data.amount = 100.0",
            "data.amount==1e2",
            "data.amount!=5",
            "data.amount>99.99",
            "data.half<100",
            "data.half<=99.5",
            "data.big=9007199254740993",
            "data.big>9007199254740992",
            "data.name=café",
            "data.name~af",
            "data.name>b",
            "data.id=007",
            "data.id=\"007\"",
            "data.ok=true",
            "data.ok!=false",
            "data.none=null",
            "data.tags~b",
            "data.tags~3",
            "data.tags[0]=a",
            "data.items[1].sku=Y",
            "type=order.paid",
        ] {
            assert!(holds(condition), "{condition}");
        }
    }

    #[test]
    fn conditions_that_do_not() {
        for condition in [
            "data.amount>100",
            "data.amount=\"100\"",
            "data.big=9007199254740992",
            "data.id=7",
            "data.id>5",
            "data.ok>0",
            "data.none=",
            "data.missing!=1",
            "data.missing.deeper=1",
            "data.tags~c",
            "data.tags[9]=a",
            "data.tags.x=a",
            "data.items=X",
            "data.huge>1",
            "data.name>é",
        ] {
            assert!(!holds(condition), "{condition}");
        }
    }

    #[test]
    fn a_body_that_is_not_json_meets_nothing() {
        let condition: Condition = "a!=1".parse().unwrap();
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        for body in [&b""[..], b"a=2", b"{\"a\":2", b"\xff", b"{\"a\":2}x", b"[]", b"3", &deep] {
            assert!(!condition.holds(body));
        }
        assert!(condition.holds(b" {\"a\":1,\"a\":2}\n"));
    }

    #[test]
    fn what_is_no_condition_is_refused_with_an_example() {
        for bad in
            ["", "data.amount", "=1", "data..id=1", ".a=1", "a.=1", "a[x]=1", "a[0=1", "a[0]b=1", "a!1", "a.[0]=1"]
        {
            let error = bad.parse::<Condition>().unwrap_err().to_string();
            assert!(error.contains(">=100"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_filter_wants_what_every_part_of_it_wants() {
        let filter = Filter {
            only: vec!["order.*".parse().unwrap(), "job.*".parse().unwrap()],
            except: vec!["*.test".parse().unwrap()],
            conditions: vec!["data.amount>=100".parse().unwrap(), "data.ok=true".parse().unwrap()],
        };
        assert!(filter.admits("order.paid", BODY) && filter.admits("job.done", BODY));
        assert!(!filter.admits("order.test", BODY) && !filter.admits("user.created", BODY));
        assert!(!filter.admits("order.paid", b"{}"));
        assert!(Filter::default().admits("", b"\xff"));
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_exactly(a: i64, b: i64) {
            let body = format!("{{\"n\":{a}}}");
            for (sign, want) in [("=", a == b), ("!=", a != b), (">=", a >= b), ("<=", a <= b), (">", a > b), ("<", a < b)] {
                let condition: Condition = format!("n{sign}{b}").parse().unwrap();
                prop_assert_eq!(condition.holds(body.as_bytes()), want);
            }
        }

        #[test]
        fn no_text_breaks_a_condition(text in "\\PC{0,30}", body in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(condition) = text.parse::<Condition>() {
                let _ = condition.holds(&body);
            }
        }
    }
}
