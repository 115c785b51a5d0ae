//! The full-screen view under load: what a key waits for while 5,000 events a second arrive.
//!
//! `cargo bench --bench view`. Each second is 30 pictures; for each, what arrived since the last one is taken in, a key
//! is pressed, and the list of 10,000 is drawn on a screen of 200 by 60. What a key waits for is all of that.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and ends where it fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event as Input, KeyCode};
use whk::cli::listen::tui::draw::draw;
use whk::cli::listen::tui::model::{Model, Title};
use whk::model::{
    Attempt, AttemptId, CapturedRequest, DeliveryId, EndpointId, Event, EventId, Headers, Marks, Response, Timestamp,
};
use whk::relay::notice::{Label, Notice};

const A_SECOND: u32 = 5_000;
const PICTURES: u32 = 30;
const SECONDS: u32 = 20;
const KEYS: [char; 8] = ['k', 'j', 'f', 'f', 'f', 'f', 'G', 'd'];

fn main() {
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    for needle in ["", "order"] {
        let mut waits = Histogram::<u64>::new(3).unwrap();
        let mut model = Model::new(Title::default(), Vec::new(), (200, 60));
        needle.clone_into(&mut model.needle);
        let mut number = 0;
        for picture in 0..PICTURES * SECONDS {
            let arrived: Vec<Notice> = (0..A_SECOND / PICTURES).flat_map(|_| notices(&mut number)).collect();
            let began = Instant::now();
            for notice in &arrived {
                model.notice(notice);
            }
            model.settle();
            let key = KEYS[picture as usize % KEYS.len()];
            let _ = model.input(&Input::Key(KeyCode::Char(key).into()));
            model.settle();
            terminal.draw(|frame| draw(frame, &model)).unwrap();
            waits.record(u64::try_from(began.elapsed().as_micros()).unwrap()).unwrap();
        }
        let at = |share| Duration::from_micros(waits.value_at_quantile(share));
        println!(
            "{A_SECOND} events a second, search {needle:?}: a picture with a key p50 {:?}, p99 {:?}, max {:?}",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

/// An event and its attempt.
fn notices(number: &mut u32) -> [Notice; 2] {
    *number += 1;
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    let request = CapturedRequest {
        method: "POST".to_owned(),
        target: "/in/default".to_owned(),
        headers: Headers::new(),
        body: Bytes::from_static(b"{}"),
        remote: String::new(),
        received_at: Timestamp::from_millis(i64::from(*number)),
    };
    let id = EventId::from_bytes(bytes);
    let event = Event {
        id,
        app: "default".parse().unwrap(),
        event_type: format!("order.{}", number.is_multiple_of(7)),
        verdict: None,
        request,
        marks: Marks::default(),
    };
    let status = if number.is_multiple_of(10) { 500 } else { 200 };
    let answer = Response { status, headers: Headers::new(), body: Bytes::new(), truncated: false };
    let attempt = Attempt {
        id: AttemptId::from_bytes(bytes),
        delivery: DeliveryId::from_bytes(bytes),
        event: id,
        endpoint: EndpointId::from_bytes(bytes),
        number: 1,
        manual: false,
        method: "POST".to_owned(),
        url: String::new(),
        started_at: Timestamp::from_millis(0),
        duration: Duration::from_millis(3),
        outcome: Ok(answer),
        next_attempt_at: None,
    };
    let received = Notice::Received { event: Arc::new(event), label: Label::default(), deliveries: 1 };
    [received, Notice::Attempted { attempt: Arc::new(attempt) }]
}
