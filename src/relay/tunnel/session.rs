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
use crate::relay::tunnel::{Hub, Key, Reject, outward};
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

/// Serves a connection.
pub(crate) async fn run(hub: Arc<Hub>, caller: Caller, upgraded: Upgraded) {
    let Upgraded { stream, input, stop } = upgraded;
    let (read, write) = tokio::io::split(stream);
    let mut reader = Reader::new(read, input, Role::Server, MOST);
    let mut writer = Writer::new(write, Role::Server, 0, STALL);
    let hello = match timeout(FIRST_WORD, reader.next()).await {
        Ok(Ok(Message::Text(text))) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    let Some(Word::Hello(hello)) = hello else {
        return refuse(&mut writer, "no_hello", "the first message must be a hello (docs/tunnel.md)").await;
    };
    let heartbeat = hub.pipeline.options.tunnel.heartbeat;
    match settle(&hub, &caller, &hello).await {
        Err((code, detail)) => refuse(&mut writer, code, &detail).await,
        Ok((settled, welcome)) => {
            let (app, name) = (welcome.app.clone(), hello.name.clone().or_else(|| hello.group.clone()));
            let tell = |here| {
                let (app, name, remote) = (app.clone(), name.clone().unwrap_or_default(), caller.remote.clone());
                hub.pipeline.tell(Notice::Listener { app, name, remote, here });
            };
            tell(true);
            writer.put(&Message::Text(Word::Welcome(welcome).text()));
            let Settled { number, outs, orders } = settled;
            let (echo, echoes) = mpsc::channel(4);
            tokio::select! {
                () = speak(&hub, writer, (outs, echoes), heartbeat) => {}
                () = hear(reader, number, &orders, (echo, heartbeat)) => {}
                () = part(&stop, number, &orders) => {}
            }
            // A line that is gone has forgotten it already.
            drop(orders.send(Order::Leave(number)).await);
            tell(false);
        }
    }
}

async fn refuse(writer: &mut Output, code: &str, detail: &str) {
    writer.put(&Message::Text(Word::Refused { code: code.to_owned(), detail: detail.to_owned() }.text()));
    writer.put(&Message::Close(1008, code.to_owned()));
    // It may be gone already.
    drop(writer.flush().await);
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
    let taste = Taste { app: Some(app.clone()), types, except };
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
    let (Joined { missed, counted }, orders) = joined.map_err(|why: Reject| (why.code(), why.to_string()))?;
    let welcome = Welcome {
        version: VERSION,
        agent: AGENT.to_owned(),
        url: format!("{}/in/{app}", caller.base),
        app: app.to_string(),
        answers: caller.answers,
        missed,
        counted,
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
    heartbeat: Duration,
) {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    loop {
        let out = tokio::select! {
            biased;
            Some(echo) = echoes.recv() => {
                writer.put(&echo);
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
        let mut next = out;
        while let Some(out) = next {
            let closes = matches!(out, Out::Close(..));
            writer.put(&written(hub, out).await);
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

async fn written(hub: &Hub, out: Out) -> Message {
    match out {
        Out::Request(frame, missed) => Message::Binary(outward::request(&hub.pipeline, &frame, missed).await.bytes()),
        Out::Say(word) => Message::Text(word.text()),
        Out::Close(code, reason) => Message::Close(code, reason),
    }
}

/// Hears what the listener says until it is gone, silent for too long, or talks nonsense.
async fn hear(
    mut reader: Input,
    number: u64,
    orders: &mpsc::Sender<Order>,
    (echo, heartbeat): (mpsc::Sender<Message>, Duration),
) {
    loop {
        // Two beats may be lost, not three.
        let message = match timeout(heartbeat.mul_f32(2.5), reader.next()).await {
            Ok(Ok(message)) => message,
            Ok(Err(why @ (Broken::Malformed(_) | Broken::TooLarge(_)))) => {
                drop(echo.send(Message::Close(why.code(), why.to_string())).await);
                // The word goes out before the connection ends.
                return tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(Err(_)) | Err(_) => return,
        };
        let order = match message {
            Message::Ping(payload) => {
                // One that asks faster than it listens is not told each time.
                drop(echo.try_send(Message::Pong(payload)));
                continue;
            }
            Message::Close(..) => return,
            Message::Pong(_) => continue,
            Message::Binary(bytes) => {
                words::read_answer(&bytes).ok().map(|(id, answer)| Order::Said(number, id, Some(Ok(answer))))
            }
            Message::Text(text) => understood(number, &text),
        };
        // What this version does not know is passed over.
        let Some(order) = order else { continue };
        if orders.send(order).await.is_err() {
            return;
        }
    }
}

fn understood(number: u64, text: &str) -> Option<Order> {
    match serde_json::from_str(text).ok()? {
        Word::Failure { id, kind, message } => {
            Some(Order::Said(number, id.parse().ok()?, Some(Err(words::failure(&kind, message)))))
        }
        Word::Done { id } => Some(Order::Said(number, id.parse().ok()?, None)),
        _ => None,
    }
}

/// When the relay stops, the listener finishes what it has and gets nothing more.
async fn part(stop: &CancellationToken, number: u64, orders: &mpsc::Sender<Order>) {
    stop.cancelled().await;
    drop(orders.send(Order::Retire(number)).await);
    tokio::time::sleep(LAST_WORDS).await;
}
