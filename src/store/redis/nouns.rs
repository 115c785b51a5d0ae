//! Apps, endpoints, types and tokens as JSON, and back.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::target::Address;
use crate::model::{
    App, DatedSecret, Disabled, DisabledBy, Endpoint, EndpointKind, EventType, Headers, Rights, Secret, Target,
    Timestamp, Token,
};
use crate::store::redis::fault::{Damage, damaged};

#[derive(Serialize, Deserialize)]
struct AppText {
    id: String,
    name: String,
    uid: Option<String>,
    title: String,
    metadata: BTreeMap<String, String>,
    rate_limit: Option<u32>,
    secrets: Vec<String>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize, Deserialize)]
struct EndpointText {
    id: String,
    app: String,
    kind: u8,
    uid: Option<String>,
    target: TargetText,
    url: String,
    description: String,
    event_types: Option<Vec<String>>,
    channels: Vec<String>,
    rate_limit: Option<u32>,
    disabled: Option<(i64, String)>,
    metadata: BTreeMap<String, String>,
    headers: String,
    secrets: Vec<(String, i64, Option<i64>)>,
    scheme: String,
    ordered: bool,
    redirects: bool,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize, Deserialize)]
struct TargetText {
    tls: Option<bool>,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
    userinfo: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TypeText {
    name: String,
    description: String,
    schemas: BTreeMap<String, String>,
    archived: bool,
    deprecated: bool,
    feature_flags: Vec<String>,
    group: Option<String>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize, Deserialize)]
struct TokenText {
    id: String,
    hash: String,
    label: String,
    rights: String,
    app: Option<String>,
    feature_flags: Vec<String>,
    created_at: i64,
    expires_at: Option<i64>,
}

/// A noun that is one value of JSON.
pub(super) trait Noun: Sized {
    /// Its JSON.
    fn write(&self) -> Result<Vec<u8>, Damage>;

    /// It, of its JSON.
    fn read(json: &[u8]) -> Result<Self, Damage>;
}

impl Noun for App {
    fn write(&self) -> Result<Vec<u8>, Damage> {
        let text = AppText {
            id: self.id.to_string(),
            name: self.name.to_string(),
            uid: self.uid.clone(),
            title: self.title.clone(),
            metadata: self.metadata.clone(),
            rate_limit: self.rate_limit,
            secrets: self.secrets.iter().map(|secret| secret.reveal().to_owned()).collect(),
            created_at: self.created_at.millis(),
            updated_at: self.updated_at.millis(),
        };
        serde_json::to_vec(&text).map_err(damaged)
    }

    fn read(json: &[u8]) -> Result<Self, Damage> {
        let text: AppText = serde_json::from_slice(json).map_err(damaged)?;
        Ok(Self {
            id: text.id.parse().map_err(damaged)?,
            name: text.name.parse().map_err(damaged)?,
            uid: text.uid,
            title: text.title,
            metadata: text.metadata,
            rate_limit: text.rate_limit,
            secrets: text.secrets.into_iter().map(Secret::new).collect(),
            created_at: Timestamp::from_millis(text.created_at),
            updated_at: Timestamp::from_millis(text.updated_at),
        })
    }
}

impl Noun for Endpoint {
    fn write(&self) -> Result<Vec<u8>, Damage> {
        let dated = |one: &DatedSecret| {
            (one.secret.reveal().to_owned(), one.created_at.millis(), one.expires_at.map(Timestamp::millis))
        };
        let text = EndpointText {
            id: self.id.to_string(),
            app: self.app.to_string(),
            kind: match self.kind {
                EndpointKind::Registered => 0,
                EndpointKind::Listener => 1,
                EndpointKind::Replay => 2,
            },
            uid: self.uid.clone(),
            target: TargetText::of(&self.target),
            url: self.url.clone(),
            description: self.description.clone(),
            event_types: self.event_types.clone(),
            channels: self.channels.clone(),
            rate_limit: self.rate_limit,
            disabled: self.disabled.map(|disabled| (disabled.at.millis(), disabled.why.word().to_owned())),
            metadata: self.metadata.clone(),
            headers: hex::encode(self.headers.block()),
            secrets: self.secrets.iter().map(dated).collect(),
            scheme: self.scheme.clone(),
            ordered: self.ordered,
            redirects: self.redirects,
            created_at: self.created_at.millis(),
            updated_at: self.updated_at.millis(),
        };
        serde_json::to_vec(&text).map_err(damaged)
    }

