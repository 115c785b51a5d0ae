//! The answer to a provider that asks before it sends: given by whk itself, the request kept and not forwarded.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{Event, Failure, FailureKind, Headers, Target};
use crate::net::{Client, ClientOptions, Outbound};
use crate::relay::judge::Finding;
use crate::relay::pipeline::Pipeline;
use crate::relay::reply::Reply;
use crate::sign::Shaken;
use crate::store::StoreError;

/// How long a provider may take when it is called back; it waits for our answer meanwhile, most for 10 seconds.
const CALL_TIME: Duration = Duration::from_secs(8);

impl Pipeline {
    /// Keeps the request, calls the provider if it wants that, and answers.
    pub(super) async fn shake(
        &self,
        event: &Arc<Event>,
        finding: &Finding,
        shaken: &Shaken,
    ) -> Result<Reply, StoreError> {
        self.record(event, finding).await?;
        if let Some(address) = &shaken.answer.fetch
            && let Err(why) = self.call(address).await
        {
            return Ok(Reply::NoAnswer(why));
        }
        Ok(Reply::Shaken(shaken.answer.clone()))
    }

    /// Calls an address that the provider named, and its scheme file allows. Redirects are not followed, and the
    /// certificate is always looked at.
    async fn call(&self, address: &str) -> Result<(), Failure> {
        let blocked = |message: String| Failure { kind: FailureKind::Blocked, message };
        let target: Target = address.parse().map_err(|why| blocked(format!("{address}: {why}")))?;
        let options = ClientOptions { insecure: false, ..self.options.sending.client.clone() };
        let client = Client::new(options).map_err(|why| blocked(why.to_string()))?;
        let mut headers = Headers::new();
        for (name, value) in
            [("Host", target.authority()), ("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION")).to_owned())]
        {
            headers.push(name, value).map_err(|why| blocked(why.to_string()))?;
        }
        let request_target = target.request_target("", None);
        let outbound = Outbound { target: &target, method: "GET", request_target, headers, body: Bytes::new() };
        let response = client.exchange(&outbound, Some(CALL_TIME)).await?;
        match response.status {
            200..=299 => Ok(()),
            status => Err(blocked(format!("the provider's own address answered {status}"))),
        }
    }
}
