//! The client against servers that behave, misbehave, hang up and speak TLS.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use whk::model::{Failure, FailureKind, Headers, Response, Target};
use whk::net::{Client, ClientOptions, Outbound};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server that hands each connection, numbered from 1, to `work`; its target and how many connections there were.
async fn app<W, F>(work: W) -> (Target, Arc<AtomicUsize>)
where
    W: Fn(usize, TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string().parse().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = seen.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::spawn(work(number, stream));
        }
    });
    (target, count)
}

/// Reads one request, which has the body `{}` or is HEAD; `None` at the end.
async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut all = vec![stream.read_u8().await.ok()?];
    let end: &[u8] = if all == b"H" { b"\r\n\r\n" } else { b"\r\n\r\n{}" };
    while !all.ends_with(end) {
        all.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(all).ok()
}

async fn answers<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: impl AsRef<[u8]>) {
    while request(&mut stream).await.is_some() {
        stream.write_all(answer.as_ref()).await.unwrap();
        stream.flush().await.unwrap();
    }
}

fn client(options: ClientOptions) -> Client {
    Client::new(options).unwrap()
}

async fn post(client: &Client, target: &Target, path: &str, body: Bytes) -> Result<Response, Failure> {
    let mut headers = Headers::new();
    headers.push("Host", target.authority()).unwrap();
    headers.push("Content-Length", body.len().to_string()).unwrap();
    let outbound = Outbound { target, method: "POST", request_target: path.to_owned(), headers, body };
    client.exchange(&outbound, Some(Duration::from_secs(10))).await
}

async fn small(client: &Client, target: &Target) -> Result<Response, Failure> {
    post(client, target, "/", Bytes::from_static(b"{}")).await
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (target, connections) = app(|_, stream| answers(stream, OK)).await;
    let client = client(ClientOptions::default());
    for _ in 0..20 {
        assert_eq!(&small(&client, &target).await.unwrap().body[..], b"ok");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_went_stale_is_replaced_and_the_request_arrives_once() {
    let arrived = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&arrived);
    let (target, connections) = app(move |number, mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            while request(&mut stream).await.is_some() {
                seen.fetch_add(1, Ordering::SeqCst);
                stream.write_all(OK).await.unwrap();
                if number == 1 {
                    // Hangs up just as the next request is on its way, without having read it.
                    stream.readable().await.unwrap();
                    return;
                }
            }
        }
    })
    .await;
    let client = client(ClientOptions::default());
    for _ in 0..3 {
        assert_eq!(small(&client, &target).await.unwrap().status, 200);
    }
    assert_eq!((arrived.load(Ordering::SeqCst), connections.load(Ordering::SeqCst)), (3, 2));
}

#[tokio::test]
async fn a_kept_connection_that_hangs_up_is_a_failure_for_whoever_has_a_schedule() {
    let (target, connections) = app(|_, mut stream| async move {
        drop(request(&mut stream).await);
        stream.write_all(OK).await.unwrap();
        drop(request(&mut stream).await);
    })
    .await;
    let client = client(ClientOptions { resend_stale: false, ..ClientOptions::default() });
    assert_eq!(small(&client, &target).await.unwrap().status, 200);
    assert_eq!(small(&client, &target).await.unwrap_err().kind, FailureKind::Closed);
    assert_eq!(connections.load(Ordering::SeqCst), 1, "the app saw each request once");
}

#[tokio::test]
async fn a_fresh_connection_that_hangs_up_is_not_tried_again() {
    let (target, connections) = app(|_, mut stream| async move { drop(request(&mut stream).await) }).await;
    let why = small(&client(ClientOptions::default()), &target).await.unwrap_err();
    assert_eq!((why.kind, connections.load(Ordering::SeqCst)), (FailureKind::Closed, 1));
    assert!(why.message.contains("before an answer came"), "{why}");
}

