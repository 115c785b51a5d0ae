//! Which provider a handshake is from, and the answer: for all schemes, and for providers that sign nothing.

use std::sync::{Arc, OnceLock};

use toml::Table;

use crate::sign::challenge::{Asked, Challenge, ChallengeAnswer};
use crate::sign::presets::{HANDSHAKES, challenging, plain};
use crate::sign::scheme::{Scheme, SchemeError};

/// A provider with what it asks.
#[derive(Clone, Debug)]
pub struct Handshake {
    about: About,
    challenges: Vec<Challenge>,
    scheme: Option<Arc<Scheme>>,
}

/// What a file says of its provider.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    name: String,
    title: String,
    docs: String,
    source: String,
}

/// A handshake that was recognised.
#[derive(Clone, Debug)]
pub struct Shaken {
    /// The provider's name.
    pub provider: String,
    /// The answer.
    pub answer: ChallengeAnswer,
}

static ALL: OnceLock<Vec<Handshake>> = OnceLock::new();

/// Every provider that asks something.
pub fn handshakes() -> &'static [Handshake] {
    ALL.get_or_init(|| {
        let alone = HANDSHAKES.iter().filter_map(|(_, text)| Handshake::parse(text).ok());
        challenging().map(Handshake::of).chain(alone).collect()
    })
}

/// The provider of this name; case and punctuation do not count.
#[must_use]
pub fn handshake(name: &str) -> Option<&'static Handshake> {
    handshakes().iter().find(|known| plain(known.name()) == plain(name))
}

/// The text of a file of a provider that asks and does not sign.
#[must_use]
pub fn handshake_text(name: &str) -> Option<&'static str> {
    let name = handshake(name)?.name();
    HANDSHAKES.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}

impl Handshake {
    /// Reads a file of `handshakes/`: `name`, `title`, `docs`, `source` and the challenges.
    ///
    /// # Errors
    /// If it is no TOML, or has an entry that does not exist.
    pub fn parse(text: &str) -> Result<Self, SchemeError> {
        let mut table: Table = text.parse().map_err(Box::new)?;
        let challenges = challenges(&mut table)?;
        let about: About = toml::Value::Table(table).try_into().map_err(Box::new)?;
        Ok(Self { about, challenges, scheme: None })
    }

    /// What the provider of a scheme asks.
    #[must_use]
    pub fn of(scheme: Arc<Scheme>) -> Self {
        let about = About {
            name: scheme.name().to_owned(),
            title: scheme.title().to_owned(),
            docs: scheme.docs().to_owned(),
            source: scheme.source().to_owned(),
        };
        Self { about, challenges: scheme.challenges().to_vec(), scheme: Some(scheme) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The provider's name for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.about.title
    }

    /// Where the provider documents it.
    #[must_use]
    pub fn docs(&self) -> &str {
        &self.about.docs
    }

    /// Where the facts are from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.about.source
    }

    /// What it asks.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// How it signs, if it does.
    #[must_use]
    pub const fn scheme(&self) -> Option<&Arc<Scheme>> {
        self.scheme.as_ref()
    }

    /// Whether the headers of a request would give its scheme away, `scheme` being what they gave away.
    fn is(&self, scheme: Option<&Scheme>) -> bool {
        scheme.is_some_and(|scheme| scheme.name() == self.name())
    }

    /// The answer to a request, with how sure it is that this is meant.
    fn answer(&self, asked: &Asked, chosen: bool) -> Option<(usize, Shaken)> {
        let open = self.challenges.iter().filter(|own| !own.is_every() && (chosen || !own.is_only_asked()));
        let answers = open.filter_map(|own| Some((own.strictness(), own.answer(asked)?)));
        let best = answers.fold(None, |best: Option<(usize, ChallengeAnswer)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        best.map(|(strictness, answer)| (strictness, Shaken { provider: self.name().to_owned(), answer }))
    }

    /// How it wants each delivery to be answered, if it wants something special.
    #[must_use]
    pub fn receipt(&self, asked: &Asked) -> Option<ChallengeAnswer> {
        self.challenges.iter().filter(|own| own.is_every()).find_map(|own| own.answer(asked))
    }
}

/// Whose handshake a request is, and the answer to it.
///
/// A verdict counts only for the provider of `judged`. With `chosen` providers, only theirs are answered, those that any
/// request may look like too; without, all are tried: that of `judged` first, then whichever asks for more.
#[must_use]
pub fn shake(asked: &Asked, judged: Option<&Scheme>, chosen: &[Handshake], own: &[Handshake]) -> Option<Shaken> {
    let with = |known: &Handshake| Asked { verified: asked.verified.filter(|_| known.is(judged)), ..*asked };
    if !chosen.is_empty() {
        return chosen.iter().find_map(|known| known.answer(&with(known), true)).map(|(_, found)| found);
    }
    let all = || own.iter().chain(handshakes());
    let first = all().find(|known| known.is(judged)).and_then(|known| known.answer(&with(known), false));
    if let Some((_, found)) = first {
        return Some(found);
    }
    let found = all().filter_map(|known| known.answer(&with(known), false));
    let best = found.fold(None, |best: Option<(usize, Shaken)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.map(|(_, found)| found)
}

/// Takes the challenges out of a file, without their vectors.
pub(crate) fn challenges(table: &mut Table) -> Result<Vec<Challenge>, SchemeError> {
    let Some(list) = table.remove("challenge") else { return Ok(Vec::new()) };
    let mut tables: Vec<Table> = list.try_into().map_err(Box::new)?;
    for table in &mut tables {
        table.remove("vector");
    }
    tables.into_iter().map(|table| Ok(toml::Value::Table(table).try_into().map_err(Box::new)?)).collect()
}
