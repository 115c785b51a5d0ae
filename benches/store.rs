//! Appends a second: the store under 64 closed-loop producers, beside a bare loop that commits as large groups.
//!
//! `cargo bench --bench store -- [FOLDER]`; the disk under FOLDER is what is measured. Rounds are interleaved, since
//! only figures of the same minute compare.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and ends where it fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusqlite::{Connection, params};
use whk::clock::{Clock, SystemClock};
use whk::model::{CapturedRequest, Event, EventId, Headers};
use whk::store::{Durability, Mode, NewEvent, OpenOptions};

const PRODUCERS: usize = 64;
const ROUNDS: usize = 5;
const LASTS: Duration = Duration::from_secs(2);
const GROUP: usize = 512;

fn main() {
    let given = std::env::args().skip(1).find(|given| !given.starts_with('-'));
    let folder = given.map_or_else(std::env::temp_dir, PathBuf::from).join("whk-bench-store");
    for durability in [Durability::Full, Durability::Process] {
        for round in 0..ROUNDS {
            let fresh = |name: &str| {
                let place = folder.join(name);
                drop(std::fs::remove_dir_all(&place));
                std::fs::create_dir_all(&place).unwrap();
                place.join("whk.db")
            };
            let bare = bare(&fresh("bare"), durability);
            let (store, median, worst) = store(&fresh("store"), durability);
            let share = store / bare;
            println!(
                "{durability:?} round {round}: bare {bare:.0}/s, store {store:.0}/s, share {share:.2}, \
                 p50 {median:.2} ms, p99 {worst:.2} ms"
            );
        }
    }
    drop(std::fs::remove_dir_all(folder));
}

fn sample() -> Event {
    let mut headers = Headers::new();
    for number in 0..10 {
        headers.push_line(&format!("X-Header-{number}: 0123456789abcdef")).unwrap();
    }
    Event {
        id: EventId::from_bytes([0; 20]),
        app: whk::model::AppName::default(),
        event_type: "order.created".to_owned(),
        verdict: None,
        request: CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/default/hook".to_owned(),
            headers,
            body: Bytes::from(vec![b'x'; 1024]),
            remote: "127.0.0.1:50000".to_owned(),
            received_at: SystemClock.now(),
        },
        marks: whk::model::Marks::default(),
    }
}

fn numbered(sample: &Event, clock: SystemClock) -> Event {
    let mut event = sample.clone();
    event.request.received_at = clock.now();
    event.id = EventId::new(event.request.received_at, clock.chance());
    event
}

fn store(path: &Path, durability: Durability) -> (f64, f64, f64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let options = OpenOptions { durability, mode: Mode::Create };
        let store = whk::store::open(&format!("sqlite:{}", path.display()), &options).unwrap();
        let begun = Instant::now();
        let mut producers = tokio::task::JoinSet::new();
        for _ in 0..PRODUCERS {
            let (store, sample) = (Arc::clone(&store), sample());
            producers.spawn(async move {
                let mut waits = Vec::new();
                while begun.elapsed() < LASTS {
                    let event = Arc::new(numbered(&sample, SystemClock));
                    let asked = Instant::now();
                    store.append(NewEvent::new(event, Vec::new())).await.unwrap();
                    waits.push(asked.elapsed());
                }
                waits
            });
        }
        let mut waits: Vec<Duration> = producers.join_all().await.into_iter().flatten().collect();
        let rate = per_second(waits.len(), begun.elapsed());
        waits.sort_unstable();
        let at = |share: usize| waits.get(waits.len() * share / 100).map_or(0.0, |wait| wait.as_secs_f64() * 1e3);
        store.close().await.unwrap();
        (rate, at(50), at(99))
    })
}

const INSERT: &str = "INSERT INTO events
    (id, app, event_type, received_at, latest, method, target, remote, headers, body)
    VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9)";

/// The same producers, tables and indexes; a loop that inserts and commits, and nothing of the store.
fn bare(path: &Path, durability: Durability) -> f64 {
    let synchronous = if durability == Durability::Full { "FULL" } else { "NORMAL" };
    let db = Connection::open(path).unwrap();
    db.execute_batch("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA cache_size = -4000").unwrap();
    db.execute_batch(include_str!("../migrations/0001_store.sql")).unwrap();
    db.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 4000"
    ))
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (queue, jobs) = mpsc::sync_channel::<(Event, tokio::sync::oneshot::Sender<()>)>(1024);
    let writer = std::thread::spawn(move || {
        let mut waiting = Vec::new();
        while let Ok(first) = jobs.recv() {
            db.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
            let mut insert = db.prepare_cached(INSERT).unwrap();
            for (event, reply) in std::iter::once(first).chain(jobs.try_iter()).take(GROUP) {
                let request = &event.request;
                let (headers, body) = (&request.headers.block()[..], &request.body[..]);
                let (received, app) = (request.received_at.millis(), event.app.as_str());
                let id = event.id.as_bytes();
                let (method, target, remote) = (&request.method, &request.target, &request.remote);
                insert
                    .execute(params![id, app, event.event_type, received, method, target, remote, headers, body])
                    .unwrap();
                waiting.push(reply);
            }
            db.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
            for reply in waiting.drain(..) {
                reply.send(()).unwrap();
            }
        }
    });
    let (begun, mut done) = (Instant::now(), 0);
    runtime.block_on(async {
        let mut producers = tokio::task::JoinSet::new();
        for _ in 0..PRODUCERS {
            let (queue, sample) = (queue.clone(), sample());
            producers.spawn(async move {
                let mut done = 0;
                while begun.elapsed() < LASTS {
                    let (reply, answer) = tokio::sync::oneshot::channel();
                    queue.send((numbered(&sample, SystemClock), reply)).unwrap();
                    answer.await.unwrap();
                    done += 1;
                }
                done
            });
        }
        done = producers.join_all().await.into_iter().sum();
    });
    let rate = per_second(done, begun.elapsed());
    drop(queue);
    writer.join().unwrap();
    rate
}

fn per_second(count: usize, elapsed: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / elapsed.as_secs_f64()
}
