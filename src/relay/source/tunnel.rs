//! The listener's end of the tunnel: events come from a relay, answers go back, and it comes again whatever happens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::{EventId, Response};
use crate::net::websocket::{Broken, Message, Reader, Writer};
use crate::net::{Answer, Body, Duplex};
use crate::relay::http::ingest;
use crate::relay::notice::Notice;
use crate::relay::pipeline::Pipeline;
use crate::relay::reply::{Receipt, Reply};
use crate::relay::source::Backoff;
use crate::relay::source::dial::{Call, DialError, Link, WINDOW};
use crate::relay::source::recent::{Known, Recent};
use crate::relay::tunnel::words::{self, Request, Word};
use crate::store::{Cursor, StoreError};

pub use crate::relay::source::dial::Wish;

/// How long what was missed waits for what came before it; an app that takes longer gets it beside that.
const SETTLING: Duration = Duration::from_secs(5);
/// So many bytes are gathered before they are sent.
const GATHERED: usize = 64 << 10;
/// How many events go by between two looks at what is kept.
const OFTEN: u64 = 500;

/// What outlives each connection.
struct Desk {
    pipeline: Arc<Pipeline>,
    recent: Mutex<Recent>,
    /// The way back to the relay, while there is one.
    back: Mutex<Option<mpsc::Sender<Message>>>,
    ordered: bool,
    count: AtomicU64,
}

/// Serves a connection, and those after it, until told to stop.
pub(super) async fn run(mut dial: impl Call, link: Link, pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let (recent, back, ordered) = (Mutex::default(), Mutex::default(), dial.is_ordered());
    let desk = Arc::new(Desk { pipeline: Arc::clone(&pipeline), recent, back, ordered, count: AtomicU64::new(1) });
    let (jobs, received) = mpsc::channel(WINDOW);
    let working = tokio::spawn(work(Arc::clone(&desk), received));
    let mut next = Some(link);
    let mut backoff = Backoff::new();
    let mut working = Some((jobs, working));
    while !stop.is_cancelled() {
        let reason = match next.take() {
            Some(link) => {
                if link.welcome.missed > 0 {
                    pipeline.tell(Notice::Missed { count: link.welcome.missed });
                }
                let Some(jobs) = working.as_ref().map(|(jobs, _)| jobs.clone()) else { break };
                desk.recent().begin(Cursor(link.welcome.after));
                let before = desk.recent().newest();
                let why = serve(&desk, link, jobs, (&stop, &mut working)).await;
                // A connection that brought something was worth it, however short it was.
                if desk.recent().newest() > before {
                    backoff = Backoff::new();
                }
                let Some(why) = why else { break };
                why
            }
            None => match reconnect(&mut dial, &desk).await {
                Ok(link) => {
                    pipeline.tell(Notice::Connected);
                    next = Some(link);
                    continue;
                }
                Err(why) => why.to_string(),
            },
        };
        backoff.rest(reason, &pipeline, &stop).await;
    }
    if let Some((jobs, working)) = working {
        drop(jobs);
        drop(timeout(pipeline.options.limits.drain, working).await);
    }
}

/// Comes again, from where it is by now: what was under way when the connection broke may have ended since.
async fn reconnect(dial: &mut impl Call, desk: &Desk) -> Result<Link, DialError> {
    let (after, hello) = (desk.recent().place(), dial.hello());
    // Those of a group have a place of their own.
    if let Some(after) = after.filter(|_| hello.group.is_none()) {
        hello.after = Some(after.0);
        hello.since = None;
    }
    dial.call(desk.pipeline.clock.as_ref()).await
}

/// What does the work, as long as there may be more.
type Working = Option<(mpsc::Sender<Request>, tokio::task::JoinHandle<()>)>;

/// Serves one connection; gives back why it broke, or nothing if it was told to stop.
async fn serve(
    desk: &Desk,
    link: Link,
    jobs: mpsc::Sender<Request>,
    (stop, working): (&CancellationToken, &mut Working),
) -> Option<String> {
    let Link { reader, writer, welcome } = link;
    let heartbeat = Duration::from_millis(welcome.heartbeat_ms.clamp(100, 60_000));
    let (back, answers) = mpsc::channel(2 * WINDOW);
    for answer in desk.recent().answers() {
        drop(back.try_send(answer));
    }
    *desk.back() = Some(back.clone());
    let mut speaking = std::pin::pin!(speak(writer, answers, heartbeat));
    let broken = {
        let mut hearing = std::pin::pin!(hear(desk, reader, (&jobs, &back), heartbeat));
        tokio::select! {
            why = &mut hearing => Some(why),
            why = &mut speaking => Some(why),
            () = stop.cancelled() => None,
        }
    };
    if broken.is_some() {
        *desk.back() = None;
        return broken;
    }
    // Nothing more is taken; what is under way is answered while this side can still speak.
    drop(jobs);
    if let Some((jobs, work)) = working.take() {
        drop(jobs);
        let finished = async {
            drop(timeout(desk.pipeline.options.limits.drain, work).await);
            *desk.back() = None;
            drop(back.send(Message::Close(1000, String::new())).await);
            drop(back);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = &mut speaking => {}
            () = finished => {}
        }
    }
    None
}

