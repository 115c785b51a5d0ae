//! Tokens that are signed JSON (JWS, JWT): the signature is over the token, and its claims are about the request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::model::time::Timestamp;
use crate::sign::algorithm::{Algorithm, Hash};
use crate::sign::chain::Chain;
use crate::sign::encoding::Encoding;
use crate::sign::header::one_or_many;
use crate::sign::json::Pointer;
use crate::sign::place::Place;
use crate::sign::splice::{Put, put};
use crate::sign::template::{NoValue, Template};
use crate::sign::verifying::{Reason, Rejection};

/// What a scheme says of its tokens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The algorithms a token may name. The first one signs.
    #[serde(deserialize_with = "one_or_many")]
    pub algorithms: Vec<Jws>,
    /// What a claim must be: any of these.
    #[serde(default, deserialize_with = "claims")]
    pub claims: BTreeMap<String, Vec<Template>>,
    /// Claims that must be there, whatever they are.
    #[serde(default)]
    pub require: Vec<String>,
    /// By how many seconds the sender's clock may be off.
    #[serde(default)]
    pub leeway: u32,
    /// The body stands where the token's payload is left out.
    #[serde(default)]
    pub detached: bool,
    /// Such a body is signed as it is, not in base64 (RFC 7797).
    #[serde(default)]
    pub raw: bool,
    /// The event is the token's payload.
    #[serde(default)]
    pub carries: bool,
    /// The token brings certificates, which lead to the one that is the secret.
    pub chain: Option<Chain>,
}

/// An algorithm by the name that tokens have for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    name: &'static str,
    /// What it is.
    pub algorithm: Algorithm,
}

/// A token, taken apart and not yet believed.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    head: Head,
    /// What is signed, but for a payload that stands elsewhere.
    signed: &'a [u8],
    claims: Map<String, Value>,
    detached: bool,
    /// It says that what it signs is not in base64.
    pub(crate) raw: bool,
    pub(crate) signature: &'a [u8],
}

/// What a new token is made for.
pub(crate) struct Occasion<'a> {
    pub(crate) now: Timestamp,
    pub(crate) body: &'a [u8],
    /// What its head says of the time, where it does.
    pub(crate) stamp: Option<(&'a str, String)>,
    /// The certificates that it brings.
    pub(crate) chain: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Vec<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// How long a token that whk signs is good for, in seconds.
const LIFETIME: i64 = 300;
/// What a head says if the content is not in base64.
const UNENCODED: &str = "b64";
/// Where a head has the certificates.
const CHAIN: &str = "x5c";
/// How long before it is made it is good, as clocks differ.
const EARLIER: i64 = 5;

const NAMES: [(&str, Algorithm); 11] = [
    ("HS256", Algorithm::Hmac(Hash::Sha256)),
    ("HS384", Algorithm::Hmac(Hash::Sha384)),
    ("HS512", Algorithm::Hmac(Hash::Sha512)),
    ("RS256", Algorithm::Rsa(Hash::Sha256)),
    ("RS384", Algorithm::Rsa(Hash::Sha384)),
    ("RS512", Algorithm::Rsa(Hash::Sha512)),
    ("PS256", Algorithm::RsaPss(Hash::Sha256)),
    ("PS384", Algorithm::RsaPss(Hash::Sha384)),
    ("PS512", Algorithm::RsaPss(Hash::Sha512)),
    ("ES256", Algorithm::EcdsaP256Fixed),
    ("EdDSA", Algorithm::Ed25519),
];

impl TryFrom<String> for Jws {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = NAMES.into_iter().find(|(name, _)| *name == text);
        let names = || NAMES.map(|(name, _)| name).join(", ");
        let (name, algorithm) =
            known.ok_or_else(|| format!("\"{text}\" is no algorithm of tokens: use {}", names()))?;
        Ok(Self { name, algorithm })
    }
}

