//! The requests of the checks: made for the scheme, and tried on whk's own verifier before the receiver sees them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cli::check::body::{Payload, roomy, spaced};
use crate::cli::check::fire::{Case, Sent};
use crate::cli::check::veil::Veil;
use crate::cli::error::CliError;
use crate::cli::shooter::{Shooter, Shot};
use crate::clock::Clock;
use crate::model::{CapturedRequest, EventId, Headers, Secret};
use crate::sign::forge::Forgery;
use crate::sign::{self, Checks, Reason, Rejection, Tolerance};

/// What requests are made of.
pub(super) struct Bench {
    /// Target, scheme, secret and all else that every request shares.
    pub(super) base: Shooter,
    payload: Payload,
    clock: Arc<dyn Clock>,
    /// What of the requests may be shown.
    pub(super) veil: Veil,
    /// Whether whk's own verifier accepts what is signed with this secret; it cannot with every private key.
    reference: bool,
}

/// Why a check makes no sense for a scheme, a secret or a payload.
pub(super) struct Unfit(pub(super) String);

/// The type that no receiver knows.
const UNKNOWN_TYPE: &str = "whk.check.unknown_type";
/// One mebibyte.
const LARGE: usize = 1 << 20;

impl From<CliError> for Unfit {
    fn from(why: CliError) -> Self {
        Self(why.message)
    }
}

impl Bench {
    /// Finds out what the scheme's signature depends on.
    ///
    /// # Errors
    /// If nothing can be signed.
    pub(super) fn new(clock: Arc<dyn Clock>, base: Shooter, payload: Payload) -> Result<Self, CliError> {
        let (secrets, extra) = (base.secrets.clone(), base.extra.clone());
        let veil = Veil { secrets, extra, signatures: Vec::new(), bare: false };
        let mut bench = Self { base, payload, clock, veil, reference: true };
        let (plain, now) = (bench.delivery(&bench.payload), bench.clock.now());
        let right = plain.shot(&plain.id, 0, now)?;
        bench.reference = bench.judged(&right).is_ok();
        let differ = |other: &Shot| {
            let changed = |name: &String| right.headers.value(name) != other.headers.value(name);
            names(&right.headers).filter(changed).collect::<Vec<_>>()
        };
        bench.veil.signatures = match plain.forged(Forgery::WrongSecret, now) {
            Ok(wrong) => wrong.first().map(differ).unwrap_or_default(),
            Err(_) => sign::own_headers(&plain.scheme),
        };
        let other = Shooter { id: "whk_check_2".to_owned(), body: Bytes::from_static(b"{\"whk\":2}"), ..plain.clone() };
        bench.veil.bare = other.shot(&other.id, 0, now.minus(Duration::from_secs(60))).is_ok_and(|other| {
            let changed = differ(&other);
            !bench.veil.signatures.iter().any(|name| changed.contains(name))
        });
        Ok(bench)
    }

    /// Nothing wrong.
    pub(super) fn valid(&self) -> Result<Vec<Case>, Unfit> {
        let delivery = self.delivery(&self.payload);
        Ok(vec![self.good("", delivery.shot(&delivery.id, 0, self.clock.now())?)?])
    }

    /// The body changed after it was signed.
    pub(super) fn tampered(&self) -> Result<Vec<Case>, Unfit> {
        self.forged(Forgery::Tampered)
    }

    /// Another secret.
    pub(super) fn wrong_secret(&self) -> Result<Vec<Case>, Unfit> {
        self.forged(Forgery::WrongSecret)
    }

    /// No signature.
    pub(super) fn unsigned(&self) -> Result<Vec<Case>, Unfit> {
        self.forged(Forgery::Unsigned)
    }

    /// Each of the headers left out that are needed beside the signature.
    pub(super) fn missing_header(&self) -> Result<Vec<Case>, Unfit> {
        let delivery = self.delivery(&self.payload);
        let right = delivery.shot(&delivery.id, 0, self.clock.now())?;
        let framing = |name: &String| ["host", "content-length"].iter().any(|own| name.eq_ignore_ascii_case(own));
        let beside = names(&right.headers).filter(|name| !framing(name) && !self.veil.signatures.contains(name));
        let lacking = beside.map(|name| {
            let headers = right.headers.without(|own| own.eq_ignore_ascii_case(name.as_bytes()));
            (format!("without {name}"), Shot { headers, body: right.body.clone() })
        });
        // What the provider's own libraries do without is not needed.
        let cases: Vec<_> = lacking.filter_map(|(what, shot)| self.bad(&what, shot).ok()).collect();
        if cases.is_empty() || !self.reference {
            return Err(Unfit("no header but the signature's own is needed".to_owned()));
        }
        Ok(cases)
    }

