//! One connection of a listener, from its hello to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;

use crate::model::AppName;
use crate::net::websocket::{Broken, Message, Reader, Role, Writer};
use crate::net::{Duplex, Upgraded};
use crate::policy::route::Glob;
use crate::relay::feed::Taste;
use crate::relay::notice::Notice;
use crate::relay::tunnel::line::{Joined, Order};
use crate::relay::tunnel::member::{Guest, Member, Out};
use crate::relay::tunnel::place::Start;
use crate::relay::tunnel::words::{self, Hello, VERSION, Welcome, Word};
use crate::relay::tunnel::{Hub, Key, Reject, outward, svix};
use crate::store::Cursor;

/// How long a listener may take to introduce itself.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// The largest message of a listener: an answer, whose body is cut at 4 MiB.
const MOST: usize = (4 << 20) + (256 << 10);
/// How long the other side may take nothing.
const STALL: Duration = Duration::from_secs(30);
/// So many bytes are gathered before they are sent.
const GATHERED: usize = 64 << 10;
/// How long a listener may finish what it has when the relay stops.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// The longest name, and the most patterns.
const LONGEST_NAME: usize = 128;
const MOST_PATTERNS: usize = 64;

type Input = Reader<ReadHalf<Box<dyn Duplex>>>;
type Output = Writer<WriteHalf<Box<dyn Duplex>>>;

/// Who asked for the connection.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The app that its token is for; any if `None`.
    pub(crate) app: Option<AppName>,
    /// Whether its answers may go to senders.
    pub(crate) answers: bool,
    /// Where it comes from.
    pub(crate) remote: String,
    /// What the relay is called by those who reach it.
    pub(crate) base: String,
}

/// A listener that may stay.
struct Settled {
    number: u64,
    outs: mpsc::Receiver<Out>,
    orders: mpsc::Sender<Order>,
}

/// How the other side speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As `docs/tunnel.md` says.
    Own,
    /// As `svix listen` does.
    Svix,
}

/// A connection whose first message was read.
pub(crate) struct Connection {
    reader: Input,
    writer: Output,
    stop: CancellationToken,
    dialect: Dialect,
}