impl fmt::Display for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<'a> Token<'a> {
    /// Takes a token apart. Nothing in it is believed yet.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Self> {
        let last = memchr::memrchr(b'.', text)?;
        let (signed, signature) = (text.get(..last)?, text.get(last + 1..)?);
        let first = memchr::memchr(b'.', signed)?;
        let (head, payload) = (signed.get(..first)?, signed.get(first + 1..)?);
        let head: Head = serde_json::from_slice(&decoded(head)?).ok()?;
        let detached = payload.is_empty();
        let claims = if detached { Map::new() } else { serde_json::from_slice(&decoded(payload)?).ok()? };
        let raw = head.crit == [UNENCODED] && head.more.get(UNENCODED) == Some(&Value::Bool(false));
        // A head that asks for something we do not know must not be followed.
        let followed = head.crit.is_empty() || raw;
        (followed && !signature.is_empty()).then_some(Self { head, signed, claims, detached, raw, signature })
    }

    /// Which of the allowed algorithms the token names.
    pub(crate) fn algorithm(&self, form: &Form) -> Result<Algorithm, Rejection> {
        let found = form.algorithms.iter().find(|one| one.name == self.head.alg);
        found.map(|one| one.algorithm).ok_or_else(|| {
            let allowed = form.algorithms.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
            let alg: String = self.head.alg.chars().take(20).collect();
            Rejection::new(
                Reason::MalformedHeader,
                format!("the token is signed with \"{}\", only {allowed} may be", alg.escape_debug()),
            )
        })
    }

    /// What the key is called.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.head.kid.as_deref()
    }

    /// The certificates that it brings, as they are written.
    pub(crate) fn chain(&self) -> Vec<String> {
        let list = self.head.more.get(CHAIN).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What the signature is over.
    pub(crate) fn content(&self, form: &Form, body: &[u8]) -> Vec<u8> {
        match form.detached && self.detached {
            true if form.raw => [self.signed, body].concat(),
            true => [self.signed, Encoding::Base64url.encode(body).as_bytes()].concat(),
            false => self.signed.to_vec(),
        }
    }

    /// A claim as text.
    pub(crate) fn claim(&self, name: &str) -> Option<String> {
        text(self.claims.get(name)?)
    }

    /// What the head says of something as text.
    pub(crate) fn head(&self, name: &str) -> Option<String> {
        text(self.head.more.get(name)?)
    }

    /// Whether the claims are about this request and this moment; without a moment their times are not looked at.
    pub(crate) fn check(
        &self,
        form: &Form,
        now: Option<(Timestamp, i64)>,
        wanted: impl Fn(&Template) -> Result<Option<String>, Rejection>,
    ) -> Result<(), Rejection> {
        let missing =
            |name: &str| Rejection::new(Reason::MalformedHeader, format!("the token has no claim \"{name}\""));
        if self.detached != form.detached {
            return Err(Rejection::new(Reason::MalformedHeader, "the token has no payload".to_owned()));
        }
        if let Some(name) = form.require.iter().find(|name| !self.claims.contains_key(*name)) {
            return Err(missing(name));
        }
        for (name, templates) in &form.claims {
            let own = self.claims.contains_key(name).then(|| self.claim(name).unwrap_or_default());
            let texts = templates.iter().map(&wanted).collect::<Result<Vec<_>, _>>()?;
            if own.is_none() && !texts.contains(&None) {
                return Err(missing(name));
            }
            if !texts.contains(&own) {
                let about = templates.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(" or ");
                let detail = format!("the token's claim \"{name}\" is not {about} of this request");
                return Err(Rejection::new(Reason::NoMatchingSignature, detail));
            }
        }
        now.map_or(Ok(()), |(now, leeway)| self.check_times(now, leeway))
    }

    fn check_times(&self, now: Timestamp, leeway: i64) -> Result<(), Rejection> {
        let time = |name| self.claims.get(name).map(|value| value.as_f64().filter(|time| time.is_finite()));
        let bad = |name| Rejection::new(Reason::MalformedHeader, format!("the token's claim \"{name}\" is no time"));
        #[expect(clippy::cast_precision_loss, reason = "a second is told from the next one for as long as it matters")]
        let (now, leeway) = (now.millis() as f64 / 1000.0, leeway as f64);
        // A token ends with the second that it names.
        if let Some(end) = time("exp")
            && now >= end.ok_or_else(|| bad("exp"))? + leeway
        {
            return Err(Rejection::new(Reason::TimestampTooOld, "the token has expired".to_owned()));
        }
        if let Some(start) = time("nbf")
            && now < start.ok_or_else(|| bad("nbf"))? - leeway
        {
            return Err(Rejection::new(Reason::TimestampTooNew, "the token is not valid yet".to_owned()));
        }
        Ok(())
    }
}

