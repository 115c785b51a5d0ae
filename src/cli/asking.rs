//! A provider's handshake, played: what is asked, with a signature where the provider signs, and whether the answer is
//! right.

use std::sync::Arc;

use crate::cli::error::CliError;
use crate::clock::Clock;
use crate::model::{CapturedRequest, Headers, Response, Secret, Target, Timestamp};
use crate::net::forwarded_headers;
use crate::sign::challenge::{Asked, Challenge};
use crate::sign::forge::{self, Forgery};
use crate::sign::playing::{Answered, Play, PlayError};
use crate::sign::{self, Handshake, Outgoing, Params};

/// Who asks, whom, and with what.
pub(in crate::cli) struct Asker {
    pub(in crate::cli) known: Handshake,
    pub(in crate::cli) target: Target,
    pub(in crate::cli) secrets: Vec<Secret>,
    pub(in crate::cli) params: Params,
    pub(in crate::cli) extra: Headers,
    pub(in crate::cli) clock: Arc<dyn Clock>,
    /// The time that was asked for.
    pub(in crate::cli) at: Option<Timestamp>,
}

/// One question: what it shows, and what is wrong about it on purpose.
pub(in crate::cli) struct Round<'a> {
    pub(in crate::cli) name: String,
    challenge: &'a Challenge,
    /// With these parameters it is asked.
    params: Params,
    /// Whether the signature is right.
    genuine: bool,
}

impl Asker {
    /// Each handshake as it should be, then with whatever it must be refused for. A receiver that belongs to one of the
    /// provider's products answers one of several handshakes.
    ///
    /// # Errors
    /// If there is none that can be played with what was given.
    pub(in crate::cli) fn handshakes(&self) -> Result<Vec<Vec<Round<'_>>>, CliError> {
        let mut usable: Vec<&Challenge> = Vec::new();
        for challenge in self.known.challenges().iter().filter(|one| one.is_playable()) {
            let lacking = challenge.params().any(|name| !self.params.contains_key(name));
            let answerable = challenge.is_answerable(!self.secrets.is_empty(), &self.params);
            if !lacking && answerable && !usable.iter().any(|one| one.asks_like(challenge)) {
                usable.push(challenge);
            }
        }
        if usable.is_empty() {
            return Err(self.unplayable());
        }
        Ok(usable.into_iter().map(|challenge| self.rounds(challenge)).collect())
    }

    fn rounds<'a>(&self, challenge: &'a Challenge) -> Vec<Round<'a>> {
        let round = |name: &str, params: &Params, genuine: bool| {
            let product = challenge.product().map(|product| format!(" for {product}")).unwrap_or_default();
            Round { name: format!("{name}{product}"), challenge, params: params.clone(), genuine }
        };
        let mut rounds = vec![round("handshake", &self.params, true)];
        if let Some(name) = challenge.known_by().filter(|name| self.params.contains_key(*name)) {
            let mut wrong = self.params.clone();
            wrong.entry(name.to_owned()).or_default().push_str("-wrong");
            rounds.push(round(&format!("wrong {name}"), &wrong, true));
        }
        if challenge.refuses_unsigned().is_some() && self.known.scheme().is_some() {
            rounds.push(round("wrong signature", &self.params, false));
        }
        rounds
    }

    /// What is missing, or why nothing would help.
    fn unplayable(&self) -> CliError {
        let title = self.known.title();
        let open = || self.known.challenges().iter().filter(|one| one.is_playable());
        if open().next().is_none() {
            return CliError::usage(format!("{title}: {}", PlayError::NotPlayable));
        }
        let lacking = open().flat_map(Challenge::params).find(|name| !self.params.contains_key(*name));
        let error = CliError::usage(match lacking {
            Some(name) => format!("{title} asks with param.{name}, which is not known: give --param {name}=VALUE"),
            None => format!("{title}: {}", PlayError::NoAnswer),
        });
        error.hint("whk schemes show has the handshake and what it needs")
    }

    /// The request, as it goes on the wire.
    ///
    /// # Errors
    /// If it cannot be signed, or a parameter cannot stand where it should.
    pub(in crate::cli) fn question(&self, round: &Round<'_>) -> Result<CapturedRequest, CliError> {
        let now = self.at.unwrap_or_else(|| self.clock.now());
        let play = Play { params: &round.params, chance: self.clock.chance(), now };
        let question = round.challenge.question(&play).map_err(|why| CliError::usage(why.to_string()))?;
        let mut request = question.request;
        let query = request.query().map(str::to_owned);
        request.target = self.target.request_target(request.path(), query.as_deref());
        if question.signed {
            request.headers = self.signed(round, &request, now)?;
        }
        let bad = |why| CliError::usage(format!("{why}"));
        let mut headers = Headers::new();
        headers.push("Host", self.target.authority()).map_err(bad)?;
        if !request.headers.has("user-agent") {
            headers.push("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION"))).map_err(bad)?;
        }
        let headers = headers.overlaid(&request.headers);
        request.headers = forwarded_headers(&headers, request.body.len(), &self.target, &self.extra);
        Ok(request)
    }

    /// Whether the answer is the one that the provider waits for.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(in crate::cli) fn judge(
        &self,
        round: &Round<'_>,
        request: &CapturedRequest,
        response: &Response,
    ) -> Result<(), String> {
        let verified = Some(round.genuine);
        let asked = Asked { request, secrets: &self.secrets, params: &self.params, verified };
        let answer = Answered { status: response.status, headers: &response.headers, body: &response.body };
        round.challenge.check(&asked, &answer)
    }

    /// Whether a delivery was answered as the provider wants each of them to be; `None` if it has no such wish.
    pub(in crate::cli) fn receipt(&self, request: &CapturedRequest, response: &Response) -> Option<Result<(), String>> {
        let asked = Asked { request, secrets: &self.secrets, params: &self.params, verified: Some(true) };
        let wish = self.known.challenges().iter().find(|one| one.is_every() && one.answer(&asked).is_some())?;
        let answer = Answered { status: response.status, headers: &response.headers, body: &response.body };
        Some(wish.check(&asked, &answer))
    }

    /// The question's headers, signed rightly or wrongly.
    fn signed(&self, round: &Round<'_>, request: &CapturedRequest, now: Timestamp) -> Result<Headers, CliError> {
        let Some(scheme) = self.known.scheme() else { return Ok(request.headers.clone()) };
        let (id, url) = (format!("{:032x}", self.clock.chance()), self.target.url(&request.target));
        let outgoing = Outgoing {
            id: &id,
            event_type: "",
            method: &request.method,
            url: &url,
            content_type: request.headers.text("content-type").unwrap_or("application/json"),
            body: &request.body,
            attempt: 0,
            params: &self.params,
        };
        let headers = if round.genuine {
            sign::sign(scheme, &self.secrets, &outgoing, now)?
        } else {
            let forged = forge::forge(Forgery::BadSignature, scheme, &self.secrets, &outgoing, now);
            let forged = forged.map_err(|why| CliError::usage(why.to_string()))?;
            forged.into_iter().next().map(|forged| forged.headers).unwrap_or_default()
        };
        // What the handshake says of itself goes over what the scheme would say of an event.
        Ok(headers.overlaid(&request.headers))
    }
}
