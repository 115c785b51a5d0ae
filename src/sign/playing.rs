//! The provider's side of a handshake: what it asks, and whether the answer is right.
//!
//! ```toml
//! ask = { query = "crc={token}", headers = {}, body = '{"t":{token|json}}', path = "/x", signed = true }
//! ```
//!
//! Placeholders are `token` (32 random hex digits), `number` (9 random digits), `id`, `ts`, `time` and `param.NAME`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;

use crate::model::headers::{HeaderError, Headers};
use crate::model::request::CapturedRequest;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::challenge::{Asked, Challenge, ChallengeAnswer};
use crate::sign::condition::Test;
use crate::sign::form;
use crate::sign::stamp::Unit;
use crate::sign::template::{NoValue, Template};

/// How the provider asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ask {
    query: Option<Template>,
    path: Option<Template>,
    headers: BTreeMap<String, Template>,
    body: Option<Template>,
    signed: bool,
}

impl Ask {
    /// The parameters that stand in the question.
    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        let places = [&self.query, &self.path, &self.body].into_iter().flatten().chain(self.headers.values());
        places.flat_map(Template::names).filter_map(|name| name.strip_prefix("param."))
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The request: its target has only what the provider adds to an address.
    pub request: CapturedRequest,
    /// Whether the provider signs it.
    pub signed: bool,
}

/// What a handshake is played with.
#[derive(Clone, Copy, Debug)]
pub struct Play<'a> {
    /// What is asked by the provider about parameters.
    pub params: &'a Params,
    /// Chance.
    pub chance: u128,
    /// The moment.
    pub now: Timestamp,
}

/// Why a handshake cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The provider's side is not known.
    #[error("this handshake cannot be played: only the provider itself can ask so that it is believed")]
    NotPlayable,
    /// A placeholder has no value.
    #[error("{0}: give it with --param")]
    NoValue(#[from] NoValue),
    /// A value cannot stand in a header.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// There is no right answer to compare with.
    #[error("whk itself has no answer to it: a secret or a parameter is missing")]
    NoAnswer,
}

impl Challenge {
    /// Whether the provider's side can be played.
    #[must_use]
    pub const fn is_playable(&self) -> bool {
        self.ask.is_some()
    }

