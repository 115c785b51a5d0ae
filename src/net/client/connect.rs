//! Getting to a server: names, addresses, unix sockets, TLS.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use crate::model::attempt::{Failure, FailureKind};
use crate::model::target::Address;
use crate::net::client::failure::failure;
use crate::net::guard::Guard;
use crate::net::names::Names;
use crate::net::tls::{self, Trust};

/// How long one address may keep us waiting before the next is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);

/// A way to a server.
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Connects, and shakes hands if the address wants TLS.
pub(super) async fn connect(
    address: &Address,
    trust: &Trust,
    (guard, names): (&Guard, &Names),
) -> Result<Stream, Failure> {
    let (tls, host, port) = match address {
        Address::Tcp { tls, host, port } => (*tls, host, *port),
        Address::Unix(_) if guard.public_only => return Err(not_allowed(address)),
        Address::Unix(path) => return unix(path).await,
    };
    let mut addresses = resolve(host, port, names).await?;
    addresses.retain(|address| guard.admits(address.ip()));
    if addresses.is_empty() {
        return Err(not_allowed(address));
    }
    let tcp = any_of(addresses).await.map_err(|why| unreached(&why, address))?;
    // Without it a request in two writes can wait 40 ms for the server's acknowledgement.
    tcp.set_nodelay(true).ok();
    if !tls {
        return Ok(Stream::Tcp(tcp));
    }
    let refused = |why: String| failure(FailureKind::Tls, why);
    let connector = trust.connector().map_err(|why| refused(why.to_string()))?;
    let name = ServerName::try_from(host.clone()).map_err(|_| refused(format!("{host} cannot be a server's name")))?;
    let stream = connector.connect(name, tcp).await.map_err(|why| refused(tls::explain(&why, host)))?;
    Ok(Stream::Tls(Box::new(stream)))
}

fn not_allowed(address: &Address) -> Failure {
    let message = format!("{} is not a public address, and nothing else may be called", place(address));
    failure(FailureKind::Blocked, message)
}

/// The address as a person writes it.
pub(super) fn place(address: &Address) -> String {
    match address {
        Address::Tcp { host, port, .. } if host.contains(':') => format!("[{host}]:{port}"),
        Address::Tcp { host, port, .. } => format!("{host}:{port}"),
        Address::Unix(path) => path.clone(),
    }
}

#[cfg(unix)]
async fn unix(path: &str) -> Result<Stream, Failure> {
    let stream = UnixStream::connect(path).await;
    stream.map(Stream::Unix).map_err(|why| match why.kind() {
        ErrorKind::NotFound => failure(FailureKind::Refused, format!("there is no socket at {path}")),
        _ => unreached(&why, &Address::Unix(path.to_owned())),
    })
}

#[cfg(not(unix))]
async fn unix(path: &str) -> Result<Stream, Failure> {
    Err(failure(FailureKind::Unreachable, format!("{path}: this system has no unix sockets")))
}

async fn resolve(host: &str, port: u16, names: &Names) -> Result<Vec<SocketAddr>, Failure> {
    // Both, whatever the resolver says: an app may listen on either.
    if host == "localhost" {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![(ip, port).into()]);
    }
    let unknown = |why: &str| failure(FailureKind::Dns, format!("{host} has no address{why}"));
    let addresses = names.resolve(host, port).await.map_err(|why| unknown(&format!(": {why}")))?;
    if addresses.is_empty() { Err(unknown("")) } else { Ok(addresses) }
}

/// The first of the addresses that answers; each is given a head start over the next.
async fn any_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if let [only] = addresses.as_slice() {
        return TcpStream::connect(*only).await;
    }
    let mut rest = addresses.into_iter();
    let mut tries = JoinSet::new();
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    loop {
        match rest.next() {
            Some(address) => drop(tries.spawn(TcpStream::connect(address))),
            None if tries.is_empty() => return Err(last),
            None => {}
        }
        tokio::select! {
            Some(ended) = tries.join_next() => match ended {
                Ok(Ok(stream)) => return Ok(stream),
                // That nothing listens at one address says more than that the machine has no IPv6.
                Ok(Err(why)) if last.kind() != ErrorKind::ConnectionRefused => last = why,
                Ok(Err(_)) => {}
                Err(why) => last = why.into(),
            },
            () = tokio::time::sleep(STAGGER), if rest.len() > 0 => {}
        }
    }
}

fn unreached(why: &io::Error, address: &Address) -> Failure {
    let place = place(address);
    match why.kind() {
        ErrorKind::ConnectionRefused => {
            failure(FailureKind::Refused, format!("{place} refused the connection: nothing listens there"))
        }
        ErrorKind::TimedOut => failure(FailureKind::Timeout, format!("{place} did not answer")),
        _ => failure(FailureKind::Unreachable, format!("{place} cannot be reached: {why}")),
    }
}

macro_rules! each {
    ($stream:expr, $inner:ident => $work:expr) => {
        match $stream.get_mut() {
            Stream::Tcp($inner) => $work,
            Stream::Tls($inner) => $work,
            #[cfg(unix)]
            Stream::Unix($inner) => $work,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(cx))
    }
}
