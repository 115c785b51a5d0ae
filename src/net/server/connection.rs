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
use crate::net::server::{Answer, Body, Handler, House, Limits, Upgrade, Upgraded};
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
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
{
    let alarm = Box::pin(sleep(house.limits.idle_time));
    let stopped = Box::pin(stop.clone().cancelled_owned());
    let output = BytesMut::new();
    let mut connection = Connection { stream, input: BytesMut::new(), output, alarm, stop, stopped };
    // What the client did wrong was answered; what the network did wrong ends the connection, and there is nobody to tell.
    loop {
        match connection.turn(&remote, &house).await {
            Ok(Next::Request) => {}
            Ok(Next::Upgrade(Upgrade(work))) => {
                let Connection { stream, input, stop, .. } = connection;
                return work(Upgraded { stream: Box::new(stream), input, stop }).await;
            }
            Ok(Next::Close) | Err(_) => return,
        }
    }
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
    Upgrade(Upgrade),
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
            Body::Upgrade(work) => {
                send(&mut self.stream, limits.write_stall, &self.output[..]).await?;
                return Ok(Next::Upgrade(work));
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::DuplexStream;
    use tokio::sync::Semaphore;

    use crate::clock::ManualClock;
    use crate::model::Timestamp;

    /// Answers with what it got; `/no` is not admitted, `/stream` is passed on piece by piece.
    struct Echo {
        pieces: std::sync::Mutex<Option<mpsc::Receiver<Bytes>>>,
    }

    impl Handler for Echo {
        fn admit(&self, head: &Head) -> Result<(), Answer> {
            if head.target == "/no" { Err(Answer { status: 404, ..Answer::default() }) } else { Ok(()) }
        }

        async fn handle(&self, request: CapturedRequest) -> Answer {
            let pieces = self.pieces.lock().unwrap().take().filter(|_| request.target == "/stream");
            let body = pieces.map_or(Body::Full(request.body), Body::Stream);
            Answer { status: 200, body, ..Answer::default() }
        }
    }

    struct Client {
        stream: DuplexStream,
        stop: CancellationToken,
        pieces: Option<mpsc::Sender<Bytes>>,
        served: tokio::task::JoinHandle<()>,
    }

    /// A client of a connection that holds at most `buffer` bytes on their way.
    fn client(buffer: usize, limits: Limits) -> Client {
        let (near, far) = tokio::io::duplex(buffer);
        let (sender, pieces) = mpsc::channel(4);
        let stop = CancellationToken::new();
        let house = House {
            handler: Arc::new(Echo { pieces: std::sync::Mutex::new(Some(pieces)) }),
            clock: Arc::new(ManualClock::new(Timestamp::from_seconds(1))),
            limits,
            inflight: Semaphore::new(limits.inflight_bytes),
        };
        let served = tokio::spawn(run(far, "here".to_owned(), Arc::new(house), stop.clone()));
        Client { stream: near, stop, pieces: Some(sender), served }
    }

    fn usual() -> Client {
        client(1 << 20, Limits::default())
    }

    impl Client {
        async fn send(&mut self, bytes: impl AsRef<[u8]>) {
            self.stream.write_all(bytes.as_ref()).await.unwrap();
        }

        /// Everything up to the connection's end, and how long that took.
        async fn rest(mut self) -> (String, u64) {
            let (began, mut all) = (Instant::now(), Vec::new());
            self.stream.read_to_end(&mut all).await.unwrap();
            (String::from_utf8(all).unwrap(), began.elapsed().as_secs())
        }

        async fn see(&mut self, text: &str) {
            let mut seen = vec![0; text.len()];
            self.stream.read_exact(&mut seen).await.unwrap();
            assert_eq!(String::from_utf8(seen).unwrap(), text);
        }
    }

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\n";
    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: ";

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_silently() {
        assert_eq!(usual().rest().await, (String::new(), 60));
        let mut after = usual();
        after.send(format!("{HEAD}\r\n")).await;
        after.see(&format!("{OK}0\r\n\r\n")).await;
        after.send("\r\n").await;
        assert_eq!(after.rest().await, (String::new(), 60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_head_or_body_is_refused_in_time() {
        let mut head = usual();
        head.send(HEAD).await;
        let (answer, seconds) = head.rest().await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("head took too long"), "{answer}");
        assert_eq!(seconds, 10);
        for framing in [
            "Content-Length: 9000000\r\n\r\nx",
            "Content-Length: 3\r\n\r\nx",
            "Transfer-Encoding: chunked\r\n\r\n9\r\nx",
        ] {
            let mut body = usual();
            body.send(format!("{HEAD}{framing}")).await;
            let (answer, seconds) = body.rest().await;
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body took too long"), "{answer}");
            assert_eq!(seconds, 30, "{framing}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_let_go() {
        let mut client = client(4096, Limits::default());
        client.send(format!("{HEAD}Content-Length: 100000\r\n\r\n")).await;
        client.send(vec![b'x'; 100_000]).await;
        let began = Instant::now();
        client.served.await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 30);
    }

    #[tokio::test]
    async fn pipelined_requests_are_answered_in_order() {
        let mut client = usual();
        let two =
            format!("{HEAD}Content-Length: 1\r\n\r\n1{HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n");
        client.send(format!("{two}{HEAD}Connection: close\r\n\r\n")).await;
        let (answers, _) = client.rest().await;
        assert_eq!(answers, format!("{OK}1\r\n\r\n1{OK}1\r\n\r\n2{OK}0\r\nconnection: close\r\n\r\n"));
    }

    #[tokio::test]
    async fn bodies_of_every_size_come_whole_in_any_pieces() {
        for length in [0, 1, 8_000, 8_192, 8_193, 131_072, 131_073, 3_000_000] {
            let body: Vec<u8> = (0..length).map(|at: u32| u8::try_from(at * 31 % 251).unwrap()).collect();
            let mut client = client(10_000, Limits::default());
            let (mut reader, mut writer) = tokio::io::split(&mut client.stream);
            let head = format!("{HEAD}Connection: close\r\nContent-Length: {length}\r\n\r\n");
            let wire = [head.as_bytes(), &body].concat();
            let mut answer = Vec::new();
            let (sent, read) = tokio::join!(writer.write_all(&wire), reader.read_to_end(&mut answer));
            sent.unwrap();
            read.unwrap();
            assert!(answer.ends_with(&body) && answer.len() < body.len() + 100, "{length}");
        }
    }

    #[tokio::test]
    async fn continue_is_said_only_when_the_body_will_be_read() {
        let mut wanted = usual();
        wanted.send(format!("{HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")).await;
        wanted.see("HTTP/1.1 100 Continue\r\n\r\n").await;
        wanted.send("{}").await;
        wanted.see(&format!("{OK}2\r\n\r\n{{}}")).await;
        let mut unwanted = usual();
        unwanted.send("POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await;
        unwanted.see("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        let mut large = usual();
        large.send(format!("{HEAD}Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n")).await;
        large.see("HTTP/1.1 413 Content Too Large\r\n").await;
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_however_it_is_framed() {
        let limits = Limits { body_bytes: 4, ..Limits::default() };
        for (framing, status) in [
            ("Content-Length: 5\r\n\r\n12345", "413"),
            ("Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n", "413"),
            ("Content-Length: 4\r\n\r\n1234", "200"),
            ("Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n", "200"),
        ] {
            let mut client = client(1000, limits);
            client.send(format!("{HEAD}{framing}")).await;
            client.see(&format!("HTTP/1.1 {status} ")).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_do_not_fit_in_memory_together_wait_and_are_then_refused() {
        let mut client = client(1 << 20, Limits { inflight_bytes: 100_000, ..Limits::default() });
        client.send(format!("{HEAD}Content-Length: 200000\r\n\r\n")).await;
        let (answer, seconds) = client.rest().await;
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("Retry-After: 1\r\n"), "{answer}");
        assert_eq!(seconds, 30);
    }

    #[tokio::test]
    async fn an_old_client_gets_one_answer_and_the_end() {
        let mut client = usual();
        client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
        assert_eq!(client.rest().await.0, format!("{OK}0\r\nconnection: close\r\n\r\n"));
    }

    #[tokio::test]
    async fn a_stream_is_passed_on_as_it_comes_and_ends_with_its_source() {
        let mut client = usual();
        client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
        client.see("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let pieces = client.pieces.take().unwrap();
        pieces.send(Bytes::from_static(b"id: 1\n\n")).await.unwrap();
        client.see("7\r\nid: 1\n\n\r\n").await;
        client.send(format!("{HEAD}\r\n")).await;
        drop(pieces);
        client.see(&format!("0\r\n\r\n{OK}0\r\n\r\n")).await;
    }

    #[tokio::test]
    async fn a_stream_ends_when_its_client_goes_or_the_server_stops() {
        let mut gone = usual();
        gone.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
        gone.see("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let pieces = gone.pieces.take().unwrap();
        drop(gone);
        pieces.closed().await;
        let mut stopped = usual();
        stopped.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
        stopped.see("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        stopped.stop.cancel();
        assert_eq!(stopped.rest().await.0, "0\r\n\r\n");
    }

    #[tokio::test]
    async fn a_stop_ends_idle_connections_and_lets_busy_ones_finish() {
        let idle = usual();
        idle.stop.cancel();
        assert_eq!(idle.rest().await.0, "");
        let mut busy = usual();
        busy.send(format!("{HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")).await;
        busy.see("HTTP/1.1 100 Continue\r\n\r\n").await;
        busy.stop.cancel();
        busy.send("{}").await;
        assert_eq!(busy.rest().await.0, format!("{OK}2\r\nconnection: close\r\n\r\n{{}}"));
    }
}
