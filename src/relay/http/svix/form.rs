//! A call's body, field by field: what is of the wrong kind is refused at once, what breaks a rule is gathered.

use serde_json::{Map, Value};

use crate::api::rules::{self, Wrong};
use crate::model::{Metadata, Timestamp};
use crate::relay::http::svix::query::moment;
use crate::relay::http::svix::refusal::{Invalid, Refusal};

/// A field of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Given<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is `null`.
    Null,
    /// It is this.
    Is(T),
}

/// The fields of a body.
pub(super) struct Form {
    fields: Map<String, Value>,
    faults: Vec<Invalid>,
    place: Vec<&'static str>,
}

impl<T> Given<T> {
    /// As a body says it that replaces everything: what is not there is `null`.
    pub(super) fn whole(self) -> Self {
        if matches!(self, Self::Absent) { Self::Null } else { self }
    }

    /// The value, if there is one.
    pub(super) fn some(self) -> Option<T> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }

    /// The value, if there is one.
    pub(super) const fn as_ref(&self) -> Option<&T> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }

    /// What a field becomes by it: nothing if it is absent.
    pub(super) fn set(self, place: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *place = T::default(),
            Self::Is(value) => *place = value,
        }
    }

    /// The same for a field that can be empty.
    pub(super) fn set_option(self, place: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *place = None,
            Self::Is(value) => *place = Some(value),
        }
    }

    /// The first of two names of one value that says something.
    pub(super) fn or(self, other: Self) -> Self {
        if matches!(self, Self::Absent) { other } else { self }
    }
}

impl Form {
    /// Reads an object. Nothing is asked of the content type.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        Self::read_into(body, vec!["body"], &["body", "", ""])
    }

    /// Reads an object that is the part of a body with this name.
    pub(super) fn read_at(part: &[u8], name: &'static str) -> Result<Self, Refusal> {
        Self::read_into(part, vec!["body", name], &["body", name])
    }

    fn read_into(text: &[u8], place: Vec<&'static str>, top: &[&str]) -> Result<Self, Refusal> {
        let value = serde_json::from_slice(text).map_err(|why| Invalid::shape(top, why.to_string()))?;
        let Value::Object(fields) = value else { return Err(Invalid::shape(top, "an object is wanted").into()) };
        Ok(Self { fields, faults: Vec::new(), place })
    }

    /// An object within, if it is there.
    pub(super) fn within(&mut self, name: &'static str) -> Result<Option<Self>, Refusal> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => {
                let place = self.place.iter().copied().chain([name]).collect();
                Ok(Some(Self { fields, faults: Vec::new(), place }))
            }
            Some(_) => Err(self.shape(name, "an object is wanted")),
        }
    }

    /// Ends the reading: refuses, if a rule was broken.
    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.faults)) }
    }

    /// A field that has to be there.
    pub(super) fn required<T>(&self, name: &str, given: Given<T>) -> Result<T, Refusal> {
        given.some().ok_or_else(|| self.shape(name, &format!("missing field `{name}`")))
    }

    /// A text that keeps a rule.
    pub(super) fn text(
        &mut self,
        name: &str,
        rule: impl Fn(&str) -> Result<(), Wrong>,
    ) -> Result<Given<String>, Refusal> {
        let given = self.take(name, "a string is wanted", |value| value.as_str().map(str::to_owned))?;
        if let Some(wrong) = given.as_ref().and_then(|text| rule(text).err()) {
            self.fault(&[name], wrong);
        }
        Ok(given)
    }

    /// Texts that keep a rule, at least one and at most so many.
    pub(super) fn texts(
        &mut self,
        name: &str,
        most: usize,
        rule: impl Fn(&str) -> Result<(), Wrong>,
    ) -> Result<Given<Vec<String>>, Refusal> {
        let read = |value: &Value| {
            value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let given = self.take(name, "a list of strings is wanted", read)?;
        let Some(texts) = given.as_ref() else { return Ok(given) };
        if texts.is_empty() || texts.len() > most {
            self.fault(&[name, "__all__"], &format!("must have 1 to {most} items"));
        }
        for (index, wrong) in texts.iter().enumerate().filter_map(|(index, text)| Some((index, rule(text).err()?))) {
            self.fault(&[name, &format!("[{index}]")], wrong);
        }
        Ok(given)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Result<Given<bool>, Refusal> {
        self.take(name, "a boolean is wanted", Value::as_bool)
    }

    /// A whole number within these bounds.
    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Result<Given<u64>, Refusal> {
        let given = self.take(name, "a whole number is wanted", Value::as_u64)?;
        if given.as_ref().is_some_and(|number| !(least..=most).contains(number)) {
            self.fault(&[name], &format!("must be from {least} to {most}"));
        }
        Ok(given)
    }

    /// A number so many a second, under the first of these names that says something.
    pub(super) fn rate(&mut self) -> Result<Given<u32>, Refusal> {
        let mut read = |name| self.number(name, 1, u64::from(u16::MAX));
        let (new, old) = (read("throttleRate")?, read("rateLimit")?);
        Ok(match new.or(old) {
            Given::Is(rate) => Given::Is(u32::try_from(rate).unwrap_or(u32::MAX)),
            Given::Null => Given::Null,
            Given::Absent => Given::Absent,
        })
    }

    /// What an owner noted.
    pub(super) fn metadata(&mut self) -> Result<Given<Metadata>, Refusal> {
        let read = |value: &Value| {
            let pairs = value.as_object()?.iter();
            pairs.map(|(name, note)| Some((name.clone(), note.as_str()?.to_owned()))).collect::<Option<Metadata>>()
        };
        let given = self.take("metadata", "an object of strings is wanted", read)?;
        if let Some(wrong) = given.as_ref().and_then(|notes| rules::metadata(notes).err()) {
            self.fault(&["metadata"], wrong);
        }
        Ok(given)
    }

    /// A moment.
    pub(super) fn moment(&mut self, name: &str) -> Result<Given<Timestamp>, Refusal> {
        self.take(name, "an RFC 3339 date is wanted", |value| value.as_str().and_then(moment))
    }

    /// Whatever it is.
    pub(super) fn any(&mut self, name: &str) -> Given<Value> {
        match self.fields.remove(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(value) => Given::Is(value),
        }
    }

    /// Notes that a rule was broken.
    pub(super) fn fault(&mut self, within: &[&str], msg: &str) {
        let loc: Vec<_> = self.place.iter().chain(within).copied().collect();
        self.faults.push(Invalid::value(&loc, msg));
    }

    /// A field that is not what it should be.
    pub(super) fn shape(&self, name: &str, msg: &str) -> Refusal {
        let loc: Vec<_> = self.place.iter().copied().chain([name]).collect();
        Invalid::shape(&loc, msg).into()
    }

    fn take<T>(&mut self, name: &str, wanted: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Given<T>, Refusal> {
        match self.any(name) {
            Given::Absent => Ok(Given::Absent),
            Given::Null => Ok(Given::Null),
            Given::Is(value) => read(&value).map(Given::Is).ok_or_else(|| self.shape(name, wanted)),
        }
    }
}
