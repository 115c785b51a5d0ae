//! Plays a provider's handshake and checks the receiver's answer.

use bytes::Bytes;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::send::{Args, target};
use crate::cli::{given, parsers, schemes};
use crate::model::{CapturedRequest, Headers, Response, Secret, Target, Timestamp};
use crate::net::{Client, Outbound, forwarded_headers};
use crate::policy::span;
use crate::sign::challenge::{Asked, Challenge};
use crate::sign::forge::{self, Forgery};
use crate::sign::playing::{Answered, Play, PlayError};
use crate::sign::{self, Handshake, Outgoing, Params};
use crate::view::safe;

/// What every question of a provider is asked with.
struct Player<'a> {
    context: &'a Context,
    known: Handshake,
    client: Client,
    target: Target,
    secrets: Vec<Secret>,
    params: Params,
    extra: Headers,
    now: Timestamp,
}

/// One question: what it shows, and what is wrong about it on purpose.
struct Round<'a> {
    name: String,
    challenge: &'a Challenge,
    /// With these parameters it is asked.
    params: Params,
    /// Whether the signature is right.
    genuine: bool,
}

/// Asks everything that the provider asks.
pub(super) fn run(context: &Context, args: &Args, name: &str) -> Result<Exit, CliError> {
    let name = if name.is_empty() { context.settings.text("scheme") } else { name };
    if name.is_empty() {
        return Err(CliError::usage("whose handshake? give --challenge=PROVIDER, or --scheme"));
    }
    let known = schemes::handshake(context, name)?;
    let player = Player {
        context,
        client: Client::new(context.client_options(args.insecure, args.cacert.as_deref())?)
            .map_err(|why| CliError::usage(why.to_string()))?,
        target: target(context, args)?,
        secrets: context.signing_secrets(&args.secret)?,
        params: given::params(context, &args.param)?,
        extra: parsers::headers(&args.headers)?,
        now: args.at.unwrap_or_else(|| context.clock.now()),
        known,
    };
    let rounds = player.rounds()?;
    context.block_on(async {
        let mut exit = Exit::Yes;
        for round in &rounds {
            if let Err(why) = player.play(round).await? {
                exit = Exit::No;
                player.say(round, Some(&why))?;
            } else {
                player.say(round, None)?;
            }
        }
        Ok(exit)
    })
}

impl Player<'_> {
    /// Each handshake as it should be, then with whatever it must be refused for.
    fn rounds(&self) -> Result<Vec<Round<'_>>, CliError> {
        let has_secret = !self.secrets.is_empty();
        let all = self.known.challenges().iter().filter(|one| one.is_playable());
        let usable = all.filter(|one| one.is_answerable(has_secret, &self.params));
        let mut rounds = Vec::new();
        for challenge in usable {
            let round = |name: &str, params: &Params, genuine: bool| Round {
                name: name.to_owned(),
                challenge,
                params: params.clone(),
                genuine,
            };
            rounds.push(round("handshake", &self.params, true));
            if let Some(name) = challenge.known_by() {
                let mut wrong = self.params.clone();
                wrong.entry(name.to_owned()).or_default().push_str("-wrong");
                rounds.push(round(&format!("wrong {name}"), &wrong, true));
            }
            if challenge.refuses_unsigned().is_some() && self.known.scheme().is_some() {
                rounds.push(round("wrong signature", &self.params, false));
            }
        }
        if rounds.is_empty() {
            let why = PlayError::NotPlayable.to_string();
            return Err(CliError::usage(format!("{}: {why}", self.known.title()))
                .hint("a parameter may be missing: whk schemes show has what it needs"));
        }
        Ok(rounds)
    }

    /// Asks, and judges the answer.
    async fn play(&self, round: &Round<'_>) -> Result<Result<(), String>, CliError> {
        let play = Play { params: &round.params, chance: self.context.clock.chance(), now: self.now };
        let question = round.challenge.question(&play).map_err(|why| CliError::usage(why.to_string()))?;
        let mut request = question.request;
        let query = request.query().map(str::to_owned);
        let request_target = self.target.request_target(request.path(), query.as_deref());
        if question.signed {
            request.headers = self.signed(round, &request, &self.target.url(&request_target))?;
        }
        request.target.clone_from(&request_target);
        let response = self.exchange(&request, request_target).await?;
        let asked =
            Asked { request: &request, secrets: &self.secrets, params: &self.params, verified: Some(round.genuine) };
        let answer = Answered { status: response.status, headers: &response.headers, body: &response.body };
        Ok(round.challenge.check(&asked, &answer))
    }

    async fn exchange(&self, request: &CapturedRequest, request_target: String) -> Result<Response, CliError> {
        let bad = |why| CliError::usage(format!("{why}"));
        let mut headers = Headers::new();
        headers.push("Host", self.target.authority()).map_err(bad)?;
        if !request.headers.has("user-agent") {
            headers.push("User-Agent", concat!("whk/", env!("CARGO_PKG_VERSION"))).map_err(bad)?;
        }
        let headers =
            forwarded_headers(&headers.overlaid(&request.headers), request.body.len(), &self.target, &self.extra);
        let outbound = Outbound {
            target: &self.target,
            method: &request.method,
            request_target,
            headers,
            body: Bytes::clone(&request.body),
        };
        let timeout = self.context.settings.parse("timeout", |text| parsers::unless_none(text, span::duration))?;
        self.client.exchange(&outbound, timeout).await.map_err(|failure| CliError::from(&failure))
    }

    /// The question's headers, signed rightly or wrongly.
    fn signed(&self, round: &Round<'_>, request: &CapturedRequest, url: &str) -> Result<Headers, CliError> {
        let Some(scheme) = self.known.scheme() else { return Ok(request.headers.clone()) };
        let id = format!("{:032x}", self.context.clock.chance());
        let outgoing = Outgoing {
            id: &id,
            event_type: "",
            method: &request.method,
            url,
            content_type: request.headers.text("content-type").unwrap_or("application/json"),
            body: &request.body,
            attempt: 0,
            params: &self.params,
        };
        let headers = if round.genuine {
            sign::sign(scheme, &self.secrets, &outgoing, self.now)?
        } else {
            let forged = forge::forge(Forgery::BadSignature, scheme, &self.secrets, &outgoing, self.now);
            let forged = forged.map_err(|why| CliError::usage(why.to_string()))?;
            forged.into_iter().next().map(|forged| forged.headers).unwrap_or_default()
        };
        // What the handshake says of itself goes over what the scheme would say of an event.
        Ok(headers.overlaid(&request.headers))
    }

    fn say(&self, round: &Round<'_>, problem: Option<&str>) -> Result<(), CliError> {
        let (ui, name) = (&self.context.ui, &round.name);
        if ui.is_json() {
            let url = self.target.to_string();
            return ui.json(&json!({
                "type": "challenge", "provider": self.known.name(), "name": name, "url": url,
                "ok": problem.is_none(), "detail": problem,
            }));
        }
        let title = self.known.title();
        ui.line(&match problem {
            None => format!("{} {title}: {name} is answered rightly", ui.paint.green("ok")),
            Some(why) => format!("{} {title}: {name}: {}", ui.paint.red("wrong"), safe(why.as_bytes())),
        })
    }
}
