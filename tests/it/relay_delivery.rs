//! Events on their way to registered endpoints, on every store, with a clock that is moved and never waited for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use whk::clock::{Clock, ManualClock};
use whk::model::{
    AppName, Attempt, CapturedRequest, DatedSecret, DeliveryId, DeliveryState, DisabledBy, Endpoint, EndpointId,
    EndpointKind, Event, EventId, Headers, Marks, Secret, Timestamp,
};
use whk::net::{ClientOptions, Limits};
use whk::relay::notice::Notice;
use whk::relay::options::{Ack, Answering, Disabling, Judging, Options, Sending, Tunnel};
use whk::relay::pipeline::{Pipeline, Step};
use whk::relay::publish::Draft;
use whk::sign::{self, Checks, Params, Tolerance};
use whk::store::{NewDelivery, NewEvent, Retention, Store};

use crate::store_samples::{addresses, open, time};
use crate::support::app::{App, answer, nobody};
use crate::support::wire::Message;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const DAY: Duration = Duration::from_secs(86_400);

/// A relay without a socket of its own.
pub(crate) struct House {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) pipeline: Arc<Pipeline>,
    notices: Receiver<Notice>,
    address: String,
    _folder: Arc<TempDir>,
}

/// One on each store.
pub(crate) fn houses(retry: &str) -> Vec<House> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    addresses(folder.path()).into_iter().map(|address| House::at(address, &folder, retry)).collect()
}

/// One in memory.
pub(crate) fn house(retry: &str) -> House {
    House::at("memory:".to_owned(), &Arc::new(tempfile::tempdir().unwrap()), retry)
}

pub(crate) fn options(retry: &str) -> Options {
    Options {
        access: whk::relay::options::Access::default(),
        tunnel: Tunnel::default(),
        forwards: Vec::new(),
        ack: Ack::Now,
        canned: None,
        judging: Judging::default(),
        answering: Answering::default(),
        sending: Sending {
            extra: Headers::new(),
            resign: false,
            timeout: Some(Duration::from_secs(20)),
            concurrency: 8,
            ordered: false,
            retry: retry.parse().unwrap(),
            client: ClientOptions { resend_stale: false, ..ClientOptions::default() },
        },
        validating: whk::relay::options::Validating::Off,
        disabling: Disabling::default(),
        limits: Limits::default(),
        retention: Retention { age: None, bytes: None },
        listener: None,
    }
}

impl House {
    fn at(address: String, folder: &Arc<TempDir>, retry: &str) -> Self {
        let (store, clock) = (open(&address), Arc::new(ManualClock::new(Timestamp::from_seconds(1_760_000_000))));
        let own: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let pipeline = Arc::new(Pipeline::new(options(retry), Arc::clone(&store), own).unwrap());
        Self { notices: pipeline.notices(), store, clock, pipeline, address, _folder: Arc::clone(folder) }
    }

    /// The file of its store, if that is one.
    pub(crate) fn file(&self) -> Option<&str> {
        self.address.strip_prefix("sqlite:")
    }

    /// Another relay on what this one left behind; a store in memory is the same one.
    pub(crate) fn again(mut self, retry: &str) -> Self {
        if self.address != "memory:" {
            self.store = open(&self.address);
        }
        let own: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let pipeline = Arc::new(Pipeline::new(options(retry), Arc::clone(&self.store), own).unwrap());
        Self { notices: pipeline.notices(), pipeline, ..self }
    }

    /// Keeps an event that waits for its first attempt at this endpoint, which only `step` makes.
    pub(crate) async fn waits(&self, endpoint: &Endpoint, body: &str) -> EventId {
        let now = self.clock.now();
        let request = self.pipeline.made_request("/", Bytes::from(body.to_owned()));
        let (id, event_type) = (self.pipeline.event_id(), "order.created".to_owned());
        let event = Event { id, app: name(), event_type, verdict: None, request, marks: Marks::default() };
        let delivery = NewDelivery {
            id: DeliveryId::new(now, self.clock.chance()),
            event: id,
            endpoint: endpoint.id,
            held_until: None,
            due_at: now,
            made: None,
        };
        self.store.append(NewEvent::new(Arc::new(event), vec![delivery])).await.unwrap();
        id
    }

    /// Makes every attempt that is due now.
    pub(crate) async fn run_due(&self) {
        while self.pipeline.step().await.unwrap() == Step::Settled {}
    }

    /// Registers an endpoint for these types; for all if there are none.
    pub(crate) async fn register(&self, number: u8, url: &str, types: &[&str]) -> Endpoint {
        self.register_as(Endpoint { event_types: typed(types), ..self.endpoint(number, url) }).await
    }

