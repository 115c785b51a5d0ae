//! The HTTP/1.1 client: sends exactly the bytes it is given, and trusts nothing that comes back.

mod answer;
mod connect;
mod connection;
mod failure;
mod pool;

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use crate::model::attempt::{Failure, FailureKind, Response};
use crate::model::headers::is_token;
use crate::model::target::Address;
use crate::model::{Headers, Target};
use crate::net::COALESCED;
use crate::net::client::connection::{Broken, Connection, Exchanged, Wire};
use crate::net::client::failure::failure;
use crate::net::client::pool::Pool;
use crate::net::guard::{Guard, NotAllowed};
use crate::net::names::Names;
use crate::net::server::Duplex;
use crate::net::tls::Trust;

pub use crate::net::client::connection::Incoming;
pub use crate::net::tls::TlsError as ClientError;

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whether any certificate will do.
    pub insecure: bool,
    /// Certificates to trust besides the machine's, in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// How long connecting may take, the TLS handshake included.
    pub connect_time: Duration,
    /// How much of an answer's body is kept.
    pub keep_body: usize,
    /// How many idle connections are kept for each address.
    pub idle_per_target: usize,
    /// How long a connection may be idle before it is not used again.
    pub idle_time: Duration,
    /// Whether a request that broke a kept connection, without a byte of an answer, is sent again on a new one at once.
    pub resend_stale: bool,
    /// Which addresses may be called.
    pub guard: Guard,
    /// Who is asked for the addresses of a name.
    pub names: Names,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            insecure: false,
            ca_pem: None,
            connect_time: Duration::from_secs(5),
            keep_body: 4 << 20,
            // Many endpoints may be at one address, and each may get many requests at once.
            idle_per_target: 512,
            idle_time: Duration::from_secs(30),
            resend_stale: true,
            guard: Guard::default(),
            names: Names::default(),
        }
    }
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Outbound<'a> {
    /// The server.
    pub target: &'a Target,
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub request_target: String,
    /// Every header line, Host and Content-Length too, in the order to send.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// Sends requests; keeps connections alive. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    trust: Trust,
    pool: Pool,
    connect_time: Duration,
    keep_body: usize,
    resend_stale: bool,
    guard: Guard,
    names: Names,
}

impl Client {
    /// A client without connections.
    ///
    /// # Errors
    /// If the certificates to trust cannot be read.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let ClientOptions {
            insecure,
            ca_pem,
            connect_time,
            keep_body,
            idle_per_target,
            idle_time,
            resend_stale,
            guard,
            names,
        } = options;
        let trust = Trust::new(insecure, ca_pem.as_deref())?;
        let pool = Pool::new(idle_per_target, idle_time);
        Ok(Self { inner: Arc::new(Inner { trust, pool, connect_time, keep_body, resend_stale, guard, names }) })
    }

    /// What can be said of a target before its name is looked up.
    ///
    /// # Errors
    /// If it can only lead to an address that may not be called.
    pub fn may_call(&self, target: &Target) -> Result<(), NotAllowed> {
        self.inner.guard.check(target)
    }

    /// Opens a connection and closes it again: whether anybody is there.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn reach(&self, target: &Target) -> Result<(), Failure> {
        self.inner.connect(&target.address).await.map(drop)
    }

    /// Sends a request and reads the whole answer, within `limit` for all of it.
    ///
    /// # Errors
    /// Why there is no whole answer.
    pub async fn exchange(&self, outbound: &Outbound<'_>, limit: Option<Duration>) -> Result<Response, Failure> {
        let work = self.inner.exchange(outbound);
        let Some(limit) = limit else { return work.await };
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let message = format!("no whole answer from {} within {limit:?}", outbound.target);
            Err(failure(FailureKind::Timeout, message))
        })
    }
}

impl Client {
    /// Sends a request on a connection of its own, and reads the head of the answer within `limit`; the body comes
    /// piece by piece, for as long as it takes.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn follow(&self, outbound: &Outbound<'_>, limit: Duration) -> Result<Incoming, Failure> {
        let work = async {
            let stream = self.inner.connect(&outbound.target.address).await?;
            let followed = Connection::new(stream).follow(wire(outbound)?).await;
            followed.map_err(|why| match why {
                Broken::Unanswered(why) | Broken::Failed(why) => why,
            })
        };
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let message = format!("no answer from {} within {limit:?}", outbound.target);
            Err(failure(FailureKind::Timeout, message))
        })
    }
}

/// What came of asking for another protocol.
pub enum Switching {
    /// The connection speaks it from here on.
    Done(Switched),
    /// The server answered something else.
    Refused(Response),
}

/// A connection that speaks another protocol from here on.
pub struct Switched {
    /// The header lines of the answer.
    pub headers: Headers,
    /// The connection.
    pub stream: Box<dyn Duplex>,
    /// What came of the other protocol already.
    pub input: BytesMut,
}

impl Client {
    /// Asks for another protocol, on a connection of its own.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn upgrade(&self, outbound: &Outbound<'_>, limit: Duration) -> Result<Switching, Failure> {
        let work = async {
            let stream = self.inner.connect(&outbound.target.address).await?;
            match Connection::new(stream).upgrade(wire(outbound)?).await {
                Ok(Ok(connection::Switched { headers, stream, input })) => {
                    Ok(Switching::Done(Switched { headers, stream: Box::new(stream), input }))
                }
                Ok(Err(response)) => Ok(Switching::Refused(response)),
                Err(Broken::Unanswered(why) | Broken::Failed(why)) => Err(why),
            }
        };
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let message = format!("no answer from {} within {limit:?}", outbound.target);
            Err(failure(FailureKind::Timeout, message))
        })
    }
}