    /// The signature garbled, empty or cut short, and the other headers of the scheme garbled.
    pub(super) fn malformed_header(&self) -> Result<Vec<Case>, Unfit> {
        let delivery = self.delivery(&self.payload);
        let right = delivery.shot(&delivery.id, 0, self.clock.now())?;
        let mut wrong = Vec::new();
        let own = sign::own_headers(&self.base.scheme);
        for name in names(&right.headers).filter(|name| own.iter().any(|own| own.eq_ignore_ascii_case(name))) {
            wrong.push((format!("{name} garbled"), name.clone(), "garbage"));
            if self.veil.signatures.contains(&name) {
                let value = right.headers.text(&name).unwrap_or_default();
                let half = value.get(..value.len() / 2).unwrap_or_default();
                wrong.push((format!("{name} empty"), name.clone(), ""));
                wrong.push((format!("{name} cut short"), name, half.trim_end()));
            }
        }
        let garbled = wrong.iter().filter_map(|(what, name, value)| {
            let mut over = Headers::new();
            over.push(name, value).ok()?;
            self.bad(what, Shot { headers: right.headers.overlaid(&over), body: right.body.clone() }).ok()
        });
        let cases: Vec<_> = garbled.collect();
        if cases.is_empty() { Err(Unfit("the signature stands in no header".to_owned())) } else { Ok(cases) }
    }

    /// Signed long ago.
    pub(super) fn stale(&self) -> Result<Vec<Case>, Unfit> {
        self.untimely(Forgery::Stale, Reason::TimestampTooOld)
    }

    /// Signed for a time far ahead.
    pub(super) fn future(&self) -> Result<Vec<Case>, Unfit> {
        self.untimely(Forgery::Future, Reason::TimestampTooNew)
    }

    /// A delivery and its retry, signed anew.
    pub(super) fn twice(&self) -> Result<Vec<Case>, Unfit> {
        let (delivery, now) = (self.delivery(&self.payload), self.clock.now());
        // The first is dated back: a scheme need not let the second lie ahead.
        let first = delivery.shot(&delivery.id, 0, now.minus(Duration::from_secs(1)))?;
        let again = delivery.shot(&delivery.id, 1, now)?;
        Ok(vec![self.good("the first", first)?, self.good("the second", again)?])
    }

    /// Signed with another secret too, which stands first or last.
    pub(super) fn rotation(&self) -> Result<Vec<Case>, Unfit> {
        let now = self.clock.now();
        let key = self.clock.key().map_err(|why| Unfit(why.to_string()))?;
        let own = self.base.secrets.first().ok_or_else(|| Unfit("there is no secret".to_owned()))?;
        let other = sign::new_secret(&self.base.scheme, &key).map_err(|why| Unfit(why.to_string()))?;
        let signed = |delivery: Shooter, secrets: &[&Secret]| {
            let rotated = Shooter { secrets: secrets.iter().copied().cloned().collect(), ..delivery };
            rotated.shot(&rotated.id, 0, now)
        };
        let delivery = self.delivery(&self.payload);
        let alone = signed(delivery.clone(), &[own])?;
        let last = signed(delivery, &[own, &other])?;
        if last.headers == alone.headers {
            return Err(Unfit(format!("{} has room for one signature only", self.base.scheme.title())));
        }
        let first = signed(self.delivery(&self.payload), &[&other, own])?;
        Ok(vec![self.good("another signature last", last)?, self.good("another signature first", first)?])
    }

