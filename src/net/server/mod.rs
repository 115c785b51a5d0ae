//! The HTTP/1.1 server: strict about what comes in, exact about what it hands on, bounded in all it holds.

mod body;
mod connection;
mod fault;
mod head;
mod write;

use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::model::{CapturedRequest, Headers};
use crate::net::tls::ServerTls;

pub use fault::Fault;
pub use head::Head;

/// What answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Looks at a head before its body is read: go on, or answer at once. If there is a body, the connection closes.
    ///
    /// # Errors
    /// The answer, if the request is not wanted.
    fn admit(&self, head: &Head) -> Result<(), Answer>;

    /// Answers a whole request.
    fn handle(&self, request: CapturedRequest) -> impl Future<Output = Answer> + Send;

    /// How a request is answered that broke the rules of HTTP or a limit. The connection closes after it.
    fn refused(&self, fault: &Fault) -> Answer {
        fault.answer()
    }
}

/// An answer. Its framing lines are made here; those among its headers are left out.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status code, 200 to 999.
    pub status: u16,
    /// The reason phrase, if not the usual one.
    pub reason: Option<Bytes>,
    /// The header lines, sent as they are.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// Whether the connection closes after it.
    pub close: bool,
}

/// An answer's body.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Full(Bytes),
    /// Piece by piece, until the sender is dropped or the server stops.
    Stream(mpsc::Receiver<Bytes>),
    /// None: the connection speaks another protocol from here on. The status is 101.
    Upgrade(Upgrade),
}

/// What a connection does once it speaks another protocol.
pub struct Upgrade(Box<dyn FnOnce(Upgraded) -> Task + Send + Sync>);

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Upgrade {
    /// It does this.
    pub fn new<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(Upgraded) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(move |upgraded| Box::pin(work(upgraded))))
    }
}

impl std::fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upgrade")
    }
}

/// Both directions of a connection.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// A connection that speaks another protocol from here on.
pub struct Upgraded {
    /// The connection.
    pub stream: Box<dyn Duplex>,
    /// What came of the other protocol already.
    pub input: BytesMut,
    /// Set when the server stops.
    pub stop: CancellationToken,
}

/// Where connections come in.
pub struct Listener {
    /// The port.
    pub tcp: TcpListener,
    /// What it speaks TLS with, if it does.
    pub tls: Option<ServerTls>,
}

impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Full(Bytes::new())
    }
}

/// What a client may ask of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest head.
    pub head_bytes: usize,
    /// The most header lines.
    pub header_count: usize,
    /// The longest request target.
    pub target_bytes: usize,
    /// The longest method.
    pub method_bytes: usize,
    /// The longest body.
    pub body_bytes: usize,
    /// How long a head may take.
    pub head_time: Duration,
    /// How long a body may take, and a second more for each MiB that came.
    pub body_time: Duration,
    /// How long a connection may be idle.
    pub idle_time: Duration,
    /// How long a client may not take any of its answer.
    pub write_stall: Duration,
    /// The most connections; further ones wait to be accepted.
    pub connections: usize,
    /// The most bytes of bodies in memory, bodies of a few KiB not counted; further ones wait, then get 503.
    pub inflight_bytes: usize,
    /// How long requests under way may take when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            header_count: 100,
            target_bytes: 8 * 1024,
            method_bytes: 32,
            body_bytes: 32 << 20,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(60),
            write_stall: Duration::from_secs(30),
            connections: 10_000,
            inflight_bytes: 256 << 20,
            drain: Duration::from_secs(10),
        }
    }
}

/// What all connections share.
struct House<H> {
    handler: Arc<H>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    inflight: Semaphore,
}

/// Serves until `stop`: then idle connections close at once, busy ones within the drain time.
pub async fn serve<H: Handler>(
    listener: Listener,
    handler: Arc<H>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    stop: CancellationToken,
) {
    let inflight = Semaphore::new(limits.inflight_bytes.min(Semaphore::MAX_PERMITS));
    let house = Arc::new(House { handler, clock, limits, inflight });
    let Listener { tcp: listener, tls } = listener;
    let mut connections = JoinSet::new();
    let mut pause = SHORTEST_PAUSE;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((stream, remote)) => {
                    pause = SHORTEST_PAUSE;
                    let guest = Guest { stream, remote: remote.to_string(), tls: tls.clone() };
                    connections.spawn(welcome(guest, Arc::clone(&house), stop.child_token()));
                }
                Err(why) if concerns_one_client(why.kind()) => {}
                Err(_) => {
                    // Out of file descriptors, most likely: asking again at once would only burn the processor.
                    tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => break }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // What is not done by then is cut off when the set is dropped.
    tokio::time::timeout(limits.drain, ended).await.ok();
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A connection that was accepted.
struct Guest {
    stream: TcpStream,
    remote: String,
    tls: Option<ServerTls>,
}

async fn welcome<H: Handler>(guest: Guest, house: Arc<House<H>>, stop: CancellationToken) {
    let Guest { stream, remote, tls } = guest;
    // Without it a small answer can wait 40 ms for the client's acknowledgement.
    stream.set_nodelay(true).ok();
    let Some(tls) = tls else { return connection::run(stream, remote, house, stop).await };
    let shaken = tokio::time::timeout(house.limits.head_time, tls.accept(stream));
    // Who cannot shake hands cannot be told why.
    let Ok(Ok(stream)) = shaken.await else { return };
    connection::run(stream, remote, house, stop).await;
}

fn concerns_one_client(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}
