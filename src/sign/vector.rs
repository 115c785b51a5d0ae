//! The test vectors in a scheme file: a request, and what is to be found out about it.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::model::headers::{HeaderError, Headers};
use crate::model::request::CapturedRequest;
use crate::model::secret::Secret;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::encoding::Encoding;
use crate::sign::scheme::Scheme;
use crate::sign::verifying::{Checks, Tolerance, verify};

/// A request, and what is to be found out about it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// What it shows.
    pub name: String,
    /// Where it is from.
    #[serde(default)]
    pub source: String,
    secrets: Vec<String>,
    /// What else it is judged with.
    #[serde(default)]
    pub params: Params,
    #[serde(default = "post")]
    method: String,
    #[serde(default = "root")]
    url: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
    /// Unix seconds; without it timestamps are not looked at.
    now: Option<i64>,
    /// Why it is refused; without it, it is valid.
    pub reason: Option<String>,
}

/// Why a vector fails.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// The file's vectors cannot be read.
    #[error("{0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// A header of it cannot be one.
    #[error("{name}: {source}")]
    Header {
        /// The vector's name.
        name: String,
        /// What is wrong.
        source: HeaderError,
    },
    /// Its body is not base64.
    #[error("{0}: body_base64 is not base64")]
    Body(String),
    /// The verdict is another one.
    #[error("{name}: should be {wanted}, is {found}")]
    Verdict {
        /// The vector's name.
        name: String,
        /// What it should be.
        wanted: String,
        /// What it is.
        found: String,
    },
}

/// The vectors of a scheme file.
///
/// # Errors
/// If they cannot be read.
pub fn vectors(text: &str) -> Result<Vec<Vector>, VectorError> {
    let mut table: toml::Table = text.parse().map_err(Box::new)?;
    let list = table.remove("vector").map(toml::Value::try_into).transpose().map_err(Box::new)?;
    Ok(list.unwrap_or_default())
}

impl Vector {
    /// Judges the request and compares.
    ///
    /// # Errors
    /// If the verdict is not the one that is written down.
    pub fn check(&self, scheme: &Scheme) -> Result<(), VectorError> {
        let secrets: Vec<_> = self.secrets.iter().map(Secret::new).collect();
        let checks = Checks {
            secrets: &secrets,
            now: Timestamp::from_seconds(self.now.unwrap_or_default()),
            tolerance: if self.now.is_some() { Tolerance::Scheme } else { Tolerance::Unchecked },
            params: &self.params,
            url: Some(&self.url),
        };
        let verdict = verify(scheme, &self.request()?, &checks);
        let found = verdict.as_ref().map_or_else(|why| why.reason.code(), |_| "valid");
        let wanted = self.reason.as_deref().unwrap_or("valid");
        if found == wanted {
            return Ok(());
        }
        let found = verdict.map_or_else(|why| why.to_string(), |_| found.to_owned());
        Err(VectorError::Verdict { name: self.name.clone(), wanted: wanted.to_owned(), found })
    }

    /// The request.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn request(&self) -> Result<CapturedRequest, VectorError> {
        let body = match &self.body_base64 {
            Some(text) => {
                Encoding::Base64.decode(text.as_bytes()).ok_or_else(|| VectorError::Body(self.name.clone()))?
            }
            None => self.body.clone().into_bytes(),
        };
        captured((&self.method, &self.url), &self.headers, body, self.now)
            .map_err(|source| VectorError::Header { name: self.name.clone(), source })
    }
}

/// The request of a vector.
pub(crate) fn captured(
    (method, url): (&str, &str),
    lines: &BTreeMap<String, String>,
    body: Vec<u8>,
    now: Option<i64>,
) -> Result<CapturedRequest, HeaderError> {
    let mut headers = Headers::new();
    for (name, value) in lines {
        headers.push(name, value)?;
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    Ok(CapturedRequest {
        method: method.to_owned(),
        target: rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned(),
        headers,
        body: Bytes::from(body),
        remote: String::new(),
        received_at: Timestamp::from_seconds(now.unwrap_or_default()),
    })
}

pub(crate) fn post() -> String {
    "POST".to_owned()
}

pub(crate) fn root() -> String {
    "https://example.com/".to_owned()
}
