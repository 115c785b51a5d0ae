//! An app to forward to, on a raw socket: it keeps what it gets, and answers what it is told to.

use std::collections::BTreeSet;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::Watched;
use crate::support::wire::{self, Kind, Message};

/// What the app does about a request.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// Says these bytes and waits for the next request.
    Bytes(Vec<u8>),
    /// Says these bytes and closes.
    Last(Vec<u8>),
    /// Says the first, then the second for as long as somebody takes it.
    Endless(Vec<u8>, Vec<u8>),
    /// Says these bytes and nothing more, and stays.
    Stall(Vec<u8>),
}

/// An app.
#[derive(Debug)]
pub(crate) struct App {
    address: SocketAddr,
    seen: Arc<Watched<Vec<Message>>>,
    connections: Arc<AtomicUsize>,
}

impl App {
    /// Answers each request, numbered from 0 as they come, with what `work` says; `work` may take its time.
    pub(crate) fn new(work: impl Fn(&Message, usize) -> Say + Send + Sync + 'static) -> Self {
        Self::on(own_port(), work)
    }

    /// The same at a port that is somebody's already.
    pub(crate) fn on(listener: TcpListener, work: impl Fn(&Message, usize) -> Say + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Watched::<Vec<Message>>::default());
        let kept = Arc::clone(&seen);
        let (address, connections) = serve(listener, move |stream, _| {
            let Ok(clone) = stream.try_clone() else { return };
            let mut reader = BufReader::new(clone);
            while let Ok(Some(request)) = Message::read(&mut reader, Kind::Request) {
                let number = kept.with(|all| {
                    all.push(request.clone());
                    all.len() - 1
                });
                if !say(&stream, work(&request, number)) {
                    return;
                }
            }
        });
        Self { address, seen, connections }
    }

    /// Answers everything with this status and an empty body.
    pub(crate) fn answering(status: u16) -> Self {
        Self::new(move |_, _| answer(status, &[], b""))
    }

    /// Goes through a script; its last line is said for ever.
    pub(crate) fn saying(script: impl IntoIterator<Item = Say>) -> Self {
        let script: Vec<Say> = script.into_iter().collect();
        Self::new(move |_, number| script.get(number).or(script.last()).cloned().expect("a script with a line"))
    }

    /// Hands each connection, numbered from 0, to `work` before a byte is read.
    pub(crate) fn raw(work: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let (address, connections) = serve(own_port(), work);
        Self { address, seen: Arc::default(), connections }
    }

    /// Its address, as a target.
    pub(crate) fn target(&self) -> String {
        self.address.to_string()
    }

    /// The first so many requests; waits for them.
    pub(crate) fn requests(&self, count: usize) -> Vec<Message> {
        let found = self.seen.wait(|all| all.get(..count).map(<[Message]>::to_vec));
        found.unwrap_or_else(|| panic!("{count} requests were due, {} came", self.count()))
    }

    /// The one request; waits for it.
    pub(crate) fn request(&self) -> Message {
        self.requests(1).remove(0)
    }

    /// How many requests came so far.
    pub(crate) fn count(&self) -> usize {
        self.seen.with(|all| all.len())
    }

    /// The bodies of what came so far.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.seen.with(|all| all.iter().map(|request| request.body.clone()).collect())
    }

    /// Waits until `look` finds something in what came so far.
    pub(crate) fn wait<R>(&self, mut look: impl FnMut(&[Message]) -> Option<R>) -> Option<R> {
        self.seen.wait(|all| look(all))
    }

    /// Waits until all of these bodies have come; gives back how many are missing.
    pub(crate) fn missing(&self, wanted: &BTreeSet<Vec<u8>>) -> usize {
        let look = |all: &mut Vec<Message>| {
            let got: BTreeSet<&[u8]> = all.iter().map(|request| &request.body[..]).collect();
            wanted.iter().all(|body| got.contains(&body[..])).then_some(())
        };
        if self.seen.wait(look).is_some() {
            return 0;
        }
        let got: BTreeSet<_> = self.bodies().into_iter().collect();
        wanted.difference(&got).count()
    }

    /// How many connections there were so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An answer with these header lines and a length.
pub(crate) fn answer(status: u16, lines: &[&str], body: &[u8]) -> Say {
    let own = wire::block(lines);
    let head = format!("HTTP/1.1 {status} As Told\r\n{own}Content-Length: {}\r\n\r\n", body.len());
    Say::Bytes([head.as_bytes(), body].concat())
}

/// A target that nobody listens at: its port was free a moment ago.
pub(crate) fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").to_string()
}

/// Reads and drops everything until the other side closes.
pub(crate) fn drain(mut stream: &TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

fn own_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port of its own")
}

fn serve(
    listener: TcpListener,
    work: impl Fn(TcpStream, usize) + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let address = listener.local_addr().expect("an address of its own");
    let (work, connections) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (work, number) = (Arc::clone(&work), count.fetch_add(1, Ordering::SeqCst));
            thread::spawn(move || work(stream, number));
        }
    });
    (address, connections)
}

/// Says it; whether the connection goes on.
fn say(mut stream: &TcpStream, what: Say) -> bool {
    match what {
        Say::Bytes(bytes) => stream.write_all(&bytes).is_ok(),
        Say::Last(bytes) => {
            drop(stream.write_all(&bytes));
            false
        }
        Say::Endless(first, again) => {
            let mut open = stream.write_all(&first).is_ok();
            while open {
                open = stream.write_all(&again).is_ok();
            }
            false
        }
        Say::Stall(bytes) => {
            drop(stream.write_all(&bytes));
            drain(stream);
            false
        }
    }
}