    fn read(json: &[u8]) -> Result<Self, Damage> {
        let text: EndpointText = serde_json::from_slice(json).map_err(damaged)?;
        let kinds = [EndpointKind::Registered, EndpointKind::Listener, EndpointKind::Replay];
        let kind = kinds.get(usize::from(text.kind)).copied();
        let dated = |(secret, created, expires): (String, i64, Option<i64>)| DatedSecret {
            secret: Secret::new(secret),
            created_at: Timestamp::from_millis(created),
            expires_at: expires.map(Timestamp::from_millis),
        };
        Ok(Self {
            id: text.id.parse().map_err(damaged)?,
            app: text.app.parse().map_err(damaged)?,
            kind: kind.ok_or_else(|| Damage(format!("unknown kind {}", text.kind)))?,
            uid: text.uid,
            target: text.target.target(),
            url: text.url,
            description: text.description,
            event_types: text.event_types,
            channels: text.channels,
            rate_limit: text.rate_limit,
            disabled: text.disabled.map(disabled).transpose()?,
            metadata: text.metadata,
            headers: headers(&text.headers)?,
            secrets: text.secrets.into_iter().map(dated).collect(),
            scheme: text.scheme,
            ordered: text.ordered,
            redirects: text.redirects,
            created_at: Timestamp::from_millis(text.created_at),
            updated_at: Timestamp::from_millis(text.updated_at),
        })
    }
}

impl TargetText {
    fn of(target: &Target) -> Self {
        let (tls, host, port) = match &target.address {
            Address::Tcp { tls, host, port } => (Some(*tls), host.clone(), *port),
            Address::Unix(path) => (None, path.clone(), 0),
        };
        let userinfo = target.userinfo.as_ref().map(|secret| secret.reveal().to_owned());
        Self { tls, host, port, path: target.path.clone(), query: target.query.clone(), userinfo }
    }

    fn target(self) -> Target {
        let address = match self.tls {
            Some(tls) => Address::Tcp { tls, host: self.host, port: self.port },
            None => Address::Unix(self.host),
        };
        Target { address, path: self.path, query: self.query, userinfo: self.userinfo.map(Secret::new) }
    }
}

impl Noun for EventType {
    fn write(&self) -> Result<Vec<u8>, Damage> {
        let text = TypeText {
            name: self.name.clone(),
            description: self.description.clone(),
            schemas: self.schemas.clone(),
            archived: self.archived,
            deprecated: self.deprecated,
            feature_flags: self.feature_flags.clone(),
            group: self.group.clone(),
            created_at: self.created_at.millis(),
            updated_at: self.updated_at.millis(),
        };
        serde_json::to_vec(&text).map_err(damaged)
    }

    fn read(json: &[u8]) -> Result<Self, Damage> {
        let text: TypeText = serde_json::from_slice(json).map_err(damaged)?;
        Ok(Self {
            name: text.name,
            description: text.description,
            schemas: text.schemas,
            archived: text.archived,
            deprecated: text.deprecated,
            feature_flags: text.feature_flags,
            group: text.group,
            created_at: Timestamp::from_millis(text.created_at),
            updated_at: Timestamp::from_millis(text.updated_at),
        })
    }
}

impl Noun for Token {
    fn write(&self) -> Result<Vec<u8>, Damage> {
        let text = TokenText {
            id: self.id.to_string(),
            hash: hex::encode(self.hash),
            label: self.label.clone(),
            rights: self.rights.word().to_owned(),
            app: self.app.as_ref().map(ToString::to_string),
            feature_flags: self.feature_flags.clone(),
            created_at: self.created_at.millis(),
            expires_at: self.expires_at.map(Timestamp::millis),
        };
        serde_json::to_vec(&text).map_err(damaged)
    }

    fn read(json: &[u8]) -> Result<Self, Damage> {
        let text: TokenText = serde_json::from_slice(json).map_err(damaged)?;
        let rights = Rights::ALL.into_iter().find(|rights| rights.word() == text.rights);
        Ok(Self {
            id: text.id.parse().map_err(damaged)?,
            hash: hash(&text.hash)?,
            label: text.label,
            rights: rights.ok_or_else(|| Damage(format!("unknown rights \"{}\"", text.rights)))?,
            app: text.app.map(|app| app.parse()).transpose().map_err(damaged)?,
            feature_flags: text.feature_flags,
            created_at: Timestamp::from_millis(text.created_at),
            expires_at: text.expires_at.map(Timestamp::from_millis),
        })
    }
}

/// A hash of its hexadecimal digits.
pub(super) fn hash(text: &str) -> Result<[u8; 32], Damage> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(damaged)?;
    Ok(bytes)
}

fn headers(text: &str) -> Result<Headers, Damage> {
    Headers::from_block(Bytes::from(hex::decode(text).map_err(damaged)?)).map_err(damaged)
}

fn disabled((at, word): (i64, String)) -> Result<Disabled, Damage> {
    let why = DisabledBy::ALL.into_iter().find(|why| why.word() == word);
    let why = why.ok_or_else(|| Damage(format!("unknown reason \"{word}\"")))?;
    Ok(Disabled { at: Timestamp::from_millis(at), why })
}
