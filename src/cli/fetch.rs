//! A look at another relay on this machine.

use std::time::Duration;

use bytes::Bytes;

use crate::model::{Headers, Target};
use crate::net::{Client, ClientOptions, Outbound};

/// The body of a 200 answer to a GET, if there is one in time.
pub async fn get(target: &Target, path: &str, limit: Duration) -> Option<Bytes> {
    let client = Client::new(ClientOptions::default()).ok()?;
    let mut headers = Headers::new();
    headers.push("Host", target.authority()).ok()?;
    let outbound = Outbound { target, method: "GET", request_target: path.to_owned(), headers, body: Bytes::new() };
    let response = client.exchange(&outbound, Some(limit)).await.ok()?;
    (response.status == 200).then_some(response.body)
}