    pub(crate) fn endpoint(&self, number: u8, url: &str) -> Endpoint {
        let now = self.clock.now();
        Endpoint {
            kind: EndpointKind::Registered,
            secrets: vec![DatedSecret { secret: Secret::new(SECRET), created_at: now, expires_at: None }],
            scheme: "standard-webhooks".to_owned(),
            redirects: true,
            ..Endpoint::new(EndpointId::from_bytes([number; 20]), name(), url.parse().unwrap(), now)
        }
    }

    pub(crate) async fn register_as(&self, endpoint: Endpoint) -> Endpoint {
        let made = self.store.create_endpoint(endpoint).await.unwrap();
        self.pipeline.endpoint_changed(&made).await.unwrap();
        made
    }

    pub(crate) async fn publish(&self, event_type: &str) -> Arc<Event> {
        self.publish_on(event_type, &[]).await
    }

    pub(crate) async fn publish_on(&self, event_type: &str, channels: &[&str]) -> Arc<Event> {
        let body = Bytes::from(format!("{{\"type\":\"{event_type}\",  \"n\":1.0}}"));
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/default".to_owned(),
            headers: Headers::new(),
            body,
            remote: String::new(),
            received_at: self.clock.now(),
        };
        let draft = Draft {
            id: self.pipeline.event_id(),
            app: name(),
            event_type: event_type.to_owned(),
            request,
            marks: Marks { channels: owned(channels), ..Marks::default() },
            only: None,
            record: None,
        };
        self.pipeline.publish(draft).await.unwrap()
    }

    /// Waits for so many attempts to be noted.
    pub(crate) async fn attempted(&mut self, count: usize) -> Vec<Arc<Attempt>> {
        let mut seen = Vec::new();
        while seen.len() < count {
            let notice = tokio::time::timeout(Duration::from_secs(20), self.notices.recv()).await.unwrap().unwrap();
            match notice {
                Notice::Attempted { attempt } => seen.push(attempt),
                Notice::Trouble { message } => panic!("{message}"),
                _ => {}
            }
        }
        seen
    }

    /// Steps until nothing is due and nothing will be, moving the clock to each due time.
    pub(crate) async fn run_down(&self) {
        loop {
            match self.pipeline.step().await.unwrap() {
                Step::Settled => {}
                Step::Idle { until: Some(at) } if at > self.clock.now() => self.clock.set(at),
                Step::Idle { .. } => return,
            }
        }
    }

    pub(crate) async fn states(&self, event: EventId) -> Vec<DeliveryState> {
        self.store.deliveries(event).await.unwrap().into_iter().map(|delivery| delivery.state).collect()
    }

    pub(crate) async fn disabled(&self, endpoint: &Endpoint) -> Option<DisabledBy> {
        self.store.endpoint(endpoint.id).await.unwrap().unwrap().disabled.map(|disabled| disabled.why)
    }

    /// Whether a request is signed with this secret.
    fn is_signed(&self, message: &Message, secret: &str) -> bool {
        let scheme = sign::preset("standard-webhooks").unwrap();
        let mut headers = Headers::new();
        for line in message.lines().iter().skip(1) {
            headers.push_line(line).unwrap();
        }
        let request = CapturedRequest {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers,
            body: Bytes::from(message.body.clone()),
            remote: String::new(),
            received_at: self.clock.now(),
        };
        let (secrets, params) = ([Secret::new(secret)], Params::default());
        let checks = Checks {
            secrets: &secrets,
            now: self.clock.now(),
            tolerance: Tolerance::Scheme,
            params: &params,
            url: None,
        };
        sign::verify(&scheme, &request, &checks).is_ok()
    }
}