/// A claim's text; of a body that is not there, none.
pub(crate) fn claim<'a>(
    template: &'a Template,
    value: impl Fn(&str) -> Option<Cow<'a, [u8]>>,
) -> Result<Option<String>, NoValue> {
    match template.text(value) {
        Err(NoValue(name)) if name == "content" => Ok(None),
        text => text.map(Some),
    }
}

/// What a new token signs: head and payload.
pub(crate) fn written<'a>(
    form: &'a Form,
    occasion: &Occasion,
    value: impl Fn(&'a Template) -> Result<Option<String>, NoValue>,
) -> Result<Vec<u8>, NoValue> {
    let mut claims = Map::new();
    for (name, templates) in &form.claims {
        if let Some(text) = templates.first().map(&value).transpose()?.flatten() {
            let yes = templates.first().and_then(Template::plain) == Some("true");
            claims.insert(name.clone(), if yes { Value::Bool(true) } else { Value::String(text) });
        }
    }
    for (name, off) in [("iat", 0), ("nbf", -EARLIER), ("exp", LIFETIME)] {
        // An event in a token has the times that its sender gives it, and no others.
        if !form.carries || form.require.iter().any(|own| own == name) {
            claims.insert(name.to_owned(), json!(occasion.now.seconds().saturating_add(off)));
        }
    }
    let encoded = |bytes: &[u8]| Encoding::Base64url.encode(bytes).into_bytes();
    let payload = match (form.detached, form.carries) {
        (true, _) if form.raw => occasion.body.to_vec(),
        (true, _) => encoded(occasion.body),
        (false, true) => encoded(&with_members(occasion.body, &claims)),
        (false, false) => encoded(Value::Object(claims).to_string().as_bytes()),
    };
    Ok([encoded(head(form, occasion).to_string().as_bytes()), payload].join(&b'.'))
}

fn head(form: &Form, occasion: &Occasion) -> Value {
    let mut head = Map::new();
    head.insert("alg".to_owned(), json!(form.algorithms.first().map_or("", |one| one.name)));
    if form.raw {
        head.insert(UNENCODED.to_owned(), json!(false));
        head.insert("crit".to_owned(), json!([UNENCODED]));
    } else {
        head.insert("typ".to_owned(), json!("JWT"));
    }
    if !occasion.chain.is_empty() {
        head.insert(CHAIN.to_owned(), json!(occasion.chain));
    }
    if let Some((name, text)) = &occasion.stamp {
        head.insert((*name).to_owned(), text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)));
    }
    Value::Object(head)
}

/// The text of a JSON object with these members, all else as it is written.
fn with_members(body: &[u8], members: &Map<String, Value>) -> Vec<u8> {
    members.iter().fold(body.to_vec(), |body, (name, value)| {
        let (pointer, text) = (Pointer::top(name), text(value).unwrap_or_default());
        let place = if value.is_number() { Place::Number(pointer) } else { Place::Json(pointer) };
        put(&body, None, &place, Put::Text(text.as_bytes())).unwrap_or(body)
    })
}

/// The payload of a token.
pub(crate) fn payload(token: &[u8]) -> Option<Vec<u8>> {
    Token::parse(token)?;
    decoded(token.split(|byte| *byte == b'.').nth(1)?)
}

/// A token with another payload and the signature that it had.
pub(crate) fn with_payload(token: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let changed = Encoding::Base64url.encode(&change(&payload(token)?)).into_bytes();
    let mut parts: Vec<_> = token.split(|byte| *byte == b'.').collect();
    *parts.get_mut(1)? = &changed;
    Some(parts.join(&b'.'))
}

/// A value as text, if it is a single one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The token of what was signed and the signature.
pub(crate) fn joined(form: &Form, content: &[u8], signature: &[u8]) -> String {
    let content = String::from_utf8_lossy(content);
    let head = content.split_once('.').map_or("", |(head, _)| head);
    let signature = Encoding::Base64url.encode(signature);
    if form.detached { format!("{head}..{signature}") } else { format!("{content}.{signature}") }
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    Encoding::Base64url.decode(text)
}

