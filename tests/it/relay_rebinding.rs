//! Names that lead to inner places, at once or only the second time: whatever a resolver says, nobody is called there,
//! on none of the ways that lead to a connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use whk::clock::{Clock, SystemClock};
use whk::model::target::Address;
use whk::model::{FailureKind, Headers, Rights, Target, Token, TokenId};
use whk::net::{Client, ClientOptions, Guard, Names, Outbound};
use whk::relay::Relay;
use whk::relay::http::auth;
use whk::relay::options::{Answering, Options};

use crate::relay_delivery::options;
use crate::relay_guard::{INNER, OWN};
use crate::store_samples::open;
use crate::support::api::{Api, EVENTS, HOOKS};
use crate::support::app::{App, answer};
use crate::support::whk::{Listener, Whk};
use crate::support::{PATIENCE, measure, wire};

/// The one inner address that may be called, as if it were outside; all others may not.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Where a provider's handshake may have whk call back.
const PROVIDER: &str = "cell1.notification.us-ashburn-1.oci.oraclecloud.com";

/// Places on this machine that nobody may call, and one beside them that everybody may, all at one port.
struct Places {
    outside: App,
    inside: Vec<App>,
    port: u16,
}

impl Places {
    /// What is outside answers so.
    fn new(status: u16, location: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let bind = |ip: IpAddr, port| TcpListener::bind(SocketAddr::new(ip, port)).ok();
        let all = || {
            let first = bind(OUTSIDE.into(), 0)?;
            let port = first.local_addr().ok()?.port();
            Some((first, bind(Ipv4Addr::LOCALHOST.into(), port)?, bind(Ipv6Addr::LOCALHOST.into(), port)?, port))
        };
        // Somebody may have the same port at another address.
        let (first, second, third, port) =
            (0..100).find_map(|_| all()).expect("a port that is free at three addresses");
        let outside = App::on(first, move |request, _| {
            // No connection is kept, so each attempt looks the name up.
            answer(status, &["Connection: close", &format!("Location: {}", location(&request.target()))], b"")
        });
        let inside = [second, third].map(|listener| App::on(listener, |_, _| answer(200, &[], b""))).into();
        Self { outside, inside, port }
    }

    /// How many came where nobody may come.
    fn trespassers(&self) -> usize {
        self.inside.iter().map(App::connections).sum()
    }
}

/// Every address of the list that is one as it stands.
fn inner() -> Vec<IpAddr> {
    let address = |url: &&str| match url.parse::<Target>().ok()?.address {
        Address::Tcp { host, .. } => host.parse().ok(),
        Address::Unix(_) => None,
    };
    let all: Vec<_> = OWN.iter().chain(&INNER).filter_map(address).collect();
    assert!(all.len() > 35, "{all:?}");
    all
}

fn strict(names: Names) -> ClientOptions {
    let guard = Guard { public_only: true, allowed: vec!["127.0.0.2".parse().unwrap()] };
    ClientOptions { guard, names, resend_stale: false, ..ClientOptions::default() }
}

/// A relay in this process, whose names are ours.
struct House {
    api: Api,
    address: SocketAddr,
    stop: CancellationToken,
    _runtime: Runtime,
}

impl House {
    fn new(names: Names) -> Self {
        let runtime = Runtime::new().unwrap();
        let usual = options("10ms");
        let sending = whk::relay::options::Sending { client: strict(names), ..usual.sending.clone() };
        let answering = Answering { fetch: true, ..Answering::default() };
        let options = Options { sending, answering, ..usual };
        let (store, clock): (_, Arc<dyn Clock>) = (open("memory:"), Arc::new(SystemClock));
        let token = Token {
            id: TokenId::new(clock.now(), clock.chance()),
            hash: auth::hash("whk_test"),
            label: String::new(),
            rights: Rights::Operator,
            app: None,
            feature_flags: Vec::new(),
            created_at: clock.now(),
            expires_at: None,
        };
        let stop = CancellationToken::new();
        let address = runtime.block_on(async {
            store.create_token(token).await.unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let relay = Relay::new(options, store, clock).unwrap();
            let stop = stop.clone();
            tokio::spawn(async move { relay.serve(listener.into(), stop).await });
            address
        });
        Self { api: Api::at(address, "whk_test"), address, stop, _runtime: runtime }
    }

