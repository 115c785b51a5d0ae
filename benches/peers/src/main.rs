//! `peers app ADDRESS` says ok to everything, and to GET how often it did; `peers proxy ADDRESS TARGET` hands everything on and records nothing.

use std::convert::Infallible;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;

type Fault = Box<dyn Error + Send + Sync>;
type Pool = Client<HttpConnector, Full<Bytes>>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["app", address] => app(address).await,
        ["proxy", address, target] => proxy(address, target).await,
        _ => Err("peers app ADDRESS, or peers proxy ADDRESS TARGET".into()),
    }
}

async fn app(address: &str) -> Result<(), Fault> {
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| async move {
                if request.method() == Method::GET {
                    return Ok(Response::new(Full::new(Bytes::from(TAKEN.load(Ordering::Relaxed).to_string()))));
                }
                request.into_body().collect().await?;
                TAKEN.fetch_add(1, Ordering::Relaxed);
                Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(b"ok"))))
            });
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn proxy(address: &str, target: &str) -> Result<(), Fault> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let pool: Pool = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1024).build(connector);
    let target: &'static str = target.to_owned().leak();
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let pool = pool.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let pool = pool.clone();
                async move { Ok::<_, Infallible>(hand_on(&pool, target, request).await.unwrap_or_else(|why| refused(&why))) }
            });
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn hand_on(pool: &Pool, target: &str, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Fault> {
    let (mut head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = format!("http://{target}{path}").parse()?;
    let (mut head, body) = pool.request(Request::from_parts(head, Full::new(body))).await?.into_parts();
    head.headers.remove(hyper::header::CONNECTION);
    Ok(Response::from_parts(head, Full::new(body.collect().await?.to_bytes())))
}

fn refused(why: &Fault) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(why.to_string())));
    *response.status_mut() = hyper::StatusCode::BAD_GATEWAY;
    response
}