    /// An event type that nobody knows.
    pub(super) fn unknown_type(&self) -> Result<Vec<Case>, Unfit> {
        let named = format!(
            r#""type":"{UNKNOWN_TYPE}","event_type":"{UNKNOWN_TYPE}","eventType":"{UNKNOWN_TYPE}","event":"{UNKNOWN_TYPE}""#
        );
        for payload in [self.payload.clone(), Payload::small(), Payload::object(&named)] {
            let delivery = self.delivery_of(&payload, UNKNOWN_TYPE);
            let shot = delivery.shot(&delivery.id, 0, self.clock.now())?;
            let told = sign::identify(Some(&self.base.scheme), &self.captured(&shot)).event_type;
            if told.as_deref() == Some(UNKNOWN_TYPE) {
                return Ok(vec![self.good("", shot)?]);
            }
        }
        Err(Unfit(format!("a delivery of {} does not say its type", self.base.scheme.title())))
    }

    /// Letters outside ASCII.
    pub(super) fn unicode(&self) -> Result<Vec<Case>, Unfit> {
        self.with("\"Zoë 🚀 山田太郎 한국어 ﷽\"")
    }

    /// No body.
    pub(super) fn empty(&self) -> Result<Vec<Case>, Unfit> {
        let delivery = Shooter { body: Bytes::new(), ..self.delivery(&self.payload) };
        Ok(vec![self.good("", delivery.shot(&delivery.id, 0, self.clock.now())?)?])
    }

    /// A body of 1 MiB.
    pub(super) fn large(&self) -> Result<Vec<Case>, Unfit> {
        self.with(&format!("\"{}\"", "a".repeat(LARGE)))
    }

    /// JSON that means the same and that no serialiser would write so.
    pub(super) fn spellings(&self) -> Result<Vec<Case>, Unfit> {
        let no_json = || Unfit("the payload is not JSON".to_owned());
        let respelled = |what: &str, spell: &dyn Fn(&str) -> String| {
            let delivery = self.delivery(&self.payload);
            let text = str::from_utf8(&delivery.body).map_err(|_| no_json())?;
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| no_json())?;
            let spelled = Shooter { body: Bytes::from(spell(text)), ..delivery.clone() };
            self.good(what, spelled.shot(&spelled.id, 0, self.clock.now())?)
        };
        let mut cases = vec![
            respelled("a space behind each comma and colon", &|text| roomy(text))?,
            respelled("spaces and line feeds between the values", &|text| spaced(text, "\n"))?,
            respelled("CR LF between the values", &|text| spaced(text, "\r\n"))?,
            respelled("a line feed at the end", &|text| format!("{text}\n"))?,
        ];
        for (what, value) in
            [("numbers such as 1.0 and 1E2", "[1.0,1E2]"), ("escapes such as \\u0061 and \\/", "\"\\u0061\\/\"")]
        {
            let more = self.with(value).unwrap_or_default();
            cases.extend(more.into_iter().map(|case| Case { what: what.to_owned(), ..case }));
        }
        Ok(cases)
    }

    fn forged(&self, kind: Forgery) -> Result<Vec<Case>, Unfit> {
        let delivery = self.delivery(&self.payload);
        let shots = delivery.forged(kind, self.clock.now())?;
        shots.into_iter().map(|shot| self.bad("", shot)).collect()
    }

    /// Where the provider's own libraries do not look at the time, a receiver need not either.
    fn untimely(&self, kind: Forgery, reason: Reason) -> Result<Vec<Case>, Unfit> {
        let delivery = self.delivery(&self.payload);
        let shots = delivery.forged(kind, self.clock.now())?.into_iter();
        let seen = |shot: &Shot| self.judged(shot).is_err_and(|why| why.reason == reason);
        Ok(shots.map(|shot| self.case("", !seen(&shot), shot)).collect())
    }

    fn with(&self, value: &str) -> Result<Vec<Case>, Unfit> {
        let payload = self.payload.with(value).ok_or_else(|| Unfit("the payload is not a JSON object".to_owned()))?;
        let delivery = self.delivery(&payload);
        Ok(vec![self.good("", delivery.shot(&delivery.id, 0, self.clock.now())?)?])
    }

    /// A delivery of the type under test, with an id of its own.
    fn delivery(&self, payload: &Payload) -> Shooter {
        self.delivery_of(payload, &self.base.event_type)
    }

    fn delivery_of(&self, payload: &Payload, event_type: &str) -> Shooter {
        let now = self.clock.now();
        let id = EventId::new(now, self.clock.chance()).to_string();
        let (body, content_type) = match payload {
            Payload::Json(data) => {
                let wrapped = sign::wrap(&self.base.scheme, event_type, &id, data, now);
                (Bytes::from(wrapped), &self.base.content_type)
            }
            Payload::Bytes { bytes, content_type } => (bytes.clone(), content_type),
        };
        let (event_type, content_type) = (event_type.to_owned(), content_type.clone());
        Shooter { event_type, id, content_type, body, ..self.base.clone() }
    }

    /// A request that a receiver must accept, if the provider's own libraries do.
    fn good(&self, what: &str, shot: Shot) -> Result<Case, Unfit> {
        match self.judged(&shot) {
            Err(why) if self.reference => {
                Err(Unfit(format!("{} does not allow for it: {}", self.base.scheme.title(), why.detail)))
            }
            _ => Ok(self.case(what, false, shot)),
        }
    }

    /// A request that a receiver must refuse, if the provider's own libraries do.
    fn bad(&self, what: &str, shot: Shot) -> Result<Case, Unfit> {
        match self.judged(&shot) {
            Ok(()) => Err(Unfit(format!("{} does not protect against it", self.base.scheme.title()))),
            Err(_) => Ok(self.case(what, false, shot)),
        }
    }

    fn case(&self, what: &str, weak: bool, shot: Shot) -> Case {
        let sent = Sent { method: "POST".to_owned(), target: self.base.target.clone(), shot };
        Case { what: what.to_owned(), weak, sent }
    }

    fn judged(&self, shot: &Shot) -> Result<(), Rejection> {
        let url = self.base.url();
        let checks = Checks {
            secrets: &self.base.secrets,
            now: self.clock.now(),
            tolerance: Tolerance::Scheme,
            params: &self.base.params,
            url: Some(&url),
        };
        sign::verify(&self.base.scheme, &self.captured(shot), &checks).map(drop)
    }

    /// The request as a receiver gets it.
    pub(super) fn captured(&self, shot: &Shot) -> CapturedRequest {
        CapturedRequest {
            method: "POST".to_owned(),
            target: self.base.request_target(),
            headers: shot.headers.clone(),
            body: shot.body.clone(),
            remote: String::new(),
            received_at: self.clock.now(),
        }
    }
}