    /// The parameter that a request is known by, if there is one: with another value it must be refused.
    #[must_use]
    pub fn known_by(&self) -> Option<&str> {
        self.refuse?;
        self.when.iter().find_map(|condition| match &condition.test {
            Test::Param(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The status that answers a wrong signature, if that is to be told from a right one.
    #[must_use]
    pub fn refuses_unsigned(&self) -> Option<u16> {
        self.refuse.filter(|_| self.verified)
    }

    /// What the provider asks.
    ///
    /// # Errors
    /// If its side is not known, or a parameter is missing.
    pub fn question(&self, play: &Play) -> Result<Question, PlayError> {
        let ask = self.ask.as_ref().ok_or(PlayError::NotPlayable)?;
        let token = format!("{:032x}", play.chance);
        let text = |text: String| Some(Cow::Owned(text.into_bytes()));
        let value = |name: &str| match name {
            "token" => text(token.clone()),
            "number" => text((100_000_000 + play.chance % 900_000_000).to_string()),
            "id" => text(format!("id_{}", token.get(..16).unwrap_or_default())),
            "ts" => text(Unit::S.write(play.now)),
            "time" => text(play.now.to_string()),
            name => text(play.params.get(name.strip_prefix("param.")?)?.clone()),
        };
        let in_query = |name: &str| Some(Cow::Owned(form::encoded(&value(name)?, b"-._~", "%20")));
        let mut headers = Headers::new();
        for (name, template) in &ask.headers {
            headers.push(name, template.text(value)?)?;
        }
        let path = ask.path.as_ref().map_or(Ok(String::new()), |template| template.text(in_query))?;
        let query = ask.query.as_ref().map(|template| template.text(in_query)).transpose()?;
        let body = ask.body.as_ref().map(|template| template.render(value)).transpose()?.unwrap_or_default().concat();
        let request = CapturedRequest {
            method: self.method.first().map_or("POST", String::as_str).to_owned(),
            target: query.map_or(path.clone(), |query| format!("{path}?{query}")),
            headers,
            body: Bytes::from(body),
            remote: String::new(),
            received_at: play.now,
        };
        Ok(Question { request, signed: ask.signed })
    }

    /// Whether an answer is the one that the provider waits for.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, asked: &Asked, answer: &Answered) -> Result<(), String> {
        let wanted = self.answer(asked).ok_or_else(|| PlayError::NoAnswer.to_string())?;
        self.check_status(wanted.status, wanted.body.is_empty(), answer.status)?;
        if !(200..300).contains(&wanted.status) {
            return Ok(());
        }
        let echoed = self.headers.iter().filter(|(_, template)| !template.names().is_empty());
        let lines: Vec<_> = echoed.filter_map(|(name, _)| Some((name, wanted.headers.value(name)?))).collect();
        let missing = lines.iter().find(|(name, value)| answer.headers.value(name) != Some(*value));
        let body = self.check_body(asked, &wanted, answer.body);
        match (missing, body) {
            (None, Ok(())) => Ok(()),
            // Where the same value may stand in a header or in the body, either will do.
            (None, Err(_)) if !lines.is_empty() => Ok(()),
            (Some(_), Ok(())) if !wanted.body.is_empty() => Ok(()),
            (Some((name, value)), _) => Err(format!("the header {name}: {} is missing", shown(value))),
            (None, Err(why)) => Err(why),
        }
    }

    fn check_status(&self, wanted: u16, empty: bool, found: u16) -> Result<(), String> {
        let right = match wanted {
            // Without a body that is asked for, any success will do; 204 is only named where it must be that one.
            200 if empty => (200..300).contains(&found),
            // What a wrong parameter is refused with is a matter of taste, unlike a wrong signature.
            400..500 if !self.verified => (400..500).contains(&found),
            status => found == status,
        };
        if right { Ok(()) } else { Err(format!("the status should be {wanted}, is {found}")) }
    }

    fn check_body(&self, asked: &Asked, wanted: &ChallengeAnswer, found: &[u8]) -> Result<(), String> {
        if wanted.body.is_empty() || same_body(&wanted.body, found) {
            return Ok(());
        }
        let mut others = self.also.iter().filter_map(|template| self.with_body(template).answer(asked));
        if others.any(|other| same_body(&other.body, found)) {
            return Ok(());
        }
        let trimmed = found.trim_ascii();
        let quoted = trimmed.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        Err(if trimmed == wanted.body {
            "the body has white space around the value: send the value alone".to_owned()
        } else if quoted == Some(&wanted.body[..]) {
            "the body is a JSON string: send the value alone, without quotation marks".to_owned()
        } else {
            let found = if found.is_empty() { "empty".to_owned() } else { format!("\"{}\"", shown(found)) };
            format!("the body should be {}, it is {found}", shown(&wanted.body))
        })
    }
}

/// What a receiver answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
}

/// JSON may have other white space, another order and more members; any other body is exact.
fn same_body(wanted: &[u8], found: &[u8]) -> bool {
    if wanted == found {
        return true;
    }
    let read = |bytes: &[u8]| match serde_json::from_slice(bytes) {
        Ok(serde_json::Value::Object(members)) => Some(members),
        _ => None,
    };
    match (read(wanted), read(found)) {
        (Some(wanted), Some(found)) => wanted.iter().all(|(name, value)| found.get(name) == Some(value)),
        _ => false,
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let start: String = text.chars().take(120).collect();
    let dots = if start.len() < text.len() { "..." } else { "" };
    format!("{start}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::secret::Secret;

    const ECHO: &str = "method = 'GET'\nwhen = [{ query = 'c' }, { query = 'v', param = 'verify' }]\nrefuse = 403\n\
                        vars = { c = { query = 'c' } }\nbody = '{\"c\":{c|json}}'\nalso = ['{c}']\n\
                        ask = { query = 'c={token}&v={param.verify}' }\n";

    fn judged(status: u16, body: &str) -> Result<(), String> {
        let challenge: Challenge = toml::from_str(ECHO).unwrap();
        let params = Params::from([("verify".to_owned(), "a b".to_owned())]);
        let play = Play { params: &params, chance: 7, now: Timestamp::from_seconds(0) };
        let question = challenge.question(&play).unwrap();
        assert_eq!(question.request.target, format!("?c={:032x}&v=a%20b", 7));
        let secrets = [Secret::new("s")];
        let asked = Asked { request: &question.request, secrets: &secrets, params: &params, verified: Some(true) };
        challenge.check(&asked, &Answered { status, headers: &Headers::new(), body: body.as_bytes() })
    }

    #[test]
    fn the_value_may_come_back_in_each_form_that_the_provider_takes() {
        let token = format!("{:032x}", 7);
        assert_eq!(judged(200, &format!("{{ \"more\": 1, \"c\": \"{token}\" }}")), Ok(()));
        assert_eq!(judged(200, &token), Ok(()));
    }

    #[test]
    fn a_wrong_answer_is_told_what_is_wrong() {
        for (status, body, part) in [(404, "", "404"), (200, "{\"c\":1}", "should be {\"c\":"), (200, "", "is empty")] {
            let why = judged(status, body).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn a_missing_parameter_is_named() {
        let challenge: Challenge = toml::from_str(ECHO).unwrap();
        let play = Play { params: &Params::new(), chance: 7, now: Timestamp::from_seconds(0) };
        assert!(challenge.question(&play).unwrap_err().to_string().contains("param.verify"));
        assert_eq!(challenge.known_by(), Some("verify"));
    }
}
