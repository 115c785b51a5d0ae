//! Lists by the page: in both directions, from a key that need not exist.

use crate::store::Order;

/// No page is longer.
const MAX_PAGE: usize = 1000;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager<K> {
    /// The list's order, which every page has too.
    pub order: Order,
    /// Where the page is.
    pub start: Start<K>,
    /// At most so many, and never more than 1000.
    pub limit: usize,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start<K> {
    /// At the beginning of the list.
    First,
    /// At its end.
    Last,
    /// Right after this key in the list's order.
    After(K),
    /// Right before this key.
    Before(K),
}

/// A page of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it; with large events, fewer than the limit.
    pub items: Vec<T>,
    /// Whether there is more in the direction of reading: before it for [`Start::Last`] and [`Start::Before`], after
    /// it for the others.
    pub more: bool,
}

/// What a change is made with: it sees the whole noun and may change all but what the verb says stays, `updated_at` too.
/// It is called within the transaction, and again if that has to be repeated.
pub type Change<T> = Box<dyn FnMut(&mut T) + Send>;

/// Something that was found, or else made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ensured<T> {
    /// It was made.
    Made(T),
    /// It was there, and is as it was.
    Found(T),
}

impl<T> Ensured<T> {
    /// The thing itself.
    pub fn it(self) -> T {
        match self {
            Self::Made(it) | Self::Found(it) => it,
        }
    }
}

impl<K> Pager<K> {
    /// The first page.
    #[must_use]
    pub const fn first(order: Order, limit: usize) -> Self {
        Self { order, start: Start::First, limit }
    }

    /// How to walk the keys to find the page.
    pub(super) fn walk(self) -> Walk<K> {
        let (beyond, backwards) = match self.start {
            Start::First => (None, false),
            Start::Last => (None, true),
            Start::After(key) => (Some(key), false),
            Start::Before(key) => (Some(key), true),
        };
        let ascending = (self.order == Order::Oldest) != backwards;
        Walk { ascending, beyond, backwards, limit: self.limit.min(MAX_PAGE) }
    }
}

/// How to walk the keys of a list to find a page.
pub(super) struct Walk<K> {
    /// Towards greater keys.
    pub(super) ascending: bool,
    /// Past this key.
    pub(super) beyond: Option<K>,
    limit: usize,
    backwards: bool,
}

impl<K> Walk<K> {
    /// As SQL says it: the comparison with the key to go past, and the direction.
    pub(super) const fn words(&self) -> (&'static str, &'static str) {
        if self.ascending { (">", "ASC") } else { ("<", "DESC") }
    }

    /// The same with another kind of key.
    pub(super) fn keyed<L>(self, key: impl FnOnce(K) -> L) -> Walk<L> {
        let Self { ascending, beyond, limit, backwards } = self;
        Walk { ascending, beyond: beyond.map(key), limit, backwards }
    }

    /// How many to look for: one more than are wanted shows whether there is more.
    pub(super) const fn enough(&self) -> usize {
        self.limit + 1
    }

    /// The page of what was found on the way; `cut` says that the walk ended early.
    pub(super) fn page<T>(&self, mut found: Vec<T>, cut: bool) -> Page<T> {
        let more = cut || found.len() > self.limit;
        found.truncate(self.limit);
        if self.backwards {
            found.reverse();
        }
        Page { items: found, more }
    }
}

impl<K: Ord> Walk<K> {
    /// The page of a whole list, given by ascending keys.
    pub(super) fn of<'a, T>(&self, all: impl DoubleEndedIterator<Item = (K, T)> + 'a) -> Page<T>
    where
        K: 'a,
        T: 'a,
    {
        let past = |key: &K| {
            self.beyond.as_ref().is_none_or(|beyond| if self.ascending { key > beyond } else { key < beyond })
        };
        let found = if self.ascending {
            all.filter(|(key, _)| past(key)).take(self.enough()).map(|(_, item)| item).collect()
        } else {
            all.rev().filter(|(key, _)| past(key)).take(self.enough()).map(|(_, item)| item).collect()
        };
        self.page(found, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(order: Order, start: Start<u8>, limit: usize) -> (Vec<u8>, bool) {
        let all = [10, 20, 30, 40, 50].into_iter().map(|key| (key, key));
        let Page { items, more } = Pager { order, start, limit }.walk().of(all);
        (items, more)
    }

    #[test]
    fn a_page_keeps_the_order_of_its_list_in_both_directions() {
        assert_eq!(page(Order::Oldest, Start::First, 2), (vec![10, 20], true));
        assert_eq!(page(Order::Oldest, Start::After(20), 2), (vec![30, 40], true));
        assert_eq!(page(Order::Oldest, Start::After(40), 2), (vec![50], false));
        assert_eq!(page(Order::Oldest, Start::Before(40), 2), (vec![20, 30], true));
        assert_eq!(page(Order::Newest, Start::First, 2), (vec![50, 40], true));
        assert_eq!(page(Order::Newest, Start::After(25), 2), (vec![20, 10], false));
        assert_eq!(page(Order::Newest, Start::Before(20), 2), (vec![40, 30], true));
        assert_eq!(page(Order::Newest, Start::Last, 2), (vec![20, 10], true));
        assert_eq!(page(Order::Oldest, Start::First, 0), (vec![], true));
    }
}
