//! One client's connection: requests in, answers out, one after the other.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::model::CapturedRequest;
use crate::net::server::body::Room;
use crate::net::server::fault::Fault;
use crate::net::server::head::{self, Framing, Head};
use crate::net::server::write::{self, Sending, Shape};
use crate::net::server::{Answer, Body, Handler, House, Limits};
use crate::net::{COALESCED, READ_ROOM, READ_SIZE};

/// After a refusal: how long, and for how many bytes, the client is given the chance to read it.
///
/// Closing at once, with bytes unread, would reset the connection and could throw the answer away.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 64 * 1024;

/// A connection's buffers are given back when a request made them larger than this.
const KEPT_BUFFER: usize = 16 * 1024;

/// Serves one connection until it ends.
pub(super) async fn run<S, H>(stream: S, remote: String, house: Arc<House<H>>, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    H: Handler,
{
    let alarm = Box::pin(sleep(house.limits.idle_time));
    let stopped = Box::pin(stop.clone().cancelled_owned());
    let output = BytesMut::new();
    let mut connection = Connection { stream, input: BytesMut::new(), output, alarm, stop, stopped };
    // What the client did wrong was answered; what the network did wrong ends the connection, and there is nobody to tell.
    while let Ok(Next::Request) = connection.turn(&remote, &house).await {}
}

pub(super) struct Connection<S, F> {
    pub(super) stream: S,
    pub(super) input: BytesMut,
    output: BytesMut,
    /// The one timer of the connection, moved rather than made anew: moving it to a later time is nearly free.
    pub(super) alarm: Pin<Box<Sleep>>,
    stop: CancellationToken,
    stopped: Pin<Box<F>>,
}

/// What follows a request.
enum Next {
    Request,
    Close,
}

/// Why a request did not become whole.
pub(super) enum End {
    /// The client, the network or the server's stop ended it; there is nobody to answer.
    Gone,
    /// It is to be refused.
    Refused(Fault),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}

impl<S, F> Connection<S, F>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    F: Future<Output = ()> + Send,
{
    /// One request and its answer.
    async fn turn<H: Handler>(&mut self, remote: &str, house: &House<H>) -> io::Result<Next> {
        let limits = &house.limits;
        let head = match self.head(remote, limits).await {
            Ok(head) => head,
            Err(end) => return self.end(end, house).await,
        };
        let shape = Shape { http10: head.http10, head_only: head.method == "HEAD", close: head.close };
        if let Err(answer) = house.handler.admit(&head) {
            let unread = head.framing != Framing::Length(0);
            let next = self.answer(answer, Shape { close: shape.close || unread, ..shape }, limits).await?;
            if unread {
                self.linger().await;
            }
            return Ok(next);
        }
        let mut room = Room::of(&house.inflight);
        let body = match self.body(&head, limits, &mut room).await {
            Ok(body) => body,
            Err(end) => return self.end(end, house).await,
        };
        let Head { method, target, headers, remote, .. } = head;
        let received_at = house.clock.now();
        let request = CapturedRequest { method, target, headers, body, remote, received_at };
        let answer = house.handler.handle(request).await;
        drop(room);
        self.answer(answer, shape, limits).await
    }

    /// The next head; waits for its first byte as long as a connection may be idle.
    async fn head(&mut self, remote: &str, limits: &Limits) -> Result<Head, End> {
        self.alarm.as_mut().reset(Instant::now() + limits.idle_time);
        let (mut scanned, mut begun) = (0, false);
        loop {
            if self.input.is_empty() {
                self.first_byte().await?;
            }
            if let Some(head) = head::parse(&mut self.input, &mut scanned, remote, limits)? {
                return Ok(head);
            }
            if self.input.is_empty() {
                continue;
            }
            if !std::mem::replace(&mut begun, true) {
                self.alarm.as_mut().reset(Instant::now() + limits.head_time);
            }
            self.fill(Fault::LATE_HEAD).await?;
        }
    }

    /// Waits while nothing is under way: the only time at which a stop closes the connection at once.
    async fn first_byte(&mut self) -> Result<(), End> {
        make_room(&mut self.input);
        tokio::select! {
            biased;
            read = self.stream.read_buf(&mut self.input) => if read? == 0 { Err(End::Gone) } else { Ok(()) },
            () = self.stopped.as_mut() => Err(End::Gone),
            () = self.alarm.as_mut() => Err(End::Gone),
        }
    }

    pub(super) async fn fill(&mut self, late: Fault) -> Result<(), End> {
        make_room(&mut self.input);
        read_within(&mut self.stream, self.alarm.as_mut(), &mut self.input, late).await
    }

    /// Sends an answer, and says whether another request may follow.
    async fn answer(&mut self, answer: Answer, shape: Shape, limits: &Limits) -> io::Result<Next> {
        let close = shape.close || answer.close || self.stop.is_cancelled();
        self.output.clear();
        let sending = write::head(&answer, Shape { close, ..shape }, &mut self.output);
        match answer.body {
            Body::Full(body) if sending == Sending::Plain => {
                let after = if body.len() <= COALESCED {
                    self.output.extend_from_slice(&body);
                    Bytes::new()
                } else {
                    body
                };
                send(&mut self.stream, limits.write_stall, Buf::chain(&self.output[..], after)).await?;
            }
            Body::Stream(pieces) if sending != Sending::Nothing => {
                send(&mut self.stream, limits.write_stall, &self.output[..]).await?;
                self.pass_on(pieces, sending, limits.write_stall).await?;
            }
            _ => send(&mut self.stream, limits.write_stall, &self.output[..]).await?,
        }
        self.output.clear();
        for buffer in [&mut self.input, &mut self.output] {
            if buffer.capacity() > KEPT_BUFFER {
                *buffer = BytesMut::from(&buffer[..]);
            }
        }
        // A stream may have ended because of the stop, long after its head was sent.
        if !close && !self.stop.is_cancelled() {
            return Ok(Next::Request);
        }
        self.stream.shutdown().await?;
        Ok(Next::Close)
    }

    /// Passes a stream's pieces on until it ends, the server stops or the client is gone.
    async fn pass_on(
        &mut self,
        mut pieces: mpsc::Receiver<Bytes>,
        sending: Sending,
        stall: Duration,
    ) -> io::Result<()> {
        loop {
            let listening = self.input.len() < READ_SIZE;
            if listening {
                make_room(&mut self.input);
            }
            tokio::select! {
                biased;
                () = self.stopped.as_mut() => break,
                piece = pieces.recv() => {
                    let Some(piece) = piece else { break };
                    if sending == Sending::Plain {
                        send(&mut self.stream, stall, piece).await?;
                    } else if !piece.is_empty() {
                        let size = format!("{:x}\r\n", piece.len());
                        send(&mut self.stream, stall, Buf::chain(size.as_bytes(), piece).chain(&b"\r\n"[..])).await?;
                    }
                }
                // The client may send its next request already; only its end is of interest here.
                read = self.stream.read_buf(&mut self.input), if listening => {
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
        if sending == Sending::Chunked { send(&mut self.stream, stall, &b"0\r\n\r\n"[..]).await } else { Ok(()) }
    }

    async fn end<H: Handler>(&mut self, end: End, house: &House<H>) -> io::Result<Next> {
        let End::Refused(fault) = end else { return Ok(Next::Close) };
        let shape = Shape { http10: false, head_only: false, close: true };
        self.answer(house.handler.refused(&fault), shape, &house.limits).await?;
        self.linger().await;
        Ok(Next::Close)
    }

    async fn linger(&mut self) {
        let mut rest = (&mut self.stream).take(LINGER_BYTES);
        let read = async {
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
            // Enough was read: the client's own writes now wait for room while it can read the answer.
            if rest.limit() == 0 { std::future::pending().await } else { Ok::<(), io::Error>(()) }
        };
        timeout(LINGER_TIME, read).await.ok();
    }
}

fn make_room(buffer: &mut BytesMut) {
    if buffer.capacity() - buffer.len() < READ_ROOM {
        buffer.reserve(READ_SIZE);
    }
}

pub(super) async fn read_within<S: AsyncRead + Unpin>(
    stream: &mut S,
    alarm: Pin<&mut Sleep>,
    buffer: &mut impl BufMut,
    late: Fault,
) -> Result<(), End> {
    tokio::select! {
        biased;
        read = stream.read_buf(buffer) => if read? == 0 { Err(End::Gone) } else { Ok(()) },
        () = alarm => Err(late.into()),
    }
}

/// Sends all of `bytes`; the client must take some of it within every `stall`.
pub(super) async fn send<S: AsyncWrite + Unpin>(
    stream: &mut S,
    stall: Duration,
    mut bytes: impl Buf,
) -> io::Result<()> {
    while bytes.has_remaining() {
        if timeout(stall, stream.write_buf(&mut bytes)).await?? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}