/// Hears what the relay says; gives back why there is no more.
async fn hear(
    desk: &Desk,
    mut reader: Reader<ReadHalf<Box<dyn Duplex>>>,
    (jobs, back): (&mpsc::Sender<Request>, &mpsc::Sender<Message>),
    heartbeat: Duration,
) -> String {
    loop {
        let message = match timeout(heartbeat.mul_f32(2.5), reader.next()).await {
            Ok(Ok(message)) => message,
            Ok(Err(Broken::Ended)) => return "the relay closed the connection".to_owned(),
            Ok(Err(why)) => return why.to_string(),
            Err(_) => return "the relay is silent".to_owned(),
        };
        match message {
            Message::Ping(payload) => drop(back.try_send(Message::Pong(payload))),
            Message::Pong(_) => {}
            Message::Close(_, reason) if reason.is_empty() => return "the relay closed the connection".to_owned(),
            Message::Close(_, reason) => return reason,
            Message::Text(text) => {
                if let Ok(Word::Gap { reason }) = serde_json::from_str(&text) {
                    desk.pipeline.tell(Notice::Trouble { message: format!("some events are missing: {reason}") });
                }
            }
            Message::Binary(bytes) => match Request::read(&bytes) {
                Ok(request) => {
                    let id = request.event.id;
                    let known = desk.recent().arrive(id, request.cursor);
                    match known {
                        Known::New => drop(jobs.send(request).await),
                        Known::UnderWay => {}
                        Known::Over(answer) => {
                            let answer =
                                answer.unwrap_or_else(|| Message::Text(Word::Done { id: id.to_string() }.text()));
                            drop(back.send(answer).await);
                        }
                    }
                }
                Err(why) => return format!("a request could not be read: {why}"),
            },
        }
    }
}

/// Says what there is to say, and asks now and then whether the relay is there; gives back why it stopped.
async fn speak(
    mut writer: Writer<WriteHalf<Box<dyn Duplex>>>,
    mut answers: mpsc::Receiver<Message>,
    heartbeat: Duration,
) -> String {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    loop {
        let mut next = tokio::select! {
            answer = answers.recv() => answer,
            _ = beat.tick() => Some(Message::Ping(bytes::Bytes::new())),
        };
        if next.is_none() {
            return String::new();
        }
        let mut ends = false;
        while let Some(message) = next {
            ends |= matches!(message, Message::Close(..));
            writer.put(&message);
            next = if writer.waiting() < GATHERED { answers.try_recv().ok() } else { None };
        }
        if let Err(why) = writer.flush().await {
            return format!("the connection was lost: {why}");
        }
        if ends {
            return String::new();
        }
    }
}

/// Hands requests to the app: what was missed one by one, in order, and what comes now side by side.
async fn work(desk: Arc<Desk>, mut jobs: mpsc::Receiver<Request>) {
    let (tasks, mut settled) = (TaskTracker::new(), true);
    while let Some(request) = jobs.recv().await {
        if request.missed || desk.ordered {
            // What came before the connection broke may be on its way still; it is waited for once.
            if !std::mem::replace(&mut settled, true) {
                tasks.close();
                drop(timeout(SETTLING, tasks.wait()).await);
                tasks.reopen();
            }
            desk.answer(request).await;
        } else {
            settled = false;
            let desk = Arc::clone(&desk);
            tasks.spawn(async move { desk.answer(request).await });
        }
    }
    tasks.close();
    tasks.wait().await;
}

impl Desk {
    async fn answer(&self, request: Request) {
        let (id, pipeline) = (request.event.id, &self.pipeline);
        // The memory that it is kept in is small, and the usual look comes too rarely.
        if self.count.fetch_add(1, Ordering::Relaxed).is_multiple_of(OFTEN) {
            drop(pipeline.store.prune(pipeline.options.retention, pipeline.clock.now()).await);
        }
        let answer = worded(id, pipeline.carry(request.event).await);
        self.recent().over(id, &answer);
        let back = self.back().clone();
        if let Some(back) = back {
            // Should the connection break now, the answer is among those of late.
            drop(back.send(answer).await);
        }
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn back(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Message>>> {
        self.back.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a request, in the words of the tunnel.
fn worded(id: EventId, outcome: Result<Receipt, StoreError>) -> Message {
    let failed = |kind: &str, message: String| {
        Message::Text(Word::Failure { id: id.to_string(), kind: kind.to_owned(), message }.text())
    };
    match outcome {
        Ok(Receipt { reply: Reply::Answered(response), .. }) => Message::Binary(words::answer_bytes(id, &response)),
        Ok(Receipt { reply: Reply::NoAnswer(failure), .. }) => failed(failure.kind.code(), failure.message),
        Ok(receipt) => {
            let Answer { status, headers, body, .. } = ingest::answer_of(receipt);
            let body = if let Body::Full(body) = body { body } else { bytes::Bytes::new() };
            Message::Binary(words::answer_bytes(id, &Response { status, headers, body, truncated: false }))
        }
        Err(why) => failed("unreachable", why.to_string()),
    }
}