/// A claim's templates, of which a single one need not be a list.
fn claims<'de, D: Deserializer<'de>>(reader: D) -> Result<BTreeMap<String, Vec<Template>>, D::Error> {
    #[derive(Deserialize)]
    struct Many(#[serde(deserialize_with = "one_or_many")] Vec<Template>);
    let found = BTreeMap::<String, Many>::deserialize(reader)?;
    Ok(found.into_iter().map(|(name, Many(templates))| (name, templates)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(more: &str) -> Form {
        toml::from_str(&format!("algorithms = ['HS256', 'RS256']\n{more}")).unwrap()
    }

    fn token(head: &str, payload: &str) -> String {
        let encoded = |text: &str| Encoding::Base64url.encode(text.as_bytes());
        format!("{}.{}.c2ln", encoded(head), encoded(payload))
    }

    fn judged(form: &Form, payload: &str, at: i64) -> Result<(), Reason> {
        let text = token(r#"{"alg":"HS256"}"#, payload);
        let token = Token::parse(text.as_bytes()).unwrap();
        let now = Some((Timestamp::from_seconds(at), i64::from(form.leeway)));
        token.check(form, now, |template| Ok(Some(template.to_string()))).map_err(|why| why.reason)
    }

    #[test]
    fn only_allowed_algorithms_are_followed() {
        for (alg, allowed) in [("HS256", true), ("RS256", true), ("none", false), ("HS512", false), ("", false)] {
            let text = token(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
            assert_eq!(Token::parse(text.as_bytes()).unwrap().algorithm(&form("")).is_ok(), allowed, "{alg}");
        }
        assert!(toml::from_str::<Form>("algorithms = ['none']").is_err());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["", ".", "..", "abc", "e30.e30.", "e30.e30.x", "eyJhbGciOiJIUzI1NiJ9.W10.x"] {
            assert!(Token::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        let critical = token(r#"{"alg":"HS256","crit":["b64"]}"#, "{}");
        assert!(Token::parse(critical.as_bytes()).is_none());
    }

    #[test]
    fn claims_must_be_there_and_right() {
        let form = form("claims = { iss = 'me', sub = ['a', 'b'] }\nrequire = ['exp']");
        assert_eq!(judged(&form, r#"{"iss":"me","sub":"b","exp":9}"#, 1), Ok(()));
        assert_eq!(judged(&form, r#"{"iss":"me","sub":"c","exp":9}"#, 1), Err(Reason::NoMatchingSignature));
        assert_eq!(judged(&form, r#"{"iss":"me","exp":9}"#, 1), Err(Reason::MalformedHeader));
        assert_eq!(judged(&form, r#"{"iss":"me","sub":"a"}"#, 1), Err(Reason::MalformedHeader));
    }

    #[test]
    fn a_claim_about_a_body_that_is_not_there_must_be_missing() {
        let template: Template = "{content|sha256|hex}".parse().unwrap();
        assert_eq!(claim(&template, |_| None), Ok(None));
        assert!(claim(&"{param.key}".parse().unwrap(), |_| None).is_err());
        let form = form("claims = { sum = '' }");
        let text = |payload| token(r#"{"alg":"HS256"}"#, payload);
        for (payload, good) in [("{}", true), (r#"{"sum":"x"}"#, false), (r#"{"sum":null}"#, false)] {
            let text = text(payload);
            let verdict = Token::parse(text.as_bytes()).unwrap().check(&form, None, |_| Ok(None));
            assert_eq!(verdict.is_ok(), good, "{payload}");
        }
    }

    #[test]
    fn a_token_is_good_from_its_start_to_its_end() {
        let form = form("leeway = 2");
        for (at, verdict) in
            [(7, Err(Reason::TimestampTooNew)), (8, Ok(())), (21, Ok(())), (22, Err(Reason::TimestampTooOld))]
        {
            assert_eq!(judged(&form, r#"{"nbf":10,"exp":20}"#, at), verdict, "{at}");
        }
        assert_eq!(judged(&form, r#"{"exp":"20"}"#, 1), Err(Reason::MalformedHeader));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text: Vec<u8>, head: String, payload: String) {
            let _ = Token::parse(&text);
            if let Some(token) = Token::parse(token(&head, &payload).as_bytes()) {
                let _ = token.check(&form(""), Some((Timestamp::from_seconds(0), 0)), |one| Ok(Some(one.to_string())));
            }
        }
    }
}
