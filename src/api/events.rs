//! Finding events: what an index serves, and the rest by a bounded look at each.

use crate::model::{AppName, Timestamp};
use crate::policy::filter::Condition;
use crate::policy::route::Glob;
use crate::store::{Cursor, Logged, Order, Query, Status, Store, StoreError};

/// How many events are read from the store at a time.
const PAGE: usize = 200;

/// Which events are wanted.
#[derive(Clone, Debug)]
pub struct Find {
    /// Of this app.
    pub app: Option<AppName>,
    /// Of one of these types; of any if there is none.
    pub types: Vec<Glob>,
    /// Received at or after this moment.
    pub since: Option<Timestamp>,
    /// Received before this moment.
    pub until: Option<Timestamp>,
    /// In such a state.
    pub status: Option<Status>,
    /// With such content; all must hold.
    pub conditions: Vec<Condition>,
    /// With this text in a header or the body.
    pub grep: Option<String>,
    /// Beyond this cursor.
    pub after: Option<Cursor>,
    /// Which end to start from.
    pub order: Order,
    /// At most so many.
    pub limit: usize,
    /// And no more once their bodies come to so many bytes.
    pub room: usize,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The events.
    pub events: Vec<Logged>,
    /// Where to go on, if there may be more.
    pub next: Option<Cursor>,
}

/// Finds events.
///
/// # Errors
/// If the store fails.
pub async fn find(store: &dyn Store, wanted: &Find) -> Result<Found, StoreError> {
    let (mut found, mut size) = (Found::default(), 0_usize);
    let mut after = wanted.after;
    // A single plain type is found by the index; more than that is looked at one by one.
    let single = match wanted.types.as_slice() {
        [one] => one.literal().map(str::to_owned),
        _ => None,
    };
    loop {
        let query = Query {
            app: wanted.app.clone(),
            event_type: single.clone(),
            since: wanted.since,
            until: wanted.until,
            status: wanted.status,
            after,
            order: wanted.order,
            limit: PAGE.min(if wanted.is_plain() { wanted.limit - found.events.len() + 1 } else { PAGE }),
        };
        let page = store.events(query).await?;
        if page.is_empty() {
            return Ok(found);
        }
        for logged in page {
            if found.events.len() == wanted.limit || size >= wanted.room {
                found.next = found.events.last().map(|last| last.cursor);
                return Ok(found);
            }
            after = Some(logged.cursor);
            if wanted.admits(&logged) {
                size = size.saturating_add(logged.event.request.body.len());
                found.events.push(logged);
            }
        }
    }
}

impl Find {
    fn is_plain(&self) -> bool {
        self.conditions.is_empty() && self.grep.is_none() && self.types.iter().all(|glob| glob.literal().is_some())
    }

    fn admits(&self, logged: &Logged) -> bool {
        let (event, request) = (&logged.event, &logged.event.request);
        (self.types.is_empty() || self.types.iter().any(|glob| glob.matches(&event.event_type)))
            && self.conditions.iter().all(|condition| condition.holds(&request.body))
            && self.grep.as_ref().is_none_or(|text| {
                let has = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
                has(&request.body) || has(request.headers.block()) || has(request.target.as_bytes())
            })
    }
}