/// Serves a connection.
pub(crate) async fn run(hub: Arc<Hub>, caller: Caller, upgraded: Upgraded) {
    let (mut connection, first) = Connection::open(upgraded, Dialect::Own).await;
    let hello = match first {
        Some(Message::Text(text)) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    match hello {
        Some(Word::Hello(hello)) => connection.serve(hub, caller, hello).await,
        _ => connection.refuse("no_hello", "the first message must be a hello (docs/tunnel.md)").await,
    }
}

impl Connection {
    /// Reads the first message, if one comes in time.
    pub(crate) async fn open(upgraded: Upgraded, dialect: Dialect) -> (Self, Option<Message>) {
        let Upgraded { stream, input, stop } = upgraded;
        let (read, write) = tokio::io::split(stream);
        let mut reader = Reader::new(read, input, Role::Server, MOST);
        let writer = Writer::new(write, Role::Server, 0, STALL);
        let first = timeout(FIRST_WORD, reader.next()).await;
        (Self { reader, writer, stop, dialect }, first.ok().and_then(Result::ok))
    }

    /// Says why not, and ends it.
    pub(crate) async fn refuse(&mut self, code: &str, detail: &str) {
        if self.dialect == Dialect::Own {
            let refused = Word::Refused { code: code.to_owned(), detail: detail.to_owned() };
            self.writer.put(&Message::Text(refused.text()));
        }
        self.writer.put(&Message::Close(1008, code.to_owned()));
        // It may be gone already.
        drop(self.writer.flush().await);
    }

    /// Finds the listener its line, and serves it until one of the two is gone.
    pub(crate) async fn serve(mut self, hub: Arc<Hub>, caller: Caller, hello: Hello) {
        let (settled, welcome) = match settle(&hub, &caller, &hello).await {
            Ok(settled) => settled,
            Err((code, detail)) => return self.refuse(code, &detail).await,
        };
        let (app, name) = (welcome.app.clone(), hello.name.or(hello.group).unwrap_or_default());
        let tell = |here| {
            let (app, name, remote) = (app.clone(), name.clone(), caller.remote.clone());
            hub.pipeline.tell(Notice::Listener { app, name, remote, here });
        };
        tell(true);
        let Self { reader, mut writer, stop, dialect } = self;
        writer.put(&match dialect {
            Dialect::Own => Message::Text(Word::Welcome(welcome).text()),
            Dialect::Svix => Message::Binary(svix::started(&app)),
        });
        let heartbeat = hub.pipeline.options.tunnel.heartbeat;
        let Settled { number, outs, orders } = settled;
        let (echo, echoes) = mpsc::channel(4);
        let ear = Ear { number, orders: orders.clone(), echo, heartbeat, dialect };
        tokio::select! {
            () = speak(&hub, writer, (outs, echoes), (heartbeat, dialect)) => {}
            () = ear.hear(reader) => {}
            () = part(&stop, number, &orders) => {}
        }
        // A line that is gone has forgotten it already.
        drop(orders.send(Order::Leave(number)).await);
        tell(false);
    }
}

/// Finds the listener its line.
async fn settle(hub: &Arc<Hub>, caller: &Caller, hello: &Hello) -> Result<(Settled, Welcome), (&'static str, String)> {
    if hello.version != VERSION {
        let detail = format!("this relay speaks version {VERSION} of the tunnel, not {}", hello.version);
        return Err(("unknown_version", detail));
    }
    let invalid = |what: &str| ("invalid_hello", what.to_owned());
    let name = hello.group.as_ref().or(hello.name.as_ref());
    let is_name = |text: &str| !text.is_empty() && text.len() <= LONGEST_NAME && !text.chars().any(char::is_control);
    if !is_name(&hello.session) || name.is_some_and(|name| !is_name(name)) {
        return Err(invalid("a name and a session have 1 to 128 characters, none of them a control character"));
    }
    if hello.only.len() + hello.except.len() > MOST_PATTERNS {
        return Err(invalid("at most 64 patterns"));
    }
    let app = match &hello.app {
        Some(app) => app.parse::<AppName>().map_err(|why| ("invalid_app", why.to_string()))?,
        None => caller.app.clone().unwrap_or_default(),
    };
    if caller.app.as_ref().is_some_and(|own| *own != app) {
        return Err(("forbidden", "this token is for another app".to_owned()));
    }
    let globs = |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<Glob>, _>>();
    let types = globs(&hello.only).map_err(|why| ("invalid_hello", why.to_string()))?;
    let except = globs(&hello.except).map_err(|why| ("invalid_hello", why.to_string()))?;
    let taste = Taste { app: Some(app.clone()), types, except, admitted: hub.pipeline.options.judging.reject };
    let key = Key {
        app: app.clone(),
        name: name.cloned().unwrap_or_else(|| hello.session.clone()),
        group: hello.group.is_some(),
        lasting: name.is_some(),
    };
    let (number, pipeline) = (hub.number(), &hub.pipeline);
    let guest = Guest { number, remote: caller.remote.clone(), since: pipeline.clock.now(), answers: caller.answers };
    let (member, outs) = Member::new(hello, guest);
    let start = Start { since: hello.since.clone(), after: hello.after.map(Cursor).filter(|_| !key.group) };
    let joined = hub.join(key, member, taste, start).await;
    let (Joined { missed, counted, after }, orders) = joined.map_err(|why: Reject| (why.code(), why.to_string()))?;
    // Whoever is told that all is ready may find a sender at any node.
    pipeline.desk.announced().await;
    let welcome = Welcome {
        version: VERSION,
        agent: AGENT.to_owned(),
        url: format!("{}/in/{app}", caller.base),
        app: app.to_string(),
        answers: caller.answers,
        missed,
        counted,
        after: after.0,
        heartbeat_ms: u64::try_from(pipeline.options.tunnel.heartbeat.as_millis()).unwrap_or(u64::MAX),
    };
    Ok((Settled { number, outs, orders }, welcome))
}

/// How this end calls itself.
const AGENT: &str = concat!("whk/", env!("CARGO_PKG_VERSION"));

/// Sends what there is to send, and asks now and then whether the other side is there.
async fn speak(
    hub: &Hub,
    mut writer: Output,
    (mut outs, mut echoes): (mpsc::Receiver<Out>, mpsc::Receiver<Message>),
    (heartbeat, dialect): (Duration, Dialect),
) {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    loop {
        let mut next = tokio::select! {
            biased;
            Some(echo) = echoes.recv() => {
                writer.put(&echo);
                if matches!(echo, Message::Close(..)) {
                    drop(writer.flush().await);
                    return;
                }
                None
            }
            out = outs.recv() => {
                let Some(out) = out else { return };
                Some(out)
            }
            _ = beat.tick() => {
                writer.put(&Message::Ping(bytes::Bytes::new()));
                None
            }
        };
        while let Some(out) = next {
            let closes = matches!(out, Out::Close(..));
            if let Some(message) = written(hub, out, dialect).await {
                writer.put(&message);
            }
            if closes {
                drop(writer.flush().await);
                return;
            }
            next = if writer.waiting() < GATHERED { outs.try_recv().ok() } else { None };
        }
        if writer.flush().await.is_err() {
            return;
        }
    }
}

/// What goes out, in the words of the other side, if it has words for it.
async fn written(hub: &Hub, out: Out, dialect: Dialect) -> Option<Message> {
    match (out, dialect) {
        (Out::Request(frame, missed), _) => {
            let request = outward::request(&hub.pipeline, &frame, missed).await;
            let bytes = if dialect == Dialect::Own { request.bytes() } else { svix::request(&request) };
            Some(Message::Binary(bytes))
        }
        (Out::Say(word), Dialect::Own) => Some(Message::Text(word.text())),
        (Out::Say(_), Dialect::Svix) => None,
        (Out::Close(code, reason), _) => Some(Message::Close(code, reason)),
    }
}

/// Who listens to a listener.
struct Ear {
    number: u64,
    orders: mpsc::Sender<Order>,
    echo: mpsc::Sender<Message>,
    heartbeat: Duration,
    dialect: Dialect,
}

impl Ear {
    /// Hears what the listener says until it is gone, silent for too long, or talks nonsense.
    async fn hear(self, mut reader: Input) {
        loop {
            // Two beats may be lost, not three.
            let message = match timeout(self.heartbeat.mul_f32(2.5), reader.next()).await {
                Ok(Ok(message)) => message,
                Ok(Err(why @ (Broken::Malformed(_) | Broken::TooLarge(_)))) => {
                    drop(self.echo.send(Message::Close(why.code(), why.to_string())).await);
                    // The connection ends when that word is out.
                    return std::future::pending().await;
                }
                Ok(Err(_)) | Err(_) => return,
            };
            match message {
                // One that asks faster than it listens is not told each time.
                Message::Ping(payload) => drop(self.echo.try_send(Message::Pong(payload))),
                Message::Close(..) => return,
                Message::Pong(_) => {}
                message => {
                    // What this version does not know is passed over.
                    let Some(order) = self.understood(&message) else { continue };
                    if self.orders.send(order).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn understood(&self, message: &Message) -> Option<Order> {
        let answered = |(id, answer)| Order::Said(self.number, id, Some(Ok(answer)));
        match (message, self.dialect) {
            (Message::Binary(bytes), Dialect::Own) => words::read_answer(bytes).ok().map(answered),
            (Message::Binary(bytes), Dialect::Svix) => svix::answer(bytes).map(answered),
            (Message::Text(text), Dialect::Svix) => svix::answer(text.as_bytes()).map(answered),
            (Message::Text(text), Dialect::Own) => match serde_json::from_str(text).ok()? {
                Word::Failure { id, kind, message } => {
                    let failure = words::failure(&kind, message);
                    Some(Order::Said(self.number, id.parse().ok()?, Some(Err(failure))))
                }
                Word::Done { id } => Some(Order::Said(self.number, id.parse().ok()?, None)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// When the relay stops, the listener finishes what it has and gets nothing more.
async fn part(stop: &CancellationToken, number: u64, orders: &mpsc::Sender<Order>) {
    stop.cancelled().await;
    drop(orders.send(Order::Retire(number)).await);
    tokio::time::sleep(LAST_WORDS).await;
}
