//! A page of a list as it is answered.

use serde::Serialize;

use crate::relay::http::svix::{Outcome, ok};
use crate::store::Page;

/// A page of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<T> {
    data: Vec<T>,
    iterator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_iterator: Option<String>,
    done: bool,
}

/// Answers with a page: what its items are called, so that it can be gone on from them, and how they are shown.
pub(super) fn answer<T, U: Serialize>(page: &Page<T>, key: impl Fn(&T) -> String, show: impl Fn(&T) -> U) -> Outcome {
    let shown = page.items.iter().map(show).collect();
    with(page, key, shown)
}

/// The same of items that are shown already.
pub(super) fn with<T, U: Serialize>(page: &Page<T>, key: impl Fn(&T) -> String, data: Vec<U>) -> Outcome {
    let list = List {
        data,
        iterator: page.items.last().map(&key),
        prev_iterator: page.items.first().map(|first| format!("-{}", key(first))),
        done: !page.more,
    };
    ok(200, &list)
}
