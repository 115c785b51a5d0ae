//! What follows the question mark: names and values, decoded, and the pages they ask for.

use std::str::FromStr;

use crate::api::rules;
use crate::model::Timestamp;
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::store::{Like, Order, Pager, Start};

/// How long a page is, if nothing is said.
const USUAL: usize = 50;
/// And at most.
const MOST: usize = 250;

/// The names and values of a query, in order. What nobody asks for is ignored: SDKs send more every year.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads one.
    pub(super) fn read(text: Option<&str>) -> Self {
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name, true), decoded(value, true))
                })
                .collect(),
        )
    }

    /// The value of a name; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str, usual: bool) -> Result<bool, Refusal> {
        match self.text(name) {
            None => Ok(usual),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::bad_query(format!("{name} must be true or false"))),
        }
    }

    /// A moment. One without an offset is in UTC, as naive dates of Python are sent.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let read =
            |text: &str| moment(text).ok_or_else(|| Refusal::bad_query(format!("{name} must be an RFC 3339 date")));
        self.text(name).map(read).transpose()
    }

    /// A number out of a closed set.
    pub(super) fn choice<T: Copy>(&self, name: &str, all: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        let read = |text: &str| {
            let found = all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            found.ok_or_else(|| Refusal::bad_query(format!("{name} has no such value")))
        };
        self.text(name).map(read).transpose()
    }

    /// The values of a list in any of its spellings: repeated, with commas, with brackets.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let ours = |own: &str| {
            let rest = own.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('[') && rest.ends_with(']'))
        };
        let values = self.0.iter().filter(|(own, _)| ours(own)).flat_map(|(_, value)| value.split(','));
        values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// What messages or attempts are like.
    pub(super) fn like(&self) -> Result<Like, Refusal> {
        let channel = self.text("channel").map(str::to_owned);
        if let Some(wrong) = channel.as_deref().and_then(|channel| rules::channel(channel).err()) {
            return Err(Invalid::value(&["query", "channel"], wrong).into());
        }
        Ok(Like {
            event_types: self.list("event_types"),
            channel,
            tag: self.text("tag").map(str::to_owned),
            after: self.moment("after")?,
            before: self.moment("before")?,
        })
    }

    /// Which way a list is wanted, where that can be chosen.
    pub(super) fn order(&self, usual: Order) -> Result<Order, Refusal> {
        let all = [("ascending", Order::Oldest), ("descending", Order::Newest)];
        Ok(self.choice("order", &all)?.unwrap_or(usual))
    }

    /// Which page is wanted. With `after` and no iterator it is the one nearest to that moment.
    pub(super) fn pager<K: FromStr>(&self, order: Order) -> Result<Pager<K>, Refusal> {
        let limit = self.limit()?;
        let bad = |_| Invalid::value(&["query", "iterator"], "no iterator looks like this");
        let start = match self.text("iterator") {
            None if self.text("after").is_some() => Start::Last,
            None => Start::First,
            Some(key) => match key.strip_prefix('-') {
                Some(key) => Start::Before(key.parse().map_err(bad)?),
                None => Start::After(key.parse().map_err(bad)?),
            },
        };
        Ok(Pager { order, start, limit })
    }

    fn limit(&self) -> Result<usize, Refusal> {
        let Some(text) = self.text("limit") else { return Ok(USUAL) };
        let limit: usize = text.parse().map_err(|_| Refusal::bad_query("limit must be a number"))?;
        if limit > MOST {
            return Err(Invalid::value(&["query", "limit"], "Given limit must not exceed 250").into());
        }
        Ok(limit)
    }
}

/// A date with an offset, or without one.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if !text.contains(['T', 't']) {
        return None;
    }
    // The plus of an offset that nobody coded is a space by now.
    let text = text.replace(' ', "+");
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// The text without its percent signs; bytes that are no text are lost.
pub(super) fn decoded(text: &str, form: bool) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let coded = tail.get(..2).filter(|_| *first == b'%').and_then(|hex| hex::decode(hex).ok());
        if let Some([byte]) = coded.as_deref() {
            plain.push(*byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            plain.push(if form && *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_three_spellings() {
        for text in ["t=a&t=b", "t=a,b", "t[]=a&t[]=b", "t[0]=a&x=c&t[1]=b", "t%5B%5D=a&t%5B%5D=b"] {
            assert_eq!(Query::read(Some(text)).list("t"), ["a", "b"], "{text}");
        }
    }

    #[test]
    fn a_date_without_an_offset_is_in_utc() {
        let wanted = "2024-01-02T00:00:00Z".parse::<Timestamp>().unwrap();
        for text in
            ["2024-01-02T00:00:00", "2024-01-02T00:00:00Z", "2024-01-02T02:00:00%2B02:00", "2024-01-02T02:00:00+02:00"]
        {
            assert_eq!(Query::read(Some(&format!("after={text}"))).moment("after").unwrap(), Some(wanted), "{text}");
        }
        assert!(Query::read(Some("after=yesterday")).moment("after").is_err());
    }

    #[test]
    fn a_limit_is_a_number_up_to_250() {
        let limit = |text| Query::read(Some(text)).limit();
        assert_eq!(limit("limit=250").unwrap(), 250);
        assert!(matches!(limit("limit=251"), Err(Refusal::Invalid(_))));
        assert!(matches!(limit("limit=many"), Err(Refusal::Code { status: 400, .. })));
    }
}
