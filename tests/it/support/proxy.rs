//! A way to a server that can be broken in every way that networks break.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::Watched;

/// What the way does to what goes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It ends every connection, and each new one.
    Refuse,
    /// It takes everything and passes nothing on.
    Hole,
    /// It passes each piece on so much later.
    Late(Duration),
    /// It says that the server has nothing more to say, and goes on the other way.
    HalfClose,
    /// It ends a connection in the middle of an answer.
    MidReply,
    /// It passes answers on byte by byte.
    Drip,
    /// It ends a connection when so many bytes of answers went over it.
    After(usize),
}

/// A way to a server.
pub(crate) struct Proxy {
    address: SocketAddr,
    way: Arc<Way>,
}

#[derive(Default)]
struct Way {
    server: Watched<Option<SocketAddr>>,
    fault: Watched<Option<Fault>>,
    ends: Watched<Vec<TcpStream>>,
    /// How many connections ended by a fault.
    ended: AtomicUsize,
    /// How many there were, and how many of those lead nowhere for ever.
    opened: AtomicUsize,
    lost: AtomicUsize,
}

impl Proxy {
    /// To this server; the fault of each new connection is asked for by its number, until one is set.
    pub(crate) fn to(server: SocketAddr, fault: impl Fn(usize) -> Fault + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, way) = (listener.local_addr().expect("an address"), Arc::new(Way::default()));
        let shared = Arc::clone(&way);
        thread::spawn(move || {
            for (number, near) in listener.incoming().map_while(Result::ok).enumerate() {
                let server = shared.server.with(|other| other.unwrap_or(server));
                shared.open(near, server, fault(number));
            }
        });
        Self { address, way }
    }

    /// Where it begins.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it leads to another server; what led to the one before ends.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.way.server.with(|other| *other = Some(server));
        self.heal();
    }

    /// From now on it does this, to the connections that are there too.
    pub(crate) fn set(&self, fault: Fault) {
        self.way.fault.with(|now| *now = Some(fault));
        match fault {
            Fault::Refuse => self.way.end_all(Shutdown::Both),
            Fault::HalfClose => self.way.end_all(Shutdown::Write),
            _ => {}
        }
    }

    /// Ends what a fault left half alive, and is a good way from now on.
    pub(crate) fn heal(&self) {
        self.set(Fault::None);
        self.way.end_all(Shutdown::Both);
    }

    /// What is open now leads nowhere for ever, as to a machine that lost its power; what comes is served.
    pub(crate) fn lose(&self) {
        self.way.lost.store(self.way.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// How many connections it ended in the middle of something.
    pub(crate) fn ended(&self) -> usize {
        self.way.ended.load(Ordering::SeqCst)
    }
}

impl Way {
    fn open(self: &Arc<Self>, near: TcpStream, server: SocketAddr, own: Fault) {
        if self.fault(own) == Fault::Refuse {
            return;
        }
        let Ok(far) = TcpStream::connect(server) else { return };
        let (Ok(asks), Ok(answers), Ok(end)) = (near.try_clone(), far.try_clone(), near.try_clone()) else { return };
        self.ends.with(|ends| ends.push(end));
        let number = self.opened.fetch_add(1, Ordering::SeqCst);
        let way = Arc::clone(self);
        thread::spawn(move || way.pass((asks, far), (own, number), false));
        let way = Arc::clone(self);
        thread::spawn(move || way.pass((answers, near), (own, number), true));
    }

    fn pass(&self, (mut from, mut to): (TcpStream, TcpStream), (own, number): (Fault, usize), answers: bool) {
        let (mut buffer, mut passed) = ([0; 16 << 10], 0);
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let piece = &buffer[..read];
            let fault = if number < self.lost.load(Ordering::SeqCst) { Fault::Hole } else { self.fault(own) };
            let going = match fault {
                Fault::Hole => true,
                Fault::Late(time) => {
                    thread::sleep(time);
                    to.write_all(piece).is_ok()
                }
                Fault::Drip if answers => piece.iter().all(|byte| to.write_all(&[*byte]).is_ok()),
                Fault::MidReply if answers => self.last(&mut to, &piece[..read / 2]),
                Fault::After(most) if answers && passed + read >= most => self.last(&mut to, &piece[..most - passed]),
                _ => to.write_all(piece).is_ok(),
            };
            passed += read;
            if !going {
                break;
            }
        }
        drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
    }

    /// The last bytes of a connection.
    fn last(&self, to: &mut TcpStream, piece: &[u8]) -> bool {
        drop(to.write_all(piece));
        self.ended.fetch_add(1, Ordering::SeqCst);
        false
    }

    fn fault(&self, own: Fault) -> Fault {
        self.fault.with(|fault| fault.unwrap_or(own))
    }

    fn end_all(&self, how: Shutdown) {
        self.ends.with(|ends| {
            for end in ends.iter() {
                drop(end.shutdown(how));
            }
            if how == Shutdown::Both {
                ends.clear();
            }
        });
    }
}