pub(crate) fn name() -> AppName {
    "default".parse().unwrap()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn typed(types: &[&str]) -> Option<Vec<String>> {
    (!types.is_empty()).then(|| owned(types))
}

fn type_of(message: &Message) -> String {
    serde_json::from_slice::<Value>(&message.body).unwrap()["type"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_event_reaches_the_endpoints_that_want_it_its_bytes_untouched_and_signed_for_each() {
    for mut house in houses("none") {
        let (all, some, channel) = (App::answering(200), App::answering(204), App::answering(200));
        house.register(1, &all.target(), &[]).await;
        let other = DatedSecret { secret: Secret::new(OTHER), created_at: time(0), expires_at: None };
        let endpoint = house.endpoint(2, &format!("{}/hook?a=b", some.target()));
        house.register_as(Endpoint { event_types: typed(&["order.*"]), secrets: vec![other], ..endpoint }).await;
        let endpoint = house.endpoint(3, &channel.target());
        house.register_as(Endpoint { channels: owned(&["vip"]), ..endpoint }).await;

        let event = house.publish("order.created").await;
        house.publish("user.created").await;
        house.publish_on("user.created", &["vip"]).await;
        house.attempted(5).await;
        assert_eq!((all.count(), some.count(), channel.count()), (3, 1, 1));
        let request = some.request();
        assert_eq!((request.method(), request.target()), ("POST".to_owned(), "/hook?a=b".to_owned()));
        assert_eq!(request.body, &event.request.body[..]);
        assert_eq!(request.get("webhook-id").unwrap(), event.id.to_string());
        assert!(house.is_signed(&request, OTHER) && !house.is_signed(&request, SECRET));
        assert_eq!(house.states(event.id).await, [DeliveryState::Delivered; 2]);
    }
}

#[tokio::test]
async fn a_failing_endpoint_is_tried_on_the_schedule_and_the_last_failure_is_told_to_who_asked() {
    for mut house in houses("5s,5m") {
        let (bad, watcher) = (App::answering(500), App::answering(200));
        let endpoint = house.register(1, &bad.target(), &["order.*"]).await;
        house.register(2, &watcher.target(), &["webhook.failed"]).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        house.run_down().await;
        house.attempted(3).await;
        let requests = bad.requests(3);
        assert!(requests.iter().all(|one| one.get("webhook-id").unwrap() == event.id.to_string()));
        let at = |one: &Message| one.get("webhook-timestamp").unwrap().parse::<i64>().unwrap();
        let waits: Vec<_> = requests.windows(2).map(|pair| at(&pair[1]) - at(&pair[0])).collect();
        assert!((4..=6).contains(&waits[0]) && (240..=360).contains(&waits[1]), "{waits:?}");
        assert_eq!(house.states(event.id).await, [DeliveryState::Dead]);
        let told: Value = serde_json::from_slice(&watcher.request().body).unwrap();
        assert_eq!(told["type"], "webhook.failed");
        assert_eq!(told["data"]["endpoint_id"], endpoint.id.to_string());
        assert_eq!(told["data"]["last_attempt"]["status"], 500);
    }
}

#[tokio::test]
async fn the_failure_of_an_event_about_failures_is_not_told_again() {
    for mut house in houses("none") {
        let bad = App::answering(500);
        house.register(1, &bad.target(), &["order.*", "webhook.*"]).await;
        house.publish("order.created").await;
        house.attempted(2).await;
        house.run_down().await;
        let types: Vec<_> = bad.requests(2).iter().map(type_of).collect();
        assert_eq!(types, ["order.created", "webhook.failed"]);
    }
}

#[tokio::test]
async fn an_endpoint_that_says_it_is_gone_gets_nothing_more_and_that_is_told() {
    for mut house in houses("5s,5s") {
        let (gone, watcher) = (App::answering(410), App::answering(200));
        let endpoint = house.register(1, &gone.target(), &["order.*"]).await;
        house.register(2, &watcher.target(), &["endpoint.disabled"]).await;
        house.publish("order.created").await;
        house.attempted(2).await;
        assert_eq!(house.disabled(&endpoint).await, Some(DisabledBy::Gone));
        let told: Value = serde_json::from_slice(&watcher.request().body).unwrap();
        assert_eq!(
            (&told["data"]["reason"], &told["data"]["endpoint_id"]),
            (&"gone".into(), &endpoint.id.to_string().into())
        );
        house.publish("order.created").await;
        house.run_down().await;
        assert_eq!(gone.count(), 1);
    }
}

#[tokio::test]
async fn an_endpoint_that_has_only_failed_for_days_is_switched_off_and_one_success_saves_it() {
    for mut house in houses("none") {
        let (bad, mixed) = (nobody(), App::saying([answer(500, &[], b""), answer(200, &[], b"")]));
        let (bad, mixed) = (house.register(1, &bad, &[]).await, house.register(2, &mixed.target(), &[]).await);
        let watcher = App::answering(200);
        house.register(3, &watcher.target(), &["endpoint.disabled"]).await;
        for _ in 0..7 {
            house.publish("order.created").await;
            house.attempted(2).await;
            house.clock.advance(DAY);
        }
        house.attempted(1).await;
        let told: Value = serde_json::from_slice(&watcher.request().body).unwrap();
        assert_eq!(
            (&told["data"]["reason"], &told["data"]["endpoint_id"]),
            (&"failing".into(), &bad.id.to_string().into())
        );
        assert_eq!(house.disabled(&bad).await, Some(DisabledBy::Failing));
        assert_eq!(house.disabled(&mixed).await, None);
    }
}

#[tokio::test]
async fn two_redirects_are_followed_and_what_proves_who_we_are_stays_with_the_first_server() {
    for mut house in houses("none") {
        let last = App::answering(200);
        let there = format!("Location: http://{}/end", last.target().trim_start_matches("http://"));
        let first = App::new(move |message, _| match message.target().as_str() {
            "/hook" => answer(307, &["Location: /two"], b""),
            _ => answer(308, &[&there], b""),
        });
        let mut headers = Headers::new();
        headers.push("X-Api-Key", "k").unwrap();
        let endpoint = house.endpoint(1, &format!("{}/hook", first.target()));
        house.register_as(Endpoint { headers, ..endpoint }).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        let near = &first.requests(2)[1];
        assert!(near.get("x-api-key").is_some() && house.is_signed(near, SECRET));
        let far = last.request();
        assert_eq!((far.target(), &far.body[..]), ("/end".to_owned(), &event.request.body[..]));
        assert!(far.get("x-api-key").is_none() && far.get("webhook-signature").is_none());
        assert_eq!(house.states(event.id).await, [DeliveryState::Delivered]);
    }
}

#[tokio::test]
async fn a_third_redirect_is_a_failure() {
    for mut house in houses("none") {
        let app = App::new(|message, _| answer(307, &[&format!("Location: {}x", message.target())], b""));
        house.register(1, &format!("{}/a", app.target()), &[]).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        assert_eq!(app.count(), 3);
        assert_eq!(house.states(event.id).await, [DeliveryState::Dead]);
    }
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_until_the_old_one_ends() {
    for mut house in houses("none") {
        let app = App::answering(200);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let now = house.clock.now();
        let rotate = Box::new(move |endpoint: &mut Endpoint| {
            endpoint.rotate(Secret::new(OTHER), now, DAY).unwrap();
        });
        house.store.change_endpoint(endpoint.id, rotate).await.unwrap();
        house.pipeline.endpoint_changed(&endpoint).await.unwrap();
        house.publish("order.created").await;
        house.attempted(1).await;
        let request = app.request();
        assert!(house.is_signed(&request, SECRET) && house.is_signed(&request, OTHER));
        house.clock.advance(DAY + Duration::from_secs(1));
        house.publish("order.created").await;
        house.attempted(1).await;
        let request = &app.requests(2)[1];
        assert!(!house.is_signed(request, SECRET) && house.is_signed(request, OTHER));
    }
}

#[tokio::test]
async fn what_somebody_asks_for_is_sent_once_whatever_the_filter_says_and_changes_no_plan() {
    for mut house in houses("5s,5m,30m") {
        let app = App::answering(500);
        let endpoint = house.register(1, &app.target(), &[]).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        let planned = house.store.deliveries(event.id).await.unwrap()[0].due_at;
        let again = NewDelivery {
            id: DeliveryId::from_bytes([9; 20]),
            event: event.id,
            endpoint: endpoint.id,
            held_until: None,
            due_at: house.clock.now(),
            made: None,
        };
        house.store.send_again(vec![again]).await.unwrap();
        assert_eq!(house.pipeline.step().await.unwrap(), Step::Settled);
        assert!(house.attempted(1).await[0].manual);
        assert_eq!(house.store.deliveries(event.id).await.unwrap()[0].due_at, planned);
        house.run_down().await;
        assert_eq!(app.count(), 5, "the schedule has four, and one was asked for");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_neither_loses_nor_doubles_nor_hurries_a_delivery() {
    for mut house in houses("1h,1h") {
        let app = App::saying([answer(500, &[], b""), answer(500, &[], b""), answer(200, &[], b"")]);
        house.register(1, &app.target(), &[]).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        let start = house.clock.now();
        house.clock.set(start.minus(Duration::from_secs(3600)));
        assert!(matches!(house.pipeline.step().await.unwrap(), Step::Idle { until: Some(_) }), "not earlier");
        house.clock.set(start.plus(DAY));
        assert_eq!(house.pipeline.step().await.unwrap(), Step::Settled);
        assert!(matches!(house.pipeline.step().await.unwrap(), Step::Idle { until: Some(_) }), "no burst");
        house.run_down().await;
        assert_eq!((app.count(), house.states(event.id).await), (3, vec![DeliveryState::Delivered]));
    }
}

#[tokio::test]
async fn an_endpoint_that_was_switched_off_or_refiltered_meanwhile_is_not_called_again() {
    for mut house in houses("5s,5s") {
        let app = App::answering(500);
        let endpoint = house.register(1, &app.target(), &["order.*"]).await;
        let event = house.publish("order.created").await;
        house.attempted(1).await;
        let refilter = Box::new(|endpoint: &mut Endpoint| endpoint.event_types = typed(&["user.*"]));
        house.store.change_endpoint(endpoint.id, refilter).await.unwrap();
        house.pipeline.endpoint_changed(&endpoint).await.unwrap();
        house.run_down().await;
        assert_eq!((app.count(), house.states(event.id).await), (1, vec![DeliveryState::Dead]));
    }
}
