//! The test vectors of a handshake: a request, and the answer to it.
//!
//! ```toml
//! [[challenge.vector]]
//! name     = "the documentation's own"
//! source   = "where it is from"
//! secrets  = ["..."]
//! params   = { verify_token = "x" }
//! verified = true                                   # whether the signature is to be taken as right
//! method   = "GET"                                  # POST unless said
//! url      = "https://example.com/hook?c=1"
//! headers  = { "X-Challenge" = "1" }
//! body     = '{}'
//! answer   = { status = 200, headers = { "X-Challenge" = "1" }, body = "1", fetch = "https://..." }   # none: none
//! ```

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::model::secret::Secret;
use crate::sign::Params;
use crate::sign::challenge::{Asked, Challenge, ChallengeAnswer};
use crate::sign::vector::{VectorError, captured, post, root};

/// A request, and the answer to it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What it shows.
    pub name: String,
    /// Where it is from.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    secrets: Vec<String>,
    #[serde(default)]
    params: Params,
    verified: Option<bool>,
    #[serde(default = "post")]
    method: String,
    #[serde(default = "root")]
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    answer: Option<Expected>,
}

/// The answer that is written down.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default = "success")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    fetch: Option<String>,
}

/// The vectors of each challenge of a file, in order.
///
/// # Errors
/// If they cannot be read.
pub fn exchanges(text: &str) -> Result<Vec<Vec<Exchange>>, VectorError> {
    let mut table: Table = text.parse().map_err(Box::new)?;
    let Some(challenges) = table.remove("challenge") else { return Ok(Vec::new()) };
    let tables: Vec<Table> = challenges.try_into().map_err(Box::new)?;
    let vectors = |mut table: Table| {
        let list = table.remove("vector").map(Value::try_into).transpose();
        Ok(list.map_err(Box::new)?.unwrap_or_default())
    };
    tables.into_iter().map(vectors).collect()
}

impl Exchange {
    /// Answers the request and compares.
    ///
    /// # Errors
    /// If the answer is not the one that is written down.
    pub fn check(&self, challenge: &Challenge) -> Result<(), VectorError> {
        let request = captured((&self.method, &self.url), &self.headers, self.body.clone().into_bytes(), None)
            .map_err(|source| VectorError::Header { name: self.name.clone(), source })?;
        let secrets: Vec<_> = self.secrets.iter().map(Secret::new).collect();
        let asked = Asked { request: &request, secrets: &secrets, params: &self.params, verified: self.verified };
        let found = challenge.answer(&asked).map(Expected::from);
        if found == self.answer {
            return Ok(());
        }
        let shown =
            |answer: &Option<Expected>| answer.as_ref().map_or("no answer".to_owned(), |one| format!("{one:?}"));
        Err(VectorError::Verdict { name: self.name.clone(), wanted: shown(&self.answer), found: shown(&found) })
    }
}

impl From<ChallengeAnswer> for Expected {
    fn from(answer: ChallengeAnswer) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: answer.status,
            headers: answer.headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
            body: text(&answer.body),
            fetch: answer.fetch,
        }
    }
}

const fn success() -> u16 {
    200
}
