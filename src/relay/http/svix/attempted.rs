//! What became of messages: those that were on their way to an endpoint, and where a message went.

use serde_json::{Value, json};

use crate::model::DeliveryState;
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, lists, ok, outs};
use crate::store::{Order, Sent, SentQuery};

/// States by their numbers; none is ever waiting for its first attempt here.
const STATUSES: [(&str, &[DeliveryState]); 5] = [
    ("0", &[DeliveryState::Delivered]),
    ("1", &[]),
    ("2", &[DeliveryState::Dead]),
    ("3", &[DeliveryState::Pending, DeliveryState::InFlight]),
    ("4", &[]),
];

/// `/app/{app}/endpoint/{endpoint}/msg`
pub(super) async fn messages(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    if call.method() != "GET" {
        return Err(Refusal::no_method());
    }
    let app = call.app(app, Need::Look).await?;
    let endpoint = call.endpoint(&app, key).await?;
    let with_content = call.query.flag("with_content", true)?;
    let states = call.query.choice("status", &STATUSES)?;
    let (like, pager) = (call.query.like()?, call.query.pager(Order::Newest)?);
    if states.is_some_and(<[_]>::is_empty) {
        return ok(200, &json!({"data": [], "iterator": null, "done": true}));
    }
    let states = states.unwrap_or_default().to_vec();
    let query = SentQuery { app: app.name.clone(), endpoint: endpoint.id, states, attempted: true, like, pager };
    let page = call.store().sent(query).await?;
    lists::answer(&page, |sent| sent.logged.event.id.to_string(), |sent| shown(sent, with_content))
}

fn shown(sent: &Sent, with_content: bool) -> Value {
    let (status, text) = outs::status_of(&sent.delivery);
    let mut out = json!(outs::message(&sent.logged.event, with_content));
    if let Value::Object(fields) = &mut out {
        fields.insert("status".to_owned(), json!(status));
        fields.insert("statusText".to_owned(), json!(text));
        if let Some(next) = outs::next_attempt(&sent.delivery) {
            fields.insert("nextAttempt".to_owned(), json!(next));
        }
    }
    out
}

/// `/app/{app}/msg/{message}/endpoint`
pub(super) async fn destinations(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    let app = call.app(app, Need::Look).await?;
    let event = call.message(&app, key).await?.event.id;
    let pager = call.query.pager::<crate::model::EndpointId>(Order::Newest)?;
    let mut deliveries = call.store().deliveries(event).await?;
    deliveries.retain(|delivery| delivery.attempts > 0);
    deliveries.sort_by_key(|delivery| std::cmp::Reverse(delivery.endpoint));
    // Of several to one endpoint, the newest.
    deliveries.reverse();
    deliveries.dedup_by_key(|delivery| delivery.endpoint);
    deliveries.reverse();
    let mut data = Vec::new();
    for delivery in deliveries.into_iter().take(pager.limit) {
        let Some(endpoint) = call.store().endpoint(delivery.endpoint).await? else { continue };
        let mut out = outs::endpoint(&endpoint);
        if let Value::Object(fields) = &mut out {
            let (status, text) = if delivery.state == DeliveryState::Delivered { (0, "success") } else { (2, "fail") };
            fields.insert("status".to_owned(), json!(status));
            fields.insert("statusText".to_owned(), json!(text));
            fields.insert("nextAttempt".to_owned(), json!(outs::next_attempt(&delivery)));
        }
        data.push(out);
    }
    let iterator = data.last().map(|last| last["id"].clone());
    ok(200, &json!({"data": data, "iterator": iterator, "done": true}))
}