#[tokio::test]
async fn what_could_mix_answers_up_ends_the_connection() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ] {
        let (target, connections) = app(move |_, stream| answers(stream, answer)).await;
        let client = client(ClientOptions::default());
        for _ in 0..3 {
            assert_eq!(&small(&client, &target).await.unwrap().body[..], b"ok", "{answer}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 3, "{answer}");
    }
}

#[tokio::test]
async fn every_answer_goes_to_its_own_request() {
    let (target, _) = app(|_, mut stream| async move {
        while let Some(text) = request(&mut stream).await {
            let path = text.split(' ').nth(1).unwrap().to_owned();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    let client = client(ClientOptions { idle_per_target: 4, ..ClientOptions::default() });
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let (client, target) = (client.clone(), target.clone());
        tasks.spawn(async move {
            for number in 0..50 {
                let path = format!("/{task}-{number}");
                let answer = post(&client, &target, &path, Bytes::from_static(b"{}")).await.unwrap();
                assert_eq!(&answer.body[..], path.as_bytes());
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn an_answer_that_comes_before_the_request_was_read_is_seen() {
    let (target, connections) = app(|_, mut stream| async move {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").await.unwrap();
        // Reads no more, and stays.
        std::future::pending::<()>().await;
    })
    .await;
    let client = client(ClientOptions::default());
    for number in 1..=2 {
        let answer = post(&client, &target, "/", Bytes::from(vec![b'x'; 30 << 20])).await.unwrap();
        assert_eq!((answer.status, connections.load(Ordering::SeqCst)), (413, number));
    }
}

#[tokio::test]
async fn large_bodies_pass_both_ways_at_once() {
    let (target, _) = app(|_, stream| async move {
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await.unwrap();
        tokio::io::copy(&mut reader, &mut writer).await.ok();
    })
    .await;
    let body = Bytes::from(vec![b'x'; 8 << 20]);
    let client = client(ClientOptions { keep_body: 8 << 20, ..ClientOptions::default() });
    let answer = post(&client, &target, "/echo", body).await.unwrap();
    assert_eq!((answer.status, answer.truncated, answer.body.len()), (200, true, 8 << 20));
    assert!(answer.body.starts_with(b"POST /echo HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_body_is_kept_up_to_the_cap_however_it_is_framed() {
    for (answer, kept, truncated) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", "1234", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n", "1234", true),
        ("HTTP/1.1 200 OK\r\n\r\n12345", "1234", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234", "1234", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\nX: y\r\n\r\n", "1234", false),
        ("HTTP/1.1 200 OK\r\n\r\n1234", "1234", false),
        ("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n", "", false),
    ] {
        let (target, _) = app(move |_, mut stream| async move {
            request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let got = small(&client(ClientOptions { keep_body: 4, ..ClientOptions::default() }), &target).await.unwrap();
        assert_eq!((&got.body[..], got.truncated), (kept.as_bytes(), truncated), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_that_says_where() {
    for (answer, words) in [
        ("HTTP/1.1 200 OK\r\nContent-Le", "in the middle of the answer's head"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", "after 3 of 1000 bytes"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "before the last chunk"),
    ] {
        let (target, _) = app(move |_, mut stream| async move {
            request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let why = small(&client(ClientOptions::default()), &target).await.unwrap_err();
        assert_eq!(why.kind, FailureKind::Closed);
        assert!(why.message.contains(words), "{why}");
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_whatever_its_length_says() {
    let (target, connections) =
        app(|_, stream| answers(stream, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")).await;
    let client = client(ClientOptions::default());
    for _ in 0..2 {
        let mut headers = Headers::new();
        headers.push("Host", "x").unwrap();
        let body = Bytes::new();
        let head = Outbound { target: &target, method: "HEAD", request_target: "/".to_owned(), headers, body };
        assert_eq!(client.exchange(&head, None).await.unwrap().headers.text("content-length"), Some("500"));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_limit_covers_the_whole_exchange() {
    for begin in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"] {
        let (target, _) = app(move |_, mut stream| async move {
            stream.write_all(begin.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let headers = Headers::new();
        let get =
            Outbound { target: &target, method: "GET", request_target: "/".to_owned(), headers, body: Bytes::new() };
        let why = client(ClientOptions::default()).exchange(&get, Some(Duration::from_millis(30))).await.unwrap_err();
        assert_eq!(why.kind, FailureKind::Timeout);
        assert!(why.message.ends_with("within 30ms"), "{why}");
    }
}

#[tokio::test]
async fn nobody_there_is_refused_with_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for host in ["127.0.0.1", "localhost"] {
        let target = format!("{host}:{port}").parse().unwrap();
        let why = small(&client(ClientOptions::default()), &target).await.unwrap_err();
        assert_eq!(why.kind, FailureKind::Refused);
        assert!(why.message.starts_with(&format!("{host}:{port} refused")), "{why}");
    }
    let nowhere = "http://whk.invalid/".parse().unwrap();
    assert_eq!(small(&client(ClientOptions::default()), &nowhere).await.unwrap_err().kind, FailureKind::Dns);
}

#[tokio::test]
async fn localhost_finds_an_app_on_either_address() {
    for host in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(host).await else { continue };
        // Somebody else's app may be at the same port of the other address: then that would answer.
        let other = if host.starts_with('[') { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = if host.starts_with('[') { format!("127.0.0.1:{port}") } else { format!("[::1]:{port}") };
        if other.bind(taken.parse().unwrap()).is_err() {
            continue;
        }
        let target = format!("localhost:{}", listener.local_addr().unwrap().port()).parse().unwrap();
        tokio::spawn(async move { answers(listener.accept().await.unwrap().0, OK).await });
        assert_eq!(small(&client(ClientOptions::default()), &target).await.unwrap().status, 200, "{host}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_a_target_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let target = format!("unix:{}", path.display()).parse().unwrap();
    let client = client(ClientOptions::default());
    let why = small(&client, &target).await.unwrap_err();
    assert_eq!(why.kind, FailureKind::Refused);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { answers(listener.accept().await.unwrap().0, OK).await });
    for _ in 0..2 {
        assert_eq!(small(&client, &target).await.unwrap().status, 200);
    }
}

type Change = fn(&mut CertificateParams);

/// A CA in PEM, and a TLS server for `name` with a certificate of that CA.
fn authority(name: &str, change: Change) -> (String, TlsAcceptor) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

async fn secure(acceptor: TlsAcceptor) -> (Target, Arc<AtomicUsize>) {
    let (plain, count) = app(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answers(stream, OK).await;
            }
        }
    })
    .await;
    let port = plain.authority().rsplit_once(':').unwrap().1.to_owned();
    (format!("https://localhost:{port}").parse().unwrap(), count)
}

#[tokio::test]
async fn a_certificate_is_taken_from_a_ca_that_is_trusted_and_refused_by_name_of_the_fault() {
    let (pem, acceptor) = authority("localhost", |_| {});
    let trusting = ClientOptions { ca_pem: Some(pem.clone().into_bytes()), ..ClientOptions::default() };
    let (target, connections) = secure(acceptor).await;
    let client = client(trusting.clone());
    for _ in 0..3 {
        assert_eq!(&small(&client, &target).await.unwrap().body[..], b"ok");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);

    let faults: [(&str, Change, &str); 3] = [
        ("other.test", |_| {}, "is for another name"),
        ("localhost", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 2), "has expired"),
        ("localhost", |params| params.not_before = rcgen::date_time_ymd(4000, 1, 2), "is not valid yet"),
    ];
    for (name, change, words) in faults {
        let (pem, acceptor) = authority(name, change);
        let (target, _) = secure(acceptor).await;
        let trusting = ClientOptions { ca_pem: Some(pem.into_bytes()), ..ClientOptions::default() };
        let why = small(&self::client(trusting), &target).await.unwrap_err();
        assert_eq!(why.kind, FailureKind::Tls);
        assert!(why.message.contains(words), "{why}");
        let insecure = ClientOptions { insecure: true, ..ClientOptions::default() };
        assert_eq!(small(&self::client(insecure), &target).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn an_unknown_ca_is_refused_and_plain_http_is_told_from_tls() {
    let (pem, _) = authority("localhost", |_| {});
    let (_, acceptor) = authority("localhost", |_| {});
    let client = client(ClientOptions { ca_pem: Some(pem.into_bytes()), ..ClientOptions::default() });
    let (target, _) = secure(acceptor).await;
    let why = small(&client, &target).await.unwrap_err();
    assert_eq!(why.kind, FailureKind::Tls);
    assert!(why.message.contains("not trusted"), "{why}");

    let plain = target.to_string().replace("https", "http").parse().unwrap();
    let why = small(&client, &plain).await.unwrap_err();
    assert!(why.kind == FailureKind::Malformed && why.message.contains("use https://"), "{why}");

    let (http, _) = app(|_, mut stream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
    })
    .await;
    let why = small(&client, &http.to_string().replace("http", "https").parse().unwrap()).await.unwrap_err();
    assert!(why.kind == FailureKind::Tls && why.message.contains("does not speak TLS"), "{why}");
}

#[test]
fn a_ca_file_that_is_none_is_refused_at_once() {
    for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert!(Client::new(ClientOptions { ca_pem: Some(text.into()), ..ClientOptions::default() }).is_err());
    }
}

#[tokio::test]
async fn where_only_public_addresses_may_be_called_no_other_is_dialled_whatever_its_name() {
    let (target, count) = app(|_, stream| answers(stream, OK)).await;
    let port = target.authority().rsplit_once(':').unwrap().1.to_owned();
    let guard = whk::net::Guard { public_only: true, allowed: Vec::new() };
    let strict = client(ClientOptions { guard: guard.clone(), ..ClientOptions::default() });
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let target: Target = format!("http://{host}:{port}/").parse().unwrap();
        let failure = post(&strict, &target, "/", Bytes::from_static(b"{}")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Blocked, "{host}: {failure}");
    }
    let socket: Target = "unix:/nowhere.sock".parse().unwrap();
    assert_eq!(post(&strict, &socket, "/", Bytes::new()).await.unwrap_err().kind, FailureKind::Blocked);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    let allowed = whk::net::Guard { allowed: vec!["127.0.0.0/8".parse().unwrap()], ..guard };
    let lenient = client(ClientOptions { guard: allowed, ..ClientOptions::default() });
    assert_eq!(post(&lenient, &target, "/", Bytes::from_static(b"{}")).await.unwrap().status, 200);
}
