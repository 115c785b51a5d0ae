//! Which event of the one side is which of the other, and how they differ.

use serde_json::Value;

use crate::platform::admin::place;
use crate::sign::json::Pointer;
use crate::view::compare::{self, Difference};

/// How many may wait for their other half on each side.
const WAITING: usize = 10_000;
/// How many differences of one pair are told.
const TOLD: usize = 50;

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Side {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What became of an event.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// The other side has the same.
    Same,
    /// The other side has another.
    Differ { event_type: String, left: String, right: String, changes: Vec<Difference> },
    /// The other side has none.
    Only { side: Side, event_type: String, id: String },
}

/// How much there was of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) same: u64,
    pub(super) differ: u64,
    pub(super) only_left: u64,
    pub(super) only_right: u64,
}

struct Waiting {
    id: String,
    event_type: String,
    body: Value,
    key: Option<Vec<Value>>,
}

/// The events that wait for their other half.
pub(super) struct Pairs {
    by: Vec<Pointer>,
    ignore: Vec<Pointer>,
    left: Vec<Waiting>,
    right: Vec<Waiting>,
    sum: Sum,
}

impl Pairs {
    pub(super) fn new(by: Vec<Pointer>, ignore: Vec<Pointer>) -> Self {
        Self { by, ignore, left: Vec::new(), right: Vec::new(), sum: Sum::default() }
    }

    pub(super) const fn sum(&self) -> Sum {
        self.sum
    }

    pub(super) const fn paired(&self) -> u64 {
        self.sum.same + self.sum.differ
    }

    /// Takes an event in. What it is one of a pair with may be there already.
    pub(super) fn add(&mut self, side: Side, id: &str, event_type: &str, mut body: Value) -> Vec<Found> {
        let key: Option<Vec<Value>> = self.by.iter().map(|at| place::read(&body, at).cloned()).collect();
        let key = key.filter(|key| !key.is_empty());
        self.ignore.iter().for_each(|at| remove(&mut body, at));
        let new = Waiting { id: id.to_owned(), event_type: event_type.to_owned(), body, key };
        let others = if side == Side::Left { &mut self.right } else { &mut self.left };
        let is_it = |other: &Waiting| {
            let same = if new.key.is_some() { other.key == new.key } else { other.body == new.body };
            other.event_type == new.event_type && same
        };
        if let Some(at) = others.iter().position(is_it) {
            let other = others.remove(at);
            let (left, right) = if side == Side::Left { (new, other) } else { (other, new) };
            return vec![self.pair(&left, &right)];
        }
        let own = if side == Side::Left { &mut self.left } else { &mut self.right };
        own.push(new);
        if own.len() <= WAITING {
            return Vec::new();
        }
        let oldest = own.remove(0);
        vec![self.alone(side, oldest)]
    }

    /// What is left at the end: paired by type, in the order it came, where no key says otherwise.
    pub(super) fn rest(&mut self) -> Vec<Found> {
        let (mut found, mut right) = (Vec::new(), std::mem::take(&mut self.right));
        for one in std::mem::take(&mut self.left) {
            let like = |other: &Waiting| other.event_type == one.event_type && one.key.is_none() && other.key.is_none();
            found.push(match right.iter().position(like) {
                Some(at) => {
                    let other = right.remove(at);
                    self.pair(&one, &other)
                }
                None => self.alone(Side::Left, one),
            });
        }
        found.extend(right.into_iter().map(|one| self.alone(Side::Right, one)));
        found
    }

    fn pair(&mut self, left: &Waiting, right: &Waiting) -> Found {
        let mut changes = compare::values(&left.body, &right.body);
        changes.truncate(TOLD);
        if changes.is_empty() {
            self.sum.same += 1;
            return Found::Same;
        }
        self.sum.differ += 1;
        let event_type = left.event_type.clone();
        Found::Differ { event_type, left: left.id.clone(), right: right.id.clone(), changes }
    }

    fn alone(&mut self, side: Side, one: Waiting) -> Found {
        match side {
            Side::Left => self.sum.only_left += 1,
            Side::Right => self.sum.only_right += 1,
        }
        Found::Only { side, event_type: one.event_type, id: one.id }
    }
}

fn remove(value: &mut Value, at: &Pointer) {
    let Some((last, way)) = at.parts().split_last() else { return };
    if let Some(Value::Object(fields)) = way.iter().try_fold(value, step) {
        fields.shift_remove(last);
    }
}

fn step<'a>(value: &'a mut Value, part: &String) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => fields.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn at(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_may_differ_makes_no_difference() {
        let mut pairs = Pairs::new(Vec::new(), vec![at("/id"), at("/data/at")]);
        assert_eq!(pairs.add(Side::Left, "1", "a", json!({"id": 1, "data": {"n": 1, "at": 5}})), []);
        assert_eq!(pairs.add(Side::Right, "2", "a", json!({"data": {"at": 6, "n": 1}, "id": 2})), [Found::Same]);
        assert_eq!((pairs.rest(), pairs.sum().same), (vec![], 1));
    }

    #[test]
    fn what_differs_is_told_with_its_place() {
        let mut pairs = Pairs::new(vec![at("/data/id")], Vec::new());
        pairs.add(Side::Left, "1", "a", json!({"data": {"id": 7, "n": [1, 2]}}));
        let found = pairs.add(Side::Right, "2", "a", json!({"data": {"id": 7, "n": [1], "x": null}}));
        let Some(Found::Differ { changes, .. }) = found.first() else { panic!("{found:?}") };
        let paths: Vec<_> = changes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(paths, ["data.n[1]", "data.x"]);
    }

    #[test]
    fn what_is_left_is_paired_by_its_type_or_stands_alone() {
        let mut pairs = Pairs::new(Vec::new(), Vec::new());
        pairs.add(Side::Left, "1", "a", json!({"n": 1}));
        pairs.add(Side::Left, "2", "b", json!(1));
        pairs.add(Side::Right, "3", "a", json!({"n": 2}));
        pairs.add(Side::Right, "4", "c", json!(1));
        assert_eq!(pairs.rest().len(), 3);
        assert_eq!(pairs.sum(), Sum { same: 0, differ: 1, only_left: 1, only_right: 1 });
    }

    proptest! {
        #[test]
        fn every_event_is_counted_once(events in prop::collection::vec((any::<bool>(), 0_u8..3, 0_u8..3), 0..40)) {
            let mut pairs = Pairs::new(Vec::new(), Vec::new());
            for (index, (left, kind, body)) in events.iter().enumerate() {
                let side = if *left { Side::Left } else { Side::Right };
                pairs.add(side, &index.to_string(), &kind.to_string(), json!(body));
            }
            pairs.rest();
            let Sum { same, differ, only_left, only_right } = pairs.sum();
            prop_assert_eq!(2 * (same + differ) + only_left + only_right, events.len() as u64);
        }
    }
}
