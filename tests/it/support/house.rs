//! A relay under load: who sends, what was acknowledged, and whether all of it came.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Watched;
use crate::support::api::{Api, HOOKS};
use crate::support::app::App;
use crate::support::whk::{Listener, Whk, body_of};
use crate::support::wire;

/// Senders that say everything until it is acknowledged, each event under an id of its own.
pub(crate) struct Load {
    acknowledged: Arc<Watched<BTreeSet<String>>>,
    refused: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    senders: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts so many, whose events have so many bytes beside what they need.
    pub(crate) fn start(api: &Arc<Api>, senders: usize, padding: usize) -> Self {
        Self::named("s", api, senders, padding)
    }

    /// The same beside others, whose events are called otherwise.
    pub(crate) fn named(name: &'static str, api: &Arc<Api>, senders: usize, padding: usize) -> Self {
        let acknowledged = Arc::new(Watched::<BTreeSet<String>>::default());
        let (refused, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let send = |sender: usize| {
            let (api, padding) = (Arc::clone(api), "x".repeat(padding));
            let (acknowledged, refused, is_over) =
                (Arc::clone(&acknowledged), Arc::clone(&refused), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut number = 0;
                // Nobody stops before the last event is acknowledged: what is kept and what is acknowledged agree.
                while !is_over.load(Ordering::SeqCst) {
                    let id = format!("{name}{sender}-{number}");
                    let body = json!({"event_type": "load", "event_id": id, "data": {"id": id, "padding": padding}})
                        .to_string();
                    loop {
                        match api.ask("POST", "/api/v1/webhooks/test", &[], &body).status() {
                            // The second means that an earlier try came through after all.
                            200..300 | 409 => break,
                            503 => drop(refused.fetch_add(1, Ordering::SeqCst)),
                            other => panic!("{id}: {other}"),
                        }
                        thread::sleep(Duration::from_millis(5));
                    }
                    acknowledged.with(|all| all.insert(id));
                    number += 1;
                }
            })
        };
        let senders = (0..senders).map(send).collect();
        Self { acknowledged, refused, is_over, senders }
    }

    /// How many are acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.acknowledged.with(|all| all.len())
    }

    /// Waits until so many more are acknowledged; how long that took.
    pub(crate) fn goes_on(&self, more: usize) -> Duration {
        let (began, before) = (Instant::now(), self.count());
        let done = self.acknowledged.wait(|all| (all.len() >= before + more).then_some(()));
        assert!(done.is_some(), "only {} of {more} more were acknowledged", self.count() - before);
        began.elapsed()
    }

    /// What is acknowledged.
    pub(crate) fn acknowledged(&self) -> BTreeSet<String> {
        self.acknowledged.with(|all| all.clone())
    }

    /// How often somebody was refused.
    pub(crate) fn refusals(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Waits until somebody is refused once more than so often.
    pub(crate) fn is_refused(&self, before: usize) {
        let end = Instant::now() + 2 * crate::support::PATIENCE;
        while self.refusals() == before {
            assert!(Instant::now() < end, "nobody was refused");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends when all that was begun is acknowledged, and says what was.
    pub(crate) fn end(self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::SeqCst);
        for sender in self.senders {
            sender.join().expect("a sender that was answered as it should be");
        }
        self.acknowledged.with(std::mem::take)
    }
}

/// A relay on a store, an endpoint for everything, and who may do all.
pub(crate) struct House {
    pub(crate) whk: Whk,
    pub(crate) relay: Listener,
    pub(crate) api: Arc<Api>,
    pub(crate) app: App,
    pub(crate) store: String,
}

impl House {
    /// Starts it.
    pub(crate) fn new(store: String) -> Self {
        Self::with(store, "full")
    }

    /// The same with another durability.
    pub(crate) fn with(store: String, durability: &str) -> Self {
        let (whk, app) = (Whk::new(), App::answering(200));
        let kept = ["--store", &store, "--durability", durability];
        let relay = whk.relay([&kept[..], &["--retry", "100ms,1s,2s,4s,8s", "--log", "json"]].concat());
        let house = Self { api: Arc::new(Api::of(&whk, &relay, &kept)), whk, relay, app, store };
        house.register();
        house
    }

    fn register(&self) {
        let hook = json!({"name": "all", "url": format!("http://{}/", self.app.target()), "events": ["*"]});
        self.api.ok("POST", HOOKS, &hook);
    }

    /// What it says to who asks whether it can work.
    pub(crate) fn readiness(&self) -> u16 {
        self.relay.send(&wire::request_at("localhost", "GET", "/readyz", &[], b"")).status()
    }

    /// Everything that was acknowledged was delivered, and is kept once; how often something came again.
    pub(crate) fn has_all(&self, acknowledged: &BTreeSet<String>, store: &str) -> usize {
        let mut came = 0;
        let found = self.app.wait(|requests| {
            came = requests.len();
            let ids: BTreeSet<_> = requests.iter().map(|request| id_of(&request.json())).collect();
            acknowledged.is_subset(&ids).then_some(())
        });
        assert!(found.is_some(), "some of {} never came: {came} did", acknowledged.len());
        let kept = self.whk.events(&["--store", store, "--type", "load"]);
        let ids: BTreeSet<_> =
            kept.iter().map(|event| id_of(&serde_json::from_slice(&body_of(event)).expect("JSON"))).collect();
        assert_eq!((kept.len(), ids.len()), (acknowledged.len(), acknowledged.len()), "each is kept once");
        came - acknowledged.len()
    }
}

/// What an event of the load is called.
pub(crate) fn id_of(body: &Value) -> String {
    body["data"]["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}
