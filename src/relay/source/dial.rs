//! Calling a relay: one connection, and the words that begin it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::model::{Failure, Headers, Secret, Target};
use crate::net::websocket::{Broken, Key, Message, Reader, Role, Writer};
use crate::net::{Client, ClientError, ClientOptions, Duplex, Outbound, Switched, Switching};
use crate::relay::tunnel::words::{Hello, PATH, VERSION, Welcome, Word};

/// How long a relay may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it may take nothing.
const STALL: Duration = Duration::from_secs(30);
/// The largest request that is taken.
const MOST: usize = 256 << 20;
/// How many requests may be under way, and how many bytes of them.
pub(super) const WINDOW: usize = 512;
const WINDOW_BYTES: usize = 32 << 20;
/// How this end calls itself.
const AGENT: &str = concat!("whk/", env!("CARGO_PKG_VERSION"));

/// Which relay, and what is wanted of it.
#[derive(Clone)]
pub struct Dial {
    target: Target,
    token: Secret,
    client: Client,
    hello: Hello,
    /// One event at a time.
    ordered: bool,
}

/// What is wanted of a relay.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The events of this app; of the token's if `None`.
    pub app: Option<String>,
    /// The name that its place is remembered by.
    pub name: Option<String>,
    /// The group that it shares events with.
    pub group: Option<String>,
    /// From then on, or after the event of this id.
    pub since: Option<String>,
    /// Events of such types alone; all, if there are none.
    pub only: Vec<String>,
    /// But none of these.
    pub except: Vec<String>,
    /// One event at a time, in order.
    pub ordered: bool,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The relay cannot be reached.
    #[error("{}", .0.message)]
    Unreachable(Failure),
    /// The connection broke before it was made.
    #[error("{0}")]
    Broken(#[from] Broken),
    /// The relay answered with a status and, mostly, a word for it.
    #[error("the relay said {status}: {detail}")]
    Status {
        /// The status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// The relay does not want this listener.
    #[error("the relay refused: {detail}")]
    Refused {
        /// A word for programs.
        code: String,
        /// What it said.
        detail: String,
    },
}

/// A connection to a relay.
pub struct Link {
    pub(super) reader: Reader<ReadHalf<Box<dyn Duplex>>>,
    pub(super) writer: Writer<WriteHalf<Box<dyn Duplex>>>,
    pub(super) welcome: Welcome,
}

/// A way to call a relay, again and again.
pub(super) trait Call {
    /// What is said first.
    fn hello(&mut self) -> &mut Hello;

    /// One event at a time.
    fn is_ordered(&self) -> bool;

    /// Connects and introduces itself.
    async fn call(&self, clock: &dyn Clock) -> Result<Link, DialError>;
}

impl Call for Dial {
    fn hello(&mut self) -> &mut Hello {
        &mut self.hello
    }

    fn is_ordered(&self) -> bool {
        self.ordered
    }

    async fn call(&self, clock: &dyn Clock) -> Result<Link, DialError> {
        self.connect(clock).await
    }
}

impl Link {
    /// Where senders post to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.welcome.url
    }

    /// Whether answers go back to senders.
    #[must_use]
    pub const fn answers(&self) -> bool {
        self.welcome.answers
    }
}

impl DialError {
    /// Whether there is no use in trying again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) => false,
            Self::Status { status, .. } => (400..500).contains(status) && !matches!(status, 408 | 429),
            Self::Refused { code, .. } => code != "storage_unavailable",
        }
    }
}

impl Dial {
    /// Prepares a call.
    ///
    /// # Errors
    /// If the certificates to trust cannot be read.
    pub fn new(
        target: Target,
        token: Secret,
        client: ClientOptions,
        wish: Wish,
        clock: &dyn Clock,
    ) -> Result<Self, ClientError> {
        let Wish { app, name, group, since, only, except, ordered } = wish;
        let hello = Hello {
            version: VERSION,
            agent: AGENT.to_owned(),
            session: format!("{:032x}", clock.chance()),
            app,
            name,
            group,
            since,
            after: None,
            only,
            except,
            window: WINDOW,
            window_bytes: WINDOW_BYTES,
        };
        Ok(Self { target, token, client: Client::new(client)?, hello, ordered })
    }

    /// Connects and introduces itself.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn connect(&self, clock: &dyn Clock) -> Result<Link, DialError> {
        let Switched { stream, input, .. } = self.switch(clock).await?;
        greet(stream, input, &self.hello, clock).await
    }

    async fn switch(&self, clock: &dyn Clock) -> Result<Switched, DialError> {
        let key = Key::new(clock.chance());
        let mut headers = Headers::new();
        // A token with a line break in it is none: the relay will say so.
        drop(headers.push("Host", self.target.authority()));
        drop(headers.push("Authorization", format!("Bearer {}", self.token.reveal())));
        let outbound = Outbound {
            target: &self.target,
            method: "GET",
            request_target: format!("{}{PATH}", self.target.path.trim_end_matches('/')),
            headers: headers.overlaid(&key.headers()),
            body: Bytes::new(),
        };
        match self.client.upgrade(&outbound, PATIENCE).await.map_err(DialError::Unreachable)? {
            Switching::Done(switched) if key.is_answered_by(&switched.headers) => Ok(switched),
            Switching::Done(_) => Err(Broken::Malformed("the answer is for another key").into()),
            Switching::Refused(response) => {
                let said: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
                let words = said["detail"].as_str().map(str::to_owned);
                let plain = || String::from_utf8_lossy(&response.body).chars().take(200).collect();
                Err(DialError::Status { status: response.status, detail: words.unwrap_or_else(plain) })
            }
        }
    }
}

/// Introduces itself on a connection.
pub(super) async fn greet(
    stream: Box<dyn Duplex>,
    input: BytesMut,
    hello: &Hello,
    clock: &dyn Clock,
) -> Result<Link, DialError> {
    let (read, write) = tokio::io::split(stream);
    let mut reader = Reader::new(read, input, Role::Client, MOST);
    let chance = clock.chance().to_be_bytes();
    let seed = chance.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let mut writer = Writer::new(write, Role::Client, seed, STALL);
    writer.put(&Message::Text(Word::Hello(hello.clone()).text()));
    writer.flush().await.map_err(Broken::from)?;
    loop {
        let message = timeout(PATIENCE, reader.next()).await.unwrap_or(Err(Broken::Ended))?;
        match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(Word::Welcome(welcome)) => return Ok(Link { reader, writer, welcome }),
                Ok(Word::Refused { code, detail }) => return Err(DialError::Refused { code, detail }),
                _ => return Err(Broken::Malformed("the relay did not say hello").into()),
            },
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(..) => return Err(Broken::Ended.into()),
        }
    }
}
