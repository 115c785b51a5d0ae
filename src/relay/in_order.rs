//! Deliveries one after the other: none is taken up before the one before it is settled for good.

use crate::model::{DeliveryState, EndpointId, Timestamp};
use crate::store::{Leased, Order, Query, Status, Store, StoreError};

/// How many events with something to do are looked at in one go.
const PAGE: usize = 50;

/// Takes up the oldest open delivery of an endpoint, if it is due.
///
/// The log is asked, not the queue: the queue is in the order of due times, and a delivery that waits for its next try
/// would be overtaken.
pub(crate) async fn take(
    store: &dyn Store,
    endpoint: EndpointId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Leased>, StoreError> {
    let mut after = None;
    loop {
        let status = Some(Status::Delivery(DeliveryState::Pending));
        let query = Query { status, after, order: Order::Oldest, limit: PAGE, ..Query::default() };
        let page = store.events(query).await?;
        let Some(last) = page.last() else { return Ok(Vec::new()) };
        after = Some(last.cursor);
        for logged in page {
            let deliveries = store.deliveries(logged.event.id).await?;
            // What is neither pending nor in flight has no due time.
            let open = deliveries
                .iter()
                .find_map(|one| (one.endpoint == endpoint).then_some(one.due_at.map(|due| (one.id, due)))?);
            let Some((id, due)) = open else { continue };
            if due > now {
                return Ok(Vec::new());
            }
            // Between looking and taking somebody else may have taken it.
            let Some((held, attempts)) = store.take_up(id, now, until).await? else { return Ok(Vec::new()) };
            return Ok(vec![Leased { held, event: logged.event, endpoint, attempts, asked: 0, otherwise: None }]);
        }
    }
}
