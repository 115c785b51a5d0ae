//! The server over real sockets: what goes in comes out, limits hold, a stop is orderly.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use whk::clock::SystemClock;
use whk::model::{CapturedRequest, Headers, Target};
use whk::net::{
    Answer, Body, Client, ClientOptions, Fault, Handler, Head, Limits, Outbound, forwarded_headers, returned_headers,
    serve,
};

/// Sends everything on to a target, as a listener does.
struct Forwarder {
    client: Client,
    target: Target,
}

impl Handler for Forwarder {
    fn admit(&self, _: &Head) -> Result<(), Answer> {
        Ok(())
    }

    async fn handle(&self, request: CapturedRequest) -> Answer {
        let headers = forwarded_headers(&request.headers, request.body.len(), &self.target, &Headers::new());
        let (target, method, request_target, body) =
            (&self.target, &request.method, request.target.clone(), request.body);
        let outbound = Outbound { target, method, request_target, headers, body };
        match self.client.exchange(&outbound, Some(Duration::from_secs(10))).await {
            Ok(answer) => {
                let headers = returned_headers(&answer.headers);
                Answer { status: answer.status, headers, body: Body::Full(answer.body), ..Answer::default() }
            }
            Err(why) => Answer { status: 502, body: Body::Full(Bytes::from(why.message)), ..Answer::default() },
        }
    }
}

/// Answers when it is told to.
struct Gate {
    entered: tokio::sync::Notify,
    open: tokio::sync::Semaphore,
}

impl Handler for Gate {
    fn admit(&self, _: &Head) -> Result<(), Answer> {
        Ok(())
    }

    async fn handle(&self, request: CapturedRequest) -> Answer {
        assert_ne!(request.target, "/panic", "asked to");
        self.entered.notify_one();
        drop(self.open.acquire().await.unwrap());
        Answer { status: 200, ..Answer::default() }
    }

    fn refused(&self, fault: &Fault) -> Answer {
        Answer { reason: Some(Bytes::from_static(b"Own Words")), ..fault.answer() }
    }
}

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

async fn running<H: Handler>(handler: Arc<H>, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(listener.into(), handler, Arc::new(SystemClock), limits, stop.clone()));
    Running { address, stop, served }
}

fn gate(permits: usize) -> Arc<Gate> {
    Arc::new(Gate { entered: tokio::sync::Notify::new(), open: tokio::sync::Semaphore::new(permits) })
}

async fn said(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    all
}

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn bytes_pass_through_server_and_client_unchanged() {
    let app = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = app.local_addr().unwrap().port();
    let target: Target = format!("127.0.0.1:{port}").parse().unwrap();
    let client = Client::new(ClientOptions::default()).unwrap();
    let whk = running(Arc::new(Forwarder { client, target }), Limits::default()).await;
    let lines = "X-GitHub-Event: push\r\nx-dup:1\r\nX-Dup:  2 \r\nAccept: */*\r\nX-DUP: 3\r\nX-Empty: \r\n";
    let sent = [
        format!("POST /in//a%2Fb/../?b=2&a&a=%20 HTTP/1.1\r\nhOsT: whk.test\r\n{lines}").as_bytes(),
        b"X-Bytes: caf\xe9\xff\r\nTE: trailers\r\nContent-Length: 4\r\nConnection: close, x-hop\r\nX-Hop: 1\r\n\r\n\x00\xff\r\n",
    ]
    .concat();
    let answer = b"HTTP/1.1 418 I'm a teapot\r\nSet-Cookie: a\r\nx-B:1\r\nset-cookie: b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n\xff\r\n0\r\n\r\n";
    let serving = tokio::spawn(async move {
        let (mut stream, _) = app.accept().await.unwrap();
        let (mut all, mut piece) = (Vec::new(), [0; 4096]);
        while !all.ends_with(b"\x00\xff\r\n") {
            let read = stream.read(&mut piece).await.unwrap();
            assert_ne!(read, 0, "{}", all.escape_ascii());
            all.extend_from_slice(&piece[..read]);
        }
        stream.write_all(answer).await.unwrap();
        all
    });
    let got = said(whk.address, &sent).await;
    let arrived = serving.await.unwrap();
    let wanted = [
        format!("POST /in//a%2Fb/../?b=2&a&a=%20 HTTP/1.1\r\nhOsT: 127.0.0.1:{port}\r\n{lines}").as_bytes(),
        b"X-Bytes: caf\xe9\xff\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n",
    ]
    .concat();
    assert_eq!(arrived.escape_ascii().to_string(), wanted.escape_ascii().to_string());
    let back = b"HTTP/1.1 418 \r\nSet-Cookie: a\r\nx-B:1\r\nset-cookie: b\r\ncontent-length: 3\r\nconnection: close\r\n\r\nhi\xff";
    assert_eq!(got.escape_ascii().to_string(), back.escape_ascii().to_string());
}