impl Inner {
    async fn exchange(&self, outbound: &Outbound<'_>) -> Result<Response, Failure> {
        let address = &outbound.target.address;
        let wire = wire(outbound)?;
        if let Some(kept) = self.pool.take(address) {
            match kept.exchange(wire.clone(), self.keep_body).await {
                // A server may close a kept connection just as a request is on its way: nothing read it, and sending it
                // again on a new one delivers it once. It looks the same as a server that took the request and died of
                // it, so whoever has a schedule of its own counts it as a failure instead.
                Err(Broken::Unanswered(_)) if self.resend_stale => {}
                Err(Broken::Unanswered(why) | Broken::Failed(why)) => return Err(why),
                Ok(exchanged) => return Ok(self.settle(outbound.target, exchanged)),
            }
        }
        let stream = self.connect(address).await?;
        match Connection::new(stream).exchange(wire, self.keep_body).await {
            Err(Broken::Unanswered(why) | Broken::Failed(why)) => Err(why),
            Ok(exchanged) => Ok(self.settle(outbound.target, exchanged)),
        }
    }

    async fn connect(&self, address: &Address) -> Result<connect::Stream, Failure> {
        let connecting = connect::connect(address, &self.trust, (&self.guard, &self.names));
        tokio::time::timeout(self.connect_time, connecting).await.unwrap_or_else(|_| {
            let message = format!("no connection to {} within {:?}", connect::place(address), self.connect_time);
            Err(failure(FailureKind::Timeout, message))
        })
    }

    fn settle(&self, target: &Target, exchanged: Exchanged) -> Response {
        if let Some(connection) = exchanged.reusable {
            self.pool.put(&target.address, connection);
        }
        exchanged.response
    }
}

/// The request's bytes. A request that a server could frame in another way than we do is not sent.
fn wire(outbound: &Outbound<'_>) -> Result<Wire, Failure> {
    let Outbound { method, request_target, headers, body, .. } = outbound;
    let unfit = |what: &str| failure(FailureKind::Malformed, format!("the request was not sent: {what}"));
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(unfit("its method is not a word"));
    }
    if request_target.is_empty() || !request_target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(unfit("its path has a character that a URL cannot have"));
    }
    let mut lengths = headers.values("content-length");
    let length = lengths.next().map(|value| str::from_utf8(value).ok().and_then(|text| text.parse::<usize>().ok()));
    let framed = match length {
        None => body.is_empty(),
        Some(length) => length == Some(body.len()) && lengths.next().is_none(),
    };
    if !framed || headers.has("transfer-encoding") {
        return Err(unfit("its headers do not say how long its body is"));
    }
    let coalesced = if body.len() <= COALESCED { body.len() } else { 0 };
    let size = method.len() + request_target.len() + headers.block().len() + 16 + coalesced;
    let mut head = BytesMut::with_capacity(size);
    for part in [method.as_bytes(), b" ", request_target.as_bytes(), b" HTTP/1.1\r\n", headers.block(), b"\r\n"] {
        head.put_slice(part);
    }
    head.put_slice(body.get(..coalesced).unwrap_or_default());
    let body = body.slice(coalesced..);
    Ok(Wire { head: head.freeze(), body, head_only: *method == "HEAD" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outbound<'a>(target: &'a Target, method: &'a str, path: &str, lines: &str, body: &'static [u8]) -> Outbound<'a> {
        let headers = Headers::from_block(Bytes::copy_from_slice(lines.as_bytes())).unwrap();
        Outbound { target, method, request_target: path.to_owned(), headers, body: Bytes::from_static(body) }
    }

    #[test]
    fn a_request_that_could_be_read_in_two_ways_is_not_sent() {
        let target: Target = "3000".parse().unwrap();
        for (method, path, lines, body) in [
            ("", "/", "", &b""[..]),
            ("GE T", "/", "", b""),
            ("GET", "", "", b""),
            ("GET", "/ HTTP/1.1\r\nX: 1", "", b""),
            ("POST", "/", "", b"{}"),
            ("POST", "/", "Content-Length: 3\r\n", b"{}"),
            ("POST", "/", "Content-Length: 2\r\ncontent-length: 2\r\n", b"{}"),
            ("POST", "/", "Transfer-Encoding: chunked\r\n", b""),
        ] {
            assert!(wire(&outbound(&target, method, path, lines, body)).is_err(), "{method} {path} {lines}");
        }
        let sent = wire(&outbound(&target, "POST", "/x", "Host: a\r\nContent-Length: 2\r\n", b"{}")).unwrap();
        assert_eq!(&sent.head[..], b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_by_another_parser(lines in prop::collection::vec(("[!#-'*+.0-9A-Z^-z|~-]{1,20}", prop::collection::vec(0x21_u8..=0xff, 0..20)), 0..20)) {
            let mut headers = Headers::new();
            for (name, value) in lines.iter().filter(|(_, value)| !value.contains(&0x7f)) {
                headers.push(name, value).unwrap();
            }
            let target: Target = "3000".parse().unwrap();
            let sent = Outbound { target: &target, method: "PUT", request_target: "/a?b".to_owned(), headers: headers.clone(), body: Bytes::new() };
            if let Ok(wire) = wire(&sent) {
                let mut slots = [httparse::EMPTY_HEADER; 32];
                let mut request = httparse::Request::new(&mut slots);
                prop_assert!(request.parse(&wire.head).unwrap().is_complete());
                let read: Vec<_> = request.headers.iter().map(|h| (h.name.as_bytes(), h.value)).collect();
                prop_assert_eq!(read, headers.iter().collect::<Vec<_>>());
            }
        }
    }
}