    fn endpoint(&self, url: &str, event_type: &str) -> String {
        let made = self.api.ok("POST", HOOKS, &json!({"name": "x", "url": url, "events": [event_type]}));
        made["id"].as_str().unwrap().to_owned()
    }

    /// So many attempts of an event; waits for them.
    fn attempts(&self, event: &str, count: usize) -> Vec<Value> {
        let end = Instant::now() + PATIENCE;
        loop {
            let all = self.api.ok("GET", &format!("{EVENTS}/{event}/attempts?limit=250"), &Value::Null);
            let all = all["data"].as_array().unwrap().clone();
            if all.len() >= count {
                return all;
            }
            assert!(Instant::now() < end, "{count} attempts were due: {all:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn publish(&self, event_type: &str) -> String {
        let made = self.api.ok("POST", "/api/v1/webhooks/test", &json!({"event_type": event_type, "data": {}}));
        made["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn is_blocked(attempt: &Value) -> bool {
    attempt["error"]["kind"] == "blocked"
}

#[test]
fn a_name_that_leads_inside_is_called_on_none_of_the_ways_to_a_connection() {
    let places = Arc::new(Places::new(307, |path| format!("http://n{}.test/", path.trim_start_matches('/'))));
    let all = inner();
    let turn = Arc::new(AtomicUsize::new(0));
    let names = {
        let (all, turn) = (all.clone(), Arc::clone(&turn));
        Names::of(move |host| match host.strip_prefix('n').and_then(|rest| rest.strip_suffix(".test")) {
            Some(number) => {
                number.parse().ok().and_then(|number: usize| all.get(number).copied()).into_iter().collect()
            }
            None if host == PROVIDER => vec![all[turn.load(Ordering::SeqCst) % all.len()]],
            None => vec![OUTSIDE.into()],
        })
    };
    let (house, port) = (House::new(names), places.port);
    let mut made = Vec::new();
    for (number, ip) in all.iter().enumerate() {
        // Saving a name calls nobody; then a first send and its retry, both by name and by redirect.
        let url = format!("http://n{number}.test:{port}/");
        made.push((house.endpoint(&url, "direct"), ip));
        house.endpoint(&format!("http://outside.test:{port}/{number}"), "redirect");
        // Once more, to somewhere else.
        let event = house.publish("nobody");
        let (status, said) = house.api.call("POST", &format!("{EVENTS}/{event}/replay"), &json!({"to": url}));
        assert!(is_blocked(&said["attempts"][0]), "{ip}: {status} {said}");
        // A provider that asks to be called back, over TLS at its own name.
        turn.store(number, Ordering::SeqCst);
        let line = format!("X-OCI-NS-ConfirmationURL: https://{PROVIDER}/confirm?token=x");
        let asked = wire::request("POST", "/in/default", &[&line], b"{}");
        let said = wire::exchange(house.address, &asked).unwrap();
        assert_eq!(said.status(), 502, "{ip}: {said:?}");
        assert!(said.json()["detail"].to_string().contains("may be called"), "{ip}: {}", said.json());
    }
    for kind in ["direct", "redirect"] {
        let attempts = house.attempts(&house.publish(kind), 2 * all.len());
        assert!(attempts.iter().all(is_blocked), "{kind}: {attempts:?}");
    }
    // And what an endpoint's owner asks for.
    for (endpoint, ip) in made {
        let event = house.api.ok("POST", &format!("{HOOKS}/{endpoint}/test"), &Value::Null);
        let attempts = house.attempts(event["id"].as_str().unwrap(), 2);
        assert!(attempts.iter().all(is_blocked), "{ip}: {attempts:?}");
    }
    assert_eq!((places.trespassers(), places.outside.count()), (0, 2 * all.len()));
}

#[test]
fn a_name_that_leads_elsewhere_the_second_time_is_not_followed_inside() {
    let places = Places::new(500, |_| "/".to_owned());
    let looked = Arc::new(AtomicUsize::new(0));
    let names = {
        let looked = Arc::clone(&looked);
        Names::of(move |_| match looked.fetch_add(1, Ordering::SeqCst) {
            0 => vec![OUTSIDE.into()],
            _ => vec![Ipv4Addr::LOCALHOST.into()],
        })
    };
    let house = House::new(names);
    house.endpoint(&format!("http://rebound.test:{}/", places.port), "a.b");
    let attempts = house.attempts(&house.publish("a.b"), 2);
    let kinds: Vec<_> = attempts.iter().map(|attempt| (attempt["status"].as_u64(), is_blocked(attempt))).collect();
    assert!(kinds.contains(&(Some(500), false)) && kinds.contains(&(None, true)), "{attempts:?}");
    assert_eq!((places.trespassers(), places.outside.count()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_mixed_and_changing_answers_only_what_is_outside_is_ever_called() {
    let places = Places::new(200, |_| "/".to_owned());
    let looked = AtomicUsize::new(0);
    let (inside, outside): (Vec<IpAddr>, IpAddr) = (inner(), OUTSIDE.into());
    let names = Names::of(move |_| {
        let number = looked.fetch_add(1, Ordering::SeqCst);
        let some = inside[number % inside.len()];
        match number % 5 {
            0 => vec![outside],
            1 => vec![Ipv4Addr::LOCALHOST.into()],
            2 => vec![Ipv6Addr::LOCALHOST.into(), outside, Ipv4Addr::LOCALHOST.into()],
            3 => vec![some, Ipv4Addr::LOCALHOST.into(), outside],
            _ => vec![some],
        }
    });
    let client = Client::new(ClientOptions { idle_per_target: 0, ..strict(names) }).unwrap();
    let target: Target = format!("http://mixed.test:{}/", places.port).parse().unwrap();
    let (mut came, mut kinds) = (0, Vec::new());
    for _ in 0..measure(300, 10_000) {
        let headers = Headers::from_block("Host: mixed.test\r\n".into()).unwrap();
        let outbound = Outbound {
            target: &target,
            method: "GET",
            request_target: "/".to_owned(),
            headers,
            body: bytes::Bytes::new(),
        };
        match client.exchange(&outbound, Some(PATIENCE)).await {
            Ok(_) => came += 1,
            Err(why) => kinds.push(why.kind),
        }
    }
    let all = measure(300, 10_000);
    assert_eq!((places.trespassers(), came, kinds.len()), (0, all / 5 * 3, all / 5 * 2));
    assert!(kinds.iter().all(|kind| *kind == FailureKind::Blocked), "{kinds:?}");
}

#[test]
fn places_that_were_saved_before_others_could_reach_the_relay_are_not_called_nor_by_a_proxy() {
    let (whk, places) = (Whk::new(), Places::new(200, |_| "/".to_owned()));
    let proxy = App::answering(200);
    let relay = whk.relay::<&str>([]);
    let api = Api::of(&whk, &relay, &[]);
    let mut saved = 0;
    for url in OWN.iter().chain(&INNER) {
        let url = with_port(url, places.port);
        saved += usize::from(api.call("POST", HOOKS, &json!({"name": "x", "url": url})).0 == 201);
    }
    assert!(saved > 40, "{saved}");
    relay.stop();
    let mut command = whk.command(["relay", "--output", "json", "--port", "0", "--host", "0.0.0.0", "--retry", "10ms"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", proxy.target()));
    }
    let relay = Listener::start(command);
    let api = Api::of(&whk, &relay, &[]);
    let made = api.ok("POST", "/api/v1/webhooks/test", &json!({"event_type": "a.b", "data": {}}));
    let path = format!("{EVENTS}/{}/attempts?limit=250", made["id"].as_str().unwrap());
    let end = Instant::now() + PATIENCE;
    let attempts = loop {
        let all = api.ok("GET", &path, &Value::Null)["data"].as_array().unwrap().clone();
        if all.len() >= 2 * saved {
            break all;
        }
        assert!(Instant::now() < end, "{} of {}: {all:?}", all.len(), 2 * saved);
        std::thread::sleep(Duration::from_millis(5));
    };
    // A name that is none has no address, and so no connection either.
    let kind = |attempt: &Value| matches!(attempt["error"]["kind"].as_str(), Some("blocked" | "dns"));
    assert!(attempts.iter().all(kind), "{attempts:?}");
    assert_eq!((places.trespassers(), places.outside.connections(), proxy.connections()), (0, 0, 0));
}

/// The same URL at a port where somebody listens.
fn with_port(url: &str, port: u16) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    if host.ends_with(']') || !host.contains(':') {
        format!("{scheme}://{place}:{port}/{path}")
    } else {
        url.to_owned()
    }
}