/// The names of the headers, in lower case, each once.
fn names(headers: &Headers) -> impl Iterator<Item = String> {
    let mut names: Vec<_> =
        headers.iter().map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::net::ClientOptions;
    use crate::sign::{Params, Scheme};

    const SECRET: &str = "s3cret-of-the-app";

    /// A bench for a scheme of these lines, which signs a sample.
    fn bench(lines: &str) -> Bench {
        let scheme = Scheme::parse(&format!("name = 'x'\ntitle = 'Acme'\n{lines}")).unwrap();
        let mut extra = Headers::new();
        extra.push("X-Api-Key", "k").unwrap();
        let base = Shooter {
            scheme: Arc::new(scheme),
            secrets: vec![Secret::new(SECRET)],
            params: Params::new(),
            target: "http://u:p@localhost:3000/hook?a=1".parse().unwrap(),
            event_type: "order.created".to_owned(),
            id: String::new(),
            fixed_id: None,
            at: None,
            content_type: "application/json".to_owned(),
            extra,
            body: Bytes::new(),
            timeout: None,
            client: ClientOptions::default(),
        };
        let clock = Arc::new(ManualClock::new(crate::model::Timestamp::from_seconds(1_760_000_000)));
        Bench::new(clock, base, Payload::object("\"n\":1")).unwrap()
    }

    const FULL: &str = "signed = '{id}.{ts}.{body}'\nsignature = { header = 'X-Sig' }\nline = { split = ' ', match = 'v1,{}' }\n\
                        id = { header = 'X-Id' }\ntimestamp = { header = 'X-Time' }\ntolerance = { past = 300, future = 300 }\n\
                        event = [{ json = '/type' }]\nenvelope = '{\"type\":{type|json},\"data\":{data}}'\n";
    const PLAIN: &str = "signature = { header = 'X-Sig' }\n";

    fn whats(made: Result<Vec<Case>, Unfit>) -> Result<Vec<String>, String> {
        made.map(|cases| cases.into_iter().map(|case| case.what).collect()).map_err(|why| why.0)
    }

    #[test]
    fn every_check_can_be_made_for_a_scheme_that_has_all() {
        let bench = bench(FULL);
        assert_eq!(bench.veil.signatures, ["x-sig"]);
        assert_eq!(whats(bench.missing_header()).unwrap(), ["without x-id", "without x-time"]);
        assert_eq!(
            whats(bench.malformed_header()).unwrap(),
            ["x-sig garbled", "x-sig empty", "x-sig cut short", "x-time garbled"]
        );
        assert_eq!(whats(bench.spellings()).unwrap().len(), 6);
        for made in [bench.stale(), bench.future()] {
            assert!(made.is_ok_and(|cases| cases.iter().all(|case| !case.weak)));
        }
        for made in [bench.valid(), bench.rotation(), bench.twice(), bench.unknown_type(), bench.empty()] {
            assert!(made.is_ok_and(|cases| cases.iter().all(|case| bench.judged(&case.sent.shot).is_ok())));
        }
        for made in [bench.tampered(), bench.wrong_secret(), bench.unsigned()] {
            assert!(made.is_ok_and(|cases| cases.iter().all(|case| bench.judged(&case.sent.shot).is_err())));
        }
        assert!(bench.large().is_ok_and(|cases| cases.iter().all(|case| case.sent.shot.body.len() > LARGE)));
    }

    #[test]
    fn what_a_scheme_cannot_tell_is_left_out_with_a_reason() {
        let bench = bench(PLAIN);
        for (made, reason) in [
            (bench.stale(), "signs no time"),
            (bench.future(), "signs no time"),
            (bench.missing_header(), "no header but the signature's"),
            (bench.rotation(), "room for one signature"),
        ] {
            let why = whats(made).unwrap_err();
            assert!(why.contains(reason), "{why}");
        }
        assert!(bench.tampered().is_ok() && bench.malformed_header().is_ok());
    }

    #[test]
    fn a_time_that_the_provider_does_not_look_at_is_only_advice() {
        let bench = bench(&FULL.replace(", future = 300", ""));
        let weak = |made: Result<Vec<Case>, Unfit>| made.is_ok_and(|cases| cases.iter().all(|case| case.weak));
        assert!(weak(bench.future()) && !weak(bench.stale()));
    }

    #[test]
    fn the_type_is_said_in_the_header_the_envelope_or_the_body() {
        let header = "event = [{ header = 'X-Event' }]\n";
        for lines in [FULL.to_owned(), PLAIN.to_owned(), format!("{PLAIN}{header}")] {
            let bench = bench(&lines);
            let cases = bench.unknown_type().unwrap_or_default();
            let told = cases.first().map(|case| bench.captured(&case.sent.shot)).unwrap();
            let identity = sign::identify(Some(&bench.base.scheme), &told);
            assert_eq!(identity.event_type.as_deref(), Some(UNKNOWN_TYPE), "{lines}");
        }
    }

    #[test]
    fn a_body_that_is_not_json_is_not_respelled() {
        let bench = Bench { payload: Payload::new(b"a=1&b=2".to_vec(), "text/plain"), ..bench(PLAIN) };
        assert!(whats(bench.spellings()).unwrap_err().contains("not JSON"));
        assert!(whats(bench.large()).unwrap_err().contains("not a JSON object"));
        assert!(bench.valid().is_ok() && bench.tampered().is_ok());
    }

    #[test]
    fn no_command_shows_a_secret() {
        let token = "algorithm = 'token'\nsigned = 'Token {secret}'\nsignature = { header = 'Authorization' }\n";
        let basic = "algorithm = 'token'\nsigned = 'Basic {secret|base64}'\nsignature = { header = 'Authorization' }\n";
        for (lines, signature_shown) in [(FULL, true), (PLAIN, true), (token, false), (basic, false)] {
            let bench = bench(lines);
            let case = bench.valid().unwrap_or_default().remove(0);
            let value = bench.veil.signatures.iter().find_map(|name| case.sent.shot.headers.text(name)).unwrap();
            let shown = bench.veil.curl(&case.sent);
            assert_eq!(shown.contains(value), signature_shown, "{shown}");
            assert!(!shown.contains(SECRET) && !shown.contains("X-Api-Key: k"), "{shown}");
            assert!(!shown.contains("dTpw") && shown.contains("'http://localhost:3000/hook?a=1'"), "{shown}");
        }
        assert_eq!(bench(FULL).veil.veiled(&format!("a {SECRET} b")), "a *** b");
    }
}