#[tokio::test]
async fn a_refusal_names_the_fault_and_reaches_a_client_that_is_still_sending() {
    let whk = running(gate(9), Limits::default()).await;
    let head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n";
    let said = said(whk.address, &[&head[..], &*vec![b'x'; 50_000]].concat()).await;
    let text = String::from_utf8(said).unwrap();
    assert!(text.starts_with("HTTP/1.1 413 Own Words\r\n"), "{text}");
    assert!(
        text.ends_with(r#"{"code":"payload_too_large","detail":"the body is larger than is accepted here"}"#),
        "{text}"
    );
}

#[tokio::test]
async fn a_browser_that_speaks_tls_is_told_at_once() {
    let whk = running(gate(9), Limits::default()).await;
    let said = said(whk.address, b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03").await;
    assert!(String::from_utf8(said).unwrap().contains("plain HTTP"));
}

#[tokio::test]
async fn a_stop_waits_for_requests_under_way_and_takes_no_new_ones() {
    let gate = gate(0);
    let whk = running(Arc::clone(&gate), Limits::default()).await;
    let mut idle = TcpStream::connect(whk.address).await.unwrap();
    let asked = tokio::spawn(async move { said(whk.address, GET).await });
    gate.entered.notified().await;
    whk.stop.cancel();
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0);
    while TcpStream::connect(whk.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    gate.open.add_permits(1);
    let answer = String::from_utf8(asked.await.unwrap()).unwrap();
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    whk.served.await.unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_the_drain() {
    let gate = gate(0);
    let whk = running(Arc::clone(&gate), Limits { drain: Duration::from_millis(20), ..Limits::default() }).await;
    let asked = tokio::spawn(async move { said(whk.address, GET).await });
    gate.entered.notified().await;
    let began = Instant::now();
    whk.stop.cancel();
    whk.served.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(asked.await.unwrap(), b"");
}

#[tokio::test]
async fn connections_over_the_cap_wait_their_turn() {
    let whk = running(gate(99), Limits { connections: 1, ..Limits::default() }).await;
    let mut first = TcpStream::connect(whk.address).await.unwrap();
    let mut answer = [0; 38];
    first.write_all(GET).await.unwrap();
    first.read_exact(&mut answer).await.unwrap();
    let second = tokio::spawn(async move { said(whk.address, b"GET /x HTTP/1.0\r\n\r\n").await });
    for _ in 0..20 {
        first.write_all(GET).await.unwrap();
        first.read_exact(&mut answer).await.unwrap();
        assert!(!second.is_finished());
    }
    drop(first);
    assert!(second.await.unwrap().starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn a_panic_costs_one_connection_and_no_capacity() {
    let whk = running(gate(99), Limits { connections: 2, ..Limits::default() }).await;
    for _ in 0..20 {
        assert_eq!(said(whk.address, b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await, b"");
    }
    assert!(said(whk.address, b"GET /x HTTP/1.0\r\n\r\n").await.starts_with(b"HTTP/1.1 200 OK\r\n"));
}
